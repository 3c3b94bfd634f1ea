//! The bucket as the queue of record: whatever lies under `inbound/` is taken, whether its event came or
//! not, and what cannot be taken is set aside and blocks nothing.

use domain::Instant;
use domain::inbound::{MailContent, MailNotice, MailRecipient};
use serde::{Deserialize, Serialize};

use super::{INBOUND, Taken, attempt, carry, put_away, recorded};
use crate::codec::{Document, Stored};
use crate::commit::{Commit, CommitError, Condition, Write};
use crate::failure::Failure;
use crate::keys;
use crate::limits::{BARRIER_MAILS_MAX, SETTLING, SWEEP_MAILS_MAX, TRIES_KEPT, TRIES_MAX};
use crate::ports::{BlobInfo, Blobs, Clock, Env, Store};
use crate::records::{InboundRecord, MailStatus, inbound_item, mail_notice};

/// How often taking a mail was begun and did not end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tries {
    n: u32,
}

impl Document for Tries {}

/// What was done with what lay in the bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Mails that have an outcome now.
    pub taken: usize,
    /// Mails that failed and still lie there.
    pub failed: usize,
    /// There was more than one run takes.
    pub more: bool,
}

/// Takes what has lain in the bucket for a while: its event was lost, or failed.
///
/// # Errors
/// When the bucket cannot be listed. What fails for one mail is counted and logged.
pub async fn take_waiting<E: Env>(env: &E) -> Result<Cleared, Failure> {
    clear(env, env.clock().now() - SETTLING, SWEEP_MAILS_MAX).await
}

/// Takes what was received before `at`, since it may be the answer that keeps a ticket from closing;
/// whether nothing is left of it, so that the ticket may close (9.6).
///
/// # Errors
/// When the bucket cannot be listed.
pub async fn clear_before_closing<E: Env>(env: &E, at: Instant) -> Result<bool, Failure> {
    let cleared = clear(env, at, BARRIER_MAILS_MAX).await?;
    Ok(cleared.failed == 0 && !cleared.more)
}

async fn clear<E: Env>(env: &E, until: Instant, mails_max: u32) -> Result<Cleared, Failure> {
    let mut cleared = Cleared::default();
    let mut after: Option<String> = None;
    loop {
        let page = env.blobs().list(INBOUND, after.as_deref(), mails_max).await;
        let page = page.map_err(|error| Failure::Retryable(error.to_string()))?;
        for blob in page.items.iter().filter(|blob| is_older(blob, until)) {
            let Some(ses_id) = blob.key.strip_prefix(INBOUND) else { continue };
            if cleared.taken + cleared.failed >= mails_max as usize {
                cleared.more = true;
                return Ok(cleared);
            }
            match try_once(env, ses_id, blob.last_modified).await {
                Ok(_) => cleared.taken += 1,
                Err(failure) => {
                    cleared.failed += 1;
                    tracing::error!(ses_id, %failure, "a mail in the bucket could not be taken");
                }
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(cleared),
        }
    }
}

/// One whose store does not tell its age is old.
fn is_older(blob: &BlobInfo, until: Instant) -> bool {
    blob.last_modified.is_none_or(|at| at <= until)
}

/// Takes a mail, counted before it is begun: one that kills whoever reads it is counted as well.
async fn try_once<E: Env>(
    env: &E,
    ses_id: &str,
    stored_at: Option<Instant>,
) -> Result<Taken, Failure> {
    if let Some(taken) = recorded(env, ses_id).await? {
        return Ok(taken);
    }
    let tries = tries(env, ses_id).await?;
    if tries.doc.n >= TRIES_MAX {
        let why = "it was begun too often and never ended";
        return poison(env, ses_id, why, stored_at).await;
    }
    count(env, ses_id, tries, 1).await?;
    let failure = match attempt(env, ses_id, None, stored_at).await {
        Ok(taken) => return Ok(taken),
        Err(failure) => failure,
    };
    let tries = self::tries(env, ses_id).await?;
    if failure.is_retryable() {
        // The world was in the way, not the mail.
        count(env, ses_id, tries, -1).await?;
        return Err(failure);
    }
    if tries.doc.n >= TRIES_MAX {
        return poison(env, ses_id, &failure.to_string(), stored_at).await;
    }
    Err(failure)
}

/// Counts a failure that will not pass; after the last one the mail is set aside.
pub(super) async fn failed<E: Env>(
    env: &E,
    ses_id: &str,
    failure: Failure,
) -> Result<Taken, Failure> {
    let tries = tries(env, ses_id).await?;
    let is_last = tries.doc.n + 1 >= TRIES_MAX;
    count(env, ses_id, tries, 1).await?;
    if is_last { poison(env, ses_id, &failure.to_string(), None).await } else { Err(failure) }
}

async fn tries<E: Env>(env: &E, ses_id: &str) -> Result<Stored<Tries>, Failure> {
    match env.store().get(&keys::tries(ses_id)).await? {
        Some(item) => Stored::read(&item),
        None => Ok(Stored::new(Tries::default())),
    }
}

async fn count<E: Env>(
    env: &E,
    ses_id: &str,
    mut tries: Stored<Tries>,
    by: i32,
) -> Result<(), Failure> {
    tries.doc.n = tries.doc.n.saturating_add_signed(by);
    let mut item = tries.item(keys::tries(ses_id), env.settings().write_schema)?;
    item.expires_at = Some(env.clock().now() + TRIES_KEPT);
    let writes = vec![Write::Put { item, when: Condition::unchanged(tries.rev) }];
    match env.store().commit(&Commit { writes }).await {
        // Somebody else tries the same mail: one of the two counts.
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(
            error @ (CommitError::Retryable(_) | CommitError::Unknown(_) | CommitError::Fault(_)),
        ) => Err(error.into()),
    }
}

/// Sets a mail aside that could not be taken, and tells the desk (M7). Where it is known when its object
/// was stored, that is when it came.
async fn poison<E: Env>(
    env: &E,
    ses_id: &str,
    why: &str,
    stored_at: Option<Instant>,
) -> Result<Taken, Failure> {
    tracing::error!(ses_id, why, "a mail is poison");
    let (now, schema) = (env.clock().now(), env.settings().write_schema);
    let status = MailStatus::Poison;
    let received_at = stored_at.unwrap_or(now);
    let record =
        InboundRecord { problem: Some(why.to_owned()), ..carry::unread(ses_id, received_at, "M7") };
    let item = inbound_item(&Stored::new(record), status, schema)?;
    let content = MailContent::DeskPoison;
    let notice = MailNotice { to: MailRecipient::Desk, due: now, content };
    let told = mail_notice(&item.key.pk, notice, now, schema)?;
    let writes = vec![Write::Put { item, when: Condition::Absent }, told];
    match env.store().commit(&Commit { writes }).await {
        Ok(()) => {}
        Err(CommitError::Conflict(_)) => {
            let taken = recorded(env, ses_id).await?;
            return taken.ok_or_else(|| Failure::Retryable("its record is not there".to_owned()));
        }
        Err(
            error @ (CommitError::Retryable(_) | CommitError::Unknown(_) | CommitError::Fault(_)),
        ) => return Err(error.into()),
    }
    put_away(env, ses_id, status).await;
    Ok(Taken { status, ticket: None })
}
