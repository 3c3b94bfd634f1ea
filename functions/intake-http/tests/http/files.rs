//! Files that come with messages: uploaded by a link, tied by the message, read by whoever may read it.

use app::attachments::{self, Files};
use app::auth::Principal;
use app::memory::MEMORY_URL;
use app::memory::faults::{Edge, Faulty, Plan};
use app::ports::{Blobs as _, Store as _};
use app::tickets::{self, NewTicket};
use app::{Failure, keys};
use domain::ticket::Channel;
use domain::{Actor, ClientId, SpocId};
use serde_json::{Value, json};

use crate::kit::{Told, World};

fn world() -> World {
    World::new("2026-11-20T10:00:00-06:00", |env| intake_http::router(env.clone()))
}

fn asked(world: &World, who: &str, name: &str, bytes: &[u8]) -> Told {
    let body = json!({"name": name, "media_type": "image/png", "size": bytes.len()});
    world.ask("POST", "/tickets/attachments").by(who).json(&body).send()
}

/// A file that has arrived: its id.
fn uploaded(world: &World, who: &str, name: &str) -> String {
    let told = asked(world, who, name, b"PNG");
    assert_eq!(told.status, 201, "{}", told.json);
    let blob = told.json["url"].as_str().unwrap().strip_prefix(MEMORY_URL).unwrap();
    world.block_on(world.env.blobs.put(blob, b"PNG")).unwrap();
    told.json["file"]["id"].as_str().unwrap().to_owned()
}

fn opened(world: &World, who: &str, files: &[String]) -> Told {
    let body = json!({"subject": "No timbra", "text": "Ver captura", "attachments": files});
    world.post(who, "/tickets", body)
}

fn problems(told: &Told) -> Vec<(&str, &str)> {
    let word = |fault: &Value, key: &str| fault[key].as_str().unwrap().to_owned();
    assert_eq!((told.status, told.code()), (422, "invalid"), "{}", told.json);
    let faults = told.json["faults"].as_array().unwrap();
    assert!(faults.iter().all(|fault| !word(fault, "problem").is_empty()));
    faults.iter().map(|it| (it["at"].as_str().unwrap(), it["problem"].as_str().unwrap())).collect()
}

#[test]
fn a_file_is_uploaded_tied_and_read() {
    let world = world();
    let told = asked(&world, "ana", "captura de pantalla.png", b"PNG");
    assert_eq!((told.status, &told.json["method"]), (201, &json!("PUT")));
    assert_eq!(told.json["headers"]["content-type"], "image/png");
    assert_eq!(told.json["headers"]["content-length"], "3");
    assert_eq!(told.json["expires_at"], "2026-11-20T10:15:00-06:00");
    let [first, second] = ["a.png", "b.png"].map(|name| uploaded(&world, "ana", name));
    let ticket = opened(&world, "ana", std::slice::from_ref(&first)).json;
    let reference = ticket["reference"].as_str().unwrap();
    let shown = json!([{"id": first, "name": "a.png", "media_type": "image/png", "size": 3}]);
    assert_eq!(ticket["messages"][0]["attachments"], shown);

    let path = format!("/tickets/{reference}");
    let body = json!({"text": "Y esta", "still_fails": true, "attachments": [second]});
    assert_eq!(world.post("ana", format!("{path}/messages"), body).status, 201);
    let ticket = world.get("luis", path.as_str()).json;
    assert_eq!(ticket["messages"][1]["attachments"][0]["name"], "b.png");
    for id in [&first, &second] {
        let told = world.get("luis", format!("{path}/attachments/{id}"));
        assert_eq!((told.status, &told.json["method"]), (200, &json!("GET")));
        assert_eq!(told.json["url"], format!("{MEMORY_URL}attachments/{id}"));
        assert_eq!(told.json["expires_at"], "2026-11-20T10:05:00-06:00");
        assert_eq!(told.headers["cache-control"], "no-store");
    }
}

