//! What time brings to accounts (10.4, 10.8): found in the index `due`, never by a walk over clients.
//!
//! `payment-due` and `renewal-notice` run on schedules and work through what is due; the sweep finds
//! the instants between. One client's trouble stops no other, and a run that dies goes on in the next.

use domain::Actor;
use domain::account::{Command, Concern, Timers};

use super::execute;
use super::plan::Act;
use super::records::AccountHead;
use crate::codec::Stored;
use crate::failure::Failure;
use crate::item::{DUE_SHARDS, Key};
use crate::keys;
use crate::limits::SWEEP_PAGE;
use crate::ports::{Clock, Env, Store};

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run {
    /// Accounts that were looked at.
    pub worked: usize,
    /// Those that failed and stay due.
    pub failed: usize,
}

/// Works through the accounts that are due.
///
/// # Errors
/// When the index cannot be read. What fails for one account is counted and logged.
pub async fn run<E: Env>(env: &E, concern: Concern) -> Result<Run, Failure> {
    let now = env.clock().now();
    let mut run = Run::default();
    for shard in 0..DUE_SHARDS {
        let mut after = None;
        loop {
            let page = env.store().due(shard, now, SWEEP_PAGE, after.as_deref()).await?;
            let accounts = page.items.iter().filter(|entry| is_account(&entry.key));
            for entry in accounts {
                run.worked += 1;
                if let Err(failure) = tick(env, &entry.key, concern).await {
                    run.failed += 1;
                    let pk = &entry.key.pk;
                    tracing::error!(pk, %failure, "a due account could not be worked");
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
    }
    Ok(run)
}

fn is_account(key: &Key) -> bool {
    key.sk == keys::HEAD && keys::account_of(&key.pk).is_some()
}

/// Looks at the account whose head is due for whatever of it is due.
///
/// # Errors
/// What the store says.
pub async fn tick_due<E: Env>(env: &E, key: &Key) -> Result<(), Failure> {
    for concern in [Concern::Payment, Concern::Renewal] {
        tick(env, key, concern).await?;
    }
    Ok(())
}

/// What is done follows from what the store says now, so that a tick that comes early, late or twice
/// changes nothing wrongly.
async fn tick<E: Env>(env: &E, key: &Key, concern: Concern) -> Result<(), Failure> {
    let Some(item) = env.store().get(key).await? else { return Ok(()) };
    let head = Stored::<AccountHead>::read(&item)?.doc;
    let due = Timers::from(head.wake).of(concern);
    if due.is_none_or(|at| at > env.clock().now()) {
        return Ok(());
    }
    let act = Act::new(head.account.client, Command::Tick(concern), Actor::System);
    execute(env, &act).await.map(|_| ())
}
