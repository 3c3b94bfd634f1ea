//! The guarantee behind every hint: whatever is due is found in the index `due`.
//!
//! A sweep asks each shard once and works through what is due, by the same use cases as the timers and
//! the relay. Its cost follows what is due, never what exists. One entry's trouble stops no other.

use crate::account;
use crate::attachments;
use crate::editions;
use crate::failure::Failure;
use crate::inbound::{self, Cleared};
use crate::item::{DUE_SHARDS, DueEntry};
use crate::keys;
use crate::limits::{SWEEP_ENTRIES_MAX, SWEEP_PAGE};
use crate::outbox;
use crate::payment_events;
use crate::ports::{Clock, Env, Store};
use crate::standing;
use crate::timers;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Due entries that were worked through.
    pub worked: usize,
    /// Those that failed and stay due.
    pub failed: usize,
    /// There was more than one sweep takes.
    pub more: bool,
    /// Mail that lay in the bucket.
    pub mail: Cleared,
}

/// Takes the mail that lies in the bucket, and then works through everything that is due now: what came
/// in may change what is due.
///
/// # Errors
/// When the bucket or the index cannot be read. What fails for one entry is counted and logged.
pub async fn sweep<E: Env>(env: &E) -> Result<Report, Failure> {
    let mail = inbound::take_waiting(env).await?;
    let until = env.clock().now();
    let mut report = Report { mail, ..Report::default() };
    for shard in 0..DUE_SHARDS {
        let mut after = None;
        loop {
            let page = env.store().due(shard, until, SWEEP_PAGE, after.as_deref()).await?;
            for entry in &page.items {
                if report.worked >= SWEEP_ENTRIES_MAX {
                    report.more = true;
                    return Ok(report);
                }
                report.worked += 1;
                if let Err(failure) = work(env, entry).await {
                    report.failed += 1;
                    let (pk, sk) = (&entry.key.pk, &entry.key.sk);
                    tracing::error!(pk, sk, %failure, "a due entry could not be worked");
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
    }
    Ok(report)
}

async fn work<E: Env>(env: &E, entry: &DueEntry) -> Result<(), Failure> {
    match entry.key.sk.as_str() {
        keys::HEAD if keys::account_of(&entry.key.pk).is_some() => {
            account::tick_due(env, &entry.key).await
        }
        keys::HEAD => timers::tick_due(env, &entry.key).await,
        keys::SPREAD => standing::spread(env, &entry.key).await,
        keys::PAYMENT_EVENT => payment_events::apply(env, &entry.key).await,
        keys::UPLOAD => attachments::lapse(env, &entry.key).await,
        keys::MAIL => inbound::lapse(env, &entry.key).await,
        keys::DIGEST => inbound::tell_held(env, &entry.key).await,
        sk if sk.starts_with(keys::TELL) => editions::tell(env, &entry.key).await,
        sk if sk.starts_with(keys::NOTICES) => outbox::deliver(env, &entry.key).await.map(|_| ()),
        sk => Err(Failure::Fault(format!("nobody knows what to do with a due entry {sk}"))),
    }
}
