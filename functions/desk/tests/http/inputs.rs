//! What is wrong with an input of the desk is told: all of it at once.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world;

#[test]
fn all_faults_are_told_at_once_with_their_places() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let long = "a".repeat(2_001);
    let table: Vec<(&str, Value, &[&str])> = vec![
        ("", json!({}), &["client", "spoc", "started_at", "subject", "text"]),
        (
            "",
            json!({"client": "acme", "spoc": "ANA", "started_at": "ayer", "subject": "a", "text": "b"}),
            &["client", "spoc", "started_at"],
        ),
        (
            "",
            json!({"client": "NOBODY", "spoc": "ana", "started_at": "2026-11-20T10:00:01-06:00",
                   "subject": "a", "text": "b"}),
            &["started_at", "client"],
        ),
        (
            "",
            json!({"client": "ACME", "spoc": "berta", "started_at": "2026-10-20T09:59:00-06:00",
                   "subject": "a", "text": "b"}),
            &["started_at", "spoc"],
        ),
        ("/assign", json!({}), &["to"]),
        ("/assign", json!({"to": 1}), &["to"]),
        ("/assign", json!({"to": "gone"}), &["to"]),
        ("/assign", json!({"to": "nobody"}), &["to"]),
        ("/notes", json!({"text": "a", "public": true}), &["public"]),
        ("/replies", json!({"kind": "respuesta"}), &["kind", "text"]),
        (
            "/acts",
            json!({"kind": "call", "started_at": "2026-11-20T10:00:00", "ended_at": 3}),
            &["started_at", "ended_at", "text"],
        ),
        ("/escalate", json!({"level": 3}), &["level"]),
        ("/thanks", json!({"message": 0}), &["message"]),
        ("/thanks", json!({"message": 1.5}), &["message"]),
        ("/close", json!({"reason": "solved", "text": " "}), &["reason", "text"]),
        ("/approve", json!({"proposal": "2"}), &["proposal"]),
        ("/confirm-critical", json!({"text": "sí"}), &["text"]),
    ];
    for (path, body, places) in table {
        let path = match path {
            "" => "/desk/tickets".to_owned(),
            act => format!("/desk/tickets/{reference}{act}"),
        };
        let told = world.post("marta", path.as_str(), body.clone());
        assert_eq!((told.status, told.code()), (422, "invalid"), "{path} {body} {}", told.json);
        assert_eq!(told.places(), places, "{path} {body}");
    }
    let told = world.post(
        "fina",
        format!("/desk/tickets/{reference}/waive-charge"),
        json!({"reason": long}),
    );
    assert_eq!(told.places(), ["reason"]);
}

#[test]
fn a_key_is_required_where_something_is_made() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    for path in ["/desk/tickets".to_owned()]
        .into_iter()
        .chain(["notes", "replies", "acts"].map(|act| format!("/desk/tickets/{reference}/{act}")))
    {
        let told = world.ask("POST", &path).by("marta").json(&json!({})).send();
        assert_eq!((told.status, told.code()), (400, "idempotency_key_missing"), "{path}");
    }
    let told = world.ask("POST", format!("/desk/tickets/{reference}/assign")).by("marta");
    assert_eq!(told.json(&json!({"to": "saul"})).send().status, 200);
}

#[test]
fn a_repeated_note_is_written_once() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let note = |text: &str| {
        let ask = world.ask("POST", format!("/desk/tickets/{reference}/notes")).by("marta");
        ask.header("idempotency-key", "k").json(&json!({"text": text})).send()
    };
    let (first, again) = (note("Revisar"), note("Revisar"));
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(note("Otra").code(), "idempotency_key_reused");
    let whole = world.get("marta", format!("/desk/tickets/{reference}")).json;
    assert_eq!(whole["timeline"].as_array().unwrap().len(), 2);
}

#[test]
fn searches_say_what_they_need() {
    let world = world("2026-11-20T10:00:00-06:00");
    let table = [
        ("/desk/tickets", vec!["?"]),
        ("/desk/tickets?ref=a&client=ACME", vec!["ref"]),
        ("/desk/tickets?client=acme", vec!["client", "?"]),
        ("/desk/tickets?word=a", vec!["?", "word"]),
        ("/desk/work?view=all", vec!["view"]),
        ("/desk/work?after=00ff", vec!["after"]),
        ("/desk/work?after=5b5d", vec!["after"]),
        ("/desk/notices", vec!["failed"]),
        ("/desk/notices?failed&after=5b5d", vec!["after"]),
    ];
    for (path, places) in table {
        let told = world.get("marta", path);
        assert_eq!((told.status, told.places()), (422, places), "{path}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec![
            "solution",
            "answer",
            "call",
            "senior",
            "emergency",
            "marta",
            "auto"
        ])
        .prop_map(Value::from),
        Just(json!("2026-11-20T10:00:00-06:00")),
        Just(json!("0001-01-01T00:00:00Z")),
        Just(json!("9999-12-31T23:59:59Z")),
    ];
    let name = prop_oneof![
        9 => prop::sample::select(vec![
            "kind", "text", "to", "started_at", "ended_at", "level", "message", "reason", "proposal",
            "client", "spoc", "subject", "critical",
        ])
        .prop_map(ToOwned::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec((name, leaf), 0..8)
        .prop_map(|entries| Value::Object(entries.into_iter().collect()))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_body_is_our_fault(bodies in prop::collection::vec(any_json(), 17)) {
        let world = world("2026-11-20T10:00:00-06:00");
        let reference = world.open("ana", "No timbra");
        let acts = [
            "", "/assign", "/notes", "/replies", "/acts", "/confirm-critical", "/downgrade",
            "/end-pause", "/escalate", "/thanks", "/close", "/ack-page", "/waive-charge",
            "/approve", "/reject", "/notes", "/acts",
        ];
        for (act, body) in acts.iter().zip(&bodies) {
            let path = match *act {
                "" => "/desk/tickets".to_owned(),
                act => format!("/desk/tickets/{reference}{act}"),
            };
            let told = world.post("adela", path.as_str(), body.clone());
            prop_assert!(told.status < 500, "{path} {body}: {}", told.json);
        }
        prop_assert_eq!(world.get("adela", format!("/desk/tickets/{reference}")).status, 200);
    }
}
