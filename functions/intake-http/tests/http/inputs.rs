//! What is wrong with an input is told: all of it at once, with its places and its limits.

use app::ports::Blobs as _;
use domain::ClientId;
use proptest::prelude::*;
use serde_json::{Value, json};
use web::limits::BODY_BYTES_MAX;

use crate::kit::World;

fn world() -> World {
    World::new("2026-11-20T10:00:00-06:00", |env| intake_http::router(env.clone()))
}

#[test]
fn all_faults_of_a_body_are_told_at_once_with_their_places() {
    let world = world();
    let long = "a".repeat(201);
    let table: Vec<(Value, &[&str])> = vec![
        (json!({}), &["subject", "text"]),
        (json!([]), &["cuerpo", "subject", "text"]),
        (json!("hola"), &["cuerpo", "subject", "text"]),
        (json!(null), &["cuerpo", "subject", "text"]),
        (json!({"subject": null, "text": ""}), &["subject", "text"]),
        (json!({"subject": 3, "text": ["a"]}), &["subject", "text"]),
        (json!({"subject": long, "text": " \n "}), &["subject", "text"]),
        (json!({"subject": "\u{202e}\u{200b}\r\n", "text": "b"}), &["subject"]),
        (json!({"subject": "a", "text": "b", "x": 1, "client": "BETA"}), &["client", "x"]),
        (json!({"subject": "a", "text": "b", "module": "m".repeat(65)}), &["module"]),
        (json!({"subject": "a", "text": "b", "module": ""}), &["module"]),
        // What is sealed in the chain is a code, never free text.
        (json!({"subject": "a", "text": "b", "module": "Facturación de Ana"}), &["module"]),
        (json!({"subject": "a", "text": "b", "critical": true}), &["critical"]),
        (
            json!({"subject": "a", "text": "b", "critical": {"y": 1}}),
            &["critical.essential_operation", "critical.fully_blocked", "critical.y"],
        ),
        (
            json!({"text": 1, "critical": {"essential_operation": "todo", "fully_blocked": "sí"}, "z": 0}),
            &["subject", "text", "critical.essential_operation", "critical.fully_blocked", "z"],
        ),
    ];
    for (body, places) in table {
        let told = world.post("ana", "/tickets", body.clone());
        assert_eq!((told.status, told.code()), (422, "invalid"), "{body}");
        assert_eq!(told.places(), places, "{body}");
        assert_eq!(told.headers["content-type"], "application/problem+json");
        assert_eq!(told.json["type"], "urn:millora:problem:invalid");
        assert_eq!(told.json["status"], 422);
        for fault in told.json["faults"].as_array().unwrap() {
            assert!(!fault["problem"].as_str().unwrap().is_empty());
        }
    }
}

#[test]
fn a_name_that_stands_twice_is_a_fault() {
    let world = world();
    let bodies = [
        (r#"{"subject":"a","subject":"b","text":"c"}"#, vec!["subject"]),
        (
            r#"{"subject":"a","text":"c","critical":{"fully_blocked":true,"fully_blocked":false,
                "essential_operation":"payroll"},"x":{"y":1,"y":2}}"#,
            vec!["critical.fully_blocked", "x.y", "x"],
        ),
    ];
    for (body, places) in bodies {
        let ask = world.ask("POST", "/tickets").by("ana").fresh_key();
        let told = ask.raw("application/json", body).send();
        assert_eq!((told.status, told.places()), (422, places), "{body}");
    }
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    let world = world();
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for body in ["{", "{'a':1}", "{\"a\":1}x", "\u{feff}{}", "{\"a\":01}", "NaN", deep.as_str()] {
        let ask = world.ask("POST", "/tickets").by("ana").fresh_key();
        let told = ask.raw("application/json", body).send();
        assert_eq!((told.status, told.code()), (400, "malformed_json"), "{body}");
        assert!(told.places()[0].starts_with("línea 1, columna "), "{body}");
    }
    let ask = world.ask("POST", "/tickets").by("ana").fresh_key();
    let told = ask.raw("application/json", vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}']).send();
    assert_eq!(told.status, 400);
}

