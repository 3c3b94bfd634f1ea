//! The work list and the search.

use serde_json::{Value, json};

use crate::kit::Told;
use crate::world;

fn references(told: &Told) -> Vec<String> {
    assert_eq!(told.status, 200, "{}", told.json);
    let tickets = told.json["tickets"].as_array().unwrap().iter();
    tickets.map(|ticket| ticket["reference"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn views_are_filters_over_what_is_due_next() {
    let world = world("2026-11-20T10:00:00-06:00");
    let plain = world.open("ana", "Normal");
    let critical = world.open("berta", "No se factura");
    let body = json!({"essential_operation": "invoicing", "fully_blocked": true});
    world.post("berta", format!("/tickets/{critical}/critical"), body);
    let closed = world.open("ana", "Retirada");
    world.post("ana", format!("/tickets/{closed}/withdraw"), json!({}));
    let late = world.open("luis", "Otra");
    world.post("marta", format!("/desk/tickets/{plain}/assign"), json!({"to": "marta"}));
    let view = |view: &str| {
        let mut found = references(&world.get("marta", format!("/desk/work?view={view}")));
        found.sort();
        found
    };
    let sorted = |mut expected: Vec<String>| {
        expected.sort();
        expected
    };
    let due = references(&world.get("marta", "/desk/work"));
    assert_eq!(due.len(), 3);
    assert_eq!(due[0], critical, "what is due next stands first");
    assert_eq!(view("mine"), std::slice::from_ref(&plain));
    assert_eq!(view("unassigned"), sorted(vec![critical.clone(), late.clone()]));
    assert_eq!(view("paged"), std::slice::from_ref(&critical));
    assert_eq!(view("missed"), Vec::<String>::new());
    assert_eq!(references(&world.get("saul", "/desk/work?view=mine")), Vec::<String>::new());
    world.set_clock("2026-11-20T10:31:00-06:00");
    assert_eq!(view("missed"), std::slice::from_ref(&critical));
    assert_eq!(view("warned"), Vec::<String>::new());
    world.set_clock("2026-11-20T16:00:00-06:00");
    assert_eq!(view("warned"), sorted(vec![plain, late]));
    assert_eq!(view("missed"), [critical], "its only clock is decided");
}

#[test]
fn a_long_list_is_read_page_by_page() {
    let world = world("2026-11-20T10:00:00-06:00");
    let mut opened: Vec<_> =
        (0..60).map(|n| world.open("ana", &format!("Solicitud {n}"))).collect();
    let mut seen = Vec::new();
    let mut path = "/desk/work".to_owned();
    loop {
        let page = world.get("marta", path.as_str());
        seen.extend(references(&page));
        let Some(next) = page.json["next"].as_str() else { break };
        path = format!("/desk/work?after={next}");
    }
    opened.sort();
    seen.sort();
    assert_eq!(seen, opened);
}

#[test]
fn tickets_are_found_by_reference_client_and_words() {
    let world = world("2026-11-20T10:00:00-06:00");
    let one = world.open("ana", "Facturación detenida");
    let two = world.open("ana", "Nómina de noviembre");
    let other = world.open("berta", "La facturación no cuadra");
    world.post("ana", format!("/tickets/{two}/withdraw"), json!({}));
    let find = |query: &str| {
        let mut found = references(&world.get("fina", format!("/desk/tickets?{query}")));
        found.sort();
        found
    };
    let sorted = |mut expected: Vec<String>| {
        expected.sort();
        expected
    };
    assert_eq!(find(&format!("ref={one}")), std::slice::from_ref(&one));
    assert_eq!(find(&format!("ref={}", one.to_lowercase())), std::slice::from_ref(&one));
    assert_eq!(find("ref=ACME-00000000-0"), Vec::<String>::new());
    assert_eq!(find("ref=nada"), Vec::<String>::new());
    assert_eq!(find("client=ACME"), sorted(vec![one.clone(), two.clone()]));
    assert_eq!(find("client=NADIE"), Vec::<String>::new());
    assert_eq!(find("words=FACTURACION"), sorted(vec![one.clone(), other.clone()]));
    assert_eq!(find("words=facturaci%C3%B3n+detenida"), [one]);
    assert_eq!(find("words=nomina"), Vec::<String>::new(), "closed ones only with their client");
    assert_eq!(find("client=ACME&words=nomina"), [two]);
    let told = world.get("marta", "/desk/tickets?words=facturacion").json;
    assert_eq!((&told["complete"], &told["note"]), (&json!(true), &Value::Null));
}

#[test]
fn a_search_that_stops_says_so() {
    let world = world("2026-11-20T10:00:00-06:00");
    for n in 0..=web::limits::SCAN_TICKETS_MAX {
        world.open("ana", &format!("Solicitud {n}"));
    }
    let told = world.get("marta", "/desk/tickets?words=solicitud").json;
    assert_eq!(told["complete"], false);
    assert_eq!(told["tickets"].as_array().unwrap().len(), web::limits::SCAN_TICKETS_MAX);
    assert!(told["note"].as_str().unwrap().contains("500"));
    let told = world.get("marta", "/desk/work?view=missed").json;
    assert_eq!(told["tickets"], json!([]));
    assert!(told["next"].is_string(), "an empty page is not the last one");
}
