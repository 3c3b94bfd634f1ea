//! A ticket's events, each in one sentence for people.

use app::ports::Env;
use app::texts;
use app::tickets::Whole;
use domain::evidence::Event;
use domain::ticket::{
    ActKind, ClockName, ClosureReason, EssentialOperation, Fact, NotedMail, Opened, Proposed,
    ReplyKind, TakenIn,
};
use domain::{Actor, Instant, StaffId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::views::{AttachmentView, Moment, reason_text};
use web::{Names, Problem};

web::codes! {
    /// Who acted.
    ActorCode {
        /// A SPoC of the client.
        Spoc = "spoc",
        /// An address that was added to the ticket.
        Participant = "participant",
        /// A member of the desk.
        Staff = "staff",
        /// The system.
        System = "system",
    }
}

/// What is read of a mail that is held.
const CLOSING_BLOCKED: &str =
    "Un correo retenido es de este ticket: mientras espera, el silencio no lo cierra";

/// Who acted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActorView {
    /// As what.
    pub kind: ActorCode,
    /// Who; null for the system.
    pub id: Option<String>,
    /// Name.
    pub name: String,
}

/// Something that happened.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventView {
    /// Its number, by which acts name it.
    pub number: u32,
    /// What kind of event it is; stable.
    #[schema(example = "desk_wrote")]
    pub kind: String,
    /// When it happened; null in an event that this release cannot read.
    pub at: Option<Moment>,
    /// When it was recorded.
    pub recorded_at: Option<Moment>,
    /// Who brought it about.
    pub by: Option<ActorView>,
    /// What happened, in words.
    pub text: String,
    /// What somebody wrote, of a mail without what it quotes; null where there is nothing or it was
    /// erased.
    pub words: Option<String>,
    /// All that he wrote, where that is more.
    pub whole_words: Option<String>,
    /// There were words, and they were erased.
    pub erased: bool,
    /// Files that came with the words.
    pub attachments: Vec<AttachmentView>,
}

/// An event as it lies in the chain.
pub(crate) struct Past {
    number: u32,
    kind: String,
    pub(crate) event: Option<Event>,
}

/// The events of a ticket, those of a newer release included.
pub(crate) fn past(whole: &Whole) -> Vec<Past> {
    let links = (1_u32..).zip(&whole.links);
    links
        .map(|(place, link)| {
            let line = serde_json::from_str::<Value>(&link.line).unwrap_or_default();
            let kind = line.pointer("/fact/kind").and_then(Value::as_str).unwrap_or("unknown");
            Past { number: place, kind: kind.to_owned(), event: link.event().ok() }
        })
        .collect()
}

/// The events as people read them.
pub(crate) async fn timeline<E: Env>(
    env: &E,
    whole: &Whole,
    events: Vec<Past>,
    names: &Names<'_>,
) -> Result<Vec<EventView>, Problem> {
    let mut shown = Vec::new();
    for past in &events {
        let Some(event) = &past.event else {
            shown.push(unreadable(past));
            continue;
        };
        let stored = text_of(&events, event).and_then(|seq| whole.texts.get(&seq));
        let words = match stored {
            Some(text) => texts::words(env, text).await?,
            None => None,
        };
        let mail = stored.and_then(|text| text.mail);
        let words = words.map(|words| texts::folded(words, mail));
        let files = stored.into_iter().flat_map(|text| &text.attachments);
        shown.push(EventView {
            number: past.number,
            kind: past.kind.clone(),
            at: Some(happened_at(event).into()),
            recorded_at: Some(event.at.into()),
            by: Some(actor(&event.by, names)),
            text: sentence(&event.fact, names),
            erased: event.fact.text().is_some() && words.is_none(),
            whole_words: words.as_ref().and_then(|words| words.whole.clone()),
            words: words.map(|words| words.text),
            attachments: files.map(AttachmentView::from).collect(),
        });
    }
    Ok(shown)
}

fn unreadable(past: &Past) -> EventView {
    EventView {
        number: past.number,
        kind: past.kind.clone(),
        at: None,
        recorded_at: None,
        by: None,
        text: "Evento de una versión más nueva, que esta no sabe mostrar".to_owned(),
        words: None,
        whole_words: None,
        erased: false,
        attachments: Vec::new(),
    }
}

/// The number under which the event's words lie: its own, or that of the earlier event whose words it
/// cites, such as an approved proposal.
fn text_of(events: &[Past], event: &Event) -> Option<u32> {
    let digest = event.fact.text()?;
    let readable = events.iter().filter_map(|past| past.event.as_ref());
    let first = readable.into_iter().find(|earlier| earlier.fact.text() == Some(digest));
    first.map(|earlier| earlier.seq)
}

