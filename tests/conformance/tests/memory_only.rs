//! What the ports in memory tell to tests beyond what the ports promise.

use app::commit::{Commit, Condition, Write};
use app::item::{Due, Item, Key, ListEntry};
use app::memory::{
    Change, ChangeKind, MailAnswer, MemoryClock, MemoryMailer, MemorySchedules, MemoryStore, Units,
};
use app::ports::{Acceptance, Mailer, Query, Schedules, SendError, Store};
use domain::Instant;
use tests_conformance::suites::small::{message, wake};
use tests_conformance::suites::store::{item, put};

async fn commit(store: &MemoryStore, writes: Vec<Write>) {
    store.commit(&Commit { writes }).await.expect("the conditions hold");
}

#[tokio::test]
async fn the_stream_has_every_change_in_order_and_nothing_else() {
    let store = MemoryStore::new();
    let (a, b) = (item("T#A", "HEAD"), item("T#A", "WAKE"));
    let newer = Item { rev: 2, ..a.clone() };
    commit(&store, vec![put(&a, Condition::Absent), put(&b, Condition::Absent)]).await;
    commit(&store, vec![put(&newer, Condition::RevisionIs(1))]).await;
    commit(&store, vec![put(&newer, Condition::RevisionIs(2))]).await;
    let missing = Key::new("T#A", "none");
    commit(&store, vec![Write::Delete { key: missing, when: Condition::Absent }]).await;
    commit(&store, vec![Write::Check { key: a.key.clone(), when: Condition::RevisionIs(2) }]).await;
    let refused = Commit { writes: vec![put(&a, Condition::Absent)] };
    assert!(store.commit(&refused).await.is_err());
    commit(&store, vec![Write::Delete { key: b.key.clone(), when: Condition::RevisionIs(1) }])
        .await;

    let change = |item: &Item, kind| Change { key: item.key.clone(), kind };
    let expected = [
        change(&a, ChangeKind::Inserted),
        change(&b, ChangeKind::Inserted),
        change(&a, ChangeKind::Modified),
        change(&b, ChangeKind::Removed),
    ];
    assert_eq!(store.changes_since(0), expected);
    assert_eq!(store.changes_since(3), expected[3..]);
    assert_eq!(store.changes_since(4), []);
    assert_eq!(store.changes_since(9), []);
}

fn kb(item: Item, kilobytes: usize) -> Item {
    Item { doc: "x".repeat(kilobytes * 1024 - 100), ..item }
}

#[tokio::test]
async fn writes_are_counted_as_on_the_bill() {
    let store = MemoryStore::new();
    let due =
        |item: Item, at| Item { due: Some(Due { shard: 0, at: Instant::from_millis(at) }), ..item };
    let check = || Write::Check { key: Key::new("C#A", "GATE"), when: Condition::GateRevIs(0) };
    let rows = [
        ("a small put", vec![put(&item("T#A", "1"), Condition::Absent)], 1),
        ("three KB", vec![put(&kb(item("T#A", "2"), 3), Condition::Absent)], 3),
        (
            "in a transaction with a check",
            vec![put(&kb(item("T#A", "3"), 3), Condition::Absent), check()],
            8,
        ),
        ("an index entry appears", vec![put(&due(item("T#A", "4"), 5), Condition::Absent)], 2),
        (
            "stays",
            vec![put(&Item { rev: 2, ..due(item("T#A", "4"), 5) }, Condition::RevisionIs(1))],
            1,
        ),
        ("moves", vec![put(&due(item("T#A", "4"), 6), Condition::RevisionIs(2))], 3),
        ("goes", vec![put(&item("T#A", "4"), Condition::RevisionIs(1))], 2),
        ("shrinking costs the larger", vec![put(&item("T#A", "2"), Condition::RevisionIs(1))], 3),
        (
            "a delete",
            vec![Write::Delete { key: Key::new("T#A", "3"), when: Condition::RevisionIs(1) }],
            3,
        ),
    ];
    for (what, writes, units) in rows {
        commit(&store, writes).await;
        assert_eq!(store.take_units(), Units { write: units, read_halves: 0 }, "{what}");
    }
}

