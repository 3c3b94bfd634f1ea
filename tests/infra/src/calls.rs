//! What each call to a port asks of AWS, in the words of the roles.
//!
//! The adapters of `shared/aws` make the requests. A test plays them on a server that records what is
//! asked, and compares that with what stands here.

use std::collections::BTreeSet;

use app::commit::Write;
use app::memory::demo_settings;
use app::memory::faults::Call;

use crate::rights::Right;

/// The rights that a function needs for one call to one of its ports.
#[must_use]
pub fn rights(function: &str, call: &Call<'_>) -> BTreeSet<Right> {
    let asked: Vec<(&str, String)> = match call {
        Call::Get(key) | Call::Glance(key) => vec![("dynamodb:GetItem", partition(&key.pk))],
        Call::GetMany(keys) => {
            keys.iter().map(|key| ("dynamodb:BatchGetItem", partition(&key.pk))).collect()
        }
        Call::Query(query) => vec![("dynamodb:Query", partition(&query.pk))],
        Call::Due(_) => vec![("dynamodb:Query", "index/due DUE#*".to_owned())],
        Call::List(query) => {
            vec![("dynamodb:Query", format!("index/list {}", partition(&query.pk)))]
        }
        Call::Work(query) => {
            vec![("dynamodb:Query", format!("index/work {}", partition(&query.pk)))]
        }
        // A transaction is authorised by each of its writes.
        Call::Commit(commit) => commit.writes.iter().map(write).collect(),
        // A finished message is authorised as raw, on both that it names.
        Call::Send(message) => {
            vec![
                ("ses:SendRawEmail", identity(&message.from)),
                ("ses:SendRawEmail", "configuration-set/${ConfigurationSet}".to_owned()),
            ]
        }
        // What exists is moved; either way the scheduler is handed a role.
        Call::PutSchedule(_) => vec![
            ("scheduler:CreateSchedule", SCHEDULES.to_owned()),
            ("scheduler:UpdateSchedule", SCHEDULES.to_owned()),
            ("iam:PassRole", "TimerScheduleRole".to_owned()),
        ],
        Call::DeleteSchedule(_) => vec![("scheduler:DeleteSchedule", SCHEDULES.to_owned())],
        // What lies there already is read, and compared.
        Call::PutBlob(key) => vec![("s3:PutObject", folder(key)), ("s3:GetObject", folder(key))],
        Call::GetBlob(key) => get_blob(key),
        Call::ListBlobs(prefix) => vec![("s3:ListBucket", format!("bucket {}", folder(prefix)))],
        Call::RenameBlob { from, to } => {
            let mut asked = get_blob(from);
            asked.extend([("s3:PutObject", folder(to)), ("s3:GetObject", folder(to))]);
            asked.push(("s3:DeleteObject", folder(from)));
            asked
        }
        Call::DeleteBlob(key) => vec![("s3:DeleteObject", folder(key))],
        // Whoever uses a link does so with the right of who signed it.
        Call::UploadLink(file) => vec![("s3:PutObject", folder(&file.blob))],
        Call::DownloadLink(file) => vec![("s3:GetObject", folder(&file.blob))],
        Call::Keys(purpose) => vec![("ssm:GetParameter", format!("keys/{}", purpose.name()))],
    };
    asked.into_iter().map(|(action, target)| Right::new(function, action, target)).collect()
}

/// Every schedule of the group of tickets.
const SCHEDULES: &str = "schedule/${ScheduleGroup}/*";

/// The identity that a sender's address belongs to; of the deployment in memory it is that of the
/// template.
fn identity(from: &str) -> String {
    let domain = from.trim_end_matches('>').rsplit('@').next().unwrap_or_default();
    let own = domain == demo_settings().mail_domain;
    format!("identity/{}", if own { "${MailDomain}" } else { domain })
}

/// Where several look for the same object, each may find it gone. The service tells that only to who
/// may list the bucket; to others it is forbidden.
const SHARED_FOLDER: &str = "inbound/";

fn get_blob(key: &str) -> Vec<(&'static str, String)> {
    let mut asked = vec![("s3:GetObject", folder(key))];
    if key.starts_with(SHARED_FOLDER) {
        asked.push(("s3:ListBucket", "bucket".to_owned()));
    }
    asked
}

fn write(write: &Write) -> (&'static str, String) {
    let action = match write {
        Write::Put { .. } => "dynamodb:PutItem",
        Write::Delete { .. } => "dynamodb:DeleteItem",
        Write::Check { .. } => "dynamodb:ConditionCheckItem",
    };
    (action, partition(&write.key().pk))
}

/// The partitions of one kind: `T#FERRE-2HRRSX9V-0` is one of `T#*`.
fn partition(pk: &str) -> String {
    format!("{}#*", pk.split('#').next().unwrap_or_default())
}

/// The folder of an object: `done/0100abc` lies in `done/*`.
fn folder(key: &str) -> String {
    format!("{}/*", key.split('/').next().unwrap_or_default())
}
