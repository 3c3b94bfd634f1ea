//! What people do over HTTP: SPoCs, the desk, and whoever presses a link.

use app::memory::MailAnswer;
use app::ports::Blobs as _;
use domain::standing::{Span, StandingCause};
use domain::{ClientId, TimeDelta};
use serde_json::{Value, json};

use crate::Log;
use crate::mails::{event_about, mail};
use crate::scene::{Carrier, Scene};

const ANA: &str = "ana.lopez@ferreteria-nortena.example";
const BETO: &str = "beto@ferreteria-nortena.example";
const COLLEAGUE: &str = "karla@ferreteria-nortena.example";
const STRANGER: &str = "alguien@otra.example";
const DESK: &str = "mesa@millora.example";

/// A day of everybody's.
pub(crate) async fn play(log: &Log, carrier: Carrier) {
    let mut scene = Scene::new(log, carrier).await;
    let reference = tickets(&mut scene).await;
    desk(&mut scene, &reference).await;
    entered(&mut scene).await;
    account(&mut scene).await;
    links(&mut scene, &reference).await;
    held(&mut scene, &reference).await;
    failed(&mut scene).await;
    suspended(&mut scene).await;
    // Uploads that no message named lapse.
    scene.upload("ana", "/tickets/attachments").await;
    scene.upload("luis", "/desk/tickets/attachments").await;
    scene.pass(TimeDelta::days(3)).await;
}

/// Longer than an item holds in line.
fn long_text() -> String {
    "ñ".repeat(19_000)
}

async fn soon(scene: &mut Scene) {
    scene.pass(TimeDelta::minutes(6)).await;
}

/// A SPoC opens, reads and answers.
async fn tickets(scene: &mut Scene) -> String {
    let file = scene.upload("ana", "/tickets/attachments").await;
    let request = json!({ "subject": "No timbra", "text": long_text(), "attachments": [file] });
    let opened = scene.done("ana", "/tickets", request).await;
    let path = format!("/tickets/{}", opened["reference"].as_str().expect("a reference"));
    for suffix in ["", "/why", &format!("/attachments/{file}")] {
        scene.done("beto", &format!("{path}{suffix}"), Value::Null).await;
    }
    for list in ["/tickets", "/tickets?state=closed", "/openapi.json"] {
        // A parameter that the list does not know is refused; the store is not asked.
        scene.ask("ana", "GET", list, &Value::Null).await;
    }
    soon(scene).await;
    let file = scene.upload("ana", "/tickets/attachments").await;
    let answer = json!({ "text": long_text(), "still_fails": false, "attachments": [file] });
    scene.done("ana", &format!("{path}/messages"), answer).await;
    opened["reference"].as_str().expect("a reference").to_owned()
}

/// The desk enters people, reads and writes.
async fn desk(scene: &mut Scene, reference: &str) {
    let path = format!("/desk/tickets/{reference}");
    let member = json!({ "id": "noe", "name": "Noé Vela", "role": "agent", "active": true });
    scene.done("rodrigo", "/desk/staff", member).await;
    let token = scene.done("rodrigo", "/desk/tokens", json!({ "staff": "noe" })).await;
    scene.done("rodrigo", "/desk/tokens?staff=noe", Value::Null).await;
    let revoked = json!({ "staff": "noe", "id": token["id"] });
    scene.done("rodrigo", "/desk/tokens/revoke", revoked).await;
    let file = scene.upload("luis", "/desk/tickets/attachments").await;
    let reply = json!({ "kind": "answer", "text": long_text(), "attachments": [file] });
    scene.done("luis", &format!("{path}/replies"), reply).await;
    for (verb, body) in [
        ("assign", json!({ "to": "luis" })),
        ("notes", json!({ "text": "Revisado." })),
        ("escalate", json!({ "level": "consultant" })),
    ] {
        // What a rule refuses has asked the store as well.
        scene.ask("luis", "POST", &format!("{path}/{verb}"), &body).await;
    }
    let call = json!({
        "client": "NORT", "spoc": "ana", "started_at": "2026-11-20T09:50:00-06:00",
        "subject": "Impresora", "text": "Llamó.",
    });
    scene.done("luis", "/desk/tickets", call).await;
    for read in [
        "/desk/me".to_owned(),
        "/desk/work".to_owned(),
        "/desk/notices?failed".to_owned(),
        "/desk/tickets?client=NORT".to_owned(),
        "/desk/tickets?words=timbra".to_owned(),
        format!("/desk/tickets?ref={reference}"),
        path.clone(),
        format!("{path}/why"),
        format!("{path}/attachments/{file}"),
    ] {
        scene.done("luis", &read, Value::Null).await;
    }
    scene.done("sofia", "/desk/offers/stop", json!({ "reason": "No hay manos." })).await;
    soon(scene).await;
}

