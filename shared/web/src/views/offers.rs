//! Costs that a client is asked for: the same day, and the emergency.

use domain::Instant;
use domain::attention::TargetError;
use domain::same_day::accepts;
use domain::ticket::{SameDayAnswer, Ticket, View};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;

crate::codes! {
    /// What became of an offer.
    OfferAnswer {
        /// Nobody has answered.
        None = "none",
        /// Accepted: final.
        Accepted = "accepted",
        /// Declined: may be changed until the limit.
        Declined = "declined",
    }
}

/// The same-day offer (7.2a).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfferView {
    /// It can be accepted before this instant.
    pub limit: Moment,
    /// Price in centavos of MXN, tax included.
    pub price_centavos: i64,
    /// The target once it is accepted.
    pub target: Moment,
    /// What was answered.
    pub answer: OfferAnswer,
    /// Whether it can be accepted now, by a SPoC who may authorise costs.
    pub can_accept: bool,
    /// The offer in words.
    pub text: String,
}

impl OfferView {
    /// As it stands at `now`; none where it can neither be accepted nor was answered.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn of(
        ticket: &Ticket,
        view: &View<'_>,
        open: bool,
        now: Instant,
    ) -> Result<Option<Self>, TargetError> {
        let Some(offer) = view.same_day_offer()? else { return Ok(None) };
        let answer = match &ticket.cycle.same_day {
            None => OfferAnswer::None,
            Some(SameDayAnswer::Accepted { .. }) => OfferAnswer::Accepted,
            Some(SameDayAnswer::Declined { .. }) => OfferAnswer::Declined,
        };
        let from = ticket.cycle.clock_from.unwrap_or(ticket.cycle.received_at);
        let in_time = open && accepts(&offer, from, now);
        let can_accept = in_time && answer != OfferAnswer::Accepted;
        if !can_accept && answer == OfferAnswer::None {
            return Ok(None);
        }
        let text = format!(
            "Atención el mismo día, a más tardar el {}, con un costo adicional de {} (impuestos \
             incluidos). Puede aceptarse antes del {}",
            offer.extended_target.spanish(),
            offer.price,
            offer.limit.spanish(),
        );
        Ok(Some(Self {
            limit: offer.limit.into(),
            price_centavos: offer.price.0,
            target: offer.extended_target.into(),
            answer,
            can_accept,
            text,
        }))
    }
}

/// The cost of the emergency (7.4a).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EmergencyCostView {
    /// Price in centavos of MXN, tax included.
    pub price_centavos: i64,
    /// Until when it can be accepted; null while the incident has not been attended.
    pub limit: Option<Moment>,
    /// When it was accepted.
    pub accepted_at: Option<Moment>,
    /// Whether it can be accepted now, by a SPoC who may authorise costs.
    pub can_accept: bool,
    /// The cost in words.
    pub text: String,
}

impl EmergencyCostView {
    /// As it stands at `now`; none where the póliza or the incident has none.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn of(view: &View<'_>, open: bool, now: Instant) -> Result<Option<Self>, TargetError> {
        let Some(price) = view.immediate_clock().and(view.emergency_price()) else {
            return Ok(None);
        };
        let accepted = view.emergency_cost_accepted_at();
        let limit = view.emergency_cost_limit()?;
        let can_accept = open && accepted.is_none() && limit.is_none_or(|limit| now <= limit);
        let text = match accepted {
            Some(_) => format!("Costo de la emergencia aceptado: {price} (impuestos incluidos)"),
            None => format!(
                "La atención de emergencia tiene un costo de {price} (impuestos incluidos). Ya se está \
                 atendiendo; sin aceptación no hay cargo y el trabajo sigue en el horario ordinario"
            ),
        };
        Ok(Some(Self {
            price_centavos: price.0,
            limit: limit.map(Moment),
            accepted_at: accepted.map(Moment),
            can_accept,
            text,
        }))
    }
}
