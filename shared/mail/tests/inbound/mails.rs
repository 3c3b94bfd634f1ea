//! Each example mail ends as its row says, by both roads, and twice.

use mail::inbound::{
    Disposition, Inbound, Part, Report, ReportKind, Unusable, content_digest, parse, report,
};

use crate::corpus::{Corpus, Expected};
use crate::take::{Desk, Taken, answer_code, class_code, details, proof_code, sender_code};

/// Differences between a mail and its row, each with the field's name.
struct Faults(Vec<String>);

impl Faults {
    fn check(&mut self, field: &str, found: &str, expected: &str) {
        if found != expected {
            self.0.push(format!("{field}: found «{found}», expected «{expected}»"));
        }
    }

    fn check_if_said<T: AsRef<str>>(&mut self, field: &str, found: T, expected: Option<&String>) {
        if let Some(expected) = expected {
            self.check(field, found.as_ref(), expected);
        }
    }
}

#[test]
fn each_mail_ends_as_its_row_says() {
    let corpus = Corpus::read();
    let files = Corpus::files();
    let desk = Desk::new(&corpus);
    let mut told = Vec::new();
    for row in &corpus.mail {
        let mut faults = Faults(Vec::new());
        match files.get(&row.file) {
            None => faults.0.push("the file is missing".to_owned()),
            Some(raw) => check(&desk, &corpus.ours, raw, row, &mut faults),
        }
        told.extend(faults.0.iter().map(|fault| format!("{} ({}): {fault}", row.file, row.shows)));
    }
    assert!(told.is_empty(), "{} faults\n{}", told.len(), told.join("\n"));
}

#[test]
fn each_file_has_one_row_and_there_are_enough() {
    let corpus = Corpus::read();
    let mut named: Vec<&String> = corpus.mail.iter().map(|row| &row.file).collect();
    named.sort();
    let files = Corpus::files();
    assert_eq!(named, files.keys().collect::<Vec<_>>());
    assert!(named.len() >= 60);
}

/// Taken twice, a mail has the same content; no two of the examples share theirs.
#[test]
fn contents_tell_mails_apart() {
    let mut digests: Vec<([u8; 32], String)> = Vec::new();
    for (name, raw) in Corpus::files() {
        let Ok(mail) = parse(&raw) else { continue };
        let digest = content_digest(&mail);
        let again = [b"X-Relay: otro\r\n".as_slice(), &raw].concat();
        assert_eq!(digest, content_digest(&parse(&again).unwrap()), "{name}");
        digests.push((digest, name));
    }
    digests.sort();
    for pair in digests.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "{} {}", pair[0].1, pair[1].1);
    }
}

/// A canary of other people's texts: an unproven sender is never answered, whoever he claims to be.
#[test]
fn no_unproven_sender_is_answered_at_his_own_address() {
    let corpus = Corpus::read();
    for row in &corpus.mail {
        let proven = row.proof.as_deref() == Some("proven");
        let own = ["acknowledgement", "held", "unknown"].contains(&row.answer.as_str());
        assert!(proven || !own, "{}", row.file);
    }
}

fn check(desk: &Desk<'_>, ours: &str, raw: &[u8], row: &Expected, faults: &mut Faults) {
    let mail = match parse(raw) {
        Ok(mail) => mail,
        Err(Unusable::NoHeaders) => {
            faults.check("unusable", "no_headers", row.unusable.as_deref().unwrap_or_default());
            return;
        }
        Err(Unusable::Over(limit)) => {
            faults.check("unusable", limit.code(), row.unusable.as_deref().unwrap_or_default());
            return;
        }
    };
    faults.check("unusable", "", row.unusable.as_deref().unwrap_or_default());
    facts(&mail, row, faults);
    text(&mail, row, faults);
    about(desk, &mail, row, faults);
    let receipt = row.receipt(ours);
    let with = desk.take(&mail, Some(&receipt));
    let without = desk.take(&mail, None);
    taken(&with, row, faults);
    let summary = |taken: &Taken| {
        let answer = answer_code(taken.intent.answer);
        format!("{} {} {answer}", proof_code(taken.proof), taken.intent.outcome.code())
    };
    let expected = row.without_event.clone().unwrap_or_else(|| summary(&with));
    faults.check("without_event", &summary(&without), &expected);
    let same = without.signs == with.signs && without.ticket == with.ticket;
    faults.check("both roads agree", &same.to_string(), "true");
}

