//! Each trigger: who may call, how often it is tried, for how long, and where it ends when it fails.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests_tidy::Fault;

use crate::functions::FUNCTION;
use crate::template::{Resource, Template, many, target};

/// What is set for a stream.
const STREAM: [&str; 9] = [
    "StartingPosition",
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "ParallelizationFactor",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "DestinationConfig/OnFailure/Destination",
    "FilterCriteria/Filters",
];

/// What is set for each asynchronous function.
const ASYNCHRONOUS: [&str; 3] = [
    "EventInvokeConfig/MaximumEventAgeInSeconds",
    "EventInvokeConfig/MaximumRetryAttempts",
    "EventInvokeConfig/DestinationConfig/OnFailure/Destination",
];

/// What is set for each target of a schedule or a rule.
const TARGET: [&str; 3] = [
    "RetryPolicy/MaximumEventAgeInSeconds",
    "RetryPolicy/MaximumRetryAttempts",
    "DeadLetterConfig/Arn",
];

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trigger {
    /// By the HTTP API, which waits for the answer.
    Http,
    /// By the table's stream, in batches.
    Stream,
    /// By a schedule, a rule or the mail service, which do not wait.
    Asynchronous,
}

/// The variables by which the functions that create one-time schedules know their targets.
const WOKEN: [&str; 2] = ["SLA_TIMER_ARN", "AUTO_CLOSE_ARN"];

/// Every function with the ways in which it is called.
#[must_use]
pub fn triggers<'a>(main: &'a Template) -> BTreeMap<&'a str, BTreeSet<Trigger>> {
    let mut found: BTreeMap<&str, BTreeSet<Trigger>> =
        main.of(FUNCTION).map(|function| (function.id, BTreeSet::new())).collect();
    let mut add = |value: &'a Value, trigger: Trigger| {
        if let Some(id) = target(value) {
            found.entry(id).or_default().insert(trigger);
        }
    };
    for one in main.of("AWS::ApiGatewayV2::Integration") {
        add(one.property("IntegrationUri"), Trigger::Http);
    }
    for one in main.of("AWS::Lambda::EventSourceMapping") {
        add(one.property("FunctionName"), Trigger::Stream);
    }
    for one in main.of("AWS::Scheduler::Schedule") {
        add(one.property("Target/Arn"), Trigger::Asynchronous);
    }
    for rule in main.of("AWS::Events::Rule") {
        for one in many(rule.property("Targets")) {
            add(&one["Arn"], Trigger::Asynchronous);
        }
    }
    for function in main.of(FUNCTION) {
        for name in WOKEN {
            add(function.property(&format!("Environment/Variables/{name}")), Trigger::Asynchronous);
        }
    }
    // The receipt rule lies in the other template and takes the function from this output.
    add(&main.section("Outputs")["IntakeMailArn"]["Value"], Trigger::Asynchronous);
    found
}

/// Every trigger says everything; every failure ends in a queue; every caller is named.
#[must_use]
pub fn check(main: &Template, inbound: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (id, ways) in triggers(main) {
        let Some(function) = main.resource(id) else {
            faults.push(main.fault(id, "a trigger calls it", "Declare it"));
            continue;
        };
        if ways.is_empty() {
            faults.push(main.fault(id, "nothing calls it", "Give it a trigger, or take it out"));
        }
        if ways.contains(&Trigger::Asynchronous) {
            faults.extend(main.missing(function, &ASYNCHRONOUS));
            faults.extend(ends_in_queue(main, function, ASYNCHRONOUS[2]));
        }
        if ways.contains(&Trigger::Http) && ways.len() > 1 {
            let what = "it is reached from outside and by events of ours";
            faults.push(main.fault(id, what, "Make two functions of it"));
        }
    }
    faults.extend(check_streams(main));
    faults.extend(check_schedules(main));
    faults.extend(check_rules(main));
    faults.extend(check_permissions(main));
    faults.extend(check_permissions(inbound));
    faults.extend(check_trust(main));
    faults.extend(check_queues(main));
    faults
}

fn ends_in_queue(template: &Template, resource: Resource<'_>, path: &str) -> Vec<Fault> {
    queue_fault(template, resource.id, resource.property(path), path)
}

fn queue_fault(template: &Template, id: &str, value: &Value, path: &str) -> Vec<Fault> {
    let queue = target(value).and_then(|it| template.resource(it));
    if value.is_null() || queue.is_some_and(|it| it.kind() == "AWS::SQS::Queue") {
        return Vec::new();
    }
    vec![template.fault(id, format!("{path} leads to no queue of ours"), "Name a queue")]
}

fn check_streams(main: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    for mapping in main.of("AWS::Lambda::EventSourceMapping") {
        faults.extend(main.missing(mapping, &STREAM));
        faults.extend(ends_in_queue(main, mapping, "DestinationConfig/OnFailure/Destination"));
        let wanted = [
            ("BisectBatchOnFunctionError", json!(true)),
            ("FunctionResponseTypes", json!(["ReportBatchItemFailures"])),
        ];
        faults.extend(main.differing(mapping, &wanted));
    }
    faults
}

