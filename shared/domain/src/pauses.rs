//! Pauses (7.7): what moves a target forward.
//!
//! "Los tiempos están sujetos a: […] información correcta del cliente, accesos necesarios otorgados
//! oportunamente." Paused time is measured, and the target moved, in the clock's own time.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::calendar::{OutOfCalendar, WorkCalendar, covers_answer};

/// One pause, half-open; open while `to` is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// When it began.
    pub from: Instant,
    /// When it ended, that instant excluded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Instant>,
}

impl Interval {
    /// Whether the pause runs at `at`.
    #[must_use]
    pub fn covers(&self, at: Instant) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}

/// A clock's own time.
#[derive(Debug, Clone, Copy)]
pub enum Counting<'a> {
    /// Natural time.
    Natural,
    /// Contracted time of a calendar.
    Contracted(&'a WorkCalendar),
}

/// A target after its pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The moved target; none while a pause that matters is open.
    pub at: Option<Instant>,
    /// While a pause that matters is open: the clock's own time that is left.
    pub left: Option<TimeDelta>,
    /// Own time of the pauses that counted and have ended.
    pub paused: TimeDelta,
}

/// Why a target cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// An instant or an answer outside the calendar (G1).
    #[error(transparent)]
    Calendar(#[from] OutOfCalendar),
    /// A pause that ends before it begins (7.7).
    #[error("pause {index} ends at {to}, before it begins at {from}")]
    ReversedPause {
        /// Its place in the list, from 0.
        index: usize,
        /// Its beginning.
        from: Instant,
        /// Its end.
        to: Instant,
    },
}

impl Counting<'_> {
    /// The earliest instant with `n` of the clock's own time since `t`.
    ///
    /// # Errors
    /// As [`WorkCalendar::advance`].
    pub fn advance(self, t: Instant, n: TimeDelta) -> Result<Instant, OutOfCalendar> {
        match self {
            Self::Natural if n < TimeDelta::zero() => Err(OutOfCalendar::Negative(t)),
            Self::Natural if !covers_answer(t + n) => Err(OutOfCalendar::Beyond(t)),
            Self::Natural => Ok(t + n),
            Self::Contracted(calendar) => calendar.advance(t, n),
        }
    }

    /// The earliest instant by which `percent` of the own time between two instants has passed, cut
    /// to whole seconds (7.10).
    pub(crate) fn part(
        self,
        from: Instant,
        to: Instant,
        percent: u8,
    ) -> Result<Instant, OutOfCalendar> {
        match self {
            Self::Natural => {
                let whole = self.elapsed(from, to)?.num_milliseconds();
                Ok(from + TimeDelta::seconds(whole * i64::from(percent) / 100_000))
            }
            Self::Contracted(calendar) => calendar.part(from, to, percent),
        }
    }

    /// The clock's own time between two instants.
    ///
    /// # Errors
    /// As [`WorkCalendar::elapsed`].
    pub fn elapsed(self, from: Instant, to: Instant) -> Result<TimeDelta, OutOfCalendar> {
        match self {
            Self::Natural if to < from => Err(OutOfCalendar::Reversed { from, to }),
            Self::Natural => Ok(to - from),
            Self::Contracted(calendar) => calendar.elapsed(from, to),
        }
    }
}

/// Moves `base` by the pauses (7.7): cut to `[receipt, ∞)`, taken in order, overlapping ones
/// merged; one that begins at or after the target as it then stands changes nothing.
///
/// # Errors
/// When a pause ends before it begins, or an instant lies outside the calendar.
pub fn moved(
    base: Instant,
    receipt: Instant,
    pauses: &[Interval],
    counting: Counting<'_>,
) -> Result<Moved, TargetError> {
    let mut moved = Moved { at: Some(base), left: None, paused: TimeDelta::zero() };
    if pauses.is_empty() {
        return Ok(moved);
    }
    let mut target = base;
    for pause in merged(receipt, pauses)? {
        if pause.from >= target {
            break;
        }
        let Some(to) = pause.to else {
            moved.at = None;
            moved.left = Some(counting.elapsed(pause.from, target)?);
            return Ok(moved);
        };
        let paused = counting.elapsed(pause.from, to)?;
        target = counting.advance(target, paused)?;
        moved.paused += paused;
    }
    moved.at = Some(target);
    Ok(moved)
}

/// The pauses cut to `[receipt, ∞)`, in order, overlapping and touching ones as one.
fn merged(receipt: Instant, pauses: &[Interval]) -> Result<Vec<Interval>, TargetError> {
    let mut cut = Vec::with_capacity(pauses.len());
    for (index, pause) in pauses.iter().enumerate() {
        if let Some(to) = pause.to
            && to < pause.from
        {
            return Err(TargetError::ReversedPause { index, from: pause.from, to });
        }
        let from = pause.from.max(receipt);
        if pause.to.is_none_or(|to| from < to) {
            cut.push(Interval { from, to: pause.to });
        }
    }
    cut.sort_unstable_by_key(|pause| pause.from);
    let mut merged: Vec<Interval> = Vec::with_capacity(cut.len());
    for pause in cut {
        match merged.last_mut() {
            // What begins while a pause is open belongs to it, whatever its own end.
            Some(Interval { to: None, .. }) => {}
            Some(Interval { to: Some(end), .. }) if pause.from > *end => merged.push(pause),
            Some(last) => {
                last.to = match (last.to, pause.to) {
                    (Some(one), Some(other)) => Some(one.max(other)),
                    (None, _) | (_, None) => None,
                };
            }
            None => merged.push(pause),
        }
    }
    Ok(merged)
}
