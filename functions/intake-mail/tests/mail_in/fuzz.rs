//! Whatever bytes come, by either road, they end as one outcome and are kept as they came (G10, M7).
//!
//! The bytes are drawn, from the examples in `events/mail` and from nothing; a run is the same everywhere,
//! and says with a failure how to repeat it. `INTAKE_CASES` asks for more cases than the suite has time
//! for, `INTAKE_SEED` for those from another number on.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use app::inbound;
use app::memory::MemoryEnv;
use app::ports::Blobs as _;
use app::records::Answered;
use domain::inbound::Proof;
use mail::inbound::Receipt;
use tests_hostile::damage::{Draw, damaged, examples};

use super::kit::{asked, at, letter, notices, opened, record, run, tickets, world};

/// Cases in the suite.
const CASES: u64 = 2_000;
/// So many mails come into one world, so that they meet each other.
const CASES_A_WORLD: usize = 100;
/// One mail causes at most so many notices: two SPoCs' acknowledgement or digest, an offer, a page, a
/// word to the desk.
const NOTICES_A_MAIL_MAX: usize = 8;

const ANA: &str = "ana.lopez@ferreteria-nortena.example";
/// Envelope senders, what DMARC found, and the policy of the domain.
const SOURCES: [&str; 4] = [ANA, "raul.ortiz@textiles-puebla.example", "x@nadie.example", ""];
const FOUND: [(&str, &str); 5] =
    [("PASS", "none"), ("PASS", "reject"), ("GRAY", "none"), ("FAIL", "none"), ("FAIL", "reject")];

#[test]
fn any_bytes_end_as_one_outcome() {
    let (first, cases) = (asked("INTAKE_SEED", 0), asked("INTAKE_CASES", CASES));
    let mails = examples();
    let mut outcomes: BTreeMap<&'static str, u64> = BTreeMap::new();
    let seeds: Vec<u64> = (first..first + cases).collect();
    for seeds in seeds.chunks(CASES_A_WORLD) {
        let env = desk();
        for seed in seeds {
            let draw = &mut Draw::new(*seed);
            let raw = bytes(draw, &mails);
            let ended = catch_unwind(AssertUnwindSafe(|| ends(&env, draw, *seed, &raw)));
            let Ok(outcome) = ended else {
                let (from, many) = (seeds[0], seed - seeds[0] + 1);
                panic!("seed {seed}; again by INTAKE_SEED={from} INTAKE_CASES={many}");
            };
            *outcomes.entry(outcome).or_default() += 1;
        }
        let waiting = env.blobs.keys().into_iter().filter(|key| key.starts_with("inbound/"));
        assert_eq!(waiting.count(), 0);
    }
    println!("{outcomes:?}");
    assert!(cases < CASES || outcomes.len() >= 7, "many outcomes are reached: {outcomes:?}");
}

fn desk() -> MemoryEnv {
    let env = world("20T09:30");
    opened(&env, "NORT-7K2QX9RD-Y", "ana", &["teresa@despacho-ruiz.example"]);
    opened(&env, "NORT-M4HZ81TB-G", "ana", &[]);
    env.clock.set(at("2026-11-20T10:00:10-06:00"));
    env
}

/// A damaged example; now and then bytes that were no mail at any time, behind a header or behind none.
fn bytes(draw: &mut Draw, mails: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (_, mail) = &mails[draw.below(mails.len())];
    if draw.below(10) > 0 {
        return damaged(draw, mail, mails);
    }
    let head: &[u8] = [b"".as_slice(), b"From: a@b.example\r\n"][draw.below(2)];
    let noise = (0..draw.below(2_000)).map(|_| draw.number().to_le_bytes()[0]);
    head.iter().copied().chain(noise).collect()
}

/// Takes the mail by one road, then by both again.
fn ends(env: &MemoryEnv, draw: &mut Draw, seed: u64, raw: &[u8]) -> &'static str {
    let id = format!("f{seed}");
    let (told_before, tickets_before) = (notices(env).len(), tickets(env).len());
    let mut mail = letter(&id, SOURCES[draw.below(SOURCES.len())], "");
    (mail.dmarc, mail.policy) = FOUND[draw.below(FOUND.len())];
    let event = mail.event(at("2026-11-20T10:00:00-06:00")).to_string();
    let receipt = Receipt::all_in(&event).unwrap().remove(0);
    let receipt = (draw.below(2) == 0).then_some(&receipt);
    let taken = run(async {
        env.blobs.put(&format!("inbound/{id}"), raw).await.unwrap();
        inbound::take(env, &id, receipt).await.unwrap()
    });
    let (kept, status) = record(env, &id);
    assert_eq!((status, &kept.ticket), (taken.status, &taken.ticket));
    assert_eq!(run(env.blobs.get(&format!("done/{id}"))).unwrap().as_deref(), Some(raw));
    let proven = kept.finding.is_some_and(|it| matches!(it.proof, Proof::Proven(_)));
    let asked_at_home = status.word() == "held_unproven";
    assert!(proven || asked_at_home || kept.answered == Answered::Nothing, "{:?}", kept.answered);
    assert!(tickets(env).len() <= tickets_before + usize::from(proven));
    assert!(notices(env).len() <= told_before + NOTICES_A_MAIL_MAX);
    let before = (env.store.dump(), env.blobs.keys());
    for receipt in [receipt, None] {
        assert_eq!(run(inbound::take(env, &id, receipt)).unwrap(), taken);
    }
    assert!(before == (env.store.dump(), env.blobs.keys()), "again is no change");
    status.word()
}
