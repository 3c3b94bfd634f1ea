//! Three who settle one held mail at once, in every order in which their calls to the store can come: what
//! is true afterwards, who is told, and what each hears, is what one of the six orders one after the other
//! brings about.
//!
//! Each act stops before each of its calls; which one goes on is chosen, and every choice is followed. Where
//! two ways lead to the same table, and each act has heard the same answers, the rest is the same and is
//! followed once.

use std::collections::BTreeSet;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use app::Failure;
use app::codec::Stored;
use app::commit::{Commit, CommitError};
use app::inbound::{self, Desk, Resolved};
use app::item::{DueEntry, Item, Key, Page};
use app::keys;
use app::memory::faults::{Edge, Faulty, Script, Step};
use app::memory::{MemoryEntropy, MemoryEnv, MemoryStore};
use app::ports::{Query, Store, StoreError};
use app::records::Events;
use domain::evidence::{Event, Link};
use domain::ticket::Fact;
use domain::{Instant, TimeDelta};

use super::kit::{
    Letter, client, letter, lucia, notices, opened, post, record, run, solved, spoc, world,
};

const ANA: &str = "ana.lopez@ferreteria-nortena.example";
const JORGE: &str = "jorge.medina@ferreteria-nortena.example";
const COLLEAGUE: &str = "karla@ferreteria-nortena.example";

/// What somebody does with the mail `m1`.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Confirm(&'static str),
    Adopt(&'static str),
    Release,
    Discard,
    Lapse,
    /// The same mail comes again, and this copy proves its sender.
    Copy,
}

/// A mail that waits for one of these, and how long before the end of its wait they come.
struct Case {
    name: &'static str,
    from: &'static str,
    on_ticket: bool,
    deeds: [Deed; 3],
    before_its_end: Option<TimeDelta>,
}

const CASES: [Case; 5] = [
    Case {
        name: "who may not open confirms, and his mail waits to be adopted",
        from: JORGE,
        on_ticket: false,
        deeds: [Deed::Confirm("jorge"), Deed::Adopt("ana"), Deed::Discard],
        before_its_end: None,
    },
    Case {
        name: "an answer that puts a closing off",
        from: ANA,
        on_ticket: true,
        deeds: [Deed::Confirm("ana"), Deed::Release, Deed::Discard],
        before_its_end: None,
    },
    Case {
        name: "a colleague's answer",
        from: COLLEAGUE,
        on_ticket: true,
        deeds: [Deed::Adopt("ana"), Deed::Adopt("beto"), Deed::Discard],
        before_its_end: None,
    },
    Case {
        name: "a colleague's request, in its last millisecond",
        from: COLLEAGUE,
        on_ticket: false,
        deeds: [Deed::Adopt("ana"), Deed::Lapse, Deed::Discard],
        before_its_end: Some(TimeDelta::milliseconds(1)),
    },
    Case {
        name: "a request, once its question has expired",
        from: ANA,
        on_ticket: false,
        deeds: [Deed::Confirm("ana"), Deed::Lapse, Deed::Copy],
        before_its_end: Some(TimeDelta::zero()),
    },
];

/// A store that remembers what it answered.
#[derive(Clone)]
struct Heard {
    inner: MemoryStore,
    answers: Arc<Mutex<DefaultHasher>>,
}

impl Heard {
    fn hear<'a>(&self, items: impl IntoIterator<Item = &'a Item>) {
        let mut answers = self.answers.lock().unwrap();
        for item in items {
            add(&mut answers, item);
        }
        0xff_u8.hash(&mut *answers);
    }
}

/// What an item says, to what was said before.
fn add(said: &mut DefaultHasher, item: &Item) {
    (&item.key, item.rev, &item.status, &item.doc).hash(said);
}

impl Store for Heard {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let found = self.inner.get(key).await?;
        self.hear(&found);
        Ok(found)
    }

    async fn glance(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let found = self.inner.glance(key).await?;
        self.hear(&found);
        Ok(found)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let found = self.inner.get_many(keys).await?;
        self.hear(&found);
        Ok(found)
    }

    async fn query(&self, query: &Query) -> Result<Page<Item>, StoreError> {
        let page = self.inner.query(query).await?;
        self.hear(&page.items);
        Ok(page)
    }

    async fn due(
        &self,
        shard: u8,
        until: Instant,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Page<DueEntry>, StoreError> {
        self.inner.due(shard, until, limit, after).await
    }

    async fn list(&self, query: &Query) -> Result<Page<Key>, StoreError> {
        self.inner.list(query).await
    }

    async fn work(&self, query: &Query) -> Result<Page<Key>, StoreError> {
        self.inner.work(query).await
    }

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        let answer = self.inner.commit(commit).await;
        answer.is_ok().hash(&mut *self.answers.lock().unwrap());
        answer
    }
}

