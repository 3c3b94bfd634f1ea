//! Clients' accounts: who may do what, what is refused, and what is shown.

use app::codec::Stored;
use app::commit::{Commit, Condition, Write};
use app::keys;
use app::ports::Store as _;
use domain::account::Concern;
use domain::terms::{Parameters, Version};
use domain::{ClientId, Instant};
use serde_json::{Value, json};

use crate::kit::World;
use crate::world;

/// A world in which ACME has a fee since 1 December, on the third day of that month.
pub(crate) fn acme() -> World {
    let world = world("2026-11-20T10:00:00-06:00");
    let value = json!({
        "fee": 1_160_000, "start": "2026-12-01", "term_months": 12, "auto_renew": true,
    });
    let value: Parameters = serde_json::from_value(value).unwrap();
    let from = Instant::parse_rfc3339("2026-02-01T00:00:00-06:00").unwrap();
    let (id, valid_to) = ("plan-2".to_owned(), None);
    let plan = Version { id, valid_from: from, valid_to, known_from: from, value };
    let client = ClientId::parse("ACME").unwrap();
    let item = Stored::new(plan).item(keys::terms(&client, "plan-2"), 1).unwrap();
    let writes = vec![Write::Put { item, when: Condition::Absent }];
    world.block_on(world.env.store.commit(&Commit { writes })).unwrap();
    assert_eq!(world.get("fina", "/desk/accounts/ACME").status, 404, "none was opened");
    let opened = world.post("fina", "/desk/accounts/ACME/open", json!({}));
    assert_eq!(opened.status, 200, "{}", opened.json);
    world.set_clock("2026-12-03T10:00:00-06:00");
    let run = world.block_on(app::account::run(world.env.as_ref(), Concern::Payment)).unwrap();
    assert_eq!((run.worked, run.failed), (1, 0));
    world
}

fn payment(reference: &str) -> Value {
    json!({ "reference": reference, "amount": 1_160_000, "value_date": "2026-12-03" })
}

#[test]
fn money_is_for_finance_and_obligations_for_the_desk_and_everybody_reads() {
    let world = acme();
    let of = |who: &str, act: &str, body: Value| {
        world.post(who, format!("/desk/accounts/ACME/{act}"), body).status
    };
    for who in ["marta", "saul"] {
        assert_eq!(of(who, "payments", payment("a")), 403, "{who}");
        assert_eq!(of(who, "reactivate", json!({})), 403, "{who}");
    }
    assert_eq!(of("fina", "non-compliance", json!({ "reason": "x" })), 403);
    assert_eq!(of("fina", "payments", payment("a")), 200);
    assert_eq!(of("marta", "non-compliance", json!({ "reason": "Sin accesos." })), 200);
    assert_eq!(of("marta", "non-compliance/approve", json!({})), 409, "the same person");
    assert_eq!(of("saul", "non-compliance/reject", json!({})), 200);
    for who in ["marta", "saul", "fina", "adela"] {
        assert_eq!(world.get(who, "/desk/accounts").status, 200, "{who}");
        assert_eq!(world.get(who, "/desk/accounts/ACME").status, 200, "{who}");
    }
    assert_eq!(
        world.get("ana", "/desk/accounts/ACME").status,
        403,
        "a SPoC's token is not for here"
    );
}

#[test]
fn every_fault_of_a_payment_is_told_at_once() {
    let world = acme();
    let body = json!({
        "reference": "ñ", "amount": -5, "value_date": "ayer", "month": "2026-13", "fee": 1,
    });
    let told = world.post("fina", "/desk/accounts/ACME/payments", body);
    assert_eq!(told.status, 422, "{}", told.json);
    let mut places = told.places();
    places.sort_unstable();
    assert_eq!(places, ["amount", "fee", "month", "reference", "value_date"]);
    let future = json!({ "reference": "a", "amount": 5, "value_date": "2026-12-04" });
    let told = world.post("fina", "/desk/accounts/ACME/payments", future);
    assert_eq!((told.status, told.json["rule"].as_str()), (409, Some("10.2")));
    for unknown in ["NADIE", "acme", "BETA"] {
        let told = world.post("fina", format!("/desk/accounts/{unknown}/reactivate"), json!({}));
        let expected = if unknown == "BETA" { 409 } else { 404 };
        assert_eq!(told.status, expected, "{unknown}: {}", told.json);
    }
}

