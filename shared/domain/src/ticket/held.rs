//! Mails that wait to be confirmed or adopted, and the closing that waits with them.
//!
//! > *9. Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado.*
//!
//! Rules 9.4 and 9.6. A held mail that belongs to the ticket may be the answer: while it waits silence
//! does not close the ticket, for at most five business days and once per cycle. Confirmed or adopted
//! it is a message like any other, counts from its receipt and so voids the closing. Else the ticket
//! closes when it waits no longer, and never at an instant that has already passed.

use super::decide::Act;
use super::event::Fact;
use super::state::HeldMail;
use super::view::View;
use crate::Instant;
use crate::calendar::OutOfCalendar;
use crate::explanation::{Step, Trace};
use crate::terms::{Parameter, Shown as _};

impl View<'_> {
    /// When the silence closes the ticket that would close at `closing` if no mail were held (9.6).
    ///
    /// The block of a cycle begins with the first mail that was held at the first solution or came
    /// after it, and ends at the latest 24:00 of the fifth business day after that mail; later mails
    /// keep it up and do not prolong it.
    pub(super) fn closing_with_held(
        &self,
        closing: Instant,
        trace: &mut impl Trace,
    ) -> Result<Instant, OutOfCalendar> {
        let Some(limit) = self.end_of_block()? else { return Ok(closing) };
        let mut closes_at = closing;
        // Each mail moves the closing at most once.
        for _ in &self.cycle.held {
            for held in &self.cycle.held {
                let until = self.waits_until(held)?.min(limit);
                if held.received_at < closes_at {
                    closes_at = closes_at.max(until);
                }
            }
        }
        if closes_at > closing {
            trace.step(|| self.explain_block(closes_at));
        }
        Ok(closes_at)
    }

    /// The last instant to which this cycle's closing can be put off; none where no mail puts it off.
    fn end_of_block(&self) -> Result<Option<Instant>, OutOfCalendar> {
        let Some(solved_at) = self.first_solution() else { return Ok(None) };
        for held in &self.cycle.held {
            if self.waits_until(held)? > solved_at {
                return Ok(Some(self.limit_of(held)?));
            }
        }
        Ok(None)
    }

    /// Until when a mail can put a closing off.
    fn waits_until(&self, held: &HeldMail) -> Result<Instant, OutOfCalendar> {
        let limit = self.limit_of(held)?;
        Ok(held.settled_at.map_or(limit, |settled| settled.min(limit)))
    }

    fn limit_of(&self, held: &HeldMail) -> Result<Instant, OutOfCalendar> {
        let days = self.agreement.terms.held_block.value.0;
        self.agreement.calendar.end_of_business_days(held.received_at.date(), u32::from(days))
    }

    /// Whether a mail that was held was settled at this very instant, at which it still was.
    pub(super) fn held_until(&self, at: Instant) -> bool {
        self.cycle.held.iter().any(|held| held.settled_at == Some(at))
    }

    fn explain_block(&self, closes_at: Instant) -> Step {
        let terms = &self.agreement.terms;
        Step {
            rule: "9.6",
            text: format!(
                "Un correo de este ticket espera a que se confirme o se adopte: mientras tanto no se \
                 cierra, a lo más hasta el final del plazo de {} desde el primero.",
                terms.held_block.value.shown()
            ),
            at: Some(closes_at),
            used: vec![terms.used(Parameter::HeldBlock)],
        }
    }
}

impl Act<'_> {
    /// A mail is held. It is kept in mind also where nothing is to be closed: the solution, or the
    /// answer that undoes a closing, may come to light later. What the ticket would not keep is not
    /// recorded: the same again says nothing new either.
    pub(super) fn block_closing(&mut self, received_at: Instant) {
        if self.ticket.would_hold(received_at) {
            self.record(Fact::ClosingBlocked { received_at });
        }
    }

    /// It is held no longer, from now on.
    pub(super) fn unblock_closing(&mut self, received_at: Instant) {
        let waits = self.ticket.held(received_at).is_some_and(|it| it.settled_at.is_none());
        if waits {
            let at = self.now();
            self.record(Fact::ClosingUnblocked { received_at, at });
        }
    }
}
