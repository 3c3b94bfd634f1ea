//! An independent reckoning of a month without reversals and granted days, written from the rules
//! with another library's dates (jiff, with its own zone data).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A payment.
#[derive(Debug, Clone)]
pub(crate) struct Paid {
    pub(crate) value_date: Date,
    pub(crate) recorded_at: i64,
    pub(crate) amount: i64,
}

/// What the oracle says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    Due,
    Paid,
    PaidLate,
    Suspended(i64),
    PaymentReceived(i64),
}

fn zone() -> TimeZone {
    TimeZone::get("America/Mexico_City").expect("bundled zone data")
}

/// The instant of an hour of a date.
pub(crate) fn instant(day: Date, hour: i8) -> i64 {
    zone().to_timestamp(day.at(hour, 0, 0, 0)).expect("a timestamp").as_millisecond()
}

/// The local date of an instant.
pub(crate) fn date_of(millis: i64) -> Date {
    zone().to_datetime(Timestamp::from_millisecond(millis).expect("a timestamp")).date()
}

/// The last day on which a month can be paid: day 5, or the fifth day counting the first one.
pub(crate) fn limit_day(year: i16, month: i8, start: Date) -> Date {
    let mut day = Date::new(year, month, 1).expect("a month");
    while day < start {
        day = day.tomorrow().expect("a day");
    }
    day.checked_add(4.days()).expect("a day")
}

/// What a month owes by days, counted one by one, halves up.
pub(crate) fn owed(year: i16, month: i8, start: Date, end: Option<Date>, fee: i64) -> i64 {
    let first = Date::new(year, month, 1).expect("a month");
    let days = || first.series(1.day()).take_while(|day| day.month() == month);
    let charged = days().filter(|day| *day >= start && end.is_none_or(|end| *day <= end)).count();
    let (charged, length) = (charged as i64, days().count() as i64);
    let exact = fee * charged;
    exact / length + i64::from(2 * (exact % length) >= length)
}

/// How a month stands.
pub(crate) fn standing(limit: Date, owed: i64, paid: &[Paid], notices: &[i64], as_of: i64) -> Says {
    let known: Vec<&Paid> = paid.iter().filter(|one| one.recorded_at <= as_of).collect();
    let sum = |counts: &dyn Fn(&Paid) -> bool| -> i64 {
        known.iter().filter(|one| counts(one)).map(|one| one.amount).sum()
    };
    if sum(&|one| one.value_date <= limit) >= owed {
        return Says::Paid;
    }
    let all = sum(&|_| true);
    if let Some(notice) = notices.iter().min() {
        let midnight = instant(limit.tomorrow().expect("a day"), 0);
        let effective = midnight.max(notice + 14 * 3_600_000);
        let day = date_of(effective);
        let in_time = sum(&|one| {
            one.value_date <= limit || one.value_date < day || one.recorded_at < effective
        });
        if effective <= as_of && in_time < owed {
            return if all >= owed {
                Says::PaymentReceived(effective)
            } else {
                Says::Suspended(effective)
            };
        }
    }
    if all >= owed { Says::PaidLate } else { Says::Due }
}
