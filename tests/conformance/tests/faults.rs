//! Cutting and failing runs on purpose, in memory and on the production adapter.

use std::sync::Arc;

use app::commit::{Commit, CommitError, Condition};
use app::memory::MemoryEnv;
use app::memory::faults::{Edge, Failure, Faulty, Plan};
use app::ports::{Env, Mailer, SendError, Store, StoreError};
use domain::Instant;
use tests_conformance::embedded;
use tests_conformance::suites::small::message;
use tests_conformance::suites::store::{item, put};

const START: Instant = Instant::from_millis(1_795_219_200_000);

/// A small use case: read, commit, send, commit.
async fn work(env: &impl Env) -> Result<(), CommitError> {
    let commit = |sk: &str| Commit { writes: vec![put(&item("T#A", sk), Condition::Absent)] };
    env.store().get(&item("T#A", "1").key).await.map_err(|_| CommitError::Conflict(vec![]))?;
    env.store().commit(&commit("1")).await?;
    env.mailer()
        .send(&message("ana@acme.example"))
        .await
        .map_err(|_| CommitError::Conflict(vec![]))?;
    env.store().commit(&commit("2")).await
}

/// How far a run came: items written and mails taken.
async fn progress<S: Store + 'static>(env: &MemoryEnv<S>) -> (usize, usize) {
    let keys = ["1", "2"].map(|sk| item("T#A", sk).key);
    (env.store.get_many(&keys).await.expect("the store answers").len(), env.mailer.taken().len())
}

#[tokio::test]
async fn a_run_can_be_cut_at_every_point() {
    let quiet = Faulty::new(MemoryEnv::new(START, 1), Arc::new(Plan::quiet()));
    assert_eq!(quiet.until_cut(work(&quiet)).await, Some(Ok(())));
    let calls = quiet.script().calls();
    assert_eq!(calls, ["store.get", "store.commit", "mailer.send", "store.commit"]);

    let mut seen = Vec::new();
    for number in 0..calls.len() {
        for edge in Edge::ALL {
            let env = MemoryEnv::new(START, 1);
            let faulty = Faulty::new(env.clone(), Plan::cut_at(number, edge));
            assert_eq!(faulty.until_cut(work(&faulty)).await, None);
            assert!(faulty.is_cut());
            // A process that has died does nothing more.
            assert_eq!(faulty.until_cut(work(&faulty)).await, None);
            seen.push(progress(&env).await);
        }
    }
    let expected = [(0, 0), (0, 0), (0, 0), (1, 0), (1, 0), (1, 1), (1, 1), (2, 1)];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_run_on_the_production_adapter_can_be_cut_too() {
    for (edge, expected) in [(Edge::Before, (1, 1)), (Edge::After, (2, 1))] {
        let env = MemoryEnv::with_store(embedded().await, START, 1);
        let faulty = Faulty::new(env.clone(), Plan::cut_at(3, edge));
        assert_eq!(faulty.until_cut(work(&faulty)).await, None);
        assert_eq!(progress(&env).await, expected);
    }
}

#[tokio::test]
async fn a_call_that_fails_says_what_the_caller_can_know() {
    let text = || "on purpose".to_owned();
    for (edge, failure, expected, written) in [
        (Edge::Before, Failure::Busy, CommitError::Retryable(text()), 0),
        (Edge::Before, Failure::Unknown, CommitError::Unknown(text()), 0),
        (Edge::Before, Failure::Rejected, CommitError::Fault(text()), 0),
        (Edge::After, Failure::Busy, CommitError::Unknown(text()), 1),
        (Edge::After, Failure::Unknown, CommitError::Unknown(text()), 1),
        (Edge::After, Failure::Rejected, CommitError::Unknown(text()), 1),
    ] {
        let env = MemoryEnv::new(START, 1);
        let faulty = Faulty::new(env.clone(), Plan::fail_at(1, edge, failure));
        assert_eq!(faulty.until_cut(work(&faulty)).await, Some(Err(expected)));
        assert_eq!(progress(&env).await, (written, 0), "{edge:?} {failure:?}");
    }
    let env = MemoryEnv::new(START, 1);
    let faulty = Faulty::new(env.clone(), Plan::fail_at(0, Edge::After, Failure::Busy));
    let sent = faulty.mailer().send(&message("ana@acme.example")).await;
    assert_eq!(sent, Err(SendError::Unknown(text())));
    assert_eq!(env.mailer.taken().len(), 1);
    let faulty = Faulty::new(env, Plan::fail_at(0, Edge::Before, Failure::Rejected));
    let read = faulty.store().get(&item("T#A", "1").key).await;
    assert_eq!(read, Err(StoreError::Fault(text())));
}
