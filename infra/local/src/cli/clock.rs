//! `millora clock`.

use clap::{Args, Subcommand};
use domain::Instant;
use serde_json::{Value, json};

use super::call::{Caller, Side, Trouble};
use super::{instant, show};

#[derive(Args)]
pub(super) struct ClockArgs {
    #[command(subcommand)]
    order: ClockOrder,
}

#[derive(Subcommand)]
enum ClockOrder {
    #[command(
        about = "Dice qué hora es para la mesa.",
        after_help = "Ejemplo:\n  millora clock show"
    )]
    Show,
    #[command(
        about = "Adelanta el reloj, deteniéndose en cada vencimiento, y cuenta qué pasó en cada uno.",
        after_help = "Ejemplo:\n  millora clock advance 48h"
    )]
    Advance {
        #[arg(value_name = "CUÁNTO", help = "48h, 90m, 30s, 2d, o juntos: 1d12h.")]
        by: String,
    },
    #[command(
        about = "Adelanta el reloj hasta una fecha; nunca va hacia atrás.",
        after_help = "Ejemplo:\n  millora clock set 2026-11-20T13:59:00-06:00"
    )]
    Set {
        #[arg(value_name = "FECHA", value_parser = instant(), help = "RFC 3339 con desfase.")]
        at: Instant,
    },
}

pub(super) fn run(caller: &Caller, args: ClockArgs) -> Result<String, Trouble> {
    match args.order {
        ClockOrder::Show => {
            let answer = caller.get(Side::Nobody, "/local/clock")?;
            Ok(caller.shown(&answer, |answer| {
                let frozen = answer.get("frozen").and_then(Value::as_bool).unwrap_or(false);
                let frozen = if frozen { "\nEl reloj está detenido." } else { "" };
                format!("{} ({}){frozen}", word(answer, "spanish"), word(answer, "now"))
            }))
        }
        ClockOrder::Advance { by } => {
            let answer = caller.post(Side::Nobody, "/local/clock/advance", &json!({ "by": by }))?;
            Ok(caller.shown(&answer, moved))
        }
        ClockOrder::Set { at } => {
            let body = json!({ "at": at.to_rfc3339() });
            let answer = caller.post(Side::Nobody, "/local/clock/set", &body)?;
            Ok(caller.shown(&answer, moved))
        }
    }
}

/// What happened, stop by stop.
fn moved(answer: &Value) -> String {
    let mut out = String::new();
    for stop in answer.get("stops").and_then(Value::as_array).into_iter().flatten() {
        let mails = stop.get("mails").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if mails.is_empty() {
            continue;
        }
        out.push_str(&format!("{}\n", word(stop, "spanish")));
        for mail in mails {
            out.push_str(&format!("  {}\n", show::mail_line(mail)));
        }
    }
    if out.is_empty() {
        out.push_str("No se envió ningún correo.\n");
    }
    out.push_str(&format!("Ahora es {}.", word(answer, "spanish")));
    out
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("?")
}
