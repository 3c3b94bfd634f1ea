//! `millora mail`.

use std::process::{Command, Stdio};

use clap::{Args, Subcommand};
use serde_json::Value;

use super::call::{Caller, Side, Trouble, query};
use super::{send, show};

#[derive(Args)]
pub(super) struct MailArgs {
    #[command(subcommand)]
    order: MailOrder,
}

#[derive(Subcommand)]
enum MailOrder {
    #[command(
        about = "Los correos enviados, uno por línea.",
        after_help = "Ejemplo:\n  millora mail list --to ana"
    )]
    List {
        #[arg(long, value_name = "DIRECCIÓN", help = "Solo los dirigidos a quien contenga esto.")]
        to: Option<String>,
        #[arg(long, value_name = "FOLIO", help = "Solo los de este ticket.")]
        ticket: Option<String>,
        #[arg(long, value_name = "N", help = "Solo los de número mayor que este.")]
        after: Option<u32>,
    },
    #[command(about = "El texto de un correo.", after_help = "Ejemplo:\n  millora mail show 1")]
    Show {
        #[arg(value_name = "N", help = "Su número en la lista.")]
        number: u32,
        #[arg(long, help = "Tal como se envió, con encabezados.")]
        raw: bool,
    },
    #[command(
        about = "Escribe a la mesa local por SMTP, como cualquier programa de correo.",
        after_help = "Ejemplos:\n  \
            millora mail send --from ana.robles@ferretera.example --subject \"No timbra\" --text \"Error 301.\"\n  \
            millora mail send --in-reply-to 4 --text \"Ya quedó, gracias.\"\n  \
            millora mail send --file events/demo/suplantado.eml --verdict \"dmarc=FAIL policy=none\""
    )]
    Send(Box<send::SendArgs>),
    #[command(
        about = "Abre un correo, o la lista, en el navegador.",
        after_help = "Ejemplo:\n  millora mail open 1"
    )]
    Open {
        #[arg(value_name = "N", help = "Su número; sin él se abre la lista.")]
        number: Option<u32>,
    },
}

pub(super) fn run(caller: &Caller, args: MailArgs) -> Result<String, Trouble> {
    match args.order {
        MailOrder::List { to, ticket, after } => {
            let after = after.map(|after| after.to_string());
            let pairs =
                [("to", to.as_deref()), ("ticket", ticket.as_deref()), ("after", after.as_deref())];
            let answer = caller.get(Side::Nobody, &format!("/local/mails{}", query(&pairs)))?;
            Ok(caller.shown(&answer, |answer| {
                let mails = answer.get("mails").and_then(Value::as_array);
                let lines: Vec<String> = mails
                    .into_iter()
                    .flatten()
                    .map(|mail| format!("{}  {}", show::at(mail, "at"), show::mail_line(mail)))
                    .collect();
                if lines.is_empty() { "No hay correos.".to_owned() } else { lines.join("\n") }
            }))
        }
        MailOrder::Show { number, raw: true } => {
            caller.get_text(&format!("/local/mails/{number}/raw"))
        }
        MailOrder::Show { number, raw: false } => {
            let answer = caller.get(Side::Nobody, &format!("/local/mails/{number}"))?;
            Ok(caller.shown(&answer, show::mail))
        }
        MailOrder::Send(args) => send::run(caller, *args),
        MailOrder::Open { number } => {
            let path = number.map_or_else(String::new, |number| format!("/{number}"));
            let address = caller.address(&format!("/local/mail{path}"));
            // The mail must exist before a browser is bothered with it.
            caller.get_text(&format!("/local/mail{path}"))?;
            browse(&address);
            Ok(address)
        }
    }
}

/// Opens the browser, if this machine has one; the address is printed in any case.
fn browse(address: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut command = Command::new(program);
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null());
    // Without a browser the printed address still serves.
    let _ = command.stderr(Stdio::null()).spawn();
}
