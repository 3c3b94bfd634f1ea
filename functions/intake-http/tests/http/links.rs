//! Action links (G14): from the mail, through the router, to what became of the ticket.

use std::collections::BTreeMap;

use app::Failure;
use app::compose;
use app::execute::{self, Act};
use app::ports::KeyPurpose;
use app::records::NoticeSubject;
use app::tickets;
use domain::ticket::{Command, SpocAct};
use domain::{Actor, Power, SpocId, TicketRef};
use http::header::CONTENT_SECURITY_POLICY;
use mail::outbound::Action;
use serde_json::json;

use crate::kit::World;
use crate::pages::{FORM, look, page, press, shows};

/// A morning on which everything is served.
const MORNING: &str = "2026-11-17T10:00:00-06:00";
/// An afternoon on which the same day is offered until 17:00.
const AFTERNOON: &str = "2026-11-17T14:30:00-06:00";
const BLOCKED: &str = "operacion=invoicing&detenida=si&descripcion=";

fn world(start: &str) -> World {
    World::new(start, |env| intake_http::router(env.clone()))
}

/// The links of a ticket's mails to a SPoC, the newest of each act: paths of this router.
fn links(world: &World, reference: &str, who: &str) -> BTreeMap<Action, String> {
    let env = world.env.as_ref();
    let ticket = TicketRef::parse(reference).unwrap();
    world.block_on(async {
        let whole = tickets::whole(env, &ticket).await.unwrap();
        let mut notices = whole.notices;
        notices.sort_by_key(|(_, record, _)| match &record.subject {
            NoticeSubject::Ticket { notice, .. } => notice.about,
            NoticeSubject::Mail(_) | NoticeSubject::Account { .. } | NoticeSubject::Client(_) => {
                panic!("a ticket's notices are about it")
            }
        });
        let mut found = BTreeMap::new();
        for (key, record, _) in notices {
            let loaded = Some(&whole.loaded);
            let mail = compose::compose(env, &key, &record, loaded).await.unwrap();
            if mail.to != format!("{who}@cliente.example") {
                continue;
            }
            let parsed = mail_parser::MessageParser::default().parse(&mail.mime).unwrap();
            let text = parsed.body_text(0).unwrap();
            for action in Action::ALL {
                let label = format!("{}: ", action.label());
                let line = text.lines().find_map(|line| line.strip_prefix(&label));
                let Some((_, token)) = line.and_then(|url| url.split_once("/a/")) else { continue };
                found.insert(action, format!("/a/{token}"));
            }
        }
        found
    })
}

/// How many events the ticket has.
fn events(world: &World, reference: &str) -> u32 {
    let ticket = TicketRef::parse(reference).unwrap();
    let whole = world.block_on(tickets::whole(world.env.as_ref(), &ticket)).unwrap();
    whole.loaded.head.doc.ticket.seq
}

/// A ticket with the link of an act, and who has it.
fn with_link(action: Action) -> (World, String, String) {
    let (start, who) = match action {
        Action::Confirm | Action::StillFails | Action::DeclareCritical => (MORNING, "ana"),
        Action::AcceptSameDay | Action::DeclineSameDay => (AFTERNOON, "ana"),
        Action::AcceptEmergencyCost => (MORNING, "berta"),
    };
    let world = world(start);
    let reference = world.open(who, "No timbra <b>nada</b>");
    match action {
        Action::Confirm | Action::StillFails => world.solve(&reference),
        Action::AcceptEmergencyCost => {
            let body = json!({"essential_operation": "invoicing", "fully_blocked": true});
            let told = world.post(who, format!("/tickets/{reference}/critical"), body);
            assert_eq!(told.status, 200, "{}", told.json);
        }
        Action::AcceptSameDay | Action::DeclineSameDay | Action::DeclareCritical => {}
    }
    let link = links(&world, &reference, who)[&action].clone();
    (world, reference, link)
}

