//! What a payment settles, or would (10.2).

use domain::account::View;
use domain::billing::Month;
use domain::terms::Centavos;
use domain::{Actor, ClientId, Instant};

use super::NewPayment;
use super::plan::{self, Loaded, load, preview};
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

/// What a payment would settle if it were recorded now, without recording it; none where it is recorded
/// already. `loaded` is from then on the account as it would be, so that of several payments each is
/// judged after those before it.
///
/// # Errors
/// As [`super::record_payment`].
pub async fn would_settle<E: Env>(
    env: &E,
    loaded: &mut Loaded,
    new: &NewPayment,
    by: Actor,
) -> Result<Option<Settled>, Failure> {
    let act = new.act(by);
    if let Some(head) = &loaded.head
        && plan::recorded_before(env, &head.doc.account, &act.command).await?
    {
        return Ok(None);
    }
    let known = loaded.head.as_ref().and_then(|head| head.doc.account.payment(&new.reference));
    let is_known = known.is_some();
    let decision = preview(env, loaded, &act)?;
    loaded.become_of(decision);
    if is_known {
        return Ok(None);
    }
    let view = loaded.view().ok_or(Failure::NotFound)?;
    of(&view, &new.reference, env.clock().now()).map(Some)
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
