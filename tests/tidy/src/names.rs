//! Names of code in documents: what a walk-through calls must be there, and what it types.

use crate::fault::Fault;
use crate::files::File;

/// Crates by the name under which a path starts, and the folder of their sources.
const CRATES: &[(&str, &str)] = &[
    ("domain", "shared/domain/src/"),
    ("app", "shared/app/src/"),
    ("bank_file", "shared/bank-file/src/"),
    ("client_file", "shared/client-file/src/"),
    ("mail", "shared/mail/src/"),
    ("web", "shared/web/src/"),
    ("aws", "shared/aws/src/"),
    ("intake_http", "functions/intake-http/src/"),
    ("intake_mail", "functions/intake-mail/src/"),
    ("desk", "functions/desk/src/"),
    ("sla_timer", "functions/sla-timer/src/"),
    ("auto_close", "functions/auto-close/src/"),
    ("payment_due", "functions/payment-due/src/"),
    ("payment_webhook", "functions/payment-webhook/src/"),
    ("renewal_notice", "functions/renewal-notice/src/"),
    ("outbox_relay", "functions/outbox-relay/src/"),
    ("mail_events", "functions/mail-events/src/"),
    ("sweep", "functions/sweep/src/"),
];

/// Every path in code type (`app::execute::open`, `View::clocks`) of a document: its last name is a
/// word of that crate's code, or, after a type, of any.
#[must_use]
pub fn check(document: &File, files: &[File]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (number, line) in document.lines() {
        for name in line.split('`').skip(1).step_by(2).filter(|name| is_path(name)) {
            let first = name.split("::").next().unwrap_or_default();
            let last = name.rsplit("::").next().unwrap_or_default();
            let folder = CRATES.iter().find(|(known, _)| *known == first);
            let typed = first.starts_with(char::is_uppercase);
            let place = format!("{}:{number}", document.path);
            let there = match folder {
                Some((_, folder)) => is_word(files, folder, last),
                None if typed => is_word(files, "", first) && is_word(files, "", last),
                None => {
                    let what = format!("`{name}` starts with no crate and no type");
                    faults.push(Fault::new(place, what, "Spell the whole path"));
                    continue;
                }
            };
            if !there {
                let what = format!("`{name}` is not there");
                faults.push(Fault::new(place, what, "Tell what the code does now"));
            }
        }
    }
    faults
}

fn is_path(text: &str) -> bool {
    text.contains("::") && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':')
}

fn is_word(files: &[File], folder: &str, word: &str) -> bool {
    let mut sources = files.iter().filter(|file| file.is_rust() && file.path.starts_with(folder));
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    sources.any(|file| file.text().split(|c| !letter(c)).any(|found| found == word))
        || files.iter().any(|file| file.path == format!("{folder}{word}.rs"))
}

/// Every command that a document types at a prompt (`$ millora desk work --view missed`) is one that
/// the program's sources know: its group has a file, its name and its options stand there.
#[must_use]
pub fn check_commands(document: &File, files: &[File]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (number, line) in document.lines() {
        let Some((before, typed)) = line.split_once("millora ") else { continue };
        if !(before.starts_with("$ ") && (before == "$ " || before.ends_with("| "))) {
            continue;
        }
        let plain = typed.split('"').step_by(2).flat_map(str::split_whitespace);
        let words: Vec<&str> = plain.collect();
        let group = words.first().copied().unwrap_or_default();
        let names = words.iter().skip(1).take(1).filter(|word| is_name(word));
        let options = words.iter().filter_map(|word| word.strip_prefix("--"));
        let wanted = std::iter::once(group).chain(names.copied()).chain(options);
        for word in wanted {
            let spelled = [snake(word), pascal(word)];
            if !spelled.iter().any(|word| is_word(files, "infra/local/src/cli/", word)) {
                let place = format!("{}:{number}", document.path);
                let what = format!("millora knows no \"{word}\"");
                faults.push(Fault::new(place, what, "Type what the program understands now"));
            }
        }
    }
    faults
}

fn is_name(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
}

fn snake(word: &str) -> String {
    word.replace('-', "_")
}

fn pascal(word: &str) -> String {
    let parts = word.split('-').map(|part| {
        let mut letters = part.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    parts.collect()
}
