//! What is stored of a ticket: documents and the items that hold them.
//!
//! Events are kept as the lines that were sealed (15.1). The head is their fold, kept so that an act
//! reads one item. Texts lie beside the lines with their salts: erasing one leaves the chain whole.

use std::collections::BTreeMap;

use domain::account::{Notice as AccountNotice, Recipient as AccountRecipient};
use domain::client::ClientNotice;
use domain::evidence::{Link, TextDigest};
use domain::inbound::{MailNotice, MailRecipient};
use domain::ticket::{Notice, Recipient, Ticket, Timers};
use domain::{Actor, Client, ClientId, Instant, TicketRef};
use serde::{Deserialize, Serialize};

use crate::auth::hex;
use crate::codec::{Document, Stored};
use crate::commit::{Condition, Write};
use crate::failure::Failure;
use crate::item::{Item, Key, ListEntry};
use crate::keys;

mod inbound;

pub use inbound::{
    Answered, ContentSeen, EndedQuestion, InboundRecord, MailAuthor, MailFile, MailFinding,
    MailResolution, MailStatus, MailThread, MailWords, MessageSeen, Owner, Question, inbound_item,
    is_held,
};

/// State of a ticket, with what lists show of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The fold of the events.
    pub ticket: Ticket,
    /// Subject as the client wrote it, cleaned and cut.
    pub subject: String,
    /// Its due entry.
    #[serde(default)]
    pub wake: Wake,
}

impl Document for Head {
    const STRUCTS: &'static [&'static str] = &["ticket", "ticket.cycle", "ticket.opened", "wake"];
}

impl Head {
    /// Whether the ticket is in its client's and the desk's lists of open ones.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.ticket.cycle.closure.is_none()
    }
}

/// What time will bring about, as the head's index entries and schedules need it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wake {
    /// When `sla-timer` has something to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<Instant>,
    /// When `auto-close` has something to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Instant>,
    /// By what the desk's work list sorts: the target that draws nearest; none where none is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Instant>,
}

impl Wake {
    /// The earliest wake-up.
    #[must_use]
    pub fn earliest(&self) -> Option<Instant> {
        Timers { attention: self.attention, closing: self.closing }.earliest()
    }
}

/// The events of one act, with the texts that lie apart from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// Sealed, in order.
    pub links: Vec<Link>,
    /// By the number of the event that carries the text's digest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<u32, Text>,
}

impl Document for Events {}

/// A text that lies beside the events.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Salt of the digest in the event, hexadecimal.
    pub salt: String,
    /// The text; none when it lies in a blob or was erased.
    pub text: Option<String>,
    /// Key of the blob that holds a large text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<String>,
    /// Who wrote it.
    pub by: Actor,
    /// When it was received or written.
    pub at: Instant,
    /// Files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// It came by mail: what it quotes is folded where it is shown (M6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailText>,
}

/// What a text that came by mail tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailText {
    /// What its writer says, above or below what he quotes.
    Written,
    /// What he passes on: that is told, not quoted.
    Forwarded,
}

impl MailText {
    /// What a mail with this subject tells.
    #[must_use]
    pub fn under(subject: &str) -> Self {
        if mail::inbound::is_forward(subject) { Self::Forwarded } else { Self::Written }
    }
}

/// A file that belongs to a text: a part of a mail, or what was uploaded over HTTP.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id, unique in its ticket.
    pub id: String,
    /// Name of the file as its sender wrote it, cleaned.
    pub name: String,
    /// What its sender says that it is, such as `application/pdf`.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Key of the blob that holds it.
    pub blob: String,
}

/// Names of files stay out of logs.
impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (id, size) = (&self.id, &self.size);
        f.debug_struct("Attachment").field("id", id).field("size", size).finish_non_exhaustive()
    }
}

/// Texts stay out of logs.
impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Text").field("by", &self.by).field("at", &self.at).finish_non_exhaustive()
    }
}

/// A notice in the ledger, with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRecord {
    /// What it is about, and the notice itself.
    pub subject: NoticeSubject,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// How often sending was tried.
    pub attempts: u32,
    /// While it is being sent: until when nobody else may try.
    pub lease_until: Option<Instant>,
    /// Id that the mail service gave.
    pub ses_id: Option<String>,
    /// When the mail service accepted it.
    pub accepted_at: Option<Instant>,
    /// Why it was given up, or why it came back.
    pub problem: Option<String>,
}

