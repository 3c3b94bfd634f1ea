//! What is charged, until when it can be paid, and how a month stands: vectors and edges.

use domain::billing::{Charge, Month, MonthFacts, PaymentStanding, standing_of, suspension_at};
use domain::terms::{AnnulmentClock, Centavos, NaturalDays, Parameters, Proration, Span, Terms};
use domain::{Instant, NaiveDate, Step};
use jiff::civil::Date;

use super::kit::Fact::{Notice, Paid, Tolerated};
use super::kit::{at, check, day, december, month, said, standing, terms, with};
use super::oracle;

/// "Pago dentro de los primeros 5 días del mes. Falta de pago suspende el soporte."
#[test]
fn clause_10_reference_vectors() {
    let notice = Notice(5, "2026-12-05 09:00:37");
    check(
        "10.3 nothing paid",
        &[notice],
        &[
            ("2026-12-05 23:59:59", "due"),
            ("2026-12-05 23:59:59.999", "due"),
            ("2026-12-06 00:00", "suspended 12-06 00:00:00"),
            ("2027-02-06 00:00", "suspended 12-06 00:00:00"),
        ],
        &[],
    );
    check(
        "10.2a recorded on day 8 with value date day 5",
        &[notice, Paid("a", 1000, 5, "2026-12-08 10:00")],
        &[
            ("2026-12-07 00:00", "suspended 12-06 00:00:00"),
            ("2026-12-08 09:59:59.999", "suspended 12-06 00:00:00"),
            ("2026-12-08 10:00", "paid"),
        ],
        &[("2026-12-06 00:00", "2026-12-08 10:00")],
    );
    check(
        "10.3 value date day 6",
        &[notice, Paid("a", 1000, 6, "2026-12-06 10:00")],
        &[
            ("2026-12-06 09:59", "suspended 12-06 00:00:00"),
            ("2026-12-06 10:00", "payment_received 12-06 00:00:00 12-06 10:00:00"),
        ],
        &[],
    );
    check(
        "10.3 a late last notice",
        &[Notice(5, "2026-12-08 10:00"), Paid("a", 1000, 8, "2026-12-08 16:00")],
        &[
            ("2026-12-07 00:00", "due"),
            ("2026-12-08 10:00", "due"),
            ("2026-12-08 16:00", "paid_late"),
            ("2026-12-09 00:00", "paid_late"),
        ],
        &[],
    );
}

#[test]
fn payments_on_both_sides_of_midnight() {
    let notice = Notice(5, "2026-12-05 09:00");
    #[rustfmt::skip]
    let rows = [
        ("value date day 5, recorded that day", 5, "2026-12-05 23:59:59.999", "paid"),
        ("value date day 5, recorded at midnight", 5, "2026-12-06 00:00", "paid"),
        ("value date day 5, recorded a month later", 5, "2027-01-05 12:00", "paid"),
        ("value date day 6, recorded at midnight", 6, "2026-12-06 00:00", "payment_received 12-06 00:00:00 12-06 00:00:00"),
        ("value date day 1, recorded on day 1", 1, "2026-12-01 00:00", "paid"),
    ];
    for (name, value, recorded, expected) in rows {
        let annulled: &[(&str, &str)] = match recorded {
            "2027-01-05 12:00" => &[("2026-12-06 00:00", "2027-01-05 12:00")],
            _ => &[],
        };
        let facts = [notice, Paid("a", 1000, value, recorded)];
        check(name, &facts, &[("2027-01-06 00:00", expected)], annulled);
    }
}

#[test]
fn part_payments_add_up() {
    let notice = Notice(5, "2026-12-05 09:00");
    let parts = [Paid("a", 400, 3, "2026-12-03 10:00"), Paid("b", 599, 5, "2026-12-07 10:00")];
    let mut facts = vec![notice];
    facts.extend(parts);
    let lacking = [
        ("2026-12-05 23:59", "due"),
        ("2026-12-06 00:00", "suspended 12-06 00:00:00"),
        ("2026-12-07 10:00", "suspended 12-06 00:00:00"),
    ];
    check("one centavo lacks", &facts, &lacking, &[]);
    facts.push(Paid("c", 1, 5, "2026-12-09 08:00"));
    let rows = [("2026-12-07 10:00", "suspended 12-06 00:00:00"), ("2026-12-09 08:00", "paid")];
    check("it was there", &facts, &rows, &[("2026-12-06 00:00", "2026-12-09 08:00")]);
    facts.pop();
    facts.push(Paid("c", 1, 6, "2026-12-09 08:00"));
    let received = "payment_received 12-06 00:00:00 12-09 08:00:00";
    check("it came on day 6", &facts, &[("2026-12-09 08:00", received)], &[]);
    // The tolerance lets the centavo go.
    let facts = with(&[notice, parts[0], parts[1]]);
    let plan = Parameters { payment_tolerance: Some(Centavos(1)), ..Parameters::default() };
    let found = standing_of(&facts, at("2026-12-09 08:00"), &terms(&plan), &mut ()).unwrap();
    assert_eq!(found.standing, PaymentStanding::Paid);
}

