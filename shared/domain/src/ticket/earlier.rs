//! The cycles of a ticket that have ended, with their results.
//!
//! > *9. Todas las solicitudes generan ticket.*
//!
//! Rules 9.0 and 7.8. Results of earlier cycles are frozen, and each of their clocks stays a row of its
//! own. The state keeps the current cycle and the one before; what came earlier is folded from the
//! events, as it was when nothing could change it any more.

use super::state::{Cycle, Ticket};
use super::view::View;
use crate::agreement::Agreement;
use crate::evidence::{Event, Hash};
use crate::standing::Span;

/// A cycle that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierCycle {
    /// The cycle.
    pub cycle: Cycle,
    /// The spans without service that touched it.
    pub spans: Vec<Span>,
}

impl EarlierCycle {
    /// The cycle under the agreement that it is pinned to.
    #[must_use]
    pub fn view<'a>(&'a self, agreement: &'a Agreement) -> View<'a> {
        View { cycle: &self.cycle, spans: &self.spans, agreement }
    }

    fn before(ticket: &Ticket) -> Option<Self> {
        let cycle = ticket.before.as_deref()?.clone();
        Some(Self { cycle, spans: ticket.spans.clone() })
    }
}

impl Ticket {
    /// The cycles before the current one, oldest first, folded from the whole history of the ticket.
    #[must_use]
    pub fn earlier_cycles<'a>(
        events: impl IntoIterator<Item = (&'a Event, &'a Hash)>,
    ) -> Vec<EarlierCycle> {
        let mut earlier = Vec::new();
        let mut ticket: Option<Self> = None;
        for (event, hash) in events {
            let Some(known) = &mut ticket else {
                ticket = Self::fold([(event, hash)]);
                continue;
            };
            let before = EarlierCycle::before(known);
            known.apply(event, hash);
            let kept = known.before.as_ref().map(|it| it.number);
            // The next cycle took its place in the state: nothing reaches it any more.
            earlier.extend(before.filter(|it| kept.is_some_and(|kept| kept > it.cycle.number)));
        }
        earlier.extend(ticket.as_ref().and_then(EarlierCycle::before));
        earlier
    }

    /// The cycle before the current one, where the history cannot be read: of it the state knows.
    #[must_use]
    pub fn cycle_before(&self) -> Vec<EarlierCycle> {
        EarlierCycle::before(self).into_iter().collect()
    }
}
