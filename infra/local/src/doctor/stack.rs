//! What a stack holds, and what is to be asked about it.

use app::ports::KeyPurpose;
use serde_json::Value;

/// The page of the API that anybody may read.
const DESCRIPTION: &str = "/openapi.json";

/// A stack of `infra/template.yaml` as it is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stack {
    /// Its name, which is that of its table, its groups and its configuration set too.
    pub(crate) name: String,
    /// The domain to which clients write.
    pub(crate) domain: String,
    /// Where the API answers.
    pub(crate) endpoint: String,
    /// The region, as the stack's own id names it.
    pub(crate) region: String,
    /// What it holds.
    held: Vec<Held>,
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    logical: String,
    physical: String,
    kind: String,
}

/// What a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Check {
    /// Whether the account may send mail, and to whom.
    Sending,
    /// Whether the mail domain is verified and signs.
    Identity,
    /// Whether what becomes of mails is told.
    MailEvents,
    /// Whether mail that comes in is taken.
    ReceiptRules,
    /// Whether the signing keys are there; nobody reads them.
    Keys,
    /// Whether the table is whole.
    Table,
    /// Whether the table can be restored to any second.
    Backups,
    /// Whether the table forgets what it may forget.
    Expiry,
    /// Whether mail waits in the bucket for longer than it should.
    WaitingMail,
    /// Whether mail was set aside that nobody could take.
    PoisonedMail,
    /// Whether a function runs; its name.
    Function(String),
    /// Whether the stream reaches the relay.
    Stream,
    /// Whether a failure waits in a queue; its logical id.
    Queue(String),
    /// Whether something that recurs is called, in the right zone; its name.
    Schedule(String),
    /// Whether an alarm rings.
    Alarms,
    /// Whether alarms reach anybody.
    Subscription,
}

/// A question: what it is about, and the arguments of the AWS CLI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// What it is about.
    pub(crate) check: Check,
    /// Service, operation, options.
    pub(crate) arguments: Vec<String>,
}

fn words(line: &[&str]) -> Vec<String> {
    line.iter().map(|word| (*word).to_owned()).collect()
}

fn question(check: Check, line: &[&str]) -> Question {
    Question { check, arguments: words(line) }
}

/// How the stack is and what it was given.
pub(crate) fn describe(name: &str) -> Vec<String> {
    words(&["cloudformation", "describe-stacks", "--stack-name", name])
}

/// What the stack holds.
pub(crate) fn resources(name: &str) -> Vec<String> {
    words(&["cloudformation", "list-stack-resources", "--stack-name", name])
}

impl Stack {
    /// Reads what was answered about a stack.
    pub(crate) fn read(name: &str, described: &Value, resources: &Value) -> Self {
        let stack = &described["Stacks"][0];
        let output = |key: &str| {
            let mut outputs = stack["Outputs"].as_array().into_iter().flatten();
            let output = outputs.find(|output| output["OutputKey"] == key);
            text(output.map_or(&Value::Null, |output| &output["OutputValue"]))
        };
        let held = resources["StackResourceSummaries"].as_array().into_iter().flatten();
        let held = held.map(|resource| Held {
            logical: text(&resource["LogicalResourceId"]),
            physical: text(&resource["PhysicalResourceId"]),
            kind: text(&resource["ResourceType"]),
        });
        Self {
            name: name.to_owned(),
            domain: output("MailDomain"),
            endpoint: output("ApiEndpoint"),
            region: text(&stack["StackId"]).split(':').nth(3).unwrap_or_default().to_owned(),
            held: held.collect(),
        }
    }

    /// The page of the API that anybody may read.
    pub(crate) fn description_url(&self) -> String {
        format!("{}{DESCRIPTION}", self.endpoint)
    }

    /// The bucket.
    pub(crate) fn bucket(&self) -> &str {
        self.one("AWS::S3::Bucket")
    }

    fn of(&self, kind: &'static str) -> impl Iterator<Item = &Held> {
        self.held.iter().filter(move |held| held.kind == kind)
    }

