//! What goes wrong around the calls of one run of a function.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::memory::faults::{Call, Edge, Failure, Script, Step};
use domain::TimeDelta;

use crate::dice::Dice;
use crate::life::{Fault, Weather, Wrong};

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

/// A mail whose id ends so kills whoever reads it.
pub const DEADLY: &str = "-mortal";

/// Faults that lie in wait for a call.
pub type Faults = Arc<Mutex<Vec<Fault>>>;

/// The script of one run.
pub struct Run {
    state: Mutex<State>,
}

struct State {
    function: &'static str,
    faults: Faults,
    /// The call that is made now reads a mail that kills.
    deadly: bool,
    /// The sort keys of the commit that is made now, where a fault lies in wait.
    named: Vec<String>,
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
    /// A run of a function under a weather, from its own chance; what lies in wait for it is met.
    #[must_use]
    pub fn new(function: &'static str, weather: Weather, mut dice: Dice, faults: Faults) -> Self {
        let trouble = trouble(weather, &mut dice);
        let slow = weather.slow && dice.happens(350);
        let state = State {
            function,
            faults,
            deadly: false,
            named: Vec::new(),
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
        let step = if self.deadly { Step::Cut } else { self.met(name, edge).unwrap_or(step) };
        // Whoever only waits has done nothing that may repeat a mail.
        if step == Step::Wait {
            self.happened.push(format!("waits at {name} ({number})"));
            return step;
        }
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

    /// What lies in wait for this side of this call.
    fn met(&mut self, name: &'static str, edge: Edge) -> Option<Step> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let named = |on: &str| on.is_empty() || self.named.iter().any(|sk| sk.starts_with(on));
        let is_it = |it: &Fault| {
            it.function == self.function && it.call == name && edge_of(it.what) == edge
        };
        let place = faults.iter().position(|it| is_it(it) && named(&it.on))?;
        Some(match faults.remove(place).what {
            Wrong::Dies | Wrong::DiesAfter => Step::Cut,
            Wrong::Silence => Step::Fail(Failure::Unknown),
            Wrong::Waits(ms) => {
                self.waits = TimeDelta::milliseconds(ms);
                Step::Wait
            }
        })
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

/// At which side of its call it goes wrong.
const fn edge_of(wrong: Wrong) -> Edge {
    match wrong {
        Wrong::Dies | Wrong::Waits(_) => Edge::Before,
        Wrong::DiesAfter | Wrong::Silence => Edge::After,
    }
}

/// The sort keys that a commit names.
fn sort_keys(call: &Call<'_>) -> Vec<String> {
    let Call::Commit(commit) = call else { return Vec::new() };
    commit.writes.iter().map(|it| it.key().sk.clone()).collect()
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
        let mut state = self.lock();
        state.deadly = matches!(call, Call::GetBlob(key) if key.ends_with(DEADLY));
        if !state.faults.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
            state.named = sort_keys(call);
        }
        if let Call::Send(message) = call {
            let sent = (message.subject_tag.clone(), message.notice_id.clone());
            state.sent.push(sent);
        }
    }
}
