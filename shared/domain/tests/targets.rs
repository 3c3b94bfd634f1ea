//! Terms and their layers (2.2, G5), versions (G6), and the properties of pauses (7.7).

use std::collections::BTreeSet;

use domain::attention::{self, Request};
use domain::calendar::{ContractedHours, Holidays, MinuteOfDay, OutOfCalendar, WorkCalendar};
use domain::explanation::clause_of;
use domain::pauses::{Counting, Interval, TargetError, moved};
use domain::terms::{
    BusinessDays, Centavos, EmergencyHours, EmergencySurcharge, Layer, MasterOverride, Parameter,
    Parameters, Percent, Span, Terms, Version, resolve,
};
use domain::{Instant, NaiveDate, Step, TimeDelta};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config() -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_261_120);
    }
    println!("PROPTEST_RNG_SEED={}", config.rng_seed);
    config
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap_or_else(|error| panic!("{text} {error}"))
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn default_calendar() -> WorkCalendar {
    WorkCalendar::new(&ContractedHours::default(), &Holidays::official())
}

fn cutoff(hour: u16) -> Parameters {
    Parameters { same_day_cutoff: Some(MinuteOfDay::hm(hour, 0)), ..Parameters::default() }
}

#[test]
fn a_higher_layer_wins_and_says_so() {
    let master = |hour, from: &str, to: Option<&str>, document: &str| MasterOverride {
        parameters: cutoff(hour),
        document: document.to_owned(),
        valid_from: date(from),
        valid_to: to.map(date),
    };
    let (edition, plan) = (cutoff(11), cutoff(12));
    let one = master(13, "2026-01-01", Some("2026-12-31"), "CM-1");
    let newer = master(15, "2026-06-01", None, "CM-2");
    let none = Parameters::default();
    let rows: [(_, _, &[MasterOverride], _, _, _); _] = [
        (None, &none, &[], "2026-07-01", 14, Layer::Product),
        (Some(&edition), &none, &[], "2026-07-01", 11, Layer::Edition),
        (Some(&edition), &plan, &[], "2026-07-01", 12, Layer::Plan),
        (None, &plan, std::slice::from_ref(&one), "2025-12-31", 12, Layer::Plan),
        (None, &plan, std::slice::from_ref(&one), "2026-01-01", 13, Layer::MasterAgreement),
        (None, &plan, std::slice::from_ref(&one), "2026-12-31", 13, Layer::MasterAgreement),
        (None, &plan, std::slice::from_ref(&one), "2027-01-01", 12, Layer::Plan),
        (None, &plan, &[newer, one.clone()], "2026-07-01", 15, Layer::MasterAgreement),
    ];
    for (edition, plan, overrides, on, hour, layer) in rows {
        let terms = Terms::resolve(edition, plan, overrides, date(on));
        let found = (terms.same_day_cutoff.value, terms.same_day_cutoff.layer);
        assert_eq!(found, (MinuteOfDay::hm(hour, 0), layer), "{on}");
        assert_eq!(terms.same_day_extended_cutoff.layer, Layer::Product, "others are untouched");
        let used = terms.used(Parameter::SameDayCutoff);
        assert_eq!((used.parameter, used.value), ("same_day_cutoff", format!("{hour}:00")));
        assert_eq!(used.document.is_some(), layer == Layer::MasterAgreement);
    }
}

