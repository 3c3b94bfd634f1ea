//! What the embedded DynamoDB never does: throttle, refuse for another transaction, break off.

use app::commit::{Commit, CommitError, Condition};
use app::item::Key;
use app::ports::{Query, Store, StoreError};
use aws::connection::Connection;
use aws::dynamodb::DynamoStore;
use domain::Instant;
use serde_json::{Value, json};
use tests_conformance::stub::{Reply, Stub};
use tests_conformance::suites::store::{item, put};

fn store(stub: &Stub) -> DynamoStore {
    DynamoStore::new(&Connection::local(&stub.endpoint), "millora")
}

fn commit(writes: usize) -> Commit {
    let writes =
        (0..writes).map(|n| put(&item("T#A", &format!("E#{n}")), Condition::Absent)).collect();
    Commit { writes }
}

fn cancelled(codes: &[&str]) -> Reply {
    let reasons: Vec<Value> = codes.iter().map(|code| json!({ "Code": code })).collect();
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "Transaction cancelled",
        "CancellationReasons": reasons,
    });
    let headers = vec![("content-type", "application/x-amz-json-1.0".to_owned())];
    Reply::Answer { status: 400, headers, body: body.to_string().into_bytes() }
}

fn operations(stub: &Stub) -> Vec<String> {
    let name = |target: &String| target.rsplit('.').next().unwrap_or_default().to_owned();
    stub.requests().iter().map(|request| name(&request.headers["x-amz-target"])).collect()
}

#[tokio::test]
async fn a_cancelled_transaction_says_why() {
    let failed = "ConditionalCheckFailed";
    for (codes, expected) in [
        (["None", failed], Some(vec![1])),
        ([failed, failed], Some(vec![0, 1])),
        (["TransactionConflict", failed], Some(vec![1])),
        (["TransactionConflict", "None"], None),
        (["ThrottlingError", "None"], None),
        (["ProvisionedThroughputExceeded", "None"], None),
    ] {
        // The SDK repeats some of these by itself, up to three attempts in all.
        let stub = Stub::start(move |_| cancelled(&codes)).await;
        let answer = store(&stub).commit(&commit(2)).await;
        match expected {
            Some(at) => assert_eq!(answer, Err(CommitError::Conflict(at)), "{codes:?}"),
            None => {
                assert!(matches!(answer, Err(CommitError::Retryable(_))), "{codes:?} {answer:?}")
            }
        }
    }
    let stub = Stub::start(|_| cancelled(&["ValidationError", "None"])).await;
    let answer = store(&stub).commit(&commit(2)).await;
    assert!(matches!(answer, Err(CommitError::Fault(_))), "{answer:?}");
}

#[tokio::test]
async fn a_repeated_transaction_carries_the_same_token() {
    let stub = Stub::with([Reply::Drop, Reply::json(&json!({}))]).await;
    assert_eq!(store(&stub).commit(&commit(2)).await, Ok(()));
    assert_eq!(operations(&stub), ["TransactWriteItems", "TransactWriteItems"]);
    let requests = stub.requests();
    let token = |n: usize| requests[n].json()["ClientRequestToken"].clone();
    assert!(token(0).is_string());
    assert_eq!(token(0), token(1));
}

#[tokio::test]
async fn a_lone_write_is_plain_and_tried_once() {
    for (reply, expected) in [
        (Reply::Drop, "unknown"),
        (Reply::error(500, "InternalServerError"), "unknown"),
        (Reply::error(400, "ThrottlingException"), "retryable"),
        (Reply::error(400, "ProvisionedThroughputExceededException"), "retryable"),
        (Reply::error(400, "TransactionConflictException"), "retryable"),
        (Reply::error(400, "ConditionalCheckFailedException"), "conflict"),
        (Reply::error(400, "ValidationException"), "fault"),
        (Reply::error(400, "ResourceNotFoundException"), "fault"),
    ] {
        let stub = Stub::with([reply.clone()]).await;
        let told = match store(&stub).commit(&commit(1)).await {
            Ok(()) => "ok",
            Err(CommitError::Conflict(at)) => {
                assert_eq!(at, [0]);
                "conflict"
            }
            Err(CommitError::Retryable(_)) => "retryable",
            Err(CommitError::Unknown(_)) => "unknown",
            Err(CommitError::Fault(_)) => "fault",
        };
        assert_eq!(told, expected, "{reply:?}");
        assert_eq!(operations(&stub), ["PutItem"], "{reply:?}");
    }
}

