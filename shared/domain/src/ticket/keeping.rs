//! What a cycle keeps in its state of a long conversation: what can still decide something.
//!
//! Every message stays in the events; the state has limits. A message leaves it when others decide
//! whatever it could: who attended, what pauses, what was the solution, what was answered last.

use super::event::ReplyKind;
use super::limits::MESSAGES_MAX;
use super::state::{ActDone, Cycle, Inbound, Outbound};
use crate::Instant;

/// So many accepted replies are kept where the first one decides: the next one takes its place when it
/// turns out to have reached nobody (G15).
const SPARE: usize = 2;

impl Cycle {
    /// Adds a participant's message in the order of receipt.
    pub(super) fn wrote(&mut self, inbound: Inbound) {
        let place = self.inbound.partition_point(|it| it.received_at <= inbound.received_at);
        self.inbound.insert(place, inbound);
        self.trim_inbound(MESSAGES_MAX);
    }

    /// Adds an act of attention in the order of their starts.
    pub(super) fn act_done(&mut self, done: ActDone) {
        let place = self.acts.partition_point(|it| it.started_at <= done.started_at);
        self.acts.insert(place, done);
        if self.acts.len() > MESSAGES_MAX {
            // The first ones since a clock's start are attention, the last one is an answer.
            let first = |place: usize| {
                self.starts_of_clocks().any(|since| {
                    let at = |place: usize| self.acts[place].started_at;
                    at(place) >= since && (place == 0 || at(place - 1) < since)
                })
            };
            let free = (0..self.acts.len() - 1).find(|place| !first(*place));
            self.acts.remove(free.unwrap_or(MESSAGES_MAX / 2));
        }
    }

    pub(super) fn trim_inbound(&mut self, most: usize) {
        while self.inbound.len() > most {
            let place = self.first_redundant_inbound();
            self.inbound.remove(place);
        }
    }

    pub(super) fn trim_outbound(&mut self, most: usize) {
        while self.outbound.len() > most {
            let mut places = 0..self.outbound.len();
            let free = places.clone().find(|place| !self.decides(*place));
            let asks = |place: usize| self.outbound[place].reply.is_request();
            let spare = places.find(|place| *place >= SPARE && !asks(*place));
            self.outbound.remove(free.or(spare).unwrap_or(SPARE));
        }
    }

    /// Whether a message of the desk can still decide something: a request pauses; one of the first
    /// accepted ones since a clock's start is the attention; one of the last solutions closes; the
    /// last ones answer.
    fn decides(&self, place: usize) -> bool {
        let message = &self.outbound[place];
        let (before, after) = (&self.outbound[..place], &self.outbound[place + 1..]);
        let is_solution = |it: &Outbound| it.reply == ReplyKind::Solution;
        let closes =
            is_solution(message) && after.iter().filter(|it| is_solution(it)).count() < SPARE;
        let attends = message.reply.is_attention()
            && self.starts_of_clocks().any(|since| {
                let sent = |it: &&Outbound| it.committed_at >= since && it.started_at().is_some();
                let attention = before.iter().filter(|it| it.reply.is_attention());
                message.committed_at >= since && attention.filter(sent).count() < SPARE
            });
        message.reply.is_request() || closes || attends || after.len() < SPARE
    }

    /// The instants from which on an act is attention for one of the clocks; the closing is one of them,
    /// since a reply that comes to light may begin the next cycle right after it.
    fn starts_of_clocks(&self) -> impl Iterator<Item = Instant> {
        let declared = self.spells.iter().map(|spell| spell.declared_at);
        let closed = self.closure.iter().map(|closure| closure.at);
        std::iter::once(self.received_at).chain(declared).chain(closed)
    }

    /// A message decides nothing when an earlier one was received since the same act of the desk: it
    /// is the first one that ends a pause, answers a solution or starts a reply clock. Mere thanks do
    /// none of that for it.
    fn first_redundant_inbound(&self) -> usize {
        let boundary = |from: Instant, to: Instant| {
            let within = |at: Instant| from <= at && at <= to;
            let sent = |it: &Outbound| {
                let later = it.resent_at.into_iter().chain(it.accepted_at);
                std::iter::once(it.committed_at).chain(later).any(within)
            };
            self.outbound.iter().any(sent) || self.acts.iter().any(|act| within(act.started_at))
        };
        let redundant = self.inbound.windows(2).enumerate().find(|(_, pair)| {
            !pair[0].thanks && !boundary(pair[0].received_at, pair[1].received_at)
        });
        redundant.map_or(self.inbound.len() / 2, |(place, _)| place + 1)
    }
}
