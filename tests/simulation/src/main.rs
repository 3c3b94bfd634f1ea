//! `cargo run --release -p simulation -- --seeds N --jobs 2`: lives N lives and says whether everything
//! held that must hold.

use std::process::ExitCode;

use clap::Parser;
use simulation::guards::Guard;
use simulation::run::{self, Asked};

/// Lives many lives under faults, and checks what must hold.
#[derive(Debug, Parser)]
#[command(name = "simulation", version)]
struct Cli {
    /// How many lives.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many threads.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// This one life alone, told as a story.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// A life from a file, told as a story.
    #[arg(long, conflicts_with_all = ["seeds", "from", "seed"])]
    life: Option<std::path::PathBuf>,
    /// Where the short life of a failure is written.
    #[arg(long, default_value = "target/simulation")]
    keep: std::path::PathBuf,
    /// Go on after a failure.
    #[arg(long)]
    all: bool,
    /// Take this guard away.
    #[arg(long, value_parser = guard)]
    without: Option<Guard>,
    /// Look for each guard for the first life that fails without it.
    #[arg(long, conflicts_with_all = ["seed", "life", "without"])]
    guards: bool,
}

fn guard(name: &str) -> Result<Guard, String> {
    let names = || Guard::ALL.map(Guard::name).join(", ");
    Guard::parse(name).ok_or_else(|| format!("no guard has this name; there are {}", names()))
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match (&cli.life, cli.seed) {
        (Some(path), _) => run::tell_file(path, cli.without),
        (None, Some(seed)) => run::tell(seed, &cli.keep),
        (None, None) => {
            let seeds = cli.from..cli.from.saturating_add(cli.seeds);
            let Cli { jobs, keep, all, without, guards, .. } = cli;
            if guards {
                run::guards(&seeds, jobs)
            } else {
                run::many(&Asked { seeds, jobs, keep, all, without })
            }
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
