//! `millora desk account …` and `millora account …`: a client's account, for the desk and for himself.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::bank::{self, BankOrder};
use super::call::{Caller, Side, Trouble, part, query};
use super::show;

/// What the desk does with money.
#[derive(Subcommand)]
pub(super) enum MoneyOrder {
    #[command(
        about = "La cuenta de un cliente: pagos, avisos, suspensión y reactivación.",
        after_help = "Ejemplo:\n  millora desk account show FERRE"
    )]
    Account {
        #[command(subcommand)]
        order: DeskAccountOrder,
    },
    #[command(
        about = "Los estados de cuenta de un banco: cómo se leen, qué pasaría, registrarlos.",
        after_help = "Ejemplo:\n  millora desk bank preview movimientos.csv --bank centro --as admin"
    )]
    Bank {
        #[command(subcommand)]
        order: BankOrder,
    },
}

pub(super) fn money(caller: &Caller, order: MoneyOrder) -> Result<String, Trouble> {
    match order {
        MoneyOrder::Account { order } => Ok(caller.shown(&desk(caller, order)?, show::plain)),
        MoneyOrder::Bank { order } => bank::run(caller, order),
    }
}

/// What the desk does with accounts.
#[derive(Subcommand)]
pub(super) enum DeskAccountOrder {
    #[command(
        about = "Todas las cuentas de un vistazo.",
        after_help = "Ejemplo:\n  millora desk account list"
    )]
    List {
        #[arg(long, value_name = "SEÑAL", help = "Sigue donde terminó la página anterior.")]
        after: Option<String>,
    },
    #[command(
        about = "La cuenta de un cliente: meses, pagos, qué se envió y qué sigue.",
        after_help = "Ejemplo:\n  millora desk account show FERRE"
    )]
    Show(Client),
    #[command(
        about = "Por qué un mes está como está, cláusula por cláusula.",
        after_help = "Ejemplo:\n  millora desk account why FERRE 2026-12"
    )]
    Why(ClientMonth),
    #[command(
        about = "De cuánto responde Millora a lo más en un mes (cláusula 11).",
        after_help = "Ejemplo:\n  millora desk account liability FERRE 2026-12"
    )]
    Liability(ClientMonth),
    #[command(
        about = "Lo que los tickets de un cliente cobran aparte en un mes, con quién lo aceptó.",
        after_help = "Ejemplo:\n  millora desk account charges FERRE 2026-12"
    )]
    Charges(ClientMonth),
    #[command(
        about = "Abre la cuenta, o la revisa después de cambiar los términos.",
        after_help = "Ejemplo:\n  millora desk account open FERRE"
    )]
    Open(Client),
    #[command(
        about = "Registra un pago.",
        after_help = "Ejemplo:\n  millora desk account pay FERRE --reference SPEI-77 --amount 1160000 \
                      --value-date 2026-12-05"
    )]
    Pay(Pay),
    #[command(
        about = "Registra que el banco devolvió un pago.",
        after_help = "Ejemplo:\n  millora desk account reverse FERRE SPEI-77"
    )]
    Reverse {
        #[command(flatten)]
        client: Client,
        #[arg(value_name = "REFERENCIA", help = "La referencia del pago.")]
        reference: String,
        #[arg(long, value_name = "RAZÓN", help = "Por qué.")]
        reason: Option<String>,
    },
    #[command(
        about = "Concede más tiempo para pagar un mes.",
        after_help = "Ejemplo:\n  millora desk account tolerate FERRE 2026-12 --until 2026-12-10 \
                      --reason \"Lo pidió la directora.\""
    )]
    Tolerate {
        #[command(flatten)]
        month: ClientMonth,
        #[arg(long, value_name = "DÍA", help = "El último día, incluido.")]
        until: String,
        #[arg(long, value_name = "RAZÓN", help = "Por qué.")]
        reason: String,
    },
    #[command(
        about = "Condona lo que falta de un mes, o una parte.",
        after_help = "Ejemplo:\n  millora desk account waive FERRE 2026-12 --reason \"Error nuestro.\""
    )]
    Waive {
        #[command(flatten)]
        month: ClientMonth,
        #[arg(long, value_name = "CENTAVOS", help = "Cuánto; sin esto, todo lo que falta.")]
        amount: Option<i64>,
        #[arg(long, value_name = "RAZÓN", help = "Por qué.")]
        reason: String,
    },
    #[command(
        about = "Reactiva una póliza cuyo adeudo está cubierto.",
        after_help = "Ejemplo:\n  millora desk account reactivate FERRE"
    )]
    Reactivate(Client),
    #[command(
        about = "Propone suspender por una obligación del cliente (cláusula 8).",
        after_help = "Ejemplo:\n  millora desk account suspend FERRE --reason \"No da accesos.\""
    )]
    Suspend(WithReason),
    #[command(
        about = "Aprueba la suspensión que propuso otra persona.",
        after_help = "Ejemplo:\n  millora desk account approve FERRE --as senior"
    )]
    Approve(Client),
    #[command(
        about = "Rechaza la suspensión propuesta.",
        after_help = "Ejemplo:\n  millora desk account reject FERRE --as senior"
    )]
    Reject(Client),
    #[command(
        about = "Termina la suspensión por una obligación, o deja sin efecto la anunciada.",
        after_help = "Ejemplo:\n  millora desk account end-suspension FERRE --reason \"Ya dio accesos.\""
    )]
    EndSuspension(WithReason),
    #[command(
        about = "Registra lo que un contacto dijo en un mensaje: cancelar, o no renovar.",
        long_about = "Registra lo que un contacto dijo en un mensaje de un ticket. Cuenta desde que se recibió el \
                      mensaje y con las facultades que el contacto tenía entonces.",
        after_help = "Ejemplo:\n  millora desk account cited FERRE cancel --ticket FERRE-7K2QX9RD-I --message 6"
    )]
    Cited {
        #[command(flatten)]
        client: Client,
        #[arg(value_name = "ACTO", help = "cancel, cancel_at_once o decline_renewal.")]
        act: String,
        #[arg(long, value_name = "FOLIO", help = "El ticket.")]
        ticket: String,
        #[arg(long, value_name = "NÚMERO", help = "El número del mensaje en la historia.")]
        message: u32,
    },
}

