//! Timer functions: time passed, record what has become due.
//!
//! The event of a timer is a hint. What is done follows from what the store says at the time, so a
//! timer that fires early, late, twice or about a ticket that is long closed changes nothing wrongly.

use domain::ticket::{Command, Concern};
use serde::{Deserialize, Serialize};

use crate::codec::Stored;
use crate::execute::{self, Act};
use crate::failure::Failure;
use crate::inbound;
use crate::item::Key;
use crate::keys;
use crate::ports::{Clock, Env, Schedules, Store, TimerFunction, Wake as Schedule};
use crate::records::{Head, Wake};

/// What a schedule sends to a timer function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerEvent {
    /// Which function was woken.
    pub function: String,
    /// Partition of the aggregate to look at.
    pub aggregate: String,
}

/// Looks at the ticket's targets, pages and reminders for information.
///
/// # Errors
/// [`Failure::NotFound`] when the event names no ticket, so that it is isolated and not repeated; what
/// the store says otherwise.
pub async fn attention<E: Env>(env: &E, aggregate: &str) -> Result<(), Failure> {
    tick(env, aggregate, Concern::Attention).await
}

/// Looks at the ticket's reminder and closing. Mail that lies in the bucket is taken first, since an
/// answer may be in it.
///
/// # Errors
/// Those of [`attention`].
pub async fn closing<E: Env>(env: &E, aggregate: &str) -> Result<(), Failure> {
    if !inbound::clear_before_closing(env, env.clock().now()).await? {
        // An answer may lie there: the sweep looks again in five minutes (9.6).
        tracing::warn!(aggregate, "mail that was not taken puts a closing off");
        return Ok(());
    }
    tick(env, aggregate, Concern::Closing).await
}

async fn tick<E: Env>(env: &E, aggregate: &str, concern: Concern) -> Result<(), Failure> {
    let reference = keys::ticket_of(aggregate).ok_or(Failure::NotFound)?;
    // Boxed: what lies below is too deep for the compiler to lay out as one state.
    Box::pin(execute::execute(env, &Act::system(reference, Command::Tick(concern)))).await?;
    Ok(())
}

/// Looks at the ticket whose head is due for whatever of it is due.
///
/// # Errors
/// What the store says.
pub async fn tick_due<E: Env>(env: &E, key: &Key) -> Result<(), Failure> {
    let Some(item) = env.store().get(key).await? else { return Ok(()) };
    let wake = Stored::<Head>::read(&item)?.doc.wake;
    let now = env.clock().now();
    if wake.attention.is_some_and(|at| at <= now) {
        attention(env, &key.pk).await?;
    }
    if wake.closing.is_some_and(|at| at <= now) {
        closing(env, &key.pk).await?;
    }
    Ok(())
}

/// Keeps one one-time schedule per function for the ticket whose head lies at `key` (A6).
///
/// # Errors
/// [`Failure::Retryable`] when the scheduler does not answer.
pub async fn schedule<E: Env>(env: &E, key: &Key, wake: &Wake) -> Result<(), Failure> {
    for function in TimerFunction::ALL {
        let at = match function {
            TimerFunction::SlaTimer => wake.attention,
            TimerFunction::AutoClose => wake.closing,
        };
        let name = schedule_name(function, &key.pk);
        let answer = match at {
            Some(at) => {
                let pk = key.pk.clone();
                env.schedules().put(&Schedule { name, at, function, pk }).await
            }
            None => env.schedules().delete(&name).await,
        };
        answer.map_err(|error| Failure::Retryable(error.to_string()))?;
    }
    Ok(())
}

/// Name of a schedule: the function and the aggregate, in the letters that the service takes.
#[must_use]
pub fn schedule_name(function: TimerFunction, pk: &str) -> String {
    format!("{}.{}", function.name(), pk.replace('#', "_"))
}
