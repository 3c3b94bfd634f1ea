//! What is written down of a play: steps, answers, mails, and at the end each ticket's file.

use app::tickets::Whole;
use domain::TicketRef;
use mail_parser::MessageParser;

use crate::moment::show;
use crate::post::Mail;
use crate::world::Swept;

/// So many lines of a mail's text are written down, unless the script asks for all.
const MAIL_LINES: usize = 5;

/// The text under way.
#[derive(Debug, Default)]
pub struct Transcript {
    lines: Vec<String>,
    references: Vec<TicketRef>,
    /// Mails are written down whole.
    pub whole_mails: bool,
}

impl Transcript {
    /// A line.
    pub fn line(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// A ticket has got its number: references are random, numbers are not.
    pub fn number(&mut self, reference: &TicketRef) -> usize {
        if let Some(place) = self.references.iter().position(|known| known == reference) {
            return place + 1;
        }
        self.references.push(reference.clone());
        self.references.len()
    }

    /// The tickets so far.
    #[must_use]
    pub fn references(&self) -> &[TicketRef] {
        &self.references
    }

    /// Where a mail stands among those of its instant: by ticket, recipient and subject.
    #[must_use]
    pub fn place(&self, mail: &Mail) -> (Option<usize>, String, String) {
        let message = MessageParser::default().parse(&mail.message.mime);
        let subject = message.as_ref().and_then(|message| message.subject()).unwrap_or_default();
        let pk = app::keys::aggregate_of_tag(&mail.message.subject_tag);
        let ticket = self.references.iter().position(|it| app::keys::ticket(it) == pk);
        let (_, subject) = subject.split_once("] ").unwrap_or(("", subject));
        (ticket, mail.message.to.clone(), subject.to_owned())
    }

    /// A mail.
    ///
    /// # Panics
    /// When it is not a mail.
    pub fn mail(&mut self, mail: &Mail) {
        let message = MessageParser::default().parse(&mail.message.mime).expect("it is a mail");
        let subject = message.subject().unwrap_or_default();
        let late = if mail.accepted_at > mail.at {
            format!(" (el correo lo acepta {})", show(mail.accepted_at))
        } else {
            String::new()
        };
        self.line(format!("{}  ✉ {} · {subject}{late}", show(mail.at), mail.message.to));
        let text = message.body_text(0).unwrap_or_default().replace('\r', "");
        let text = text.split("\n-- \n").next().unwrap_or_default();
        // The first lines repeat the ticket's number and the subject.
        let mut lines = text.lines().map(str::trim_end).skip(2).filter(|line| !line.is_empty());
        let shown: Vec<&str> = if self.whole_mails {
            lines.by_ref().collect()
        } else {
            lines.by_ref().take(MAIL_LINES).collect()
        };
        for line in shown {
            self.line(format!("        │ {line}"));
        }
        let left = lines.count();
        match left {
            0 => {}
            1 => self.line("        │ … 1 renglón más"),
            _ => self.line(format!("        │ … {left} renglones más")),
        }
    }

    /// A sweep that met something.
    pub fn swept(&mut self, swept: &Swept) {
        let failed = if swept.report.failed == 0 {
            String::new()
        } else {
            format!(", {} sin éxito", swept.report.failed)
        };
        let mail = match swept.report.mail.taken {
            0 => String::new(),
            1 => ", 1 correo sin procesar".to_owned(),
            n => format!(", {n} correos sin procesar"),
        };
        let at = show(swept.at);
        self.line(format!("{at}  ⟳ barrido: {} por revisar{failed}{mail}", swept.report.worked));
    }

    /// A ticket's file: its chain of events and what became of its notices.
    ///
    /// # Panics
    /// When an event cannot be read.
    pub fn file(&mut self, whole: &Whole) {
        let reference = &whole.loaded.head.doc.ticket.opened.reference;
        self.line(format!("expediente de {reference}"));
        for link in &whole.links {
            let event = link.event().expect("an event");
            let fact = serde_json::to_value(&event.fact).expect("a fact is JSON");
            let kind = fact["kind"].as_str().unwrap_or_default().to_owned();
            let by = match &event.by {
                domain::Actor::Spoc(id) => id.to_string(),
                domain::Actor::Participant(_) => "participante".to_owned(),
                domain::Actor::Staff(member) => format!("mesa ({})", member.id),
                domain::Actor::System => "sistema".to_owned(),
            };
            self.line(format!("  {:>3}  {}  {by}: {kind}", event.seq, show(event.at)));
        }
        let mut counts = std::collections::BTreeMap::new();
        for (_, record, status) in &whole.notices {
            let kind = record.subject.kind();
            *counts.entry(format!("{status}: {kind}")).or_insert(0_usize) += 1;
        }
        for (what, count) in counts {
            self.line(format!("       {what} × {count}"));
        }
    }

    /// The whole text, with numbers in place of references.
    #[must_use]
    pub fn finish(self) -> String {
        let mut text = self.lines.join("\n");
        text.push('\n');
        for (place, reference) in self.references.iter().enumerate() {
            let name = format!("{}-{}", reference.client(), place + 1);
            text = text.replace(reference.as_str(), &name);
        }
        let lines = text.lines().map(without_signature);
        lines.map(|line| line + "\n").collect()
    }
}

/// Of an action link, what it leads to without what changes with every draw: limit and signature.
fn without_signature(line: &str) -> String {
    let Some((base, token)) = line.split_once("/a/") else { return line.to_owned() };
    let words: Vec<&str> = token.split('.').take(3).collect();
    format!("{base}/a/{}…", words.join("."))
}