#[test]
fn only_json_is_taken() {
    let world = world();
    let body = json!({"subject": "a", "text": "b"}).to_string();
    let table = [
        ("application/json", 201),
        ("Application/JSON; charset=UTF-8", 201),
        ("application/json; charset=\"utf-8\"", 201),
        ("application/json; charset=latin1", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
    ];
    for (kind, status) in table {
        let ask = world.ask("POST", "/tickets").by("ana").fresh_key();
        let told = ask.raw(kind, body.clone()).send();
        assert_eq!(told.status, status, "{kind}");
    }
}

#[test]
fn limits_are_exact_and_told() {
    let world = world();
    let post = |subject: String, text: String| {
        world.post("ana", "/tickets", json!({"subject": subject, "text": text}))
    };
    assert_eq!(post("ñ".repeat(200), "ñ".repeat(20_000)).status, 201);
    let told = post("ñ".repeat(201), "ñ".repeat(20_001));
    assert_eq!(told.places(), ["subject", "text"]);
    let problems = told.json["faults"].to_string();
    assert!(problems.contains("200") && problems.contains("20000"), "{problems}");

    let body = |bytes: usize| {
        let start = r#"{"subject":"a","text":"b","z":""#;
        format!("{start}{}\"}}", "z".repeat(bytes - start.len() - 2))
    };
    let send = |body: String| {
        let ask = world.ask("POST", "/tickets").by("ana").fresh_key();
        ask.raw("application/json", body).send()
    };
    assert_eq!(send(body(BODY_BYTES_MAX)).status, 422);
    let told = send(body(BODY_BYTES_MAX + 1));
    assert_eq!((told.status, told.code()), (413, "too_large"));
    assert!(told.json["detail"].as_str().unwrap().contains(&BODY_BYTES_MAX.to_string()));

    // Whatever the limits allow fits, however it is written.
    let escaped = |chars: usize| r"\ud83d\ude00".repeat(chars);
    let (subject, text, words) = (escaped(200), escaped(20_000), escaped(2_000));
    let critical = format!(
        r#"{{"essential_operation":"other","fully_blocked":true,"description":"{words}"}}"#
    );
    let longest = format!(r#"{{"subject":"{subject}","text":"{text}","critical":{critical}}}"#);
    assert_eq!(send(longest).status, 201);
}

/// A text that is too large for an item is stored apart, once it is known that it belongs somewhere.
#[test]
fn a_large_text_for_nobody_is_not_stored() {
    let world = world();
    let reference = world.open("ana", "No timbra");
    let other = ClientId::parse("ACME").unwrap().reference([9; 8]);
    let large = "á".repeat(20_000);
    let write = |reference: &str| {
        let path = format!("/tickets/{reference}/messages");
        world.post("ana", &path, json!({ "text": large })).status
    };
    assert_eq!(write(other.as_str()), 404);
    let stored = || world.block_on(world.env.blobs.list("texts/", None, 10)).unwrap().items.len();
    assert_eq!(stored(), 0);
    assert_eq!(write(&reference), 201);
    assert_eq!(stored(), 1);
}

#[test]
fn a_key_is_required_where_something_is_made() {
    let world = world();
    let reference = world.open("ana", "No timbra");
    let body = json!({"subject": "a", "text": "b"});
    for path in ["/tickets".to_owned(), format!("/tickets/{reference}/messages")] {
        let told = world.ask("POST", &path).by("ana").json(&body).send();
        assert_eq!((told.status, told.code()), (400, "idempotency_key_missing"), "{path}");
        for key in ["", "con espacio", "ñ", &"k".repeat(129)] {
            let ask = world.ask("POST", &path).by("ana").header("idempotency-key", key);
            let told = ask.json(&body).send();
            assert_eq!((told.status, told.code()), (400, "idempotency_key_invalid"), "{key}");
        }
        let ask = world.ask("POST", &path).by("ana").fresh_key().fresh_key();
        assert_eq!(ask.json(&body).send().code(), "idempotency_key_invalid");
    }
    let ask = world.ask("POST", "/tickets").by("ana").header("idempotency-key", "k".repeat(128));
    assert_eq!(ask.json(&body).send().status, 201);
}

#[test]
fn subjects_are_one_clean_line() {
    let world = world();
    let subject = "factura\u{202e}fdp.exe\u{2066}\r\nBcc: x@y.example\u{0}";
    let body = json!({"subject": subject, "text": "uno\u{202e}\r\ndos\u{7}"});
    let told = world.post("ana", "/tickets", body);
    assert_eq!(told.status, 201);
    assert_eq!(told.json["subject"], "facturafdp.exe Bcc: x@y.example");
    assert_eq!(told.json["messages"][0]["text"], "uno\ndos");
}

#[test]
fn parameters_are_checked_as_bodies_are() {
    let world = world();
    let table = [
        ("/tickets?state=all", vec!["state"]),
        ("/tickets?limit=0&after=zz&x=1", vec!["after", "limit", "x"]),
        ("/tickets?limit=51", vec!["limit"]),
        ("/tickets?limit=1&limit=2", vec!["limit"]),
        ("/tickets?after=00", vec!["after"]),
        ("/tickets?after=5b5d", vec!["after"]),
    ];
    for (path, places) in table {
        let told = world.get("ana", path);
        assert_eq!(told.status, 422, "{path}: {}", told.json);
        let mut told = told.places().into_iter().map(ToOwned::to_owned).collect::<Vec<_>>();
        told.sort();
        assert_eq!(told, places, "{path}");
    }
    let long = format!("/tickets?after={}", "0".repeat(1_001));
    assert_eq!(world.get("ana", long).places(), ["after"]);
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let world = world();
    let told = world.ask("DELETE", "/tickets").by("ana").send();
    assert_eq!((told.status, told.code()), (405, "method_not_allowed"));
    let allow = told.headers["allow"].to_str().unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    let told = world.ask("GET", "/nothing").send();
    assert_eq!((told.status, told.code()), (404, "not_found"));
}

#[test]
fn every_answer_has_its_surface() {
    let world = world();
    let answers = [
        world.get("ana", "/tickets"),
        world.ask("GET", "/nothing").send(),
        world.ask("GET", "/openapi.json").send(),
        world.post("ana", "/tickets", json!({})),
    ];
    for told in answers {
        assert_eq!(told.headers["x-content-type-options"], "nosniff");
        assert_eq!(told.headers["cache-control"], "no-store");
        assert_eq!(told.headers["x-frame-options"], "DENY");
        assert!(told.headers.contains_key("content-security-policy"));
        assert!(told.headers.contains_key("strict-transport-security"));
    }
}

/// JSON of every shape, with the names that the API knows and others.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("payroll")),
        Just(json!("other")),
    ];
    let name = prop_oneof![
        Just("subject".to_owned()),
        Just("text".to_owned()),
        Just("module".to_owned()),
        Just("critical".to_owned()),
        Just("essential_operation".to_owned()),
        Just("fully_blocked".to_owned()),
        Just("description".to_owned()),
        Just("still_fails".to_owned()),
        Just("accept".to_owned()),
        any::<String>(),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_body_is_our_fault(bodies in prop::collection::vec(any_json(), 8), raw in any::<Vec<u8>>()) {
        let world = world();
        let reference = world.open("ana", "No timbra");
        let paths = ["", "/messages", "/same-day", "/critical", "/emergency-cost", "/confirm", "/withdraw"];
        for (n, body) in bodies.iter().enumerate() {
            let path = match paths[n % paths.len()] {
                "" => "/tickets".to_owned(),
                act => format!("/tickets/{reference}{act}"),
            };
            let told = world.post("ana", path.as_str(), body.clone());
            prop_assert!(told.status < 500, "{path} {body}: {}", told.json);
            prop_assert!(told.status < 300 || !told.json["detail"].as_str().unwrap().is_empty());
        }
        let ask = world.ask("POST", "/tickets").by("ana").fresh_key();
        prop_assert!(ask.raw("application/json", raw).send().status < 500);
    }
}
