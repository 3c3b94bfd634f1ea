//! What was agreed with a client at an instant: terms and calendar, by version.
//!
//! > *2. En caso de contradicción […] prevalecerán en todo momento las disposiciones del presente
//! > Contrato Marco.*
//!
//! Rule G6. A clock that has started keeps the terms, the edition, the hours and the calendar that
//! were known when it started. It keeps them by version id: versions are never overwritten, so the
//! ids are all that has to be stored.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::WorkCalendar;
use crate::terms::Terms;

/// Ids of the versions that a clock was started under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pinned {
    /// Version of the póliza's terms.
    pub plan: String,
    /// Edition of the SLA; none before the first one was published.
    pub edition: Option<String>,
    /// Version of the holiday calendar; none for the rule of article 74 alone.
    pub calendar: Option<String>,
    /// The local day for which the layers were resolved.
    pub on: NaiveDate,
    /// Version of what the Contrato Marco says; none where nothing was ever said.
    pub master: Option<String>,
}

/// What those ids stand for, ready to compute with.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// The versions.
    pub pinned: Pinned,
    /// The parameters, each with the layer that it comes from.
    pub terms: Arc<Terms>,
    /// Contracted hours on business days.
    pub calendar: Arc<WorkCalendar>,
}
