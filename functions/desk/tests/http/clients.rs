//! Clients from files: previewed, entered as a whole or not at all, and asked about afterwards.

use app::clients::ChangeRecord;
use app::codec::Stored;
use app::commit::{Commit, Condition, Write};
use app::item::Key;
use app::keys;
use app::ports::Store as _;
use domain::account::{Concern, Fact};
use domain::{Role, StaffId, StaffMember, TimeDelta};
use serde_json::{Value, json};

use crate::kit::{Told, World, at};
use crate::world;

pub(crate) const GOOD: &str = include_str!("../../../../events/clients/ferretera.toml");
const FAULTY: &str = include_str!("../../../../events/clients/veinte-faltas.toml");
const START: &str = "2026-11-13T10:00:00-06:00";

fn preview(world: &World, file: &str) -> Told {
    world.post("adela", "/desk/clients/preview", json!({ "file": file }))
}

fn enter(world: &World, file: &str) -> Told {
    world.post("adela", "/desk/clients", json!({ "file": file, "reason": "Póliza 2026" }))
}

fn terms(world: &World, at: &str, known_at: &str) -> Value {
    let offset = |text: &str| text.replace('+', "%2B");
    let (at, known_at) = (offset(at), offset(known_at));
    let told = world.get("marta", format!("/desk/clients/BAJIO?at={at}&known_at={known_at}"));
    assert_eq!(told.status, 200, "{}", told.json);
    told.json
}

fn parameter(terms: &Value, name: &str) -> String {
    let all = terms["parameters"].as_array().unwrap();
    let found = all.iter().find(|it| it["parameter"] == name).unwrap();
    format!("{} ({})", found["value"].as_str().unwrap(), found["layer"].as_str().unwrap())
}

