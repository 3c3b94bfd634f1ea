//! The doctor over answers as the services give them, one thing at a time made wrong.

use std::sync::Mutex;

use domain::Instant;
use serde_json::{Value, json};
use tests_infra::{Template, functions};
use tests_tidy::files;

use super::{Cloud, Finding, Knock, Level, Refusal, examine, report};

/// What the services answer about a deployment in which all is well, by service and operation.
const WELL: &str = include_str!("../../../../events/doctor/well.json");
/// When it is looked at.
const NOW: &str = "2026-11-20T13:00:00-06:00";
const NOW_RFC2822: &str = "Fri, 20 Nov 2026 19:00:02 GMT";

/// Answers that were kept, in place of the services.
struct Kept {
    answers: Value,
    refusals: Vec<(&'static str, Refusal)>,
    knock: Result<Knock, String>,
    asked: Mutex<Vec<String>>,
}

impl Kept {
    fn well() -> Self {
        let mut answers: Value = serde_json::from_str(WELL).unwrap();
        answers["cloudformation list-stack-resources"] =
            json!({ "StackResourceSummaries": deployed() });
        let knock = Knock { status: 200, date: NOW_RFC2822.to_owned() };
        Self { answers, refusals: Vec::new(), knock: Ok(knock), asked: Mutex::default() }
    }

    fn findings(&self) -> Vec<Finding> {
        examine(self, "millora", Instant::parse_rfc3339(NOW).unwrap()).unwrap()
    }
}

impl Cloud for Kept {
    fn ask(&self, arguments: &[String]) -> Result<Value, Refusal> {
        let line = arguments.join(" ");
        self.asked.lock().unwrap().push(line.clone());
        if let Some((_, refusal)) = self.refusals.iter().find(|(part, _)| line.contains(part)) {
            return Err(refusal.clone());
        }
        let answers = self.answers.as_object().unwrap();
        let fits = |name: &str| name.split(' ').all(|word| arguments.iter().any(|it| it == word));
        let answer = answers.iter().find(|(name, _)| fits(name));
        Ok(answer.unwrap_or_else(|| panic!("no answer was kept for {line}")).1.clone())
    }

