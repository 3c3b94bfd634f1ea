//! `millora desk`: what Millora's staff does.

use clap::{Args, Subcommand, ValueEnum};
use domain::Instant;
use serde_json::{Value, json};

use super::account::{self, MoneyOrder};
use super::call::{Caller, Side, Trouble, part, query};
use super::files::{self, Attach, Save};
use super::received::{self, MailList, MailOrder};
use super::ticket::{Operation, Reference, declaration};
use super::{instant, show, words};

/// Where the desk's tickets are.
const ROOT: &str = "/desk/tickets";

#[derive(Args)]
pub(super) struct DeskArgs {
    #[command(subcommand)]
    order: DeskOrder,
}

#[derive(Subcommand)]
enum DeskOrder {
    #[command(flatten)]
    Look(LookOrder),
    #[command(flatten)]
    Act(ActOrder),
    #[command(
        about = "Guarda un archivo adjunto.",
        after_help = "Ejemplo:\n  millora desk save-attachment FERRE-7K2QX9RD-I 9f2c --to captura.png"
    )]
    SaveAttachment(Save),
    #[command(flatten)]
    Money(MoneyOrder),
    #[command(
        about = "Los mensajes de correo que esperan o quedaron apartados.",
        after_help = "Ejemplo:\n  millora desk mails --list quarantined"
    )]
    Mails(MailList),
    #[command(
        about = "Un mensaje de correo, y qué se hace con él.",
        after_help = "Ejemplo:\n  millora desk mail show m1"
    )]
    Mail {
        #[command(subcommand)]
        order: MailOrder,
    },
}

/// What only looks.
#[derive(Subcommand)]
enum LookOrder {
    #[command(
        about = "Qué hay por hacer.",
        after_help = "Ejemplo:\n  millora desk work --view missed"
    )]
    Work {
        #[arg(long, value_enum, default_value_t = View::Due, value_name = "VISTA", help = "Qué parte de la lista.")]
        view: View,
        #[arg(long, value_name = "SEÑAL", help = "Sigue donde terminó la página anterior.")]
        after: Option<String>,
    },
    #[command(
        about = "Un ticket completo, con su historia.",
        after_help = "Ejemplo:\n  millora desk show FERRE-7K2QX9RD-I"
    )]
    Show(Reference),
    #[command(
        about = "Por qué cada fecha es la que es, cláusula por cláusula.",
        after_help = "Ejemplo:\n  millora desk why FERRE-7K2QX9RD-I"
    )]
    Why(Reference),
    #[command(
        about = "Busca por folio, cliente o palabras del asunto.",
        after_help = "Ejemplo:\n  millora desk find --words timbra"
    )]
    Find(Find),
    #[command(
        about = "Los avisos que no llegaron.",
        after_help = "Ejemplo:\n  millora desk notices"
    )]
    Notices {
        #[arg(long, value_name = "SEÑAL", help = "Sigue donde terminó la página anterior.")]
        after: Option<String>,
    },
    #[command(about = "Quién soy.", after_help = "Ejemplo:\n  millora desk me --as senior")]
    Me,
}

