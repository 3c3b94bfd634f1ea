//! What is told is kept first, applied later, and never lost.

use app::limits::{EVENT_RETRY, EVENT_TRIES_MAX};
use app::payment_events::{self, EventStatus};
use app::ports::Clock as _;
use domain::terms::Centavos;
use domain::{Role, StaffId, StaffMember};
use serde_json::{Value, json};

use crate::kit::{World, at};

pub(crate) fn payment(id: &str, reference: &str) -> Value {
    json!({
        "id": id, "kind": "payment", "client": "FERRE", "reference": reference,
        "value_date": "2026-12-03", "amount": 1_160_000,
    })
}

pub(crate) fn reversal(id: &str, reference: &str) -> Value {
    json!({ "id": id, "kind": "reversal", "client": "FERRE", "reference": reference })
}

pub(crate) fn fina() -> StaffMember {
    StaffMember { id: StaffId::parse("fina").unwrap(), role: Role::Finance }
}

#[test]
fn a_payment_is_kept_first_and_applied_by_the_relay_once() {
    let world = World::new();
    let told = world.tell(&payment("e1", "SPEI-1"));
    assert_eq!(told, (200, json!({ "id": "e1" })));
    assert_eq!((world.status("e1").as_str(), world.payments().len()), ("pending", 0));
    assert_eq!(world.tell(&payment("e1", "SPEI-1")), told, "again, the same answer");
    world.relay("e1");
    world.relay("e1");
    world.sweep();
    assert_eq!((world.status("e1").as_str(), world.payments().len()), ("applied", 1));
    assert_eq!(world.payments()[0].amount, Centavos(1_160_000));
    assert_eq!(world.tell(&payment("e1", "SPEI-1")), told, "and after it was applied");
    assert_eq!(world.tell(&payment("e2", "SPEI-1")).0, 200, "another event of the same payment");
    world.relay("e2");
    assert_eq!((world.status("e2").as_str(), world.payments().len()), ("applied", 1));
    let item = world.kept("e1").unwrap();
    assert_eq!((item.due, item.list), (None, None));
    assert_eq!(item.expires_at, Some(at("2027-01-02T10:00:00-06:00")), "thirty days");
}

#[test]
fn the_sweep_finds_what_the_stream_did_not_bring() {
    let world = World::new();
    world.tell(&payment("e1", "SPEI-1"));
    world.sweep();
    assert_eq!((world.status("e1").as_str(), world.payments().len()), ("applied", 1));
}

#[test]
fn the_bank_takes_a_payment_back_in_whatever_order_it_is_told() {
    let world = World::new();
    world.tell(&reversal("e2", "SPEI-1"));
    world.relay("e2");
    assert_eq!(world.status("e2"), "pending", "its payment may still be told");
    assert_eq!(world.failed().len(), 1, "and the desk sees it meanwhile");
    world.tell(&payment("e1", "SPEI-1"));
    world.relay("e1");
    world.env.clock.set(world.env.clock.now() + EVENT_RETRY);
    world.sweep();
    assert_eq!((world.status("e2").as_str(), world.reversals()), ("applied", 1));
    assert!(world.failed().is_empty());
}

#[test]
fn what_cannot_be_applied_stays_visible_and_is_not_tried_for_ever() {
    let world = World::new();
    let mut unknown = payment("e1", "SPEI-1");
    unknown["client"] = json!("NADIE");
    let mut future = payment("e2", "SPEI-2");
    future["value_date"] = json!("2026-12-04");
    let mut nothing = payment("e3", "SPEI-3");
    nothing["amount"] = json!(0);
    for event in [&unknown, &future, &nothing] {
        assert_eq!(world.tell(event).0, 200);
        world.relay(event["id"].as_str().unwrap());
    }
    world.tell(&reversal("e4", "SPEI-9"));
    for tries in 1..=EVENT_TRIES_MAX + 3 {
        world.sweep();
        let left = world.kept("e4").unwrap();
        assert_eq!(left.due.is_some(), tries < EVENT_TRIES_MAX, "{tries}");
        world.env.clock.set(world.env.clock.now() + EVENT_RETRY);
    }
    let failed = world.failed();
    let whys: Vec<_> = failed.iter().map(|it| it.event.why.clone().unwrap()).collect();
    for (why, expected) in whys.iter().zip([
        "no hay un cliente con esa clave",
        "posterior al día del registro",
        "la cantidad debe ser mayor que cero (regla 10.2)",
        "no hay un pago abierto con la referencia SPEI-9",
    ]) {
        assert!(why.contains(expected), "{expected}: {why}");
    }
    assert!(failed.iter().all(|it| it.status == EventStatus::Failed));
    assert_eq!(world.payments(), []);
    // The desk sees to it: a day later the value date is none of the future.
    world.env.clock.set(at("2026-12-04T10:00:00-06:00"));
    let env = world.env.as_ref();
    let done = world.block_on(payment_events::retry(env, "e2", &fina())).unwrap();
    assert_eq!((done.status, world.payments().len()), (EventStatus::Applied, 1));
    let by = fina();
    let put = payment_events::discard(env, "e1", "Es de otra empresa.", &by);
    assert_eq!(world.block_on(put).unwrap().status, EventStatus::Discarded);
    assert_eq!(world.failed().len(), 2);
    for refused in [
        world.block_on(payment_events::retry(env, "e1", &fina())),
        world.block_on(payment_events::discard(env, "e2", "x", &fina())),
        world.block_on(payment_events::retry(env, "none", &fina())),
    ] {
        assert!(refused.is_err());
    }
    let kept = world.kept("e1").unwrap();
    assert_eq!(kept.expires_at, None, "what was put aside is kept for good");
}

