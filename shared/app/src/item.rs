//! What the store holds: items of one table, addressed by partition and sort key.
//!
//! An item is a document (JSON of a stored struct) and the few columns that conditions and indexes
//! need. Adapters know the columns; only [`crate::codec`] knows the documents.

use domain::Instant;

/// Partition key and sort key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Partition: the aggregate, for example `T#ACME-7K2QX9RD-E`.
    pub pk: String,
    /// Sort: the part of the aggregate, for example `HEAD`.
    pub sk: String,
}

impl Key {
    /// A key of its two parts.
    #[must_use]
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it lies.
    pub key: Key,
    /// Grows by one with each write of this item, from 1.
    pub rev: u64,
    /// A short word that conditions can name, for example a notice's state.
    pub status: Option<String>,
    /// The entry in the sparse index `due`.
    pub due: Option<Due>,
    /// The entry in the sparse index `list`.
    pub list: Option<ListEntry>,
    /// The entry in the sparse index `work`, of the desk's work list.
    pub work: Option<ListEntry>,
    /// After this instant the store may delete the item, hours or days late. Never a timer.
    pub expires_at: Option<Instant>,
    /// Schema number of the document.
    pub schema: u16,
    /// The document, JSON.
    pub doc: String,
}

/// Shards of the index `due`: a sweep asks each once.
pub const DUE_SHARDS: u8 = 8;

/// Entry in the index `due`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// 0 to 7, from the partition key's hash.
    pub shard: u8,
    /// When the item is due.
    pub at: Instant,
}

/// Entry in the index `list` or `work`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry {
    /// Partition of the index, for example `C#ACME#OPEN`.
    pub pk: String,
    /// Sort key in the index.
    pub sk: String,
}

/// What the index `due` tells: keys only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueEntry {
    /// The item to read.
    pub key: Key,
    /// The instant by which it was found.
    pub at: Instant,
}

/// One page of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What was found, in order.
    pub items: Vec<T>,
    /// Where the next page starts; `None` after the last. Opaque to callers.
    pub next: Option<String>,
}
