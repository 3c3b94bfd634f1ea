//! Mails and what the mail service tells, with a canary wherever something can stand, also encoded.

use app::memory::faults::Faulty;
use app::ports::{Blobs as _, Clock as _, Env, KeyPurpose, Secrets as _, SigningKey};
use domain::TimeDelta;
use serde_json::{Value, json};
use tests_hostile::canaries::{Canaries, base64, encoded_word};
use tests_scenarios::world::World;

use super::{Heard, Unwell};

/// Examples of what the mail service tells of a mail of ours.
const TOLD: [&str; 4] = [
    include_str!("../../../../events/ses/bounce-permanent.json"),
    include_str!("../../../../events/ses/complaint.json"),
    include_str!("../../../../events/ses/reject.json"),
    include_str!("../../../../events/ses/delivery-delay.json"),
];

struct Mail {
    id: String,
    source: String,
    dmarc: &'static str,
    raw: String,
}

/// Mails come in; with `every`, one of so many calls to a port fails.
pub(crate) async fn written(world: &World, heard: &Heard, canaries: &mut Canaries, every: usize) {
    let env = &*world.env;
    for (n, mail) in mails(world, canaries, every).into_iter().enumerate() {
        env.blobs.put(&format!("inbound/{}", mail.id), mail.raw.as_bytes()).await.unwrap();
        let event = event(env, &mail, canaries);
        if every == 0 {
            heard.failed(intake_mail::handle(env, &event).await);
        } else {
            let unwell = Faulty::new(env.clone(), Unwell(every));
            heard.failed(intake_mail::handle(&unwell, &event).await);
        }
        if n % 5 == 4 {
            poisoned(world, heard, &event).await;
        }
    }
    for broken in [json!({ "Records": canaries.another() }), json!(canaries.another())] {
        heard.failed(intake_mail::handle(env, &broken).await);
    }
}

/// A fault of our own meets a mail as often as it takes.
async fn poisoned(world: &World, heard: &Heard, event: &Value) {
    let env = &*world.env;
    let keys = env.secrets.keys(KeyPurpose::MailThreading).await;
    let mut event = event.clone();
    let id =
        format!("{}-poison", event["Records"][0]["ses"]["mail"]["messageId"].as_str().unwrap());
    event["Records"][0]["ses"]["mail"]["messageId"] = json!(id);
    let raw = format!("From: {}\r\n\r\nx", world.cast.address("Ana").unwrap());
    env.blobs.put(&format!("inbound/{id}"), raw.as_bytes()).await.unwrap();
    env.secrets.set(KeyPurpose::MailThreading, vec![SigningKey { id: 1, bytes: vec![1; 8] }]);
    for _ in 0..5 {
        heard.failed(intake_mail::handle(env, &event).await);
    }
    match keys {
        Ok(keys) => env.secrets.set(KeyPurpose::MailThreading, keys),
        Err(_) => env.secrets.lose(KeyPurpose::MailThreading),
    }
}

/// By everybody: who is proven and who is not, registered and not, and nobody.
fn mails(world: &World, canaries: &mut Canaries, every: usize) -> Vec<Mail> {
    let ana = world.cast.address("Ana").unwrap();
    let elena = world.cast.address("Elena").unwrap();
    let stranger = format!("{}@{}.example", canaries.another(), canaries.another());
    let mut mails = Vec::new();
    for (from, dmarc) in [
        (&ana, "PASS"),
        (&ana, "FAIL"),
        (&elena, "PASS"),
        (&stranger, "PASS"),
        (&stranger, "FAIL"),
        (&format!("{}@ferretera.example", canaries.another()), "PASS"),
    ] {
        for raw in [plain(from, canaries), encoded(from, canaries), broken(from, canaries)] {
            let id = format!("m{every}-{}", mails.len());
            mails.push(Mail { id, source: from.clone(), dmarc, raw });
        }
    }
    mails
}

fn plain(from: &str, canaries: &mut Canaries) -> String {
    let mut c = || canaries.another();
    format!(
        "Return-Path: <{}@x.example>\r\nFrom: {} <{from}>\r\nTo: {} <soporte@soporte.millora.example>\r\n\
         Cc: {}@ferretera.example, {}@x.example\r\nReply-To: {}@x.example\r\nSubject: {}\r\n\
         Message-ID: <{}@x.example>\r\nReferences: <{}@x.example>\r\nX-{}: {}\r\nDate: {}\r\n\r\n\
         {}\r\n> {}\r\n-- \r\n{}\r\n",
        c(),
        c(),
        c(),
        c(),
        c(),
        c(),
        c(),
        c(),
        c(),
        c(),
        c(),
        c(),
        c(),
        c(),
        c()
    )
}

