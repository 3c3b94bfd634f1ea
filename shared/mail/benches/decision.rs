//! From the bytes of a mail to what is to become of it, without what the store is asked: over all
//! examples, one figure for a mail and one for each KB.
//!
//! `cargo bench -p mail --bench decision` prints them beside the aim, and asserts nothing.

#![expect(clippy::disallowed_methods, reason = "a bench is what measures time")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::ClientId;
use domain::inbound::{Facts, ProofTerms, Seen, SenderKind, intent, proof};
use mail::inbound::{Stamp, Whose, content_digest, marks, parse, report, signs, verdicts};
use mail::outbound::Sender;
use mail::threading::Key;
use tests_hostile::damage::examples;

/// Each mail is read so often; the fastest counts, since nothing makes a machine faster than it is.
const ROUNDS: usize = 200;
/// The aim: microseconds for a mail, and for each KB of it.
const AIM: (f64, f64) = (15.0, 2.0);

fn main() {
    let ours = Sender::new("soporte", "soporte.millora.example", "https://m.example");
    let ours = ours.expect("the settings are sound");
    let keys = [7, 8].map(|id| Key::new(id, &[id; 32]).expect("it is long enough"));
    let client = ClientId::parse("NORT").expect("it is an id");
    // Kilobytes and microseconds of each.
    let points: Vec<(String, f64, f64)> = examples()
        .into_iter()
        .map(|(name, raw)| {
            let took = (0..ROUNDS).map(|_| once(&raw, &ours, &keys, &client)).min();
            let micros = took.unwrap_or_default().as_secs_f64() * 1e6;
            (name, raw.len() as f64 / 1024.0, micros)
        })
        .collect();
    let (each, per_kb) = line(&points);
    let over: Vec<_> = points.iter().filter(|(_, kb, us)| *us > AIM.0 + AIM.1 * kb).collect();
    let (kb, us) = points.iter().fold((0.0, 0.0), |sum, it| (sum.0 + it.1, sum.1 + it.2));
    let mails = points.len() as f64;
    println!("{mails} mails of {:.1} KB on average: {:.1} µs each", kb / mails, us / mails);
    println!(
        "fitted: {each:.1} µs + {per_kb:.2} µs per KB; the aim: {} µs + {} µs per KB",
        AIM.0, AIM.1
    );
    println!("over the aim: {}", over.len());
    for (name, kb, us) in over {
        println!("  {name}: {kb:.1} KB, {us:.1} µs");
    }
}

fn once(raw: &[u8], ours: &Sender, keys: &[Key], client: &ClientId) -> Duration {
    let start = Instant::now();
    if let Ok(mail) = parse(black_box(raw)) {
        let found = verdicts(&Stamp::of(&mail), None);
        let proof = proof(&found, mail.author.for_proof(), ProofTerms::default());
        let signs = signs(&mail, ours, None);
        let marks = marks(&mail, ours, None);
        let thread = mail.author.mailbox().map_or(domain::inbound::Thread::None, |it| {
            marks.belongs(keys, &it.address, Whose::Client(client)).thread
        });
        black_box((report(&mail, ours), content_digest(&mail)));
        let sender = SenderKind::Spoc;
        let facts = Facts { sender, proof, class: signs.class, thread, seen: Seen::New };
        black_box(intent(&facts));
    }
    start.elapsed()
}

/// The straight line that fits best: what a mail costs in any case, and what each KB adds.
fn line(points: &[(String, f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let mean = |of: fn(&(String, f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|it| it.1), mean(|it| it.2));
    let both: f64 = points.iter().map(|it| (it.1 - x) * (it.2 - y)).sum();
    let square: f64 = points.iter().map(|it| (it.1 - x).powi(2)).sum();
    let slope = both / square;
    (y - slope * x, slope)
}
