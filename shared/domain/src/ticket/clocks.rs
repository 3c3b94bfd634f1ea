//! Attention clocks and their results.
//!
//! > *7. Mismo día (hasta 14:00): Tickets recibidos antes de esa hora.*
//! >
//! > *2. Millora se obliga a realizar sus mejores esfuerzos profesionales […] sin garantizar la
//! > resolución definitiva de todas las incidencias.*
//!
//! Rules 2.1, 7.8 and 7.9. What is measured is attention: the first substantive act by a person. Each
//! attention clock is a row of its own: the ordinary one, and one for each time that the incident
//! was declared critical. The reply clock is an internal objective.

use super::sending::Counts;
use super::state::{ClockName, Inbound};
use super::view::View;
use crate::Instant;
use crate::attention::{self, AttentionTarget, ReplyTarget, Request};
use crate::explanation::{Step, Trace};
use crate::pauses::TargetError;
use crate::same_day::SameDayOffer;

/// The shortest time there is: a target is missed strictly after its instant (G4).
pub(super) const JUST_AFTER: chrono::TimeDelta = chrono::TimeDelta::milliseconds(1);

/// An attention clock as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionClock {
    /// Which.
    pub name: ClockName,
    /// When it started.
    pub received_at: Instant,
    /// Its target.
    pub target: AttentionTarget,
    /// Its result at the instant that was asked about.
    pub result: ClockResult,
    /// When it becomes a miss if nothing happens; none while it is paused or decided.
    pub misses_at: Option<Instant>,
}

/// What became of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockResult {
    /// Neither met nor missed yet.
    Pending,
    /// Attended at or before its target.
    Met {
        /// The attention.
        attended_at: Instant,
    },
    /// Attended after it, or not at all.
    Missed {
        /// The attention, if there was one later.
        attended_at: Option<Instant>,
    },
    /// Ended before its target because its ground fell away: downgraded, or the service ended.
    Superseded {
        /// When.
        at: Instant,
    },
    /// The ticket closed before its target without attention.
    Closed {
        /// When.
        at: Instant,
    },
}

/// The clock of an unanswered message on an attended ticket (7.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyClock {
    /// Receipt of the first unanswered message.
    pub received_at: Instant,
    /// Its target.
    pub target: ReplyTarget,
}

