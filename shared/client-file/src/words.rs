//! The words of closed lists in a file.

use domain::client::Implementer;
use domain::{NaiveDate, Power};

/// Powers of a SPoC (1.2).
pub(crate) const POWERS: [(&str, Power); 6] = [
    ("open", Power::Open),
    ("authorise_cost", Power::AuthoriseCost),
    ("cancel", Power::Cancel),
    ("renew", Power::Renew),
    ("book_visit", Power::BookVisit),
    ("designate", Power::Designate),
];

/// Who implemented a module (4.1).
pub(crate) const IMPLEMENTERS: [(&str, Implementer); 2] =
    [("millora", Implementer::Millora), ("other", Implementer::Other)];

/// The value of a word.
pub(crate) fn known<T: Copy>(words: &[(&str, T)], word: &str) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// "uno de: a, b, c".
pub(crate) fn one_of<T>(words: &[(&str, T)]) -> String {
    let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    format!("uno de: {}", words.join(", "))
}

/// Whether two stretches of days share one; an absent end is open.
pub(crate) fn overlap(
    one: (NaiveDate, Option<NaiveDate>),
    two: (NaiveDate, Option<NaiveDate>),
) -> bool {
    one.1.is_none_or(|end| two.0 <= end) && two.1.is_none_or(|end| one.0 <= end)
}
