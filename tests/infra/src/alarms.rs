//! Alarms: each queue has one, each alarm reaches somebody and has a section in the runbook.

use std::collections::BTreeSet;

use serde_json::json;
use tests_tidy::Fault;

use crate::template::{Template, many, target, text};

/// What to do when an alarm rings.
pub const RUNBOOK: &str = "docs/runbook.md";

/// The type of an alarm.
const ALARM: &str = "AWS::CloudWatch::Alarm";

/// What a section of the runbook says.
const PARTS: [&str; 3] = ["**What it means.**", "**Look at.**", "**Do.**"];

/// Every alarm is whole, every queue is watched, and the runbook has a section for each alarm.
#[must_use]
pub fn check(template: &Template, runbook: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for alarm in template.of(ALARM) {
        let set = ["AlarmActions/0", "OKActions/0", "AlarmDescription"];
        faults.extend(template.missing(alarm, &set));
        let set = ["EvaluationPeriods", "Threshold", "TreatMissingData"];
        faults.extend(template.missing(alarm, &set));
        let described = text(alarm.property("AlarmDescription")).unwrap_or_default();
        if !described.contains(&format!("{RUNBOOK}, {}", alarm.id)) {
            let what = "its description does not name its section of the runbook";
            faults.push(template.fault(alarm.id, what, "End it with the section's name"));
        }
    }
    let watched = watched(template);
    for queue in template.of("AWS::SQS::Queue").filter(|it| !watched.contains(it.id)) {
        let what = "no alarm watches it";
        faults.push(template.fault(queue.id, what, "Add an alarm on its visible messages"));
    }
    faults.extend(check_runbook(template, runbook));
    faults
}

fn watched(template: &Template) -> BTreeSet<&str> {
    let depth = json!("ApproximateNumberOfMessagesVisible");
    let alarms = template.of(ALARM).filter(|alarm| *alarm.property("MetricName") == depth);
    let dimensions = alarms.flat_map(|alarm| many(alarm.property("Dimensions")));
    dimensions.filter_map(|dimension| target(&dimension["Value"])).collect()
}

/// The sections about alarms: their names, and their texts.
fn sections(runbook: &str) -> Vec<(&str, &str)> {
    let parts = runbook.split("\n### ").skip(1);
    parts.filter_map(|part| part.split_once('\n')).map(|(name, body)| (name.trim(), body)).collect()
}

fn check_runbook(template: &Template, runbook: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let sections = sections(runbook);
    for alarm in template.of(ALARM) {
        let Some((_, body)) = sections.iter().find(|(name, _)| *name == alarm.id) else {
            let what = format!("there is no section on the alarm {}", alarm.id);
            faults.push(Fault::new(RUNBOOK, what, "Write what it means and what to do"));
            continue;
        };
        for part in PARTS.iter().filter(|part| !body.contains(*part)) {
            let what = format!("the section on {} has no part {part}", alarm.id);
            faults.push(Fault::new(RUNBOOK, what, "Write it"));
        }
    }
    for queue in template.of("AWS::SQS::Queue") {
        if !runbook.contains(&format!("\n| {} | ", queue.id)) {
            let what = format!("it does not say how {} is redriven", queue.id);
            faults.push(Fault::new(RUNBOOK, what, "Add a row under \"How to redrive\""));
        }
    }
    for (name, _) in sections.iter().filter(|(name, _)| name.ends_with("Alarm")) {
        if template.resource(name).is_none_or(|it| it.kind() != ALARM) {
            let what = format!("the section {name} is about no alarm");
            faults.push(Fault::new(RUNBOOK, what, "Take it out"));
        }
    }
    faults
}
