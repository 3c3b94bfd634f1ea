//! Who may act, and when (1.2): validity, powers, and what was known at the receipt.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use domain::contacts::in_sequence;
use domain::{Instant, Power, Spoc, SpocId};

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn version(id: &str, known_from: Option<&str>, valid_to: Option<&str>, powers: &[Power]) -> Spoc {
    Spoc {
        id: SpocId::parse(id).unwrap(),
        name: id.to_owned(),
        emails: vec![format!("{id}@acme.example")],
        phones: Vec::new(),
        valid_from: at("2026-01-01T00:00:00-06:00"),
        valid_to: valid_to.map(at),
        powers: powers.to_vec(),
        designated_by: None,
        known_from: known_from.map(at),
        known_until: None,
    }
}

/// Rule 1.2: "powers and validity are read at that instant", as they were known then (G6).
#[test]
fn what_was_received_before_a_change_was_known_is_judged_by_what_was_known() {
    let end = "2026-11-20T12:00:00-06:00";
    let versions = in_sequence(vec![
        version("ana", Some("2026-11-20T10:00:00-06:00"), None, &[]),
        version("beto", None, None, &[Power::Open]),
        version("ana", None, None, &[Power::Open]),
        version("ana", Some("2026-11-20T11:00:00-06:00"), Some(end), &[Power::Open]),
    ]);
    let rows = [
        // Never twice: exactly one version of a person is known at any instant.
        ("ana", "2025-12-31T23:59:59.999-06:00", false, false),
        ("ana", "2026-01-01T00:00:00-06:00", true, true),
        ("ana", "2026-11-20T09:59:59.999-06:00", true, true),
        ("ana", "2026-11-20T10:00:00-06:00", true, false),
        ("ana", "2026-11-20T10:59:59.999-06:00", true, false),
        ("ana", "2026-11-20T11:00:00-06:00", true, true),
        ("ana", "2026-11-20T11:59:59.999-06:00", true, true),
        ("ana", end, false, false),
        ("beto", "2026-11-20T10:30:00-06:00", true, true),
    ];
    for (id, instant, holds, may_open) in rows {
        let instant = at(instant);
        let known: Vec<_> =
            versions.iter().filter(|it| it.id.as_str() == id && it.known_at(instant)).collect();
        assert_eq!(known.len(), 1, "{id} at {instant}");
        assert_eq!(known[0].holds_at(instant), holds, "{id} at {instant}");
        let able = versions.iter().any(|it| it.id.as_str() == id && it.may(Power::Open, instant));
        assert_eq!(able, may_open, "{id} at {instant}");
    }
}

/// An address is one person's however it is spelled; what is printed of a person for those who look after
/// the software tells neither his name nor how he is reached.
#[test]
fn a_person_is_found_by_his_address_and_not_told() {
    let ana = version("ana", None, None, &[Power::Open]);
    for (address, is_hers) in [
        ("ana@acme.example", true),
        ("ANA@Acme.Example", true),
        ("ana@acme.example.mx", false),
        ("beto@acme.example", false),
        ("", false),
    ] {
        assert_eq!(ana.has_address(address), is_hers, "{address}");
    }
    let named = Spoc { name: "María Rodríguez".to_owned(), ..ana };
    assert_eq!(format!("{named:?}"), r#"Spoc { id: SpocId("ana"), powers: [Open], .. }"#);
}
