//! Keys over SSM: one encrypted parameter for each purpose.
//!
//! `/<prefix>/keys/<purpose>` holds `[{"id": 2, "key": "<64 hex digits>"}, {"id": 1, …}]`, the
//! signing key first. A process asks again when what it knows is five minutes old, so that a rotated
//! key is in force everywhere after five minutes: the new key is added first behind the signing one,
//! and moved to the front when every process can verify it. When the service does not answer, the
//! keys that are known stay in force.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use app::auth::unhex;
use app::ports::{Clock, KeyPurpose, SecretError, Secrets, SigningKey};
use aws_sdk_ssm::Client;
use domain::Instant;
use serde::Deserialize;

use crate::clock::SystemClock;
use crate::connection::{Connection, Lazy, lazy, retries, service_config};
use crate::trouble::Trouble;

/// Seconds for one attempt of one call.
const ATTEMPT_SECONDS: u64 = 5;

/// Keys are asked for again when they are so old.
const AGE_MS_MAX: i64 = 5 * 60 * 1000;

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// Keys over SSM.
pub struct SsmSecrets<C = SystemClock> {
    client: Lazy<Client>,
    prefix: String,
    clock: C,
    known: Mutex<BTreeMap<KeyPurpose, Known>>,
}

#[derive(Clone)]
struct Known {
    keys: Vec<SigningKey>,
    read_at: Instant,
}

impl<C: Clock> SsmSecrets<C> {
    /// The keys under `/<prefix>/keys/`. The client is built at the first call.
    #[must_use]
    pub fn new(connection: &Connection, prefix: impl Into<String>, clock: C) -> Self {
        let connection = connection.clone();
        let build = move || {
            let config = service_config!(aws_sdk_ssm, &connection, retries(), ATTEMPT_SECONDS);
            Client::from_conf(config.build())
        };
        Self { client: lazy(build), prefix: prefix.into(), clock, known: Mutex::default() }
    }

    async fn read(&self, purpose: KeyPurpose) -> Result<Vec<SigningKey>, SecretError> {
        let name = format!("/{}/keys/{}", self.prefix, purpose.name());
        let output = LazyLock::force(&self.client)
            .get_parameter()
            .name(&name)
            .with_decryption(true)
            .send()
            .await
            .map_err(|error| SecretError(format!("{name}: {}", Trouble::of(&error).text())))?;
        let value = output.parameter.and_then(|parameter| parameter.value).unwrap_or_default();
        // Of what is wrong with the value only the place is told, never the value.
        parse(&value).map_err(|fault| SecretError(format!("{name}: {fault}")))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<KeyPurpose, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Clock> Secrets for SsmSecrets<C> {
    async fn keys(&self, purpose: KeyPurpose) -> Result<Vec<SigningKey>, SecretError> {
        let now = self.clock.now();
        let known = self.known().get(&purpose).cloned();
        if let Some(known) = &known
            && now.millis() - known.read_at.millis() < AGE_MS_MAX
        {
            return Ok(known.keys.clone());
        }
        match (self.read(purpose).await, known) {
            (Ok(keys), _) => {
                let fresh = Known { keys: keys.clone(), read_at: now };
                self.known().insert(purpose, fresh);
                Ok(keys)
            }
            (Err(error), Some(known)) => {
                tracing::warn!(purpose = purpose.name(), %error, "older keys stay in force");
                Ok(known.keys)
            }
            (Err(error), None) => Err(error),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    id: u8,
    key: String,
}

fn parse(value: &str) -> Result<Vec<SigningKey>, String> {
    let stored: Vec<StoredKey> = serde_json::from_str(value).map_err(|error| {
        format!("not a list of keys, line {}, column {}", error.line(), error.column())
    })?;
    if stored.is_empty() {
        return Err("the list of keys is empty".to_owned());
    }
    let mut ids = BTreeSet::new();
    let mut keys = Vec::new();
    for StoredKey { id, key } in stored {
        if !ids.insert(id) {
            return Err(format!("two keys have the id {id}"));
        }
        let bytes = unhex(&key)
            .filter(|bytes| bytes.len() == KEY_BYTES)
            .ok_or_else(|| format!("the key {id} is not {} hex digits", KEY_BYTES * 2))?;
        keys.push(SigningKey { id, bytes });
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn keys_are_read_in_order() {
        let value = format!(
            r#"[{{"id":2,"key":"{}"}},{{"id":1,"key":"{}"}}]"#,
            "0A".repeat(32),
            "ff".repeat(32)
        );
        let keys = parse(&value).unwrap();
        assert_eq!(keys.iter().map(|key| key.id).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(keys[0].bytes, [10; 32]);
    }

    #[test]
    fn a_fault_is_told_without_the_value() {
        let short = "ab".repeat(31);
        let full = "ab".repeat(32);
        for (value, fault) in [
            ("secreto".to_owned(), "not a list of keys, line 1, column 1"),
            ("[]".to_owned(), "the list of keys is empty"),
            (format!(r#"[{{"id":1,"key":"{short}"}}]"#), "the key 1 is not 64 hex digits"),
            (format!(r#"[{{"id":1,"key":"{short}zz"}}]"#), "the key 1 is not 64 hex digits"),
            (
                format!(r#"[{{"id":1,"key":"{full}"}},{{"id":1,"key":"{full}"}}]"#),
                "two keys have the id 1",
            ),
        ] {
            assert_eq!(parse(&value), Err(fault.to_owned()));
        }
    }
}
