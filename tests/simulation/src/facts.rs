//! What must hold of single facts, as they are recorded.

use app::inbound::INBOUND;
use app::ports::Blobs as _;
use domain::{Instant, TimeDelta};
use futures::FutureExt as _;
use serde_json::Value;

use crate::job::Ports;
use crate::watch::number;
use crate::witness::SURVEYED;

/// A host's clock is off by at most so much.
const SKEW: TimeDelta = TimeDelta::seconds(150);

/// For so long a key of a request counts: 30 days, less what clocks may differ.
pub const KEY_KEPT_MS: i64 = 30 * 86_400_000 - 300_000;

/// A ticket or an account: everything that was recorded of it, as it was written.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Events in order; the one with number n at place n - 1.
    pub events: Vec<Value>,
    /// Revision of the head.
    pub rev: u64,
}

impl History {
    /// The facts, oldest first.
    pub fn facts(&self) -> impl DoubleEndedIterator<Item = &Value> {
        self.events.iter().map(|event| &event["fact"])
    }

    /// The facts of a kind, oldest first.
    pub fn of_kind(&self, kind: &str) -> impl DoubleEndedIterator<Item = &Value> {
        self.facts().filter(move |fact| fact["kind"] == kind)
    }
}

/// Checks a new event against what was recorded before it.
///
/// # Errors
/// What must hold, and what was found.
pub fn check(now: Instant, before: &History, event: &Value) -> Result<(), (&'static str, String)> {
    let recorded = number(event, "at");
    let fact = &event["fact"];
    if recorded > (now + SKEW).millis() {
        return Err(("5: nothing is recorded ahead of its time", event.to_string()));
    }
    let due = match fact["kind"].as_str().unwrap_or_default() {
        "warned" | "paged" | "information_reminded" | "solution_reminded" => number(fact, "due"),
        "missed" => number(fact, "target") + 1,
        // A message that was received after it may be what records it, at a host whose clock is behind.
        "closed" if fact["reason"] == "auto" && number(fact, "at") <= now.millis() => recorded,
        "closed" if fact["reason"] == "auto" => number(fact, "at"),
        "escalated" => return escalated(before, event),
        "miss_retracted" => return retracted(before, event),
        _ => return Ok(()),
    };
    if due > recorded {
        return Err(("5: a timer never acts before its instant", event.to_string()));
    }
    Ok(())
}

/// G7: a miss that was told is taken back for a fact, not because another host's clock is behind.
fn retracted(before: &History, event: &Value) -> Result<(), (&'static str, String)> {
    const NO_FACTS: [&str; 6] =
        ["escalated", "warned", "paged", "information_reminded", "solution_reminded", SURVEYED];
    let since = before.facts().rev().take_while(|fact| fact["kind"] != "missed");
    if since.into_iter().all(|fact| NO_FACTS.iter().any(|kind| fact["kind"] == *kind)) {
        return Err(("G7: what was told is taken back for a fact", event.to_string()));
    }
    Ok(())
}

/// Invariant 16: each level once per cycle, level 3 only while its criteria hold.
fn escalated(before: &History, event: &Value) -> Result<(), (&'static str, String)> {
    let level = &event["fact"]["level"];
    // A cycle that was brought back has what it had: only what came since it began is looked at.
    let since = before.events.iter().rev().take_while(|it| it["fact"]["kind"] != "reopened");
    let back = ["closure_undone", "thanked", "miss_retracted"];
    let since: Vec<&Value> = since.map(|it| &it["fact"]).collect();
    let brought_back = since.iter().any(|it| back.iter().any(|kind| it["kind"] == *kind));
    let found = || {
        let facts: Vec<String> = before.facts().map(ToString::to_string).collect();
        format!("{event} after {}", facts.join(", "))
    };
    let again = since.iter().any(|it| it["kind"] == "escalated" && it["level"] == *level);
    if again && !brought_back {
        return Err(("16: each level once per cycle", found()));
    }
    if *level == "emergency" && !brought_back {
        let critical = since.iter().find_map(|it| match it["kind"].as_str() {
            Some("declared_critical") => Some(true),
            Some("downgraded") => Some(false),
            Some("opened") => Some(!it["critical"].is_null()),
            _ => None,
        });
        if critical != Some(true) {
            return Err(("16: level 3 only while its criteria hold", found()));
        }
    }
    Ok(())
}

/// Whether a gate is closed at an instant.
#[must_use]
pub fn is_closed(gate: &Value, at: i64) -> bool {
    gate["spans"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|span| number(span, "from") <= at && span["to"].as_i64().is_none_or(|to| at < to))
}

/// The mails in the bucket that were stored before an instant.
#[must_use]
pub fn older_in_bucket(ports: &Ports, at: i64) -> Vec<String> {
    let page = ports.blobs.list(INBOUND, None, u32::MAX).now_or_never();
    let page = page.expect("nothing in memory waits").expect("blobs in memory");
    let older = page
        .items
        .into_iter()
        .filter(|blob| blob.last_modified.is_some_and(|stored| stored.millis() < at));
    older.map(|blob| blob.key).collect()
}
