//! Mail that waits or was set aside, as the desk sees it and what it makes of it.

use app::ports::{Blobs as _, KeyPurpose, Secrets as _, SigningKey};
use domain::inbound::{DmarcPolicy, Verdict};
use mail::Address;
use mail::inbound::Receipt;
use serde_json::{Value, json};

use crate::kit::World;
use crate::world;

const NOON: &str = "2026-11-20T13:50:00-06:00";
const ANA: &str = "ana@cliente.example";
const PEDRO: &str = "pedro@acme.example";
const NOBODY: &str = "alguien@otra.example";

/// A mail that comes in now; `headers` are lines of their own.
fn comes_in(world: &World, id: &str, from: &str, headers: &str, proven: bool) {
    let raw = format!(
        "From: {from}\r\nTo: soporte@millora.example\r\nSubject: No timbra {id}\r\n{headers}\
         Message-ID: <{id}@cliente.example>\r\n\r\nError 301.\r\n\r\n> lo citado\r\n"
    );
    let ours = Address::parse("soporte@millora.example").unwrap();
    let receipt = Receipt {
        ses_id: id.to_owned(),
        received_at: app::ports::Clock::now(&world.env.clock),
        envelope_from: Address::parse(from).ok(),
        null_path: false,
        recipients: vec![ours],
        spf: Verdict::Gray,
        dkim: Verdict::Gray,
        dmarc: if proven { Verdict::Pass } else { Verdict::Fail },
        dmarc_policy: if proven { DmarcPolicy::Unknown } else { DmarcPolicy::None },
        spam: Verdict::Pass,
        virus: Verdict::Pass,
    };
    world.block_on(async {
        world.env.blobs.put(&format!("inbound/{id}"), raw.as_bytes()).await.unwrap();
        app::inbound::take(world.env.as_ref(), id, Some(&receipt)).await.unwrap();
    });
}

/// One of each kind: held twice, quarantined, a machine's without a ticket.
fn full(start: &str) -> World {
    let world = world(start);
    comes_in(&world, "m1", ANA, "", false);
    comes_in(&world, "m2", PEDRO, "", true);
    comes_in(&world, "m3", NOBODY, "", true);
    comes_in(&world, "m4", PEDRO, "Auto-Submitted: auto-replied\r\n", true);
    world
}

fn listed(world: &World, list: &str) -> Vec<(String, String, Vec<String>)> {
    let told = world.get("marta", format!("/desk/mails?list={list}")).json;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mails = told["mails"].as_array().unwrap().iter().map(|mail| {
        let acts = mail["acts"].as_array().unwrap().iter().map(text).collect();
        assert!(mail["why"].as_str().unwrap().ends_with('.'), "{mail}");
        (text(&mail["id"]), text(&mail["status"]), acts)
    });
    mails.collect()
}

fn status(world: &World, id: &str) -> String {
    let told = world.get("marta", format!("/desk/mails/{id}")).json;
    told["mail"]["status"].as_str().unwrap().to_owned()
}

#[test]
fn each_list_says_what_waits_and_what_can_be_done() {
    let world = full(NOON);
    let row = |id: &str, status: &str, acts: &[&str]| {
        let acts: Vec<_> = acts.iter().map(|act| (*act).to_owned()).collect();
        (id.to_owned(), status.to_owned(), acts)
    };
    let table = [
        (
            "held",
            vec![
                row("m2", "held_colleague", &["adopt", "link", "discard"]),
                row("m1", "held_unproven", &["release", "link", "discard"]),
            ],
        ),
        ("quarantined", vec![row("m3", "quarantined", &["link", "discard"])]),
        ("automatic", vec![row("m4", "note", &["link", "discard"])]),
        ("poison", vec![]),
    ];
    for (list, expected) in table {
        assert_eq!(listed(&world, list), expected, "{list}");
    }
    assert_eq!(world.get("ana", "/desk/mails?list=held").status, 403);
    assert_eq!(world.get("marta", "/desk/mails?list=otra").status, 422);
    assert_eq!(world.get("marta", "/desk/mails").status, 422);
    for unknown in ["m9", "../m1", "m1%2Fx"] {
        assert_eq!(world.get("marta", format!("/desk/mails/{unknown}")).status, 404, "{unknown}");
    }
}