/// What changes something.
#[derive(Subcommand)]
enum ActOrder {
    #[command(
        about = "Registra una solicitud hecha por teléfono por un contacto autorizado.",
        after_help = "Ejemplo:\n  millora desk register --client FERRE --spoc ana --started-at \
                      2026-11-20T10:00:00-06:00 --subject \"No timbra\" --text \"Llamó Ana Robles.\""
    )]
    Register(Box<Register>),
    #[command(
        about = "Asigna el ticket, o lo deja sin asignar.",
        after_help = "Ejemplo:\n  millora desk assign FERRE-7K2QX9RD-I senior"
    )]
    Assign {
        #[command(flatten)]
        reference: Reference,
        #[arg(value_name = "QUIÉN", help = "A quién; sin esto queda sin asignar.")]
        to: Option<String>,
    },
    #[command(
        about = "Deja una nota interna.",
        after_help = "Ejemplo:\n  millora desk note FERRE-7K2QX9RD-I \"Revisar el PAC.\""
    )]
    Note(WithFiles),
    #[command(
        about = "Agrega una dirección al ticket: recibe lo que recibe el cliente, y puede responder.",
        after_help = "Ejemplo:\n  millora desk add-participant FERRE-7K2QX9RD-I --address \
                      contador@despacho.example --reason \"Lo pidió Ana Robles.\""
    )]
    AddParticipant {
        #[command(flatten)]
        reference: Reference,
        #[arg(long, value_name = "DIRECCIÓN", help = "La dirección de correo.")]
        address: String,
        #[arg(long, value_name = "MOTIVO", help = "Por qué; «-» lo lee de la entrada.")]
        reason: String,
    },
    #[command(
        about = "Responde al cliente.",
        after_help = "Ejemplo:\n  millora desk reply FERRE-7K2QX9RD-I \"Ya lo estamos revisando.\""
    )]
    Reply(WithFiles),
    #[command(
        about = "Pide al cliente información o accesos; mientras tanto el reloj se detiene.",
        after_help = "Ejemplo:\n  millora desk ask FERRE-7K2QX9RD-I \"¿Qué error aparece?\""
    )]
    Ask {
        #[command(flatten)]
        with: WithFiles,
        #[arg(long, conflicts_with = "and_answer", help = "Pide un acceso.")]
        access: bool,
        #[arg(long, help = "El mensaje también responde.")]
        and_answer: bool,
    },
    #[command(
        about = "Propone una solución; sin respuesta, el ticket se cierra a las 48 horas.",
        after_help = "Ejemplo:\n  millora desk solve FERRE-7K2QX9RD-I \"Se renovó el certificado.\""
    )]
    Solve(WithFiles),
    #[command(
        about = "Responde que la solicitud está fuera del alcance, y por qué.",
        after_help = "Ejemplo:\n  millora desk out-of-scope FERRE-7K2QX9RD-I \"Es un desarrollo nuevo.\""
    )]
    OutOfScope(WithFiles),
    #[command(
        about = "Registra una llamada, una sesión remota o una visita.",
        after_help = "Ejemplo:\n  millora desk call FERRE-7K2QX9RD-I --from 2026-11-20T11:00:00-06:00 \
                      --to 2026-11-20T11:10:00-06:00 \"Se revisó con Ana.\""
    )]
    Call(Box<Call>),
    #[command(
        about = "Confirma que la incidencia es crítica.",
        after_help = "Ejemplo:\n  millora desk confirm-critical ANAHUAC-7K2QX9RD-L"
    )]
    ConfirmCritical(Reference),
    #[command(
        about = "Baja la criticidad, con su razón.",
        after_help = "Ejemplo:\n  millora desk downgrade ANAHUAC-7K2QX9RD-L \"La caja 2 sí factura.\""
    )]
    Downgrade(WithText),
    #[command(
        about = "Termina la espera de información o accesos, con su razón.",
        after_help = "Ejemplo:\n  millora desk end-pause FERRE-7K2QX9RD-I \"Ya no hace falta.\""
    )]
    EndPause(WithText),
    #[command(
        about = "Recalcula las fechas en curso con lo que hoy se sabe, con su razón.",
        after_help = "Ejemplo:\n  millora desk recalculate FERRE-7K2QX9RD-I \"Nuevo día festivo.\""
    )]
    Recalculate(WithText),
    #[command(
        about = "Escala el ticket.",
        after_help = "Ejemplo:\n  millora desk escalate FERRE-7K2QX9RD-I senior"
    )]
    Escalate {
        #[command(flatten)]
        reference: Reference,
        #[arg(value_enum, value_name = "NIVEL", help = "El nivel.")]
        level: Level,
    },
    #[command(
        about = "Marca un mensaje del cliente como simple agradecimiento.",
        after_help = "Ejemplo:\n  millora desk thanks FERRE-7K2QX9RD-I 7"
    )]
    Thanks {
        #[command(flatten)]
        reference: Reference,
        #[arg(value_name = "MENSAJE", help = "El número del mensaje en la historia.")]
        message: u32,
    },
    #[command(
        about = "Une dos tickets de un mismo cliente: queda el que se recibió antes.",
        after_help = "Ejemplo:\n  millora desk merge FERRE-7K2QX9RD-I FERRE-2HRRSX9V-0 \"Es el mismo error.\""
    )]
    Merge {
        #[command(flatten)]
        reference: Reference,
        #[arg(value_name = "OTRO", help = "La referencia del otro ticket.")]
        with: String,
        #[arg(value_name = "TEXTO", help = "La explicación; «-» la lee de la entrada.")]
        text: String,
    },
    #[command(
        about = "Cierra el ticket por una de las razones de la mesa.",
        after_help = "Ejemplo:\n  millora desk close FERRE-7K2QX9RD-I out-of-scope \"No aceptó cotización.\""
    )]
    Close {
        #[command(flatten)]
        reference: Reference,
        #[arg(value_enum, value_name = "RAZÓN", help = "Por qué.")]
        reason: Reason,
        #[arg(value_name = "TEXTO", help = "La explicación; «-» la lee de la entrada.")]
        text: String,
    },
    #[command(
        about = "Atiende el llamado de una incidencia crítica.",
        after_help = "Ejemplo:\n  millora desk ack-page ANAHUAC-7K2QX9RD-L"
    )]
    AckPage(Reference),
    #[command(
        about = "Renuncia a un cargo, con su razón (finanzas o administración).",
        after_help = "Ejemplo:\n  millora desk waive-charge FERRE-7K2QX9RD-I \"Cortesía.\" --as admin"
    )]
    WaiveCharge(WithText),
    #[command(
        about = "Aprueba lo que otra persona propuso.",
        after_help = "Ejemplo:\n  millora desk approve FERRE-7K2QX9RD-I 9 --as senior"
    )]
    Approve(Proposal),
    #[command(
        about = "Rechaza lo que otra persona propuso.",
        after_help = "Ejemplo:\n  millora desk reject FERRE-7K2QX9RD-I 9 --as senior"
    )]
    Reject(Proposal),
    #[command(
        about = "Deja de ofrecer por hoy la atención el mismo día, con su razón.",
        after_help = "Ejemplo:\n  millora desk stop-offers \"Dos consultores enfermos.\""
    )]
    StopOffers {
        #[arg(value_name = "TEXTO", help = "La razón.")]
        reason: String,
    },
    #[command(
        about = "Vuelve a enviar un aviso que no llegó.",
        after_help = "Ejemplo:\n  millora desk resend FERRE-7K2QX9RD-I 3f9c"
    )]
    Resend(Notice),
    #[command(
        about = "Da por perdido un aviso que no llegó.",
        after_help = "Ejemplo:\n  millora desk give-up FERRE-7K2QX9RD-I 3f9c"
    )]
    GiveUp(Notice),
}

