//! Answers for people: compact, in Spanish. What a release does not know yet it shows as it comes.

use domain::Instant;
use serde_json::{Map, Value};

use super::whole;

/// A text of an object; empty when it is absent.
pub(super) fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The instant of a field in the short form; the text itself when it is none.
pub(super) fn at(value: &Value, key: &str) -> String {
    readable(word(value, key))
}

/// Instants in the short form, everything else as it is.
fn readable(text: &str) -> String {
    Instant::parse_rfc3339(text).map_or_else(|_| text.to_owned(), Instant::spanish_short)
}

/// One mail on one line.
pub(super) fn mail_line(mail: &Value) -> String {
    let number = mail.get("number").and_then(Value::as_u64).unwrap_or_default();
    let bounced = if word(mail, "fate") == "bounced" { "  (rebotado)" } else { "" };
    format!("{number:>4}  {:<32} {}{bounced}", word(mail, "to"), word(mail, "subject"))
}

/// A whole mail.
pub(super) fn mail(answer: &Value) -> String {
    let mail = &answer["mail"];
    let reply_to = answer.get("reply_to").and_then(Value::as_str).unwrap_or("-");
    let bounced = if word(mail, "fate") == "bounced" { " (rebotado)" } else { "" };
    format!(
        "Para:         {}{bounced}\nDe:           {}\nResponder a:  {reply_to}\nEnviado:      {}\n\
         Asunto:       {}\n\n{}",
        word(mail, "to"),
        word(mail, "from"),
        at(mail, "at"),
        word(mail, "subject"),
        word(answer, "text").replace("\r\n", "\n"),
    )
}

/// One ticket, or what an act did to it.
pub(super) fn ticket(answer: &Value) -> String {
    if answer.get("subject").is_some() || answer.get("summary").is_some() {
        whole::whole(answer)
    } else if !word(answer, "text").is_empty() && !word(answer, "reference").is_empty() {
        let number = |key: &str, label: &str| {
            let number = answer.get(key).and_then(Value::as_u64);
            number.map_or_else(String::new, |number| format!(" ({label} {number})"))
        };
        // A proposal is named in the text by the number of its event.
        let is_proposal = answer.get("proposal").is_some_and(Value::is_u64);
        let event = if is_proposal { String::new() } else { number("event", "suceso") };
        format!("{}: {}{event}", word(answer, "reference"), word(answer, "text"))
    } else {
        plain(answer)
    }
}

/// A list of tickets, one on a line: what is next, where it stands, and its subject.
pub(super) fn tickets(answer: &Value) -> String {
    let shown = list(answer, "No hay tickets.", |row| {
        let clock = &row["clock"];
        let next = [(row, "closes_at", "se cierra"), (clock, "target", "objetivo")]
            .into_iter()
            .find(|(value, key, _)| !word(value, key).is_empty())
            .map(|(value, key, label)| format!("{label} {}", at(value, key)))
            .unwrap_or_default();
        let state = value_word(word(row, "state"));
        let result = match word(clock, "result") {
            "" | "pending" => String::new(),
            result => format!(", {}", value_word(result)),
        };
        let critical = match row["criticality"]["state"].as_str().unwrap_or_default() {
            "declared" | "confirmed" => "  CRÍTICA",
            _ => "",
        };
        let subject = word(row, "subject");
        format!("{:<20} {next:<33} {state}{result}{critical}  {subject}", word(row, "reference"))
    });
    match word(answer, "note") {
        "" => shown,
        note => format!("{shown}\n{note}"),
    }
}

/// The notices that failed, one on a line.
pub(super) fn notices(answer: &Value) -> String {
    list(answer, "No hay avisos pendientes.", |row| {
        format!("{:<20} {}", word(row, "subject"), whole::notice(&row["notice"]))
    })
}

/// Mails that came in, one on a line: how each stands, from whom, about what; and why below it.
pub(super) fn received(answer: &Value) -> String {
    list(answer, "No hay mensajes.", |row| {
        let (from, subject) = (word(row, "from"), word(row, "subject"));
        let (received_at, state) = (at(row, "received_at"), word(row, "status_text"));
        let acts: Vec<_> =
            row["acts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!(
            "{}  {received_at}  {from}  {subject}\n    {state}. {}\n    Se puede: {}",
            word(row, "id"),
            word(row, "why"),
            if acts.is_empty() { "-".to_owned() } else { acts.join(", ") },
        )
    })
}

