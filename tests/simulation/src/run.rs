//! Many lives on several threads, and one life as a story.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::generate;
use crate::guards::Guard;
use crate::life::Life;
use crate::live::{End, live, live_without};
use crate::shrink;
use crate::story;

/// The futures of whole handlers are deep.
const STACK_BYTES: usize = 64 << 20;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which lives.
    pub seeds: Range<u64>,
    /// On how many threads.
    pub jobs: usize,
    /// Where the short life of a failure is written.
    pub keep: PathBuf,
    /// Go on after a failure.
    pub all: bool,
    /// A guard that is taken away.
    pub without: Option<Guard>,
}

/// What came out of many lives.
#[derive(Debug, Default)]
pub struct Total {
    /// Lives.
    pub seeds: u64,
    /// Calls of functions.
    pub events: u64,
    /// Results that were compared with the oracle's.
    pub compared: u64,
    /// Of all traces, in whichever order they were lived.
    pub hash: u64,
    /// Lives in which something did not hold.
    pub failures: BTreeMap<u64, End>,
}

thread_local! {
    /// The seed of the life that this thread lives.
    static SEED: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Lives every seed of a range; stops after the first failure unless `all` is asked for.
///
/// # Panics
/// When a thread cannot be started.
#[must_use]
pub fn live_all(seeds: Range<u64>, jobs: usize, all: bool, without: Option<Guard>) -> Total {
    let (next, stop) = (AtomicU64::new(seeds.start), AtomicBool::new(false));
    let total = Mutex::new(Total::default());
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            SEED.set(Some(seed));
            let end = live_without(&generate::life(seed), false, without);
            let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
            total.seeds += 1;
            total.events += end.events;
            total.compared += end.compared;
            total.hash = total.hash.wrapping_add(end.hash);
            if end.violation.is_some() {
                stop.store(!all, Ordering::Relaxed);
                total.failures.insert(seed, end);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            thread.spawn_scoped(scope, work).expect("a thread starts");
        }
    });
    total.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The lives that `SIMULATION_SEEDS=from..to` asks for.
///
/// # Panics
/// When these are no numbers.
#[must_use]
pub fn seeds_asked() -> Option<Range<u64>> {
    let asked = std::env::var("SIMULATION_SEEDS").ok()?;
    let (from, to) = asked.split_once("..")?;
    let number = |text: &str| text.parse().expect("SIMULATION_SEEDS is from..to");
    Some(number(from)..number(to))
}

/// Calls something on a stack that is deep enough for whole handlers.
///
/// # Panics
/// When the thread cannot be started, or when what is called panics.
pub fn on_a_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK_BYTES);
        let thread = thread.spawn_scoped(scope, work).expect("a thread starts");
        thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}

/// Lives many lives, tells the first failure, and ends with a line of figures; whether everything held.
///
/// # Errors
/// When a failure's life cannot be written down.
pub fn many(asked: &Asked) -> Result<bool, String> {
    say_the_seed_of_a_panic();
    let begun = now();
    let total = live_all(asked.seeds.clone(), asked.jobs, asked.all, asked.without);
    let seconds = begun.elapsed().as_secs_f64();
    if asked.all {
        for (seed, end) in &total.failures {
            if let Some(violation) = &end.violation {
                println!("{seed}: {}: {}", violation.invariant, violation.found);
            }
        }
    }
    if asked.without.is_none()
        && let Some((seed, _)) = total.failures.first_key_value()
    {
        on_a_deep_stack(|| failed(&generate::life(*seed), &asked.keep))?;
    }
    let (seeds, events, violations) = (total.seeds, total.events, total.failures.len());
    let rate = events as f64 / seconds.max(0.001);
    println!(
        "hash {:016x}; {} results compared with the oracle's; {seconds:.1} s, {:.1} seeds per second",
        total.hash,
        total.compared,
        seeds as f64 / seconds.max(0.001)
    );
    println!(
        "{seeds} seeds, {events} events, {rate:.0} events per second, {violations} violations"
    );
    Ok(violations == 0)
}

/// Looks for each guard for the first life that fails without it, and prints the table; whether each
/// was needed.
///
/// # Errors
/// Never.
pub fn guards(seeds: &Range<u64>, jobs: usize) -> Result<bool, String> {
    say_the_seed_of_a_panic();
    let mut all_needed = true;
    println!("| guard | first life that fails without it | what does not hold |");
    println!("|---|---|---|");
    for guard in Guard::ALL {
        let total = live_all(seeds.clone(), jobs, false, Some(guard));
        let first = total.failures.first_key_value();
        let found = first.and_then(|(seed, end)| Some((*seed, end.violation.as_ref()?.invariant)));
        match found {
            Some((seed, invariant)) => println!("| {} | {seed} | {invariant} |", guard.name()),
            None => println!("| {} | none of {} | |", guard.name(), total.seeds),
        }
        all_needed &= found.is_some();
    }
    Ok(all_needed)
}

/// Lives one life and tells it; whether everything held.
///
/// # Errors
/// When a failure's life cannot be written down.
pub fn tell(seed: u64, keep: &Path) -> Result<bool, String> {
    say_the_seed_of_a_panic();
    SEED.set(Some(seed));
    on_a_deep_stack(|| {
        let life = generate::life(seed);
        let end = live(&life, true);
        println!("{}", story::tell(&life, &end));
        if end.violation.is_some() {
            failed(&life, keep)?;
        }
        Ok(end.violation.is_none())
    })
}

/// Lives the life of a file, with a guard taken away where one is named, and tells it; whether
/// everything held.
///
/// # Errors
/// When the file cannot be read.
pub fn tell_file(path: &Path, without: Option<Guard>) -> Result<bool, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let life = story::read(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    on_a_deep_stack(|| {
        let end = live_without(&life, true, without);
        println!("{}", story::tell(&life, &end));
        Ok(end.violation.is_none())
    })
}

/// Cuts a life that failed down, tells it, and keeps it.
fn failed(life: &Life, keep: &Path) -> Result<(), String> {
    let short = shrink::shrink(life);
    let end = live(&short, true);
    println!("{}", story::tell(&short, &end));
    let path = keep.join(format!("{}.toml", life.seed));
    let write = || {
        std::fs::create_dir_all(keep)?;
        std::fs::write(&path, story::write(&short, &end))
    };
    write().map_err(|error| format!("{}: {error}", path.display()))?;
    println!("The whole life again:   cargo run --release -p simulation -- --seed {}", life.seed);
    println!(
        "This short one again:   cargo run --release -p simulation -- --life {}",
        path.display()
    );
    println!(
        "To keep it: move the file to tests/simulation/regressions and say on top what was wrong."
    );
    Ok(())
}

/// A panic says in which life it happened.
fn say_the_seed_of_a_panic() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        usual(info);
        if let Some(seed) = SEED.get() {
            eprintln!(
                "in the life of seed {seed}: cargo run --release -p simulation -- --seed {seed}"
            );
        }
    }));
}

#[expect(clippy::disallowed_methods, reason = "how fast it goes is told, and decides nothing")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}