impl Document for NoticeRecord {}

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeSubject {
    /// A ticket.
    Ticket {
        /// The ticket that caused it.
        reference: TicketRef,
        /// The notice.
        notice: Notice,
    },
    /// Mail that came in and is no ticket's, or not yet (M1a, 1.2a).
    Mail(MailNotice),
    /// A client's account.
    Account {
        /// Whose.
        client: ClientId,
        /// The notice.
        notice: AccountNotice,
    },
    /// A client (1.2, 14).
    Client(ClientNotice),
}

impl NoticeSubject {
    /// Stable word for what it says.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Ticket { notice, .. } => notice.content.kind(),
            Self::Mail(notice) => notice.content.kind(),
            Self::Account { notice, .. } => notice.content.kind(),
            Self::Client(notice) => notice.content.kind(),
        }
    }

    /// Whether it calls whoever is on call, and so is urgent.
    #[must_use]
    pub const fn is_page(&self) -> bool {
        match self {
            Self::Ticket { notice, .. } => matches!(notice.to, Recipient::OnCall),
            Self::Mail(_) | Self::Account { .. } | Self::Client(_) => false,
        }
    }

    /// Whether it goes to the desk.
    #[must_use]
    pub const fn is_to_desk(&self) -> bool {
        match self {
            Self::Ticket { notice, .. } => matches!(notice.to, Recipient::Desk),
            Self::Mail(notice) => matches!(notice.to, MailRecipient::Desk),
            Self::Account { notice, .. } => matches!(notice.to, AccountRecipient::Desk),
            Self::Client(_) => false,
        }
    }
}

impl NoticeRecord {
    /// A notice that was recorded at an instant and is to be sent.
    #[must_use]
    pub const fn new(subject: NoticeSubject, recorded_at: Instant) -> Self {
        Self {
            subject,
            recorded_at,
            attempts: 0,
            lease_until: None,
            ses_id: None,
            accepted_at: None,
            problem: None,
        }
    }
}

/// The states of a notice; each is the item's status column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeStatus {
    /// To be sent.
    Pending,
    /// In somebody's hands.
    Sending,
    /// The mail service has it.
    Sent,
    /// The recipient's server has it.
    Delivered,
    /// It came back for good.
    Bounced,
    /// The recipient calls it unwanted.
    Complained,
    /// It no longer made sense when it was to be sent.
    Superseded,
    /// It could not be sent; a person looks at it.
    Dead,
    /// A person decided that it is not to be sent.
    GivenUp,
}

impl NoticeStatus {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Sending,
        Self::Sent,
        Self::Delivered,
        Self::Bounced,
        Self::Complained,
        Self::Superseded,
        Self::Dead,
        Self::GivenUp,
    ];

    /// The word in the status column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Superseded => "superseded",
            Self::Dead => "dead",
            Self::GivenUp => "given_up",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether the sweep has to look at it.
    #[must_use]
    pub const fn is_due(self) -> bool {
        match self {
            Self::Pending | Self::Sending => true,
            Self::Sent
            | Self::Delivered
            | Self::Bounced
            | Self::Complained
            | Self::Superseded
            | Self::Dead
            | Self::GivenUp => false,
        }
    }

    /// Whether a person has to look at it.
    #[must_use]
    pub const fn is_failed(self) -> bool {
        match self {
            Self::Bounced | Self::Complained | Self::Dead => true,
            Self::Pending
            | Self::Sending
            | Self::Sent
            | Self::Delivered
            | Self::Superseded
            | Self::GivenUp => false,
        }
    }
}

/// A client's request was registered under a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idempotent {
    /// Digest of the request.
    pub body: String,
    /// The ticket that it made or changed.
    pub reference: TicketRef,
    /// Number of the event that it made; none where that follows from the ticket.
    pub seq: Option<u32>,
    /// When; the record counts for 30 days, compared by this instant.
    pub at: Instant,
}

impl Document for Idempotent {}

/// An action link was used (G14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedLink {
    /// The ticket that it was about.
    pub reference: TicketRef,
    /// When: the receipt of the act.
    pub at: Instant,
}

impl Document for UsedLink {}

