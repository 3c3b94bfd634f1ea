//! Lives recorded over the table in memory and played again through the production adapter, on an embedded
//! DynamoDB: each call is answered as it was in the life, and the same table is left behind.
//!
//! `SIMULATION_SEEDS=from..to` plays others.

use std::collections::BTreeSet;
use std::ops::Range;

use app::commit::{Commit, Condition, Write};
use app::item::{DUE_SHARDS, Item, Key};
use app::ports::{Query, Store};
use aws::dynamodb::DynamoStore;
use domain::Instant;
use simulation::calls::{Ask, Call};
use simulation::generate;
use simulation::live::{Recorded, recorded};
use simulation::run::{self, on_a_deep_stack};
use tests_conformance::embedded;

/// The lives of every run.
const SEEDS: Range<u64> = 0..3;
/// Items of one commit, or of one read.
const AT_ONCE: usize = 50;

/// What was played.
#[derive(Debug, Default)]
struct Played {
    reads: usize,
    commits: usize,
    refused: usize,
    items: usize,
    index_entries: usize,
}

/// Puts what lay in the table before the life.
async fn put(store: &DynamoStore, items: &[Item]) {
    for items in items.chunks(AT_ONCE) {
        let put = |item: &Item| Write::Put { item: item.clone(), when: Condition::Absent };
        let commit = Commit { writes: items.iter().map(put).collect() };
        store.commit(&commit).await.expect("the table is empty");
    }
}

/// Plays the calls in their order. Where glances lag in memory, as the service may, this store answers what is
/// there, and they are not compared.
async fn play(store: &DynamoStore, seed: u64, calls: &[Call], lags: bool, played: &mut Played) {
    for (n, call) in calls.iter().enumerate() {
        let answer = call.ask.of(store).await;
        let is_compared = !(lags && matches!(call.ask, Ask::Glance(_)));
        if is_compared && answer != call.answer {
            let Call { ask, answer: expected } = call;
            panic!("life {seed}, call {n}: {ask:?}\n  in memory {expected}\n  here      {answer}");
        }
        let is_commit = matches!(call.ask, Ask::Commit(_));
        played.commits += usize::from(is_commit);
        played.refused += usize::from(is_commit && answer != "Ok(())");
        played.reads += usize::from(!is_commit);
    }
}

/// Every item that was ever written.
fn written(lived: &Recorded) -> Vec<Item> {
    let commits = lived.calls.iter().filter_map(|call| match &call.ask {
        Ask::Commit(commit) => Some(commit),
        Ask::Get(_)
        | Ask::Glance(_)
        | Ask::GetMany(_)
        | Ask::Query(_)
        | Ask::Due { .. }
        | Ask::List(_)
        | Ask::Work(_) => None,
    });
    let puts = commits.flat_map(|commit| &commit.writes).filter_map(|write| match write {
        Write::Put { item, .. } => Some(item.clone()),
        Write::Delete { .. } | Write::Check { .. } => None,
    });
    lived.before.iter().cloned().chain(puts).collect()
}

/// Whatever an index holds, as it is asked for: entries of all shards, and of each partition there ever was.
fn indexes(written: &[Item]) -> Vec<Ask> {
    let until = Instant::from_millis(i64::from(u32::MAX) * 1_000);
    let due = |shard| Ask::Due { shard, until, limit: 5_000, after: None };
    let partitions: BTreeSet<&str> = written
        .iter()
        .flat_map(|item| item.list.iter().chain(&item.work))
        .map(|entry| entry.pk.as_str())
        .collect();
    let queries = partitions.into_iter().map(|pk| Query::new(pk, "", 5_000));
    let both = queries.flat_map(|query| [Ask::List(query.clone()), Ask::Work(query)]);
    (0..DUE_SHARDS).map(due).chain(both).collect()
}

/// Compares the two tables item by item, and what their indexes find.
async fn same(seed: u64, lived: &Recorded, store: &DynamoStore, played: &mut Played) {
    let written = written(lived);
    let keys: BTreeSet<Key> = written.iter().map(|item| item.key.clone()).collect();
    let mut found = Vec::new();
    for keys in keys.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        found.extend(store.get_many(keys).await.expect("the store answers"));
    }
    let expected = lived.table.dump();
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(expected, found, "life {seed}: the tables differ");
    }
    assert_eq!(expected.len(), found.len(), "life {seed}: one table holds more");
    played.items += found.len();
    for ask in indexes(&written) {
        let (expected, found) = (ask.of(&lived.table).await, ask.of(store).await);
        assert_eq!(expected, found, "life {seed}: {ask:?}");
        played.index_entries += found.matches("Key {").count();
    }
}

fn replay(seed: u64, played: &mut Played) {
    let life = generate::life(seed);
    let lived = on_a_deep_stack(|| recorded(&life));
    assert!(lived.end.violation.is_none(), "life {seed}: {:?}", lived.end.violation);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        let store = embedded().await;
        put(&store, &lived.before).await;
        play(&store, seed, &lived.calls, life.weather.stale, played).await;
        same(seed, &lived, &store, played).await;
    });
}

#[test]
fn lives_go_the_same_on_the_production_adapter() {
    let seeds = run::seeds_asked().unwrap_or(SEEDS);
    let mut played = Played::default();
    for seed in seeds.clone() {
        replay(seed, &mut played);
    }
    println!("lives {seeds:?}: {played:?}");
    let Played { reads, commits, refused, items, index_entries } = played;
    assert!([reads, commits, refused, items, index_entries].iter().all(|it| *it > 0));
}
