//! A life that failed is cut down to the acts and the kinds of fault without which it would not have.

use crate::life::{Life, Weather};
use crate::live::live;

/// The shortest life found in which the same thing does not hold. Every part is tried without, larger
/// ones first.
#[must_use]
pub fn shrink(life: &Life) -> Life {
    let Some(wrong) = wrong(life) else { return life.clone() };
    let mut short = life.clone();
    let mut size = short.scenes.len();
    while size > 0 {
        let mut from = 0;
        while from < short.scenes.len() {
            let mut shorter = short.clone();
            shorter.scenes.drain(from..(from + size).min(short.scenes.len()));
            if self::wrong(&shorter) == Some(wrong) {
                short = shorter;
            } else {
                from += size;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    for calmer in calmer(short.weather) {
        let weather = both(short.weather, calmer);
        let calmer = Life { weather, ..short.clone() };
        if self::wrong(&calmer) == Some(wrong) {
            short = calmer;
        }
    }
    short
}

fn wrong(life: &Life) -> Option<&'static str> {
    live(life, false).violation.map(|violation| violation.invariant)
}

/// The weather with one kind of fault less, for each kind; first with none.
fn calmer(weather: Weather) -> [Weather; 8] {
    [
        Weather::CALM,
        Weather { crashes: false, ..weather },
        Weather { errors: false, ..weather },
        Weather { slow: false, ..weather },
        Weather { events: false, ..weather },
        Weather { skew: false, ..weather },
        Weather { stale: false, ..weather },
        Weather { release: false, ..weather },
    ]
}

const fn both(one: Weather, other: Weather) -> Weather {
    Weather {
        crashes: one.crashes && other.crashes,
        errors: one.errors && other.errors,
        slow: one.slow && other.slow,
        events: one.events && other.events,
        skew: one.skew && other.skew,
        stale: one.stale && other.stale,
        release: one.release && other.release,
    }
}
