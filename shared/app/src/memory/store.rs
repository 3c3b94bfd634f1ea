//! The store in memory: one ordered map under one lock.
//!
//! It interprets a [`Commit`] exactly as the service does, keeps the three sparse indexes, records
//! which keys changed in which order, and counts units as the bill would.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Instant;

use super::size::{
    COMMIT_BYTES_MAX, ITEM_BYTES_MAX, PAGE_BYTES_MAX, due_entry_bytes, item_bytes, list_entry_bytes,
};
use crate::commit::{Commit, CommitError, Condition, Write};
use crate::item::{DUE_SHARDS, DueEntry, Item, Key, ListEntry, Page};
use crate::ports::{Query, Store, StoreError};

/// The store in memory. A clone is another handle to the same items; [`MemoryStore::fork`] copies
/// them.
#[derive(Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

/// One record of the table's stream: keys only, as the real stream carries them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What was written.
    pub key: Key,
    /// What became of it.
    pub kind: ChangeKind,
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there before.
    Inserted,
    /// It was there and is now different.
    Modified,
    /// It is no longer there.
    Removed,
}

/// Consumed capacity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Units {
    /// Write units, of the table and its indexes.
    pub write: u64,
    /// Read units times two: an eventually consistent read costs half a unit.
    pub read_halves: u64,
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = if self.read_halves.is_multiple_of(2) { "" } else { ".5" };
        write!(f, "{} write, {}{half} read", self.write, self.read_halves / 2)
    }
}

/// Index partition, index sort key, item.
type Listed = BTreeSet<(String, String, Key)>;

