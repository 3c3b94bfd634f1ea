//! Solution, silence, closing and reopening.
//!
//! > *9. Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado.*
//!
//! Rules 9.0a and 9.2 to 9.7. The silence starts when the message marked as solution is sent. An
//! answer is a human message of a participant. Closed at T is true from T on even if the closer is
//! late; a reply received before T undoes the closing, one received later reopens the ticket in a new
//! cycle.

use super::decide::{Act, Outcome};
use super::event::{ClosureReason, Fact, ReplyKind};
use super::notice::Content;
use super::refusal::{DecideError, Refusal, RefusalCode};
use super::state::{Closure, Outbound};
use super::view::View;
use crate::auto_close::{AutoClose, auto_close, reopening_window_end};
use crate::evidence::TextDigest;
use crate::explanation::{Step, Trace};
use crate::pauses::TargetError;
use crate::{Instant, Power, SpocId, standing};

/// The silence after the latest solution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence<'a> {
    /// The solution.
    pub solution: &'a Outbound,
    /// When it was sent.
    pub sent_at: Instant,
    /// Closing and reminder.
    pub auto: AutoClose,
}

impl<'a> View<'a> {
    /// The silence that is running or has run out: the latest solution, unless an answer was received
    /// before its closing instant (9.3, 9.4).
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn silence(&self) -> Result<Option<Silence<'a>>, TargetError> {
        let Some((solution, sent_at)) = self.latest_solution() else { return Ok(None) };
        let auto = self.closing_after(sent_at, &mut ())?;
        let answered = self.cycle.inbound.iter().any(|message| {
            !message.thanks
                && message.received_at >= sent_at
                && auto.closing.is_none_or(|closing| message.received_at < closing)
        });
        Ok((!answered).then_some(Silence { solution, sent_at, auto }))
    }

    /// Why the closing and its reminder are when they are.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn explain_closing(&self) -> Result<Vec<Step>, TargetError> {
        let mut steps = Vec::new();
        if let Some(silence) = self.silence()? {
            self.closing_after(silence.sent_at, &mut steps)?;
        }
        Ok(steps)
    }

    /// The closing that is true at `at`, recorded or not (9.6).
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn closed_by(&self, at: Instant) -> Result<Option<Closure>, TargetError> {
        if let Some(closure) = &self.cycle.closure {
            return Ok(Some(closure.clone()));
        }
        let due = self.silence()?.and_then(|silence| silence.auto.closing);
        let due = due.filter(|due| *due <= at);
        Ok(due.map(|at| Closure { reason: ClosureReason::Auto, at }))
    }

    /// Until when a reply reopens the ticket (9.7).
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn reopens_until(&self, closed_at: Instant) -> Result<Instant, TargetError> {
        let Self { agreement, .. } = self;
        Ok(reopening_window_end(closed_at, &agreement.terms, &agreement.calendar)?)
    }

    fn latest_solution(&self) -> Option<(&'a Outbound, Instant)> {
        let solutions = self.cycle.outbound.iter().filter(|m| m.reply == ReplyKind::Solution);
        let sent = solutions.filter_map(|message| Some((message, message.started_at()?)));
        sent.max_by_key(|(_, at)| *at)
    }

    fn closing_after(
        &self,
        sent_at: Instant,
        trace: &mut impl Trace,
    ) -> Result<AutoClose, TargetError> {
        let Self { agreement, .. } = self;
        // The end of the service does not hold a closing: what was solved closes (10.5).
        let passing: Vec<_> =
            self.spans.iter().filter(|span| !span.cause.is_final()).cloned().collect();
        let mut pauses = standing::pauses(&passing);
        pauses.extend(self.awaiting().into_iter().map(|awaiting| awaiting.pause));
        auto_close(sent_at, &pauses, &agreement.terms, &agreement.calendar, trace)
    }
}

