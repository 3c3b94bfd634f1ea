//! A life from its beginning to its end.

use domain::TimeDelta;

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

/// Lives a life. `record` keeps the story.
#[must_use]
pub fn live(life: &Life, record: bool) -> End {
    live_without(life, record, None)
}

/// Lives a life with a guard taken away.
#[must_use]
pub fn live_without(life: &Life, record: bool, without: Option<Guard>) -> End {
    let mut town = Town::new(life, record, without);
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
