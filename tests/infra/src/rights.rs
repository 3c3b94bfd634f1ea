//! What each function may do: named actions, named partitions and prefixes, nothing else.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;
use tests_tidy::Fault;

use crate::functions::{FUNCTION, package};
use crate::template::{Resource, Template, many, target, text};

/// One right of one function.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// The function's package.
    pub function: String,
    /// The action as IAM spells it.
    pub action: String,
    /// On what: `T#*` of the table, `index/list C#*`, `texts/*` of the bucket, `bucket done/*` for what
    /// a listing may be asked for, `keys/action-links`, `schedule/${ScheduleGroup}/*`.
    pub target: String,
}

impl Right {
    /// A right.
    #[must_use]
    pub fn new(
        function: impl Into<String>,
        action: impl Into<String>,
        target: impl Into<String>,
    ) -> Self {
        Self { function: function.into(), action: action.into(), target: target.into() }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} on {}", self.function, self.action, self.target)
    }
}

/// What the platform does in a function's name, and no code of ours calls.
const PLATFORM: [&str; 7] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
];

/// Functions that send mail (A4).
const SENDERS: [&str; 2] = ["outbox-relay", "sweep"];
/// Services whose use carries effects out, with the functions that may use them.
const EFFECTS: [(&str, &[&str]); 3] =
    [("ses:", &SENDERS), ("scheduler:", &["outbox-relay"]), ("iam:", &["outbox-relay"])];

/// Everything that may be granted at all. Backups, deletion of tables, buckets and versions, scans and
/// changes of rights are nobody's.
const KNOWN: [&str; 16] = [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:PutItem",
    "dynamodb:DeleteItem",
    "dynamodb:ConditionCheckItem",
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:ListBucket",
    "ssm:GetParameter",
    "ses:SendRawEmail",
    "scheduler:CreateSchedule",
    "scheduler:UpdateSchedule",
    "scheduler:DeleteSchedule",
    "iam:PassRole",
];

/// A statement of a role.
struct Statement<'a>(&'a Value);

impl<'a> Statement<'a> {
    fn actions(&self) -> Vec<&'a str> {
        many(&self.0["Action"]).into_iter().filter_map(Value::as_str).collect()
    }

    fn resources(&self) -> Vec<&'a Value> {
        many(&self.0["Resource"])
    }

    /// The partitions that it is bound to.
    fn partitions(&self) -> Vec<&'a str> {
        let condition = &self.0["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
        many(condition).into_iter().filter_map(Value::as_str).collect()
    }

    /// The partitions, or the prefixes of a listing, that it is bound to.
    fn bounds(&self) -> Vec<&'a str> {
        let prefixes = many(&self.0["Condition"]["StringLike"]["s3:prefix"]);
        let prefixes = prefixes.into_iter().filter_map(Value::as_str);
        self.partitions().into_iter().chain(prefixes).collect()
    }
}

fn statements(role: Resource<'_>) -> impl Iterator<Item = Statement<'_>> {
    let policies = many(role.property("Policies"));
    policies.into_iter().flat_map(|it| many(&it["PolicyDocument"]["Statement"])).map(Statement)
}

/// The rights that the template gives to the code of each function.
#[must_use]
pub fn granted(template: &Template) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for function in template.of(FUNCTION) {
        let role = target(function.property("Role")).and_then(|id| template.resource(id));
        for statement in role.into_iter().flat_map(statements) {
            for action in statement.actions().into_iter().filter(|it| !PLATFORM.contains(it)) {
                for resource in statement.resources() {
                    let place = place(resource);
                    let bounds = statement.bounds();
                    if bounds.is_empty() {
                        rights.insert(Right::new(package(function), action, place));
                        continue;
                    }
                    for bound in bounds {
                        let place = format!("{place} {bound}");
                        rights.insert(Right::new(package(function), action, place.trim_start()));
                    }
                }
            }
        }
    }
    rights
}

/// A resource in the words of [`Right::target`]; the table itself is the empty word.
fn place(resource: &Value) -> String {
    let shown = text(resource).unwrap_or_default();
    let after = |mark: &str| shown.split_once(mark).map(|(_, rest)| rest.to_owned());
    match target(resource) {
        Some("Table") => return String::new(),
        Some("Bucket") => return "bucket".to_owned(),
        Some(id) => return id.to_owned(),
        None => {}
    }
    after("${Table.Arn}/")
        .or_else(|| after("${Bucket.Arn}/"))
        .or_else(|| after("/keys/").map(|purpose| format!("keys/{purpose}")))
        .or_else(|| after("${AWS::AccountId}:"))
        .unwrap_or_else(|| shown.to_owned())
}

/// No star in an action; in a resource only with a reason; nothing that nobody should have.
#[must_use]
pub fn check(template: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    for role in template.of("AWS::IAM::Role") {
        if !role.property("ManagedPolicyArns").is_null() {
            let what = "it has rights that are written elsewhere";
            faults.push(template.fault(role.id, what, "Write them here, one by one"));
        }
        for statement in statements(role) {
            faults.extend(check_statement(template, role.id, &statement));
        }
    }
    faults.extend(check_senders(template));
    faults.extend(check_reach(template));
    faults.extend(check_strangers(template));
    faults.extend(check_stars(template));
    faults
}

