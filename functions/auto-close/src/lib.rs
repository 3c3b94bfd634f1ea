//! Reminder and closing after a solution without an answer (9.2 to 9.6).

use app::Failure;
use app::ports::Env;
use app::timers::{self, TimerEvent};

/// Looks at the aggregate that the schedule named. What is done follows from what the store says now,
/// never from what the event claims (A6).
///
/// # Errors
/// What the store says; an event that names no ticket is [`Failure::NotFound`] and is isolated.
pub async fn handle<E: Env>(env: &E, event: &TimerEvent) -> Result<(), Failure> {
    timers::closing(env, &event.aggregate).await
}
