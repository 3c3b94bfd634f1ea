//! The templates of the deployment: complete, bounded, and what the code asks for.

use std::collections::BTreeSet;

use app::ports::KeyPurpose;
use app::relay;
use aws::config::{Config, Needs};
use tests_infra::rights::{Right, compare, granted};
use tests_infra::{Project, Template, functions, stages};
use tests_tidy::files::{self, File};
use tests_tidy::{Fault, none};

#[test]
fn templates_say_everything() {
    none(Project::read().check());
}

/// A line of the template, what it is turned into, and a part of the fault that follows.
const WRONG: &[(&str, &str, &str)] = &[
    // Functions.
    ("Role: !GetAtt SweepRole.Arn", "Role: !GetAtt DeskFunctionRole.Arn", "shares the role"),
    ("Binary: mail-events", "Binary: mail-evens", "functions/mail-events is deployed by 0"),
    ("      MemorySize: 512", "      Tags: {}", "MemorySize is not set"),
    ("      Timeout: 270", "      Tags: {}", "Timeout is not set"),
    ("      ReservedConcurrentExecutions: 1\n", "\n", "ReservedConcurrentExecutions is not set"),
    ("        LogGroup: !Ref SweepLog\n", "\n", "LoggingConfig/LogGroup is not set"),
    ("      RetentionInDays: !Ref LogRetentionDays\n\n  SweepRole", "\n  SweepRole", "for ever"),
    ("CodeUri: ../functions/sweep", "CodeUri: ..", "CodeUri is"),
    // Triggers.
    (
        "MaximumRetryAttempts: 2\n      MaximumRecord",
        "MaximumRecord",
        "MaximumRetryAttempts is not",
    ),
    ("      MaximumRecordAgeInSeconds: 3600\n", "", "MaximumRecordAgeInSeconds is not set"),
    ("BisectBatchOnFunctionError: true", "BisectBatchOnFunctionError: false", "is false"),
    ("      FunctionResponseTypes: [ReportBatchItemFailures]\n", "", "FunctionResponseTypes is"),
    ("      ParallelizationFactor: 2\n", "", "ParallelizationFactor is not set"),
    ("Destination: !GetAtt RelayFailures.Arn", "Destination: x", "leads to no queue of ours"),
    ("Destination: !GetAtt AutoCloseFailures.Arn", "Destination: x", "leads to no queue of ours"),
    ("        MaximumEventAgeInSeconds: 240\n", "\n", "MaximumEventAgeInSeconds is not set"),
    (
        "          Arn: !GetAtt SweepUndelivered.Arn",
        "          Arn: x",
        "leads to no queue of ours",
    ),
    (
        "ScheduleExpressionTimezone: America/Mexico_City",
        "Name2: x",
        "ScheduleExpressionTimezone is",
    ),
    ("      SourceArn: !GetAtt MailEventsRule.Arn\n", "", "SourceArn is not set"),
    (
        "FunctionName: !Ref MailEvents\n      Action",
        "FunctionName: !Ref Sweep\n      Action",
        "no AWS::Lambda::Permission",
    ),
    (
        "                aws:SourceArn: !GetAtt ScheduleGroup.Arn\n",
        "",
        "may take it for any source",
    ),
    ("ArnEquals: { \"aws:SourceArn\": !GetAtt MailEventsRule.Arn }", "Bool: {}", "anybody's rule"),
    (
        "MessageRetentionPeriod: 1209600",
        "MessageRetentionPeriod: 60",
        "MessageRetentionPeriod is 60",
    ),
    ("SLA_TIMER_ARN: !GetAtt SlaTimer.Arn", "SLA: x", "the environment is not complete"),
    // Rights.
    ("Action: dynamodb:PutItem", "Action: dynamodb:*", "dynamodb:* is granted"),
    ("Action: dynamodb:PutItem", "Action: dynamodb:Scan", "dynamodb:Scan is granted"),
    ("dynamodb:LeadingKeys", "dynamodb:Select", "for every partition"),
    ("  # a text's key follows from its ticket and digest", "", "a star without a reason"),
    ("Action: dynamodb:PutItem", "Action: dynamodb:DeleteTable", "dynamodb:DeleteTable is granted"),
    (
        "Action: dynamodb:PutItem",
        "Action: dynamodb:CreateBackup",
        "dynamodb:CreateBackup is granted",
    ),
    (
        "Action: s3:PutObject\n                Resource",
        "Action: s3:DeleteObjectVersion\n                Resource",
        "s3:DeleteObjectVersion is granted",
    ),
    ("Resource: !GetAtt Sweep.Arn", "Resource: \"*\"", "a right is granted on"),
    ("Action: ssm:GetParameter", "Action: ses:SendRawEmail", "intake-http: ses:SendRawEmail"),
    ("      Policies:", "      ManagedPolicyArns: [x]\n      Policies:", "written elsewhere"),
    (
        "IntegrationUri: !GetAtt DeskFunction.Arn",
        "IntegrationUri: !GetAtt Sweep.Arn",
        "it sends mail and can be called from outside",
    ),
    (
        "FunctionName: !Ref MailEvents\n      Action",
        "FunctionName: !Ref OutboxRelay\n      Action",
        "can be called from outside",
    ),
    ("\"UPLOADS#*\"]", "\"UPLOADS#*\", \"DESK#*\"]", "index/list DESK#*"),
    // State.
    ("DeletionProtectionEnabled: true", "DeletionProtectionEnabled: false", "is false"),
    ("PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false", "is false"),
    ("DeletionPolicy: Retain", "DeletionPolicy: Delete", "does not keep it"),
    ("StreamViewType: KEYS_ONLY", "StreamViewType: NEW_IMAGE", "StreamViewType is"),
    ("RestrictPublicBuckets: true", "RestrictPublicBuckets: false", "is false"),
    ("AttributeName: due_at, KeyType", "AttributeName: due, KeyType", "GlobalSecondaryIndexes is"),
    // HTTP.
    (
        "RouteKey: \"ANY /a/{token}\"",
        "RouteKey: \"POST /a/{token}\"",
        "GET /a/{token} leads to None",
    ),
    ("integrations/${DeskIntegration}", "integrations/${IntakeHttpIntegration}", "GET /desk/me"),
    ("$context.routeKey", "$context.path", "the access log holds $context.path"),
    ("        ThrottlingRateLimit: 20\n", "", "ThrottlingRateLimit is not set"),
    ("TimeoutInMillis: 20000", "TimeoutInMillis: 9000", "it waits 9000 ms"),
    // Mail.
    ("SEND, REJECT,", "SEND,", "REJECT is not told"),
    ("Export: { Name: !Sub \"${AWS::StackName}-bucket\" }", "X: x", "never exported"),
    // Alarms.
    ("Value: !GetAtt SlaTimerFailures.QueueName", "Value: x", "no alarm watches it"),
    ("  FaultsAlarm:", "  OtherAlarm:", "no section on the alarm OtherAlarm"),
    ("  FaultsAlarm:", "  OtherAlarm:", "the section FaultsAlarm is about no alarm"),
    ("  SweepFailures:\n", "  OtherFailures:\n", "how OtherFailures is redriven"),
    ("      AlarmActions: [!Ref Alarms]\n", "", "AlarmActions/0 is not set"),
    // Stages.
    ("  LogLevel:\n", "  LogLevels:\n", "test sets LogLevel, which is no parameter"),
    (
        "    Description: Local part of the support mailbox.\n    Default: soporte\n",
        "    Description: x\n",
        "default does not say Mailbox",
    ),
];

