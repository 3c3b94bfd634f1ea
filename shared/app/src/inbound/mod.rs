//! Mail in: one mail, from the bytes in the bucket to its one outcome (G10).
//!
//! The mail service stores a mail under `inbound/` and then tells of it. [`take`] is the one use case:
//! for the service's event, for the sweep, and for the closer, who looks before he closes (9.6). What
//! [`mail::inbound`] reads from the bytes and what the store says of the sender goes to
//! [`domain::inbound`], which decides; what follows is written in one transaction with the mail's record.
//! Only then is the object moved. So a mail can be taken again at any time: who finds its record moves
//! the object, and that is all.

mod again;
mod answers;
mod carry;
mod copies;
mod files;
mod hold;
mod letter;
mod listed;
mod queue;
mod reading;
mod resolve;
mod returned;
mod sender;

use domain::inbound::{Facts, Intent, Outcome, Proof, ProofTerms, Seen};
use domain::{Instant, TicketRef};
use mail::inbound::{Receipt, Unusable};

use self::again::Before;
use self::reading::Reading;
use self::sender::Sender;
use crate::addresses::Codes;
use crate::codec::Stored;
use crate::commit::{Condition, Write};
use crate::compose;
use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::limits::{CONTENTS_MAX, TAKE_ATTEMPTS_MAX};
use crate::ports::{Blobs, Clock, Env, Store};
use crate::records::{ContentSeen, InboundRecord, MailStatus, MessageSeen};

pub use again::retry;
pub use hold::tell_held;
pub(crate) use hold::{any_waits, question};
pub use listed::{Listed, MailList, find, listed, raw, words};
pub use queue::{Cleared, clear_before_closing, take_waiting};
pub use resolve::{
    Desk, DeskVerb, Resolved, adopt, adopt_for, confirm, discard, lapse, link, release,
};

/// Prefix under which the mail service stores what comes in: the queue of record.
pub const INBOUND: &str = "inbound/";
/// Prefix of mails that were taken.
pub const DONE: &str = "done/";
/// Prefix of mails that could not be taken.
pub const POISON: &str = "poison/";

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its status now.
    pub status: MailStatus,
    /// The ticket that it opened, or to which it was added.
    pub ticket: Option<TicketRef>,
}

/// Takes a mail that lies in the bucket, with the service's receipt where there is one. A mail that
/// fails for a reason that will not pass is counted, and after [`TRIES_MAX`](crate::limits::TRIES_MAX)
/// times set aside unread.
///
/// # Errors
/// [`Failure::NotFound`] when there is no such mail; what the store or a blob says; our own faults.
pub async fn take<E: Env>(
    env: &E,
    ses_id: &str,
    receipt: Option<&Receipt>,
) -> Result<Taken, Failure> {
    // Boxed: what a mail causes is nested deeper than the compiler follows.
    match Box::pin(attempt(env, ses_id, receipt, None)).await {
        Err(failure) if !failure.is_retryable() && failure != Failure::NotFound => {
            queue::failed(env, ses_id, failure).await
        }
        answer => answer,
    }
}

/// Takes a mail, without counting a failure. Whoever was faster is seen when it is looked at again.
/// `stored_at` says when its object was stored, where that is known.
async fn attempt<E: Env>(
    env: &E,
    ses_id: &str,
    receipt: Option<&Receipt>,
    stored_at: Option<Instant>,
) -> Result<Taken, Failure> {
    let mut last = None;
    for _ in 0..TAKE_ATTEMPTS_MAX {
        if let Some(taken) = recorded(env, ses_id).await? {
            return Ok(taken);
        }
        let raw = env.blobs().get(&format!("{INBOUND}{ses_id}")).await;
        let raw = raw.map_err(|error| Failure::Retryable(error.to_string()))?;
        let Some(raw) = raw else {
            // Perhaps somebody else took it between the two looks.
            return recorded(env, ses_id).await?.ok_or(Failure::NotFound);
        };
        match carry_out(env, ses_id, &raw, receipt, stored_at, None).await {
            Ok(taken) => {
                put_away(env, ses_id, taken.status).await;
                return Ok(taken);
            }
            Err(failure) if failure.is_retryable() => last = Some(failure),
            Err(failure) => return Err(failure),
        }
    }
    Err(last.unwrap_or_else(|| Failure::Retryable("somebody else was faster".to_owned())))
}

