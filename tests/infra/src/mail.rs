//! Mail in and out: the receipt rule, and what the mail service tells of our mails.

use serde_json::{Value, json};
use tests_tidy::Fault;

use crate::template::{Template, many, text};

/// Everything that `mail-events` understands.
const TOLD: [&str; 7] =
    ["SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "DELIVERY_DELAY", "RENDERING_FAILURE"];

/// The rule stores before it calls; the events reach the bus; what one stack takes the other gives.
#[must_use]
pub fn check(main: &Template, inbound: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    for rule in inbound.of("AWS::SES::ReceiptRule") {
        let set = ["Rule/Recipients", "Rule/TlsPolicy"];
        faults.extend(inbound.missing(rule, &set));
        let wanted = [
            ("Rule/Enabled", json!(true)),
            ("Rule/ScanEnabled", json!(true)),
            ("Rule/Actions/0/S3Action/ObjectKeyPrefix", json!("inbound/")),
            ("Rule/Actions/1/LambdaAction/InvocationType", json!("Event")),
        ];
        faults.extend(inbound.differing(rule, &wanted));
    }
    if inbound.of("AWS::SES::ReceiptRule").count() != 1 {
        faults.push(inbound.fault("Resources", "there is not one receipt rule", "Declare one"));
    }
    for set in main.of("AWS::SES::ConfigurationSet") {
        let paths = ["DeliveryOptions/TlsPolicy", "SuppressionOptions/SuppressedReasons"];
        faults.extend(main.missing(set, &paths));
    }
    for destination in main.of("AWS::SES::ConfigurationSetEventDestination") {
        let types = destination.property("EventDestination/MatchingEventTypes");
        for kind in TOLD.iter().filter(|kind| !many(types).contains(&&json!(kind))) {
            let what = format!("{kind} is not told");
            faults.push(main.fault(destination.id, what, "Add it to MatchingEventTypes"));
        }
        let bus = ["EventDestination/EventBridgeDestination/EventBusArn"];
        faults.extend(main.missing(destination, &bus));
    }
    faults.extend(check_imports(main, inbound));
    faults
}

fn check_imports(main: &Template, inbound: &Template) -> Vec<Fault> {
    let outputs = main.section("Outputs").as_object().into_iter().flatten();
    let exported: Vec<String> = outputs
        .filter_map(|(_, output)| text(&output["Export"]["Name"]))
        .map(|name| name.replace("${AWS::StackName}", "${Stack}"))
        .collect();
    let mut imported = Vec::new();
    inbound.resources().for_each(|it| imports(it.all, &mut imported));
    let missing = imported.into_iter().filter(|name| !exported.contains(name));
    let what = |name: String| format!("{name} is imported and never exported");
    missing.map(|name| inbound.fault("Resources", what(name), "Export it")).collect()
}

fn imports(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                if name == "Fn::ImportValue" {
                    found.extend(text(inner).map(ToOwned::to_owned));
                }
                imports(inner, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| imports(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