#[test]
fn a_file_is_of_its_message_and_of_its_client() {
    let world = world();
    let id = uploaded(&world, "ana", "a.png");
    // Before a message names it, nobody reads it.
    let other = world.open("ana", "Otro");
    let of_other = format!("/tickets/{other}/attachments/{id}");
    assert_eq!(world.get("ana", of_other.as_str()).status, 404);
    let ticket = opened(&world, "ana", std::slice::from_ref(&id)).json;
    let path = format!("/tickets/{}/attachments/{id}", ticket["reference"].as_str().unwrap());
    assert_eq!(world.get("ana", path.as_str()).status, 200);
    let unknown = path.replace(&id, &"0".repeat(32));
    for (who, path, status) in [
        ("berta", path.as_str(), 404),
        ("ana", of_other.as_str(), 404),
        ("ana", unknown.as_str(), 404),
        ("exa", path.as_str(), 403),
        ("marta", path.as_str(), 403),
    ] {
        assert_eq!(world.get(who, path).status, status, "{who} {path}");
    }
    assert_eq!(world.get("berta", path.as_str()).bytes, world.get("ana", unknown.as_str()).bytes);
    // Nor does whoever is no SPoC any more upload.
    assert_eq!(asked(&world, "exa", "a.png", b"x").status, 403);
}

#[test]
fn what_may_be_uploaded_is_told_with_every_fault() {
    let world = world();
    let ask = |body: Value| world.ask("POST", "/tickets/attachments").by("ana").json(&body).send();
    let max = 25 * 1024 * 1024;
    for (body, places) in [
        (json!({}), vec!["name", "media_type", "size"]),
        (json!({"name": "", "media_type": "png", "size": 0}), vec!["name", "media_type", "size"]),
        (json!({"name": "a.EXE", "media_type": "a/b", "size": 1}), vec!["name"]),
        (json!({"name": "..", "media_type": "a/b", "size": 1}), vec!["name"]),
        (json!({"name": "a", "media_type": "a/b; c=d", "size": 1}), vec!["media_type"]),
        (json!({"name": "a", "media_type": "a/b", "size": max + 1}), vec!["size"]),
        (json!({"name": "a", "media_type": "a/b", "size": 1, "blob": "x"}), vec!["blob"]),
    ] {
        let told = ask(body);
        let found: Vec<_> = problems(&told).into_iter().map(|(at, _)| at).collect();
        assert_eq!(found, places);
    }
    for (name, kept) in [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\a\r\nb\u{202e}gpj.png", "C__a bgpj.png"),
        (".oculto", "oculto"),
    ] {
        let told = ask(json!({"name": name, "media_type": "Image/PNG", "size": max}));
        assert_eq!(told.json["file"]["name"], kept, "{}", told.json);
        assert_eq!(told.json["file"]["media_type"], "image/png");
    }
}

#[test]
fn a_message_names_only_what_is_there_and_its_writers_own() {
    let world = world();
    let own = uploaded(&world, "ana", "a.png");
    let of_luis = uploaded(&world, "luis", "b.png");
    let of_berta = uploaded(&world, "berta", "c.png");
    let late = asked(&world, "ana", "d.png", b"PNG").json["file"]["id"].clone();
    let body = json!({
        "subject": "No timbra", "text": "x",
        "attachments": [own, of_luis, of_berta, late, "nada", own, "U#../x"],
    });
    let told = world.post("ana", "/tickets", body);
    let faults = problems(&told);
    let places: Vec<_> = faults.iter().map(|(at, _)| *at).collect();
    assert_eq!(places, [1, 2, 3, 4, 5, 6].map(|at| format!("attachments[{at}]")));
    // A colleague's, a stranger's and one that never was look the same.
    assert!(faults[0].1 == faults[1].1 && faults[1].1 == faults[3].1 && faults[3].1 == faults[5].1);
    assert!(faults[2].1.contains("aún no se ha recibido"), "{faults:?}");
    assert!(faults[4].1.contains("más de una vez"), "{faults:?}");
    let many: Vec<_> = (0..21).map(|_| own.clone()).collect();
    assert_eq!(problems(&opened(&world, "ana", &many))[0].0, "attachments");
    for wrong in [json!("a"), json!({"a": 1}), json!([1])] {
        let body = json!({"subject": "No timbra", "text": "x", "attachments": wrong});
        assert_eq!(world.post("ana", "/tickets", body).status, 422);
    }
    assert_eq!(world.get("ana", "/tickets").json["tickets"], json!([]), "nothing was opened");
    // None of this has used it up.
    assert_eq!(opened(&world, "ana", &[own]).status, 201);
}

