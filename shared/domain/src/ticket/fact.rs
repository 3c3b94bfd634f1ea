//! What the rest of the system asks of a fact, whatever it is.

use super::escalation::EscalationCause;
use super::event::{ClosureReason, Fact};
use crate::evidence::TextDigest;

impl Fact {
    /// The digest of the text that lies apart, if the fact has one.
    #[must_use]
    pub const fn text(&self) -> Option<&TextDigest> {
        match self {
            Self::Opened(opened) => Some(&opened.text),
            Self::ClientWrote { text, .. } | Self::DeclaredCritical { text, .. } => text.as_ref(),
            Self::DeskWrote { text, .. }
            | Self::ActRecorded { text, .. }
            | Self::ParticipantAdded { text, .. }
            | Self::MailNoted { text, .. }
            | Self::MergedInto { text, .. }
            | Self::Noted { text }
            | Self::ChargeWaived { text }
            | Self::Downgraded { text, .. }
            | Self::PauseEnded { text, .. }
            | Self::Recalculated { text, .. }
            | Self::Proposed { text, .. } => Some(text),
            Self::MessageAccepted { .. }
            | Self::MessageBounced { .. }
            | Self::BounceUndone { .. }
            | Self::MessageResent { .. }
            | Self::FollowerAdded { .. }
            | Self::ClosingBlocked { .. }
            | Self::ClosingUnblocked { .. }
            | Self::Assigned { .. }
            | Self::SameDayAccepted { .. }
            | Self::SameDayDeclined { .. }
            | Self::EmergencyCostAccepted { .. }
            | Self::CriticalityConfirmed { .. }
            | Self::Escalated { .. }
            | Self::Paged { .. }
            | Self::PageAcknowledged { .. }
            | Self::Warned { .. }
            | Self::Missed { .. }
            | Self::MissRetracted { .. }
            | Self::InformationReminded { .. }
            | Self::SolutionReminded { .. }
            | Self::Closed { .. }
            | Self::ClosingAsked { .. }
            | Self::TookIn(_)
            | Self::ClosureUndone { .. }
            | Self::Reopened { .. }
            | Self::Thanked { .. }
            | Self::ClockStarted { .. }
            | Self::StandingApplied { .. }
            | Self::ProposalRejected { .. } => None,
        }
    }

    /// Whether the fact is a consequence that the system draws, whoever's act or whichever timer gave
    /// the occasion: it is recorded as the system's own.
    #[must_use]
    pub const fn is_automatic(&self) -> bool {
        match self {
            Self::Closed { reason, .. } => matches!(reason, ClosureReason::Auto),
            Self::Escalated { cause, .. } => matches!(cause, EscalationCause::TargetMissed),
            Self::MessageAccepted { .. }
            | Self::MessageBounced { .. }
            | Self::MailNoted { .. }
            | Self::ClosingBlocked { .. }
            | Self::Paged { .. }
            | Self::Warned { .. }
            | Self::Missed { .. }
            | Self::MissRetracted { .. }
            | Self::InformationReminded { .. }
            | Self::SolutionReminded { .. }
            | Self::ClosureUndone { .. }
            | Self::Reopened { .. }
            | Self::ClockStarted { .. }
            | Self::StandingApplied { .. } => true,
            Self::Opened(_)
            | Self::ClientWrote { .. }
            | Self::DeskWrote { .. }
            | Self::BounceUndone { .. }
            | Self::MessageResent { .. }
            | Self::ActRecorded { .. }
            | Self::ParticipantAdded { .. }
            | Self::FollowerAdded { .. }
            | Self::ClosingUnblocked { .. }
            | Self::Noted { .. }
            | Self::Assigned { .. }
            | Self::SameDayAccepted { .. }
            | Self::SameDayDeclined { .. }
            | Self::EmergencyCostAccepted { .. }
            | Self::ChargeWaived { .. }
            | Self::DeclaredCritical { .. }
            | Self::CriticalityConfirmed { .. }
            | Self::Downgraded { .. }
            | Self::PauseEnded { .. }
            | Self::Recalculated { .. }
            | Self::PageAcknowledged { .. }
            | Self::ClosingAsked { .. }
            | Self::MergedInto { .. }
            | Self::TookIn(_)
            | Self::Thanked { .. }
            | Self::Proposed { .. }
            | Self::ProposalRejected { .. } => false,
        }
    }

    /// Whether the fact would have been another one under another standing of the client, so that its
    /// commit must carry the gate's revision as a condition (10.5).
    #[must_use]
    pub const fn depends_on_standing(&self) -> bool {
        match self {
            Self::Opened(_)
            | Self::Reopened { .. }
            | Self::SameDayAccepted { .. }
            | Self::EmergencyCostAccepted { .. }
            | Self::DeclaredCritical { .. }
            | Self::Downgraded { .. }
            | Self::ClockStarted { .. }
            | Self::MergedInto { .. }
            | Self::TookIn(_)
            | Self::StandingApplied { .. } => true,
            Self::ClientWrote { .. }
            | Self::DeskWrote { .. }
            | Self::MessageAccepted { .. }
            | Self::MessageBounced { .. }
            | Self::BounceUndone { .. }
            | Self::MessageResent { .. }
            | Self::ActRecorded { .. }
            | Self::ParticipantAdded { .. }
            | Self::FollowerAdded { .. }
            | Self::MailNoted { .. }
            | Self::ClosingBlocked { .. }
            | Self::ClosingUnblocked { .. }
            | Self::Noted { .. }
            | Self::Assigned { .. }
            | Self::SameDayDeclined { .. }
            | Self::ChargeWaived { .. }
            | Self::CriticalityConfirmed { .. }
            | Self::PauseEnded { .. }
            | Self::Recalculated { .. }
            | Self::Escalated { .. }
            | Self::Paged { .. }
            | Self::PageAcknowledged { .. }
            | Self::Warned { .. }
            | Self::Missed { .. }
            | Self::MissRetracted { .. }
            | Self::InformationReminded { .. }
            | Self::SolutionReminded { .. }
            | Self::Closed { .. }
            | Self::ClosingAsked { .. }
            | Self::ClosureUndone { .. }
            | Self::Thanked { .. }
            | Self::Proposed { .. }
            | Self::ProposalRejected { .. } => false,
        }
    }
}
