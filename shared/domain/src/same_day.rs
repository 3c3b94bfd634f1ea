//! The same-day offer (7.2a).
//!
//! "Mismo día (hasta 17:00): puede aplicar costo adicional."

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::calendar::{OutOfCalendar, WorkCalendar};
use crate::terms::{Centavos, Terms};

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
    let _ = (received_at, terms, calendar);
    unimplemented!()
}

/// Whether an acceptance counts: receipt ≤ acceptance < limit (7.2a).
#[must_use]
pub fn accepts(offer: &SameDayOffer, received_at: Instant, accepted_at: Instant) -> bool {
    received_at <= accepted_at && accepted_at < offer.limit
}