#[test]
fn an_override_of_the_cutoff_changes_the_target_and_is_named() {
    let one = MasterOverride {
        parameters: cutoff(15),
        document: "Contrato Marco 2026-07, anexo B".to_owned(),
        valid_from: date("2026-01-01"),
        valid_to: None,
    };
    let terms = Terms::resolve(None, &Parameters::default(), &[one], date("2026-11-20"));
    let received_at = at("2026-11-20T14:30:00-06:00");
    let request =
        Request { received_at, immediate: false, same_day_accepted_at: None, pauses: &[] };
    let mut steps: Vec<Step> = Vec::new();
    let found = attention::target(&request, &terms, &default_calendar(), &mut steps).unwrap();
    assert_eq!(found.target, Some(at("2026-11-20T18:00:00-06:00")));
    let used: Vec<_> = steps.iter().flat_map(|step| &step.used).collect();
    let named = used.iter().find(|used| used.parameter == "same_day_cutoff").unwrap();
    assert_eq!(named.layer, Layer::MasterAgreement);
    assert_eq!(named.document.as_deref(), Some("Contrato Marco 2026-07, anexo B"));
    assert!(steps[0].text.contains("antes de las 15:00"), "{}", steps[0].text);
}

#[test]
fn every_parameter_has_its_place() {
    let names: BTreeSet<&str> = Parameter::ALL.iter().map(|one| one.name()).collect();
    assert_eq!(names.len(), Parameter::ALL.len());
    let terms = Terms::product();
    for parameter in Parameter::ALL {
        assert_eq!(clause_of(parameter.rule()), parameter.clause(), "{}", parameter.name());
        assert_eq!(terms.used(*parameter).value, parameter.default_shown());
        assert!(parameter.spanish().ends_with('.'), "{}", parameter.name());
    }
    let terms = serde_json::to_string(&terms).unwrap();
    assert_eq!(serde_json::from_str::<Terms>(&terms).unwrap(), Terms::product());
}

#[test]
fn parameters_as_data() {
    let data = r#"{
        "contracted_hours": {"mon": [["09:00", "14:00"], ["15:00", "18:30"]]},
        "same_day_cutoff": "13:30",
        "same_day_extended": "included",
        "emergency_surcharge": {"with_cost": 123400},
        "warning_percent": 80,
        "auto_close": "guarded",
        "solution_silence": "72h",
        "whatsapp_reply": 5400,
        "information_reminders": [1, 3]
    }"#;
    let parameters: Parameters = serde_json::from_str(data).unwrap();
    assert_eq!(parameters.solution_silence, Some(Span::hours(72)));
    assert_eq!(parameters.whatsapp_reply, Some(Span::minutes(90)));
    assert_eq!(parameters.warning_percent, Percent::new(80));
    assert_eq!(
        parameters.emergency_surcharge,
        Some(EmergencySurcharge::WithCost(Centavos(123_400)))
    );
    assert_eq!(parameters.information_reminders, Some(vec![BusinessDays(1), BusinessDays(3)]));
    let again = serde_json::to_string(&parameters).unwrap();
    assert_eq!(serde_json::from_str::<Parameters>(&again).unwrap(), parameters);
    assert!(!again.contains("null"), "{again}");
    for refused in [
        r#"{"same_day_cutof": "13:30"}"#,
        r#"{"same_day_cutoff": "25:00"}"#,
        r#"{"warning_percent": 0}"#,
        r#"{"warning_percent": 101}"#,
        r#"{"solution_silence": "48"}"#,
        r#"{"solution_silence": "9000h"}"#,
        r#"{"solution_silence": -1}"#,
        r#"{"contracted_hours": {"sun": [["09:00", "14:00"]]}}"#,
    ] {
        assert!(serde_json::from_str::<Parameters>(refused).is_err(), "{refused}");
    }
}

#[test]
fn money_is_shown_in_pesos() {
    for (centavos, shown) in [
        (0, "$0.00 MXN"),
        (5, "$0.05 MXN"),
        (123_400, "$1,234.00 MXN"),
        (123_456_789, "$1,234,567.89 MXN"),
        (-100_000, "-$1,000.00 MXN"),
        (i64::MIN, "-$92,233,720,368,547,758.08 MXN"),
    ] {
        assert_eq!(Centavos(centavos).to_string(), shown);
    }
}