/// The item of a head. A ticket stands in its client's list of open ones, by receipt, or of closed ones, by
/// its closing. An open one stands in the desk's work list too: by the target that draws nearest, and behind
/// those, by receipt, where the desk owes none. There it moves when a target is set or met, not with every
/// wake-up.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn head_item(head: &Stored<Head>, schema: u16) -> Result<Item, Failure> {
    let Head { ticket, wake, .. } = &head.doc;
    let reference = &ticket.opened.reference;
    let key = keys::head(reference);
    let due = wake.earliest().map(|at| keys::due(&key.pk, at));
    let mut item = head.item(key, schema)?;
    item.due = due;
    let (received_at, open) = (ticket.opened.received_at, head.doc.is_open());
    let closed_at = ticket.cycle.closure.as_ref().map(|closure| closure.at);
    item.list = Some(ListEntry {
        pk: keys::client_list(&ticket.opened.client, open),
        sk: keys::by_instant(closed_at.unwrap_or(received_at), reference.as_str()),
    });
    item.work = open.then(|| {
        let behind = Instant::from_millis(keys::NEVER.millis() + received_at.millis());
        let next = wake.next.unwrap_or(behind);
        ListEntry { pk: keys::DESK_OPEN.to_owned(), sk: keys::by_instant(next, reference.as_str()) }
    });
    Ok(item)
}

/// Partition in which a notice is kept: its ticket's, except for the notice of a póliza that is not
/// served, which is one per SPoC and day whatever the ticket (10.5).
#[must_use]
pub fn notice_key(reference: &TicketRef, notice: &Notice) -> Key {
    let id = notice.id(reference);
    if notice.is_of_client() {
        keys::notice(&keys::client(&reference.client()), &id)
    } else {
        keys::notice(&keys::ticket(reference), &id)
    }
}

/// The write that records a notice about mail for the first time, in the partition `pk` of what it is
/// about: a registered address, a mail or a client. Its condition fails where it was recorded before.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn mail_notice(
    pk: &str,
    notice: MailNotice,
    recorded_at: Instant,
    schema: u16,
) -> Result<Write, Failure> {
    let key = keys::notice(pk, &notice.id(pk));
    let record = Stored::new(NoticeRecord::new(NoticeSubject::Mail(notice), recorded_at));
    let status = NoticeStatus::Pending;
    let item = notice_item(&record, key, status, Some(recorded_at), schema)?;
    Ok(Write::Put { item, when: Condition::Absent })
}

/// The item of a client's profile, by which he stands in the list of all clients.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn profile_item(profile: &Stored<Client>, schema: u16) -> Result<Item, Failure> {
    let id = &profile.doc.id;
    let mut item = profile.item(keys::profile(id), schema)?;
    item.list = Some(ListEntry { pk: keys::CLIENTS.to_owned(), sk: id.to_string() });
    Ok(item)
}

/// The write that records a notice about a client for the first time.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn client_notice(
    client: &ClientId,
    notice: ClientNotice,
    recorded_at: Instant,
    schema: u16,
) -> Result<Write, Failure> {
    let key = keys::notice(&keys::client(client), &notice.id(client));
    let record = Stored::new(NoticeRecord::new(NoticeSubject::Client(notice), recorded_at));
    let item = notice_item(&record, key, NoticeStatus::Pending, Some(recorded_at), schema)?;
    Ok(Write::Put { item, when: Condition::Absent })
}

/// The item of a notice.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn notice_item(
    record: &Stored<NoticeRecord>,
    key: Key,
    status: NoticeStatus,
    due: Option<Instant>,
    schema: u16,
) -> Result<Item, Failure> {
    let due = due.filter(|_| status.is_due()).map(|at| keys::due(&key.pk, at));
    let list = status.is_failed().then(|| ListEntry {
        pk: keys::DESK_FAILED.to_owned(),
        sk: keys::by_instant(record.doc.recorded_at, &format!("{}#{}", key.pk, key.sk)),
    });
    let mut item = record.item(key, schema)?;
    item.status = Some(status.word().to_owned());
    item.due = due;
    item.list = list;
    Ok(item)
}

/// A text with a fresh salt, before it is known which event will carry its digest.
#[derive(Clone)]
pub struct Salted {
    salt: [u8; 16],
    /// The text.
    pub text: String,
    /// What the event will carry.
    pub digest: TextDigest,
    /// Files that came with it.
    pub attachments: Vec<Attachment>,
    /// It came by mail.
    pub mail: Option<MailText>,
}

impl Salted {
    /// Salts a text.
    #[must_use]
    pub fn new(salt: [u8; 16], text: String) -> Self {
        let digest = TextDigest::of(&salt, &text);
        Self { salt, text, digest, attachments: Vec::new(), mail: None }
    }

    /// The same text, which came by mail under a subject.
    #[must_use]
    pub fn by_mail(mut self, subject: &str) -> Self {
        self.mail = Some(MailText::under(subject));
        self
    }

    /// The same text with files.
    #[must_use]
    pub fn with(mut self, attachments: Vec<Attachment>) -> Self {
        self.attachments = attachments;
        self
    }

    /// The salt, hexadecimal.
    #[must_use]
    pub fn salt(&self) -> String {
        hex(&self.salt)
    }
}
