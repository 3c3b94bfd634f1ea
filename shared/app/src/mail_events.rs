//! What the mail service says of our mails: accepted, delivered, come back, unwanted.

use domain::Instant;

use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::outbox;
use crate::ports::Env;
use crate::records::NoticeStatus;

/// An event about one of our mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailEvent {
    /// Partition of the aggregate, from the tag `subject`.
    pub subject: String,
    /// Id of the notice, from the tag `notice_id`.
    pub notice_id: String,
    /// The service's id of the mail.
    pub ses_id: String,
    /// What happened.
    pub what: MailFate,
}

/// What happened to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailFate {
    /// The service accepted it, at an instant (G15).
    Accepted(Instant),
    /// The recipient's server accepted it.
    Delivered,
    /// It came back for good, or the service refused it afterwards.
    Bounced(String),
    /// It came back for now; the service goes on trying.
    Delayed,
    /// The recipient calls it unwanted.
    Complained,
}

/// Records the event at its notice.
///
/// # Errors
/// What the store says.
pub async fn record<E: Env>(env: &E, event: &MailEvent) -> Result<(), Failure> {
    let key: Key = keys::notice(&event.subject, &event.notice_id);
    match &event.what {
        MailFate::Accepted(at) => outbox::mark_sent(env, &key, &event.ses_id, *at).await,
        MailFate::Delivered => outbox::mark_delivered(env, &key).await,
        MailFate::Bounced(why) => outbox::mark_failed(env, &key, NoticeStatus::Bounced, why).await,
        MailFate::Delayed => Ok(()),
        MailFate::Complained => {
            outbox::mark_failed(env, &key, NoticeStatus::Complained, "complaint").await
        }
    }
}
