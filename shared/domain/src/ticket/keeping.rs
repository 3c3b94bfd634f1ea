//! What a cycle keeps in its state of a long conversation: what can still decide something.
//!
//! Every message stays in the events; the state has limits. A message leaves it when others decide
//! whatever it could: who attended (2.1, 4.5), what pauses (7.7), what was the solution and who answered
//! it (9.4), what was answered last (7.9).

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
            // The first ones since a clock's start are attention, the last one is an answer; there are
            // fewer clocks than places.
            let first = |place: usize| {
                self.starts_of_clocks().any(|since| {
                    let at = |place: usize| self.acts[place].started_at;
                    at(place) >= since && (place == 0 || at(place - 1) < since)
                })
            };
            let free = (0..self.acts.len()).find(|place| !first(*place));
            if let Some(place) = free {
                self.acts.remove(place);
            }
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
            let free = |spare| places.clone().find(|place| !self.decides(*place, spare));
            // Where all of them may decide, what would only take another's place leaves.
            let free = free(SPARE).or_else(|| free(1));
            let asks = |place: usize| self.outbound[place].reply.is_request();
            let later = places.find(|place| *place >= SPARE && !asks(*place));
            self.outbound.remove(free.or(later).unwrap_or(SPARE));
        }
    }

    /// Whether a message of the desk can still decide something: so many of the first accepted ones since
    /// a clock's start may be the attention, and others may be answered.
    fn decides(&self, place: usize, spare: usize) -> bool {
        let message = &self.outbound[place];
        let attends = message.reply.is_attention()
            && self.starts_of_clocks().any(|since| {
                let sent = |it: &&Outbound| it.committed_at >= since && it.started_at().is_some();
                let before = self.outbound[..place].iter();
                let attention = before.filter(|it| it.reply.is_attention());
                message.committed_at >= since && attention.filter(sent).count() < spare
            });
        attends || self.may_be_answered(place, spare)
    }

    /// Whether it matters what was written since a message of the desk: a request pauses, one of the last
    /// solutions closes, one of the last messages is the answer to what came before it.
    fn may_be_answered(&self, place: usize, spare: usize) -> bool {
        let message = &self.outbound[place];
        let after = &self.outbound[place + 1..];
        let is_solution = |it: &Outbound| it.reply == ReplyKind::Solution;
        let closes =
            is_solution(message) && after.iter().filter(|it| is_solution(it)).count() < spare;
        message.reply.is_request() || closes || after.len() < spare
    }

    /// The instants from which on an act is attention for one of the clocks; the closing is one of them,
    /// since a reply that comes to light may begin the next cycle right after it.
    fn starts_of_clocks(&self) -> impl Iterator<Item = Instant> {
        let declared = self.spells.iter().map(|spell| spell.declared_at);
        let closed = self.closure.iter().map(|closure| closure.at);
        let taken = self.taken.iter().map(|taken| taken.at);
        std::iter::once(self.received_at).chain(declared).chain(taken).chain(closed)
    }

    /// A message decides nothing when an earlier one was received since the same act of the desk: it
    /// is the first one that ends a pause, answers a solution or starts a reply clock; or it is the first
    /// one since the closing, and reopens. Mere thanks do none of that for it.
    fn first_redundant_inbound(&self) -> usize {
        let boundary = |from: Instant, to: Instant| {
            let within = |at: Instant| from <= at && at <= to;
            let sent = |it: &Outbound| {
                let later = it.resent_at.into_iter().chain(it.accepted_at);
                std::iter::once(it.committed_at).chain(later).any(within)
            };
            let mut messages = self.outbound.iter().enumerate();
            messages.any(|(place, it)| self.may_be_answered(place, SPARE) && sent(it))
                || self.acts.last().is_some_and(|act| within(act.started_at))
                || self.closure.as_ref().is_some_and(|closure| within(closure.at))
        };
        let redundant = self.inbound.windows(2).enumerate().find(|(_, pair)| {
            !pair[0].thanks && !boundary(pair[0].received_at, pair[1].received_at)
        });
        redundant.map_or(self.inbound.len() / 2, |(place, _)| place + 1)
    }
}
