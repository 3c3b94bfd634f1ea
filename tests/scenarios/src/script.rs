//! Scripts: one step per line, in Spanish, for people who do not program.
//!
//! ```text
//! # Un comentario. La primera línea es el título.
//! vie 2026-11-20 13:59  Ana abre un ticket: "No timbra la factura"
//! vie 2026-11-20 15:10  la mesa (Luis) responde: "Lo vemos ahora"
//! pasa el tiempo hasta lun 2026-11-23 09:00
//! estado
//! ```
//!
//! What a line can say after its moment is listed in [`crate::phrases`] and [`crate::mail_phrases`].

use domain::Instant;
use domain::standing::StandingCause;
use domain::{ClientId, TimeDelta};

use crate::doors::Verb;
use crate::{moment, phrases};

/// A script.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its first line.
    pub title: String,
    /// Mails are written down whole, not only their first lines.
    pub whole_mails: bool,
    /// So many mails may be handed over twice (A5).
    pub repeats_max: usize,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// One line.
#[derive(Debug, Clone)]
pub struct Step {
    /// The line as it stands in the script.
    pub text: String,
    /// Its moment; without one it happens at once.
    pub at: Option<Instant>,
    /// What happens.
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Action {
    /// Somebody acts.
    Act {
        /// First name of who acts.
        name: String,
        /// What.
        verb: Verb,
        /// With which particulars.
        how: How,
    },
    /// Somebody writes a mail to our mailbox.
    Mail(MailStep),
    /// Somebody follows the newest link of that name in the mails that he got.
    Link {
        /// First name of who does.
        name: String,
        /// What the link is called.
        label: String,
        /// He presses the button of the page, too.
        press: bool,
    },
    /// Time passes.
    Wait,
    /// The state of every ticket is written down.
    State,
    /// A client's account is written down.
    Account(ClientId),
    /// A bank tells of a payment by itself.
    BankTells(serde_json::Value),
    /// Somebody of the desk applies a bank's statement.
    Statement {
        /// First name of who does.
        name: String,
        /// The lines, parted by slashes.
        lines: String,
    },
    /// Something fails or comes back.
    Switch(Part, bool),
    /// A client's standing changes.
    Standing(ClientId, Standing),
}

/// Particulars of an act, written in parentheses.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// Received earlier than it is processed.
    pub received_at: Option<Instant>,
    /// Its Idempotency-Key; a fresh one otherwise.
    pub key: Option<String>,
    /// Which ticket, from 1; the last one otherwise.
    pub ticket: Option<usize>,
}

/// A mail that somebody writes.
#[derive(Debug, Clone)]
pub struct MailStep {
    /// First name of one of the cast, or an address.
    pub from: String,
    /// What it is about.
    pub about: About,
    /// Its words, of a new one the subject.
    pub text: String,
    /// First names or addresses in Cc.
    pub cc: Vec<String>,
    /// Whether its sender is proven.
    pub proof: Proof,
    /// A machine wrote it.
    pub automatic: bool,
    /// So many rules of the mail service match it, each with an object and an event of its own.
    pub rules: usize,
    /// The service's events are lost: the mail lies in the bucket, and nobody is told.
    pub event_lost: bool,
    /// Received earlier than it is processed.
    pub received_at: Option<Instant>,
    /// About which ticket, from 1; the last one otherwise.
    pub ticket: Option<usize>,
}

/// What a mail is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Something new.
    New,
    /// A ticket, whose number stands in the subject and which nothing else names.
    Ticket,
    /// It answers the newest mail that its author got whose subject holds these words.
    Answer(String),
}

/// What the mail service finds out about a mail's sender (M1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// DMARC passes.
    Passes,
    /// DMARC fails, and the domain asks for nothing.
    Fails,
    /// DMARC fails, and the domain asks to reject such mails.
    Rejected,
}

/// What can fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The table's stream.
    Stream,
    /// The scheduler.
    Scheduler,
    /// The sweep.
    Sweep,
    /// All three.
    Everything,
    /// The mail service does not take mails now.
    MailBusy,
    /// The mail service takes mails without an answer and accepts them later.
    MailSilent(TimeDelta),
    /// Mails to a SPoC come back for good.
    Bounces(String),
    /// The mail service refuses mails to a SPoC.
    Refuses(String),
}

/// How a client's standing changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// No service from an instant on.
    Ends(StandingCause, Instant),
    /// Service again from an instant on.
    Returns(Instant),
    /// The last suspension never was (10.2a).
    Annulled,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// Every line that cannot be understood, with its number.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut script =
            Self { title: String::new(), whole_mails: false, repeats_max: 0, steps: Vec::new() };
        let mut faults = Vec::new();
        for (n, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(comment) = line.strip_prefix('#') {
                if script.title.is_empty() {
                    comment.trim().clone_into(&mut script.title);
                }
            } else if line == "los correos se anotan completos" {
                script.whole_mails = true;
            } else if let Some(count) = line.strip_prefix("correos que pueden repetirse: ") {
                script.repeats_max = count.parse().unwrap_or_default();
            } else if !line.is_empty() {
                match step(line) {
                    Ok(step) => script.steps.push(step),
                    Err(fault) => faults.push(format!("línea {}: {fault}: {line}", n + 1)),
                }
            }
        }
        if faults.is_empty() { Ok(script) } else { Err(faults.join("\n")) }
    }
}

fn step(line: &str) -> Result<Step, String> {
    let text = line.to_owned();
    if let Some(until) = line.strip_prefix("pasa el tiempo hasta ") {
        let (at, _) = moment::read(until)?.ok_or("falta el momento")?;
        return Ok(Step { text, at: Some(at), action: Action::Wait });
    }
    let (at, rest) = match moment::read(line)? {
        Some((at, rest)) => (Some(at), rest),
        None => (None, line),
    };
    Ok(Step { text, at, action: phrases::action(rest, at)? })
}
