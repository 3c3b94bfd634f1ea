//! A mail came in: the mail service stored it in the bucket and tells of it. A SPoC's opens a ticket or
//! answers on one; every other ends where the desk sees it (G10).

use app::ports::Env;
use app::{Failure, InputFault, inbound};
use mail::inbound::Receipt;
use serde_json::Value;

/// Takes each mail of the event. One that fails stops no other; what may pass is told as such, so that
/// the service brings the event again, and the sweep finds the mail in any case.
///
/// # Errors
/// [`Failure::Invalid`] when the event is none of the mail service's; else the first failure, one that
/// may pass before one that will not.
pub async fn handle<E: Env>(env: &E, event: &Value) -> Result<(), Failure> {
    let receipts = Receipt::all_in(&event.to_string())
        .map_err(|error| Failure::Invalid(vec![InputFault::new("Records", error.to_string())]))?;
    let mut failures = Vec::new();
    for receipt in &receipts {
        let ses_id = receipt.ses_id.as_str();
        // Boxed: what a mail causes is nested deeper than the compiler follows.
        match Box::pin(inbound::take(env, ses_id, Some(receipt))).await {
            Ok(taken) => {
                let ticket = taken.ticket.as_ref().map(ToString::to_string);
                tracing::info!(ses_id, outcome = taken.status.word(), ticket, "a mail was taken");
            }
            Err(failure) => {
                tracing::error!(ses_id, %failure, "a mail was not taken");
                failures.push(failure);
            }
        }
    }
    failures.sort_by_key(|failure| !failure.is_retryable());
    failures.into_iter().next().map_or(Ok(()), Err)
}
