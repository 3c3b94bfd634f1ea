//! What the sparse indexes of a store must do.

use std::collections::BTreeSet;

use app::commit::{Condition, Write};
use app::item::{DueEntry, Item, Key};
use app::ports::{Query, Store};
use domain::Instant;

use super::{due, fill, item, listed, replace, worked, write};

/// All pages of a query to the index `list`.
pub async fn all_listed(store: &impl Store, query: &Query) -> Vec<Key> {
    let (mut query, mut found) = (query.clone(), Vec::new());
    loop {
        let page = store.list(&query).await.unwrap();
        assert!(page.items.len() <= query.limit as usize, "a page is longer than its limit");
        found.extend(page.items);
        match page.next {
            None => return found,
            next => query.after = next,
        }
    }
}

/// All pages of a query to the index `work`.
pub async fn all_work(store: &impl Store, query: &Query) -> Vec<Key> {
    let (mut query, mut found) = (query.clone(), Vec::new());
    loop {
        let page = store.work(&query).await.unwrap();
        assert!(page.items.len() <= query.limit as usize, "a page is longer than its limit");
        found.extend(page.items);
        match page.next {
            None => return found,
            next => query.after = next,
        }
    }
}

/// All pages of one shard of the index `due`.
pub async fn all_due(store: &impl Store, shard: u8, until_ms: i64, limit: u32) -> Vec<DueEntry> {
    let until = Instant::from_millis(until_ms);
    let (mut after, mut found) = (None, Vec::new());
    loop {
        let page = store.due(shard, until, limit, after.as_deref()).await.unwrap();
        assert!(page.items.len() <= limit as usize, "a page is longer than its limit");
        found.extend(page.items);
        match page.next {
            None => return found,
            next => after = next,
        }
    }
}

/// The index `due` has only what is due, by instant, up to and including the one asked for.
pub async fn the_due_index_is_sparse_and_ordered(store: &impl Store) {
    let at = [(0, "A", -5), (0, "B", 0), (0, "C", 9), (0, "D", 10), (0, "E", 100), (1, "F", 1)];
    let mut items: Vec<Item> =
        at.iter().map(|(shard, pk, at)| due(item(pk, "WAKE"), *shard, *at)).collect();
    items.push(item("G", "WAKE"));
    items.reverse();
    fill(store, &items).await;
    let names = |entries: Vec<DueEntry>| {
        entries.into_iter().map(|entry| (entry.key.pk, entry.at.millis())).collect::<Vec<_>>()
    };
    let found = names(all_due(store, 0, 10, 10).await);
    let expected = [("A", -5), ("B", 0), ("C", 9), ("D", 10)];
    assert_eq!(found, expected.map(|(pk, at)| (pk.to_owned(), at)));
    assert_eq!(names(all_due(store, 0, 9, 10).await).len(), 3);
    assert_eq!(names(all_due(store, 0, -6, 10).await), []);
    assert_eq!(names(all_due(store, 1, 10, 10).await), [("F".to_owned(), 1)]);
    for shard in 2..8 {
        assert_eq!(names(all_due(store, shard, 1_000, 10).await), []);
    }
}

/// An entry of the index `due` moves with its item, between instants and shards, and goes with it.
pub async fn a_due_entry_moves(store: &impl Store) {
    let entry = |at| DueEntry { key: Key::new("T#A", "WAKE"), at: Instant::from_millis(at) };
    fill(store, &[due(item("T#A", "WAKE"), 0, 5)]).await;
    replace(store, &Item { rev: 2, ..due(item("T#A", "WAKE"), 0, 50) }).await;
    assert_eq!(all_due(store, 0, 10, 10).await, []);
    assert_eq!(all_due(store, 0, 50, 10).await, [entry(50)]);
    replace(store, &Item { rev: 3, ..due(item("T#A", "WAKE"), 3, 50) }).await;
    assert_eq!(all_due(store, 0, 100, 10).await, []);
    assert_eq!(all_due(store, 3, 100, 10).await, [entry(50)]);
    replace(store, &Item { rev: 4, ..item("T#A", "WAKE") }).await;
    assert_eq!(all_due(store, 3, 100, 10).await, []);
    replace(store, &Item { rev: 5, ..due(item("T#A", "WAKE"), 3, 7) }).await;
    assert_eq!(all_due(store, 3, 100, 10).await, [entry(7)]);
    let delete = Write::Delete { key: Key::new("T#A", "WAKE"), when: Condition::RevisionIs(5) };
    assert_eq!(write(store, vec![delete]).await, Ok(()));
    assert_eq!(all_due(store, 3, 100, 10).await, []);
}

