//! A whole ticket for people: where it stands, its clocks, what was written, and what was sent.

use serde_json::Value;

use super::show::{at, value_word, word};

/// A ticket as its client or the desk is answered.
pub(super) fn whole(answer: &Value) -> String {
    // The desk's answer has the part that its lists show by itself.
    let summary = answer.get("summary").unwrap_or(answer);
    let mut out = Lines::default();
    out.line(format!("{}  {}", word(summary, "reference"), word(summary, "subject")));
    standing(&mut out, answer, summary);
    offers(&mut out, answer);
    out.section("Relojes", rows(answer, "clocks"), clock);
    out.labelled("Tiempo", word(&answer["work"], "text"));
    out.section("Cargos", rows(answer, "charges"), charge);
    out.section("Ciclos anteriores", rows(answer, "earlier"), earlier);
    out.section("Propuestas que esperan a otra persona", rows(answer, "proposals"), |proposal| {
        let what = value_word(word(proposal, "what"));
        format!("{:>3}  {what}, de {}", number(proposal), word(&proposal["by"], "name"))
    });
    out.section("Mensajes", rows(answer, "messages"), message);
    out.section("Historia", rows(answer, "timeline"), event);
    out.section("Avisos", rows(answer, "notices"), notice);
    chain(&mut out, &answer["chain"]);
    out.0.join("\n")
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn line(&mut self, line: String) {
        self.0.push(line);
    }

    /// A label with what follows it, when something does.
    fn labelled(&mut self, label: &str, text: &str) {
        if !text.is_empty() {
            self.line(format!("{label}: {text}"));
        }
    }

    fn section(&mut self, title: &str, rows: &[Value], show: impl Fn(&Value) -> String) {
        if rows.is_empty() {
            return;
        }
        self.line(format!("\n{title}"));
        for row in rows {
            self.line(format!("  {}", show(row)));
        }
    }
}

fn rows<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> u64 {
    value.get("number").and_then(Value::as_u64).unwrap_or_default()
}