#[test]
fn the_version_that_was_known() {
    let hour = |hour: i64| Instant::from_millis(hour * 3_600_000);
    let version = |id: &str, from, to: Option<i64>, known| Version {
        id: id.to_owned(),
        valid_from: hour(from),
        valid_to: to.map(hour),
        known_from: hour(known),
        value: (),
    };
    let versions = [
        version("first", 0, Some(10), 0),
        version("second", 10, None, 5),
        version("corrected", 0, None, 8),
        version("same", 0, None, 8),
        version("ended", 0, Some(30), 20),
        version("later", 40, None, 20),
    ];
    for (at, known, expected) in [
        (-1, 0, None),
        (0, -1, None),
        (9, 0, Some("first")),
        (10, 4, None),
        (10, 5, Some("second")),
        (9, 7, Some("first")),
        (9, 8, Some("same")),
        (20, 9, Some("same")),
        (29, 20, Some("ended")),
        // What ended it was known last: the open one before it does not come back.
        (30, 20, None),
        (30, 19, Some("same")),
        (40, 20, Some("later")),
    ] {
        let found = resolve(&versions, hour(at), hour(known)).map(|one| one.id.as_str());
        assert_eq!(found, expected, "at {at} as known at {known}");
    }
}

#[test]
fn a_pause_that_ends_before_it_begins_is_refused() {
    let (from, to) = (at("2026-11-20T12:00:00-06:00"), at("2026-11-20T11:59:59.999-06:00"));
    let fine = Interval { from: to, to: Some(from) };
    let pauses = [fine, Interval { from, to: Some(to) }];
    let found = moved(from, to, &pauses, Counting::Natural);
    assert_eq!(found, Err(TargetError::ReversedPause { index: 1, from, to }));
}

/// A clock that counts natural time refuses what one that counts contracted time refuses, and answers as
/// far as the calendar goes: to 24:00 of 2050-12-31.
#[test]
fn natural_time_has_the_calendars_bounds() {
    let (receipt, end) = (at("2026-11-22T03:00:00-06:00"), at("2051-01-01T00:00:00-06:00"));
    let (none, milli) = (TimeDelta::zero(), TimeDelta::milliseconds(1));
    let natural = Counting::Natural;
    assert_eq!(natural.advance(receipt, none), Ok(receipt));
    assert_eq!(natural.advance(receipt, milli), Ok(receipt + milli));
    assert_eq!(natural.advance(receipt, -milli), Err(OutOfCalendar::Negative(receipt)));
    assert_eq!(natural.advance(receipt, end - receipt), Ok(end));
    let beyond = natural.advance(receipt, end - receipt + milli);
    assert_eq!(beyond, Err(OutOfCalendar::Beyond(receipt)));
    assert_eq!(natural.elapsed(receipt, receipt), Ok(none));
    assert_eq!(natural.elapsed(receipt, end), Ok(end - receipt));
    let reversed = OutOfCalendar::Reversed { from: end, to: receipt };
    assert_eq!(natural.elapsed(end, receipt), Err(reversed));
}

/// 7.10: of an immediate clock's natural time, too, the warning comes when three quarters have passed, on a
/// whole second after the receipt.
#[test]
fn an_immediate_clock_warns_in_natural_time() {
    let all_hours =
        Parameters { emergency_hours: Some(EmergencyHours::All), ..Parameters::default() };
    let terms = Terms::resolve(None, &all_hours, &[], date("2026-11-22"));
    let received_at = at("2026-11-22T03:00:00.250-06:00");
    let request = Request { received_at, immediate: true, same_day_accepted_at: None, pauses: &[] };
    let found = attention::target(&request, &terms, &default_calendar(), &mut ()).unwrap();
    assert_eq!(found.target, Some(at("2026-11-22T03:30:00.250-06:00")));
    assert_eq!(found.warn_at, Some(at("2026-11-22T03:22:30.250-06:00")));
}

