//! The table of business time: contracted hours × official holidays × zone.

use chrono::{NaiveDate, TimeDelta};

use super::{ContractedHours, Holidays, MinuteOfDay};
use crate::Instant;

/// A date or an instant that no calendar knows (G1): before 2007, after 2050, or an answer that
/// would lie there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutOfCalendar {
    /// An instant outside 2007–2050.
    #[error("{0} lies outside the calendar, which covers 2007 to 2050")]
    Instant(Instant),
    /// A date outside 2007–2050.
    #[error("{0} lies outside the calendar, which covers 2007 to 2050")]
    Date(NaiveDate),
    /// The answer to a question about this instant lies outside 2007–2050.
    #[error("what is asked of {0} lies outside the calendar, which covers 2007 to 2050")]
    Beyond(Instant),
    /// A span that runs backwards.
    #[error("the span from {from} to {to} runs backwards")]
    Reversed {
        /// Its beginning.
        from: Instant,
        /// Its end, which lies before.
        to: Instant,
    },
    /// A negative length of time.
    #[error("a negative time cannot be added to {0}")]
    Negative(Instant),
}

/// Business time of one schedule, in constant time per question.
#[derive(Clone, Debug)]
pub struct WorkCalendar {
    full_day: i64,
}

impl WorkCalendar {
    /// Builds the table. It takes about a millisecond: keep it for as long as the schedule holds.
    #[must_use]
    pub fn new(hours: &ContractedHours, holidays: &Holidays) -> Self {
        let _ = (hours, holidays);
        unimplemented!()
    }

    /// The earliest instant with `n` of contracted time since `t` (G4); it may be a closing
    /// instant. `advance(t, 0)` is `t`.
    ///
    /// # Errors
    /// When `t` or the answer lies outside the calendar, or `n` is negative.
    pub fn advance(&self, t: Instant, n: TimeDelta) -> Result<Instant, OutOfCalendar> {
        let _ = (t, n);
        unimplemented!()
    }

    /// The contracted time between two instants.
    ///
    /// # Errors
    /// When one lies outside the calendar, or `to` lies before `from`.
    pub fn elapsed(&self, from: Instant, to: Instant) -> Result<TimeDelta, OutOfCalendar> {
        let _ = (from, to);
        unimplemented!()
    }

    /// Whether an instant lies inside a contracted interval `[from, to)` (G3).
    ///
    /// # Errors
    /// When it lies outside the calendar.
    pub fn is_open(&self, t: Instant) -> Result<bool, OutOfCalendar> {
        let _ = t;
        unimplemented!()
    }

    /// The earliest instant at or after `t` inside contracted hours.
    ///
    /// # Errors
    /// When it or the answer lies outside the calendar.
    pub fn next_opening(&self, t: Instant) -> Result<Instant, OutOfCalendar> {
        let _ = t;
        unimplemented!()
    }

    /// The end of the last contracted interval that ends at or before `t`. Midnight between two
    /// days that touch is such an end.
    ///
    /// # Errors
    /// When it or the answer lies outside the calendar.
    pub fn last_closing(&self, t: Instant) -> Result<Instant, OutOfCalendar> {
        let _ = t;
        unimplemented!()
    }

    /// Whether a date is a business day: Monday to Friday and no official holiday, whatever the
    /// contracted hours (1.3).
    ///
    /// # Errors
    /// When it lies outside the calendar.
    pub fn is_business_day(&self, date: NaiveDate) -> Result<bool, OutOfCalendar> {
        let _ = date;
        unimplemented!()
    }

    /// `end(d)`: the end of the contracted hours of a date; none where it has none (7).
    ///
    /// # Errors
    /// When it lies outside the calendar.
    pub fn end_of_day(&self, date: NaiveDate) -> Result<Option<Instant>, OutOfCalendar> {
        let _ = date;
        unimplemented!()
    }

    /// `n`: the first business day after a date that has contracted hours (7).
    ///
    /// # Errors
    /// When it or the answer lies outside the calendar.
    pub fn next_service_day(&self, date: NaiveDate) -> Result<NaiveDate, OutOfCalendar> {
        let _ = date;
        unimplemented!()
    }

    /// The `n`-th business day after a date; for 0 the date itself.
    ///
    /// # Errors
    /// When it or the answer lies outside the calendar.
    pub fn nth_business_day(&self, date: NaiveDate, n: u32) -> Result<NaiveDate, OutOfCalendar> {
        let _ = (date, n);
        unimplemented!()
    }

    /// 24:00 local of the `n`-th business day after a date; what is due "within n business days"
    /// is due *before* this instant (G4).
    ///
    /// # Errors
    /// When the date or the answer lies outside the calendar.
    pub fn end_of_business_days(&self, date: NaiveDate, n: u32) -> Result<Instant, OutOfCalendar> {
        let _ = (date, n);
        unimplemented!()
    }

    /// 24:00 local of the `n`-th natural day after a date; what is due "within n natural days" is
    /// due *before* this instant (G4).
    ///
    /// # Errors
    /// When the date or the answer lies outside the calendar.
    pub fn end_of_natural_days(&self, date: NaiveDate, n: u32) -> Result<Instant, OutOfCalendar> {
        let _ = (date, n);
        unimplemented!()
    }

    /// The instant of a time of day on a date, by the gap and first rules of G1.
    ///
    /// # Errors
    /// When the date lies outside the calendar.
    pub fn at(&self, date: NaiveDate, time: MinuteOfDay) -> Result<Instant, OutOfCalendar> {
        let _ = (date, time);
        unimplemented!()
    }

    /// One full contracted day: the longest day of the schedule (9.2).
    #[must_use]
    pub fn full_day(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.full_day)
    }
}
