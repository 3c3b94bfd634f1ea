//! Every run of a function in a world, tried with a crash at every call before it is made.
//!
//! Right before a function runs, everything is copied. In one copy it runs undisturbed. In a copy for each point, the
//! side of a call, it dies there and the same event comes again, as the platform brings it. Where everything is then
//! as in the undisturbed copy, the rest of the world's life is the same as well, and needs no second look: a
//! second crash in a later run is a crash in that run. Where a mail was on its way, its lease has to pass: both
//! copies come to rest, and are compared then.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use app::item::Item;
use app::keys::NOTICES;
use app::memory::faults::{Edge, Faulty, Plan};
use app::memory::{MemoryEntropy, MemoryStore};
use app::ports::{Clock as _, Store, Wake};
use app::relay::{StreamBatch, StreamRecord};
use domain::{Instant, TimeDelta};

use crate::compare;
use crate::post::{Mail, Post};
use crate::tap::Tapped;
use crate::world::{Heard, Hearing, WorldEnv};

/// The random bytes of a run, the same for each attempt.
const SEED: u64 = 77;
/// The lease of a mail, and a minute.
const LEASE_PASSED: TimeDelta = TimeDelta::minutes(7);
/// What follows at once comes to an end within so many rounds.
const ROUNDS_MAX: usize = 20;

/// A function at work.
pub type Work<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;
/// Makes a function work once.
pub type Once<'a> = dyn Fn(Arc<Heard<MemoryStore>>) -> Work<'a, ()> + 'a;

/// Who tries runs before they are made.
pub trait Tries<S: Store + 'static> {
    /// Tries one run.
    fn before<'a>(
        &'a self,
        env: &'a WorldEnv<S>,
        function: &'static str,
        once: &'a dyn Fn(Arc<Heard<S>>) -> Work<'a, ()>,
    ) -> Work<'a, ()>;
}

/// What was tried so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tried {
    /// Runs of functions.
    pub runs: usize,
    /// Their calls.
    pub calls: usize,
    /// Points: both sides of each call.
    pub points: usize,
    /// Pairs of points that there are, in a run and in the one after its crash.
    pub pairs: usize,
    /// Those that were tried.
    pub pairs_tried: usize,
    /// Points and pairs after which a lease had to pass.
    pub waited: usize,
}

/// Tries every point of every run, and of some runs every pair.
pub struct Trial {
    tried: Mutex<Tried>,
    pairs_of_one_in: u64,
    seed: u64,
}

type Point = (usize, Edge);

fn points(calls: usize) -> impl Iterator<Item = Point> {
    (0..calls).flat_map(|call| Edge::ALL.map(|edge| (call, edge)))
}

impl Trial {
    /// One that tries the pairs of one run in so many; the seed says which.
    #[must_use]
    pub fn new(pairs_of_one_in: u64, seed: u64) -> Self {
        Self { tried: Mutex::default(), pairs_of_one_in, seed }
    }

    /// What was tried so far.
    #[must_use]
    pub fn tried(&self) -> Tried {
        *self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, count: impl FnOnce(&mut Tried)) {
        count(&mut self.tried.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn run(&self, env: &WorldEnv<MemoryStore>, function: &'static str, once: &Once<'_>) {
        // Agreements are kept by a process once they were computed, so the first run makes more calls.
        Copy::of(env, function).lives(once).await;
        let mut usual = Copy::of(env, function);
        let calls = usual.lives(once).await;
        let mut usual = Usual::of(usual);
        let number = self.tried().runs as u64;
        let pairs = (number + self.seed).is_multiple_of(self.pairs_of_one_in);
        self.count(|it| (it.runs, it.calls) = (it.runs + 1, it.calls + calls));
        for point in points(calls) {
            let mut copy = Copy::of(env, function);
            copy.dies(once, point).await;
            let dead = pairs.then(|| Copy::of(&copy.env, function));
            let again = copy.lives(once).await;
            let waited = usual.compare(copy, &format!("{function} {point:?}")).await;
            self.count(|it| {
                (it.points, it.pairs) = (it.points + 1, it.pairs + 2 * again);
                it.waited += usize::from(waited);
            });
            let Some(dead) = dead else { continue };
            for second in points(again) {
                let mut copy = Copy::after(&dead, env);
                copy.dies(once, second).await;
                copy.lives(once).await;
                let waited =
                    usual.compare(copy, &format!("{function} {point:?}, {second:?}")).await;
                self.count(|it| {
                    it.pairs_tried += 1;
                    it.waited += usize::from(waited);
                });
            }
        }
    }
}

impl Tries<MemoryStore> for Trial {
    fn before<'a>(
        &'a self,
        env: &'a WorldEnv<MemoryStore>,
        function: &'static str,
        once: &'a Once<'a>,
    ) -> Work<'a, ()> {
        Box::pin(self.run(env, function, once))
    }
}

/// A copy of everything, in which a function runs.
struct Copy {
    env: WorldEnv<MemoryStore>,
    function: &'static str,
    since: Instant,
    /// Mails that had been sent before, and records that the stream had had.
    before: (usize, usize),
}

/// How things stand at rest.
type Rest = BTreeMap<String, serde_json::Value>;

/// The undisturbed copy.
struct Usual {
    copy: Copy,
    stands: u64,
    rest: Option<Rest>,
    /// How everything may stand after a crash: as here, or so that it comes to the same.
    fine: BTreeSet<u64>,
}

