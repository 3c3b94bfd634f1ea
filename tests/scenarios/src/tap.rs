//! The stream of any store: keys of what was written, in the order of the commits, and what is due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::commit::{Commit, CommitError, Write};
use app::item::{Item, Key};
use app::ports::Store;
use app::relay::{StreamEvent, StreamRecord};
use domain::Instant;

/// Items that are read at once.
const READ_AT_ONCE: usize = 50;

/// A store whose commits are listened to. A clone is another handle to the same store.
#[derive(Clone)]
pub struct Tapped<S> {
    /// The store itself.
    pub inner: S,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    stream: Vec<(Key, StreamEvent)>,
    known: BTreeSet<Key>,
    due: BTreeMap<Key, Instant>,
}

impl<S> Tapped<S> {
    /// Listens to an empty store.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self { inner, heard: Arc::default() }
    }

    /// Listens to a store that holds something already: the stream begins now.
    #[must_use]
    pub fn holding(inner: S, items: &[Item]) -> Self {
        let due = |item: &Item| Some((item.key.clone(), item.due?.at));
        let heard = Heard {
            stream: Vec::new(),
            known: items.iter().map(|item| item.key.clone()).collect(),
            due: items.iter().filter_map(due).collect(),
        };
        Self { inner, heard: Arc::new(Mutex::new(heard)) }
    }

    /// The stream from record `n` on.
    #[must_use]
    pub fn stream_since(&self, n: usize) -> Vec<StreamRecord> {
        let heard = self.lock();
        let numbered = (n..).zip(heard.stream.get(n..).unwrap_or_default());
        let record = |(n, (key, event)): (usize, &(Key, StreamEvent))| {
            StreamRecord::new(key, n.to_string()).saying(*event)
        };
        numbered.map(record).collect()
    }

    /// The earliest instant in the due index.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.lock().due.values().min().copied()
    }

    /// Every due entry.
    #[must_use]
    pub fn due_entries(&self) -> Vec<(Key, Instant)> {
        self.lock().due.iter().map(|(key, at)| (key.clone(), *at)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, commit: &Commit) {
        let mut heard = self.lock();
        for write in &commit.writes {
            let due = match write {
                Write::Put { item, .. } => item.due,
                Write::Delete { .. } => None,
                Write::Check { .. } => continue,
            };
            let key = write.key().clone();
            let event = match write {
                Write::Delete { .. } => {
                    heard.known.remove(&key);
                    StreamEvent::Remove
                }
                Write::Put { .. } if heard.known.insert(key.clone()) => StreamEvent::Insert,
                Write::Put { .. } | Write::Check { .. } => StreamEvent::Modify,
            };
            heard.stream.push((key, event));
            match due {
                Some(due) => heard.due.insert(write.key().clone(), due.at),
                None => heard.due.remove(write.key()),
            };
        }
    }
}

/// The reads of a store that only looks at commits: what `inner` answers. For use in an `impl Store`.
#[macro_export]
macro_rules! reads_of_inner {
    () => {
        async fn get(
            &self,
            key: &app::item::Key,
        ) -> Result<Option<app::item::Item>, app::ports::StoreError> {
            self.inner.get(key).await
        }

        async fn glance(
            &self,
            key: &app::item::Key,
        ) -> Result<Option<app::item::Item>, app::ports::StoreError> {
            self.inner.glance(key).await
        }

        async fn get_many(
            &self,
            keys: &[app::item::Key],
        ) -> Result<Vec<app::item::Item>, app::ports::StoreError> {
            self.inner.get_many(keys).await
        }

        async fn query(
            &self,
            query: &app::ports::Query,
        ) -> Result<app::item::Page<app::item::Item>, app::ports::StoreError> {
            self.inner.query(query).await
        }

        async fn due(
            &self,
            shard: u8,
            until: domain::Instant,
            limit: u32,
            after: Option<&str>,
        ) -> Result<app::item::Page<app::item::DueEntry>, app::ports::StoreError> {
            self.inner.due(shard, until, limit, after).await
        }

        async fn list(
            &self,
            query: &app::ports::Query,
        ) -> Result<app::item::Page<app::item::Key>, app::ports::StoreError> {
            self.inner.list(query).await
        }

        async fn work(
            &self,
            query: &app::ports::Query,
        ) -> Result<app::item::Page<app::item::Key>, app::ports::StoreError> {
            self.inner.work(query).await
        }
    };
}

impl<S: Store> Tapped<S> {
    /// Everything that was written and not deleted, as the store has it, in the order of the keys.
    ///
    /// # Panics
    /// When the store does not answer.
    pub async fn items(&self) -> Vec<Item> {
        let keys: Vec<Key> = self.lock().known.iter().cloned().collect();
        let mut items = Vec::with_capacity(keys.len());
        for keys in keys.chunks(READ_AT_ONCE) {
            items.extend(self.inner.get_many(keys).await.expect("the store answers"));
        }
        items.sort_by(|one, other| one.key.cmp(&other.key));
        items
    }
}

impl<S: Store> Store for Tapped<S> {
    crate::reads_of_inner!();

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        self.inner.commit(commit).await?;
        self.hear(commit);
        Ok(())
    }
}
