//! What a call to a port asks of AWS, as the adapters really ask it: the requests on the wire, read as
//! the services authorise them.

use std::collections::BTreeSet;

use app::commit::{Commit, Condition, Write};
use app::item::{Item, Key};
use app::memory::MemoryClock;
use app::memory::faults::Call;
use app::ports::{
    Blobs as _, KeyPurpose, Link, Mailer as _, Outgoing, Query, Schedules as _, Secrets as _,
    Store as _, TimerFunction, Wake,
};
use app::records::Attachment;
use aws::config::ScheduleNames;
use aws::connection::Connection;
use aws::dynamodb::DynamoStore;
use aws::s3::S3Blobs;
use aws::scheduler::EventBridgeSchedules;
use aws::ses::SesMailer;
use aws::ssm::SsmSecrets;
use domain::{Instant, TimeDelta};
use serde_json::Value;
use tests_conformance::stub::{Reply, Request, Stub};
use tests_infra::calls;
use tests_infra::rights::Right;

const NOW: Instant = Instant::from_millis(1_795_219_200_000);

/// A right that a request needs: action and target.
type Asked = (String, String);

/// What the services require for a request.
fn asked(request: &Request) -> Vec<Asked> {
    let authorization = &request.headers["authorization"];
    let service = authorization.split('/').nth(3).expect("the scope names the service");
    match service {
        "dynamodb" => of_table(request),
        "s3" => {
            of_bucket(&request.method, &request.target, request.headers.get("x-amz-copy-source"))
        }
        "ses" => {
            let body = request.json();
            let raw = !body["Content"]["Raw"].is_null();
            assert!(raw && request.path() == "/v2/email/outbound-emails", "{body}");
            let from = body["FromEmailAddress"].as_str().expect("a sender");
            let domain = from.split('@').nth(1).expect("a domain");
            assert_eq!(domain, "soporte.millora.example");
            assert_eq!(body["ConfigurationSetName"], "the-set");
            // A finished message is authorised as raw, by both that it names.
            ["identity/${MailDomain}", "configuration-set/${ConfigurationSet}"]
                .map(|target| ("ses:SendRawEmail".to_owned(), target.to_owned()))
                .to_vec()
        }
        "scheduler" => of_scheduler(request),
        "ssm" => {
            assert!(request.headers["x-amz-target"].ends_with(".GetParameter"));
            let name = request.json()["Name"].as_str().map(ToOwned::to_owned);
            let name = name.expect("a name");
            vec![("ssm:GetParameter".to_owned(), name.trim_start_matches("/millora/").to_owned())]
        }
        other => panic!("a request to {other}"),
    }
}

/// The kind of a partition, as roles name it.
fn kind(pk: &Value) -> String {
    let pk = pk["S"].as_str().expect("a partition key is text");
    format!("{}#*", pk.split('#').next().unwrap_or_default())
}

/// Each item that is read or written is authorised by the first part of its key.
fn of_table(request: &Request) -> Vec<Asked> {
    let body = request.json();
    let operation = request.headers["x-amz-target"].rsplit('.').next().unwrap_or_default();
    let one = |action: &str, target: String| vec![(format!("dynamodb:{action}"), target)];
    match operation {
        "GetItem" | "DeleteItem" => one(operation, kind(&body["Key"]["pk"])),
        "PutItem" => one(operation, kind(&body["Item"]["pk"])),
        "BatchGetItem" => {
            let keys = body["RequestItems"]["millora"]["Keys"].as_array().expect("keys");
            keys.iter().flat_map(|key| one(operation, kind(&key["pk"]))).collect()
        }
        "Query" => {
            let values = &body["ExpressionAttributeValues"];
            let condition = body["KeyConditionExpression"].as_str().expect("a condition");
            let partition = condition.split(" = ").nth(1).expect("a partition");
            let kind = kind(&values[partition.split(' ').next().unwrap_or_default()]);
            match body["IndexName"].as_str() {
                Some(index) => one(operation, format!("index/{index} {kind}")),
                None => one(operation, kind),
            }
        }
        "TransactWriteItems" => {
            let writes = body["TransactItems"].as_array().expect("writes");
            let write = |write: &Value| {
                let (what, body) = write.as_object().and_then(|it| it.iter().next()).expect("one");
                match what.as_str() {
                    "Put" => one("PutItem", kind(&body["Item"]["pk"])),
                    "Delete" => one("DeleteItem", kind(&body["Key"]["pk"])),
                    "ConditionCheck" => one("ConditionCheckItem", kind(&body["Key"]["pk"])),
                    other => panic!("a write of the kind {other}"),
                }
            };
            writes.iter().flat_map(write).collect()
        }
        other => panic!("{other} is nobody's"),
    }
}

