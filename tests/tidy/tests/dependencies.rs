//! What is linked into what.

use std::collections::BTreeSet;

use tests_tidy::crates::{
    built, check_bans, check_common, check_licences, check_memory, check_sdk, check_shared,
    closure, manifests, policy,
};
use tests_tidy::files::{self, File};
use tests_tidy::licences::is_allowed;
use tests_tidy::words::check_sources;
use tests_tidy::{Fault, none};

/// Everything that is linked into the domain: dates with their time zones, serialisation, one hash
/// function, derived errors. A name more is a decision, not an accident.
const DOMAIN: &[&str] = &[
    "autocfg",
    "block-buffer",
    "cfg-if",
    "chrono",
    "chrono-tz",
    "cpufeatures",
    "crypto-common",
    "digest",
    "domain",
    "hybrid-array",
    "itoa",
    "memchr",
    "num-traits",
    "phf",
    "phf_shared",
    "proc-macro2",
    "quote",
    "serde",
    "serde_core",
    "serde_derive",
    "serde_json",
    "sha2",
    "siphasher",
    "syn",
    "thiserror",
    "thiserror-impl",
    "typenum",
    "unicode-ident",
    "zmij",
];

#[test]
fn the_domain_depends_on_little() {
    let more = closure("domain").into_iter().filter(|name| !DOMAIN.contains(&name.as_str()));
    none(more.map(|name| {
        let remedy = "Do without it, or add it to the list with a reason in docs/adr";
        Fault::new("shared/domain/Cargo.toml", format!("{name} is linked into the domain"), remedy)
    }));
}

#[test]
fn rules_use_cases_and_mails_are_free_of_the_cloud() {
    let mut faults = Vec::new();
    for package in ["domain", "app", "mail", "web", "client-file"] {
        for name in closure(package) {
            if name.starts_with("aws") || name == "tokio" || name == "lambda_runtime" {
                let what = format!("{name} is linked into {package}");
                let remedy = "Put it behind a port of app";
                faults.push(Fault::new(format!("shared/{package}/Cargo.toml"), what, remedy));
            }
        }
    }
    none(faults);
}

#[test]
fn only_the_adapters_know_the_sdk() {
    none(check_sdk(&manifests(&files::all())));
    let wrong = manifest("functions/desk/Cargo.toml", "[dependencies]\naws-sdk-s3 = \"1\"");
    assert_eq!(check_sdk(&wrong).len(), 1);
}

#[test]
fn no_function_links_the_ports_in_memory() {
    none(check_memory(&manifests(&files::all())));
    let memory = "[dependencies]\napp = { features = [\"memory\"] }";
    assert_eq!(check_memory(&manifest("functions/desk/Cargo.toml", memory)).len(), 1);
}

#[test]
fn functions_are_built_with_the_same_crates() {
    let manifests = manifests(&files::all());
    let functions = manifests.iter().filter(|it| it.is_function());
    let built: Vec<_> = functions.map(|it| (it.name().to_owned(), built(it.name()))).collect();
    assert_eq!(built.len(), 11);
    none(check_shared(&built));
    let list = |features| BTreeSet::from([format!("bytes v1 {features}"), "web v1 []".to_owned()]);
    let apart = [("desk".to_owned(), list("[std]")), ("sweep".to_owned(), list("[serde,std]"))];
    assert_eq!(check_shared(&apart).len(), 1);
}

#[test]
fn packages_share_lints_and_versions() {
    none(check_common(&manifests(&files::all())));
    assert_eq!(check_common(&manifest("shared/new/Cargo.toml", "")).len(), 5);
}

#[test]
fn the_lock_holds_nothing_that_is_banned() {
    let policy = policy(&files::read("deny.toml"));
    none(check_bans(&files::read("Cargo.lock"), &policy));
    let old = "[[package]]\nname = \"rustls\"\nversion = \"0.21.12\"\n";
    assert_eq!(check_bans(old, &policy).len(), 1, "the old TLS stack is banned");
    let jitter = "[[package]]\nname = \"aws-lc-rs\"\nversion = \"1.0.0\"\n";
    assert_eq!(check_bans(jitter, &policy).len(), 1, "aws-lc is banned");
    let new = "[[package]]\nname = \"rustls\"\nversion = \"0.23.1\"\n";
    assert_eq!(check_bans(new, &policy), []);
}

#[test]
fn packages_come_from_one_registry() {
    none(check_sources(&files::all()));
    let lock = File::made_up("Cargo.lock", "source = \"git+https://example.com/fork\"\n");
    assert_eq!(check_sources(&[lock]).len(), 1);
    let config = File::made_up(".cargo/config.toml", "");
    assert_eq!(check_sources(&[config]).len(), 1);
}

#[test]
fn licences_are_allowed() {
    none(check_licences(&policy(&files::read("deny.toml"))));
}

#[test]
fn licence_expressions_are_read() {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];
    let allowed = allowed.iter().map(|name| (*name).to_owned()).collect();
    let rows = [
        ("MIT", true),
        ("GPL-3.0", false),
        ("", false),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0/MIT", true),
        ("(MIT OR GPL-3.0) AND Apache-2.0", true),
        ("(MIT OR GPL-3.0) AND ISC", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("GPL-2.0 WITH Classpath-exception-2.0", false),
        ("(MIT", false),
    ];
    for (expression, expected) in rows {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}

fn manifest(path: &str, rest: &str) -> Vec<tests_tidy::crates::Manifest> {
    let text = if rest.is_empty() {
        "[package]\nname = \"new\"\npublish.workspace = true\n".to_owned()
    } else {
        format!("[package]\nname = \"desk\"\n{rest}\n")
    };
    manifests(&[File::made_up(path, &text)])
}
