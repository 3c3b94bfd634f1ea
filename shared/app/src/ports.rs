//! The ports: what the use cases need from the world, as traits.
//!
//! Every handler is generic over one [`Env`]. Production, the local bundle and the tests differ in
//! nothing else. Each port has one conformance suite (`tests/conformance`) that every
//! implementation passes.
//!
//! Architecture invariant: nothing behind these traits decides. A port stores, sends, schedules,
//! tells the time or draws random bytes; the rules of the agreement are not known to it.

use std::future::Future;

use domain::{Instant, TimeDelta};

use crate::client::Agreements;
use crate::commit::{Commit, CommitError};
use crate::item::{DueEntry, Item, Key, Page};
use crate::records::Attachment;

/// Everything a handler may reach, as one type parameter with associated types.
pub trait Env: Send + Sync + 'static {
    /// Where state is kept.
    type Store: Store;
    /// Who carries mail out. Only `outbox-relay` and `sweep` are given a working one.
    type Mailer: Mailer;
    /// Who wakes timer functions. Only `outbox-relay` is given a working one.
    type Schedules: Schedules;
    /// Where large texts and raw mail are kept.
    type Blobs: Blobs;
    /// Where keys are kept.
    type Secrets: Secrets;
    /// The clock.
    type Clock: Clock;
    /// The source of random bytes.
    type Entropy: Entropy;

    /// The store.
    fn store(&self) -> &Self::Store;
    /// The mailer.
    fn mailer(&self) -> &Self::Mailer;
    /// The one-time schedules.
    fn schedules(&self) -> &Self::Schedules;
    /// The blobs.
    fn blobs(&self) -> &Self::Blobs;
    /// The keys.
    fn secrets(&self) -> &Self::Secrets;
    /// The clock.
    fn clock(&self) -> &Self::Clock;
    /// The random bytes.
    fn entropy(&self) -> &Self::Entropy;
    /// What this deployment is called and where it is reached.
    fn settings(&self) -> &Settings;
    /// Agreements that this process has computed; a cache of immutable versions.
    fn agreements(&self) -> &Agreements;
}

/// What a deployment says of itself. Values, not secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Domain of the support mailbox, for example `soporte.millora.mx`.
    pub mail_domain: String,
    /// Local part of the support mailbox, for example `soporte`.
    pub mailbox: String,
    /// Base address of the HTTP API as clients see it, without a trailing slash.
    pub base_url: String,
    /// Address that is paged for critical incidents (7.4); several people are a group address.
    pub on_call: String,
    /// Address that receives the desk's ordinary notices.
    pub desk: String,
    /// The schema number that this release writes; it reads one less and one more as well.
    pub write_schema: u16,
}

/// A key-value store with conditional transactions and three sparse indexes.
pub trait Store: Send + Sync {
    /// Reads one item, consistently.
    fn get(&self, key: &Key) -> impl Future<Output = Result<Option<Item>, StoreError>> + Send;

    /// Reads one item for half the price, where it does no harm that it may be as it was a moment ago.
    /// An item that is there is found, however new it is; one that was deleted may still be seen.
    fn glance(&self, key: &Key) -> impl Future<Output = Result<Option<Item>, StoreError>> + Send;

    /// Reads many items, consistently; those that do not exist are left out. The order is that of `keys`.
    fn get_many(&self, keys: &[Key]) -> impl Future<Output = Result<Vec<Item>, StoreError>> + Send;

    /// Reads one partition in the order of its sort keys, consistently.
    fn query(&self, query: &Query) -> impl Future<Output = Result<Page<Item>, StoreError>> + Send;

    /// Reads one shard of the index `due`: entries whose instant is at or before `until`,
    /// earliest first. Eventually consistent, keys only.
    fn due(
        &self,
        shard: u8,
        until: Instant,
        limit: u32,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Page<DueEntry>, StoreError>> + Send;

    /// Reads one partition of the index `list` in the order of its sort keys. Eventually
    /// consistent, keys only.
    fn list(&self, query: &Query) -> impl Future<Output = Result<Page<Key>, StoreError>> + Send;

    /// Reads one partition of the index `work`, as [`Store::list`] does.
    fn work(&self, query: &Query) -> impl Future<Output = Result<Page<Key>, StoreError>> + Send;

    /// Writes everything or nothing. This is the only way in which anything is ever written.
    fn commit(&self, commit: &Commit) -> impl Future<Output = Result<(), CommitError>> + Send;
}

/// A question to one partition, of the table or of the index `list` or `work`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Partition.
    pub pk: String,
    /// Only sort keys that start with this; with `up_to`, only those from this one on.
    pub prefix: String,
    /// Only sort keys up to this one, itself included; it does not come before `prefix`.
    pub up_to: Option<String>,
    /// Where the previous page ended ([`Page::next`]).
    pub after: Option<String>,
    /// At most so many.
    pub limit: u32,
    /// From the last sort key backwards.
    pub newest_first: bool,
}

