//! Moving the clock: from one instant at which something is due to the next, in order, and at each
//! everything is done before going on, as if the time had passed.

use std::io;

use app::ports::Clock as _;
use domain::{Instant, TimeDelta};
use serde::Serialize;

use super::mailbox::Mail;
use super::stops::{Stops, next_sweep};
use super::world::{Turn, World};

/// The clock is moved by at most so many days at once.
pub(crate) const DAYS_MAX: i64 = 400;

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
        let mut ahead = Stops::default();
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
            now = ahead.next(self.env.as_ref(), now, target).await?;
            turn.sweep_at(ahead.sweep);
            self.env.clock.move_to(now)?;
        }
    }
}
