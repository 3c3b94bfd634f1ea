//! The table of business time: contracted hours × official holidays × zone.
//!
//! "Día hábil: lunes a viernes, excluyendo días festivos oficiales en México" and "en horario
//! contratado" meet here. For every day of the calendar the table holds the contracted time before
//! it; the contracted time before an instant is that plus a look at one day, and `advance` is the
//! inverse, found through buckets of equal contracted time. No question walks days, and none takes
//! longer for a far date than for a near one.

use chrono::{NaiveDate, TimeDelta};

use super::shape::Shape;
use super::zone::{DAYS, Day, ZONE, Zone};
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

/// Marks a day without an answer in the tables of days.
const NONE: u16 = u16::MAX;

/// Business time of one schedule, in constant time per question.
#[derive(Clone)]
pub struct WorkCalendar {
    zone: &'static Zone,
    holidays: Holidays,
    /// The distinct days: none, the seven weekdays, and each day with a clock change.
    shapes: Vec<Shape>,
    /// The shape of each day.
    shape_of: Vec<u16>,
    /// Contracted milliseconds before each day; one more entry, for all of them.
    before: Vec<i64>,
    /// Bucket `k` holds the first day by whose end more than `k << shift` milliseconds have passed.
    buckets: Vec<u16>,
    shift: u32,
    /// The first business day with contracted hours after each day.
    next_service: Vec<u16>,
    /// Business days before each day, and the business days in order.
    business_before: Vec<u16>,
    business_days: Vec<u16>,
    /// The longest day of the schedule, in milliseconds.
    full_day: i64,
}

impl core::fmt::Debug for WorkCalendar {
    /// The schedule's totals; the tables themselves are of no use to a reader.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WorkCalendar")
            .field("full_day", &self.full_day())
            .field("contracted_millis", &self.before[DAYS])
            .finish_non_exhaustive()
    }
}

impl WorkCalendar {
    /// Builds the table. It takes less than a millisecond: keep it for as long as the schedule
    /// holds.
    #[must_use]
    pub fn new(hours: &ContractedHours, holidays: &Holidays) -> Self {
        let zone: &'static Zone = &ZONE;
        let mut shapes = vec![Shape::default()];
        shapes.extend((0..7).map(|weekday| Shape::plain(hours.on_weekday(weekday))));
        let (mut shape_of, mut before) = (Vec::with_capacity(DAYS), Vec::with_capacity(DAYS + 1));
        let (mut business_before, mut business_days) = (Vec::with_capacity(DAYS + 1), Vec::new());
        let mut total = 0;
        let mut date = Day::new(0).date();
        for day in (0..DAYS).map(Day::new) {
            let holiday = holidays.name_on(date).is_some();
            let shape = if holiday {
                0
            } else if zone.is_plain(day) {
                1 + day.weekday()
            } else {
                shapes.push(Shape::on(day, hours.on_weekday(day.weekday())));
                shapes.len() - 1
            };
            shape_of.push(small(shape));
            before.push(total);
            business_before.push(small(business_days.len()));
            if !holiday && day.weekday() < 5 {
                business_days.push(small(day.index()));
            }
            total += shapes[shape].total();
            date = date.succ_opt().expect("the calendar ends long before dates do");
        }
        before.push(total);
        business_before.push(small(business_days.len()));
        let next_service = next_service(&shapes, &shape_of, &business_days);
        let (shift, buckets) = buckets(&before);
        let full_day = i64::from(hours.longest_day_minutes()) * 60_000;
        let holidays = holidays.clone();
        Self {
            zone,
            holidays,
            shapes,
            shape_of,
            before,
            buckets,
            shift,
            next_service,
            business_before,
            business_days,
            full_day,
        }
    }

    /// The earliest instant with `n` of contracted time since `t` (G4); it may be a closing
    /// instant. `advance(t, 0)` is `t`. Parts of a millisecond are cut.
    ///
    /// # Errors
    /// When `t` or the answer lies outside the calendar, or `n` is negative.
    pub fn advance(&self, t: Instant, n: TimeDelta) -> Result<Instant, OutOfCalendar> {
        let before = self.contracted_before(t)?;
        match n.num_milliseconds() {
            ..0 => Err(OutOfCalendar::Negative(t)),
            0 => Ok(t),
            n => self.earliest(before.saturating_add(n)).ok_or(OutOfCalendar::Beyond(t)),
        }
    }

