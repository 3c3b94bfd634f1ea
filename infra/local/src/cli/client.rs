//! Clients: a file is checked here, by itself; entering it and asking what was promised is the desk's.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use client_file::{Finding, Kind, Report};
use domain::Instant;
use serde_json::{Value, json};

use super::call::{Caller, Side, Trouble, query};
use super::show::{self, word};
use super::{ServerArgs, instant};

#[derive(Args)]
pub(super) struct ClientArgs {
    #[command(subcommand)]
    order: ClientOrder,
}

#[derive(Subcommand)]
enum ClientOrder {
    #[command(
        about = "Revisa archivos de clientes: lo que falta, lo que se contradice y lo que nadie ha elegido.",
        after_help = "No habla con ninguna mesa. Sale con 1 si algo impide aplicar un archivo.\n\nEjemplo:\n  \
                      millora client lint events/clients/ferretera.toml"
    )]
    Lint {
        #[arg(value_name = "ARCHIVO", required = true, help = "Archivos de clientes, TOML.")]
        files: Vec<PathBuf>,
    },
    #[command(
        about = "Dice qué cambiaría el archivo de un cliente; con --reason, lo aplica.",
        after_help = "Ejemplo:\n  millora client apply ferretera.toml --as admin --reason \"Póliza 2027\""
    )]
    Apply {
        #[arg(value_name = "ARCHIVO", help = "El archivo del cliente, TOML.")]
        file: PathBuf,
        #[arg(
            long,
            value_name = "RAZÓN",
            help = "Por qué. Sin razón solo se muestra qué cambiaría."
        )]
        reason: Option<String>,
    },
    #[command(
        about = "Qué se le prometió a un cliente en un instante, sabiendo lo que entonces se sabía.",
        after_help = "Ejemplo:\n  millora client terms FERRE --at 2026-11-13T10:00:00-06:00 \
                      --known-at 2026-11-13T10:00:00-06:00"
    )]
    Terms {
        #[arg(value_name = "CLIENTE", help = "La clave del cliente.")]
        client: String,
        #[arg(long, value_name = "FECHA", value_parser = instant(), help = "Lo recibido entonces; si falta, ahora.")]
        at: Option<Instant>,
        #[arg(long, value_name = "FECHA", value_parser = instant(), help = "Lo que se sabía entonces; si falta, lo de --at.")]
        known_at: Option<Instant>,
    },
}

pub(super) fn run(server: &ServerArgs, args: ClientArgs) -> Result<String, Trouble> {
    match args.order {
        ClientOrder::Lint { files } => lint(&files),
        ClientOrder::Apply { file, reason } => {
            let caller = Caller::new(server)?;
            let text = read(&file)?;
            let answer = match reason {
                Some(reason) => {
                    let body = json!({ "file": text, "reason": reason });
                    caller.post(Side::Desk, "/desk/clients", &body)?
                }
                None => {
                    caller.post(Side::Desk, "/desk/clients/preview", &json!({ "file": text }))?
                }
            };
            Ok(caller.shown(&answer, entered))
        }
        ClientOrder::Terms { client, at, known_at } => {
            let caller = Caller::new(server)?;
            let (at, known_at) = (at.map(Instant::to_rfc3339), known_at.map(Instant::to_rfc3339));
            let pairs = [("at", at.as_deref()), ("known_at", known_at.as_deref())];
            let path = format!("/desk/clients/{client}{}", query(&pairs));
            Ok(caller.shown(&caller.get(Side::Desk, &path)?, terms))
        }
    }
}

pub(super) fn read(file: &Path) -> Result<String, Trouble> {
    std::fs::read_to_string(file).map_err(|error| {
        Trouble::Usage(format!("No se puede leer {} como texto: {error}", file.display()))
    })
}

/// Checks files by themselves and against each other; a failure where one cannot be applied.
fn lint(files: &[PathBuf]) -> Result<String, Trouble> {
    let mut reports = Vec::new();
    for file in files {
        reports.push((file.display().to_string(), client_file::read(&read(file)?)));
    }
    for (n, finding) in client_file::between(&reports) {
        reports[n].1.findings.insert(0, finding);
    }
    let told: Vec<String> = reports.iter().map(|(name, report)| shown(name, report)).collect();
    let told = told.join("\n");
    if reports.iter().all(|(_, report)| report.is_applicable()) {
        Ok(told)
    } else {
        Err(Trouble::Failed(told.trim_end().to_owned()))
    }
}

/// One file's findings, what has to be mended first.
fn shown(name: &str, report: &Report) -> String {
    let of = |kinds: &[Kind]| -> Vec<&Finding> {
        report.findings.iter().filter(|it| kinds.contains(&it.kind)).collect()
    };
    let wrong = of(&[Kind::Wrong, Kind::Contradictory]);
    let (missing, ambiguous, choices) =
        (of(&[Kind::Missing]), of(&[Kind::Ambiguous]), of(&[Kind::Choice]));
    let mut out = format!(
        "{name}: {} por corregir, {} por preguntar, {} por mirar, {} lecturas sin elegir\n",
        wrong.len(),
        missing.len(),
        ambiguous.len(),
        choices.len()
    );
    let sections = [
        ("Por corregir: impide aplicar el archivo", wrong),
        ("Por preguntar: falta, y mientras tanto el archivo vale", missing),
        ("Por mirar: puede leerse de dos maneras", ambiguous),
    ];
    for (title, findings) in sections.into_iter().filter(|(_, it)| !it.is_empty()) {
        out.push_str(&format!("\n{title}\n"));
        for finding in findings {
            let at =
                if finding.at.is_empty() { String::new() } else { format!("{}: ", finding.at) };
            let line = finding.line;
            out.push_str(&format!("  línea {line}: {at}{}{}\n", finding.text, rule(finding)));
        }
    }
    if !choices.is_empty() {
        out.push_str(
            "\nLecturas sin elegir: el acuerdo calla o puede leerse de dos maneras, y vale el valor \
             predeterminado\n",
        );
        for finding in choices {
            let name = finding.at.rsplit('.').next().unwrap_or_default();
            out.push_str(&format!("  {name} = {}{}\n", finding.text, rule(finding)));
        }
    }
    out
}

