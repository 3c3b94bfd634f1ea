//! Which mail offers which acts, to whom, and until when.

use domain::ticket::{ClosureReason, Content};
use domain::{Instant, Power, Spoc};
use mail::outbound::Action;

use super::open_ended;

/// The acts that a mail recorded at `at` offers by link, each with the instant at which its link
/// expires: the limit of what it acts on where that is known already.
pub(crate) fn offered(content: &Content, at: Instant) -> Vec<(Action, Instant)> {
    let open = open_ended(at);
    match content {
        // Whatever the póliza: what a declaration brings is told on its page (1.4).
        Content::Acknowledgement { promise, critical: false, .. } if promise.held.is_none() => {
            vec![(Action::DeclareCritical, open)]
        }
        Content::SameDayOffer { offer } => {
            vec![(Action::AcceptSameDay, offer.limit), (Action::DeclineSameDay, offer.limit)]
        }
        Content::EmergencyCost { .. } => vec![(Action::AcceptEmergencyCost, open)],
        // Silence that comes later may move the closing, and with it the end of both links.
        Content::Solution { .. } | Content::SolutionReminder { .. } => {
            vec![(Action::Confirm, open), (Action::StillFails, open)]
        }
        Content::Closing { reason, reopens_until, .. } => closing(*reason, *reopens_until),
        Content::Acknowledgement { .. }
        | Content::SameDayAccepted { .. }
        | Content::Downgraded { .. }
        | Content::InformationRequest { .. }
        | Content::InformationReminder { .. }
        | Content::Reply { .. }
        | Content::Reopened { .. }
        | Content::ClosingCorrected { .. }
        | Content::ReopeningAnnulled { .. }
        | Content::ClockStarted { .. }
        | Content::Recalculated { .. }
        | Content::NotServed { .. }
        | Content::DeskNew { .. }
        | Content::DeskWarning { .. }
        | Content::DeskMissed { .. }
        | Content::DeskMissRetracted { .. }
        | Content::DeskPage { .. }
        | Content::DeskBounce { .. }
        | Content::DeskDeadNotice { .. }
        | Content::DeskNoAnswer
        | Content::DeskReactivated { .. } => Vec::new(),
    }
}

/// The closing after silence asks for both answers (9.5). One that a person brought about is not
/// asked to be confirmed; one at the end of the service cannot be reopened.
fn closing(reason: ClosureReason, until: Instant) -> Vec<(Action, Instant)> {
    match reason {
        ClosureReason::Auto => vec![(Action::Confirm, until), (Action::StillFails, until)],
        ClosureReason::Confirmed
        | ClosureReason::Withdrawn
        | ClosureReason::OutOfScope
        | ClosureReason::NoAnswer
        | ClosureReason::NotARequest => vec![(Action::StillFails, until)],
        ClosureReason::ServiceEnded | ClosureReason::Merged => Vec::new(),
    }
}

/// Whether a SPoC is offered an act at all (1.2, 1.5). The act asks the domain again.
pub(crate) fn may(spoc: &Spoc, action: Action, at: Instant) -> bool {
    match action {
        Action::StillFails => spoc.holds_at(at),
        Action::Confirm | Action::DeclareCritical => spoc.may(Power::Open, at),
        Action::AcceptSameDay | Action::DeclineSameDay | Action::AcceptEmergencyCost => {
            spoc.may(Power::AuthoriseCost, at)
        }
    }
}
