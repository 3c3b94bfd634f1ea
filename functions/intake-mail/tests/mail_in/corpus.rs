//! Each mail of `events/mail` ends as its row says, by both roads, and taken again changes nothing.

use std::path::PathBuf;

use app::inbound;
use app::memory::MemoryEnv;
use app::records::{InboundRecord, MailStatus};
use mail::inbound::Receipt;
use serde::Deserialize;
use serde_json::{Value, json};

use super::kit::{OURS, opened, record, run, world};

/// The part of `expected.toml` that is checked here; the rest is checked where mails are read.
#[derive(Deserialize)]
struct Corpus {
    mail: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    file: String,
    source: String,
    verdicts: toml::Table,
    outcome: String,
    answer: String,
    sender: Option<String>,
    class: Option<String>,
    proof: Option<String>,
    without_event: Option<String>,
    ticket: Option<String>,
    #[serde(default)]
    foreign: bool,
    report: Option<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events/mail")
}

fn event(row: &Row) -> Receipt {
    let verdict = |name: &str| match row.verdicts.get(name) {
        Some(status) => json!({ "status": status }),
        None => Value::Null,
    };
    let mut receipt = json!({ "recipients": [OURS] });
    for name in ["spam", "virus", "spf", "dkim", "dmarc"] {
        receipt[format!("{name}Verdict")] = verdict(name);
    }
    if let Some(policy) = row.verdicts.get("policy") {
        receipt["dmarcPolicy"] = json!(policy);
    }
    let mail = json!({
        "timestamp": "2026-11-20T16:00:05.123Z", "source": row.source, "messageId": row.file,
    });
    let event = json!({ "Records": [{ "ses": { "mail": mail, "receipt": receipt } }] });
    Receipt::all_in(&event.to_string()).unwrap().remove(0)
}

/// A world with the tickets that the mails name.
fn desk() -> MemoryEnv {
    let env = world("20T09:30");
    opened(&env, "NORT-7K2QX9RD-Y", "ana", &["teresa@despacho-ruiz.example"]);
    opened(&env, "NORT-M4HZ81TB-G", "ana", &[]);
    env.clock.set(super::kit::at("2026-11-20T10:00:10-06:00"));
    env
}

/// Takes a mail twice and tells what its record says.
fn taken(row: &Row, receipt: Option<&Receipt>) -> (InboundRecord, MailStatus) {
    let env = desk();
    let raw = std::fs::read(folder().join(&row.file)).unwrap();
    run(async {
        let name = row.file.as_str();
        let key = format!("inbound/{name}");
        app::ports::Blobs::put(&env.blobs, &key, &raw).await.unwrap();
        let first = inbound::take(&env, name, receipt).await.unwrap();
        let before = (env.store.dump(), env.blobs.keys());
        assert!(before.1.contains(&format!("done/{name}")), "{name}");
        let again = inbound::take(&env, name, receipt).await.unwrap();
        assert_eq!(first, again, "{name}");
        assert!(before == (env.store.dump(), env.blobs.keys()), "{name}: again is no change");
    });
    record(&env, &row.file)
}

/// A stored value as its row writes it.
fn code(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap();
    if let Some(word) = value.as_str() {
        return word.to_owned();
    }
    let (kind, word) = value.as_object().unwrap().iter().next().unwrap();
    if kind == "proven" { kind.clone() } else { format!("{kind}:{}", word.as_str().unwrap()) }
}

#[test]
fn each_mail_ends_as_its_row_says_by_both_roads() {
    let text = std::fs::read_to_string(folder().join("expected.toml")).unwrap();
    let corpus: Corpus = toml::from_str(&text).unwrap();
    assert!(corpus.mail.len() >= 60);
    let mut faults = Vec::new();
    for row in &corpus.mail {
        let mut check = |road: &str, what: &str, found: &str, expected: &str| {
            if found != expected {
                faults.push(format!("{} {road}, {what}: {found}, not {expected}", row.file));
            }
        };
        let receipt = event(row);
        let (kept, status) = taken(row, Some(&receipt));
        check("told", "outcome", status.word(), &row.outcome);
        let (untold, untold_status) = taken(row, None);
        let without = row.without_event.as_deref().map(|it| it.split(' ').nth(1).unwrap());
        check("untold", "outcome", untold_status.word(), without.unwrap_or(&row.outcome));
        for (road, record) in [("told", &kept), ("untold", &untold)] {
            let Some(finding) = &record.finding else { continue };
            if let Some(expected) = &row.sender {
                check(road, "sender", &code(&finding.sender), expected);
            }
            if let Some(expected) = &row.class {
                let class = code(&finding.class).replace("bulk_or_list", "bulk");
                check(road, "class", &class, expected);
            }
            let thread = record.thread.as_ref().map(|it| it.ticket.to_string());
            // A report shows by our marks what its sender's address does not.
            if row.report.is_none() || row.ticket.is_some() {
                let expected = row.ticket.clone().unwrap_or_default();
                check(road, "ticket", &thread.unwrap_or_default(), &expected);
            }
            check(road, "foreign", &record.foreign.is_some().to_string(), &row.foreign.to_string());
        }
        if let (Some(expected), Some(finding)) = (&row.proof, &kept.finding) {
            check("told", "proof", &code(&finding.proof), expected);
        }
        if row.answer == "nothing" {
            check("told", "answered", &code(&kept.answered), "nothing");
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