#[test]
fn an_account_tells_what_is_owed_what_was_paid_and_what_comes_next() {
    let world = acme();
    let first = world.post("fina", "/desk/accounts/ACME/payments", payment("a"));
    assert_eq!(first.json["account"]["months"][0]["standing"], "paid", "{}", first.json);
    let again = world.post("fina", "/desk/accounts/ACME/payments", payment("a"));
    assert_eq!((again.status, &again.json["event"]), (200, &Value::Null));
    let whole = world.get("marta", "/desk/accounts/ACME").json;
    assert_eq!(whole["account"]["service"], "active");
    assert_eq!(whole["account"]["months"][0]["month"], "2026-12");
    assert_eq!(whole["account"]["next"][0]["at"], "2027-01-01T09:00:00-06:00");
    assert_eq!(whole["payments"][0]["reference"], "a");
    let list = world.get("marta", "/desk/accounts").json;
    assert_eq!(list["accounts"][0]["client"], "ACME");
    let why = world.get("marta", "/desk/accounts/ACME/why?month=2026-12").json;
    let rules: Vec<_> = why["steps"].as_array().unwrap().iter().map(|it| &it["rule"]).collect();
    assert_eq!(rules, ["10.1", "10.2"]);
    let cap = world.get("marta", "/desk/accounts/ACME/liability?month=2026-12").json;
    assert_eq!(cap["cap"]["centavos"], 1_160_000);
    let charges = world.get("marta", "/desk/accounts/ACME/charges?month=2026-12").json;
    assert_eq!((&charges["total"]["centavos"], &charges["more"]), (&json!(0), &json!(false)));
}

#[test]
fn a_client_sees_his_account_and_acts_on_it_only_with_the_power() {
    let world = acme();
    let mine = world.get("ana", "/account");
    assert_eq!(mine.json["months"][0]["standing"], "due", "{}", mine.json);
    assert_eq!(mine.json["faults"], json!([]));
    let shown = world.get("ana", "/account/cancellation");
    assert_eq!(shown.json["text"], "por el mes en curso no se debe nada", "{}", shown.json);
    world.post("fina", "/desk/accounts/ACME/payments", payment("a"));
    for (when, at) in
        [("month_end", "2027-01-01T00:00:00-06:00"), ("at_once", "2026-12-03T10:00:00-06:00")]
    {
        let shown = world.get("ana", format!("/account/cancellation?when={when}"));
        assert_eq!(shown.json["effective_at"], at, "{when}");
    }
    let refused = world.post("ana", "/account/cancel", json!({}));
    assert_eq!((refused.status, refused.code()), (403, "not_authorised"), "{}", refused.json);
    let refused = world.post("ana", "/account/decline-renewal", json!({}));
    assert_eq!((refused.status, refused.code()), (403, "not_authorised"), "{}", refused.json);
    assert_eq!(world.get("berta", "/account").status, 404, "her client has none");
}

/// "Acepto" in a message counts only once the desk records it, from that message's receipt (G14).
#[test]
fn what_a_contact_wrote_counts_once_the_desk_cites_it() {
    let world = world("2026-12-02T10:00:00-06:00").with_account();
    let ticket = world.open("gala", "Queremos cancelar la póliza");
    let body = json!({"text": "Cancelen por favor."});
    let told = world.post("gil", format!("/tickets/{ticket}/messages"), body);
    assert!(told.status < 300, "{}", told.json);
    world.set_clock("2026-12-02T16:00:00-06:00");
    let cite = |client: &str, ticket: &str, message: u32| {
        let body = json!({"act": "cancel", "ticket": ticket, "message": message});
        world.post("fina", format!("/desk/accounts/{client}/cited"), body)
    };
    let whole = world.get("fina", format!("/desk/tickets/{ticket}")).json;
    let mut by_gil = whole["timeline"].as_array().unwrap().iter();
    let by_gil = by_gil.rfind(|event| event["kind"] == "client_wrote").unwrap();
    let by_gil = u32::try_from(by_gil["number"].as_u64().unwrap()).unwrap();
    let refused = cite("GAMA", &ticket, by_gil);
    assert_eq!((refused.status, refused.json["rule"].as_str()), (403, Some("10.7")), "he may not");
    for (client, ticket, message) in [
        ("ACME", ticket.as_str(), 1),
        ("GAMA", ticket.as_str(), 99),
        ("GAMA", "GAMA-22222222-X", 1),
    ] {
        let told = cite(client, ticket, message);
        assert!([404, 422].contains(&told.status), "{client} {ticket} {message}: {}", told.json);
    }
    let done = cite("GAMA", &ticket, 1);
    assert_eq!(done.status, 200, "{}", done.json);
    let cancelled = &done.json["account"]["cancellation"];
    assert_eq!(cancelled["received_at"], "2026-12-02T10:00:00-06:00", "from the message's receipt");
}

