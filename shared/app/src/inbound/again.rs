//! A mail that could not be taken is taken again, once the desk has seen to what stood in the way (M7).
//!
//! It is the same taking as ever, from the bytes that were set aside. What it causes is written in one
//! transaction with the record, in the place of the one that says that it was poison.

use domain::Actor;
use domain::ticket::{Refusal, RefusalCode};

use super::resolve::{Desk, DeskVerb, Resolved};
use super::{DONE, INBOUND, POISON, Taken, carry_out, status_of};
use crate::codec::Stored;
use crate::failure::Failure;
use crate::keys;
use crate::limits::TAKE_ATTEMPTS_MAX;
use crate::ports::{Blobs, Env, Store};
use crate::records::{InboundRecord, MailResolution};

/// The record in whose place the outcome is written.
#[derive(Debug, Clone)]
pub(super) struct Before {
    /// Its revision.
    pub(super) rev: u64,
    /// Who asked for it, and why.
    pub(super) asked: MailResolution,
}

/// Takes a poison mail again; what becomes of it now is its outcome. One that fails again stays where
/// it is.
///
/// # Errors
/// [`Failure::NotFound`] when there is no such mail; [`Failure::Refused`] when it still cannot be taken,
/// with why; what the store says.
pub async fn retry<E: Env>(env: &E, ses_id: &str, desk: &Desk<'_>) -> Result<Resolved, Failure> {
    let (at, by) = (desk.at, Actor::Staff(desk.member.clone()));
    let asked = MailResolution { at, by, reason: Some(desk.reason.to_owned()) };
    let mut last = None;
    for _ in 0..TAKE_ATTEMPTS_MAX {
        let item = env.store().get(&keys::inbound(ses_id)).await?.ok_or(Failure::NotFound)?;
        let record = Stored::<InboundRecord>::read(&item)?;
        let status = status_of(&record)?;
        if !DeskVerb::Retry.fits(&record.doc, status) {
            // Perhaps an earlier attempt of this very act, whose answer was lost.
            let is_new = last.is_some() && record.doc.resolved.as_ref() == Some(&asked);
            let (ses_id, ticket) = (ses_id.to_owned(), record.doc.ticket);
            return Ok(Resolved { ses_id, status, ticket, is_new });
        }
        let before = Before { rev: record.rev, asked: asked.clone() };
        let (folder, raw) = found(env, ses_id).await?;
        let stored_at = Some(record.doc.received_at);
        match carry_out(env, ses_id, &raw, None, stored_at, Some(&before)).await {
            Ok(Taken { status, ticket }) => {
                put_away(env, folder, ses_id).await;
                return Ok(Resolved { ses_id: ses_id.to_owned(), status, ticket, is_new: true });
            }
            Err(failure) if failure.is_retryable() => last = Some(failure),
            Err(failure) => {
                tracing::error!(ses_id, %failure, "a poison mail could not be taken again");
                let why = format!("sigue sin poder procesarse: {failure}");
                return Err(Failure::Refused(Refusal::new(RefusalCode::Nothing, "M7", why)));
            }
        }
    }
    Err(last.unwrap_or_else(|| Failure::Retryable("somebody else was faster".to_owned())))
}

/// The bytes, and the folder in which they lie.
async fn found<E: Env>(env: &E, ses_id: &str) -> Result<(&'static str, Vec<u8>), Failure> {
    for folder in [POISON, INBOUND] {
        let raw = env.blobs().get(&format!("{folder}{ses_id}")).await;
        if let Some(raw) = raw.map_err(|error| Failure::Retryable(error.to_string()))? {
            return Ok((folder, raw));
        }
    }
    Err(Failure::Fault(format!("the bytes of mail {ses_id} are not there")))
}

/// Moves the object. Where that fails it stays among the poison, where it is found all the same.
async fn put_away<E: Env>(env: &E, folder: &str, ses_id: &str) {
    let (from, to) = (format!("{folder}{ses_id}"), format!("{DONE}{ses_id}"));
    if let Err(error) = env.blobs().rename(&from, &to).await {
        tracing::warn!(ses_id, %error, "a mail that was taken again could not be moved");
    }
}
