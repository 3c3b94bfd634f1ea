//! The store over DynamoDB: one table, three sparse indexes, transactions with conditions.
//!
//! Architecture invariant: only this module knows attribute values, expressions and tables; it
//! knows nothing of what the documents mean.

mod codec;
mod commit;
mod table;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use app::commit::{Commit, CommitError};
use app::item::{DUE_SHARDS, DueEntry, Item, Key, Page};
use app::ports::{Query, Store, StoreError};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity};
use domain::Instant;

use self::codec::{
    Attributes, due_partition, key_attributes, number, read_item, read_key, read_number, read_text,
    text,
};
use crate::connection::{Connection, Lazy, lazy, retries, service_config};
use crate::trouble::Trouble;

/// The service reads so many items at once.
const BATCH_MAX: usize = 100;

/// So many rounds for what the service left unread before it is called busy.
const BATCH_ROUNDS_MAX: u32 = 8;

/// Seconds for one attempt of one call.
const ATTEMPT_SECONDS: u64 = 5;

/// The store over DynamoDB. A clone shares the client.
#[derive(Clone)]
pub struct DynamoStore {
    client: Lazy<Client>,
    table: String,
    consumed: Arc<Meter>,
}

/// Consumed capacity, as the service told it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Consumed {
    /// Write units, of the table and its indexes.
    pub write: u64,
    /// Read units times two: an eventually consistent read costs half a unit.
    pub read_halves: u64,
}

#[derive(Default)]
struct Meter {
    write_halves: AtomicU64,
    read_halves: AtomicU64,
}

impl DynamoStore {
    /// The store in the table `table`. The client is built at the first call.
    #[must_use]
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        let connection = connection.clone();
        let build = move || {
            let config = service_config!(aws_sdk_dynamodb, &connection, retries(), ATTEMPT_SECONDS);
            Client::from_conf(config.build())
        };
        Self { client: lazy(build), table: table.into(), consumed: Arc::default() }
    }

    /// Creates the table with its indexes, its stream (keys only) and its expiry, for local
    /// servers and tests. A table that exists is left as it is.
    ///
    /// # Errors
    /// [`StoreError`] when the server does not answer or refuses.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        table::create(self.client(), &self.table).await
    }

    /// The table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// What calls through this store and its clones have consumed so far. A failed call is not
    /// counted: the service does not tell.
    #[must_use]
    pub fn consumed(&self) -> Consumed {
        Consumed {
            write: self.consumed.write_halves.load(Ordering::Relaxed) / 2,
            read_halves: self.consumed.read_halves.load(Ordering::Relaxed),
        }
    }

    fn client(&self) -> &Client {
        LazyLock::force(&self.client)
    }

    fn count_read(&self, capacity: impl IntoIterator<Item = ConsumedCapacity>) {
        self.consumed.read_halves.fetch_add(halves(capacity), Ordering::Relaxed);
    }

    fn count_write(&self, capacity: impl IntoIterator<Item = ConsumedCapacity>) {
        self.consumed.write_halves.fetch_add(halves(capacity), Ordering::Relaxed);
    }

    /// One page of a query whose key condition is set by `shape`.
    async fn page<T>(
        &self,
        limit: u32,
        shape: impl FnOnce(QueryFluentBuilder) -> QueryFluentBuilder,
        read: impl Fn(&Attributes) -> Result<T, StoreError>,
        token: impl Fn(&Attributes) -> Result<Vec<String>, StoreError>,
    ) -> Result<Page<T>, StoreError> {
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        if limit == 0 {
            return Err(StoreError::Fault("a page has at least one row".to_owned()));
        }
        let request = self
            .client()
            .query()
            .table_name(&self.table)
            .limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output =
            shape(request).send().await.map_err(|error| read_error(Trouble::of(&error)))?;
        self.count_read(output.consumed_capacity);
        let items =
            output.items.unwrap_or_default().iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let next = match output.last_evaluated_key {
            None => None,
            Some(last) => Some(serde_json::Value::from(token(&last)?).to_string()),
        };
        Ok(Page { items, next })
    }
}

