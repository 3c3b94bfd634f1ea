//! Business time against known dates, and against a day-walking oracle that asks another library
//! about the zone: random schedules, years with clock changes, hours in the gap.

mod oracle;

use std::collections::BTreeMap;

use chrono::Datelike;
use domain::calendar::{
    ContractedHours, HolidayOverride, Holidays, MinuteOfDay, OutOfCalendar, OverrideKind,
    WorkCalendar, covers,
};
use domain::{Instant, NaiveDate, TimeDelta};
use oracle::{Oracle, Week};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const FIRST: i64 = 1_167_631_200_000; // 2007-01-01T00:00:00-06:00
const END: i64 = 2_556_165_600_000; // 2051-01-01T00:00:00-06:00
const DAY: i64 = 86_400_000;

/// The seed is fixed, so that every run is the same one; `PROPTEST_RNG_SEED` sets another.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_261_120);
    }
    println!("PROPTEST_RNG_SEED={}", config.rng_seed);
    config
}

fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

fn minute(minutes: u16) -> MinuteOfDay {
    MinuteOfDay::hm(minutes / 60, minutes % 60)
}

fn hours(week: &Week) -> ContractedHours {
    let day = |day: &Vec<(u16, u16)>| day.iter().map(|(a, b)| (minute(*a), minute(*b))).collect();
    ContractedHours::new(core::array::from_fn(|at| day(&week[at]))).expect("a valid week")
}

fn official(week: &Week) -> WorkCalendar {
    WorkCalendar::new(&hours(week), &Holidays::official())
}

fn default_calendar() -> WorkCalendar {
    WorkCalendar::new(&ContractedHours::default(), &Holidays::official())
}

/// A day's intervals: often none, all day, or hours around the clock changes of 02:00.
fn day() -> impl Strategy<Value = Vec<(u16, u16)>> {
    let cuts = |range: core::ops::RangeInclusive<u16>| {
        proptest::collection::btree_set(range, 0..=6).prop_map(|cuts| {
            let cuts: Vec<u16> = cuts.into_iter().collect();
            cuts.chunks_exact(2).map(|ends| (ends[0], ends[1])).collect::<Vec<_>>()
        })
    };
    prop_oneof![
        2 => Just(Vec::new()),
        1 => Just(vec![(0, 1440)]),
        1 => Just(vec![(540, 840), (900, 1110)]),
        3 => cuts(0..=1440),
        3 => cuts(50..=200),
    ]
}

fn week() -> impl Strategy<Value = Week> {
    [day(), day(), day(), day(), day(), day(), day()]
        .prop_filter("some hours from Monday to Friday", |week| {
            week[..5].iter().any(|day| !day.is_empty())
        })
}