#[test]
fn each_act_is_shown_any_number_of_times_and_carried_out_once() {
    let cases: [(Action, &str, &[&str], &[&str]); 6] = [
        (
            Action::Confirm,
            "",
            &["se cierra en este momento", "Puede reabrirse antes de"],
            &["quedó cerrado"],
        ),
        (Action::StillFails, "", &["seguirá abierto"], &["Recibimos su aviso"]),
        (
            Action::AcceptSameDay,
            "",
            &[
                "$870.00 MXN, impuestos incluidos",
                "martes 17 de noviembre de 2026, 18:00 h (hora de la Ciudad de México)",
                "definitiva",
            ],
            &["Atención el mismo día aceptada", "$870.00 MXN"],
        ),
        (
            Action::DeclineSameDay,
            "",
            &["No hay costo", "miércoles 18 de noviembre de 2026"],
            &["rechazada"],
        ),
        (
            Action::AcceptEmergencyCost,
            "",
            &["$3,480.00 MXN, impuestos incluidos"],
            &["Costo autorizado"],
        ),
        (
            Action::DeclareCritical,
            BLOCKED,
            &["¿Está detenida por completo?", "no incluye atención emergente"],
            &["declarada crítica"],
        ),
    ];
    for (action, form, before, after) in cases {
        let (world, reference, link) = with_link(action);
        let seq = events(&world, &reference);
        let name = if action == Action::AcceptEmergencyCost {
            "Berta Ríos, de Beta"
        } else {
            "Ana Robles, de Acme"
        };
        for _ in 0..3 {
            let told = look(&world, &link);
            shows(&told, 200, before);
            shows(
                &told,
                200,
                &[
                    name,
                    &reference,
                    "No timbra &#60;b&#62;",
                    "<form method=\"post\">",
                    action.label(),
                ],
            );
            assert_eq!(world.ask("HEAD", &link).send().status, 200);
        }
        assert_eq!(events(&world, &reference), seq, "looking at {action:?} acted");
        let told = world.ask("POST", &link).raw(FORM, form).send();
        shows(&told, 200, after);
        assert!(!page(&told).contains("<form"), "{action:?}");
        let acted = events(&world, &reference);
        assert!(acted > seq, "{action:?} left no event");
        for told in [look(&world, &link), world.ask("POST", &link).raw(FORM, form).send()] {
            shows(&told, 410, &["Este enlace ya se usó", "Fue el martes 17 de noviembre de 2026"]);
            assert!(!page(&told).contains("<form"), "{action:?}");
        }
        assert_eq!(events(&world, &reference), acted, "{action:?} acted twice");
    }
}

