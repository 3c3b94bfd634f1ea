//! Every act of the desk, as it is used.

use serde_json::{Value, json};

use crate::kit::{Told, World};
use crate::world;

fn act(world: &World, who: &str, reference: &str, path: &str, body: Value) -> Told {
    world.env.clock.advance_ms(1_000);
    world.post(who, format!("/desk/tickets/{reference}/{path}"), body)
}

fn whole(world: &World, reference: &str) -> Value {
    let told = world.get("marta", format!("/desk/tickets/{reference}"));
    assert_eq!(told.status, 200, "{}", told.json);
    told.json
}

#[test]
fn a_call_is_registered_and_its_receipt_is_its_start() {
    let world = world("2026-11-20T14:20:00-06:00");
    let body = json!({
        "client": "ACME", "spoc": "luis", "started_at": "2026-11-20T13:59:00-06:00",
        "subject": "No imprime", "text": "Llamó por teléfono", "module": "stock",
    });
    let told = world.post("marta", "/desk/tickets", body);
    assert_eq!(told.status, 201, "{}", told.json);
    let reference = told.json["reference"].as_str().unwrap();
    assert_eq!(told.headers["location"], format!("/desk/tickets/{reference}"));
    let whole = whole(&world, reference);
    assert_eq!(whole["channel"], "call");
    assert_eq!(whole["opened_at"], "2026-11-20T13:59:00-06:00");
    assert_eq!(whole["clocks"][0]["target"], "2026-11-20T18:00:00-06:00");
    assert_eq!(whole["opener"], json!({"id": "luis", "name": "Luis Nava"}));
    assert_eq!(whole["timeline"][0]["by"]["id"], "marta");
    // His own client sees it as his.
    let seen = world.get("luis", format!("/tickets/{reference}")).json;
    assert_eq!(seen["messages"][0]["author"], "Luis Nava");
}

#[test]
fn a_ticket_is_assigned_to_those_who_are_there() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    assert_eq!(act(&world, "marta", &reference, "assign", json!({"to": "saul"})).status, 200);
    assert_eq!(whole(&world, &reference)["summary"]["assignee"]["name"], "Saúl Herrera");
    let again = act(&world, "marta", &reference, "assign", json!({"to": "saul"}));
    assert_eq!(again.json["event"], json!(null));
    assert_eq!(act(&world, "marta", &reference, "assign", json!({"to": null})).status, 200);
    assert_eq!(whole(&world, &reference)["summary"]["assignee"], json!(null));
}

/// 1.5: the desk adds an address, with why; people of another client, and who takes part anyway, are not.
#[test]
fn the_desk_adds_who_takes_part() {
    let world = world("2026-11-17T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let add = |who: &str, address: &str| {
        let body = json!({"address": address, "reason": "Lo pidió Ana."});
        act(&world, who, &reference, "participants", body)
    };
    let told = add("marta", "contador@despacho.example");
    assert_eq!((told.status, told.json["event"].as_u64()), (200, Some(2)), "{}", told.json);
    let again = add("saul", "Contador@Despacho.example");
    assert_eq!((again.status, &again.json["event"]), (200, &json!(null)));
    let timeline = whole(&world, &reference)["timeline"].clone();
    assert_eq!(timeline[1]["words"], "contador@despacho.example");
    assert_eq!(timeline[2]["words"], "Lo pidió Ana.");
    let seen = whole(&world, &reference);
    assert_eq!(seen["participants"], json!(["contador@despacho.example"]));
    let mine = world.get("ana", format!("/tickets/{reference}")).json.to_string();
    assert!(!mine.contains("Lo pidió Ana."), "the reason is the desk's own: {mine}");
    for (address, status, rule) in [
        ("luis@cliente.example", 409, "1.5"),
        ("berta@beta.example", 403, "13"),
        ("soporte@soporte.millora.example", 409, "1.5"),
        ("mesa@millora.example", 409, "1.5"),
        ("guardia@millora.example", 409, "1.5"),
    ] {
        let told = add("marta", address);
        assert_eq!((told.status, told.json["rule"].as_str()), (status, Some(rule)), "{address}");
    }
    let bad = add("marta", "sin arroba");
    assert_eq!((bad.status, bad.places()), (422, vec!["address"]));
    // What the desk writes goes there as well.
    let reply = json!({"kind": "answer", "text": "Ya lo vemos."});
    act(&world, "marta", &reference, "replies", reply);
    world.block_on(app::sweep::sweep(world.env.as_ref())).unwrap();
    let sent = world.env.mailer.taken();
    assert!(sent.iter().any(|it| it.message.to == "contador@despacho.example"));
}