/// What is wrong in the other template.
const WRONG_INBOUND: &[(&str, &str, &str)] = &[
    ("ScanEnabled: true", "ScanEnabled: false", "Rule/ScanEnabled is false"),
    ("        TlsPolicy: !Ref TlsPolicy\n", "", "Rule/TlsPolicy is not set"),
    ("ObjectKeyPrefix: inbound/", "ObjectKeyPrefix: mail/", "ObjectKeyPrefix is"),
    ("InvocationType: Event", "InvocationType: RequestResponse", "InvocationType is"),
    ("      SourceAccount: !Ref AWS::AccountId\n", "", "SourceAccount is not set"),
];

fn changed(template: &Template, from: &str, to: &str) -> Template {
    assert!(template.text.contains(from), "{} holds no {from:?}", template.path);
    Template::parse(&template.path, &template.text.replace(from, to))
}

#[test]
fn whatever_is_taken_out_is_noticed() {
    let project = Project::read();
    let mut unseen = Vec::new();
    let mut see = |project: &Project, from: &str, told: &str| {
        let faults = [project.check(), environments(project)].concat();
        if !faults.iter().any(|fault| fault.to_string().contains(told)) {
            unseen.push(format!("{from:?}: no fault says {told:?}"));
        }
    };
    for (from, to, told) in WRONG {
        let main = changed(&project.main, from, to);
        see(&Project { main, ..project.clone() }, from, told);
    }
    for (from, to, told) in WRONG_INBOUND {
        let inbound = changed(&project.inbound, from, to);
        see(&Project { inbound, ..project.clone() }, from, told);
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}

/// The environment of every function in every stage, as the function itself reads it.
fn environments(project: &Project) -> Vec<Fault> {
    let mut faults = Vec::new();
    let all = files::all();
    for stage in stages::stages(&project.samconfig) {
        let parameters = stages::parameters(&project.samconfig, stage, &project.main);
        for function in project.main.of(functions::FUNCTION) {
            let set = functions::environment(&project.main, function);
            // What a function needs follows from the adapters that it names.
            let main = format!("functions/{}/src/main.rs", functions::package(function));
            let main = all.iter().find(|file| file.path == main).map_or("", File::text);
            let names = |adapter: &str| main.contains(adapter);
            let needs =
                Needs { mail: names("SesMailer"), schedules: names("EventBridgeSchedules") };
            let read = Config::read(needs, |name| match name {
                // The platform sets these.
                "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => {
                    Some("given".to_owned())
                }
                _ => set.get(name).map(|value| functions::resolved(value, &parameters)),
            });
            if let Err(wrong) = read {
                let what = format!("in the stage {stage}, {wrong}");
                faults.push(project.main.fault(function.id, what, "Set it under Environment"));
            }
        }
    }
    faults
}

