//! One-time schedules over EventBridge Scheduler, against a stub.

use std::collections::BTreeMap;

use app::ports::{Schedules, TimerFunction, Wake};
use aws::config::ScheduleNames;
use aws::connection::Connection;
use aws::denied::NoSchedules;
use aws::scheduler::EventBridgeSchedules;
use serde_json::{Value, json};
use tests_conformance::stub::{Reply, Request, Stub};
use tests_conformance::suites;
use tests_conformance::suites::small::wake;

const AT_MS: i64 = 1_795_219_200_000;

fn schedules(stub: &Stub) -> EventBridgeSchedules {
    let names = ScheduleNames {
        group: "soporte".to_owned(),
        role_arn: "arn:aws:iam::000000000000:role/wake".to_owned(),
        dead_letter_arn: "arn:aws:sqs:us-east-1:000000000000:dead".to_owned(),
        sla_timer_arn: "arn:aws:lambda:us-east-1:000000000000:function:sla-timer".to_owned(),
        auto_close_arn: "arn:aws:lambda:us-east-1:000000000000:function:auto-close".to_owned(),
    };
    EventBridgeSchedules::new(&Connection::local(&stub.endpoint), names)
}

fn created() -> Reply {
    Reply::json(&json!({ "ScheduleArn": "arn:aws:scheduler:us-east-1:000000000000:schedule/x/y" }))
}

/// A scheduler that remembers names, as the service does.
fn service() -> impl FnMut(&Request) -> Reply + Send {
    let mut expressions: BTreeMap<String, Value> = BTreeMap::new();
    move |request| {
        let name = request.path().to_owned();
        match request.method.as_str() {
            "POST" if expressions.contains_key(&name) => Reply::error(409, "ConflictException"),
            "PUT" | "DELETE" if !expressions.contains_key(&name) => {
                Reply::error(404, "ResourceNotFoundException")
            }
            "DELETE" => {
                expressions.remove(&name);
                Reply::json(&json!({}))
            }
            _ => {
                expressions.insert(name, request.json()["ScheduleExpression"].clone());
                created()
            }
        }
    }
}

fn methods(stub: &Stub) -> Vec<String> {
    stub.requests().into_iter().map(|request| request.method).collect()
}

#[tokio::test]
async fn the_suite() {
    let stub = Stub::start(service()).await;
    suites::small::schedules(&schedules(&stub)).await;
}

#[tokio::test]
async fn a_schedule_says_when_whom_and_what_after() {
    for (function, arn) in
        [(TimerFunction::SlaTimer, "sla-timer"), (TimerFunction::AutoClose, "auto-close")]
    {
        let stub = Stub::with([created()]).await;
        let wake = Wake { function, ..wake("sla-timer.ACME-7K2QX9RD-E", AT_MS + 1) };
        assert_eq!(schedules(&stub).put(&wake).await, Ok(()));
        let requests = stub.requests();
        let [request] = requests.as_slice() else { panic!("{requests:?}") };
        assert_eq!(request.method, "POST");
        assert_eq!(request.path(), "/schedules/sla-timer.ACME-7K2QX9RD-E");
        let mut body = request.json();
        let token = body.as_object_mut().and_then(|body| body.remove("ClientToken"));
        assert!(token.is_some_and(|token| token.is_string()), "repetitions need a token");
        assert_eq!(
            body,
            json!({
                "GroupName": "soporte",
                "ScheduleExpression": "at(2026-11-21T00:00:01)",
                "ScheduleExpressionTimezone": "UTC",
                "FlexibleTimeWindow": { "Mode": "OFF" },
                "ActionAfterCompletion": "DELETE",
                "Target": {
                    "Arn": format!("arn:aws:lambda:us-east-1:000000000000:function:{arn}"),
                    "RoleArn": "arn:aws:iam::000000000000:role/wake",
                    "DeadLetterConfig": { "Arn": "arn:aws:sqs:us-east-1:000000000000:dead" },
                    "RetryPolicy": {
                        "MaximumEventAgeInSeconds": 3600,
                        "MaximumRetryAttempts": 5,
                    },
                    "Input": json!({ "function": arn, "aggregate": "T#ACME-7K2QX9RD-E" })
                        .to_string(),
                },
            })
        );
    }
}

#[tokio::test]
async fn an_existing_schedule_is_moved() {
    let stub = Stub::with([Reply::error(409, "ConflictException"), created()]).await;
    assert_eq!(schedules(&stub).put(&wake("a", AT_MS)).await, Ok(()));
    assert_eq!(methods(&stub), ["POST", "PUT"]);
    let (create, update) = (stub.requests()[0].json(), stub.requests()[1].json());
    for field in ["GroupName", "ScheduleExpression", "Target", "ActionAfterCompletion"] {
        assert_eq!(create[field], update[field], "{field}");
    }
}

#[tokio::test]
async fn a_schedule_that_fires_between_the_calls_is_made_again() {
    let replies = [
        Reply::error(409, "ConflictException"),
        Reply::error(404, "ResourceNotFoundException"),
        created(),
    ];
    let stub = Stub::with(replies).await;
    assert_eq!(schedules(&stub).put(&wake("a", AT_MS)).await, Ok(()));
    assert_eq!(methods(&stub), ["POST", "PUT", "POST"]);
}

#[tokio::test]
async fn failures_are_told_and_throttles_repeated() {
    let stub = Stub::with([Reply::error(429, "ThrottlingException"), created()]).await;
    assert_eq!(schedules(&stub).put(&wake("a", AT_MS)).await, Ok(()));
    assert_eq!(methods(&stub), ["POST", "POST"]);

    for reply in [
        Reply::error(400, "ValidationException"),
        Reply::error(403, "AccessDeniedException"),
        Reply::error(404, "ResourceNotFoundException"),
    ] {
        let stub = Stub::with([reply.clone()]).await;
        assert!(schedules(&stub).put(&wake("a", AT_MS)).await.is_err(), "{reply:?}");
        assert_eq!(methods(&stub), ["POST"], "{reply:?}");
    }
    let stub = Stub::with([Reply::error(403, "AccessDeniedException")]).await;
    assert!(schedules(&stub).delete("a").await.is_err());
}

#[tokio::test]
async fn a_function_without_the_right_schedules_nothing() {
    assert!(NoSchedules.put(&wake("a", AT_MS)).await.is_err());
    assert!(NoSchedules.delete("a").await.is_err());
}
