//! The table with a witness: every commit that took effect is kept until it has been looked at.

use std::sync::{Arc, Mutex, PoisonError};

use app::commit::{Commit, CommitError};
use app::memory::MemoryStore;
use app::ports::Store;

use crate::guards::Guard;

/// A store in memory whose commits are witnessed. A clone is another handle to the same store.
#[derive(Clone, Default)]
pub struct Witnessed {
    /// The store itself.
    pub inner: MemoryStore,
    seen: Arc<Mutex<Vec<Commit>>>,
    without: Option<Guard>,
}

impl Witnessed {
    /// A witness of a store, from which a guard is taken away.
    #[must_use]
    pub fn new(inner: MemoryStore, without: Option<Guard>) -> Self {
        Self { inner, seen: Arc::default(), without }
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
        self.inner.commit(commit).await?;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(commit.clone());
        Ok(())
    }
}
