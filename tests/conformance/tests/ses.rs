//! The mailer over SES, against a stub.

use app::ports::{Acceptance, Mailer, SendError};
use aws::connection::Connection;
use aws::denied::NoMail;
use aws::ses::SesMailer;
use domain::Instant;
use serde_json::json;
use tests_conformance::stub::{Reply, Stub};
use tests_conformance::suites;
use tests_conformance::suites::small::message;

fn mailer(stub: &Stub) -> SesMailer {
    SesMailer::new(&Connection::local(&stub.endpoint), "soporte")
}

#[tokio::test]
async fn the_suite() {
    let mut count = 0;
    let stub = Stub::start(move |_| {
        count += 1;
        Reply::json(&json!({ "MessageId": format!("0100-{count}") }))
    })
    .await;
    suites::small::mailer(&mailer(&stub)).await;
}

#[tokio::test]
async fn a_message_goes_out_raw_with_its_tags() {
    let stub = Stub::with([Reply::json(&json!({ "MessageId": "0100-a" }))]).await;
    let accepted = mailer(&stub).send(&message("ana@acme.example")).await;
    assert_eq!(accepted, Ok(Acceptance { id: "0100-a".to_owned(), at: None }));
    let requests = stub.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((request.method.as_str(), request.path()), ("POST", "/v2/email/outbound-emails"));
    assert!(request.headers["authorization"].contains("/us-east-1/ses/aws4_request"));
    assert_eq!(
        request.json(),
        json!({
            "FromEmailAddress": "soporte@soporte.millora.example",
            "Destination": { "ToAddresses": ["ana@acme.example"] },
            "Content": { "Raw": { "Data": "U3ViamVjdDogSG9sYQ0KDQpVbiBkw61hLg0K" } },
            "EmailTags": [
                { "Name": "notice_id", "Value": "n-0123456789abcdef" },
                { "Name": "subject", "Value": "ACME-7K2QX9RD-E" },
            ],
            "ConfigurationSetName": "soporte",
        })
    );
}

/// G15: a message is accepted by the service's clock, and this host's is years away from it.
#[tokio::test]
async fn the_service_dates_what_it_accepts() {
    let mut reply = Reply::json(&json!({ "MessageId": "0100-a" }));
    if let Reply::Answer { headers, .. } = &mut reply {
        headers.push(("date", "Fri, 20 Nov 2009 18:00:07 GMT".to_owned()));
    }
    let stub = Stub::with([reply]).await;
    let accepted = mailer(&stub).send(&message("ana@acme.example")).await.unwrap();
    assert_eq!(accepted.at, Some(Instant::parse_rfc3339("2009-11-20T18:00:07Z").unwrap()));
}

#[derive(Debug, PartialEq)]
enum Kind {
    Refused,
    Retryable,
    Unknown,
}

#[tokio::test]
async fn every_failure_is_told_by_what_is_known() {
    for (reply, expected) in [
        (Reply::error(400, "MessageRejected"), Kind::Refused),
        (Reply::error(400, "BadRequestException"), Kind::Refused),
        (Reply::error(400, "MailFromDomainNotVerifiedException"), Kind::Retryable),
        (Reply::error(400, "AccountSuspendedException"), Kind::Retryable),
        (Reply::error(400, "SendingPausedException"), Kind::Retryable),
        (Reply::error(400, "LimitExceededException"), Kind::Retryable),
        (Reply::error(404, "NotFoundException"), Kind::Retryable),
        (Reply::error(403, "AccessDeniedException"), Kind::Retryable),
        (Reply::error(429, "TooManyRequestsException"), Kind::Retryable),
        (Reply::error(500, "InternalFailure"), Kind::Unknown),
        (Reply::error(503, "ServiceUnavailable"), Kind::Unknown),
        (Reply::Drop, Kind::Unknown),
        (Reply::json(&json!({})), Kind::Unknown),
    ] {
        let stub = Stub::with([reply.clone()]).await;
        let kind = match mailer(&stub).send(&message("ana@acme.example")).await {
            Ok(taken) => panic!("{taken:?} after {reply:?}"),
            Err(SendError::Refused(_)) => Kind::Refused,
            Err(SendError::Retryable(_)) => Kind::Retryable,
            Err(SendError::Unknown(_)) => Kind::Unknown,
        };
        assert_eq!(kind, expected, "{reply:?}");
        assert_eq!(stub.requests().len(), 1, "a second attempt may be a second mail: {reply:?}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let mailer = SesMailer::new(&Connection::local("http://127.0.0.1:9"), "soporte");
    let answer = mailer.send(&message("ana@acme.example")).await;
    assert!(matches!(answer, Err(SendError::Unknown(_))), "{answer:?}");
}

#[tokio::test]
async fn a_function_without_the_right_sends_nothing() {
    let answer = NoMail.send(&message("ana@acme.example")).await;
    assert!(matches!(answer, Err(SendError::Retryable(_))), "{answer:?}");
}