#[test]
fn two_presses_at_once_act_once() {
    let (world, reference, link) = with_link(Action::StillFails);
    let seq = events(&world, &reference);
    let presses = (0..4).map(|_| world.future(world.ask("POST", &link).raw(FORM, "")));
    let futures: Vec<_> = presses.collect();
    let statuses: Vec<u16> = world.block_on(async {
        let mut statuses = Vec::new();
        for told in futures::future::join_all(futures).await {
            statuses.push(told.status);
        }
        statuses
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(events(&world, &reference), seq + 1);
}

#[test]
fn a_changed_link_is_none() {
    let (world, reference, link) = with_link(Action::Confirm);
    let seq = events(&world, &reference);
    for place in 3..link.len() {
        let old = link.as_bytes()[place];
        let new = if old == b'0' { '1' } else { '0' };
        let changed = format!("{}{new}{}", &link[..place], &link[place + 1..]);
        for method in ["GET", "POST"] {
            let told = world.ask(method, &changed).send();
            shows(&told, 404, &["No reconocemos este enlace"]);
            assert!(!page(&told).contains("Ana"), "{changed}");
        }
    }
    for path in [
        "/a/x",
        "/a/%FF%FE",
        "/a/..",
        &format!("/a/{}", "y".repeat(5_000)),
        &link[..link.len() - 1],
    ] {
        shows(&look(&world, path), 404, &["No reconocemos este enlace"]);
    }
    assert_eq!(events(&world, &reference), seq);
}

#[test]
fn a_link_of_one_client_does_nothing_to_another() {
    let (world, _, link) = with_link(Action::Confirm);
    let other = world.open("berta", "De otra empresa");
    world.solve(&other);
    let seq = events(&world, &other);
    let mine = links(&world, &other, "berta")[&Action::Confirm].clone();
    // The signature of one on the words of the other, both ways.
    let signature = |link: &str| link.rsplit_once('.').map(|(_, mac)| mac.to_owned()).unwrap();
    let words = |link: &str| link.rsplit_once('.').map(|(words, _)| words.to_owned()).unwrap();
    for forged in [
        format!("{}.{}", words(&mine), signature(&link)),
        format!("{}.{}", words(&link), signature(&mine)),
    ] {
        shows(&press(&world, &forged), 404, &["No reconocemos este enlace"]);
    }
    press(&world, &link);
    assert_eq!(events(&world, &other), seq);
}

#[test]
fn links_in_flight_survive_one_rotation_of_the_keys() {
    let (world, reference, link) = with_link(Action::Confirm);
    world.env.secrets.rotate(KeyPurpose::ActionLinks);
    let newer = links(&world, &reference, "ana")[&Action::Confirm].clone();
    assert_ne!(link, newer, "mails are signed with the newest key");
    shows(&look(&world, &newer), 200, &["Quedó resuelto"]);
    shows(&press(&world, &link), 200, &["quedó cerrado"]);
    world.env.secrets.lose(KeyPurpose::ActionLinks);
    shows(&look(&world, &newer), 503, &["No se pudo en este momento"]);
    shows(&press(&world, &newer), 503, &["No se pudo en este momento"]);
}

#[test]
fn a_link_expires_with_what_it_acts_on() {
    let (world, reference, link) = with_link(Action::AcceptSameDay);
    let seq = events(&world, &reference);
    world.set_clock("2026-11-17T16:59:59.999-06:00");
    shows(&look(&world, &link), 200, &["<form"]);
    world.set_clock("2026-11-17T17:00:00-06:00");
    for told in [look(&world, &link), press(&world, &link)] {
        shows(&told, 410, &["ya venció", "17:00 h", "objetivo sin costo"]);
    }
    assert_eq!(events(&world, &reference), seq);

    let (world, reference, link) = with_link(Action::StillFails);
    // Closed by silence on Thursday at 10:00; reopened on Friday with the link of the solution.
    world.set_clock("2026-11-20T09:00:00-06:00");
    shows(&look(&world, &link), 200, &["se reabrirá", "viernes 20 de noviembre de 2026, 18:00 h"]);
    shows(&press(&world, &link), 200, &["se reabrió"]);
    // Both links of the first cycle are about something that is past.
    let seq = events(&world, &reference);
    let first = links(&world, &reference, "ana");
    shows(&press(&world, &first[&Action::Confirm]), 409, &["ya no corresponde"]);
    assert_eq!(events(&world, &reference), seq);

    let (world, reference, link) = with_link(Action::StillFails);
    let seq = events(&world, &reference);
    world.set_clock("2026-11-27T09:00:00-06:00");
    for told in [look(&world, &link), press(&world, &link)] {
        shows(&told, 409, &["El ticket está cerrado", "podía reabrirse"]);
    }
    assert_eq!(events(&world, &reference), seq);
    world.set_clock("2027-06-01T09:00:00-06:00");
    shows(&press(&world, &link), 410, &["ya venció"]);
}

#[test]
fn an_act_for_one_cycle_is_refused_in_another() {
    // What a reopening between the look and the act comes to: the domain is asked in the new cycle.
    let (world, reference, _) = with_link(Action::Confirm);
    let seq = events(&world, &reference);
    let spoc = SpocId::parse("ana").unwrap();
    let at = app::ports::Clock::now(&world.env.clock);
    let confirm = Command::Spoc { by: spoc.clone(), received_at: at, act: SpocAct::Confirm };
    let mut act = Act::system(TicketRef::parse(&reference).unwrap(), confirm);
    act.by = Actor::Spoc(spoc);
    for (cycle, refused) in [(2, true), (1, false)] {
        act.only_in = Some(cycle);
        let answer = world.block_on(execute::execute(world.env.as_ref(), &act));
        let is_refused = matches!(answer, Err(Failure::Refused(refusal)) if refusal.rule == "9.0");
        assert_eq!(is_refused, refused, "cycle {cycle}");
        assert_eq!(events(&world, &reference) == seq, refused, "cycle {cycle}");
    }
}

/// The closing by silence stands, and the confirmation is kept beside it: should that closing never have
/// been, it counts (9.6, G7).
#[test]
fn confirming_what_is_closed_changes_nothing_and_says_so() {
    let (world, reference, link) = with_link(Action::Confirm);
    world.set_clock("2026-11-20T09:00:00-06:00");
    shows(&look(&world, &link), 200, &["El ticket ya está cerrado", "queda constancia"]);
    let closed = "jueves 19 de noviembre de 2026, 10:00 h";
    shows(&press(&world, &link), 200, &["Registramos su confirmación", closed]);
    let seq = events(&world, &reference);
    shows(&press(&world, &link), 410, &["ya se usó"]);
    let told = world.get("ana", format!("/tickets/{reference}"));
    assert_eq!(told.json["closed"]["reason"], "auto", "{}", told.json);
    // Whoever confirms after that finds it done.
    let told = world.post("ana", format!("/tickets/{reference}/confirm"), json!({}));
    assert_eq!(told.json["event"], json!(null), "{}", told.json);
    assert_eq!(events(&world, &reference), seq);
}

#[test]
fn a_decline_may_be_changed_and_an_acceptance_is_final() {
    let (world, reference, decline) = with_link(Action::DeclineSameDay);
    let accept = links(&world, &reference, "ana")[&Action::AcceptSameDay].clone();
    shows(&press(&world, &decline), 200, &["rechazada"]);
    shows(&press(&world, &accept), 200, &["aceptada"]);
    let (world, reference, accept) = with_link(Action::AcceptSameDay);
    let decline = links(&world, &reference, "ana")[&Action::DeclineSameDay].clone();
    shows(&press(&world, &accept), 200, &["aceptada"]);
    shows(&press(&world, &decline), 409, &["La aceptación es definitiva", "No se registró nada"]);
}

#[test]
fn powers_are_read_when_the_button_is_pressed() {
    let (world, reference, link) = with_link(Action::AcceptSameDay);
    let seq = events(&world, &reference);
    let client = TicketRef::parse(&reference).unwrap().client();
    world.block_on(async {
        let env = world.env.as_ref();
        let file = app::client::load(env, &client).await.unwrap().unwrap();
        let mut spoc = file.spocs.iter().find(|spoc| spoc.id.as_str() == "ana").unwrap().clone();
        spoc.powers.retain(|power| *power != Power::AuthoriseCost);
        // Without the power he is a newer version, known from now on.
        spoc.known_from = Some(app::ports::Clock::now(&env.clock));
        let key = app::keys::spoc(&client, &spoc.id, 2);
        let item = app::codec::Stored::new(spoc).item(key, 1).unwrap();
        let when = app::commit::Condition::Absent;
        let writes = vec![app::commit::Write::Put { item, when }];
        app::ports::Store::commit(&env.store, &app::commit::Commit { writes }).await.unwrap();
    });
    for told in [look(&world, &link), press(&world, &link)] {
        shows(&told, 409, &["Su designación no permite este acto", "autorizar costos"]);
    }
    assert_eq!(events(&world, &reference), seq);
}

#[test]
fn only_who_has_the_power_is_given_the_link() {
    let world = world(AFTERNOON);
    let reference = world.open("luis", "No timbra");
    let luis = links(&world, &reference, "luis");
    assert!(luis.contains_key(&Action::DeclareCritical));
    assert!(!luis.contains_key(&Action::AcceptSameDay), "luis may not authorise costs");
    assert!(links(&world, &reference, "ana").contains_key(&Action::AcceptSameDay));
}

#[test]
fn a_declaration_answers_both_questions() {
    let (world, reference, link) = with_link(Action::DeclareCritical);
    let seq = events(&world, &reference);
    let cases: [(&str, &[&str]); 6] = [
        ("", &["qué operación esencial", "Indique si está detenida"]),
        (
            "operacion=invoicing",
            &["Indique si está detenida", "value=\"invoicing\" required checked"],
        ),
        ("operacion=nada&detenida=si", &["Indique qué operación"]),
        ("operacion=payroll&detenida=no", &["solo si impide por completo"]),
        ("operacion=other&detenida=si&descripcion=+%E2%80%AE", &["Describa con sus palabras"]),
        (
            "operacion=other&detenida=quiz%C3%A1s&descripcion=El+%3Cportal%3E",
            &["El &#60;portal&#62;</textarea>"],
        ),
    ];
    for (form, words) in cases {
        let told = world.ask("POST", &link).raw(FORM, form).send();
        shows(&told, 422, words);
        shows(&told, 422, &["role=\"alert\"", "<form"]);
    }
    assert_eq!(events(&world, &reference), seq);
    let form = "operacion=other&detenida=si&descripcion=El+portal+de+proveedores";
    shows(&world.ask("POST", &link).raw(FORM, form).send(), 200, &["declarada crítica"]);
    let told = world.get("ana", format!("/tickets/{reference}"));
    assert!(told.json.to_string().contains("El portal de proveedores"), "{}", told.json);
}

#[test]
fn a_page_keeps_to_itself() {
    let (world, _, link) = with_link(Action::Confirm);
    for told in [look(&world, &link), look(&world, "/a/x"), press(&world, &link)] {
        let header = |name: &str| told.headers[name].to_str().unwrap().to_owned();
        let policy = told.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        for part in [
            "default-src 'none'",
            "style-src 'sha256-",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(told.headers.get_all(CONTENT_SECURITY_POLICY).iter().count(), 1);
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert!(told.headers.get("set-cookie").is_none());
        let page = page(&told);
        for outside in ["<script", "http:", "https:", "src=", "<link", "onclick", "<a "] {
            assert!(!page.contains(outside), "the page has {outside}");
        }
        for part in ["<html lang=\"es-MX\">", "<main>", "<h1>", "name=\"viewport\"", "</html>"] {
            assert!(page.contains(part), "the page lacks {part}");
        }
    }
    let told = world.ask("DELETE", &link).send();
    assert_eq!(told.status, 405);
}