/// Pauses within three weeks around Friday 2026-11-20, to the minute; some of them open.
fn pauses(open: bool) -> impl Strategy<Value = Vec<Interval>> {
    let start = at("2026-11-16T00:00:00-06:00");
    let one =
        (0_i64..20 * 1440, 0_i64..3 * 1440, prop::bool::weighted(if open { 0.1 } else { 0.0 }));
    let one = one.prop_map(move |(from, length, open)| {
        let from = start + TimeDelta::minutes(from);
        Interval { from, to: (!open).then(|| from + TimeDelta::minutes(length)) }
    });
    prop::collection::vec(one, 0..8)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn pauses_count_once_and_in_any_order(
        mut list in pauses(true),
        seed in any::<u64>(),
        natural in any::<bool>(),
    ) {
        let calendar = default_calendar();
        let counting = if natural { Counting::Natural } else { Counting::Contracted(&calendar) };
        let (receipt, base) = (at("2026-11-20T10:00:00-06:00"), at("2026-11-20T18:00:00-06:00"));
        let found = moved(base, receipt, &list, counting).unwrap();
        // Twice the same pauses, in another order, are the same pauses.
        list.extend(list.clone());
        let turn = seed as usize % list.len().max(1);
        list.rotate_left(turn);
        list.reverse();
        prop_assert_eq!(moved(base, receipt, &list, counting), Ok(found));
        prop_assert_eq!(found.at.is_none(), found.left.is_some());
        if let Some(at) = found.at {
            let own = counting.elapsed(base, at).unwrap();
            prop_assert_eq!(own, found.paused, "the target moves by what was paused");
        }
    }

    #[test]
    fn a_further_pause_never_brings_a_target_forward(list in pauses(false), natural in any::<bool>()) {
        let calendar = default_calendar();
        let counting = if natural { Counting::Natural } else { Counting::Contracted(&calendar) };
        let (receipt, base) = (at("2026-11-20T10:00:00-06:00"), at("2026-11-20T18:00:00-06:00"));
        let mut before = base;
        for count in 0..=list.len() {
            let target = moved(base, receipt, &list[..count], counting).unwrap().at.unwrap();
            prop_assert!(before <= target);
            before = target;
        }
    }

    #[test]
    fn a_pause_cut_in_two_is_the_same_pause(list in pauses(false), part in 0.0..1.0_f64) {
        let calendar = default_calendar();
        let counting = Counting::Contracted(&calendar);
        let (receipt, base) = (at("2026-11-20T10:00:00-06:00"), at("2026-11-20T18:00:00-06:00"));
        let cut: Vec<Interval> = list
            .iter()
            .flat_map(|pause| {
                let length = (pause.to.unwrap() - pause.from).num_milliseconds() as f64;
                let middle = pause.from + TimeDelta::milliseconds((length * part) as i64);
                [Interval { to: Some(middle), ..*pause }, Interval { from: middle, ..*pause }]
            })
            .collect();
        let (one, two) = (moved(base, receipt, &list, counting), moved(base, receipt, &cut, counting));
        prop_assert_eq!(one, two);
    }

    #[test]
    fn a_target_lies_inside_contracted_hours_or_at_their_end(
        minutes in 0_i64..365 * 1440,
        list in pauses(false),
        immediate in any::<bool>(),
    ) {
        let calendar = default_calendar();
        let received_at = at("2026-01-01T00:00:00-06:00") + TimeDelta::minutes(minutes);
        let request = Request { received_at, immediate, same_day_accepted_at: None, pauses: &list };
        let found = attention::target(&request, &Terms::product(), &calendar, &mut ()).unwrap();
        let target = found.target.unwrap();
        prop_assert!(target > received_at && target >= found.unpaused);
        prop_assert_eq!(calendar.is_open(target - TimeDelta::milliseconds(1)), Ok(true));
        let warn_at = found.warn_at.unwrap();
        prop_assert!(received_at <= warn_at && warn_at <= target);
    }
}
