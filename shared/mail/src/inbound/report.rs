//! Delivery reports and read receipts: about which of our mails, and what became of it.
//!
//! A report is a stranger's text. It ties a bounce to a notice for the desk to see; what counts as a
//! bounce is what the mail service itself tells of our mails.

use super::decode::text as in_charset;
use super::headers::Headers;
use super::limits::{REPORT_BYTES_MAX, REPORT_RECIPIENTS_MAX};
use super::marks::tokens_in;
use super::parse::{Inbound, Part, PartKind};
use crate::outbound::Sender;
use crate::threading::Mark;
use crate::{Address, Line};

/// What kind of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    /// What became of a mail on its way (DSN).
    Delivery,
    /// What somebody did with it (MDN).
    Disposition,
}

/// A report about a mail, as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What kind.
    pub kind: ReportKind,
    /// The id of our notice, from the headers that came back. Nobody signed it.
    pub notice_id: Option<String>,
    /// The mail's own id as the mail service set it, without brackets.
    pub original_message_id: Option<String>,
    /// Our signed marks in the headers that came back, not yet verified.
    pub marks: Vec<Mark>,
    /// For whom what happened.
    pub recipients: Vec<ReportRecipient>,
}

/// One recipient of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRecipient {
    /// Whom the report is about.
    pub address: Option<Address>,
    /// What happened: `failed`, `delayed`, `delivered`, `displayed`.
    pub action: Line,
    /// The status code: `5.1.1`.
    pub status: Line,
}

/// Reads the report in a mail; `None` when there is none.
#[must_use]
pub fn report(mail: &Inbound<'_>, ours: &Sender) -> Option<Report> {
    let status = mail.parts.iter().find(|part| is_status(part));
    let kind = match status {
        Some(part) if part.media == "message/disposition-notification" => ReportKind::Disposition,
        Some(_) => ReportKind::Delivery,
        None if mail.media == "multipart/report"
            || mail.header("X-Failed-Recipients").is_some() =>
        {
            ReportKind::Delivery
        }
        None => return None,
    };
    let mut report = Report {
        kind,
        notice_id: None,
        original_message_id: None,
        marks: Vec::new(),
        recipients: status.map(recipients).unwrap_or_default(),
    };
    if report.recipients.is_empty() {
        report.recipients = failed_recipients(mail);
    }
    if let Some(part) = status {
        fields_of(part, |group| {
            for name in ["Original-Message-ID", "X-Original-Message-ID"] {
                report.original_message_id =
                    report.original_message_id.take().or_else(|| id(group, name));
            }
        });
    }
    for part in mail.parts.iter().filter(|part| holds_original(part)) {
        let bytes = part.start(REPORT_BYTES_MAX);
        if let Ok((headers, _)) = Headers::read(&bytes, REPORT_BYTES_MAX, |_| false) {
            original(&mut report, &headers, ours);
        }
    }
    if report.notice_id.is_none() && report.marks.is_empty() {
        from_text(&mut report, mail, ours);
    }
    Some(report)
}

fn is_status(part: &Part<'_>) -> bool {
    let in_report = part.kind == PartKind::Report || part.number == 1;
    in_report
        && matches!(
            part.media.as_str(),
            "message/delivery-status"
                | "message/global-delivery-status"
                | "message/disposition-notification"
        )
}

fn holds_original(part: &Part<'_>) -> bool {
    matches!(
        part.media.as_str(),
        "message/rfc822" | "message/global" | "text/rfc822-headers" | "message/rfc822-headers"
    )
}

/// The groups of fields of a status part: one for the report, one per recipient.
fn fields_of(part: &Part<'_>, mut each: impl FnMut(&Headers<'_>)) {
    let bytes = part.start(REPORT_BYTES_MAX);
    let mut rest: &[u8] = &bytes;
    for _ in 0..=REPORT_RECIPIENTS_MAX {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return;
        }
        let Ok((group, length)) = Headers::read(rest, REPORT_BYTES_MAX, |_| false) else { return };
        each(&group);
        rest = &rest[length..];
    }
}

