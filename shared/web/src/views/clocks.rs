//! Clocks and charges, in words that promise no more than the agreement (G13).

use domain::Instant;
use domain::attention::TargetError;
use domain::ticket::{
    AttentionClock, ChargeKind as DomainChargeKind, ChargeState as DomainChargeState,
    ClockName as DomainClockName, ClockResult, View,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use crate::codes::{ChargeKind, ChargeState, Tier};

crate::codes! {
    /// Which clock (7.8, 7.9).
    ClockName {
        /// Attention in the tier of 7.1 to 7.3.
        Ordinary = "ordinary",
        /// Attention to a critical incident (7.4).
        Immediate = "immediate",
        /// Attention that a ticket which was merged into this one was waiting for (4.5).
        Merged = "merged",
        /// Reply to a message on a ticket that was attended: an internal objective (7.9).
        Reply = "reply",
    }
    /// What became of a clock.
    ResultCode {
        /// Neither met nor missed yet.
        Pending = "pending",
        /// Paused: it has no target until the pause ends.
        Paused = "paused",
        /// Attended at or before its target.
        Met = "met",
        /// Attended after its target, or not at all.
        Missed = "missed",
        /// Its ground fell away before its target.
        Superseded = "superseded",
        /// The ticket closed before its target, without attention.
        Closed = "closed",
    }
}

impl ClockName {
    /// Whether it is an attention clock that the ticket's own request started.
    const fn is_own(self) -> bool {
        match self {
            Self::Ordinary | Self::Immediate => true,
            Self::Merged | Self::Reply => false,
        }
    }
}

/// A clock of the current cycle as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClockView {
    /// Which.
    pub clock: ClockName,
    /// When it started.
    pub received_at: Moment,
    /// Its target; null while it is paused.
    pub target: Option<Moment>,
    /// Its tier; null for a reply.
    pub tier: Option<Tier>,
    /// The tier in words; null for a reply.
    pub tier_text: Option<&'static str>,
    /// What became of it.
    pub result: ResultCode,
    /// The result in words.
    pub result_text: String,
    /// The attention that decided it.
    pub attended_at: Option<Moment>,
    /// While it is paused: the seconds of its own time that are left.
    pub left_seconds: Option<i64>,
    /// When the desk is warned (7.10); null where it is not.
    #[serde(skip)]
    pub warn_at: Option<Instant>,
}

impl ClockView {
    /// Whether its target draws near: the warning is due and it is neither met nor missed.
    #[must_use]
    pub fn is_near(&self, now: Instant) -> bool {
        self.result == ResultCode::Pending && self.warn_at.is_some_and(|warn_at| warn_at <= now)
    }
}

/// Every clock of the cycle at `now`, the reply clock last; none while the ticket is held.
///
/// # Errors
/// When a date lies outside the calendar.
pub fn clocks(view: &View<'_>, now: Instant) -> Result<Vec<ClockView>, TargetError> {
    let mut shown: Vec<_> = view.clocks(now)?.iter().map(attention).collect();
    if let Some(reply) = view.reply_clock()? {
        let target = reply.target.target;
        let result = match target {
            None => ResultCode::Paused,
            Some(target) if target < now => ResultCode::Missed,
            Some(_) => ResultCode::Pending,
        };
        shown.push(ClockView {
            clock: ClockName::Reply,
            received_at: reply.received_at.into(),
            target: target.map(Moment),
            tier: None,
            tier_text: None,
            result,
            result_text: pending_text(result).to_owned(),
            attended_at: None,
            left_seconds: reply.target.left.map(|left| left.num_seconds()),
            warn_at: None,
        });
    }
    Ok(shown)
}

impl From<DomainClockName> for ClockName {
    fn from(name: DomainClockName) -> Self {
        match name {
            DomainClockName::Ordinary => Self::Ordinary,
            DomainClockName::Immediate(_) => Self::Immediate,
            DomainClockName::Taken(_) => Self::Merged,
        }
    }
}

fn attention(clock: &AttentionClock) -> ClockView {
    let (result, result_text, attended_at) = result(clock);
    ClockView {
        clock: clock.name.into(),
        received_at: clock.received_at.into(),
        target: clock.target.target.map(Moment),
        tier: Some(clock.target.tier.into()),
        tier_text: Some(clock.target.tier.spanish()),
        result,
        result_text,
        attended_at: attended_at.map(Moment),
        left_seconds: clock.target.left.map(|left| left.num_seconds()),
        warn_at: clock.target.warn_at,
    }
}

