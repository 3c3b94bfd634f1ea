//! The words that lie with a ticket's events, and how they are shown.
//!
//! They lie in the item of their act, beside the sealed lines and never in them: a line holds only the
//! salted digest. Erasing a text rewrites the item without its words and its salt; lines and hashes
//! stay as they are, and the chain still holds (15.1).

use domain::TicketRef;
use mail::inbound::{fold, visible};

use crate::codec::Stored;
use crate::failure::Failure;
use crate::keys;
use crate::ports::{Blobs, Entropy, Env, Query, Store};
use crate::records::{Events, MailText, Salted, Text};

/// Salts a text with fresh random bytes.
pub(crate) fn salted<E: Env>(env: &E, text: String) -> Salted {
    let mut salt = [0_u8; 16];
    env.entropy().fill(&mut salt);
    Salted::new(salt, text)
}

/// The text of an event; none when the event has none, or there is no such event.
///
/// # Errors
/// What the store says.
pub async fn of_event<E: Env>(
    env: &E,
    reference: &TicketRef,
    seq: u32,
) -> Result<Option<Text>, Failure> {
    // An act's item is named by the act's first event: it is the last one that starts at the event or
    // before it.
    let query = Query {
        up_to: Some(keys::events(reference, seq).sk),
        newest_first: true,
        ..Query::new(keys::ticket(reference), keys::EVENTS, 1)
    };
    let page = env.store().query(&query).await?;
    let Some(item) = page.items.first() else { return Ok(None) };
    Ok(Stored::<Events>::read(item)?.doc.texts.remove(&seq))
}

/// The words of a text, wherever they lie; none when they were erased.
///
/// # Errors
/// When the blob store does not answer.
pub async fn words<E: Env>(env: &E, text: &Text) -> Result<Option<String>, Failure> {
    let Some(blob) = &text.blob else { return Ok(text.text.clone()) };
    let bytes = env.blobs().get(blob).await;
    let bytes = bytes.map_err(|error| Failure::Retryable(error.to_string()))?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Words as they are shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownWords {
    /// Without what a mail quotes, and without its signature (M6).
    pub text: String,
    /// All of them, where that is more.
    pub whole: Option<String>,
}

/// Words stay out of logs.
impl std::fmt::Debug for ShownWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShownWords(…)")
    }
}

/// Folds the words of a text that came by mail (M6). Any other text is shown as it was written.
#[must_use]
pub fn folded(words: String, mail: Option<MailText>) -> ShownWords {
    let forwarded = match mail {
        None => return ShownWords { text: words, whole: None },
        Some(MailText::Written) => false,
        Some(MailText::Forwarded) => true,
    };
    let folds = fold(&words, forwarded);
    if folds.is_empty() {
        return ShownWords { text: words, whole: None };
    }
    ShownWords { text: visible(&words, &folds), whole: Some(words) }
}
