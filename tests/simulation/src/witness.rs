//! The table with a witness: every commit that took effect is kept until it has been looked at, and, where
//! somebody asks for it, every call with its answer. A host of the next release writes through it what
//! that release would.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use app::codec::SCHEMA;
use app::commit::{Commit, CommitError, Condition, Write};
use app::item::{DueEntry, Item, Key, Page};
use app::keys;
use app::memory::MemoryStore;
use app::ports::{Query, Store, StoreError};
use domain::evidence::{Event, Link};
use domain::{Actor, Instant};
use serde_json::{Value, json};

use crate::calls::{Ask, Call, told};
use crate::guards::Guard;
use crate::watch::parsed;

/// The field that the next release adds to every document.
pub const ADDED: &str = "added_by_the_next_release";

/// A kind of event that only the next release knows.
pub const SURVEYED: &str = "surveyed_by_the_next_release";
/// The next release records one behind each head that it writes with a revision that this divides.
const SURVEY_EVERY: u64 = 3;

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
    /// Every call so far, where they are kept.
    calls: Option<Arc<Mutex<Vec<Call>>>>,
}

impl Witnessed {
    /// A witness of a store, from which a guard is taken away.
    #[must_use]
    pub fn new(inner: MemoryStore, without: Option<Guard>) -> Self {
        let (seen, marked) = (Arc::default(), Arc::default());
        Self { inner, seen, without, next: false, marked, calls: None }
    }

    /// From now on every call of this handle, and of those made from it, is kept.
    pub fn keep_calls(&mut self) {
        self.calls = Some(Arc::default());
    }

    /// The calls that were kept since the last time, in order.
    #[must_use]
    pub fn take_calls(&self) -> Vec<Call> {
        let calls = self.calls.as_ref();
        let take = |calls: &Arc<Mutex<Vec<Call>>>| {
            std::mem::take(&mut *calls.lock().unwrap_or_else(PoisonError::into_inner))
        };
        calls.map(take).unwrap_or_default()
    }

    fn keep(&self, ask: impl FnOnce() -> Ask, answer: &impl Debug) {
        if let Some(calls) = &self.calls {
            let call = Call { ask: ask(), answer: told(answer) };
            calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        }
    }

    async fn written(&self, commit: &Commit) -> Result<(), CommitError> {
        let answer = self.inner.commit(commit).await;
        self.keep(|| Ask::Commit(commit.clone()), &answer);
        if answer.is_ok() {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(commit.clone());
        }
        answer
    }

    /// The table deletes what has expired, each item by itself and without anybody's asking.
    pub fn expire(&self, now: Instant) {
        if self.calls.is_some() {
            let expired = |item: &Item| item.expires_at.is_some_and(|at| at <= now);
            for item in self.inner.dump().into_iter().filter(expired) {
                let when = Condition::RevisionIs(item.rev);
                let writes = vec![Write::Delete { key: item.key, when }];
                self.keep(|| Ask::Commit(Commit { writes }), &Ok::<(), CommitError>(()));
            }
        }
        self.inner.sweep_expired(now);
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

    /// What the next release records behind a commit of its own: an event of a kind that this one does not
    /// know, on the ticket or the account that was written.
    fn survey(commit: &Commit) -> Option<Commit> {
        let puts = || {
            commit.writes.iter().filter_map(|write| match write {
                Write::Put { item, .. } => Some(item),
                Write::Delete { .. } | Write::Check { .. } => None,
            })
        };
        let is_surveyed =
            |it: &&Item| it.key.sk == keys::HEAD && it.rev.is_multiple_of(SURVEY_EVERY);
        let mut head = puts().find(is_surveyed)?.clone();
        let pk = &head.key.pk;
        let events = puts().find(|it| it.key.pk == *pk && it.key.sk.starts_with(keys::EVENTS))?;
        let links: Vec<Link> = serde_json::from_value(parsed(events)["links"].take()).ok()?;
        let last: Event<Value> = links.last()?.event_of().ok()?;
        let (seq, fact) = (last.seq + 1, json!({ "kind": SURVEYED, "stars": 5 }));
        let event = Event { seq, at: last.at, by: Actor::System, fact };
        let link = Link::seal(&links.last()?.hash, &event);
        let mut doc = parsed(&head);
        let of = if doc["ticket"].is_object() { "ticket" } else { "account" };
        doc[of]["seq"] = json!(seq);
        doc[of]["chain"] = json!(link.hash);
        let item = Item {
            key: keys::events_of(pk, seq),
            rev: 1,
            doc: json!({ "links": [link], ADDED: {} }).to_string(),
            ..events.clone()
        };
        let when = Condition::RevisionIs(head.rev);
        head.rev += 1;
        head.doc = doc.to_string();
        let writes =
            vec![Write::Put { item: head, when }, Write::Put { item, when: Condition::Absent }];
        Some(Commit { writes })
    }

    /// What was committed since the last call, in order.
    #[must_use]
    pub fn take(&self) -> Vec<Commit> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Witnessed {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let answer = self.inner.get(key).await;
        self.keep(|| Ask::Get(key.clone()), &answer);
        answer
    }

    async fn glance(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let answer = self.inner.glance(key).await;
        self.keep(|| Ask::Glance(key.clone()), &answer);
        answer
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let answer = self.inner.get_many(keys).await;
        self.keep(|| Ask::GetMany(keys.to_vec()), &answer);
        answer
    }

    async fn query(&self, query: &Query) -> Result<Page<Item>, StoreError> {
        let answer = self.inner.query(query).await;
        self.keep(|| Ask::Query(query.clone()), &answer);
        answer
    }

    async fn due(
        &self,
        shard: u8,
        until: Instant,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Page<DueEntry>, StoreError> {
        let answer = self.inner.due(shard, until, limit, after).await;
        let after = after.map(str::to_owned);
        self.keep(|| Ask::Due { shard, until, limit, after }, &answer);
        answer
    }

    async fn list(&self, query: &Query) -> Result<Page<Key>, StoreError> {
        let answer = self.inner.list(query).await;
        self.keep(|| Ask::List(query.clone()), &answer);
        answer
    }

    async fn work(&self, query: &Query) -> Result<Page<Key>, StoreError> {
        let answer = self.inner.work(query).await;
        self.keep(|| Ask::Work(query.clone()), &answer);
        answer
    }

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        let lifted = self.without.map(|guard| guard.lift(commit, &self.inner));
        let commit = lifted.as_ref().unwrap_or(commit);
        let next = self.next.then(|| Self::as_next(commit));
        let commit = next.as_ref().unwrap_or(commit);
        self.written(commit).await?;
        if self.next {
            let keys = commit.writes.iter().filter(|it| matches!(it, Write::Put { .. }));
            let mut marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
            marked.extend(keys.map(|it| it.key().clone()));
        }
        match self.next.then(|| Self::survey(commit)).flatten() {
            Some(survey) => self.written(&survey).await,
            None => Ok(()),
        }
    }
}
