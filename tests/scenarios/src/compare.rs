//! Two runs compared: what lies in the table, without what may honestly differ.

use std::collections::BTreeMap;

use app::item::{Item, Key};
use app::keys::NOTICES;
use domain::{Instant, TimeDelta};
use serde_json::Value;

use crate::world::World;

/// A run that was interrupted may tell things so much later.
const LATER_MINUTES: i64 = 20;

/// What lies in the table, item by item. Instants that lie shortly after `since` count as the same,
/// and so do those that follow from them a day and two days later: an attempt that was repeated
/// records a later acceptance. How often something was tried is left out.
#[must_use]
pub fn snapshot(world: &World, since: Instant) -> BTreeMap<String, Value> {
    snapshot_of(&world.env.store.inner.dump(), since)
}

/// The same of items that lie anywhere. How often a mail was begun is left out.
#[must_use]
pub fn snapshot_of(items: &[Item], since: Instant) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for item in items.iter().filter(|item| item.key.sk != "TRIES") {
        let mut name = name_of(item, since);
        while all.contains_key(&name) {
            name.push('+');
        }
        all.insert(name, plain(item, since));
    }
    all
}

/// What an item is called: a notice by what it says and to whom, since its id follows from instants and from how
/// often it was tried.
pub(crate) fn name_of(item: &Item, since: Instant) -> String {
    let Key { pk, sk } = &item.key;
    if !sk.starts_with(NOTICES) {
        return format!("{pk}/{sk}");
    }
    let mut doc: Value = serde_json::from_str(&item.doc).expect("documents are JSON");
    plain_value(&mut doc["subject"], since);
    format!("{pk}/{NOTICES}{}", doc["subject"])
}

/// The first difference between two snapshots.
#[must_use]
pub fn difference(
    expected: &BTreeMap<String, Value>,
    found: &BTreeMap<String, Value>,
) -> Option<String> {
    let keys = expected.keys().chain(found.keys());
    let different = keys.into_iter().find(|key| expected.get(*key) != found.get(*key))?;
    let show = |side: &BTreeMap<String, Value>| {
        side.get(different).map_or("nothing".to_owned(), Value::to_string)
    };
    Some(format!("{different}\n  expected {}\n  found    {}", show(expected), show(found)))
}

fn plain(item: &Item, since: Instant) -> Value {
    let mut doc: Value = serde_json::from_str(&item.doc).expect("documents are JSON");
    plain_value(&mut doc, since);
    let due = item.due.map(|due| rounded(due.at.millis(), since));
    let lists: Vec<_> = item.list.iter().chain(&item.work).map(|list| list.pk.clone()).collect();
    serde_json::json!({ "status": item.status, "due": due, "lists": lists, "doc": doc })
}

fn plain_value(value: &mut Value, since: Instant) {
    match value {
        Value::Object(fields) => {
            for name in ["hash", "chain", "ses_id", "attempts", "lease_until", "problem"] {
                fields.remove(name);
            }
            fields.values_mut().for_each(|value| plain_value(value, since));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| plain_value(value, since)),
        Value::Number(number) => {
            if let Some(millis) = number.as_i64() {
                *value = Value::from(rounded(millis, since));
            }
        }
        Value::String(text) if text.starts_with('{') => {
            if let Ok(mut inner) = serde_json::from_str::<Value>(text) {
                plain_value(&mut inner, since);
                *value = inner;
            }
        }
        Value::String(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn rounded(millis: i64, since: Instant) -> i64 {
    let bases = [0, 24, 48].map(|hours| since + TimeDelta::hours(hours));
    let near = bases
        .into_iter()
        .find(|base| (base.millis()..base.millis() + LATER_MINUTES * 60_000).contains(&millis));
    near.map_or(millis, Instant::millis)
}