impl View<'_> {
    /// Every attention clock of the cycle as it stands at `now`; none while the ticket is held.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn clocks(&self, now: Instant) -> Result<Vec<AttentionClock>, TargetError> {
        self.starts().into_iter().map(|(name, from)| self.clock(name, from, now, &mut ())).collect()
    }

    /// Why the target of a clock is what it is, step by step.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn explain(&self, clock: &AttentionClock, now: Instant) -> Result<Vec<Step>, TargetError> {
        let mut steps = Vec::new();
        self.clock(clock.name, clock.received_at, now, &mut steps)?;
        // Which mail paused the clock is said before how far the pauses move it.
        let pauses = steps.iter().position(|step| step.rule == "7.7").unwrap_or(steps.len());
        steps.splice(pauses..pauses, self.explain_confirmations(clock.received_at));
        Ok(steps)
    }

    /// The first substantive act at or after `since`, as far as it is certain (2.1, G15).
    #[must_use]
    pub fn attended_at(&self, since: Instant) -> Option<Instant> {
        let grace = self.agreement.terms.acceptance_grace.value.delta();
        let replies = self.cycle.outbound.iter().filter(|message| message.reply.is_attention());
        let counted = replies.filter_map(|message| match message.counts(grace) {
            Counts::At(at) => Some(at),
            Counts::AwaitingUntil(_) | Counts::OnceAccepted | Counts::Never => None,
        });
        let acts = self.cycle.acts.iter().map(|act| act.started_at);
        counted.chain(acts).filter(|at| *at >= since).min()
    }

    /// The offer of the same day that the rules make to this cycle's receipt (7.2a).
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn same_day_offer(&self) -> Result<Option<SameDayOffer>, TargetError> {
        let ordinary = self.starts().into_iter().find(|(name, _)| *name == ClockName::Ordinary);
        let Some((_, from)) = ordinary.filter(|_| !self.cycle.offers_stopped) else {
            return Ok(None);
        };
        Ok(crate::same_day::offer(from, &self.agreement.terms, &self.agreement.calendar)?)
    }

    /// The reply clock, where a client's message waits for an answer (7.9).
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn reply_clock(&self) -> Result<Option<ReplyClock>, TargetError> {
        let cycle = self.cycle;
        let Some(attended) = self.attended_at(cycle.received_at) else { return Ok(None) };
        if cycle.closure.is_some() {
            return Ok(None);
        }
        let grace = self.agreement.terms.acceptance_grace.value.delta();
        // Of what falls on one instant the event that came first came first.
        let answers = cycle.outbound.iter().filter_map(|message| match message.counts(grace) {
            Counts::At(at) => Some((at, message.seq)),
            Counts::AwaitingUntil(_) => Some((message.committed_at, message.seq)),
            Counts::OnceAccepted | Counts::Never => None,
        });
        let acts = cycle.acts.iter().map(|act| (act.started_at, 0));
        let answered = answers.chain(acts).max().unwrap_or((attended, 0));
        let waits = |it: &&Inbound| !it.thanks && (it.received_at, it.seq) > answered;
        let Some(message) = cycle.inbound.iter().find(waits) else { return Ok(None) };
        // Until an emergency's cost is accepted, work after the first contact follows the ordinary
        // tier (7.4a).
        let paid = self.emergency_price().is_none() || self.emergency_cost_accepted_at().is_some();
        let mut pauses = self.pauses();
        pauses.extend(message.confirmation.map(|it| it.pause()));
        let target = attention::reply_target(
            message.received_at,
            self.immediate_clock().is_some() && paid,
            &self.agreement.terms,
            &self.agreement.calendar,
            &pauses,
            &mut (),
        )?;
        Ok(Some(ReplyClock { received_at: message.received_at, target }))
    }

    /// Whether the ordinary clock runs or has run.
    pub(super) fn ordinary_runs(&self) -> bool {
        self.starts().iter().any(|(name, _)| *name == ClockName::Ordinary)
    }

    /// The clocks of the cycle and their starts (7.8).
    fn starts(&self) -> Vec<(ClockName, Instant)> {
        let cycle = self.cycle;
        let Some(from) = cycle.clock_from else { return Vec::new() };
        // Closed while it was still held: its clock never started (10.5).
        let held = from > cycle.received_at;
        if held && cycle.closure.as_ref().is_some_and(|closure| closure.at <= from) {
            return Vec::new();
        }
        let spells = if self.has_emergency_attention() { cycle.spells.as_slice() } else { &[] };
        // Declared in the request itself: the ordinary tier runs only once that is downgraded.
        let at_once = cycle.reopened_by.is_none()
            && spells.first().is_some_and(|spell| spell.declared_at <= cycle.received_at);
        let downgraded = spells.iter().any(|spell| spell.downgraded_at.is_some());
        let ordinary = (!at_once || downgraded).then_some((ClockName::Ordinary, from));
        let immediate = (0_u8..)
            .zip(spells)
            .map(|(place, spell)| (ClockName::Immediate(place), spell.declared_at.max(from)));
        let taken = (0_u8..)
            .zip(&cycle.taken)
            .map(|(place, taken)| (ClockName::Taken(place), taken.received_at));
        ordinary.into_iter().chain(immediate).chain(taken).collect()
    }

    /// From when on an act is attention for a clock: the request or the declaration, also where the
    /// ticket was held and the clock itself starts later (10.6).
    pub(super) fn attention_since(&self, name: ClockName) -> Instant {
        let declared = match name {
            ClockName::Ordinary => None,
            ClockName::Immediate(place) => {
                self.cycle.spells.get(usize::from(place)).map(|spell| spell.declared_at)
            }
            // What was done in this ticket before it took the other one in was not for that one.
            ClockName::Taken(_) => self.cycle.taken(name).map(|taken| taken.at),
        };
        declared.unwrap_or(self.cycle.received_at)
    }

    fn clock(
        &self,
        name: ClockName,
        received_at: Instant,
        now: Instant,
        trace: &mut impl Trace,
    ) -> Result<AttentionClock, TargetError> {
        let immediate = matches!(name, ClockName::Immediate(_));
        let taken = self.cycle.taken(name);
        let accepted = self.cycle.same_day_accepted_at().filter(|_| !immediate);
        let mut pauses = self.pauses_of(taken);
        if let Some(decided_at) = self.decided_at(name, now) {
            // What happens to the ticket later moves no target by which a result was decided (G6).
            pauses.retain(|pause| pause.from < decided_at);
            for pause in &mut pauses {
                pause.to = Some(pause.to.map_or(decided_at, |to| to.min(decided_at)));
            }
        }
        let target = if let Some(taken) = taken {
            self.target_of_taken(taken, &pauses, trace)?
        } else {
            let request =
                Request { received_at, immediate, same_day_accepted_at: accepted, pauses: &pauses };
            attention::target(&request, &self.agreement.terms, &self.agreement.calendar, trace)?
        };
        let (result, misses_at) = self.result(name, &target, now);
        Ok(AttentionClock { name, received_at, target, result, misses_at })
    }

    /// The result of a clock at `now`, and when it becomes a miss if nothing happens (G7).
    fn result(
        &self,
        name: ClockName,
        target: &AttentionTarget,
        now: Instant,
    ) -> (ClockResult, Option<Instant>) {
        let since = self.attention_since(name);
        let attended = self.attended_at(since);
        let in_time = |at: Instant| target.target.is_none_or(|target| at <= target);
        let end = self.end_of_clock(name);
        let ended_first = end.filter(|(at, _)| attended.is_none_or(|attended| *at < attended));
        if let Some((at, result)) = ended_first.filter(|(at, _)| in_time(*at)) {
            // The end of the service may lie ahead: until then nothing is decided.
            return (if at <= now { result } else { ClockResult::Pending }, None);
        }
        if let Some(attended_at) = attended {
            return if in_time(attended_at) {
                (ClockResult::Met { attended_at }, None)
            } else {
                (ClockResult::Missed { attended_at: Some(attended_at) }, None)
            };
        }
        let Some(target) = target.target else { return (ClockResult::Pending, None) };
        // A reply that was committed in time and is neither accepted nor failed may still count.
        let awaited = self.awaited_until(since, target);
        let misses_at = awaited.map_or(target, |until| until.max(target)) + JUST_AFTER;
        let result = if now >= misses_at {
            ClockResult::Missed { attended_at: None }
        } else {
            ClockResult::Pending
        };
        (result, Some(misses_at))
    }

    /// When attention, or what ends the clock without it, decided what became of it; none while nothing
    /// has.
    fn decided_at(&self, name: ClockName, now: Instant) -> Option<Instant> {
        let attended = self.attended_at(self.attention_since(name));
        let ended = self.end_of_clock(name).map(|(at, _)| at);
        attended.into_iter().chain(ended.filter(|at| *at <= now)).min()
    }

    /// What ends a clock without attention: its downgrade, the end of the service, the closing.
    fn end_of_clock(&self, name: ClockName) -> Option<(Instant, ClockResult)> {
        let downgraded = match name {
            ClockName::Ordinary | ClockName::Taken(_) => None,
            ClockName::Immediate(place) => {
                self.cycle.spells.get(usize::from(place)).and_then(|spell| spell.downgraded_at)
            }
        };
        let ended = self.service_ended();
        let superseded = downgraded.into_iter().chain(ended).min();
        let closed = self.cycle.closure.as_ref().map(|closure| closure.at);
        let superseded = superseded.map(|at| (at, ClockResult::Superseded { at }));
        let closed = closed.map(|at| (at, ClockResult::Closed { at }));
        superseded.into_iter().chain(closed).min_by_key(|(at, _)| *at)
    }

    /// Until when the latest of the replies that were committed in time must be accepted to count,
    /// while none of them is accepted or failed.
    fn awaited_until(&self, since: Instant, target: Instant) -> Option<Instant> {
        let grace = self.agreement.terms.acceptance_grace.value.delta();
        let replies = self.cycle.outbound.iter().filter(|message| {
            message.reply.is_attention() && (since..=target).contains(&message.committed_at)
        });
        let open = replies.filter_map(|message| match message.counts(grace) {
            Counts::AwaitingUntil(until) => Some(until),
            Counts::At(_) | Counts::OnceAccepted | Counts::Never => None,
        });
        open.max()
    }
}