/// Stops before each call to the store. What lies in the bucket is the same for all.
struct Stops;

impl Script for Stops {
    fn step(&self, _: usize, name: &'static str, edge: Edge) -> Step {
        if edge == Edge::Before && name.starts_with("store.") { Step::Wait } else { Step::Pass }
    }
}

/// What somebody hears: how the mail stands, whether it was he who settled it.
type Answer = Result<Resolved, Failure>;
type Act = Pin<Box<dyn Future<Output = Answer>>>;

/// Whether somebody has ended, how many calls he has made, and what he has heard.
type Stand = (bool, u64, u64);

/// Somebody at his act.
struct Seat {
    act: Option<Act>,
    answer: Option<Answer>,
    calls: u64,
    answers: Arc<Mutex<DefaultHasher>>,
}

impl Seat {
    /// He goes on until his next call.
    fn go(&mut self) {
        let Some(act) = &mut self.act else { return };
        self.calls += 1;
        if let Poll::Ready(answer) = act.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            (self.act, self.answer) = (None, Some(answer));
        }
    }

    fn stands(&self) -> Stand {
        (self.act.is_none(), self.calls, self.answers.lock().unwrap().clone().finish())
    }
}

/// A table with three who are at their acts.
struct Table {
    env: MemoryEnv,
    seats: Vec<Seat>,
}

impl Table {
    /// A copy of the world, in which each of the three has come to his first call.
    fn of(world: &MemoryEnv, deeds: &[Deed]) -> Self {
        let env = world.fork_on(world.store.fork());
        let seats = (1..).zip(deeds).map(|(seed, deed)| Self::seat(&env, *deed, seed)).collect();
        Self { env, seats }
    }

    fn seat(env: &MemoryEnv, deed: Deed, seed: u64) -> Seat {
        let answers = Arc::default();
        let (inner, settings) = (env.store.clone(), env.settings.clone());
        let store = Heard { inner, answers: Arc::clone(&answers) };
        let env = MemoryEnv {
            store,
            mailer: env.mailer.clone(),
            schedules: env.schedules.clone(),
            blobs: env.blobs.clone(),
            secrets: env.secrets.clone(),
            clock: env.clock.clone(),
            entropy: MemoryEntropy::new(seed),
            settings,
            agreements: Arc::clone(&env.agreements),
        };
        let act = async move { done(&Faulty::new(env, Stops), deed).await };
        let mut seat = Seat { act: Some(Box::pin(act)), answer: None, calls: 0, answers };
        seat.go();
        seat
    }

    /// Everything on which the rest depends.
    fn stands(&self) -> (u64, Vec<Stand>) {
        let mut table = DefaultHasher::new();
        for item in self.env.store.dump() {
            add(&mut table, &item);
        }
        (table.finish(), self.seats.iter().map(Seat::stands).collect())
    }

    /// What is true, who is told, and what each of the three heard.
    fn outcome(&self) -> Vec<String> {
        let answers = self.seats.iter().map(|seat| match seat.answer.as_ref().unwrap() {
            Ok(it) => format!("{} {} {}", it.status.word(), it.is_new, it.ticket.is_some()),
            Err(failure) => format!("{failure}"),
        });
        let mut told: Vec<String> = answers.collect();
        let (kept, status) = record(&self.env, "m1");
        let by = kept.resolved.map(|it| format!("{:?}", it.by));
        told.push(format!("{} {by:?} {}", status.word(), kept.ticket.is_some()));
        let items = self.env.store.dump();
        // References are drawn, so of two tickets either may come first.
        let events = items.iter().filter(|it| it.key.sk.starts_with(keys::EVENTS));
        let mut events: Vec<String> = events.map(facts).collect();
        events.sort();
        told.extend(events);
        told.extend(notices(&self.env));
        told
    }
}

/// Which facts one act recorded, and who did it.
fn facts(item: &Item) -> String {
    let links = Stored::<Events>::read(item).unwrap().doc.links;
    let event = |link: &Link| -> Event<Fact> { link.event().unwrap() };
    let facts = links.iter().map(event).map(|it| {
        let fact = serde_json::to_value(&it.fact).unwrap();
        format!("{} by {:?}", fact["kind"], it.by)
    });
    facts.collect::<Vec<_>>().join(", ")
}

