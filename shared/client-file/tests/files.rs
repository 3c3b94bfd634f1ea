//! The examples, and the files that go wrong.

use client_file::{Kind, Report, between, read, schema};
use proptest::prelude::*;

const GOOD: &str = include_str!("../../../events/clients/ferretera.toml");
const FAULTY: &str = include_str!("../../../events/clients/veinte-faltas.toml");

fn told(report: &Report) -> String {
    let lines =
        report.findings.iter().filter(|it| it.kind != Kind::Choice).map(|it| {
            format!("{:>3} {} {} [{}] {}", it.line, it.kind.word(), it.at, it.rule, it.text)
        });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_is_applicable_and_lists_what_nobody_chose() {
    let report = read(GOOD);
    assert!(report.is_applicable(), "{}", told(&report));
    assert_eq!(told(&report), "");
    let choices: Vec<_> = report.findings.iter().map(|it| it.at.as_str()).collect();
    assert!(choices.contains(&"plans[].parameters.annulment_clock"));
    assert!(!choices.contains(&"plans[].parameters.auto_close"), "the póliza sets it");
    assert!(!choices.contains(&"plans[].parameters.same_day_cutoff"), "a document sets it");
    let clock = report.findings.iter().find(|it| it.at.ends_with(".annulment_clock")).unwrap();
    assert_eq!(clock.rule, "10.2a");
    assert!(clock.text.starts_with("cuenta como si no hubiera existido: "));
}

#[test]
fn twenty_faults_are_told_at_once_each_with_its_line() {
    let report = read(FAULTY);
    assert!(!report.is_applicable());
    let faults = report.findings.iter().filter(|it| it.kind.blocks()).count();
    assert!(faults >= 20, "{faults} faults");
    insta::assert_snapshot!(told(&report));
}

/// Each row spoils the good file in one place, and names what is found and on which line's text.
#[test]
fn one_fault_is_one_finding() {
    let rows: &[(&str, &str, Kind, &str, &str)] = &[
        ("code = \"BAJIO\"", "", Kind::Wrong, "code", "falta"),
        (
            "bajio.example\"\n\n# Qué",
            "outlook.com\"\n\n# Qué",
            Kind::Contradictory,
            "domains[0].name",
            "proveedor público",
        ),
        (
            "\"authorise_cost\", ",
            "",
            Kind::Contradictory,
            "plans[0].parameters.same_day_surcharge",
            "nadie podría aceptarlo",
        ),
        ("code = \"BAJIO\"", "code = \"PAGO\"", Kind::Ambiguous, "code", "pague quien pague"),
        ("code = \"BAJIO\"", "code = \"2026\"", Kind::Ambiguous, "code", "elija otra"),
        (
            "whatsapp = true",
            "emergency_line = true",
            Kind::Contradictory,
            "plans[0].parameters.emergency_line",
            "emergency_attention",
        ),
        (
            "emergency_attention = false",
            "emergency_hours = \"all\"",
            Kind::Contradictory,
            "plans[0].parameters.emergency_hours",
            "no tiene efecto",
        ),
        (
            "auto_renew = true ",
            "# ",
            Kind::Missing,
            "plans[0].parameters.auto_renew",
            "pregunte al cliente",
        ),
        ("fee = 1160000 ", "# ", Kind::Missing, "plans[0].parameters.fee", "ningún aviso de pago"),
        (
            "spoc = \"ana\"",
            "spoc = \"eva\"",
            Kind::Contradictory,
            "acceptance.spoc",
            "no es un contacto",
        ),
        (
            "at = 2026-01-05T12:30:00-06:00",
            "at = 2025-01-05T12:30:00-06:00",
            Kind::Contradictory,
            "acceptance.at",
            "no lo era",
        ),
        (
            "auto_close = \"guarded\"",
            "auto_close = \"nunca\"",
            Kind::Wrong,
            "plans[0].parameters.auto_close",
            "\"natural\" o \"guarded\"",
        ),
        (
            "auto_close = ",
            "auto_clos = ",
            Kind::Wrong,
            "plans[0].parameters.auto_clos",
            "auto_close",
        ),
        (
            "monthly_visits = 1",
            "monthly_visits = 0",
            Kind::Wrong,
            "plans[0].parameters.modality",
            "no tiene visitas",
        ),
        ("value = \"13:00\"", "value = \"13\"", Kind::Wrong, "overrides[0].value", "00:00"),
        (
            "parameter = \"same_day_cutoff\"\nvalue = \"13:00\"",
            "parameter = \"start\"\nvalue = 2026-06-01",
            Kind::Wrong,
            "overrides[0].parameter",
            "no cambia",
        ),
        (
            "value = \"13:00\"",
            "value = \"18:00\"",
            Kind::Contradictory,
            "plans[0].parameters.same_day_cutoff",
            "posterior",
        ),
        (
            "2026-06-01\n",
            "2026-06-01\nvalid_to = 2026-05-01\n",
            Kind::Wrong,
            "overrides[0].valid_to",
            "anterior",
        ),
        (
            "start = 2026-01-01 ",
            "start = 2026-02-01 ",
            Kind::Contradictory,
            "plans[0].parameters.start",
            "empieza después",
        ),
        (
            "[[\"09:00\", \"18:00\"]], tue",
            "[[\"18:00\", \"09:00\"]], tue",
            Kind::Contradictory,
            "plans[0].parameters.contracted_hours.mon[0]",
            "antes de empezar",
        ),
        (
            "phones = [\"+52 477 555 0102\"]",
            "phones = [\"extensión 4\"]",
            Kind::Wrong,
            "spocs[1].phones[0]",
            "no es un teléfono",
        ),
        (
            "alberto.nava@bajio.example",
            "Ana.Robles@bajio.example",
            Kind::Contradictory,
            "spocs[1].emails[0]",
            "ya está en el contacto",
        ),
        ("designated_by = \"ana\"", "", Kind::Missing, "spocs[1].designated_by", "evidencia"),
        (
            "designated_by = \"ana\"",
            "designated_by = \"beto\"",
            Kind::Contradictory,
            "spocs[1].designated_by",
            "a sí mismo",
        ),
        (
            "designated_by = \"Contrato Marco, anexo 1\"",
            "designated_by = \"beto\"",
            Kind::Contradictory,
            "spocs[0].designated_by",
            "no tiene la facultad de designar",
        ),
        (
            "name = \"Ferretera del Bajío Norte\"",
            "name = 3",
            Kind::Wrong,
            "name",
            "debe ser un texto",
        ),
    ];
    for (from, to, kind, at, text) in rows {
        assert!(GOOD.contains(from), "{from}");
        let report = read(&GOOD.replacen(from, to, 1));
        let found = report.findings.iter().find(|it| it.at == *at && it.kind == *kind);
        let found = found.unwrap_or_else(|| panic!("{at} after {to:?}:\n{}", told(&report)));
        assert!(found.text.contains(text), "{}", found.text);
        assert_eq!(report.is_applicable(), !kind.blocks(), "{at}: {}", told(&report));
    }
}

#[test]
fn what_is_no_toml_is_told_with_its_lines() {
    for text in
        ["code = \n", "[[spocs]\nid = 1\n", "a = 1\na = 2\n", "\u{0}", "= = =\n[", "\u{feff}code=1"]
    {
        let report = read(text);
        assert!(!report.is_applicable(), "{text:?}");
        assert!(report.findings.iter().all(|it| it.line >= 1), "{text:?}");
    }
    assert_eq!(read("code = \"ACME\"\nname = \n").findings[0].line, 2);
    let long = read(&"#".repeat(client_file::FILE_BYTES_MAX + 1));
    assert!(long.findings[0].text.contains("128 KB"));
}

#[test]
fn an_address_belongs_to_one_client() {
    let other = GOOD.replace("code = \"BAJIO\"", "code = \"OTRO\"");
    let files = vec![("uno".to_owned(), read(GOOD)), ("dos".to_owned(), read(&other))];
    let found = between(&files);
    assert_eq!(found.len(), 3, "the domain and two addresses");
    assert!(found.iter().all(|(n, it)| *n == 1 && it.kind.blocks() && it.text.contains("uno")));
    assert_eq!(between(&files[..1]), []);
}

/// The schema knows exactly the fields that the reader knows, and is the one in the documents.
#[test]
fn the_schema_is_the_readers() {
    let schema = schema::schema();
    for (place, names) in schema::tables() {
        let known = schema.pointer(place).and_then(serde_json::Value::as_object);
        let known = known.unwrap_or_else(|| panic!("{place} is missing"));
        let mut names = names;
        names.sort_unstable();
        assert_eq!(known.keys().map(String::as_str).collect::<Vec<_>>(), names, "{place}");
    }
    let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/client-file.schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(stored == text, "run UPDATE_SCHEMA=1 cargo test -p client-file");
}

proptest! {
    /// Whatever is cut out of a file or written into it, reading it ends, with lines that are there.
    #[test]
    fn a_spoiled_file_is_read_to_its_end(
        from in 0_usize..4000,
        length in 0_usize..200,
        written in "[\\PC\n\"\\[\\]={},#]{0,20}",
    ) {
        let mut text: Vec<char> = GOOD.chars().collect();
        let from = from.min(text.len());
        let to = (from + length).min(text.len());
        text.splice(from..to, written.chars());
        let text: String = text.into_iter().collect();
        let report = read(&text);
        let lines = text.lines().count() + 1;
        prop_assert!(report.findings.iter().all(|it| (1..=lines).contains(&it.line)));
        prop_assert!(report.entry.is_some() || report.findings.iter().any(|it| it.kind.blocks()));
    }
}
