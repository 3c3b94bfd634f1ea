//! What holds for every client: editions of the agreement and official holidays (administration).

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::Instant;
use serde_json::{Value, json};

use super::call::{Caller, Side, Trouble};
use super::client::{dates, read};
use super::instant;
use super::show::{self, word};

#[derive(Args)]
pub(super) struct EditionArgs {
    #[command(subcommand)]
    order: EditionOrder,
}

#[derive(Subcommand)]
enum EditionOrder {
    #[command(
        about = "Las ediciones publicadas del acuerdo.",
        after_help = "Ejemplo:\n  millora edition list"
    )]
    List,
    #[command(
        about = "Publica una edición del acuerdo; rige después del aviso previo de 30 días naturales.",
        after_help = "Ejemplo:\n  millora edition publish acuerdo-2.txt --text-url https://millora.example/sla/2 \
                      --reason \"Nuevo horario de corte\" --as admin"
    )]
    Publish {
        #[arg(value_name = "ARCHIVO", help = "El texto completo.")]
        text: PathBuf,
        #[arg(long, value_name = "URL", help = "Dónde se publica.")]
        text_url: String,
        #[arg(long, value_name = "FECHA", value_parser = instant(), help = "Desde cuándo rige; si falta, en cuanto la cláusula 14 lo permite.")]
        effective_at: Option<Instant>,
        #[arg(long, value_name = "ARCHIVO", help = "Los parámetros que fija, TOML.")]
        parameters: Option<PathBuf>,
        #[arg(long, value_name = "RAZÓN", help = "Por qué.")]
        reason: String,
    },
}

#[derive(Args)]
pub(super) struct HolidayArgs {
    #[command(subcommand)]
    order: HolidayOrder,
}

#[derive(Subcommand)]
enum HolidayOrder {
    #[command(
        about = "Los cambios a los días festivos del artículo 74, con su fuente.",
        after_help = "Ejemplo:\n  millora holiday list"
    )]
    List,
    #[command(
        about = "Dice qué fechas en curso movería un día festivo; con --reason, lo registra sin mover ninguna.",
        after_help = "Ejemplo:\n  millora holiday set 2027-04-02 --name \"Luto nacional\" \
                      --source \"DOF, 1 de abril de 2027\" --as admin"
    )]
    Set {
        #[arg(value_name = "DÍA", help = "El día, como 2027-04-02.")]
        date: String,
        #[arg(long, value_name = "NOMBRE", help = "El nombre del día festivo.")]
        name: String,
        #[arg(long, value_name = "FUENTE", help = "Dónde se publicó.")]
        source: String,
        #[arg(long, help = "El día deja de ser festivo.")]
        remove: bool,
        #[arg(
            long,
            value_name = "RAZÓN",
            help = "Por qué. Sin razón solo se muestra qué movería."
        )]
        reason: Option<String>,
    },
}

pub(super) fn edition(caller: &Caller, args: EditionArgs) -> Result<String, Trouble> {
    let answer = match args.order {
        EditionOrder::List => caller.get(Side::Desk, "/desk/editions")?,
        EditionOrder::Publish { text, text_url, effective_at, parameters, reason } => {
            let mut body = json!({ "text": read(&text)?, "url": text_url, "reason": reason });
            if let Some(at) = effective_at {
                body["effective_at"] = Value::String(at.to_rfc3339());
            }
            if let Some(file) = parameters {
                body["parameters"] = Value::String(read(&file)?);
            }
            caller.post(Side::Desk, "/desk/editions", &body)?
        }
    };
    Ok(caller.shown(&answer, editions))
}

fn editions(answer: &Value) -> String {
    let one = |it: &Value| {
        let set: Vec<_> =
            it["parameters"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!(
            "Edición {}: publicada el {}, en vigor desde el {}\n  {}\n  huella {}\n  fija: {}\n",
            it["n"].as_u64().unwrap_or_default(),
            show::at(it, "published_at"),
            show::at(it, "effective_at"),
            word(it, "url"),
            word(it, "text_hash"),
            if set.is_empty() { "nada".to_owned() } else { set.join("; ") },
        )
    };
    match answer["editions"].as_array() {
        Some(list) if list.is_empty() => "No hay ediciones publicadas.\n".to_owned(),
        Some(list) => list.iter().map(one).collect(),
        None => one(answer),
    }
}

pub(super) fn holiday(caller: &Caller, args: HolidayArgs) -> Result<String, Trouble> {
    match args.order {
        HolidayOrder::List => {
            Ok(caller.shown(&caller.get(Side::Desk, "/desk/holidays")?, holidays))
        }
        HolidayOrder::Set { date, name, source, remove, reason } => {
            let kind = if remove { "removed" } else { "added" };
            let mut body = json!({ "date": date, "kind": kind, "name": name, "source": source });
            let path = if let Some(reason) = reason {
                body["reason"] = Value::String(reason);
                "/desk/holidays"
            } else {
                "/desk/holidays/preview"
            };
            Ok(caller.shown(&caller.post(Side::Desk, path, &body)?, recorded))
        }
    }
}

fn holidays(answer: &Value) -> String {
    let changes = answer["changes"].as_array().into_iter().flatten();
    let lines: String = changes
        .map(|it| {
            let what =
                if word(it, "kind") == "removed" { "deja de ser festivo" } else { "festivo" };
            format!("{}  {what}: {} ({})\n", word(it, "date"), word(it, "name"), word(it, "source"))
        })
        .collect();
    format!(
        "Además de {}:\n{}",
        word(answer, "rules"),
        if lines.is_empty() { "nada\n" } else { &lines }
    )
}

fn recorded(answer: &Value) -> String {
    let mut out = format!("{}.\n", word(answer, "text"));
    let tickets = answer["dates"]["tickets"].as_array().map(Vec::as_slice).unwrap_or_default();
    if tickets.is_empty() {
        out.push_str("Ninguna fecha en curso sería otra.\n");
        return out;
    }
    out.push_str(
        "Fechas en curso que serían otras; solo se mueven con «millora desk recalculate»:\n",
    );
    out.extend(tickets.iter().map(dates));
    out
}
