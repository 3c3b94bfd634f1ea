//! The description of the API in `docs` is the one that the code gives. After a change:
//! `UPDATE_OPENAPI=1 cargo test -p desk --test openapi`, and look at the difference.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use app::memory::MemoryEnv;
use serde_json::Value;
use web::codes::{ClosureReason, Code as _};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

fn described() -> Value {
    let docs = intake_http::describe::<MemoryEnv>(web::api());
    let docs = payment_webhook::describe::<MemoryEnv>(docs);
    serde_json::to_value(desk::describe::<MemoryEnv>(docs)).unwrap()
}

#[test]
fn the_description_is_kept() {
    let described = format!("{}\n", serde_json::to_string_pretty(&described()).unwrap());
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(PATH, &described).unwrap();
    }
    let kept = std::fs::read_to_string(PATH).unwrap();
    assert!(kept == described, "docs/openapi.json is not what the code says: see this file's head");
}

#[test]
fn no_name_stands_for_two_schemas() {
    let schemas = |docs| {
        let docs = serde_json::to_value(docs).unwrap();
        docs["components"]["schemas"].as_object().unwrap().clone()
    };
    let client = schemas(intake_http::describe::<MemoryEnv>(web::api()));
    let desk = schemas(desk::describe::<MemoryEnv>(web::api()));
    for (name, schema) in &client {
        assert!(
            desk.get(name).is_none_or(|other| other == schema),
            "two schemas are called {name}"
        );
    }
}

#[test]
fn every_reference_inside_it_leads_somewhere() {
    let docs = described();
    let mut references = Vec::new();
    collect(&docs, &mut references);
    assert!(references.len() > 100, "only {} references", references.len());
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(docs.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

/// Once it listed the names of the variants, which the API does not take.
#[test]
fn the_words_of_a_closed_list_are_those_that_the_api_takes() {
    let docs = described();
    let listed = docs["components"]["schemas"]["ClosureReason"]["enum"].as_array().unwrap();
    let taken: Vec<&str> = ClosureReason::ALL.iter().map(|it| it.word()).collect();
    assert_eq!(*listed, taken);
    let mut words = Vec::new();
    closed_lists(&docs, &mut words);
    assert!(words.len() > 50, "only {} words", words.len());
    for word in words {
        assert!(!word.chars().any(char::is_uppercase), "{word} is no word of the API");
    }
}

#[test]
fn every_operation_has_its_own_name_and_says_how_it_fails() {
    let docs = described();
    let mut names = Vec::new();
    for (path, item) in docs["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            names.push(operation["operationId"].as_str().unwrap().to_owned());
            if path == "/openapi.json" {
                continue;
            }
            let responses = operation["responses"].as_object().unwrap();
            // Pages for people: the link is the credential.
            if path.starts_with("/a/") {
                for status in ["404", "409", "410"] {
                    assert!(responses.contains_key(status), "{method} {path}: {status}");
                }
                assert_eq!(operation["security"], serde_json::json!([{}]), "{method} {path}");
                continue;
            }
            // Banks and providers: the signature is the credential, and what it signs is kept even where
            // it cannot be read.
            if path.starts_with("/webhooks/") {
                for status in ["401", "413", "503"] {
                    assert!(responses.contains_key(status), "{method} {path}: {status}");
                }
                assert_eq!(operation["security"], serde_json::json!([{}]), "{method} {path}");
                continue;
            }
            for status in ["401", "403", "422", "503"] {
                assert!(
                    responses.contains_key(status),
                    "{method} {path} does not tell of {status}"
                );
            }
            assert_eq!(operation["security"][0]["token"], serde_json::json!([]), "{method} {path}");
        }
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

fn collect(value: &Value, references: &mut Vec<String>) {
    if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        references.push(reference.to_owned());
    }
    if let Some(object) = value.as_object() {
        object.values().for_each(|inner| collect(inner, references));
    }
    if let Some(list) = value.as_array() {
        list.iter().for_each(|inner| collect(inner, references));
    }
}

fn closed_lists<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    if let Some(words) = value.get("enum").and_then(Value::as_array) {
        found.extend(words.iter().filter_map(Value::as_str));
    }
    match value {
        Value::Object(fields) => fields.values().for_each(|it| closed_lists(it, found)),
        Value::Array(items) => items.iter().for_each(|it| closed_lists(it, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
