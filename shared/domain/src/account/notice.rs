//! Notices about an account: what is told to whom, as data.
//!
//! Rule G11. A notice is recorded together with the fact that causes it and is sent once. Its key in the
//! ledger is (client, subject, kind, due instant, recipient).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::state::EndedFee;
use super::view::View;
use crate::billing::{Month, PaymentStanding};
use crate::calendar::OutOfCalendar;
use crate::evidence::Hash;
use crate::standing::StandingCause;
use crate::terms::Centavos;
use crate::{ClientId, Instant, SpocId};

/// A notice about an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// To whom.
    pub to: Recipient,
    /// What of the account it is about: a month, a payment's reference, a rule; part of its key.
    pub subject: String,
    /// The instant that it is about; part of its key.
    pub due: Instant,
    /// The event that caused it.
    pub about: u32,
    /// What it says.
    pub content: Content,
}

/// To whom a notice goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// A SPoC of the client, at the first of his registered addresses.
    Spoc(SpocId),
    /// Millora's desk.
    Desk,
}

impl Recipient {
    /// Stable word for the recipient, part of the ledger's key.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Spoc(id) => format!("spoc:{id}"),
            Self::Desk => "desk".to_owned(),
        }
    }
}

/// What a month owes, as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// The month.
    pub month: Month,
    /// What it owes.
    pub owed: Centavos,
    /// What is left to pay.
    pub left: Centavos,
    /// It is paid in time before this instant.
    pub pay_before: Instant,
}

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// The month is due (10.4).
    PaymentDue {
        /// What it owes.
        bill: Bill,
    },
    /// The month is still unpaid (10.4).
    PaymentReminder {
        /// What it owes.
        bill: Bill,
    },
    /// The last notice before the suspension (10.3).
    LastNotice {
        /// What the month owes.
        bill: Bill,
        /// When the service is suspended if it stays unpaid.
        suspends_at: Instant,
    },
    /// There is no service from an instant on (10.3, 8).
    Suspended {
        /// Why.
        cause: StandingCause,
        /// First instant without service.
        since: Instant,
        /// What is unpaid, for want of payment.
        bill: Option<Bill>,
    },
    /// A suspension that was told never was due (10.2a).
    SuspensionAnnulled {
        /// From when it was shown.
        since: Instant,
        /// Of which month.
        month: Month,
    },
    /// What was owed is paid; the reactivation is a step of its own (10.6).
    PaymentReceived {
        /// Since when the póliza is suspended.
        since: Instant,
    },
    /// The póliza is active again (10.6).
    Reactivated {
        /// When.
        at: Instant,
    },
    /// The bank took a payment back (10.4).
    PaymentReversed {
        /// How much.
        amount: Centavos,
        /// Its value date.
        value_date: NaiveDate,
    },
    /// A later limit was granted (10.3).
    Tolerated {
        /// What the month owes, with the new limit.
        bill: Bill,
    },
    /// A suspension for non-compliance is announced (8).
    BreachAnnounced {
        /// From when.
        from: Instant,
    },
    /// It ended, or was called off (8).
    BreachEnded {
        /// It had taken effect.
        in_effect: bool,
    },
    /// The client's cancellation was registered (10.7).
    Cancelled {
        /// First instant without service.
        effective_at: Instant,
        /// What the running month owes.
        fee: EndedFee,
    },
    /// The póliza renews or ends (10.8).
    RenewalAhead {
        /// The renewal instant.
        renewal_at: Instant,
        /// Whether it renews.
        renews: bool,
        /// A notice of non-renewal received by then is valid.
        limit: Instant,
    },
    /// The client's notice of non-renewal was registered (10.8).
    NonRenewal {
        /// First instant without service.
        ends_at: Instant,
    },
    /// It came too late (10.8).
    LateNonRenewal {
        /// The renewal instant.
        renewal_at: Instant,
        /// Until when it would have been valid.
        limit: Instant,
    },
    /// The póliza ended without renewal (10.8).
    Expired {
        /// First instant without service.
        at: Instant,
    },
    /// To the desk: arrears are paid and a reactivation is wanted (10.6).
    DeskReactivationWanted {
        /// 1 for the first time.
        n: u32,
        /// Since when the póliza is suspended.
        since: Instant,
    },
    /// To the desk: a month cannot be charged, since no fee is recorded (10.2).
    DeskNoFee {
        /// Which month.
        month: Month,
    },
    /// To the desk: a póliza has been suspended for long (10.6).
    DeskLongSuspension {
        /// Since when.
        since: Instant,
        /// For how many natural days.
        days: u64,
    },
    /// To the desk: a suspension was annulled; what was cancelled meanwhile is not restored (10.2a).
    DeskAnnulled {
        /// From when it was shown.
        since: Instant,
    },
    /// To the desk: whether the client chose automatic renewal is not recorded (10.8).
    DeskNoRenewalChoice {
        /// The renewal instant.
        renewal_at: Instant,
    },
    /// To the desk: the client cancelled (10.7).
    DeskCancelled {
        /// First instant without service.
        effective_at: Instant,
    },
    /// To the desk: the client gave notice of non-renewal (10.8).
    DeskNonRenewal {
        /// The renewal instant.
        renewal_at: Instant,
        /// Whether it came in time.
        valid: bool,
    },
    /// To the desk: a notice of the account could not be sent and was given up by the system.
    DeskDeadNotice {
        /// Its id.
        notice: String,
        /// Its kind.
        what: String,
    },
}

