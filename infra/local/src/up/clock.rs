//! The bundle's clock: the host's, moved forward, or held still. Never backwards.
//!
//! What it says is at least what it ever said: if the host's clock is set back, even between two
//! runs, this one waits until the host's has caught up. The file keeps how far it is ahead and the
//! last instant that is known to have been told.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use app::ports::Clock;
use aws::clock::SystemClock;
use domain::Instant;
use serde::{Deserialize, Serialize};

use super::folder::{Access, write_atomically};

/// The clock. `W` is the host's clock, which a test replaces.
#[derive(Debug)]
pub(crate) struct ShiftedClock<W = SystemClock> {
    wall: W,
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The last instant that was told.
    told: Instant,
    pace: Pace,
    frozen: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// The host's clock plus so many milliseconds.
    Runs { ahead_ms: i64 },
    /// Stands at `told` until it is moved or let go.
    Held,
}

/// How to start.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ClockStart {
    /// Where a clock starts that has never run.
    pub(crate) at: Option<Instant>,
    /// Whether time moves only when it is moved.
    pub(crate) frozen: bool,
}

/// What the file holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    /// RFC 3339: the clock has told this instant or an earlier one.
    told: String,
    /// Milliseconds by which it is ahead of the host's.
    ahead_ms: i64,
    /// Whether it stood still.
    frozen: bool,
}

impl ShiftedClock {
    /// The clock that `path` describes, or a new one.
    ///
    /// # Errors
    /// When the file cannot be read, or does not say what it should.
    pub(crate) fn open(path: &Path, start: ClockStart) -> io::Result<Self> {
        Self::over(SystemClock, path, start)
    }

    /// The present instant of the clock that `path` describes, which is left as it is; none where it
    /// has never run.
    ///
    /// # Errors
    /// When the file cannot be read, or does not say what it should.
    pub(crate) fn peek(path: &Path) -> io::Result<Option<Instant>> {
        let here = SystemClock.now().millis();
        Ok(read(path)?.map(|(told, saved)| {
            let shown = Instant::from_millis(here.saturating_add(saved.ahead_ms));
            if saved.frozen { told } else { told.max(shown) }
        }))
    }
}

impl<W: Clock> ShiftedClock<W> {
    /// The same over another host's clock.
    ///
    /// # Errors
    /// When the file cannot be read, or does not say what it should.
    pub(crate) fn over(wall: W, path: &Path, start: ClockStart) -> io::Result<Self> {
        let here = wall.now();
        let (told, mut ahead_ms) = match read(path)? {
            Some((told, saved)) if saved.frozen => (told, told.millis() - here.millis()),
            Some((told, saved)) => (told, saved.ahead_ms),
            None => {
                let at = start.at.unwrap_or(here);
                (at, at.millis() - here.millis())
            }
        };
        let told = told.max(Instant::from_millis(here.millis().saturating_add(ahead_ms)));
        if start.frozen {
            ahead_ms = 0;
        }
        let pace = if start.frozen { Pace::Held } else { Pace::Runs { ahead_ms } };
        let state = Mutex::new(State { told, pace, frozen: start.frozen });
        let clock = Self { wall, path: path.to_owned(), state };
        clock.save()?;
        Ok(clock)
    }

    /// Holds the clock where it stands and returns where that is.
    pub(crate) fn hold(&self) -> Instant {
        let mut state = self.lock();
        let now = self.tell(&mut state);
        state.pace = Pace::Held;
        now
    }

    /// Moves a held clock to `to`; an instant that has passed leaves it where it is. The file is
    /// written first, so that not even a crash turns it back.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn move_to(&self, to: Instant) -> io::Result<()> {
        let mut state = self.lock();
        let to = to.max(state.told);
        write(&self.path, to, to.millis() - self.wall.now().millis(), state.frozen)?;
        state.told = to;
        Ok(())
    }

    /// Lets the clock go on from where it is held, unless it is frozen.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn release(&self) -> io::Result<()> {
        let mut state = self.lock();
        if !state.frozen {
            let ahead_ms = state.told.millis() - self.wall.now().millis();
            state.pace = Pace::Runs { ahead_ms };
        }
        drop(state);
        self.save()
    }

    /// Keeps the present instant in the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self) -> io::Result<()> {
        let mut state = self.lock();
        let told = self.tell(&mut state);
        let ahead_ms = match state.pace {
            Pace::Runs { ahead_ms } => ahead_ms,
            Pace::Held => told.millis() - self.wall.now().millis(),
        };
        write(&self.path, told, ahead_ms, state.frozen)
    }

    /// Whether time moves only when it is moved.
    #[must_use]
    pub(crate) fn is_frozen(&self) -> bool {
        self.lock().frozen
    }

    fn tell(&self, state: &mut State) -> Instant {
        match state.pace {
            Pace::Held => {}
            Pace::Runs { ahead_ms } => {
                let shown = self.wall.now().millis().saturating_add(ahead_ms);
                state.told = state.told.max(Instant::from_millis(shown));
            }
        }
        state.told
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Clock> Clock for ShiftedClock<W> {
    fn now(&self) -> Instant {
        self.tell(&mut self.lock())
    }
}

fn read(path: &Path) -> io::Result<Option<(Instant, Saved)>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let damaged = |what: String| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: {what}", path.display()))
    };
    let saved: Saved = toml::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    let told = Instant::parse_rfc3339(&saved.told).map_err(|error| damaged(error.to_string()))?;
    Ok(Some((told, saved)))
}