#[test]
fn a_mail_is_shown_with_its_text_and_as_it_came() {
    let world = full(NOON);
    let told = world.get("marta", "/desk/mails/m1").json;
    assert_eq!(told["text"].as_str().unwrap().trim(), "Error 301.");
    assert!(told["whole_text"].as_str().unwrap().contains("> lo citado"));
    assert_eq!((&told["mail"]["from"], &told["mail"]["spoc"]), (&json!(ANA), &json!("ana")));
    let raw = world.get("marta", "/desk/mails/m1/raw").json;
    assert_eq!((&raw["method"], &raw["file"]["name"]), (&json!("GET"), &json!("m1.eml")));
    assert_eq!(raw["file"]["media_type"], "message/rfc822");
    assert_eq!(world.get("ana", "/desk/mails/m1/raw").status, 403);
}

#[test]
fn each_act_ends_the_waiting_once_and_says_who_and_why() {
    let world = full(NOON);
    let why = json!({"reason": "Lo confirmó por teléfono."});
    assert_eq!(world.post("marta", "/desk/mails/m1/release", json!({})).status, 422);
    let released = world.post("marta", "/desk/mails/m1/release", why.clone());
    assert_eq!((released.status, released.json["status"].as_str()), (200, Some("released")));
    let reference = released.json["ticket"].as_str().unwrap().to_owned();
    let opened = world.get("ana", format!("/tickets/{reference}")).json;
    assert_eq!(opened["received_at"], NOON, "{opened}");
    let told = world.get("marta", "/desk/mails/m1").json;
    assert_eq!(told["resolved"]["by"], "Marta Torres");
    assert_eq!(told["resolved"]["reason"], "Lo confirmó por teléfono.");
    assert_eq!(told["mail"]["acts"], json!([]));

    let again = world.post("marta", "/desk/mails/m1/discard", why.clone());
    assert_eq!(again.status, 409, "{}", again.json);
    assert!(again.json["detail"].as_str().unwrap().contains("fue liberado por la mesa"));
    let wrong = world.post("marta", "/desk/mails/m3/release", why.clone());
    assert_eq!(wrong.status, 409, "a stranger's is never released");

    world.set_clock("2026-11-20T14:20:00-06:00");
    let body = json!({"spoc": "luis", "reason": "Llamó Luis."});
    let adopted = world.post("marta", "/desk/mails/m2/adopt", body.clone());
    assert_eq!((adopted.status, adopted.json["status"].as_str()), (200, Some("adopted")));
    let theirs = adopted.json["ticket"].as_str().unwrap();
    let opened = world.get("luis", format!("/tickets/{theirs}")).json;
    assert_eq!(opened["received_at"], "2026-11-20T14:20:00-06:00", "{opened}");
    assert_eq!(world.post("marta", "/desk/mails/m2/adopt", body).status, 409);

    let linked = json!({"ticket": reference, "reason": "Es su aviso."});
    let path = "/desk/mails/m3/link";
    let none = json!({"ticket": "ACME-00000000-0", "reason": "No hay."});
    assert_eq!(world.post("marta", path, none).status, 422);
    assert_eq!(world.post("marta", path, linked).status, 200);
    let whole = world.get("marta", format!("/desk/tickets/{reference}"));
    assert!(whole.json.to_string().contains("No timbra m3"), "the note lies on the ticket");
    assert_eq!(world.post("marta", "/desk/mails/m4/discard", why).status, 200);
    for list in ["held", "quarantined", "automatic", "poison"] {
        assert_eq!(listed(&world, list), vec![], "{list}");
    }
    assert_eq!(
        (status(&world, "m3"), status(&world, "m4")),
        ("released".into(), "discarded".into())
    );
}

