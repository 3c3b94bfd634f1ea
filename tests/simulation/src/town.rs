//! The world in which a life is lived: who calls which function when, under a virtual clock.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use app::auth;
use app::client::{self, Agreements};
use app::inbound::INBOUND;
use app::item::Key;
use app::limits::SETTLING;
use app::memory::{ChangeKind, MemoryEnv, MemoryStore};
use app::ports::Clock as _;
use app::relay::{StreamEvent, StreamRecord, is_effect};
use domain::{ClientId, Instant, NaiveDate, TicketRef, TimeDelta};
use futures::FutureExt as _;
use mail_events::Tags;
use tests_scenarios::cast::Cast;
use tests_scenarios::post::Post;

use crate::dice::Dice;
use crate::guards::Guard;
use crate::job::{Job, Ports};
use crate::life::{Life, Weather};
use crate::running::Running;
use crate::shards::Shard;
use crate::trace::Trace;
use crate::watch::Watch;
use crate::weather::Faults;
use crate::witness::Witnessed;

/// Who lives here.
const CAST: &str = include_str!("reparto.toml");
/// The stream has so many shards that are read beside each other.
const SHARDS: usize = 2;
/// The sweep's cron, in milliseconds.
const SWEEP_MS: i64 = 5 * 60_000;

/// Something that is to happen.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// A function is called, for the how manieth time.
    Start(Job, usize),
    /// A run goes on.
    Resume(u64),
    /// A run is cut at its time limit.
    Cut(u64),
}

/// Until when parts of the world are dead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dead {
    pub(crate) scheduler: Instant,
    pub(crate) stream: Instant,
    pub(crate) sweep: Instant,
    pub(crate) mail: Option<Instant>,
}

/// The world.
pub struct Town {
    pub(crate) ports: Ports,
    pub(crate) post: Post,
    pub(crate) cast: Cast,
    pub(crate) tokens: BTreeMap<String, String>,
    pub(crate) seed: u64,
    pub(crate) weather: Weather,
    pub(crate) without: Option<Guard>,
    pub(crate) dice: Dice,
    pub(crate) queue: BTreeMap<(Instant, u64, u64), Happening>,
    pub(crate) running: BTreeMap<u64, Running>,
    pub(crate) faults: Faults,
    /// From when on some hosts are of the next release.
    pub(crate) released_at: Option<Instant>,
    pub(crate) shards: [Shard; SHARDS],
    pub(crate) dead: Dead,
    /// Tickets in the order in which they came to be.
    pub(crate) tickets: Vec<TicketRef>,
    /// Mails that came in: id, and who wrote it.
    pub(crate) letters: Vec<crate::acts::Posted>,
    pub(crate) payments: BTreeMap<String, Vec<serde_json::Value>>,
    pub(crate) watch: Watch,
    pub(crate) trace: Trace,
    pub(crate) ids: u64,
    /// Results that were compared with the oracle's.
    pub(crate) compared: u64,
    told: usize,
    read: usize,
    last_sweep: Instant,
    last_ladder: Instant,
}

thread_local! {
    /// Worlds just after the first day began, by that day.
    static BASES: RefCell<BTreeMap<NaiveDate, Base>> = const { RefCell::new(BTreeMap::new()) };
}

#[derive(Clone)]
struct Base {
    store: MemoryStore,
    /// Of a day before any life: the tables of business time are found there, which are large, and no
    /// agreement that a life would look for.
    agreements: Agreements,
    cast: Cast,
    tokens: BTreeMap<String, String>,
}

impl Base {
    fn of(first_day: NaiveDate) -> Self {
        BASES.with_borrow_mut(|bases| {
            let base = bases.entry(first_day).or_insert_with(|| Self::new(first_day));
            Self { store: base.store.fork(), ..base.clone() }
        })
    }

