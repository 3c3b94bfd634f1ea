//! Nothing that people write comes into a log: canaries in every input of every function, also where the
//! input is wrong or the world does not answer, looked for in every line that the functions say at the
//! finest level that a deployment can set.

#![expect(clippy::unwrap_used, reason = "a helper of a test that panics is a failed test")]

mod http;
mod mail;

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use app::Failure as Trouble;
use app::memory::MailAnswer;
use app::memory::faults::{Edge, Failure, Script, Step};
use domain::{Instant, TimeDelta};
use serde_json::Value;
use tests_hostile::canaries::{Canaries, sightings};
use tests_scenarios::world::World;

/// So many canaries are given out.
const CANARIES: usize = 10_000;
/// Lines that show that each kind of trouble was met, and was told.
const SAID: [&str; 7] = [
    "a mail was taken",
    "a mail was not taken",
    "a mail is poison",
    "notice is dead",
    "a request could not be carried out now",
    "a request failed by our own fault",
    "swept what was due",
];

/// Everything that was logged, and what handlers told the platform.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    /// A handler failed: the platform logs its words.
    pub(crate) fn failed(&self, answer: Result<(), Trouble>) {
        if let Err(failure) = answer {
            writeln!(self.clone(), "{failure}").unwrap();
        }
    }
}

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Every so many calls to a port one fails, each time in another way.
pub(crate) struct Unwell(pub(crate) usize);

impl Script for Unwell {
    fn step(&self, number: usize, _: &'static str, edge: Edge) -> Step {
        if edge == Edge::After || number % self.0 != self.0 - 1 {
            return Step::Pass;
        }
        let ways = [Failure::Busy, Failure::Unknown, Failure::Rejected];
        Step::Fail(ways[number / self.0 % ways.len()])
    }
}

#[test]
fn no_line_holds_what_people_wrote() {
    let heard = Heard::default();
    let writer = heard.clone();
    let lines = aws::telemetry::lines("trace", "millora", move || writer.clone()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut canaries = Canaries::default();
    tracing::subscriber::with_default(lines, || {
        runtime.block_on(async {
            for round in 0.. {
                if canaries.given() >= CANARIES {
                    break;
                }
                day(&heard, &mut canaries, round).await;
            }
        });
    });
    let log = String::from_utf8(heard.0.lock().unwrap().clone()).unwrap();
    for said in SAID {
        assert!(log.contains(said), "nobody says: {said}");
    }
    let seen = sightings(&log);
    assert!(
        seen.is_empty(),
        "{} lines, such as\n{}",
        seen.len(),
        seen[..seen.len().min(5)].join("\n")
    );
    mails_are_found_from_their_cause(&log);
}

/// Every mail that went out is named by the line of what caused it.
fn mails_are_found_from_their_cause(log: &str) {
    let lines: Vec<Value> = log.lines().filter_map(|it| serde_json::from_str(it).ok()).collect();
    let told = |what: &'static str| lines.iter().filter(move |line| line["message"] == what);
    let caused: BTreeSet<_> = told("notices were recorded")
        .flat_map(|line| line["notices"].as_str().unwrap().split(' ').map(ToOwned::to_owned))
        .collect();
    let sent: Vec<_> = told("a notice was sent").map(|line| line["notice"].as_str()).collect();
    assert!(sent.len() > 100, "{} mails", sent.len());
    for notice in sent {
        assert!(caused.contains(notice.unwrap()), "nobody says why {notice:?} was sent");
    }
}

/// A day of a world: people ask and write, well and badly, while everything works, and while it does not.
async fn day(heard: &Heard, canaries: &mut Canaries, round: usize) {
    let start = Instant::parse_rfc3339("2026-11-20T10:00:00-06:00").unwrap();
    let mut world = World::in_memory(start).await;
    let answers = [
        MailAnswer::Take,
        MailAnswer::Refuse,
        MailAnswer::Retry,
        MailAnswer::Lose,
        MailAnswer::Take,
    ];
    for every in [0, 3 + round % 5, 11] {
        http::asked(&world, canaries, every).await;
        mail::written(&world, heard, canaries, every).await;
        world.env.mailer.answer_next(answers);
        world.settle().await;
        world.pass(TimeDelta::minutes(30)).await;
        mail::told(&world, heard, canaries).await;
        world.sweep().await;
    }
}
