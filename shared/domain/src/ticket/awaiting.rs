//! Waiting for the client: pauses for information and access.
//!
//! > *7. Los tiempos están sujetos a: […] Información correcta del cliente. Accesos necesarios
//! > otorgados oportunamente.*
//! >
//! > *8. El cliente se compromete a: […] Atender y responder tickets oportunamente.*
//!
//! Rules 7.7 and M1a. A pause begins when a request for something concrete is sent, never in the past,
//! and ends at the receipt of the client's next human message or when a person ends it. A message that
//! was received since the request was written answers it, also before the mail service told us of its
//! acceptance: then there is no pause. An act of a SPoC, such as the declaration that raises the
//! incident to critical, is a human message of his (7.8, G14). No answer never closes a ticket by
//! itself: the client is reminded, then the desk has a task.
//!
//! A mail whose sender could not be proven counts from its receipt once it is confirmed; from the
//! question to the confirmation the clock that it started is paused.

use super::event::Confirmation;
use super::state::{Outbound, TakenClock};
use super::view::View;
use crate::Instant;
use crate::calendar::OutOfCalendar;
use crate::explanation::Step;
use crate::pauses::Interval;
use crate::standing;

/// A request to the client and the pause that it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaiting<'a> {
    /// The message that asks.
    pub request: &'a Outbound,
    /// The pause; open while the client has not answered.
    pub pause: Interval,
}

impl<'a> View<'a> {
    /// The requests of the cycle, each with its pause.
    #[must_use]
    pub fn awaiting(&self) -> Vec<Awaiting<'a>> {
        let cycle = self.cycle;
        let requests = cycle.outbound.iter().filter(|message| message.reply.is_request());
        requests
            .filter_map(|request| {
                let from = request.started_at()?;
                let answers = cycle.inbound.iter().filter(|it| request.is_answered_by(it));
                let answered = answers.map(|message| message.received_at.max(from));
                let ended = cycle.pauses_ended.iter().copied().filter(|at| *at >= from);
                let to = answered.chain(ended).min();
                Some(Awaiting { request, pause: Interval { from, to } })
            })
            .collect()
    }

    /// The request that the client has not answered yet.
    #[must_use]
    pub fn open_request(&self) -> Option<Awaiting<'a>> {
        self.awaiting().into_iter().find(|awaiting| awaiting.pause.to.is_none())
    }

    /// Every pause of the cycle's clocks: requests to the client, mails whose sender was asked (M1a),
    /// and suspensions (10.5).
    #[must_use]
    pub fn pauses(&self) -> Vec<Interval> {
        self.pauses_of(None)
    }

    /// The same of one clock, which may have been taken over from another ticket (4.5).
    pub(super) fn pauses_of(&self, taken: Option<&TakenClock>) -> Vec<Interval> {
        self.waits_of(taken).into_iter().chain(standing::pauses(self.spans)).collect()
    }

    /// Those pauses that are no suspensions.
    pub(super) fn waits(&self) -> Vec<Interval> {
        let requests = self.awaiting().into_iter().map(|awaiting| awaiting.pause);
        let confirmed = self.awaiting_confirmation().into_iter().map(|it| it.pause());
        requests.chain(confirmed).collect()
    }

    /// The pauses `awaiting_confirmation`: of the mail that began the cycle, and of those that answer a
    /// request, for which the desk waited just as long. Any other mail stops no clock: what is to be
    /// attended was there before it.
    #[must_use]
    pub fn awaiting_confirmation(&self) -> Vec<Confirmation> {
        let awaiting = self.awaiting();
        let answers = self.cycle.inbound.iter().filter(|message| {
            awaiting.iter().any(|asked| {
                let ended_at = message.received_at.max(asked.pause.from);
                asked.request.is_answered_by(message) && asked.pause.to == Some(ended_at)
            })
        });
        let answers = answers.filter_map(|message| message.confirmation);
        self.cycle.confirmation.into_iter().chain(answers).collect()
    }

    /// M1a, for those pauses that touch a clock which started at `from`.
    pub(super) fn explain_confirmations(&self, from: Instant) -> Vec<Step> {
        let touches = |it: &Confirmation| it.confirmed_at > from.max(it.asked_at);
        let confirmed = self.awaiting_confirmation();
        confirmed.iter().filter(|it| touches(it)).map(explain_confirmation).collect()
    }

    /// When the client is next reminded of the open request, of which request, and for the how
    /// manieth time (7.7): at the first opening after the second, fifth and tenth business day. While
    /// the póliza is not served nobody is reminded (10.5). Of several reminders that are due at `now`
    /// only the last one is news.
    ///
    /// # Errors
    /// When the instant lies outside the calendar.
    pub fn next_information_reminder(
        &self,
        now: Instant,
    ) -> Result<Option<(Instant, u32, u32)>, OutOfCalendar> {
        let Some(open) = self.open_request() else { return Ok(None) };
        let days = &self.agreement.terms.information_reminders.value;
        let calendar = &self.agreement.calendar;
        let mut next: Option<(Instant, u32, u32)> = None;
        for (n, after) in (1_u32..).zip(days).skip(open.request.reminders as usize) {
            let passed = calendar.end_of_business_days(open.pause.from.date(), after.0.into())?;
            let Some(due) = self.first_served(passed, |at| calendar.next_opening(at))? else {
                break;
            };
            if next.is_some_and(|(first, _, _)| due > first.max(now)) {
                break;
            }
            next = Some((due, open.request.seq, n));
        }
        Ok(next)
    }

    /// The first instant that `next` finds at or after `at` at which the póliza is served; none while
    /// no end of the suspension is known.
    pub(super) fn first_served(
        &self,
        at: Instant,
        next: impl Fn(Instant) -> Result<Instant, OutOfCalendar>,
    ) -> Result<Option<Instant>, OutOfCalendar> {
        let mut at = at;
        while let Some(served) = standing::served_from(self.spans, at) {
            at = next(served)?;
            if standing::closed_at(self.spans, at).is_none() {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// Whether the last reminder of the open request has been sent (9.0a, `no_answer`).
    #[must_use]
    pub fn reminders_exhausted(&self) -> bool {
        self.awaiting().iter().any(|asked| asked.pause.to.is_none() && self.is_exhausted(asked))
    }

    /// Whether a request with all its reminders was still unanswered at `at` (9.0a).
    pub(super) fn unanswered_until(&self, at: Instant) -> bool {
        let open = |asked: &Awaiting<'_>| asked.pause.to.is_none_or(|to| to >= at);
        self.awaiting().iter().any(|asked| open(asked) && self.is_exhausted(asked))
    }

    fn is_exhausted(&self, asked: &Awaiting<'_>) -> bool {
        let all = self.agreement.terms.information_reminders.value.len();
        asked.request.reminders as usize >= all
    }
}

fn explain_confirmation(confirmation: &Confirmation) -> Step {
    Step {
        rule: "M1a",
        text: format!(
            "El remitente del correo no pudo comprobarse: desde que se preguntó si era suyo ({}) hasta \
             que se confirmó ({}) el tiempo está en pausa.",
            confirmation.asked_at.spanish_short(),
            confirmation.confirmed_at.spanish_short()
        ),
        at: None,
        used: Vec::new(),
    }
}
