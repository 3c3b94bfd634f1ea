//! The world around the handlers: stream, schedules, sweep and mail service, under a virtual clock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use app::Failure;
use app::auth;
use app::inbound::{Cleared, INBOUND};
use app::limits::SETTLING;
use app::memory::faults::{Call, Edge, Faulty, Plan, Script, Step};
use app::memory::{MemoryEnv, MemoryStore};
use app::ports::{Blobs as _, Clock as _, Store, TimerFunction, Wake};
use app::relay::StreamBatch;
use app::timers::TimerEvent;
use domain::{Instant, TimeDelta};

use crate::cast::Cast;
use crate::post::Post;
use crate::tap::Tapped;
use crate::trial::{Tries, Work};

/// Minutes between two sweeps, as deployed.
pub const SWEEP_MINUTES: i64 = 5;
/// Records in one batch of the stream.
const BATCH: usize = 10;
/// A record that fails so often leaves the stream; the sweep meets what it asked for.
const RECORD_TRIES_MAX: u32 = 3;
/// A world comes to rest within so many rounds, or something goes round in circles.
const ROUNDS_MAX: u32 = 200;

/// The environment of a world.
pub type WorldEnv<S> = MemoryEnv<Tapped<S>>;

/// Who hears what a function asks of its ports: the function's name, and the call.
pub type Ear = Arc<dyn Fn(&'static str, &Call<'_>) + Send + Sync>;

/// The environment as one function has it: its calls are heard.
pub type Heard<S> = Faulty<WorldEnv<S>, Hearing>;

/// Passes the calls of one function on to whoever listens.
pub struct Hearing {
    /// The function, by its package's name.
    pub function: &'static str,
    /// Who listens.
    pub ear: Option<Ear>,
    /// What happens to the calls; nothing, without one.
    pub plan: Option<Plan>,
}

impl Script for Hearing {
    fn step(&self, number: usize, name: &'static str, edge: Edge) -> Step {
        self.plan.as_ref().map_or(Step::Pass, |plan| plan.step(number, name, edge))
    }

    fn hear(&self, call: &Call<'_>) {
        if let Some(ear) = &self.ear {
            ear(self.function, call);
        }
    }
}

/// What a sweep met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// When.
    pub at: Instant,
    /// The report.
    pub report: sweep::Report,
}

/// The world.
pub struct World<S: Store + 'static = MemoryStore> {
    /// The ports.
    pub env: Arc<WorldEnv<S>>,
    /// The mail service.
    pub post: Post,
    /// Who plays.
    pub cast: Cast,
    /// Everybody's credentials, by first name.
    pub tokens: BTreeMap<String, String>,
    /// The stream reaches the relay.
    pub stream_alive: bool,
    /// Each batch of the stream comes in the reverse order.
    pub stream_reversed: bool,
    /// The sweep is ticked.
    pub sweep_alive: bool,
    /// Sweeps that met something.
    pub sweeps: Vec<Swept>,
    /// Of the two ladders, that of the renewal runs first.
    pub renewal_first: bool,
    /// Who listens to what the functions ask for.
    pub ear: Option<Ear>,
    /// Who tries each run before it is made.
    pub trial: Option<Arc<dyn Tries<S>>>,
    /// Wake-ups about tickets that are not there: they end in the queue of failures.
    pub astray: Vec<Wake>,
    called: Mutex<BTreeMap<&'static str, u64>>,
    scheduler_alive: bool,
    read: usize,
    tries: u32,
    last_sweep: Instant,
    last_ladder: Instant,
}

impl World {
    /// A world in memory.
    pub async fn in_memory(start: Instant) -> Self {
        Self::new(MemoryStore::new(), start).await
    }

    /// The table becomes another one, which holds what it held at an earlier time. Neither its stream nor
    /// anything around it comes back with it: schedules, mails and what the mail service tells go on.
    pub fn restore(&mut self, table: MemoryStore) {
        let items = table.dump();
        let mut env = (*self.env).clone();
        env.store = Tapped::holding(table, &items);
        env.agreements = Arc::default();
        self.env = Arc::new(env);
        (self.read, self.tries) = (0, 0);
    }
}

