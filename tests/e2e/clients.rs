//! A client from a file, by the command line alone: checked, previewed, entered, changed, asked about.

use crate::kit::{Desk, FRIDAY, fed, millora};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/clients/ferretera.toml");
const FAULTY: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/clients/veinte-faltas.toml");

#[test]
fn a_file_is_checked_without_a_desk() {
    let good = fed(&["client", "lint", FILE], b"");
    let said = String::from_utf8(good.stdout).unwrap();
    assert!(good.status.success(), "{said}");
    assert!(said.contains("0 por corregir, 0 por preguntar, 0 por mirar"), "{said}");
    assert!(said.contains("annulment_clock = cuenta como si no hubiera existido"), "{said}");
    let bad = millora().args(["client", "lint", FAULTY, FILE]).output().unwrap();
    let said = String::from_utf8(bad.stderr).unwrap();
    assert_eq!(bad.status.code(), Some(1));
    assert!(said.contains("línea 2: code: «bajio» no es la clave de un cliente"), "{said}");
    assert!(said.matches("  línea ").count() >= 20, "{said}");
    let none = millora().args(["client", "lint", "no-existe.toml"]).output().unwrap();
    assert_eq!(none.status.code(), Some(2));
}

#[test]
fn a_client_from_a_file_opens_a_ticket_and_changes() {
    let desk = Desk::start(FRIDAY);
    let apply = |file: &str, more: &[&str]| {
        let mut args = vec!["client", "apply", file, "--as", "admin"];
        args.extend(more);
        desk.text(&args)
    };
    let seen = apply(FILE, &[]);
    assert!(seen.contains("Nada se aplicó"), "{seen}");
    let done = apply(FILE, &["--reason", "Póliza 2026"]);
    assert!(done.contains("Cliente nuevo: BAJIO"), "{done}");
    let again = apply(FILE, &["--reason", "Otra vez"]);
    assert_eq!(again.trim(), "Nada cambia: BAJIO ya es lo que dice el archivo");
    let refused = desk.run(&["client", "apply", FAULTY, "--as", "admin", "--reason", "x"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("línea 2: "), "{said}");

    // Ana writes a mail: her address is registered now.
    let args = [
        "mail",
        "send",
        "--from",
        "ana.robles@bajio.example",
        "--verdict",
        "dmarc=PASS spf=PASS dkim=PASS",
    ];
    let rest = ["--subject", "No timbra", "--text", "Error 301."];
    let sent = desk.text(&[&args[..], &rest[..]].concat());
    assert!(sent.contains("Abrió el ticket BAJIO-"), "{sent}");

    // Beto leaves, the fee rises: Ana is told, and her ticket's date stays.
    desk.advance("1m");
    let text = std::fs::read_to_string(FILE).unwrap();
    let (before, after) = text.split_once("[[spocs]]\nid = \"beto\"").unwrap();
    let rest = after.split_once("# La póliza").unwrap().1;
    let changed = format!("{before}# La póliza{rest}").replace("fee = 1160000", "fee = 1250000");
    let path = desk.file("cambio.toml");
    std::fs::write(&path, changed).unwrap();
    let path = path.to_str().unwrap();
    let told = apply(path, &["--reason", "Alberto cambió de puesto"]);
    assert!(told.contains("Se avisa por correo a: ana"), "{told}");
    assert!(told.contains("Tickets abiertos; ninguna de sus fechas se mueve:"), "{told}");
    let mails = desk.mails();
    let last = mails.last().unwrap();
    assert_eq!(last.subject, "Cambio de contactos autorizados");
    assert!(last.text.contains("Alberto Nava dejó de ser contacto autorizado"), "{}", last.text);

    // What was promised before the change, knowing what was known then, and what is promised now.
    let (then, now) = ("2026-11-20T14:29:59-06:00", "2026-11-20T18:00:00-06:00");
    let terms = |at: &str, known: &str| {
        desk.text(&["client", "terms", "BAJIO", "--at", at, "--known-at", known])
    };
    assert!(terms(now, now).contains("fee = $12,500.00 MXN (póliza)"));
    assert!(terms(now, "2026-11-20T14:30:30-06:00").contains("fee = $11,600.00 MXN (póliza)"));
    assert!(terms(then, then).contains("No se conocía ninguna póliza"));
}

#[test]
fn holidays_and_editions_by_the_command_line() {
    let desk = Desk::start(FRIDAY);
    let ana = desk.person("ana");
    let reference = ana.open("k1", "No timbra").reference();
    let set = |more: &[&str]| {
        let mut args = vec!["holiday", "set", "2026-11-23", "--name", "Luto nacional"];
        args.extend(["--source", "DOF, 20 de noviembre de 2026", "--as", "admin"]);
        args.extend(more);
        desk.text(&args)
    };
    let seen = set(&[]);
    assert!(seen.contains("recalculado sería mar 24 nov 2026, 18:00 h"), "{seen}");
    let done = set(&["--reason", "Decreto"]);
    assert!(done.contains("Registrado; ninguna fecha en curso se mueve."), "{done}");
    let target = || ana.get(&format!("/tickets/{reference}")).body["target"].clone();
    assert_eq!(target(), "2026-11-23T18:00:00-06:00");
    desk.text(&["desk", "recalculate", &reference, "Nuevo día festivo"]);
    assert_eq!(target(), "2026-11-24T18:00:00-06:00");
    let mails = desk.mails();
    assert!(mails.last().unwrap().subject.contains("Cambió la fecha objetivo"));

    let text = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/acuerdo-de-nivel-de-servicio.txt");
    let args = ["edition", "publish", text, "--text-url", "https://millora.example/sla/1"];
    let published = desk.text(&[&args[..], &["--reason", "Primera", "--as", "admin"]].concat());
    assert!(published.contains("en vigor desde el lun 21 dic 2026, 00:00 h"), "{published}");
    let told = desk.mails().iter().filter(|it| it.subject.starts_with("Nueva edición")).count();
    assert_eq!(told, 5, "every contact of the demo");
}

#[test]
fn a_client_who_cancelled_comes_back_with_another_poliza() {
    let desk = Desk::start(FRIDAY);
    let apply = |file: &str| {
        desk.run(&["client", "apply", file, "--as", "admin", "--reason", "Póliza nueva"])
    };
    assert!(apply(FILE).status.success());
    let text = std::fs::read_to_string(FILE).unwrap();
    let (plans, rest) = text.split_once("# El Contrato Marco prevalece").unwrap();
    let first = "[[plans]]\nvalid_from = 2026-01-01";
    let plans = plans.replacen(first, &format!("{first}\nvalid_to = 2026-11-23"), 1);
    let another = "[[plans]]\nvalid_from = 2026-11-24\n[plans.parameters]\nstart = 2026-11-24\n\
                   term_months = 6\nauto_renew = true\nfee = 1250000\nsame_day_surcharge = 87000\n\n";
    let path = desk.file("regresa.toml");
    std::fs::write(&path, format!("{plans}{another}# El Contrato Marco prevalece{rest}")).unwrap();
    let path = path.to_str().unwrap();
    let refused = apply(path);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("la póliza anterior no tiene término"), "{said}");

    // Nothing of November is charged here, so he owes nothing.
    let issued =
        desk.json(&["access", "issue", "--as", "admin", "--client", "BAJIO", "--spoc", "ana"]);
    let ana = desk.stranger(issued["token"].as_str());
    let cancelled = ana.post("/account/cancel", "k1", &serde_json::json!({ "at_once": true }));
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    let done = apply(path);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let account = || desk.text(&["desk", "account", "show", "BAJIO", "--as", "admin"]);
    assert!(account().contains("comienza la póliza"), "{}", account());
    desk.advance("4d");
    let begun = account();
    assert!(begun.contains("activa"), "{begun}");
    let mails = desk.mails();
    assert!(mails.iter().any(|it| it.subject.contains("Su póliza está activa de nuevo")));
}
