//! Links in documents, and files that nothing names.

use std::collections::BTreeSet;

use crate::fault::Fault;
use crate::files::File;

/// A link of a document: its line and its target.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let mut rest = line;
        while let Some(start) = rest.find("](") {
            rest = &rest[start + 2..];
            let Some(end) = rest.find(')') else { break };
            found.push((at + 1, rest[..end].trim().to_owned()));
            rest = &rest[end + 1..];
        }
    }
    found
}

/// The anchors of a document: its headings as a forge spells them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Every link of every document leads to a file or a folder of the repository, and an anchor to a
/// heading. Addresses of other places are not followed.
#[must_use]
pub fn check(files: &[File]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, target) in links(file.text()) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let place = format!("{}:{line}", file.path);
            let (path, wanted) = target.split_once('#').unwrap_or((&target, ""));
            let Some(resolved) = resolve(&file.path, path) else {
                let what = format!("the link {target} leaves the repository");
                faults.push(Fault::new(place, what, "Link to what lies inside"));
                continue;
            };
            let folder = format!("{resolved}/");
            let there = files.iter().any(|other| {
                other.path == resolved || resolved.is_empty() || other.path.starts_with(&folder)
            });
            if !there {
                let what = format!("the link {target} is dead: there is no {resolved}");
                faults.push(Fault::new(place, what, "Correct it, or remove it"));
                continue;
            }
            let document = files.iter().find(|other| other.path == resolved);
            let heads = document.is_none_or(|it| anchors(it.text()).contains(wanted));
            if !wanted.is_empty() && resolved.ends_with(".md") && !heads {
                let what = format!("the link {target} names a heading that is not there");
                faults.push(Fault::new(place, what, "Correct the part after #"));
            }
        }
    }
    faults
}

/// A target from the document's folder to a path from the root; none when it leaves the root.
fn resolve(document: &str, target: &str) -> Option<String> {
    if target.is_empty() {
        return Some(document.to_owned());
    }
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => document.split('/').collect(),
    };
    if !target.starts_with('/') {
        parts.pop();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Endings of the files that can name an example: code, and the tables and scripts of tests.
const READERS: [&str; 5] = [".rs", ".toml", ".txt", ".golden", ".snap"];

/// Every file under `events/` is named by code or by a test: an example that nothing reads grows
/// wrong unseen. Its name alone is enough where no other folder has the same.
#[must_use]
pub fn check_events(files: &[File]) -> Vec<Fault> {
    let reader = |file: &&File| {
        let ending = READERS.iter().any(|ending| file.path.ends_with(ending));
        // Under events/ itself only a table of what is expected of the examples counts.
        let example = file.path.starts_with("events/") && !file.path.ends_with(".toml");
        ending && !example && !file.path.starts_with("docs/")
    };
    let readers: Vec<&File> = files.iter().filter(reader).collect();
    let examples = || files.iter().filter_map(|file| file.path.strip_prefix("events/"));
    let mut faults = Vec::new();
    for path in examples() {
        let name = path.rsplit('/').next().unwrap_or_default();
        let alone = examples().filter(|other| other.rsplit('/').next() == Some(name)).count() == 1;
        let wanted = if alone { name } else { path };
        // A document that explains the folder is read by people, a dotfile by tools.
        let other = name.ends_with(".md") || name.starts_with('.');
        let read = other || readers.iter().any(|it| it.text().contains(wanted));
        if !read {
            let what = "no code or test names this example";
            let remedy = format!("Name {wanted} in a test that reads it, or delete it");
            faults.push(Fault::new(format!("events/{path}"), what, remedy));
        }
    }
    faults
}