#[derive(Args)]
struct WithText {
    #[command(flatten)]
    reference: Reference,
    #[arg(value_name = "TEXTO", help = "El texto; «-» lo lee de la entrada.")]
    text: String,
}

#[derive(Args)]
struct WithFiles {
    #[command(flatten)]
    with: WithText,
    #[command(flatten)]
    attach: Attach,
}

#[derive(Args)]
struct Proposal {
    #[command(flatten)]
    reference: Reference,
    #[arg(value_name = "PROPUESTA", help = "Su número en la historia.")]
    proposal: u32,
}

#[derive(Args)]
struct Notice {
    #[command(flatten)]
    reference: Reference,
    #[arg(value_name = "AVISO", help = "Su identificador.")]
    id: String,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Find {
    #[arg(long = "ref", value_name = "FOLIO", help = "Este folio.")]
    reference: Option<String>,
    #[arg(long, value_name = "CLIENTE", help = "Los de este cliente.")]
    client: Option<String>,
    #[arg(long, value_name = "PALABRAS", help = "Los que tengan estas palabras en el asunto.")]
    words: Option<String>,
}

#[derive(Args)]
struct Register {
    #[arg(long, value_name = "CLIENTE", help = "El cliente.")]
    client: String,
    #[arg(
        long,
        value_name = "CONTACTO",
        help = "El contacto autorizado, identificado por su teléfono."
    )]
    spoc: String,
    #[arg(long, value_name = "FECHA", value_parser = instant(), help = "Cuándo empezó la llamada.")]
    started_at: Instant,
    #[arg(long, value_name = "ASUNTO", help = "El asunto, en una línea.")]
    subject: String,
    #[arg(long, value_name = "TEXTO", help = "Qué pidió; «-» lo lee de la entrada.")]
    text: String,
    #[arg(long, value_name = "MÓDULO", help = "El módulo de Odoo.")]
    module: Option<String>,
    #[arg(long, value_name = "OPERACIÓN", help = "La declaró crítica: la operación impedida.")]
    critical: Option<Operation>,
    #[arg(long, value_name = "TEXTO", requires = "critical", help = "Cuál, si es «other».")]
    description: Option<String>,
    #[command(flatten)]
    attach: Attach,
}

#[derive(Args)]
struct Call {
    #[command(flatten)]
    with: WithText,
    #[arg(long, value_enum, default_value_t = Kind::Call, value_name = "TIPO", help = "Qué fue.")]
    kind: Kind,
    #[arg(long, value_name = "FECHA", value_parser = instant(), help = "Cuándo empezó.")]
    from: Instant,
    #[arg(long, value_name = "FECHA", value_parser = instant(), help = "Cuándo terminó.")]
    to: Instant,
}