/// What became of a mail that was taken before; its object is moved if that had not been done.
async fn recorded<E: Env>(env: &E, ses_id: &str) -> Result<Option<Taken>, Failure> {
    let Some(item) = env.store().get(&keys::inbound(ses_id)).await? else { return Ok(None) };
    let record = Stored::<InboundRecord>::read(&item)?;
    let status = status_of(&record)?;
    put_away(env, ses_id, status).await;
    Ok(Some(Taken { status, ticket: record.doc.ticket }))
}

/// How a mail stands.
///
/// # Errors
/// [`Failure::Retryable`] when a newer release left it in a state that is not known here.
pub(crate) fn status_of(record: &Stored<InboundRecord>) -> Result<MailStatus, Failure> {
    record.status.as_deref().and_then(MailStatus::parse).ok_or_else(|| {
        let why = format!("mail {} is in a state that is not known here", record.doc.ses_id);
        Failure::Retryable(why)
    })
}

/// Moves the object of a mail whose outcome is recorded. Where that fails, the sweep meets it again.
async fn put_away<E: Env>(env: &E, ses_id: &str, status: MailStatus) {
    let folder = if status == MailStatus::Poison { POISON } else { DONE };
    let (from, to) = (format!("{INBOUND}{ses_id}"), format!("{folder}{ses_id}"));
    if let Err(error) = env.blobs().rename(&from, &to).await {
        tracing::warn!(ses_id, %error, "a mail that was taken could not be moved");
    }
}

/// Reads, decides and carries out; `before` is the record that is written over, where there is one.
async fn carry_out<E: Env>(
    env: &E,
    ses_id: &str,
    raw: &[u8],
    receipt: Option<&Receipt>,
    stored_at: Option<Instant>,
    before: Option<&Before>,
) -> Result<Taken, Failure> {
    // Where nothing of the service says when it received the mail, the object's age does (G2).
    let stored_at = stored_at.unwrap_or_else(|| env.clock().now());
    match Reading::of(raw, &compose::ours(env.settings())?, receipt) {
        Ok(reading) => {
            let case = Case::study(env, ses_id, raw, reading, stored_at, before).await?;
            case.carry_out().await
        }
        Err(unusable) => {
            let received_at = receipt.map_or(stored_at, |it| it.received_at);
            carry::set_aside_unread(env, ses_id, received_at, unusable, before).await
        }
    }
}

/// A mail with everything that the rules and the store say of it.
struct Case<'a, E> {
    env: &'a E,
    ses_id: &'a str,
    raw: &'a [u8],
    now: Instant,
    /// When our side received it (G2).
    received_at: Instant,
    reading: Reading,
    codes: Codes,
    sender: Sender,
    proof: Proof,
    seen: SeenBefore,
    intent: Intent,
    /// The record that is written over.
    before: Option<&'a Before>,
}

/// What was taken before under the same Message-ID (M4).
struct SeenBefore {
    stored: Stored<MessageSeen>,
    what: Seen,
    /// The mail that is the same.
    same_as: Option<String>,
    /// Copies that do not prove their sender, where this one does.
    unproven: Vec<String>,
}

