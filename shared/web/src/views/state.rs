//! Where a ticket stands: open, closed or held; critical or not; at which level.

use domain::Instant;
use domain::attention::TargetError;
use domain::ticket::{Closure, ClosureReason as Reason, EscalationLevel, ReplyKind, Ticket, View};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use crate::codes::{ClosureReason, Level, Operation};

crate::codes! {
    /// Where a ticket stands.
    TicketState {
        /// It is being worked on.
        Open = "open",
        /// It is closed.
        Closed = "closed",
        /// It was received while the póliza is not served: no clock runs (10.5).
        Held = "held",
    }
    /// Whether the incident is critical (1.4).
    CriticalityCode {
        /// Nobody declared it.
        None = "none",
        /// A SPoC declared it.
        Declared = "declared",
        /// The desk confirmed it.
        Confirmed = "confirmed",
        /// The desk downgraded it.
        Downgraded = "downgraded",
    }
}

impl TicketState {
    /// Where `view`'s cycle stands at `now`; closed at T is true from T on, recorded or not (9.6).
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn of(view: &View<'_>, now: Instant) -> Result<(Self, Option<Closure>), TargetError> {
        let closure = view.closed_by(now)?;
        let state = match (&closure, view.cycle.clock_from) {
            (Some(_), _) => Self::Closed,
            (None, None) => Self::Held,
            (None, Some(_)) => Self::Open,
        };
        Ok((state, closure))
    }
}

/// How the ticket closed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClosureView {
    /// From when on.
    pub at: Moment,
    /// Why.
    pub reason: ClosureReason,
    /// The reason in words.
    pub reason_text: &'static str,
    /// A reply before this instant reopens it (9.7).
    pub reopens_until: Moment,
}

impl ClosureView {
    /// A closing under its view.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn of(view: &View<'_>, closure: &Closure) -> Result<Self, TargetError> {
        Ok(Self {
            at: closure.at.into(),
            reason: closure.reason.into(),
            reason_text: reason_text(closure.reason),
            reopens_until: view.reopens_until(closure.at)?.into(),
        })
    }
}

/// A reason of closing in words.
#[must_use]
pub const fn reason_text(reason: Reason) -> &'static str {
    match reason {
        Reason::Auto => "sin respuesta después de la solución",
        Reason::Confirmed => "solución confirmada",
        Reason::Withdrawn => "solicitud retirada",
        Reason::Merged => "unido a otro ticket, donde sigue",
        Reason::OutOfScope => "fuera de alcance",
        Reason::NoAnswer => "sin respuesta a lo que se pidió",
        Reason::NotARequest => "no era una solicitud de soporte",
        Reason::ServiceEnded => "la póliza terminó",
    }
}

crate::codes! {
    /// What the desk waits for (7.7).
    AwaitedCode {
        /// Information.
        Information = "information",
        /// Access.
        Access = "access",
    }
}

/// What the desk waits for from the client (7.7).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AwaitingView {
    /// What.
    pub what: AwaitedCode,
    /// The same in words.
    pub text: &'static str,
    /// Since when: the request was sent then, and clocks are paused.
    pub since: Moment,
    /// Number of the message that asks.
    pub message: u32,
}

/// The request that the client has not answered; none on a closed ticket.
#[must_use]
pub fn awaiting(view: &View<'_>) -> Option<AwaitingView> {
    let open = view.open_request()?;
    let (what, text) = match open.request.reply {
        ReplyKind::AccessRequest => (AwaitedCode::Access, "se esperan los accesos solicitados"),
        ReplyKind::InformationRequest
        | ReplyKind::AnswerAndRequest
        | ReplyKind::Answer
        | ReplyKind::Solution
        | ReplyKind::ScopeDecision => {
            (AwaitedCode::Information, "se espera la información solicitada")
        }
    };
    let (since, message) = (open.pause.from.into(), open.request.seq);
    Some(AwaitingView { what, text, since, message })
}

/// Whether the incident is critical, and what is blocked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Criticality {
    /// Whether.
    pub state: CriticalityCode,
    /// The same in words.
    pub text: String,
    /// The essential operation that is blocked; null where nothing was declared.
    pub essential_operation: Option<Operation>,
    /// When it was declared.
    pub declared_at: Option<Moment>,
}

/// The criticality of the current cycle: that of its last declaration.
#[must_use]
pub fn criticality(ticket: &Ticket) -> Criticality {
    let Some(spell) = ticket.cycle.spells.last() else {
        return Criticality {
            state: CriticalityCode::None,
            text: "no está declarada como crítica".to_owned(),
            essential_operation: None,
            declared_at: None,
        };
    };
    let operation = spell.operation.spanish();
    let (state, text) = match (spell.downgraded_at, spell.confirmed_at) {
        (Some(_), _) => {
            (CriticalityCode::Downgraded, "se revisó y se atiende como no crítica".to_owned())
        }
        (None, Some(_)) => {
            (CriticalityCode::Confirmed, format!("crítica, confirmada por la mesa: {operation}"))
        }
        (None, None) => (CriticalityCode::Declared, format!("declarada crítica: {operation}")),
    };
    Criticality {
        state,
        text,
        essential_operation: Some(spell.operation.into()),
        declared_at: Some(spell.declared_at.into()),
    }
}

/// The level of attention (9.8).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LevelView {
    /// The level that holds now.
    pub level: Level,
    /// The same in words.
    pub text: &'static str,
    /// A higher level that was reached in this cycle and holds no more.
    pub past: Option<Level>,
}

/// The level of the current cycle.
#[must_use]
pub fn level(ticket: &Ticket) -> LevelView {
    let now: EscalationLevel = ticket.cycle.level();
    let highest = ticket.cycle.highest_level();
    LevelView {
        level: now.into(),
        text: now.spanish(),
        past: (highest > now).then(|| highest.into()),
    }
}

/// When the ticket closes unless somebody answers; none where no solution waits for an answer.
///
/// # Errors
/// When a date lies outside the calendar.
pub fn closes_at(view: &View<'_>, open: bool) -> Result<Option<Moment>, TargetError> {
    let silence = view.silence()?.filter(|_| open);
    Ok(silence.and_then(|silence| silence.closes_at).map(Moment))
}