fn check_schedules(main: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    for schedule in main.of("AWS::Scheduler::Schedule") {
        let set = ["GroupName", "State", "FlexibleTimeWindow/Mode", "Target/RoleArn"];
        faults.extend(main.missing(schedule, &set));
        let zone = [("ScheduleExpressionTimezone", json!("America/Mexico_City"))];
        faults.extend(main.differing(schedule, &zone));
        for path in TARGET {
            faults.extend(main.missing(schedule, &[&format!("Target/{path}")]));
        }
        faults.extend(ends_in_queue(main, schedule, "Target/DeadLetterConfig/Arn"));
    }
    faults
}

fn check_rules(main: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    for rule in main.of("AWS::Events::Rule") {
        faults.extend(main.missing(rule, &["EventPattern/source", "EventPattern/resources"]));
        for at in 0..many(rule.property("Targets")).len() {
            for path in TARGET {
                faults.extend(main.missing(rule, &[&format!("Targets/{at}/{path}")]));
            }
            faults.extend(ends_in_queue(main, rule, &format!("Targets/{at}/DeadLetterConfig/Arn")));
        }
    }
    faults
}

/// A service that calls a function does so for one source of this account.
fn check_permissions(template: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    for permission in template.of("AWS::Lambda::Permission") {
        let set = ["SourceArn", "SourceAccount", "Principal"];
        faults.extend(template.missing(permission, &set));
        let wanted = [("Action", json!("lambda:InvokeFunction"))];
        faults.extend(template.differing(permission, &wanted));
    }
    let called = |kind: &str, path: &str| -> Vec<String> {
        let all = template.of(kind).flat_map(|one| many(one.property(path)));
        let ids = all.filter_map(|it| target(it).or_else(|| target(&it["Arn"])));
        ids.map(ToOwned::to_owned).collect()
    };
    let mut callers = called("AWS::ApiGatewayV2::Integration", "IntegrationUri");
    callers.extend(called("AWS::Events::Rule", "Targets"));
    let allowed = called("AWS::Lambda::Permission", "FunctionName");
    for id in callers.iter().filter(|id| !allowed.contains(id)) {
        let what = "no AWS::Lambda::Permission lets its trigger call it";
        faults.push(template.fault(id, what, "Add one, with its source"));
    }
    faults
}

/// A role is taken by functions, or by a service for one source of this account.
fn check_trust(main: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    for role in main.of("AWS::IAM::Role") {
        for statement in many(role.property("AssumeRolePolicyDocument/Statement")) {
            let service = statement["Principal"]["Service"].as_str().unwrap_or_default();
            let condition = &statement["Condition"]["StringEquals"];
            let bound = ["aws:SourceAccount", "aws:SourceArn"];
            let bound = bound.iter().all(|name| !condition[name].is_null());
            if service != "lambda.amazonaws.com" && !bound {
                let what = format!("{service:?} may take it for any source");
                let remedy = "Require aws:SourceAccount and aws:SourceArn";
                faults.push(main.fault(role.id, what, remedy));
            }
        }
    }
    faults
}

/// Queues keep what they hold for two weeks, encrypted; each is the end of something, and whoever
/// writes into one by a policy is named.
fn check_queues(main: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    let text = serde_json::to_string(&used(main)).unwrap_or_default();
    for queue in main.of("AWS::SQS::Queue") {
        let wanted =
            [("MessageRetentionPeriod", json!(1_209_600)), ("SqsManagedSseEnabled", json!(true))];
        faults.extend(main.differing(queue, &wanted));
        if !text.contains(&format!("\"{}.Arn\"", queue.id)) {
            faults.push(main.fault(queue.id, "nothing ends in it", "Use it, or take it out"));
        }
    }
    for policy in main.of("AWS::SQS::QueuePolicy") {
        for statement in many(policy.property("PolicyDocument/Statement")) {
            if statement["Condition"]["ArnEquals"]["aws:SourceArn"].is_null() {
                let what = "anybody's rule may write into it";
                faults.push(main.fault(policy.id, what, "Require aws:SourceArn"));
            }
        }
    }
    faults
}

/// Where failures are sent: destinations and dead letters.
fn used(main: &Template) -> Vec<&Value> {
    let paths = [
        ASYNCHRONOUS[2],
        "DestinationConfig/OnFailure/Destination",
        "Target/DeadLetterConfig/Arn",
        "Targets/0/DeadLetterConfig/Arn",
        "Environment/Variables/SCHEDULE_DLQ_ARN",
    ];
    let all = main.resources().flat_map(|it| paths.map(|path| it.property(path)));
    all.filter(|value| !value.is_null()).collect()
}