fn check_statement(template: &Template, role: &str, statement: &Statement<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let invoke = ["lambda:InvokeFunction"];
    for action in statement.actions() {
        let known = KNOWN.iter().chain(&PLATFORM).chain(&invoke).any(|it| *it == action);
        if !known {
            let what = format!("{action} is granted, which no code of ours calls");
            faults.push(template.fault(role, what, "Take it out"));
        }
        let table = action.starts_with("dynamodb:") && !PLATFORM.contains(&action);
        if table && statement.partitions().is_empty() {
            let what = format!("{action} is granted for every partition");
            faults.push(template.fault(role, what, "Name them in dynamodb:LeadingKeys"));
        }
    }
    for resource in statement.resources().into_iter().filter(|it| it.as_str() == Some("*")) {
        let what = format!("a right is granted on {resource}");
        faults.push(template.fault(role, what, "Name the resource"));
    }
    faults
}

fn check_senders(template: &Template) -> Vec<Fault> {
    let others = granted(template).into_iter().filter(|right| {
        let of = EFFECTS.iter().find(|(service, _)| right.action.starts_with(service));
        of.is_some_and(|(_, functions)| !functions.contains(&right.function.as_str()))
    });
    let remedy =
        "Commit a notice or a due entry; outbox-relay carries it out, and sweep sends mail";
    others.map(|right| template.fault("Resources", right.to_string(), remedy)).collect()
}

/// What sends mail is called by the stream and by a schedule, and cannot be reached from outside.
fn check_reach(template: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    let senders = template.of(FUNCTION).filter(|it| SENDERS.contains(&package(*it)));
    for sender in senders {
        let called = |kind: &str| {
            template.of(kind).any(|it| target(it.property("FunctionName")) == Some(sender.id))
        };
        let reached = template
            .of("AWS::ApiGatewayV2::Integration")
            .any(|it| target(it.property("IntegrationUri")) == Some(sender.id));
        let by_url = !sender.property("FunctionUrlConfig").is_null();
        if reached || by_url || called("AWS::Lambda::Permission") || called("AWS::Lambda::Url") {
            let what = "it sends mail and can be called from outside";
            faults.push(template.fault(sender.id, what, "Let the stream or a schedule call it"));
        }
    }
    faults
}

/// Functions that anybody on the network may call, with a credential or without.
const STRANGERS: [&str; 2] = ["intake-http", "payment-webhook"];
/// What they never need: mail that waits or was set aside, what is due, the desk's lists. A mail that was
/// taken is read again when its sender or a SPoC presses the link that makes a request of it.
const KEPT: [&str; 4] = ["inbound/", "poison/", "index/due", "index/list DESK#"];

/// Who serves strangers reads nothing that is the desk's alone.
fn check_strangers(template: &Template) -> Vec<Fault> {
    let kept = granted(template).into_iter().filter(|right| {
        let theirs = STRANGERS.contains(&right.function.as_str());
        theirs && KEPT.iter().any(|kept| right.target.contains(kept))
    });
    let remedy = "Take it out: clients have no business there";
    kept.map(|right| template.fault("Resources", right.to_string(), remedy)).collect()
}

/// A star in a policy's action or resource has its reason beside it. Comments are not part of the
/// tree, so the lines are read.
fn check_stars(template: &Template) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut listing = false;
    for (at, line) in template.text.lines().enumerate() {
        let told = line.trim_start();
        let (said, reason) = line.split_once("  #").unwrap_or((line, ""));
        let names = told.starts_with("Resource:") || told.starts_with("Action:");
        listing = names || listing && told.starts_with("- ") && !told.starts_with("- Sid");
        if listing && said.contains('*') && reason.trim().is_empty() {
            let place = format!("{}:{}", template.path, at + 1);
            let what = "a star without a reason";
            faults.push(Fault::new(place, what, "Name what it stands for, or say why beside it"));
        }
    }
    faults
}

/// Who may list the whole bucket needs no right to list a part of it.
fn widest(rights: &BTreeSet<Right>) -> BTreeSet<Right> {
    let whole = |right: &Right| Right { target: "bucket".to_owned(), ..right.clone() };
    let is_part =
        |right: &&Right| right.target.starts_with("bucket ") && rights.contains(&whole(right));
    rights.iter().filter(|right| !is_part(right)).cloned().collect()
}

/// How the rights that are used differ from those that are granted, for the functions in `functions`.
#[must_use]
pub fn compare(
    template: &Template,
    used: &BTreeSet<Right>,
    functions: &[impl AsRef<str>],
) -> Vec<Fault> {
    let used = &widest(used);
    let played = |right: &&Right| functions.iter().any(|name| name.as_ref() == right.function);
    let granted = granted(template);
    let missing = used.difference(&granted).filter(played).map(|right| {
        let remedy = "Grant it in the function's role, or do without the call";
        template.fault("Resources", format!("not granted, but used: {right}"), remedy)
    });
    let unused = granted.difference(used).filter(played).map(|right| {
        let remedy = "Take it out, or play a scenario that uses it";
        template.fault("Resources", format!("granted, but never used: {right}"), remedy)
    });
    missing.chain(unused).collect()
}