impl Query {
    /// The first page of `pk`, sort keys that start with `prefix`, in ascending order.
    #[must_use]
    pub fn new(pk: impl Into<String>, prefix: impl Into<String>, limit: u32) -> Self {
        let (pk, prefix) = (pk.into(), prefix.into());
        Self { pk, prefix, up_to: None, after: None, limit, newest_first: false }
    }

    /// The first page of `pk`, sort keys from one to another, both included.
    #[must_use]
    pub fn between(pk: impl Into<String>, (from, up_to): (&str, &str), limit: u32) -> Self {
        Self { up_to: Some(up_to.to_owned()), ..Self::new(pk, from, limit) }
    }

    /// The fault of an end that comes before the beginning.
    ///
    /// # Errors
    /// [`StoreError::Fault`].
    pub fn validate(&self) -> Result<(), StoreError> {
        match &self.up_to {
            Some(up_to) if *up_to < self.prefix => {
                Err(StoreError::Fault(format!("a query for {} cannot end at {up_to}", self.prefix)))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Why a read failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The service asks to slow down, or did not answer: try again later.
    #[error("the store did not answer: {0}")]
    Retryable(String),
    /// What came back cannot be understood, or the request was wrong: our fault.
    #[error("the store and this program disagree: {0}")]
    Fault(String),
}

/// Carries one finished MIME message out.
pub trait Mailer: Send + Sync {
    /// Hands the message to the mail service and returns what the service says of it.
    fn send(
        &self,
        message: &Outgoing,
    ) -> impl Future<Output = Result<Acceptance, SendError>> + Send;
}

/// The mail service has a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The service's id of the message.
    pub id: String,
    /// When, by the service's clock: silence and pauses run from then (G15), and the clocks of our hosts
    /// differ. None where the service does not say.
    pub at: Option<Instant>,
}

/// A finished message.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Envelope sender.
    pub from: String,
    /// Envelope recipient: one.
    pub to: String,
    /// The whole message, headers included.
    pub mime: Vec<u8>,
    /// Notice id, set as the service's tag `notice_id`, by which its events find the notice.
    pub notice_id: String,
    /// Reference of the subject, set as the tag `subject`.
    pub subject_tag: String,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing")
            .field("notice_id", &self.notice_id)
            .field("bytes", &self.mime.len())
            .finish_non_exhaustive()
    }
}

/// Why a message was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The service will never take this message.
    #[error("the mail service refuses the message: {0}")]
    Refused(String),
    /// The service certainly did not take it; try again later.
    #[error("the mail service did not take the message: {0}")]
    Retryable(String),
    /// It is not known whether the service took it: wait for its event or for the lease.
    #[error("it is not known whether the mail service took the message: {0}")]
    Unknown(String),
}

/// One-time wake-ups. They are punctuality, not truth: the sweep finds whatever they miss.
pub trait Schedules: Send + Sync {
    /// Creates the schedule or moves it. `name` is deterministic, so twice is once.
    fn put(&self, wake: &Wake) -> impl Future<Output = Result<(), ScheduleError>> + Send;
    /// Removes the schedule; one that does not exist is no error.
    fn delete(&self, name: &str) -> impl Future<Output = Result<(), ScheduleError>> + Send;
}

/// A wake-up of one timer function for one aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wake {
    /// Deterministic name: function and aggregate.
    pub name: String,
    /// When.
    pub at: Instant,
    /// Which function.
    pub function: TimerFunction,
    /// Partition key of the aggregate to look at.
    pub pk: String,
}

/// The functions that a schedule can wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimerFunction {
    /// Attention and reply clocks, pages, reminders to the client for information.
    SlaTimer,
    /// Reminder and closing after a solution.
    AutoClose,
}

impl TimerFunction {
    /// Every timer function.
    pub const ALL: [Self; 2] = [Self::SlaTimer, Self::AutoClose];