#[test]
fn an_id_is_one_events_for_thirty_days() {
    let world = World::new();
    world.tell(&payment("e1", "SPEI-1"));
    let (status, told) = world.tell(&payment("e1", "SPEI-2"));
    let beside = told["id"].as_str().unwrap();
    assert_eq!((status, &beside[..7]), (200, "sha256-"), "{told}");
    assert!(told["problem"].as_str().unwrap().contains("el id e1 ya es de otro suceso"), "{told}");
    world.relay("e1");
    world.relay(beside);
    assert_eq!((world.status("e1").as_str(), world.status(beside).as_str()), ("applied", "failed"));
    assert_eq!(world.payments().len(), 1, "nobody guesses which of the two counts");
    let done = world.block_on(payment_events::retry(world.env.as_ref(), beside, &fina())).unwrap();
    assert_eq!(
        (done.status, world.payments().len()),
        (EventStatus::Applied, 2),
        "a person says so"
    );
    // The store deletes late; the instant says that it counts no more.
    world.env.clock.set(at("2027-01-02T09:59:59-06:00"));
    assert_ne!(world.tell(&payment("e1", "SPEI-3")).1["id"], "e1");
    world.env.clock.set(at("2027-01-02T10:00:00-06:00"));
    assert_eq!(world.tell(&payment("e1", "SPEI-3")).1["id"], "e1");
    assert_eq!(world.status("e1"), "pending");
}

#[test]
fn what_is_signed_and_cannot_be_read_is_kept_for_a_person_with_all_its_faults() {
    let world = World::new();
    let wrong = json!({
        "id": "un id", "kind": "payment", "client": "", "reference": "ñ", "value_date": "ayer",
        "amount": 1.5, "month": "2026-13", "fee": 1,
    });
    let mut of_both = reversal("e1", "R");
    of_both["amount"] = json!(5);
    let bodies = [
        b"no es JSON".to_vec(),
        vec![0xff, 0x00, b'{'],
        wrong.to_string().into_bytes(),
        of_both.to_string().into_bytes(),
        b"[]".to_vec(),
        b"{}".to_vec(),
        Vec::new(),
        "ñ".repeat(100_000).into_bytes(),
    ];
    for body in &bodies {
        let (status, told) = world.send(&world.signed(body), body.clone());
        assert_eq!(status, 200, "{told}");
        assert!(told["problem"].as_str().unwrap().starts_with("no se entiende ("), "{told}");
        assert_eq!(world.send(&world.signed(body), body.clone()), (200, told), "again, the same");
    }
    let failed = world.failed();
    assert_eq!(failed.len(), bodies.len(), "each once");
    let of_wrong = failed.iter().find(|it| it.event.digest.starts_with(&digest_of(&bodies[2])));
    let why = of_wrong.unwrap().event.why.clone().unwrap();
    for place in ["amount", "client", "fee", "id", "month", "reference", "value_date"] {
        assert!(why.contains(&format!("{place}: ")), "{place}: {why}");
    }
    assert!(why.contains("registre el pago a mano y descarte este aviso"), "what to do: {why}");
    let id = of_wrong.unwrap().event.id.clone();
    world.relay(&id);
    world.sweep();
    let env = world.env.as_ref();
    assert!(world.block_on(payment_events::retry(env, &id, &fina())).is_err(), "it says nothing");
    let by = fina();
    let put = payment_events::discard(env, &id, "Se registró a mano.", &by);
    assert_eq!(world.block_on(put).unwrap().status, EventStatus::Discarded);
    assert_eq!((world.failed().len(), world.payments().len()), (bodies.len() - 1, 0));
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(400_000));
    assert_eq!(world.send(&world.signed(&long), long.clone()).0, 413);
}

fn digest_of(body: &[u8]) -> String {
    use sha2::Digest as _;
    app::auth::hex(&sha2::Sha256::digest(body))
}