    fn new(first_day: NaiveDate) -> Self {
        let cast = Cast::read(&CAST.replace("DESDE", &first_day.to_string()));
        let midnight = first_day.and_hms_opt(0, 0, 0).expect("midnight");
        let env = MemoryEnv::new(Instant::from_local(midnight), 2026);
        let loaded = app::seed::apply(&env, &cast.seed).now_or_never();
        loaded.expect("nothing in memory waits").expect("the cast is loaded");
        let day = NaiveDate::from_ymd_opt(2026, 1, 5).and_then(|day| day.and_hms_opt(0, 0, 0));
        let before = Instant::from_local(day.expect("a day of the cast"));
        for code in ["FERRE", "ANAHUAC"] {
            let id = ClientId::parse(code).expect("a client's code");
            let file = client::load(&env, &id).now_or_never().expect("nothing waits");
            let file = file.expect("it is read").expect("he is in the cast");
            let agreement = file.in_force(&env, before).now_or_never().expect("nothing waits");
            agreement.expect("his terms hold");
        }
        let mut tokens = BTreeMap::new();
        for (name, principal) in cast.principals() {
            let token = auth::issue(&env, principal).now_or_never();
            tokens.insert(name, token.expect("nothing waits").expect("a token is issued"));
        }
        Self { store: env.store, agreements: Agreements::clone(&env.agreements), cast, tokens }
    }
}

impl Town {
    /// The world at the beginning of a life. `record` keeps the story; `without` takes a guard away.
    #[must_use]
    pub fn new(life: &Life, record: bool, without: Option<Guard>) -> Self {
        let base = Base::of(life.first_day);
        let mut watch = Watch::default();
        for item in base.store.dump() {
            watch.know(life.start, &item);
        }
        let read = base.store.changes();
        base.store.set_lagging(life.weather.stale);
        let store = Witnessed::new(base.store, without);
        let agreements = Arc::new(base.agreements);
        let ports = MemoryEnv { agreements, ..MemoryEnv::with_store(store, life.start, life.seed) };
        let start = life.start;
        Self {
            post: Post::new(ports.mailer.clone()),
            ports,
            cast: base.cast,
            tokens: base.tokens,
            seed: life.seed,
            weather: life.weather,
            without,
            dice: Dice::apart(life.seed, "town"),
            queue: BTreeMap::new(),
            running: BTreeMap::new(),
            faults: Faults::default(),
            released_at: life.weather.release.then(|| released_at(life)),
            shards: [Shard::default(), Shard::default()],
            dead: Dead { scheduler: start, stream: start, sweep: start, mail: None },
            tickets: Vec::new(),
            letters: Vec::new(),
            payments: BTreeMap::new(),
            watch,
            trace: Trace::new(record),
            ids: 0,
            compared: 0,
            told: 0,
            read,
            last_sweep: start,
            last_ladder: start,
        }
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.ports.clock.now()
    }

    /// Lets time pass until `to`, with everything that happens on the way.
    pub(crate) fn until(&mut self, to: Instant) {
        while !self.watch.has_failed()
            && let Some(at) = self.next_at().filter(|at| *at <= to)
        {
            self.ports.clock.set(at);
            self.call_who_is_due();
            self.happen();
        }
        self.ports.clock.set(to);
    }

    /// When something happens next.
    fn next_at(&self) -> Option<Instant> {
        let now = self.now();
        let queued = self.queue.keys().next().map(|(at, ..)| *at);
        let schedule = self.ports.schedules.next_at().map(|at| at.max(self.dead.scheduler));
        let shards = self.shards.iter().filter_map(Shard::next_at).min();
        let shards = shards.map(|at| at.max(self.dead.stream));
        let ticks = [self.sweep_tick(), self.ladder_tick()];
        let all = [queued, schedule, shards, self.post.next_at()].into_iter().chain(ticks);
        all.flatten().min().map(|at| at.max(now))
    }

