//! Immutable versions (G6): what held at an instant, as it was known at an instant.
//!
//! "Later edits never touch a running clock": terms, calendars, editions and the SPoCs are never
//! changed, only followed by a newer version that says from when it holds and from when it was
//! known.

use serde::{Deserialize, Serialize};

use crate::Instant;

/// One version of something that changes with time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version<T> {
    /// The version's own id, which facts point to.
    pub id: String,
    /// From when it holds, that instant included.
    pub valid_from: Instant,
    /// Until when it holds, that instant excluded; open when absent.
    pub valid_to: Option<Instant>,
    /// Since when it has been known, that instant included.
    pub known_from: Instant,
    /// What holds.
    pub value: T,
}

/// The version that holds at `at` as it was known at `known_at` (G6): of those that hold then and
/// were known then, the one that became known last; of several known at the same instant, the one
/// that stands last in the list.
#[must_use]
pub fn resolve<T>(versions: &[Version<T>], at: Instant, known_at: Instant) -> Option<&Version<T>> {
    versions
        .iter()
        .filter(|version| version.known_from <= known_at)
        .filter(|version| version.valid_from <= at)
        .filter(|version| version.valid_to.is_none_or(|end| at < end))
        .max_by_key(|version| version.known_from)
}