/// Instants of the whole calendar, more of them on the days around Mexico's clock changes.
fn instant() -> impl Strategy<Value = i64> {
    let near_changes =
        (2007_i32..=2022, any::<bool>(), -4 * DAY..=4 * DAY).prop_map(|(year, spring, offset)| {
            let (month, first) = if spring { (4, 1) } else { (10, 25) };
            let sunday = ymd(year, month, first)
                .iter_days()
                .find(|day| day.weekday() == chrono::Weekday::Sun)
                .expect("every week has a Sunday");
            Instant::from_local(sunday.and_time(chrono::NaiveTime::MIN)).millis() + offset
        });
    // Sixty days of room on both sides, for what is looked up before and after.
    prop_oneof![near_changes, FIRST + 60 * DAY..END - 120 * DAY]
        .prop_map(|at| at.clamp(FIRST + 60 * DAY, END - 120 * DAY))
        .prop_flat_map(|at| prop_oneof![Just(at), Just(at - at.rem_euclid(60_000))])
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn elapsed_and_advance_agree_with_the_oracle(
        week in week(),
        from in instant(),
        span in 0..40 * DAY,
        part in 0.0..=1.0_f64,
    ) {
        let (calendar, oracle) = (official(&week), Oracle::new(week));
        let to = from + span;
        let elapsed = calendar.elapsed(Instant::from_millis(from), Instant::from_millis(to));
        let expected = oracle.elapsed(from, to);
        prop_assert_eq!(elapsed, Ok(TimeDelta::milliseconds(expected)));
        for n in [(expected as f64 * part) as i64, expected] {
            let found = calendar.advance(Instant::from_millis(from), TimeDelta::milliseconds(n));
            prop_assert_eq!(found, Ok(Instant::from_millis(oracle.advance(from, n))), "n = {}", n);
        }
    }

    #[test]
    fn openings_and_closings_agree_with_the_oracle(week in week(), at in instant()) {
        let (calendar, oracle) = (official(&week), Oracle::new(week));
        let t = Instant::from_millis(at);
        prop_assert_eq!(calendar.is_open(t), Ok(oracle.is_open(at)));
        let opening = Instant::from_millis(oracle.next_opening(at));
        prop_assert_eq!(calendar.next_opening(t), Ok(opening));
        let closing = Instant::from_millis(oracle.last_closing(at));
        prop_assert_eq!(calendar.last_closing(t), Ok(closing));
        prop_assert_eq!(calendar.last_closing(closing), Ok(closing));
        prop_assert_eq!(calendar.is_open(closing), Ok(oracle.is_open(closing.millis())));
        let end = oracle.intervals(oracle.date_of(at)).last().map(|(_, end)| Instant::from_millis(*end));
        prop_assert_eq!(calendar.end_of_day(t.date()), Ok(end));
    }

    #[test]
    fn advance_and_elapsed_are_inverse_and_monotone(
        week in week(),
        from in instant(),
        n in 1..5 * 3_600_000_i64,
        more in 0..3_600_000_i64,
    ) {
        let calendar = official(&week);
        let t = Instant::from_millis(from);
        // Short weeks and far years: an answer beyond the calendar is refused, never wrong.
        let Ok(reached) = calendar.advance(t, TimeDelta::milliseconds(n)) else { return Ok(()) };
        let elapsed = |to: Instant| calendar.elapsed(t, to).map(|span| span.num_milliseconds());
        prop_assert_eq!(elapsed(reached), Ok(n), "elapsed undoes advance");
        let just_before = Instant::from_millis(reached.millis() - 1);
        prop_assert_eq!(elapsed(just_before), Ok(n - 1), "no earlier instant would do");
        prop_assert_eq!(calendar.is_open(just_before), Ok(true), "inside an interval or at its end");
        if let Ok(later) = calendar.advance(t, TimeDelta::milliseconds(n + more)) {
            prop_assert!(reached <= later);
        }
        let after = Instant::from_millis(from + more);
        if let Ok(later) = calendar.advance(after, TimeDelta::milliseconds(n)) {
            prop_assert!(reached <= later, "a later receipt has no earlier target");
        }
        prop_assert_eq!(calendar.advance(t, TimeDelta::zero()), Ok(t));
    }

    #[test]
    fn business_days_agree_with_the_oracle(week in week(), at in instant(), n in 1_u32..30) {
        let (calendar, oracle) = (official(&week), Oracle::new(week));
        let date = Instant::from_millis(at).date();
        let mut day = oracle.date_of(at);
        let business = calendar.is_business_day(date);
        prop_assert_eq!(business, Ok(oracle::is_business_day(day)));
        let mut left = n;
        while left > 0 {
            day = oracle::next(day);
            left -= u32::from(oracle::is_business_day(day));
        }
        let end = Instant::from_millis(oracle.instant(day, 1440));
        prop_assert_eq!(calendar.end_of_business_days(date, n), Ok(end));
        let natural = (0..n).fold(oracle.date_of(at), |day, _| oracle::next(day));
        let end = Instant::from_millis(oracle.instant(natural, 1440));
        prop_assert_eq!(calendar.end_of_natural_days(date, n), Ok(end));
        let mut service = oracle::next(oracle.date_of(at));
        while !oracle::is_business_day(service) || oracle.intervals(service).is_empty() {
            service = oracle::next(service);
        }
        let found = calendar.next_service_day(date).map(|day| day.to_string());
        prop_assert_eq!(found, Ok(service.to_string()));
    }
}

#[test]
fn every_day_and_every_clock_change_agree_with_the_oracle() {
    let calendar = default_calendar();
    let always = official(&core::array::from_fn(|_| vec![(0, 1440)]));
    let oracle = Oracle::new(Week::default());
    let mut date = ymd(2007, 1, 1);
    for day in oracle::all_days() {
        assert_eq!(date.to_string(), day.to_string());
        let midnight = Instant::from_millis(oracle.instant(day, 0));
        assert_eq!(calendar.at(date, MinuteOfDay::hm(0, 0)), Ok(midnight), "{date}");
        assert_eq!(midnight.date(), date);
        assert_eq!(always.is_open(midnight), Ok(!oracle::is_holiday(day)), "{date}");
        assert_eq!(Instant::from_millis(midnight.millis() - 1).date(), date.pred_opt().unwrap());
        let length = oracle.instant(day, 1440) - midnight.millis();
        let steps = if length == DAY { 4 } else { 96 };
        for step in 0..=steps {
            let at = step * (1440 / steps);
            let expected = Instant::from_millis(oracle.instant(day, at));
            assert_eq!(calendar.at(date, minute(at)), Ok(expected), "{date} {}", minute(at));
        }
        assert_eq!(calendar.holiday_on(date).is_some(), oracle::is_holiday(day), "{date}");
        date = date.succ_opt().unwrap();
    }
    assert_eq!(date, ymd(2051, 1, 1));
}