/// The notices in the client's partition: kind and recipient.
fn notices(world: &World) -> Vec<String> {
    let items = world.env.store.dump();
    let of_client = items.iter().filter(|it| it.key.pk == "C#BAJIO" && it.key.sk.starts_with("N#"));
    let told = of_client.map(|it| {
        let doc: Value = serde_json::from_str(&it.doc).unwrap();
        let notice = &doc["subject"]["client"];
        let changes = notice["content"]["changes"].as_array().unwrap();
        let changes: Vec<_> = changes
            .iter()
            .map(|it| format!("{} {}", it["spoc"].as_str().unwrap(), it["what"].as_str().unwrap()))
            .collect();
        format!("{}: {}", notice["to"].as_str().unwrap(), changes.join(", "))
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

#[test]
fn a_client_is_entered_once_and_may_then_open_tickets() {
    let world = world(START);
    let before = world.env.store.dump();
    let told = preview(&world, GOOD);
    assert_eq!(told.status, 200, "{}", told.json);
    assert_eq!(world.env.store.dump(), before, "a preview writes nothing");
    assert_eq!((&told.json["is_new"], &told.json["applied"]), (&json!(true), &json!(false)));
    let done = enter(&world, GOOD);
    assert_eq!(done.status, 200, "{}", done.json);
    assert_eq!(done.json["differences"], told.json["differences"]);
    assert_eq!(done.json["differences"][0], "Cliente nuevo: BAJIO");
    let after = world.env.store.dump();
    let again = enter(&world, GOOD);
    assert_eq!(again.json["text"], "Nada cambia: BAJIO ya es lo que dice el archivo");
    assert_eq!(world.env.store.dump(), after, "the same file again changes nothing");
    assert_eq!(notices(&world), [] as [&str; 0], "nobody is told of a new client");
    // His account is kept from the next month on: no ladder ran for a client from a file once.
    let account = world.get("marta", "/desk/accounts/BAJIO");
    assert_eq!(account.status, 200, "{}", account.json);
    assert_eq!(
        account.json["account"]["next"][0]["at"], "2026-12-01T09:00:00-06:00",
        "{}",
        account.json
    );

    let ana = json!({ "client": "BAJIO", "spoc": "ana" });
    let token = world.post("adela", "/desk/tokens", ana).json["token"].as_str().unwrap().to_owned();
    let body = json!({ "subject": "No timbra", "text": "Error 301." });
    let opened = world.ask("POST", "/tickets").header("authorization", format!("Bearer {token}"));
    let opened = opened.fresh_key().json(&body).send();
    assert_eq!(opened.status, 201, "{}", opened.json);
    // 10:00 is before the cut-off of the Contrato Marco, 13:00.
    assert_eq!(opened.json["target"], "2026-11-13T18:00:00-06:00");
}

#[test]
fn what_is_wrong_is_told_at_once_and_nothing_is_entered() {
    let world = world(START);
    let before = world.env.store.dump();
    for told in [preview(&world, FAULTY), enter(&world, FAULTY)] {
        assert_eq!(told.status, 422);
        assert!(told.places().len() >= 20, "{:?}", told.places());
        assert!(told.places().contains(&"file.plans[1].parameters.same_day_cutof"));
        let first = told.json["faults"][0]["problem"].as_str().unwrap();
        assert!(first.starts_with("línea 2: "), "{first}");
    }
    // Only the table knows whose an address and a domain are.
    let taken = GOOD.replace("alberto.nava@bajio.example", "BERTA@cliente.example");
    let taken = taken.replacen("\"bajio.example\"", "\"beta.example\"", 1);
    let taken = taken.replace("2026-01-05T12:30:00-06:00", "2027-01-05T12:30:00-06:00");
    let told = enter(&world, &taken);
    let places = ["file.acceptance.at", "file.domains[0].name", "file.spocs[1].emails[0]"];
    let mut found = told.places();
    found.sort_unstable();
    assert_eq!((told.status, found), (422, places.to_vec()), "{}", told.json);
    assert_eq!(world.env.store.dump(), before, "nothing is half entered");
    // Nobody's contact is this system itself: it would write to itself, or act for him.
    for ours in
        ["soporte@soporte.millora.example", "mesa@millora.example", "guardia@millora.example"]
    {
        let told = enter(&world, &GOOD.replace("alberto.nava@bajio.example", ours));
        assert_eq!((told.status, told.places()), (422, vec!["file.spocs[1].emails[0]"]), "{ours}");
    }
    let domain = GOOD.replacen("\"bajio.example\"", "\"soporte.millora.example\"", 1);
    assert_eq!(enter(&world, &domain).places(), ["file.domains[0].name"]);
    assert_eq!(world.env.store.dump(), before);
    let forbidden = world.post("marta", "/desk/clients", json!({ "file": GOOD, "reason": "x" }));
    assert_eq!(forbidden.status, 403, "agents do not enter clients");
    assert_eq!(enter(&world, "").status, 422);
    assert_eq!(world.post("adela", "/desk/clients", json!({ "file": GOOD })).status, 422);
}

#[test]
fn a_change_moves_no_date_and_is_known_from_then_on() {
    let world = world(START);
    assert_eq!(enter(&world, GOOD).status, 200);
    let ana = json!({ "client": "BAJIO", "spoc": "ana" });
    let token = world.post("adela", "/desk/tokens", ana).json["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let open = || {
        let body = json!({ "subject": "No timbra", "text": "Error 301." });
        let ask = world.ask("POST", "/tickets").header("authorization", bearer.clone());
        ask.fresh_key().json(&body).send().json
    };
    let first = open();
    world.set_clock("2026-11-13T11:00:00-06:00");
    let changed = GOOD
        .replace("[\"09:00\", \"14:00\"], [\"15:00\", \"18:00\"]", "[\"09:00\", \"15:00\"]")
        .replace("fee = 1160000", "fee = 1250000");
    let told = preview(&world, &changed);
    let differences = told.json["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 2, "{}", told.json);
    let ticket = &told.json["dates"]["tickets"][0];
    assert_eq!(ticket["reference"], first["reference"]);
    assert_eq!(ticket["clocks"][0]["target"], "2026-11-13T18:00:00-06:00");
    assert_eq!(ticket["clocks"][0]["would_be"], "2026-11-13T15:00:00-06:00");
    assert_eq!(enter(&world, &changed).status, 200);

    // The running clock stays; what is received from now on is under the new hours.
    let reference = first["reference"].as_str().unwrap();
    let shown = world.ask("GET", format!("/tickets/{reference}"));
    let shown = shown.header("authorization", bearer.clone()).send();
    assert_eq!(shown.json["target"], "2026-11-13T18:00:00-06:00");
    assert_eq!(open()["target"], "2026-11-13T15:00:00-06:00");

    // "What did we promise on 13 November, knowing what we knew then?"
    let (ten, noon) = (START, "2026-11-13T12:00:00-06:00");
    let fee = |at, known| parameter(&terms(&world, at, known), "fee");
    let (old, new) = ("$11,600.00 MXN (plan)", "$12,500.00 MXN (plan)");
    assert_eq!([fee(ten, ten), fee(noon, ten)], [old, old]);
    assert_eq!([fee(noon, noon), fee(ten, noon)], [new, new]);
    let now = terms(&world, noon, noon);
    assert_eq!(parameter(&now, "same_day_cutoff"), "13:00 (master_agreement)");
    assert_eq!(
        parameter(&now, "auto_close"),
        "horas naturales con un día contratado completo (plan)"
    );
    assert_eq!(parameter(&now, "warning_percent"), "75 % (product)");
    assert_eq!(now["changes"].as_array().unwrap().len(), 2);
    assert_eq!(now["changes"][0]["by"], "adela");
    assert_eq!(terms(&world, "2025-01-01T00:00:00-06:00", noon)["plan"], Value::Null);
}

#[test]
fn contacts_change_and_the_others_are_told() {
    let world = world(START);
    assert_eq!(enter(&world, GOOD).status, 200);
    world.set_clock("2026-11-13T11:00:00-06:00");
    // Beto leaves, Eva comes, and Ana's address changes.
    let changed = GOOD
        .replace("id = \"beto\"", "id = \"eva\"")
        .replace("alberto.nava@bajio.example", "eva@bajio.example")
        .replace("ana.robles@bajio.example", "ana@bajio.example");
    let told = enter(&world, &changed);
    assert_eq!(told.status, 200, "{}", told.json);
    let expected = ["ana: beto ended, eva begun", "eva: ana changed, beto ended"];
    let mut found = notices(&world);
    for told in &mut found {
        let (who, changes) = told.split_once(": ").unwrap();
        let mut changes: Vec<_> = changes.split(", ").collect();
        changes.sort_unstable();
        *told = format!("{who}: {}", changes.join(", "));
    }
    assert_eq!(found, expected);
    // His address is Beto's of former times until somebody else's contact has it.
    let other = GOOD
        .replace("BAJIO", "OTRO")
        .replace("\"bajio.example\"", "\"otro.example\"")
        .replace("ana.robles@bajio.example", "ana@otro.example");
    assert_eq!(enter(&world, &other).status, 200, "Beto works for another client now");
    let back = enter(&world, GOOD);
    assert_eq!((back.status, back.places()), (422, vec!["file.spocs[1].emails[0]"]));
}

/// A crash anywhere leaves nothing or everything, and the same file again finishes it.
#[test]
fn a_crash_leaves_nothing_or_everything() {
    use app::memory::MemoryEnv;
    use app::memory::faults::{Edge, Faulty, Plan};
    let entry = client_file::read(GOOD).entry.unwrap();
    let member = StaffMember { id: StaffId::parse("adela").unwrap(), role: Role::Admin };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let fresh = || MemoryEnv::new(at(START), 7);
    let whole = fresh();
    let quiet = Faulty::new(whole, Plan::quiet());
    runtime.block_on(app::clients::enter(&quiet, &entry, "x", &member)).unwrap();
    let calls = quiet.script().calls();
    let commits = calls.iter().filter(|call| **call == "store.commit").count();
    assert_eq!(commits, 1, "entering a client is one transaction: {calls:?}");
    let commit = calls.iter().position(|call| *call == "store.commit").unwrap();
    let wrote = |number, edge| (number, edge) >= (commit, Edge::After);
    for number in 0..calls.len() {
        for edge in Edge::ALL {
            let env = fresh();
            let faulty = Faulty::new(env.clone(), Plan::cut_at(number, edge));
            let cut = faulty.until_cut(app::clients::enter(&faulty, &entry, "x", &member));
            assert!(runtime.block_on(cut).is_none(), "call {number} was reached");
            let again = runtime.block_on(app::clients::enter(&env, &entry, "x", &member)).unwrap();
            let items = env.store.dump().len();
            let done = runtime.block_on(app::clients::enter(&env, &entry, "x", &member)).unwrap();
            assert_eq!(done.differences, [] as [&str; 0], "after {edge:?} {number}");
            assert_eq!(env.store.dump().len(), items);
            assert_eq!(again.is_new, !wrote(number, edge), "after {edge:?} {number}");
        }
    }
}

/// The good file with a second póliza after the first: its first day, and the first one's last day.
fn with_another(first_ends: &str, begins: &str) -> String {
    let (plans, rest) = GOOD.split_once("# El Contrato Marco prevalece").unwrap();
    let first = "[[plans]]\nvalid_from = 2026-01-01";
    let plans = plans.replacen(first, &format!("{first}\nvalid_to = {first_ends}"), 1);
    let another = format!(
        "[[plans]]\nvalid_from = {begins}\n[plans.parameters]\nstart = {begins}\nterm_months = 6\n\
         auto_renew = true\nfee = 1250000\nsame_day_surcharge = 87000\n\n"
    );
    format!("{plans}{another}# El Contrato Marco prevalece{rest}")
}

#[test]
fn a_client_comes_back_by_file_once_the_earlier_poliza_has_ended_and_is_settled() {
    let world = world(START);
    assert_eq!(enter(&world, GOOD).status, 200);
    let pay = |reference: &str| {
        let body =
            json!({ "reference": reference, "amount": 1_160_000, "value_date": "2026-12-12" });
        world.post("fina", "/desk/accounts/BAJIO/payments", body)
    };
    let another = with_another("2026-12-20", "2026-12-20");
    let early = preview(&world, &another.replace("valid_to = 2026-12-20", "valid_to = 2026-12-19"));
    assert_eq!(early.places(), ["file.plans[1].parameters.start"], "{}", early.json);
    let told = early.json["faults"][0]["problem"].as_str().unwrap();
    assert!(told.contains("no tiene término"), "{told}");

    // December falls due, passes its limit unpaid, and he cancels: its days stay owed.
    world.set_clock("2026-12-12T10:00:00-06:00");
    let of_ana = json!({ "client": "BAJIO", "spoc": "ana" });
    let token =
        world.post("adela", "/desk/tokens", of_ana).json["token"].as_str().unwrap().to_owned();
    let cancel =
        world.ask("POST", "/account/cancel").header("authorization", format!("Bearer {token}"));
    let cancelled = cancel.fresh_key().json(&json!({ "at_once": true })).send();
    assert_eq!(cancelled.status, 200, "{}", cancelled.json);
    let another = with_another("2026-12-14", "2026-12-15");
    let before = world.env.store.dump();
    let owing = enter(&world, &another);
    assert_eq!(owing.places(), ["file.plans[1].parameters.start"], "{}", owing.json);
    assert!(owing.json["faults"][0]["problem"].as_str().unwrap().contains("se deben $4,490.32"));
    assert_eq!(world.env.store.dump(), before, "nothing is half entered");

    assert_eq!(pay("a").status, 200);
    let entered = enter(&world, &another);
    assert_eq!(entered.status, 200, "{}", entered.json);
    let account = || world.get("fina", "/desk/accounts/BAJIO").json["account"].clone();
    assert_eq!(account()["service"], "ended", "{}", account());
    assert_eq!(account()["next"][0]["kind"], "beginning");
    let after = world.env.store.dump();
    assert_eq!(enter(&world, &another).status, 200);
    assert_eq!(world.env.store.dump(), after, "the same file again changes nothing");

    // It begins by itself, is charged by its days, and what was left of the payment goes to it.
    world.set_clock("2026-12-15T00:00:00-06:00");
    world.block_on(app::account::run(world.env.as_ref(), Concern::Payment)).unwrap();
    let begun = account();
    assert_eq!((&begun["service"], &begun["reason"]), (&json!("active"), &Value::Null));
    let december = &begun["months"][0];
    assert_eq!((&december["month"], &december["from"]), (&json!("2026-12"), &json!("2026-12-15")));
    assert_eq!(december["owed"]["centavos"], 1_250_000 * 17 / 31 + 1, "halves round up");
    assert_eq!(december["paid"], december["owed"]);
    assert_eq!(begun["waiting"]["centavos"], 1_160_000 - 449_032 - 685_484);
    assert_eq!(begun["renewal"]["renewal_at"], "2027-06-15T00:00:00-06:00");
    let bajio = domain::ClientId::parse("BAJIO").unwrap();
    let events = world.block_on(app::account::events(world.env.as_ref(), &bajio)).unwrap();
    let cancelled = events.iter().any(|(_, event)| matches!(event.fact, Fact::Cancelled { .. }));
    assert!(cancelled, "the earlier one stays on record");

    // Its first day is as firm as the first one's.
    let moved = enter(&world, &with_another("2026-12-15", "2026-12-16"));
    assert_eq!(moved.places(), ["file.plans[0].start"], "{}", moved.json);
    assert_eq!(enter(&world, GOOD).places(), ["file.plans[0].start"]);
}

/// A client of whom more is known than is read could be served by nobody: that is refused before.
#[test]
fn a_client_is_changed_as_long_as_he_can_be_read() {
    let world = world(START);
    assert_eq!(enter(&world, GOOD).status, 200);
    let bajio = domain::ClientId::parse("BAJIO").unwrap();
    let file = world.block_on(app::client::load(world.env.as_ref(), &bajio)).unwrap().unwrap();
    let zoe = domain::SpocId::parse("zoe").unwrap();
    let former = domain::Spoc {
        id: zoe.clone(),
        valid_to: Some(at("2026-02-01T00:00:00-06:00")),
        ..file.spocs[0].clone()
    };
    // With the profile, two contacts and the terms there is room for one version more.
    let versions: Vec<usize> = (1..=app::client::CLIENT_ITEMS_MAX as usize - 6).collect();
    for numbers in versions.chunks(100) {
        let version = |n: &usize| {
            let item = Stored::new(former.clone()).item(keys::spoc(&bajio, &zoe, *n), 1);
            Write::Put { item: item.unwrap(), when: Condition::Absent }
        };
        let writes = numbers.iter().map(version).collect();
        world.block_on(world.env.store.commit(&Commit { writes })).unwrap();
    }
    for (fee, status) in [("1250000", 200), ("1350000", 422)] {
        let told = enter(&world, &GOOD.replace("fee = 1160000", &format!("fee = {fee}")));
        assert_eq!(told.status, status, "{fee}: {}", told.json);
        let read = world.get("marta", "/desk/clients/BAJIO");
        assert_eq!(read.status, 200, "{fee}: {}", read.json);
    }
}

/// What a client was told does not stand in the way of what is known of him, however much it is.
#[test]
fn a_client_is_read_whatever_he_was_told() {
    let world = world(START);
    assert_eq!(enter(&world, GOOD).status, 200);
    let bajio = domain::ClientId::parse("BAJIO").unwrap();
    let adela = StaffMember { id: StaffId::parse("adela").unwrap(), role: Role::Admin };
    let filler = |key: Key| {
        let (by, reason, differences) = (adela.clone(), "vez".to_owned(), Vec::new());
        let record = ChangeRecord { at: at(START), by, reason, differences };
        let item = Stored::new(record).item(key, 1).unwrap();
        Write::Put { item, when: Condition::Absent }
    };
    let pk = keys::client(&bajio);
    for hundred in 1..=12_u32 {
        let numbers = hundred * 100..hundred * 100 + 45;
        let notices = numbers.clone().map(|n| filler(keys::notice(&pk, &format!("{n:032x}"))));
        let early = |n: u32| at(START) - TimeDelta::minutes(i64::from(n));
        let changes = numbers.map(|n| filler(keys::change(&pk, early(n))));
        let writes = notices.chain(changes).collect();
        world.block_on(world.env.store.commit(&Commit { writes })).unwrap();
    }
    let told = world.get("marta", "/desk/clients/BAJIO");
    assert_eq!(told.status, 200, "{}", told.json);
    assert_eq!(
        told.json["spocs"].as_array().unwrap().len(),
        2,
        "after 540 notices and 540 changes"
    );
    let changed = enter(&world, &GOOD.replace("fee = 1160000", "fee = 1250000"));
    assert_eq!(changed.status, 200, "{}", changed.json);
    assert_eq!(changed.json["differences"].as_array().unwrap().len(), 1, "{}", changed.json);
}
