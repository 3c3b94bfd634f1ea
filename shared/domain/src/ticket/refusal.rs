//! Refusals: a rule says no. They are answers, not errors: each names its rule and says in Spanish
//! what to do instead.

use serde::{Deserialize, Serialize};

use crate::calendar::OutOfCalendar;
use crate::pauses::TargetError;

/// A rule says no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text} ({rule})")]
pub struct Refusal {
    /// Stable code for programs.
    pub code: RefusalCode,
    /// The rule that refuses.
    pub rule: &'static str,
    /// What people read, in Spanish: what is wrong and what to do.
    pub text: String,
}

impl Refusal {
    /// A refusal of `rule`.
    #[must_use]
    pub fn new(code: RefusalCode, rule: &'static str, text: impl Into<String>) -> Self {
        Self { code, rule, text: text.into() }
    }
}

/// The stable codes of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// The SPoC lacks the power, or is no longer one (1.2).
    NotAuthorised,
    /// The póliza is not being served (10.5).
    Suspended,
    /// The ticket is closed.
    TicketClosed,
    /// The ticket is closed and the time to reopen it has passed: a new one is needed (9.7).
    WindowPassed,
    /// There is nothing to accept, or no longer (7.2a, 7.4a).
    NoOffer,
    /// The ticket goes on in another one (4.5).
    Merged,
    /// Tickets that cannot be merged (4.5).
    NotMergeable,
    /// What was accepted cannot be taken back (7.2a).
    Final,
    /// The criteria of a critical incident are not met (1.4).
    NotCritical,
    /// The level cannot be reached (9.8).
    WrongLevel,
    /// There is no solution to confirm.
    NoSolution,
    /// There is no such message, pause, page or proposal.
    Nothing,
    /// An instant that cannot be (2.1a).
    WrongInstant,
    /// The reason is not among those for which the desk may close (9.0a).
    ReasonNotAllowed,
    /// The second person must be another one.
    SamePerson,
    /// There are already as many as there may be.
    LimitReached,
    /// Something is still owed (10.6).
    Unpaid,
}

/// Why a decision was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A date lies outside the calendar that this version knows.
    #[error(transparent)]
    Target(#[from] TargetError),
}

impl From<OutOfCalendar> for DecideError {
    fn from(error: OutOfCalendar) -> Self {
        Self::Target(error.into())
    }
}
