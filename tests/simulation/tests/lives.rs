//! A small fixed set of lives in every run of the tests; the long run is a command
//! (`docs/reliability.md`). `SIMULATION_SEEDS=from..to` lives others.

use simulation::generate;
use simulation::life::Weather;
use simulation::live::live;
use simulation::run::{self, live_all, on_a_deep_stack};
use simulation::{shrink, story};

/// The lives of every run.
const SEEDS: std::ops::Range<u64> = 0..20;

#[test]
fn everything_holds_in_a_small_set_of_lives() {
    let seeds = run::seeds_asked().unwrap_or(SEEDS);
    let total = live_all(seeds.clone(), 2, true, None);
    for (seed, end) in &total.failures {
        println!("{seed}: {:?}", end.violation);
    }
    if let Some((seed, _)) = total.failures.first_key_value() {
        on_a_deep_stack(|| {
            let short = shrink::shrink(&generate::life(*seed));
            println!("{}", story::tell(&short, &live(&short, true)));
        });
    }
    println!("{} seeds, {} events", total.seeds, total.events);
    assert_eq!(total.failures.len(), 0, "again: cargo run --release -p simulation -- --seed N");
    assert_eq!(total.seeds, seeds.end - seeds.start);
    assert!(total.compared > total.seeds / 2, "{} results were compared", total.compared);
}

/// The same seed gives the same trace, whatever else is lived beside it, and on whichever thread.
#[test]
fn a_seed_is_a_life_to_the_byte() {
    let alone = live_all(0..6, 1, true, None);
    let beside = live_all(0..6, 3, true, None);
    assert_eq!((alone.hash, alone.events), (beside.hash, beside.events));
    let other = live_all(1..7, 2, true, None);
    assert_ne!(alone.hash, other.hash);
}

/// A life can be written down, read, and lived again.
#[test]
fn a_life_is_a_file() {
    for seed in 0..200 {
        let life = generate::life(seed);
        let end = simulation::live::End {
            violation: None,
            events: 0,
            compared: 0,
            hash: 0,
            story: Vec::new(),
        };
        assert_eq!(story::read(&story::write(&life, &end)).unwrap(), life);
    }
}

/// Kinds of fault are all there, and some lives have none.
#[test]
fn lives_differ() {
    let lives: Vec<_> = (0..200).map(generate::life).collect();
    assert!(lives.iter().any(|life| life.weather == Weather::CALM));
    assert!(lives.iter().any(|life| life.weather == Weather::STORM));
    let acts: usize = lives.iter().map(|life| life.scenes.len()).sum();
    assert!(acts > 2000, "{acts}");
}

/// Lives in which something did not hold once. Each file says on top what was wrong.
#[test]
fn what_was_wrong_once_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/regressions");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|it| it == "toml")) {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.display();
        assert!(text.starts_with("# "), "{name} says on top what was wrong");
        let life = story::read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let end = on_a_deep_stack(|| live(&life, true));
        assert!(end.violation.is_none(), "{name}: {}", story::tell(&life, &end));
    }
}