async fn done<E: app::ports::Env>(env: &E, deed: Deed) -> Answer {
    let now = app::ports::Clock::now(env.clock());
    let (nort, member) = (client("NORT"), lucia());
    let desk = Desk { member: &member, at: now, reason: "Lo dijo por teléfono." };
    match deed {
        Deed::Confirm(who) => inbound::confirm(env, "m1", &spoc(who), &nort, now).await,
        Deed::Adopt(who) => inbound::adopt(env, "m1", &spoc(who), &nort, now).await,
        Deed::Release => inbound::release(env, "m1", &desk).await,
        Deed::Discard => inbound::discard(env, "m1", &desk).await,
        Deed::Lapse => inbound::lapse(env, &keys::inbound("m1")).await.map(|()| looked()),
        Deed::Copy => {
            let mut copy = second();
            copy.dmarc = "PASS";
            copy.taken(env).await.map(|_| looked())
        }
    }
}

/// Who does not ask hears nothing.
fn looked() -> Resolved {
    let status = app::records::MailStatus::Note;
    Resolved { ses_id: String::new(), status, ticket: None, is_new: false }
}

fn mail(from: &str, on_ticket: bool) -> Letter {
    let subject = if on_ticket { "Re: [NORT-7K2QX9RD-Y] No timbra" } else { "No timbra" };
    letter("m1", from, subject).with("Message-ID: <uno@correo.example>")
}

/// The same mail of Ana once more.
fn second() -> Letter {
    Letter { id: "m2".to_owned(), ..mail(ANA, false) }
}

/// The world in which the mail waits, at the instant at which the three act.
fn waiting(case: &Case) -> MemoryEnv {
    let env = world("17T10:00");
    let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
    solved(&env, &reference);
    env.clock.advance_ms(60_000);
    let mut waits = mail(case.from, case.on_ticket);
    if case.from != COLLEAGUE {
        waits = waits.unproven();
    }
    waits.arrives(&env);
    post(&env);
    env.clock.advance_ms(60_000);
    if let Some(left) = case.before_its_end {
        let (kept, _) = record(&env, "m1");
        env.clock.set(kept.lapses_at.unwrap() - left);
    }
    if case.deeds.iter().any(|it| matches!(it, Deed::Copy)) {
        run(second().stored(&env));
    }
    env
}

/// Follows every order from the table that `orders` leads to.
struct Search<'a> {
    world: &'a MemoryEnv,
    deeds: &'a [Deed],
    seen: BTreeSet<(u64, Vec<Stand>)>,
    ends: Vec<(Vec<usize>, Vec<String>)>,
}

impl Search<'_> {
    fn table(&self, order: &[usize]) -> Table {
        let mut table = Table::of(self.world, self.deeds);
        order.iter().for_each(|who| table.seats[*who].go());
        table
    }

    fn follow(&mut self, order: &mut Vec<usize>) {
        let table = self.table(order);
        if !self.seen.insert(table.stands()) {
            return;
        }
        let at_it: Vec<usize> =
            (0..table.seats.len()).filter(|who| table.seats[*who].act.is_some()).collect();
        if at_it.is_empty() {
            self.ends.push((order.clone(), table.outcome()));
        }
        for who in at_it {
            order.push(who);
            self.follow(order);
            order.pop();
        }
    }

    /// What it comes to where one acts after the other.
    fn one_after_the_other(&self) -> BTreeSet<Vec<String>> {
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let outcome = |order: [usize; 3]| {
            let mut table = Table::of(self.world, self.deeds);
            for who in order {
                while table.seats[who].act.is_some() {
                    table.seats[who].go();
                }
            }
            table.outcome()
        };
        orders.map(outcome).into()
    }
}

/// G10, 9.6, M1a, 1.2a: one settles it, the others see what he did.
#[test]
fn of_three_that_settle_a_mail_one_wins_in_every_order() {
    for case in &CASES {
        let world = waiting(case);
        let (seen, ends) = (BTreeSet::new(), Vec::new());
        let mut search = Search { world: &world, deeds: &case.deeds, seen, ends };
        let usual = search.one_after_the_other();
        search.follow(&mut Vec::new());
        for (order, outcome) in &search.ends {
            let name = case.name;
            let opened = outcome.iter().filter(|it| it.starts_with("\"opened\"")).count();
            assert!(opened <= 2, "{name}: {order:?}: two tickets of one mail (M4)");
            assert!(usual.contains(outcome), "{name}: {order:?}: {outcome:#?} and not {usual:#?}");
        }
        let (tables, ends) = (search.seen.len(), search.ends.len());
        println!("{}: {tables} states, {ends} ends, {} outcomes", case.name, usual.len());
        assert!(usual.len() > 1 && ends > usual.len(), "{}: nobody raced", case.name);
    }
}
