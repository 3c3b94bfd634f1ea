//! Mail out and mail in.

use serde_json::Value;

use super::judge::word;
use super::stack::Stack;
use super::{Finding, Level};

/// What SES has to tell of each mail.
const TOLD: [&str; 4] = ["SEND", "BOUNCE", "COMPLAINT", "REJECT"];

/// Whether the account may send, and to everybody.
pub(super) fn sending(answer: &Value) -> Vec<Finding> {
    let about = "Envío de correo";
    let mut findings = Vec::new();
    if answer["SendingEnabled"] != true {
        let todo = "Vea por qué en la consola de SES y pida que se reanude: docs/runbook.md, \
                    BouncesAlarm.";
        findings.push(Finding::wrong(about, "SES tiene detenido el envío de la cuenta", todo));
    }
    if answer["ProductionAccessEnabled"] != true {
        let found =
            "la cuenta está en la zona de pruebas de SES: solo llega a direcciones verificadas";
        let todo = "Pida el acceso de producción: docs/deploy.md, paso 6.";
        findings.push(Finding::wrong(about, found, todo));
    }
    let standing = word(answer, "EnforcementStatus");
    if !matches!(standing, "HEALTHY" | "") {
        let found = format!("SES tiene la cuenta en {standing}");
        let todo = "Baje los rebotes y las quejas: docs/runbook.md, BouncesAlarm.";
        findings.push(Finding::wrong(about, found, todo));
    }
    if findings.is_empty() {
        let quota = answer["SendQuota"]["Max24HourSend"].as_f64().unwrap_or_default();
        findings.push(Finding::good(about, format!("permitido, hasta {quota} correos por día")));
    }
    findings
}

/// Whether the domain is verified, signs, and gets back what comes back.
pub(super) fn identity(stack: &Stack, answer: &Value) -> Vec<Finding> {
    let about = format!("Dominio de correo {}", stack.domain);
    let dkim = word(&answer["DkimAttributes"], "Status");
    let from = word(&answer["MailFromAttributes"], "MailFromDomainStatus");
    let mut findings = Vec::new();
    if answer["VerifiedForSendingStatus"] != true || dkim != "SUCCESS" {
        findings.push(Finding::wrong(
            &about,
            format!("SES no ha visto los registros DKIM (estado {dkim})"),
            "Publique los tres CNAME: docs/deploy.md, paso 5.",
        ));
    }
    if from != "SUCCESS" {
        findings.push(Finding::wrong(
            &about,
            format!("SES no ha visto los registros de rebotes.{} (estado {from})", stack.domain),
            "Publique su MX y su TXT: docs/deploy.md, paso 5.",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::good(about, "verificado, firma con DKIM"));
    }
    findings
}

/// Whether what becomes of mails is told.
pub(super) fn events(answer: &Value) -> Finding {
    let about = "Sucesos del correo";
    let destinations = answer["EventDestinations"].as_array().into_iter().flatten();
    let mut told = destinations.filter(|one| one["Enabled"] == true);
    let is_whole = |one: &Value| {
        let types = one["MatchingEventTypes"].as_array().map_or(&[][..], Vec::as_slice);
        TOLD.iter().all(|kind| types.iter().any(|it| it == kind))
    };
    if told.any(is_whole) {
        return Finding::good(about, "SES los cuenta");
    }
    Finding::wrong(
        about,
        "SES no cuenta qué fue de los correos: no se sabrá de rebotes ni de entregas",
        "Despliegue otra vez (docs/deploy.md, paso 3).",
    )
}

/// Whether the active rules take the domain's mail into the bucket, and tell of it.
pub(super) fn rules(stack: &Stack, answer: &Value) -> Finding {
    let about = "Correo que entra";
    let active = word(&answer["Metadata"], "Name");
    let rules = answer["Rules"].as_array().into_iter().flatten();
    let mut ours = rules.filter(|rule| {
        let recipients = rule["Recipients"].as_array().into_iter().flatten();
        rule["Enabled"] == true && recipients.into_iter().any(|it| it == stack.domain.as_str())
    });
    let is_whole = |rule: &Value| {
        let actions = rule["Actions"].as_array().map_or(&[][..], Vec::as_slice);
        let stores = actions.first().map_or(&Value::Null, |action| &action["S3Action"]);
        let kept = word(stores, "BucketName") == stack.bucket()
            && word(stores, "ObjectKeyPrefix") == app::inbound::INBOUND;
        kept && actions.iter().any(|action| action["LambdaAction"].is_object())
    };
    if ours.any(is_whole) {
        return Finding::good(about, format!("lo toma el conjunto de reglas «{active}»"));
    }
    let found = if active.is_empty() {
        "ningún conjunto de reglas está activo: el correo se rechaza".to_owned()
    } else {
        format!("el conjunto activo es «{active}» y no guarda el correo de {}", stack.domain)
    };
    let todo = format!(
        "Despliegue infra/inbound-mail.yaml y active sus reglas (docs/deploy.md, paso 7): aws ses \
         set-active-receipt-rule-set --rule-set-name {}",
        stack.name
    );
    Finding::wrong(about, found, todo)
}

/// Where the mail domain's MX record leads, which only the DNS knows.
pub(super) fn exchanger(stack: &Stack) -> Finding {
    Finding {
        level: Level::ByHand,
        about: format!("Registro MX de {}", stack.domain),
        found: format!("debe ser 10 inbound-smtp.{}.amazonaws.com", stack.region),
        todo: format!("Véalo con: dig +short MX {}", stack.domain),
    }
}