#[test]
fn late_jobs_never_backdate() {
    #[rustfmt::skip]
    let rows = [
        ("in time", "2026-12-05 09:00", "12-06 00:00:00"),
        ("exactly 14 hours before", "2026-12-05 10:00", "12-06 00:00:00"),
        ("a millisecond less", "2026-12-05 10:00:00.001", "12-06 00:00:00"),
        ("hours late", "2026-12-05 21:30", "12-06 11:30:00"),
        ("days late", "2026-12-09 09:00", "12-09 23:00:00"),
        ("two months late", "2027-02-05 09:00", "02-05 23:00:00"),
    ];
    for (name, notice, since) in rows {
        let facts = with(&[Notice(5, notice)]);
        let limit = facts.charge.limit(&Terms::product(), &mut ()).unwrap();
        let effective = suspension_at(limit, at(notice), &Terms::product());
        let before = standing(&facts, Instant::from_millis(effective.millis() - 1));
        assert_eq!(before.standing, PaymentStanding::Due, "{name}");
        let expected = (at(notice) < effective).then_some(effective);
        assert_eq!(before.suspends_at, expected, "{name}");
        assert_eq!(
            said(standing(&facts, effective).standing),
            format!("suspended {since}"),
            "{name}"
        );
    }
    let never = standing(&december(), at("2027-06-01 00:00"));
    assert_eq!(never.standing, PaymentStanding::Due, "no notice, no suspension");
    assert_eq!(never.last_notice_due_at, Some(at("2026-12-05 09:00")));
    assert_eq!(never.suspends_at, None);
}

/// The suspensions that were annulled: from when, and when that was learnt.
type Annulled = &'static [(&'static str, &'static str)];

/// The effective instant is day 8 at 23:30: value dates before that day count whenever they are
/// learnt of, and those of the day itself only if recorded before 23:30.
#[test]
fn value_dates_around_a_late_suspension() {
    let notice = Notice(5, "2026-12-08 09:30");
    const ANNULLED: Annulled = &[("2026-12-08 23:30", "2026-12-20 12:00")];
    #[rustfmt::skip]
    let rows: [(&str, u32, &str, &str, Annulled); 5] = [
        ("day 7, recorded much later", 7, "2026-12-20 12:00", "paid_late", ANNULLED),
        ("day 8, recorded before", 8, "2026-12-08 23:29:59.999", "paid_late", &[]),
        ("day 8, recorded at it", 8, "2026-12-08 23:30", "payment_received 12-08 23:30:00 12-08 23:30:00", &[]),
        ("day 8, recorded much later", 8, "2026-12-20 12:00", "payment_received 12-08 23:30:00 12-20 12:00:00", &[]),
        ("day 5, recorded much later", 5, "2026-12-20 12:00", "paid", ANNULLED),
    ];
    for (name, value, recorded, expected, annulled) in rows {
        let facts = [notice, Paid("a", 1000, value, recorded)];
        check(name, &facts, &[("2026-12-20 12:00", expected)], annulled);
    }
}

#[test]
fn granted_days_are_the_limit() {
    let first = Notice(5, "2026-12-05 09:00");
    let granted = Tolerated(10, "2026-12-04 12:00");
    let rows = [("2026-12-06 00:00", "due"), ("2026-12-31 00:00", "due")];
    check("the notice of the old limit does not suspend", &[first, granted], &rows, &[]);
    let again = Notice(10, "2026-12-10 09:00");
    let rows = [("2026-12-10 23:59", "due"), ("2026-12-11 00:00", "suspended 12-11 00:00:00")];
    check("repeated on the granted day", &[first, granted, again], &rows, &[]);
    let paid = Paid("a", 1000, 10, "2026-12-15 12:00");
    let rows = [("2026-12-15 11:59", "suspended 12-11 00:00:00"), ("2026-12-15 12:00", "paid")];
    let annulled = [("2026-12-11 00:00", "2026-12-15 12:00")];
    check("the granted day is in time", &[first, granted, again, paid], &rows, &annulled);
    let late = Tolerated(10, "2026-12-06 00:00:00.001");
    let rows = [("2026-12-11 00:00", "suspended 12-06 00:00:00")];
    check("too late: reactivation is another step", &[first, late], &rows, &[]);
    let at_once = Tolerated(10, "2026-12-06 00:00");
    check("at the very instant", &[first, at_once], &[("2026-12-10 00:00", "due")], &[]);
    let shorter = Tolerated(8, "2026-12-07 12:00");
    let rows = [("2026-12-10 23:59", "due"), ("2026-12-11 00:00", "suspended 12-11 00:00:00")];
    check("what was granted stands", &[first, granted, shorter, again], &rows, &[]);
    let ahead = standing(&with(&[first, granted]), at("2026-12-08 00:00"));
    assert_eq!(ahead.limit.day, day("2026-12-10"));
    assert_eq!(ahead.last_notice_due_at, Some(at("2026-12-10 09:00")));
}

