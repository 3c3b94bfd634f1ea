//! A bank's mapping and its statements: who may, what each line is told, and that twice is once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::accounts::acme;
use crate::kit::{Told, World};

const HEADER: &str = "Fecha,Referencia,Concepto,Importe\n";

pub(crate) fn mapping() -> Value {
    json!({
        "encoding": "utf-8", "delimiter": ",", "header": true, "date": "Fecha",
        "date_format": "%d/%m/%Y", "reference": "Referencia", "concept": "Concepto",
        "amount": "Importe", "decimal": "point",
        "senders": [{ "words": "beta del norte", "client": "BETA" }],
    })
}

/// A world in December with an account for ACME and a bank.
fn world() -> World {
    let world = acme();
    let set = world.post("fina", "/desk/banks/centro", mapping());
    assert_eq!(set.status, 200, "{}", set.json);
    world
}

fn send(world: &World, act: &str, lines: &[&str]) -> Told {
    let file = STANDARD.encode(format!("{HEADER}{}\n", lines.join("\n")));
    world.post("fina", format!("/desk/banks/centro/{act}"), json!({ "file": file }))
}

/// Line and outcome of each.
fn outcomes(told: &Told) -> Vec<(u64, String)> {
    assert_eq!(told.status, 200, "{}", told.json);
    let lines = told.json["lines"].as_array().unwrap();
    let outcome =
        |it: &Value| (it["line"].as_u64().unwrap(), it["outcome"].as_str().unwrap().to_owned());
    lines.iter().map(outcome).collect()
}

fn text(told: &Told, line: usize) -> &str {
    told.json["lines"][line]["text"].as_str().unwrap()
}

#[test]
fn finance_sets_a_mapping_and_everybody_at_the_desk_sees_it() {
    let world = acme();
    assert_eq!(world.get("fina", "/desk/banks/centro").status, 404);
    assert_eq!(world.get("fina", "/desk/banks/CENTRO!").status, 404);
    let file = STANDARD.encode(HEADER);
    let none = world.post("fina", "/desk/banks/centro/apply", json!({ "file": file }));
    assert_eq!(none.status, 404, "no mapping, no statement");
    assert_eq!(world.post("marta", "/desk/banks/centro", mapping()).status, 403);
    assert_eq!(world.post("fina", "/desk/banks/centro", mapping()).status, 200);
    let seen = world.get("marta", "/desk/banks/centro").json;
    assert_eq!((&seen["set_by"], &seen["head_lines"]), (&json!("fina"), &json!(1)));
    let again = world.post("fina", "/desk/banks/centro", seen["mapping"].clone());
    assert_eq!((again.status, &again.json["mapping"]), (200, &seen["mapping"]), "{}", again.json);
    for act in ["preview", "apply"] {
        let body = json!({ "file": file });
        let denied = world.post("marta", format!("/desk/banks/centro/{act}"), body);
        assert_eq!(denied.status, 403, "{act}");
    }
}

#[test]
fn every_fault_of_a_mapping_and_of_a_file_is_told_at_once() {
    let world = world();
    let wrong = json!({
        "encoding": "ebcdic", "delimiter": ";;", "header": "sí", "skip_lines": 0, "date": "",
        "date_format": "%d", "decimal": "dot", "amounts": "x",
        "senders": [{ "words": "x", "client": "acme" }],
    });
    let told = world.post("fina", "/desk/banks/sur", wrong);
    let mut places = told.places();
    places.sort_unstable();
    let expected = [
        "amount",
        "amounts",
        "date",
        "decimal",
        "delimiter",
        "header",
        "reference",
        "senders[0].client",
        "skip_lines",
    ];
    assert_eq!((told.status, places.as_slice()), (422, expected.as_slice()));
    let mut wrong = mapping();
    wrong["encoding"] = json!("ebcdic");
    wrong["date_format"] = json!("%d");
    wrong["kind"] = json!("Tipo");
    let told = world.post("fina", "/desk/banks/sur", wrong);
    assert_eq!((told.status, told.places().len()), (422, 3), "{}", told.json);
    for (file, expected) in [
        ("*".to_owned(), "base64"),
        (STANDARD.encode("Fecha,Cargo\n"), "falta la columna «Referencia»; falta la columna"),
        (
            STANDARD.encode(format!("{HEADER}{}", "x\n".repeat(501))),
            "tiene 502 líneas, y aquí caben 501",
        ),
        (STANDARD.encode(format!("{HEADER}{}", "x".repeat(200_000))), "aquí caben 196608"),
    ] {
        let told = world.post("fina", "/desk/banks/centro/apply", json!({ "file": file }));
        assert_eq!(told.status, 422, "{}", told.json);
        assert!(told.json.to_string().contains(expected), "{expected}: {}", told.json);
    }
}

