//! Runs of functions beside each other: each goes on when its call has come back, dies, or is cut at
//! its time limit.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use app::keys;
use app::memory::faults::Faulty;
use app::memory::{MemoryBlobs, MemoryClock};
use app::ports::TimerFunction;
use domain::{Instant, TimeDelta};

use crate::dice::Dice;
use crate::guards::Guard;
use crate::job::{Host, Job, Outcome, Ports};
use crate::life::Weather;
use crate::shards::Batch;
use crate::town::{Happening, Town};
use crate::weather::{Faults, Run};
use crate::witness::SURVEYED;

/// Hosts' clocks differ by at most twice as much.
const SKEW_MS: i64 = 150_000;
/// Of so many of a thousand runs that end well, each is made once more (invariant 14).
const REPEATED: u64 = 40;
/// Of so many of a thousand tickets at rest, a timer comes that was due long ago (invariant 6).
const OLD_TIMERS: u64 = 500;

/// A run that waits for a call.
pub(crate) struct Running {
    job: Job,
    tries: usize,
    host: Arc<Host>,
    work: Pin<Box<dyn Future<Output = Outcome>>>,
    clock: MemoryClock,
    skew: TimeDelta,
    began_at: Instant,
    ends_at: Instant,
}

impl Town {
    /// A function is called.
    pub(crate) fn start(&mut self, job: Job, tries: usize) {
        let now = self.now();
        let label = job.label();
        let mut dice = Dice::apart(self.seed, &format!("{label} {} {tries}", now.millis()));
        let place = dice.below(2);
        let skew = self.skew(job.function(), place);
        let clock = MemoryClock::new(now + skew);
        let run = Run::new(job.function(), self.weather, dice, Arc::clone(&self.faults));
        let host = self.host(&job, &clock, run, place);
        let work = Box::pin(job.clone().run(Arc::clone(&host)));
        let ends_at = now + job.time_limit();
        self.ids += 1;
        let id = self.ids;
        self.trace.called(now, &label);
        let run = Running { job, tries, host, work, clock, skew, began_at: now, ends_at };
        self.running.insert(id, run);
        self.go_on(id);
    }

    fn host(&self, job: &Job, clock: &MemoryClock, run: Run, place: u64) -> Arc<Host> {
        let store = self.ports.store.of_next(self.is_next(job.function(), place));
        let mut ports = Ports { store, clock: clock.clone(), ..self.ports.clone() };
        if self.without == Some(Guard::Barrier) && job.function() == "auto-close" {
            ports.blobs = MemoryBlobs::new(clock.clone());
        }
        Arc::new(Faulty::new(ports, run))
    }

    /// Whether one of a function's hosts is of the next release by now.
    fn is_next(&self, function: &str, place: u64) -> bool {
        let released = self.released_at.is_some_and(|at| at <= self.now());
        released && Dice::apart(self.seed, &format!("release {function} {place}")).happens(500)
    }

    /// How far the clock of one of a function's hosts is off.
    fn skew(&self, function: &str, host: u64) -> TimeDelta {
        if !self.weather.skew {
            return TimeDelta::zero();
        }
        let mut dice = Dice::apart(self.seed, &format!("{function} {host}"));
        TimeDelta::milliseconds(dice.between(-SKEW_MS, SKEW_MS))
    }

    /// A run goes on until it ends or waits again.
    pub(crate) fn go_on(&mut self, id: u64) {
        let Some(mut run) = self.running.remove(&id) else { return };
        let now = self.now();
        run.clock.set(now + run.skew);
        let answer = run.work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.after_writes();
        match answer {
            Poll::Ready(outcome) => self.ended(run, outcome),
            Poll::Pending if run.host.is_cut() => self.died(run),
            Poll::Pending => {
                let at = now + run.host.script().waits();
                let (at, what) = if at > run.ends_at {
                    (run.ends_at, Happening::Cut(id))
                } else {
                    (at, Happening::Resume(id))
                };
                self.running.insert(id, run);
                self.push(at, what);
            }
        }
    }

    /// A run is cut at its time limit.
    pub(crate) fn cut(&mut self, id: u64) {
        if let Some(run) = self.running.remove(&id) {
            run.host.script().blemish();
            self.died(run);
        }
    }

    fn died(&mut self, run: Running) {
        self.account_for(&run);
        let happened = run.host.script().happened();
        self.trace.died(self.now(), &run.job.label(), &happened);
        let Running { job, tries, .. } = run;
        if let Job::Stream { shard, records } = &job {
            self.shards[*shard].settle(records, Batch::Died);
        }
        self.again(job, tries);
    }