/// Each charge with who accepted it and by which act, whatever cycle of the ticket it was in.
#[test]
fn charges_are_listed_with_the_act_that_accepted_each_also_of_earlier_cycles() {
    let world = world("2026-11-20T14:10:00-06:00");
    let reference = world.open("ana", "Reporte");
    let quiet = world.open("ana", "Otro");
    let accept =
        || world.post("ana", format!("/tickets/{reference}/same-day"), json!({"accept": true}));
    assert_eq!(accept().status, 200);
    let list =
        |month: &str| world.get("fina", format!("/desk/accounts/ACME/charges?month={month}")).json;
    let pending = list("2026-11");
    let charge = &pending["charges"][0];
    assert_eq!((&charge["charge"]["state"], &charge["cycle"]), (&json!("pending"), &json!(1)));
    world.set_clock("2026-11-20T16:00:00-06:00");
    world.solve(&reference);
    world.set_clock("2026-11-20T17:00:00-06:00");
    let confirmed = world.post("ana", format!("/tickets/{reference}/confirm"), json!({}));
    assert!(confirmed.status < 300, "{}", confirmed.json);
    world.set_clock("2026-11-23T10:00:00-06:00");
    let again = json!({"text": "Volvió a fallar.", "still_fails": true});
    let reopened = world.post("ana", format!("/tickets/{reference}/messages"), again);
    assert!(reopened.status < 300, "{}", reopened.json);
    let told = list("2026-11");
    let charges = told["charges"].as_array().unwrap();
    assert_eq!(charges.len(), 1, "{quiet} has none: {told}");
    let charge = &charges[0];
    assert_eq!((&charge["charge"]["state"], &charge["cycle"]), (&json!("accrued"), &json!(1)));
    assert_eq!(charge["charge"]["accepted_at"], "2026-11-20T14:10:00-06:00");
    assert_eq!(
        (&charge["accepted_by"], &charge["accepted_by_name"]),
        (&json!("ana"), &json!("Ana Robles"))
    );
    let whole = world.get("fina", format!("/desk/tickets/{reference}")).json;
    let mut timeline = whole["timeline"].as_array().unwrap().iter();
    let act = timeline.find(|it| it["kind"] == "same_day_accepted").unwrap();
    assert_eq!(charge["event"], act["number"]);
    assert_eq!(told["total"]["centavos"], charge["charge"]["amount_centavos"]);
    assert_eq!(list("2026-12")["charges"], json!([]));
}

/// A payment whose month is closed is known for good, and by its content: the same one changes nothing,
/// another one under its reference is told.
#[test]
fn a_reference_of_a_closed_month_with_another_amount_is_told() {
    let world = acme();
    let pay = |body: Value| world.post("fina", "/desk/accounts/ACME/payments", body);
    assert_eq!(pay(payment("a")).status, 200);
    let all = json!({ "reference": "b", "amount": 1_160_000 * 30, "value_date": "2026-12-03" });
    assert_eq!(pay(all).status, 200);
    world.set_clock("2029-02-01T10:00:00-06:00");
    for _ in 0..12 {
        world.block_on(app::account::run(world.env.as_ref(), Concern::Payment)).unwrap();
    }
    let whole = world.get("fina", "/desk/accounts/ACME").json;
    let open: Vec<_> =
        whole["payments"].as_array().unwrap().iter().map(|it| &it["reference"]).collect();
    assert_eq!(open, ["b"], "December 2026 is closed, with what it took");
    let before = world.env.store.dump();
    assert_eq!(pay(payment("a")).status, 200, "the same again");
    let mut another = payment("a");
    another["amount"] = json!(1_160_001);
    let told = pay(another);
    assert_eq!((told.status, told.json["rule"].as_str()), (409, Some("10.2")), "{}", told.json);
    assert!(told.json["detail"].as_str().unwrap().contains("ya es de otro pago: $11,600.00 MXN"));
    assert_eq!(world.env.store.dump(), before, "nothing is recorded");
}