fn rule(finding: &Finding) -> String {
    if finding.rule.is_empty() { String::new() } else { format!(" (regla {})", finding.rule) }
}

/// What a file did or would do.
fn entered(answer: &Value) -> String {
    let mut out = format!("{}\n", word(answer, "text"));
    let lines =
        |key: &str| -> Vec<&Value> { answer[key].as_array().into_iter().flatten().collect() };
    for line in lines("differences") {
        out.push_str(&format!("  - {}\n", line.as_str().unwrap_or_default()));
    }
    let told: Vec<_> = lines("told").into_iter().filter_map(Value::as_str).collect();
    if !told.is_empty() {
        out.push_str(&format!("Se avisa por correo a: {}\n", told.join(", ")));
    }
    let tickets: Vec<_> = answer["dates"]["tickets"].as_array().into_iter().flatten().collect();
    if !tickets.is_empty() {
        out.push_str("Tickets abiertos; ninguna de sus fechas se mueve:\n");
        for ticket in tickets {
            out.push_str(&dates(ticket));
        }
    }
    let asked: Vec<_> =
        lines("findings").into_iter().filter(|it| word(it, "kind") != "choice").collect();
    if !asked.is_empty() {
        out.push_str("Queda por preguntar o mirar:\n");
    }
    for finding in asked {
        let line = finding["line"].as_u64().unwrap_or_default();
        out.push_str(&format!(
            "  línea {line}: {}: {}\n",
            word(finding, "at"),
            word(finding, "text")
        ));
    }
    if answer["applied"] == Value::Bool(false) && !lines("differences").is_empty() {
        out.push_str("Nada se aplicó: repita la orden con --reason para aplicarlo.\n");
    }
    if answer["applied"] == Value::Bool(true) && answer["is_new"] == Value::Bool(true) {
        let client = word(answer, "client");
        out.push_str(&format!(
            "Sus contactos aún no tienen credencial: millora access issue --client {client} --spoc …\n"
        ));
    }
    out
}

/// The running dates of a ticket, and what they would be.
pub(super) fn dates(ticket: &Value) -> String {
    let mut out = format!("  {}  {}\n", word(ticket, "reference"), word(ticket, "subject"));
    let mut row = |what: &str, is: String, would: String| {
        let is = if is.is_empty() { "en pausa".to_owned() } else { is };
        let would = if would.is_empty() { "en pausa".to_owned() } else { would };
        if is == would {
            out.push_str(&format!("      {what} {is}\n"));
        } else {
            out.push_str(&format!("      {what} {is}; recalculado sería {would}\n"));
        }
    };
    for clock in ticket["clocks"].as_array().into_iter().flatten() {
        let name = show::value_word(word(clock, "clock"));
        row(&format!("{name}: objetivo"), show::at(clock, "target"), show::at(clock, "would_be"));
    }
    let (closes, would) = (show::at(ticket, "closes_at"), show::at(ticket, "would_close_at"));
    if !(closes.is_empty() && would.is_empty()) {
        row("se cierra", closes, would);
    }
    out
}

/// What was promised.
fn terms(answer: &Value) -> String {
    let mut out = format!(
        "{}  {}\nPara lo recibido el {}, como se sabía el {}\n",
        word(answer, "client"),
        word(answer, "name"),
        show::at(answer, "at"),
        show::at(answer, "known_at")
    );
    let lines =
        |key: &str| -> Vec<&Value> { answer[key].as_array().into_iter().flatten().collect() };
    for warning in lines("warnings") {
        out.push_str(&format!("Atención: {}\n", warning.as_str().unwrap_or_default()));
    }
    let plan = &answer["plan"];
    if plan.is_object() {
        out.push_str(&format!(
            "Póliza: versión {}, desde {}, conocida desde {}\n",
            word(plan, "id"),
            show::at(plan, "valid_from"),
            show::at(plan, "known_from")
        ));
    }
    out.push_str("Contactos:\n");
    for spoc in lines("spocs") {
        let powers: Vec<_> =
            spoc["powers"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        out.push_str(&format!(
            "  {}  {}: {}\n",
            word(spoc, "id"),
            word(spoc, "name"),
            powers.join(", ")
        ));
    }
    out.push_str("Parámetros:\n");
    for used in lines("parameters") {
        let document = word(used, "document");
        let document = if document.is_empty() { String::new() } else { format!(", {document}") };
        out.push_str(&format!(
            "  {} = {} ({}{document})\n",
            word(used, "parameter"),
            word(used, "value"),
            word(used, "layer_text")
        ));
    }
    let changes = lines("changes");
    if !changes.is_empty() {
        out.push_str("Cambios:\n");
    }
    for change in changes {
        let (at, by) = (show::at(change, "at"), word(change, "by"));
        out.push_str(&format!("  {at}, {by}: {}\n", word(change, "reason")));
        for line in change["differences"].as_array().into_iter().flatten() {
            out.push_str(&format!("    - {}\n", line.as_str().unwrap_or_default()));
        }
    }
    out
}
