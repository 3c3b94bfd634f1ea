//! Where a clock that is moved stops: at every instant at which something may be due.
//!
//! A sweep at each of the 576 marks of two days would find nothing 570 times. So the clock stops at
//! every wake-up, at the sweep after every instant of the due index, at every sweep while a mail waits
//! in the bucket, and once a day at midnight.

use std::io;

use app::inbound::INBOUND;
use app::item::DUE_SHARDS;
use app::memory::MemorySchedules;
use app::ports::{Blobs as _, Env, Store as _};
use domain::{Instant, TimeDelta};

/// Minutes between two sweeps, as the template says.
const SWEEP_MINUTES: i64 = 5;
/// Sweeps in a row, five minutes apart, for what the sweep before could not finish; after that the
/// midnight sweep tries again.
const STUCK_SWEEPS_MAX: u32 = 24;
/// Entries of each shard of the due index that are looked at for the next instant.
const DUE_LOOK: u32 = 50;

/// The stops of a clock on its way.
#[derive(Debug, Default)]
pub(crate) struct Stops {
    /// Sweeps in a row that left something due.
    stuck: u32,
    /// When the next sweep is.
    pub(crate) sweep: Option<Instant>,
}

impl Stops {
    /// The next instant after `now` at which something may be due, at most `target`.
    ///
    /// # Errors
    /// When the store or the bucket does not answer.
    pub(crate) async fn next<E: Env<Schedules = MemorySchedules>>(
        &mut self,
        env: &E,
        now: Instant,
        target: Instant,
    ) -> io::Result<Instant> {
        let waits = env.blobs().list(INBOUND, None, 1).await.map_err(io::Error::other)?;
        let (mut ahead, mut is_behind) = (None::<Instant>, !waits.items.is_empty());
        for shard in 0..DUE_SHARDS {
            let page = env.store().due(shard, target, DUE_LOOK, None).await;
            for entry in page.map_err(io::Error::other)?.items {
                if entry.at > now {
                    ahead = Some(ahead.map_or(entry.at, |at| at.min(entry.at)));
                } else {
                    is_behind = true;
                }
            }
        }
        self.stuck = if is_behind { self.stuck + 1 } else { 0 };
        let again = (is_behind && self.stuck <= STUCK_SWEEPS_MAX).then(|| next_sweep(now));
        let found = ahead.map(sweep_at_or_after);
        self.sweep = [Some(next_midnight(now)), again, found].into_iter().flatten().min();
        let wake = env.schedules().next_at().map(|at| at.max(now));
        let stop = [self.sweep, wake].into_iter().flatten().min();
        Ok(stop.map_or(target, |stop| stop.min(target)))
    }
}

/// The first multiple of five minutes after `at`.
#[must_use]
pub(crate) fn next_sweep(at: Instant) -> Instant {
    let every = TimeDelta::minutes(SWEEP_MINUTES).num_milliseconds();
    Instant::from_millis((at.millis().div_euclid(every) + 1) * every)
}

/// The sweep that finds what is due at `at`.
fn sweep_at_or_after(at: Instant) -> Instant {
    next_sweep(at - TimeDelta::milliseconds(1))
}

/// The next 00:00 of Mexico City.
fn next_midnight(at: Instant) -> Instant {
    let day = at.date();
    let next = day.succ_opt().unwrap_or(day);
    Instant::from_local(next.and_time(chrono::NaiveTime::MIN))
}

#[cfg(test)]
mod tests {
    use domain::Instant;

    use super::{next_midnight, next_sweep, sweep_at_or_after};

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn sweeps_stand_on_multiples_of_five_minutes() {
        let table = [
            ("2026-11-20T10:00:00-06:00", "2026-11-20T10:05:00-06:00", "2026-11-20T10:00:00-06:00"),
            (
                "2026-11-20T10:00:00.001-06:00",
                "2026-11-20T10:05:00-06:00",
                "2026-11-20T10:05:00-06:00",
            ),
            (
                "2026-11-20T10:04:59.999-06:00",
                "2026-11-20T10:05:00-06:00",
                "2026-11-20T10:05:00-06:00",
            ),
        ];
        for (now, next, finds) in table {
            assert_eq!(next_sweep(at(now)), at(next), "{now}");
            assert_eq!(sweep_at_or_after(at(now)), at(finds), "{now}");
        }
    }

    #[test]
    fn midnight_is_that_of_mexico_city() {
        let table = [
            ("2026-11-20T10:00:00-06:00", "2026-11-21T00:00:00-06:00"),
            ("2026-11-21T00:00:00-06:00", "2026-11-22T00:00:00-06:00"),
            ("2026-11-21T05:59:59Z", "2026-11-21T00:00:00-06:00"),
        ];
        for (now, midnight) in table {
            assert_eq!(next_midnight(at(now)), at(midnight), "{now}");
        }
    }
}