fn of_bucket(method: &str, target: &str, source: Option<&String>) -> Vec<Asked> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let key =
        path.trim_start_matches('/').trim_start_matches("millora-blobs").trim_start_matches('/');
    let folder = |key: &str| format!("{}/*", key.split('/').next().unwrap_or_default());
    let read = |key: &str| {
        let mut read = vec![("s3:GetObject".to_owned(), folder(key))];
        // That an object is not there is told to who may list the bucket; to others it is forbidden.
        if key.starts_with("inbound/") {
            read.push(("s3:ListBucket".to_owned(), "bucket".to_owned()));
        }
        read
    };
    match method {
        "GET" if key.is_empty() => {
            let prefix = query.split('&').find_map(|it| it.strip_prefix("prefix="));
            let prefix = prefix.expect("a listing names a prefix").replace("%2F", "/");
            vec![("s3:ListBucket".to_owned(), format!("bucket {}", folder(&prefix)))]
        }
        "GET" => read(key),
        "PUT" => {
            let source = source.map(|it| it.trim_start_matches("millora-blobs/").to_owned());
            let mut all = source.map(|it| read(&it)).unwrap_or_default();
            all.push(("s3:PutObject".to_owned(), folder(key)));
            all
        }
        "DELETE" => vec![("s3:DeleteObject".to_owned(), folder(key))],
        other => panic!("{other} is nobody's"),
    }
}

