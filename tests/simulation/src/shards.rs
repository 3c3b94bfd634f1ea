//! The table's stream as the service brings it: in order within a shard, batch by batch, again from the
//! first record that failed, split in two when a whole batch fails, and not for ever.

use std::collections::VecDeque;

use app::relay::StreamRecord;
use domain::Instant;

/// Records in one batch, as deployed.
const BATCH: usize = 10;
/// A record is tried so often, as deployed; then it goes to the queue of what failed.
const TRIES_MAX: u32 = 3;

/// One shard.
#[derive(Debug, Clone, Default)]
pub struct Shard {
    waiting: VecDeque<(Instant, StreamRecord)>,
    /// A batch is out.
    busy: bool,
    tries: u32,
    /// The next batch is at most so large, after one failed as a whole.
    bisected: Option<usize>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Batch {
    /// Everything was done.
    Done,
    /// The record with this number, and what comes after it, has to come again.
    From(usize),
    /// The function died.
    Died,
}

impl Shard {
    /// A record that can be read from an instant on; no earlier than those before it.
    pub fn push(&mut self, at: Instant, record: StreamRecord) {
        let at = self.waiting.back().map_or(at, |(before, _)| at.max(*before));
        self.waiting.push_back((at, record));
    }

    /// When the next batch can be read; none while one is out.
    #[must_use]
    pub fn next_at(&self) -> Option<Instant> {
        self.waiting.front().map(|(at, _)| *at).filter(|_| !self.busy)
    }

    /// Reads the next batch.
    pub fn read(&mut self, now: Instant) -> Vec<StreamRecord> {
        let size = self.bisected.unwrap_or(BATCH).max(1);
        let ready = self.waiting.iter().take(size).take_while(|(at, _)| *at <= now);
        let records: Vec<_> = ready.map(|(_, record)| record.clone()).collect();
        self.busy = !records.is_empty();
        records
    }

    /// A batch came back.
    pub fn settle(&mut self, read: &[StreamRecord], batch: Batch) {
        self.busy = false;
        match batch {
            Batch::Done => self.checkpoint(read),
            Batch::From(number) => {
                let number = number.to_string();
                let is_it = |it: &StreamRecord| it.dynamodb.sequence_number == number;
                let place = read.iter().position(is_it).unwrap_or_default();
                if place > 0 {
                    self.checkpoint(&read[..place]);
                }
                self.again();
            }
            Batch::Died => {
                self.bisected = Some((read.len() / 2).max(1));
                self.again();
            }
        }
    }

    fn checkpoint(&mut self, records: &[StreamRecord]) {
        for record in records {
            if self.waiting.front().is_some_and(|(_, first)| first == record) {
                self.waiting.pop_front();
            }
        }
        self.tries = 0;
        self.bisected = None;
    }

    fn again(&mut self) {
        self.tries += 1;
        if self.tries >= TRIES_MAX {
            self.waiting.pop_front();
            self.tries = 0;
            self.bisected = None;
        }
    }
}
