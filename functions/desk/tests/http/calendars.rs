//! What holds for every client: holidays with their source (1.3), editions (14), and that no running
//! date moves unless a person has it recalculated (G6).

use app::ports::Store as _;
use app::relay::{StreamBatch, StreamRecord};
use domain::{StaffId, StaffMember};
use serde_json::{Value, json};

use crate::kit::{Told, World, at};
use crate::world;

fn holiday(world: &World, path: &str, date: &str, kind: &str) -> Told {
    let mut body = json!({
        "date": date, "kind": kind, "name": "Luto nacional",
        "source": "DOF, 13 de noviembre de 2026",
    });
    if path == "/desk/holidays" {
        body["reason"] = json!("Decreto presidencial");
    }
    world.post("adela", path, body)
}

fn target(world: &World, reference: &str) -> Value {
    world.get("ana", format!("/tickets/{reference}")).json["target"].clone()
}

fn recalculate(world: &World, reference: &str) -> Told {
    let path = format!("/desk/tickets/{reference}/recalculate");
    world.post("marta", path, json!({ "text": "Nuevo día festivo" }))
}

/// How many notices of a kind lie in the store.
fn told(world: &World, kind: &str) -> usize {
    let items = world.env.store.dump();
    let notices = items.iter().filter(|it| it.key.sk.starts_with("N#"));
    notices.filter(|it| it.doc.contains(&format!("\"kind\":\"{kind}\""))).count()
}

#[test]
fn a_new_holiday_moves_nothing_until_a_person_recalculates() {
    let world = world("2026-11-13T17:30:00-06:00");
    let reference = world.open("ana", "No timbra");
    // Monday 16 is a holiday by law.
    assert_eq!(target(&world, &reference), "2026-11-17T18:00:00-06:00");
    let before = world.env.store.dump();
    let preview = holiday(&world, "/desk/holidays/preview", "2026-11-17", "added");
    assert_eq!(preview.status, 200, "{}", preview.json);
    let moved = &preview.json["dates"]["tickets"][0];
    assert_eq!(moved["reference"], reference.as_str());
    assert_eq!(moved["clocks"][0]["target"], "2026-11-17T18:00:00-06:00");
    assert_eq!(moved["clocks"][0]["would_be"], "2026-11-18T18:00:00-06:00");
    assert_eq!(world.env.store.dump(), before, "a preview writes nothing");
    assert_eq!(recalculate(&world, &reference).status, 409, "there is nothing to recalculate yet");

    world.set_clock("2026-11-13T17:40:00-06:00");
    let recorded = holiday(&world, "/desk/holidays", "2026-11-17", "added");
    assert_eq!(recorded.json["text"], "Registrado; ninguna fecha en curso se mueve");
    assert_eq!(recorded.json["dates"], preview.json["dates"]);
    let again = holiday(&world, "/desk/holidays", "2026-11-17", "added");
    assert_eq!(again.json["text"], "Ya estaba registrado así");
    assert_eq!(target(&world, &reference), "2026-11-17T18:00:00-06:00");
    let later = world.open("ana", "Tampoco imprime");
    assert_eq!(target(&world, &later), "2026-11-18T18:00:00-06:00");

    world.set_clock("2026-11-13T17:50:00-06:00");
    let done = recalculate(&world, &reference);
    assert_eq!(done.status, 200, "{}", done.json);
    assert_eq!(target(&world, &reference), "2026-11-18T18:00:00-06:00");
    assert_eq!(told(&world, "recalculated"), 1, "Ana is told of the new target");
    assert_eq!(recalculate(&world, &reference).status, 409);
    let whole = world.get("marta", format!("/desk/tickets/{reference}")).json;
    assert_eq!(whole["chain"]["verified"], true);
    let list = world.get("fina", "/desk/holidays").json;
    assert_eq!(list["changes"][0]["source"], "DOF, 13 de noviembre de 2026");
}

#[test]
fn a_result_that_was_issued_is_not_recalculated() {
    let world = world("2026-11-13T17:30:00-06:00");
    let reference = world.open("ana", "No timbra");
    world.set_clock("2026-11-17T18:00:00.001-06:00");
    let recorded = holiday(&world, "/desk/holidays", "2026-11-17", "added");
    assert_eq!(recorded.status, 200, "{}", recorded.json);
    let refused = recalculate(&world, &reference);
    assert_eq!((refused.status, refused.code()), (409, "final"), "{}", refused.json);
}

#[test]
fn a_holiday_that_says_nothing_new_is_refused() {
    let world = world("2026-11-13T10:00:00-06:00");
    for (date, kind, problem) in [
        ("2026-12-25", "added", "ya es día festivo oficial: Navidad"),
        ("2026-12-24", "removed", "no es día festivo oficial"),
        ("2051-01-01", "added", "fuera del calendario"),
        ("2026-02-30", "added", "no es un día"),
    ] {
        for path in ["/desk/holidays/preview", "/desk/holidays"] {
            let told = holiday(&world, path, date, kind);
            assert_eq!((told.status, told.places()), (422, vec!["date"]), "{date}: {}", told.json);
            assert!(told.json.to_string().contains(problem), "{}", told.json);
        }
    }
    let body =
        json!({ "date": "2026-11-18", "kind": "added", "name": "X", "source": "Y", "reason": "Z" });
    assert_eq!(world.post("marta", "/desk/holidays", body).status, 403);
}

