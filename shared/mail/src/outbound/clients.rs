//! What mails say of a client and of the agreement itself, as data (1.2, 14).

use domain::Instant;

use crate::Line;

/// See [`Content::SpocsChanged`](super::Content::SpocsChanged).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpocsChanged {
    /// The client's name.
    pub client_name: Line,
    /// From when it holds.
    pub at: Instant,
    /// Whose designation changed.
    pub changes: Vec<DesignationChange>,
}

/// What happened to the designation of one SPoC (1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesignationChange {
    /// His name.
    pub name: Line,
    /// What happened, as the rest of a sentence.
    pub what: &'static str,
    /// What he may do from then on, in words; empty where nothing.
    pub powers: Line,
}

/// See [`Content::EditionPublished`](super::Content::EditionPublished).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionPublished {
    /// Its number.
    pub n: u32,
    /// Where it can be read.
    pub url: Line,
    /// From when it is in force.
    pub effective_at: Instant,
}
