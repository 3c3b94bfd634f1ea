//! The chain of events that is the ticket's evidence.
//!
//! > *9. Todas las solicitudes generan ticket.*
//!
//! Rule 15.1. Each event is one canonical line of JSON. Its hash covers the line and the hash before
//! it, so nothing can be changed, left out or put in between without every later hash showing it.
//! Lines hold ids, instants, codes and salted digests, never texts, names or addresses: those lie
//! apart, and erasing them leaves the chain whole.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Actor;
use crate::Instant;
use crate::ticket::Fact;

/// 32 bytes in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hash(String);

impl Hash {
    /// What stands before the first event: the hash of the subject's name, so that no chain can be
    /// passed off as another's.
    #[must_use]
    pub fn genesis(subject: &str) -> Self {
        Self(hex(&Sha256::digest(subject.as_bytes())))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn after(&self, line: &str) -> Self {
        let mut sha = Sha256::new();
        sha.update(self.0.as_bytes());
        sha.update(b"\n");
        sha.update(line.as_bytes());
        Self(hex(&sha.finalize()))
    }
}

/// Digest of a text that lies apart: SHA-256 of its salt and its bytes. Without the salt nobody can
/// try texts against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TextDigest(String);

impl TextDigest {
    /// The digest of `text` under `salt`.
    #[must_use]
    pub fn of(salt: &[u8; 16], text: &str) -> Self {
        let mut sha = Sha256::new();
        sha.update(salt);
        sha.update(text.as_bytes());
        Self(hex(&sha.finalize()))
    }

    /// As text, lower-case hexadecimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One event: a fact, who brought it about, and when it was recorded. Facts are those of a ticket,
/// unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event<F = Fact> {
    /// Place in the chain, from 1, without gaps.
    pub seq: u32,
    /// When it was recorded. When it *happened* is in the fact.
    pub at: Instant,
    /// Who.
    pub by: Actor,
    /// What.
    pub fact: F,
}

/// An event in its final form: the line that is stored and hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The event, canonical JSON: fields in the order of their declaration, no white space.
    pub line: String,
    /// Hash of the previous link's hash and this line.
    pub hash: Hash,
}

impl Link {
    /// Seals `event` behind `previous`.
    ///
    /// # Panics
    /// Never: an event has no map with keys that are not strings, which is all that could fail.
    #[must_use]
    pub fn seal<F: Serialize>(previous: &Hash, event: &Event<F>) -> Self {
        let line = serde_json::to_string(event).expect("an event is always representable as JSON");
        let hash = previous.after(&line);
        Self { line, hash }
    }

    /// Reads the event of a ticket back.
    ///
    /// # Errors
    /// When the line is no event that this version knows.
    pub fn event(&self) -> Result<Event, serde_json::Error> {
        self.event_of()
    }

    /// Reads back an event whose facts are `F`.
    ///
    /// # Errors
    /// When the line is no event that this version knows.
    pub fn event_of<F: DeserializeOwned>(&self) -> Result<Event<F>, serde_json::Error> {
        serde_json::from_str(&self.line)
    }
}

/// Where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// The line at this place (from 1) does not have the hash that is written beside it.
    #[error("event {0} was changed: its hash is not that of its line and the one before")]
    Changed(u32),
    /// The event at this place carries another number.
    #[error("event {0} is missing or out of order")]
    Gap(u32),
    /// The line at this place is no event.
    #[error("event {0} cannot be read")]
    Unreadable(u32),
}

/// Checks a whole chain of the ticket `subject` and returns its head.
///
/// # Errors
/// The first place at which the chain is broken.
pub fn verify<'a>(
    subject: &str,
    links: impl IntoIterator<Item = &'a Link>,
) -> Result<Hash, ChainFault> {
    verify_of::<Fact>(subject, links)
}

/// Checks a whole chain of `subject`, whose facts are `F`, and returns its head.
///
/// # Errors
/// The first place at which the chain is broken.
pub fn verify_of<'a, F: DeserializeOwned>(
    subject: &str,
    links: impl IntoIterator<Item = &'a Link>,
) -> Result<Hash, ChainFault> {
    let mut head = Hash::genesis(subject);
    for (place, link) in (1_u32..).zip(links) {
        if head.after(&link.line) != link.hash {
            return Err(ChainFault::Changed(place));
        }
        let event = link.event_of::<F>().map_err(|_| ChainFault::Unreadable(place))?;
        if event.seq != place {
            return Err(ChainFault::Gap(place));
        }
        head = link.hash.clone();
    }
    Ok(head)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .map(char::from)
        .collect()
}