/// What became of a mail.
pub(super) fn received_outcome(answer: &Value) -> String {
    let ticket = word(answer, "ticket");
    let ticket = if ticket.is_empty() { String::new() } else { format!(" (ticket {ticket})") };
    format!("{}: {}{ticket}", word(answer, "id"), word(answer, "status_text"))
}

/// The first array of an answer, one line each; then how to go on.
fn list(answer: &Value, empty: &str, line: impl Fn(&Value) -> String) -> String {
    let rows = match answer {
        Value::Array(rows) => Some(rows),
        Value::Object(fields) => fields.values().find_map(Value::as_array),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    let mut lines: Vec<String> = rows.into_iter().flatten().map(line).collect();
    if lines.is_empty() {
        lines.push(empty.to_owned());
    }
    let next = ["next", "after"].iter().find_map(|key| answer.get(*key).and_then(Value::as_str));
    if let Some(next) = next {
        lines.push(format!("Hay más: repita con --after {next}"));
    }
    lines.join("\n")
}

/// Why dates are what they are: each step with its rule, clause, and the values that it used.
pub(super) fn why(answer: &Value) -> String {
    plain(answer)
}

/// Any answer, indented, with the labels that we know.
pub(super) fn plain(answer: &Value) -> String {
    let mut out = String::new();
    write(&mut out, answer, 0);
    out
}

fn write(out: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) if is_step(fields) => step(out, fields, &indent),
        Value::Object(fields) if is_amount(fields) => {
            out.push_str(&format!("{indent}{}\n", word(value, "text")));
        }
        Value::Object(fields) => {
            for (key, value) in in_order(fields) {
                field(out, key, value, depth);
            }
        }
        Value::Array(values) => {
            for value in values {
                let mut inner = String::new();
                write(&mut inner, value, depth + 1);
                let inner = inner.trim_start();
                out.push_str(&format!("{indent}- {inner}"));
                if !inner.ends_with('\n') {
                    out.push('\n');
                }
            }
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&format!("{indent}{}\n", scalar(value)));
        }
    }
}

/// The fields that say something, in the order of [`LABELS`], those that we do not know at the end.
/// A code beside which its words stand (`result`, `result_text`) is left to them.
fn in_order(fields: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let place =
        |key: &str| LABELS.iter().position(|(name, _)| *name == key).unwrap_or(LABELS.len());
    let mut shown: Vec<(&str, &Value)> = fields
        .iter()
        .map(|(key, value)| (key.as_str(), value))
        .filter(|(key, value)| !is_empty(value) && !fields.contains_key(&format!("{key}_text")))
        .map(|(key, value)| (key.strip_suffix("_text").unwrap_or(key), value))
        .collect();
    shown.sort_by_key(|(key, _)| place(key));
    shown
}

fn field(out: &mut String, key: &str, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    let label = label(key);
    match value {
        Value::Object(fields) if is_amount(fields) => {
            out.push_str(&format!("{indent}{label}: {}\n", word(value, "text")));
        }
        Value::Object(_) | Value::Array(_) => {
            out.push_str(&format!("{indent}{label}:\n"));
            write(out, value, depth + 1);
        }
        Value::String(text) if text.contains('\n') => {
            out.push_str(&format!("{indent}{label}:\n"));
            for line in text.lines() {
                out.push_str(&format!("{indent}  {line}\n"));
            }
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&format!("{indent}{label}: {}\n", scalar(value)));
        }
    }
}

/// What says nothing is not shown.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Bool(true) => "sí".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => value_word(&readable(text)),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn is_step(fields: &Map<String, Value>) -> bool {
    fields.contains_key("rule") && fields.contains_key("text")
}

/// An amount of money, of which people read the words.
fn is_amount(fields: &Map<String, Value>) -> bool {
    fields.contains_key("centavos") && fields.contains_key("text")
}

