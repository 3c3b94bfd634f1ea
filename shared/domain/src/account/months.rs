//! Months that fall due, and old ones that are closed.
//!
//! > *10. Pago dentro de los primeros 5 días del mes.*
//!
//! Rules 10.1 and 10.4. Billing months are calendar months. A month that begins suspended accrues no
//! fee, unless the póliza becomes active in it: then it is charged from that day.

use chrono::NaiveDate;

use super::decide::{Act, Outcome};
use super::event::{Fact, Lack, MonthStart};
use super::limits::{AUTOMATIC_MAX, MONTHS_MAX, MONTHS_OPEN};
use super::notice::Content;
use super::state::Account;
use super::view::View;
use crate::Instant;
use crate::billing::Month;
use crate::calendar::{MinuteOfDay, OutOfCalendar, local_instant};
use crate::standing::{self, Span};

/// 00:00 local of a day.
///
/// # Errors
/// When the day lies outside the calendar.
pub fn first_instant(day: NaiveDate) -> Result<Instant, OutOfCalendar> {
    local_instant(day, MinuteOfDay::hm(0, 0))
}

impl Account {
    /// The months that may fall due by `now` and have not, oldest first: those of which a decision has
    /// to know what was agreed on their first day.
    #[must_use]
    pub fn may_fall_due(&self, now: Instant) -> Vec<Month> {
        let last = Month::of(now.date());
        let months = std::iter::successors(Some(self.first), |month| month.next());
        months
            .take_while(|month| last.is_some_and(|last| *month <= last))
            .filter(|month| self.month(*month).is_none())
            .take(MONTHS_MAX)
            .collect()
    }
}

impl View<'_> {
    /// The first charged day of a month, as far as it is known now; none when no day of it is charged.
    pub(super) fn begins(
        &self,
        month: Month,
        spans: &[Span],
    ) -> Result<Option<NaiveDate>, OutOfCalendar> {
        let Some(start) = self.fresh.terms.start.value else { return Ok(None) };
        let day = start.max(month.first_day());
        if day > month.last_day() {
            return Ok(None);
        }
        let at = first_instant(day)?;
        // A póliza is charged from its first day, even where the client was entered after it (10.1).
        let gap = |span: &&Span| span.cause.is_final() && span.to.is_some();
        let spans: Vec<Span> = spans.iter().filter(|span| !gap(span)).cloned().collect();
        let from = match standing::closed_at(&spans, at) {
            None => Some(day),
            // It begins suspended: it is charged from the day on which there is service again.
            Some(_) => standing::served_from(&spans, at).map(Instant::date),
        };
        let last_day = self.last_day()?;
        let until = last_day.map_or(month.last_day(), |last| last.min(month.last_day()));
        Ok(from.filter(|from| *from <= until))
    }
}

impl Act<'_> {
    /// Enters the months that have fallen due.
    pub(super) fn enter_months(&mut self) -> Outcome {
        let now = self.now();
        let limit = self.events.len() + AUTOMATIC_MAX;
        for month in self.account.may_fall_due(now) {
            // Those of which nothing is charged are left as they are, and keep no later one waiting.
            if self.events.len() >= limit {
                break;
            }
            let Some(agreement) = self.scene.opening.get(&month) else { continue };
            let view = self.view();
            let Some(from) = view.begins(month, &view.spans(now)?)? else { continue };
            if first_instant(from)? > now {
                continue;
            }
            match agreement.terms.fee.value {
                Some(fee) => {
                    let pinned = agreement.pinned.clone();
                    self.record(Fact::MonthFellDue(MonthStart { month, from, fee, pinned }));
                }
                None => self.tell_no_fee(month, from)?,
            }
        }
        Ok(())
    }

    /// No fee recorded is a fault for the desk, and no ladder runs (10.2).
    fn tell_no_fee(&mut self, month: Month, from: NaiveDate) -> Outcome {
        let (lack, due) = (Lack::Fee, first_instant(from)?);
        if self.account.lacks.iter().any(|(known, at)| *known == lack && *at >= due) {
            return Ok(());
        }
        self.record(Fact::LackTold { lack, due });
        self.tell_desk(&month.to_string(), due, Content::DeskNoFee { month });
        Ok(())
    }

    /// Closes settled months that are older than those which stay open.
    pub(super) fn close_months(&mut self) -> Outcome {
        while self.account.months.len() > MONTHS_OPEN {
            let now = self.now();
            let months = self.view().months(now)?;
            let Some(oldest) = months.first().filter(|month| month.is_covered()) else {
                return Ok(());
            };
            let live = oldest.parts.iter().filter(|part| part.reversed_at.is_none());
            let took = live.map(|part| (part.reference.clone(), part.amount)).collect();
            let month = oldest.due.month;
            self.record(Fact::MonthClosed { month, took });
        }
        Ok(())
    }
}
