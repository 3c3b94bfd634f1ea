//! The store in memory and the production adapter do the same, for any series of commits: the same
//! answers, the same items, the same indexes, the same units.

use app::commit::{Commit, Condition, Write};
use app::item::{DUE_SHARDS, Due, Item, Key, ListEntry};
use app::memory::MemoryStore;
use app::ports::{Query, Store};
use aws::dynamodb::DynamoStore;
use domain::Instant;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tests_conformance::embedded;
use tests_conformance::suites::store::{all_due, all_items, all_listed, all_work};

const PARTITIONS: [&str; 2] = ["T#A", "T#Ñ"];
const LISTS: [&str; 2] = ["C#A#OPEN", "C#A#CLOSED"];
const LATE_MS: i64 = 1_000_000_000_000_000;

fn key() -> impl Strategy<Value = Key> {
    (prop::sample::select(&PARTITIONS), 0..4_u8).prop_map(|(pk, n)| Key::new(pk, format!("E#{n}")))
}

fn status() -> impl Strategy<Value = String> {
    prop::sample::select(&["pending", "sent"]).prop_map(str::to_owned)
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        3 => Just(Condition::Absent),
        3 => (1..3_u64).prop_map(Condition::RevisionIs),
        1 => (0..3_u64).prop_map(Condition::GateRevIs),
        1 => status().prop_map(Condition::StatusIs),
    ]
}

fn item() -> impl Strategy<Value = Item> {
    let due = (0..2_u8, prop_oneof![0..5_i64, Just(1_795_219_200_123)])
        .prop_map(|(shard, at)| Due { shard, at: Instant::from_millis(at) });
    let list = || {
        (prop::sample::select(&LISTS), 0..3_u8)
            .prop_map(|(pk, n)| ListEntry { pk: pk.to_owned(), sk: format!("{n}") })
    };
    let expiry = (0..5_000_i64).prop_map(Instant::from_millis);
    (
        key(),
        1..3_u64,
        prop::option::of(status()),
        prop::option::of(due),
        prop::option::of(list()),
        prop::option::of(list()),
        prop::option::of(expiry),
        prop_oneof![Just(2), 0..3_000_usize],
    )
        .prop_map(|(key, rev, status, due, list, work, expires_at, length)| Item {
            key,
            rev,
            status,
            due,
            list,
            work,
            expires_at,
            schema: 1,
            doc: "x".repeat(length),
        })
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        6 => (item(), condition()).prop_map(|(item, when)| Write::Put { item, when }),
        2 => (key(), condition()).prop_map(|(key, when)| Write::Delete { key, when }),
        1 => (key(), condition()).prop_map(|(key, when)| Write::Check { key, when }),
    ]
}

fn commits() -> impl Strategy<Value = Vec<Commit>> {
    let commit = prop::collection::vec(write(), 1..4).prop_map(|writes| Commit { writes });
    prop::collection::vec(commit, 1..30)
}

async fn compare(commits: Vec<Commit>) -> Result<(), TestCaseError> {
    let memory = MemoryStore::new();
    let dynamo = embedded().await;
    for commit in &commits {
        let before = dynamo.consumed();
        let _ = memory.take_units();
        let expected = memory.commit(commit).await;
        let answer = dynamo.commit(commit).await;
        let same_fault = matches!(
            (&expected, &answer),
            (Err(app::commit::CommitError::Fault(_)), Err(app::commit::CommitError::Fault(_)))
        );
        prop_assert!(same_fault || expected == answer, "{expected:?} {answer:?} {commit:?}");
        if answer.is_ok() {
            let told = dynamo.consumed().write - before.write;
            prop_assert_eq!(memory.take_units().write, told, "units of {:?}", commit);
        }
    }
    same_reads(&memory, &dynamo).await
}

async fn same_reads(memory: &MemoryStore, dynamo: &DynamoStore) -> Result<(), TestCaseError> {
    let before = dynamo.consumed();
    let _ = memory.take_units();
    for pk in PARTITIONS {
        for (limit, newest_first) in [(100, false), (2, true)] {
            let query = Query { newest_first, ..Query::new(pk, "E#", limit) };
            prop_assert_eq!(all_items(memory, &query).await, all_items(dynamo, &query).await);
            let query = Query { up_to: Some("E#2".to_owned()), ..query };
            prop_assert_eq!(all_items(memory, &query).await, all_items(dynamo, &query).await);
        }
    }
    for shard in 0..DUE_SHARDS {
        let expected = all_due(memory, shard, LATE_MS, 3).await;
        prop_assert_eq!(expected, all_due(dynamo, shard, LATE_MS, 3).await);
    }
    for pk in LISTS {
        let query = Query::new(pk, "", 3);
        prop_assert_eq!(all_listed(memory, &query).await, all_listed(dynamo, &query).await);
        prop_assert_eq!(all_work(memory, &query).await, all_work(dynamo, &query).await);
    }
    let keys: Vec<Key> = memory.dump().into_iter().map(|item| item.key).collect();
    prop_assert_eq!(memory.get_many(&keys).await, dynamo.get_many(&keys).await);
    for key in keys.iter().chain([&Key::new("none", "none")]) {
        prop_assert_eq!(memory.get(key).await, dynamo.get(key).await);
        prop_assert_eq!(memory.glance(key).await, dynamo.glance(key).await);
    }
    let told = dynamo.consumed().read_halves - before.read_halves;
    prop_assert_eq!(memory.take_units().read_halves, told, "read units");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_and_dynamodb_agree(commits in commits()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compare(commits))?;
    }
}
