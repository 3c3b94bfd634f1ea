//! Files of replies, notes and calls, and who reads them.

use app::memory::MEMORY_URL;
use app::ports::Blobs as _;
use serde_json::json;

use crate::kit::World;
use crate::world;

fn uploaded(world: &World, who: &str, name: &str) -> String {
    let body = json!({"name": name, "media_type": "application/pdf", "size": 3});
    let told = world.ask("POST", "/desk/tickets/attachments").by(who).json(&body).send();
    assert_eq!(told.status, 201, "{}", told.json);
    let blob = told.json["url"].as_str().unwrap().strip_prefix(MEMORY_URL).unwrap();
    world.block_on(world.env.blobs.put(blob, b"PDF")).unwrap();
    told.json["file"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_reply_shares_its_files_and_a_note_keeps_them() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let [public, internal] = ["guía.pdf", "notas.pdf"].map(|name| uploaded(&world, "marta", name));
    let path = format!("/desk/tickets/{reference}");
    let body = json!({"kind": "answer", "text": "Siga la guía", "attachments": [public]});
    assert_eq!(world.post("marta", format!("{path}/replies"), body).status, 201);
    let body = json!({"text": "Del PAC", "attachments": [internal]});
    assert_eq!(world.post("marta", format!("{path}/notes"), body).status, 201);

    let timeline = world.get("saul", path.as_str()).json["timeline"].clone();
    assert_eq!(timeline[0]["attachments"], json!([]));
    assert_eq!(timeline[1]["attachments"][0]["name"], "guía.pdf");
    assert_eq!(timeline[2]["attachments"][0]["id"], internal);
    let seen = world.get("ana", format!("/tickets/{reference}")).json;
    assert_eq!(seen["messages"][1]["attachments"][0]["id"], public);
    assert!(!seen.to_string().contains("notas.pdf"));
    for (who, path, status) in [
        ("fina", format!("{path}/attachments/{public}"), 200),
        ("fina", format!("{path}/attachments/{internal}"), 200),
        ("fina", format!("{path}/attachments/nada"), 404),
        ("ana", format!("{path}/attachments/{public}"), 403),
        ("ana", format!("/tickets/{reference}/attachments/{public}"), 200),
        ("ana", format!("/tickets/{reference}/attachments/{internal}"), 404),
        ("berta", format!("/tickets/{reference}/attachments/{public}"), 404),
    ] {
        assert_eq!(world.get(who, path.as_str()).status, status, "{who} {path}");
    }
}

#[test]
fn a_call_is_registered_with_files() {
    let world = world("2026-11-20T10:00:00-06:00");
    let id = uploaded(&world, "marta", "a.pdf");
    let body = json!({
        "client": "ACME", "spoc": "ana", "started_at": "2026-11-20T09:50:00-06:00",
        "subject": "No timbra", "text": "Por teléfono", "attachments": [id],
    });
    let reference = world.post("marta", "/desk/tickets", body).json["reference"].clone();
    let seen = world.get("ana", format!("/tickets/{}", reference.as_str().unwrap())).json;
    assert_eq!(seen["messages"][0]["attachments"][0]["id"], id);
}

#[test]
fn files_are_uploaded_by_whoever_works_on_tickets_and_named_by_him_alone() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let body = json!({"name": "a.pdf", "media_type": "application/pdf", "size": 3});
    for who in ["fina", "ana"] {
        let told = world.ask("POST", "/desk/tickets/attachments").by(who).json(&body).send();
        assert_eq!(told.status, 403, "{who}");
    }
    let id = uploaded(&world, "saul", "a.pdf");
    let body = json!({"kind": "answer", "text": "x", "attachments": [id]});
    let told = world.post("marta", format!("/desk/tickets/{reference}/replies"), body);
    assert_eq!(told.places(), ["attachments[0]"]);
}

#[test]
fn the_mail_of_a_message_names_its_files() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let id = uploaded(&world, "marta", "guía.pdf");
    let body = json!({"kind": "answer", "text": "Siga la guía", "attachments": [id]});
    let path = format!("/desk/tickets/{reference}/replies");
    assert_eq!(world.post("marta", path, body).status, 201);
    world.block_on(app::sweep::sweep(world.env.as_ref())).unwrap();
    let mails = world.env.mailer.taken();
    let mails = mails.iter().map(|mail| String::from_utf8_lossy(&mail.message.mime).into_owned());
    let named: Vec<_> = mails.filter(|mail| mail.contains("Archivos adjuntos")).collect();
    assert_eq!(named.len(), 1, "{named:?}");
    assert!(named[0].contains("a.pdf (1 KB)"), "{named:?}");
}