#[test]
fn every_start_day_of_four_years() {
    let terms = Terms::product();
    let fee = Centavos(1_160_001);
    let mut start = day("2023-12-01");
    while start < day("2028-03-02") {
        let first = Month::of(start).unwrap();
        for month in [first, first.next().unwrap()] {
            let charge = Charge::new(month, start, None).unwrap();
            let (year, number) = (jiff_year(month), jiff_month(month));
            let jiff_start = jiff_date(start);
            let limit_day = oracle::limit_day(year, number, jiff_start);
            let limit = charge.limit(&terms, &mut ()).unwrap();
            let midnight = oracle::instant(limit_day.tomorrow().unwrap(), 0);
            assert_eq!(jiff_date(limit.day), limit_day, "{start} {month}");
            assert_eq!(limit.until.millis(), midnight, "{start} {month}");
            let owed = oracle::owed(year, number, jiff_start, None, fee.0);
            assert_eq!(charge.fee(fee, &terms, &mut ()).0, owed, "{start} {month}");
            let ladder = charge.ladder(&terms).unwrap();
            let nine = |days: i64| {
                let from = limit_day.checked_sub(jiff::Span::new().days(4 - days)).unwrap();
                Some(Instant::from_millis(oracle::instant(from, 9)))
            };
            let found = (ladder.due_at, ladder.reminder_at, Some(ladder.last_notice_at));
            assert_eq!(found, (nine(0), nine(2), nine(4)), "{start} {month}");
        }
        start = start.succ_opt().unwrap();
    }
}

#[test]
fn every_first_and_last_day_of_a_month() {
    let terms = Terms::product();
    for name in ["2026-12", "2026-11", "2026-02", "2028-02"] {
        let month = month(name);
        for from in 1..=month.length() {
            for to in from..=month.length() {
                let date = |n: u32| month.first_day() + chrono::Days::new(u64::from(n - 1));
                let charge = Charge::new(month, date(from), Some(date(to))).unwrap();
                assert_eq!(charge.days(), to - from + 1);
                for fee in [0, 1, 100, 1_160_000, 999_999_999_999] {
                    let (start, end) = (jiff_date(date(from)), Some(jiff_date(date(to))));
                    let (year, number) = (jiff_year(month), jiff_month(month));
                    let owed = oracle::owed(year, number, start, end, fee);
                    let found = charge.fee(Centavos(fee), &terms, &mut ());
                    assert_eq!(found.0, owed, "{name} {from}-{to} of {fee}");
                }
            }
        }
    }
}

#[test]
fn charges_by_hand() {
    let by_days = Terms::product();
    let whole = terms(&Parameters { proration: Some(Proration::Whole), ..Parameters::default() });
    #[rustfmt::skip]
    let rows = [
        // month, first day, last day, monthly fee, by days, whole
        ("2026-12", "2025-03-10", None, 1_160_000, Some((1_160_000, 1_160_000))),
        ("2025-03", "2025-03-10", None, 1_160_000, Some((823_226, 1_160_000))),
        ("2026-02", "2026-02-28", None, 2_800, Some((100, 2_800))),
        ("2028-02", "2028-02-29", None, 2_900, Some((100, 2_900))),
        ("2026-02", "2026-02-15", None, 1, Some((1, 1))),            // one half is rounded up
        ("2026-02", "2026-02-16", None, 1, Some((0, 1))),
        ("2026-12", "2025-03-10", Some("2026-12-31"), 3_100, Some((3_100, 3_100))),
        ("2026-12", "2025-03-10", Some("2026-12-10"), 3_100, Some((1_000, 3_100))),
        ("2026-12", "2026-12-10", Some("2026-12-10"), 3_100, Some((100, 3_100))),
        ("2026-12", "2027-01-01", None, 3_100, None),
        ("2026-12", "2025-03-10", Some("2026-11-30"), 3_100, None),
        ("2026-12", "2026-12-10", None, i64::MAX, Some((6_545_618_864_864_679_605, i64::MAX))),
    ];
    for (name, first, last, fee, expected) in rows {
        let charge = Charge::new(month(name), day(first), last.map(day));
        let found = charge.map(|charge| {
            let fee = Centavos(fee);
            (charge.fee(fee, &by_days, &mut ()).0, charge.fee(fee, &whole, &mut ()).0)
        });
        assert_eq!(found, expected, "{name} from {first} to {last:?}");
    }
}

