//! Calls to the table as data, each with its answer: what was asked in a life can be asked of another
//! store, and answers compared.

use std::fmt::Debug;

use app::commit::Commit;
use app::item::Key;
use app::ports::{Query, Store};
use domain::Instant;

/// A call to a store.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the port's words")]
pub enum Ask {
    Get(Key),
    Glance(Key),
    GetMany(Vec<Key>),
    Query(Query),
    Due { shard: u8, until: Instant, limit: u32, after: Option<String> },
    List(Query),
    Work(Query),
    Commit(Commit),
}

/// A call with its answer.
#[derive(Debug, Clone)]
pub struct Call {
    /// What was asked.
    pub ask: Ask,
    /// The answer, whole, as its type is written out.
    pub answer: String,
}

impl Ask {
    /// Asks a store.
    pub async fn of<S: Store>(&self, store: &S) -> String {
        match self {
            Self::Get(key) => told(&store.get(key).await),
            Self::Glance(key) => told(&store.glance(key).await),
            Self::GetMany(keys) => told(&store.get_many(keys).await),
            Self::Query(query) => told(&store.query(query).await),
            Self::Due { shard, until, limit, after } => {
                told(&store.due(*shard, *until, *limit, after.as_deref()).await)
            }
            Self::List(query) => told(&store.list(query).await),
            Self::Work(query) => told(&store.work(query).await),
            Self::Commit(commit) => told(&store.commit(commit).await),
        }
    }
}

/// An answer written out.
pub fn told(answer: &impl Debug) -> String {
    format!("{answer:?}")
}
