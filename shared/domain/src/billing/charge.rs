//! The charged days of a month: its fee, its limit and its ladder of notices (10.1, 10.4).

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Month, explain};
use crate::Instant;
use crate::calendar::{MinuteOfDay, OutOfCalendar, local_instant};
use crate::explanation::Trace;
use crate::terms::{Centavos, NaturalDays, Proration, Terms};

/// The days of a month that are charged, the first and the last included (10.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    month: Month,
    from: NaiveDate,
    to: NaiveDate,
}

/// Until when something can be paid in time (10.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The last local day on which a value date is in time.
    pub day: NaiveDate,
    /// The first instant past the limit: 24:00 local of that day.
    pub until: Instant,
}

/// When the client is told of a month, before it is known whether he pays (10.4). Of steps that fall
/// on the same day only the later one is left, and none comes after the last notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ladder {
    /// The month is due: the first charged day.
    pub due_at: Option<Instant>,
    /// The reminder: the third charged day.
    pub reminder_at: Option<Instant>,
    /// The last notice: the limit's day.
    pub last_notice_at: Instant,
}

impl Limit {
    /// The limit whose last day is `day`.
    ///
    /// # Errors
    /// When the day lies outside the calendar (G1).
    pub fn on(day: NaiveDate) -> Result<Self, OutOfCalendar> {
        Ok(Self { day, until: local_instant(day, MinuteOfDay::END)? })
    }
}

impl Charge {
    /// What is charged of `month` when the póliza begins, or becomes active again, on `first_day`,
    /// and ends on `last_day` if it does. None when no day of the month is.
    #[must_use]
    pub fn new(month: Month, first_day: NaiveDate, last_day: Option<NaiveDate>) -> Option<Self> {
        let from = first_day.max(month.first_day());
        let to = last_day.unwrap_or(NaiveDate::MAX).min(month.last_day());
        (from <= to).then_some(Self { month, from, to })
    }

    /// The month.
    #[must_use]
    pub const fn month(self) -> Month {
        self.month
    }

    /// The first charged day.
    #[must_use]
    pub const fn from(self) -> NaiveDate {
        self.from
    }

    /// How many days are charged.
    #[must_use]
    pub fn days(self) -> u32 {
        // A charge lies inside one month.
        (self.to - self.from).num_days() as u32 + 1
    }

    /// The fee of the month (10.1): the monthly fee, of which a month that is not charged whole
    /// owes its natural days, halves rounded up (G9).
    pub fn fee(self, monthly: Centavos, terms: &Terms, trace: &mut impl Trace) -> Centavos {
        let (days, length) = (self.days(), self.month.length());
        if days == length {
            return monthly;
        }
        let fee = match terms.proration.value {
            Proration::Whole => monthly,
            Proration::ByDays => by_days(monthly, days, length),
        };
        trace.step(|| explain::proration(self, monthly, fee, terms));
        fee
    }

    /// Until when the month can be paid in time (10.1): the end of the 5th natural day, counting
    /// the first charged day as day 1. It is not moved when that day is not a business day.
    ///
    /// # Errors
    /// When that day lies outside the calendar (G1).
    pub fn limit(self, terms: &Terms, trace: &mut impl Trace) -> Result<Limit, OutOfCalendar> {
        let limit = Limit::on(self.day(terms.due_day.value)?)?;
        trace.step(|| explain::limit(self, limit, terms));
        Ok(limit)
    }

    /// When the client is told of the month (10.4). A limit that a person moved later repeats the
    /// last notice at the same time of its own day ([`Self::notice_at`]).
    ///
    /// # Errors
    /// When a day lies outside the calendar (G1).
    pub fn ladder(self, terms: &Terms) -> Result<Ladder, OutOfCalendar> {
        let limit = self.limit(terms, &mut ())?;
        let reminder = self.day(terms.payment_reminder_day.value)?;
        let at =
            |day: NaiveDate, before: bool| before.then(|| Self::notice_at(day, terms)).transpose();
        Ok(Ladder {
            due_at: at(self.from, self.from < limit.day && self.from < reminder)?,
            reminder_at: at(reminder, reminder < limit.day)?,
            last_notice_at: Self::notice_at(limit.day, terms)?,
        })
    }

    /// The time of a day at which a notice of payment is due (10.4).
    ///
    /// # Errors
    /// When the day lies outside the calendar (G1).
    pub fn notice_at(day: NaiveDate, terms: &Terms) -> Result<Instant, OutOfCalendar> {
        local_instant(day, terms.notices_hour.value)
    }

    /// The n-th natural day, counting the first charged day as day 1.
    fn day(self, n: NaturalDays) -> Result<NaiveDate, OutOfCalendar> {
        let days = Days::new(u64::from(n.get() - 1));
        self.from.checked_add_days(days).ok_or(OutOfCalendar::Date(self.from))
    }
}

/// Part of a monthly amount by days, halves up. The part is never larger than the whole.
fn by_days(monthly: Centavos, days: u32, length: u32) -> Centavos {
    let (days, length) = (i128::from(days), i128::from(length));
    let doubled = 2 * i128::from(monthly.0) * days + length;
    let rounded = doubled.div_euclid(2 * length);
    Centavos(i64::try_from(rounded).expect("a part of an amount is no larger than the amount"))
}