#[derive(Clone, Default)]
struct State {
    items: BTreeMap<Key, Item>,
    /// Shard, instant in milliseconds, item.
    due: BTreeSet<(u8, i64, Key)>,
    list: Listed,
    work: Listed,
    changes: Vec<Change>,
    /// Each item as it was before its last write.
    before: BTreeMap<Key, Item>,
    /// Whether a glance meets items as they were before.
    lags: bool,
    units: Units,
    /// Write units by the key for which they were consumed.
    written: BTreeMap<Key, u64>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A copy of the items that lives on its own: what is written to one is not seen by the other.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { state: Arc::new(Mutex::new(self.lock().clone())) }
    }

    /// The stream from record `n` on (0 is the first). A write that changes nothing leaves no
    /// record, as in the service.
    #[must_use]
    pub fn changes_since(&self, n: usize) -> Vec<Change> {
        self.lock().changes.get(n..).unwrap_or_default().to_vec()
    }

    /// How many records the stream has had so far.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.lock().changes.len()
    }

    /// Every entry of the index `due`.
    #[must_use]
    pub fn due_entries(&self) -> Vec<DueEntry> {
        let state = self.lock();
        let entry = |(_, at, key): &(u8, i64, Key)| DueEntry {
            key: key.clone(),
            at: Instant::from_millis(*at),
        };
        state.due.iter().map(entry).collect()
    }

    /// The earliest instant in the index `due`.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let state = self.lock();
        let first = |shard: u8| {
            let entries = state.due.range((shard, i64::MIN, Key::new("", ""))..);
            entries.map(|(of, at, _)| (*of, *at)).next().filter(|(of, _)| *of == shard)
        };
        (0..DUE_SHARDS).filter_map(first).map(|(_, at)| Instant::from_millis(at)).min()
    }

    /// The item at a key, without counting what it costs to read.
    #[must_use]
    pub fn peek(&self, key: &Key) -> Option<Item> {
        self.lock().items.get(key).cloned()
    }

    /// From now on, whoever only glances sees each item as it was before its last write: the worst that
    /// the service may answer.
    pub fn set_lagging(&self, lags: bool) {
        self.lock().lags = lags;
    }

    /// Capacity consumed so far.
    #[must_use]
    pub fn units(&self) -> Units {
        self.lock().units
    }

    /// Write units consumed so far, by the key of the write that consumed them.
    #[must_use]
    pub fn written(&self) -> BTreeMap<Key, u64> {
        self.lock().written.clone()
    }

    /// Capacity consumed since the last call of this function.
    #[must_use]
    pub fn take_units(&self) -> Units {
        std::mem::take(&mut self.lock().units)
    }

    /// Everything, in the order of the keys. Only tests may look at a store in this way.
    #[must_use]
    pub fn dump(&self) -> Vec<Item> {
        self.lock().items.values().cloned().collect()
    }

    /// Deletes what has expired by `now`, as the service does at some later time.
    pub fn sweep_expired(&self, now: Instant) {
        let mut state = self.lock();
        let expired: Vec<Key> = state
            .items
            .values()
            .filter(|item| item.expires_at.is_some_and(|at| at <= now))
            .map(|item| item.key.clone())
            .collect();
        for key in expired {
            state.replace(&key, None);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it held the lock has failed already; the state is still whole,
        // since nothing in here panics between two changes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let mut state = self.lock();
        let found = state.items.get(key).cloned();
        let bytes = found.as_ref().map_or(0, item_bytes);
        state.units.read_halves += 2 * read_units(bytes);
        Ok(found)
    }

    async fn glance(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let mut state = self.lock();
        let Some(item) = state.items.get(key).cloned() else {
            // Looked for once more, consistently.
            state.units.read_halves += 3;
            return Ok(None);
        };
        state.units.read_halves += read_units(item_bytes(&item));
        let before = state.before.get(key).filter(|_| state.lags).cloned();
        Ok(Some(before.unwrap_or(item)))
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let mut state = self.lock();
        let mut counted = BTreeSet::new();
        let mut found = Vec::new();
        for key in keys {
            let item = state.items.get(key).cloned();
            if counted.insert(key) {
                state.units.read_halves += 2 * read_units(item.as_ref().map_or(0, item_bytes));
            }
            found.extend(item);
        }
        Ok(found)
    }

    async fn query(&self, query: &Query) -> Result<Page<Item>, StoreError> {
        let mut state = self.lock();
        query.validate()?;
        let start = Key::new(&query.pk, &query.prefix);
        let end = match query_end(query) {
            Some(sk) => Key::new(&query.pk, sk),
            None => Key::new(format!("{}\0", query.pk), ""),
        };
        let after = match &query.after {
            None => None,
            Some(token) => {
                let [pk, sk] = read_token(token)?;
                Some(Key { pk, sk })
            }
        };
        let (low, high) = bounds(start, end, after, query.newest_first)?;
        let rows = ordered(state.items.range((low, high)), query.newest_first);
        let mut cut = Cut::new(query.limit)?;
        let mut items: Vec<Item> = Vec::new();
        for (_, item) in rows {
            items.push(item.clone());
            if cut.full(item_bytes(item)) {
                break;
            }
        }
        let next = cut.next(items.last(), |item| token(&[&item.key.pk, &item.key.sk]));
        state.units.read_halves += 2 * read_units(cut.bytes);
        Ok(Page { items, next })
    }

    async fn due(
        &self,
        shard: u8,
        until: Instant,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Page<DueEntry>, StoreError> {
        if shard >= DUE_SHARDS {
            return Err(StoreError::Fault(format!("there is no shard {shard}")));
        }
        let mut state = self.lock();
        let start = (shard, i64::MIN, Key::new("", ""));
        let end = match until.millis().checked_add(1) {
            Some(at) => (shard, at, Key::new("", "")),
            None => (shard + 1, i64::MIN, Key::new("", "")),
        };
        let after = match after {
            None => None,
            Some(token) => {
                let [at, pk, sk] = read_token(token)?;
                let at = at.parse().map_err(|_| foreign_token())?;
                Some((shard, at, Key { pk, sk }))
            }
        };
        let (low, high) = bounds(start, end, after, false)?;
        let mut cut = Cut::new(limit)?;
        let mut items: Vec<DueEntry> = Vec::new();
        for (_, at, key) in state.due.range((low, high)) {
            items.push(DueEntry { key: key.clone(), at: Instant::from_millis(*at) });
            if cut.full(due_entry_bytes(key, *at)) {
                break;
            }
        }
        let next = cut.next(items.last(), |entry| {
            token(&[&entry.at.millis().to_string(), &entry.key.pk, &entry.key.sk])
        });
        state.units.read_halves += read_units(cut.bytes);
        Ok(Page { items, next })
    }

    async fn list(&self, query: &Query) -> Result<Page<Key>, StoreError> {
        let mut state = self.lock();
        let (page, bytes) = page_of(&state.list, query)?;
        state.units.read_halves += read_units(bytes);
        Ok(page)
    }

    async fn work(&self, query: &Query) -> Result<Page<Key>, StoreError> {
        let mut state = self.lock();
        let (page, bytes) = page_of(&state.work, query)?;
        state.units.read_halves += read_units(bytes);
        Ok(page)
    }

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        commit.validate().map_err(CommitError::Fault)?;
        weigh(commit)?;
        let mut state = self.lock();
        let conflicts: Vec<usize> = commit
            .writes
            .iter()
            .enumerate()
            .filter(|(_, write)| !holds(write.condition(), state.items.get(write.key())))
            .map(|(at, _)| at)
            .collect();
        // A transaction costs twice, whether it is applied or not; the adapter sends a lone put or
        // delete as a plain write.
        let factor = if commit.is_plain() { 1 } else { 2 };
        for write in &commit.writes {
            let units = factor * state.table_units(write);
            state.charge(write.key(), units);
        }
        if !conflicts.is_empty() {
            return Err(CommitError::Conflict(conflicts));
        }
        for write in &commit.writes {
            match write {
                Write::Put { item, .. } => state.replace(&item.key, Some(stored(item))),
                Write::Delete { key, .. } => state.replace(key, None),
                Write::Check { .. } => {}
            }
        }
        commit.tell();
        Ok(())
    }
}

