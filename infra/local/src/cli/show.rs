//! Answers for people: compact, in Spanish. What a release does not know yet it shows as it comes.

use domain::Instant;
use serde_json::{Map, Value};

/// A text of an object; empty when it is absent.
fn word<'a>(value: &'a Value, key: &str) -> &'a str {
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

/// One ticket.
pub(super) fn ticket(answer: &Value) -> String {
    plain(answer)
}

/// A list of tickets, one on a line.
pub(super) fn tickets(answer: &Value) -> String {
    list(answer, "No hay tickets.", |row| {
        let mut line = format!("{:<20}", word(row, "reference"));
        for key in ["state", "target", "next_due", "due_at"] {
            let text = at(row, key);
            if !text.is_empty() {
                line.push_str(&format!("  {}", value_word(&text)));
            }
        }
        format!("{line}  {}", word(row, "subject"))
    })
}

/// The notices that failed, one on a line.
pub(super) fn notices(answer: &Value) -> String {
    list(answer, "No hay avisos pendientes.", |row| {
        let fields = row.as_object().map(one_line).unwrap_or_default();
        fields.join("  ")
    })
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

fn one_line(fields: &Map<String, Value>) -> Vec<String> {
    fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(_, value)| match value {
            Value::String(text) => readable(text),
            other => other.to_string(),
        })
        .collect()
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
        Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(_, value)| !is_empty(value)) {
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

fn field(out: &mut String, key: &str, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    let label = label(key);
    match value {
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
            value_word(word(used, "layer")),
        ));
    }
}

/// What a field is called for people.
fn label(key: &str) -> &str {
    LABELS.iter().find(|(name, _)| *name == key).map_or(key, |(_, spanish)| spanish)
}

/// What a code means for people.
fn value_word(text: &str) -> String {
    let known = WORDS.iter().find(|(name, _)| *name == text);
    known.map_or(text, |(_, spanish)| spanish).to_owned()
}

const LABELS: &[(&str, &str)] = &[
    ("acknowledged_at", "Atendido"),
    ("assigned_to", "Asignado a"),
    ("assignee", "Asignado a"),
    ("at", "Cuándo"),
    ("attended_at", "Atendido"),
    ("author", "Autor"),
    ("awaiting", "En espera de"),
    ("chain_verified", "Cadena verificada"),
    ("charges", "Cargos"),
    ("client", "Cliente"),
    ("clocks", "Relojes"),
    ("closed_at", "Cerrado"),
    ("closes_at", "Se cierra"),
    ("closing", "Cierre"),
    ("continued_by", "Continúa en"),
    ("continues", "Continúa de"),
    ("criticality", "Criticidad"),
    ("cycle", "Ciclo"),
    ("detail", "Detalle"),
    ("due_at", "Vence"),
    ("events", "Historia"),
    ("fully_blocked", "Impedida por completo"),
    ("id", "Identificador"),
    ("kind", "Clase"),
    ("level", "Nivel"),
    ("limit", "Límite"),
    ("messages", "Mensajes"),
    ("module", "Módulo"),
    ("name", "Nombre"),
    ("notices", "Avisos"),
    ("offer", "Oferta del mismo día"),
    ("opened_by", "Abierto por"),
    ("price", "Precio"),
    ("proposals", "Propuestas"),
    ("reason", "Razón"),
    ("received_at", "Recibido"),
    ("recipient", "Para"),
    ("reference", "Folio"),
    ("reopens_until", "Puede reabrirse hasta"),
    ("result", "Resultado"),
    ("role", "Papel"),
    ("seq", "Número"),
    ("since", "Desde"),
    ("spoc", "Contacto"),
    ("state", "Estado"),
    ("status", "Estado"),
    ("steps", "Por qué"),
    ("subject", "Asunto"),
    ("suggests_senior", "Se sugiere nivel 2"),
    ("target", "Objetivo"),
    ("text", "Texto"),
    ("tier", "Tipo de atención"),
    ("timeline", "Historia"),
    ("to", "Para"),
    ("warn_at", "Aviso a la mesa"),
    ("who", "Quién"),
];

const WORDS: &[(&str, &str)] = &[
    ("agent", "agente"),
    ("closed", "cerrado"),
    ("critical", "crítica"),
    ("edition", "edición del acuerdo"),
    ("emergency", "emergencia"),
    ("held", "en espera de reactivación"),
    ("immediate", "emergente"),
    ("master_agreement", "Contrato Marco"),
    ("met", "objetivo cumplido"),
    ("missed", "fuera de objetivo"),
    ("next_business_day", "siguiente día hábil"),
    ("non_critical", "no crítica"),
    ("open", "abierto"),
    ("pending", "pendiente"),
    ("plan", "póliza"),
    ("product", "valor del producto"),
    ("same_day_extended", "mismo día, después de las 14:00"),
    ("same_day_standard", "mismo día"),
    ("senior", "consultor senior"),
    ("standard", "estándar"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{LABELS, WORDS, plain, tickets};

    #[test]
    fn tables_are_sorted_so_that_nothing_stands_twice() {
        for table in [LABELS, WORDS] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
        }
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
        assert_eq!(more, "A-1                   abierto  hola\nHay más: repita con --after x");
    }
}
