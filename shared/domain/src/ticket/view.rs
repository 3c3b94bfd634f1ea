//! A cycle as it is seen under its agreement: everything that follows from recorded facts.
//!
//! Rule G7: met or missed, closed or open is a pure function of what happened and when. Nothing here
//! is stored; each subject adds its own questions to [`View`] in its own file.

use super::state::{Cycle, Ticket};
use crate::Instant;
use crate::agreement::Agreement;
use crate::standing::{self, Span};

/// One cycle of a ticket under the agreement that it is pinned to.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The cycle's facts.
    pub cycle: &'a Cycle,
    /// Intervals without service that touch it.
    pub spans: &'a [Span],
    /// Terms and calendar that hold for it (G6).
    pub agreement: &'a Agreement,
}

impl<'a> View<'a> {
    /// The current cycle of `ticket`; `agreement` is that of its pinned versions.
    #[must_use]
    pub fn current(ticket: &'a Ticket, agreement: &'a Agreement) -> Self {
        Self { cycle: &ticket.cycle, spans: &ticket.spans, agreement }
    }

    /// When the service ended for this cycle, if it did (10.5).
    pub(super) fn service_ended(&self) -> Option<Instant> {
        let since = self.cycle.clock_from.unwrap_or(self.cycle.received_at);
        standing::ended_at(self.spans, since)
    }
}