    fn ended(&mut self, run: Running, outcome: Outcome) {
        let now = self.now();
        if matches!(&outcome, Outcome::Later(_) | Outcome::Records(_)) {
            let clean = matches!(&outcome, Outcome::Records(failed) if failed.is_empty());
            if !clean {
                run.host.script().blemish();
            }
        }
        self.account_for(&run);
        let troubled = run.host.script().happened();
        self.trace.ended(now, &run.job.label(), &outcome, run.host.script().calls(), &troubled);
        match &outcome {
            Outcome::Done(_) | Outcome::Refused(_) => {
                self.heard(&run.job);
                if troubled.is_empty() {
                    self.repeat(&run, &outcome);
                }
            }
            Outcome::Records(failed) => {
                if let Job::Stream { shard, records } = &run.job {
                    let first = failed.iter().min().copied();
                    let batch = first.map_or(Batch::Done, Batch::From);
                    self.shards[*shard].settle(records, batch);
                    if first.is_none() && troubled.is_empty() {
                        self.repeat(&run, &outcome);
                    }
                }
            }
            Outcome::Later(_) => self.again(run.job, run.tries),
            Outcome::Broken(why) => {
                let text = format!("{}: {why}", run.job.label());
                self.watch.fail(now, "nothing is ever our own fault", text);
            }
        }
    }

    fn account_for(&mut self, run: &Running) {
        for mail in run.host.script().doubtful() {
            self.watch.may_repeat(mail);
        }
    }

    /// Whatever is worked on comes once more, but for what the service itself orders.
    pub(crate) fn events_again(&mut self) {
        let once_more = self.running.values().filter(|run| !matches!(run.job, Job::Stream { .. }));
        let jobs: Vec<_> = once_more.map(|run| (run.job.clone(), run.tries)).collect();
        for (job, tries) in jobs {
            self.push(self.now(), Happening::Start(job, tries));
        }
    }

    fn again(&mut self, job: Job, tries: usize) {
        let Some(seconds) = job.again_after().get(tries) else { return };
        let at = self.now() + TimeDelta::seconds(*seconds);
        self.push(at, Happening::Start(job, tries + 1));
    }

    /// Invariant 14: the same event once more changes nothing. What acts on the clock's word is the same
    /// event only at the same instant: where time passed during the run, more may be due. The next sweep
    /// is another event even then: it finds what this one recorded.
    fn repeat(&mut self, run: &Running, outcome: &Outcome) {
        let is_another = match run.job {
            Job::Sweep => true,
            Job::Ladder { .. } | Job::Wake { .. } | Job::Stream { .. } => {
                run.began_at != self.now()
            }
            Job::Http(_) | Job::Link { .. } | Job::Mail { .. } | Job::Told { .. } => false,
        };
        if !self.dice.happens(REPEATED) || !self.running.is_empty() || is_another {
            return;
        }
        let (answer, written) = self.once_more(&run.job, &run.clock);
        if !written.is_empty() {
            let text = format!(
                "{} again after {outcome:?} gave {answer:?} and wrote {written:?}",
                run.job.label()
            );
            self.watch.fail(self.now(), "14: the same event again changes nothing", text);
        }
        self.after_writes();
    }
    /// Makes a run in which nothing goes wrong; its answer, and what it wrote.
    fn once_more(&self, job: &Job, clock: &MemoryClock) -> (Poll<Outcome>, Vec<String>) {
        let before = self.ports.store.inner.changes();
        let quiet = Run::new(job.function(), Weather::CALM, Dice::new(0), Faults::default());
        let host = self.host(job, clock, quiet, 0);
        let mut work = Box::pin(job.clone().run(host));
        let answer = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let written = self.ports.store.inner.changes_since(before);
        (answer, written.iter().map(|it| format!("{}/{}", it.key.pk, it.key.sk)).collect())
    }

    /// Invariant 6: a timer of an older revision has no effect. Its event names the ticket and no revision, so
    /// that where nothing is due any timer is one of long ago.
    pub(crate) fn old_timers_change_nothing(&mut self) {
        let now = self.now();
        let mut due = self.ports.store.inner.due_entries();
        due.retain(|it| it.at <= now);
        let tickets: Vec<String> = self.tickets.iter().map(keys::ticket).collect();
        for pk in tickets {
            let mut dice = Dice::apart(self.seed, &format!("old timers {pk} {}", now.millis()));
            if due.iter().any(|it| it.key.pk == pk) || !dice.happens(OLD_TIMERS) {
                continue;
            }
            let known = self.recorded(&pk).count();
            let job = Job::Wake { function: *dice.one(&TimerFunction::ALL), pk: pk.clone() };
            let (answer, written) = self.once_more(&job, &MemoryClock::new(now));
            self.after_writes();
            // Any act brings the client's standing in first, also where it says nothing new of a closed ticket.
            let new: Vec<&str> = self.recorded(&pk).skip(known).collect();
            let only_standing = !new.is_empty()
                && new.iter().all(|kind| *kind == "standing_applied" || *kind == SURVEYED);
            if !written.is_empty() && !only_standing {
                let who = job.label();
                let text = format!("{who} gave {answer:?}, wrote {written:?} and recorded {new:?}");
                self.watch.fail(now, "6: a timer of an older revision has no effect", text);
            }
        }
    }

    /// The kinds of everything that was recorded of a ticket, oldest first.
    fn recorded<'a>(&'a self, pk: &str) -> impl Iterator<Item = &'a str> {
        let history = self.watch.histories().get(pk);
        let facts = history.into_iter().flat_map(|history| history.facts());
        facts.filter_map(|fact| fact["kind"].as_str())
    }
}
