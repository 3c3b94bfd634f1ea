//! An independent reckoning of business time: it walks days one by one and asks another library
//! (jiff, with its own copy of the zone data) about the zone. Slow, plain, and written from the
//! rules rather than from the code.

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Per weekday, Monday first: intervals in minutes of the wall clock.
pub(crate) type Week = [Vec<(u16, u16)>; 7];

/// The day-walking calendar.
pub(crate) struct Oracle {
    zone: TimeZone,
    week: Week,
}

impl Oracle {
    /// A calendar of this week in Mexico City.
    pub(crate) fn new(week: Week) -> Self {
        Self { zone: TimeZone::get("America/Mexico_City").expect("bundled zone data"), week }
    }

    /// The local date of an instant.
    pub(crate) fn date_of(&self, millis: i64) -> Date {
        let at = Timestamp::from_millisecond(millis).expect("a timestamp");
        self.zone.to_datetime(at).date()
    }

    /// The instant of a wall-clock minute of a date; gaps move forward, the first of two counts.
    pub(crate) fn instant(&self, day: Date, minute: u16) -> i64 {
        let (day, minute) = if minute == 1440 { (next(day), 0) } else { (day, minute) };
        let (hour, minute) = ((minute / 60) as i8, (minute % 60) as i8);
        self.zone.to_timestamp(day.at(hour, minute, 0, 0)).expect("a timestamp").as_millisecond()
    }

    /// The contracted intervals of a date as instants: their union, sorted.
    pub(crate) fn intervals(&self, day: Date) -> Vec<(i64, i64)> {
        if is_holiday(day) {
            return Vec::new();
        }
        let weekday = day.weekday().to_monday_zero_offset() as usize;
        let mut found: Vec<(i64, i64)> = self.week[weekday]
            .iter()
            .map(|(from, to)| (self.instant(day, *from), self.instant(day, *to)))
            .filter(|(from, to)| from < to)
            .collect();
        found.sort_unstable();
        let mut union: Vec<(i64, i64)> = Vec::new();
        for (from, to) in found {
            match union.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => union.push((from, to)),
            }
        }
        union
    }

    /// Contracted milliseconds between two instants.
    pub(crate) fn elapsed(&self, from: i64, to: i64) -> i64 {
        let mut day = self.date_of(from);
        let last = self.date_of(to);
        let mut sum = 0;
        while day <= last {
            for (open, close) in self.intervals(day) {
                sum += (close.min(to) - open.max(from)).max(0);
            }
            day = next(day);
        }
        sum
    }

    /// The earliest instant with `n` contracted milliseconds since `from`.
    pub(crate) fn advance(&self, from: i64, n: i64) -> i64 {
        if n == 0 {
            return from;
        }
        let (mut day, mut left) = (self.date_of(from), n);
        loop {
            for (open, close) in self.intervals(day) {
                let begin = open.max(from);
                if close > begin {
                    if left <= close - begin {
                        return begin + left;
                    }
                    left -= close - begin;
                }
            }
            day = next(day);
        }
    }

    /// Whether an instant lies inside an interval.
    pub(crate) fn is_open(&self, at: i64) -> bool {
        self.intervals(self.date_of(at)).iter().any(|(open, close)| *open <= at && at < *close)
    }

    /// The earliest instant from `at` on inside an interval.
    pub(crate) fn next_opening(&self, at: i64) -> i64 {
        let mut day = self.date_of(at);
        loop {
            if let Some((open, _)) = self.intervals(day).iter().find(|(_, close)| *close > at) {
                return at.max(*open);
            }
            day = next(day);
        }
    }

    /// The end of the last interval that ends at or before `at`.
    pub(crate) fn last_closing(&self, at: i64) -> i64 {
        let mut day = self.date_of(at);
        loop {
            if let Some((_, close)) = self.intervals(day).iter().rev().find(|(_, end)| *end <= at) {
                return *close;
            }
            day = day.yesterday().expect("a date");
        }
    }
}

/// The day after.
pub(crate) fn next(day: Date) -> Date {
    day.tomorrow().expect("a date")
}

/// Monday to Friday and no holiday.
pub(crate) fn is_business_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(day)
}

/// Article 74 of the Ley Federal del Trabajo, said again.
pub(crate) fn is_holiday(day: Date) -> bool {
    let year = day.year();
    let nth_monday = |month, nth| date(year, month, 1).nth_weekday_of_month(nth, Weekday::Monday);
    let moving = [nth_monday(2, 1), nth_monday(3, 3), nth_monday(11, 3)];
    let fixed = [date(year, 1, 1), date(year, 5, 1), date(year, 9, 16), date(year, 12, 25)];
    let inauguration = match year {
        2012 | 2018 => Some(date(year, 12, 1)),
        2024 | 2030 | 2036 | 2042 | 2048 => Some(date(year, 10, 1)),
        _ => None,
    };
    let elections = [
        date(2009, 7, 5),
        date(2012, 7, 1),
        date(2015, 6, 7),
        date(2018, 7, 1),
        date(2021, 6, 6),
        date(2024, 6, 2),
        date(2027, 6, 6),
    ];
    fixed.contains(&day)
        || inauguration == Some(day)
        || elections.contains(&day)
        || moving.iter().any(|one| one.as_ref().is_ok_and(|one| *one == day))
}

/// Every date from 2007-01-01 to 2050-12-31.
pub(crate) fn all_days() -> impl Iterator<Item = Date> {
    date(2007, 1, 1).series(1.day()).take_while(|day| day.year() <= 2050)
}