#[test]
fn every_function_finds_its_environment() {
    none(environments(&Project::read()));
}

/// What the alarms and the dashboard look at under the stack's name is what the functions' lines count.
#[test]
fn metrics_of_our_own_are_said() {
    let project = Project::read();
    let own = project.main.of("AWS::CloudWatch::Alarm").filter(|alarm| {
        *alarm.property("Namespace") == serde_json::json!({ "Ref": "AWS::StackName" })
    });
    let names: BTreeSet<_> = own.filter_map(|it| it.property("MetricName").as_str()).collect();
    assert_eq!(names, BTreeSet::from(aws::telemetry::METRICS));
    for name in names {
        let shown = format!("[\"${{AWS::StackName}}\",\"{name}\"]");
        assert!(project.main.text.contains(&shown), "the dashboard does not show {name}");
    }
    let table = project.main.resource("Table").expect("there is a table");
    let stack = serde_json::json!({ "Ref": "AWS::StackName" });
    assert_eq!(*table.property("TableName"), stack, "metrics are told under the table's name");
}

#[test]
fn every_key_is_granted_to_somebody() {
    let rights = granted(&Project::read().main);
    for purpose in KeyPurpose::ALL {
        let target = format!("keys/{}", purpose.name());
        assert!(rights.iter().any(|right| right.target == target), "nobody may read {target}");
    }
}

/// The service behind each adapter that a function may have besides the table.
const PARTS: [(&str, &str); 4] = [
    ("S3Blobs", "s3:"),
    ("SsmSecrets", "ssm:"),
    ("SesMailer", "ses:"),
    ("EventBridgeSchedules", "scheduler:"),
];

/// A function's type names the services that its role may use, and no other.
#[test]
fn who_names_an_adapter_has_its_rights() {
    let rights = granted(&Project::read().main);
    let mut seen = 0;
    for file in files::all() {
        let function = file.path.strip_prefix("functions/").unwrap_or_default();
        let Some(function) = function.strip_suffix("/src/main.rs") else { continue };
        for (adapter, service) in PARTS {
            let granted = rights
                .iter()
                .any(|right| right.function == function && right.action.starts_with(service));
            assert_eq!(file.text().contains(adapter), granted, "{function}: {adapter}, {service}");
            seen += usize::from(granted);
        }
    }
    assert!(seen > PARTS.len(), "no function has any right");
}

/// Who connects before the first event asks the table for a credential that nobody holds.
#[test]
fn who_connects_at_once_may() {
    let rights = granted(&Project::read().main);
    for file in files::all() {
        let function = file.path.strip_prefix("functions/").unwrap_or_default();
        let Some(function) = function.strip_suffix("/src/main.rs") else { continue };
        if file.text().contains("env.connect()") {
            let needed = Right::new(function, "dynamodb:GetItem", "K#*");
            assert!(rights.contains(&needed), "not granted, but used: {needed}");
        }
    }
}

/// The relay looks at due entries, changed standings, new notices and editions to be told; the mapping
/// brings it no other.
#[test]
fn the_stream_brings_what_the_relay_works() {
    let project = Project::read();
    let mapping = project.main.resource("RelayStream").expect("the relay has a stream");
    let mut sort_keys = BTreeSet::new();
    for filter in mapping.property("FilterCriteria/Filters").as_array().into_iter().flatten() {
        let pattern = filter["Pattern"].as_str().unwrap_or_default();
        let pattern: serde_json::Value = serde_json::from_str(pattern).expect("a pattern is JSON");
        let keys = pattern.pointer("/dynamodb/Keys/sk/S").and_then(|it| it.as_array());
        for key in keys.into_iter().flatten() {
            let prefix = key["prefix"].as_str().map(|prefix| format!("{prefix}…"));
            sort_keys.extend(prefix.or_else(|| key.as_str().map(ToOwned::to_owned)));
        }
        let events = pattern["eventName"].as_array().cloned().unwrap_or_default();
        assert!(!events.contains(&"REMOVE".into()), "what was removed asks for nothing");
    }
    let prefixes = relay::NEW_EFFECTS.map(|prefix| format!("{prefix}…"));
    let worked = relay::EFFECTS.map(ToOwned::to_owned).into_iter().chain(prefixes);
    assert_eq!(sort_keys, worked.collect::<BTreeSet<_>>());
}

#[test]
fn rights_are_compared_both_ways() {
    let template = Project::read().main;
    let all = granted(&template);
    assert_eq!(compare(&template, &all, &["sweep"]), []);
    let mut less = all.clone();
    less.retain(|right| right.action != "ses:SendRawEmail");
    let unused = compare(&template, &less, &["sweep"]).len();
    assert_eq!(unused, 2, "granted, but never used");
    let mut more = all;
    more.insert(Right::new("sweep", "dynamodb:PutItem", "S#*"));
    more.insert(Right::new("desk", "dynamodb:PutItem", "CAL#*"));
    assert_eq!(compare(&template, &more, &["sweep"]).len(), 1, "used, but not granted");
}