#[test]
fn a_file_that_arrived_with_another_size_has_not_arrived() {
    let world = world();
    let told = asked(&world, "ana", "a.png", b"PNGPNG");
    let blob = told.json["url"].as_str().unwrap().strip_prefix(MEMORY_URL).unwrap();
    world.block_on(world.env.blobs.put(blob, b"PNG")).unwrap();
    let id = told.json["file"]["id"].as_str().unwrap().to_owned();
    let told = opened(&world, "ana", &[id]);
    assert!(problems(&told)[0].1.contains("aún no se ha recibido"));
}

#[test]
fn a_file_is_tied_once_and_a_repeated_request_is_answered_again() {
    let world = world();
    let id = uploaded(&world, "ana", "a.png");
    let body = json!({"subject": "No timbra", "text": "x", "attachments": [id]});
    let ask = |path: &str, key: &str, body: &Value| {
        world.ask("POST", path).by("ana").header("idempotency-key", key).json(body).send()
    };
    let first = ask("/tickets", "k1", &body);
    assert_eq!(first.status, 201, "{}", first.json);
    let again = ask("/tickets", "k1", &body);
    assert_eq!((again.status, again.bytes), (201, first.bytes));
    let told = ask("/tickets", "k2", &body);
    assert!(problems(&told)[0].1.contains("ya acompaña a otro mensaje"), "{}", told.json);
    assert_eq!(world.get("ana", "/tickets").json["tickets"].as_array().unwrap().len(), 1);

    let path = format!("/tickets/{}/messages", first.json["reference"].as_str().unwrap());
    let told = ask(&path, "k3", &json!({"text": "y", "attachments": [id]}));
    assert_eq!(problems(&told)[0].0, "attachments[0]");
    let other = uploaded(&world, "ana", "b.png");
    let body = json!({"text": "y", "attachments": [other]});
    let first = ask(&path, "k4", &body);
    assert_eq!(first.status, 201);
    assert_eq!(ask(&path, "k4", &body).bytes, first.bytes);
}

#[test]
fn of_two_messages_at_once_one_has_the_file() {
    let world = world();
    let id = uploaded(&world, "ana", "a.png");
    let reference = world.open("ana", "No timbra");
    let ask = |key: &str| {
        let ask = world.ask("POST", format!("/tickets/{reference}/messages")).by("ana");
        let body = json!({"text": key, "attachments": [id]});
        world.future(ask.header("idempotency-key", key).json(&body))
    };
    let requests = (ask("a"), ask("b"));
    let (one, other) = world.block_on(async { tokio::join!(requests.0, requests.1) });
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422]);
}

#[test]
fn what_no_message_names_lapses_after_a_day() {
    let world = world();
    let [kept, lost] = ["a.png", "b.png"].map(|name| uploaded(&world, "ana", name));
    let reference = opened(&world, "ana", std::slice::from_ref(&kept)).json["reference"].clone();
    let sweep = || world.block_on(app::sweep::sweep(world.env.as_ref())).unwrap();
    world.set_clock("2026-11-21T09:59:59-06:00");
    sweep();
    // Nor does a hint that comes too early, or about one that is tied.
    for id in [&kept, &lost] {
        let key = keys::upload(id);
        let early = attachments::lapse(world.env.as_ref(), &key);
        assert_eq!(world.block_on(early), Ok(()));
    }
    assert_eq!(world.env.blobs.keys().len(), 2);
    world.set_clock("2026-11-21T10:00:00-06:00");
    assert_eq!(opened(&world, "ana", std::slice::from_ref(&lost)).status, 422, "before the sweep");
    sweep();
    assert_eq!(world.env.blobs.keys(), [format!("attachments/{kept}")]);
    assert_eq!(opened(&world, "ana", &[lost]).status, 422);
    world.set_clock("2027-01-21T10:00:00-06:00");
    sweep();
    let path = format!("/tickets/{}/attachments/{kept}", reference.as_str().unwrap());
    assert_eq!(world.get("ana", path).status, 200);
}

