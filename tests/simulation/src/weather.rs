//! What goes wrong around the calls of one run of a function.

use std::sync::{Mutex, MutexGuard, PoisonError};

use app::memory::faults::{Call, Edge, Failure, Script, Step};
use domain::TimeDelta;

use crate::dice::Dice;
use crate::life::Weather;

/// A call of a run that waits takes at least so many milliseconds.
const LATENCY_MS: (i64, i64) = (1, 40);
/// One in so many calls of a slow run is very slow.
const STALLS: u64 = 40;
/// How long such a call takes.
const STALL_MS: (i64, i64) = (1_000, 25_000);

/// What is wrong with one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Nothing.
    None,
    /// It dies at one side of a call.
    Crash(usize, Edge),
    /// A call fails.
    Fails(usize, Edge, Failure),
    /// So many of a thousand calls fail.
    Flaky(u64),
}

/// The script of one run.
pub struct Run {
    state: Mutex<State>,
}

struct State {
    dice: Dice,
    trouble: Trouble,
    slow: bool,
    /// How long the call takes at which the run waits.
    waits: TimeDelta,
    /// Mails that the run handed over: notice and subject.
    sent: Vec<(String, String)>,
    /// Something was wrong since the first of them.
    blemished: bool,
    calls: usize,
    happened: Vec<String>,
}

impl Run {
    /// A run under a weather, from its own chance.
    #[must_use]
    pub fn new(weather: Weather, mut dice: Dice) -> Self {
        let trouble = trouble(weather, &mut dice);
        let slow = weather.slow && dice.happens(350);
        let state = State {
            dice,
            trouble,
            slow,
            waits: TimeDelta::zero(),
            sent: Vec::new(),
            blemished: false,
            calls: 0,
            happened: Vec::new(),
        };
        Self { state: Mutex::new(state) }
    }

    /// For how long the call takes at which the run waits now.
    #[must_use]
    pub fn waits(&self) -> TimeDelta {
        self.lock().waits
    }

    /// Something outside of its calls went wrong: it was dropped.
    pub fn blemish(&self) {
        self.lock().blemish();
    }

    /// The mails that it handed over in a way that may repeat them (A5).
    #[must_use]
    pub fn doubtful(&self) -> Vec<(String, String)> {
        let state = self.lock();
        if state.blemished { state.sent.clone() } else { Vec::new() }
    }

    /// How many calls it made.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.lock().calls
    }

    /// What went wrong, in words.
    #[must_use]
    pub fn happened(&self) -> Vec<String> {
        self.lock().happened.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn trouble(weather: Weather, dice: &mut Dice) -> Trouble {
    let number = usize::try_from(dice.below(14)).unwrap_or_default();
    let edge = *dice.one(&Edge::ALL);
    if weather.crashes && dice.happens(140) {
        return Trouble::Crash(number, edge);
    }
    if weather.errors && dice.happens(140) {
        let failure = *dice.one(&[Failure::Busy, Failure::Unknown]);
        return Trouble::Fails(number, edge, failure);
    }
    if weather.errors && dice.happens(60) {
        return Trouble::Flaky(dice.below(400));
    }
    Trouble::None
}

impl State {
    /// What was handed over before may go out again; what comes later is claimed anew.
    const fn blemish(&mut self) {
        self.blemished |= !self.sent.is_empty();
    }

    fn at(&mut self, number: usize, name: &'static str, edge: Edge) -> Step {
        let step = match self.trouble {
            Trouble::None => Step::Pass,
            Trouble::Crash(at, side) if (at, side) == (number, edge) => Step::Cut,
            Trouble::Fails(at, side, failure) if (at, side) == (number, edge) => {
                Step::Fail(failure)
            }
            Trouble::Flaky(often) if self.dice.happens(often / 2) => {
                Step::Fail(*self.dice.one(&[Failure::Busy, Failure::Unknown]))
            }
            Trouble::Crash(..) | Trouble::Fails(..) | Trouble::Flaky(_) => Step::Pass,
        };
        if step != Step::Pass {
            self.blemish();
            self.happened.push(format!("{step:?} {edge:?} {name} ({number})"));
            return step;
        }
        if self.slow && edge == Edge::Before {
            self.waits = self.latency();
            return Step::Wait;
        }
        Step::Pass
    }

    fn latency(&mut self) -> TimeDelta {
        let (from, to) = if self.dice.below(STALLS) == 0 {
            self.blemish();
            STALL_MS
        } else {
            LATENCY_MS
        };
        TimeDelta::milliseconds(self.dice.between(from, to))
    }
}

impl Script for Run {
    fn step(&self, number: usize, name: &'static str, edge: Edge) -> Step {
        let mut state = self.lock();
        if edge == Edge::Before {
            state.calls += 1;
        }
        state.at(number, name, edge)
    }

    fn hear(&self, call: &Call<'_>) {
        if let Call::Send(message) = call {
            let mut state = self.lock();
            let sent = (message.subject_tag.clone(), message.notice_id.clone());
            state.sent.push(sent);
        }
    }
}
