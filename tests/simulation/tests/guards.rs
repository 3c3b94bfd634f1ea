//! Every guard earns its place: a small life that holds, and fails once the guard is taken away. The
//! table of them stands in `docs/reliability.md`.

use std::collections::BTreeMap;
use std::path::Path;

use simulation::guards::Guard;
use simulation::life::Life;
use simulation::live::{End, live_without};
use simulation::run::on_a_deep_stack;
use simulation::story;

/// What is drawn besides the acts, such as references and the order of what falls on one instant, decides
/// nothing here: each life is lived under so many seeds.
const SEEDS: u64 = 5;

fn here(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The life of a guard.
fn life(guard: Guard) -> (String, Life) {
    let path = here(&format!("guards/{}.toml", guard.name()));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let first = text.lines().next().unwrap_or_default();
    let line = first.strip_prefix("# ").expect("a life says on top what goes wrong");
    let life = story::read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (line.to_owned(), life)
}

/// The table in the documents: guard, what goes wrong without it, and what does not hold then.
fn table() -> BTreeMap<String, [String; 2]> {
    let text = std::fs::read_to_string(here("../../docs/reliability.md")).expect("it is there");
    let begin = text.find("### Guards").expect("the guards have a section");
    let section = text[begin + 4..].split("\n### ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let mut cell = || cells.next().unwrap_or_default().trim_matches('`').to_owned();
        (cell(), [cell(), cell()])
    })
    .collect()
}

fn lived(life: &Life, without: Option<Guard>) -> Vec<End> {
    let seeds = (0..SEEDS).map(|seed| Life { seed, ..life.clone() });
    seeds.map(|life| live_without(&life, true, without)).collect()
}

#[test]
fn every_guard_earns_its_place() {
    let mut found = BTreeMap::new();
    for guard in Guard::ALL {
        let (name, (line, life)) = (guard.name(), life(guard));
        let (with, without) = on_a_deep_stack(|| (lived(&life, None), lived(&life, Some(guard))));
        for end in with {
            assert!(end.violation.is_none(), "{name} holds: {}", story::tell(&life, &end));
        }
        for end in without {
            let told = story::tell(&life, &end);
            let wrong = end.violation.unwrap_or_else(|| panic!("{name} is not needed: {told}"));
            let row = [line.clone(), wrong.invariant.to_owned()];
            let before = found.insert(name.to_owned(), row.clone());
            assert!(before.is_none_or(|it| it == row), "{name}: {told}");
        }
        println!("| `{name}` | {line} | {} |", found[name][1]);
    }
    assert_eq!(found, table(), "the table in docs/reliability.md is that of the guards");
}
