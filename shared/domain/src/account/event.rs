//! What can happen to an account: the closed list of facts.
//!
//! Facts are final from the first day (15.1). A fact says what happened and when it happened; when it
//! was recorded, and by whom, is said by the [`crate::evidence::Event`] around it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::again::Contracted;
use super::command::Cited;
use super::state::EndedFee;
use crate::agreement::Pinned;
use crate::billing::{Month, Payment};
use crate::evidence::TextDigest;
use crate::standing::StandingCause;
use crate::terms::Centavos;
use crate::{Instant, SpocId, StaffId};

/// A month as it falls due (10.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthStart {
    /// The month.
    pub month: Month,
    /// Its first charged day: the póliza's first day, the day of a reactivation, or the 1st.
    pub from: NaiveDate,
    /// The monthly fee, tax included, of which a month that is not charged whole owes its days.
    pub fee: Centavos,
    /// The versions that hold for the month, as known on its first charged day (G6).
    pub pinned: Pinned,
}

/// A fact of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// The account is kept from a month on.
    Opened {
        /// The first month that is charged here.
        first: Month,
    },
    /// The first day of the póliza lies ahead: there is no service before it (10.5).
    BeginningAwaited,
    /// The póliza has begun.
    Began {
        /// 00:00 of its first day.
        at: Instant,
    },
    /// A month fell due (10.1).
    MonthFellDue(MonthStart),
    /// A settled month is old enough to be closed: it takes no more payments or reversals.
    MonthClosed {
        /// The month.
        month: Month,
        /// What it took of which payment, by reference.
        took: Vec<(String, Centavos)>,
    },
    /// A payment was recorded (10.2).
    PaymentRecorded(Payment),
    /// The bank took a payment back (10.4).
    PaymentReversed {
        /// Its reference.
        reference: String,
        /// Why, as far as the desk or the bank says, in words that lie apart.
        text: Option<TextDigest>,
    },
    /// A person granted a later limit (10.3).
    Tolerated {
        /// For which month.
        month: Month,
        /// The last day on which it can be paid in time.
        until: NaiveDate,
        /// Why, in words that lie apart.
        text: TextDigest,
    },
    /// A person waived a part of what a month owes.
    Waived {
        /// Of which month.
        month: Month,
        /// How much.
        amount: Centavos,
        /// Why, in words that lie apart.
        text: TextDigest,
    },
    /// The client was told that the month is due (10.4).
    DueTold {
        /// Which month.
        month: Month,
    },
    /// The client was reminded of the month (10.4).
    Reminded {
        /// Of which month.
        month: Month,
    },
    /// The client was given the last notice (10.3, 10.4).
    LastNoticeGiven {
        /// Of which month.
        month: Month,
        /// The last day of the limit that it announces.
        limit_day: NaiveDate,
    },
    /// A suspension took effect, and was told (10.3, 10.4, 8).
    Suspended {
        /// Why.
        cause: StandingCause,
        /// First instant without service.
        from: Instant,
        /// The unpaid month, for want of payment.
        month: Option<Month>,
    },
    /// A suspension turned out never to have been due (10.2a).
    SuspensionAnnulled {
        /// Of which month.
        month: Month,
        /// From when it was shown.
        from: Instant,
        /// When the payment that annuls it was recorded.
        at: Instant,
    },
    /// Everything owed was covered while the póliza was suspended (10.6).
    ArrearsCovered {
        /// When the payment that covers it was recorded.
        at: Instant,
    },
    /// The desk was told that a reactivation is wanted, for the how manieth time (10.6).
    ReactivationWanted {
        /// 1 for the first time.
        n: u32,
    },
    /// The póliza was suspended for so long that the desk has to look (10.6).
    LongSuspensionTold {
        /// Since when it is suspended.
        since: Instant,
    },
    /// The póliza became active again (10.6).
    Reactivated {
        /// When.
        at: Instant,
        /// Whether the parameter did it, not a person.
        by_itself: bool,
    },
    /// A person proposes to suspend for an obligation of clause 8; a second one has to agree.
    BreachProposed {
        /// Which obligation and why, in words that lie apart.
        text: TextDigest,
    },
    /// A suspension for non-compliance was announced (8).
    BreachAnnounced {
        /// From when there will be no service.
        from: Instant,
        /// Who proposed it.
        proposed_by: StaffId,
        /// The words of the proposal, which lie apart.
        text: TextDigest,
    },
    /// The proposal was not agreed to, or was taken back.
    BreachRejected,
    /// A person ended a suspension for non-compliance, or called off an announced one (8).
    BreachEnded {
        /// From when it no longer counts.
        at: Instant,
        /// Why, in words that lie apart.
        text: TextDigest,
    },
    /// The client cancelled (10.7).
    Cancelled {
        /// Receipt.
        received_at: Instant,
        /// Who.
        by: SpocId,
        /// First instant without service.
        effective_at: Instant,
        /// What the running month owes after that.
        fee: EndedFee,
        /// The message that the desk cites for it (G14).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cites: Option<Cited>,
    },
    /// The client gave notice that the póliza is not to be renewed (10.8).
    RenewalDeclined {
        /// Receipt.
        received_at: Instant,
        /// Who.
        by: SpocId,
        /// Whether it came in time.
        valid: bool,
        /// The message that the desk cites for it (G14).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cites: Option<Cited>,
    },
    /// The client was told that the póliza renews or ends (10.8).
    RenewalTold {
        /// The renewal instant.
        renewal_at: Instant,
        /// When this notice was due.
        due: Instant,
    },
    /// The next term began (10.8).
    Renewed {
        /// The renewal instant.
        at: Instant,
    },
    /// The póliza ended without renewal (10.8).
    Expired {
        /// First instant without service.
        at: Instant,
    },
    /// Another póliza began after one that had ended (10.6).
    ContractedAgain(Contracted),
    /// The desk was told that something is missing without which nothing can run: the fee, or the
    /// client's choice whether to renew (10.2, 10.8).
    LackTold {
        /// What.
        lack: Lack,
        /// The instant that it is wanted for.
        due: Instant,
    },
}

/// What may be missing in a póliza.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// The monthly fee.
    Fee,
    /// Whether the client chose automatic renewal.
    RenewalChoice,
}