impl Act<'_> {
    /// A message of a participant (9.4 to 9.7).
    pub(super) fn client_wrote(
        &mut self,
        received_at: Instant,
        by: &SpocId,
        text: Option<TextDigest>,
        still_fails: bool,
    ) -> Outcome {
        self.require_participant(by, received_at)?;
        self.record_closing_before(received_at)?;
        let wrote = Fact::ClientWrote { received_at, by: by.clone(), text, still_fails };
        let starts_cycle = match (&self.ticket.cycle.closure, &self.ticket.before) {
            (Some(closure), _) if received_at >= closure.at => Some(closure.at),
            // An earlier reply than the one that reopened the ticket comes to light.
            (_, Some(before)) if received_at < self.ticket.cycle.received_at => {
                before.closure.as_ref().map(|closure| closure.at).filter(|at| received_at >= *at)
            }
            (_, Some(_) | None) => None,
        };
        if let Some(closed_at) = starts_cycle {
            self.require_window(closed_at, received_at)?;
        }
        let message = self.record(wrote);
        if starts_cycle.is_some() {
            self.reopen(message, received_at)?;
        } else if let Some(cause) = self.standing_at(received_at) {
            self.tell_not_served(by.clone(), received_at, cause);
        }
        Ok(())
    }

    /// If the silence ran out at or before `at` and nobody recorded it yet, records it now.
    pub(super) fn record_closing_before(&mut self, at: Instant) -> Outcome {
        if self.ticket.cycle.closure.is_none()
            && let Some(closure) = self.view().closed_by(at)?
        {
            self.close(closure.reason, closure.at, None)?;
        }
        Ok(())
    }

    pub(super) fn close(
        &mut self,
        reason: ClosureReason,
        at: Instant,
        cites: Option<u32>,
    ) -> Outcome {
        let message = self.record(Fact::Closed { reason, at, cites });
        let reopens_until = self.view().reopens_until(at)?;
        self.tell_followers(at, Some(message), Content::Closing { at, reason, reopens_until });
        Ok(())
    }

    fn require_window(&self, closed_at: Instant, received_at: Instant) -> Outcome {
        let until = self.view().reopens_until(closed_at)?;
        if received_at < until {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalCode::WindowPassed,
            "9.7",
            format!("el ticket se cerró y podía reabrirse hasta antes de {}", until.spanish()),
        )
        .into())
    }

    fn reopen(&mut self, message: u32, received_at: Instant) -> Outcome {
        let held = self.standing_at(received_at);
        let pinned = self.scene.fresh.pinned.clone();
        let is_held = held.is_some();
        self.record(Fact::Reopened { message, received_at, pinned, held: is_held });
        let (target, tier, why) = self.promise()?;
        let content = Content::Reopened { target, tier, why, held };
        self.tell_followers(received_at, Some(message), content);
        let critical = false;
        self.tell_desk(received_at, Content::DeskNew { target, critical, held: is_held });
        if !is_held {
            self.offer_same_day(self.now())?;
        }
        Ok(())
    }

    pub(super) fn confirm(&mut self, at: Instant, by: &SpocId) -> Outcome {
        self.require(by, Power::Open, at, "1.5")?;
        self.record_closing_before(at)?;
        if self.ticket.cycle.closure.is_some() {
            return Ok(());
        }
        self.require_solution()?;
        self.close(ClosureReason::Confirmed, at, None)
    }

    pub(super) fn withdraw(&mut self, at: Instant, by: &SpocId) -> Outcome {
        self.require(by, Power::Open, at, "1.5")?;
        self.record_closing_before(at)?;
        if self.ticket.cycle.closure.is_some() {
            return Ok(());
        }
        self.close(ClosureReason::Withdrawn, at, None)
    }

    /// Mere thanks: before the closing the ticket closes as confirmed; on a message that reopened it
    /// the new cycle is annulled and the earlier closing stands (9.4).
    pub(super) fn mark_thanks(&mut self, message: u32) -> Outcome {
        let at = self.now();
        let cycle = &self.ticket.cycle;
        let closed = cycle.closure.is_some();
        let reopened = cycle.reopened_by == Some(message) && self.ticket.before.is_some();
        let known = cycle.inbound.iter().find(|inbound| inbound.seq == message);
        if known.is_some_and(|inbound| inbound.thanks) {
            return Ok(());
        }
        if !reopened && known.is_none() {
            return Err(Refusal::new(
                RefusalCode::Nothing,
                "9.4",
                "ese mensaje no es una respuesta del cliente en el ciclo actual",
            )
            .into());
        }
        if closed {
            return Err(closed_already().into());
        }
        if reopened {
            self.record(Fact::Thanked { message });
            return Ok(());
        }
        self.require_solution()?;
        self.record(Fact::Thanked { message });
        self.close(ClosureReason::Confirmed, at, Some(message))
    }

    /// The desk closes, for the few reasons that are its own (9.0a).
    pub(super) fn desk_closes(&mut self, reason: ClosureReason, text: TextDigest) -> Outcome {
        let at = self.now();
        self.record_closing_before(at)?;
        if self.ticket.cycle.closure.is_some() {
            return Err(closed_already().into());
        }
        let view = self.view();
        let decided = view.cycle.outbound.iter().any(|message| {
            message.reply == ReplyKind::ScopeDecision && message.started_at().is_some()
        });
        let (allowed, why) = match reason {
            ClosureReason::NoAnswer => (
                view.reminders_exhausted(),
                "solo se cierra por falta de respuesta después del último recordatorio al cliente",
            ),
            ClosureReason::OutOfScope => (
                decided,
                "antes de cerrar envíe al cliente la decisión de alcance con su explicación",
            ),
            ClosureReason::ServiceEnded => (
                standing::ended_at(view.spans).is_some_and(|ended| ended <= at),
                "la póliza no ha terminado",
            ),
            ClosureReason::NotARequest => return self.propose_not_a_request(text),
            ClosureReason::Auto | ClosureReason::Confirmed | ClosureReason::Withdrawn => {
                (false, "esa razón no es de la mesa: la dan el silencio o un SPoC")
            }
        };
        if !allowed {
            return Err(Refusal::new(RefusalCode::ReasonNotAllowed, "9.0a", why).into());
        }
        let note = self.record(Fact::Noted { text });
        self.close(reason, at, Some(note))
    }

    /// Takes back every automatic closing whose premise has turned out false (G7).
    pub(super) fn undo_false_closings(&mut self) -> Outcome {
        let earlier = match &self.ticket.before {
            Some(before) => self.false_closing(before)?,
            None => None,
        };
        let false_closing = match earlier {
            Some(found) => Some(found),
            None => self.false_closing(&self.ticket.cycle)?,
        };
        if let Some((cycle, closed_at)) = false_closing {
            let message = self.record(Fact::ClosureUndone { cycle });
            let content = Content::ClosingCorrected { closed_at };
            self.tell_followers(closed_at, Some(message), content);
        }
        Ok(())
    }

    fn false_closing(
        &self,
        cycle: &super::state::Cycle,
    ) -> Result<Option<(u32, Instant)>, DecideError> {
        let Some(closure) = cycle.closure.as_ref().filter(|c| c.reason == ClosureReason::Auto)
        else {
            return Ok(None);
        };
        let agreement = self.agreement_of(&cycle.pinned);
        let view = View { cycle, spans: &self.ticket.spans, agreement };
        let closing = view.silence()?.and_then(|silence| silence.auto.closing);
        let holds = closing.is_some_and(|closing| closing <= closure.at || closing <= self.now());
        Ok((!holds).then_some((cycle.number, closure.at)))
    }

    fn require_solution(&self) -> Outcome {
        if self.view().latest_solution().is_some() {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalCode::NoSolution,
            "9.0a",
            "aún no se ha enviado una solución; si ya no necesita la atención, retire la solicitud",
        )
        .into())
    }
}

pub(super) fn closed_already() -> Refusal {
    Refusal::new(
        RefusalCode::TicketClosed,
        "9.0a",
        "el ticket está cerrado; una respuesta del cliente dentro del plazo lo reabre",
    )
}
