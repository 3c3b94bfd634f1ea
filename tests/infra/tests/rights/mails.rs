//! The mails of `events/mail`, taken by each function that takes mail; and one that nobody can take.

use app::ports::{Blobs as _, KeyPurpose, Secrets as _, SigningKey};
use app::timers::TimerEvent;
use domain::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Log;
use crate::scene::{Carrier, Scene};

#[derive(Deserialize)]
struct Corpus {
    mail: Vec<Row>,
}

/// What is needed of a row: whose mail it is, and what the mail service found.
#[derive(Deserialize)]
struct Row {
    file: String,
    source: String,
    verdicts: toml::Table,
}

/// The functions that take mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taker {
    IntakeMail,
    AutoClose,
    Sweep,
}

/// Every mail by every taker, and what follows from it.
pub(crate) async fn play(log: &Log, carrier: Carrier) {
    for taker in [Taker::IntakeMail, Taker::AutoClose, Taker::Sweep] {
        let mut scene = Scene::new(log, carrier).await;
        let opened = json!({ "subject": "No timbra", "text": "Desde ayer." });
        let ticket = scene.done("ana", "/tickets", opened).await;
        let ticket = ticket["reference"].as_str().expect("a reference").to_owned();
        let text = tests_tidy::files::read("events/mail/expected.toml");
        let corpus: Corpus = toml::from_str(&text).expect("the corpus has its rows");
        // One of ours in whose text there is more than an item holds.
        let long = format!("Largo.\r\n{}", "ñandú ".repeat(6_000));
        let answer = mail("largo", "ana.lopez@ferreteria-nortena.example", &ticket, &long);
        take(&mut scene, taker, &ticket, ("largo", &answer, &event_of_ours("largo"))).await;
        for row in &corpus.mail {
            let path = tests_tidy::files::root().join("events/mail").join(&row.file);
            let raw = later(&std::fs::read(path).expect("the mail is there"));
            take(&mut scene, taker, &ticket, (&row.file, &raw, &event(row))).await;
        }
        poison(&mut scene, taker, &ticket).await;
        // The digest an hour later, the questions, the lapse.
        for days in [0, 1, 8, 10] {
            scene.pass(TimeDelta::days(days) + TimeDelta::hours(2)).await;
        }
    }
}

/// The mail as if it had come after the cut-off, when the same day may be offered.
fn later(raw: &[u8]) -> Vec<u8> {
    let (from, to) = (b"20 Nov 2026 16:00:05", b"20 Nov 2026 20:10:05");
    let Some(at) = raw.windows(from.len()).position(|bytes| bytes == from) else {
        return raw.to_vec();
    };
    [&raw[..at], to, &raw[at + from.len()..]].concat()
}

/// A mail lies in the bucket; the function is called.
async fn take(scene: &mut Scene, taker: Taker, ticket: &str, mail: (&str, &[u8], &Value)) {
    let (id, raw, event) = mail;
    let world = &mut scene.world;
    world.env.blobs.put(&format!("inbound/{id}"), raw).await.expect("it is stored");
    // What fails here is poison on purpose, and shows as such at the end.
    match taker {
        Taker::IntakeMail => {
            let _ = Box::pin(intake_mail::handle(&world.of("intake-mail"), event)).await;
        }
        Taker::AutoClose => {
            let event =
                TimerEvent { function: "auto-close".to_owned(), aggregate: format!("T#{ticket}") };
            let _ = Box::pin(auto_close::handle(&world.of("auto-close"), &event)).await;
        }
        Taker::Sweep => {
            let now = world.now();
            world.env.clock.set(now + TimeDelta::minutes(2));
            world.sweep().await;
        }
    }
    world.settle().await;
}

/// A mail that fails for a reason that does not pass: a key that is too short.
async fn poison(scene: &mut Scene, taker: Taker, ticket: &str) {
    let secrets = scene.world.env.secrets.clone();
    let keys = secrets.keys(KeyPurpose::MailThreading).await.expect("there are keys");
    secrets.set(KeyPurpose::MailThreading, vec![SigningKey { id: 1, bytes: vec![1; 8] }]);
    let raw = mail("veneno", "ana.lopez@ferreteria-nortena.example", "No timbra", "Error.");
    for _ in 0..app::limits::TRIES_MAX {
        take(scene, taker, ticket, ("veneno", &raw, &event_of_ours("veneno"))).await;
    }
    secrets.set(KeyPurpose::MailThreading, keys);
    let kept = scene.world.env.blobs.keys();
    assert!(kept.contains(&"poison/veneno".to_owned()), "{taker:?} sets poison aside");
}

/// A mail of somebody's.
pub(crate) fn mail(id: &str, from: &str, subject: &str, text: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: soporte@soporte.millora.example\r\nSubject: {subject}\r\n\
         Message-ID: <{id}@correo.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}

/// The service's event about a mail, proven by DMARC or not.
pub(crate) fn event_about(id: &str, from: &str, dmarc: &str) -> Value {
    let passed = json!({ "status": "PASS" });
    json!({ "Records": [{ "ses": {
        "mail": { "timestamp": "2026-11-20T20:10:05.123Z", "source": from, "messageId": id },
        "receipt": {
            "recipients": ["soporte@soporte.millora.example"],
            "spamVerdict": passed, "virusVerdict": passed, "spfVerdict": passed,
            "dkimVerdict": passed, "dmarcVerdict": { "status": dmarc }, "dmarcPolicy": "none",
        },
    }}]})
}

fn event_of_ours(id: &str) -> Value {
    event_about(id, "ana.lopez@ferreteria-nortena.example", "PASS")
}

fn event(row: &Row) -> Value {
    let mut event = event_about(&row.file, &row.source, "PASS");
    let receipt = &mut event["Records"][0]["ses"]["receipt"];
    for name in ["spam", "virus", "spf", "dkim", "dmarc"] {
        let verdict = row.verdicts.get(name).map(|status| json!({ "status": status }));
        receipt[format!("{name}Verdict")] = verdict.unwrap_or_default();
    }
    receipt["dmarcPolicy"] = row.verdicts.get("policy").map(|it| json!(it)).unwrap_or_default();
    event
}
