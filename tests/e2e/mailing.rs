//! A ticket's life by mail: written and read by another mail program, from the opening to the link
//! that confirms the solution.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};

use crate::kit::{Desk, array, times};
use crate::{post, smtp};

/// Ten minutes before the cut-off of 14:00 (7.1).
const MORNING: &str = "2026-11-20T13:50:00-06:00";
const ANA: &str = "ana.robles@ferretera.example";
const SOPORTE: &str = "soporte@millora.example";

/// A client's mail program: Python's.
struct Mailbox<'a> {
    desk: &'a Desk,
    server: String,
}

impl<'a> Mailbox<'a> {
    fn new(desk: &'a Desk) -> Self {
        Self { desk, server: desk.smtp() }
    }

    fn send(&self, to: &str, mail: &Value) {
        let code = post::sent(&self.server, ANA, &[to], &post::built(mail));
        assert_eq!(code, 250);
    }

    /// Answers a mail of the desk as a mail program does: to its Reply-To, with its thread.
    fn answer(&self, mail: &Value, text: &str) {
        let headers = &mail["headers"];
        let id = headers["message-id"].as_str().unwrap();
        let thread = format!("{} {id}", headers["references"].as_str().unwrap());
        let to = mail["reply_to"][0].as_str().unwrap();
        let subject = format!("Re: {}", mail["subject"].as_str().unwrap());
        self.send(to, &json!({
            "from": ["Ana Robles", ANA],
            "to": to,
            "subject": subject,
            "text": format!("{text}\n\nEl vie, 20 nov 2026, Soporte Millora escribió:\n> texto citado\n"),
            "headers": { "In-Reply-To": id, "References": thread },
        }));
    }

    /// The mails to Ana as Python reads them, in order.
    fn read(&self) -> Vec<Value> {
        let mails = post::read(&post::files(self.desk)).into_iter();
        mails.filter(|mail| mail["to"] == json!([ANA])).collect()
    }
}

/// The address behind a label in a mail's text.
fn link<'a>(mail: &'a Value, label: &str) -> &'a str {
    let line = mail["text"].as_str().unwrap().lines().find_map(|line| line.strip_prefix(label));
    line.unwrap().trim_start_matches(": ")
}

/// The references of all open tickets of the demo's first client.
fn open_tickets(desk: &Desk) -> Vec<Value> {
    array(&desk.json(&["ticket", "list"])["tickets"]).to_vec()
}

#[test]
fn a_ticket_lives_by_mail_alone() {
    let desk = Desk::start(MORNING);
    let ana = Mailbox::new(&desk);
    ana.send(
        SOPORTE,
        &json!({
            "from": ["Ana Robles", ANA],
            "to": SOPORTE,
            "subject": "No timbra la sucursal León",
            "text": "Error 301 al timbrar.",
            "attachments": { "factura-A-1204.xml": "<Comprobante/>" },
        }),
    );
    let acknowledgement = ana.read().remove(0);
    let tickets = open_tickets(&desk);
    assert_eq!(tickets.len(), 1, "{tickets:#?}");
    let reference = tickets[0]["reference"].as_str().unwrap().to_owned();
    let seen = desk.json(&["ticket", "show", &reference]);
    assert_eq!(seen["target"], "2026-11-20T18:00:00-06:00");
    assert_eq!(desk.whole(&reference)["channel"], "mail");
    let subject = acknowledgement["subject"].as_str().unwrap();
    assert_eq!(
        subject,
        format!("[{reference}] Recibimos su solicitud: No timbra la sucursal León")
    );
    let reply_to = acknowledgement["reply_to"][0].as_str().unwrap();
    let thread = format!("soporte+{}.", reference.to_ascii_lowercase());
    assert!(reply_to.starts_with(&thread) && reply_to.ends_with("@millora.example"), "{reply_to}");

    desk.json(&["desk", "ask", &reference, "¿Desde qué folio?"]);
    ana.answer(ana.read().last().unwrap(), "Desde el A-1204.");
    let seen = desk.whole(&reference);
    assert_eq!(times(&seen, "client_wrote"), 1, "{:#}", seen["timeline"]);
    assert!(desk.json(&["ticket", "show", &reference])["awaiting"].is_null());
    assert_eq!(open_tickets(&desk).len(), 1, "the answer is no ticket of its own");

    desk.json(&["desk", "solve", &reference, "Renovamos el certificado."]);
    let solution = ana.read().pop().unwrap();
    let (_, path) = link(&solution, "Quedó resuelto").split_once("/a/").unwrap();
    let browser = desk.stranger(None);
    let page = browser.get(&format!("/a/{path}"));
    assert!(page.body.as_str().unwrap().contains("Ana Robles"), "{page:#?}");
    assert_eq!(desk.whole(&reference)["summary"]["state"], "open", "a look changes nothing");
    assert_eq!(browser.press(&format!("/a/{path}"), &[]).status, 200);
    let seen = desk.whole(&reference);
    assert_eq!(seen["closed"]["reason"], "confirmed");
    post::every_mail_is_well_made(&desk);
}