impl State {
    /// Write units of the table for a write, without the factor of a transaction.
    fn table_units(&self, write: &Write) -> u64 {
        let before = self.items.get(write.key()).map_or(0, item_bytes);
        let after = match write {
            Write::Put { item, .. } => item_bytes(item),
            Write::Delete { .. } | Write::Check { .. } => 0,
        };
        write_units(before.max(after))
    }

    fn charge(&mut self, key: &Key, units: u64) {
        self.units.write += units;
        match self.written.get_mut(key) {
            Some(written) => *written += units,
            None => {
                self.written.insert(key.clone(), units);
            }
        }
    }

    /// Puts or removes one item, with its index entries and its record in the stream.
    fn replace(&mut self, key: &Key, item: Option<Item>) {
        let before = self.items.remove(key);
        let due = |item: &Item| item.due.map(|due| (due.shard, due.at.millis(), key.clone()));
        let entry = |of: &ListEntry| (of.pk.clone(), of.sk.clone(), key.clone());
        let list = |item: &Item| item.list.as_ref().map(entry);
        let work = |item: &Item| item.work.as_ref().map(entry);
        let changed =
            move_entry(&mut self.due, before.as_ref().and_then(due), item.as_ref().and_then(due))
                + move_entry(
                    &mut self.list,
                    before.as_ref().and_then(list),
                    item.as_ref().and_then(list),
                )
                + move_entry(
                    &mut self.work,
                    before.as_ref().and_then(work),
                    item.as_ref().and_then(work),
                );
        self.charge(key, changed);
        let kind = match (&before, &item) {
            (None, None) => None,
            (Some(before), Some(item)) if before == item => None,
            (None, Some(_)) => Some(ChangeKind::Inserted),
            (Some(_), Some(_)) => Some(ChangeKind::Modified),
            (Some(_), None) => Some(ChangeKind::Removed),
        };
        self.changes.extend(kind.map(|kind| Change { key: key.clone(), kind }));
        if let Some(item) = item {
            self.items.insert(key.clone(), item);
        }
        match before {
            Some(before) => self.before.insert(key.clone(), before),
            None => self.before.remove(key),
        };
    }
}

/// One page of the index `list` or `work`, and the bytes that were read.
fn page_of(index: &Listed, query: &Query) -> Result<(Page<Key>, usize), StoreError> {
    query.validate()?;
    let nothing = Key::new("", "");
    let start = (query.pk.clone(), query.prefix.clone(), nothing.clone());
    let end = match query_end(query) {
        Some(sk) => (query.pk.clone(), sk, nothing),
        None => (format!("{}\0", query.pk), String::new(), nothing),
    };
    let after = match &query.after {
        None => None,
        Some(token) => {
            let [list_sk, pk, sk] = read_token(token)?;
            Some((query.pk.clone(), list_sk, Key { pk, sk }))
        }
    };
    let (low, high) = bounds(start, end, after, query.newest_first)?;
    let rows = ordered(index.range((low, high)), query.newest_first);
    let mut cut = Cut::new(query.limit)?;
    let mut found: Vec<(&String, Key)> = Vec::new();
    for (list_pk, list_sk, key) in rows {
        found.push((list_sk, key.clone()));
        if cut.full(list_entry_bytes(key, list_pk, list_sk)) {
            break;
        }
    }
    let next = cut.next(found.last(), |(list_sk, key)| token(&[list_sk, &key.pk, &key.sk]));
    let items = found.into_iter().map(|(_, key)| key).collect();
    Ok((Page { items, next }, cut.bytes))
}

/// Moves an index entry and returns the units: one for an entry removed, one for an entry put.
/// A key-only entry whose keys stay as they are costs nothing.
fn move_entry<E: Ord>(index: &mut BTreeSet<E>, before: Option<E>, after: Option<E>) -> u64 {
    if before == after {
        return 0;
    }
    let mut units = 0;
    if let Some(before) = before {
        index.remove(&before);
        units += 1;
    }
    if let Some(after) = after {
        index.insert(after);
        units += 1;
    }
    units
}

