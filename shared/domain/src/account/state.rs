//! The state of an account: the fold of its facts. It keeps only what still decides something.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::event::Lack;
use crate::agreement::Pinned;
use crate::billing::{LastNotice, Month, Payment, Reversal, Toleration};
use crate::evidence::{Hash, TextDigest};
use crate::standing::Span;
use crate::terms::Centavos;
use crate::{ClientId, Instant, SpocId, StaffId};

/// A client's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whose.
    pub client: ClientId,
    /// Number of the last event.
    pub seq: u32,
    /// Hash of the last event.
    pub chain: Hash,
    /// When the account was opened; after another póliza began, when that was.
    pub opened_at: Instant,
    /// The first month that is charged here and is not closed.
    pub first: Month,
    /// The months that fell due and are not closed, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<DueMonth>,
    /// The payments that may still settle something, in the order of recording.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Received>,
    /// The reversals of those payments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reversals: Vec<Reversal>,
    /// When the póliza became active again, in order (10.6).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactivated: Vec<Instant>,
    /// Suspensions for non-compliance, announced or in effect or ended (8).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaches: Vec<Breach>,
    /// One that a second person has still to agree to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed_breach: Option<ProposedBreach>,
    /// The suspensions that were told and what of them was told since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<Shown>,
    /// When everything owed was covered in the present suspension, and how often the desk was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered: Option<Covered>,
    /// Since when the suspension runs of which the desk was told that it is long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_told: Option<Instant>,
    /// The client's cancellation (10.7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<Cancellation>,
    /// When the póliza ended without renewal (10.8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired_at: Option<Instant>,
    /// The last renewal that was recorded (10.8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed_at: Option<Instant>,
    /// The notices of non-renewal of the running term (10.8).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub non_renewals: Vec<NonRenewal>,
    /// When the renewal notices of the running term were due that were told (10.8).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renewal_told: Vec<Instant>,
    /// What the desk was last told to be missing, and for which instant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<(Lack, Instant)>,
    /// The beginning of a póliza whose first day lay ahead when the account was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beginning: Option<Beginning>,
    /// The first day of the póliza that the account is kept of, where it is not the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<NaiveDate>,
    /// The spans without service of the pólizas before it, as they stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Span>,
}

/// When a póliza began that was entered before its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beginning {
    /// Its first day lies ahead, as its terms say it.
    Awaited,
    /// 00:00 of its first day.
    At(Instant),
}

/// A month that fell due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueMonth {
    /// The month.
    pub month: Month,
    /// Its first charged day.
    pub from: NaiveDate,
    /// The monthly fee, tax included.
    pub fee: Centavos,
    /// What persons waived of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
    /// The versions that hold for it (G6).
    pub pinned: Pinned,
    /// Whether the client was told that it is due.
    #[serde(default)]
    pub due_told: bool,
    /// Whether he was reminded.
    #[serde(default)]
    pub reminded: bool,
    /// The last notices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_notices: Vec<LastNotice>,
    /// The limits that were granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
}

/// What a person waived of a month. It counts from then on, as a payment does that is made on that day:
/// what was true before stays true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// How much.
    pub amount: Centavos,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The event, whose words lie apart.
    pub seq: u32,
}

/// A payment and what closed months took of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The payment as it was recorded.
    pub payment: Payment,
    /// What months that are closed took.
    #[serde(default)]
    pub closed: Centavos,
}

impl Received {
    /// Whether closed months took all of it.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.closed >= self.payment.amount
    }
}

/// A suspension that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// First instant without service.
    pub from: Instant,
    /// The unpaid month; none for non-compliance.
    pub month: Option<Month>,
    /// Whether it was annulled since (10.2a).
    #[serde(default)]
    pub annulled: bool,
}

/// Everything owed was covered while the póliza was suspended (10.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// When.
    pub at: Instant,
    /// How often the desk was told that a reactivation is wanted.
    pub alerts: u32,
}

/// A suspension for non-compliance (8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// First instant without service.
    pub from: Instant,
    /// From when it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Instant>,
    /// The event that announced it, whose words lie apart.
    pub seq: u32,
}

/// A suspension for non-compliance that a person proposed (8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedBreach {
    /// Who.
    pub by: StaffId,
    /// The words, which lie apart.
    pub text: TextDigest,
    /// The event that carries them.
    pub seq: u32,
}

/// The client's cancellation (10.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Receipt.
    pub received_at: Instant,
    /// Who.
    pub by: SpocId,
    /// First instant without service.
    pub effective_at: Instant,
    /// What the running month owes after that.
    pub fee: EndedFee,
}

/// What the month in which the client cancels owes (10.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedFee {
    /// It is paid and stays so: there are no refunds.
    Whole,
    /// Its limit has passed unpaid: the days until the cancellation.
    ByDays,
    /// It was unpaid and its limit had not passed: nothing.
    Nothing,
}

/// A notice of non-renewal (10.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NonRenewal {
    /// Receipt.
    pub received_at: Instant,
    /// Who.
    pub by: SpocId,
    /// Whether it came in time.
    pub valid: bool,
}

/// How the póliza ended, or will.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client cancelled (10.7).
    Cancelled {
        /// First instant without service.
        at: Instant,
    },
    /// It was not renewed (10.8).
    Expired {
        /// First instant without service.
        at: Instant,
    },
}

impl Ending {
    /// The first instant without service.
    #[must_use]
    pub const fn at(self) -> Instant {
        match self {
            Self::Cancelled { at } | Self::Expired { at } => at,
        }
    }
}

impl Account {
    /// How the póliza ended, as far as it is recorded; of two, the earlier.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        let cancelled =
            self.cancellation.as_ref().map(|it| Ending::Cancelled { at: it.effective_at });
        let expired = self.expired_at.map(|at| Ending::Expired { at });
        cancelled.into_iter().chain(expired).min_by_key(|ending| ending.at())
    }

    /// The month, if it fell due and is not closed.
    #[must_use]
    pub fn month(&self, month: Month) -> Option<&DueMonth> {
        self.months.iter().find(|known| known.month == month)
    }

    /// The payment with this reference, if it is kept.
    #[must_use]
    pub fn payment(&self, reference: &str) -> Option<&Payment> {
        let mut payments = self.payments.iter().map(|received| &received.payment);
        payments.find(|payment| payment.reference == reference)
    }
}
