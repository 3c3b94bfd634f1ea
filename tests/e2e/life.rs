//! One ticket's whole life, as its client and the desk see it.

use serde_json::json;

use crate::kit::{Desk, FRIDAY, array, times};
use crate::post;

const ANA: &str = "ana.robles@ferretera.example";
const MESA: &str = "mesa@millora.example";

fn mail(to: &str, kind: &str) -> (String, String) {
    (to.to_owned(), kind.to_owned())
}

/// > *7. … b) Si se recibe entre las 14:00 y las 17:00 … 9. Si el cliente no responde en 48 horas tras
/// > una solución, el ticket se considera cerrado.*
#[test]
fn a_ticket_from_its_opening_to_the_thanks() {
    let desk = Desk::start(FRIDAY);
    let ana = desk.person("ana");
    let opened = ana.open("k1", "No timbra");
    assert_eq!(opened.status, 201);
    assert_eq!(opened.body["target"], "2026-11-23T18:00:00-06:00");
    let reference = opened.reference();
    let ticket = |act: &str| format!("/tickets/{reference}{act}");
    the_first_mails_say_what_was_understood(&desk, &reference);

    // The same day, at its cost.
    let accepted = desk.json(&["ticket", "accept-same-day", &reference]);
    assert_eq!(accepted["event"], 2);
    let seen = ana.get(&ticket("")).body;
    assert_eq!(seen["target"], "2026-11-20T18:00:00-06:00");
    assert_eq!(seen["clocks"][0]["tier"], "same_day_extended");
    assert_eq!(seen["charges"][0]["state"], "pending");
    let refused = ana.post(&ticket("/same-day"), "k2", &json!({ "accept": false }));
    assert_eq!((refused.status, refused.code()), (409, "final"), "{:#}", refused.body);
    assert_eq!(refused.body["rule"], "7.2a");

    // An answer, a question, its answer.
    desk.json(&["desk", "reply", &reference, "Ya lo vemos."]);
    // The list of mails answers once they are out: with the acceptance the reply counts (G15).
    desk.mails();
    let seen = ana.get(&ticket("")).body;
    assert_eq!(seen["clocks"][0]["result"], "met");
    assert_eq!(seen["charges"][0]["state"], "accrued");
    assert_eq!(seen["charges"][0]["amount_centavos"], 87_000);
    desk.json(&["desk", "ask", &reference, "¿Qué folio?"]);
    desk.mails();
    assert_eq!(ana.get(&ticket("")).body["awaiting"]["what"], "information");
    let told = ana.post(&ticket("/messages"), "k3", &json!({ "text": "El A-301." }));
    assert_eq!(told.status, 201);
    let seen = ana.get(&ticket("")).body;
    assert!(seen["awaiting"].is_null(), "{seen:#}");

    // A solution; silence; the reminder and the closing, once each.
    desk.json(&["desk", "solve", &reference, "Se renovó el certificado."]);
    let sent: Vec<String> = desk
        .advance("50h")
        .iter()
        .flat_map(|stop| array(&stop["mails"]).iter().map(|mail| mail["subject"].to_string()))
        .collect();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent[0].contains("Su ticket está por cerrarse"), "{sent:?}");
    assert!(sent[1].contains("Ticket cerrado"), "{sent:?}");
    let seen = ana.get(&ticket("")).body;
    assert_eq!(seen["closed"]["reason"], "auto");
    assert!(desk.advance("2h").iter().all(|stop| array(&stop["mails"]).is_empty()));

    // A word after the closing reopens; the desk sees that it was thanks.
    let thanks = ana.post(&ticket("/messages"), "k4", &json!({ "text": "¡Gracias!" }));
    assert_eq!(thanks.status, 201);
    let seen = desk.whole(&reference);
    assert_eq!((&seen["cycle"], &seen["summary"]["state"]), (&json!(2), &json!("open")));
    let message = thanks.body["event"].to_string();
    desk.json(&["desk", "thanks", &reference, &message]);
    let seen = desk.whole(&reference);
    assert_eq!(seen["summary"]["state"], "closed", "{seen:#}");
    assert_eq!(seen["closed"]["reason"], "auto", "the earlier closing stands");
    for (kind, count) in [("opened", 1), ("solution_reminded", 1), ("closed", 1), ("reopened", 1)] {
        assert_eq!(times(&seen, kind), count, "{kind}");
    }
    every_mail_was_sent_once(&desk, &reference);
    post::every_mail_is_well_made(&desk);
}

