//! Acts on the same-day offer, and the charge that an accepted cost makes.
//!
//! > *7. Mismo día (hasta 17:00): Puede aplicar costo adicional.*
//!
//! Rules 7.2a and 7.4a. An acceptance is final; a decline may be changed until the limit. There is
//! exactly one charge, which accrues only if the clock that was paid for is met.

use super::clocks::{AttentionClock, ClockResult};
use super::decide::{Act, Outcome};
use super::event::{ClosureReason, Fact};
use super::notice::{Content, OfferContent};
use super::refusal::{Refusal, RefusalCode};
use super::state::{ClockName, SameDayAnswer};
use super::view::View;
use crate::evidence::TextDigest;
use crate::pauses::TargetError;
use crate::same_day::{SameDayOffer, accepts};
use crate::terms::Centavos;
use crate::{Instant, Power, SpocId};

/// A charge for an accepted cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// What it is for.
    pub kind: ChargeKind,
    /// Its amount, with tax.
    pub amount: Centavos,
    /// The act that accepted it.
    pub accepted_at: Instant,
    /// Whether it is owed.
    pub state: ChargeState,
}

/// What a charge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeKind {
    /// The same day (7.2a).
    SameDay,
    /// The emergency (7.4a).
    Emergency,
}

/// Whether a charge is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeState {
    /// The clock that was paid for is still running.
    Pending,
    /// It was met: the charge is owed.
    Accrued,
    /// It was missed, withdrawn, merged or downgraded: nothing is owed.
    Void,
    /// The desk gave it up.
    Waived,
}

impl View<'_> {
    /// The charges of the cycle as they stand at `now`.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn charges(&self, now: Instant) -> Result<Vec<Charge>, TargetError> {
        let clocks = self.clocks(now)?;
        let mut charges = Vec::new();
        let offer = self.same_day_offer()?;
        if let (Some(accepted_at), Some(offer)) = (self.cycle.same_day_accepted_at(), offer) {
            let clock = clocks.iter().find(|clock| clock.name == ClockName::Ordinary);
            let state = self.charge_state(clock);
            let kind = ChargeKind::SameDay;
            charges.push(Charge { kind, amount: offer.price, accepted_at, state });
        }
        let accepted = self.cycle.emergency_cost_accepted_at;
        if let (Some(accepted_at), Some(amount)) = (accepted, self.emergency_price()) {
            let clock = clocks.iter().rfind(|clock| clock.name.is_immediate());
            let state = if self.emergency_cost_accepted_at().is_some() {
                self.charge_state(clock)
            } else {
                ChargeState::Void
            };
            charges.push(Charge { kind: ChargeKind::Emergency, amount, accepted_at, state });
        }
        Ok(charges)
    }

    fn charge_state(&self, clock: Option<&AttentionClock>) -> ChargeState {
        let withdrawn = self.cycle.closure.as_ref().is_some_and(|closure| {
            matches!(closure.reason, ClosureReason::Withdrawn | ClosureReason::Merged)
        });
        if self.cycle.charge_waived {
            return ChargeState::Waived;
        }
        match clock.map(|clock| clock.result) {
            _ if withdrawn => ChargeState::Void,
            Some(ClockResult::Pending) => ChargeState::Pending,
            Some(ClockResult::Met { .. }) => ChargeState::Accrued,
            Some(
                ClockResult::Missed { .. }
                | ClockResult::Superseded { .. }
                | ClockResult::Closed { .. },
            )
            | None => ChargeState::Void,
        }
    }
}

impl Act<'_> {
    /// Tells everybody who may accept that the same day is offered, while it can still be accepted.
    pub(super) fn offer_same_day(&mut self, at: Instant) -> Outcome {
        let view = self.view();
        let unanswered = view.cycle.same_day.is_none() && view.cycle.closure.is_none();
        let served = self.standing_at(at).is_none();
        let makes = |offer: &SameDayOffer| unanswered && served && at < offer.limit;
        let Some(offer) = view.same_day_offer()?.filter(makes) else {
            return Ok(());
        };
        let content = OfferContent {
            limit: offer.limit,
            price: offer.price,
            same_day_target: offer.extended_target,
        };
        for spoc in self.spocs_with(Power::AuthoriseCost, at) {
            self.tell(spoc, offer.limit, None, Content::SameDayOffer { offer: content });
        }
        Ok(())
    }

    pub(super) fn accept_same_day(&mut self, at: Instant, by: &SpocId) -> Outcome {
        self.require(by, Power::AuthoriseCost, at, "7.2a")?;
        self.require_service(at)?;
        self.require_open_ticket(at)?;
        let before = self.ticket.cycle.same_day_accepted_at();
        if before.is_some_and(|before| before <= at) {
            return Ok(());
        }
        let offer = self.standing_offer(at)?;
        self.record(Fact::SameDayAccepted { at, by: by.clone() });
        if before.is_some() {
            // Of several acceptances the first one received counts; everybody was told already.
            return Ok(());
        }
        let content =
            Content::SameDayAccepted { target: offer.extended_target, price: offer.price };
        self.tell_followers(at, None, content);
        Ok(())
    }

    pub(super) fn decline_same_day(&mut self, at: Instant, by: &SpocId) -> Outcome {
        self.require(by, Power::AuthoriseCost, at, "7.2a")?;
        self.require_open_ticket(at)?;
        match self.ticket.cycle.same_day {
            Some(SameDayAnswer::Accepted { .. }) => {
                return Err(Refusal::new(
                    RefusalCode::Final,
                    "7.2a",
                    "el mismo día ya fue aceptado y la aceptación es definitiva",
                )
                .into());
            }
            Some(SameDayAnswer::Declined { .. }) => return Ok(()),
            None => {}
        }
        self.standing_offer(at)?;
        self.record(Fact::SameDayDeclined { at, by: by.clone() });
        Ok(())
    }

    /// The offer, if it can be answered at `at`.
    fn standing_offer(&self, at: Instant) -> Result<SameDayOffer, super::DecideError> {
        let view = self.view();
        let from = view.cycle.clock_from.unwrap_or(view.cycle.received_at);
        let offer = view.same_day_offer()?;
        match offer {
            Some(offer) if accepts(&offer, from, at) => Ok(offer),
            Some(offer) => Err(Refusal::new(
                RefusalCode::NoOffer,
                "7.2a",
                format!("el límite para aceptar el mismo día era {}", offer.limit.spanish()),
            )
            .into()),
            None => Err(Refusal::new(
                RefusalCode::NoOffer,
                "7.2a",
                "este ticket no tiene un ofrecimiento de mismo día con costo adicional",
            )
            .into()),
        }
    }

    pub(super) fn waive_charge(&mut self, text: TextDigest) -> Outcome {
        let accepted = self.ticket.cycle.same_day_accepted_at();
        if accepted.or(self.ticket.cycle.emergency_cost_accepted_at).is_none() {
            return Err(Refusal::new(
                RefusalCode::Nothing,
                "7.2a",
                "no hay un cargo aceptado en este ciclo",
            )
            .into());
        }
        if !self.ticket.cycle.charge_waived {
            self.record(Fact::ChargeWaived { text });
        }
        Ok(())
    }
}