/// The index `list` has only what is listed, by sort key, forwards and backwards.
pub async fn the_list_index_is_sparse_and_ordered(store: &impl Store) {
    let rows = [("T#3", "2026-01"), ("T#1", "2026-02"), ("T#2", "2026-03"), ("T#4", "2027-01")];
    let mut items: Vec<Item> =
        rows.iter().map(|(pk, sk)| listed(item(pk, "HEAD"), "C#A#OPEN", sk)).collect();
    items.push(listed(item("T#5", "HEAD"), "C#A#OPENED", "2026-01"));
    items.push(listed(item("T#6", "HEAD"), "C#A#CLOSED", "2026-01"));
    items.push(item("T#7", "HEAD"));
    fill(store, &items).await;
    let keys: Vec<Key> = rows.iter().map(|(pk, _)| Key::new(*pk, "HEAD")).collect();
    for (prefix, expected) in [("", &keys[..]), ("2026", &keys[..3]), ("2028", &[])] {
        for limit in [1, 2, 100] {
            let mut query = Query::new("C#A#OPEN", prefix, limit);
            assert_eq!(all_listed(store, &query).await, expected, "{prefix} {limit}");
            query.newest_first = true;
            let mut backwards = all_listed(store, &query).await;
            backwards.reverse();
            assert_eq!(backwards, expected, "{prefix} {limit} backwards");
        }
    }
}

/// The indexes `list` and `work` are apart: an item stands in either, in both or in none, and moves in
/// one without the other.
pub async fn an_item_has_its_place_in_each_index(store: &impl Store) {
    let names = |keys: Vec<Key>| keys.into_iter().map(|key| key.pk).collect::<Vec<_>>();
    let both =
        |pk: &str, list: &str, work: &str| worked(listed(item(pk, "HEAD"), "L", list), "L", work);
    fill(store, &[both("T#A", "1", "9"), both("T#B", "2", "8")]).await;
    fill(store, &[listed(item("T#C", "HEAD"), "L", "3"), worked(item("T#D", "HEAD"), "L", "7")])
        .await;
    for limit in [1, 2, 10] {
        let mut query = Query::new("L", "", limit);
        assert_eq!(names(all_listed(store, &query).await), ["T#A", "T#B", "T#C"]);
        assert_eq!(names(all_work(store, &query).await), ["T#D", "T#B", "T#A"]);
        query.newest_first = true;
        assert_eq!(names(all_work(store, &query).await), ["T#A", "T#B", "T#D"]);
    }
    replace(store, &Item { rev: 2, ..both("T#A", "1", "6") }).await;
    let query = Query::new("L", "", 10);
    assert_eq!(names(all_work(store, &query).await), ["T#A", "T#D", "T#B"]);
    assert_eq!(names(all_listed(store, &query).await), ["T#A", "T#B", "T#C"]);
    replace(store, &Item { rev: 3, ..listed(item("T#A", "HEAD"), "L", "4") }).await;
    assert_eq!(names(all_work(store, &query).await), ["T#D", "T#B"]);
    assert_eq!(names(all_listed(store, &query).await), ["T#B", "T#C", "T#A"]);
    let found = store.get(&Key::new("T#B", "HEAD")).await.unwrap();
    assert_eq!(found, Some(both("T#B", "2", "8")));
}

/// An entry of the index `list` moves with its item and goes with it.
pub async fn a_list_entry_moves(store: &impl Store) {
    let key = Key::new("T#A", "HEAD");
    let open = Query::new("C#A#OPEN", "", 10);
    let closed = Query::new("C#A#CLOSED", "", 10);
    fill(store, &[listed(item("T#A", "HEAD"), "C#A#OPEN", "1")]).await;
    replace(store, &Item { rev: 2, ..listed(item("T#A", "HEAD"), "C#A#CLOSED", "1") }).await;
    assert_eq!(all_listed(store, &open).await, []);
    assert_eq!(all_listed(store, &closed).await, std::slice::from_ref(&key));
    replace(store, &Item { rev: 3, ..item("T#A", "HEAD") }).await;
    assert_eq!(all_listed(store, &closed).await, []);
    replace(store, &Item { rev: 4, ..listed(item("T#A", "HEAD"), "C#A#OPEN", "9") }).await;
    assert_eq!(all_listed(store, &open).await, std::slice::from_ref(&key));
    let delete = Write::Delete { key, when: Condition::RevisionIs(4) };
    assert_eq!(write(store, vec![delete]).await, Ok(()));
    assert_eq!(all_listed(store, &open).await, []);
}

/// Pages of one row, also where many rows have the same sort key in the index.
pub async fn pages_of_one_meet_everything_once(store: &impl Store) {
    let items: Vec<Item> = (0..12)
        .map(|n| listed(due(item(&format!("T#{n:02}"), "HEAD"), 4, 77), "L", "same"))
        .collect();
    fill(store, &items).await;
    let expected: BTreeSet<Key> = items.iter().map(|item| item.key.clone()).collect();
    for limit in [1, 5, 12, 13] {
        let found = all_due(store, 4, 77, limit).await;
        assert_eq!(found.len(), 12, "limit {limit}");
        assert_eq!(found.into_iter().map(|entry| entry.key).collect::<BTreeSet<_>>(), expected);
        let found = all_listed(store, &Query::new("L", "", limit)).await;
        assert_eq!(found.len(), 12, "limit {limit}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
    }
}
