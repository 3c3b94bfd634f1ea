//! Instants (G1): reading, writing, cutting, and the Spanish that mails print.

use domain::{Instant, InstantError, TimeDelta};
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

#[test]
fn texts_are_read_strictly_and_cut() {
    #[rustfmt::skip]
    let rows: &[(&str, Result<&str, InstantError>)] = &[
        ("2026-11-20T13:59:59-06:00", Ok("2026-11-20T13:59:59-06:00")),
        ("2026-11-20T19:59:59Z", Ok("2026-11-20T13:59:59-06:00")),
        ("2026-11-20t19:59:59z", Ok("2026-11-20T13:59:59-06:00")),
        ("2026-11-21T01:29:59+05:30", Ok("2026-11-20T13:59:59-06:00")),
        ("2026-11-20T13:59:59.9999-06:00", Ok("2026-11-20T13:59:59.999-06:00")),
        ("2026-11-20T13:59:59.05-06:00", Ok("2026-11-20T13:59:59.050-06:00")),
        ("2026-11-20T13:59:59.000-06:00", Ok("2026-11-20T13:59:59-06:00")),
        ("1969-12-31T23:59:59.9999Z", Ok("1969-12-31T17:59:59.999-06:00")),
        ("2022-07-01T12:00:00-05:00", Ok("2022-07-01T12:00:00-05:00")),
        ("2022-10-30T06:30:00Z", Ok("2022-10-30T01:30:00-05:00")),
        ("2022-10-30T07:30:00Z", Ok("2022-10-30T01:30:00-06:00")),
        ("2028-02-29T00:00:00-06:00", Ok("2028-02-29T00:00:00-06:00")),
        ("2026-11-20T13:59:59-23:59", Ok("2026-11-21T07:58:59-06:00")),
        ("2026-11-20T13:59:59-0a:00", Err(InstantError::Form)),
        ("2026-11-20T13:59:59", Err(InstantError::NoOffset)),
        ("2026-11-20T13:59:59.5", Err(InstantError::NoOffset)),
        ("2026-11-20T13:59:59.-06:00", Err(InstantError::Form)),
        ("2026-11-20T13:59:59-0600", Err(InstantError::Form)),
        ("2026-11-20T13:59:59-06:00 ", Err(InstantError::Form)),
        ("2026-11-20 13:59:59-06:00", Err(InstantError::Form)),
        ("2026-11-20T13:59-06:00", Err(InstantError::Form)),
        ("+2026-11-20T13:59:59Z", Err(InstantError::Form)),
        ("", Err(InstantError::Form)),
        ("mañana a las nueve y media", Err(InstantError::Form)),
        ("2026-02-29T13:59:59Z", Err(InstantError::NoSuchTime)),
        ("2026-13-01T13:59:59Z", Err(InstantError::NoSuchTime)),
        ("2026-11-20T24:00:00Z", Err(InstantError::NoSuchTime)),
        ("2016-12-31T23:59:60Z", Err(InstantError::NoSuchTime)),
        ("2026-11-20T13:59:59-24:00", Err(InstantError::NoSuchTime)),
        ("2026-11-20T13:59:59-06:60", Err(InstantError::NoSuchTime)),
    ];
    for (text, expected) in rows {
        let found = Instant::parse_rfc3339(text);
        let found = found.as_ref().map(ToString::to_string).map_err(|error| *error);
        assert_eq!(found.as_deref().map_err(|error| *error), *expected, "{text}");
    }
}

#[test]
fn spanish() {
    let friday = at("2026-11-20T18:00:00-06:00");
    assert_eq!(
        friday.spanish(),
        "viernes 20 de noviembre de 2026, 18:00 h (hora de la Ciudad de México)"
    );
    assert_eq!(friday.spanish_short(), "vie 20 nov 2026, 18:00 h");
    assert_eq!(friday.spanish_limit(), friday.spanish());
    let midnight = at("2026-11-28T00:00:00-06:00");
    assert_eq!(
        midnight.spanish_limit(),
        "viernes 27 de noviembre de 2026, 24:00 h (hora de la Ciudad de México)"
    );
    assert_eq!(at("2026-09-05T00:05:00-06:00").spanish_short(), "sáb 5 sep 2026, 00:05 h");
    assert_eq!(
        at("2026-09-02T09:00:00-06:00").spanish(),
        "miércoles 2 de septiembre de 2026, 09:00 h (hora de la Ciudad de México)"
    );
    for (seconds, words) in [(0, "0 min"), (1800, "30 min"), (5400, "1 h 30 min"), (45, "45 s")] {
        assert_eq!(domain::instant::spanish_span(TimeDelta::seconds(seconds)), words);
    }
}

#[test]
fn arithmetic_saturates() {
    let (low, high) = (Instant::from_millis(i64::MIN), Instant::from_millis(i64::MAX));
    assert_eq!(high + TimeDelta::MAX, high);
    assert_eq!(low - TimeDelta::MAX, low);
    assert_eq!(high - low, TimeDelta::MAX);
    assert_eq!(low - high, TimeDelta::MIN);
    // So far from now they are shown as if they were nearer.
    assert_eq!(high.to_string(), "+201837-03-18T18:00:00-06:00");
    assert_eq!(format!("{low:?}"), "-197898-10-15T17:23:24-06:36");
    let one = Instant::from_millis(-1);
    assert_eq!((one + TimeDelta::milliseconds(3)).millis(), 2);
    assert_eq!(serde_json::to_string(&one).unwrap(), "-1");
    assert_eq!(serde_json::from_str::<Instant>("-1").unwrap(), one);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn texts_are_the_same_instant_and_the_same_wall_clock(
        millis in 1_167_631_200_000_i64..2_556_165_600_000,
    ) {
        let t = Instant::from_millis(millis);
        prop_assert_eq!(Instant::parse_rfc3339(&t.to_rfc3339()), Ok(t));
        let zone = jiff::tz::TimeZone::get("America/Mexico_City").expect("bundled zone data");
        let other = jiff::Timestamp::from_millisecond(millis).expect("a timestamp");
        let wall = zone.to_datetime(other);
        let rest = t.local().format("%Y-%m-%dT%H:%M:%S").to_string();
        prop_assert_eq!(wall.strftime("%Y-%m-%dT%H:%M:%S").to_string(), rest);
        let back = zone.to_timestamp(wall).expect("a timestamp").as_millisecond();
        prop_assert_eq!(Instant::from_local(t.local()).millis(), back, "ambiguous: the first");
    }

    #[test]
    fn no_text_panics(text in ".{0,40}") {
        let _ = Instant::parse_rfc3339(&text);
    }
}