    /// The earliest instant by which `percent` of the contracted time from one instant to a later one
    /// has passed, cut to whole seconds (7.10).
    pub(crate) fn part(
        &self,
        from: Instant,
        to: Instant,
        percent: u8,
    ) -> Result<Instant, OutOfCalendar> {
        let (begin, end) = (self.contracted_before(from)?, self.contracted_before(to)?);
        match (end - begin) * i64::from(percent) / 100_000 * 1000 {
            0 => Ok(from),
            part => self.earliest(begin + part).ok_or(OutOfCalendar::Beyond(from)),
        }
    }

    /// The contracted time between two instants.
    ///
    /// # Errors
    /// When one lies outside the calendar, or `to` lies before `from`.
    pub fn elapsed(&self, from: Instant, to: Instant) -> Result<TimeDelta, OutOfCalendar> {
        let (begin, end) = (self.contracted_before(from)?, self.contracted_before(to)?);
        if to < from {
            return Err(OutOfCalendar::Reversed { from, to });
        }
        Ok(TimeDelta::milliseconds(end - begin))
    }

    /// Whether an instant lies inside a contracted interval `[from, to)` (G3).
    ///
    /// # Errors
    /// When it lies outside the calendar.
    pub fn is_open(&self, t: Instant) -> Result<bool, OutOfCalendar> {
        let day = self.day_of(t)?;
        Ok(self.shape(day).is_open(t.millis() - self.zone.start(day)))
    }

    /// The earliest instant at or after `t` inside contracted hours.
    ///
    /// # Errors
    /// When it or the answer lies outside the calendar.
    pub fn next_opening(&self, t: Instant) -> Result<Instant, OutOfCalendar> {
        // The next contracted millisecond has passed one millisecond after the opening.
        let passed =
            self.earliest(self.contracted_before(t)? + 1).ok_or(OutOfCalendar::Beyond(t))?;
        Ok(Instant::from_millis(passed.millis() - 1))
    }

    /// The end of the last contracted interval that ends at or before `t`. Midnight between two
    /// days that touch is such an end, since intervals belong to their day (G3).
    ///
    /// # Errors
    /// When it or the answer lies outside the calendar.
    pub fn last_closing(&self, t: Instant) -> Result<Instant, OutOfCalendar> {
        let day = self.day_of(t)?;
        let within = self.shape(day).within_closed(t.millis() - self.zone.start(day));
        match self.before[day.index()] + within {
            0 => Err(OutOfCalendar::Beyond(t)),
            closed => self.earliest(closed).ok_or(OutOfCalendar::Beyond(t)),
        }
    }

    /// Whether a date is a business day: Monday to Friday and no official holiday, whatever the
    /// contracted hours (1.3).
    ///
    /// # Errors
    /// When it lies outside the calendar.
    pub fn is_business_day(&self, date: NaiveDate) -> Result<bool, OutOfCalendar> {
        Ok(self.is_business(day(date)?))
    }

    /// The name of the official holiday on a date, if it is one (1.3).
    #[must_use]
    pub fn holiday_on(&self, date: NaiveDate) -> Option<&str> {
        self.holidays.name_on(date)
    }

    /// `end(d)`: the end of the contracted hours of a date; none where it has none (7).
    ///
    /// # Errors
    /// When it lies outside the calendar.
    pub fn end_of_day(&self, date: NaiveDate) -> Result<Option<Instant>, OutOfCalendar> {
        Ok(self.end_of(day(date)?))
    }

    /// `n`: the first business day after a date that has contracted hours (7).
    ///
    /// # Errors
    /// When it or the answer lies outside the calendar.
    pub fn next_service_day(&self, date: NaiveDate) -> Result<NaiveDate, OutOfCalendar> {
        self.next_service(day(date)?).map(Day::date).ok_or(OutOfCalendar::Date(date))
    }

    /// 24:00 local of the `n`-th business day after a date; what is due "within n business days"
    /// is due *before* this instant (G4).
    ///
    /// # Errors
    /// When the date or the answer lies outside the calendar.
    pub fn end_of_business_days(&self, date: NaiveDate, n: u32) -> Result<Instant, OutOfCalendar> {
        self.nth_business(date, n).map(|day| Instant::from_millis(self.zone.end(day)))
    }

    /// 24:00 local of the `n`-th natural day after a date; what is due "within n natural days" is
    /// due *before* this instant (G4).
    ///
    /// # Errors
    /// When the date or the answer lies outside the calendar.
    pub fn end_of_natural_days(&self, date: NaiveDate, n: u32) -> Result<Instant, OutOfCalendar> {
        let index = day(date)?.index().saturating_add(n as usize);
        if index >= DAYS {
            return Err(OutOfCalendar::Date(date));
        }
        Ok(Instant::from_millis(self.zone.end(Day::new(index))))
    }

