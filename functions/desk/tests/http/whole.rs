//! A ticket as a whole: its explanations, its timeline, its chain.

use app::codec::Stored;
use app::commit::{Commit, Condition, Write};
use app::keys;
use app::ports::{Env as _, Store as _};
use app::records::Events;
use domain::TicketRef;
use serde_json::json;

use crate::world;

#[test]
fn dates_are_explained_to_the_desk_as_to_the_client() {
    let world = world("2026-11-20T14:10:00-06:00");
    let reference = world.open("ana", "Reporte");
    let whole = world.get("marta", format!("/desk/tickets/{reference}")).json;
    let desk = world.get("marta", format!("/desk/tickets/{reference}/why")).json;
    let client = world.get("ana", format!("/tickets/{reference}/why")).json;
    assert_eq!((&whole["why"], &desk), (&desk, &client));
    assert!(!desk["clocks"][0]["steps"].as_array().unwrap().is_empty());
}

/// Rules 9.0 and 7.8: the clocks of a cycle that has ended stay rows of the ticket, for everybody who reads
/// it, with why.
#[test]
fn cycles_that_ended_are_shown_with_their_clocks() {
    let world = world("2026-11-17T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    world.solve(&reference);
    let tell = |who: &str, path: &str, body| {
        world.env.clock.advance_ms(1_000);
        let told = world.post(who, format!("/tickets/{reference}/{path}"), body);
        assert!(told.status < 300, "{path}: {}", told.json);
    };
    assert_eq!(world.get("ana", format!("/tickets/{reference}")).json["earlier"], json!([]));
    for again in ["Volvió a fallar", "Otra vez"] {
        tell("ana", "confirm", json!({}));
        tell("ana", "messages", json!({"text": again}));
        world.solve(&reference);
    }
    let seen = world.get("ana", format!("/tickets/{reference}")).json;
    let whole = world.get("marta", format!("/desk/tickets/{reference}")).json;
    assert_eq!((&seen["cycle"], &seen["earlier"]), (&json!(3), &whole["earlier"]));
    let numbers: Vec<_> =
        seen["earlier"].as_array().unwrap().iter().map(|it| &it["cycle"]).collect();
    assert_eq!(numbers, [1, 2]);
    let first = &seen["earlier"][0];
    assert_eq!(first["received_at"], "2026-11-17T10:00:00-06:00");
    assert_eq!(first["clocks"][0]["target"], "2026-11-17T18:00:00-06:00");
    assert_eq!(first["clocks"][0]["result"], "met");
    assert_eq!(first["closed"]["reason"], "confirmed");
    let why = world.get("ana", format!("/tickets/{reference}/why")).json;
    assert_eq!(why, whole["why"]);
    assert_eq!(why["earlier"][0]["clocks"][0]["steps"][0]["rule"], "7.1");
    assert_eq!(why["earlier"][1]["cycle"], 2);
}

#[test]
fn a_timeline_is_in_order_and_says_who_and_what() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    world.env.clock.advance_ms(60_000);
    world.post("marta", format!("/desk/tickets/{reference}/notes"), json!({"text": "Revisar"}));
    let whole = world.get("marta", format!("/desk/tickets/{reference}")).json;
    let timeline = whole["timeline"].as_array().unwrap();
    let numbers: Vec<_> = timeline.iter().map(|event| event["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(
        (&timeline[0]["kind"], &timeline[0]["by"]["kind"]),
        (&json!("opened"), &json!("spoc"))
    );
    assert_eq!(timeline[0]["words"], "No timbra\n\nNo puedo timbrar");
    assert_eq!((&timeline[1]["kind"], &timeline[1]["words"]), (&json!("noted"), &json!("Revisar")));
    assert_eq!(timeline[1]["by"]["name"], "Marta Torres");
    assert_eq!(timeline[1]["at"], "2026-11-20T10:01:00-06:00");
    assert_eq!(timeline[1]["text"], "Nota interna");
}

#[test]
fn a_changed_byte_is_named() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let key = keys::events(&TicketRef::parse(&reference).unwrap(), 1);
    world.block_on(async {
        let store = world.env.store();
        let item = store.get(&key).await.unwrap().unwrap();
        let mut events = Stored::<Events>::read(&item).unwrap();
        events.doc.links[0].line = events.doc.links[0].line.replace("ana", "eva");
        let when = Condition::RevisionIs(events.rev);
        let item = events.item(key.clone(), 1).unwrap();
        store.commit(&Commit { writes: vec![Write::Put { item, when }] }).await.unwrap();
    });
    let chain = world.get("marta", format!("/desk/tickets/{reference}")).json["chain"].clone();
    assert_eq!(chain["verified"], false);
    assert_eq!(chain["fault"], "el evento 1 fue alterado");
}

#[test]
fn words_that_were_erased_are_shown_as_such_and_the_chain_holds() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let key = keys::events(&TicketRef::parse(&reference).unwrap(), 1);
    world.block_on(async {
        let store = world.env.store();
        let item = store.get(&key).await.unwrap().unwrap();
        let mut events = Stored::<Events>::read(&item).unwrap();
        let text = events.doc.texts.get_mut(&1).unwrap();
        (text.text, text.salt) = (None, String::new());
        let when = Condition::RevisionIs(events.rev);
        let item = events.item(key.clone(), 1).unwrap();
        store.commit(&Commit { writes: vec![Write::Put { item, when }] }).await.unwrap();
    });
    let whole = world.get("marta", format!("/desk/tickets/{reference}")).json;
    let first = &whole["timeline"][0];
    assert_eq!((&first["erased"], &first["words"]), (&json!(true), &json!(null)));
    assert_eq!(whole["chain"]["verified"], true);
    let seen = world.get("ana", format!("/tickets/{reference}")).json;
    assert_eq!(seen["messages"][0]["text"], json!(null));
}

#[test]
fn a_held_ticket_says_why_no_clock_runs() {
    use domain::standing::{Gate, Span, StandingCause};
    let world = world("2026-11-20T10:00:00-06:00");
    let client = domain::ClientId::parse("ACME").unwrap();
    world.block_on(async {
        let from = crate::kit::at("2026-11-06T00:00:00-06:00");
        let span = Span { cause: StandingCause::NonPayment, from, to: None };
        let gate = Stored::new(Gate { rev: 1, spans: vec![span] });
        let item = gate.item(keys::gate(&client), 1).unwrap();
        let write = Write::Put { item, when: Condition::Absent };
        world.env.store().commit(&Commit { writes: vec![write] }).await.unwrap();
    });
    let reference = world.open("ana", "No timbra");
    let seen = world.get("ana", format!("/tickets/{reference}")).json;
    assert_eq!((&seen["state"], &seen["target"]), (&json!("held"), &json!(null)));
    assert!(seen["target_text"].as_str().unwrap().starts_with("en espera"));
    let why = world.get("ana", format!("/tickets/{reference}/why")).json;
    assert!(why["note"].as_str().unwrap().contains("cláusula 10"));
    let whole = world.get("marta", format!("/desk/tickets/{reference}")).json;
    assert!(whole["not_served"].as_str().unwrap().contains("falta de pago"));
    let told = world.post(
        "ana",
        format!("/tickets/{reference}/critical"),
        json!({"essential_operation": "invoicing", "fully_blocked": true}),
    );
    assert_eq!((told.status, told.code()), (409, "suspended"));
}
