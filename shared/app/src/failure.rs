//! The kinds of error (A11). Each trigger maps each kind on purpose: HTTP to a status, a queue to
//! "again" or "never again".

use domain::ticket::{DecideError, Refusal};

use crate::commit::CommitError;
use crate::ports::StoreError;

/// Why a use case did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A rule of the agreement says no. Trying again changes nothing.
    #[error(transparent)]
    Refused(Refusal),
    /// The input is wrong; every fault at once.
    #[error("the input has {} faults, the first one at {}", .0.len(), first_place(.0))]
    Invalid(Vec<InputFault>),
    /// There is no such thing for whoever asks. Foreign and unknown look the same.
    #[error("there is no such thing")]
    NotFound,
    /// The same Idempotency-Key was used before with another body.
    #[error("the Idempotency-Key was used before with another body")]
    KeyReused,
    /// The world did not answer, or somebody else was faster too often: try again.
    #[error("not now: {0}")]
    Retryable(String),
    /// We are wrong: an alarm, and a person.
    #[error("our fault: {0}")]
    Fault(String),
}

/// One fault of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFault {
    /// Where: a field's path, such as `critical.essential_operation`.
    pub at: String,
    /// What is wrong and what to do, in Spanish.
    pub problem: String,
}

impl InputFault {
    /// A fault at a field.
    #[must_use]
    pub fn new(at: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { at: at.into(), problem: problem.into() }
    }
}

fn first_place(faults: &[InputFault]) -> &str {
    faults.first().map_or("-", |fault| fault.at.as_str())
}

impl Failure {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Retryable(_) => true,
            Self::Refused(_)
            | Self::Invalid(_)
            | Self::NotFound
            | Self::KeyReused
            | Self::Fault(_) => false,
        }
    }
}

impl From<DecideError> for Failure {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::Refused(refusal) => Self::Refused(refusal),
            DecideError::Target(error) => {
                Self::Invalid(vec![InputFault::new("received_at", error.to_string())])
            }
        }
    }
}

impl From<domain::attention::TargetError> for Failure {
    fn from(error: domain::attention::TargetError) -> Self {
        Self::Fault(error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Retryable(_) => Self::Retryable(error.to_string()),
            StoreError::Fault(_) => Self::Fault(error.to_string()),
        }
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(_) | CommitError::Retryable(_) | CommitError::Unknown(_) => {
                Self::Retryable(error.to_string())
            }
            CommitError::Fault(_) => Self::Fault(error.to_string()),
        }
    }
}
