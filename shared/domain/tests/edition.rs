//! Clause 14: "un aviso previo de 30 días naturales mediante publicación en su sitio web".

use domain::edition::{Edition, EditionFault, effective_from};
use domain::terms::{NaturalDays, Parameters, Terms};
use domain::{Instant, Step};
use jiff::ToSpan;
use jiff::civil::date;
use jiff::tz::TimeZone;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap_or_else(|why| panic!("{text} {why}"))
}

#[test]
fn effective_after_thirty_natural_days() {
    #[rustfmt::skip]
    let rows = [
        ("2026-12-01T10:00:00-06:00", "2027-01-01T00:00:00-06:00"),
        ("2026-12-01T00:00:00-06:00", "2027-01-01T00:00:00-06:00"),
        ("2026-12-01T23:59:59.999-06:00", "2027-01-01T00:00:00-06:00"),
        ("2026-12-02T05:59:59.999Z", "2027-01-01T00:00:00-06:00"),
        ("2026-12-02T06:00:00Z", "2027-01-02T00:00:00-06:00"),
        ("2027-01-30T12:00:00-06:00", "2027-03-02T00:00:00-06:00"),
        ("2028-01-30T12:00:00-06:00", "2028-03-01T00:00:00-06:00"),
        // The clock changed between: local midnights are counted, not hours.
        ("2022-10-15T12:00:00-05:00", "2022-11-15T00:00:00-06:00"),
        ("2022-03-20T12:00:00-06:00", "2022-04-20T00:00:00-05:00"),
        ("2050-12-01T12:00:00-06:00", "2051-01-01T00:00:00-06:00"),
    ];
    for (published, expected) in rows {
        let mut steps: Vec<Step> = Vec::new();
        let found = effective_from(at(published), &Terms::product(), &mut steps).unwrap();
        assert_eq!(found, at(expected), "{published}");
        assert_eq!(steps.last().and_then(|step| step.at), Some(found));
        assert_eq!(steps[0].clause(), 14);
    }
    for outside in
        ["2006-12-31T12:00:00-06:00", "2050-12-02T12:00:00-06:00", "2051-01-01T12:00:00Z"]
    {
        assert!(effective_from(at(outside), &Terms::product(), &mut ()).is_err(), "{outside}");
    }
}

#[test]
fn every_day_of_six_years_by_another_library() {
    let zone = TimeZone::get("America/Mexico_City").unwrap();
    for day in date(2022, 1, 1).series(1.day()).take(365 * 6) {
        let published = zone.to_timestamp(day.at(17, 30, 0, 0)).unwrap().as_millisecond();
        let expected =
            zone.to_timestamp(day.checked_add(31.days()).unwrap().at(0, 0, 0, 0)).unwrap();
        let found = effective_from(Instant::from_millis(published), &Terms::product(), &mut ());
        assert_eq!(found.unwrap().millis(), expected.as_millisecond(), "{day}");
    }
}

#[test]
fn an_edition_in_force_too_early_is_refused() {
    let edition = |effective: &str| Edition {
        n: 2,
        text_hash: "0f".repeat(32),
        url: "https://millora.example/sla/2".to_owned(),
        published_at: at("2026-12-01T10:00:00-06:00"),
        effective_at: at(effective),
    };
    let terms = Terms::product();
    assert_eq!(edition("2027-01-01T00:00:00-06:00").check(&terms), Ok(()));
    assert_eq!(edition("2027-06-01T12:00:00-06:00").check(&terms), Ok(()));
    let earliest = at("2027-01-01T00:00:00-06:00");
    let refused = edition("2026-12-31T23:59:59.999-06:00").check(&terms);
    assert_eq!(refused, Err(EditionFault::TooEarly { earliest }));
    assert!(refused.unwrap_err().to_string().contains("2027-01-01T00:00:00-06:00"));
    assert!(matches!(
        edition("2060-01-01T00:00:00Z").check(&terms),
        Err(EditionFault::Calendar(_))
    ));
    let longer = Parameters { edition_notice_days: NaturalDays::new(60), ..Parameters::default() };
    let longer = Terms::resolve(Some(&longer), &Parameters::default(), &[], earliest.date());
    assert!(edition("2027-01-01T00:00:00-06:00").check(&longer).is_err());
}
