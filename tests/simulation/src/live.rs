//! A life from its beginning to its end.

use app::item::Item;
use app::memory::MemoryStore;
use domain::TimeDelta;

use crate::calls::Call;
use crate::guards::Guard;
use crate::life::Life;
use crate::town::Town;
use crate::watch::Violation;

/// After the faults stop, the world comes to rest within so long: leases end, what was put off comes
/// again, and the sweep has passed.
const REST: TimeDelta = TimeDelta::minutes(40);
/// The life goes on quietly for so long, so that what was begun ends.
const AFTERWARDS: TimeDelta = TimeDelta::days(5);

/// How a life ended.
#[derive(Debug, Clone)]
pub struct End {
    /// What did not hold first.
    pub violation: Option<Violation>,
    /// Calls of functions.
    pub events: u64,
    /// Results that were compared with the oracle's.
    pub compared: u64,
    /// Of everything that happened.
    pub hash: u64,
    /// The story, where it was asked for.
    pub story: Vec<String>,
}

/// A life with everything that was asked of its table.
pub struct Recorded {
    /// How it ended.
    pub end: End,
    /// What lay in the table when it began.
    pub before: Vec<Item>,
    /// The calls, in order.
    pub calls: Vec<Call>,
    /// The table when it had ended.
    pub table: MemoryStore,
}

/// Lives a life and keeps what was asked of its table.
#[must_use]
pub fn recorded(life: &Life) -> Recorded {
    let mut town = Town::new(life, false, None);
    let before = town.ports.store.inner.dump();
    town.ports.store.keep_calls();
    let end = lived(&mut town, life);
    let (calls, table) = (town.ports.store.take_calls(), town.ports.store.inner.clone());
    Recorded { end, before, calls, table }
}

/// Lives a life. `record` keeps the story.
#[must_use]
pub fn live(life: &Life, record: bool) -> End {
    live_without(life, record, None)
}

/// Lives a life with a guard taken away.
#[must_use]
pub fn live_without(life: &Life, record: bool, without: Option<Guard>) -> End {
    lived(&mut Town::new(life, record, without), life)
}

fn lived(town: &mut Town, life: &Life) -> End {
    town.watch.skewed = life.weather.skew;
    for (n, scene) in life.scenes.iter().enumerate() {
        let at = town.when(scene);
        town.until(at);
        if town.watch.has_failed() {
            break;
        }
        town.act(n, scene);
    }
    // Of half the lives the sweep alone is left when the faults stop.
    let hints = life.seed.is_multiple_of(2);
    for span in [REST, AFTERWARDS] {
        if !town.watch.has_failed() {
            town.until(town.now() + TimeDelta::seconds(1));
            town.calm(hints);
            town.until(town.now() + span);
            town.at_rest();
        }
    }
    End {
        violation: town.watch.failure().cloned(),
        events: town.trace.events,
        compared: town.compared,
        hash: town.hash(),
        story: town.trace.story.take().unwrap_or_default(),
    }
}
