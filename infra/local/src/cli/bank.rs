//! `millora desk bank …`: how a bank writes its statements, and a statement looked at or applied.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use bank_file::{Piece, PieceError, Pieces, count_lines};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::call::{Caller, Side, Trouble, part, query};
use super::client::read;
use super::show::{self, word};

/// What the desk does with banks.
#[derive(Subcommand)]
pub(super) enum BankOrder {
    #[command(
        about = "Cómo escribe un banco sus estados de cuenta; con --set, se guarda.",
        after_help = "Ejemplo:\n  millora desk bank mapping centro --set events/bank/banco-del-centro.toml --as admin"
    )]
    Mapping {
        #[arg(value_name = "BANCO", help = "El nombre del banco aquí.")]
        bank: String,
        #[arg(long, value_name = "ARCHIVO", help = "Una plantilla, TOML.")]
        set: Option<PathBuf>,
    },
    #[command(
        about = "Dice qué pasaría con cada línea de un estado de cuenta; no se guarda nada.",
        after_help = "Ejemplo:\n  millora desk bank preview events/bank/banco-del-centro.csv --bank centro --as admin"
    )]
    Preview(Statement),
    #[command(
        about = "Registra los pagos de un estado de cuenta. Otra vez, solo lo que falte.",
        after_help = "Ejemplo:\n  millora desk bank apply events/bank/banco-del-centro.csv --bank centro --as admin"
    )]
    Apply(Statement),
    #[command(
        about = "Lo que bancos y proveedores avisaron y no pudo aplicarse, con la razón.",
        after_help = "Ejemplo:\n  millora desk bank events"
    )]
    Events {
        #[arg(long, value_name = "SEÑAL", help = "Sigue donde terminó la página anterior.")]
        after: Option<String>,
    },
    #[command(
        about = "Intenta otra vez un suceso de pago.",
        after_help = "Ejemplo:\n  millora desk bank retry evt_1 --as admin"
    )]
    Retry {
        #[arg(value_name = "SUCESO", help = "Su id, como lo dio quien lo avisó.")]
        id: String,
    },
    #[command(
        about = "Descarta un suceso de pago, con la razón.",
        after_help = "Ejemplo:\n  millora desk bank discard evt_1 --reason \"Es de otra empresa.\" --as admin"
    )]
    Discard {
        #[arg(value_name = "SUCESO", help = "Su id, como lo dio quien lo avisó.")]
        id: String,
        #[arg(long, value_name = "RAZÓN", help = "Por qué.")]
        reason: String,
    },
}

#[derive(Args)]
pub(super) struct Statement {
    #[arg(value_name = "ARCHIVO", help = "El estado de cuenta, CSV.")]
    file: PathBuf,
    #[arg(long, value_name = "BANCO", help = "De qué banco es.")]
    bank: String,
}

pub(super) fn run(caller: &Caller, order: BankOrder) -> Result<String, Trouble> {
    match order {
        BankOrder::Mapping { bank, set: None } => {
            Ok(caller.shown(&mapping(caller, &bank)?, show::plain))
        }
        BankOrder::Mapping { bank, set: Some(file) } => {
            let text = read(&file)?;
            let body: Value = toml::from_str(&text).map_err(|error| {
                Trouble::Usage(format!("{} no es TOML: {error}", file.display()))
            })?;
            let answer = caller.post(Side::Desk, &path(&bank, ""), &body)?;
            Ok(caller.shown(&answer, |_| format!("Guardada la plantilla de {bank}.\n")))
        }
        BankOrder::Preview(statement) => work(caller, &statement, "/preview"),
        BankOrder::Apply(statement) => work(caller, &statement, "/apply"),
        BankOrder::Events { after } => {
            let query = query(&[("after", after.as_deref())]);
            let answer = caller.get(Side::Desk, &format!("/desk/payment-events{query}"))?;
            Ok(caller.shown(&answer, show::plain))
        }
        BankOrder::Retry { id } => settle(caller, &id, "retry", &json!({})),
        BankOrder::Discard { id, reason } => {
            settle(caller, &id, "discard", &json!({ "reason": reason }))
        }
    }
}

fn settle(caller: &Caller, id: &str, act: &str, body: &Value) -> Result<String, Trouble> {
    let path = format!("/desk/payment-events/{}/{act}", part(id));
    let answer = caller.post(Side::Desk, &path, body)?;
    Ok(caller.shown(&answer, show::plain))
}

fn path(bank: &str, act: &str) -> String {
    format!("/desk/banks/{}{act}", part(bank))
}

fn mapping(caller: &Caller, bank: &str) -> Result<Value, Trouble> {
    caller.get(Side::Desk, &path(bank, ""))
}

/// Sends the file in pieces, and tells every line together.
fn work(caller: &Caller, statement: &Statement, act: &str) -> Result<String, Trouble> {
    let Statement { file, bank } = statement;
    let cut = |error: PieceError| Trouble::Usage(format!("{}: {error}", file.display()));
    count_lines(open(file)?).map_err(cut)?;
    let head_lines = mapping(caller, bank)?["head_lines"].as_u64().unwrap_or_default();
    let head_lines = u32::try_from(head_lines).unwrap_or_default();
    let mut pieces = Pieces::of(open(file)?, head_lines).map_err(cut)?;
    let mut whole: Option<Value> = None;
    while let Some(Piece { bytes, skipped }) = pieces.next_piece().map_err(cut)? {
        let skipped = Some(skipped).filter(|lines| *lines > 0);
        let body = json!({ "file": STANDARD.encode(bytes), "skipped": skipped });
        let answer = caller.post(Side::Desk, &path(bank, act), &body)?;
        whole = Some(joined(whole, answer));
    }
    Ok(caller.shown(&whole.unwrap_or_default(), told))
}

fn open(file: &Path) -> Result<BufReader<File>, Trouble> {
    let opened = File::open(file);
    let opened = opened
        .map_err(|error| Trouble::Usage(format!("No se puede leer {}: {error}", file.display())))?;
    Ok(BufReader::new(opened))
}

/// The answers of two pieces as one.
fn joined(whole: Option<Value>, mut answer: Value) -> Value {
    let Some(mut whole) = whole else { return answer };
    if let (Some(all), Some(more)) = (whole["lines"].as_array_mut(), answer["lines"].as_array_mut())
    {
        all.append(more);
    }
    whole
}

/// Each line, and how many there are of each kind.
fn told(answer: &Value) -> String {
    let lines: Vec<&Value> = answer["lines"].as_array().into_iter().flatten().collect();
    let mut out = String::new();
    for line in &lines {
        let number = line["line"].as_u64().unwrap_or_default();
        let (reference, amount) = (word(line, "reference"), word(&line["amount"], "text"));
        let what = format!("{reference}  {amount}");
        let what = if what.trim().is_empty() { String::new() } else { format!("{what}: ") };
        out.push_str(&format!("línea {number}: {what}{}\n", word(line, "text")));
    }
    let count =
        |codes: &[&str]| lines.iter().filter(|line| codes.contains(&word(line, "outcome"))).count();
    let applied = answer["applied"] == Value::Bool(true);
    out.push_str(&format!(
        "{} {}, {} ya registrados, {} sin registrar, {} que no son depósitos.\n",
        count(&["recorded"]),
        if applied { "registrados" } else { "se registrarían" },
        count(&["known"]),
        count(&["no_client", "ambiguous", "faulty", "refused", "failed"]),
        count(&["not_a_deposit"])
    ));
    if !applied {
        out.push_str("No se guardó nada: «millora desk bank apply» lo registra.\n");
    }
    out
}
