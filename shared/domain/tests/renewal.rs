//! Clause 10: "Las pólizas se renuevan automáticamente salvo aviso con 5 días de anticipación."

use domain::renewal::{TermEnding, TermSeries, renewal};
use domain::terms::{NaturalDays, Parameters, Terms};
use domain::{Instant, NaiveDate, Step};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap_or_else(|why| panic!("{text} {why}"))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is a date"))
}

#[test]
fn clause_10_reference_vector() {
    let mut steps: Vec<Step> = Vec::new();
    let found = renewal(day("2027-03-31"), &Terms::product(), &mut steps).unwrap();
    assert_eq!(found.renewal_at, at("2027-04-01T00:00:00-06:00"));
    assert_eq!(found.last_valid_notice_at, at("2027-03-27T00:00:00-06:00"));
    let notices = [at("2027-03-17T09:00:00-06:00"), at("2027-03-24T09:00:00-06:00")];
    assert_eq!(found.notices_at, notices);
    assert_eq!(found.spanish_notice_limit(), "hasta el viernes 26 de marzo de 2027 a las 24:00 h");
    let arrived: Vec<_> = steps.iter().filter_map(|step| step.at).collect();
    assert_eq!(
        arrived,
        [found.renewal_at, found.last_valid_notice_at, notices[0], notices[1]],
        "each instant has its step"
    );
    assert!(steps.iter().all(|step| step.rule == "10.8" && step.clause() == 10));
}

#[test]
fn notices_of_non_renewal() {
    let found = renewal(day("2027-03-31"), &Terms::product(), &mut ()).unwrap();
    let in_time = at("2027-03-27T00:00:00-06:00");
    let late = at("2027-03-27T00:00:00.001-06:00");
    let after = at("2027-04-01T00:00:00-06:00");
    let renews = |late| TermEnding::Renews { late_notice_at: late };
    #[rustfmt::skip]
    let rows: [(&str, bool, &[Instant], TermEnding); 8] = [
        ("nothing said", true, &[], renews(None)),
        ("not automatic", false, &[], TermEnding::Expires),
        ("in time", true, &[in_time], TermEnding::Expires),
        ("late", true, &[late], renews(Some(late))),
        ("late and in time", true, &[late, in_time], TermEnding::Expires),
        ("late twice", true, &[at("2027-03-31T12:00:00-06:00"), late], renews(Some(late))),
        ("after the renewal it speaks of the next term", true, &[after], renews(None)),
        ("not automatic and late", false, &[late], TermEnding::Expires),
    ];
    for (name, automatic, notices, expected) in rows {
        assert_eq!(found.ending(automatic, notices), expected, "{name}");
    }
}

#[test]
fn no_day_is_lost_from_term_to_term() {
    #[rustfmt::skip]
    let rows = [
        // start, months, k, first day, last day
        ("2025-01-31", 1, 1, "2025-02-28", "2025-03-30"),
        ("2025-01-31", 1, 2, "2025-03-31", "2025-04-29"),
        ("2025-01-31", 1, 3, "2025-04-30", "2025-05-30"),
        ("2028-02-29", 12, 1, "2029-02-28", "2030-02-27"),
        ("2028-02-29", 12, 4, "2032-02-29", "2033-02-27"),
        ("2026-04-01", 12, 0, "2026-04-01", "2027-03-31"),
        ("2026-08-31", 6, 1, "2027-02-28", "2027-08-30"),
        ("2026-08-31", 6, 2, "2027-08-31", "2028-02-28"),
    ];
    for (start, months, k, first, last) in rows {
        let series = TermSeries::new(day(start), months).unwrap();
        let term = series.term(k).unwrap();
        assert_eq!((term.first, term.last), (day(first), day(last)), "{start} {months} {k}");
    }
    assert_eq!(TermSeries::new(day("2026-04-01"), 0), None);
    let series = TermSeries::new(day("2026-04-01"), u32::MAX).unwrap();
    assert_eq!(series.term(1), None, "beyond the range of dates");
}

/// From every start day of four years: the terms follow each other without a gap, each day belongs
/// to one, and they begin where another library says.
#[test]
fn every_start_day_of_four_years() {
    for start in date(2024, 1, 1).series(1.day()).take(366 + 3 * 365) {
        for months in [1, 3, 6, 12] {
            let series = TermSeries::new(day(&start.to_string()), months).unwrap();
            for k in 0..14_u32 {
                let term = series.term(k).unwrap();
                let expected = start.checked_add(i64::from(k * months).months()).unwrap();
                assert_eq!(term.first.to_string(), expected.to_string(), "{start} {months} {k}");
                let next = series.first_day(k + 1).unwrap();
                assert_eq!(term.last.succ_opt(), Some(next));
                assert_eq!(series.term_on(term.first), Some(term), "{start} {months} {k}");
                assert_eq!(series.term_on(term.last), Some(term), "{start} {months} {k}");
            }
            assert_eq!(series.term_on(day(&start.yesterday().unwrap().to_string())), None);
        }
    }
}

/// Every last day of six years, clock changes included.
#[test]
fn every_last_day_by_another_library() {
    let zone = TimeZone::get("America/Mexico_City").unwrap();
    let instant = |day: Date, hour: i8| {
        Instant::from_millis(zone.to_timestamp(day.at(hour, 0, 0, 0)).unwrap().as_millisecond())
    };
    for last in date(2022, 1, 1).series(1.day()).take(365 * 6) {
        let renews = last.tomorrow().unwrap();
        let before = |days: i64| renews.checked_sub(days.days()).unwrap();
        let found = renewal(day(&last.to_string()), &Terms::product(), &mut ()).unwrap();
        assert_eq!(found.renewal_at, instant(renews, 0), "{last}");
        assert_eq!(found.last_valid_notice_at, instant(before(5), 0), "{last}");
        assert_eq!(found.notices_at, [instant(before(15), 9), instant(before(8), 9)], "{last}");
    }
}

#[test]
fn other_terms_and_the_calendar_s_ends() {
    let plan = Parameters {
        renewal_notice_days: NaturalDays::new(30),
        renewal_reminder_days: Some([8, 45, 8].map(|n| NaturalDays::new(n).unwrap()).to_vec()),
        ..Parameters::default()
    };
    let terms = Terms::resolve(None, &plan, &[], day("2026-01-01"));
    let found = renewal(day("2027-03-31"), &terms, &mut ()).unwrap();
    assert_eq!(found.last_valid_notice_at, at("2027-03-02T00:00:00-06:00"));
    let notices = [at("2027-02-15T09:00:00-06:00"), at("2027-03-24T09:00:00-06:00")];
    assert_eq!(found.notices_at, notices, "in order, each once");
    let last = renewal(day("2050-12-31"), &Terms::product(), &mut ()).unwrap();
    assert_eq!(last.renewal_at, at("2051-01-01T00:00:00-06:00"));
    for outside in ["2007-01-14", "2006-12-31", "2051-01-01"] {
        assert!(renewal(day(outside), &Terms::product(), &mut ()).is_err(), "{outside}");
    }
    assert!(renewal(day("2007-01-15"), &Terms::product(), &mut ()).is_ok());
}