type Minutes = &'static [(u16, u16)];
type Ends = &'static [(&'static str, &'static str)];

#[test]
fn days_with_a_clock_change_to_the_second() {
    // 2022-04-03 lost 02:00 to 03:00; 2022-10-30 had 01:00 to 02:00 twice.
    #[rustfmt::skip]
    let rows: [(&str, Minutes, Ends); _] = [
        ("2022-04-03", &[(0, 1440)], &[("2022-04-03T00:00:00-06:00", "2022-04-04T00:00:00-05:00")]),
        ("2022-04-03", &[(60, 150)], &[("2022-04-03T01:00:00-06:00", "2022-04-03T03:30:00-05:00")]),
        ("2022-04-03", &[(135, 165), (180, 240)], &[("2022-04-03T03:00:00-05:00", "2022-04-03T04:00:00-05:00")]),
        ("2022-04-03", &[(150, 190)], &[]),
        ("2022-10-30", &[(0, 1440)], &[("2022-10-30T00:00:00-05:00", "2022-10-31T00:00:00-06:00")]),
        ("2022-10-30", &[(60, 90)], &[("2022-10-30T01:00:00-05:00", "2022-10-30T01:30:00-05:00")]),
        ("2022-10-30", &[(90, 150)], &[("2022-10-30T01:30:00-05:00", "2022-10-30T02:30:00-06:00")]),
    ];
    for (date, sunday, expected) in rows {
        let mut week = Week::default();
        week[0] = vec![(1439, 1440)];
        week[6] = sunday.to_vec();
        let calendar = official(&week);
        let date: NaiveDate = date.parse().unwrap();
        let start = calendar.at(date, MinuteOfDay::hm(0, 0)).unwrap();
        let end = calendar.at(date, MinuteOfDay::END).unwrap();
        let total = calendar.elapsed(start, end).unwrap();
        let mut sum = TimeDelta::zero();
        for (from, to) in expected {
            let from = Instant::parse_rfc3339(from).unwrap();
            let to = Instant::parse_rfc3339(to).unwrap();
            assert_eq!(calendar.next_opening(start), Ok(from), "{date} {sunday:?}");
            assert_eq!(calendar.last_closing(end), Ok(to), "{date} {sunday:?}");
            sum += to - from;
        }
        assert_eq!(total, sum, "{date} {sunday:?}");
    }
}

#[test]
fn holidays_of_known_years() {
    // Published dates of the descanso obligatorio, weekends included.
    let rows: &[(i32, &[(u32, u32)])] = &[
        (2007, &[(1, 1), (2, 5), (3, 19), (5, 1), (9, 16), (11, 19), (12, 25)]),
        (2012, &[(1, 1), (2, 6), (3, 19), (5, 1), (7, 1), (9, 16), (11, 19), (12, 1), (12, 25)]),
        (2018, &[(1, 1), (2, 5), (3, 19), (5, 1), (7, 1), (9, 16), (11, 19), (12, 1), (12, 25)]),
        (2019, &[(1, 1), (2, 4), (3, 18), (5, 1), (9, 16), (11, 18), (12, 25)]),
        (2024, &[(1, 1), (2, 5), (3, 18), (5, 1), (6, 2), (9, 16), (10, 1), (11, 18), (12, 25)]),
        (2025, &[(1, 1), (2, 3), (3, 17), (5, 1), (9, 16), (11, 17), (12, 25)]),
        (2026, &[(1, 1), (2, 2), (3, 16), (5, 1), (9, 16), (11, 16), (12, 25)]),
        (2030, &[(1, 1), (2, 4), (3, 18), (5, 1), (9, 16), (10, 1), (11, 18), (12, 25)]),
    ];
    let holidays = Holidays::official();
    for (year, expected) in rows {
        let found: Vec<(u32, u32)> = ymd(*year, 1, 1)
            .iter_days()
            .take_while(|date| date.year() == *year)
            .filter(|date| holidays.name_on(*date).is_some())
            .map(|date| (date.month(), date.day()))
            .collect();
        assert_eq!(&found, expected, "{year}");
    }
}

