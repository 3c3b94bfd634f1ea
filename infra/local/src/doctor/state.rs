//! Table, bucket and keys.

use domain::{Instant, TimeDelta};
use serde_json::Value;

use super::Finding;
use super::judge::word;
use super::stack::{Stack, key_names};

/// Mail that waits for longer has been left by two sweeps.
const WAITING_MAX: TimeDelta = TimeDelta::minutes(10);

/// Whether each key is there and encrypted. Their values are never asked for.
pub(super) fn keys(stack: &Stack, answer: &Value) -> Finding {
    let about = "Claves de firma";
    let told = answer["Parameters"].as_array().map_or(&[][..], Vec::as_slice);
    let is_kept = |name: &String| {
        told.iter().any(|it| word(it, "Name") == name && word(it, "Type") == "SecureString")
    };
    let missing: Vec<_> = key_names(&stack.name).into_iter().filter(|it| !is_kept(it)).collect();
    if missing.is_empty() {
        return Finding::good(about, "están todas, cifradas");
    }
    let found = format!("faltan, o no están cifradas: {}", missing.join(", "));
    Finding::wrong(about, found, format!("Hágalas: infra/keys {} create", stack.name))
}

/// Whether the table is protected and feeds its stream: a restored one does neither.
pub(super) fn table(answer: &Value) -> Vec<Finding> {
    let table = &answer["Table"];
    let about = format!("Tabla {}", word(table, "TableName"));
    let todo = "Si la tabla se restauró, póngale lo que la restauración no trae: docs/runbook.md, \
                «Restore the table».";
    let mut wrong = Vec::new();
    if word(table, "TableStatus") != "ACTIVE" {
        wrong.push(format!("su estado es {}", word(table, "TableStatus")));
    }
    let indexes = table["GlobalSecondaryIndexes"].as_array().map_or(&[][..], Vec::as_slice);
    for index in indexes.iter().filter(|it| word(it, "IndexStatus") != "ACTIVE") {
        wrong.push(format!("su índice {} no está listo", word(index, "IndexName")));
    }
    if table["DeletionProtectionEnabled"] != true {
        wrong.push("no está protegida contra su borrado".to_owned());
    }
    let stream = &table["StreamSpecification"];
    if stream["StreamEnabled"] != true || word(stream, "StreamViewType") != "KEYS_ONLY" {
        wrong.push("no tiene el flujo que despierta a outbox-relay".to_owned());
    }
    if wrong.is_empty() {
        return vec![Finding::good(about, "activa, protegida, con su flujo")];
    }
    wrong.into_iter().map(|found| Finding::wrong(&about, found, todo)).collect()
}

/// Whether the table can be restored to any second of the last weeks.
pub(super) fn backups(answer: &Value) -> Finding {
    let about = "Respaldo de la tabla";
    let recovery = &answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
    if word(recovery, "PointInTimeRecoveryStatus") == "ENABLED" {
        return Finding::good(about, "a cualquier segundo");
    }
    Finding::wrong(
        about,
        "no se puede volver a un instante anterior",
        "Despliegue otra vez (docs/deploy.md, paso 3), o aws dynamodb update-continuous-backups.",
    )
}

/// Whether what may be forgotten is forgotten. Nothing but the bill depends on it.
pub(super) fn expiry(answer: &Value) -> Finding {
    let about = "Caducidad en la tabla";
    let described = &answer["TimeToLiveDescription"];
    let status = word(described, "TimeToLiveStatus");
    if matches!(status, "ENABLED" | "ENABLING") && word(described, "AttributeName") == "ttl" {
        return Finding::good(about, "por el atributo ttl");
    }
    Finding::wrong(
        about,
        format!("está {status}: las marcas de solicitudes repetidas se guardan para siempre"),
        "Despliegue otra vez (docs/deploy.md, paso 3).",
    )
}

/// Whether mail waits that two sweeps should have taken.
pub(super) fn waiting(answer: &Value, now: Instant) -> Finding {
    let about = "Correo por procesar";
    let objects = answer["Contents"].as_array().map_or(&[][..], Vec::as_slice);
    let is_late = |object: &&Value| {
        Instant::parse_rfc3339(word(object, "LastModified"))
            .map_or(true, |at| at + WAITING_MAX < now)
    };
    let late = objects.iter().filter(is_late).count();
    if late == 0 {
        return Finding::good(
            about,
            format!("{} en espera, ninguno de hace tiempo", objects.len()),
        );
    }
    let found = format!("{late} esperan desde hace más de {} minutos", WAITING_MAX.num_minutes());
    Finding::wrong(
        about,
        found,
        "Vea la bitácora del barrido: docs/runbook.md, IntakeMailFailuresAlarm.",
    )
}

/// Whether mail was set aside that nobody could take.
pub(super) fn poisoned(answer: &Value) -> Finding {
    let about = "Correo apartado";
    let count = answer["Contents"].as_array().map_or(0, Vec::len);
    if count == 0 {
        return Finding::good(about, "ninguno");
    }
    let found = format!("{count} no se pudieron procesar");
    let todo = "Véalos con «millora desk mails --list poison»: docs/runbook.md, «A poisoned mail».";
    Finding::wrong(about, found, todo)
}