#[tokio::test]
async fn a_transaction_without_an_answer_is_unknown() {
    let stub = Stub::start(|_| Reply::Drop).await;
    let answer = store(&stub).commit(&commit(2)).await;
    assert!(matches!(answer, Err(CommitError::Unknown(_))), "{answer:?}");
    assert_eq!(stub.requests().len(), 3);
}

#[tokio::test]
async fn reads_are_repeated_and_then_retryable() {
    let key = Key::new("T#A", "HEAD");
    let stub =
        Stub::with([Reply::error(400, "ThrottlingException"), Reply::json(&json!({}))]).await;
    assert_eq!(store(&stub).get(&key).await, Ok(None));

    let stub = Stub::start(|_| Reply::Drop).await;
    let query = Query::new("T#A", "", 1);
    let retryable = |answer: Result<_, StoreError>| matches!(answer, Err(StoreError::Retryable(_)));
    assert!(retryable(store(&stub).get(&key).await.map(drop)));
    assert!(retryable(store(&stub).get_many(&[key]).await.map(drop)));
    assert!(retryable(store(&stub).query(&query).await.map(drop)));
    assert!(retryable(store(&stub).list(&query).await.map(drop)));
    assert!(retryable(store(&stub).due(0, Instant::from_millis(0), 1, None).await.map(drop)));

    let stub = Stub::start(|_| Reply::error(400, "AccessDeniedException")).await;
    let answer = store(&stub).query(&query).await;
    assert!(matches!(answer, Err(StoreError::Fault(_))), "{answer:?}");
    assert_eq!(stub.requests().len(), 1);
}

fn row(pk: &str) -> Value {
    json!({
        "pk": { "S": pk }, "sk": { "S": "HEAD" }, "rev": { "N": "1" },
        "schema": { "N": "1" }, "doc": { "S": "{}" },
    })
}

#[tokio::test]
async fn what_a_batch_leaves_unread_is_asked_again() {
    let left = json!({ "millora": {
        "Keys": [{ "pk": { "S": "T#B" }, "sk": { "S": "HEAD" } }],
        "ConsistentRead": true,
    } });
    let first = json!({ "Responses": { "millora": [row("T#A")] }, "UnprocessedKeys": left });
    let second = json!({ "Responses": { "millora": [row("T#B")] }, "UnprocessedKeys": {} });
    let stub = Stub::with([Reply::json(&first), Reply::json(&second)]).await;
    let keys = [Key::new("T#B", "HEAD"), Key::new("T#A", "HEAD")];
    let found = store(&stub).get_many(&keys).await;
    assert_eq!(found, Ok(vec![item("T#B", "HEAD"), item("T#A", "HEAD")]));
    assert_eq!(stub.requests()[1].json()["RequestItems"], left);

    let never = json!({ "Responses": {}, "UnprocessedKeys": left });
    let stub = Stub::start(move |_| Reply::json(&never)).await;
    let answer = store(&stub).get_many(&keys).await;
    assert!(matches!(answer, Err(StoreError::Retryable(_))), "{answer:?}");
}

#[tokio::test]
async fn an_item_that_cannot_be_understood_is_a_fault() {
    let mut broken = row("T#A");
    broken["rev"] = json!({ "S": "1" });
    let stub = Stub::with([Reply::json(&json!({ "Item": broken }))]).await;
    let answer = store(&stub).get(&Key::new("T#A", "HEAD")).await;
    assert!(matches!(&answer, Err(StoreError::Fault(text)) if text.contains("rev")), "{answer:?}");
}
