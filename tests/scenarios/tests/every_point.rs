//! Every script, with a crash at every side of every call of every run of a function in it, and every pair of
//! crashes in a run and the one after its crash: of one run in a hundred in the suite, of all with
//! `CRASH_PAIRS=all`. `SCRIPT` chooses scripts by a part of their name.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use app::memory::MemoryStore;
use tests_scenarios::play::play_in;
use tests_scenarios::script::Script;
use tests_scenarios::trial::{Trial, Tried};
use tests_scenarios::world::World;

/// In the suite the pairs of one run in so many are tried.
const ONE_IN: u64 = 100;
/// Scripts that are played at once.
const THREADS: usize = 2;
/// Which one, unless `CRASH_SEED` says another.
const SEED: u64 = 5;

/// The scripts, in the order of their numbers.
fn scripts() -> Vec<(String, Script)> {
    let only = std::env::var("SCRIPT").unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let entries = fs::read_dir(folder).expect("the scripts are there");
    let paths = entries.map(|entry| entry.expect("the scripts are there").path());
    let mut found: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "txt"))
        .filter(|path| path.to_string_lossy().contains(&only))
        .map(|path| {
            let text = fs::read_to_string(&path).expect("the scripts are there");
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (name, Script::parse(&text).unwrap_or_else(|faults| panic!("{faults}")))
        })
        .collect();
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found
}

fn tried(script: &Script, trial: Arc<Trial>) -> Tried {
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime starts").block_on(async {
            let start = script.steps.iter().find_map(|step| step.at);
            let start = start.expect("a script has a first moment");
            let mut world = World::new(MemoryStore::new(), start).await;
            let tried = Arc::clone(&trial);
            world.trial = Some(tried);
            play_in(world, script).await;
            trial.tried()
        })
    };
    // Several copies of a world in one future take more stack than a test's thread has.
    std::thread::scope(|scope| {
        let deep = std::thread::Builder::new().stack_size(32 << 20).spawn_scoped(scope, run);
        deep.expect("a thread starts").join().expect("nothing is lost")
    })
}

/// Whose turn it is next, and what the scripts that were played came to.
type Turns = Mutex<(usize, Vec<(usize, Tried)>)>;

/// Plays scripts until none is left.
fn plays(scripts: &[(String, Script)], turns: &Turns, one_in: u64, seed: u64) {
    loop {
        let place = {
            let mut turns = turns.lock().expect("nobody has failed");
            turns.0 += 1;
            turns.0 - 1
        };
        let Some((name, script)) = scripts.get(place) else { return };
        let trial = Arc::new(Trial::new(one_in, seed + 37 * place as u64));
        let found = tried(script, trial);
        println!("{name}: {found:?}");
        turns.lock().expect("nobody has failed").1.push((place, found));
    }
}

#[test]
fn a_crash_at_any_call_of_any_script_changes_nothing() {
    let setting = |name: &str| std::env::var(name).ok();
    let all = setting("CRASH_PAIRS").is_some_and(|it| it == "all");
    let seed = setting("CRASH_SEED").and_then(|it| it.parse().ok()).unwrap_or(SEED);
    let (scripts, turns) = (scripts(), Turns::default());
    let one_in = if all { 1 } else { ONE_IN };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| plays(&scripts, &turns, one_in, seed));
        }
    });
    let mut sum = Tried::default();
    let played = turns.into_inner().expect("nobody has failed").1;
    for (place, found) in &played {
        let name = &scripts[*place].0;
        assert_eq!(found.points, 2 * found.calls, "{name}: every side of every call");
        assert!(!all || found.pairs_tried == found.pairs, "{name}: every pair");
        sum.runs += found.runs;
        sum.calls += found.calls;
        sum.points += found.points;
        sum.pairs += found.pairs;
        sum.pairs_tried += found.pairs_tried;
        sum.waited += found.waited;
    }
    assert_eq!(played.len(), scripts.len(), "every script");
    let Tried { runs, calls, points, pairs, pairs_tried, waited } = sum;
    println!(
        "seed {seed}: {runs} runs, {points} of {} points, {pairs_tried} of {pairs} pairs",
        2 * calls
    );
    println!("after {waited} of them a lease had to pass");
    assert!(points > 0 && waited > 0);
}