#[test]
fn ladders_of_short_limits() {
    let charge = Charge::new(month("2026-12"), day("2025-03-10"), None).unwrap();
    #[rustfmt::skip]
    let rows = [
        (5, 3, Some(1), Some(3), 5),
        (3, 3, Some(1), None, 3),
        (2, 3, Some(1), None, 2),
        (1, 3, None, None, 1),
        (5, 1, None, Some(1), 5),
    ];
    for (due, reminder, first, second, last) in rows {
        let plan = Parameters {
            due_day: NaturalDays::new(due),
            payment_reminder_day: NaturalDays::new(reminder),
            ..Parameters::default()
        };
        let ladder = charge.ladder(&terms(&plan)).unwrap();
        let nine = |n: u32| at(&format!("2026-12-{n:02} 09:00"));
        assert_eq!(ladder.due_at, first.map(nine), "{due} {reminder}");
        assert_eq!(ladder.reminder_at, second.map(nine), "{due} {reminder}");
        assert_eq!(ladder.last_notice_at, nine(last), "{due} {reminder}");
    }
}

#[test]
fn limits_outside_the_calendar_are_refused() {
    let terms = Terms::product();
    let last = Charge::new(month("2050-12"), day("2050-12-27"), None).unwrap();
    let limit = last.limit(&terms, &mut ()).expect("24:00 of the last day is an answer");
    assert_eq!(limit.until, at("2051-01-01 00:00"));
    let beyond = Charge::new(month("2050-12"), day("2050-12-28"), None).unwrap();
    assert!(beyond.limit(&terms, &mut ()).is_err());
    let facts = MonthFacts { charge: beyond, ..december() };
    assert!(standing_of(&facts, at("2050-12-28 00:00"), &terms, &mut ()).is_err());
    for text in ["2006-12", "2051-01", "2026-00", "2026-13", "2026-1", "26-12", "2026-12-01", ""] {
        assert_eq!(Month::parse(text), None, "{text}");
    }
    assert_eq!(format!("{0} {0:?}", month("2026-12")), "2026-12 2026-12");
    assert_eq!(month("2050-12").next(), None);
    assert_eq!(month("2026-12").next(), Some(month("2027-01")));
}

#[test]
fn what_an_annulment_makes_of_clocks() {
    let facts = with(&[Notice(5, "2026-12-05 09:00"), Paid("a", 1000, 5, "2026-12-08 10:00")]);
    let found = standing(&facts, at("2026-12-08 10:00"));
    let [annulled] = found.annulled[..] else { panic!("{found:?}") };
    assert_eq!(annulled.pause(&Terms::product()), None);
    let plan = Parameters { annulment_clock: Some(AnnulmentClock::Pause), ..Parameters::default() };
    let pause = annulled.pause(&terms(&plan)).expect("a pause");
    assert_eq!((pause.from, pause.to), (at("2026-12-06 00:00"), Some(at("2026-12-08 10:00"))));
}

#[test]
fn the_steps_name_the_terms_that_decided() {
    let plan = Parameters { suspension_notice: Some(Span::hours(48)), ..Parameters::default() };
    let facts = with(&[Notice(5, "2026-12-05 09:00")]);
    let mut steps: Vec<Step> = Vec::new();
    facts.charge.limit(&terms(&plan), &mut steps).unwrap();
    standing_of(&facts, at("2026-12-07 09:00"), &terms(&plan), &mut steps).unwrap();
    let texts: Vec<&str> = steps.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "El mes de diciembre de 2026 se paga hasta el final del día natural 5: hasta el sábado \
             5 de diciembre de 2026 a las 24:00 h.",
            "Al lun 7 dic 2026, 09:00 h: hay $0.00 MXN de $10.00 MXN; suspendido por falta de pago \
             desde el lun 7 dic 2026, 09:00 h, lo más tardío entre el fin del plazo y 48 h después \
             del último aviso, registrado el sáb 5 dic 2026, 09:00 h.",
        ]
    );
    let used: Vec<_> =
        steps[1].used.iter().map(|used| (used.parameter, used.layer.spanish())).collect();
    assert!(used.contains(&("suspension_notice", "póliza")), "{used:?}");
    assert_eq!(steps[1].clause(), 10);
}

fn jiff_date(date: NaiveDate) -> Date {
    date.to_string().parse().unwrap()
}

fn jiff_year(month: Month) -> i16 {
    jiff_date(month.first_day()).year()
}

fn jiff_month(month: Month) -> i8 {
    jiff_date(month.first_day()).month()
}