fn actor(by: &Actor, names: &Names<'_>) -> ActorView {
    let (kind, id) = match by {
        Actor::Spoc(id) => (ActorCode::Spoc, Some(id.to_string())),
        Actor::Participant(id) => (ActorCode::Participant, Some(id.to_string())),
        Actor::Staff(member) => (ActorCode::Staff, Some(member.id.to_string())),
        Actor::System => (ActorCode::System, None),
    };
    ActorView { kind, id, name: names.actor(by) }
}

/// The members of the desk whom a fact names.
pub(crate) fn named(fact: &Fact) -> Option<StaffId> {
    match fact {
        Fact::Assigned { to } => to.clone(),
        Fact::ActRecorded { approved_by, .. } => approved_by.clone(),
        Fact::Opened(_)
        | Fact::ClientWrote { .. }
        | Fact::DeskWrote { .. }
        | Fact::MessageAccepted { .. }
        | Fact::MessageBounced { .. }
        | Fact::BounceUndone { .. }
        | Fact::MessageResent { .. }
        | Fact::Noted { .. }
        | Fact::ParticipantAdded { .. }
        | Fact::FollowerAdded { .. }
        | Fact::MailNoted { .. }
        | Fact::ClosingBlocked { .. }
        | Fact::ClosingUnblocked { .. }
        | Fact::SameDayAccepted { .. }
        | Fact::SameDayDeclined { .. }
        | Fact::EmergencyCostAccepted { .. }
        | Fact::ChargeWaived { .. }
        | Fact::DeclaredCritical { .. }
        | Fact::CriticalityConfirmed { .. }
        | Fact::Downgraded { .. }
        | Fact::PauseEnded { .. }
        | Fact::Recalculated { .. }
        | Fact::Escalated { .. }
        | Fact::Paged { .. }
        | Fact::PageAcknowledged { .. }
        | Fact::Warned { .. }
        | Fact::Missed { .. }
        | Fact::MissRetracted { .. }
        | Fact::InformationReminded { .. }
        | Fact::SolutionReminded { .. }
        | Fact::Closed { .. }
        | Fact::ClosingAsked { .. }
        | Fact::MergedInto { .. }
        | Fact::TookIn(_)
        | Fact::ClosureUndone { .. }
        | Fact::Reopened { .. }
        | Fact::Thanked { .. }
        | Fact::ClockStarted { .. }
        | Fact::StandingApplied { .. }
        | Fact::Proposed { .. }
        | Fact::ProposalRejected { .. } => None,
    }
}

/// When it happened: what the fact says, else when it was recorded.
fn happened_at(event: &Event) -> Instant {
    match &event.fact {
        Fact::Opened(opened) => opened.received_at,
        Fact::TookIn(taken) => taken.at,
        Fact::ClientWrote { received_at: at, .. }
        | Fact::MailNoted { received_at: at, .. }
        | Fact::ClosingBlocked { received_at: at }
        | Fact::ClosingUnblocked { at, .. }
        | Fact::DeskWrote { committed_at: at, .. }
        | Fact::MessageAccepted { at, .. }
        | Fact::MessageResent { at, .. }
        | Fact::ActRecorded { started_at: at, .. }
        | Fact::SameDayAccepted { at, .. }
        | Fact::SameDayDeclined { at, .. }
        | Fact::EmergencyCostAccepted { at, .. }
        | Fact::DeclaredCritical { at, .. }
        | Fact::CriticalityConfirmed { at }
        | Fact::Downgraded { at, .. }
        | Fact::PauseEnded { at, .. }
        | Fact::Recalculated { at, .. }
        | Fact::Escalated { at, .. }
        | Fact::Paged { due: at, .. }
        | Fact::PageAcknowledged { at }
        | Fact::Warned { due: at, .. }
        | Fact::Missed { target: at, .. }
        | Fact::InformationReminded { due: at, .. }
        | Fact::SolutionReminded { due: at, .. }
        | Fact::Closed { at, .. }
        | Fact::ClosingAsked { at, .. }
        | Fact::MergedInto { at, .. }
        | Fact::Reopened { received_at: at, .. }
        | Fact::ClockStarted { at, .. } => *at,
        Fact::MessageBounced { .. }
        | Fact::BounceUndone { .. }
        | Fact::Noted { .. }
        | Fact::ParticipantAdded { .. }
        | Fact::FollowerAdded { .. }
        | Fact::Assigned { .. }
        | Fact::ChargeWaived { .. }
        | Fact::MissRetracted { .. }
        | Fact::ClosureUndone { .. }
        | Fact::Thanked { .. }
        | Fact::StandingApplied { .. }
        | Fact::Proposed { .. }
        | Fact::ProposalRejected { .. } => event.at,
    }
}

