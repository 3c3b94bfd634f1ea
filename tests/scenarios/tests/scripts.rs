//! Every script, on both stores, against its golden transcript; and what lies in the two tables at the end, item
//! by item.
//!
//! `UPDATE_GOLDEN=1 cargo test -p tests-scenarios --test scripts` writes the transcripts anew.

use std::fs;
use std::path::{Path, PathBuf};

use app::item::Item;
use app::memory::MemoryStore;
use app::ports::Store;
use tests_conformance::embedded;
use tests_scenarios::play::play_in;
use tests_scenarios::script::Script;
use tests_scenarios::world::World;

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let entries = fs::read_dir(folder)
        .expect("the scripts are there")
        .map(|entry| entry.expect("the scripts are there").path());
    let mut found: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|it| it == "txt")).collect();
    found.sort();
    found
}

fn read(path: &Path) -> Script {
    let text = fs::read_to_string(path).expect("the scripts are there");
    Script::parse(&text).unwrap_or_else(|faults| panic!("{}:\n{faults}", path.display()))
}

/// Plays a script on a thread of its own: a whole world in one future takes more stack, in a build without
/// optimisation, than a test's thread has.
fn on_a_deep_stack<T: Send, F: Future<Output = T>>(work: impl FnOnce() -> F + Send) -> T {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime starts").block_on(work())
    };
    std::thread::scope(|scope| {
        let deep = std::thread::Builder::new().stack_size(16 << 20).spawn_scoped(scope, run);
        deep.expect("a thread starts").join().expect("the script is played")
    })
}

/// Plays a script: what was written down, and everything that lies in the table at the end.
async fn lived<S: Store + Clone + 'static>(store: S, script: &Script) -> (String, Vec<Item>) {
    let start = script.steps.iter().find_map(|step| step.at).expect("a script has a first moment");
    let world = World::new(store, start).await;
    let table = world.env.store.clone();
    let text = play_in(world, script).await;
    (text, table.items().await)
}

/// The first item that is not the same in both tables.
fn different(expected: &[Item], found: &[Item]) -> Option<String> {
    if expected.len() != found.len() {
        return Some(format!("{} items, not {}", found.len(), expected.len()));
    }
    let both = expected.iter().zip(found).find(|(one, other)| one != other)?;
    Some(format!("the table holds\n    {:?}\n  and not\n    {:?}", both.1, both.0))
}

fn differences(golden: &str, text: &str) -> String {
    let first = golden.lines().zip(text.lines()).position(|(a, b)| a != b);
    let at = first.unwrap_or(golden.lines().count().min(text.lines().count()));
    let around = |text: &str| {
        text.lines().skip(at.saturating_sub(2)).take(8).collect::<Vec<_>>().join("\n    ")
    };
    format!("línea {}\n  antes:\n    {}\n  ahora:\n    {}", at + 1, around(golden), around(text))
}

fn compare(path: &Path, text: &str, update: bool) -> Result<(), String> {
    let golden_path = path.with_extension("golden");
    let golden = fs::read_to_string(&golden_path).unwrap_or_default();
    if update {
        fs::write(&golden_path, text).expect("the scripts are there");
        return Ok(());
    }
    if golden == text {
        return Ok(());
    }
    Err(format!("{}: {}", golden_path.display(), differences(&golden, text)))
}

#[test]
fn scripts_in_memory() {
    let only = std::env::var("SCRIPT").unwrap_or_default();
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut faults = Vec::new();
    for path in scripts().iter().filter(|path| path.to_string_lossy().contains(&only)) {
        println!("{}", path.display());
        let script = read(path);
        let (text, _) = on_a_deep_stack(|| lived(MemoryStore::new(), &script));
        faults.extend(compare(path, &text, update).err());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn scripts_on_the_production_adapter() {
    let only = std::env::var("SCRIPT").unwrap_or_default();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        // The store in memory writes the transcripts; this one has to agree with them afterwards.
        return;
    }
    let mut faults = Vec::new();
    for path in scripts().iter().filter(|path| path.to_string_lossy().contains(&only)) {
        println!("{}", path.display());
        let script = read(path);
        let (text, table) = on_a_deep_stack(|| async { lived(embedded().await, &script).await });
        faults.extend(compare(path, &text, false).err());
        let (_, expected) = on_a_deep_stack(|| lived(MemoryStore::new(), &script));
        faults.extend(different(&expected, &table).map(|it| format!("{}: {it}", path.display())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_script_that_cannot_be_understood_names_its_lines() {
    let faults =
        Script::parse("# t\nvie 2026-11-21 10:00  estado\nlun 2026-11-23 10:00  Ana canta");
    let faults = faults.unwrap_err();
    assert!(faults.contains("línea 2: el 2026-11-21 es sáb, no vie"), "{faults}");
    assert!(faults.contains("línea 3: un contacto no sabe «canta»"), "{faults}");
}