/// What is in headers and parts is readable to programs alone.
fn encoded(from: &str, canaries: &mut Canaries) -> String {
    let mut c = || canaries.another();
    format!(
        "From: {} <{from}>\r\nSubject: {}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"b{}\"\r\n\r\n",
        encoded_word(&c()),
        encoded_word(&format!("Señora {}", c())),
        "1"
    ) + &format!(
        "--b1\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n\
         --b1\r\nContent-Type: text/plain; name*=utf-8''{}%20.txt\r\n\
         Content-Disposition: attachment; filename=\"{}\"\r\n\r\n{}\r\n--b1--\r\n",
        base64(format!("<p>{} <b>{}</b>", c(), c()).as_bytes()),
        c(),
        encoded_word(&c()),
        c()
    )
}

/// It exceeds a limit, or is signed, forwarded or reported in a way that nobody understands.
fn broken(from: &str, canaries: &mut Canaries) -> String {
    let mut c = || canaries.another();
    let parameters: String = (0..101).map(|n| format!("; a{n}=\"x\"")).collect();
    format!(
        "From: {from}, {}@x.example\r\nSubject: {}\r\nContent-Type: {}/{}; name=\"{}\"{parameters}\r\n\r\n{}",
        c(),
        c(),
        c(),
        c(),
        c(),
        c()
    )
}

fn event<E: Env>(env: &E, mail: &Mail, canaries: &mut Canaries) -> Value {
    let status = |it: &str| json!({ "status": it });
    json!({ "Records": [{ "eventSource": "aws:ses", "ses": {
        "mail": {
            "timestamp": env.clock().now().to_rfc3339(), "source": mail.source, "messageId": mail.id,
            "destination": [format!("{}@x.example", canaries.another())],
            "headers": [{ "name": canaries.another(), "value": canaries.another() }],
            "commonHeaders": { "subject": canaries.another(), "from": [canaries.another()] },
        },
        "receipt": {
            "recipients": ["soporte@soporte.millora.example", format!("{}@soporte.millora.example", canaries.another())],
            "spfVerdict": status("GRAY"), "dkimVerdict": status("GRAY"), "dmarcVerdict": status(mail.dmarc),
            "dmarcPolicy": "none", "spamVerdict": status("PASS"), "virusVerdict": status("PASS"),
        },
    }}]})
}

/// The mail service tells of our mails, in words that repeat whom they went to; the sweep meets the rest.
pub(crate) async fn told(world: &World, heard: &Heard, canaries: &mut Canaries) {
    let sent = world.post.mails.iter().rev().take(8);
    for (n, mail) in sent.enumerate() {
        let mut event: Value = serde_json::from_str(TOLD[n % TOLD.len()]).unwrap();
        let detail = &mut event["detail"];
        detail["mail"]["tags"] = json!({
            "notice_id": [mail.message.notice_id], "subject": [mail.message.subject_tag],
        });
        detail["mail"]["timestamp"] = json!((mail.at + TimeDelta::seconds(1)).to_rfc3339());
        detail["mail"]["source"] = json!(canaries.another());
        detail["mail"]["destination"] = json!([canaries.another()]);
        detail["mail"]["commonHeaders"] = json!({ "subject": canaries.another() });
        let recipient =
            json!([{ "emailAddress": canaries.another(), "diagnosticCode": canaries.another() }]);
        for kind in ["bounce", "complaint", "deliveryDelay"] {
            if detail[kind].is_object() {
                detail[kind]["bouncedRecipients"] = recipient.clone();
                detail[kind]["complainedRecipients"] = recipient.clone();
                detail[kind]["delayedRecipients"] = recipient.clone();
            }
        }
        if detail["reject"].is_object() {
            detail["reject"]["reason"] = json!(canaries.another());
        }
        let event: mail_events::Event = serde_json::from_value(event).unwrap();
        heard.failed(mail_events::handle(&*world.env, &event).await);
        let unwell = Faulty::new((*world.env).clone(), Unwell(3));
        heard.failed(mail_events::handle(&unwell, &event).await);
        let _ = sweep::handle(&unwell).await.map_err(|failure| heard.failed(Err(failure)));
    }
}
