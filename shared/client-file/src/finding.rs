//! What a report says of a file.

use domain::client::ClientEntry;

/// Everything that was found in a file.
#[derive(Debug)]
pub struct Report {
    /// In the order of the file; readings that were left to their default come last.
    pub findings: Vec<Finding>,
    /// What the file says; none where something that is needed lacks or cannot be read. It is only to
    /// be applied where the report [`is_applicable`](Self::is_applicable).
    pub entry: Option<ClientEntry>,
}

impl Report {
    /// Whether nothing stands in the way of applying the file.
    #[must_use]
    pub fn is_applicable(&self) -> bool {
        self.entry.is_some() && self.findings.iter().all(|it| !it.kind.blocks())
    }
}

/// One finding with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line of the file, from 1.
    pub line: usize,
    /// The field, such as `spocs[0].emails[1]`; empty for the file as a whole.
    pub at: String,
    /// Of which kind it is.
    pub kind: Kind,
    /// What is the matter and what to do, in Spanish.
    pub text: String,
    /// The rule that it comes from; empty where it is a matter of form.
    pub rule: &'static str,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It cannot be read, or something without which the file says nothing is missing.
    Wrong,
    /// It contradicts itself, or a rule.
    Contradictory,
    /// Something is missing that somebody has to ask for; until then the file counts all the same.
    Missing,
    /// It can be read in two ways, or works in a way that may surprise: somebody should look.
    Ambiguous,
    /// A Choice that nobody has made for this client: the default holds.
    Choice,
}

impl Kind {
    /// Whether a file with such a finding is not applied.
    #[must_use]
    pub const fn blocks(self) -> bool {
        match self {
            Self::Wrong | Self::Contradictory => true,
            Self::Missing | Self::Ambiguous | Self::Choice => false,
        }
    }

    /// Stable word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Contradictory => "contradictory",
            Self::Missing => "missing",
            Self::Ambiguous => "ambiguous",
            Self::Choice => "choice",
        }
    }
}
