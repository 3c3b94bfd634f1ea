//! What the mail service says of our mails, told through the event bus: accepted, delivered, come back,
//! unwanted (G15).

use app::Failure;
use app::mail_events::{self, MailEvent, MailFate};
use app::ports::Env;
use domain::Instant;
use serde::Deserialize;

/// An event of the mail service, as the event bus delivers it. Only what is used is named.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// What the service tells.
    pub detail: Detail,
}

/// The part that the mail service writes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// `Send`, `Delivery`, `Bounce`, `Complaint`, `Reject`, `DeliveryDelay`, `Rendering Failure`.
    pub event_type: String,
    /// The mail.
    pub mail: Mail,
    /// For a bounce: which kind.
    pub bounce: Option<Bounce>,
    /// For a rejection: why.
    pub reject: Option<Reject>,
}

/// The mail that the event is about.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// When the service accepted it, RFC 3339.
    pub timestamp: String,
    /// The service's id.
    pub message_id: String,
    /// The tags that were set when it was sent.
    #[serde(default)]
    pub tags: Tags,
}

/// Our tags; each has one value.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Tags {
    /// Id of the notice.
    #[serde(default)]
    pub notice_id: Vec<String>,
    /// Partition of its aggregate, in the letters that a tag may have.
    #[serde(default)]
    pub subject: Vec<String>,
}

/// How a mail came back.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bounce {
    /// `Permanent`, `Transient` or `Undetermined`.
    pub bounce_type: String,
    /// More detail, such as `General` or `NoEmail`.
    #[serde(default)]
    pub bounce_sub_type: String,
}

/// Why the service refused a mail that it had accepted.
#[derive(Debug, Clone, Deserialize)]
pub struct Reject {
    /// Its words.
    #[serde(default)]
    pub reason: String,
}

/// Records the event at its notice. A mail without our tags is not ours and is passed over.
///
/// # Errors
/// [`Failure::Invalid`] when the event cannot be understood; what the store says otherwise.
pub async fn handle<E: Env>(env: &E, event: &Event) -> Result<(), Failure> {
    match understand(&event.detail)? {
        // Boxed: what follows from an event is nested deeper than the compiler follows.
        Some(event) => Box::pin(mail_events::record(env, &event)).await,
        None => Ok(()),
    }
}

fn understand(detail: &Detail) -> Result<Option<MailEvent>, Failure> {
    let tags = &detail.mail.tags;
    let (Some(notice_id), Some(subject)) = (tags.notice_id.first(), tags.subject.first()) else {
        return Ok(None);
    };
    let what = match detail.event_type.as_str() {
        "Send" => {
            let at = Instant::parse_rfc3339(&detail.mail.timestamp).map_err(|error| {
                Failure::Invalid(vec![app::InputFault::new("mail.timestamp", error.to_string())])
            })?;
            MailFate::Accepted(at)
        }
        "Delivery" => MailFate::Delivered,
        "Bounce" => bounce(detail),
        "Reject" => {
            let reason = detail.reject.as_ref().map(|reject| reject.reason.clone());
            MailFate::Bounced(format!("reject: {}", reason.unwrap_or_default()))
        }
        "Rendering Failure" => MailFate::Bounced("rendering failure".to_owned()),
        "Complaint" => MailFate::Complained,
        "DeliveryDelay" => MailFate::Delayed,
        // Opens, clicks and subscriptions are not asked for; nothing is done about them.
        _ => return Ok(None),
    };
    Ok(Some(MailEvent {
        subject: app::keys::aggregate_of_tag(subject),
        notice_id: notice_id.clone(),
        ses_id: detail.mail.message_id.clone(),
        what,
    }))
}

/// Kinds of bounce that the service makes itself: it did not even try, since the address is on the list
/// of those that bounced or complained before, the account's or its own.
const SUPPRESSED: [&str; 2] = ["OnAccountSuppressionList", "Suppressed"];

/// Only a permanent bounce is final; the service goes on trying after the others.
fn bounce(detail: &Detail) -> MailFate {
    match &detail.bounce {
        Some(bounce) if bounce.bounce_type == "Permanent" => {
            let kind = bounce.bounce_sub_type.as_str();
            let how = if SUPPRESSED.contains(&kind) { "suppressed" } else { "permanent" };
            MailFate::Bounced(format!("{how}: {kind}"))
        }
        Some(_) | None => MailFate::Delayed,
    }
}