#[test]
fn a_ticket_is_answered_asked_about_solved_and_thanked_for() {
    let world = world("2026-11-17T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let told = act(
        &world,
        "marta",
        &reference,
        "replies",
        json!({"kind": "information_request", "text": "¿Qué folio?"}),
    );
    assert_eq!(told.status, 201);
    world.accept(&reference, told.json["event"].as_u64().unwrap());
    let paused = whole(&world, &reference);
    assert_eq!(paused["summary"]["awaiting"]["what"], "information");
    assert_eq!(paused["clocks"][0]["result"], "paused");
    assert!(paused["clocks"][0]["left_seconds"].as_i64().unwrap() > 0);
    let told = act(&world, "marta", &reference, "end-pause", json!({"text": "Ya lo encontramos"}));
    assert_eq!(told.status, 200);
    assert_eq!(whole(&world, &reference)["clocks"][0]["result"], "pending");
    let told = act(&world, "marta", &reference, "end-pause", json!({"text": "Otra vez"}));
    assert_eq!((told.status, told.code()), (409, "nothing"));

    world.solve(&reference);
    let solved = whole(&world, &reference);
    assert_eq!(solved["clocks"][0]["result"], "met");
    assert!(solved["summary"]["closes_at"].is_string());
    assert!(!solved["why"]["closing"]["steps"].as_array().unwrap().is_empty());

    world.env.clock.advance_ms(1_000);
    let told =
        world.post("ana", format!("/tickets/{reference}/messages"), json!({"text": "¡Gracias!"}));
    let message = told.json["event"].as_u64().unwrap();
    let told = act(&world, "marta", &reference, "thanks", json!({"message": message + 40}));
    assert_eq!((told.status, told.code()), (409, "nothing"));
    assert_eq!(act(&world, "marta", &reference, "thanks", json!({"message": message})).status, 200);
    let closed = whole(&world, &reference);
    assert_eq!(closed["closed"]["reason"], "confirmed");
    assert_eq!(closed["chain"]["verified"], true);
    assert_eq!(closed["chain"]["fault"], json!(null));
}

#[test]
fn criticality_is_confirmed_escalated_paged_and_downgraded() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("berta", "No se factura");
    let told = act(&world, "marta", &reference, "confirm-critical", json!({}));
    assert_eq!((told.status, told.code()), (409, "not_critical"));
    let told = act(&world, "marta", &reference, "escalate", json!({"level": "emergency"}));
    assert_eq!((told.status, told.code()), (409, "wrong_level"));
    let critical = json!({"essential_operation": "invoicing", "fully_blocked": true});
    assert_eq!(world.post("berta", format!("/tickets/{reference}/critical"), critical).status, 200);
    let paged = whole(&world, &reference);
    assert_eq!((&paged["summary"]["paged"], &paged["page"]["calls"]), (&json!(true), &json!(1)));
    assert_eq!(act(&world, "saul", &reference, "ack-page", json!({})).status, 200);
    assert_eq!(whole(&world, &reference)["summary"]["paged"], false);
    assert_eq!(act(&world, "marta", &reference, "confirm-critical", json!({})).status, 200);
    assert_eq!(
        act(&world, "marta", &reference, "escalate", json!({"level": "emergency"})).status,
        200
    );
    let high = whole(&world, &reference);
    assert_eq!(high["summary"]["level"]["level"], "emergency");
    assert_eq!(high["levels"].as_array().unwrap().len(), 2);
    assert_eq!(high["summary"]["criticality"]["state"], "confirmed");
    let told = act(
        &world,
        "marta",
        &reference,
        "downgrade",
        json!({"text": "Sí se puede facturar a mano"}),
    );
    assert_eq!(told.status, 200);
    let low = whole(&world, &reference);
    assert_eq!(low["summary"]["level"]["level"], "senior");
    assert_eq!(low["summary"]["level"]["past"], "emergency");
    assert_eq!(low["clocks"].as_array().unwrap().len(), 2);
    let seen = world.get("berta", format!("/tickets/{reference}")).json;
    assert!(seen["messages"].to_string().contains("facturar a mano"));
}

