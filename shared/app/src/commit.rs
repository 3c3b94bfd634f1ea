//! A commit as data: writes, each with a condition from a closed list.
//!
//! Every implementation of [`crate::ports::Store`] interprets the same few conditions, so what the
//! in-memory store proves holds for DynamoDB as well.

use std::collections::BTreeSet;

use crate::item::{DUE_SHARDS, Item, Key};
use crate::keys;

/// At most so many writes in one commit: the service's own limit.
pub const WRITES_MAX: usize = 100;

/// Everything that one act writes; all of it or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// The writes; no two of them name the same key.
    pub writes: Vec<Write>,
}

impl Commit {
    /// Whether this is one put or one delete, which needs no transaction and costs half.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.writes.as_slice(), [Write::Put { .. } | Write::Delete { .. }])
    }

    /// Says in one line which notices were recorded with what: from the trace of a trigger it leads to
    /// the mails that follow, whose own lines name their notices. A store calls it once the commit may
    /// have been written.
    pub fn tell(&self) {
        let notices = self.writes.iter().filter_map(|write| match write {
            Write::Put { item, when: Condition::Absent }
                if item.key.sk.starts_with(keys::NOTICES) =>
            {
                Some(item.key.sk.as_str())
            }
            Write::Put { .. } | Write::Delete { .. } | Write::Check { .. } => None,
        });
        let notices = notices.collect::<Vec<_>>().join(" ");
        if !notices.is_empty() {
            let aggregate = &self.writes[0].key().pk;
            tracing::info!(aggregate, notices, "notices were recorded");
        }
    }

    /// What no store would accept, whatever it holds.
    ///
    /// # Errors
    /// A sentence that names the first fault: no write, more than [`WRITES_MAX`], an empty key or
    /// index key, a shard that does not exist, or two writes to one key.
    pub fn validate(&self) -> Result<(), String> {
        if self.writes.is_empty() || self.writes.len() > WRITES_MAX {
            let count = self.writes.len();
            return Err(format!("a commit has 1 to {WRITES_MAX} writes, this one has {count}"));
        }
        let mut keys = BTreeSet::new();
        for (at, write) in self.writes.iter().enumerate() {
            let key = write.key();
            if key.pk.is_empty() || key.sk.is_empty() {
                return Err(format!("write {at}: a key is empty"));
            }
            if !keys.insert(key) {
                return Err(format!("write {at}: the key {}/{} is named twice", key.pk, key.sk));
            }
            if let Write::Put { item, .. } = write {
                if item.due.is_some_and(|due| due.shard >= DUE_SHARDS) {
                    return Err(format!("write {at}: there is no such shard"));
                }
                let mut listed = item.list.iter().chain(&item.work);
                if listed.any(|list| list.pk.is_empty() || list.sk.is_empty()) {
                    return Err(format!("write {at}: a key of the index list or work is empty"));
                }
            }
        }
        Ok(())
    }
}

/// One write with its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Writes the whole item.
    Put {
        /// The item as it is to be.
        item: Item,
        /// What must hold of the item as it is.
        when: Condition,
    },
    /// Deletes the item.
    Delete {
        /// Which.
        key: Key,
        /// What must hold of the item as it is.
        when: Condition,
    },
    /// Writes nothing: the commit depends on an item that it leaves alone.
    Check {
        /// Which.
        key: Key,
        /// What must hold of the item as it is.
        when: Condition,
    },
}

impl Write {
    /// The key that the write names.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Put { item, .. } => &item.key,
            Self::Delete { key, .. } | Self::Check { key, .. } => key,
        }
    }

    /// The condition of the write.
    #[must_use]
    pub fn condition(&self) -> &Condition {
        match self {
            Self::Put { when, .. } | Self::Delete { when, .. } | Self::Check { when, .. } => when,
        }
    }
}

/// The closed list of conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// No item lies at the key.
    Absent,
    /// An item lies at the key and has exactly this revision.
    RevisionIs(u64),
    /// An item lies at the key and its status column is this word.
    StatusIs(String),
    /// The client's gate has this revision; 0 means that there is no gate yet (10.5).
    GateRevIs(u64),
}

impl Condition {
    /// That nobody wrote an item since it was read: revision 0 means that there was none.
    #[must_use]
    pub const fn unchanged(rev: u64) -> Self {
        if rev == 0 { Self::Absent } else { Self::RevisionIs(rev) }
    }
}

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Conditions did not hold: the indexes of those writes, in order.
    #[error("conditions did not hold at writes {0:?}")]
    Conflict(Vec<usize>),
    /// Another transaction was under way, or the service asks to slow down. Nothing was written.
    #[error("the store did not take the commit: {0}")]
    Retryable(String),
    /// No answer: it may have been written or not. Safe to try again, since each commit of ours
    /// carries a condition that its own success makes false.
    #[error("it is not known whether the store took the commit: {0}")]
    Unknown(String),
    /// The commit itself is wrong: our fault.
    #[error("the commit is not valid: {0}")]
    Fault(String),
}
