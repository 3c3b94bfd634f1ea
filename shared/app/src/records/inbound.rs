//! What is stored of mail that came in: whose addresses there are, and what became of each mail.

use domain::inbound::{Class, Proof, QuarantineReason, SenderKind, Verdicts};
use domain::{Actor, ClientId, Instant, SpocId, StaffId, TicketRef};
use serde::{Deserialize, Serialize};

use crate::codec::{Document, Stored};
use crate::failure::Failure;
use crate::item::{Item, ListEntry};
use crate::keys;

/// Whose a mail address is, or the address's domain. An address belongs to one of them only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A SPoC's registered address (1.2).
    Spoc {
        /// His client.
        client: ClientId,
        /// Who.
        spoc: SpocId,
    },
    /// A member of the desk.
    Staff {
        /// Who.
        staff: StaffId,
    },
    /// Odoo's helpdesk (3.1).
    OdooHelpdesk,
    /// A domain of a client: its addresses are those of colleagues (1.2a).
    Domain {
        /// Whose.
        client: ClientId,
        /// Without a DMARC policy, SPF for this very domain proves the sender (M1).
        spf_suffices: bool,
    },
}

impl Document for Owner {}

/// What became of a mail; each is the item's status column (G10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailStatus {
    /// It opened a ticket.
    Ticket,
    /// It is a client's answer on its ticket.
    Reply,
    /// It is kept and changed no state: on its ticket, or listed for the desk.
    Note,
    /// It waits for the registered address to confirm it (M1a).
    HeldUnproven,
    /// It waits for a SPoC to adopt it (1.2a).
    HeldColleague,
    /// It is set aside, where the desk sees it.
    Quarantined,
    /// It was taken before (M4).
    Duplicate,
    /// It could not be taken, and is set aside unread.
    Poison,
    /// A SPoC adopted it.
    Adopted,
    /// The registered address confirmed it.
    Confirmed,
    /// The desk released it, or linked it to a ticket.
    Released,
    /// The desk discarded it.
    Discarded,
    /// It waited until its time was over.
    Lapsed,
}

impl MailStatus {
    /// Every status.
    pub const ALL: [Self; 13] = [
        Self::Ticket,
        Self::Reply,
        Self::Note,
        Self::HeldUnproven,
        Self::HeldColleague,
        Self::Quarantined,
        Self::Duplicate,
        Self::Poison,
        Self::Adopted,
        Self::Confirmed,
        Self::Released,
        Self::Discarded,
        Self::Lapsed,
    ];

    /// The word in the status column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Reply => "reply",
            Self::Note => "note",
            Self::HeldUnproven => "held_unproven",
            Self::HeldColleague => "held_colleague",
            Self::Quarantined => "quarantined",
            Self::Duplicate => "duplicate",
            Self::Poison => "poison",
            Self::Adopted => "adopted",
            Self::Confirmed => "confirmed",
            Self::Released => "released",
            Self::Discarded => "discarded",
            Self::Lapsed => "lapsed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether somebody said of it that it is his whom it claims: it counts, or waits for one who may adopt it.
    #[must_use]
    pub const fn is_vouched_for(self) -> bool {
        match self {
            Self::HeldColleague | Self::Adopted | Self::Confirmed | Self::Released => true,
            Self::Ticket
            | Self::Reply
            | Self::Note
            | Self::HeldUnproven
            | Self::Quarantined
            | Self::Duplicate
            | Self::Poison
            | Self::Discarded
            | Self::Lapsed => false,
        }
    }

    /// Whether it waits for somebody until it lapses.
    #[must_use]
    pub const fn is_held(self) -> bool {
        match self {
            Self::HeldUnproven | Self::HeldColleague => true,
            Self::Ticket
            | Self::Reply
            | Self::Note
            | Self::Quarantined
            | Self::Duplicate
            | Self::Poison
            | Self::Adopted
            | Self::Confirmed
            | Self::Released
            | Self::Discarded
            | Self::Lapsed => false,
        }
    }
}

/// Whether a status word says that a mail is held: it waits for the registered address or for a SPoC.
#[must_use]
pub fn is_held(status: &str) -> bool {
    MailStatus::parse(status).is_some_and(MailStatus::is_held)
}

/// A mail that came in, with what became of it and why (G10). The item's status column is its
/// [`MailStatus`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundRecord {
    /// The mail service's id.
    pub ses_id: String,
    /// When our side received it (G2).
    pub received_at: Instant,
    /// The one mailbox in From; none where there is not exactly one that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<MailAuthor>,
    /// Its subject, cleaned and cut.
    pub subject: String,
    /// Its Message-ID without brackets, where it was answered by itself and the answer can name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The client to whom the address in From belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    /// The SPoC whose registered address stands in From, whether it is proven or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoc: Option<SpocId>,
    /// What was found out; none for bytes that are no mail and for poison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<MailFinding>,
    /// The rule that decided.
    pub rule: String,
    /// Why it was set aside, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<QuarantineReason>,
    /// In words for whoever looks: which limit it exceeds, what a rule said, why it could not be taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The ticket to which it belongs (M2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<MailThread>,
    /// The ticket of another client that it names (13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<TicketRef>,
    /// The ticket that it opened, or to which it was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketRef>,
    /// Number of the event there that carries its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u32>,
    /// The mail of which this is another delivery (M4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// Other content came under the same Message-ID (M4).
    #[serde(default, skip_serializing_if = "no")]
    pub other_content: bool,
    /// What it was answered by itself (M5).
    pub answered: Answered,
    /// Its text, where no ticket holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<MailWords>,
    /// Its parts besides the text, where no ticket holds them; they lie in the raw mail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<MailFile>,
    /// Addresses in Cc that are not of the client's people, as they were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// When the registered address was asked about it (M1a); the instant of the question's notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Instant>,
    /// While it is held: from this instant on it lapses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapses_at: Option<Instant>,
    /// What a person, or time, made of it after it was held or set aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<MailResolution>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn no(flag: &bool) -> bool {
    !*flag
}

