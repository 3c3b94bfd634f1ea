//! The example mails and what is expected of them, as `events/mail/expected.toml` says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mail::inbound::Receipt;
use serde::Deserialize;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Corpus {
    pub(crate) ours: String,
    pub(crate) people: BTreeMap<String, String>,
    pub(crate) domains: BTreeMap<String, String>,
    pub(crate) mail: Vec<Expected>,
}

/// One mail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) file: String,
    pub(crate) shows: String,
    pub(crate) source: String,
    pub(crate) verdicts: Verdicts,
    pub(crate) outcome: String,
    pub(crate) answer: String,
    pub(crate) sender: Option<String>,
    pub(crate) class: Option<String>,
    pub(crate) proof: Option<String>,
    pub(crate) without_event: Option<String>,
    pub(crate) unusable: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) message_id: Option<String>,
    pub(crate) first: Option<String>,
    pub(crate) last: Option<String>,
    #[serde(default)]
    pub(crate) contains: Vec<String>,
    #[serde(default)]
    pub(crate) hidden: Vec<String>,
    pub(crate) parts: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) cc: Vec<String>,
    pub(crate) ticket: Option<String>,
    #[serde(default = "yes")]
    pub(crate) signed: bool,
    #[serde(default)]
    pub(crate) foreign: bool,
    #[serde(default)]
    pub(crate) blocks_closing: bool,
    #[serde(default)]
    pub(crate) claims_spoc: bool,
    #[serde(default)]
    pub(crate) never_answer: bool,
    pub(crate) signs: Option<Vec<String>>,
    pub(crate) report: Option<String>,
    pub(crate) notice: Option<String>,
    pub(crate) original: Option<String>,
    #[serde(default)]
    pub(crate) report_marks: bool,
}

const fn yes() -> bool {
    true
}

/// What the mail service found; what is missing it did not say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verdicts {
    spf: Option<String>,
    dkim: Option<String>,
    dmarc: Option<String>,
    spam: Option<String>,
    virus: Option<String>,
    policy: Option<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events/mail")
}

impl Corpus {
    pub(crate) fn read() -> Self {
        let text = std::fs::read_to_string(folder().join("expected.toml")).unwrap();
        toml::from_str(&text).unwrap_or_else(|fault| panic!("events/mail/expected.toml: {fault}"))
    }

    /// Every mail that lies in the folder, by name.
    pub(crate) fn files() -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(folder()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|it| it == "eml"))
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, std::fs::read(&path).unwrap())
            })
            .collect()
    }
}

impl Expected {
    /// The event that the mail service would send with this mail.
    pub(crate) fn receipt(&self, ours: &str) -> Receipt {
        let verdict = |status: &Option<String>| match status {
            Some(status) => serde_json::json!({ "status": status }),
            None => serde_json::Value::Null,
        };
        let found = &self.verdicts;
        let mut receipt = serde_json::json!({
            "timestamp": "2026-11-20T16:00:05.123Z",
            "processingTimeMillis": 612,
            "recipients": [ours],
            "spamVerdict": verdict(&found.spam),
            "virusVerdict": verdict(&found.virus),
            "spfVerdict": verdict(&found.spf),
            "dkimVerdict": verdict(&found.dkim),
            "dmarcVerdict": verdict(&found.dmarc),
            "action": { "type": "Lambda", "invocationType": "Event" },
        });
        if let Some(policy) = &found.policy {
            receipt["dmarcPolicy"] = policy.as_str().into();
        }
        let mail = serde_json::json!({
            "timestamp": "2026-11-20T16:00:05.123Z",
            "source": self.source,
            "messageId": self.file,
            "destination": [ours],
            "headersTruncated": false,
        });
        let ses = serde_json::json!({ "mail": mail, "receipt": receipt });
        let event = serde_json::json!({ "Records": [{ "eventSource": "aws:ses", "ses": ses }] });
        Receipt::all_in(&event.to_string()).unwrap().remove(0)
    }
}