impl Store for DynamoStore {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.read_one(key, true).await
    }

    async fn glance(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        // What is not found may only just have been written.
        match self.read_one(key, false).await? {
            None => self.read_one(key, true).await,
            found => Ok(found),
        }
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let distinct: Vec<&Key> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut found = BTreeMap::new();
        for batch in distinct.chunks(BATCH_MAX) {
            self.read_batch(batch, &mut found).await?;
        }
        Ok(keys.iter().filter_map(|key| found.get(key).cloned()).collect())
    }

    async fn query(&self, query: &Query) -> Result<Page<Item>, StoreError> {
        query.validate()?;
        let start = match &query.after {
            None => None,
            Some(token) => {
                let [pk, sk] = read_token(token)?;
                own_page(pk == query.pk && asks_for(query, &sk))?;
                Some(key_attributes(&Key { pk, sk }))
            }
        };
        let shape = |request: QueryFluentBuilder| {
            prefixed(request, ("pk", "sk"), query)
                .consistent_read(true)
                .set_exclusive_start_key(start)
        };
        let token = |last: &Attributes| read_key(last).map(|key| vec![key.pk, key.sk]);
        self.page(query.limit, shape, read_item, token).await
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
        let start = match after {
            None => None,
            Some(token) => {
                let [at, pk, sk] = read_token(token)?;
                own_page(at.parse::<i64>().is_ok_and(|at| at <= until.millis()))?;
                let mut start = key_attributes(&Key { pk, sk });
                start.insert("due_shard".to_owned(), text(due_partition(shard)));
                start.insert("due_at".to_owned(), number(at));
                Some(start)
            }
        };
        let shape = |request: QueryFluentBuilder| {
            request
                .index_name("due")
                .key_condition_expression("due_shard = :shard AND due_at <= :until")
                .expression_attribute_values(":shard", text(due_partition(shard)))
                .expression_attribute_values(":until", number(until.millis()))
                .set_exclusive_start_key(start)
        };
        let read = |row: &Attributes| {
            let at = Instant::from_millis(read_number(row, "due_at")?);
            Ok(DueEntry { key: read_key(row)?, at })
        };
        let token = |last: &Attributes| {
            let (at, key) = (read_number::<i64>(last, "due_at")?, read_key(last)?);
            Ok(vec![at.to_string(), key.pk, key.sk])
        };
        self.page(limit, shape, read, token).await
    }

    async fn list(&self, query: &Query) -> Result<Page<Key>, StoreError> {
        self.listed("list", ("list_pk", "list_sk"), query).await
    }

    async fn work(&self, query: &Query) -> Result<Page<Key>, StoreError> {
        self.listed("work", ("work_pk", "work_sk"), query).await
    }

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        commit.validate().map_err(CommitError::Fault)?;
        let answer = match commit.writes.as_slice() {
            [write] if commit.is_plain() => commit::plain(self.client(), &self.table, write).await,
            _ => commit::transact(self.client(), &self.table, commit).await,
        };
        if matches!(answer, Ok(_) | Err(CommitError::Unknown(_))) {
            commit.tell();
        }
        self.count_write(answer?);
        Ok(())
    }
}

impl DynamoStore {
    /// One page of the index `name` with the key `(partition, sort)`.
    async fn listed(
        &self,
        name: &str,
        (partition, sort): (&str, &str),
        query: &Query,
    ) -> Result<Page<Key>, StoreError> {
        query.validate()?;
        let start = match &query.after {
            None => None,
            Some(token) => {
                let [list_sk, pk, sk] = read_token(token)?;
                own_page(asks_for(query, &list_sk))?;
                let mut start = key_attributes(&Key { pk, sk });
                start.insert(partition.to_owned(), text(&query.pk));
                start.insert(sort.to_owned(), text(list_sk));
                Some(start)
            }
        };
        let shape = |request: QueryFluentBuilder| {
            prefixed(request.index_name(name), (partition, sort), query)
                .set_exclusive_start_key(start)
        };
        let token = |last: &Attributes| {
            let (list_sk, key) = (read_text(last, sort)?.to_owned(), read_key(last)?);
            Ok(vec![list_sk, key.pk, key.sk])
        };
        self.page(query.limit, shape, read_key, token).await
    }

