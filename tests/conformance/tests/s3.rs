//! Blobs over S3, against a stub.

use std::collections::BTreeMap;

use app::ports::{Blobs, Link};
use app::records::Attachment;
use aws::connection::Connection;
use aws::s3::S3Blobs;
use domain::TimeDelta;
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
        if key.trim_end_matches('/') == "/millora-blobs" {
            return listing(request, &objects);
        }
        assert!(key.starts_with("/millora-blobs/"), "{key}");
        let source = request.headers.get("x-amz-copy-source");
        match (request.method.as_str(), objects.get(&key)) {
            ("GET", Some(bytes)) => ok(bytes),
            ("GET", None) => error(404, "NoSuchKey"),
            ("DELETE", _) => {
                objects.remove(&key);
                Reply::Answer { status: 204, headers: vec![], body: vec![] }
            }
            ("PUT", Some(_)) if request.headers.contains_key("if-none-match") => {
                error(412, "PreconditionFailed")
            }
            _ => {
                let copied = source.map(|source| objects.get(&format!("/{source}")).cloned());
                let Some(bytes) = copied.unwrap_or_else(|| Some(request.body.clone())) else {
                    return error(404, "NoSuchKey");
                };
                objects.insert(key, bytes);
                let done = "<CopyObjectResult><ETag>&quot;0&quot;</ETag></CopyObjectResult>";
                ok(if source.is_some() { done.as_bytes() } else { b"" })
            }
        }
    }
}

/// What `ListObjectsV2` answers.
fn listing(request: &Request, objects: &BTreeMap<String, Vec<u8>>) -> Reply {
    let query = request.target.split_once('?').expect("a listing has parameters").1;
    let parameter = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| decoded(value))
    };
    let prefix = parameter("prefix").expect("the adapter names a prefix");
    let after = parameter("start-after").unwrap_or_default();
    let limit: usize = parameter("max-keys").expect("and a limit").parse().expect("a number");
    let named =
        objects.iter().map(|(key, bytes)| (decoded(&key["/millora-blobs/".len()..]), bytes));
    let mut found: Vec<_> =
        named.filter(|(key, _)| key.starts_with(&prefix) && *key > after).collect();
    found.sort();
    let mut body = format!(
        "<ListBucketResult><IsTruncated>{}</IsTruncated>",
        if found.len() > limit { "true" } else { "false" }
    );
    for (key, bytes) in found.into_iter().take(limit) {
        let size = bytes.len();
        body += &format!("<Contents><Key>{key}</Key><Size>{size}</Size>");
        body += "<LastModified>2026-11-20T19:58:00.000Z</LastModified></Contents>";
    }
    ok((body + "</ListBucketResult>").as_bytes())
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().expect("two digits"), rest.next().expect("two digits")];
            let digits = std::str::from_utf8(&digits).expect("digits are ASCII");
            bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("keys are UTF-8")
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

#[tokio::test]
async fn a_rename_copies_only_where_there_is_nothing_and_then_deletes() {
    let done = ok(b"<CopyObjectResult/>");
    let stub = Stub::with([done, ok(b"")]).await;
    assert_eq!(blobs(&stub).rename("inbound/a b", "done/a b").await, Ok(()));
    let requests = stub.requests();
    let [copy, delete] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((copy.method.as_str(), copy.path()), ("PUT", "/millora-blobs/done/a%20b"));
    assert_eq!(copy.headers["x-amz-copy-source"], "millora-blobs/inbound/a%20b");
    assert_eq!(copy.headers["if-none-match"], "*");
    assert_eq!((delete.method.as_str(), delete.path()), ("DELETE", "/millora-blobs/inbound/a%20b"));

    // Nothing is deleted unless the copy is known to be there.
    for reply in [error(403, "AccessDenied"), error(409, "ConditionalRequestConflict")] {
        let stub = Stub::with([reply]).await;
        assert!(blobs(&stub).rename("inbound/a", "done/a").await.is_err());
        assert!(stub.requests().iter().all(|request| request.method == "PUT"));
    }
}

fn file(name: &str) -> Attachment {
    let [id, media_type, blob] = ["7", "application/pdf", "attachments/7"].map(str::to_owned);
    Attachment { id, name: name.to_owned(), media_type, size: 1_234, blob }
}

/// What a link's query says, by name.
fn query(link: &Link) -> BTreeMap<String, String> {
    let (_, query) = link.url.split_once('?').expect("a signed link has a query");
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect()
}

#[tokio::test]
async fn links_are_signed_offline_with_all_that_they_are_to_hold_to() {
    let blobs = S3Blobs::new(&Connection::local("http://127.0.0.1:9"), "millora-blobs");
    let link = blobs.upload_link(&file("a.pdf"), TimeDelta::minutes(15)).await.unwrap();
    assert!(link.url.starts_with("http://127.0.0.1:9/millora-blobs/attachments/7?"), "a path");
    let said = query(&link);
    let signed = "content-length;content-type;host;if-none-match";
    assert_eq!(said["X-Amz-SignedHeaders"], signed, "size, type and once");
    assert_eq!(said["X-Amz-Expires"], "900");
    assert_eq!(said["X-Amz-Signature"].len(), 64);
    let headers: BTreeMap<_, _> = link.headers.into_iter().collect();
    let expected =
        [("content-length", "1234"), ("content-type", "application/pdf"), ("if-none-match", "*")];
    assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());

    let link = blobs.download_link(&file("año.pdf"), TimeDelta::minutes(5)).await.unwrap();
    let said = query(&link);
    assert_eq!((said["X-Amz-SignedHeaders"].as_str(), link.headers.len()), ("host", 0));
    assert_eq!(said["X-Amz-Expires"], "300");
    assert_eq!(said["response-content-type"], "application/pdf");
    let disposition = "attachment; filename=\"a_o.pdf\"; filename*=UTF-8''a%C3%B1o%2Epdf";
    assert_eq!(said["response-content-disposition"], disposition);
}