/// A step of an explanation: the sentence, its clause and rule, and the values with their layers.
fn step(out: &mut String, fields: &Map<String, Value>, indent: &str) {
    let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default();
    let clause = fields.get("clause").map(scalar).unwrap_or_default();
    let clause = if clause.is_empty() { String::new() } else { format!("cláusula {clause}, ") };
    out.push_str(&format!("{indent}{} ({clause}regla {})", text("text"), text("rule")));
    if !text("at").is_empty() {
        out.push_str(&format!(" → {}", readable(text("at"))));
    }
    out.push('\n');
    for used in fields.get("used").and_then(Value::as_array).into_iter().flatten() {
        let document = word(used, "document");
        let document = if document.is_empty() { String::new() } else { format!(", {document}") };
        out.push_str(&format!(
            "{indent}    {} = {} ({}{document})\n",
            word(used, "parameter"),
            word(used, "value"),
            if word(used, "layer_text").is_empty() {
                value_word(word(used, "layer"))
            } else {
                word(used, "layer_text").to_owned()
            },
        ));
    }
}

/// What a field is called for people.
fn label(key: &str) -> &str {
    LABELS.iter().find(|(name, _)| *name == key).map_or(key, |(_, spanish)| spanish)
}

/// What a code means for people.
pub(super) fn value_word(text: &str) -> String {
    let known = WORDS.iter().find(|(name, _)| *name == text);
    known.map_or(text, |(_, spanish)| spanish).to_owned()
}

/// What fields are called, in the order in which they are shown.
const LABELS: &[(&str, &str)] = &[
    ("number", "Número"),
    ("seq", "Número"),
    ("event", "Suceso"),
    ("reference", "Folio"),
    ("client", "Cliente"),
    ("client_name", "Nombre del cliente"),
    ("subject", "Asunto"),
    ("state", "Estado"),
    ("status", "Estado"),
    ("clock", "Reloj"),
    ("kind", "Clase"),
    ("what", "Qué"),
    ("from", "De"),
    ("author", "Autor"),
    ("by", "Quién"),
    ("who", "Quién"),
    ("name", "Nombre"),
    ("role", "Papel"),
    ("recipient", "Para"),
    ("to", "Para"),
    ("at", "Cuándo"),
    ("since", "Desde"),
    ("received_at", "Recibido"),
    ("cycle", "Ciclo"),
    ("cycle_received_at", "Recibido en este ciclo"),
    ("spoc", "Contacto"),
    ("opened_by", "Abierto por"),
    ("module", "Módulo"),
    ("assigned_to", "Asignado a"),
    ("assignee", "Asignado a"),
    ("target", "Objetivo"),
    ("tier", "Tipo de atención"),
    ("result", "Resultado"),
    ("warn_at", "Aviso a la mesa"),
    ("due_at", "Vence"),
    ("attended_at", "Atención"),
    ("left_seconds", "Segundos que quedan"),
    ("text", "Texto"),
    ("criticality", "Criticidad"),
    ("essential_operation", "Operación esencial"),
    ("fully_blocked", "Impedida por completo"),
    ("declared_at", "Declarada"),
    ("level", "Nivel"),
    ("past", "Nivel anterior"),
    ("suggests_senior", "Se sugiere nivel 2"),
    ("same_day_offer", "Oferta del mismo día"),
    ("emergency_cost", "Costo de la emergencia"),
    ("limit", "Límite"),
    ("answer", "Respuesta"),
    ("can_accept", "Se puede aceptar"),
    ("amount", "Monto"),
    ("price_centavos", "Precio en centavos"),
    ("amount_centavos", "Monto en centavos"),
    ("accepted_at", "Aceptado"),
    ("awaiting", "En espera"),
    ("closes_at", "Se cierra"),
    ("reminder_at", "Recordatorio"),
    ("closed", "Cierre"),
    ("closing", "Cierre"),
    ("reason", "Razón"),
    ("reopens_until", "Puede reabrirse hasta"),
    ("continues", "Continúa de"),
    ("continued_by", "Continúa en"),
    ("detail", "Detalle"),
    ("note", "Nota"),
    ("account", "Cuenta"),
    ("accounts", "Cuentas"),
    ("service", "Servicio"),
    ("ends_at", "Termina"),
    ("overdue", "Vencido"),
    ("waiting", "Pagado, por aplicar"),
    ("month", "Mes"),
    ("months", "Meses"),
    ("standing", "Situación"),
    ("owed", "Importe"),
    ("paid", "Pagado"),
    ("waived", "Condonado"),
    ("left", "Falta"),
    ("pay_before", "Se paga antes de"),
    ("last_notice_at", "Último aviso"),
    ("suspends_at", "Suspensión si no se paga"),
    ("annulled", "Suspensiones anuladas"),
    ("payments", "Pagos"),
    ("value_date", "Fecha valor"),
    ("names", "Para el mes"),
    ("reversed", "Devuelto por el banco"),
    ("reversed_at", "Devuelto por el banco"),
    ("next", "Sigue"),
    ("renewal", "Renovación"),
    ("renewal_at", "Fin del periodo"),
    ("last_valid_notice_at", "Último aviso válido de no renovación"),
    ("renews", "Se renueva"),
    ("cancellation", "Cancelación"),
    ("effective_at", "Con efecto"),
    ("proposed_breach", "Suspensión propuesta"),
    ("faults", "Faltas en la póliza"),
    ("cap", "Tope de responsabilidad"),
    ("id", "Identificador"),
    ("token", "Credencial, que no volverá a mostrarse"),
    ("tokens", "Credenciales"),
    ("issued_at", "Emitida"),
    ("revoked_at", "Revocada"),
    ("active", "Puede actuar"),
    ("message", "Mensaje"),
    ("clocks", "Relojes"),
    ("earlier", "Ciclos anteriores"),
    ("steps", "Por qué"),
    ("charges", "Cargos"),
    ("proposals", "Propuestas"),
    ("messages", "Mensajes"),
    ("timeline", "Historia"),
    ("events", "Historia"),
    ("notices", "Avisos"),
    ("chain", "Cadena"),
    ("chain_verified", "Cadena verificada"),
];

