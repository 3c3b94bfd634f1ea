//! `docs/traceability.md`: every rule of the agreement has a row that leads to code and to a test.

use crate::fault::Fault;
use crate::files::File;

/// The document.
pub const DOCUMENT: &str = "docs/traceability.md";

/// Every rule, in the order of the agreement's clauses. A rule's id starts with its clause; G holds
/// everywhere, M is about mail that comes in.
pub const RULES: &[&str] = &[
    "G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "G11", "G12", "G13", "G14", "G15",
    "0.1", "1.1", "1.2", "1.2a", "1.3", "1.4", "1.5", "2.1", "2.1a", "2.2", "3.1", "3.2", "4.1",
    "4.2", "4.3", "4.4", "4.5", "5.1", "5.2", "5.3", "5.4", "5.5", "6.1", "6.2", "6.3", "6.4",
    "6.5", "6.6", "7.1", "7.2", "7.2a", "7.3", "7.4", "7.4a", "7.5", "7.6", "7.7", "7.8", "7.9",
    "7.10", "8", "9.0", "9.0a", "9.1", "9.2", "9.3", "9.4", "9.5", "9.6", "9.7", "9.8", "10.1",
    "10.2", "10.2a", "10.3", "10.4", "10.5", "10.6", "10.7", "10.8", "11", "12.1", "13", "14",
    "15.1", "15.2", "15.3", "M1", "M1a", "M2", "M3", "M4", "M5", "M6", "M7",
];

/// What a row says where there is no code yet.
const NOT_BUILT: &str = "Not built";

/// A row of the document.
struct Row<'a> {
    line: usize,
    rule: &'a str,
    code: &'a str,
    test: &'a str,
}

fn rows(document: &str) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for (at, line) in document.lines().enumerate() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let ["", _, rule, code, test, ""] = cells.as_slice()
            && let Some(rule) = rule.strip_prefix("**").and_then(|it| it.strip_suffix("**"))
        {
            rows.push(Row { line: at + 1, rule, code, test });
        }
    }
    rows
}

/// A link into the repository and what follows it: the path from the root, and the rest of the cell.
fn links(cell: &str) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    let mut rest = cell;
    while let Some(start) = rest.find("](../") {
        let after = &rest[start + 5..];
        let Some(end) = after.find(')') else { break };
        found.push((after[..end].to_owned(), &after[end + 1..]));
        rest = &after[end + 1..];
    }
    found
}

/// Checks the rows: each rule once, code that is there and cites the rule, tests that are there.
#[must_use]
pub fn check(document: &str, files: &[File]) -> Vec<Fault> {
    let rows = rows(document);
    let mut faults = Vec::new();
    for rule in RULES {
        let count = rows.iter().filter(|row| row.rule == *rule).count();
        if count != 1 {
            let what = format!("the rule {rule} has {count} rows");
            faults.push(Fault::new(DOCUMENT, what, "Give it one row"));
        }
    }
    for row in &rows {
        let place = format!("{DOCUMENT}:{}", row.line);
        if !RULES.contains(&row.rule) {
            let what = format!("there is no rule {}", row.rule);
            faults.push(Fault::new(&place, what, "Correct the id"));
        }
        check_code(row, &place, files, &mut faults);
        check_tests(row, &place, files, &mut faults);
    }
    faults
}

fn check_code(row: &Row<'_>, place: &str, files: &[File], faults: &mut Vec<Fault>) {
    let code = links(row.code);
    if code.is_empty() && !row.code.contains(NOT_BUILT) {
        let what = format!("the rule {} names no code", row.rule);
        faults.push(Fault::new(
            place,
            what,
            "Link the file, or say \"Not built\" and what brings it",
        ));
    }
    for (path, _) in code {
        match files.iter().find(|file| file.path == path) {
            None => {
                let what = format!("{path} is not there");
                faults.push(Fault::new(place, what, "Correct the link"));
            }
            // What holds everywhere is cited where it is least obvious, and templates cite nothing.
            Some(file) if !file.is_rust() || row.rule.starts_with('G') => {}
            Some(file) if !cites(file.text(), row.rule) => {
                let what = format!("{path} does not cite the rule {}", row.rule);
                faults.push(Fault::new(place, what, "Cite it in a comment, or link another file"));
            }
            Some(_) => {}
        }
    }
}

fn check_tests(row: &Row<'_>, place: &str, files: &[File], faults: &mut Vec<Fault>) {
    let tests = links(row.test);
    if tests.is_empty() && !row.code.contains(NOT_BUILT) {
        let what = format!("the rule {} names no test", row.rule);
        faults.push(Fault::new(place, what, "Link one, with ::name behind it"));
    }
    for (path, rest) in tests {
        faults.extend(missing_test(&path, rest, place, files));
    }
}

/// What is wrong with a link to a test: its file, or the name behind it.
fn missing_test(path: &str, rest: &str, place: &str, files: &[File]) -> Option<Fault> {
    let Some(file) = files.iter().find(|file| file.path == path) else {
        return Some(Fault::new(place, format!("{path} is not there"), "Correct the link"));
    };
    // A script of a scenario is a test as a whole.
    if !file.is_rust() {
        return None;
    }
    let name = rest.strip_prefix("::").unwrap_or_default();
    let is_letter = |c: &char| c.is_alphanumeric() || *c == '_';
    let name: String = name.chars().take_while(is_letter).collect();
    let is_there = !name.is_empty() && file.text().contains(&format!("fn {name}("));
    (!is_there).then(|| {
        let what = format!("{path} has no test \"{name}\"");
        Fault::new(place, what, "Write its name behind the link, after ::")
    })
}

/// The document that tells what stands against whom.
pub const THREATS: &str = "docs/threat-model.md";

/// Every threat names what stands against it, by file, and a test that is there.
#[must_use]
pub fn check_threats(document: &str, files: &[File]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, line) in document.lines().enumerate() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", threat, _, defence, test, ""] = cells.as_slice() else { continue };
        if !threat.starts_with("**") {
            continue;
        }
        let place = format!("{THREATS}:{}", at + 1);
        for (cell, what) in [(defence, "no file stands against it"), (test, "no test shows it")] {
            if links(cell).is_empty() {
                faults.push(Fault::new(&place, format!("{threat}: {what}"), "Link it"));
            }
        }
        let tests = links(test);
        faults.extend(
            tests.iter().filter_map(|(path, rest)| missing_test(path, rest, &place, files)),
        );
    }
    faults
}

/// Whether a text names a rule by its id, alone or as an end of a range such as `7.1–7.4`; the ids
/// of one clause inside a range count as named.
#[must_use]
pub fn cites(text: &str, rule: &str) -> bool {
    let mut ids = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
        .map(|id| id.trim_matches('.'));
    ids.any(|id| id == rule) || in_a_range(text, rule)
}

fn in_a_range(text: &str, rule: &str) -> bool {
    let Some((clause, number)) = split(rule) else { return false };
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || "(),;".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let spelled = words.windows(3).filter(|three| three[1] == "to").map(|it| (it[0], it[2]));
    let dashed = words.iter().filter_map(|word| word.split_once('–'));
    spelled.chain(dashed).any(|(from, to)| {
        let ends = (split(from.trim_matches('.')), split(to.trim_matches('.')));
        matches!(ends, (Some((one, first)), Some((other, last)))
            if one == clause && other == clause && (first..=last).contains(&number))
    })
}

/// Clause and number of an id such as `7.10`; a letter behind it belongs to the number before.
fn split(rule: &str) -> Option<(&str, u8)> {
    let (clause, number) = rule.split_once('.')?;
    number.parse().ok().map(|number| (clause, number))
}