    async fn read_one(&self, key: &Key, consistent: bool) -> Result<Option<Item>, StoreError> {
        let output = self
            .client()
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .consistent_read(consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| read_error(Trouble::of(&error)))?;
        self.count_read(output.consumed_capacity);
        output.item.as_ref().map(read_item).transpose()
    }

    async fn read_batch(
        &self,
        keys: &[&Key],
        found: &mut BTreeMap<Key, Item>,
    ) -> Result<(), StoreError> {
        let request = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(|key| key_attributes(key)).collect()))
            .consistent_read(true)
            .build()
            .map_err(|error| StoreError::Fault(error.to_string()))?;
        let mut left = HashMap::from([(self.table.clone(), request)]);
        for _ in 0..BATCH_ROUNDS_MAX {
            let output = self
                .client()
                .batch_get_item()
                .set_request_items(Some(left))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| read_error(Trouble::of(&error)))?;
            self.count_read(output.consumed_capacity.unwrap_or_default());
            let rows = output.responses.unwrap_or_default().remove(&self.table);
            for row in rows.unwrap_or_default() {
                let item = read_item(&row)?;
                found.insert(item.key.clone(), item);
            }
            left = output.unprocessed_keys.unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Retryable("some items were left unread".to_owned()))
    }
}

/// A partition of the table or of the index `list` or `work`, in the order of its sort keys.
fn prefixed(
    request: QueryFluentBuilder,
    (partition, sort): (&str, &str),
    query: &Query,
) -> QueryFluentBuilder {
    let request = request
        .expression_attribute_values(":pk", text(&query.pk))
        .scan_index_forward(!query.newest_first);
    // The service takes no empty text as a bound, and one condition on the sort key.
    let prefix = (!query.prefix.is_empty()).then_some(&query.prefix);
    let (condition, values) = match (prefix, &query.up_to) {
        (None, None) => (String::new(), Vec::new()),
        (Some(prefix), None) => {
            (format!(" AND begins_with({sort}, :prefix)"), vec![(":prefix", prefix)])
        }
        (None, Some(up_to)) => (format!(" AND {sort} <= :up_to"), vec![(":up_to", up_to)]),
        (Some(prefix), Some(up_to)) => (
            format!(" AND {sort} BETWEEN :prefix AND :up_to"),
            vec![(":prefix", prefix), (":up_to", up_to)],
        ),
    };
    let request = request.key_condition_expression(format!("{partition} = :pk{condition}"));
    values.into_iter().fold(request, |request, (name, value)| {
        request.expression_attribute_values(name, text(value))
    })
}

/// Whether a query asks for a sort key.
fn asks_for(query: &Query, sk: &str) -> bool {
    match query.up_to.as_deref() {
        Some(up_to) => query.prefix.as_str() <= sk && sk <= up_to,
        None => sk.starts_with(&query.prefix),
    }
}

/// How the failure of a read is told.
fn read_error(trouble: Trouble) -> StoreError {
    if trouble.is_busy() {
        return StoreError::Retryable(trouble.text());
    }
    match trouble {
        Trouble::Unsent(text) => StoreError::Fault(text),
        Trouble::NoAnswer(text) => StoreError::Retryable(text),
        Trouble::Answered { status, text, .. } if status >= 500 => StoreError::Retryable(text),
        Trouble::Answered { text, .. } => StoreError::Fault(text),
    }
}

/// The service charges in halves of a unit; fractions of a float do not add up.
fn halves(capacity: impl IntoIterator<Item = ConsumedCapacity>) -> u64 {
    let half = |one: ConsumedCapacity| (one.capacity_units.unwrap_or(0.0) * 2.0).round() as u64;
    capacity.into_iter().map(half).sum()
}

fn read_token<const N: usize>(token: &str) -> Result<[String; N], StoreError> {
    let parts: Vec<String> = serde_json::from_str(token).map_err(|_| foreign_page())?;
    parts.try_into().map_err(|_| foreign_page())
}

fn own_page(own: bool) -> Result<(), StoreError> {
    if own { Ok(()) } else { Err(foreign_page()) }
}

fn foreign_page() -> StoreError {
    StoreError::Fault("this page was not named by the query that is asked for it".to_owned())
}