    /// Calls every function whose time has come.
    fn call_who_is_due(&mut self) {
        let now = self.now();
        if self.dead.scheduler <= now {
            self.ports.schedules.set_down(false);
            for wake in self.ports.schedules.take_due(now) {
                // The scheduler gives up after a day, and is precise to a minute.
                if wake.at < now - TimeDelta::hours(24) {
                    continue;
                }
                let job = Job::Wake { function: wake.function, pk: wake.pk };
                self.announce(now, job, 60_000);
            }
        }
        if self.dead.mail.is_some_and(|until| until <= now) {
            self.dead.mail = None;
            self.mail_answers(app::memory::MailAnswer::Take);
        }
        for event in self.post.take_due(now) {
            self.told += 1;
            let job = Job::Told { number: self.told, event: Arc::new(event) };
            if self.without == Some(Guard::MailEvents) {
                self.heard(&job);
            } else {
                self.announce(now, job, 0);
            }
        }
        if self.ladder_tick().is_some_and(|tick| tick <= now) {
            self.last_ladder = now;
            for renewal in [false, true] {
                self.announce(now, Job::Ladder { renewal }, 0);
            }
        }
        if self.sweep_tick().is_some_and(|tick| tick <= now) {
            self.last_sweep = now;
            self.push(now, Happening::Start(Job::Sweep, 0));
        }
        for shard in 0..SHARDS {
            let due = self.shards[shard].next_at().filter(|at| *at <= now);
            if due.is_some() && self.dead.stream <= now {
                let records = self.shards[shard].read(now);
                self.push(now, Happening::Start(Job::Stream { shard, records }, 0));
            }
        }
    }

    /// A function has heard of a mail's acceptance.
    pub(crate) fn heard(&mut self, job: &Job) {
        let Job::Told { event, .. } = job else { return };
        let Tags { subject, notice_id } = &event.detail.mail.tags;
        if event.detail.event_type == "Send"
            && let (Some(subject), Some(notice)) = (subject.first(), notice_id.first())
        {
            self.watch.hear(self.now(), (subject.clone(), notice.clone()));
        }
    }

    /// An event that the service means to deliver now: it may be lost, repeated, or late.
    pub(crate) fn announce(&mut self, now: Instant, job: Job, late_ms: i64) {
        if !self.weather.events {
            self.push(now, Happening::Start(job, 0));
            return;
        }
        let late = TimeDelta::milliseconds(self.dice.between(0, late_ms));
        match self.dice.below(100) {
            0..5 => self.trace.note(now, || format!("lost: {}", job.label())),
            5..12 => {
                let again = TimeDelta::seconds(self.dice.between(0, 3_600));
                self.push(now + late, Happening::Start(job.clone(), 0));
                self.push(now + again, Happening::Start(job, 0));
            }
            12..18 => {
                let much = TimeDelta::minutes(self.dice.between(1, 24 * 60));
                self.push(now + much, Happening::Start(job, 0));
            }
            _ => self.push(now + late, Happening::Start(job, 0)),
        }
    }

    /// Of what happens at one instant the order is a matter of chance.
    pub(crate) fn push(&mut self, at: Instant, happening: Happening) {
        self.ids += 1;
        let tie = self.dice.next();
        self.queue.insert((at, tie, self.ids), happening);
    }

    /// The first thing of the queue that is due.
    fn happen(&mut self) {
        let now = self.now();
        while let Some(first) = self.queue.first_entry().filter(|it| it.key().0 <= now) {
            match first.remove() {
                Happening::Start(job, tries) => self.start(job, tries),
                Happening::Resume(id) => self.go_on(id),
                Happening::Cut(id) => self.cut(id),
            }
            if self.watch.has_failed() {
                return;
            }
        }
    }

    /// Everything that follows from what was written just now.
    pub(crate) fn after_writes(&mut self) {
        let now = self.now();
        for commit in self.ports.store.take() {
            self.watch.commit(now, &commit, &self.ports);
        }
        self.post.collect(now);
        let changes = self.ports.store.inner.changes_since(self.read);
        for change in changes {
            let number = self.read;
            self.read += 1;
            let Key { pk, sk } = &change.key;
            if sk == app::keys::HEAD
                && change.kind == ChangeKind::Inserted
                && let Some(reference) = app::keys::ticket_of(pk)
            {
                self.tickets.push(reference);
            }
            if is_effect(sk) {
                self.stream(number, &change.key, change.kind);
            }
        }
    }