fn the_first_mails_say_what_was_understood(desk: &Desk, reference: &str) {
    let mails = desk.mails();
    let kinds: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(
        kinds,
        [
            format!("[{reference}] Recibimos su solicitud: No timbra"),
            format!("[{reference}] Solicitud nueva: No timbra"),
            format!("[{reference}] Oferta de atención el mismo día: No timbra"),
        ]
    );
    let acknowledgement = &mails[0];
    assert_eq!(acknowledgement.to, ANA);
    for body in [&acknowledgement.text, &acknowledgement.html] {
        for words in [
            reference,
            "No timbra",
            "lunes 23 de noviembre de 2026, 18:00 h (hora de la Ciudad de México)",
            "cláusula 7",
            "$870.00 MXN",
            "viernes 20 de noviembre de 2026, 17:00 h",
            "crítica",
        ] {
            assert!(body.contains(words), "{words} is missing: {body}");
        }
    }
    for header in ["Auto-Submitted: auto-", "Reply-To: ", "References: "] {
        assert!(acknowledgement.raw.contains(header), "{header}: {}", acknowledgement.raw);
    }
}

fn every_mail_was_sent_once(desk: &Desk, reference: &str) {
    let expected = [
        mail(ANA, "Recibimos su solicitud"),
        mail(MESA, "Solicitud nueva"),
        mail(ANA, "Oferta de atención el mismo día"),
        mail(ANA, "Atención el mismo día aceptada"),
        mail(ANA, "Respuesta a su solicitud"),
        mail(ANA, "Necesitamos información"),
        mail(ANA, "Solución propuesta"),
        mail(ANA, "Su ticket está por cerrarse"),
        mail(ANA, "Ticket cerrado"),
        mail(ANA, "Reabrimos su ticket"),
        mail(MESA, "Ticket reabierto"),
        mail(ANA, "Corrección"),
    ];
    assert_eq!(desk.mails_about(reference), expected);
}

#[test]
fn every_date_is_explained_to_the_client_and_to_the_desk() {
    let desk = Desk::start(FRIDAY);
    let reference = desk.person("ana").open("k1", "No timbra").reference();
    for side in ["ticket", "desk"] {
        let why = desk.json(&[side, "why", &reference]);
        let step = &why["clocks"][0]["steps"][0];
        assert_eq!((&step["rule"], &step["clause"]), (&json!("7.2"), &json!(7)));
        assert_eq!(why["clocks"][0]["target"], "2026-11-23T18:00:00-06:00");
        let told = desk.text(&[side, "why", &reference]);
        for words in ["cláusula 7, regla 7.2", "same_day_cutoff = 14:00", "valor predeterminado"] {
            assert!(told.contains(words), "{side}: {words} is missing:\n{told}");
        }
    }
    desk.json(&["ticket", "accept-same-day", &reference]);
    let told = desk.text(&["ticket", "why", &reference]);
    for words in ["regla 7.2a", "$870.00 MXN", "vie 20 nov 2026, 18:00 h", "póliza"] {
        assert!(told.contains(words), "{words} is missing:\n{told}");
    }
}

/// > *9. … El cliente puede …* A SPoC who confirms closes the ticket; nothing follows.
#[test]
fn a_confirmed_solution_is_neither_reminded_nor_closed_again() {
    let desk = Desk::start(FRIDAY);
    let reference = desk.person("ana").open("k1", "No timbra").reference();
    desk.json(&["desk", "solve", &reference, "Se renovó el certificado."]);
    desk.json(&["ticket", "confirm", &reference]);
    let before = desk.mails_about(&reference).len();
    desk.advance("72h");
    assert_eq!(desk.mails_about(&reference).len(), before);
    let seen = desk.whole(&reference);
    assert_eq!(seen["closed"]["reason"], "confirmed");
    assert_eq!(times(&seen, "closed"), 1);
}
