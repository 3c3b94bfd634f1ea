//! What a payment settles, or would (10.2).

use domain::account::View;
use domain::billing::Month;
use domain::terms::Centavos;
use domain::{Actor, ClientId, Instant};

use super::NewPayment;
use super::plan::{self, load, preview};
use crate::failure::Failure;
use crate::ports::{Clock, Env};

/// What a payment settles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The months, oldest first.
    pub months: Vec<Month>,
    /// What of it waits for the next month to fall due.
    pub waiting: Centavos,
}

/// What a payment that was recorded settles, as it stands now.
///
/// # Errors
/// What the store says; [`Failure::NotFound`] where there is no such account.
pub async fn settled<E: Env>(
    env: &E,
    client: &ClientId,
    reference: &str,
) -> Result<Settled, Failure> {
    let loaded = load(env, client).await?;
    let view = loaded.view().ok_or(Failure::NotFound)?;
    of(&view, reference, env.clock().now())
}

/// What a payment would settle if it were recorded now by itself, without recording it; none where it is
/// recorded already.
///
/// # Errors
/// As [`super::record_payment`].
pub async fn would_settle<E: Env>(
    env: &E,
    new: &NewPayment,
    by: Actor,
) -> Result<Option<Settled>, Failure> {
    let act = new.act(by);
    let loaded = load(env, &new.client).await?;
    if let Some(head) = &loaded.head
        && plan::recorded_before(env, &head.doc.account, &act.command).await?
    {
        return Ok(None);
    }
    let decision = preview(env, &loaded, &act)?;
    let known = loaded.head.as_ref().and_then(|head| head.doc.account.payment(&new.reference));
    if known.is_some() {
        return Ok(None);
    }
    of(&loaded.after(&decision.account), &new.reference, env.clock().now()).map(Some)
}

fn of(view: &View<'_>, reference: &str, now: Instant) -> Result<Settled, Failure> {
    let allocation = view.allocation(now).map_err(|error| Failure::Fault(error.to_string()))?;
    let months = allocation.months.iter();
    let months = months.filter(|(_, parts)| parts.iter().any(|part| part.reference == reference));
    let months = months.map(|(month, _)| *month).collect();
    let waits = allocation.waiting.iter().filter(|it| it.reference == reference);
    let waiting = Centavos(waits.fold(0, |sum, it| sum.saturating_add(it.amount.0)));
    Ok(Settled { months, waiting })
}
