//! Blobs over S3, against a stub.

use std::collections::BTreeMap;

use app::ports::Blobs;
use aws::connection::Connection;
use aws::s3::S3Blobs;
use tests_conformance::stub::{Reply, Request, Stub};
use tests_conformance::suites;

fn blobs(stub: &Stub) -> S3Blobs {
    S3Blobs::new(&Connection::local(&stub.endpoint), "millora-blobs")
}

fn error(status: u16, code: &str) -> Reply {
    let body = format!("<Error><Code>{code}</Code><Message>told to</Message></Error>");
    Reply::Answer { status, headers: vec![], body: body.into_bytes() }
}

fn ok(body: &[u8]) -> Reply {
    Reply::Answer { status: 200, headers: vec![], body: body.to_vec() }
}

/// A bucket that honours `If-None-Match: *`, as the service does.
fn service() -> impl FnMut(&Request) -> Reply + Send {
    let mut objects: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    move |request| {
        let key = request.path().to_owned();
        assert!(key.starts_with("/millora-blobs/"), "{key}");
        match (request.method.as_str(), objects.get(&key)) {
            ("GET", Some(bytes)) => ok(bytes),
            ("GET", None) => error(404, "NoSuchKey"),
            ("PUT", Some(_)) if request.headers.contains_key("if-none-match") => {
                error(412, "PreconditionFailed")
            }
            _ => {
                objects.insert(key, request.body.clone());
                ok(b"")
            }
        }
    }
}

#[tokio::test]
async fn the_suite() {
    let stub = Stub::start(service()).await;
    suites::small::blobs(&blobs(&stub)).await;
}

#[tokio::test]
async fn a_blob_is_written_only_where_there_is_none() {
    let stub = Stub::with([ok(b"")]).await;
    assert_eq!(blobs(&stub).put("texts/a b", b"hola").await, Ok(()));
    let requests = stub.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(request.method, "PUT");
    assert_eq!(request.path(), "/millora-blobs/texts/a%20b");
    assert_eq!(request.headers["if-none-match"], "*");
    assert_eq!(request.body, b"hola");
}

#[tokio::test]
async fn failures_are_told_and_transient_ones_repeated() {
    let stub = Stub::with([error(503, "SlowDown"), ok(b"hola")]).await;
    assert_eq!(blobs(&stub).get("a").await, Ok(Some(b"hola".to_vec())));
    assert_eq!(stub.requests().len(), 2);

    let stub = Stub::with([Reply::Drop, ok(b"")]).await;
    assert_eq!(blobs(&stub).put("a", b"hola").await, Ok(()));

    for reply in [error(403, "AccessDenied"), error(404, "NoSuchBucket")] {
        let stub = Stub::with([reply.clone()]).await;
        assert!(blobs(&stub).get("a").await.is_err(), "{reply:?}");
        let stub = Stub::with([reply.clone()]).await;
        assert!(blobs(&stub).put("a", b"hola").await.is_err(), "{reply:?}");
    }
}