#[test]
fn an_override_holds_for_those_who_knew_it() {
    let known = Instant::parse_rfc3339("2026-06-01T00:00:00-06:00").unwrap();
    let one = |kind, day, hours: i64| HolidayOverride {
        date: ymd(2026, 11, day),
        kind,
        name: "Decreto".to_owned(),
        source: "DOF".to_owned(),
        effective_from: known + TimeDelta::hours(hours),
    };
    let holidays = Holidays::with_overrides(vec![
        one(OverrideKind::Added, 20, 0),
        one(OverrideKind::Removed, 16, 0),
        one(OverrideKind::Added, 17, 0),
        one(OverrideKind::Removed, 17, 1),
    ]);
    let names = |holidays: &Holidays| {
        [16, 17, 20].map(|day| holidays.name_on(ymd(2026, 11, day)).map(ToOwned::to_owned))
    };
    let decree = || Some("Decreto".to_owned());
    assert_eq!(names(&holidays), [None, None, decree()]);
    assert_eq!(names(&holidays.known_at(known)), [None, decree(), decree()]);
    let before = Instant::from_millis(known.millis() - 1);
    let revolution = Some("Aniversario de la Revolución".to_owned());
    assert_eq!(names(&holidays.known_at(before)), [revolution, None, None]);
    let calendar = WorkCalendar::new(&ContractedHours::default(), &holidays);
    assert_eq!(calendar.next_service_day(ymd(2026, 11, 19)), Ok(ymd(2026, 11, 23)));
    let data = serde_json::to_string(&one(OverrideKind::Added, 20, 0)).unwrap();
    let back: HolidayOverride = serde_json::from_str(&data).unwrap();
    assert_eq!(back, one(OverrideKind::Added, 20, 0));
}

#[test]
fn outside_the_calendar_is_refused() {
    let calendar = default_calendar();
    let at = |text| Instant::parse_rfc3339(text).unwrap();
    let (first, before) = (at("2007-01-01T00:00:00-06:00"), at("2006-12-31T23:59:59.999-06:00"));
    let (last, after) = (at("2050-12-31T23:59:59.999-06:00"), at("2051-01-01T00:00:00-06:00"));
    assert_eq!((first.millis(), after.millis()), (FIRST, END));
    assert_eq!([before, first, last, after].map(covers), [false, true, true, false]);
    let hour = TimeDelta::hours(1);
    assert_eq!(calendar.advance(before, hour), Err(OutOfCalendar::Instant(before)));
    assert_eq!(calendar.advance(last, hour), Err(OutOfCalendar::Beyond(last)));
    assert_eq!(calendar.is_open(after), Err(OutOfCalendar::Instant(after)));
    assert_eq!(calendar.next_opening(last), Err(OutOfCalendar::Beyond(last)));
    assert_eq!(calendar.last_closing(first), Err(OutOfCalendar::Beyond(first)));
    assert_eq!(calendar.advance(first, -hour), Err(OutOfCalendar::Negative(first)));
    let reversed = OutOfCalendar::Reversed { from: last, to: first };
    assert_eq!(calendar.elapsed(last, first), Err(reversed));
    let date = ymd(2050, 12, 31);
    assert_eq!(calendar.next_service_day(date), Err(OutOfCalendar::Date(date)));
    assert_eq!(calendar.end_of_natural_days(date, 0), Ok(after));
    assert_eq!(calendar.end_of_natural_days(date, u32::MAX), Err(OutOfCalendar::Date(date)));
    assert_eq!(calendar.end_of_business_days(date, u32::MAX), Err(OutOfCalendar::Date(date)));
    for extreme in [i64::MIN, i64::MAX] {
        let t = Instant::from_millis(extreme);
        assert_eq!(calendar.advance(t, hour), Err(OutOfCalendar::Instant(t)));
        assert!(!t.to_rfc3339().is_empty());
    }
    // 24:00 of the last day is an answer, and so a question about it is answered.
    let whole = calendar.elapsed(first, after).unwrap();
    assert_eq!(calendar.elapsed(last, after), Ok(TimeDelta::zero()), "a Saturday");
    assert_eq!(calendar.advance(first, whole), Ok(at("2050-12-30T18:00:00-06:00")));
    let more = calendar.advance(first, whole + TimeDelta::milliseconds(1));
    assert_eq!(more, Err(OutOfCalendar::Beyond(first)));
    let all_of_it = calendar.advance(first, TimeDelta::MAX);
    assert_eq!(all_of_it, Err(OutOfCalendar::Beyond(first)));
}

