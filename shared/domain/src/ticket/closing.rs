//! Solution, silence, closing and reopening.
//!
//! > *9. Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado.*
//!
//! Rules 9.0a and 9.2 to 9.7. The silence starts when the message marked as solution is sent. An
//! answer is a human message of a participant, received since the solution was written. Closed at T is
//! true from T on even if the closer is late; a reply received before T undoes the closing, one received
//! later reopens the ticket in a new cycle.

use super::command::Written;
use super::decide::{Act, Outcome};
use super::event::{ClosureReason, Fact, ReplyKind};
use super::limits::SETTLING_MAX;
use super::notice::Content;
use super::refusal::{DecideError, Refusal, RefusalCode};
use super::state::{Closure, Cycle, Inbound, Outbound};
use super::view::View;
use crate::agreement::Pinned;
use crate::auto_close::{AutoClose, auto_close, reopening_window_end};
use crate::evidence::TextDigest;
use crate::explanation::{Step, Trace};
use crate::pauses::{Interval, TargetError};
use crate::{Actor, Instant, Participant};

/// The silence after the latest solution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence<'a> {
    /// The solution.
    pub solution: &'a Outbound,
    /// When it was sent.
    pub sent_at: Instant,
    /// Closing and reminder as they follow from the solution alone (9.2).
    pub auto: AutoClose,
    /// When the ticket closes: that closing, or later where a held mail puts it off (9.6).
    pub closes_at: Option<Instant>,
    /// Since when that closing is known: the end of the last pause that may have moved it, if there is one.
    pub moved_at: Option<Instant>,
}

impl Silence<'_> {
    /// When the client is next reminded (9.2). Where a pause has moved the closing after a reminder had
    /// told its date, that date is no longer true: he is told the new one as soon as it is known.
    pub(super) fn reminder_due(&self) -> Option<Instant> {
        let wanted = self.auto.reminder?;
        let Some(told) = self.solution.reminded else { return Some(wanted) };
        let stands = [self.auto.closing, self.closes_at].contains(&Some(told));
        let later = self.auto.closing.is_some_and(|closing| closing > told);
        (later && !stands).then(|| self.moved_at.map_or(wanted, |at| wanted.max(at)))
    }
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
        let moves = |pause: &Interval| auto.closing.is_some_and(|closing| pause.from < closing);
        let pauses = self.pauses_of_closing().into_iter().filter(moves);
        let moved_at = pauses.filter_map(|pause| pause.to).max();
        let put_off = auto.closing.map(|closing| self.closing_with_held(closing, &mut ()));
        let closes_at = put_off.transpose()?;
        // What a held mail waited for comes while it still waits.
        let in_time = |at: Instant| {
            closes_at.is_none_or(|closes| at < closes || (at == closes && self.held_until(at)))
        };
        let answered = self.cycle.inbound.iter().any(|message| {
            !message.thanks && solution.is_answered_by(message) && in_time(message.received_at)
        });
        Ok((!answered).then_some(Silence { solution, sent_at, auto, closes_at, moved_at }))
    }

    /// Why the closing and its reminder are when they are.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn explain_closing(&self) -> Result<Vec<Step>, TargetError> {
        let mut steps = Vec::new();
        if let Some(silence) = self.silence()? {
            let auto = self.closing_after(silence.sent_at, &mut steps)?;
            if let Some(closing) = auto.closing {
                self.closing_with_held(closing, &mut steps)?;
            }
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
        let silence = self.silence()?.and_then(|silence| silence.closes_at);
        let silence = silence.map(|at| Closure { reason: ClosureReason::Auto, at });
        // Who confirms at the very instant at which silence ends is late (9.6).
        let asked = self.asked_closing().map(|it| Closure { reason: it.reason, at: it.at });
        let first = silence.into_iter().chain(asked).min_by_key(|closure| closure.at);
        Ok(first.filter(|closure| closure.at <= at))
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
        self.solutions().max_by_key(|(_, at)| *at)
    }

    /// When the first solution of the cycle was sent.
    pub(super) fn first_solution(&self) -> Option<Instant> {
        self.solutions().map(|(_, at)| at).min()
    }

    /// Whether a solution that reached somebody had been written by `at`. Its reader may confirm it before
    /// we hear of its acceptance.
    pub(super) fn is_solved_at(&self, at: Instant) -> bool {
        let written = |it: &Outbound| it.resent_at.unwrap_or(it.committed_at);
        self.solutions().any(|(solution, _)| written(solution) <= at)
    }

    /// The solutions that were sent, each with the instant.
    fn solutions(&self) -> impl Iterator<Item = (&'a Outbound, Instant)> {
        let solutions = self.cycle.outbound.iter().filter(|m| m.reply == ReplyKind::Solution);
        solutions.filter_map(|message| Some((message, message.started_at()?)))
    }

    fn closing_after(
        &self,
        sent_at: Instant,
        trace: &mut impl Trace,
    ) -> Result<AutoClose, TargetError> {
        let Self { agreement, .. } = self;
        let pauses = self.pauses_of_closing();
        auto_close(sent_at, &pauses, &agreement.terms, &agreement.calendar, trace)
    }

    /// What holds a closing: suspensions and requests to the client. The end of the service does not:
    /// what was solved closes (10.5).
    fn pauses_of_closing(&self) -> Vec<Interval> {
        let ended = self.service_ended();
        let passing = self.spans.iter().filter(|span| !span.cause.is_final());
        let mut pauses: Vec<_> = passing
            .filter(|span| ended.is_none_or(|ended| span.from < ended))
            .map(|span| Interval { from: span.from, to: span.to.into_iter().chain(ended).min() })
            .collect();
        pauses.extend(self.awaiting().into_iter().map(|awaiting| awaiting.pause));
        pauses
    }
}