fn recipients(part: &Part<'_>) -> Vec<ReportRecipient> {
    let mut found = Vec::new();
    fields_of(part, |group| {
        let typed = |name: &str| group.first(name).map(|field| after_type(&field.text()));
        let Some(address) = typed("Final-Recipient").or_else(|| typed("Original-Recipient")) else {
            return;
        };
        let action = typed("Action").or_else(|| {
            // "manual-action/MDN-sent-manually; displayed"
            typed("Disposition")
        });
        found.push(ReportRecipient {
            address: Address::parse(address.trim_matches(['<', '>', ' '])).ok(),
            action: Line::new(&action.unwrap_or_default()).at_most(40),
            status: Line::new(&typed("Status").unwrap_or_default()).at_most(20),
        });
    });
    found
}

/// What follows the type: `rfc822; ana@acme.example`.
fn after_type(text: &str) -> String {
    text.split_once(';').map_or(text, |(_, value)| value).trim().to_owned()
}

fn failed_recipients(mail: &Inbound<'_>) -> Vec<ReportRecipient> {
    let text = mail.header("X-Failed-Recipients").unwrap_or_default();
    let addresses = text.split(',').filter_map(|it| Address::parse(it.trim()).ok());
    addresses
        .take(REPORT_RECIPIENTS_MAX)
        .map(|address| ReportRecipient {
            address: Some(address),
            action: Line::new("failed"),
            status: Line::default(),
        })
        .collect()
}

/// Reads the headers of our mail that came back.
fn original(report: &mut Report, headers: &Headers<'_>, ours: &Sender) {
    if let Some(notice) = headers.first("X-Millora-Notice") {
        report.notice_id = report.notice_id.take().or_else(|| notice_id(&notice.text()));
    }
    report.original_message_id =
        report.original_message_id.take().or_else(|| id(headers, "Message-ID"));
    for name in ["References", "In-Reply-To"] {
        for field in headers.all(name) {
            report.marks.extend(tokens_in(&field.text(), ours));
        }
    }
    if let Some(reply_to) = headers.first("Reply-To") {
        let text = reply_to.text();
        let text = text.rsplit_once('<').map_or(text.as_str(), |(_, it)| it);
        let address = Address::parse(text.trim_matches(['>', ' '])).ok();
        report.marks.extend(address.and_then(|it| Mark::in_address(ours, &it)));
    }
}

/// Some servers return our mail as text within theirs.
fn from_text(report: &mut Report, mail: &Inbound<'_>, ours: &Sender) {
    let mut text = mail.text.full.as_str().to_owned();
    for part in mail.parts.iter().filter(|part| !part.shown && part.kind == PartKind::Text) {
        text.push('\n');
        text.push_str(&in_charset(&part.start(REPORT_BYTES_MAX), part.charset()));
    }
    let text = &text[..text.floor_char_boundary(REPORT_BYTES_MAX)];
    for line in text.lines().map(|line| line.trim_start_matches(['>', ' '])) {
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("x-millora-notice:") {
            report.notice_id = report.notice_id.take().or_else(|| notice_id(value));
        }
    }
    report.marks.extend(tokens_in(text, ours));
}

fn id(headers: &Headers<'_>, name: &str) -> Option<String> {
    let text = headers.first(name)?.text();
    let id = text.trim().trim_matches(['<', '>']);
    (!id.is_empty() && id.len() <= 200 && id.bytes().all(|b| b.is_ascii_graphic()))
        .then(|| id.to_owned())
}

/// A notice's id: lower-case letters, digits and hyphens.
fn notice_id(text: &str) -> Option<String> {
    let id = text.trim();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (!id.is_empty() && id.len() <= 100 && id.bytes().all(plain)).then(|| id.to_owned())
}
