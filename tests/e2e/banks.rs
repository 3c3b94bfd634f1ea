//! A bank's statement by the command line alone: its mapping, a preview, applied twice, and in pieces; and
//! what a provider tells over HTTP.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::kit::Desk;

const MAPPING: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/bank/banco-del-centro.toml");
const STATEMENT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/bank/banco-del-centro.csv");

#[test]
fn a_statement_is_previewed_and_applied_twice() {
    let desk = Desk::start("2026-11-30T10:00:00-06:00");
    desk.text(&["clock", "set", "2026-12-04T10:00:00-06:00"]);
    let bank = |act: &str, file: &str| {
        desk.text(&["desk", "bank", act, file, "--bank", "centro", "--as", "admin"])
    };
    let set = ["desk", "bank", "mapping", "centro", "--set", MAPPING, "--as", "admin"];
    assert_eq!(desk.text(&set).trim(), "Guardada la plantilla de centro.");
    let shown = desk.text(&["desk", "bank", "mapping", "centro", "--as", "mesa"]);
    assert!(shown.contains("windows-1252"), "{shown}");
    let seen = bank("preview", STATEMENT);
    for told in [
        "línea 5: No es un depósito",
        "línea 6: BC20261202000117  $11,600.00 MXN: Se registraría para FERRE: diciembre de 2026",
        "línea 7: BC20261202000117  $11,600.00 MXN: Ya estaba registrado para FERRE",
        "línea 8: BC20261203000231  $23,200.00 MXN: Se registraría para ANAHUAC",
        "línea 9: BC20261203000232  $100.00 MXN: Se registraría para FERRE",
        "línea 10: BC20261204000405  $5,000.00 MXN: Sin cliente",
        "línea 11: BC20261204000406  $34,800.00 MXN: Nombra a varios clientes (ANAHUAC, FERRE)",
        "línea 12: No se registra: la cantidad «=CMD|' /C calc'!A0» es una fórmula",
        "línea 13: BC20261209000001  $1,000.00 MXN: No se registra para FERRE: la fecha valor",
        "línea 14: No se registra: no trae referencia",
        "3 se registrarían, 1 ya registrados, 5 sin registrar, 1 que no son depósitos.",
        "No se guardó nada",
    ] {
        assert!(seen.contains(told), "{told}\n{seen}");
    }
    let did = bank("apply", STATEMENT);
    assert!(did.contains("Registrado para FERRE: diciembre de 2026"), "{did}");
    assert!(did.contains("3 registrados, 1 ya registrados, 5 sin registrar"), "{did}");
    let again = bank("apply", STATEMENT);
    assert!(again.contains("0 registrados, 4 ya registrados, 5 sin registrar"), "{again}");
    let account = desk.text(&["desk", "account", "show", "FERRE", "--as", "admin"]);
    assert!(account.contains("BC20261203000232"), "{account}");

    // More lines than one request takes.
    let head = std::fs::read(STATEMENT).unwrap();
    let head: Vec<u8> = head.split_inclusive(|b| *b == b'\n').take(4).flatten().copied().collect();
    let line = |n: u32| format!("02/12/2026,Cargo,C{n},FERRE,1.00\n");
    let rows: String = (0..1_200).map(line).collect();
    let last = "02/12/2026,Abono,ULTIMA,FERRE,1.00\n";
    let path = desk.file("largo.csv");
    std::fs::write(&path, [&head, rows.as_bytes(), last.as_bytes()].concat()).unwrap();
    let long = bank("apply", path.to_str().unwrap());
    assert!(long.contains("línea 1205: ULTIMA  $1.00 MXN: Registrado para FERRE"), "{long}");
    assert!(
        long.contains("1 registrados, 0 ya registrados, 0 sin registrar, 1200 que no"),
        "{long}"
    );
    let none = desk.run(&["desk", "bank", "apply", "no-hay.csv", "--bank", "centro"]);
    assert_eq!(none.status.code(), Some(2));
}

/// Tells of a payment as a provider does; the status.
fn tell(desk: &Desk, key: &[u8], event: &serde_json::Value) -> u16 {
    let body = event.to_string();
    let now = domain::Instant::parse_rfc3339("2026-12-04T10:00:00-06:00").unwrap();
    let seconds = now.millis() / 1_000;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(format!("{seconds}.{body}").as_bytes());
    let signature = app::auth::hex(&mac.finalize().into_bytes());
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let answer = ureq::Agent::from(config)
        .post(format!("http://{}/webhooks/payments", desk.address()))
        .header("content-type", "application/json")
        .header("x-signature", format!("t={seconds},v1={signature}"))
        .send(body)
        .unwrap();
    answer.status().as_u16()
}

#[test]
fn a_provider_tells_of_a_payment_over_http() {
    let desk = Desk::start("2026-12-04T10:00:00-06:00");
    let secrets = std::fs::read_to_string(desk.file("secrets.toml")).unwrap();
    let secrets: toml::Table = secrets.parse().unwrap();
    let key = secrets["payment-webhook"][0]["hex"].as_str().unwrap();
    let key = app::auth::unhex(key).unwrap();
    let event = |id: &str, client: &str| {
        serde_json::json!({
            "id": id, "kind": "payment", "client": client, "reference": "SPEI-9",
            "value_date": "2026-12-04", "amount": 1_160_000,
        })
    };
    assert_eq!(tell(&desk, &[0; 32], &event("e1", "FERRE")), 401);
    for _ in 0..2 {
        assert_eq!(tell(&desk, &key, &event("e1", "FERRE")), 200);
    }
    assert_eq!(tell(&desk, &key, &event("e2", "NADIE")), 200);
    desk.advance("1m");
    let account = desk.json(&["desk", "account", "show", "FERRE", "--as", "admin"]);
    let payments = account["payments"].as_array().unwrap();
    assert_eq!((payments.len(), &payments[0]["reference"]), (1, &"SPEI-9".into()), "{account}");
    let events = desk.text(&["desk", "bank", "events", "--as", "mesa"]);
    assert!(events.contains("no hay un cliente con esa clave"), "{events}");
    let put = ["desk", "bank", "discard", "e2", "--reason", "Es de otro.", "--as", "admin"];
    assert!(desk.text(&put).contains("Es de otro."));
    let events = desk.text(&["desk", "bank", "events", "--as", "mesa"]);
    assert!(!events.contains("NADIE"), "{events}");
}