fn holds(condition: &Condition, item: Option<&Item>) -> bool {
    match condition {
        Condition::Absent | Condition::GateRevIs(0) => item.is_none(),
        Condition::RevisionIs(rev) | Condition::GateRevIs(rev) => {
            item.is_some_and(|item| item.rev == *rev)
        }
        Condition::StatusIs(status) => {
            item.is_some_and(|item| item.status.as_deref() == Some(status))
        }
    }
}

/// The item as the table keeps it: its expiry is a column of whole seconds, rounded up, so that
/// nothing expires early.
fn stored(item: &Item) -> Item {
    let seconds = |at: Instant| {
        let ms = at.millis();
        Instant::from_millis((ms.div_euclid(1000) + i64::from(ms.rem_euclid(1000) != 0)) * 1000)
    };
    Item { expires_at: item.expires_at.map(seconds), ..item.clone() }
}

fn weigh(commit: &Commit) -> Result<(), CommitError> {
    let mut total = 0;
    for (at, write) in commit.writes.iter().enumerate() {
        if let Write::Put { item, .. } = write {
            let bytes = item_bytes(item);
            if bytes > ITEM_BYTES_MAX {
                return Err(CommitError::Fault(format!(
                    "write {at}: the item weighs {bytes} bytes; the limit is {ITEM_BYTES_MAX}"
                )));
            }
            total += bytes;
        }
    }
    if total > COMMIT_BYTES_MAX {
        return Err(CommitError::Fault(format!(
            "the items weigh {total} bytes together; the limit is {COMMIT_BYTES_MAX}"
        )));
    }
    Ok(())
}

fn read_units(bytes: usize) -> u64 {
    bytes.div_ceil(4096).max(1) as u64
}

fn write_units(bytes: usize) -> u64 {
    bytes.div_ceil(1024).max(1) as u64
}

/// The first sort key behind all those that a query asks for; `None` when there is none.
fn query_end(query: &Query) -> Option<String> {
    match &query.up_to {
        Some(up_to) => Some(format!("{up_to}\0")),
        None => prefix_end(&query.prefix),
    }
}

/// The first text after all those that start with `prefix`; `None` when there is none.
fn prefix_end(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // The next character; above U+D7FF lie the surrogates, which are no characters.
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            other => char::from_u32(u32::from(other) + 1),
        };
        if let Some(next) = next {
            end.push(next);
            return Some(end);
        }
    }
    None
}

/// The range of one query. A page that starts outside of it belongs to another query.
fn bounds<K: Ord>(
    start: K,
    end: K,
    after: Option<K>,
    newest_first: bool,
) -> Result<(Bound<K>, Bound<K>), StoreError> {
    match after {
        None => Ok((Bound::Included(start), Bound::Excluded(end))),
        Some(after) if after < start || after >= end => Err(foreign_token()),
        Some(after) if newest_first => Ok((Bound::Included(start), Bound::Excluded(after))),
        Some(after) => Ok((Bound::Excluded(after), Bound::Excluded(end))),
    }
}

fn ordered<'a, T: 'a>(
    rows: impl DoubleEndedIterator<Item = T> + 'a,
    newest_first: bool,
) -> Box<dyn Iterator<Item = T> + 'a> {
    if newest_first { Box::new(rows.rev()) } else { Box::new(rows) }
}

/// Where a page ends: at its limit or at the service's own limit of bytes. A page that ended there
/// names a next one, which may turn out to be empty.
struct Cut {
    left: u32,
    bytes: usize,
    ended: bool,
}

impl Cut {
    fn new(limit: u32) -> Result<Self, StoreError> {
        if limit == 0 {
            return Err(StoreError::Fault("a page has at least one row".to_owned()));
        }
        Ok(Self { left: limit, bytes: 0, ended: false })
    }

    fn full(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        self.left -= 1;
        self.ended = self.left == 0 || self.bytes >= PAGE_BYTES_MAX;
        self.ended
    }

    fn next<T>(&self, last: Option<&T>, token: impl Fn(&T) -> String) -> Option<String> {
        last.filter(|_| self.ended).map(token)
    }
}

fn token(parts: &[&str]) -> String {
    serde_json::Value::from(parts).to_string()
}

fn read_token<const N: usize>(token: &str) -> Result<[String; N], StoreError> {
    let parts: Vec<String> = serde_json::from_str(token).map_err(|_| foreign_token())?;
    parts.try_into().map_err(|_| foreign_token())
}

fn foreign_token() -> StoreError {
    StoreError::Fault("this page was not named by the query that is asked for it".to_owned())
}
