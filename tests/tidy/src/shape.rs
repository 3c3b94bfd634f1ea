//! The shape of the code: what a part may not name, and how long a file or a function may be.

use crate::fault::Fault;
use crate::files::File;

/// A file of Rust has at most so many lines.
pub const FILE_LINES_MAX: usize = 600;
/// A function outside tests has at most so many lines.
pub const FUNCTION_LINES_MAX: usize = 60;

/// Code that holds rules and decisions: it is handed time, chance and configuration.
const PURE: [&str; 4] =
    ["shared/domain/src/", "shared/app/src/", "shared/mail/src/", "shared/client-file/src/"];
/// Where a clock, a random source or the environment is read.
const IMPURE: [&str; 9] = [
    "Utc::now",
    "Local::now",
    "SystemTime",
    "Instant::now",
    "std::env",
    "env::var",
    "getrandom",
    "std::fs",
    "std::net",
];
/// What a handler leaves to whoever runs it.
const RUNTIME: [&str; 5] = ["tokio", "spawn(", "sleep(", "spawn_blocking", "async_std"];

/// The code of a file before its inline tests, with comments taken out.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.lines()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .map(|(number, line)| (number, line.split("//").next().unwrap_or_default()))
}

/// The rules, the use cases and the mails read no clock, no chance, no environment, no disk.
#[must_use]
pub fn check_purity(files: &[File]) -> Vec<Fault> {
    let pure = files.iter().filter(|file| PURE.iter().any(|it| file.path.starts_with(it)));
    let remedy = "Take it as an argument, or from a port of app";
    named(pure, &IMPURE, "reads the outside world", remedy)
}

/// Handlers and use cases neither spawn nor sleep nor name tokio (A9), so that a simulation can run
/// them.
#[must_use]
pub fn check_runtime(files: &[File]) -> Vec<Fault> {
    let handler = |file: &&File| {
        let function = file.path.starts_with("functions/") && file.path.contains("/src/");
        let shared = PURE.iter().any(|it| file.path.starts_with(it));
        let web = file.path.starts_with("shared/web/src/");
        file.is_rust() && (function && !file.path.ends_with("/main.rs") || shared || web)
    };
    let remedy = "Return a future and let main.rs, the bundle or the simulation run it";
    named(files.iter().filter(handler), &RUNTIME, "names the runtime", remedy)
}

/// The adapters that carry effects out, with the functions that may name them. Who does not name one is
/// not linked with it.
const SENDING: [(&str, &[&str]); 2] =
    [("SesMailer", &["outbox-relay", "sweep"]), ("EventBridgeSchedules", &["outbox-relay"])];

/// Only the functions that carry effects out name the adapters that do.
#[must_use]
pub fn check_sending(files: &[File]) -> Vec<Fault> {
    let remedy = "Commit a notice or a due entry instead: outbox-relay carries effects out";
    let mut faults = Vec::new();
    for (adapter, functions) in SENDING {
        let others = files.iter().filter(|file| {
            let theirs =
                functions.iter().any(|name| file.path.starts_with(&format!("functions/{name}/")));
            file.is_rust() && file.path.starts_with("functions/") && !theirs
        });
        faults.extend(named(others, &[adapter], "sends or schedules by itself", remedy));
    }
    faults
}

fn named<'a>(
    files: impl Iterator<Item = &'a File>,
    words: &[&str],
    what: &str,
    remedy: &str,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in files {
        for (number, line) in code(file) {
            for word in words.iter().filter(|word| line.contains(*word)) {
                let place = format!("{}:{number}", file.path);
                faults.push(Fault::new(place, format!("{what}: {word}"), remedy));
            }
        }
    }
    faults
}

/// No file of Rust is longer than [`FILE_LINES_MAX`], except for those named, each with its reason.
#[must_use]
pub fn check_length(files: &[File], exceptions: &[(&str, &str)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let lines = file.text().lines().count();
        let excepted = exceptions.iter().any(|(path, _)| *path == file.path);
        if lines > FILE_LINES_MAX && !excepted {
            let what = format!("{lines} lines; a file has at most {FILE_LINES_MAX}");
            faults.push(Fault::new(&file.path, what, "Split it by subject"));
        }
    }
    for (path, _) in exceptions {
        let short = files
            .iter()
            .find(|file| file.path == *path)
            .is_none_or(|file| file.text().lines().count() <= FILE_LINES_MAX);
        if short {
            let what = format!("{path} needs no exception");
            faults.push(Fault::new("the table of long files", what, "Take it out"));
        }
    }
    faults
}

/// No function outside tests is longer than [`FUNCTION_LINES_MAX`], except for those named by file and
/// name, each with its reason. The code is formatted, so a function ends at the brace that stands in
/// the column of its first line.
#[must_use]
pub fn check_functions(files: &[File], exceptions: &[(&str, &str, &str)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut used = Vec::new();
    let tested = |file: &&File| {
        let test = file.path.starts_with("tests/")
            || file.path.contains("/tests/")
            || file.path.contains("/benches/")
            || file.path.ends_with("/tests.rs");
        file.is_rust() && !test
    };
    for file in files.iter().filter(tested) {
        let lines: Vec<(usize, &str)> = code(file).collect();
        for (at, (number, line)) in lines.iter().enumerate() {
            let Some(name) = function_name(line) else { continue };
            let indent = &line[..line.len() - line.trim_start().len()];
            let closing = format!("{indent}}}");
            let length = lines[at..].iter().position(|(_, line)| line.trim_end() == closing);
            if line.trim_end().ends_with(['}', ';']) || length.is_none() {
                continue;
            }
            let length = length.unwrap_or_default() + 1;
            let excepted = (file.path.as_str(), name);
            if length > FUNCTION_LINES_MAX
                && exceptions.iter().any(|(path, name, _)| (*path, *name) == excepted)
            {
                used.push(excepted);
            } else if length > FUNCTION_LINES_MAX {
                let place = format!("{}:{number}", file.path);
                let what = format!("{name} has {length} lines, at most {FUNCTION_LINES_MAX}");
                faults.push(Fault::new(place, what, "Give its parts names of their own"));
            }
        }
    }
    for (path, name, _) in exceptions.iter().filter(|(path, name, _)| !used.contains(&(path, name)))
    {
        let what = format!("{name} needs no exception");
        faults.push(Fault::new(*path, what, "Take it out of the table of long functions"));
    }
    faults
}

fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    for word in ["pub ", "pub(crate) ", "pub(super) ", "const ", "async "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    name.split(['(', '<']).next()
}