impl Document for InboundRecord {}

/// Subjects, names and addresses stay out of logs.
impl std::fmt::Debug for InboundRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("InboundRecord");
        shown.field("ses_id", &self.ses_id).field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// A mailbox in From as it was read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailAuthor {
    /// The address.
    pub address: String,
    /// The display name, cleaned; empty where there is none.
    pub name: String,
}

/// Names and addresses stay out of logs.
impl std::fmt::Debug for MailAuthor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailAuthor(…)")
    }
}

/// What was found out about a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailFinding {
    /// Who the address in From is.
    pub sender: SenderKind,
    /// How well that is proven (M1).
    pub proof: Proof,
    /// What the mail service found.
    pub verdicts: Verdicts,
    /// Whether a person wrote it (M3).
    pub class: Class,
    /// The signs of a machine that were found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<String>,
}

/// How a mail belongs to a ticket (M2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailThread {
    /// The ticket.
    pub ticket: TicketRef,
    /// A mark that we signed for this sender says so; otherwise a number does.
    pub signed: bool,
}

/// What a mail was answered by itself (M5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// Nothing was to be answered.
    Nothing,
    /// What its outcome says.
    Yes,
    /// Nobody reads answers to that address.
    Nobody,
    /// The address, or all together, had as many answers as there may be.
    Limited,
}

/// The text of a mail that lies in no ticket.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailWords {
    /// The whole text; none when it lies in a blob or was erased.
    pub text: Option<String>,
    /// Key of the blob that holds a large text.
    pub blob: Option<String>,
}

/// Texts stay out of logs.
impl std::fmt::Debug for MailWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailWords(…)")
    }
}

/// A part of a mail that lies in no ticket.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailFile {
    /// Its name, cleaned; made up where it has none.
    pub name: String,
    /// What it says that it is, such as `application/pdf`.
    pub media_type: String,
    /// Bytes, decoded.
    pub size: u64,
}

/// Names of files stay out of logs.
impl std::fmt::Debug for MailFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailFile").field("size", &self.size).finish_non_exhaustive()
    }
}

/// What ended a mail's being held or set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailResolution {
    /// When.
    pub at: Instant,
    /// Who; the system where it lapsed.
    pub by: Actor,
    /// The reason that the desk gave.
    pub reason: Option<String>,
}

/// What came under one Message-ID, or without one under one content (M4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageSeen {
    /// The contents, in the order in which they were taken.
    pub contents: Vec<ContentSeen>,
}

impl Document for MessageSeen {}

/// One content under a Message-ID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentSeen {
    /// SHA-256 of the canonical content, hexadecimal.
    pub digest: String,
    /// The mail that brought it.
    pub ses_id: String,
    /// Its sender was proven: only then is a later one that is proven the same mail.
    pub proven: bool,
}

/// The one question "¿lo enviaste tú?" of an address (M1a).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The client.
    pub client: ClientId,
    /// The SPoC whose registered address it is.
    pub spoc: SpocId,
    /// When it was asked; the instant of its notice.
    pub asked_at: Instant,
    /// From this instant on it is open no more; a later answer opens a new ticket.
    pub expires_at: Instant,
    /// Ids of the mails that it covers, oldest first.
    pub mails: Vec<String>,
    /// Questions before it that ended without an answer to each of their mails, oldest first: their
    /// links still confirm those, late (M1a).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<EndedQuestion>,
}

impl Document for Question {}

/// A question that ended, with the mails that nobody has confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedQuestion {
    /// When it was asked.
    pub asked_at: Instant,
    /// When it ended.
    pub expires_at: Instant,
    /// Ids of the mails, oldest first.
    pub mails: Vec<String>,
}

/// The item of a mail with what became of it. While it is held it is due when it lapses; while a person
/// may have to look at it, it is in one of the desk's lists.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn inbound_item(
    record: &Stored<InboundRecord>,
    status: MailStatus,
    schema: u16,
) -> Result<Item, Failure> {
    let key = keys::inbound(&record.doc.ses_id);
    let due = record.doc.lapses_at.filter(|_| status.is_held());
    let due = due.map(|at| keys::due(&key.pk, at));
    let list = desk_list(&record.doc, status).map(|pk| ListEntry {
        pk: pk.to_owned(),
        sk: keys::by_instant(record.doc.received_at, &record.doc.ses_id),
    });
    let mut item = record.item(key, schema)?;
    item.status = Some(status.word().to_owned());
    item.due = due;
    item.list = list;
    Ok(item)
}

/// The desk's list in which a mail is shown, if in one.
const fn desk_list(record: &InboundRecord, status: MailStatus) -> Option<&'static str> {
    match status {
        // What lapsed stays in sight until the desk has looked at it.
        MailStatus::HeldUnproven | MailStatus::HeldColleague | MailStatus::Lapsed => {
            Some(keys::DESK_HELD)
        }
        MailStatus::Quarantined => Some(keys::DESK_QUARANTINED),
        MailStatus::Poison => Some(keys::DESK_POISON),
        MailStatus::Note if record.ticket.is_none() => Some(keys::DESK_AUTOMATIC),
        MailStatus::Note
        | MailStatus::Ticket
        | MailStatus::Reply
        | MailStatus::Duplicate
        | MailStatus::Adopted
        | MailStatus::Confirmed
        | MailStatus::Released
        | MailStatus::Discarded => None,
    }
}