impl<S: Store + Clone + 'static> World<S> {
    /// A world on an empty store, with the cast loaded and everything done that follows from that.
    ///
    /// # Panics
    /// When the cast cannot be loaded.
    pub async fn new(store: S, start: Instant) -> Self {
        let cast = Cast::new();
        let env = MemoryEnv::with_store(Tapped::new(store), start, 2026);
        app::seed::apply(&env, &cast.seed).await.expect("the cast is loaded");
        let mut tokens = BTreeMap::new();
        for (name, principal) in cast.principals() {
            let token = auth::issue(&env, principal).await.expect("a token is issued");
            tokens.insert(name, token);
        }
        let mut world = Self {
            post: Post::new(env.mailer.clone()),
            env: Arc::new(env),
            cast,
            tokens,
            stream_alive: true,
            stream_reversed: false,
            sweep_alive: true,
            sweeps: Vec::new(),
            renewal_first: false,
            ear: None,
            trial: None,
            astray: Vec::new(),
            called: Mutex::default(),
            scheduler_alive: true,
            read: 0,
            tries: 0,
            last_sweep: start,
            last_ladder: start,
        };
        world.settle().await;
        world.called = Mutex::default();
        world
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.env.clock.now()
    }

    /// How often each function was called by what is around it.
    #[must_use]
    pub fn called(&self) -> BTreeMap<&'static str, u64> {
        self.called.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The environment of a function for one call, by its package's name. What it is called with is boxed: the
    /// futures of whole handlers are large, and a test's stack is small.
    #[must_use]
    pub fn of(&self, function: &'static str) -> Heard<S> {
        let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        *called.entry(function).or_default() += 1;
        drop(called);
        let mut env = (*self.env).clone();
        if self.ear.is_some() {
            // Who listens hears of everything that a process just started has to ask for.
            env.agreements = Arc::default();
        }
        Faulty::new(env, Hearing { function, ear: self.ear.clone(), plan: None })
    }

    /// A run of a function, which is tried before where somebody does so.
    pub async fn run<'a, T: 'a>(
        &self,
        function: &'static str,
        work: impl Fn(Arc<Heard<S>>) -> Work<'a, T>,
    ) -> T {
        if let Some(trial) = &self.trial {
            let once = |env: Arc<Heard<S>>| -> Work<'_, ()> {
                let work = work(env);
                Box::pin(async move {
                    let _ = work.await;
                })
            };
            trial.before(&self.env, function, &once).await;
        }
        work(Arc::new(self.of(function))).await
    }

    /// Whether the scheduler takes and fires schedules.
    pub fn set_scheduler(&mut self, alive: bool) {
        self.scheduler_alive = alive;
        self.env.schedules.set_down(!alive);
        if alive {
            // The scheduler gives up what it could not deliver for a day.
            let _ = self.env.schedules.take_due(self.now() - TimeDelta::hours(24));
        }
    }

    /// Lets time pass until `to`, with everything that happens on the way, in order.
    pub async fn advance(&mut self, to: Instant) {
        self.settle().await;
        while let Some(at) = self.next_stop().await.filter(|at| *at <= to) {
            self.env.clock.set(at);
            self.fire_schedules().await;
            self.settle().await;
            if self.ladder_tick().is_some_and(|tick| tick <= at) {
                self.run_ladders().await;
            }
            self.settle().await;
            if self.sweep_tick().await.is_some_and(|tick| tick <= at) {
                self.sweep().await;
            }
            self.settle().await;
        }
        self.env.clock.set(to);
        self.settle().await;
    }

    /// Everything that follows at once from what has happened, until the world is at rest.
    ///
    /// # Panics
    /// When it does not come to rest.
    pub async fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            let streamed = self.pump().await;
            let collected = self.post.collect(self.now());
            let told = self.tell_mail_events().await;
            if !(streamed || collected || told) {
                return;
            }
        }
        panic!("the world does not come to rest at {}", self.now());
    }

    /// One sweep now.
    ///
    /// # Panics
    /// When the due index cannot be read.
    pub async fn sweep(&mut self) {
        self.last_sweep = self.now();
        let work = |env: Arc<Heard<S>>| -> Work<'_, _> {
            Box::pin(async move { sweep::handle(&*env).await })
        };
        let report = self.run("sweep", work).await.expect("the due index is read");
        if report.worked > 0 || report.mail != Cleared::default() {
            self.sweeps.push(Swept { at: self.now(), report });
        }
    }

    /// The stream brings its last records once more.
    pub fn replay_stream(&mut self, records: usize) {
        self.read = self.read.saturating_sub(records);
    }

    /// A wake-up of both timer functions that nobody asked for.
    ///
    /// # Panics
    /// When a function fails.
    pub async fn wake(&self, pk: &str) {
        for function in TimerFunction::ALL {
            let wake =
                Wake { name: "unasked".to_owned(), at: self.now(), function, pk: pk.to_owned() };
            self.fire(&wake).await.expect("the ticket is there");
        }
    }

    /// Forgets what the stream holds: it was lost.
    pub fn lose_stream(&mut self) {
        self.read += self.env.store.stream_since(self.read).len();
    }

    async fn next_stop(&self) -> Option<Instant> {
        let schedules = self.env.schedules.next_at().filter(|_| self.scheduler_alive);
        let now = self.now();
        let stops = [schedules, self.post.next_at(), self.sweep_tick().await, self.ladder_tick()];
        stops.into_iter().flatten().min().map(|at| at.max(now))
    }

    /// The next tick of the sweep's cron at which something will be due, or lies in the bucket. Ticks
    /// that find nothing change nothing, so that they are left out.
    async fn sweep_tick(&self) -> Option<Instant> {
        let due = self.env.store.next_due().into_iter().chain(self.mail_due().await).min();
        let due = due.filter(|_| self.sweep_alive)?;
        let every = SWEEP_MINUTES * 60_000;
        let after_last = self.last_sweep.millis().div_euclid(every) + 1;
        // Ticks at which the sweep was switched off do not come later.
        let first = due.max(self.now());
        let first = (first.millis() + every - 1).div_euclid(every);
        Some(Instant::from_millis(after_last.max(first) * every))
    }

    /// When the sweep takes the oldest mail that lies in the bucket.
    async fn mail_due(&self) -> Option<Instant> {
        let page = self.env.blobs.list(INBOUND, None, u32::MAX).await.expect("blobs in memory");
        let stored = page.items.iter().filter_map(|blob| blob.last_modified).min();
        stored.map(|at| at + SETTLING)
    }

    /// The next run of `payment-due` and `renewal-notice` at which an account may be due: they run at
    /// 00:00 and 09:00, by schedules too.
    fn ladder_tick(&self) -> Option<Instant> {
        let due = self.env.store.due_entries().into_iter();
        let accounts = due.filter(|(key, _)| app::keys::account_of(&key.pk).is_some());
        let due = accounts.map(|(_, at)| at).min().filter(|_| self.scheduler_alive)?;
        let mut tick = next_ladder(self.last_ladder);
        while tick < due {
            tick = next_ladder(tick);
        }
        Some(tick)
    }

    async fn run_ladders(&mut self) {
        self.last_ladder = self.now();
        // Both run at the same instants: whichever comes first does what is due.
        for is_payment in [!self.renewal_first, self.renewal_first] {
            let payment = |env: Arc<Heard<S>>| -> Work<'_, _> {
                Box::pin(async move { payment_due::handle(&*env).await })
            };
            let renewal = |env: Arc<Heard<S>>| -> Work<'_, _> {
                Box::pin(async move { renewal_notice::handle(&*env).await })
            };
            let report = if is_payment {
                self.run("payment-due", payment).await
            } else {
                self.run("renewal-notice", renewal).await
            };
            let report = report.expect("the due index is read");
            assert_eq!(report.failed, 0, "an account could not be worked");
        }
    }

    async fn fire_schedules(&mut self) {
        for wake in self.env.schedules.take_due(self.now()) {
            match self.fire(&wake).await {
                Ok(()) => {}
                Err(Failure::NotFound) => self.astray.push(wake),
                Err(failure) => panic!("{} failed: {failure}", wake.name),
            }
        }
    }

    async fn fire(&self, wake: &Wake) -> Result<(), Failure> {
        let event =
            TimerEvent { function: wake.function.name().to_owned(), aggregate: wake.pk.clone() };
        let work = |env: Arc<Heard<S>>| -> Work<'_, _> {
            let event = event.clone();
            match wake.function {
                TimerFunction::SlaTimer => {
                    Box::pin(async move { sla_timer::handle(&*env, &event).await })
                }
                TimerFunction::AutoClose => {
                    Box::pin(async move { auto_close::handle(&*env, &event).await })
                }
            }
        };
        self.run(wake.function.name(), work).await
    }

    /// Hands the stream to the relay; whether there was something.
    async fn pump(&mut self) -> bool {
        if !self.stream_alive {
            return false;
        }
        let records = self.env.store.stream_since(self.read);
        if records.is_empty() {
            return false;
        }
        for batch in records.chunks(BATCH) {
            let mut records = batch.to_vec();
            if self.stream_reversed {
                records.reverse();
            }
            let batch_of = StreamBatch { records };
            let work = |env: Arc<Heard<S>>| -> Work<'_, _> {
                let batch = batch_of.clone();
                Box::pin(async move { outbox_relay::handle(&*env, &batch).await })
            };
            let answer = self.run("outbox-relay", work).await;
            let failed = answer.failures.iter().filter_map(|it| it.sequence_number.parse().ok());
            match failed.min() {
                None => self.read += batch.len(),
                Some(first) => {
                    self.again_from(first);
                    break;
                }
            }
        }
        true
    }

    /// The stream comes again from a record that failed, until it has failed too often.
    fn again_from(&mut self, record: usize) {
        self.tries = if self.read == record { self.tries + 1 } else { 1 };
        self.read = record;
        if self.tries >= RECORD_TRIES_MAX {
            self.read += 1;
            self.tries = 0;
        }
    }

    async fn tell_mail_events(&mut self) -> bool {
        let events = self.post.take_due(self.now());
        let some = !events.is_empty();
        for event in events {
            let work = |env: Arc<Heard<S>>| -> Work<'_, _> {
                let event = event.clone();
                Box::pin(async move { mail_events::handle(&*env, &event).await })
            };
            let answer = self.run("mail-events", work).await;
            answer.unwrap_or_else(|failure| panic!("an event of the mail service: {failure}"));
        }
        some
    }

    /// Lets a span pass.
    pub async fn pass(&mut self, span: TimeDelta) {
        self.advance(self.now() + span).await;
    }
}

/// The first 00:00 or 09:00 of Mexico City after an instant.
fn next_ladder(at: Instant) -> Instant {
    let day = at.date();
    let nine = Instant::from_local(day.and_hms_opt(9, 0, 0).expect("nine is a time of day"));
    if at < nine {
        return nine;
    }
    let next = day.succ_opt().expect("no script reaches the end of time");
    Instant::from_local(next.and_hms_opt(0, 0, 0).expect("midnight is a time of day"))
}