fn of_scheduler(request: &Request) -> Vec<Asked> {
    let group = if request.method == "DELETE" {
        let group = request.target.split("groupName=").nth(1).unwrap_or_default();
        group.split('&').next().unwrap_or_default().to_owned()
    } else {
        request.json()["GroupName"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(group, "the-group");
    let action = match request.method.as_str() {
        "POST" => "scheduler:CreateSchedule",
        "PUT" => "scheduler:UpdateSchedule",
        "DELETE" => "scheduler:DeleteSchedule",
        other => panic!("{other} is nobody's"),
    };
    let mut all = vec![(action.to_owned(), "schedule/${ScheduleGroup}/*".to_owned())];
    if request.method != "DELETE" {
        assert_eq!(request.json()["Target"]["RoleArn"], "arn:the-role");
        all.push(("iam:PassRole".to_owned(), "TimerScheduleRole".to_owned()));
    }
    all
}

/// Answers so that an adapter goes as far as it can: what is to be created exists already, as it is to
/// be, and all else succeeds.
fn answer(request: &Request) -> Reply {
    let is = |service: &str| request.headers["authorization"].contains(&format!("/{service}/"));
    if is("scheduler") && request.method == "POST" {
        return Reply::error(409, "ConflictException");
    }
    if is("ses") {
        return Reply::json(&serde_json::json!({ "MessageId": "0100" }));
    }
    if is("s3") {
        let (status, body) = match (request.method.as_str(), request.target.contains("list-type")) {
            ("GET", true) => (200, "<ListBucketResult></ListBucketResult>"),
            ("GET", false) => (200, "x"),
            ("PUT", _) => (412, "<Error><Code>PreconditionFailed</Code></Error>"),
            _ => (204, ""),
        };
        return Reply::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
    }
    Reply::json(&serde_json::json!({ "ScheduleArn": "arn:the-schedule" }))
}

/// Makes the call through the adapter, and tells a link that it gave. What the adapter makes of the
/// stub's empty answers is not looked at here.
async fn make(connection: &Connection, call: &Call<'_>) -> Option<Link> {
    let store = DynamoStore::new(connection, "millora");
    let blobs = S3Blobs::new(connection, "millora-blobs");
    let names = ScheduleNames {
        group: "the-group".to_owned(),
        role_arn: "arn:the-role".to_owned(),
        dead_letter_arn: "arn:the-queue".to_owned(),
        sla_timer_arn: "arn:sla-timer".to_owned(),
        auto_close_arn: "arn:auto-close".to_owned(),
    };
    let schedules = EventBridgeSchedules::new(connection, names);
    let minute = TimeDelta::minutes(1);
    let mut link = None;
    match call {
        Call::Get(key) => drop(store.get(key).await),
        Call::GetMany(keys) => drop(store.get_many(keys).await),
        Call::Glance(key) => drop(store.glance(key).await),
        Call::Query(query) => drop(store.query(query).await),
        Call::Due(shard) => drop(store.due(*shard, NOW, 1, None).await),
        Call::List(query) => drop(store.list(query).await),
        Call::Work(query) => drop(store.work(query).await),
        Call::Commit(commit) => drop(store.commit(commit).await),
        Call::Send(message) => drop(SesMailer::new(connection, "the-set").send(message).await),
        Call::PutSchedule(wake) => drop(schedules.put(wake).await),
        Call::DeleteSchedule(name) => drop(schedules.delete(name).await),
        Call::PutBlob(key) => drop(blobs.put(key, b"x").await),
        Call::GetBlob(key) => drop(blobs.get(key).await),
        Call::ListBlobs(prefix) => drop(blobs.list(prefix, None, 1).await),
        Call::RenameBlob { from, to } => drop(blobs.rename(from, to).await),
        Call::DeleteBlob(key) => drop(blobs.delete(key).await),
        Call::UploadLink(file) => link = blobs.upload_link(file, minute).await.ok(),
        Call::DownloadLink(file) => link = blobs.download_link(file, minute).await.ok(),
        Call::Keys(purpose) => {
            let secrets = SsmSecrets::new(connection, "millora", MemoryClock::new(NOW));
            drop(secrets.keys(*purpose).await);
        }
    }
    link
}

fn item(pk: &str) -> Item {
    Item {
        key: Key::new(pk, "HEAD"),
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

#[tokio::test]
async fn each_call_asks_for_the_rights_that_are_said() {
    let keys = [Key::new("T#ACME-1", "HEAD"), Key::new("C#ACME", "GATE")];
    let (query, list) = (Query::new("CAL#MX", "V#", 9), Query::new("DESK#HELD", "", 9));
    let put = || Write::Put { item: item("T#ACME-1"), when: Condition::Absent };
    let plain = Commit { writes: vec![put()] };
    let key = Key::new("U#1", "UPLOAD");
    let gone =
        Commit { writes: vec![Write::Delete { key: key.clone(), when: Condition::RevisionIs(1) }] };
    let check = Write::Check { key: Key::new("C#ACME", "GATE"), when: Condition::GateRevIs(1) };
    let delete = Write::Delete { key, when: Condition::RevisionIs(1) };
    let all = Commit { writes: vec![put(), check, delete] };
    let message = Outgoing {
        from: "soporte@soporte.millora.example".to_owned(),
        to: "ana@acme.example".to_owned(),
        mime: b"Subject: x\r\n\r\n".to_vec(),
        notice_id: "n".to_owned(),
        subject_tag: "s".to_owned(),
    };
    let wake = Wake {
        name: "auto-close.T_ACME-1".to_owned(),
        at: NOW,
        function: TimerFunction::AutoClose,
        pk: "T#ACME-1".to_owned(),
    };
    let file = Attachment {
        id: "1".to_owned(),
        name: "a.png".to_owned(),
        media_type: "image/png".to_owned(),
        size: 3,
        blob: "attachments/1".to_owned(),
    };
    let calls = [
        Call::Get(&keys[0]),
        Call::GetMany(&keys),
        Call::Query(&query),
        Call::Due(3),
        Call::List(&list),
        Call::Commit(&plain),
        Call::Commit(&gone),
        Call::Commit(&all),
        Call::Send(&message),
        Call::PutSchedule(&wake),
        Call::DeleteSchedule("auto-close.T_ACME-1"),
        Call::PutBlob("texts/1"),
        Call::GetBlob("texts/1"),
        Call::GetBlob("inbound/1"),
        Call::ListBlobs("inbound/"),
        Call::ListBlobs("done/1"),
        Call::RenameBlob { from: "inbound/1", to: "done/1" },
        Call::DeleteBlob("attachments/1"),
        Call::UploadLink(&file),
        Call::DownloadLink(&file),
        Call::Keys(KeyPurpose::MailThreading),
        Call::Keys(KeyPurpose::Addresses),
    ];
    for call in calls {
        let stub = Stub::start(answer).await;
        let link = make(&Connection::local(&stub.endpoint), &call).await;
        let mut found: BTreeSet<Asked> = stub.requests().iter().flat_map(asked).collect();
        if let Some(link) = link {
            let (_, target) = link.url.split_once("127.0.0.1").expect("the stub's address");
            let target = &target[target.find('/').expect("a path")..];
            let method = if target.contains("x-id=PutObject") { "PUT" } else { "GET" };
            found.extend(of_bucket(method, target, None));
        }
        let right = |(action, target)| Right::new("f", action, target);
        let found: BTreeSet<Right> = found.into_iter().map(right).collect();
        assert!(!found.is_empty(), "{} asks for nothing", call.name());
        assert_eq!(found, calls::rights("f", &call), "{}", call.name());
    }
}
