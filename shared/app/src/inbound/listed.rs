//! What the desk sees of mail that waits or was set aside: each with its record, and the raw mail.

use super::{DONE, POISON, status_of};
use crate::codec::Stored;
use crate::failure::Failure;
use crate::item::{Item, Page};
use crate::keys;
use crate::ports::{Blobs, Env, Query, Store};
use crate::records::{Attachment, InboundRecord, MailStatus};
use crate::tickets::LIST_PAGE_MAX;

/// The desk's lists of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailList {
    /// Waits for the registered address or for a SPoC, or did so in vain.
    Held,
    /// Was set aside (M1, M3, 1.2a).
    Quarantined,
    /// A machine's, the staff's or Odoo's, and belongs to no ticket.
    Unthreaded,
    /// Could not be taken (M7).
    Poison,
}

/// A mail with how it stands.
#[derive(Debug)]
pub struct Listed {
    /// What is known of it.
    pub record: InboundRecord,
    /// How it stands.
    pub status: MailStatus,
}

/// One page of a list, newest first.
///
/// # Errors
/// What the store says.
pub async fn listed<E: Env>(
    env: &E,
    list: MailList,
    after: Option<String>,
) -> Result<Page<Listed>, Failure> {
    let pk = match list {
        MailList::Held => keys::DESK_HELD,
        MailList::Quarantined => keys::DESK_QUARANTINED,
        MailList::Unthreaded => keys::DESK_AUTOMATIC,
        MailList::Poison => keys::DESK_POISON,
    };
    let mut query = Query::new(pk, "", LIST_PAGE_MAX);
    query.after = after;
    query.newest_first = true;
    let page = env.store().list(&query).await?;
    let items = env.store().get_many(&page.items).await?;
    let items = items.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next })
}

/// One mail, whatever became of it.
///
/// # Errors
/// [`Failure::NotFound`] when there is no such mail; what the store says.
pub async fn find<E: Env>(env: &E, ses_id: &str) -> Result<Listed, Failure> {
    read(&env.store().get(&keys::inbound(ses_id)).await?.ok_or(Failure::NotFound)?)
}

fn read(item: &Item) -> Result<Listed, Failure> {
    let record = Stored::<InboundRecord>::read(item)?;
    let status = status_of(&record)?;
    Ok(Listed { record: record.doc, status })
}

/// The text of a mail that lies in no ticket; none where a ticket has it, and of what could not be read.
///
/// # Errors
/// When the blob store does not answer.
pub async fn words<E: Env>(env: &E, record: &InboundRecord) -> Result<Option<String>, Failure> {
    let Some(words) = &record.words else { return Ok(None) };
    let Some(blob) = &words.blob else { return Ok(words.text.clone()) };
    let bytes = env.blobs().get(blob).await;
    let bytes = bytes.map_err(|error| Failure::Retryable(error.to_string()))?;
    Ok(bytes.map(|it| String::from_utf8_lossy(&it).into_owned()))
}

/// The whole mail as it came, as a file.
///
/// # Errors
/// [`Failure::Retryable`] while it is being put where it stays; when the blob store does not answer.
pub async fn raw<E: Env>(env: &E, mail: &Listed) -> Result<Attachment, Failure> {
    let ses_id = mail.record.ses_id.as_str();
    for folder in [DONE, POISON] {
        let blob = format!("{folder}{ses_id}");
        let page = env.blobs().list(&blob, None, 1).await;
        let page = page.map_err(|error| Failure::Retryable(error.to_string()))?;
        if let Some(found) = page.items.first().filter(|it| it.key == blob) {
            return Ok(Attachment {
                id: ses_id.to_owned(),
                name: format!("{ses_id}.eml"),
                media_type: "message/rfc822".to_owned(),
                size: found.size,
                blob,
            });
        }
    }
    Err(Failure::Retryable("the mail is being put where it stays".to_owned()))
}