    /// The instant of a time of day on a date, by the gap and first rules of G1.
    ///
    /// # Errors
    /// When the date lies outside the calendar.
    pub fn at(&self, date: NaiveDate, time: MinuteOfDay) -> Result<Instant, OutOfCalendar> {
        Ok(self.at_time(day(date)?, time))
    }

    /// One full contracted day: the longest day of the schedule (9.2).
    #[must_use]
    pub fn full_day(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.full_day)
    }

    /// The local day of an instant.
    pub(crate) fn day_of(&self, t: Instant) -> Result<Day, OutOfCalendar> {
        self.zone.day_of(t).ok_or(OutOfCalendar::Instant(t))
    }

    /// As [`Self::is_business_day`].
    pub(crate) fn is_business(&self, day: Day) -> bool {
        self.business_before[day.index()] != self.business_before[day.index() + 1]
    }

    /// As [`Self::end_of_day`].
    pub(crate) fn end_of(&self, day: Day) -> Option<Instant> {
        self.shape(day).end().map(|end| Instant::from_millis(self.zone.start(day) + end))
    }

    /// As [`Self::next_service_day`].
    pub(crate) fn next_service(&self, day: Day) -> Option<Day> {
        let next = self.next_service[day.index()];
        (next != NONE).then(|| Day::new(usize::from(next)))
    }

    /// As [`Self::at`].
    pub(crate) fn at_time(&self, day: Day, time: MinuteOfDay) -> Instant {
        Instant::from_millis(self.zone.at(day, time))
    }

    fn nth_business(&self, date: NaiveDate, n: u32) -> Result<Day, OutOfCalendar> {
        let from = day(date)?;
        if n == 0 {
            return Ok(from);
        }
        let until = usize::from(self.business_before[from.index() + 1]);
        let at = until.saturating_add(n as usize - 1);
        let found = self.business_days.get(at).ok_or(OutOfCalendar::Date(date))?;
        Ok(Day::new(usize::from(*found)))
    }

    fn shape(&self, day: Day) -> &Shape {
        &self.shapes[usize::from(self.shape_of[day.index()])]
    }

    /// Contracted milliseconds from the calendar's beginning to an instant.
    fn contracted_before(&self, t: Instant) -> Result<i64, OutOfCalendar> {
        match self.zone.day_of(t) {
            Some(day) => {
                let within = self.shape(day).within(t.millis() - self.zone.start(day));
                Ok(self.before[day.index()] + within)
            }
            // 24:00 of the last day may be an answer, and so a question about that answer.
            None if self.zone.covers_answer(t) => Ok(self.before[DAYS]),
            None => Err(OutOfCalendar::Instant(t)),
        }
    }

    /// The earliest instant by which that many (at least one) contracted milliseconds have passed.
    fn earliest(&self, passed: i64) -> Option<Instant> {
        if passed > self.before[DAYS] {
            return None;
        }
        let bucket = usize::try_from((passed - 1) >> self.shift).ok()?;
        let mut index = usize::from(self.buckets[bucket]);
        while self.before[index + 1] < passed {
            index += 1;
        }
        let day = Day::new(index);
        let within = self.shape(day).earliest(passed - self.before[index]);
        Some(Instant::from_millis(self.zone.start(day) + within))
    }
}

/// The day of a date.
fn day(date: NaiveDate) -> Result<Day, OutOfCalendar> {
    Day::of_date(date).ok_or(OutOfCalendar::Date(date))
}

/// A number of the tables: days and shapes are fewer than 65,535.
fn small(number: usize) -> u16 {
    u16::try_from(number).expect("the calendar has 16,071 days and fewer shapes")
}

/// For each day the first business day after it that has contracted hours.
fn next_service(shapes: &[Shape], shape_of: &[u16], business_days: &[u16]) -> Vec<u16> {
    let mut next = vec![NONE; DAYS];
    let mut from = 0;
    let serves = |day: &&u16| shapes[usize::from(shape_of[usize::from(**day)])].total() > 0;
    for day in business_days.iter().filter(serves) {
        next[from..usize::from(*day)].fill(*day);
        from = usize::from(*day);
    }
    next
}

/// The inverse of the totals: buckets of a power of two, 16 to 33 thousand of them, so that the days
/// that one bucket spans are as few as the schedule is even.
fn buckets(before: &[i64]) -> (u32, Vec<u16>) {
    let totals = before.iter().map(|total| total.unsigned_abs());
    let shift = before[DAYS].max(1).ilog2().saturating_sub(14);
    let mut buckets = Vec::new();
    for (day, by_its_end) in totals.skip(1).enumerate() {
        let until = by_its_end.div_ceil(1 << shift);
        buckets.resize(until as usize, small(day));
    }
    (shift, buckets)
}
