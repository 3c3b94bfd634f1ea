//! Words that no file of the repository holds.

use crate::fault::Fault;
use crate::files::File;

/// A text that is not wanted, cut in two so that this file does not hold it.
struct Banned {
    word: [&'static str; 2],
    remedy: &'static str,
}

const BANNED: &[Banned] = &[
    Banned { word: ["TO", "DO"], remedy: "Build it, or say in the docs that it is not built" },
    Banned { word: ["FIX", "ME"], remedy: "Mend it" },
    Banned { word: ["XX", "X:"], remedy: "Say it in a sentence" },
    Banned { word: ["todo", "!("], remedy: "Write the code" },
    Banned { word: ["unimple", "mented!("], remedy: "Write the code" },
    Banned { word: ["#[al", "low"], remedy: "Use #[expect(lint, reason = \"…\")]" },
    Banned { word: ["#![al", "low"], remedy: "Use #![expect(lint, reason = \"…\")]" },
    Banned { word: ["#[ign", "ore"], remedy: "Every test runs, or is deleted" },
    Banned { word: ["dbg", "!("], remedy: "Remove it" },
    Banned { word: ["shared/", "design"], remedy: "The project speaks of itself alone" },
    Banned { word: ["shared/", "seed"], remedy: "The project speaks of itself alone" },
    Banned { word: ["rules", ".md"], remedy: "Cite the rule by its id, such as 7.2a" },
    Banned { word: ["/ho", "me/"], remedy: "Use a path from the root of the repository" },
    Banned { word: ["/ro", "ot/"], remedy: "Use a path from the root of the repository" },
    Banned { word: ["/Us", "ers/"], remedy: "Use a path from the root of the repository" },
];

/// Folders at the root of a machine in which a checkout may lie; a path into one of them starts with
/// a character that cannot belong to a longer path.
const CHECKOUTS: &[[&str; 2]] = &[["/wo", "rk/"], ["/works", "pace/"], ["/bui", "lds/"]];

/// Names of which only the code that binds them may speak are checked elsewhere; these are words that
/// no file holds, whatever it is.
#[must_use]
pub fn check(files: &[File]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in files {
        for (number, line) in file.lines() {
            for banned in BANNED {
                let word = banned.word.concat();
                if line.contains(&word) {
                    let place = format!("{}:{number}", file.path);
                    faults.push(Fault::new(place, format!("holds \"{word}\""), banned.remedy));
                }
            }
            for checkout in CHECKOUTS {
                let path = checkout.concat();
                if starts_a_path(line, &path) {
                    let place = format!("{}:{number}", file.path);
                    let what = format!("names \"{path}\", a path of one machine");
                    faults.push(Fault::new(place, what, "Use a path from the root"));
                }
            }
        }
    }
    faults
}

fn starts_a_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "\"'`(=:<".contains(c))
    })
}

/// How the lock spells a package that a registry serves.
const REGISTRY: &str = "registry+";

/// Checks that every package in the lock comes from one and the same registry, and that no file
/// redirects it. A lock that is made on a plain machine names the public one.
#[must_use]
pub fn check_sources(files: &[File]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut first: Option<&str> = None;
    for file in files {
        if file.path.starts_with(".cargo/") || file.path.contains("/.cargo/") {
            let what = "a cargo configuration binds the repository to one machine";
            faults.push(Fault::new(&file.path, what, "Remove it"));
        }
        if file.path != "Cargo.lock" {
            continue;
        }
        for (number, line) in file.lines() {
            let Some(source) = line.strip_prefix("source = ") else { continue };
            let source = source.trim_matches('"');
            if !source.starts_with(REGISTRY) || *first.get_or_insert(source) != source {
                let place = format!("{}:{number}", file.path);
                let what = format!("a package comes from {source}");
                faults.push(Fault::new(place, what, "Take packages from the public registry only"));
            }
        }
    }
    faults
}