    fn stream(&mut self, number: usize, key: &Key, kind: ChangeKind) {
        let event = match kind {
            ChangeKind::Inserted => StreamEvent::Insert,
            ChangeKind::Modified => StreamEvent::Modify,
            ChangeKind::Removed => StreamEvent::Remove,
        };
        let record = StreamRecord::new(key, number.to_string()).saying(event);
        let shard = usize::from(key.pk.bytes().fold(0_u8, u8::wrapping_add)) % SHARDS;
        let mut at = self.now();
        if self.weather.events {
            at = at + TimeDelta::milliseconds(self.dice.between(0, 900));
            match self.dice.below(100) {
                0 => return self.trace.note(at, || format!("lost of the stream: {key:?}")),
                1..4 => self.shards[shard].push(at, record.clone()),
                _ => {}
            }
        }
        self.shards[shard].push(at, record);
    }

    /// The next tick of the sweep's cron at which something is due, or lies in the bucket. Ticks that
    /// find nothing change nothing, so that they are left out.
    fn sweep_tick(&self) -> Option<Instant> {
        if self.without == Some(Guard::Sweep) {
            return None;
        }
        let due = self.ports.store.inner.next_due().into_iter().chain(self.mail_due()).min()?;
        let after_last = self.last_sweep.millis().div_euclid(SWEEP_MS) + 1;
        let first = due.max(self.now()).max(self.dead.sweep);
        let first = (first.millis() + SWEEP_MS - 1).div_euclid(SWEEP_MS);
        Some(Instant::from_millis(after_last.max(first) * SWEEP_MS))
    }

    fn mail_due(&self) -> Option<Instant> {
        self.ports.blobs.oldest(INBOUND).map(|at| at + SETTLING)
    }

    /// The next run of the ladders at which an account may be due.
    fn ladder_tick(&self) -> Option<Instant> {
        let due = self.watch.accounts_due()?;
        let tick = next_ladder(self.last_ladder.max(due - TimeDelta::milliseconds(1)));
        Some(tick.max(self.now()))
    }

    /// Nothing goes wrong any more. What is under way ends; with `hints`, events that are on their way
    /// arrive now, else they are lost.
    pub(crate) fn calm(&mut self, hints: bool) {
        self.weather = Weather::CALM;
        self.faults = Faults::default();
        self.ports.store.inner.set_lagging(false);
        let now = self.now();
        let mail = self.dead.mail.map(|_| now);
        self.dead = Dead { scheduler: now, stream: now, sweep: now, mail };
        let waiting = std::mem::take(&mut self.queue);
        for ((at, tie, id), happening) in waiting {
            let stays = match &happening {
                Happening::Start(Job::Http(_) | Job::Link { .. }, _)
                | Happening::Resume(_)
                | Happening::Cut(_) => true,
                Happening::Start(..) => hints,
            };
            if stays {
                let at = if matches!(happening, Happening::Start(..)) { now } else { at };
                self.queue.insert((at, tie, id), happening);
            }
        }
        if !hints {
            self.shards = [Shard::default(), Shard::default()];
        }
    }
}

/// The next release comes within the first days.
fn released_at(life: &Life) -> Instant {
    let hours = Dice::apart(life.seed, "released at").between(0, 60);
    life.start + TimeDelta::hours(hours)
}

/// The first 00:00 or 09:00 of Mexico City after an instant.
fn next_ladder(at: Instant) -> Instant {
    let day = at.date();
    let nine = Instant::from_local(day.and_hms_opt(9, 0, 0).expect("a time of day"));
    if at < nine {
        return nine;
    }
    let next = day.succ_opt().expect("no life reaches the end of time");
    Instant::from_local(next.and_hms_opt(0, 0, 0).expect("a time of day"))
}
