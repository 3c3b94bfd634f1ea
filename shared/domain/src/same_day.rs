//! The same-day offer (7.2a).
//!
//! "Mismo día (hasta 17:00): puede aplicar costo adicional."

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::calendar::{Day, OutOfCalendar, WorkCalendar};
use crate::terms::{Centavos, SameDayExtended, Terms};

/// An offer of the same day at an additional cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SameDayOffer {
    /// It can be accepted before this instant: `min(17:00, end(d))`.
    pub limit: Instant,
    /// Its price, tax included.
    pub price: Centavos,
    /// The target once it is accepted: `end(d)`.
    pub extended_target: Instant,
}

/// The offer that the rules make to a request, if any: only between the two cut-offs of a business
/// day with contracted time left, only at a cost, and only while enough contracted time remains
/// until the limit. That the desk has stopped offers for a day (7.6) is for the caller to know.
///
/// # Errors
/// When the receipt lies outside the calendar.
pub fn offer(
    received_at: Instant,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> Result<Option<SameDayOffer>, OutOfCalendar> {
    let day = calendar.day_of(received_at)?;
    match case(received_at, day, terms, calendar) {
        Case::Late => match terms.same_day_extended.value {
            SameDayExtended::WithCost => offer_on(received_at, day, terms, calendar),
            SameDayExtended::Included | SameDayExtended::Unavailable => Ok(None),
        },
        Case::Early | Case::Closed(_) => Ok(None),
    }
}

/// Whether an acceptance counts: receipt ≤ acceptance < limit (7.2a).
#[must_use]
pub fn accepts(offer: &SameDayOffer, received_at: Instant, accepted_at: Instant) -> bool {
    received_at <= accepted_at && accepted_at < offer.limit
}

/// Which case of clause 7 a receipt falls into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// 7.3: nothing is served any more on that day.
    Closed(ClosedBecause),
    /// 7.1: before the first cut-off.
    Early,
    /// 7.2: between the two cut-offs.
    Late,
}

/// Why a day no longer serves a receipt (7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClosedBecause {
    /// It is no business day (1.3).
    NotBusiness,
    /// No contracted time is left on it.
    NoTimeLeft,
    /// It is past the second cut-off.
    PastCutoff,
}

/// The case of a receipt on its local day, in the order of clause 7.
pub(crate) fn case(received_at: Instant, day: Day, terms: &Terms, calendar: &WorkCalendar) -> Case {
    if !calendar.is_business(day) {
        Case::Closed(ClosedBecause::NotBusiness)
    } else if calendar.end_of(day).is_none_or(|end| end <= received_at) {
        Case::Closed(ClosedBecause::NoTimeLeft)
    } else if received_at >= calendar.at_time(day, terms.same_day_extended_cutoff.value) {
        Case::Closed(ClosedBecause::PastCutoff)
    } else if received_at < calendar.at_time(day, terms.same_day_cutoff.value) {
        Case::Early
    } else {
        Case::Late
    }
}

/// The offer for a receipt between the two cut-offs: none when too little contracted time remains.
pub(crate) fn offer_on(
    received_at: Instant,
    day: Day,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> Result<Option<SameDayOffer>, OutOfCalendar> {
    let Some(end) = calendar.end_of(day) else { return Ok(None) };
    let limit = end.min(calendar.at_time(day, terms.same_day_extended_cutoff.value));
    let remaining = calendar.elapsed(received_at, limit)?;
    let enough = remaining >= terms.same_day_offer_minimum.value.delta();
    let price = terms.same_day_surcharge.value;
    Ok(enough.then_some(SameDayOffer { limit, price, extended_target: end }))
}
