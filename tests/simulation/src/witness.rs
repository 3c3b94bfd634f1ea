//! The table with a witness: every commit that took effect is kept until it has been looked at. A host of
//! the next release writes through it what that release would.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use app::codec::SCHEMA;
use app::commit::{Commit, CommitError, Write};
use app::item::Key;
use app::memory::MemoryStore;
use app::ports::Store;

use serde_json::{Value, json};

use crate::guards::Guard;

/// The field that the next release adds to every document.
pub const ADDED: &str = "added_by_the_next_release";

/// A store in memory whose commits are witnessed. A clone is another handle to the same store.
#[derive(Clone, Default)]
pub struct Witnessed {
    /// The store itself.
    pub inner: MemoryStore,
    seen: Arc<Mutex<Vec<Commit>>>,
    without: Option<Guard>,
    /// Whoever holds this handle is of the next release.
    next: bool,
    /// Items that the next release has written.
    marked: Arc<Mutex<BTreeSet<Key>>>,
}

impl Witnessed {
    /// A witness of a store, from which a guard is taken away.
    #[must_use]
    pub fn new(inner: MemoryStore, without: Option<Guard>) -> Self {
        Self { inner, seen: Arc::default(), without, next: false, marked: Arc::default() }
    }

    /// A handle to the same table for a host of this release or of the next one.
    #[must_use]
    pub fn of_next(&self, next: bool) -> Self {
        Self { next, ..self.clone() }
    }

    /// Items that the next release has written.
    #[must_use]
    pub fn marked(&self) -> BTreeSet<Key> {
        self.marked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the next release writes where this one would write a commit.
    fn as_next(commit: &Commit) -> Commit {
        let mut commit = commit.clone();
        for write in &mut commit.writes {
            let Write::Put { item, .. } = write else { continue };
            item.schema = SCHEMA + 1;
            let mut doc: Value = serde_json::from_str(&item.doc).unwrap_or_default();
            doc[ADDED] = json!({ "since": item.schema });
            item.doc = doc.to_string();
        }
        commit
    }

    /// What was committed since the last call, in order.
    #[must_use]
    pub fn take(&self) -> Vec<Commit> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Witnessed {
    tests_scenarios::reads_of_inner!();

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        let lifted = self.without.map(|guard| guard.lift(commit, &self.inner));
        let commit = lifted.as_ref().unwrap_or(commit);
        let next = self.next.then(|| Self::as_next(commit));
        let commit = next.as_ref().unwrap_or(commit);
        self.inner.commit(commit).await?;
        if self.next {
            let keys = commit.writes.iter().filter(|it| matches!(it, Write::Put { .. }));
            let mut marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
            marked.extend(keys.map(|it| it.key().clone()));
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(commit.clone());
        Ok(())
    }
}