impl Act<'_> {
    /// A message of a participant (9.4 to 9.7).
    pub(super) fn client_wrote(
        &mut self,
        received_at: Instant,
        by: Participant,
        written: Written,
    ) -> Outcome {
        self.require_not_merged()?;
        self.require_participant(&by, received_at)?;
        self.record_closing_before(received_at)?;
        let Written { text, still_fails, held_since, confirmation, participants, followers } =
            written;
        let wrote = Fact::ClientWrote {
            received_at,
            by: by.clone(),
            text,
            still_fails,
            held_since,
            confirmation,
        };
        let cycle = &self.ticket.cycle;
        let closed = match (&cycle.closure, &self.ticket.before) {
            (Some(closure), _) if received_at >= closure.at => Some((closure.at, cycle)),
            // An earlier reply than the one that reopened the ticket comes to light.
            (_, Some(before)) if received_at < cycle.received_at => {
                let closure = before.closure.as_ref().filter(|it| received_at >= it.at);
                closure.map(|closure| (closure.at, &**before))
            }
            (_, Some(_) | None) => None,
        };
        let reopens = closed.is_some();
        if let Some((closed_at, cycle)) = closed {
            self.require_window(closed_at, cycle, received_at)?;
        }
        let message = self.record(wrote);
        self.add_participants(participants);
        self.add_followers(followers);
        if reopens {
            let pinned = self.scene.fresh.pinned.clone();
            self.reopen(message, received_at, pinned)?;
        } else if let (Participant::Spoc(spoc), Some(cause)) = (by, self.standing_at(received_at)) {
            self.tell_not_served(spoc, received_at, cause);
        }
        Ok(())
    }

    /// If the silence ran out at or before `at`, or a person had closed before, and nobody recorded it
    /// yet, records it now.
    pub(super) fn record_closing_before(&mut self, at: Instant) -> Outcome {
        if self.ticket.cycle.closure.is_none()
            && let Some(closure) = self.view().closed_by(at)?
        {
            let asked = self.view().asked_closing().filter(|it| it.at == closure.at);
            let cites = asked.map(|it| it.seq);
            let Closure { reason, at } = closure;
            let message = self.record_by(Actor::System, Fact::Closed { reason, at, cites });
            self.tell_closed(message, reason, at)?;
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
        self.tell_closed(message, reason, at)
    }

    fn tell_closed(&mut self, message: u32, reason: ClosureReason, at: Instant) -> Outcome {
        let reopens_until = self.view().reopens_until(at)?;
        self.tell_readers(at, Some(message), Content::Closing { at, reason, reopens_until });
        Ok(())
    }

    fn require_window(&self, closed_at: Instant, cycle: &Cycle, received_at: Instant) -> Outcome {
        let agreement = self.agreement_of(&cycle.pinned);
        let view = View { cycle, spans: &self.ticket.spans, agreement };
        let until = view.reopens_until(closed_at)?;
        if received_at < until {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalCode::WindowPassed,
            "9.7",
            format!(
                "el ticket se cerró y podía reabrirse hasta el {}; abra uno nuevo",
                until.spanish_limit()
            ),
        )
        .into())
    }

    fn reopen(&mut self, message: u32, received_at: Instant, pinned: Pinned) -> Outcome {
        let held = self.standing_at(received_at);
        let is_held = held.is_some();
        let offers_stopped = self.scene.offers_stopped;
        let fact = Fact::Reopened { message, received_at, pinned, held: is_held, offers_stopped };
        self.record(fact);
        let promise = self.promise(held)?;
        let content = Content::Reopened { promise: promise.clone() };
        if is_held {
            self.tell_followers(received_at, Some(message), content);
        } else {
            self.tell_readers(received_at, Some(message), content);
        }
        self.tell_desk(received_at, Content::DeskNew { promise, critical: false });
        if is_held { self.start_held_clock() } else { self.offer_same_day(self.now()) }
    }

    /// Mere thanks: before the closing the ticket closes as confirmed; on a message that reopened it
    /// the new cycle is annulled and the earlier closing stands (9.4).
    pub(super) fn mark_thanks(&mut self, message: u32) -> Outcome {
        let at = self.now();
        self.record_closing_before(at)?;
        let cycle = &self.ticket.cycle;
        let before = self.ticket.before.iter().flat_map(|cycle| &cycle.inbound);
        let mut known = cycle.inbound.iter().chain(before).filter(|it| it.seq == message);
        let Some(inbound) = known.next() else { return Err(no_answer().into()) };
        if inbound.thanks {
            return Ok(());
        }
        if cycle.closure.is_some() {
            return Err(closed_already().into());
        }
        if cycle.reopened_by == Some(message) {
            return self.annul_reopening(message);
        }
        let solution = self.view().latest_solution();
        if solution.is_some_and(|(solution, _)| !solution.is_answered_by(inbound)) {
            return Err(no_answer().into());
        }
        self.require_solution(&self.view(), at)?;
        self.record(Fact::Thanked { message });
        self.close(ClosureReason::Confirmed, at, Some(message))
    }

    /// The cycle that mere thanks began never was. Where somebody wrote again in it, it began with
    /// that message instead.
    fn annul_reopening(&mut self, message: u32) -> Outcome {
        let cycle = &self.ticket.cycle;
        let pinned = cycle.pinned.clone();
        let next = cycle.inbound.iter().find(|inbound| !inbound.thanks);
        let next = next.map(|inbound| (inbound.seq, inbound.received_at));
        self.record(Fact::Thanked { message });
        match next {
            Some((message, received_at)) => self.reopen(message, received_at, pinned),
            None => self.tell_annulled(message),
        }
    }

    /// Whoever was told of a reopening with a target is told once that neither holds (G7, G11).
    fn tell_annulled(&mut self, message: u32) -> Outcome {
        let Some(Closure { at: closed_at, .. }) = self.ticket.cycle.closure else { return Ok(()) };
        let until = self.view().reopens_until(closed_at)?;
        let reopens_until = Some(until).filter(|until| self.now() < *until);
        let content = Content::ReopeningAnnulled { message, closed_at, reopens_until };
        self.tell_readers(closed_at, None, content);
        Ok(())
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
            ClosureReason::ServiceEnded => {
                (view.service_ended().is_some_and(|ended| ended <= at), "la póliza no ha terminado")
            }
            ClosureReason::NotARequest => return self.propose_not_a_request(text),
            ClosureReason::Merged => (false, "para unirlo con otro ticket, diga con cuál"),
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

    /// Takes back closings whose premise has turned out false, and records what is true instead
    /// (G7). Each round leaves one closing right.
    pub(super) fn settle_closings(&mut self) -> Outcome {
        for _ in 0..SETTLING_MAX {
            if let Some((cycle, closed_at)) = self.false_closing()? {
                self.undo_closure(cycle, closed_at);
                self.record_closing_before(self.settled_until())?;
            } else if !self.reopen_by_known_message()? {
                break;
            }
        }
        // A person's closing may have come to light before the reply that began the cycle which it closes.
        if self.view().asked_closing().is_some() {
            self.record_closing_before(self.settled_until())?;
        }
        Ok(())
    }

    /// Closings are settled until now; what a person did has happened, also where the clock of this host
    /// is behind.
    fn settled_until(&self) -> Instant {
        let asked = self.view().asked_closing().map(|it| it.at);
        asked.map_or(self.now(), |at| at.max(self.now()))
    }

    /// A message that was taken for one on an open ticket, since the closing before it came to light
    /// only now, reopens. The versions stay those of the cycle, which are no older than the closing.
    fn reopen_by_known_message(&mut self) -> Result<bool, DecideError> {
        let Some(closure) = self.view().closed_by(self.settled_until())? else { return Ok(false) };
        if self.ticket.merged_into.is_some() {
            return Ok(false);
        }
        let until = self.view().reopens_until(closure.at)?;
        let cycle = &self.ticket.cycle;
        // Who writes at the very instant at which silence ends is late (9.6). A person's act comes after
        // what was known when it came, also within one instant.
        let after = |it: &&Inbound| {
            let at_once = it.received_at == closure.at && closure.reason.is_silence();
            let is_late = it.received_at > closure.at || at_once;
            !it.thanks && is_late && it.received_at < until
        };
        let Some(message) = cycle.inbound.iter().find(after) else { return Ok(false) };
        let (message, received_at) = (message.seq, message.received_at);
        let pinned = cycle.pinned.clone();
        self.record_closing_before(closure.at)?;
        self.reopen(message, received_at, pinned)?;
        Ok(true)
    }

    fn undo_closure(&mut self, cycle: u32, closed_at: Instant) {
        let message = self.record(Fact::ClosureUndone { cycle });
        let content = Content::ClosingCorrected { closed_at };
        self.tell_readers(closed_at, Some(message), content);
    }

    /// The earliest recorded closing whose premise is false: its cycle and its instant.
    fn false_closing(&self) -> Result<Option<(u32, Instant)>, DecideError> {
        if let Some(overtaken) = self.overtaken_closing()? {
            return Ok(Some(overtaken));
        }
        if let Some(before) = &self.ticket.before
            && let Some((closed_at, due)) = self.closing_by_facts(before)?
            // The boundary between the two cycles is true while the reply came after the closing.
            && due.is_none_or(|due| due > self.ticket.cycle.received_at)
        {
            return Ok(Some((before.number, closed_at)));
        }
        let cycle = &self.ticket.cycle;
        let recorded = self.closing_by_facts(cycle)?;
        let wrong = recorded.filter(|(closed_at, due)| *due != Some(*closed_at));
        Ok(wrong.map(|(closed_at, _)| (cycle.number, closed_at)))
    }

    /// The closing that is recorded for a cycle, and when the ticket closes by the facts: after a solution
    /// (9.2), or after the last reminder of a request (9.0a); when a person closed it, unless silence had
    /// done so by then.
    fn closing_by_facts(
        &self,
        cycle: &Cycle,
    ) -> Result<Option<(Instant, Option<Instant>)>, DecideError> {
        let Some(closure) = &cycle.closure else { return Ok(None) };
        let agreement = self.agreement_of(&cycle.pinned);
        let view = View { cycle, spans: &self.ticket.spans, agreement };
        let due = match closure.reason {
            ClosureReason::Auto => view.silence()?.and_then(|silence| silence.closes_at),
            ClosureReason::NoAnswer => view.unanswered_until(closure.at).then_some(closure.at),
            ClosureReason::Confirmed
            | ClosureReason::Withdrawn
            | ClosureReason::OutOfScope
            | ClosureReason::NotARequest
            | ClosureReason::ServiceEnded => {
                let silence = view.silence()?.and_then(|silence| silence.closes_at);
                let by_silence = silence.is_some_and(|at| at <= closure.at);
                return Ok(by_silence.then_some((closure.at, None)));
            }
            ClosureReason::Merged => return Ok(None),
        };
        Ok(Some((closure.at, due)))
    }

    /// Requires that a solution had been sent when the act was received.
    pub(super) fn require_solution(&self, view: &View<'_>, at: Instant) -> Outcome {
        if view.is_solved_at(at) {
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

fn no_answer() -> Refusal {
    Refusal::new(
        RefusalCode::Nothing,
        "9.4",
        "ese mensaje no es una respuesta del cliente en el ciclo actual",
    )
}
