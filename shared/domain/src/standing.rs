//! A client's standing: whether the póliza is being served.
//!
//! > *10. Falta de pago suspende el soporte.*
//! >
//! > *10. Reactivaciones están sujetas a disponibilidad y condiciones vigentes.*
//! >
//! > *8. El incumplimiento puede afectar tiempos o suspensión del soporte.*
//!
//! Rules 10.5 and 8. The gate is one small record per client. It is rewritten together with every
//! fact that touches standing, and an act that depends on standing compares the gate's instants
//! with the act's own receipt. So the truth needs no job to have run.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::pauses::Interval;

/// At most so many spans stay in a gate; the oldest ended ones leave first.
pub const SPANS_MAX: usize = 24;

/// The client's standing over time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Gate {
    /// Grows by one with each change; 0 where nothing was ever recorded.
    pub rev: u64,
    /// Intervals without service, oldest first. The last one may lie ahead or be open.
    pub spans: Vec<Span>,
}

/// An interval without service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Why.
    pub cause: StandingCause,
    /// First instant without service.
    pub from: Instant,
    /// First instant with service again.
    #[serde(default)]
    pub to: Option<Instant>,
}

/// Why there is no service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandingCause {
    /// Unpaid (10.3).
    NonPayment,
    /// Suspended by a person for an obligation of clause 8.
    NonCompliance,
    /// The term ended without renewal (10.8).
    Expired,
    /// The client cancelled (10.7).
    Cancelled,
    /// The first day of the póliza lies ahead (1).
    NotBegun,
}

impl StandingCause {
    /// Whether the service has ended for good, so that attention clocks end as well.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Expired | Self::Cancelled => true,
            Self::NonPayment | Self::NonCompliance | Self::NotBegun => false,
        }
    }

    /// Whether it is a suspension: service that had begun and may go on (10.3, 8).
    #[must_use]
    pub const fn is_suspension(self) -> bool {
        match self {
            Self::NonPayment | Self::NonCompliance => true,
            Self::Expired | Self::Cancelled | Self::NotBegun => false,
        }
    }

    /// What the client reads.
    #[must_use]
    pub const fn spanish(self) -> &'static str {
        match self {
            Self::NonPayment => "la póliza está suspendida por falta de pago (cláusula 10)",
            Self::NonCompliance => {
                "el soporte está suspendido por una obligación pendiente (cláusula 8)"
            }
            Self::Expired => "la póliza terminó y no se renovó (cláusula 10)",
            Self::Cancelled => "la póliza fue cancelada (cláusula 10)",
            Self::NotBegun => "la póliza todavía no comienza (cláusula 1)",
        }
    }
}

impl Span {
    /// Whether there is no service at `at` by this span.
    #[must_use]
    pub fn covers(&self, at: Instant) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}

impl Gate {
    /// Why there is no service at `at`; `None` when the póliza is being served.
    #[must_use]
    pub fn closed_at(&self, at: Instant) -> Option<StandingCause> {
        closed_at(&self.spans, at)
    }
}

/// Why there is no service at `at`, read from spans. A final cause is named before a passing one.
#[must_use]
pub fn closed_at(spans: &[Span], at: Instant) -> Option<StandingCause> {
    let mut causes: Vec<_> =
        spans.iter().filter(|span| span.covers(at)).map(|span| span.cause).collect();
    causes.sort_by_key(|cause| !cause.is_final());
    causes.first().copied()
}

/// The first instant at which one list of spans says something else than another; none where they say the
/// same of every instant.
#[must_use]
pub fn differ_from(these: &[Span], those: &[Span]) -> Option<Instant> {
    // Between the ends of spans nothing changes.
    let ends = these.iter().chain(those).flat_map(|span| [Some(span.from), span.to]).flatten();
    ends.filter(|at| closed_at(these, *at) != closed_at(those, *at)).min()
}

/// The first instant at or after `at` with service; none while no end of the suspension is known.
#[must_use]
pub fn served_from(spans: &[Span], at: Instant) -> Option<Instant> {
    let mut at = at;
    // Each round leaves the span that it finds behind, so there are no more rounds than spans.
    while let Some(span) = spans.iter().find(|span| span.covers(at)) {
        at = span.to?;
    }
    Some(at)
}

/// The spans as pauses: for every clock a suspension is a pause from its effective instant (10.5).
#[must_use]
pub fn pauses(spans: &[Span]) -> Vec<Interval> {
    spans.iter().map(|span| Interval { from: span.from, to: span.to }).collect()
}

/// The instant at which the service ended for what has been running since `since`, if it did (10.5).
/// What ended then does not go on when another póliza begins; what begins under that one is not ended
/// by the earlier end.
#[must_use]
pub fn ended_at(spans: &[Span], since: Instant) -> Option<Instant> {
    let last = spans.iter().filter(|span| span.cause.is_final());
    let counts = last.filter(|span| span.to.is_none() || span.from > since);
    counts.map(|span| span.from).min()
}
