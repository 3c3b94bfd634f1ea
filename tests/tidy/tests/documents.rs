//! Documents say what the code does, and lead to it.

use tests_tidy::files::{self, File};
use tests_tidy::{choices, links, names, none, traceability};

#[test]
fn no_link_is_dead() {
    none(links::check(&files::all()));
    let page = "# One\n[a](b.md) [c](../../out.md) [d](#two) [e](#one) [f](https://example.com/)\n";
    let files = [File::made_up("docs/a.md", page), File::made_up("docs/c.md", "")];
    assert_eq!(links::check(&files).len(), 3);
}

#[test]
fn every_example_event_is_used() {
    none(links::check_events(&files::all()));
    let files = [
        File::made_up("events/stream/one.json", "{}"),
        File::made_up("events/stream/two.json", "{}"),
        File::made_up("tests/x.rs", "include_str!(\"../events/stream/one.json\")"),
    ];
    assert_eq!(links::check_events(&files).len(), 1);
    let files = [
        File::made_up("events/ses/foreign.json", "{}"),
        File::made_up("events/timers/foreign.json", "{}"),
        File::made_up("tests/x.rs", "read(\"ses/foreign.json\")"),
    ];
    assert_eq!(links::check_events(&files).len(), 1, "the same name in two folders");
}

#[test]
fn choices_tell_every_parameter() {
    let document = files::read(choices::DOCUMENT);
    none(choices::check(&document, &choices::parameters()));
    let mut parameters = choices::parameters();
    parameters[1].default = "15:00".to_owned();
    assert_eq!(choices::check(&document, &parameters).len(), 1, "another default is noticed");
    parameters[1].name = "another".to_owned();
    assert_eq!(choices::check(&document, &parameters).len(), 2, "another name is noticed");
}

#[test]
fn choices_quote_the_agreement() {
    let agreement = files::read(choices::AGREEMENT);
    none(choices::check_quotes(&files::read(choices::DOCUMENT), &agreement));
    let wrong = "«Mismo día (hasta 15:00)» y «Los tiempos […] sujetos a:»";
    assert_eq!(choices::check_quotes(wrong, &agreement).len(), 1);
}

#[test]
fn every_rule_is_traced_to_code_and_test() {
    none(traceability::check(&files::read(traceability::DOCUMENT), &files::all()));
}

#[test]
fn a_row_that_leads_nowhere_is_noticed() {
    let files = [
        File::made_up("shared/domain/src/a.rs", "//! Rules 7.1 to 7.3.\n"),
        File::made_up("shared/domain/tests/a.rs", "#[test]\nfn early() {}\n"),
    ];
    let row = |rule: &str, code: &str, test: &str| {
        let document = format!("| words | **{rule}** | {code} | {test} |\n");
        let about_rows = |fault: &tests_tidy::Fault| !fault.what.contains("has 0 rows");
        traceability::check(&document, &files).into_iter().filter(about_rows).count()
    };
    let code = "[a.rs](../shared/domain/src/a.rs)";
    let test = "[a.rs](../shared/domain/tests/a.rs)::early";
    assert_eq!(row("7.2", code, test), 0);
    assert_eq!(row("7.2", "Not built: comes later", ""), 0);
    assert_eq!(row("7.7", code, test), 1, "the file does not cite the rule");
    assert_eq!(row("7.2", "", test), 1, "no code");
    assert_eq!(row("7.2", code, ""), 1, "no test");
    assert_eq!(row("7.2", "[b.rs](../shared/domain/src/b.rs)", test), 1, "no such file");
    assert_eq!(row("7.2", code, "[a.rs](../shared/domain/tests/a.rs)::late"), 1, "no such test");
    assert_eq!(row("7.99", code, test), 2, "no such rule");
}

#[test]
fn every_threat_is_answered_and_tested() {
    let files = files::all();
    none(traceability::check_threats(&files::read(traceability::THREATS), &files));
    let files = [
        File::made_up("shared/mail/src/a.rs", "fn a() {}"),
        File::made_up("shared/mail/tests/a.rs", "#[test]\nfn early() {}\n"),
    ];
    let code = "[a.rs](../shared/mail/src/a.rs)";
    let test = "[a.rs](../shared/mail/tests/a.rs)";
    for (defence, test, faults) in [
        (code, format!("{test}::early"), 0),
        ("Care.", format!("{test}::early"), 1),
        (code, String::new(), 1),
        (code, format!("{test}::late"), 1),
        (code, test.to_owned(), 1),
    ] {
        let document = format!("| **A threat** | harm | {defence} | {test} |\n");
        assert_eq!(traceability::check_threats(&document, &files).len(), faults, "{document}");
    }
}

#[test]
fn rules_are_cited_by_their_ids() {
    let rows = [
        ("as 7.2a says", "7.2a", true),
        ("as 7.2a says", "7.2", false),
        ("Rules 9.2 to 9.7.", "9.4", true),
        ("(7.1–7.4, 7.7)", "7.2", true),
        ("(7.1–7.4, 7.7)", "7.5", false),
        ("Rule 15.1. Each", "15.1", true),
        ("2015.1", "15.1", false),
        ("rule \"G15\"", "G15", true),
    ];
    for (text, rule, expected) in rows {
        assert_eq!(traceability::cites(text, rule), expected, "{rule} in {text}");
    }
}

#[test]
fn walk_throughs_name_what_is_there() {
    let files = files::all();
    let documents = files.iter().filter(|file| file.path.starts_with("docs/"));
    let documents = documents.filter(|file| file.path.ends_with(".md"));
    none(documents.flat_map(|document| names::check(document, &files)));
    let files = [File::made_up("shared/app/src/x.rs", "pub fn open() {}\nstruct View;\n")];
    let text = "`app::x::open` `app::x::gone` `View::open` `View::gone` `other::open` `std`\n";
    assert_eq!(names::check(&File::made_up("docs/a.md", text), &files).len(), 3);
}

#[test]
fn one_command_tests_everything() {
    let readme = files::read("README.md");
    let under = readme.split("\n## Test it\n").nth(1).unwrap_or_default();
    let block = under.split("```").nth(1).unwrap_or_default();
    let command = block.lines().nth(1).unwrap_or_default().trim();
    assert!(command.starts_with("cargo test"), "README.md, \"Test it\": no test command found");
    let ci = files::read(".ci/run");
    let called = ci.lines().any(|line| line == format!("step {command}"));
    assert!(called, ".ci/run does not call `{command}`, which README.md tells people to run");
}

#[test]
fn commands_in_documents_can_be_typed() {
    let files = files::all();
    let documents = files.iter().filter(|file| file.path.ends_with(".md"));
    none(documents.flat_map(|document| names::check_commands(document, &files)));
    let cli = "enum Command { Desk, Ticket }\nenum Desk { AckPage }\nstruct Open { subject: u8 }";
    let files = [File::made_up("infra/local/src/cli/mod.rs", cli)];
    let text = "$ millora desk ack-page FERRE-1\n$ millora desk gone\n\
                $ millora ticket --subject \"desk --gone\"\n$ cargo run -p local\n";
    assert_eq!(names::check_commands(&File::made_up("README.md", text), &files).len(), 1);
}