fn is_true(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn standing(out: &mut Lines, answer: &Value, summary: &Value) {
    let mut state = value_word(word(summary, "state"));
    for (flag, text) in [
        ("warned", "objetivo próximo"),
        ("missed", "fuera de objetivo"),
        ("paged", "con llamado pendiente"),
    ] {
        if is_true(summary, flag) {
            state.push_str(&format!(", {text}"));
        }
    }
    out.labelled("Estado", &state);
    out.labelled("Cliente", word(summary, "client_name"));
    out.labelled("Pidió", word(&answer["opener"], "name"));
    let followers = rows(answer, "followers").iter().map(|it| word(it, "name"));
    let added = rows(answer, "participants").iter().filter_map(Value::as_str);
    out.labelled("Lo siguen", &followers.chain(added).collect::<Vec<_>>().join(", "));
    out.labelled("Asignado a", word(&summary["assignee"], "name"));
    out.labelled("Módulo", word(answer, "module"));
    out.labelled("Recibido", &at(summary, "received_at"));
    let target = word(answer, "target_text");
    out.labelled("Objetivo", target.strip_prefix("objetivo de atención: ").unwrap_or(target));
    out.labelled("Lo siguiente vence", &at(summary, "due_at"));
    if word(&summary["criticality"], "state") != "none" {
        out.labelled("Criticidad", word(&summary["criticality"], "text"));
    }
    out.labelled("Atención", word(&summary["level"], "text"));
    if is_true(summary, "suggests_senior") {
        out.labelled("Se sugiere", "nivel 2");
    }
    let awaiting = &summary["awaiting"];
    if awaiting.is_object() {
        let since = at(awaiting, "since");
        out.labelled("En pausa", &format!("{}, desde {since}", word(awaiting, "text")));
    }
    out.labelled("Sin servicio", word(answer, "not_served"));
    out.labelled("Se cierra, si nadie responde", &at(summary, "closes_at"));
    let closed = &answer["closed"];
    if closed.is_object() {
        let (when, until) = (at(closed, "at"), at(closed, "reopens_until"));
        let text = word(closed, "reason_text");
        out.labelled("Cerrado", &format!("{when}, {text}; puede reabrirse antes de {until}"));
    }
    out.labelled("Continúa de", word(answer, "continues"));
    out.labelled("Continúa en", word(answer, "continued_by"));
    out.labelled("Unido a", word(answer, "merged_into"));
    let took_in: Vec<_> = rows(answer, "took_in").iter().filter_map(Value::as_str).collect();
    out.labelled("Se le unieron", &took_in.join(", "));
}

fn offers(out: &mut Lines, answer: &Value) {
    for (key, label) in
        [("same_day_offer", "Oferta del mismo día"), ("emergency_cost", "Costo de la emergencia")]
    {
        let offer = &answer[key];
        let answer = match word(offer, "answer") {
            "" | "none" => String::new(),
            answer => format!(" ({})", value_word(answer)),
        };
        out.labelled(&format!("{label}{answer}"), word(offer, "text"));
    }
}

fn clock(clock: &Value) -> String {
    let target = match at(clock, "target") {
        target if target.is_empty() => "sin objetivo por ahora".to_owned(),
        target => format!("objetivo {target}"),
    };
    let name = value_word(word(clock, "clock"));
    let tier = match word(clock, "tier_text") {
        tier if tier.is_empty() || tier == name => String::new(),
        tier => format!(", {tier}"),
    };
    format!(
        "{name}{tier}: recibido {}, {target}; {}",
        at(clock, "received_at"),
        word(clock, "result_text")
    )
}

fn charge(charge: &Value) -> String {
    format!("{}: {}", word(charge, "amount_text"), word(charge, "state_text"))
}

/// A cycle that has ended, and under it its clocks and charges.
fn earlier(cycle: &Value) -> String {
    let closed = &cycle["closed"];
    let head = format!(
        "ciclo {}: recibido {}, cerrado {}, {}",
        cycle.get("cycle").and_then(Value::as_u64).unwrap_or_default(),
        at(cycle, "received_at"),
        at(closed, "at"),
        word(closed, "reason_text")
    );
    let clocks = rows(cycle, "clocks").iter().map(clock);
    let lines = clocks.chain(rows(cycle, "charges").iter().map(charge));
    lines.fold(head, |shown, line| format!("{shown}\n    {line}"))
}

fn message(message: &Value) -> String {
    let kind = value_word(word(message, "kind"));
    let head = format!(
        "{:>3}  {}  {} ({kind})",
        number(message),
        at(message, "at"),
        word(message, "author")
    );
    let words = with_words(head, message.get("text").and_then(Value::as_str));
    with_files(with_fold(words, &message["whole_text"]), message)
}

fn event(event: &Value) -> String {
    let when = match at(event, "at") {
        when if when.is_empty() => at(event, "recorded_at"),
        when => when,
    };
    let by = match word(&event["by"], "name") {
        "" | "Sistema" => String::new(),
        name => format!("{name}: "),
    };
    let head = format!("{:>3}  {when}  {by}{}", number(event), word(event, "text"));
    let words = if is_true(event, "erased") {
        Some("(borrado)")
    } else {
        event.get("words").and_then(Value::as_str)
    };
    with_files(with_fold(with_words(head, words), &event["whole_words"]), event)
}

/// A line, and under it the words that somebody wrote.
fn with_words(head: String, words: Option<&str>) -> String {
    let mut out = head;
    for line in words.into_iter().flat_map(str::lines) {
        out.push_str(format!("\n       {line}").trim_end_matches(' '));
    }
    out
}

/// Under words that are not all there are, where the rest is.
fn with_fold(mut out: String, whole: &Value) -> String {
    if whole.is_string() {
        out.push_str("\n       [lo citado no se muestra: se ve con --json]");
    }
    out
}

/// And under them the files that came with them, each with the id by which it is saved.
fn with_files(mut out: String, message: &Value) -> String {
    for file in rows(message, "attachments") {
        let kb = file["size"].as_u64().unwrap_or_default().div_ceil(1024);
        let (name, id) = (word(file, "name"), word(file, "id"));
        out.push_str(&format!("\n       [adjunto] {name} ({kb} KB)  {id}"));
    }
    out
}

/// A notice on one line.
pub(super) fn notice(notice: &Value) -> String {
    let to = match word(notice, "spoc") {
        "" => value_word(word(notice, "to")),
        spoc => spoc.to_owned(),
    };
    let problem = match word(notice, "problem") {
        "" => String::new(),
        problem => format!("  {}", problem_words(problem)),
    };
    let accepted = match at(notice, "accepted_at") {
        accepted if accepted.is_empty() => at(notice, "recorded_at"),
        accepted => accepted,
    };
    format!(
        "{accepted}  {:<12} {:<26} {to}  {}{problem}",
        value_word(word(notice, "status")),
        value_word(word(notice, "kind")),
        word(notice, "id"),
    )
}

/// Why a mail did not arrive. What the mail service says in its own words stays in them.
fn problem_words(problem: &str) -> String {
    match problem.split_once(": ") {
        Some(("permanent", kind)) => format!("rebotó de forma definitiva ({kind})"),
        Some(("suppressed", kind)) => {
            format!("no se intentó: la dirección está en la lista de supresión ({kind})")
        }
        Some(("reject", reason)) => format!("el servicio de correo lo rechazó ({reason})"),
        Some(_) | None => problem.to_owned(),
    }
}

fn chain(out: &mut Lines, chain: &Value) {
    if !chain.is_object() {
        return;
    }
    let events = chain.get("events").and_then(Value::as_u64).unwrap_or_default();
    let text = if is_true(chain, "verified") {
        format!("verificada, {events} sucesos, {}", word(chain, "head"))
    } else {
        format!("NO SE VERIFICA: {}", word(chain, "fault"))
    };
    out.line(format!("\nCadena de sucesos: {text}"));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{problem_words, whole};

    #[test]
    fn the_clients_and_the_desks_answers_are_both_shown() {
        let client = json!({
            "reference": "FERRE-1", "subject": "No timbra", "state": "open",
            "received_at": "2026-11-20T10:00:00-06:00",
            "target_text": "objetivo de atención: el viernes",
            "criticality": { "state": "none", "text": "no está declarada como crítica" },
            "messages": [{
                "number": 1, "kind": "request", "author": "Ana", "at": "2026-11-20T10:00:00-06:00",
                "text": "Uno\n\ndos", "whole_text": "Uno\n\ndos\n\n> cita",
                "attachments": [{ "id": "9f", "name": "a.png", "size": 1025 }],
            }],
        });
        assert_eq!(
            whole(&client),
            "FERRE-1  No timbra\nEstado: abierto\nRecibido: vie 20 nov 2026, 10:00 h\n\
             Objetivo: el viernes\n\nMensajes\n    1  vie 20 nov 2026, 10:00 h  Ana (solicitud)\n       \
             Uno\n\n       dos\n       [lo citado no se muestra: se ve con --json]\n       [adjunto] a.png (2 KB)  9f"
        );
        let desk = json!({
            "summary": {
                "reference": "FERRE-1", "subject": "No timbra", "state": "open", "missed": true,
                "criticality": { "state": "declared", "text": "declarada crítica: nómina" },
                "awaiting": { "text": "se espera", "since": "2026-11-20T10:00:00-06:00" },
            },
            "timeline": [{
                "number": 2, "recorded_at": "2026-11-20T10:00:00-06:00",
                "by": { "name": "Sistema" }, "text": "Aviso", "erased": true,
            }],
            "notices": [{
                "id": "3f", "kind": "desk_new", "to": "desk", "status": "bounced",
                "recorded_at": "2026-11-20T10:00:00-06:00", "problem": "550",
            }],
            "chain": { "verified": false, "events": 2, "fault": "suceso 2" },
        });
        let shown = whole(&desk);
        for part in [
            "Estado: abierto, fuera de objetivo",
            "Criticidad: declarada crítica: nómina",
            "En pausa: se espera, desde vie 20 nov 2026, 10:00 h",
            "  2  vie 20 nov 2026, 10:00 h  Aviso\n       (borrado)",
            "rebotado     solicitud nueva            mesa de soporte  3f  550",
            "NO SE VERIFICA: suceso 2",
        ] {
            assert!(shown.contains(part), "{part} is missing in\n{shown}");
        }
    }

    #[test]
    fn why_a_mail_did_not_arrive() {
        let table = [
            ("permanent: General", "rebotó de forma definitiva (General)"),
            (
                "suppressed: OnAccountSuppressionList",
                "no se intentó: la dirección está en la lista de supresión (OnAccountSuppressionList)",
            ),
            ("reject: Bad content", "el servicio de correo lo rechazó (Bad content)"),
            ("550 5.1.1: no", "550 5.1.1: no"),
        ];
        for (problem, words) in table {
            assert_eq!(problem_words(problem), words);
        }
    }
}
