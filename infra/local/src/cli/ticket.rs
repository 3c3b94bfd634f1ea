//! `millora ticket`: what a SPoC does.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::call::{Caller, Side, Trouble, part, query};
use super::files::{self, Attach, Save};
use super::{show, words};

/// Where a client's tickets are.
const ROOT: &str = "/tickets";

#[derive(Args)]
pub(super) struct TicketArgs {
    #[command(subcommand)]
    order: TicketOrder,
}

#[derive(Subcommand)]
enum TicketOrder {
    #[command(
        about = "Abre un ticket.",
        after_help = "Ejemplo:\n  millora ticket open --as luis --subject \"Sin punto de venta\" --text \"No abre caja.\" \
                      --critical sales-pos"
    )]
    Open {
        #[arg(long, value_name = "ASUNTO", help = "El asunto, en una línea.")]
        subject: String,
        #[arg(long, value_name = "TEXTO", help = "La descripción; «-» la lee de la entrada.")]
        text: String,
        #[arg(long, value_name = "MÓDULO", help = "El módulo de Odoo, por ejemplo account.")]
        module: Option<String>,
        #[arg(
            long,
            value_name = "OPERACIÓN",
            help = "La declara crítica: la operación esencial que está impedida por completo."
        )]
        critical: Option<Operation>,
        #[arg(long, value_name = "TEXTO", requires = "critical", help = "Cuál, si es «other».")]
        description: Option<String>,
        #[command(flatten)]
        attach: Attach,
    },
    #[command(about = "Los tickets del cliente.", after_help = "Ejemplo:\n  millora ticket list")]
    List {
        #[arg(long, value_name = "SEÑAL", help = "Sigue donde terminó la página anterior.")]
        after: Option<String>,
    },
    #[command(about = "Un ticket completo.", after_help = EXAMPLE_SHOW)]
    Show(Reference),
    #[command(
        about = "Por qué cada fecha es la que es, cláusula por cláusula.",
        after_help = "Ejemplo:\n  millora ticket why FERRE-7K2QX9RD-I"
    )]
    Why(Reference),
    #[command(
        about = "Responde en un ticket.",
        after_help = "Ejemplo:\n  millora ticket answer FERRE-7K2QX9RD-I \"Adjunto la captura.\" --attach captura.png"
    )]
    Answer {
        #[command(flatten)]
        reference: Reference,
        #[arg(value_name = "TEXTO", help = "La respuesta; «-» la lee de la entrada.")]
        text: String,
        #[command(flatten)]
        attach: Attach,
    },
    #[command(
        about = "Dice que sigue fallando.",
        after_help = "Ejemplo:\n  millora ticket still-fails FERRE-7K2QX9RD-I \"Volvió a fallar.\""
    )]
    StillFails {
        #[command(flatten)]
        reference: Reference,
        #[arg(value_name = "TEXTO", help = "Qué falla; «-» lo lee de la entrada.")]
        text: String,
        #[command(flatten)]
        attach: Attach,
    },
    #[command(
        about = "Guarda un archivo adjunto.",
        after_help = "Ejemplo:\n  millora ticket save-attachment FERRE-7K2QX9RD-I 9f2c --to captura.png"
    )]
    SaveAttachment(Save),
    #[command(
        about = "Acepta la atención el mismo día con su costo.",
        after_help = "Ejemplo:\n  millora ticket accept-same-day FERRE-7K2QX9RD-I"
    )]
    AcceptSameDay(Reference),
    #[command(
        about = "Declina la atención el mismo día.",
        after_help = "Ejemplo:\n  millora ticket decline-same-day FERRE-7K2QX9RD-I"
    )]
    DeclineSameDay(Reference),
    #[command(
        about = "Acepta el costo de la atención emergente.",
        after_help = "Ejemplo:\n  millora ticket accept-emergency-cost ANAHUAC-7K2QX9RD-L"
    )]
    AcceptEmergencyCost(Reference),
    #[command(
        about = "Declara crítica la incidencia.",
        after_help = "Ejemplo:\n  millora ticket critical FERRE-7K2QX9RD-I invoicing"
    )]
    Critical {
        #[command(flatten)]
        reference: Reference,
        #[arg(value_name = "OPERACIÓN", help = "La operación esencial que está impedida.")]
        operation: Operation,
        #[arg(long, help = "No está impedida por completo.")]
        partly: bool,
        #[arg(long, value_name = "TEXTO", help = "Cuál, si es «other».")]
        description: Option<String>,
    },
    #[command(
        about = "Confirma que quedó resuelto.",
        after_help = "Ejemplo:\n  millora ticket confirm FERRE-7K2QX9RD-I"
    )]
    Confirm(Reference),
    #[command(
        about = "Retira la solicitud.",
        after_help = "Ejemplo:\n  millora ticket withdraw FERRE-7K2QX9RD-I"
    )]
    Withdraw(Reference),
}

