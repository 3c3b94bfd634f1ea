//! From whom, to whom and about what: everything of a mail but what it says.

use domain::{ClientId, Instant, TicketRef};

use super::actions::ActionLink;
use crate::threading::{Key, MAILBOX_OCTETS_MAX};
use crate::{Address, Line, MessageId};

/// The support mailbox and the ticket system, as a deployment names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    mailbox: String,
    domain: String,
    ticket_system: String,
}

/// What is wrong with a [`Sender`], all of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the mail settings cannot be used: {}", .0.join("; "))]
pub struct SenderFaults(pub Vec<String>);

impl Sender {
    /// Checks the mailbox (`soporte`), its domain and the base address of the ticket system.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn new(mailbox: &str, domain: &str, ticket_system: &str) -> Result<Self, SenderFaults> {
        let mut faults = Vec::new();
        let plain = !mailbox.is_empty()
            && mailbox.len() <= MAILBOX_OCTETS_MAX
            && mailbox.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !plain {
            faults.push(format!(
                "the mailbox takes 1 to {MAILBOX_OCTETS_MAX} lower-case letters, digits and hyphens"
            ));
        }
        let address = Address::parse(&format!("m@{domain}"));
        if let Err(fault) = &address {
            faults.push(format!("the mail domain is none: {fault}"));
        }
        let safe = ticket_system.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"'`\\".contains(&b));
        let http = ["https://", "http://"].iter().any(|scheme| ticket_system.starts_with(scheme));
        if !safe || !http {
            faults.push("the ticket system's address starts with https:// or http:// and holds no spaces or quotes".to_owned());
        }
        match (faults.is_empty(), address) {
            (true, Ok(address)) => Ok(Self {
                mailbox: mailbox.to_owned(),
                domain: address.domain().to_owned(),
                ticket_system: ticket_system.trim_end_matches('/').to_owned(),
            }),
            (true, Err(_)) | (false, _) => Err(SenderFaults(faults)),
        }
    }

    /// Local part of the support mailbox, in lower case.
    #[must_use]
    pub fn mailbox(&self) -> &str {
        &self.mailbox
    }

    /// Domain of the support mailbox, in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Base address of the ticket system as people reach it, without a trailing slash.
    #[must_use]
    pub fn ticket_system(&self) -> &str {
        &self.ticket_system
    }

    /// The support mailbox: the envelope sender and the address in From.
    ///
    /// # Panics
    /// Never: both parts were checked.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::parse(&format!("{}@{}", self.mailbox, self.domain))
            .expect("a sender's mailbox and domain are an address")
    }
}

/// Everything of a mail but what it says.
#[derive(Debug, Clone)]
pub struct Envelope<'a> {
    /// The support mailbox.
    pub sender: &'a Sender,
    /// The notice's id in the ledger (G11): lower-case letters, digits and hyphens. The same id
    /// gives the same bytes.
    pub notice_id: &'a str,
    /// What the header Date says: when the notice was recorded.
    pub at: Instant,
    /// The one recipient.
    pub to: &'a Address,
    /// The recipient's name; empty for a mailbox of several people.
    pub to_name: Line,
    /// The ticket that the mail is about; none where it is about mail that is no ticket's (M1a, 1.2a).
    pub ticket: Option<Ticketed<'a>>,
    /// The mail that this one answers, where it is no ticket's: mail programs show both together.
    pub answers: Option<MessageId>,
    /// What the recipient can do with one link each (G14), in the order in which they are shown.
    pub links: Vec<ActionLink>,
}

/// The ticket that a mail is about, to which an answer threads.
#[derive(Debug, Clone)]
pub struct Ticketed<'a> {
    /// The ticket.
    pub reference: &'a TicketRef,
    /// The client whose ticket it is.
    pub client: &'a ClientId,
    /// The client's name.
    pub client_name: Line,
    /// The newest key for reply addresses and tokens (M2).
    pub key: &'a Key,
    /// Number of the mail within its ticket, from 1, for example that of the event that it tells;
    /// the token in References carries it.
    pub number: u32,
    /// The words of the request's subject. `None` where nothing of the request may be quoted.
    pub request: Option<Line>,
    /// To a participant who is not the one who asked (1.5): the name of who did.
    pub copy_of: Option<Line>,
}
