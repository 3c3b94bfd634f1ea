//! The words that lie with a ticket's events.
//!
//! They lie in the item of their act, beside the sealed lines and never in them: a line holds only the
//! salted digest. Erasing a text rewrites the item without its words and its salt; lines and hashes
//! stay as they are, and the chain still holds (15.1).

use domain::TicketRef;

use crate::codec::Stored;
use crate::failure::Failure;
use crate::keys;
use crate::ports::{Blobs, Env, Query, Store};
use crate::records::{Events, Text};

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