fn sentence(fact: &Fact, names: &Names<'_>) -> String {
    match fact {
        Fact::Opened(opened) => opened_text(opened),
        Fact::ClientWrote { still_fails, held_since, .. } => wrote_text(*still_fails, *held_since),
        Fact::DeskWrote { reply, .. } => reply_text(*reply).into(),
        Fact::MessageAccepted { message, at } => accepted_text(*message, *at),
        Fact::MessageBounced { message, recipient } => {
            format!("El mensaje {message} no llegará a {}", names.participant(recipient))
        }
        Fact::BounceUndone { message, recipient } => {
            format!("El mensaje {message} sí salió hacia {}", names.participant(recipient))
        }
        Fact::MessageResent { message, recipient, .. } => {
            format!("El mensaje {message} se envía de nuevo a {}", names.participant(recipient))
        }
        Fact::ActRecorded { act, started_at, ended_at, approved_by, .. } => {
            recorded_text(*act, (*started_at, *ended_at), approved_by.as_ref(), names)
        }
        Fact::Noted { .. } => "Nota interna".into(),
        Fact::ParticipantAdded { .. } => "Se agregó una dirección como participante".into(),
        Fact::FollowerAdded { spoc } => format!("{} recibe copia desde ahora", names.spoc(spoc)),
        Fact::MailNoted { mail, .. } => noted_mail_text(*mail).into(),
        Fact::ClosingBlocked { .. } => CLOSING_BLOCKED.into(),
        Fact::ClosingUnblocked { received_at, .. } => unblocked_text(*received_at),
        Fact::Assigned { to } => assigned_text(to.as_ref(), names),
        Fact::SameDayAccepted { by, .. } => {
            format!("{} aceptó el mismo día y su costo", names.spoc(by))
        }
        Fact::SameDayDeclined { by, .. } => format!("{} declinó el mismo día", names.spoc(by)),
        Fact::EmergencyCostAccepted { by, .. } => {
            format!("{} aceptó el costo de la emergencia", names.spoc(by))
        }
        Fact::ChargeWaived { .. } => "Cargo condonado".into(),
        Fact::DeclaredCritical { operation, .. } => declared_text(*operation),
        Fact::CriticalityConfirmed { .. } => "Criticidad confirmada".into(),
        Fact::Downgraded { .. } => "Se atiende como no crítica".into(),
        Fact::PauseEnded { .. } => "La mesa terminó la pausa".into(),
        Fact::Recalculated { .. } => "La mesa recalculó las fechas".into(),
        Fact::Escalated { level, .. } => format!("Escalado a {}", level.spanish()),
        Fact::Paged { n, .. } => format!("Llamado {n} a la guardia"),
        Fact::PageAcknowledged { .. } => "Llamado atendido".into(),
        Fact::Warned { clock, .. } => format!("Aviso: se acerca {}", clock_text(*clock)),
        Fact::Missed { clock, target } => missed_text(*clock, *target),
        Fact::MissRetracted { clock } => retracted_text(*clock),
        Fact::InformationReminded { n, .. } => reminded_text(*n),
        Fact::SolutionReminded { .. } => "Recordatorio al cliente: el ticket se cerrará".into(),
        Fact::Closed { reason, at, .. } => closed_text(*reason, *at),
        Fact::ClosingAsked { reason, by, .. } => asked_text(*reason, &names.spoc(by)),
        Fact::MergedInto { survivor, .. } => format!("Unido a {survivor}, donde sigue"),
        Fact::TookIn(taken) => taken_text(taken),
        Fact::ClosureUndone { cycle } => format!("El cierre del ciclo {cycle} queda sin efecto"),
        Fact::Reopened { held, .. } => reopened_text(*held).into(),
        Fact::Thanked { message } => format!("El mensaje {message} era un agradecimiento"),
        Fact::ClockStarted { .. } => "Póliza reactivada: empiezan los tiempos".into(),
        Fact::StandingApplied { .. } => "Cambió la situación de la póliza".into(),
        Fact::Proposed { proposal, .. } => proposed_text(proposal),
        Fact::ProposalRejected { proposal } => format!("Propuesta {proposal} rechazada"),
    }
}

fn declared_text(operation: EssentialOperation) -> String {
    format!("Declarada crítica: {}", operation.spanish())
}