/// Parts of the work list.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum View {
    #[value(help = "lo que vence primero")]
    Due,
    #[value(help = "cerca de su objetivo")]
    Warned,
    #[value(help = "fuera de objetivo")]
    Missed,
    #[value(help = "con llamado pendiente")]
    Paged,
    #[value(help = "sin asignar")]
    Unassigned,
    #[value(help = "los míos")]
    Mine,
}

/// What a recorded act was.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    #[value(help = "llamada")]
    Call,
    #[value(help = "sesión remota")]
    RemoteSession,
    #[value(help = "visita")]
    Visit,
}

/// Levels to which a person escalates (9.8).
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    #[value(help = "nivel 2: consultor senior", alias = "2")]
    Senior,
    #[value(help = "nivel 3: emergencia", alias = "3")]
    Emergency,
}

/// Reasons for which the desk closes (9.0a).
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Reason {
    #[value(help = "fuera de alcance, ya respondido")]
    OutOfScope,
    #[value(help = "sin respuesta tras el último recordatorio")]
    NoAnswer,
    #[value(help = "no era una solicitud (con segunda persona)")]
    NotARequest,
    #[value(help = "la póliza terminó")]
    ServiceEnded,
}

impl View {
    const fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Warned => "warned",
            Self::Missed => "missed",
            Self::Paged => "paged",
            Self::Unassigned => "unassigned",
            Self::Mine => "mine",
        }
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::RemoteSession => "remote_session",
            Self::Visit => "visit",
        }
    }
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Senior => "senior",
            Self::Emergency => "emergency",
        }
    }
}

impl Reason {
    const fn name(self) -> &'static str {
        match self {
            Self::OutOfScope => "out_of_scope",
            Self::NoAnswer => "no_answer",
            Self::NotARequest => "not_a_request",
            Self::ServiceEnded => "service_ended",
        }
    }
}

pub(super) fn run(caller: &Caller, args: DeskArgs) -> Result<String, Trouble> {
    match args.order {
        DeskOrder::Look(order) => {
            let (path, people) = look(order);
            let answer = caller.get(Side::Desk, &path)?;
            Ok(caller.shown(&answer, people))
        }
        DeskOrder::Act(order) => {
            let (path, body) = act(caller, order)?;
            let answer = caller.post(Side::Desk, &path, &body)?;
            Ok(caller.shown(&answer, show::ticket))
        }
        DeskOrder::SaveAttachment(args) => files::save(caller, Side::Desk, ROOT, &args),
        DeskOrder::Money(order) => account::money(caller, order),
        DeskOrder::Mails(list) => received::list(caller, &list),
        DeskOrder::Mail { order } => received::run(caller, order),
    }
}

/// Where to look, and how the answer is shown to people.
fn look(order: LookOrder) -> (String, fn(&Value) -> String) {
    match order {
        LookOrder::Work { view, after } => {
            let pairs = [("view", Some(view.name())), ("after", after.as_deref())];
            (format!("/desk/work{}", query(&pairs)), show::tickets)
        }
        LookOrder::Show(reference) => (reference.path(ROOT, ""), show::ticket),
        LookOrder::Why(reference) => (reference.path(ROOT, "why"), show::why),
        LookOrder::Find(find) => {
            let reference = find.reference.map(|text| text.to_uppercase());
            let client = find.client.map(|text| text.to_uppercase());
            let pairs = [
                ("ref", reference.as_deref()),
                ("client", client.as_deref()),
                ("words", find.words.as_deref()),
            ];
            (format!("{ROOT}{}", query(&pairs)), show::tickets)
        }
        LookOrder::Notices { after } => {
            let pairs = [("failed", Some("true")), ("after", after.as_deref())];
            (format!("/desk/notices{}", query(&pairs)), show::notices)
        }
        LookOrder::Me => ("/desk/me".to_owned(), show::plain),
    }
}

