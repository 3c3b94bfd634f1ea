//! The contracted time inside one day, as offsets from the day's beginning.

use super::MinuteOfDay;
use super::zone::{Day, ZONE};

/// One contracted interval of a day, half-open, in milliseconds since the day's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    from: i64,
    to: i64,
    /// Contracted milliseconds of the day before this interval.
    before: i64,
}

/// The contracted intervals of a day, sorted and apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shape {
    pieces: Vec<Piece>,
    total: i64,
}

impl Shape {
    /// A day without a clock change.
    pub(super) fn plain(hours: &[(MinuteOfDay, MinuteOfDay)]) -> Self {
        let millis = |time: MinuteOfDay| i64::from(time.minutes()) * 60_000;
        Self::union(hours.iter().map(|(from, to)| (millis(*from), millis(*to))).collect())
    }

    /// Any day: its ends are wall-clock times turned into instants by the rules of G1. On a day
    /// with a clock change, what they enclose can overlap or vanish; contracted time is the union.
    pub(super) fn on(day: Day, hours: &[(MinuteOfDay, MinuteOfDay)]) -> Self {
        let offset = |time: MinuteOfDay| ZONE.at(day, time) - ZONE.start(day);
        Self::union(hours.iter().map(|(from, to)| (offset(*from), offset(*to))).collect())
    }

    fn union(mut intervals: Vec<(i64, i64)>) -> Self {
        intervals.retain(|(from, to)| from < to);
        intervals.sort_unstable();
        let mut pieces: Vec<Piece> = Vec::with_capacity(intervals.len());
        for (from, to) in intervals {
            match pieces.last_mut() {
                Some(last) if from <= last.to => last.to = last.to.max(to),
                Some(_) | None => pieces.push(Piece { from, to, before: 0 }),
            }
        }
        let mut total = 0;
        for piece in &mut pieces {
            piece.before = total;
            total += piece.to - piece.from;
        }
        Self { pieces, total }
    }

    /// All of the day's contracted milliseconds.
    pub(super) const fn total(&self) -> i64 {
        self.total
    }

    /// Where the last interval ends.
    pub(super) fn end(&self) -> Option<i64> {
        self.pieces.last().map(|piece| piece.to)
    }

    /// Contracted milliseconds from the day's beginning to an offset.
    pub(super) fn within(&self, offset: i64) -> i64 {
        let mut passed = 0;
        for piece in &self.pieces {
            if offset <= piece.from {
                break;
            }
            passed = piece.before + offset.min(piece.to) - piece.from;
        }
        passed
    }

    /// As [`Self::within`], but counting only intervals that have ended.
    pub(super) fn within_closed(&self, offset: i64) -> i64 {
        let ended = self.pieces.iter().rev().find(|piece| piece.to <= offset);
        ended.map_or(0, |piece| piece.before + piece.to - piece.from)
    }

    /// Whether an offset lies inside an interval.
    pub(super) fn is_open(&self, offset: i64) -> bool {
        self.pieces.iter().any(|piece| piece.from <= offset && offset < piece.to)
    }

    /// The earliest offset by which that many of the day's contracted milliseconds have passed; the
    /// caller asks for at least one and no more than there are.
    pub(super) fn earliest(&self, passed: i64) -> i64 {
        let mut found = 0;
        for piece in &self.pieces {
            if passed <= piece.before {
                break;
            }
            found = piece.from + passed - piece.before;
        }
        found
    }
}
