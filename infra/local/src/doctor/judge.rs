//! From an answer to findings. Pure: everything that counts is an argument.

use chrono::DateTime;
use domain::{Instant, TimeDelta};
use serde_json::Value;

use super::stack::{Check, Stack};
use super::{Finding, Knock, Level, Refusal, mail, state};

/// The zone in which everything that recurs is called (G1).
const ZONE: &str = "America/Mexico_City";
/// How far clocks may stand apart: results never depend on less.
const SKEW_MAX: TimeDelta = TimeDelta::minutes(5);

/// How the stack itself stands.
pub(super) fn standing(stack: &Stack, described: &Value) -> Finding {
    let about = format!("Pila «{}»", stack.name);
    let status = &described["Stacks"][0]["StackStatus"];
    match status.as_str().unwrap_or_default() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => {
            Finding::good(about, "desplegada")
        }
        "UPDATE_ROLLBACK_COMPLETE" => Finding::wrong(
            about,
            "el último despliegue falló y se deshizo",
            "Vea por qué en los sucesos de la pila (aws cloudformation describe-stack-events) y \
             despliegue otra vez.",
        ),
        other => Finding::wrong(
            about,
            format!("su estado es {other}"),
            "Espere a que termine; si no termina, vea los sucesos de la pila.",
        ),
    }
}

/// What an answer says.
pub(super) fn judge(stack: &Stack, check: &Check, answer: &Value, now: Instant) -> Vec<Finding> {
    match check {
        Check::Sending => mail::sending(answer),
        Check::Identity => mail::identity(stack, answer),
        Check::MailEvents => vec![mail::events(answer)],
        Check::ReceiptRules => vec![mail::rules(stack, answer)],
        Check::Keys => vec![state::keys(stack, answer)],
        Check::Table => state::table(answer),
        Check::Backups => vec![state::backups(answer)],
        Check::Expiry => vec![state::expiry(answer)],
        Check::WaitingMail => vec![state::waiting(answer, now)],
        Check::PoisonedMail => vec![state::poisoned(answer)],
        Check::Function(name) => vec![function(name, answer)],
        Check::Stream => vec![stream(answer)],
        Check::Queue(name) => vec![queue(name, answer)],
        Check::Schedule(name) => vec![schedule(name, answer)],
        Check::Alarms => alarms(answer),
        Check::Subscription => vec![subscription(answer)],
    }
}

/// What it means that a question was refused. Where what was asked about is not there, the service
/// says so as an error.
pub(super) fn refused(check: &Check, refusal: &Refusal) -> Finding {
    let about = about(check);
    match refusal {
        Refusal::Said { code, text } if is_absent(code) => {
            let todo = "Despliegue otra vez (docs/deploy.md); la tabla y el depósito se recuperan \
                        como dice docs/runbook.md.";
            Finding::wrong(about, format!("no existe: {text}"), todo)
        }
        Refusal::Said { code, text }
            if code.contains("Denied") || code.contains("Unauthorized") =>
        {
            let todo = "Pregunte con credenciales que puedan leerlo: a millora doctor le basta \
                        ReadOnlyAccess.";
            unknown(about, text, todo)
        }
        Refusal::Said { text, .. } | Refusal::Nobody(text) => {
            unknown(about, text, "Vuelva a preguntar; si se repite, pregunte con aws a mano.")
        }
    }
}

fn is_absent(code: &str) -> bool {
    code.contains("NotFound") || code.contains("NonExistent") || code.contains("DoesNotExist")
}

fn unknown(about: String, found: &str, todo: &str) -> Finding {
    let found = format!("no se pudo preguntar: {found}");
    Finding { level: Level::Unknown, about, found, todo: todo.to_owned() }
}

fn about(check: &Check) -> String {
    match check {
        Check::Sending => "Envío de correo".to_owned(),
        Check::Identity => "Dominio de correo".to_owned(),
        Check::MailEvents => "Sucesos del correo".to_owned(),
        Check::ReceiptRules => "Correo que entra".to_owned(),
        Check::Keys => "Claves de firma".to_owned(),
        Check::Table => "Tabla".to_owned(),
        Check::Backups => "Respaldo de la tabla".to_owned(),
        Check::Expiry => "Caducidad en la tabla".to_owned(),
        Check::WaitingMail => "Correo por procesar".to_owned(),
        Check::PoisonedMail => "Correo apartado".to_owned(),
        Check::Function(name) => format!("Función {name}"),
        Check::Stream => "Flujo de la tabla".to_owned(),
        Check::Queue(name) => format!("Cola {name}"),
        Check::Schedule(name) => format!("Horario {name}"),
        Check::Alarms => "Alarmas".to_owned(),
        Check::Subscription => "Destino de las alarmas".to_owned(),
    }
}

fn function(name: &str, answer: &Value) -> Finding {
    let about = format!("Función {name}");
    let (state, update) = (word(answer, "State"), word(answer, "LastUpdateStatus"));
    // A function that nobody has called for weeks is put aside and comes back at the next call.
    let runs = matches!(state, "Active" | "Inactive") && update == "Successful";
    if runs {
        return Finding::good(about, "lista");
    }
    let reason = [word(answer, "StateReason"), word(answer, "LastUpdateStatusReason")].concat();
    let found = format!("su estado es {state}, su última actualización {update} {reason}");
    Finding::wrong(about, found.trim_end(), "Despliegue otra vez (docs/deploy.md, paso 3).")
}