/// What codes mean.
const WORDS: &[(&str, &str)] = &[
    ("accepted", "aceptada"),
    ("access_request", "petición de accesos"),
    ("accrued", "se cobra"),
    ("acknowledgement", "acuse de recibo"),
    ("act", "acto registrado después"),
    ("active", "activo"),
    ("agent", "agente"),
    ("answer", "respuesta"),
    ("answer_and_request", "respuesta con petición"),
    ("bounced", "rebotado"),
    ("breach_announced", "anuncio de suspensión"),
    ("breach_ended", "fin de la suspensión"),
    ("cancelled", "cancelación"),
    ("client", "cliente"),
    ("clock_started", "servicio reactivado"),
    ("closed", "cerrado"),
    ("closing", "aviso de cierre"),
    ("closing_corrected", "corrección de un cierre"),
    ("complained", "marcado como no deseado"),
    ("confirmed", "confirmada"),
    ("critical", "crítica"),
    ("critical_declaration", "declaración de criticidad"),
    ("dead", "no enviado"),
    ("declared", "declarada"),
    ("declined", "declinada"),
    ("delivered", "entregado"),
    ("desk", "mesa de soporte"),
    ("desk_annulled", "suspensión anulada"),
    ("desk_bounce", "correo no entregado"),
    ("desk_cancelled", "el cliente canceló"),
    ("desk_dead_notice", "aviso no enviado"),
    ("desk_long_suspension", "suspensión larga"),
    ("desk_miss_retracted", "rectificación de objetivo"),
    ("desk_missed", "fuera de objetivo"),
    ("desk_new", "solicitud nueva"),
    ("desk_no_answer", "el cliente no respondió"),
    ("desk_no_fee", "falta la mensualidad"),
    ("desk_no_renewal_choice", "falta la decisión de renovar"),
    ("desk_non_renewal", "el cliente no renueva"),
    ("desk_page", "llamado a la guardia"),
    ("desk_reactivated", "plazo en curso otra vez"),
    ("desk_reactivation_wanted", "falta reactivar"),
    ("desk_warning", "objetivo próximo"),
    ("downgrade", "baja de criticidad"),
    ("downgraded", "bajada"),
    ("edition", "edición del acuerdo"),
    ("emergency", "emergencia"),
    ("emergency_cost", "costo de la emergencia"),
    ("ended", "terminado"),
    ("expired", "póliza terminada"),
    ("given_up", "dado por perdido"),
    ("held", "en espera de reactivación"),
    ("immediate", "emergente"),
    ("information_reminder", "recordatorio de petición"),
    ("information_request", "petición de información"),
    ("last_notice", "último aviso de pago"),
    ("late_non_renewal", "no renovación fuera de plazo"),
    ("master_agreement", "Contrato Marco"),
    ("merged", "unido"),
    ("message", "mensaje"),
    ("met", "objetivo cumplido"),
    ("missed", "fuera de objetivo"),
    ("next_business_day", "siguiente día hábil"),
    ("non_critical", "no crítica"),
    ("non_renewal", "acuse de no renovación"),
    ("none", "ninguna"),
    ("not_a_request", "no era una solicitud"),
    ("not_served", "mensaje sin servicio"),
    ("on_call", "guardia"),
    ("open", "abierto"),
    ("ordinary", "ordinario"),
    ("paused", "en pausa"),
    ("payment_due", "aviso de pago"),
    ("payment_received", "pago recibido"),
    ("payment_reminder", "recordatorio de pago"),
    ("payment_reversed", "pago devuelto"),
    ("pending", "pendiente"),
    ("plan", "póliza"),
    ("product", "valor del producto"),
    ("reactivated", "póliza reactivada"),
    ("renewal_ahead", "aviso de renovación"),
    ("reopened", "aviso de reapertura"),
    ("reopening_annulled", "corrección de una reapertura"),
    ("reply", "respuesta"),
    ("request", "solicitud"),
    ("same_day_accepted", "mismo día aceptado"),
    ("same_day_extended", "mismo día, después de las 14:00"),
    ("same_day_offer", "oferta del mismo día"),
    ("same_day_standard", "mismo día"),
    ("scope_decision", "fuera de alcance"),
    ("sending", "enviándose"),
    ("senior", "consultor senior"),
    ("sent", "enviado"),
    ("solution", "solución"),
    ("solution_reminder", "recordatorio de cierre"),
    ("standard", "estándar"),
    ("still_fails", "sigue fallando"),
    ("superseded", "sin efecto"),
    ("suspended", "suspendido"),
    ("suspension_annulled", "suspensión anulada"),
    ("tolerated", "nuevo límite de pago"),
    ("void", "no se cobra"),
    ("waived", "condonado"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{LABELS, WORDS, plain, tickets};

    #[test]
    fn nothing_stands_twice_in_the_tables() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
        let mut keys: Vec<_> = LABELS.iter().map(|(key, _)| key).collect();
        keys.sort();
        assert!(keys.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn an_answer_is_shown_with_labels_dates_and_steps() {
        let answer = json!({
            "reference": "FERRE-1", "state": "open", "nothing": null,
            "steps": [{
                "rule": "7.1", "clause": 7, "text": "Antes de las 14:00.",
                "at": "2026-11-20T18:00:00-06:00",
                "used": [{ "parameter": "same_day_cutoff", "value": "14:00", "layer": "product" }],
            }],
        });
        let shown = plain(&answer);
        for line in [
            "Folio: FERRE-1",
            "Estado: abierto",
            "  - Antes de las 14:00. (cláusula 7, regla 7.1) → vie 20 nov 2026, 18:00 h",
            "same_day_cutoff = 14:00 (valor del producto)",
        ] {
            assert!(shown.contains(line), "{line} is missing in\n{shown}");
        }
        assert!(!shown.contains("nothing"));
    }

    #[test]
    fn lists_say_when_there_is_nothing_and_when_there_is_more() {
        assert_eq!(tickets(&json!({ "tickets": [] })), "No hay tickets.");
        let more = tickets(&json!({
            "tickets": [{ "reference": "A-1", "state": "open", "subject": "hola" }], "next": "x",
        }));
        let row = format!("{:<20} {:<33} abierto  hola", "A-1", "");
        assert_eq!(more, format!("{row}\nHay más: repita con --after x"));
    }
}
