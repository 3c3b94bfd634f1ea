//! What a store must do. Every case starts on an empty one.

use app::commit::{Commit, CommitError, Condition, WRITES_MAX, Write};
use app::item::{Due, DueEntry, Item, Key, ListEntry};
use app::ports::{Query, Store, StoreError};
use domain::Instant;

mod indexes;

pub use indexes::{
    a_due_entry_moves, a_list_entry_moves, all_due, all_listed, all_work,
    an_item_has_its_place_in_each_index, pages_of_one_meet_everything_once,
    the_due_index_is_sparse_and_ordered, the_list_index_is_sparse_and_ordered,
};

/// A small item of revision 1.
#[must_use]
pub fn item(pk: &str, sk: &str) -> Item {
    Item {
        key: Key::new(pk, sk),
        rev: 1,
        status: None,
        due: None,
        list: None,
        work: None,
        expires_at: None,
        schema: 1,
        doc: "{}".to_owned(),
    }
}

/// A put.
#[must_use]
pub fn put(item: &Item, when: Condition) -> Write {
    Write::Put { item: item.clone(), when }
}

fn due(mut item: Item, shard: u8, at_ms: i64) -> Item {
    item.due = Some(Due { shard, at: Instant::from_millis(at_ms) });
    item
}

fn worked(mut item: Item, pk: &str, sk: &str) -> Item {
    item.work = Some(ListEntry { pk: pk.to_owned(), sk: sk.to_owned() });
    item
}

fn listed(mut item: Item, pk: &str, sk: &str) -> Item {
    item.list = Some(ListEntry { pk: pk.to_owned(), sk: sk.to_owned() });
    item
}

async fn write(store: &impl Store, writes: Vec<Write>) -> Result<(), CommitError> {
    store.commit(&Commit { writes }).await
}

/// Puts items where there are none.
async fn fill(store: &impl Store, items: &[Item]) {
    let writes: Vec<Write> = items.iter().map(|item| put(item, Condition::Absent)).collect();
    for writes in writes.chunks(20) {
        write(store, writes.to_vec()).await.unwrap();
    }
}

/// Replaces an item, whatever its revision is.
async fn replace(store: &impl Store, new: &Item) {
    let rev = store.get(&new.key).await.unwrap().map(|old| old.rev);
    let when = rev.map_or(Condition::Absent, Condition::RevisionIs);
    write(store, vec![put(new, when)]).await.unwrap();
}

/// All pages of a query to the table.
pub async fn all_items(store: &impl Store, query: &Query) -> Vec<Item> {
    let (mut query, mut found) = (query.clone(), Vec::new());
    loop {
        let page = store.query(&query).await.unwrap();
        assert!(page.items.len() <= query.limit as usize, "a page is longer than its limit");
        found.extend(page.items);
        match page.next {
            None => return found,
            next => query.after = next,
        }
    }
}

/// Every column and the document come back.
pub async fn an_item_is_read_as_it_was_written(store: &impl Store) {
    let mut full = listed(due(item("T#A", "HEAD"), 7, 1_795_000_000_123), "C#A#OPEN", "2026-11-20");
    full.rev = u64::MAX;
    full.status = Some("pending".to_owned());
    full.expires_at = Some(Instant::from_millis(1_795_000_000_000));
    full.schema = u16::MAX;
    full.doc = r#"{"texto":"¿Qué pasó con mi póliza? 🦀","n":1.5}"#.to_owned();
    let bare = item("T#B", "HEAD");
    fill(store, &[full.clone(), bare.clone()]).await;
    assert_eq!(store.get(&full.key).await, Ok(Some(full)));
    assert_eq!(store.get(&bare.key).await, Ok(Some(bare)));
    assert_eq!(store.get(&Key::new("T#A", "WAKE")).await, Ok(None));
}

/// What the new item does not have is gone.
pub async fn a_put_replaces_the_whole_item(store: &impl Store) {
    let mut full = listed(due(item("T#A", "HEAD"), 0, 5), "L", "1");
    full.status = Some("pending".to_owned());
    full.expires_at = Some(Instant::from_millis(9_000));
    fill(store, &[full]).await;
    let bare = Item { rev: 2, ..item("T#A", "HEAD") };
    replace(store, &bare).await;
    assert_eq!(store.get(&bare.key).await, Ok(Some(bare)));
    assert!(all_due(store, 0, 100, 10).await.is_empty());
    assert!(all_listed(store, &Query::new("L", "", 10)).await.is_empty());
}

