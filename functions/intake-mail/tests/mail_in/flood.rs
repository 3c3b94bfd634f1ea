//! Many mails that claim who they are not: nobody is answered, the desk is told a few times, and nothing
//! grows but the list of what came (M1, M1a, M5).

use std::collections::BTreeMap;

use app::memory::MemoryEnv;
use app::records::{Answered, MailStatus};

use super::kit::{Letter, letter, notices, opened, record, since, solved, world};

/// Mails in the suite; `FLOOD_MAILS` asks for more.
const MAILS: usize = 4_000;
/// All of them come within this time.
const WITHIN_MS: usize = 3_599_000;
/// The desk hears of so many mails because of an address of a SPoC, of each at most two things, and so
/// often because of all others.
const ALERTS_AN_ADDRESS: usize = 2 * 5;
const ALERTS_OF_OTHERS: usize = 200;
/// A question lists so many mails.
const QUESTION_MAILS: usize = 100;
/// Registered addresses that are claimed.
const CLAIMED: [&str; 3] = [
    "ana.lopez@ferreteria-nortena.example",
    "jorge.medina@ferreteria-nortena.example",
    "raul.ortiz@textiles-puebla.example",
];
/// What is kept besides the mails may weigh so much: counters, one question for each address.
const KEPT_BYTES_MAX: usize = 100_000;

/// A mail of somebody else under a name that is not his.
fn spoofed(n: usize) -> Letter {
    let (id, subject) = (format!("s{n}"), format!("Asunto {n}"));
    let known = CLAIMED[n / 8 % CLAIMED.len()];
    let about = "Re: [NORT-7K2QX9RD-Y] No timbra";
    let mail = match n % 8 {
        0 => letter(&id, known, &subject),
        1 => letter(&id, known, about),
        2 => letter(&id, known, &subject).with("List-Id: <todos.example>"),
        3 => letter(&id, &format!("k{n}@ferreteria-nortena.example"), about),
        4 => letter(&id, &format!("x{n}@nadie.example"), about),
        5 => letter(&id, &format!("x@n{n}.example"), &subject),
        6 => letter(&id, "lucia.campos@millora.example", about),
        _ => letter(&id, known, &subject).with("Auto-Submitted: auto-replied"),
    };
    let mut mail = mail.unproven();
    (mail.dmarc, mail.policy) =
        [("FAIL", "none"), ("GRAY", "none"), ("FAIL", "reject"), ("PROCESSING_FAILED", "none")]
            [n / 24 % 4];
    mail
}

/// How much lies in the table that is no record of one mail.
fn kept_besides(env: &MemoryEnv) -> usize {
    let items = env.store.dump();
    let besides =
        items.iter().filter(|it| !["IN#", "D#"].iter().any(|of| it.key.pk.starts_with(of)));
    besides.map(|it| it.doc.len()).sum()
}

#[test]
fn a_flood_of_spoofed_mails_answers_nobody() {
    let mails = std::env::var("FLOOD_MAILS").ok().and_then(|it| it.parse().ok()).unwrap_or(MAILS);
    let env = world("20T09:00");
    let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
    solved(&env, &reference);
    let (start, before) = (kept_besides(&env), notices(&env));
    let step = u32::try_from(WITHIN_MS / mails).unwrap();
    let mut outcomes = BTreeMap::<&str, usize>::new();
    for n in 0..mails {
        let taken = spoofed(n).arrives(&env);
        assert_eq!(taken.ticket, None, "{n} becomes no message");
        let (kept, status) = record(&env, &format!("s{n}"));
        *outcomes.entry(status.word()).or_default() += 1;
        let is_asked = status == MailStatus::HeldUnproven;
        assert!(is_asked || kept.answered == Answered::Nothing, "{n}: {:?}", kept.answered);
        env.clock.advance_ms(step);
    }
    println!("{mails} mails: {outcomes:?}");
    assert!(
        outcomes["held_unproven"] <= CLAIMED.len() * QUESTION_MAILS,
        "the others are set aside"
    );
    let told = since(&env, &before);
    let (desk, others): (Vec<String>, _) = told.into_iter().partition(|it| it.ends_with("to desk"));
    assert!(desk.len() <= CLAIMED.len() * ALERTS_AN_ADDRESS + ALERTS_OF_OTHERS, "{}", desk.len());
    assert!(others.iter().all(|it| it.starts_with("question to ")), "{others:?}");
    assert_eq!(others.len(), CLAIMED.len(), "each address is asked once: {others:?}");
    let kept = kept_besides(&env) - start;
    assert!(kept < KEPT_BYTES_MAX, "{kept} bytes besides the mails");
}