impl<'a, E: Env> Case<'a, E> {
    async fn study(
        env: &'a E,
        ses_id: &'a str,
        raw: &'a [u8],
        reading: Reading,
        stored_at: Instant,
        before: Option<&'a Before>,
    ) -> Result<Self, Failure> {
        let now = env.clock().now();
        let received_at = reading.received_at.unwrap_or(stored_at);
        let codes = Codes::read(env).await?;
        let sender = sender::sender(env, &codes, &reading, received_at).await?;
        let terms = ProofTerms { spf_suffices: sender.spf_suffices };
        let proof = domain::inbound::proof(&reading.verdicts, reading.author.for_proof(), terms);
        let proven = matches!(proof, Proof::Proven(_));
        let seen = SeenBefore::look(env, &sender, &reading, proven).await?;
        let facts = Facts {
            sender: sender.kind,
            proof,
            class: reading.signs.class,
            thread: sender.threads(),
            seen: seen.what,
        };
        let intent = domain::inbound::intent(&facts);
        Ok(Self {
            env,
            ses_id,
            raw,
            now,
            received_at,
            reading,
            codes,
            sender,
            proof,
            seen,
            intent,
            before,
        })
    }

    /// The write that remembers the content under its Message-ID; none for a duplicate.
    fn remembered(&self) -> Result<Option<Write>, Failure> {
        if self.intent.outcome == Outcome::Duplicate {
            return Ok(None);
        }
        let mut stored = self.seen.stored.clone();
        if stored.doc.contents.len() >= CONTENTS_MAX {
            stored.doc.contents.remove(0);
        }
        stored.doc.contents.push(ContentSeen {
            digest: self.reading.content.clone(),
            ses_id: self.ses_id.to_owned(),
            proven: matches!(self.proof, Proof::Proven(_)),
        });
        let key = keys::message_seen(self.sender.client(), &self.reading.message);
        let item = stored.item(key, self.env.settings().write_schema)?;
        Ok(Some(Write::Put { item, when: Condition::unchanged(stored.rev) }))
    }
}

impl SeenBefore {
    async fn look<E: Env>(
        env: &E,
        sender: &Sender,
        reading: &Reading,
        proven: bool,
    ) -> Result<Self, Failure> {
        let key = keys::message_seen(sender.client(), &reading.message);
        let Some(item) = env.store().get(&key).await? else {
            let stored = Stored::new(MessageSeen::default());
            return Ok(Self { stored, what: Seen::New, same_as: None, unproven: Vec::new() });
        };
        let stored = Stored::<MessageSeen>::read(&item)?;
        // A copy that proves its sender is not the same as one that does not: it counts.
        let same = |it: &&ContentSeen| it.digest == reading.content && (it.proven || !proven);
        let mut same_as = stored.doc.contents.iter().find(same).map(|it| it.ses_id.clone());
        let copies = stored.doc.contents.iter().filter(|it| it.digest == reading.content);
        let unproven = copies.filter(|it| proven && !it.proven).map(|it| it.ses_id.clone());
        let unproven: Vec<String> = unproven.collect();
        if same_as.is_none() {
            same_as = vouched_for(env, &unproven).await?;
        }
        let other = stored.doc.contents.iter().any(|it| it.digest != reading.content);
        let what = match (&same_as, other) {
            (Some(_), _) => Seen::Before,
            (None, true) => Seen::OtherContent,
            (None, false) => Seen::New,
        };
        Ok(Self { stored, what, same_as, unproven })
    }
}

/// Of mails that did not prove their sender, the first one of which it was said since that it is his (M1, M1a):
/// what proves it is the same, and no more than that (M4).
async fn vouched_for<E: Env>(env: &E, mails: &[String]) -> Result<Option<String>, Failure> {
    if mails.is_empty() {
        return Ok(None);
    }
    let keys: Vec<Key> = mails.iter().map(|ses_id| keys::inbound(ses_id)).collect();
    for item in env.store().get_many(&keys).await? {
        let record = Stored::<InboundRecord>::read(&item)?;
        if status_of(&record)?.is_vouched_for() {
            return Ok(Some(record.doc.ses_id));
        }
    }
    Ok(None)
}

/// The limit that bytes exceed, or that they are no mail, in words for the desk.
fn unusable_words(unusable: Unusable) -> String {
    match unusable {
        Unusable::NoHeaders => "no_headers".to_owned(),
        Unusable::Over(limit) => limit.code().to_owned(),
    }
}