/// Revision and status of what lies at a key.
type State = Option<(u64, Option<&'static str>)>;

/// What lies at a key, a condition, and whether it holds.
fn condition_table() -> Vec<(State, Condition, bool)> {
    let status = |word: &str| Condition::StatusIs(word.to_owned());
    vec![
        (None, Condition::Absent, true),
        (Some((1, None)), Condition::Absent, false),
        (None, Condition::RevisionIs(1), false),
        (None, Condition::RevisionIs(0), false),
        (Some((1, None)), Condition::RevisionIs(1), true),
        (Some((2, None)), Condition::RevisionIs(1), false),
        (Some((10, None)), Condition::RevisionIs(1), false),
        (None, status("pending"), false),
        (Some((1, None)), status("pending"), false),
        (Some((1, Some("pending"))), status("pending"), true),
        (Some((1, Some("sending"))), status("pending"), false),
        (Some((1, Some("pendin"))), status("pending"), false),
        (None, Condition::GateRevIs(0), true),
        (Some((1, None)), Condition::GateRevIs(0), false),
        (Some((3, None)), Condition::GateRevIs(3), true),
        (Some((4, None)), Condition::GateRevIs(3), false),
        (None, Condition::GateRevIs(3), false),
    ]
}

/// The three kinds of write on one key.
fn each_write(key: &Key, when: &Condition) -> [Write; 3] {
    let new = Item { rev: 99, ..item(&key.pk, &key.sk) };
    [
        put(&new, when.clone()),
        Write::Delete { key: key.clone(), when: when.clone() },
        Write::Check { key: key.clone(), when: when.clone() },
    ]
}

async fn lay(store: &impl Store, key: &Key, state: State) {
    if let Some((rev, status)) = state {
        let mut item = Item { rev, ..item(&key.pk, &key.sk) };
        item.status = status.map(str::to_owned);
        fill(store, &[item]).await;
    }
}

/// Conditions in a transaction, for each kind of write.
pub async fn every_condition_both_ways(store: &impl Store) {
    for (row, (state, when, holds)) in condition_table().into_iter().enumerate() {
        for kind in 0..3 {
            let key = Key::new(format!("T#{row}"), format!("HEAD{kind}"));
            let witness = item(&format!("W#{row}"), &format!("{kind}"));
            lay(store, &key, state).await;
            let before = store.get(&key).await.unwrap();
            let write_in_question = each_write(&key, &when)[kind].clone();
            let writes = vec![put(&witness, Condition::Absent), write_in_question];
            let place = format!("{state:?} {when:?} kind {kind}");
            let expected = if holds { Ok(()) } else { Err(CommitError::Conflict(vec![1])) };
            assert_eq!(write(store, writes).await, expected, "{place}");
            let after = store.get(&key).await.unwrap();
            match (holds, kind) {
                (true, 0) => assert_eq!(after.map(|item| item.rev), Some(99), "{place}"),
                (true, 1) => assert_eq!(after, None, "{place}"),
                _ => assert_eq!(after, before, "{place}"),
            }
            let written = store.get(&witness.key).await.unwrap().is_some();
            assert_eq!(written, holds, "{place}");
        }
    }
}

/// The same where a commit has only one write.
pub async fn conditions_hold_for_plain_writes_too(store: &impl Store) {
    for (row, (state, when, holds)) in condition_table().into_iter().enumerate() {
        for kind in 0..3 {
            let key = Key::new(format!("T#{row}"), format!("HEAD{kind}"));
            lay(store, &key, state).await;
            let before = store.get(&key).await.unwrap();
            let place = format!("{state:?} {when:?} kind {kind}");
            let expected = if holds { Ok(()) } else { Err(CommitError::Conflict(vec![0])) };
            let writes = vec![each_write(&key, &when)[kind].clone()];
            assert_eq!(write(store, writes).await, expected, "{place}");
            let after = store.get(&key).await.unwrap();
            match (holds, kind) {
                (true, 0) => assert_eq!(after.map(|item| item.rev), Some(99), "{place}"),
                (true, 1) => assert_eq!(after, None, "{place}"),
                _ => assert_eq!(after, before, "{place}"),
            }
        }
    }
}

/// One condition that does not hold keeps everything from being written, in the indexes as well.
pub async fn a_commit_is_all_or_nothing(store: &impl Store) {
    let old = due(listed(item("T#A", "OLD"), "L", "1"), 0, 1);
    fill(store, std::slice::from_ref(&old)).await;
    let new = due(listed(item("T#A", "NEW"), "L", "2"), 0, 2);
    let moved = Item { rev: 2, ..due(listed(item("T#A", "OLD"), "L", "3"), 0, 3) };
    let writes = vec![
        put(&new, Condition::Absent),
        put(&moved, Condition::RevisionIs(1)),
        Write::Check { key: Key::new("C#A", "GATE"), when: Condition::GateRevIs(1) },
    ];
    assert_eq!(write(store, writes.clone()).await, Err(CommitError::Conflict(vec![2])));
    assert_eq!(store.get(&new.key).await, Ok(None));
    assert_eq!(store.get(&old.key).await, Ok(Some(old.clone())));
    assert_eq!(all_listed(store, &Query::new("L", "", 10)).await, std::slice::from_ref(&old.key));
    let at = Instant::from_millis(1);
    assert_eq!(all_due(store, 0, 10, 10).await, [DueEntry { key: old.key.clone(), at }]);

    fill(store, &[item("C#A", "GATE")]).await;
    assert_eq!(write(store, writes).await, Ok(()));
    assert_eq!(store.get(&new.key).await, Ok(Some(new)));
    assert_eq!(store.get(&old.key).await, Ok(Some(moved)));
}

/// All writes whose conditions do not hold are named, in order, and no others.
pub async fn conflicts_name_their_writes(store: &impl Store) {
    fill(store, &[item("T#A", "1"), item("T#A", "3"), item("T#A", "4")]).await;
    let writes = vec![
        put(&item("T#A", "0"), Condition::Absent),
        put(&item("T#A", "1"), Condition::Absent),
        put(&item("T#A", "2"), Condition::RevisionIs(1)),
        put(&item("T#A", "3"), Condition::RevisionIs(1)),
        Write::Check { key: Key::new("T#A", "4"), when: Condition::StatusIs("x".to_owned()) },
        Write::Delete { key: Key::new("T#A", "5"), when: Condition::RevisionIs(7) },
    ];
    assert_eq!(write(store, writes).await, Err(CommitError::Conflict(vec![1, 2, 4, 5])));
}

/// Two commits that read the same revision: one is written, the other is told.
pub async fn of_two_racing_commits_one_wins(store: &impl Store) {
    for round in 0..10 {
        let pk = format!("T#{round}");
        fill(store, &[item(&pk, "HEAD")]).await;
        let attempt = |event: &str| {
            let head = Item { rev: 2, doc: format!("{{\"by\":\"{event}\"}}"), ..item(&pk, "HEAD") };
            let writes = vec![
                put(&head, Condition::RevisionIs(1)),
                put(&item(&pk, event), Condition::Absent),
            ];
            async move { write(store, writes).await }
        };
        let (a, b) = futures::join!(attempt("E#a"), attempt("E#b"));
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let lost = if a.is_ok() { &b } else { &a };
        assert!(
            matches!(lost, Err(CommitError::Conflict(at)) if *at == [0])
                || matches!(lost, Err(CommitError::Retryable(_))),
            "{lost:?}"
        );
        let events = all_items(store, &Query::new(&pk, "E#", 10)).await;
        assert_eq!(events.len(), 1, "the loser left something behind");
    }
}

/// A commit has at most 100 writes.
pub async fn hundred_writes_and_no_more(store: &impl Store) {
    let writes = |count: usize| {
        (0..count)
            .map(|n| put(&item("T#A", &format!("E#{n:03}")), Condition::Absent))
            .collect::<Vec<_>>()
    };
    let over = write(store, writes(WRITES_MAX + 1)).await;
    assert!(matches!(over, Err(CommitError::Fault(_))), "{over:?}");
    assert!(all_items(store, &Query::new("T#A", "", 10)).await.is_empty());
    assert_eq!(write(store, writes(WRITES_MAX)).await, Ok(()));
    assert_eq!(all_items(store, &Query::new("T#A", "", 33)).await.len(), WRITES_MAX);
}

/// Commits and questions that are wrong in themselves are faults and change nothing.
pub async fn what_is_never_valid(store: &impl Store) {
    let good = item("T#A", "HEAD");
    let twice = vec![
        put(&good, Condition::Absent),
        Write::Check { key: good.key.clone(), when: Condition::Absent },
    ];
    let bad = [
        vec![],
        twice,
        vec![put(&item("", "HEAD"), Condition::Absent)],
        vec![put(&item("T#A", ""), Condition::Absent)],
        vec![put(&due(good.clone(), 8, 1), Condition::Absent)],
        vec![put(&listed(good.clone(), "", "1"), Condition::Absent)],
        vec![put(&listed(good.clone(), "L", ""), Condition::Absent)],
        vec![put(&worked(good.clone(), "", "1"), Condition::Absent)],
    ];
    for writes in bad {
        let answer = write(store, writes.clone()).await;
        assert!(matches!(answer, Err(CommitError::Fault(_))), "{answer:?} for {writes:?}");
    }
    assert_eq!(store.get(&good.key).await, Ok(None));

    let fault = |answer: Result<_, StoreError>| matches!(answer, Err(StoreError::Fault(_)));
    assert!(fault(store.query(&Query::new("T#A", "", 0)).await.map(drop)));
    assert!(fault(store.list(&Query::new("T#A", "", 0)).await.map(drop)));
    assert!(fault(store.due(0, Instant::from_millis(0), 0, None).await.map(drop)));
    assert!(fault(store.due(8, Instant::from_millis(0), 1, None).await.map(drop)));
}

/// An item may come close to 400 KB and not go over.
pub async fn an_item_may_weigh_400_kb(store: &impl Store) {
    let large = Item { doc: "x".repeat(400 * 1024 - 100), ..item("T#A", "M#1") };
    assert_eq!(write(store, vec![put(&large, Condition::Absent)]).await, Ok(()));
    assert_eq!(store.get(&large.key).await, Ok(Some(large)));
    let over = Item { doc: "x".repeat(400 * 1024 + 1), ..item("T#A", "M#2") };
    for writes in [
        vec![put(&over, Condition::Absent)],
        vec![put(&item("T#A", "HEAD"), Condition::Absent), put(&over, Condition::Absent)],
    ] {
        let answer = write(store, writes).await;
        assert!(matches!(answer, Err(CommitError::Fault(_))), "{answer:?}");
    }
    assert_eq!(store.get(&Key::new("T#A", "HEAD")).await, Ok(None));
}

/// All items of a commit together may weigh 4 MB.
pub async fn a_commit_may_weigh_4_mb(store: &impl Store) {
    let writes = |count: usize| {
        let large = |n| Item { doc: "x".repeat(390 * 1024), ..item("T#A", &format!("M#{n:02}")) };
        (0..count).map(|n| put(&large(n), Condition::Absent)).collect::<Vec<_>>()
    };
    let over = write(store, writes(11)).await;
    assert!(matches!(over, Err(CommitError::Fault(_))), "{over:?}");
    assert_eq!(write(store, writes(10)).await, Ok(()));
}

/// Many items at once, in the order of the keys; what does not exist is left out.
pub async fn get_many_keeps_the_order(store: &impl Store) {
    let items: Vec<Item> = (0..120).map(|n| item(&format!("T#{n:03}"), "HEAD")).collect();
    fill(store, &items).await;
    let mut keys: Vec<Key> = items.iter().rev().map(|item| item.key.clone()).collect();
    keys.insert(1, Key::new("T#none", "HEAD"));
    keys.push(items[7].key.clone());
    let mut expected: Vec<Item> = items.iter().rev().cloned().collect();
    expected.push(items[7].clone());
    assert_eq!(store.get_many(&keys).await, Ok(expected));
    assert_eq!(store.get_many(&[]).await, Ok(vec![]));
    assert_eq!(store.get_many(&[Key::new("T#none", "HEAD")]).await, Ok(vec![]));
}

/// One partition, by its sort keys, forwards and backwards, whole or by prefix.
pub async fn a_partition_is_read_in_order(store: &impl Store) {
    let sks = ["E#000001", "E#000002", "E#000010", "HEAD", "N#a", "N#b"];
    let items: Vec<Item> = sks.iter().map(|sk| item("T#A", sk)).collect();
    fill(store, &items).await;
    fill(store, &[item("T#", "E#000001"), item("T#A\0", "E#1"), item("T#AB", "E#1")]).await;
    for (prefix, expected) in [
        ("", &items[..]),
        ("E#", &items[..3]),
        ("E#00000", &items[..2]),
        ("N#", &items[4..]),
        ("HEAD", &items[3..4]),
        ("HEADS", &[]),
        ("O", &[]),
    ] {
        for limit in [1, 2, 100] {
            let mut query = Query::new("T#A", prefix, limit);
            assert_eq!(all_items(store, &query).await, expected, "{prefix} {limit}");
            query.newest_first = true;
            let mut backwards = all_items(store, &query).await;
            backwards.reverse();
            assert_eq!(backwards, expected, "{prefix} {limit} backwards");
        }
    }
    let mut last = Query::new("T#A", "E#", 1);
    last.newest_first = true;
    assert_eq!(store.query(&last).await.map(|page| page.items), Ok(vec![items[2].clone()]));
    assert!(all_items(store, &Query::new("T#C", "", 5)).await.is_empty());
}

/// A query ends at the last sort key that it asks for, whether there is an item or not.
pub async fn a_query_ends_where_it_is_told(store: &impl Store) {
    let sks = ["E#01", "E#04", "E#09", "F"];
    let items: Vec<Item> = sks.iter().map(|sk| listed(item("T#A", sk), "L", sk)).collect();
    fill(store, &items).await;
    for (prefix, up_to, count) in [
        ("E#", "E#00", 0),
        ("E#", "E#01", 1),
        ("E#", "E#03", 1),
        ("E#", "E#04", 2),
        ("E#", "E#1", 3),
        ("E#", "F", 4),
        ("", "E#05", 2),
        ("", "G", 4),
    ] {
        for limit in [1, 2, 100] {
            let up_to = Some(up_to.to_owned());
            let mut query = Query { up_to, ..Query::new("T#A", prefix, limit) };
            assert_eq!(all_items(store, &query).await, items[..count], "{query:?}");
            query.newest_first = true;
            let mut backwards = all_items(store, &query).await;
            backwards.reverse();
            assert_eq!(backwards, items[..count], "{query:?}");
            let keys: Vec<Key> = items[..count].iter().map(|item| item.key.clone()).collect();
            let list = Query { pk: "L".to_owned(), newest_first: false, ..query };
            assert_eq!(all_listed(store, &list).await, keys, "{list:?}");
        }
    }
    let next = store.query(&Query::new("T#A", "E#", 3)).await.unwrap().next;
    let beyond =
        Query { up_to: Some("E#04".to_owned()), after: next, ..Query::new("T#A", "E#", 3) };
    let elsewhere = Query { up_to: Some("D".to_owned()), ..Query::new("T#A", "E#", 3) };
    for query in [beyond, elsewhere] {
        let answer = store.query(&query).await;
        assert!(matches!(answer, Err(StoreError::Fault(_))), "{query:?}: {answer:?}");
    }
}

/// Whoever glances finds what is there, and nothing where nothing was.
pub async fn a_glance_finds_what_is_there(store: &impl Store) {
    let there = item("T#A", "HEAD");
    fill(store, std::slice::from_ref(&there)).await;
    assert_eq!(store.glance(&there.key).await, Ok(Some(there)));
    assert_eq!(store.glance(&Key::new("T#B", "HEAD")).await, Ok(None));
}

/// A page holds about 1 MB, whatever its limit is.
pub async fn a_heavy_partition_comes_in_pages(store: &impl Store) {
    let heavy = |n| Item { doc: "x".repeat(300 * 1024), ..item("T#A", &format!("M#{n}")) };
    let items: Vec<Item> = (0..8).map(heavy).collect();
    for item in &items {
        fill(store, std::slice::from_ref(item)).await;
    }
    let first = store.query(&Query::new("T#A", "", 100)).await.unwrap();
    assert!(first.items.len() < 8 && first.next.is_some(), "2.4 MB came in one page");
    assert_eq!(all_items(store, &Query::new("T#A", "", 100)).await, items);
}

/// Keys hold any text and are ordered by their bytes in UTF-8.
pub async fn keys_are_ordered_by_their_bytes(store: &impl Store) {
    let pk = "C#Ñandú 🦀";
    let sks = ["A", "Z", "a", "ñ", "ñandú", "ñu", "\u{d7ff}1", "\u{e000}", "\u{ffff}", "🦀", "🦀b"];
    let items: Vec<Item> =
        sks.iter().map(|sk| listed(item(pk, sk), "L#Ñ", &format!("s{sk}"))).collect();
    let mut shuffled = items.clone();
    shuffled.reverse();
    fill(store, &shuffled).await;
    assert_eq!(all_items(store, &Query::new(pk, "", 4)).await, items);
    for (prefix, expected) in [
        ("ñ", &items[3..6]),
        ("\u{d7ff}", &items[6..7]),
        ("🦀", &items[9..]),
        ("🦀b", &items[10..]),
    ] {
        assert_eq!(all_items(store, &Query::new(pk, prefix, 2)).await, expected, "{prefix}");
        let keys: Vec<Key> = expected.iter().map(|item| item.key.clone()).collect();
        let found = all_listed(store, &Query::new("L#Ñ", format!("s{prefix}"), 2)).await;
        assert_eq!(found, keys, "{prefix}");
    }
}

/// Where a page ended is known only to the query that it came from.
pub async fn a_page_belongs_to_its_query(store: &impl Store) {
    let items: Vec<Item> =
        (0..3).map(|n| listed(due(item("T#A", &format!("E#{n}")), 0, n), "L", "x")).collect();
    fill(store, &items).await;
    let is_fault = |answer: Result<_, StoreError>| matches!(answer, Err(StoreError::Fault(_)));
    let next = store.query(&Query::new("T#A", "E#", 1)).await.unwrap().next;
    assert!(next.is_some());
    for (pk, prefix, after) in [
        ("T#B", "E#", next.clone()),
        ("T#A", "N#", next),
        ("T#A", "E#", Some("no page at all".to_owned())),
        ("T#A", "E#", Some("[\"one\"]".to_owned())),
    ] {
        let query = Query { after: after.clone(), ..Query::new(pk, prefix, 1) };
        assert!(is_fault(store.query(&query).await.map(drop)), "{pk} {prefix} {after:?}");
    }
    let next = store.list(&Query::new("L", "x", 1)).await.unwrap().next;
    let query = Query { after: next, ..Query::new("L", "y", 1) };
    assert!(is_fault(store.list(&query).await.map(drop)));
    let next = store.due(0, Instant::from_millis(2), 2, None).await.unwrap().next;
    assert!(next.is_some());
    let earlier = store.due(0, Instant::from_millis(0), 2, next.as_deref()).await;
    assert!(is_fault(earlier.map(drop)));
    assert!(is_fault(store.due(0, Instant::from_millis(2), 2, Some("?")).await.map(drop)));
}

/// Expiry is a column of whole seconds, rounded up.
pub async fn expiry_is_kept_in_whole_seconds(store: &impl Store) {
    for (n, (given_ms, kept_ms)) in
        [(1_000, 1_000), (1_001, 2_000), (1_999, 2_000)].into_iter().enumerate()
    {
        let key = Key::new("I#A", format!("{n}"));
        let expires_at = Some(Instant::from_millis(given_ms));
        fill(store, &[Item { expires_at, ..item("I#A", &key.sk) }]).await;
        let kept = store.get(&key).await.unwrap().and_then(|item| item.expires_at);
        assert_eq!(kept, Some(Instant::from_millis(kept_ms)));
    }
}