#[tokio::test]
async fn reads_are_counted_as_on_the_bill() {
    let store = MemoryStore::new();
    let list = Some(ListEntry { pk: "L".to_owned(), sk: "1".to_owned() });
    let writes = vec![
        put(&kb(item("T#A", "1"), 3), Condition::Absent),
        put(&Item { list, ..kb(item("T#A", "2"), 3) }, Condition::Absent),
    ];
    commit(&store, writes).await;
    let _ = store.take_units();
    let reads = || store.take_units().read_halves;
    let keys = [Key::new("T#A", "1"), Key::new("T#A", "2")];
    store.get(&keys[0]).await.unwrap();
    assert_eq!(reads(), 2, "one item of 3 KB");
    store.get(&Key::new("T#A", "none")).await.unwrap();
    assert_eq!(reads(), 2, "nothing costs a unit as well");
    store.get_many(&keys).await.unwrap();
    assert_eq!(reads(), 4, "each item by itself");
    store.query(&Query::new("T#A", "", 10)).await.unwrap();
    assert_eq!(reads(), 4, "6 KB together");
    store.list(&Query::new("L", "", 10)).await.unwrap();
    assert_eq!(reads(), 1, "keys only, eventually consistent");
    store.due(0, Instant::from_millis(0), 10, None).await.unwrap();
    assert_eq!(reads(), 1, "an idle shard");
    let shown = Units { write: 12, read_halves: 7 }.to_string();
    assert_eq!(shown, "12 write, 3.5 read");
}

#[tokio::test]
async fn a_fork_lives_on_its_own_and_a_clone_does_not() {
    let store = MemoryStore::new();
    let (fork, clone) = (store.fork(), store.clone());
    commit(&store, vec![put(&item("T#A", "HEAD"), Condition::Absent)]).await;
    assert_eq!((fork.dump().len(), clone.dump().len()), (0, 1));
}

#[tokio::test]
async fn what_has_expired_goes_when_it_is_swept() {
    let store = MemoryStore::new();
    let expires_at = Some(Instant::from_millis(2_000));
    commit(&store, vec![put(&Item { expires_at, ..item("I#A", "IDEM") }, Condition::Absent)]).await;
    store.sweep_expired(Instant::from_millis(1_999));
    assert_eq!(store.dump().len(), 1, "an expired item stays readable until it is swept");
    store.sweep_expired(Instant::from_millis(2_000));
    assert_eq!(store.dump().len(), 0);
    assert_eq!(store.changes_since(1)[0].kind, ChangeKind::Removed);
}

#[tokio::test]
async fn the_mailer_answers_as_it_is_told() {
    let clock = MemoryClock::new(Instant::from_millis(1_000));
    let mailer = MemoryMailer::new(clock.clone());
    mailer.answer_address("rebote@acme.example", MailAnswer::Refuse);
    mailer.answer_next([MailAnswer::Retry, MailAnswer::TakeSilently, MailAnswer::Lose]);
    let (ana, bounced) = (message("ana@acme.example"), message("rebote@acme.example"));
    assert!(matches!(mailer.send(&ana).await, Err(SendError::Retryable(_))));
    assert!(matches!(mailer.send(&ana).await, Err(SendError::Unknown(_))));
    assert_eq!(mailer.taken().len(), 1);
    assert!(matches!(mailer.send(&bounced).await, Err(SendError::Unknown(_))));
    assert!(matches!(mailer.send(&bounced).await, Err(SendError::Refused(_))));
    clock.set(Instant::from_millis(2_000));
    let at = Some(Instant::from_millis(2_000));
    let accepted = Acceptance { id: "memory-000002".to_owned(), at };
    assert_eq!(mailer.send(&ana).await, Ok(accepted));
    assert_eq!(mailer.taken_since(1)[0].id, "memory-000002");
}

#[tokio::test]
async fn schedules_fire_once_and_in_order_unless_the_scheduler_is_dead() {
    let schedules = MemorySchedules::new();
    for (name, at) in [("b", 5), ("a", 5), ("c", 1), ("d", 6)] {
        schedules.put(&wake(name, at)).await.unwrap();
    }
    assert_eq!(schedules.next_at(), Some(Instant::from_millis(1)));
    schedules.set_down(true);
    assert!(schedules.put(&wake("e", 1)).await.is_err());
    assert!(schedules.delete("a").await.is_err());
    assert!(schedules.take_due(Instant::from_millis(5)).is_empty());
    schedules.set_down(false);
    let fired: Vec<String> =
        schedules.take_due(Instant::from_millis(5)).into_iter().map(|wake| wake.name).collect();
    assert_eq!(fired, ["c", "a", "b"]);
    assert!(schedules.take_due(Instant::from_millis(5)).is_empty());
    assert_eq!(schedules.all().len(), 1);
}