fn stream(answer: &Value) -> Finding {
    let about = "Flujo de la tabla";
    match word(answer, "State") {
        "Enabled" => Finding::good(about, "llega a outbox-relay"),
        state => Finding::wrong(
            about,
            format!("no llega a outbox-relay: está {state}; los correos salen con el barrido"),
            "Enciéndalo: docs/runbook.md, RelayBehindAlarm.",
        ),
    }
}

fn queue(name: &str, answer: &Value) -> Finding {
    let about = format!("Cola {name}");
    let count = answer["Attributes"]["ApproximateNumberOfMessages"].as_str().unwrap_or("?");
    if count == "0" {
        return Finding::good(about, "vacía");
    }
    let todo = format!("Vea qué falló y repítalo: docs/runbook.md, {name}Alarm.");
    Finding::wrong(about, format!("tiene {count} por atender"), todo)
}

fn schedule(name: &str, answer: &Value) -> Finding {
    let about = format!("Horario {name}");
    let todo = "Despliegue otra vez (docs/deploy.md, paso 3): alguien lo cambió a mano.";
    let (state, zone) = (word(answer, "State"), word(answer, "ScheduleExpressionTimezone"));
    if state != "ENABLED" {
        return Finding::wrong(about, format!("no se llama: está {state}"), todo);
    }
    if zone != ZONE {
        return Finding::wrong(about, format!("su zona es «{zone}» y debe ser {ZONE}"), todo);
    }
    Finding::good(about, format!("{}, hora de {ZONE}", word(answer, "ScheduleExpression")))
}

fn alarms(answer: &Value) -> Vec<Finding> {
    let alarms = answer["MetricAlarms"].as_array().map_or(&[][..], Vec::as_slice);
    let mut findings = Vec::new();
    for alarm in alarms {
        let name = word(alarm, "AlarmName");
        let section = name.rsplit(' ').next().unwrap_or_default();
        let about = format!("Alarma {section}");
        if word(alarm, "StateValue") == "ALARM" {
            let since = word(alarm, "StateUpdatedTimestamp");
            let found = format!("suena desde {since}");
            findings.push(Finding::wrong(&about, found, format!("docs/runbook.md, {section}.")));
        }
        if alarm["ActionsEnabled"] == false {
            let todo = "aws cloudwatch enable-alarm-actions --alarm-names con su nombre.";
            findings.push(Finding::wrong(about, "no avisa a nadie: está silenciada", todo));
        }
    }
    if alarms.is_empty() {
        let todo = "Despliegue otra vez (docs/deploy.md, paso 3).";
        findings.push(Finding::wrong("Alarmas", "no hay ninguna", todo));
    }
    if findings.is_empty() {
        findings.push(Finding::good("Alarmas", format!("{}, ninguna suena", alarms.len())));
    }
    findings
}

fn subscription(answer: &Value) -> Finding {
    let about = "Destino de las alarmas";
    let subscriptions = answer["Subscriptions"].as_array().map_or(&[][..], Vec::as_slice);
    let confirmed = |one: &&Value| word(one, "SubscriptionArn").starts_with("arn:");
    if subscriptions.iter().any(|one| confirmed(&one)) {
        return Finding::good(about, "confirmado");
    }
    Finding::wrong(
        about,
        "nadie ha confirmado la suscripción: ninguna alarma llega",
        "Confirme el correo que SNS envió a AlarmEmail; si se perdió, despliegue con otra dirección \
         y de vuelta con la suya.",
    )
}

/// Whether the deployment's own address answers, and how far this machine's clock is from its.
pub(super) fn door(stack: &Stack, knock: Result<Knock, String>, now: Instant) -> Vec<Finding> {
    let about = format!("API {}", stack.endpoint);
    let knock = match knock {
        Ok(knock) if knock.status == 200 => knock,
        Ok(Knock { status, .. }) => {
            let todo = "docs/runbook.md, ApiFaultsAlarm.";
            return vec![Finding::wrong(about, format!("responde con el estado {status}"), todo)];
        }
        Err(error) => {
            let todo = "Con dominio propio, revise su CNAME y su certificado (docs/deploy.md, pasos 2 \
                        y 5).";
            return vec![Finding::wrong(about, format!("no responde: {error}"), todo)];
        }
    };
    let mut findings = vec![Finding::good(about, "responde")];
    if let Ok(theirs) = DateTime::parse_from_rfc2822(&knock.date) {
        let apart = TimeDelta::milliseconds(now.millis() - theirs.timestamp_millis()).abs();
        findings.push(if apart > SKEW_MAX {
            Finding::wrong(
                "Reloj de esta máquina",
                format!("está a {} s del de AWS", apart.num_seconds()),
                "Póngalo en hora: con él se firman las llamadas y se fecha la primera persona de \
                 administración.",
            )
        } else {
            Finding::good("Reloj de esta máquina", "va con el de AWS")
        });
    }
    findings
}

/// A member that is a text; empty where there is none.
pub(super) fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}
