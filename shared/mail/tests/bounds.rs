//! How much memory a mail may take, counted by the allocator of this process: so its one test has it
//! for itself, and measures no time.

#![expect(clippy::unwrap_used, reason = "a helper of a test that panics is a failed test")]

use domain::inbound::{ProofTerms, proof};
use mail::inbound::{Stamp, content_digest, marks, parse, report, signs, verdicts};
use mail::outbound::Sender;
use tests_hostile::{bombs, damage};

#[global_allocator]
static COUNTED: dhat::Alloc = dhat::Alloc;

const MB: u64 = 1024 * 1024;
/// Beside twice its own bytes, a mail takes at most so much.
const MEMORY_MAX: u64 = 16 * MB;
/// What asks for more than this in all, one after the other, asks at most for so many times what half of
/// the mail asks for. Below, limits bound it, however it grows.
const ASKED_FREELY: u64 = MEMORY_MAX;
const GROWTH_MAX: u64 = 2;

/// All that is found in a mail before the store is asked who its sender is; whether it is one.
fn taken(raw: &[u8], ours: &Sender) -> bool {
    let Ok(mail) = parse(raw) else { return false };
    let found = verdicts(&Stamp::of(&mail), None);
    let _ = proof(&found, mail.author.for_proof(), ProofTerms::default());
    let _ = (signs(&mail, ours, None), marks(&mail, ours, None), report(&mail, ours));
    let _ = (content_digest(&mail), mail.text.visible());
    true
}

/// What reading a mail took: the most at once, beside the mail itself, and all that was asked for.
struct Memory {
    peak: u64,
    asked: u64,
}

fn measured(raw: &[u8], ours: &Sender) -> Memory {
    let profiler = dhat::Profiler::builder().testing().trim_backtraces(Some(4)).build();
    taken(raw, ours);
    let stats = dhat::HeapStats::get();
    drop(profiler);
    Memory { peak: u64::try_from(stats.max_bytes).unwrap(), asked: stats.total_bytes }
}

#[test]
fn a_mail_takes_little_more_memory_than_it_weighs() {
    let ours = Sender::new("soporte", "soporte.millora.example", "https://m.example").unwrap();
    let made = bombs::all().map(|bomb| (bomb.name.to_owned(), (bomb.made)()));
    let mut faults = Vec::new();
    for (name, raw) in made.chain(damage::examples()) {
        let whole = measured(&raw, &ours);
        let weight = raw.len() as u64;
        // The mail is held by whoever calls: it counts as once its bytes.
        if weight + whole.peak > 2 * weight + MEMORY_MAX {
            let peak = whole.peak / MB;
            faults.push(format!("{name}: {peak} MB for a mail of {} MB", weight / MB));
        }
        if whole.asked > ASKED_FREELY {
            let half = measured(&raw[..raw.len() / 2], &ours).asked;
            if whole.asked > GROWTH_MAX * half + MB {
                faults.push(format!("{name}: asks for {}, half of it for {half}", whole.asked));
            }
        }
        println!(
            "{name}: {} KB, peak {} KB, asked {} KB",
            weight / 1024,
            whole.peak / 1024,
            whole.asked / 1024
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