/// As many changes are recorded as are read: one beyond would be answered, and hold for nobody.
#[test]
fn a_change_for_which_there_is_no_room_is_refused() {
    let world = world("2026-11-13T10:00:00-06:00");
    let record = |n: u32| {
        let kind = if n.is_multiple_of(2) { "added" } else { "removed" };
        holiday(&world, "/desk/holidays", "2026-11-18", kind)
    };
    for n in 0..app::client::VERSIONS_MAX {
        assert_eq!(record(n).status, 200, "{n}");
    }
    let told = record(app::client::VERSIONS_MAX);
    assert_eq!((told.status, told.places()), (422, vec!["date"]), "{}", told.json);
    let list = world.get("fina", "/desk/holidays").json;
    assert_eq!(list["changes"].as_array().unwrap().len(), app::client::VERSIONS_MAX as usize);
}

/// A host whose clock is behind publishes the later edition: it decides all the same.
#[test]
fn the_edition_that_is_published_last_decides_whatever_the_clocks_say() {
    let ahead = "2026-12-01T10:04:00-06:00";
    let world = world(ahead);
    assert_eq!(publish(&world, json!({})).status, 200);
    let behind = world.env.fork_on(world.env.store.clone());
    let behind = app::memory::MemoryEnv {
        clock: app::memory::MemoryClock::new(at("2026-12-01T10:00:00-06:00")),
        ..behind
    };
    let publication = app::editions::Publication {
        text: "Otra.".to_owned(),
        url: "https://millora.example/sla/3".to_owned(),
        effective_at: None,
        parameters: domain::terms::Parameters::default(),
    };
    let adela = StaffMember { id: StaffId::parse("adela").unwrap(), role: domain::Role::Admin };
    let second = app::editions::publish(&behind, &publication, "Corrección", &adela);
    assert_eq!(world.block_on(second).unwrap().value.n, 2);
    let in_force =
        app::clients::acceptance::in_force(world.env.as_ref(), at("2027-01-04T10:00:00-06:00"));
    assert_eq!(world.block_on(in_force).unwrap().unwrap().n, 2);
}

fn publish(world: &World, more: Value) -> Told {
    let mut body = json!({
        "text": "Acuerdo de Nivel de Servicio, edición 2.",
        "url": "https://millora.example/sla/2",
        "reason": "Nuevo horario de corte",
        "parameters": "same_day_cutoff = \"13:00\"",
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    world.post("adela", "/desk/editions", body)
}

/// Rule 14: "effective not before 00:00 local of the day after the 30th natural day".
#[test]
fn an_edition_is_in_force_after_its_notice_and_running_cycles_keep_theirs() {
    let world = world("2026-12-01T10:00:00-06:00");
    let early = json!({ "effective_at": "2026-12-31T23:59:59-06:00" });
    let told_early = publish(&world, early);
    assert_eq!((told_early.status, told_early.places()), (422, vec!["effective_at"]));
    let wrong = json!({ "parameters": "same_day_cutof = 1\nwarning_percent = 0", "url": "ftp://x", "text": " " });
    assert_eq!(publish(&world, wrong).places(), ["text", "url", "parameters", "parameters"]);
    // Whose póliza begins when, and renews or not, no edition says for all (10.8).
    for own in ["start = 2027-01-01", "fee = 1", "auto_renew = true", "term_months = 1"] {
        let told = publish(&world, json!({ "parameters": own }));
        assert_eq!((told.status, told.places()), (422, vec!["parameters"]), "{own}");
    }
    let published = publish(&world, json!({}));
    assert_eq!(published.status, 200, "{}", published.json);
    assert_eq!(published.json["n"], 1);
    assert_eq!(published.json["effective_at"], "2027-01-01T00:00:00-06:00");
    assert_eq!(publish(&world, json!({})).places(), ["text"], "the same again is no edition");

    // Every SPoC who holds is told, once, whoever carries the effect out and how often.
    let key = app::keys::tell("0001");
    let effect = world.block_on(world.env.store.get(&key)).unwrap().unwrap();
    let tell = || {
        let records = vec![StreamRecord::new(&key, "1")];
        let batch = StreamBatch { records };
        let answer = world.block_on(app::relay::work(world.env.as_ref(), &batch));
        assert!(answer.failures.is_empty());
    };
    tell();
    assert_eq!(told(&world, "edition_published"), 3, "Ana, Luis and Berta");
    assert_eq!(world.block_on(world.env.store.get(&key)).unwrap(), None, "the effect is done");
    let mut effect = effect;
    effect.rev += 1;
    let when = app::commit::Condition::Absent;
    let writes = vec![app::commit::Write::Put { item: effect, when }];
    world.block_on(world.env.store.commit(&app::commit::Commit { writes })).unwrap();
    tell();
    assert_eq!(told(&world, "edition_published"), 3);

    // 13:30 is before the cut-off of today and after that of the new edition.
    world.set_clock("2026-12-30T13:30:00-06:00");
    let before = world.open("ana", "No timbra");
    assert_eq!(target(&world, &before), "2026-12-30T18:00:00-06:00");
    world.set_clock("2027-01-04T13:30:00-06:00");
    let after = world.open("ana", "Tampoco imprime");
    assert_eq!(target(&world, &after), "2027-01-05T18:00:00-06:00");
    assert_eq!(target(&world, &before), "2026-12-30T18:00:00-06:00");
    let list = world.get("fina", "/desk/editions").json;
    assert_eq!(list["editions"][0]["parameters"], json!(["same_day_cutoff = 13:00"]));
}