    fn one(&self, kind: &'static str) -> &str {
        self.of(kind).next().map_or("", |held| &held.physical)
    }

    /// Everything that there is to ask.
    pub(crate) fn questions(&self) -> Vec<Question> {
        [self.about_mail(), self.about_state(), self.about_what_runs(), self.about_alarms()]
            .concat()
    }

    fn about_mail(&self) -> Vec<Question> {
        let set = self.one("AWS::SES::ConfigurationSet");
        vec![
            question(Check::Sending, &["sesv2", "get-account"]),
            question(
                Check::Identity,
                &["sesv2", "get-email-identity", "--email-identity", &self.domain],
            ),
            question(
                Check::MailEvents,
                &[
                    "sesv2",
                    "get-configuration-set-event-destinations",
                    "--configuration-set-name",
                    set,
                ],
            ),
            question(Check::ReceiptRules, &["ses", "describe-active-receipt-rule-set"]),
        ]
    }

    fn about_state(&self) -> Vec<Question> {
        let table = self.one("AWS::DynamoDB::Table");
        let bucket = self.bucket();
        let names = key_names(&self.name).join(",");
        let filter = format!("Key=Name,Option=Equals,Values={names}");
        let listing = |check, prefix| {
            let line = ["s3api", "list-objects-v2", "--bucket", bucket, "--prefix", prefix];
            question(check, &[&line[..], &["--max-items", "1000"]].concat())
        };
        vec![
            question(Check::Keys, &["ssm", "describe-parameters", "--parameter-filters", &filter]),
            question(Check::Table, &["dynamodb", "describe-table", "--table-name", table]),
            question(
                Check::Backups,
                &["dynamodb", "describe-continuous-backups", "--table-name", table],
            ),
            question(Check::Expiry, &["dynamodb", "describe-time-to-live", "--table-name", table]),
            listing(Check::WaitingMail, app::inbound::INBOUND),
            listing(Check::PoisonedMail, app::inbound::POISON),
        ]
    }

    fn about_what_runs(&self) -> Vec<Question> {
        let functions = self.of("AWS::Lambda::Function").map(|held| {
            let line = ["lambda", "get-function-configuration", "--function-name", &held.physical];
            question(Check::Function(held.physical.clone()), &line)
        });
        let stream = self.of("AWS::Lambda::EventSourceMapping").map(|held| {
            let line = ["lambda", "get-event-source-mapping", "--uuid", &held.physical];
            question(Check::Stream, &line)
        });
        let queues = self.of("AWS::SQS::Queue").map(|held| {
            let line = ["sqs", "get-queue-attributes", "--queue-url", &held.physical];
            let attributes = ["--attribute-names", "ApproximateNumberOfMessages"];
            question(Check::Queue(held.logical.clone()), &[&line[..], &attributes].concat())
        });
        let group = format!("{}-recurring", self.name);
        let schedules = self.of("AWS::Scheduler::Schedule").map(|held| {
            // Some versions of the service write the group before the name.
            let name = held.physical.rsplit(['|', '/']).next().unwrap_or_default();
            let line = ["scheduler", "get-schedule", "--group-name", &group, "--name", name];
            question(Check::Schedule(name.to_owned()), &line)
        });
        functions.chain(stream).chain(queues).chain(schedules).collect()
    }

    fn about_alarms(&self) -> Vec<Question> {
        let prefix = format!("{} ", self.name);
        let topic = self.one("AWS::SNS::Topic");
        vec![
            question(
                Check::Alarms,
                &["cloudwatch", "describe-alarms", "--alarm-name-prefix", &prefix],
            ),
            question(
                Check::Subscription,
                &["sns", "list-subscriptions-by-topic", "--topic-arn", topic],
            ),
        ]
    }
}

/// The parameters that hold keys, of a stack.
pub(crate) fn key_names(stack: &str) -> Vec<String> {
    KeyPurpose::ALL.iter().map(|purpose| format!("/{stack}/keys/{}", purpose.name())).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
