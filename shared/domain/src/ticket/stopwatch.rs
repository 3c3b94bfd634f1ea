//! The work stopwatch: whose the time of a ticket's life was.
//!
//! > *8. El cliente se compromete a: […] Atender y responder tickets oportunamente.*
//!
//! Rule G12. There are two stopwatches. The contractual one is attention (`clocks.rs`): it can be missed.
//! This one is information for the desk: it splits natural time from each receipt to its closing, and no
//! result follows from it. Time with a third party has no act of its own yet and is Millora's.

use chrono::TimeDelta;

use super::event::ReplyKind;
use super::view::View;
use crate::Instant;
use crate::pauses::Interval;
use crate::standing;

/// Natural time by whose it was; of several the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stopwatch {
    /// There was no service (10.5).
    pub suspended: TimeDelta,
    /// The client was to act: to answer a request or the question whether a mail is his, or to say whether a
    /// solution holds.
    pub client: TimeDelta,
    /// Everything else.
    pub millora: TimeDelta,
}

impl std::ops::Add for Stopwatch {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            suspended: self.suspended + other.suspended,
            client: self.client + other.client,
            millora: self.millora + other.millora,
        }
    }
}

impl View<'_> {
    /// How the life of this cycle splits, up to its closing, or to `now` while it is open.
    #[must_use]
    pub fn stopwatch(&self, now: Instant) -> Stopwatch {
        let from = self.cycle.received_at;
        let to = self.cycle.closure.as_ref().map_or(now, |closure| closure.at).max(from);
        let suspended = standing::pauses(self.spans);
        let client = self.client_is_to_act();
        let ends = |it: &Interval| [Some(it.from), it.to];
        let mut edges: Vec<Instant> =
            suspended.iter().chain(&client).flat_map(ends).flatten().collect();
        edges.retain(|edge| (from..to).contains(edge));
        edges.extend([from, to]);
        edges.sort_unstable();
        let within = |intervals: &[Interval], at| intervals.iter().any(|it| it.covers(at));
        let mut split = Stopwatch::default();
        for stretch in edges.windows(2) {
            let &[start, end] = stretch else { continue };
            let share = match (within(&suspended, start), within(&client, start)) {
                (true, _) => &mut split.suspended,
                (false, true) => &mut split.client,
                (false, false) => &mut split.millora,
            };
            *share += end - start;
        }
        split
    }

    /// The intervals in which the next step was the client's.
    fn client_is_to_act(&self) -> Vec<Interval> {
        let requests = self.awaiting().into_iter().map(|asked| asked.pause);
        let confirmations = self.awaiting_confirmation().into_iter().map(|it| it.pause());
        let solutions =
            self.cycle.outbound.iter().filter(|message| message.reply == ReplyKind::Solution);
        let judged = solutions.filter_map(|solution| {
            let from = solution.started_at()?;
            let messages = self.cycle.inbound.iter().filter(|it| !it.thanks);
            let to = messages.map(|it| it.received_at).filter(|at| *at >= from).min();
            Some(Interval { from, to })
        });
        requests.chain(confirmations).chain(judged).collect()
    }
}