#[derive(Args)]
pub(super) struct Client {
    #[arg(value_name = "CLIENTE", help = "La clave del cliente.")]
    client: String,
}

#[derive(Args)]
pub(super) struct ClientMonth {
    #[arg(value_name = "CLIENTE", help = "La clave del cliente.")]
    client: String,
    #[arg(value_name = "MES", help = "El mes, como 2026-12.")]
    month: String,
}

#[derive(Args)]
pub(super) struct WithReason {
    #[arg(value_name = "CLIENTE", help = "La clave del cliente.")]
    client: String,
    #[arg(long, value_name = "RAZÓN", help = "Por qué.")]
    reason: String,
}

#[derive(Args)]
pub(super) struct Pay {
    #[arg(value_name = "CLIENTE", help = "La clave del cliente.")]
    client: String,
    #[arg(long, value_name = "REFERENCIA", help = "La referencia del banco.")]
    reference: String,
    #[arg(long, value_name = "CENTAVOS", help = "Cuánto, en centavos.")]
    amount: i64,
    #[arg(long, value_name = "DÍA", help = "La fecha valor, como 2026-12-05.")]
    value_date: String,
    #[arg(long, value_name = "MES", help = "El mes que paga; sin esto, el más antiguo sin pagar.")]
    month: Option<String>,
}

fn path(client: &str, act: &str) -> String {
    format!("/desk/accounts/{}{act}", part(client))
}

