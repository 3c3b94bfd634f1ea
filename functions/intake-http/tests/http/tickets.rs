//! Every path of a SPoC, as he uses it.

use crate::kit::World;
use serde_json::json;

fn world(start: &str) -> World {
    World::new(start, |env| intake_http::router(env.clone()))
}

#[test]
fn a_ticket_is_opened_listed_and_read() {
    let world = world("2026-11-20T10:00:00-06:00");
    let body = json!({"subject": "No timbra", "text": "Desde hoy", "module": "account_edi"});
    let told = world.post("ana", "/tickets", body);
    assert_eq!(told.status, 201);
    let reference = told.json["reference"].as_str().unwrap();
    assert_eq!(told.headers["location"], format!("/tickets/{reference}"));
    assert!(!told.headers.contains_key("idempotent-replayed"));
    assert_eq!(told.json["state"], "open");
    assert_eq!(told.json["received_at"], "2026-11-20T10:00:00-06:00");
    assert_eq!(told.json["target"], "2026-11-20T18:00:00-06:00");
    assert_eq!(
        told.json["target_text"],
        "objetivo de atención: viernes 20 de noviembre de 2026, 18:00 h (hora de la Ciudad de México)"
    );
    assert_eq!(told.json["clocks"][0]["tier"], "same_day_standard");
    assert_eq!(told.json["clocks"][0]["result"], "pending");
    assert_eq!(told.json["criticality"]["state"], "none");
    assert_eq!(told.json["same_day_offer"], json!(null));
    assert_eq!(told.json["messages"][0]["author"], "Ana Robles");
    assert_eq!(told.json["messages"][0]["text"], "Desde hoy");
    assert_eq!(told.json["messages"][0]["kind"], "request");

    let read = world.get("luis", format!("/tickets/{reference}"));
    assert_eq!((read.status, &read.json), (200, &told.json));
    let list = world.get("luis", "/tickets");
    assert_eq!(list.json["tickets"][0]["reference"], reference);
    assert_eq!(list.json["next"], json!(null));
    assert_eq!(world.get("ana", "/tickets?state=closed").json["tickets"], json!([]));
}

#[test]
fn a_list_is_read_page_by_page() {
    let world = world("2026-11-20T10:00:00-06:00");
    let opened: Vec<_> = (0..5)
        .map(|n| {
            world.env.clock.advance_ms(1_000);
            world.open("ana", &format!("Solicitud {n}"))
        })
        .collect();
    let mut seen = Vec::new();
    let mut path = "/tickets?limit=2".to_owned();
    loop {
        let page = world.get("ana", path.as_str());
        assert_eq!(page.status, 200, "{}", page.json);
        for ticket in page.json["tickets"].as_array().unwrap() {
            seen.push(ticket["reference"].as_str().unwrap().to_owned());
        }
        let Some(next) = page.json["next"].as_str() else { break };
        path = format!("/tickets?limit=2&after={next}");
    }
    seen.reverse();
    assert_eq!(seen, opened);
    // The page of another client's list is none of this one.
    let next = world.get("ana", "/tickets?limit=2").json["next"].as_str().unwrap().to_owned();
    let told = world.get("berta", format!("/tickets?after={next}"));
    let listed = told.json["tickets"].as_array().map_or(0, Vec::len);
    assert!(told.status == 422 || listed == 0, "{}", told.json);
}

#[test]
fn of_closed_tickets_the_last_closed_comes_first() {
    let world = world("2026-11-20T10:00:00-06:00");
    let opened = ["Primera", "Segunda", "Tercera"].map(|subject| {
        world.env.clock.advance_ms(1_000);
        world.open("ana", subject)
    });
    for n in [2, 0, 1] {
        world.env.clock.advance_ms(1_000);
        let path = format!("/tickets/{}/withdraw", opened[n]);
        assert_eq!(world.post("ana", path, json!({})).status, 200);
    }
    let list = world.get("ana", "/tickets?state=closed").json;
    let listed = [0, 1, 2].map(|n| list["tickets"][n]["subject"].clone());
    assert_eq!(listed, ["Segunda", "Primera", "Tercera"]);
}

