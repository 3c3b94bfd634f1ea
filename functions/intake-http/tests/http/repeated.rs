//! A request that is repeated under its key is carried out once.

use crate::kit::World;
use serde_json::{Value, json};

fn world() -> World {
    World::new("2026-11-20T10:00:00-06:00", |env| intake_http::router(env.clone()))
}

fn keyed(world: &World, who: &str, path: &str, key: &str, body: &Value) -> crate::kit::Told {
    let ask = world.ask("POST", path).by(who).header("idempotency-key", key);
    ask.json(body).send()
}

#[test]
fn the_same_request_again_is_answered_with_what_it_made() {
    let world = world();
    let body = json!({"subject": "No timbra", "text": "Desde hoy"});
    let first = keyed(&world, "ana", "/tickets", "k1", &body);
    let again = keyed(&world, "ana", "/tickets", "k1", &body);
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.headers["location"], first.headers["location"]);
    let other = keyed(&world, "ana", "/tickets", "k1", &json!({"subject": "Otra", "text": "x"}));
    assert_eq!((other.status, other.code()), (422, "idempotency_key_reused"));
    // Keys are of whoever sends them.
    let luis = keyed(&world, "luis", "/tickets", "k1", &body);
    assert_ne!(luis.json["reference"], first.json["reference"]);

    let path = format!("/tickets/{}/messages", first.json["reference"].as_str().unwrap());
    let body = json!({"text": "hola"});
    let first = keyed(&world, "ana", &path, "k2", &body);
    let again = keyed(&world, "ana", &path, "k2", &body);
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(
        (&again.bytes, &again.headers["idempotent-replayed"]),
        (&first.bytes, &"true".parse().unwrap())
    );
    // The path is part of what is repeated.
    assert_eq!(keyed(&world, "ana", "/tickets", "k2", &body).status, 422);
    let other = world.open("ana", "Segunda");
    let told = keyed(&world, "ana", &format!("/tickets/{other}/messages"), "k2", &body);
    assert_eq!(told.code(), "idempotency_key_reused");
}

#[test]
fn a_key_is_remembered_for_thirty_days() {
    let world = world();
    let body = json!({"subject": "No timbra", "text": "Desde hoy"});
    let first = keyed(&world, "ana", "/tickets", "k", &body);
    world.set_clock("2026-12-20T09:59:59-06:00");
    assert_eq!(
        keyed(&world, "ana", "/tickets", "k", &body).json["reference"],
        first.json["reference"]
    );
    world.set_clock("2026-12-20T10:00:00-06:00");
    let later = keyed(&world, "ana", "/tickets", "k", &body);
    assert_ne!(later.json["reference"], first.json["reference"]);
}

#[test]
fn of_two_at_once_one_is_carried_out() {
    let world = world();
    let body = json!({"subject": "No timbra", "text": "Desde hoy"});
    let ask = || {
        let ask = world.ask("POST", "/tickets").by("ana").header("idempotency-key", "k");
        world.future(ask.json(&body))
    };
    let requests = (ask(), ask());
    let (one, other) = world.block_on(async { tokio::join!(requests.0, requests.1) });
    assert_eq!((one.status, other.status), (201, 201));
    assert_eq!(one.json["reference"], other.json["reference"]);
    assert_eq!(world.get("ana", "/tickets").json["tickets"].as_array().unwrap().len(), 1);
}