fn desk(caller: &Caller, order: DeskAccountOrder) -> Result<Value, Trouble> {
    use DeskAccountOrder as Order;
    let post =
        |client: &str, act: &str, body: &Value| caller.post(Side::Desk, &path(client, act), body);
    match order {
        Order::List { after } => {
            let query = query(&[("after", after.as_deref())]);
            caller.get(Side::Desk, &format!("/desk/accounts{query}"))
        }
        Order::Show(Client { client }) => caller.get(Side::Desk, &path(&client, "")),
        Order::Why(ClientMonth { client, month }) => {
            let query = query(&[("month", Some(month.as_str()))]);
            caller.get(Side::Desk, &path(&client, &format!("/why{query}")))
        }
        Order::Liability(ClientMonth { client, month }) => {
            let query = query(&[("month", Some(month.as_str()))]);
            caller.get(Side::Desk, &path(&client, &format!("/liability{query}")))
        }
        Order::Charges(ClientMonth { client, month }) => {
            let query = query(&[("month", Some(month.as_str()))]);
            caller.get(Side::Desk, &path(&client, &format!("/charges{query}")))
        }
        Order::Open(Client { client }) => post(&client, "/open", &json!({})),
        Order::Pay(Pay { client, reference, amount, value_date, month }) => {
            let body = json!({
                "reference": reference, "amount": amount, "value_date": value_date, "month": month,
            });
            post(&client, "/payments", &body)
        }
        Order::Reverse { client: Client { client }, reference, reason } => {
            post(&client, "/reversals", &json!({ "reference": reference, "reason": reason }))
        }
        Order::Tolerate { month: ClientMonth { client, month }, until, reason } => {
            let body = json!({ "month": month, "until": until, "reason": reason });
            post(&client, "/tolerations", &body)
        }
        Order::Waive { month: ClientMonth { client, month }, amount, reason } => {
            let body = json!({ "month": month, "amount": amount, "reason": reason });
            post(&client, "/waivers", &body)
        }
        Order::Reactivate(Client { client }) => post(&client, "/reactivate", &json!({})),
        Order::Suspend(WithReason { client, reason }) => {
            post(&client, "/non-compliance", &json!({ "reason": reason }))
        }
        Order::Approve(Client { client }) => post(&client, "/non-compliance/approve", &json!({})),
        Order::Cited { client: Client { client }, act, ticket, message } => {
            let body = json!({ "act": act, "ticket": ticket, "message": message });
            post(&client, "/cited", &body)
        }
        Order::Reject(Client { client }) => post(&client, "/non-compliance/reject", &json!({})),
        Order::EndSuspension(WithReason { client, reason }) => {
            post(&client, "/non-compliance/end", &json!({ "reason": reason }))
        }
    }
}

#[derive(Args)]
pub(super) struct AccountArgs {
    #[command(subcommand)]
    order: AccountOrder,
}

/// What a SPoC does with his client's account.
#[derive(Subcommand)]
enum AccountOrder {
    #[command(
        about = "Cómo está la póliza: meses, pagos, qué sigue.",
        after_help = "Ejemplo:\n  millora account show --as ana"
    )]
    Show,
    #[command(
        about = "Cancela la póliza; con --preview solo muestra qué pasaría.",
        after_help = "Ejemplo:\n  millora account cancel --preview --as ana"
    )]
    Cancel {
        #[arg(long, help = "De inmediato, no al final del mes pagado.")]
        at_once: bool,
        #[arg(long, help = "Solo muestra la consecuencia.")]
        preview: bool,
    },
    #[command(
        about = "Avisa que la póliza no se renueva.",
        after_help = "Ejemplo:\n  millora account decline-renewal --as ana"
    )]
    DeclineRenewal,
}

pub(super) fn run(caller: &Caller, args: AccountArgs) -> Result<String, Trouble> {
    let answer = match args.order {
        AccountOrder::Show => caller.get(Side::Client, "/account")?,
        AccountOrder::Cancel { at_once, preview: true } => {
            let when = if at_once { "at_once" } else { "month_end" };
            let query = query(&[("when", Some(when))]);
            caller.get(Side::Client, &format!("/account/cancellation{query}"))?
        }
        AccountOrder::Cancel { at_once, preview: false } => {
            caller.post(Side::Client, "/account/cancel", &json!({ "at_once": at_once }))?
        }
        AccountOrder::DeclineRenewal => {
            caller.post(Side::Client, "/account/decline-renewal", &json!({}))?
        }
    };
    Ok(caller.shown(&answer, show::plain))
}