const EXAMPLE_SHOW: &str = "Ejemplo:\n  millora ticket show FERRE-7K2QX9RD-I";

#[derive(Args)]
pub(super) struct Reference {
    #[arg(value_name = "FOLIO", help = "El folio del ticket.")]
    reference: String,
}

impl Reference {
    /// The path below `root`; references are capital letters, however they are typed.
    pub(super) fn path(&self, root: &str, act: &str) -> String {
        let act = if act.is_empty() { String::new() } else { format!("/{act}") };
        format!("{root}/{}{act}", part(&self.reference.to_uppercase()))
    }
}

/// The essential operations (1.4).
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Operation {
    #[value(help = "facturación")]
    Invoicing,
    #[value(help = "ventas y punto de venta")]
    SalesPos,
    #[value(help = "inventario y embarques")]
    InventoryShipping,
    #[value(help = "nómina")]
    Payroll,
    #[value(help = "cobranza")]
    Collections,
    #[value(help = "compras")]
    Purchasing,
    #[value(help = "cierre contable")]
    AccountingClose,
    #[value(help = "otra, con --description")]
    Other,
}

impl Operation {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Invoicing => "invoicing",
            Self::SalesPos => "sales_pos",
            Self::InventoryShipping => "inventory_shipping",
            Self::Payroll => "payroll",
            Self::Collections => "collections",
            Self::Purchasing => "purchasing",
            Self::AccountingClose => "accounting_close",
            Self::Other => "other",
        }
    }
}

/// What a declaration says, without the fields that are absent.
pub(super) fn declaration(
    operation: Operation,
    blocked: bool,
    description: Option<String>,
) -> Value {
    let mut body = json!({ "essential_operation": operation.name(), "fully_blocked": blocked });
    if let Some(description) = description {
        body["description"] = description.into();
    }
    body
}

pub(super) fn run(caller: &Caller, args: TicketArgs) -> Result<String, Trouble> {
    let attached = |mut body: Value, attach: &Attach| -> Result<Value, Trouble> {
        attach.add(&mut body, caller, Side::Client, ROOT)?;
        Ok(body)
    };
    let post = |reference: &Reference, act: &str, body: Value| {
        let answer = caller.post(Side::Client, &reference.path(ROOT, act), &body)?;
        Ok(caller.shown(&answer, show::ticket))
    };
    match args.order {
        TicketOrder::Open { subject, text, module, critical, description, attach } => {
            let mut body = json!({ "subject": subject, "text": words(text)? });
            if let Some(module) = module {
                body["module"] = module.into();
            }
            if let Some(operation) = critical {
                body["critical"] = declaration(operation, true, description);
            }
            let answer = caller.post(Side::Client, ROOT, &attached(body, &attach)?)?;
            Ok(caller.shown(&answer, show::ticket))
        }
        TicketOrder::List { after } => {
            let path = format!("{ROOT}{}", query(&[("after", after.as_deref())]));
            let answer = caller.get(Side::Client, &path)?;
            Ok(caller.shown(&answer, show::tickets))
        }
        TicketOrder::Show(reference) => {
            let answer = caller.get(Side::Client, &reference.path(ROOT, ""))?;
            Ok(caller.shown(&answer, show::ticket))
        }
        TicketOrder::Why(reference) => {
            let answer = caller.get(Side::Client, &reference.path(ROOT, "why"))?;
            Ok(caller.shown(&answer, show::why))
        }
        TicketOrder::Answer { reference, text, attach } => {
            post(&reference, "messages", attached(json!({ "text": words(text)? }), &attach)?)
        }
        TicketOrder::StillFails { reference, text, attach } => {
            let body = json!({ "text": words(text)?, "still_fails": true });
            post(&reference, "messages", attached(body, &attach)?)
        }
        TicketOrder::SaveAttachment(args) => files::save(caller, Side::Client, ROOT, &args),
        TicketOrder::AcceptSameDay(reference) => {
            post(&reference, "same-day", json!({ "accept": true }))
        }
        TicketOrder::DeclineSameDay(reference) => {
            post(&reference, "same-day", json!({ "accept": false }))
        }
        TicketOrder::AcceptEmergencyCost(reference) => {
            post(&reference, "emergency-cost", json!({}))
        }
        TicketOrder::Critical { reference, operation, partly, description } => {
            post(&reference, "critical", declaration(operation, !partly, description))
        }
        TicketOrder::Confirm(reference) => post(&reference, "confirm", json!({})),
        TicketOrder::Withdraw(reference) => post(&reference, "withdraw", json!({})),
    }
}
