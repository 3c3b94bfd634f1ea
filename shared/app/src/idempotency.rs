//! Repeated requests: the same Idempotency-Key with the same body is answered with what it made.
//!
//! The record is written in the transaction of what it protects, under the condition that there is
//! none. It counts for 30 days, compared by its instant; the store deletes it later.

use domain::TimeDelta;
use domain::{Instant, TicketRef};
use sha2::{Digest as _, Sha256};

use crate::auth::{Principal, hex};
use crate::codec::Stored;
use crate::commit::{Condition, Write};
use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::ports::{Clock, Env, Store};
use crate::records::Idempotent;

/// For so many days a key is remembered.
pub const REMEMBERED_DAYS: i64 = 30;

/// A request that may be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    key: Key,
    body: String,
    seen: Option<u64>,
}

impl Once {
    /// A request of `principal` under `key`, whose method, path and body are `request`.
    #[must_use]
    pub fn new(principal: &Principal, key: &str, request: &[u8]) -> Self {
        let key = keys::idempotency(&principal.word(), &hex(&Sha256::digest(key.as_bytes())));
        Self { key, body: hex(&Sha256::digest(request)), seen: None }
    }

    /// What the same request made before, if it was made.
    ///
    /// # Errors
    /// [`Failure::KeyReused`] when the key was used with another body.
    pub async fn made<E: Env>(&mut self, env: &E) -> Result<Option<Idempotent>, Failure> {
        let Some(item) = env.store().get(&self.key).await? else { return Ok(None) };
        let stored = Stored::<Idempotent>::read(&item)?;
        if stored.doc.at + TimeDelta::days(REMEMBERED_DAYS) <= env.clock().now() {
            self.seen = Some(stored.rev);
            return Ok(None);
        }
        if stored.doc.body != self.body {
            return Err(Failure::KeyReused);
        }
        Ok(Some(stored.doc))
    }

    /// Whether the key was met and counts no more, so that the mark takes its place.
    #[must_use]
    pub const fn lapsed(&self) -> bool {
        self.seen.is_some()
    }

    /// The write that marks the request as made.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn mark(
        &self,
        reference: &TicketRef,
        seq: Option<u32>,
        at: Instant,
        schema: u16,
    ) -> Result<Write, Failure> {
        let doc = Idempotent { body: self.body.clone(), reference: reference.clone(), seq, at };
        let mut stored = Stored::new(doc);
        stored.rev = self.seen.unwrap_or(0);
        let when = self.seen.map_or(Condition::Absent, Condition::RevisionIs);
        let mut item = stored.item(self.key.clone(), schema)?;
        item.expires_at = Some(at + TimeDelta::days(REMEMBERED_DAYS));
        Ok(Write::Put { item, when })
    }
}
