//! Immutable versions (G6): what held at an instant, as it was known at an instant.
//!
//! "Later edits never touch a running clock": terms, calendars, editions and the SPoCs are never
//! changed, only followed by a newer version that says from when it holds and from when it was
//! known.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Instant;

/// One version of something that changes with time. What a newer release adds to it is let through: releases
/// share the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What holds over a stretch of time, as a person writes it: not yet a version, since nobody has said
/// since when it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch<T> {
    /// From when it holds, that instant included.
    pub valid_from: Instant,
    /// Until when it holds, that instant excluded; open when absent.
    pub valid_to: Option<Instant>,
    /// What holds.
    pub value: T,
}

/// The instant from which what is said now is known: now, or right after what became known last, since what
/// became known last decides.
#[must_use]
pub fn known_after(last: Option<Instant>, now: Instant) -> Instant {
    last.map_or(now, |last| now.max(last + TimeDelta::milliseconds(1)))
}

/// The version that holds at `at` as it was known at `known_at` (G6). Of those that were known then
/// and had begun at `at`, the one that became known last decides, then the one that began last, then
/// the one that stands last in the list. Where that one has ended, nothing holds: it said so itself,
/// whatever was thought before.
#[must_use]
pub fn resolve<T>(versions: &[Version<T>], at: Instant, known_at: Instant) -> Option<&Version<T>> {
    versions
        .iter()
        .filter(|version| version.known_from <= known_at && version.valid_from <= at)
        .max_by_key(|version| (version.known_from, version.valid_from))
        .filter(|version| version.valid_to.is_none_or(|end| at < end))
}
