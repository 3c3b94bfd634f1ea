//! The ladder of notices of an unpaid month.
//!
//! > *10. Pago dentro de los primeros 5 días del mes. Falta de pago suspende el soporte.*
//!
//! Rules 10.3 and 10.4. Due on the first charged day, the reminder on the third, the last notice on the
//! limit's day, each once and in order; a step that was overtaken by a later one is left out. A job
//! that runs late gives the last notice first, and never suspends backwards. No ladder runs while there
//! is no service.

use super::decide::{Act, Outcome};
use super::event::Fact;
use super::notice::{Bill, Content};
use super::view::{MonthView, View};
use crate::Instant;
use crate::billing::{Month, PaymentStanding, suspension_at};
use crate::calendar::OutOfCalendar;
use crate::standing;
use crate::ticket::DecideError;

/// A step of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rung {
    /// The month is due.
    Due,
    /// The reminder.
    Reminder,
    /// The last notice.
    LastNotice,
}

impl View<'_> {
    /// The next step of a month's ladder, and when it is due; none where it has no more, or is paid.
    pub(super) fn next_rung(
        &self,
        month: &MonthView,
        now: Instant,
    ) -> Result<Option<(Instant, Rung)>, OutOfCalendar> {
        if month.found.standing != PaymentStanding::Due {
            return Ok(None);
        }
        let Some(last) = month.found.last_notice_due_at else { return Ok(None) };
        let ladder = month.charge.ladder(self.terms_of(&month.due))?;
        let fresh = month.due.last_notices.is_empty();
        let due = ladder.due_at.filter(|_| !month.due.due_told && !month.due.reminded);
        let reminder = ladder.reminder_at.filter(|_| !month.due.reminded);
        let due = due.map(|at| (at, Rung::Due));
        let steps = due.into_iter().chain(reminder.map(|at| (at, Rung::Reminder)));
        let all = steps.filter(|_| fresh).chain([(last, Rung::LastNotice)]);
        let all: Vec<_> = all.collect();
        // Of those that have passed, the latest one; else the next.
        let passed = all.iter().rfind(|(at, _)| *at <= now);
        Ok(passed.or(all.first()).copied())
    }
}

impl Act<'_> {
    /// Takes the steps that have become due.
    pub(super) fn climb(&mut self) -> Outcome {
        let now = self.now();
        let view = self.view();
        if standing::closed_at(&view.spans(now)?, now).is_some() {
            return Ok(());
        }
        let mut due = Vec::new();
        for month in view.months(now)? {
            if let Some((at, rung)) = view.next_rung(&month, now)?
                && at <= now
            {
                due.push((month, at, rung));
            }
        }
        for (found, at, rung) in due {
            self.take(&found, at, rung)?;
        }
        Ok(())
    }

    fn take(&mut self, found: &MonthView, due: Instant, rung: Rung) -> Outcome {
        let month = found.due.month;
        let content = match rung {
            Rung::Due => {
                self.record(Fact::DueTold { month });
                Content::PaymentDue { bill: self.bill(month)? }
            }
            Rung::Reminder => {
                self.record(Fact::Reminded { month });
                Content::PaymentReminder { bill: self.bill(month)? }
            }
            Rung::LastNotice => {
                let limit = found.found.limit;
                self.record(Fact::LastNoticeGiven { month, limit_day: limit.day });
                let terms = self.view().terms_of(&found.due);
                let suspends_at = suspension_at(limit, self.now(), terms);
                Content::LastNotice { bill: self.bill(month)?, suspends_at }
            }
        };
        self.tell(&month.to_string(), due, &content);
        Ok(())
    }

    /// What a month owes, as notices tell it.
    pub(super) fn bill(&self, month: Month) -> Result<Bill, DecideError> {
        let found = self.due_month(month)?;
        let (owed, left) = (found.owed, found.left());
        Ok(Bill { month, owed, left, pay_before: found.found.limit.until })
    }
}
