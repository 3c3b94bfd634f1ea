//! The stages in `samconfig.toml`.

use std::collections::BTreeMap;

use serde_json::Value;
use tests_tidy::Fault;

use crate::template::Template;

/// Where the stages are described.
pub const FILE: &str = "samconfig.toml";

/// The names of the stages.
#[must_use]
pub fn stages(samconfig: &toml::Table) -> Vec<&str> {
    samconfig.iter().filter(|(_, value)| value.is_table()).map(|(name, _)| name.as_str()).collect()
}

/// The parameters of a stage: what it sets, and the template's defaults.
#[must_use]
pub fn parameters(
    samconfig: &toml::Table,
    stage: &str,
    template: &Template,
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::from([(
        "AWS::StackName".to_owned(),
        value(samconfig, stage, "global", "stack_name").unwrap_or_default(),
    )]);
    for (name, parameter) in template.section("Parameters").as_object().into_iter().flatten() {
        match &parameter["Default"] {
            Value::Null => {}
            Value::String(text) => {
                found.insert(name.clone(), text.clone());
            }
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                found.insert(name.clone(), other.to_string());
            }
        }
    }
    found.extend(overrides(samconfig, stage));
    found
}

fn table<'a>(samconfig: &'a toml::Table, stage: &str, command: &str) -> Option<&'a toml::Value> {
    samconfig.get(stage)?.get(command)?.get("parameters")
}

fn value(samconfig: &toml::Table, stage: &str, command: &str, name: &str) -> Option<String> {
    table(samconfig, stage, command)?.get(name)?.as_str().map(ToOwned::to_owned)
}

fn overrides(samconfig: &toml::Table, stage: &str) -> BTreeMap<String, String> {
    let deploy = table(samconfig, stage, "deploy");
    let list = deploy.and_then(|it| it.get("parameter_overrides")?.as_array());
    let pairs = list.into_iter().flatten().filter_map(|it| it.as_str()?.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Two stages at least, each with a stack of its own and every value that has no default.
#[must_use]
pub fn check(samconfig: &toml::Table, template: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    let fault = |what: String, remedy: &str| Fault::new(FILE, what, remedy);
    let names = stages(samconfig);
    if names.len() < 2 {
        faults.push(fault(format!("the stages are {names:?}"), "Describe one to try things in"));
    }
    let mut stacks = BTreeMap::new();
    let declared = template.section("Parameters").as_object();
    for stage in names {
        let stack = value(samconfig, stage, "global", "stack_name").unwrap_or_default();
        if let Some(other) = stacks.insert(stack.clone(), stage) {
            let what = format!("{stage} and {other} share the stack {stack:?}");
            faults.push(fault(what, "Name each stage's stack"));
        }
        let known = parameters(samconfig, stage, template);
        for name in declared.into_iter().flatten().map(|(name, _)| name) {
            if !known.contains_key(name) {
                faults.push(fault(format!("{stage} does not say {name}"), "Add it"));
            }
        }
        for name in overrides(samconfig, stage).keys() {
            if declared.is_none_or(|it| !it.contains_key(name)) {
                faults.push(fault(format!("{stage} sets {name}, which is no parameter"), "Remove"));
            }
        }
    }
    faults
}