    /// The function's name as it is deployed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SlaTimer => "sla-timer",
            Self::AutoClose => "auto-close",
        }
    }
}

/// Why a schedule could not be changed. Always safe to try again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the scheduler did not do it: {0}")]
pub struct ScheduleError(pub String);

/// Large immutable bytes by key.
pub trait Blobs: Send + Sync {
    /// Stores the bytes; the same key with the same bytes again is no change.
    fn put(&self, key: &str, bytes: &[u8]) -> impl Future<Output = Result<(), BlobError>> + Send;
    /// Reads the bytes.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, BlobError>> + Send;
    /// Names the blobs whose key starts with `prefix`, in the order of the keys' bytes, those behind
    /// the key `after` only.
    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> impl Future<Output = Result<Page<BlobInfo>, BlobError>> + Send;
    /// Gives the blob `from` the key `to`. Again, once it is done, is no change; where neither is
    /// there, and where `to` holds other bytes, it is an error.
    fn rename(&self, from: &str, to: &str) -> impl Future<Output = Result<(), BlobError>> + Send;
    /// Removes the blob; one that does not exist is no error.
    fn delete(&self, key: &str) -> impl Future<Output = Result<(), BlobError>> + Send;
    /// A link that stores the blob of `file`, once, with exactly its size and media type.
    fn upload_link(
        &self,
        file: &Attachment,
        valid: TimeDelta,
    ) -> impl Future<Output = Result<Link, BlobError>> + Send;
    /// A link that reads the blob of `file`, to be saved under its name.
    fn download_link(
        &self,
        file: &Attachment,
        valid: TimeDelta,
    ) -> impl Future<Output = Result<Link, BlobError>> + Send;
}

/// A link that is a credential by itself, for one blob and a short time. `PUT` stores, `GET` reads.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// Where.
    pub url: String,
    /// The headers that the request must carry, besides those that every client sends.
    pub headers: Vec<(String, String)>,
}

/// Links are credentials: they stay out of logs.
impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

/// What is known of a blob without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobInfo {
    /// Its key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// When it was stored, by the store's own clock; none where the store does not tell.
    pub last_modified: Option<Instant>,
}

impl BlobInfo {
    /// The page that [`Blobs::list`] is asked for, of all blobs in the order of their keys: for stores
    /// that know all their blobs.
    #[must_use]
    pub fn page(
        all: impl IntoIterator<Item = Self>,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Page<Self> {
        let is_behind = |key: &str| after.is_none_or(|after| key > after);
        let mut found =
            all.into_iter().filter(|it| it.key.starts_with(prefix) && is_behind(&it.key));
        let items: Vec<_> = found.by_ref().take(limit as usize).collect();
        let next = found.next().and(items.last()).map(|last| last.key.clone());
        Page { items, next }
    }
}

/// Why a blob could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the blob store did not answer: {0}")]
pub struct BlobError(pub String);

/// Keys, by name.
pub trait Secrets: Send + Sync {
    /// The keys in force for `purpose`, the signing one first; the others only verify.
    fn keys(
        &self,
        purpose: KeyPurpose,
    ) -> impl Future<Output = Result<Vec<SigningKey>, SecretError>> + Send;
}

/// What a key is for. One key never serves two purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyPurpose {
    /// Reply addresses and tokens in References (M2).
    MailThreading,
    /// Action links (G14).
    ActionLinks,
    /// The codes that stand for mail addresses in keys. It never rotates: with another key, what is
    /// stored under an address would not be found any more.
    Addresses,
    /// What a bank or payment provider tells by itself (10.2): the sender has it too.
    PaymentWebhook,
}

impl KeyPurpose {
    /// Every purpose.
    pub const ALL: [Self; 4] =
        [Self::MailThreading, Self::ActionLinks, Self::Addresses, Self::PaymentWebhook];

    /// The name under which the key is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MailThreading => "mail-threading",
            Self::ActionLinks => "action-links",
            Self::Addresses => "addresses",
            Self::PaymentWebhook => "payment-webhook",
        }
    }
}

/// A symmetric key with its id.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Short id that travels with the signature, so that a key can be rotated.
    pub id: u8,
    /// The key's bytes, 32 of them.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

/// Why a key could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key could not be read: {0}")]
pub struct SecretError(pub String);

/// The clock.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Instant;
}

/// The source of random bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}
