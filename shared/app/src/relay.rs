//! The table's stream: each change is a hint to look at an item.
//!
//! A record carries keys only. The item is read consistently, so a record that comes late, twice or
//! out of order does no harm. A record that fails is reported by itself and the rest goes on.

use serde::{Deserialize, Serialize};

use crate::editions;
use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::looked::Looked;
use crate::outbox;
use crate::payment_events;
use crate::ports::Env;
use crate::standing;
use crate::timers;

/// A batch of the stream, as Lambda delivers it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamBatch {
    /// The records, in order within a partition.
    #[serde(rename = "Records", default)]
    pub records: Vec<StreamRecord>,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamRecord {
    /// What happened to the item; none where the sender does not say.
    #[serde(rename = "eventName", default, skip_serializing_if = "Option::is_none")]
    pub event: Option<StreamEvent>,
    /// The change.
    pub dynamodb: StreamChange,
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum StreamEvent {
    /// It was written where none was.
    Insert,
    /// It was written again.
    Modify,
    /// It was deleted.
    Remove,
}

/// The part of a record that is used: which item changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamChange {
    /// Keys of the item.
    #[serde(rename = "Keys")]
    pub keys: StreamKeys,
    /// By which a failed record is reported.
    #[serde(rename = "SequenceNumber")]
    pub sequence_number: String,
}

/// Keys as attribute values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamKeys {
    /// Partition key.
    pub pk: StreamText,
    /// Sort key.
    pub sk: StreamText,
}

/// A text as attribute value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamText {
    /// The text.
    #[serde(rename = "S")]
    pub text: String,
}

/// Which records failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamResponse {
    /// The failures; the stream is read again from the first of them.
    #[serde(rename = "batchItemFailures")]
    pub failures: Vec<StreamFailure>,
}

/// One record that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamFailure {
    /// Its sequence number.
    #[serde(rename = "itemIdentifier")]
    pub sequence_number: String,
}

impl StreamRecord {
    /// A record of a changed item.
    #[must_use]
    pub fn new(key: &Key, sequence_number: impl Into<String>) -> Self {
        let text = |text: &str| StreamText { text: text.to_owned() };
        let keys = StreamKeys { pk: text(&key.pk), sk: text(&key.sk) };
        let sequence_number = sequence_number.into();
        Self { event: None, dynamodb: StreamChange { keys, sequence_number } }
    }

    /// The same record, which says what happened.
    #[must_use]
    pub const fn saying(mut self, event: StreamEvent) -> Self {
        self.event = Some(event);
        self
    }

    /// Whether there can be something to do. A notice that was written again is in somebody's hands,
    /// or will be found in the due index when its time has come.
    fn asks_for_something(&self) -> bool {
        match self.event {
            Some(StreamEvent::Remove) => false,
            Some(StreamEvent::Modify) => !self.dynamodb.keys.sk.text.starts_with(keys::NOTICES),
            Some(StreamEvent::Insert) | None => true,
        }
    }

    /// The changed item's key.
    #[must_use]
    pub fn key(&self) -> Key {
        let keys = &self.dynamodb.keys;
        Key::new(keys.pk.text.as_str(), keys.sk.text.as_str())
    }
}

/// Sort keys of the items that ask for something whenever they are written.
pub const EFFECTS: [&str; 3] = [keys::HEAD, keys::SPREAD, keys::PAYMENT_EVENT];
/// Prefixes of the sort keys of the items that ask for something when they are new.
pub const NEW_EFFECTS: [&str; 2] = [keys::NOTICES, keys::TELL];

/// Whether an item with this sort key can ask for something: what the stream is filtered by.
#[must_use]
pub fn is_effect(sk: &str) -> bool {
    EFFECTS.contains(&sk) || NEW_EFFECTS.iter().any(|prefix| sk.starts_with(prefix))
}

/// Works through a batch. A record that fails in a way that may pass is reported, and the stream
/// brings it again; one that will never succeed is logged for the alarm, and the sweep meets it again.
pub async fn work<E: Env>(env: &E, batch: &StreamBatch) -> StreamResponse {
    let mut failures = Vec::new();
    let mut looked = Looked::default();
    for record in batch.records.iter().filter(|record| record.asks_for_something()) {
        let key = record.key();
        // Boxed: what an effect causes is nested deeper than the compiler follows.
        match Box::pin(effect(env, &key, &mut looked)).await {
            Ok(()) => {}
            Err(failure) if failure.is_retryable() => {
                tracing::warn!(pk = key.pk, sk = key.sk, %failure, "an effect has to be tried again");
                let sequence_number = record.dynamodb.sequence_number.clone();
                failures.push(StreamFailure { sequence_number });
            }
            Err(failure) => {
                tracing::error!(pk = key.pk, sk = key.sk, %failure, "an effect failed");
            }
        }
    }
    StreamResponse { failures }
}

/// Carries out whatever the item at `key` asks for, with what has been `looked` at already.
///
/// # Errors
/// What the effect says.
async fn effect<E: Env>(env: &E, key: &Key, looked: &mut Looked) -> Result<(), Failure> {
    match key.sk.as_str() {
        // Accounts are found in the index `due`, on schedules of their own.
        keys::HEAD if keys::account_of(&key.pk).is_some() => Ok(()),
        keys::HEAD => match looked.head(env, key).await? {
            Some(head) => timers::schedule(env, key, &head.wake).await,
            None => Ok(()),
        },
        keys::SPREAD => standing::spread(env, key).await,
        keys::PAYMENT_EVENT => payment_events::apply(env, key).await,
        sk if sk.starts_with(keys::TELL) => editions::tell(env, key).await,
        sk if sk.starts_with(keys::NOTICES) => {
            Box::pin(outbox::deliver_with(env, key, looked)).await.map(|_| ())
        }
        _ => Ok(()),
    }
}