#[test]
fn uploads_that_wait_are_limited() {
    let world = world();
    for n in 0..60 {
        assert_eq!(asked(&world, "ana", "a.png", b"PNG").status, 201, "{n}");
    }
    assert_eq!(problems(&asked(&world, "ana", "a.png", b"PNG"))[0].0, "cuerpo");
    assert_eq!(asked(&world, "luis", "a.png", b"PNG").status, 201, "his are his own");
    world.set_clock("2026-11-21T10:00:00-06:00");
    world.block_on(app::sweep::sweep(world.env.as_ref())).unwrap();
    assert_eq!(asked(&world, "ana", "a.png", b"PNG").status, 201);
}

#[test]
fn a_lapse_that_is_cut_anywhere_is_finished_by_the_next_sweep() {
    let lapsing = || {
        let world = world();
        let id = uploaded(&world, "ana", "a.png");
        world.set_clock("2026-11-21T10:00:00-06:00");
        (world, id)
    };
    let (world, id) = lapsing();
    let quiet = Faulty::new((*world.env).clone(), Plan::quiet());
    world.block_on(attachments::lapse(&quiet, &keys::upload(&id))).unwrap();
    let calls = quiet.script().calls();
    assert_eq!(calls, ["store.get", "store.commit", "blobs.delete", "store.commit"]);
    for (number, edge) in (0..calls.len()).flat_map(|n| Edge::ALL.map(|edge| (n, edge))) {
        let (world, id) = lapsing();
        let key = keys::upload(&id);
        let faulty = Faulty::new((*world.env).clone(), Plan::cut_at(number, edge));
        let cut = world.block_on(faulty.until_cut(attachments::lapse(&faulty, &key)));
        assert_eq!(cut, None, "{number} {edge:?}");
        assert_eq!(opened(&world, "ana", std::slice::from_ref(&id)).status, 422);
        let report = world.block_on(app::sweep::sweep(world.env.as_ref())).unwrap();
        assert_eq!(report.failed, 0, "{number} {edge:?}");
        assert_eq!(world.env.blobs.keys(), [""; 0], "{number} {edge:?}");
        assert_eq!(world.block_on(world.env.store.get(&key)), Ok(None), "{number} {edge:?}");
    }
}

#[test]
fn a_message_that_comes_too_late_for_its_file_is_not_written() {
    let world = world();
    let id = uploaded(&world, "ana", "a.png");
    let client = ClientId::parse("ACME").unwrap();
    let spoc = SpocId::parse("ana").unwrap();
    let by = Principal::Spoc { client: client.clone(), spoc: spoc.clone() };
    let files = world.block_on(Files::claim(world.env.as_ref(), &by, &[id])).unwrap();
    // The file lapses between the look and the transaction.
    world.set_clock("2026-11-21T10:00:00-06:00");
    world.block_on(app::sweep::sweep(world.env.as_ref())).unwrap();
    let new = NewTicket {
        client,
        opener: spoc.clone(),
        received_at: crate::kit::at("2026-11-20T10:00:00-06:00"),
        channel: Channel::Http,
        subject: "No timbra".to_owned(),
        text: "Ver captura".to_owned(),
        module: None,
        critical: None,
        continues: None,
        files,
    };
    let opening = tickets::open(world.env.as_ref(), &new, Actor::Spoc(spoc), None);
    let refused = world.block_on(opening);
    assert!(matches!(refused, Err(Failure::Invalid(_))), "{refused:?}");
    assert_eq!(world.get("ana", "/tickets").json["tickets"], json!([]));
}
