//! Files that come with messages, through the command line and by the links themselves.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use ureq::Agent;

use crate::kit::{Desk, FRIDAY, array};

/// Every byte, and more than one write takes.
fn picture() -> Vec<u8> {
    (0..=255).cycle().take(3 * 1024 * 1024 + 7).collect()
}

fn written(home: &Path, name: &str, bytes: &[u8]) -> String {
    let path = home.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_file_goes_to_the_desk_and_back_and_outlives_a_kill() {
    let mut desk = Desk::start(FRIDAY);
    let home = tempfile::tempdir().unwrap();
    let sent = written(home.path(), "captura año.png", &picture());
    let open = ["ticket", "open", "--subject", "No timbra", "--text", "Ver", "--attach", &sent];
    let ticket = desk.json(&open);
    let reference = ticket["reference"].as_str().unwrap();
    let file = &ticket["messages"][0]["attachments"][0];
    assert_eq!(
        (&file["name"], &file["media_type"]),
        (&json!("captura año.png"), &json!("image/png"))
    );
    let id = file["id"].as_str().unwrap();
    let guide = written(home.path(), "guia.txt", b"Paso 1");
    desk.text(&["desk", "reply", reference, "Siga la guía", "--attach", &guide]);
    let shown = desk.text(&["ticket", "show", reference]);
    assert!(shown.contains(&format!("[adjunto] captura año.png (3073 KB)  {id}")), "{shown}");
    assert!(shown.contains("[adjunto] guia.txt (1 KB)"), "{shown}");

    desk.kill_and_start();
    let saved = home.path().join("guardada.png");
    let save = ["desk", "save-attachment", reference, id, "--to", saved.to_str().unwrap()];
    desk.text(&save);
    assert_eq!(std::fs::read(&saved).unwrap(), picture());
    let again = desk.run(&save);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("Ya existe"), "{again:?}");
    // Another client's order finds nothing.
    let foreign = desk.run(&["ticket", "save-attachment", reference, id, "--as", "luis"]);
    assert!(String::from_utf8_lossy(&foreign.stderr).contains("not_found"), "{foreign:?}");
    let missing = ["--attach", "no-hay-1", "--attach", "no-hay-2"];
    let missing = desk.run(&[&["ticket", "answer", reference, "x"], &missing[..]].concat());
    assert_eq!(missing.status.code(), Some(2));
    let told = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(told.contains("no-hay-1") && told.contains("no-hay-2"), "{told}");
}

/// What a link is asked, with which headers; the status and the headers of the answer.
fn asked(
    method: &str,
    link: &Value,
    headers: &[(&str, &str)],
    bytes: &[u8],
) -> (u16, BTreeMap<String, String>, Vec<u8>) {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let mut request =
        ureq::http::Request::builder().method(method).uri(link["url"].as_str().unwrap());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = if method == "GET" {
        agent.run(request.body(()).unwrap())
    } else {
        agent.run(request.body(bytes).unwrap())
    };
    let mut answer = answer.unwrap();
    let told = answer.headers().iter();
    let told = told.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let told = told.collect();
    (answer.status().as_u16(), told, answer.body_mut().read_to_vec().unwrap())
}

#[test]
fn a_link_stores_what_it_was_signed_for_once_and_in_time() {
    let desk = Desk::start(FRIDAY);
    let ana = desk.person("ana");
    let file = json!({"name": "a.png", "media_type": "image/png", "size": 4});
    let link = ana.post("/tickets/attachments", "k1", &file).body;
    let [kind, once] = [("content-type", "image/png"), ("if-none-match", "*")];
    for (what, method, headers, bytes) in [
        ("another type", "PUT", vec![("content-type", "text/html"), once], &b"PNG!"[..]),
        ("no type", "PUT", vec![once], b"PNG!"),
        ("not once", "PUT", vec![kind], b"PNG!"),
        ("too long", "PUT", vec![kind, once], b"PNG!!"),
        ("too short", "PUT", vec![kind, once], b"PNG"),
        ("to read", "GET", vec![], b""),
    ] {
        assert_eq!(asked(method, &link, &headers, bytes).0, 403, "{what}");
    }
    let late = ana.post("/tickets/attachments", "k2", &file).body;
    assert_eq!(asked("PUT", &link, &[kind, once], b"PNG!").0, 200);
    assert_eq!(asked("PUT", &link, &[kind, once], b"EVIL").0, 412, "twice");
    desk.advance("15m");
    assert_eq!(asked("PUT", &late, &[kind, once], b"PNG!").0, 403, "late");

    let body = json!({
        "subject": "No timbra", "text": "Ver", "attachments": [link["file"]["id"]],
    });
    let reference = ana.post("/tickets", "k3", &body).reference();
    let path = format!("/tickets/{reference}/attachments/{}", link["file"]["id"].as_str().unwrap());
    let read = ana.get(&path).body;
    let (status, headers, bytes) = asked("GET", &read, &[], b"");
    assert_eq!((status, bytes.as_slice()), (200, &b"PNG!"[..]));
    let disposition = "attachment; filename=\"a.png\"; filename*=UTF-8''a%2Epng";
    assert_eq!(headers["content-disposition"], disposition);
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(asked("PUT", &read, &[kind, once], b"EVIL").0, 403, "to store");
    desk.advance("5m");
    assert_eq!(asked("GET", &read, &[], b"").0, 403, "late");
}

#[test]
fn what_no_message_names_is_gone_after_a_day() {
    let desk = Desk::start(FRIDAY);
    let ana = desk.person("ana");
    let file = json!({"name": "a.png", "media_type": "image/png", "size": 4});
    let link = ana.post("/tickets/attachments", "k1", &file).body;
    let headers = [("content-type", "image/png"), ("if-none-match", "*")];
    assert_eq!(asked("PUT", &link, &headers, b"PNG!").0, 200);
    let blobs = || std::fs::read_dir(desk.file("blobs")).unwrap().count();
    assert_eq!(blobs(), 1);
    desk.advance("24h");
    desk.advance("5m");
    assert_eq!(blobs(), 0);
    let body = json!({
        "subject": "No timbra", "text": "Ver", "attachments": [link["file"]["id"]],
    });
    let refused = ana.post("/tickets", "k2", &body);
    assert_eq!(refused.status, 422);
    assert_eq!(array(&refused.body["faults"])[0]["at"], "attachments[0]");
}
