//! The mail service's receipt: who sent to whom, when, and the verdicts, as its event tells them.
//!
//! Only these fields are read, unknown ones are passed over, and a verdict that is not known is
//! absent: the event never fails a mail that lies in the bucket.

use domain::Instant;
use domain::inbound::{DmarcPolicy, Verdict};
use serde::Deserialize;

use super::verdict::{named, policy_named};
use crate::Address;

/// One mail as the service received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The id that the service gave it; the object in the bucket has it as its name.
    pub ses_id: String,
    /// When the service received it (G2).
    pub received_at: Instant,
    /// The envelope's sender, where it is a plain address.
    pub envelope_from: Option<Address>,
    /// The envelope's sender is the null path: nobody wants an answer (M3).
    pub null_path: bool,
    /// The recipients that a rule matched: mailboxes of ours.
    pub recipients: Vec<Address>,
    /// SPF.
    pub spf: Verdict,
    /// DKIM.
    pub dkim: Verdict,
    /// DMARC.
    pub dmarc: Verdict,
    /// The policy behind a failed DMARC.
    pub dmarc_policy: DmarcPolicy,
    /// Spam.
    pub spam: Verdict,
    /// Virus.
    pub virus: Verdict,
}

/// Why an event is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// It has not the form of the service's event.
    #[error("the event is no receipt of the mail service")]
    Form(#[source] serde_json::Error),
    /// Its time of receipt is none.
    #[error("the event's mail.timestamp is no instant")]
    Timestamp(#[source] domain::InstantError),
}

impl Receipt {
    /// Reads all receipts of an event (`Records[].ses`).
    ///
    /// # Errors
    /// When it has not that form, or a timestamp is none.
    pub fn all_in(event: &str) -> Result<Vec<Self>, ReceiptError> {
        let event: Event = serde_json::from_str(event).map_err(ReceiptError::Form)?;
        event.records.into_iter().map(|record| record.ses.receipt()).collect()
    }
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    ses: Ses,
}

#[derive(Deserialize)]
struct Ses {
    mail: Mail,
    receipt: Findings,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    timestamp: String,
    message_id: String,
    #[serde(default)]
    source: String,
}

/// The part of the event that holds the verdicts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Findings {
    #[serde(default)]
    recipients: Vec<String>,
    spf_verdict: Option<Status>,
    dkim_verdict: Option<Status>,
    dmarc_verdict: Option<Status>,
    dmarc_policy: Option<String>,
    spam_verdict: Option<Status>,
    virus_verdict: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    status: String,
}

impl Ses {
    fn receipt(self) -> Result<Receipt, ReceiptError> {
        let verdict = |status: &Option<Status>| named(status.as_ref().map(|it| it.status.as_str()));
        let found = &self.receipt;
        let address = |text: &String| Address::parse(text.trim_matches(['<', '>'])).ok();
        Ok(Receipt {
            ses_id: self.mail.message_id,
            received_at: Instant::parse_rfc3339(&self.mail.timestamp)
                .map_err(ReceiptError::Timestamp)?,
            envelope_from: address(&self.mail.source),
            null_path: matches!(self.mail.source.trim(), "" | "<>"),
            recipients: found.recipients.iter().filter_map(address).collect(),
            spf: verdict(&found.spf_verdict),
            dkim: verdict(&found.dkim_verdict),
            dmarc: verdict(&found.dmarc_verdict),
            dmarc_policy: found.dmarc_policy.as_deref().map_or(DmarcPolicy::Unknown, policy_named),
            spam: verdict(&found.spam_verdict),
            virus: verdict(&found.virus_verdict),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_is_read_and_unknown_things_are_passed_over() {
        let event = r#"{"Records":[{"eventSource":"aws:ses","eventVersion":"1.0","ses":{"mail":{
            "timestamp":"2026-11-20T16:00:05.123Z","source":"ana@acme.example","messageId":"o3vr",
            "destination":["soporte@m.example"],"headersTruncated":false,"headers":[],"commonHeaders":{}},
            "receipt":{"timestamp":"2026-11-20T16:00:05.123Z","processingTimeMillis":574,
            "recipients":["soporte@m.example"],"spamVerdict":{"status":"PASS"},
            "virusVerdict":{"status":"DISABLED"},"spfVerdict":{"status":"GRAY"},
            "dkimVerdict":{"status":"PROCESSING_FAILED"},"dmarcVerdict":{"status":"FAIL"},
            "dmarcPolicy":"reject","action":{"type":"Lambda","invocationType":"Event"}}}}]}"#;
        let receipts = Receipt::all_in(event).unwrap();
        let [receipt] = receipts.as_slice() else { panic!("one receipt") };
        assert_eq!(receipt.received_at.millis() % 1_000, 123);
        assert_eq!(receipt.recipients[0].to_string(), "soporte@m.example");
        let verdicts = (receipt.spf, receipt.dkim, receipt.dmarc, receipt.spam, receipt.virus);
        use Verdict::{Absent, Fail, Gray, Pass, ProcessingFailed};
        assert_eq!(verdicts, (Gray, ProcessingFailed, Fail, Pass, Absent));
        assert_eq!(receipt.dmarc_policy, DmarcPolicy::Reject);
        assert!(!receipt.null_path);
        assert!(matches!(Receipt::all_in("{}"), Err(ReceiptError::Form(_))));
        let broken = event.replacen("2026-11-20T", "2026-13-20T", 1);
        assert!(matches!(Receipt::all_in(&broken), Err(ReceiptError::Timestamp(_))));
    }
}