/// M1a, 1.2a: what cannot be shown to be a contact's own waits until one presses a button; pressed
/// again, the page says that it was used.
#[test]
fn held_mails_wait_for_a_contact() {
    let desk = Desk::start(MORNING);
    let ana = Mailbox::new(&desk);
    let browser = desk.stranger(None);
    let table = [
        ("suplantado.eml", "¿Lo envió usted?", "Sí, lo envié yo"),
        ("colega.eml", "Un mensaje de su equipo", "Revisar y adoptar"),
    ];
    for (n, (file, subject, label)) in table.into_iter().enumerate() {
        let told = desk.json(&["mail", "send", "--file", post::demo(file).to_str().unwrap()]);
        let id = told["id"].as_str().unwrap();
        assert_eq!(open_tickets(&desk).len(), n, "{file} opens nothing by itself");
        let asked = ana.read().pop().unwrap();
        assert!(asked["subject"].as_str().unwrap().starts_with(subject), "{asked:#}");
        assert_eq!(asked["headers"]["auto-submitted"], "auto-generated");
        let path = link(&asked, label).split_once("/a/").unwrap().1;
        let path = format!("/a/{path}");
        let page = browser.get(&path).body.to_string();
        assert!(page.contains("Ana Robles") && page.contains(id), "{page}");
        assert_eq!(open_tickets(&desk).len(), n, "a look changes nothing");
        assert_eq!(browser.press(&path, &[("correo", id)]).status, 200);
        assert_eq!(open_tickets(&desk).len(), n + 1, "{file}");
        browser.press(&path, &[("correo", id)]);
        assert_eq!(open_tickets(&desk).len(), n + 1, "{file}: once");
    }
    post::every_mail_is_well_made(&desk);
}

/// M3, M5: a machine's answer is a note; nothing answers it, and the ticket waits on.
#[test]
fn an_absence_note_changes_nothing() {
    let desk = Desk::start(MORNING);
    let reference = desk.person("ana").open("k1", "No timbra").reference();
    desk.json(&["desk", "ask", &reference, "¿Desde qué folio?"]);
    let before = desk.mails().len();
    let file = post::demo("ausente.eml");
    let told = desk.json(&["mail", "send", "--in-reply-to", "3", "--file", file.to_str().unwrap()]);
    assert_eq!((&told["outcome"], &told["ticket"]), (&json!("note"), &json!(reference)));
    assert_eq!(desk.mails().len(), before, "nobody is answered");
    assert_eq!(desk.json(&["ticket", "show", &reference])["awaiting"]["what"], "information");
}

/// Killed while mails come in. Clients that were not answered send again, as mail servers do; then each
/// mail has opened one ticket, whether its event had been handed on before the kill or not.
#[test]
fn a_kill_while_mails_come_in() {
    const MANY: usize = 16;
    for answers_before in [1, 10] {
        let mut desk = Desk::start(MORNING);
        let mails: Vec<Vec<u8>> = (0..MANY)
            .map(|n| {
                format!(
                    "From: Ana Robles <{ANA}>\r\nTo: {SOPORTE}\r\nSubject: Caso {n}\r\n\
                     Message-ID: <caso{n}@ferretera.example>\r\n\r\nError 301 al timbrar.\r\n"
                )
                .into_bytes()
            })
            .collect();
        let (told, answers) = mpsc::channel();
        let threads: Vec<_> = mails
            .iter()
            .map(|mail| {
                let (mail, told, server) = (mail.clone(), told.clone(), desk.smtp());
                thread::spawn(move || {
                    let answer = smtp::sent(&server, ANA, SOPORTE, &mail);
                    // Nobody may be listening any more.
                    let _ = told.send(answer.clone());
                    answer
                })
            })
            .collect();
        for _ in 0..answers_before {
            answers.recv().unwrap().expect("a mail is taken");
        }
        desk.kill();
        let answered: Vec<bool> =
            threads.into_iter().map(|thread| thread.join().unwrap().is_some()).collect();
        desk.up();
        for (mail, answered) in mails.iter().zip(&answered) {
            if !answered {
                smtp::sent(&desk.smtp(), ANA, SOPORTE, mail).expect("a mail is taken");
            }
        }
        // What was not handed on is found by a sweep.
        desk.advance("10m");
        let subjects: BTreeSet<String> =
            open_tickets(&desk).iter().map(|it| it["subject"].to_string()).collect();
        assert_eq!((open_tickets(&desk).len(), subjects.len()), (MANY, MANY), "{answered:?}");
    }
}
