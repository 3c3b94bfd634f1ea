//! What the rest of the system asks of a fact, whatever it is.

use super::event::Fact;
use crate::evidence::TextDigest;

impl Fact {
    /// The digest of the text that lies apart, if the fact brings one.
    #[must_use]
    pub const fn text(&self) -> Option<&TextDigest> {
        match self {
            Self::PaymentReversed { text, .. } => text.as_ref(),
            Self::Tolerated { text, .. }
            | Self::Waived { text, .. }
            | Self::BreachProposed { text }
            | Self::BreachEnded { text, .. } => Some(text),
            // The words lie with the proposal.
            Self::BreachAnnounced { .. }
            | Self::Opened { .. }
            | Self::BeginningAwaited
            | Self::Began { .. }
            | Self::MonthFellDue(_)
            | Self::MonthClosed { .. }
            | Self::PaymentRecorded(_)
            | Self::DueTold { .. }
            | Self::Reminded { .. }
            | Self::LastNoticeGiven { .. }
            | Self::Suspended { .. }
            | Self::SuspensionAnnulled { .. }
            | Self::ArrearsCovered { .. }
            | Self::ReactivationWanted { .. }
            | Self::LongSuspensionTold { .. }
            | Self::Reactivated { .. }
            | Self::BreachRejected
            | Self::Cancelled { .. }
            | Self::RenewalDeclined { .. }
            | Self::RenewalTold { .. }
            | Self::Renewed { .. }
            | Self::Expired { .. }
            | Self::ContractedAgain(_)
            | Self::LackTold { .. } => None,
        }
    }

    /// Whether the fact is a consequence that the system draws, whoever's act or whichever timer gave
    /// the occasion: it is recorded as the system's own.
    #[must_use]
    pub const fn is_automatic(&self) -> bool {
        match self {
            Self::Reactivated { by_itself, .. } => *by_itself,
            Self::Opened { .. }
            | Self::BeginningAwaited
            | Self::Began { .. }
            | Self::MonthFellDue(_)
            | Self::MonthClosed { .. }
            | Self::DueTold { .. }
            | Self::Reminded { .. }
            | Self::LastNoticeGiven { .. }
            | Self::Suspended { .. }
            | Self::SuspensionAnnulled { .. }
            | Self::ArrearsCovered { .. }
            | Self::ReactivationWanted { .. }
            | Self::LongSuspensionTold { .. }
            | Self::RenewalTold { .. }
            | Self::Renewed { .. }
            | Self::Expired { .. }
            | Self::ContractedAgain(_)
            | Self::LackTold { .. } => true,
            Self::PaymentRecorded(_)
            | Self::PaymentReversed { .. }
            | Self::Tolerated { .. }
            | Self::Waived { .. }
            | Self::BreachProposed { .. }
            | Self::BreachAnnounced { .. }
            | Self::BreachRejected
            | Self::BreachEnded { .. }
            | Self::Cancelled { .. }
            | Self::RenewalDeclined { .. } => false,
        }
    }

    /// Whether the fact changes when there is service, so that the client's gate is written with it
    /// even where its spans read the same: tickets take it from there (10.5).
    #[must_use]
    pub const fn touches_standing(&self) -> bool {
        match self {
            Self::BeginningAwaited
            | Self::Began { .. }
            | Self::Suspended { .. }
            | Self::SuspensionAnnulled { .. }
            | Self::Reactivated { .. }
            | Self::BreachAnnounced { .. }
            | Self::BreachEnded { .. }
            | Self::Cancelled { .. }
            | Self::Expired { .. }
            | Self::ContractedAgain(_) => true,
            Self::Opened { .. }
            | Self::MonthFellDue(_)
            | Self::MonthClosed { .. }
            | Self::PaymentRecorded(_)
            | Self::PaymentReversed { .. }
            | Self::Tolerated { .. }
            | Self::Waived { .. }
            | Self::DueTold { .. }
            | Self::Reminded { .. }
            | Self::LastNoticeGiven { .. }
            | Self::ArrearsCovered { .. }
            | Self::ReactivationWanted { .. }
            | Self::LongSuspensionTold { .. }
            | Self::BreachProposed { .. }
            | Self::BreachRejected
            | Self::RenewalDeclined { .. }
            | Self::RenewalTold { .. }
            | Self::Renewed { .. }
            | Self::LackTold { .. } => false,
        }
    }
}