/// On every day of the calendar: when the contracted time up to its end has passed it ends, and a
/// millisecond more leads into the next one. Where days last 512 minutes, totals are divisible by large
/// powers of two, and so are ends of days.
#[test]
fn every_day_ends_when_its_time_has_passed() {
    let mut week = Week::default();
    week[..5].fill(vec![(540, 540 + 512)]);
    let first = Instant::from_millis(FIRST);
    let millisecond = TimeDelta::milliseconds(1);
    for calendar in [default_calendar(), official(&week)] {
        let mut before = None;
        for date in ymd(2007, 1, 1).iter_days().take_while(|date| *date < ymd(2051, 1, 1)) {
            let Some(end) = calendar.end_of_day(date).unwrap() else { continue };
            let passed = calendar.elapsed(first, end).unwrap();
            assert_eq!(calendar.advance(first, passed), Ok(end), "{date}");
            let opens = calendar.at(date, MinuteOfDay::hm(9, 0)).unwrap();
            if let Some(passed) = before.replace(passed) {
                let next = calendar.advance(first, passed + millisecond);
                assert_eq!(next, Ok(opens + millisecond), "{date}");
            }
        }
    }
}

#[test]
fn a_calendar_prints_its_totals_and_no_tables() {
    let printed = format!("{:?}", default_calendar());
    assert!(printed.starts_with("WorkCalendar { full_day: TimeDelta"), "{printed}");
    assert!(printed.contains("contracted_millis: ") && printed.len() < 200, "{printed}");
}

#[test]
fn schedules_are_refused_with_all_their_faults() {
    #[rustfmt::skip]
    let rows = [
        (r#"{"mon":[["09:00","14:00"],["14:00","18:00"]]}"#, "lunes 09:00 a 18:00"),
        (r#"{"mon":[["15:00","18:30"],["09:00","14:00"]],"tue":[["00:00","24:00"]]}"#, "lunes 09:00 a 14:00 y 15:00 a 18:30; martes 00:00 a 24:00"),
        (r#"{"fri":[["09:00","18:00"]],"sat":[["09:00","18:00"]]}"#, "viernes y sábado 09:00 a 18:00"),
        (r"{}", "the schedule has no interval from Monday to Friday"),
        (r#"{"sun":[["09:00","18:00"]]}"#, "the schedule has no interval from Monday to Friday"),
        (r#"{"mon":[["9:00","18:00"],["19:00","24:30"]]}"#,
            "mon[0][0] \"9:00\" is not a time written as HH:MM from 00:00 to 24:00; \
             mon[1][1] \"24:30\" is not a time written as HH:MM from 00:00 to 24:00"),
        (r#"{"lun":[["09:00","18:00"]],"mon":[["22:00","06:00"],["08:00","08:00"]],"tue":[["09:00","12:00"],["11:00","13:00"]]}"#,
            "lun is not a weekday: use mon, tue, wed, thu, fri, sat, sun; \
             mon[0] ends at 06:00, before it begins at 22:00; hours past midnight are two intervals, \
             22:00 to 24:00 and, on the next day, 00:00 to 06:00; \
             mon[1] is empty: it begins and ends at 08:00; \
             tue[1] overlaps 09:00 to 12:00 of the same day"),
    ];
    for (data, expected) in rows {
        let data: BTreeMap<String, Vec<[String; 2]>> = serde_json::from_str(data).unwrap();
        let found = match ContractedHours::parse(&data) {
            Ok(hours) => {
                let again = serde_json::to_string(&hours).unwrap();
                assert_eq!(serde_json::from_str::<ContractedHours>(&again).unwrap(), hours);
                hours.spanish()
            }
            Err(faults) => faults.to_string(),
        };
        assert_eq!(found, expected);
    }
    let of = |count: u16| {
        let one = |n: u16| [format!("{:02}:00", n % 24), format!("{:02}:30", n % 24)];
        BTreeMap::from([("mon".to_owned(), (0..count).map(one).collect::<Vec<_>>())])
    };
    assert!(ContractedHours::parse(&of(24)).is_ok(), "one in each hour");
    let many = of(25);
    let faults = ContractedHours::parse(&many).unwrap_err().to_string();
    assert!(faults.contains("mon lists 25 intervals; at most 24 are read"), "{faults}");
    assert_eq!(MinuteOfDay::hm(24, 1), MinuteOfDay::END, "a day has no later minute");
    for text in ["24:01", "23:60", "99:99", "+1:00", "١:00", "", "09:00 ", "0900", "9:5"] {
        assert_eq!(MinuteOfDay::parse(text), None, "{text:?}");
    }
}