fn result(clock: &AttentionClock) -> (ResultCode, String, Option<Instant>) {
    match clock.result {
        ClockResult::Pending => {
            let paused = clock.target.target.is_none();
            let code = if paused { ResultCode::Paused } else { ResultCode::Pending };
            (code, pending_text(code).to_owned(), None)
        }
        ClockResult::Met { attended_at } => {
            let text = format!("objetivo cumplido: atención el {}", attended_at.spanish());
            (ResultCode::Met, text, Some(attended_at))
        }
        ClockResult::Missed { attended_at: Some(at) } => {
            let text = format!("fuera de objetivo: atención el {}", at.spanish());
            (ResultCode::Missed, text, Some(at))
        }
        ClockResult::Missed { attended_at: None } => {
            (ResultCode::Missed, "fuera de objetivo: aún sin atención".to_owned(), None)
        }
        ClockResult::Superseded { at } => {
            let text = format!("sin efecto desde el {}", at.spanish());
            (ResultCode::Superseded, text, None)
        }
        ClockResult::Closed { at } => {
            let text = format!("el ticket se cerró antes del objetivo, el {}", at.spanish());
            (ResultCode::Closed, text, None)
        }
    }
}

const fn pending_text(result: ResultCode) -> &'static str {
    match result {
        ResultCode::Paused => "en pausa: el objetivo se fija cuando termine la pausa",
        ResultCode::Missed => "fuera de objetivo: aún sin respuesta",
        ResultCode::Pending | ResultCode::Met | ResultCode::Superseded | ResultCode::Closed => {
            "en curso"
        }
    }
}

/// The clock whose target the client was told last: that of the latest declaration that was not
/// downgraded, else the ordinary one.
#[must_use]
pub fn main_clock(clocks: Vec<ClockView>) -> Option<ClockView> {
    let superseded = |clock: &ClockView| clock.result == ResultCode::Superseded;
    let mut attention: Vec<_> = clocks.into_iter().filter(|clock| clock.clock.is_own()).collect();
    let immediate =
        attention.iter().rposition(|c| c.clock == ClockName::Immediate && !superseded(c));
    let place = immediate.or_else(|| attention.iter().position(|clock| !superseded(clock)));
    let place = place.or(attention.len().checked_sub(1))?;
    Some(attention.swap_remove(place))
}

/// A charge for an accepted cost.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChargeView {
    /// What it is for.
    pub kind: ChargeKind,
    /// Centavos of MXN, tax included.
    pub amount_centavos: i64,
    /// The amount in words.
    pub amount_text: String,
    /// The act that accepted it.
    pub accepted_at: Moment,
    /// Whether it is owed.
    pub state: ChargeState,
    /// The state in words.
    pub state_text: &'static str,
}

/// The charges of the cycle at `now`.
///
/// # Errors
/// When a date lies outside the calendar.
pub fn charges(view: &View<'_>, now: Instant) -> Result<Vec<ChargeView>, TargetError> {
    let charges = view.charges(now)?.into_iter().map(|charge| ChargeView {
        kind: charge.kind.into(),
        amount_centavos: charge.amount.0,
        amount_text: format!("{} ({})", charge.amount, kind_text(charge.kind)),
        accepted_at: charge.accepted_at.into(),
        state: charge.state.into(),
        state_text: state_text(charge.state),
    });
    Ok(charges.collect())
}

const fn kind_text(kind: DomainChargeKind) -> &'static str {
    match kind {
        DomainChargeKind::SameDay => "atención el mismo día",
        DomainChargeKind::Emergency => "atención de emergencia",
    }
}

const fn state_text(state: DomainChargeState) -> &'static str {
    match state {
        DomainChargeState::Pending => "se cobra solo si se cumple el objetivo",
        DomainChargeState::Accrued => "se cobra: el objetivo se cumplió",
        DomainChargeState::Void => "no se cobra",
        DomainChargeState::Waived => "no se cobra: Millora lo condonó",
    }
}