#[test]
fn the_same_day_is_offered_declined_and_accepted() {
    let world = world("2026-11-20T14:10:00-06:00");
    let reference = world.open("ana", "Reporte de ventas");
    let path = format!("/tickets/{reference}");
    let offer = world.get("ana", path.as_str()).json["same_day_offer"].clone();
    assert_eq!(offer["limit"], "2026-11-20T17:00:00-06:00");
    assert_eq!(offer["price_centavos"], 87_000);
    assert_eq!((&offer["can_accept"], &offer["answer"]), (&json!(true), &json!("none")));
    assert!(offer["text"].as_str().unwrap().contains("$870.00 MXN"));

    let answer =
        |who, accept| world.post(who, format!("{path}/same-day"), json!({"accept": accept}));
    let told = answer("luis", true);
    assert_eq!((told.status, told.code()), (403, "not_authorised"));
    assert_eq!(told.json["rule"], "7.2a");
    assert_eq!(answer("ana", false).status, 200);
    let declined = world.get("ana", path.as_str()).json["same_day_offer"].clone();
    assert_eq!((&declined["answer"], &declined["can_accept"]), (&json!("declined"), &json!(true)));
    let told = answer("ana", true);
    assert_eq!((told.status, told.json["event"].is_u64()), (200, true));
    assert_eq!(answer("ana", true).json["event"], json!(null), "a second time changes nothing");
    let told = answer("ana", false);
    assert_eq!((told.status, told.code()), (409, "final"));
    let ticket = world.get("ana", path.as_str()).json;
    assert_eq!(ticket["target"], "2026-11-20T18:00:00-06:00");
    assert_eq!(ticket["charges"][0]["state"], "pending");
    assert_eq!(ticket["charges"][0]["amount_centavos"], 87_000);

    world.set_clock("2026-11-20T17:00:00-06:00");
    let late = world.open("ana", "Otra");
    let told = world.post("ana", format!("/tickets/{late}/same-day"), json!({"accept": true}));
    assert_eq!((told.status, told.code()), (409, "no_offer"));
}

#[test]
fn an_incident_is_declared_critical_and_its_cost_accepted() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("berta", "No se factura");
    let path = format!("/tickets/{reference}");
    let declare = |body| world.post("berta", format!("{path}/critical"), body);
    let told = declare(json!({"essential_operation": "invoicing", "fully_blocked": false}));
    assert_eq!((told.status, told.code()), (409, "not_critical"));
    let told = declare(json!({"essential_operation": "other", "fully_blocked": true}));
    assert_eq!((told.status, told.code()), (409, "not_critical"));
    let body = json!({"essential_operation": "invoicing", "fully_blocked": true, "description": "Nada timbra"});
    assert_eq!(declare(body).status, 200);
    let ticket = world.get("berta", path.as_str()).json;
    assert_eq!(ticket["criticality"]["state"], "declared");
    assert_eq!(ticket["target"], "2026-11-20T10:30:00-06:00");
    assert_eq!(ticket["emergency_cost"]["can_accept"], true);
    assert_eq!(ticket["messages"][1]["kind"], "critical_declaration");
    let told = world.post("berta", format!("{path}/emergency-cost"), json!({}));
    assert_eq!(told.status, 200);
    let ticket = world.get("berta", path.as_str()).json;
    assert_eq!(ticket["emergency_cost"]["can_accept"], false);
    assert_eq!(ticket["charges"][0]["kind"], "emergency");
    let acme = world.open("ana", "Sin emergencia");
    let told = world.ask("POST", format!("/tickets/{acme}/emergency-cost")).by("ana").send();
    assert_eq!((told.status, told.code()), (409, "no_offer"));
}

#[test]
fn a_request_can_be_declared_critical_at_once() {
    let world = world("2026-11-20T10:00:00-06:00");
    let critical = json!({"essential_operation": "payroll", "fully_blocked": true, "description": "Hoy se paga"});
    let body = json!({"subject": "Nómina", "text": "No calcula", "critical": critical});
    let told = world.post("berta", "/tickets", body);
    assert_eq!(told.status, 201, "{}", told.json);
    assert_eq!(told.json["criticality"]["essential_operation"], "payroll");
    assert_eq!(told.json["clocks"][0]["tier"], "immediate");
    assert_eq!(told.json["messages"][0]["text"], "No calcula\n\nHoy se paga");
}

#[test]
fn a_ticket_is_answered_withdrawn_reopened_and_at_last_continued() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let path = format!("/tickets/{reference}");
    let write = |text: &str| world.post("luis", format!("{path}/messages"), json!({"text": text}));
    let told = write("Ya probé otra vez");
    assert_eq!(told.status, 201);
    assert_eq!(told.json["opened_new"], false);
    let told = world.post("ana", format!("{path}/confirm"), json!({}));
    assert_eq!((told.status, told.code()), (409, "no_solution"));
    world.env.clock.advance_ms(60_000);
    assert_eq!(world.post("ana", format!("{path}/withdraw"), json!({})).status, 200);
    let closed = world.get("ana", path.as_str()).json;
    assert_eq!(closed["state"], "closed");
    assert_eq!(closed["closed"]["reason"], "withdrawn");
    assert_eq!(closed["closed"]["reopens_until"], "2026-11-28T00:00:00-06:00");
    assert_eq!(world.get("ana", "/tickets").json["tickets"], json!([]));
    assert_eq!(world.get("ana", "/tickets?state=closed").json["tickets"][0]["state"], "closed");

    world.set_clock("2026-11-23T10:00:00-06:00");
    assert_eq!(write("Sigue fallando").json["opened_new"], false);
    let again = world.get("ana", path.as_str()).json;
    assert_eq!((&again["state"], &again["cycle"]), (&json!("open"), &json!(2)));
    world.env.clock.advance_ms(60_000);
    world.post("ana", format!("{path}/withdraw"), json!({}));

    world.set_clock("2026-12-14T10:00:00-06:00");
    let told = write("Otra vez");
    assert_eq!((told.status, &told.json["opened_new"]), (201, &json!(true)));
    let newer = told.json["reference"].as_str().unwrap();
    assert_ne!(newer, reference);
    assert_eq!(told.headers["location"], format!("/tickets/{newer}"));
    let newer = world.get("ana", format!("/tickets/{newer}")).json;
    assert_eq!(newer["continues"], reference.as_str());
    assert_eq!(world.get("ana", path).json["continued_by"], newer["reference"]);
}