/// What only an administrator enters: a client from a file, with a contact who changes and keeps his address
/// and a domain that is given up; a holiday; an edition, of which everybody is told.
async fn entered(scene: &mut Scene) {
    let file = include_str!("../../../../events/clients/ferretera.toml");
    let changed = file
        .replace("powers = [\"open\"]", "powers = [\"open\", \"renew\"]")
        .replace("name = \"bajio.example\"", "name = \"bajio-norte.example\"");
    for file in [file, &changed] {
        let body = json!({ "file": file, "reason": "Póliza" });
        scene.done("rodrigo", "/desk/clients", body).await;
        soon(scene).await;
    }
    let holiday = json!({
        "date": "2027-04-02", "kind": "added", "name": "Luto", "source": "DOF", "reason": "Decreto",
    });
    scene.done("rodrigo", "/desk/holidays", holiday).await;
    let edition = json!({
        "text": "Acuerdo.", "url": "https://millora.example/sla/2", "reason": "Nuevo corte",
    });
    scene.done("rodrigo", "/desk/editions", edition).await;
    soon(scene).await;
}

/// A client's account, as he and the desk see it.
async fn account(scene: &mut Scene) {
    scene.ask("fernanda", "POST", "/desk/accounts/TALLER/open", &json!({})).await;
    for read in ["", "/TALLER", "/TALLER/why", "/TALLER/charges", "/TALLER/liability"] {
        scene.ask("fernanda", "GET", &format!("/desk/accounts{read}"), &Value::Null).await;
    }
    let mapping = json!({
        "encoding": "utf-8", "delimiter": ",", "header": true, "date": "Fecha",
        "date_format": "%d/%m/%Y", "reference": "Ref", "amount": "Abono", "decimal": "point",
    });
    scene.done("fernanda", "/desk/banks/centro", mapping).await;
    scene.done("fernanda", "/desk/banks/centro", Value::Null).await;
    // `Fecha,Ref,Abono` and one deposit that names TALLER.
    let file = "RmVjaGEsUmVmLEFib25vCjE5LzExLzIwMjYsVEFMTEVSIDEsMS4wMAo=";
    for act in ["preview", "apply"] {
        let path = format!("/desk/banks/centro/{act}");
        scene.done("fernanda", &path, json!({ "file": file })).await;
    }
    for (id, client) in [("e1", "NADIE"), ("e2", "TALLER"), ("e3", "TALLER")] {
        let event = json!({
            "id": id, "kind": "payment", "client": client, "reference": id,
            "value_date": "2026-11-19", "amount": 100,
        });
        scene.tell(&event).await;
    }
    soon(scene).await;
    scene.done("fernanda", "/desk/payment-events", Value::Null).await;
    scene.done("fernanda", "/desk/payment-events/e1/retry", json!({})).await;
    let why = json!({ "reason": "Es de otra empresa." });
    scene.done("fernanda", "/desk/payment-events/e1/discard", why).await;
    for read in ["/account", "/account/cancellation"] {
        scene.ask("gloria", "GET", read, &Value::Null).await;
    }
    soon(scene).await;
}

/// A link of a mail with a solution.
async fn links(scene: &mut Scene, reference: &str) {
    let reply = json!({ "kind": "solution", "text": "Reinicie." });
    scene.done("luis", &format!("/desk/tickets/{reference}/replies"), reply).await;
    soon(scene).await;
    let link = scene.link(ANA);
    scene.press(&link, "").await;
    soon(scene).await;
}

/// A mail comes in.
async fn comes_in(scene: &mut Scene, id: &str, from: &str, dmarc: &str) {
    let raw = mail(id, from, &format!("Asunto {id}"), "No timbra.");
    let world = &mut scene.world;
    world.env.blobs.put(&format!("inbound/{id}"), &raw).await.expect("it is stored");
    let event = event_about(id, from, dmarc);
    let taken = Box::pin(intake_mail::handle(&world.of("intake-mail"), &event)).await;
    taken.expect("it is taken");
    world.settle().await;
}

