//! Moving the clock: from one instant at which something is due to the next, in order, and at each
//! everything is done before going on, as if the time had passed.
//!
//! A sweep at each of the 576 marks of two days would find nothing 570 times. So the clock stops at
//! every wake-up, at the sweep after every instant of the due index, at every sweep while a mail waits
//! in the bucket, and once a day at midnight.

use std::io;

use app::inbound::INBOUND;
use app::item::DUE_SHARDS;
use app::ports::{Blobs as _, Clock as _, Store as _};
use domain::{Instant, TimeDelta};
use serde::Serialize;

use super::mailbox::Mail;
use super::world::{Turn, World, next_sweep};

/// The clock is moved by at most so many days at once.
pub(crate) const DAYS_MAX: i64 = 400;
/// Sweeps in a row, five minutes apart, for what the sweep before could not finish; after that the
/// midnight sweep tries again.
const STUCK_SWEEPS_MAX: u32 = 24;
/// Entries of each shard of the due index that are looked at for the next instant.
const DUE_LOOK: u32 = 50;

/// What happened while the clock was moved.
#[derive(Debug, Serialize)]
pub(crate) struct Moved {
    /// Where the clock stood.
    pub(crate) from: String,
    /// Where it stands.
    pub(crate) now: String,
    /// The same in words.
    pub(crate) spanish: String,
    /// Where something happened, in order.
    pub(crate) stops: Vec<Stop>,
}

/// One instant at which something happened.
#[derive(Debug, Serialize)]
pub(crate) struct Stop {
    /// The instant, RFC 3339.
    pub(crate) at: String,
    /// The same for lists: "vie 20 nov 2026, 18:00 h".
    pub(crate) spanish: String,
    /// Which functions were woken, and for what.
    pub(crate) wakes: Vec<String>,
    /// The mails that were sent.
    pub(crate) mails: Vec<Mail>,
}

/// Why the clock was not moved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdvanceError {
    /// The instant has passed.
    #[error("El reloj nunca va hacia atrás: ahora es {now} y se pidió {to}.", now = .0.spanish(), to = .1.spanish())]
    Backwards(Instant, Instant),
    /// Too far.
    #[error("De una vez se adelantan a lo más {DAYS_MAX} días; pida menos, o varias veces.")]
    TooFar,
    /// Something underneath does not answer. The clock stands where it was brought to.
    #[error("No se pudo seguir: {0}")]
    Io(#[from] io::Error),
}

/// How far to move the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// To this instant.
    To(Instant),
    /// By this much from where it stands.
    By(TimeDelta),
}

impl World {
    /// Moves the clock, doing everything that falls due on the way.
    ///
    /// # Errors
    /// When the instant has passed or lies too far ahead, or something does not answer.
    pub(crate) async fn advance(&self, how: Move) -> Result<Moved, AdvanceError> {
        let mut turn = self.turn().await;
        let from = self.env.clock.hold();
        let result = self.advance_held(&mut turn, from, how).await;
        self.env.clock.release()?;
        let stops = result?;
        let now = self.env.clock.now();
        Ok(Moved { from: from.to_rfc3339(), now: now.to_rfc3339(), spanish: now.spanish(), stops })
    }

    async fn advance_held(
        &self,
        turn: &mut Turn,
        from: Instant,
        how: Move,
    ) -> Result<Vec<Stop>, AdvanceError> {
        let target = match how {
            Move::To(at) => at,
            Move::By(span) => from + span,
        };
        if target < from {
            return Err(AdvanceError::Backwards(from, target));
        }
        if target - from > TimeDelta::days(DAYS_MAX) {
            return Err(AdvanceError::TooFar);
        }
        let mut stops = Vec::new();
        let mut stuck = Stuck::default();
        let mut now = from;
        loop {
            let last = self.env.mailer.last_number();
            let done = self.work(turn).await?;
            let mails = self.env.mailer.mails_after(last);
            if !mails.is_empty() || !done.wakes.is_empty() {
                let (at, spanish) = (now.to_rfc3339(), now.spanish_short());
                stops.push(Stop { at, spanish, wakes: done.wakes, mails });
            }
            if now >= target {
                turn.sweep_at(Some(next_sweep(now)));
                return Ok(stops);
            }
            now = self.next_stop(now, target, &mut stuck).await?;
            turn.sweep_at(stuck.sweep);
            self.env.clock.move_to(now)?;
        }
    }

    /// The next instant at which something may be due, at most `target`.
    async fn next_stop(
        &self,
        now: Instant,
        target: Instant,
        stuck: &mut Stuck,
    ) -> io::Result<Instant> {
        let waits = self.env.blobs.list(INBOUND, None, 1).await.map_err(io::Error::other)?;
        let (mut ahead, mut is_behind) = (None::<Instant>, !waits.items.is_empty());
        for shard in 0..DUE_SHARDS {
            let page = self.env.store.due(shard, target, DUE_LOOK, None).await;
            for entry in page.map_err(io::Error::other)?.items {
                if entry.at > now {
                    ahead = Some(ahead.map_or(entry.at, |at| at.min(entry.at)));
                } else {
                    is_behind = true;
                }
            }
        }
        stuck.rounds = if is_behind { stuck.rounds + 1 } else { 0 };
        let again = (is_behind && stuck.rounds <= STUCK_SWEEPS_MAX).then(|| next_sweep(now));
        let found = ahead.map(sweep_at_or_after);
        stuck.sweep = [Some(next_midnight(now)), again, found].into_iter().flatten().min();
        let wake = self.env.schedules.next_at().map(|at| at.max(now));
        let stop = [stuck.sweep, wake].into_iter().flatten().min();
        Ok(stop.map_or(target, |stop| stop.min(target)))
    }
}

/// What is due and was not finished, and when the next sweep is.
#[derive(Debug, Default)]
struct Stuck {
    rounds: u32,
    sweep: Option<Instant>,
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

    use super::{next_midnight, sweep_at_or_after};
    use crate::up::world::next_sweep;

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