/// The path and the body of an act.
fn act(caller: &Caller, order: ActOrder) -> Result<(String, Value), Trouble> {
    let reply = |WithFiles { with, attach }: WithFiles, kind: &str| {
        let mut body = json!({ "kind": kind, "text": words(with.text)? });
        attach.add(&mut body, caller, Side::Desk, ROOT)?;
        Ok((with.reference.path(ROOT, "replies"), body))
    };
    let text = |with: WithText, act: &str| {
        Ok((with.reference.path(ROOT, act), json!({ "text": words(with.text)? })))
    };
    let with = |reference: &Reference, act: &str, body| Ok((reference.path(ROOT, act), body));
    let plain = |reference: &Reference, act: &str| with(reference, act, json!({}));
    match order {
        ActOrder::Register(call) => Ok((ROOT.to_owned(), registered(caller, *call)?)),
        ActOrder::Assign { reference, to } => with(&reference, "assign", json!({ "to": to })),
        ActOrder::Note(WithFiles { with, attach }) => {
            let (path, mut body) = text(with, "notes")?;
            attach.add(&mut body, caller, Side::Desk, ROOT)?;
            Ok((path, body))
        }
        ActOrder::AddParticipant { reference, address, reason } => {
            let body = json!({ "address": address, "reason": words(reason)? });
            Ok((reference.path(ROOT, "participants"), body))
        }
        ActOrder::Reply(with) => reply(with, "answer"),
        ActOrder::Ask { with, access, and_answer } => reply(with, question(access, and_answer)),
        ActOrder::Solve(with) => reply(with, "solution"),
        ActOrder::OutOfScope(with) => reply(with, "scope_decision"),
        ActOrder::Call(call) => recorded(*call),
        ActOrder::ConfirmCritical(reference) => plain(&reference, "confirm-critical"),
        ActOrder::Downgrade(with) => text(with, "downgrade"),
        ActOrder::EndPause(with) => text(with, "end-pause"),
        ActOrder::Recalculate(with) => text(with, "recalculate"),
        ActOrder::Escalate { reference, level } => {
            Ok((reference.path(ROOT, "escalate"), json!({ "level": level.name() })))
        }
        ActOrder::Thanks { reference, message } => {
            with(&reference, "thanks", json!({ "message": message }))
        }
        ActOrder::Merge { reference, with, text } => {
            let body = json!({ "with": with.to_uppercase(), "text": words(text)? });
            Ok((reference.path(ROOT, "merge"), body))
        }
        ActOrder::Close { reference, reason, text } => {
            let body = json!({ "reason": reason.name(), "text": words(text)? });
            Ok((reference.path(ROOT, "close"), body))
        }
        ActOrder::AckPage(reference) => plain(&reference, "ack-page"),
        ActOrder::WaiveCharge(with) => {
            let body = json!({ "reason": words(with.text)? });
            Ok((with.reference.path(ROOT, "waive-charge"), body))
        }
        ActOrder::Approve(proposal) => Ok(decided(&proposal, "approve")),
        ActOrder::Reject(proposal) => Ok(decided(&proposal, "reject")),
        ActOrder::StopOffers { reason } => {
            Ok(("/desk/offers/stop".to_owned(), json!({ "reason": words(reason)? })))
        }
        ActOrder::Resend(notice) => Ok(of_notice(&notice, "resend")),
        ActOrder::GiveUp(notice) => Ok(of_notice(&notice, "give-up")),
    }
}

const fn question(access: bool, and_answer: bool) -> &'static str {
    match (access, and_answer) {
        (_, true) => "answer_and_request",
        (true, false) => "access_request",
        (false, false) => "information_request",
    }
}

fn registered(caller: &Caller, call: Register) -> Result<Value, Trouble> {
    let mut body = json!({
        "client": call.client.to_uppercase(),
        "spoc": call.spoc,
        "started_at": call.started_at.to_rfc3339(),
        "subject": call.subject,
        "text": words(call.text)?,
    });
    if let Some(module) = call.module {
        body["module"] = module.into();
    }
    if let Some(operation) = call.critical {
        body["critical"] = declaration(operation, true, call.description);
    }
    call.attach.add(&mut body, caller, Side::Desk, ROOT)?;
    Ok(body)
}

fn recorded(call: Call) -> Result<(String, Value), Trouble> {
    let body = json!({
        "kind": call.kind.name(),
        "started_at": call.from.to_rfc3339(),
        "ended_at": call.to.to_rfc3339(),
        "text": words(call.with.text)?,
    });
    Ok((call.with.reference.path(ROOT, "acts"), body))
}

fn decided(proposal: &Proposal, act: &str) -> (String, Value) {
    (proposal.reference.path(ROOT, act), json!({ "proposal": proposal.proposal }))
}

fn of_notice(notice: &Notice, act: &str) -> (String, Value) {
    let path = notice.reference.path("/desk/notices", "");
    (format!("{path}/{}/{act}", part(&notice.id)), json!({}))
}
