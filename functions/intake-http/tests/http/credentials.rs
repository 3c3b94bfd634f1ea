//! Who may ask, and that a ticket of another client does not exist.

use crate::kit::World;
use serde_json::json;

const PATHS: [(&str, &str); 10] = [
    ("GET", "/tickets"),
    ("POST", "/tickets"),
    ("GET", "/tickets/ACME-00000000-0"),
    ("GET", "/tickets/ACME-00000000-0/why"),
    ("POST", "/tickets/ACME-00000000-0/messages"),
    ("POST", "/tickets/ACME-00000000-0/same-day"),
    ("POST", "/tickets/ACME-00000000-0/emergency-cost"),
    ("POST", "/tickets/ACME-00000000-0/critical"),
    ("POST", "/tickets/ACME-00000000-0/confirm"),
    ("POST", "/tickets/ACME-00000000-0/withdraw"),
];

fn world() -> World {
    World::new("2026-11-20T10:00:00-06:00", |env| intake_http::router(env.clone()))
}

#[test]
fn without_a_token_that_counts_nothing_is_told() {
    let world = world();
    let unknown = format!("Bearer mll_{}", "0".repeat(64));
    let inactive = format!("Bearer {}", world.token("ana").to_uppercase());
    for (method, path) in PATHS {
        let none = world.ask(method, path).send();
        assert_eq!((none.status, none.code()), (401, "unauthenticated"), "{method} {path}");
        assert_eq!(none.headers["www-authenticate"], "Bearer realm=\"millora\"");
        for wrong in ["Basic YTpi", "Bearer", "Bearer x", unknown.as_str(), inactive.as_str()] {
            let told = world.ask(method, path).header("authorization", wrong).send();
            assert_eq!((told.status, told.code()), (401, "unauthenticated"), "{wrong}");
            assert!(told.headers.contains_key("www-authenticate"));
        }
        let twice = world.ask(method, path).by("ana").by("ana").send();
        assert_eq!(twice.status, 401, "two credentials are none");
    }
}

#[test]
fn a_token_of_the_desk_is_good_but_not_for_here() {
    let world = world();
    for (method, path) in PATHS {
        let told = world.ask(method, path).by("marta").fresh_key().send();
        assert_eq!((told.status, told.code()), (403, "wrong_audience"), "{method} {path}");
    }
}

#[test]
fn a_revoked_token_counts_no_more() {
    let world = world();
    let (client, spoc) = ("ACME".to_owned(), "ana".to_owned());
    let (client, spoc) = (client.try_into().unwrap(), spoc.try_into().unwrap());
    let principal = app::auth::Principal::Spoc { client, spoc };
    let env = world.env.as_ref();
    let tokens = world.block_on(app::auth::tokens(env, &principal)).unwrap();
    world.block_on(app::auth::revoke(env, &principal, &tokens[0].id, &[])).unwrap();
    assert_eq!(world.get("ana", "/tickets").status, 401);
}

#[test]
fn a_former_spoc_reads_and_does_nothing() {
    let world = world();
    let reference = world.open("ana", "No timbra");
    for path in ["/tickets".to_owned(), format!("/tickets/{reference}")] {
        let told = world.get("exa", path);
        assert_eq!((told.status, told.code()), (403, "not_authorised"));
        assert_eq!(told.json["rule"], "1.2");
    }
    let told = world.post("exa", "/tickets", json!({"subject": "a", "text": "b"}));
    assert_eq!((told.status, told.code()), (403, "not_authorised"));
}

#[test]
fn foreign_unknown_and_malformed_references_look_the_same() {
    let world = world();
    let own = world.open("ana", "Secreto de Acme");
    let foreign = world.open("berta", "Secreto de Beta");
    let body = json!({"text": "hola"});
    let post =
        |reference: &str| world.post("ana", format!("/tickets/{reference}/messages"), body.clone());
    let get = |reference: &str| world.get("ana", format!("/tickets/{reference}"));
    let why = |reference: &str| world.get("ana", format!("/tickets/{reference}/why"));
    assert_eq!((get(&own).status, why(&own).status), (200, 200));
    let unknown = [foreign.as_str(), "ACME-00000000-0", "acme-1", "%00", "%ff", "x%2Fy"];
    let expected = get(unknown[0]);
    assert_eq!((expected.status, expected.code()), (404, "not_found"));
    for reference in unknown {
        for told in [get(reference), why(reference), post(reference)] {
            assert_eq!(told.status, 404, "{reference}");
            assert_eq!(told.bytes, expected.bytes, "{reference}");
            assert_eq!(told.headers, expected.headers, "{reference}");
        }
    }
    // A well-formed reference of the own client that was never drawn.
    let drawn = domain::ClientId::parse("ACME").unwrap().reference([1; 8]);
    assert_eq!(get(drawn.as_str()).bytes, expected.bytes);
    // Nor does a path that does not exist at all say more.
    assert_eq!(world.get("ana", format!("/tickets/{own}/nothing")).bytes, expected.bytes);
    assert!(!String::from_utf8_lossy(&world.get("ana", "/tickets").bytes).contains("Beta"));
}

#[test]
fn an_act_on_a_foreign_ticket_under_a_known_key_is_still_not_found() {
    let world = world();
    let foreign = world.open("berta", "Ajeno");
    let ask = || {
        let ask = world.ask("POST", format!("/tickets/{foreign}/messages")).by("ana");
        ask.header("idempotency-key", "k").json(&json!({"text": "hola"})).send()
    };
    assert_eq!((ask().status, ask().status), (404, 404));
    let seen = world.get("berta", format!("/tickets/{foreign}"));
    assert_eq!(seen.json["messages"].as_array().unwrap().len(), 1);
}

#[test]
fn without_its_receipt_a_request_is_our_own_fault() {
    use tower::ServiceExt as _;
    let world = world();
    let request = http::Request::get("/tickets")
        .header("authorization", format!("Bearer {}", world.token("ana")))
        .body(axum::body::Body::empty())
        .unwrap();
    let router = intake_http::router(world.env.clone());
    let response = world.block_on(router.oneshot(request)).unwrap();
    assert_eq!(response.status(), 500);
}