fn write(path: &Path, told: Instant, ahead_ms: i64, frozen: bool) -> io::Result<()> {
    let saved = Saved { told: told.to_rfc3339(), ahead_ms, frozen };
    let text = toml::to_string(&saved).map_err(io::Error::other)?;
    write_atomically(path, text.as_bytes(), Access::Everyone)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use app::ports::Clock;
    use domain::Instant;
    use proptest::prelude::*;

    use super::{ClockStart, ShiftedClock};

    #[derive(Debug, Clone)]
    struct Host(Arc<AtomicI64>);

    impl Host {
        fn at(text: &str) -> Self {
            Self(Arc::new(AtomicI64::new(at(text).millis())))
        }

        fn add(&self, ms: i64) {
            self.0.fetch_add(ms, Ordering::SeqCst);
        }
    }

    impl Clock for Host {
        fn now(&self) -> Instant {
            Instant::from_millis(self.0.load(Ordering::SeqCst))
        }
    }

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    const START: &str = "2026-11-20T10:00:00-06:00";
    const LATER: &str = "2026-11-22T10:00:00-06:00";

    fn open(host: &Host, home: &tempfile::TempDir, start: ClockStart) -> ShiftedClock<Host> {
        ShiftedClock::over(host.clone(), &home.path().join("clock.toml"), start).unwrap()
    }

    #[test]
    fn it_runs_with_the_host_until_it_is_moved_and_from_there_on() {
        let (host, home) = (Host::at(START), tempfile::tempdir().unwrap());
        let clock = open(&host, &home, ClockStart::default());
        host.add(5);
        assert_eq!(clock.now().millis(), at(START).millis() + 5);
        clock.hold();
        clock.move_to(at(LATER)).unwrap();
        host.add(60_000);
        assert_eq!(clock.now(), at(LATER), "a held clock stands still");
        clock.release().unwrap();
        host.add(7);
        assert_eq!(clock.now().millis(), at(LATER).millis() + 7);
        let again = open(&host, &home, ClockStart::default());
        host.add(1);
        assert_eq!(again.now().millis(), at(LATER).millis() + 8);
    }

    #[test]
    fn a_start_counts_only_for_a_clock_that_has_never_run() {
        let (host, home) = (Host::at(LATER), tempfile::tempdir().unwrap());
        let start = |text| ClockStart { at: Some(at(text)), frozen: true };
        let clock = open(&host, &home, start(START));
        assert_eq!(clock.now(), at(START));
        clock.move_to(at("2026-11-21T10:00:00-06:00")).unwrap();
        let again = open(&host, &home, start(START));
        assert_eq!(again.now(), at("2026-11-21T10:00:00-06:00"));
    }

    #[test]
    fn a_frozen_clock_stands_through_restarts_and_then_runs_from_there() {
        let (host, home) = (Host::at(LATER), tempfile::tempdir().unwrap());
        let clock = open(&host, &home, ClockStart { at: Some(at(START)), frozen: true });
        host.add(3_600_000);
        clock.release().unwrap();
        assert_eq!(clock.now(), at(START), "letting a frozen clock go changes nothing");
        let runs = open(&host, &home, ClockStart::default());
        assert_eq!(runs.now(), at(START));
        host.add(10);
        assert_eq!(runs.now().millis(), at(START).millis() + 10);
    }

    #[test]
    fn a_damaged_file_is_named() {
        let (host, home) = (Host::at(START), tempfile::tempdir().unwrap());
        let path = home.path().join("clock.toml");
        std::fs::write(&path, "told = 7").unwrap();
        let error = ShiftedClock::over(host, &path, ClockStart::default()).unwrap_err();
        assert!(error.to_string().contains("clock.toml"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..Default::default() })]

        /// Whatever the host's clock does, and however the bundle is held, moved, let go, killed and
        /// started again: no instant is earlier than one told before and kept.
        #[test]
        fn it_never_goes_back(steps in prop::collection::vec((0_u8..6, -5_000_i64..5_000), 1..40)) {
            let (host, home) = (Host::at(START), tempfile::tempdir().unwrap());
            let mut clock = open(&host, &home, ClockStart::default());
            let mut seen = clock.now();
            for (step, ms) in steps {
                match step {
                    0 => { clock.hold(); }
                    1 => { clock.hold(); clock.move_to(seen + domain::TimeDelta::milliseconds(ms)).unwrap(); }
                    2 => clock.release().unwrap(),
                    3 => { clock.save().unwrap(); clock = open(&host, &home, ClockStart::default()); }
                    4 => { clock.save().unwrap(); clock = open(&host, &home, ClockStart { at: None, frozen: true }); }
                    _ => host.add(ms),
                }
                let now = clock.now();
                prop_assert!(now >= seen, "{now} after {seen}");
                seen = now;
            }
        }
    }
}
