//! `millora desk mails` and `millora desk mail`: what came in by mail and waits, or was set aside.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::call::{Caller, Side, Trouble, part, query};
use super::{files, show, words};

/// Where the desk's mails are.
const ROOT: &str = "/desk/mails";

#[derive(Args)]
pub(super) struct MailList {
    #[arg(long, value_enum, default_value_t = List::Held, value_name = "LISTA", help = "Cuál lista.")]
    list: List,
    #[arg(long, value_name = "SEÑAL", help = "Sigue donde terminó la página anterior.")]
    after: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum List {
    #[value(help = "En espera de su remitente o de un contacto autorizado")]
    Held,
    #[value(help = "Apartados")]
    Quarantined,
    #[value(help = "De máquinas, de la mesa o de Odoo, sin ticket")]
    Automatic,
    #[value(help = "Los que no pudieron procesarse")]
    Poison,
}

impl List {
    const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Quarantined => "quarantined",
            Self::Automatic => "automatic",
            Self::Poison => "poison",
        }
    }
}

#[derive(Subcommand)]
pub(super) enum MailOrder {
    #[command(
        about = "El mensaje, con todo lo que se sabe de él.",
        after_help = "Ejemplo:\n  millora desk mail show m1"
    )]
    Show(MailName),
    #[command(
        about = "Guarda el mensaje tal como llegó.",
        after_help = "Ejemplo:\n  millora desk mail raw m1 --to mensaje.eml"
    )]
    Raw {
        #[command(flatten)]
        mail: MailName,
        #[arg(
            long,
            value_name = "RUTA",
            help = "Dónde se guarda: una carpeta o un archivo nuevo; si falta, aquí y con su nombre."
        )]
        to: Option<PathBuf>,
    },
    #[command(
        about = "Registra que un contacto autorizado lo adopta, por ejemplo por teléfono.",
        after_help = "Ejemplo:\n  millora desk mail adopt m1 --spoc ana --reason \"Llamó Ana Robles.\""
    )]
    Adopt {
        #[command(flatten)]
        mail: MailName,
        #[arg(long, value_name = "CONTACTO", help = "La clave del contacto.")]
        spoc: String,
        #[command(flatten)]
        why: Why,
    },
    #[command(
        about = "Da por bueno a quien dice enviarlo: cuenta desde que llegó.",
        after_help = "Ejemplo:\n  millora desk mail release m1 --reason \"Lo confirmó por teléfono.\""
    )]
    Release {
        #[command(flatten)]
        mail: MailName,
        #[command(flatten)]
        why: Why,
    },
    #[command(
        about = "Lo lleva a un ticket.",
        after_help = "Ejemplo:\n  millora desk mail link m1 FERRE-7K2QX9RD-I --reason \"Es de ese caso.\""
    )]
    Link {
        #[command(flatten)]
        mail: MailName,
        #[arg(value_name = "FOLIO", help = "El folio del ticket.")]
        ticket: String,
        #[command(flatten)]
        why: Why,
    },
    #[command(
        about = "Vuelve a procesar un mensaje que no pudo procesarse.",
        after_help = "Ejemplo:\n  millora desk mail retry m1 --reason \"Ya se corrigió la falla.\""
    )]
    Retry {
        #[command(flatten)]
        mail: MailName,
        #[command(flatten)]
        why: Why,
    },
    #[command(
        about = "Lo descarta: no se hace nada con él.",
        after_help = "Ejemplo:\n  millora desk mail discard m1 --reason \"Es publicidad.\""
    )]
    Discard {
        #[command(flatten)]
        mail: MailName,
        #[command(flatten)]
        why: Why,
    },
}

#[derive(Args)]
pub(super) struct MailName {
    #[arg(value_name = "MENSAJE", help = "Su identificador, como aparece en la lista.")]
    id: String,
}

#[derive(Args)]
pub(super) struct Why {
    #[arg(long, value_name = "MOTIVO", help = "Por qué; con «-» se lee de la entrada.")]
    reason: String,
}

impl MailName {
    fn path(&self, act: &str) -> String {
        let id = part(&self.id);
        if act.is_empty() { format!("{ROOT}/{id}") } else { format!("{ROOT}/{id}/{act}") }
    }
}

pub(super) fn list(caller: &Caller, list: &MailList) -> Result<String, Trouble> {
    let pairs = [("list", Some(list.list.name())), ("after", list.after.as_deref())];
    let answer = caller.get(Side::Desk, &format!("{ROOT}{}", query(&pairs)))?;
    Ok(caller.shown(&answer, show::received))
}

pub(super) fn run(caller: &Caller, order: MailOrder) -> Result<String, Trouble> {
    let (mail, act, why, mut body) = match order {
        MailOrder::Show(mail) => {
            let answer = caller.get(Side::Desk, &mail.path(""))?;
            return Ok(caller.shown(&answer, show::plain));
        }
        MailOrder::Raw { mail, to } => {
            let link = caller.get(Side::Desk, &mail.path("raw"))?;
            return files::save_link(caller, &link, to.as_deref());
        }
        MailOrder::Adopt { mail, spoc, why } => (mail, "adopt", why, json!({ "spoc": spoc })),
        MailOrder::Release { mail, why } => (mail, "release", why, json!({})),
        MailOrder::Link { mail, ticket, why } => {
            (mail, "link", why, json!({ "ticket": ticket.to_uppercase() }))
        }
        MailOrder::Retry { mail, why } => (mail, "retry", why, json!({})),
        MailOrder::Discard { mail, why } => (mail, "discard", why, json!({})),
    };
    body["reason"] = Value::String(words(why.reason)?);
    let answer = caller.post(Side::Desk, &mail.path(act), &body)?;
    Ok(caller.shown(&answer, show::received_outcome))
}