fn reminded_text(n: u32) -> String {
    format!("Recordatorio {n} al cliente de lo que se le pidió")
}

fn opened_text(opened: &Opened) -> String {
    match opened.critical {
        Some(operation) => format!("Solicitud, declarada crítica: {}", operation.spanish()),
        None => "Solicitud".to_owned(),
    }
}

fn wrote_text(still_fails: bool, held_since: Option<Instant>) -> String {
    let what =
        if still_fails { "El cliente dice que sigue fallando" } else { "Respuesta del cliente" };
    match held_since {
        Some(arrived) => format!("{what}, en un correo retenido del {}", arrived.spanish()),
        None => what.to_owned(),
    }
}

fn assigned_text(to: Option<&StaffId>, names: &Names<'_>) -> String {
    to.map_or_else(|| "Sin asignar".to_owned(), |to| format!("Asignado a {}", names.staff(to)))
}

fn asked_text(reason: ClosureReason, who: &str) -> String {
    let reason = reason_text(reason);
    format!("{who} pidió cerrar cuando ya constaba un cierre: {reason}")
}

fn taken_text(taken: &TakenIn) -> String {
    let from: Vec<_> = taken.from.iter().map(ToString::to_string).collect();
    let clocks = match taken.clocks.len() {
        0 => "",
        1 => "; su reloj de atención sigue aquí",
        _ => "; sus relojes de atención siguen aquí",
    };
    format!("Se unió {}, con sus mensajes{clocks}", from.join(", "))
}

fn unblocked_text(received_at: Instant) -> String {
    format!("El correo retenido del {} ya no espera", received_at.spanish())
}

fn accepted_text(message: u32, at: Instant) -> String {
    format!("El correo del mensaje {message} salió el {}", at.spanish())
}

fn missed_text(clock: ClockName, target: Instant) -> String {
    format!("Fuera de objetivo: {}, {}", clock_text(clock), target.spanish())
}

fn retracted_text(clock: ClockName) -> String {
    format!("Corrección: {} sí se cumplió o no corría", clock_text(clock))
}

fn closed_text(reason: ClosureReason, at: Instant) -> String {
    format!("Cerrado el {}: {}", at.spanish(), reason_text(reason))
}

fn recorded_text(
    act: ActKind,
    (from, to): (Instant, Instant),
    second: Option<&StaffId>,
    names: &Names<'_>,
) -> String {
    let (what, from, to) = (act_text(act), from.spanish_short(), to.spanish_short());
    match second.map(|second| names.staff(second)) {
        Some(second) => format!("{what}, de {from} a {to}; registrado después, aprobó {second}"),
        None => format!("{what}, de {from} a {to}"),
    }
}

fn proposed_text(proposal: &Proposed) -> String {
    match proposal {
        Proposed::Act { act, started_at, ended_at } => format!(
            "Propuesta: {}, de {} a {}, registrado después",
            act_text(*act),
            started_at.spanish_short(),
            ended_at.spanish_short()
        ),
        Proposed::NotARequest => "Propuesta: cerrar porque no era una solicitud".to_owned(),
    }
}

const fn reply_text(reply: ReplyKind) -> &'static str {
    match reply {
        ReplyKind::Answer => "Respuesta al cliente",
        ReplyKind::InformationRequest => "Se pide información al cliente",
        ReplyKind::AccessRequest => "Se piden accesos al cliente",
        ReplyKind::AnswerAndRequest => "Respuesta al cliente, a quien también se pide información",
        ReplyKind::Solution => "Solución propuesta al cliente",
        ReplyKind::ScopeDecision => "Decisión de alcance enviada al cliente",
    }
}

const fn reopened_text(held: bool) -> &'static str {
    if held { "Reabierto, en espera: póliza sin servicio" } else { "Reabierto" }
}

const fn noted_mail_text(mail: NotedMail) -> &'static str {
    match mail {
        NotedMail::Automatic => "Correo automático: se guarda y no cambia nada",
        NotedMail::Upstream => "Correo de la mesa de ayuda de Odoo",
    }
}

const fn act_text(act: ActKind) -> &'static str {
    match act {
        ActKind::Call => "Llamada",
        ActKind::RemoteSession => "Sesión remota",
        ActKind::Visit => "Visita",
    }
}

const fn clock_text(clock: ClockName) -> &'static str {
    match clock {
        ClockName::Ordinary => "el objetivo de atención",
        ClockName::Immediate(_) => "el objetivo de atención inmediata",
        ClockName::Taken(_) => "el objetivo de atención de un ticket unido",
    }
}