    fn knock(&self, url: &str) -> Result<Knock, String> {
        assert_eq!(url, "https://api.soporte.millora.example/openapi.json");
        self.knock.clone()
    }
}

/// The template's resources as CloudFormation lists them.
fn deployed() -> Vec<Value> {
    let text = files::read("infra/template.yaml");
    let template = Template::parse("infra/template.yaml", &text);
    let resources = template.resources().filter(|it| it.all["Condition"].is_null());
    let listed = resources.map(|it| {
        let (kind, physical) = match it.kind() {
            functions::FUNCTION => {
                ("AWS::Lambda::Function", format!("millora-{}", functions::package(it)))
            }
            "AWS::S3::Bucket" => (it.kind(), "millora-bucket-1x2y3z".to_owned()),
            "AWS::Scheduler::Schedule" => {
                (it.kind(), it.property("Name").as_str().unwrap().to_owned())
            }
            "AWS::SQS::Queue" => {
                (it.kind(), format!("https://sqs.us-east-1.amazonaws.com/111122223333/{}", it.id))
            }
            kind => (kind, "millora".to_owned()),
        };
        json!({
            "LogicalResourceId": it.id,
            "PhysicalResourceId": physical,
            "ResourceType": kind,
            "ResourceStatus": "CREATE_COMPLETE",
        })
    });
    listed.collect()
}

#[test]
fn a_deployment_in_which_all_is_well() {
    let kept = Kept::well();
    let findings = kept.findings();
    let trouble: Vec<_> = findings.iter().filter(|it| it.is_trouble()).collect();
    assert!(trouble.is_empty(), "{trouble:?}");
    let by_hand: Vec<_> = findings.iter().filter(|it| it.level == Level::ByHand).collect();
    assert_eq!(by_hand.len(), 1, "{by_hand:?}");
    assert!(by_hand[0].found.ends_with("inbound-smtp.us-east-1.amazonaws.com"), "{by_hand:?}");
}

/// Every function, queue and schedule of the template is asked about, and nothing is changed or read
/// that is secret.
#[test]
fn everything_is_asked_about_and_only_read() {
    let kept = Kept::well();
    kept.findings();
    let asked = kept.asked.lock().unwrap();
    for resource in deployed() {
        let kind = resource["ResourceType"].as_str().unwrap();
        let named = resource["PhysicalResourceId"].as_str().unwrap();
        let counts = ["AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::Scheduler::Schedule"];
        if counts.contains(&kind) {
            let is_asked = asked
                .iter()
                .any(|line| line.ends_with(named) || line.contains(&format!("{named} ")));
            assert!(is_asked, "nobody asks about {named}");
        }
    }
    for line in asked.iter() {
        let operation = line.split(' ').nth(1).unwrap();
        let reads = ["describe-", "get-", "list-"].iter().any(|verb| operation.starts_with(verb));
        assert!(reads, "{line} does not only read");
        assert!(!operation.starts_with("get-parameter"), "{line} reads a key");
        assert!(!line.contains("decrypt"), "{line} reads a key");
    }
}

/// Where a kept answer is changed, to what, and what is told then: about what, found what, to do what.
#[rustfmt::skip]
const WRONG: &[(&str, &str, &str, [&str; 3])] = &[
    ("cloudformation describe-stacks", "/Stacks/0/StackStatus", r#""UPDATE_ROLLBACK_COMPLETE""#, ["Pila «millora»", "se deshizo", "describe-stack-events"]),
    ("cloudformation describe-stacks", "/Stacks/0/StackStatus", r#""UPDATE_IN_PROGRESS""#, ["Pila «millora»", "UPDATE_IN_PROGRESS", "Espere"]),
    ("sesv2 get-account", "/ProductionAccessEnabled", "false", ["Envío de correo", "zona de pruebas", "paso 6"]),
    ("sesv2 get-account", "/SendingEnabled", "false", ["Envío de correo", "detenido", "BouncesAlarm"]),
    ("sesv2 get-account", "/EnforcementStatus", r#""PROBATION""#, ["Envío de correo", "PROBATION", "BouncesAlarm"]),
    ("sesv2 get-email-identity", "/VerifiedForSendingStatus", "false", ["Dominio de correo soporte.millora.example", "DKIM", "paso 5"]),
    ("sesv2 get-email-identity", "/DkimAttributes/Status", r#""PENDING""#, ["Dominio de correo", "PENDING", "tres CNAME"]),
    ("sesv2 get-email-identity", "/MailFromAttributes/MailFromDomainStatus", r#""FAILED""#, ["Dominio de correo", "rebotes.soporte.millora.example", "paso 5"]),
    ("sesv2 get-configuration-set-event-destinations", "/EventDestinations/0/Enabled", "false", ["Sucesos del correo", "no cuenta", "paso 3"]),
    ("sesv2 get-configuration-set-event-destinations", "/EventDestinations/0/MatchingEventTypes/1", r#""OPEN""#, ["Sucesos del correo", "no cuenta", "paso 3"]),
    ("ses describe-active-receipt-rule-set", "", "{}", ["Correo que entra", "ningún conjunto", "paso 7"]),
    ("ses describe-active-receipt-rule-set", "/Rules/0/Enabled", "false", ["Correo que entra", "«millora»", "set-active-receipt-rule-set"]),
    ("ses describe-active-receipt-rule-set", "/Rules/0/Recipients/0", r#""otro.example""#, ["Correo que entra", "no guarda", "paso 7"]),
    ("ses describe-active-receipt-rule-set", "/Rules/0/Actions/0/S3Action/BucketName", r#""otro""#, ["Correo que entra", "no guarda", "paso 7"]),
    ("ses describe-active-receipt-rule-set", "/Rules/0/Actions/1", "{}", ["Correo que entra", "no guarda", "paso 7"]),
    ("ssm describe-parameters", "/Parameters/2/Name", r#""/otra/keys/mail-threading""#, ["Claves de firma", "/millora/keys/mail-threading", "infra/keys millora create"]),
    ("ssm describe-parameters", "/Parameters/0/Type", r#""String""#, ["Claves de firma", "/millora/keys/action-links", "infra/keys"]),
    ("dynamodb describe-table", "/Table/TableStatus", r#""ARCHIVED""#, ["Tabla millora", "ARCHIVED", "Restore"]),
    ("dynamodb describe-table", "/Table/GlobalSecondaryIndexes/0/IndexStatus", r#""CREATING""#, ["Tabla millora", "índice due", "runbook"]),
    ("dynamodb describe-table", "/Table/DeletionProtectionEnabled", "false", ["Tabla millora", "borrado", "restauró"]),
    ("dynamodb describe-table", "/Table/StreamSpecification", "null", ["Tabla millora", "outbox-relay", "restauración"]),
    ("dynamodb describe-continuous-backups", "/ContinuousBackupsDescription/PointInTimeRecoveryDescription/PointInTimeRecoveryStatus", r#""DISABLED""#, ["Respaldo de la tabla", "instante anterior", "paso 3"]),
    ("dynamodb describe-time-to-live", "/TimeToLiveDescription/TimeToLiveStatus", r#""DISABLED""#, ["Caducidad", "DISABLED", "paso 3"]),
    ("s3api list-objects-v2 inbound/", "/Contents/0/LastModified", r#""2026-11-20T18:49:59+00:00""#, ["Correo por procesar", "1 esperan", "IntakeMailFailuresAlarm"]),
    ("s3api list-objects-v2 poison/", "", r#"{"Contents":[{"Key":"poison/a"},{"Key":"poison/b"}]}"#, ["Correo apartado", "2 no se pudieron", "desk mails --list poison"]),
    ("lambda get-function-configuration", "/State", r#""Failed""#, ["Función millora-sweep", "Failed", "paso 3"]),
    ("lambda get-function-configuration", "/LastUpdateStatus", r#""Failed""#, ["Función millora-desk", "Failed", "paso 3"]),
    ("lambda get-event-source-mapping", "/State", r#""Disabled""#, ["Flujo", "Disabled", "RelayBehindAlarm"]),
    ("sqs get-queue-attributes", "/Attributes/ApproximateNumberOfMessages", r#""3""#, ["Cola MailEventsFailures", "tiene 3", "MailEventsFailuresAlarm"]),
    ("scheduler get-schedule", "/State", r#""DISABLED""#, ["Horario sweep", "DISABLED", "paso 3"]),
    ("scheduler get-schedule", "/ScheduleExpressionTimezone", r#""UTC""#, ["Horario payment-due", "«UTC»", "a mano"]),
    ("cloudwatch describe-alarms", "/MetricAlarms/0/StateValue", r#""ALARM""#, ["Alarma FaultsAlarm", "suena desde", "docs/runbook.md, FaultsAlarm"]),
    ("cloudwatch describe-alarms", "/MetricAlarms/1/ActionsEnabled", "false", ["Alarma SweepSilentAlarm", "silenciada", "enable-alarm-actions"]),
    ("cloudwatch describe-alarms", "/MetricAlarms", "[]", ["Alarmas", "no hay ninguna", "paso 3"]),
    ("sns list-subscriptions-by-topic", "/Subscriptions/0/SubscriptionArn", r#""PendingConfirmation""#, ["Destino de las alarmas", "nadie ha confirmado", "AlarmEmail"]),
];

#[test]
fn whatever_is_wrong_is_told_with_what_to_do() {
    for (operation, place, value, told) in WRONG {
        let mut kept = Kept::well();
        let value: Value = serde_json::from_str(value).unwrap();
        let changed = kept.answers[*operation].pointer_mut(place);
        *changed.unwrap_or_else(|| panic!("{operation} has no {place}")) = value;
        let findings = kept.findings();
        let trouble: Vec<_> = findings.iter().filter(|it| it.is_trouble()).collect();
        let [about, found, todo] = told;
        let is_told = |it: &&Finding| {
            it.about.contains(about) && it.found.contains(found) && it.todo.contains(todo)
        };
        assert!(trouble.iter().any(is_told), "{operation}{place}: {trouble:#?}");
        assert!(trouble.iter().all(|it| it.level == Level::Wrong && !it.todo.is_empty()));
    }
}

#[test]
fn what_is_not_there_is_wrong_and_what_cannot_be_asked_is_unknown() {
    let said = |code: &str| Refusal::Said {
        code: code.to_owned(),
        text: format!("An error occurred ({code}) when calling X"),
    };
    let rows = [
        (said("ResourceNotFoundException"), Level::Wrong, "Despliegue otra vez"),
        (said("AWS.SimpleQueueService.NonExistentQueue"), Level::Wrong, "Despliegue otra vez"),
        (said("AccessDeniedException"), Level::Unknown, "ReadOnlyAccess"),
        (said("ThrottlingException"), Level::Unknown, "Vuelva a preguntar"),
        (Refusal::Nobody("timeout".to_owned()), Level::Unknown, "Vuelva a preguntar"),
    ];
    for (refusal, level, todo) in rows {
        let mut kept = Kept::well();
        kept.refusals = vec![("RelayFailures", refusal)];
        let findings = kept.findings();
        let trouble: Vec<_> = findings.iter().filter(|it| it.is_trouble()).collect();
        assert_eq!(trouble.len(), 1, "{trouble:?}");
        assert_eq!((trouble[0].level, trouble[0].about.as_str()), (level, "Cola RelayFailures"));
        assert!(trouble[0].todo.contains(todo), "{trouble:?}");
    }
}

#[test]
fn the_address_answers_and_the_clocks_go_together() {
    let at = |status, date: &str| Ok(Knock { status, date: date.to_owned() });
    let rows = [
        (at(200, "Fri, 20 Nov 2026 19:05:00 GMT"), None),
        (at(200, "Fri, 20 Nov 2026 19:05:01 GMT"), Some(("Reloj", "301 s"))),
        (at(200, "Fri, 20 Nov 2026 18:54:00 GMT"), Some(("Reloj", "360 s"))),
        (at(503, NOW_RFC2822), Some(("API", "503"))),
        (Err("connection refused".to_owned()), Some(("API", "connection refused"))),
    ];
    for (knock, told) in rows {
        let kept = Kept { knock, ..Kept::well() };
        let findings = kept.findings();
        let trouble: Vec<_> = findings.iter().filter(|it| it.is_trouble()).collect();
        assert_eq!(trouble.len(), usize::from(told.is_some()), "{trouble:?}");
        if let Some((about, found)) = told {
            assert!(trouble[0].about.contains(about) && trouble[0].found.contains(found));
        }
    }
}

#[test]
fn a_stack_that_is_not_there_ends_it() {
    let text = "Stack with id millora does not exist".to_owned();
    let refusal = Refusal::Said { code: "ValidationError".to_owned(), text };
    let kept = Kept { refusals: vec![("describe-stacks", refusal.clone())], ..Kept::well() };
    let now = Instant::parse_rfc3339(NOW).unwrap();
    assert_eq!(examine(&kept, "millora", now), Err(refusal));
}

#[test]
fn what_somebody_has_to_do_comes_first() {
    let mut kept = Kept::well();
    kept.answers["sesv2 get-account"]["ProductionAccessEnabled"] = json!(false);
    let text = report("Despliegue «millora»", &kept.findings());
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].ends_with("1 por arreglar, 0 sin respuesta."), "{text}");
    assert!(lines[1].starts_with("MAL     Envío de correo: la cuenta está"), "{text}");
    assert!(lines[2].starts_with("        Pida el acceso"), "{text}");
    assert!(lines[3].starts_with("A MANO  Registro MX"), "{text}");
    assert!(lines[5].starts_with("bien    Pila «millora»: desplegada"), "{text}");
}

#[test]
fn the_desk_on_this_machine() {
    let well = json!({
        "now": { "spanish": "viernes", "frozen": true },
        "overdue": 0, "waiting_mail": 0, "poisoned_mail": 0, "failed_notices": 0,
    });
    let findings = super::local(&well);
    assert!(findings.iter().all(|it| it.level == Level::Good), "{findings:?}");
    assert!(findings[0].found.contains("detenido"), "{findings:?}");
    for key in ["overdue", "waiting_mail", "poisoned_mail", "failed_notices"] {
        let mut answer = well.clone();
        answer[key] = json!(2);
        let findings = super::local(&answer);
        let trouble: Vec<_> = findings.iter().filter(|it| it.is_trouble()).collect();
        assert_eq!(trouble.len(), 1, "{key}");
        assert!(trouble[0].found.starts_with("2 ") && !trouble[0].todo.is_empty(), "{trouble:?}");
    }
}
