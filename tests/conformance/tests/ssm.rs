//! Keys over SSM, against a stub.

use app::memory::MemoryClock;
use app::ports::{KeyPurpose, Secrets};
use aws::connection::Connection;
use aws::ssm::SsmSecrets;
use domain::Instant;
use serde_json::json;
use tests_conformance::stub::{Reply, Stub};
use tests_conformance::suites;

const PURPOSE: KeyPurpose = KeyPurpose::MailThreading;

fn parameter(ids: &[u8]) -> Reply {
    let keys: Vec<_> =
        ids.iter().map(|id| json!({ "id": id, "key": format!("{id:02x}").repeat(32) })).collect();
    let value = serde_json::Value::from(keys).to_string();
    Reply::json(&json!({ "Parameter": { "Type": "SecureString", "Value": value } }))
}

fn secrets(stub: &Stub) -> (SsmSecrets<MemoryClock>, MemoryClock) {
    let clock = MemoryClock::new(Instant::from_millis(1_795_219_200_000));
    (SsmSecrets::new(&Connection::local(&stub.endpoint), "millora", clock.clone()), clock)
}

async fn ids(secrets: &SsmSecrets<MemoryClock>) -> Vec<u8> {
    secrets.keys(PURPOSE).await.expect("there are keys").iter().map(|key| key.id).collect()
}

#[tokio::test]
async fn the_suite() {
    // Each purpose has a parameter of its own.
    let stub = Stub::start(|request| {
        let purpose =
            KeyPurpose::ALL.iter().position(|it| request.json().to_string().contains(it.name()));
        match purpose {
            Some(0) => parameter(&[2, 1]),
            Some(1) => parameter(&[4, 3]),
            Some(2) => parameter(&[5]),
            Some(_) => parameter(&[6]),
            None => Reply::error(400, "ParameterNotFound"),
        }
    })
    .await;
    suites::small::secrets(&secrets(&stub).0).await;
}

#[tokio::test]
async fn keys_are_asked_for_once_in_five_minutes() {
    let stub = Stub::with([parameter(&[1]), parameter(&[1, 2]), parameter(&[2, 1])]).await;
    let (secrets, clock) = secrets(&stub);
    assert_eq!(ids(&secrets).await, [1]);
    clock.advance_ms(299_999);
    assert_eq!(ids(&secrets).await, [1]);
    clock.advance_ms(1);
    assert_eq!(ids(&secrets).await, [1, 2]);
    assert_eq!(ids(&secrets).await, [1, 2]);
    clock.advance_ms(300_000);
    assert_eq!(ids(&secrets).await, [2, 1]);
    let requests = stub.requests();
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert_eq!(request.headers["x-amz-target"], "AmazonSSM.GetParameter");
        let asked = json!({ "Name": "/millora/keys/mail-threading", "WithDecryption": true });
        assert_eq!(request.json(), asked);
    }
}

#[tokio::test]
async fn older_keys_stay_in_force_while_the_service_fails() {
    let denied = Reply::error(400, "AccessDeniedException");
    let stub = Stub::with([parameter(&[1]), denied, parameter(&[2])]).await;
    let (secrets, clock) = secrets(&stub);
    assert_eq!(ids(&secrets).await, [1]);
    clock.advance_ms(300_000);
    assert_eq!(ids(&secrets).await, [1]);
    assert_eq!(ids(&secrets).await, [2]);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_without_the_value() {
    let broken = Reply::json(&json!({ "Parameter": { "Value": "[{\"id\":1,\"key\":\"abc\"}]" } }));
    let rows = [
        (Reply::error(400, "ParameterNotFound"), "ParameterNotFound"),
        (broken, "the key 1 is not 64 hex digits"),
        (Reply::json(&json!({})), "not a list of keys"),
    ];
    for (reply, expected) in rows {
        let stub = Stub::with([reply]).await;
        let error = secrets(&stub).0.keys(PURPOSE).await.unwrap_err().0;
        assert!(error.starts_with("/millora/keys/mail-threading: "), "{error}");
        assert!(error.contains(expected) && !error.contains("abc"), "{error}");
    }
}
