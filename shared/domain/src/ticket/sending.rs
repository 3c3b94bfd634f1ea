//! When a message of the desk counts.
//!
//! Rule G15. A reply counts at its commit if the mail service accepts it within 30 minutes, else at
//! the acceptance. Pauses and solutions start at the acceptance. A message that reaches none of its
//! recipients is void from its start. Choice: sent again, it counts as anything from the acceptance of
//! that sending on, for before it nobody can have read it.

use chrono::TimeDelta;

use super::state::{Inbound, Outbound};
use crate::{Instant, Participant};

/// From when on a message counts as attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// From this instant.
    At(Instant),
    /// From its commit if it is accepted by this instant, the last one that is in time.
    AwaitingUntil(Instant),
    /// From the acceptance of its second sending, which is not known yet.
    OnceAccepted,
    /// It reaches nobody.
    Never,
}

impl Outbound {
    /// Whether it reaches none of its recipients.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.recipients.iter().all(|recipient| self.bounced.contains(recipient))
    }

    /// From when on it counts as an answer; `grace` is the parameter `acceptance_grace`.
    #[must_use]
    pub fn counts(&self, grace: TimeDelta) -> Counts {
        if self.is_void() {
            return Counts::Never;
        }
        if let Some(resent_at) = self.resent_at {
            return self
                .accepted_at
                .map_or(Counts::OnceAccepted, |at| Counts::At(at.max(resent_at)));
        }
        let in_time = self.committed_at + grace;
        match self.accepted_at {
            Some(at) if at <= in_time => Counts::At(self.committed_at),
            Some(at) => Counts::At(at),
            None => Counts::AwaitingUntil(in_time),
        }
    }

    /// Whether a participant's message may answer it: one that was received since it was written. The
    /// reader can have it before we hear of its acceptance (9.4, 7.7). Of what falls on one instant
    /// the event that came first came first. Where it was sent again, since that.
    #[must_use]
    pub fn is_answered_by(&self, message: &Inbound) -> bool {
        match self.resent_at {
            Some(resent_at) => message.received_at >= resent_at,
            None => (message.received_at, message.seq) > (self.committed_at, self.seq),
        }
    }

    /// From when on it pauses a clock or proposes a solution: its acceptance, and never a time before
    /// it was written, whatever the mail service's clock says (7.7).
    #[must_use]
    pub fn started_at(&self) -> Option<Instant> {
        let written_at = self.resent_at.unwrap_or(self.committed_at);
        if self.is_void() { None } else { self.accepted_at.map(|at| at.max(written_at)) }
    }

    /// It is sent again to a recipient whom it had not reached. Where it had reached nobody it begins
    /// anew, with its reminders.
    pub(super) fn resent(&mut self, recipient: &Participant, at: Instant) {
        if self.is_void() {
            self.resent_at = Some(at);
            self.accepted_at = None;
            self.reminders = 0;
            self.reminded = None;
        }
        self.bounced.retain(|it| it != recipient);
    }
}
