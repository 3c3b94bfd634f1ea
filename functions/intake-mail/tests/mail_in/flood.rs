//! Many mails at once. Those that claim who they are not: nobody is answered, the desk is told a few times,
//! and nothing grows but the list of what came (M1, M1a, M5). Those of one client: each becomes what it would
//! be alone, and the last one costs what the first one does.

use std::collections::BTreeMap;

use app::memory::MemoryEnv;
use app::ports::Clock as _;
use app::records::{Answered, MailStatus};
use app::sweep;
use domain::TimeDelta;

use super::kit::{
    Letter, asked, letter, notices, opened, record, run, since, solved, tickets, world,
};

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
    let mails = asked("FLOOD_MAILS", MAILS);
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

/// Mails of one client in the suite; `CROWD_MAILS` asks for more.
const CROWD: usize = 1_600;
/// All of them come within a minute.
const MINUTE_MS: usize = 60_000;
/// So many of their events are lost.
const LOST_EVERY: usize = 16;
/// The largest item may weigh so much, in bytes: what lists mails lists a limited number of them.
const ITEM_BYTES_MAX: usize = 12_000;

/// A mail of one client: requests, answers on a ticket, the same once more, a colleague's, one that proves
/// nothing, an automatic one.
fn crowded(n: usize) -> (Letter, MailStatus) {
    let (id, subject) = (format!("c{n}"), format!("Asunto {n}"));
    let (ana, beto) = (CLAIMED[0], "beto@ferreteria-nortena.example");
    let about = "Re: [NORT-7K2QX9RD-Y] No timbra";
    match n % 8 {
        0..3 => (letter(&id, ana, &subject), MailStatus::Ticket),
        3 => (letter(&id, beto, about), MailStatus::Reply),
        4 => {
            let before = letter(&format!("c{}", n - 4), ana, &format!("Asunto {}", n - 4));
            let header = format!("Message-ID: <c{}@correo.example>", n - 4);
            let mut again = before.with(&header);
            again.id = id;
            (again, MailStatus::Duplicate)
        }
        5 => {
            let karla = format!("k{}@ferreteria-nortena.example", n % 3);
            (letter(&id, &karla, &subject), MailStatus::HeldColleague)
        }
        6 => (letter(&id, ana, &subject).unproven(), MailStatus::HeldUnproven),
        _ => {
            let away = letter(&id, ana, about).with("Auto-Submitted: auto-replied");
            (away, MailStatus::Note)
        }
    }
}

/// G10, M5: of ten thousand mails of one client in a minute none is lost, whether its event came or not; his
/// colleagues and his SPoCs are told a few times; and no mail costs more for those before it.
#[test]
fn a_flood_of_one_client_loses_nothing_and_costs_what_it_is() {
    let mails = asked("CROWD_MAILS", CROWD);
    let env = world("20T09:00");
    let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
    solved(&env, &reference);
    let before = notices(&env);
    let mut quarters = Vec::new();
    for quarter in 0..4 {
        let units = env.store.units();
        for n in (quarter * mails / 4)..((quarter + 1) * mails / 4) {
            let (mail, _) = crowded(n);
            if n % LOST_EVERY == LOST_EVERY - 1 {
                run(mail.stored(&env));
            } else {
                mail.arrives(&env);
            }
            env.clock.advance_ms(u32::from(n % mails.div_ceil(MINUTE_MS).max(1) == 0));
        }
        let now = env.store.units();
        quarters.push((now.write - units.write, now.read_halves - units.read_halves));
    }
    let mut sweeps = 0;
    while env.blobs.oldest("inbound/").is_some() {
        env.clock.set(env.clock.now() + TimeDelta::minutes(5));
        run(sweep::sweep(&env)).unwrap();
        sweeps += 1;
        assert!(sweeps <= mails / LOST_EVERY / 100 + 2, "every sweep takes a hundred");
    }
    let mut outcomes = BTreeMap::<&str, usize>::new();
    let mut asked = 0;
    for n in 0..mails {
        let (mail, expected) = crowded(n);
        let (_, status) = record(&env, &mail.id);
        *outcomes.entry(status.word()).or_default() += 1;
        let listed = asked < QUESTION_MAILS;
        let unlisted = expected == MailStatus::HeldUnproven && !listed;
        asked += usize::from(status == MailStatus::HeldUnproven);
        let expected = if unlisted { MailStatus::Quarantined } else { expected };
        assert_eq!(status, expected, "{n}");
    }
    let opened = mails.div_ceil(8) + (mails + 6) / 8 + (mails + 5) / 8;
    assert_eq!(tickets(&env).len(), opened + 1, "each request is a ticket");
    let mut told = BTreeMap::<String, usize>::new();
    for notice in since(&env, &before) {
        *told.entry(notice).or_default() += 1;
    }
    println!("{mails} mails: {outcomes:?}, {sweeps} sweeps; told: {told:?}; units: {quarters:?}");
    assert_eq!(told["acknowledgement to spoc:ana"], 5, "five a day (M5)");
    assert_eq!(told["desk_new to desk"], opened, "the desk hears of each request");
    assert!(told["held to author"] <= 15 && told["held_digest to spoc:NORT:ana"] <= 3);
    let items = env.store.dump();
    let largest = items.iter().max_by_key(|item| item.doc.len()).unwrap();
    assert!(largest.doc.len() < ITEM_BYTES_MAX, "{:?}: {}", largest.key, largest.doc.len());
    // A question and a digest list a limited number of mails, which the first half has filled.
    let (third, last) = (quarters[2], quarters[3]);
    assert!(last.0 <= third.0 * 11 / 10 && last.1 <= third.1 * 11 / 10, "{quarters:?}");
}