/// Mail that waits: by the links, by the desk, and one that nobody could take.
async fn held(scene: &mut Scene, reference: &str) {
    comes_in(scene, "h1", ANA, "FAIL").await;
    soon(scene).await;
    let link = scene.link(ANA);
    scene.press(&link, "correo=h1").await;
    comes_in(scene, "h2", COLLEAGUE, "PASS").await;
    soon(scene).await;
    let link = scene.link(BETO);
    scene.press(&link, "correo=h2").await;
    comes_in(scene, "h3", ANA, "FAIL").await;
    comes_in(scene, "h4", COLLEAGUE, "PASS").await;
    comes_in(scene, "h5", STRANGER, "PASS").await;
    comes_in(scene, "h6", COLLEAGUE, "PASS").await;
    // Set aside before its record says so: the desk finds it there.
    scene.world.env.blobs.rename("done/h6", "poison/h6").await.expect("it is moved");
    for list in ["held", "quarantined", "automatic", "poison"] {
        scene.done("luis", &format!("/desk/mails?list={list}"), Value::Null).await;
    }
    for path in ["/desk/mails/h3", "/desk/mails/h3/raw", "/desk/mails/h6/raw"] {
        scene.done("luis", path, Value::Null).await;
    }
    let why = json!({ "reason": "Llamó." });
    scene.done("luis", "/desk/mails/h3/release", why.clone()).await;
    let adopted = json!({ "spoc": "ana", "reason": "Llamó." });
    scene.done("luis", "/desk/mails/h4/adopt", adopted).await;
    let linked = json!({ "ticket": reference, "reason": "Es suyo." });
    scene.done("luis", "/desk/mails/h5/link", linked).await;
    scene.done("luis", "/desk/mails/h6/discard", why).await;
    soon(scene).await;
}

/// A standing that has not spread yet: whoever acts on a ticket applies it, under the gate's condition.
async fn suspended(scene: &mut Scene) {
    let (stream, all) = (scene.world.stream_alive, [ANA, BETO].map(ToOwned::to_owned));
    scene.world.stream_alive = true;
    scene.world.post.answer_all(&all, MailAnswer::Take);
    let request = json!({ "subject": "Nómina", "text": "No cuadra." });
    let ticket = scene.done("ana", "/tickets", request).await;
    let ticket = ticket["reference"].as_str().expect("a reference").to_owned();
    scene.world.post.answer_all(&all, MailAnswer::TakeSilently);
    scene.world.post.set_silence(Some(TimeDelta::minutes(3)));
    let reply = json!({ "kind": "answer", "text": "Lo vemos." });
    scene.done("luis", &format!("/desk/tickets/{ticket}/replies"), reply).await;
    scene.world.stream_alive = false;
    scene.world.sweep_alive = false;
    let span = Span { cause: StandingCause::NonPayment, from: scene.world.now(), to: None };
    let client = ClientId::parse("NORT").expect("a client");
    let env = scene.world.env.clone();
    let changed = app::standing::change(&*env, &client, vec![span.clone()], Vec::new()).await;
    changed.expect("the gate is written");
    // What the mail service tells comes first, then a timer that nobody asked for.
    scene.world.pass(TimeDelta::minutes(4)).await;
    let span =
        Span { cause: StandingCause::NonPayment, from: span.from, to: Some(scene.world.now()) };
    let changed = app::standing::change(&*env, &client, vec![span], Vec::new()).await;
    changed.expect("the gate is written");
    scene.world.wake(&format!("T#{ticket}")).await;
    scene.world.post.set_silence(None);
    scene.world.post.answer_all(&all, MailAnswer::Take);
    scene.world.stream_alive = stream;
    scene.world.sweep_alive = true;
    soon(scene).await;
}

/// Every address refuses: notices of each kind of partition fail, are sent again, and are given up.
async fn failed(scene: &mut Scene) {
    let everybody = [ANA, BETO, COLLEAGUE, DESK].map(ToOwned::to_owned);
    scene.world.post.answer_all(&everybody, MailAnswer::Refuse);
    let request = json!({ "subject": "Otro", "text": "Sale en blanco." });
    scene.done("ana", "/tickets", request).await;
    comes_in(scene, "f1", ANA, "FAIL").await;
    comes_in(scene, "f2", COLLEAGUE, "PASS").await;
    scene.pass(TimeDelta::hours(2)).await;
    for verb in ["resend", "give-up"] {
        let listed = scene.done("luis", "/desk/notices?failed", Value::Null).await;
        let notices = listed["notices"].as_array().cloned().unwrap_or_default();
        let of = |prefix: &str| {
            let is =
                |it: &str| if prefix == "NORT" { it == prefix } else { it.starts_with(prefix) };
            let subject = |it: &&Value| it["subject"].as_str().is_some_and(is);
            notices
                .iter()
                .find(subject)
                .map(|it| (it["subject"].clone(), it["notice"]["id"].clone()))
        };
        for prefix in ["NORT-", "NORT", "IN_", "A_"] {
            let Some((subject, id)) = of(prefix) else { panic!("no notice of {prefix}: {listed}") };
            let (subject, id) = (subject.as_str().expect("text"), id.as_str().expect("text"));
            let path = format!("/desk/notices/{subject}/{id}/{verb}");
            scene.ask("luis", "POST", &path, &json!({})).await;
        }
        scene.pass(TimeDelta::hours(1)).await;
    }
}
