//! A SPoC confirms the solution or withdraws the request.
//!
//! > *9. Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado.*
//!
//! Rules 9.0a, 9.6 and G7. Of several closings the first one received counts, in whatever order they come
//! to light: an act that was received before a recorded closing takes its place. One that finds the
//! ticket closed changes nothing, and is kept: should that closing never have been, the act counts from
//! its own receipt.

use super::decide::{Act, Outcome};
use super::event::{ClosureReason, Fact, ReplyKind};
use super::refusal::DecideError;
use super::state::{AskedClosing, Cycle};
use super::view::View;
use crate::{Instant, Power, SpocId};

impl<'a> View<'a> {
    /// The first closing that a person asked for in this cycle and whose ground is there.
    pub(super) fn asked_closing(&self) -> Option<&'a AskedClosing> {
        let since = self.cycle.received_at;
        self.cycle.asked.iter().find(|it| it.at >= since && self.has_ground(it))
    }

    /// Whether a person could close then for that reason (9.0a).
    fn has_ground(&self, asked: &AskedClosing) -> bool {
        let at = asked.at;
        match asked.reason {
            ClosureReason::Confirmed => self.is_solved_at(at),
            ClosureReason::Withdrawn | ClosureReason::NotARequest => true,
            ClosureReason::OutOfScope => self.cycle.outbound.iter().any(|message| {
                let sent = message.started_at().is_some_and(|sent| sent <= at);
                message.reply == ReplyKind::ScopeDecision && sent
            }),
            ClosureReason::ServiceEnded => self.service_ended().is_some_and(|ended| ended <= at),
            // Asked of the facts, never of a person; merged for good.
            ClosureReason::Auto | ClosureReason::NoAnswer | ClosureReason::Merged => false,
        }
    }
}

impl Act<'_> {
    pub(super) fn confirm(&mut self, at: Instant, by: &SpocId) -> Outcome {
        self.require(by, Power::Open, at, "1.5")?;
        self.spoc_closes(ClosureReason::Confirmed, at, by)
    }

    pub(super) fn withdraw(&mut self, at: Instant, by: &SpocId) -> Outcome {
        self.require(by, Power::Open, at, "1.5")?;
        self.spoc_closes(ClosureReason::Withdrawn, at, by)
    }

    /// Closes the cycle to which the act belongs, or keeps the act beside the closing that is recorded
    /// for it; [`Act::settle_closings`] then finds which of the two counts.
    fn spoc_closes(&mut self, reason: ClosureReason, at: Instant, by: &SpocId) -> Outcome {
        self.record_closing_before(at)?;
        let Some(cycle) = self.cycle_at(at) else { return Ok(()) };
        let view = self.view_of(cycle);
        let needs_solution = reason == ClosureReason::Confirmed;
        let Some(closure) = &cycle.closure else {
            if needs_solution {
                self.require_solution(&view, at)?;
            }
            return self.close(reason, at, None);
        };
        if needs_solution && !view.is_solved_at(at) {
            // Of a closed ticket there is nothing to say against it.
            return if at < closure.at { self.require_solution(&view, at) } else { Ok(()) };
        }
        let closed_so = closure.reason == reason && closure.at <= at;
        let asked_so =
            |it: &AskedClosing| it.reason == reason && it.at <= at && view.has_ground(it);
        if !closed_so && !cycle.asked.iter().any(asked_so) {
            self.record(Fact::ClosingAsked { reason, at, by: by.clone() });
        }
        Ok(())
    }

    /// The cycle to which an act of this receipt belongs: the current one or the one before.
    fn cycle_at(&self, at: Instant) -> Option<&Cycle> {
        let cycles = std::iter::once(&self.ticket.cycle).chain(self.ticket.before.as_deref());
        cycles.into_iter().find(|cycle| at >= cycle.received_at)
    }

    /// A cycle of the ticket under its own agreement.
    pub(super) fn view_of<'b>(&'b self, cycle: &'b Cycle) -> View<'b> {
        let agreement = self.agreement_of(&cycle.pinned);
        View { cycle, spans: &self.ticket.spans, agreement }
    }

    /// A recorded closing before which a person had closed: its cycle and its instant. Where a reply
    /// has begun another cycle since, that reply must be in time after the earlier closing too, for
    /// nothing that a client wrote falls through (9.7).
    pub(super) fn overtaken_closing(&self) -> Result<Option<(u32, Instant)>, DecideError> {
        let earlier = |cycle: &Cycle| {
            let closure = cycle.closure.as_ref()?;
            // Its messages and clocks are another ticket's now: what was merged stays merged (4.5).
            let recorded = (closure.reason != ClosureReason::Merged).then_some(closure.at)?;
            let asked = self.view_of(cycle).asked_closing()?.at;
            (asked < recorded).then_some((asked, recorded))
        };
        if let Some(before) = &self.ticket.before
            && let Some((asked, recorded)) = earlier(before)
            && self.ticket.cycle.received_at < self.view_of(before).reopens_until(asked)?
        {
            return Ok(Some((before.number, recorded)));
        }
        let cycle = &self.ticket.cycle;
        Ok(earlier(cycle).map(|(_, recorded)| (cycle.number, recorded)))
    }
}
