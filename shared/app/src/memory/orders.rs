//! Several at once over one table: every order in which their calls to the store can come is followed.
//!
//! Each act stops before each of its calls; which one goes on is chosen, and every choice is followed that
//! can make a difference. Reads between two commits do not: they are made in the order of those who make
//! them. Where two ways lead to the same table, and each act has heard the same answers, the rest is the
//! same and is followed once.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::faults::{Edge, Faulty, Script, Step};
use super::{MemoryEntropy, MemoryEnv};

/// The world as one of several meets it.
pub type Shared = Faulty<MemoryEnv, Arc<Stops>>;

/// What somebody does in it.
pub type Act<A> = Pin<Box<dyn Future<Output = A>>>;

/// How an act is begun. It is begun anew for each order.
pub type Deed<'a, A> = Box<dyn Fn(Shared) -> Act<A> + 'a>;

/// Stops before each call to the store, and remembers what it answered. What lies elsewhere is the same for
/// all.
#[derive(Default)]
pub struct Stops {
    /// Whether the call before which it stopped is a commit.
    commits: AtomicBool,
    answers: Mutex<DefaultHasher>,
}

impl Stops {
    fn answers(&self) -> MutexGuard<'_, DefaultHasher> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Script for Stops {
    fn step(&self, _: usize, name: &'static str, edge: Edge) -> Step {
        if edge == Edge::After || !name.starts_with("store.") {
            return Step::Pass;
        }
        self.commits.store(name == "store.commit", Ordering::SeqCst);
        Step::Wait
    }

    fn answered(&self, answer: &dyn Debug) {
        format!("{answer:?}").hash(&mut *self.answers());
    }
}

/// Whether somebody has ended, how many calls he has made, and what he has heard.
type Stand = (bool, u64, u64);

/// Somebody at his act.
struct Seat<A> {
    act: Option<Act<A>>,
    answer: Option<A>,
    calls: u64,
    stops: Arc<Stops>,
}

impl<A> Seat<A> {
    /// In the world, at the first call of an act. What he draws is his own.
    fn at(env: &MemoryEnv, deed: &Deed<'_, A>, seed: u64) -> Self {
        let stops = Arc::<Stops>::default();
        let env = MemoryEnv { entropy: MemoryEntropy::new(seed), ..env.clone() };
        let act = Some(deed(Faulty::new(env, Arc::clone(&stops))));
        let mut seat = Self { act, answer: None, calls: 0, stops };
        seat.go();
        seat
    }

    /// He goes on until his next call.
    fn go(&mut self) {
        let Some(act) = &mut self.act else { return };
        self.calls += 1;
        if let Poll::Ready(answer) = act.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            (self.act, self.answer) = (None, Some(answer));
        }
    }

    /// Whether a commit is what he does next.
    fn commits(&self) -> bool {
        self.stops.commits.load(Ordering::SeqCst)
    }

    fn stands(&self) -> Stand {
        (self.act.is_none(), self.calls, self.stops.answers().finish())
    }
}

/// A table with several who are at their acts.
struct Table<A> {
    env: MemoryEnv,
    seats: Vec<Seat<A>>,
}

impl<A> Table<A> {
    /// A copy of the world, in which each of them has come to his first call.
    fn of(world: &MemoryEnv, deeds: &[Deed<'_, A>]) -> Self {
        let mut env = world.fork_on(world.store.fork());
        // A version of the same number says something else after another order.
        env.agreements = Arc::new((*world.agreements).clone());
        let seats = (1..).zip(deeds).map(|(seed, deed)| Seat::at(&env, deed, seed)).collect();
        Self { env, seats }
    }

    /// Everything on which the rest depends.
    fn stands(&self) -> (u64, Vec<Stand>) {
        let mut table = DefaultHasher::new();
        for item in self.env.store.dump() {
            (&item.key, item.rev, &item.status, &item.doc).hash(&mut table);
        }
        (table.finish(), self.seats.iter().map(Seat::stands).collect())
    }

    /// One of them makes his call. Who made it, where it was a read.
    fn go(&mut self, who: usize) -> Option<usize> {
        let commits = self.seats[who].commits();
        self.seats[who].go();
        (!commits).then_some(who)
    }

    /// Who may go on, after a read of `last` where the last call was one.
    fn choices(&self, last: Option<usize>) -> Vec<usize> {
        let seats = self.seats.iter().enumerate().filter(|(_, seat)| seat.act.is_some());
        let may = |who: usize, seat: &Seat<A>| last.is_none_or(|it| it <= who) || seat.commits();
        seats.filter(|(who, seat)| may(*who, seat)).map(|(who, _)| who).collect()
    }

    fn is_over(&self) -> bool {
        self.seats.iter().all(|seat| seat.act.is_none())
    }

    /// The world as it is once all have ended, and what each heard.
    fn end(self) -> (MemoryEnv, Vec<A>) {
        let answers = self.seats.into_iter().filter_map(|seat| seat.answer);
        (self.env, answers.collect())
    }
}

/// What every order came to.
pub struct Orders<O> {
    /// The ends: who went on at each step, and what it came to.
    pub ends: Vec<(Vec<usize>, O)>,
    /// What it comes to where one acts after the other, whoever is first.
    pub usual: BTreeSet<O>,
    /// How often there was a choice: different tables, with how far each had come.
    pub choices: usize,
}

/// Follows every order of several acts from one world. An outcome is what is made of the world as it is then
/// and of what each of them heard.
pub fn every_order<A, O: Ord>(
    world: &MemoryEnv,
    deeds: &[Deed<'_, A>],
    outcome: impl Fn(MemoryEnv, Vec<A>) -> O,
) -> Orders<O> {
    let (mut ends, mut usual, mut seen) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for order in one_after_the_other(deeds.len()) {
        let mut table = Table::of(world, deeds);
        for who in order {
            while table.seats[who].act.is_some() {
                table.go(who);
            }
        }
        let (env, answers) = table.end();
        usual.insert(outcome(env, answers));
    }
    let mut begun: Vec<Vec<usize>> = vec![Vec::new()];
    while let Some(mut order) = begun.pop() {
        let (mut table, mut last) = (Table::of(world, deeds), None);
        for who in &order {
            last = table.go(*who);
        }
        while let [first, others @ ..] = table.choices(last).as_slice() {
            if !others.is_empty() && !seen.insert((table.stands(), last)) {
                break;
            }
            begun.extend(others.iter().map(|who| [order.as_slice(), &[*who]].concat()));
            last = table.go(*first);
            order.push(*first);
        }
        if table.is_over() {
            let (env, answers) = table.end();
            ends.push((order, outcome(env, answers)));
        }
    }
    Orders { ends, usual, choices: seen.len() }
}

/// Every order of so many.
fn one_after_the_other(count: usize) -> Vec<Vec<usize>> {
    let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
    for who in 0..count {
        orders = orders
            .into_iter()
            .flat_map(|order| {
                (0..=order.len()).map(move |place| {
                    let mut order = order.clone();
                    order.insert(place, who);
                    order
                })
            })
            .collect();
    }
    orders
}