impl Content {
    /// Stable word for the kind, part of the ledger's key.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PaymentDue { .. } => "payment_due",
            Self::PaymentReminder { .. } => "payment_reminder",
            Self::LastNotice { .. } => "last_notice",
            Self::Suspended { .. } => "suspended",
            Self::SuspensionAnnulled { .. } => "suspension_annulled",
            Self::PaymentReceived { .. } => "payment_received",
            Self::Reactivated { .. } => "reactivated",
            Self::PaymentReversed { .. } => "payment_reversed",
            Self::Tolerated { .. } => "tolerated",
            Self::BreachAnnounced { .. } => "breach_announced",
            Self::BreachEnded { .. } => "breach_ended",
            Self::Cancelled { .. } => "cancelled",
            Self::RenewalAhead { .. } => "renewal_ahead",
            Self::NonRenewal { .. } => "non_renewal",
            Self::LateNonRenewal { .. } => "late_non_renewal",
            Self::Expired { .. } => "expired",
            Self::DeskReactivationWanted { .. } => "desk_reactivation_wanted",
            Self::DeskNoFee { .. } => "desk_no_fee",
            Self::DeskLongSuspension { .. } => "desk_long_suspension",
            Self::DeskAnnulled { .. } => "desk_annulled",
            Self::DeskNoRenewalChoice { .. } => "desk_no_renewal_choice",
            Self::DeskCancelled { .. } => "desk_cancelled",
            Self::DeskNonRenewal { .. } => "desk_non_renewal",
            Self::DeskDeadNotice { .. } => "desk_dead_notice",
        }
    }
}

impl Notice {
    /// The notice's id: the hash of its key in the ledger (G11). The same cause gives the same id.
    #[must_use]
    pub fn id(&self, client: &ClientId) -> String {
        let (subject, kind) = (&self.subject, self.content.kind());
        let (due, to) = (self.due.millis(), self.to.word());
        let key = format!("{client}|account:{subject}|{kind}||{due}|{to}");
        Hash::genesis(&key).as_str()[..32].to_owned()
    }

    /// Whether the notice still makes sense, asked once more when it is about to be sent (A5). One that
    /// no longer does is superseded, visibly.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn still_due(&self, view: &View<'_>, now: Instant) -> Result<bool, OutOfCalendar> {
        match &self.content {
            Content::PaymentDue { bill }
            | Content::PaymentReminder { bill }
            | Content::LastNotice { bill, .. }
            | Content::Tolerated { bill } => {
                let month = view.month(bill.month, now, &mut ())?;
                Ok(month.is_some_and(|month| month.found.standing == PaymentStanding::Due))
            }
            Content::Suspended { since, .. } => {
                let mut spans = view.spans(now)?.into_iter();
                Ok(spans.any(|span| span.from <= *since && span.to.is_none_or(|to| to > now)))
            }
            Content::PaymentReceived { .. } | Content::DeskReactivationWanted { .. } => {
                Ok(view.account.covered.is_some())
            }
            Content::RenewalAhead { renewal_at, .. } => {
                Ok(now < *renewal_at && view.account.cancellation.is_none())
            }
            Content::DeskLongSuspension { .. } => Ok(view.suspended_since(now)?.is_some()),
            Content::SuspensionAnnulled { .. }
            | Content::Reactivated { .. }
            | Content::PaymentReversed { .. }
            | Content::BreachAnnounced { .. }
            | Content::BreachEnded { .. }
            | Content::Cancelled { .. }
            | Content::NonRenewal { .. }
            | Content::LateNonRenewal { .. }
            | Content::Expired { .. }
            | Content::DeskNoFee { .. }
            | Content::DeskAnnulled { .. }
            | Content::DeskNoRenewalChoice { .. }
            | Content::DeskCancelled { .. }
            | Content::DeskNonRenewal { .. }
            | Content::DeskDeadNotice { .. } => Ok(true),
        }
    }
}
