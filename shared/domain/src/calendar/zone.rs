//! The local days of Mexico City as instants (G1), computed once from the bundled zone data.
//!
//! Every question about business time begins with "which local day is this": a table of the
//! instants at which the days begin answers it with one division and at most one step. Mexico's
//! clock changes came at 02:00 on Sundays (until 2022-10-30), so midnight is always unambiguous;
//! a test compares every day with the zone data.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, Offset, TimeZone};
use chrono_tz::America::Mexico_City;

use super::{MinuteOfDay, OutOfCalendar};
use crate::Instant;

/// The first year that has a calendar: the Mondays of article 74 are in force since then (G1).
pub const FIRST_YEAR: i32 = 2007;
/// The last year that has a calendar (G1).
pub const LAST_YEAR: i32 = 2050;

/// Days of the calendar, 2007-01-01 to 2050-12-31.
pub(crate) const DAYS: usize = 16_071;

/// Milliseconds of a day without a clock change.
pub(crate) const DAY_MILLIS: i64 = 86_400_000;

const FIRST_DATE: NaiveDate =
    NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1).expect("1 January exists in every year");

/// A local day of the calendar, counted from its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(u16);

impl Day {
    /// The day with that number; the caller keeps it below [`DAYS`].
    pub(crate) fn new(index: usize) -> Self {
        debug_assert!(index < DAYS, "day {index} lies beyond the calendar");
        Self(index as u16)
    }

    /// Its number.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    /// The day of a date, if the calendar has it.
    pub(crate) fn of_date(date: NaiveDate) -> Option<Self> {
        let index = date.num_days_from_ce() - FIRST_DATE.num_days_from_ce();
        usize::try_from(index).ok().filter(|index| *index < DAYS).map(Self::new)
    }

    /// Its date.
    pub(crate) fn date(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(FIRST_DATE.num_days_from_ce() + i32::from(self.0))
            .expect("every day of the calendar is a date")
    }

    /// Its weekday, 0 for Monday to 6 for Sunday: the calendar's first day is a Monday.
    pub(crate) const fn weekday(self) -> usize {
        self.index() % 7
    }
}

/// The instants at which the local days begin; one more, at which the calendar ends.
pub(crate) struct Zone {
    starts: Vec<i64>,
}

/// The one table of days; constant data, built at its first use.
pub(crate) static ZONE: LazyLock<Zone> = LazyLock::new(Zone::build);

impl Zone {
    fn build() -> Self {
        let mut starts = Vec::with_capacity(DAYS + 1);
        let mut date = FIRST_DATE;
        while starts.len() <= DAYS {
            // A month that begins and ends with the same offset has no clock change; the others
            // are asked day by day.
            let next = next_month(date);
            let steady = offset_millis(date) == offset_millis(next);
            let offset = offset_millis(date);
            for day in date.iter_days().take_while(|day| *day < next) {
                let offset = if steady { offset } else { offset_millis(day) };
                starts.push(midnight_utc(day) - offset);
            }
            date = next;
        }
        starts.truncate(DAYS + 1);
        Self { starts }
    }

    /// The local day of an instant, if the calendar has it.
    pub(crate) fn day_of(&self, t: Instant) -> Option<Day> {
        let since = t.millis().checked_sub(self.starts[0])?;
        if since < 0 {
            return None;
        }
        // In summer time a day begins an hour before a multiple of 24 hours, and none begins after
        // one, so it is the day that is guessed or the next.
        let guess = usize::try_from(since / DAY_MILLIS).ok()?.min(DAYS);
        let index =
            if guess < DAYS && t.millis() >= self.starts[guess + 1] { guess + 1 } else { guess };
        (index < DAYS).then(|| Day::new(index))
    }

    /// Whether an instant can be an answer: also 24:00 of the calendar's last day.
    pub(crate) fn covers_answer(&self, t: Instant) -> bool {
        (self.starts[0]..=self.starts[DAYS]).contains(&t.millis())
    }

    /// The instant at which a day begins, in milliseconds.
    pub(crate) fn start(&self, day: Day) -> i64 {
        self.starts[day.index()]
    }

    /// The instant at which a day ends, in milliseconds: 24:00.
    pub(crate) fn end(&self, day: Day) -> i64 {
        self.starts[day.index() + 1]
    }

    /// Whether the clock does not change on a day.
    pub(crate) fn is_plain(&self, day: Day) -> bool {
        self.end(day) - self.start(day) == DAY_MILLIS
    }

    /// The instant of a wall-clock time of a day, in milliseconds, by the gap and first rules (G1).
    pub(crate) fn at(&self, day: Day, time: MinuteOfDay) -> i64 {
        if time == MinuteOfDay::END {
            self.end(day)
        } else if self.is_plain(day) {
            self.start(day) + i64::from(time.minutes()) * 60_000
        } else {
            let (hour, minute) = (u32::from(time.minutes() / 60), u32::from(time.minutes() % 60));
            let local = day.date().and_hms_opt(hour, minute, 0);
            Instant::from_local(local.expect("a minute of a day is a time")).millis()
        }
    }
}

/// Whether the calendar knows an instant: local dates of 2007 to 2050 (G1).
#[must_use]
pub fn covers(t: Instant) -> bool {
    ZONE.day_of(t).is_some()
}

/// The instant of a time of day on a local date, by the gap and first rules (G1).
///
/// # Errors
/// When the date lies outside the calendar. Midnight of the day after its last is still an answer.
pub fn local_instant(date: NaiveDate, time: MinuteOfDay) -> Result<Instant, OutOfCalendar> {
    if let Some(day) = Day::of_date(date) {
        return Ok(Instant::from_millis(ZONE.at(day, time)));
    }
    let before = date.pred_opt().and_then(Day::of_date);
    let midnight = before.filter(|_| time == MinuteOfDay::hm(0, 0)).map(|day| ZONE.end(day));
    midnight.map(Instant::from_millis).ok_or(OutOfCalendar::Date(date))
}

/// As [`Zone::covers_answer`].
pub(crate) fn covers_answer(t: Instant) -> bool {
    ZONE.covers_answer(t)
}

fn midnight_utc(date: NaiveDate) -> i64 {
    let days =
        i64::from(date.num_days_from_ce()) - i64::from(NaiveDate::default().num_days_from_ce());
    days * DAY_MILLIS
}

/// The offset that holds at a date's local midnight, in milliseconds.
fn offset_millis(date: NaiveDate) -> i64 {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    let offset = Mexico_City.offset_from_local_datetime(&midnight).earliest();
    let offset = offset.expect("no clock change of Mexico City falls on midnight");
    i64::from(offset.fix().local_minus_utc()) * 1000
}

fn next_month(date: NaiveDate) -> NaiveDate {
    date.checked_add_months(chrono::Months::new(1)).expect("the calendar ends long before dates do")
}
