//! Licences of the packages that are linked, against the list in `deny.toml`.

use std::collections::BTreeSet;

/// Whether a licence expression can be satisfied with the allowed licences.
///
/// Knows `AND`, `OR`, `WITH`, parentheses, and the old spelling with a slash.
#[must_use]
pub fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut place = 0;
    let answer = either(&words, &mut place, allowed);
    answer && place == words.len()
}

fn either(words: &[&str], place: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut answer = both(words, place, allowed);
    while words.get(*place) == Some(&"OR") {
        *place += 1;
        answer |= both(words, place, allowed);
    }
    answer
}

fn both(words: &[&str], place: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut answer = one(words, place, allowed);
    while words.get(*place) == Some(&"AND") {
        *place += 1;
        answer &= one(words, place, allowed);
    }
    answer
}

fn one(words: &[&str], place: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let Some(word) = words.get(*place) else { return false };
    *place += 1;
    if *word == "(" {
        let answer = either(words, place, allowed);
        let closed = words.get(*place) == Some(&")");
        *place += 1;
        return answer && closed;
    }
    let mut name = (*word).to_owned();
    if words.get(*place) == Some(&"WITH") {
        let exception = words.get(*place + 1).copied().unwrap_or_default();
        name = format!("{name} WITH {exception}");
        *place += 2;
    }
    allowed.contains(&name)
}