/// M7: what could not be taken is taken again when the desk asks for it, as often as it fails.
#[test]
fn what_could_not_be_taken_is_taken_again() {
    let world = world(NOON);
    let purpose = KeyPurpose::MailThreading;
    let keys = world.block_on(world.env.secrets.keys(purpose)).unwrap();
    // A key that is too short is our own fault, and does not pass.
    world.env.secrets.set(purpose, vec![SigningKey { id: 1, bytes: vec![1; 8] }]);
    let raw = format!("From: {ANA}\r\nSubject: No timbra\r\n\r\nError 301.\r\n");
    world.block_on(async {
        world.env.blobs.put("inbound/m1", raw.as_bytes()).await.unwrap();
        for _ in 0..app::limits::TRIES_MAX {
            let _ = app::inbound::take(world.env.as_ref(), "m1", None).await;
        }
    });
    let row = |acts: [&str; 2]| {
        vec![("m1".to_owned(), "poison".to_owned(), acts.map(str::to_owned).to_vec())]
    };
    assert_eq!(listed(&world, "poison"), row(["retry", "discard"]));
    let why = json!({"reason": "Se corrigió la llave."});
    let told = world.post("marta", "/desk/mails/m1/retry", why.clone());
    assert_eq!((told.status, told.json["rule"].as_str()), (409, Some("M7")), "{}", told.json);
    assert!(told.json["detail"].as_str().unwrap().contains("sigue sin poder procesarse"));
    assert_eq!(status(&world, "m1"), "poison");
    world.env.secrets.set(purpose, keys);
    assert_eq!(world.post("ana", "/desk/mails/m1/retry", why.clone()).status, 403);
    let told = world.post("marta", "/desk/mails/m1/retry", why.clone());
    assert_eq!((told.status, told.json["status"].as_str()), (200, Some("held_unproven")));
    assert_eq!(listed(&world, "poison"), vec![]);
    let told = world.post("marta", "/desk/mails/m1/retry", why);
    assert_eq!(told.status, 409, "{}", told.json);
    assert!(told.json["detail"].as_str().unwrap().contains("solo se vuelve a procesar"));
}

/// M6: of a mail on a ticket both sides read what was written, apart from what it quotes; nothing is lost.
#[test]
fn what_a_mail_quotes_is_folded_on_its_ticket() {
    let world = world(NOON);
    comes_in(&world, "m1", ANA, "", true);
    let listed = world.get("ana", "/tickets").json["tickets"].clone();
    let reference = listed[0]["reference"].as_str().unwrap().to_owned();
    let mine = world.get("ana", format!("/tickets/{reference}")).json;
    let message = &mine["messages"][0];
    assert_eq!(message["text"], "Error 301.");
    assert!(message["whole_text"].as_str().unwrap().contains("> lo citado"), "{message}");
    let whole = world.get("marta", format!("/desk/tickets/{reference}")).json;
    let event = &whole["timeline"][0];
    assert_eq!(event["words"], "No timbra m1\n\nError 301.");
    assert!(event["whole_words"].as_str().unwrap().contains("> lo citado"), "{event}");
    // What was typed into a form is shown as it is.
    let body = json!({"text": "Dice:\n> Error 302"});
    world.post("ana", format!("/tickets/{reference}/messages"), body);
    let message = world.get("ana", format!("/tickets/{reference}")).json["messages"][1].clone();
    assert_eq!(message["text"], "Dice:\n> Error 302");
    assert_eq!(message["whole_text"], json!(null));
}

#[test]
fn what_one_client_wrote_never_comes_to_another_ones_ticket() {
    let world = full(NOON);
    let theirs = world.open("berta", "Otra cosa");
    let body = json!({"ticket": theirs, "reason": "Por error."});
    for id in ["m1", "m2"] {
        let told = world.post("marta", format!("/desk/mails/{id}/link"), body.clone());
        assert_eq!((told.status, told.json["rule"].as_str()), (403, Some("13")), "{}", told.json);
    }
    let whole = world.get("marta", format!("/desk/tickets/{theirs}")).json.to_string();
    assert!(!whole.contains("Error 301"), "{whole}");
    assert_eq!(listed(&world, "held").len(), 2);
}

#[test]
fn of_two_at_once_one_wins() {
    let world = full(NOON);
    let body = json!({"reason": "Ya."});
    let ask = |act: &str| {
        let ask = world.ask("POST", format!("/desk/mails/m1/{act}"));
        world.future(ask.by("marta").json(&body))
    };
    let told = world.block_on(futures::future::join_all(["release", "discard"].map(ask)));
    let won = told.iter().filter(|it| it.status == 200).count();
    assert_eq!(won, 1, "{:?}", told.iter().map(|it| it.status).collect::<Vec<_>>());
    let tickets = world.get("ana", "/tickets").json["tickets"].as_array().unwrap().len();
    assert_eq!(tickets == 1, status(&world, "m1") == "released");
}
