//! A fault: what is wrong, where, and what to do.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// File, with the line where there is one.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl Fault {
    /// A fault at a place.
    #[must_use]
    pub fn new(
        place: impl Into<String>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { place: place.into(), what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}.", self.place, self.what, self.remedy)
    }
}

/// Requires that there is no fault; tells all of them otherwise.
///
/// # Panics
/// When there is one.
pub fn none(faults: impl IntoIterator<Item = Fault>) {
    let lines: Vec<String> = faults.into_iter().map(|fault| format!("  {fault}")).collect();
    assert!(lines.is_empty(), "{} fault(s):\n{}", lines.len(), lines.join("\n"));
}
