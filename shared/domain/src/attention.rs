//! Attention targets (clause 7), reply targets (7.9) and pages (7.4).
//!
//! "Mismo día (hasta 14:00): tickets recibidos antes de esa hora. Mismo día (hasta 17:00): puede
//! aplicar costo adicional. Emergente: atención inmediata para incidencias críticas."

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::calendar::{OutOfCalendar, WorkCalendar};
use crate::explanation::Trace;
use crate::pauses::Interval;
pub use crate::pauses::TargetError;
use crate::same_day::SameDayOffer;
use crate::terms::Terms;

/// How soon a request is attended (7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionTier {
    /// A critical incident with emergency attention (7.4).
    Immediate,
    /// Received before 14:00: the same day (7.1).
    SameDayStandard,
    /// Received before 17:00 and the same day accepted or included (7.2a).
    SameDayExtended,
    /// The next business day with service (7.2, 7.3).
    NextBusinessDay,
}

impl AttentionTier {
    /// The tier's name for people, in Spanish.
    #[must_use]
    pub const fn spanish(self) -> &'static str {
        match self {
            Self::Immediate => "emergente",
            Self::SameDayStandard => "mismo día",
            Self::SameDayExtended => "mismo día (hasta 17:00)",
            Self::NextBusinessDay => "siguiente día hábil",
        }
    }
}

/// What an attention target is computed from.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// When our side received it (G2), or when the clock started.
    pub received_at: Instant,
    /// Critical, and the póliza has emergency attention (7.4).
    pub immediate: bool,
    /// When the same day was accepted; ignored where it is void (7.2a).
    pub same_day_accepted_at: Option<Instant>,
    /// The clock's pauses, in any order (7.7).
    pub pauses: &'a [Interval],
}

/// An attention target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttentionTarget {
    /// The target without pauses.
    pub unpaused: Instant,
    /// The target; none while a pause that matters is open.
    pub target: Option<Instant>,
    /// The tier that applies.
    pub tier: AttentionTier,
    /// When the desk is warned; none while a pause that matters for it is open (7.10).
    pub warn_at: Option<Instant>,
    /// The same-day offer that the rules make for this receipt, accepted or not (7.2a).
    pub offer: Option<SameDayOffer>,
    /// While a pause that matters is open: the clock's own time that is left.
    pub left: Option<TimeDelta>,
}

/// A reply target (7.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyTarget {
    /// The target without pauses.
    pub unpaused: Instant,
    /// The target; none while a pause that matters is open.
    pub target: Option<Instant>,
    /// While a pause that matters is open: the clock's own time that is left.
    pub left: Option<TimeDelta>,
}

/// The attention target of a request (7.1–7.4, 7.7, 7.10), with the steps that led to it.
///
/// # Errors
/// When an instant lies outside the calendar, or a pause ends before it begins.
pub fn target(
    request: &Request<'_>,
    terms: &Terms,
    calendar: &WorkCalendar,
    trace: &mut impl Trace,
) -> Result<AttentionTarget, TargetError> {
    let _ = (request, terms, calendar, trace);
    unimplemented!()
}

/// The target of a reply to a client's message on an attended ticket (7.9).
///
/// # Errors
/// As [`target`].
pub fn reply_target(
    received_at: Instant,
    immediate: bool,
    terms: &Terms,
    calendar: &WorkCalendar,
    pauses: &[Interval],
    trace: &mut impl Trace,
) -> Result<ReplyTarget, TargetError> {
    let _ = (received_at, immediate, terms, calendar, pauses, trace);
    unimplemented!()
}

/// When the on-call person is paged for a critical incident (7.4): at once inside contracted hours
/// or with an emergency line, else at the next opening.
///
/// # Errors
/// When an instant lies outside the calendar.
pub fn page_at(
    received_at: Instant,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> Result<Instant, OutOfCalendar> {
    let _ = (received_at, terms, calendar);
    unimplemented!()
}
