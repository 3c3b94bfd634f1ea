//! What a person meets over HTTP when something is wrong: a problem that says what, where, and what to
//! do, in Spanish.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::kit::{Answer, Desk, FRIDAY, array};

fn problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{answer:#?}");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.body["status"], status);
    for key in ["type", "title", "detail"] {
        assert!(!answer.body[key].as_str().unwrap().is_empty(), "{key}: {answer:#?}");
    }
}

#[test]
fn who_is_not_known_or_not_allowed_is_told_so() {
    let desk = Desk::start(FRIDAY);
    let reference = desk.person("ana").open("k1", "No timbra").reference();
    for token in [None, Some("mll_0000"), Some(""), Some("Bearer x")] {
        let somebody = desk.stranger(token);
        for path in ["/tickets", "/desk/work", "/tickets/FERRE-7K2QX9RD-I"] {
            problem(&somebody.get(path), 401, "unauthenticated");
        }
        problem(&somebody.open("k", "Hola"), 401, "unauthenticated");
    }
    // A client at the desk, and the desk among clients.
    problem(&desk.person("ana").get("/desk/work"), 403, "wrong_audience");
    problem(&desk.person("mesa").get("/tickets"), 403, "wrong_audience");
    // Another client's ticket and one that never was are the same 404.
    let foreign = desk.person("luis").get(&format!("/tickets/{reference}"));
    let unknown = desk.person("luis").get("/tickets/FERRE-7K2QX9RD-I");
    problem(&foreign, 404, "not_found");
    assert_eq!(foreign.body, unknown.body);
    for path in ["/tickets/%00", "/tickets/..%2F..", "/tickets/%C3%B1", "/nada"] {
        problem(&desk.person("ana").get(path), 404, "not_found");
    }
}

#[test]
fn every_fault_of_an_input_is_told_with_its_place() {
    let desk = Desk::start(FRIDAY);
    let ana = desk.person("ana");
    let body = json!({ "subject": "x".repeat(201), "text": "", "cliente": "ANAHUAC" });
    let answer = ana.post("/tickets", "k1", &body);
    problem(&answer, 422, "invalid");
    let places: Vec<&Value> =
        array(&answer.body["faults"]).iter().map(|fault| &fault["at"]).collect();
    assert_eq!(places, ["subject", "text", "cliente"]);
    for text in ["{", "{\"subject\":", "[1,", "\u{feff}{}", "{\"a\":1}}"] {
        let answer = ana.try_post("/tickets", "k2", text).unwrap();
        assert_eq!(answer.status, 400, "{text:?}: {answer:#?}");
        assert!(!answer.body["detail"].as_str().unwrap().is_empty());
    }
    problem(
        &ana.try_post("/tickets", "", &body.to_string()).unwrap(),
        400,
        "idempotency_key_invalid",
    );
    let huge = format!("{{\"subject\":\"a\",\"text\":\"{}\"}}", "a".repeat(1 << 20));
    // The answer is read though the whole was sent, and the connection still serves.
    for n in 0..5 {
        let key = format!("grande-{n}");
        problem(&ana.try_post("/tickets", &key, &huge).unwrap(), 413, "too_large");
    }
    assert_eq!(array(&ana.get("/tickets").body["tickets"]).len(), 0, "nothing was opened");
    assert!(desk.mails().is_empty());
}

/// Words of every kind come back as they were sent, or as they may be shown.
#[test]
fn odd_texts_are_kept_and_shown_safely() {
    let desk = Desk::start(FRIDAY);
    let ana = desk.person("ana");
    let table = [
        ("Ñandú, pingüino y €", "Ñandú, pingüino y €"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a\r\nBcc: x@example.com", "a Bcc: x@example.com"),
        ("\u{202e}odnum", "odnum"),
        ("👩‍👩‍👧 🇲🇽", "👩‍👩‍👧 🇲🇽"),
    ];
    for (n, (sent, shown)) in table.into_iter().enumerate() {
        let answer = ana.open(&format!("k{n}"), sent);
        assert_eq!(answer.status, 201, "{answer:#?}");
        assert_eq!(answer.body["subject"], shown);
    }
    for mail in desk.mails() {
        let head = mail.raw.split("\r\n\r\n").next().unwrap().to_lowercase();
        assert!(!head.contains("\r\nbcc:"), "{head}");
        assert!(!mail.html.contains("<script>"), "{}", mail.html);
    }
}

/// Bytes that are not HTTP, or only half of it, harm nobody else.
#[test]
fn broken_requests_harm_nobody() {
    let desk = Desk::start(FRIDAY);
    let half = b"POST /tickets HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{\"sub";
    let mut held = Vec::new();
    for bytes in [&b"\x16\x03\x01\x00"[..], b"GET / HTTP/9\r\n\r\n", b"\0\0\0\0\r\n\r\n", half] {
        let mut stream = TcpStream::connect(desk.address()).unwrap();
        stream.write_all(bytes).unwrap();
        held.push(stream);
    }
    assert_eq!(desk.person("ana").open("k1", "Sigue vivo").status, 201);
    let mut told = String::new();
    let mut broken = held.swap_remove(1);
    broken.read_to_string(&mut told).unwrap();
    assert!(told.starts_with("HTTP/1.1 400"), "{told}");
}
