//! A ticket while the póliza is not served, and when it is served again.
//!
//! > *10. Falta de pago suspende el soporte.*
//! >
//! > *10. Reactivaciones están sujetas a disponibilidad y condiciones vigentes.*
//!
//! Rule 10.5. The client may read, answer, confirm and withdraw. An opening or a reply that reopens is
//! held: no clock, no page. For every clock a suspension is a pause. Nothing is deleted.

use super::decide::{Act, Outcome};
use super::event::Fact;
use super::limits::SPANS_MAX;
use super::notice::Content;
use super::refusal::{Refusal, RefusalCode};
use crate::standing::{self, Span, StandingCause};
use crate::{Instant, SpocId};

impl Act<'_> {
    /// Why the póliza was not served at `at`, as the client's gate says now.
    pub(super) fn standing_at(&self, at: Instant) -> Option<StandingCause> {
        self.scene.gate.closed_at(at)
    }

    /// Refuses what a client may not do while the póliza is not served.
    pub(super) fn require_service(&self, at: Instant) -> Outcome {
        match self.standing_at(at) {
            None => Ok(()),
            Some(cause) => Err(Refusal::new(
                RefusalCode::Suspended,
                "10.5",
                format!("no es posible ahora: {}", cause.spanish()),
            )
            .into()),
        }
    }

    /// Brings a newer gate into the ticket, and a clock that was held into its course, before anything else
    /// is decided on it.
    pub(super) fn apply_standing(&mut self) -> Outcome {
        let gate = self.scene.gate;
        if gate.rev > self.ticket.standing_rev {
            let spans = touching(&gate.spans, self.ticket.opened.received_at);
            self.record(Fact::StandingApplied { rev: gate.rev, spans });
        }
        self.start_held_clock()
    }

    /// A held ticket's clock starts at the instant at which the póliza became active again (10.6),
    /// which may already have passed when a late request or reply is handled.
    pub(super) fn start_held_clock(&mut self) -> Outcome {
        let cycle = &self.ticket.cycle;
        if cycle.clock_from.is_some() {
            return Ok(());
        }
        let now = self.now();
        let served = standing::served_from(&self.scene.gate.spans, cycle.received_at);
        let Some(at) = served.filter(|at| *at <= now) else { return Ok(()) };
        // What was closed while it was held never had a clock.
        let closed_at = cycle.closure.as_ref().map(|closure| closure.at);
        if closed_at.is_some_and(|closed_at| closed_at <= at) {
            return Ok(());
        }
        let known =
            self.scene.reactivations.iter().find(|(reactivated_at, _)| *reactivated_at == at);
        let pinned = known.map_or(self.scene.fresh, |(_, agreement)| agreement).pinned.clone();
        let offers_stopped = self.scene.offers_stopped;
        self.record(Fact::ClockStarted { at, pinned, offers_stopped });
        if closed_at.is_some() {
            return Ok(());
        }
        let promise = self.promise(None)?;
        self.tell_followers(at, None, Content::ClockStarted { promise: promise.clone() });
        self.tell_desk(at, Content::DeskReactivated { promise });
        self.offer_same_day(now)?;
        self.page_if_due()?;
        self.ask_for_emergency_cost(now);
        Ok(())
    }

    /// One notice per SPoC and local day, only on days on which he writes: the day's start is the
    /// instant in the notice's key.
    pub(super) fn tell_not_served(&mut self, spoc: SpocId, at: Instant, cause: StandingCause) {
        let midnight = at.date().and_time(chrono::NaiveTime::MIN);
        self.tell(spoc, Instant::from_local(midnight), Some(0), Content::NotServed { cause });
    }
}

/// The spans that touch `[from, ∞)`; of too many the oldest ended ones leave.
pub(super) fn touching(spans: &[Span], from: Instant) -> Vec<Span> {
    let touches = |span: &&Span| span.to.is_none_or(|to| to > from);
    let mut spans: Vec<Span> = spans.iter().filter(touches).cloned().collect();
    while spans.len() > SPANS_MAX {
        let ended = spans.iter().position(|span| span.to.is_some());
        spans.remove(ended.unwrap_or_default());
    }
    spans
}
