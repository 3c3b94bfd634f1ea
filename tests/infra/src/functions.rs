//! Each function: what is built, how large, how long, who it is, where it logs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};
use tests_tidy::{Fault, files};

use crate::template::{Resource, Template, target};

/// The type of a function.
pub const FUNCTION: &str = "AWS::Serverless::Function";

/// What is set for each function, because no default is right for all.
const SET: [&str; 6] = [
    "FunctionName",
    "MemorySize",
    "Timeout",
    "ReservedConcurrentExecutions",
    "LoggingConfig/LogGroup",
    "LoggingConfig/LogFormat",
];

/// The packages under `functions/`.
///
/// # Panics
/// When the folder cannot be read.
#[must_use]
pub fn packages() -> Vec<String> {
    let folder = fs::read_dir(files::root().join("functions")).expect("the functions are there");
    let entries = folder.map(|entry| entry.expect("the folder can be read").path());
    let packages = entries.filter(|path| path.join("Cargo.toml").exists());
    let name = |path: std::path::PathBuf| path.file_name()?.to_str().map(ToOwned::to_owned);
    let mut names: Vec<String> = packages.filter_map(name).collect();
    names.sort();
    names
}

/// The package of a function.
#[must_use]
pub fn package<'a>(function: Resource<'a>) -> &'a str {
    let binary = function.all.pointer("/Metadata/BuildProperties/Binary");
    binary.and_then(Value::as_str).unwrap_or_default()
}

/// The function that is built from a package.
#[must_use]
pub fn of_package<'a>(template: &'a Template, name: &str) -> Option<Resource<'a>> {
    template.of(FUNCTION).find(|function| package(*function) == name)
}

/// Each package is deployed once, and each function says what it must.
#[must_use]
pub fn check(template: &Template, packages: &[String]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let built: Vec<&str> = template.of(FUNCTION).map(package).collect();
    for name in packages {
        let times = built.iter().filter(|it| *it == name).count();
        if times != 1 {
            let what = format!("functions/{name} is deployed by {times} functions");
            faults.push(template.fault("Resources", what, "Deploy it once"));
        }
    }
    let mut roles = BTreeMap::new();
    for function in template.of(FUNCTION) {
        faults.extend(template.missing(function, &SET));
        faults.extend(check_build(template, function));
        faults.extend(check_log(template, function));
        let role = target(function.property("Role")).unwrap_or_default();
        if let Some(other) = roles.insert(role, function.id) {
            let what = format!("it shares the role {role:?} with {other}");
            faults.push(template.fault(function.id, what, "Give it a role of its own"));
        }
        if template.resource(role).is_none_or(|role| role.kind() != "AWS::IAM::Role") {
            let what = "its role is not declared here";
            faults.push(template.fault(function.id, what, "Declare it, with what it may do"));
        }
    }
    faults
}

fn check_build(template: &Template, function: Resource<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let method = function.all.pointer("/Metadata/BuildMethod");
    if method != Some(&json!("rust-cargolambda")) {
        let what = format!("it is built by {method:?}");
        faults.push(template.fault(function.id, what, "Build it by rust-cargolambda"));
    }
    // Built in its own folder, a function links the features that its package names and no others.
    let folder = json!(format!("../functions/{}", package(function)));
    faults.extend(template.differing(function, &[("CodeUri", folder)]));
    faults
}

fn check_log(template: &Template, function: Resource<'_>) -> Vec<Fault> {
    let group = target(function.property("LoggingConfig/LogGroup")).unwrap_or_default();
    let declared = template.resource(group).filter(|it| it.kind() == "AWS::Logs::LogGroup");
    match declared {
        Some(_) => Vec::new(),
        None => {
            let what = "its log group is not declared here";
            vec![template.fault(function.id, what, "Declare it, with its retention")]
        }
    }
}

/// The environment of a function: what all have, and what is its own.
#[must_use]
pub fn environment<'a>(
    template: &'a Template,
    function: Resource<'a>,
) -> BTreeMap<&'a str, &'a Value> {
    let global = template.section("Globals").pointer("/Function/Environment/Variables");
    let own = function.property("Environment/Variables");
    let fields = [global.unwrap_or(&Value::Null), own].map(Value::as_object);
    fields.into_iter().flatten().flatten().map(|(name, value)| (name.as_str(), value)).collect()
}

/// A value as the process would see it in a stage: parameters by `parameters`, anything that only the
/// platform knows as a word without meaning.
#[must_use]
pub fn resolved(value: &Value, parameters: &BTreeMap<String, String>) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Object(_) => {
            let parameter = value["Ref"].as_str().and_then(|name| parameters.get(name));
            parameter.cloned().unwrap_or_else(|| "known-when-deployed".to_owned())
        }
        Value::Null | Value::Array(_) => String::new(),
    }
}

/// Every log group says for how long it keeps what it holds.
#[must_use]
pub fn check_retention(template: &Template) -> Vec<Fault> {
    let groups: BTreeSet<&str> = template.of("AWS::Logs::LogGroup").map(|it| it.id).collect();
    let kept = |id: &&str| {
        template.resource(id).is_some_and(|it| !it.property("RetentionInDays").is_null())
    };
    let without = groups.into_iter().filter(|id| !kept(id));
    let what = "it keeps its lines for ever";
    without.map(|id| template.fault(id, what, "Set RetentionInDays")).collect()
}
