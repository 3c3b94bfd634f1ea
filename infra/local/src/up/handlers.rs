//! The one place that calls the functions: the same handlers as deployed, with the same events.
//!
//! The bundle and the simulation go through here alike. A failure is logged here, once; what follows
//! from it is the caller's affair.

use app::item::Key;
use app::ports::{Env, Wake};
use app::relay::{StreamBatch, StreamRecord};
use app::timers::TimerEvent;
use serde_json::Value;

/// Hands changes to `outbox-relay`; returns the positions of those that failed.
pub(crate) async fn relay<E: Env>(env: &E, changes: &[(Key, String)]) -> Vec<String> {
    let records =
        changes.iter().map(|(key, sequence)| StreamRecord::new(key, sequence.as_str())).collect();
    let response = outbox_relay::handle(env, &StreamBatch { records }).await;
    response.failures.into_iter().map(|failure| failure.sequence_number).collect()
}

/// Wakes `sla-timer` or `auto-close`.
pub(crate) async fn timer<E: Env>(env: &E, wake: &Wake) {
    let event =
        TimerEvent { function: wake.function.name().to_owned(), aggregate: wake.pk.clone() };
    let result = match wake.function {
        app::ports::TimerFunction::SlaTimer => sla_timer::handle(env, &event).await,
        app::ports::TimerFunction::AutoClose => auto_close::handle(env, &event).await,
    };
    if let Err(failure) = result {
        tracing::warn!(function = wake.function.name(), pk = wake.pk, %failure, "a wake-up failed");
    }
}

/// Hands an event of the mail service to `mail-events`; returns whether it was taken.
pub(crate) async fn mail_event<E: Env>(env: &E, event: &Value) -> bool {
    let parsed = match serde_json::from_value(event.clone()) {
        Ok(parsed) => parsed,
        Err(error) => {
            tracing::error!(%error, "mail-events does not understand an event of this bundle");
            return false;
        }
    };
    match mail_events::handle(env, &parsed).await {
        Ok(()) => true,
        Err(failure) => {
            tracing::warn!(%failure, "an event of a mail was not taken");
            false
        }
    }
}

/// Runs `sweep`.
pub(crate) async fn sweep<E: Env>(env: &E) {
    match sweep::handle(env).await {
        Ok(report) if report.failed > 0 => {
            tracing::warn!(failed = report.failed, worked = report.worked, "a sweep left work");
        }
        Ok(report) => tracing::debug!(worked = report.worked, "swept"),
        Err(failure) => tracing::warn!(%failure, "a sweep failed"),
    }
}

/// Runs `payment-due` and `renewal-notice`.
pub(crate) async fn ladders<E: Env>(env: &E) {
    let payment = payment_due::handle(env).await;
    let renewal = renewal_notice::handle(env).await;
    for (function, result) in [("payment-due", payment), ("renewal-notice", renewal)] {
        match result {
            Ok(run) if run.failed > 0 => {
                tracing::warn!(function, failed = run.failed, worked = run.worked, "work is left");
            }
            Ok(run) => tracing::debug!(function, worked = run.worked, "accounts were looked at"),
            Err(failure) => tracing::warn!(function, %failure, "a run failed"),
        }
    }
}

/// Hands an event of the mail service about a mail that came in to `intake-mail`; returns whether it
/// was taken.
pub(crate) async fn mail_in<E: Env>(env: &E, event: &Value) -> bool {
    match intake_mail::handle(env, event).await {
        Ok(()) => true,
        Err(failure) => {
            tracing::warn!(%failure, "a mail that came in was not taken");
            false
        }
    }
}