impl Usual {
    fn of(copy: Copy) -> Self {
        let stands = copy.stands();
        Self { copy, stands, rest: None, fine: BTreeSet::from([stands]) }
    }

    /// Whether a lease had to pass before everything was in the other copy as it is here.
    ///
    /// # Panics
    /// When it is not.
    async fn compare(&mut self, mut other: Copy, place: &str) -> bool {
        let stands = other.stands();
        if self.fine.contains(&stands) {
            return stands != self.stands;
        }
        let found = other.rests().await;
        if self.rest.is_none() {
            let mut copy = Copy::after(&self.copy, &self.copy.env);
            copy.before = self.copy.before;
            self.rest = Some(copy.rests().await);
        }
        let expected = self.rest.as_ref().expect("it was found just now");
        if let Some(difference) = compare::difference(expected, &found) {
            panic!("{place}, at {}: {difference}", other.since);
        }
        self.fine.insert(stands)
    }
}

impl Copy {
    fn of(env: &WorldEnv<MemoryStore>, function: &'static str) -> Self {
        let store = Tapped::new(env.store.inner.fork());
        let before = (env.mailer.taken().len(), env.store.inner.changes());
        let env = env.fork_on(store);
        let since = env.clock.now();
        Self { env, function, since, before }
    }

    /// Another copy of one in which the function died, which remembers what there was before that.
    fn after(dead: &Self, start: &WorldEnv<MemoryStore>) -> Self {
        let before = (start.mailer.taken().len(), start.store.inner.changes());
        Self { before, ..Self::of(&dead.env, dead.function) }
    }

    fn heard(&self, plan: Plan) -> Arc<Heard<MemoryStore>> {
        let mut env = self.env.clone();
        env.entropy = MemoryEntropy::new(SEED);
        let hearing = Hearing { function: self.function, ear: None, plan: Some(plan) };
        Arc::new(Faulty::new(env, hearing))
    }

    /// The function runs; how many calls it makes.
    async fn lives(&mut self, once: &Once<'_>) -> usize {
        let env = self.heard(Plan::quiet());
        once(Arc::clone(&env)).await;
        env.script().plan.as_ref().map_or(0, |plan| plan.calls().len())
    }

    async fn dies(&mut self, once: &Once<'_>, (call, edge): Point) {
        let env = self.heard(Plan::cut_at(call, edge));
        let end = env.until_cut(once(Arc::clone(&env))).await;
        assert!(end.is_none(), "{}: call {call} is reached", self.function);
    }

    /// Everything that there is, but for how often something was written.
    fn stands(&self) -> u64 {
        let mut all = DefaultHasher::new();
        for Item { key, status, due, list, work, doc, .. } in self.env.store.inner.dump() {
            let due = due.map(|due| due.at.millis());
            let lists = [list, work].map(|entry| entry.map(|it| (it.pk, it.sk)));
            (key, status, due, lists, doc).hash(&mut all);
        }
        for Wake { name, at, .. } in self.env.schedules.all() {
            (name, at.millis()).hash(&mut all);
        }
        let sent = self.env.mailer.taken().len() - self.before.0;
        (self.env.blobs.keys(), sent).hash(&mut all);
        all.finish()
    }

    /// What follows at once, then a sweep after the lease: how everything stands, and how often each mail went out.
    async fn rests(&mut self) -> Rest {
        self.env.entropy = MemoryEntropy::new(SEED + 1);
        self.follows().await;
        self.env.clock.set(self.since + LEASE_PASSED);
        Box::pin(sweep::handle(&self.env)).await.expect("the index is read");
        self.follows().await;
        let items = self.env.store.inner.dump();
        let mut rested = compare::snapshot_of(&items, self.since);
        let notices = items.iter().filter(|item| item.key.sk.starts_with(NOTICES));
        let names: BTreeMap<&str, String> = notices
            .map(|item| {
                (item.key.sk.trim_start_matches(NOTICES), compare::name_of(item, self.since))
            })
            .collect();
        for mail in self.env.mailer.taken_since(self.before.0) {
            let times = rested.entry(format!("mail of {}", names[mail.message.notice_id.as_str()]));
            let times = times.or_insert_with(|| 0.into());
            *times = (times.as_u64().unwrap_or_default() + 1).into();
        }
        for name in self.env.blobs.keys() {
            rested.insert(format!("blob {name}"), true.into());
        }
        rested
    }

    /// The stream, and what the mail service tells, until nothing more comes.
    async fn follows(&mut self) {
        let (mut told, mut read) = self.before;
        for _ in 0..ROUNDS_MAX {
            let changes = self.env.store.inner.changes_since(read);
            let mails = self.env.mailer.taken_since(told);
            if changes.is_empty() && mails.is_empty() {
                return;
            }
            (told, read) = (told + mails.len(), read + changes.len());
            let record = |(n, change): (usize, &app::memory::Change)| {
                StreamRecord::new(&change.key, n.to_string())
            };
            let records = changes.iter().enumerate().map(record).collect();
            Box::pin(outbox_relay::handle(&self.env, &StreamBatch { records })).await;
            for taken in mails {
                let at = self.env.clock.now();
                let mail = Mail { at, accepted_at: at, id: taken.id, message: taken.message };
                let told = Box::pin(mail_events::handle(&self.env, &Post::acceptance(&mail))).await;
                told.expect("an event of the mail service");
            }
        }
        panic!("{}: what follows has no end", self.function);
    }
}