fn facts(mail: &Inbound<'_>, row: &Expected, faults: &mut Faults) {
    let from = mail.author.mailbox().map(|it| it.address.to_string()).unwrap_or_default();
    faults.check("from", &from, row.from.as_deref().unwrap_or_default());
    faults.check_if_said("subject", mail.subject.as_str(), row.subject.as_ref());
    faults.check_if_said(
        "message_id",
        mail.message_id.as_deref().unwrap_or_default(),
        row.message_id.as_ref(),
    );
    if row.message_id.is_none() && mail.message_id.is_none() {
        faults.0.push("no Message-ID was read".to_owned());
    }
    let cc: Vec<String> = mail.cc.iter().map(|it| it.address.to_string()).collect();
    faults.check("cc", &cc.join(" "), &row.cc.join(" "));
    if let Some(parts) = &row.parts {
        let found: Vec<String> = mail.parts.iter().map(told).collect();
        faults.check("parts", &found.join(" | "), &parts.join(" | "));
    }
}

/// A part as a row tells it. Made-up names of texts are left out.
fn told(part: &Part<'_>) -> String {
    let mut words = vec![part.media.clone()];
    if !(part.name.as_str().starts_with("texto-") || part.media == "text/html") {
        words.push(part.name.as_str().to_owned());
    }
    if part.shown {
        words.push("shown".to_owned());
    } else {
        match part.disposition {
            Disposition::Inline => words.push("inline".to_owned()),
            Disposition::Attachment => words.push("attachment".to_owned()),
            Disposition::Unsaid => {}
        }
        words.extend(part.content_id.as_ref().map(|_| "cid".to_owned()));
    }
    words.join(" ")
}

fn text(mail: &Inbound<'_>, row: &Expected, faults: &mut Faults) {
    let visible = mail.text.visible();
    let full = mail.text.full.as_str();
    faults.check_if_said(
        "first",
        visible.lines().next().unwrap_or_default().trim(),
        row.first.as_ref(),
    );
    faults.check_if_said(
        "last",
        visible.lines().last().unwrap_or_default().trim(),
        row.last.as_ref(),
    );
    for words in &row.contains {
        if !visible.contains(words.as_str()) {
            faults.0.push(format!("«{words}» is not shown in «{visible}»"));
        }
    }
    for words in &row.hidden {
        if visible.contains(words.as_str()) {
            faults.0.push(format!("«{words}» is not folded in «{visible}»"));
        }
        if !full.contains(words.as_str()) {
            faults.0.push(format!("«{words}» is lost"));
        }
    }
}

fn about(desk: &Desk<'_>, mail: &Inbound<'_>, row: &Expected, faults: &mut Faults) {
    let report = report(mail, &desk.ours);
    let summary = |report: &Report| {
        let kind = match report.kind {
            ReportKind::Delivery => "delivery",
            ReportKind::Disposition => "disposition",
        };
        let first = report.recipients.first();
        let (action, status) =
            first.map(|it| (it.action.as_str(), it.status.as_str())).unwrap_or_default();
        format!("{kind} {action} {status}")
    };
    let found = report.as_ref().map(summary).unwrap_or_default();
    faults.check("report", &found, row.report.as_deref().unwrap_or_default());
    let notice = report.as_ref().and_then(|it| it.notice_id.clone()).unwrap_or_default();
    faults.check("notice", &notice, row.notice.as_deref().unwrap_or_default());
    let original = report.as_ref().and_then(|it| it.original_message_id.clone());
    faults.check(
        "original",
        &original.unwrap_or_default(),
        row.original.as_deref().unwrap_or_default(),
    );
    if row.report_marks && report.is_none_or(|it| it.marks.is_empty()) {
        faults.0.push("no mark of ours was found in what came back".to_owned());
    }
}

fn taken(taken: &Taken, row: &Expected, faults: &mut Faults) {
    faults.check_if_said("sender", sender_code(taken.sender), row.sender.as_ref());
    faults.check_if_said("class", class_code(taken.signs.class), row.class.as_ref());
    faults.check_if_said("proof", proof_code(taken.proof), row.proof.as_ref());
    faults.check("outcome", taken.intent.outcome.code(), &row.outcome);
    faults.check("answer", &answer_code(taken.intent.answer), &row.answer);
    let ticket = taken.ticket.as_ref().map(|it| it.0.as_str()).unwrap_or_default();
    faults.check("ticket", ticket, row.ticket.as_deref().unwrap_or_default());
    if let Some((_, signed)) = &taken.ticket {
        faults.check("signed", &signed.to_string(), &row.signed.to_string());
    }
    faults.check("foreign", &taken.intent.alert_foreign.to_string(), &row.foreign.to_string());
    let expected = (row.blocks_closing, row.claims_spoc);
    let found = details(taken.intent.outcome);
    faults.check("blocks_closing, claims_spoc", &format!("{found:?}"), &format!("{expected:?}"));
    faults.check(
        "never_answer",
        &taken.signs.never_answer.to_string(),
        &row.never_answer.to_string(),
    );
    if let Some(signs) = &row.signs {
        faults.check("signs", &taken.signs.found.join(" "), &signs.join(" "));
    }
}
