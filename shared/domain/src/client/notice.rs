//! What a client's SPoCs are told of the client itself, as data (1.2, 14, G11).
//!
//! Such a notice lies in the client's own partition. Names and powers lie apart, and are looked up when
//! the mail is written.

use serde::{Deserialize, Serialize};

use crate::evidence::Hash;
use crate::{ClientId, Instant, SpocId};

/// A notice about a client, to one of its SPoCs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientNotice {
    /// To whom.
    pub to: SpocId,
    /// The instant that it is about; part of its key.
    pub due: Instant,
    /// What it says.
    pub content: ClientContent,
}

/// What a notice about a client says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ClientContent {
    /// Other SPoCs were designated or changed (1.2).
    SpocsChanged {
        /// Whose designation changed, and how.
        changes: Vec<SpocChange>,
    },
    /// A new edition of the agreement was published (14).
    EditionPublished {
        /// Its number.
        n: u32,
        /// Where it is published.
        url: String,
        /// From when it is in force.
        effective_at: Instant,
    },
}

/// A change of one SPoC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpocChange {
    /// Whose.
    pub spoc: SpocId,
    /// What happened.
    pub what: Designation,
}

/// What happened to a designation (1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Designation {
    /// He was designated.
    Begun,
    /// His powers, his validity or how he is reached changed.
    Changed,
    /// It ended. What he opened stays valid.
    Ended,
}

impl ClientContent {
    /// Stable word for the kind, part of the ledger's key.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SpocsChanged { .. } => "spocs_changed",
            Self::EditionPublished { .. } => "edition_published",
        }
    }
}

impl ClientNotice {
    /// The notice's id: the hash of its key in the ledger (G11). The same cause gives the same id.
    #[must_use]
    pub fn id(&self, client: &ClientId) -> String {
        let (kind, due, to) = (self.content.kind(), self.due.millis(), &self.to);
        Hash::genesis(&format!("C#{client}||{kind}||{due}|spoc:{to}")).as_str()[..32].to_owned()
    }
}