#[test]
fn a_solution_waits_for_an_answer_and_is_confirmed() {
    let world = world("2026-11-17T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    let path = format!("/tickets/{reference}");
    world.solve(&reference);
    let ticket = world.get("ana", path.as_str()).json;
    assert_eq!(ticket["closes_at"], "2026-11-19T10:00:00-06:00");
    assert_eq!(ticket["clocks"][0]["result"], "met");
    assert_eq!(
        ticket["clocks"][0]["result_text"],
        "objetivo cumplido: atención el martes 17 de noviembre de 2026, 10:00 h (hora de la Ciudad de México)"
    );
    let reply = &ticket["messages"][1];
    assert_eq!((&reply["kind"], &reply["author"]), (&json!("solution"), &json!("Marta Torres")));
    let why = world.get("ana", format!("{path}/why")).json;
    assert_eq!(why["closing"]["closes_at"], "2026-11-19T10:00:00-06:00");
    assert_eq!(why["closing"]["reminder_at"], "2026-11-18T10:00:00-06:00");
    assert!(!why["closing"]["steps"].as_array().unwrap().is_empty());

    let told = world.post(
        "ana",
        format!("{path}/messages"),
        json!({"text": "Igual", "still_fails": true}),
    );
    assert_eq!(told.status, 201);
    assert_eq!(world.get("ana", path.as_str()).json["messages"][2]["kind"], "still_fails");
    assert_eq!(world.get("ana", path.as_str()).json["closes_at"], json!(null));
    world.env.clock.advance_ms(60_000);
    world.solve(&reference);
    assert_eq!(world.post("luis", format!("{path}/confirm"), json!({})).status, 200);
    let closed = world.get("ana", path.as_str()).json;
    assert_eq!(
        (&closed["state"], &closed["closed"]["reason"]),
        (&json!("closed"), &json!("confirmed"))
    );
}

#[test]
fn closed_by_silence_is_true_before_the_closer_comes_by() {
    let world = world("2026-11-17T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    world.solve(&reference);
    world.set_clock("2026-11-19T10:00:00-06:00");
    let ticket = world.get("ana", format!("/tickets/{reference}")).json;
    assert_eq!((&ticket["state"], &ticket["closed"]["reason"]), (&json!("closed"), &json!("auto")));
    assert_eq!(ticket["closes_at"], json!(null));
}

#[test]
fn every_date_is_explained_clause_by_clause() {
    let world = world("2026-11-20T14:10:00-06:00");
    let reference = world.open("ana", "Reporte");
    let why = world.get("ana", format!("/tickets/{reference}/why"));
    assert_eq!(why.status, 200);
    let clock = &why.json["clocks"][0];
    assert_eq!(clock["target"], "2026-11-23T18:00:00-06:00");
    let steps = clock["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["rule"] == "7.2" && step["clause"] == 7), "{steps:?}");
    let used: Vec<_> = steps.iter().flat_map(|step| step["used"].as_array().unwrap()).collect();
    assert!(used.iter().all(|used| used["layer"].is_string() && used["value"].is_string()));
    assert!(!used.is_empty());
    assert_eq!(why.json["closing"], json!(null));
}

#[test]
fn what_is_missed_is_said_without_promising_more() {
    let world = world("2026-11-20T10:00:00-06:00");
    let reference = world.open("ana", "No timbra");
    world.set_clock("2026-11-20T18:00:00-06:00");
    let path = format!("/tickets/{reference}");
    assert_eq!(world.get("ana", path.as_str()).json["clocks"][0]["result"], "pending");
    world.env.clock.advance_ms(1);
    let clock = world.get("ana", path).json["clocks"][0].clone();
    assert_eq!(clock["result"], "missed");
    assert_eq!(clock["result_text"], "fuera de objetivo: aún sin atención");
}

#[test]
fn the_description_is_served_without_a_token() {
    let world = world("2026-11-20T10:00:00-06:00");
    let told = world.ask("GET", "/openapi.json").send();
    assert_eq!((told.status, &told.json["openapi"]), (200, &json!("3.1.0")));
    assert!(told.json["paths"]["/desk/work"].is_object());
}