#[test]
fn an_act_recorded_late_needs_a_second_person() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let call = |from: &str, to: &str| json!({"kind": "call", "started_at": from, "ended_at": to, "text": "Hablamos"});
    world.set_clock("2026-11-20T10:20:00-06:00");
    let told = act(
        &world,
        "marta",
        &reference,
        "acts",
        call("2026-11-20T10:05:00-06:00", "2026-11-20T10:10:00-06:00"),
    );
    assert_eq!((told.status, &told.json["proposal"]), (201, &json!(null)), "{}", told.json);
    let told = act(
        &world,
        "marta",
        &reference,
        "acts",
        call("2026-11-20T10:30:00-06:00", "2026-11-20T10:40:00-06:00"),
    );
    assert_eq!((told.status, told.code()), (409, "wrong_instant"));

    world.set_clock("2026-11-20T12:00:00-06:00");
    let late = call("2026-11-20T10:30:00-06:00", "2026-11-20T10:40:00-06:00");
    let told = act(&world, "marta", &reference, "acts", late);
    let proposal = told.json["proposal"].as_u64().unwrap();
    let listed = whole(&world, &reference);
    assert_eq!(listed["proposals"][0]["number"], proposal);
    assert_eq!(listed["proposals"][0]["by"]["id"], "marta");
    for path in ["approve", "reject"] {
        let told = act(&world, "marta", &reference, path, json!({"proposal": proposal}));
        assert_eq!((told.status, told.code()), (409, "same_person"), "{path}");
    }
    assert_eq!(
        act(&world, "saul", &reference, "approve", json!({"proposal": proposal})).status,
        200
    );
    let approved = whole(&world, &reference);
    assert_eq!(approved["proposals"], json!([]));
    let last = approved["timeline"].as_array().unwrap().last().unwrap().clone();
    assert!(last["text"].as_str().unwrap().contains("aprobó Saúl Herrera"), "{last}");
    assert_eq!(last["words"], "Hablamos");
    let told = act(&world, "saul", &reference, "approve", json!({"proposal": proposal}));
    assert_eq!((told.status, told.code()), (409, "nothing"));
}

#[test]
fn the_desk_closes_for_its_own_reasons_only() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "Promoción");
    for reason in ["auto", "confirmed", "withdrawn", "no_answer", "out_of_scope", "service_ended"] {
        let told =
            act(&world, "marta", &reference, "close", json!({"reason": reason, "text": "x"}));
        assert_eq!((told.status, told.code()), (409, "reason_not_allowed"), "{reason}");
        assert_eq!(told.json["rule"], "9.0a");
    }
    let body = json!({"reason": "not_a_request", "text": "Es publicidad"});
    let told = act(&world, "marta", &reference, "close", body);
    let proposal = told.json["proposal"].as_u64().unwrap();
    assert_eq!(
        act(&world, "saul", &reference, "reject", json!({"proposal": proposal})).status,
        200
    );
    let body = json!({"reason": "not_a_request", "text": "De verdad es publicidad"});
    let told = act(&world, "marta", &reference, "close", body);
    let proposal = told.json["proposal"].as_u64().unwrap();
    assert_eq!(
        act(&world, "adela", &reference, "approve", json!({"proposal": proposal})).status,
        200
    );
    assert_eq!(whole(&world, &reference)["closed"]["reason"], "not_a_request");
}

#[test]
fn a_charge_is_given_up_by_finance() {
    let world = world("2026-11-20T14:10:00-06:00");
    let reference = world.open("ana", "Reporte");
    let told = act(&world, "fina", &reference, "waive-charge", json!({"reason": "Cortesía"}));
    assert_eq!((told.status, told.code()), (409, "nothing"));
    world.post("ana", format!("/tickets/{reference}/same-day"), json!({"accept": true}));
    assert_eq!(
        act(&world, "fina", &reference, "waive-charge", json!({"reason": "Cortesía"})).status,
        200
    );
    let whole = whole(&world, &reference);
    assert_eq!(whole["charges"][0]["state"], "waived");
    assert_eq!(whole["timeline"].as_array().unwrap().last().unwrap()["words"], "Cortesía");
}

#[test]
fn offers_are_stopped_for_today_and_those_made_stand() {
    let world = world("2026-11-20T14:10:00-06:00");
    let before = world.open("ana", "Antes");
    let told =
        world.post("marta", "/desk/offers/stop", json!({"reason": "Equipo completo en sitio"}));
    assert_eq!((told.status, &told.json["day"]), (200, &json!("2026-11-20")));
    assert_eq!(world.post("saul", "/desk/offers/stop", json!({"reason": "Igual"})).status, 200);
    let after = world.open("ana", "Después");
    let accept = |reference: &str| {
        world.post("ana", format!("/tickets/{reference}/same-day"), json!({"accept": true}))
    };
    assert_eq!(accept(&before).status, 200);
    assert_eq!(accept(&after).code(), "no_offer");
}