#[test]
fn every_line_is_told_what_became_of_it_and_a_preview_writes_nothing() {
    let world = world();
    let lines = [
        "02/12/2026,S-1,Póliza ACME diciembre,\"6,000.00\"",
        "03/12/2026,S-2,ACME resto,\"6,000.00\"",
        "03/12/2026,S-2,ACME resto,\"6,000.00\"",
        "03/12/2026,S-2,ACME resto,1.00",
        "03/12/2026,S-3,Comisión,-250.00",
        "03/12/2026,S-4,Traspaso de nadie,1.00",
        "03/12/2026,S-5,ACME y BETA,1.00",
        "03/12/2026,S-6,ACME,=CMD|' /C calc'!A0",
        "04/12/2026,S-7,ACME mañana,1.00",
        "03/12/2026,S-8,BETA DEL NORTE SA,1.00",
        "no es una fecha,S-9,ACME,1.00",
    ];
    let would = send(&world, "preview", &lines);
    let expected = [
        "recorded",
        "recorded",
        "known",
        "faulty",
        "not_a_deposit",
        "no_client",
        "ambiguous",
        "faulty",
        "refused",
        "refused",
        "faulty",
    ];
    let expected: Vec<(u64, String)> = (2..).zip(expected.map(str::to_owned)).collect();
    assert_eq!(outcomes(&would), expected);
    assert_eq!(would.json["applied"], false);
    assert_eq!(text(&would, 0), "Se registraría para ACME: diciembre de 2026");
    let account = world.get("fina", "/desk/accounts/ACME").json;
    assert_eq!(account["payments"], json!([]), "nothing was written");

    let did = send(&world, "apply", &lines);
    assert_eq!(outcomes(&did), expected, "what was told is what is done");
    assert_eq!(text(&did, 0), "Registrado para ACME: diciembre de 2026");
    assert_eq!(
        text(&did, 1),
        "Registrado para ACME: diciembre de 2026; $400.00 MXN esperan al mes siguiente"
    );
    assert_eq!(did.json["lines"][1]["months"], json!(["2026-12"]));
    assert!(text(&did, 3).contains("ya está en la línea 3 con otra cantidad"), "{}", text(&did, 3));
    assert!(text(&did, 6).contains("(ACME, BETA)"), "{}", text(&did, 6));
    assert!(text(&did, 8).contains("posterior al día del registro"), "{}", text(&did, 8));
    assert!(text(&did, 9).contains("falta el primer día de la póliza"), "{}", text(&did, 9));
    let account = world.get("fina", "/desk/accounts/ACME").json;
    assert_eq!(account["payments"].as_array().unwrap().len(), 2);
    assert_eq!(account["account"]["months"][0]["standing"], "paid");

    let again = outcomes(&send(&world, "apply", &lines));
    let changed = again.iter().zip(&expected).filter(|(now, before)| now != before);
    let changed: Vec<_> = changed.map(|((line, now), _)| (*line, now.as_str())).collect();
    // What was recorded is known now, and of the other amount the account itself says it.
    assert_eq!(changed, [(2, "known"), (3, "known"), (5, "refused")]);
    assert_eq!(world.get("fina", "/desk/accounts/ACME").json["payments"], account["payments"]);
}

#[test]
fn what_the_desk_recorded_by_hand_is_known_and_another_amount_is_told() {
    let world = world();
    let by_hand = json!({
        "reference": "S-1", "amount": 1_160_000, "value_date": "2026-12-03", "month": "2026-12",
    });
    assert_eq!(world.post("fina", "/desk/accounts/ACME/payments", by_hand).status, 200);
    let told = send(&world, "apply", &["03/12/2026,S-1,ACME,11600.00", "03/12/2026,S-1,ACME,9.00"]);
    assert_eq!(outcomes(&told), [(2, "known".to_owned()), (3, "refused".to_owned())]);
    assert!(text(&told, 1).contains("ya es de otro pago: $11,600.00 MXN"), "{}", text(&told, 1));
}

#[test]
fn a_piece_says_the_lines_of_the_whole_file_and_a_month_that_falls_due_meanwhile_is_no_payment() {
    let world = world();
    let file = STANDARD.encode(format!("{HEADER}03/12/2026,S-1,ACME,11600.00\n"));
    let body = json!({ "file": file, "skipped": 500 });
    let told = world.post("fina", "/desk/banks/centro/apply", body.clone());
    assert_eq!(outcomes(&told), [(502, "recorded".to_owned())]);
    // January falls due in the same act in which the payment is known.
    world.set_clock("2027-01-02T10:00:00-06:00");
    let told = world.post("fina", "/desk/banks/centro/apply", body);
    assert_eq!(outcomes(&told), [(502, "known".to_owned())]);
}

/// Lines of a statement of which many meet: the same month, the same reference, the same day.
fn any_line() -> impl Strategy<Value = String> {
    let day =
        prop::sample::select(vec!["30/11/2026", "01/12/2026", "03/12/2026", "04/12/2026", "x"]);
    let whose =
        prop::sample::select(vec!["ACME", "ACME", "ACME", "beta del norte", "PAGO", "ACME BETA"]);
    let amount =
        prop::sample::select(vec!["5800.00", "11600.00", "0.01", "34800.00", "-1.00", "=1"]);
    (day, 0..5_u8, whose, amount)
        .prop_map(|(day, reference, whose, amount)| format!("{day},S-{reference},{whose},{amount}"))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A preview tells of every line what applying the file then does with it.
    #[test]
    fn what_a_preview_tells_is_what_is_done(lines in prop::collection::vec(any_line(), 1..12)) {
        let world = world();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let before = world.env.store.dump();
        let would = send(&world, "preview", &lines);
        prop_assert_eq!(&world.env.store.dump(), &before, "nothing is written");
        let did = send(&world, "apply", &lines);
        let told = |told: &Told| -> Vec<Value> {
            let lines = told.json["lines"].as_array().unwrap().iter().cloned();
            let present = |mut line: Value| {
                let text = line["text"].as_str().unwrap().replace("Se registraría", "Registrado");
                line["text"] = json!(text);
                line
            };
            lines.map(present).collect()
        };
        prop_assert_eq!(told(&would), told(&did), "{:#?}", lines);
    }
}

#[test]
fn lines_that_together_settle_a_month_are_judged_one_after_the_other() {
    let world = world();
    let half = "03/12/2026,S-1,ACME,6000.00";
    let would = send(&world, "preview", &[half, "03/12/2026,S-2,ACME,6000.00"]);
    assert_eq!(text(&would, 0), "Se registraría para ACME: diciembre de 2026");
    assert_eq!(
        text(&would, 1),
        "Se registraría para ACME: diciembre de 2026; $400.00 MXN esperan al mes siguiente"
    );
}
