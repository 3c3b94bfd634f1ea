//! Who writes, and how the ticket stands that his mail names: what happens, as one table (G10, 1.2a, 9.4
//! to 9.7, 10.5, M1a).

use app::memory::MemoryEnv;
use app::records::MailStatus;
use domain::TicketRef;

use super::kit::{at, client, head, letter, notices, opened, run, since, solved, world};

/// How the ticket stands: there is none, it is open, a solution waits, it closed and may be reopened, it
/// closed too long ago, or it is another client's.
const STATES: [&str; 6] = ["none", "open", "solved", "closed", "late", "foreign"];

/// Whose mail it is, whether that is proven, and what happens in each state: the mail's status, what
/// becomes of the ticket, and `→` who is answered.
const TABLE: [(&str, bool, [&str; 6]); 12] = [
    (
        "ana.lopez@ferreteria-nortena.example",
        true,
        [
            "ticket, its own → acknowledgement",
            "reply",
            "reply, answers it",
            "reply, reopens it → reopened, reopened",
            "ticket, continues it → acknowledgement",
            "ticket, its own → acknowledgement",
        ],
    ),
    (
        "ana.lopez@ferreteria-nortena.example",
        false,
        [
            "held_unproven → question",
            "held_unproven, waits on it → question",
            "held_unproven, waits on it → question",
            "held_unproven, waits on it → question",
            "held_unproven, waits on it → question",
            "held_unproven → question",
        ],
    ),
    (
        "jorge.medina@ferreteria-nortena.example",
        true,
        [
            "held_colleague → held, held_digest, held_digest",
            "reply",
            "reply, answers it",
            "reply, reopens it → reopened, reopened, reopened",
            "held_colleague → held, held_digest, held_digest",
            "held_colleague → held, held_digest, held_digest",
        ],
    ),
    (
        "jorge.medina@ferreteria-nortena.example",
        false,
        [
            "held_unproven → question",
            "held_unproven, waits on it → question",
            "held_unproven, waits on it → question",
            "held_unproven, waits on it → question",
            "held_unproven, waits on it → question",
            "held_unproven → question",
        ],
    ),
    (
        "paco@ferreteria-nortena.example",
        true,
        [
            "held_colleague → held, held_digest, held_digest",
            "reply",
            "reply, answers it",
            "reply, reopens it → reopened, reopened",
            "held_colleague → held, held_digest, held_digest",
            "held_colleague → held, held_digest, held_digest",
        ],
    ),
    (
        "paco@ferreteria-nortena.example",
        false,
        ["quarantined", "quarantined", "quarantined", "quarantined", "quarantined", "quarantined"],
    ),
    (
        "karla@ferreteria-nortena.example",
        true,
        [
            "held_colleague → held, held_digest, held_digest",
            "held_colleague, waits on it → held, held_digest, held_digest",
            "held_colleague, waits on it → held, held_digest, held_digest",
            "held_colleague, waits on it → held, held_digest, held_digest",
            "held_colleague, waits on it → held, held_digest, held_digest",
            "held_colleague → held, held_digest, held_digest",
        ],
    ),
    (
        "karla@ferreteria-nortena.example",
        false,
        ["quarantined", "quarantined", "quarantined", "quarantined", "quarantined", "quarantined"],
    ),
    (
        "lucia.campos@millora.example",
        true,
        ["note", "note on it", "note on it", "note on it", "note on it", "note on it"],
    ),
    (
        "help@odoo.example",
        true,
        ["note", "note on it", "note on it", "note on it", "note on it", "note on it"],
    ),
    (
        "x@nadie.example",
        true,
        [
            "quarantined → unknown",
            "quarantined → unknown",
            "quarantined → unknown",
            "quarantined → unknown",
            "quarantined → unknown",
            "quarantined → unknown",
        ],
    ),
    (
        "x@nadie.example",
        false,
        ["quarantined", "quarantined", "quarantined", "quarantined", "quarantined", "quarantined"],
    ),
];

/// A world in which the ticket stands so, and its reference.
fn standing(state: &str) -> (MemoryEnv, TicketRef) {
    let env = world("17T10:00");
    if state == "foreign" {
        let theirs = client("TEXP").reference([7, 20, 2, 24, 29, 9, 25, 13]);
        return (env.clone(), opened(&env, theirs.as_str(), "raul", &[]));
    }
    let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &["paco@ferreteria-nortena.example"]);
    if ["solved", "closed", "late"].contains(&state) {
        solved(&env, &reference);
    }
    if ["closed", "late"].contains(&state) {
        env.clock.set(at("2026-11-19T10:00:00-06:00"));
        let pk = app::keys::ticket(&reference);
        run(app::timers::closing(&env, &pk)).unwrap();
        assert!(head(&env, &reference).ticket.cycle.closure.is_some());
    }
    match state {
        "closed" => env.clock.set(at("2026-11-20T10:00:00-06:00")),
        "late" => env.clock.set(at("2026-11-30T10:00:00-06:00")),
        _ => env.clock.set(at("2026-11-18T10:00:00-06:00")),
    };
    (env, reference)
}

/// What happens, in words.
fn happens(from: &str, proven: bool, state: &str) -> String {
    let (env, reference) = standing(state);
    let subject = if state == "none" {
        "No timbra".to_owned()
    } else {
        format!("Re: [{reference}] No timbra")
    };
    let mail = letter("m1", from, &subject);
    let (before, told) = (head(&env, &reference), notices(&env));
    let taken = (if proven { mail } else { mail.unproven() }).arrives(&env);
    let mut words = taken.status.word().to_owned();
    let after = head(&env, &reference).ticket;
    let was = before.ticket;
    if taken.ticket.as_ref().is_some_and(|it| *it != reference) {
        let new = head(&env, taken.ticket.as_ref().unwrap()).ticket;
        words.push_str(if new.opened.continues.is_some() { ", continues it" } else { ", its own" });
    }
    if after.cycle.number > was.cycle.number {
        words.push_str(", reopens it");
    } else if !after.cycle.held.is_empty() {
        words.push_str(", waits on it");
    } else if taken.status == MailStatus::Reply && state == "solved" {
        words.push_str(", answers it");
    } else if after.seq > was.seq && taken.status == MailStatus::Note {
        words.push_str(" on it");
    } else if after.seq > was.seq && taken.status != MailStatus::Reply {
        words.push_str(", touches it");
    }
    let answers = since(&env, &told);
    let answers: Vec<&str> = answers
        .iter()
        .filter(|it| !it.ends_with("to desk"))
        .filter_map(|it| it.split(" to ").next())
        .collect();
    if !answers.is_empty() {
        words.push_str(" → ");
        words.push_str(&answers.join(", "));
    }
    words
}

#[test]
fn each_sender_in_each_state() {
    let mut faults = Vec::new();
    for (from, proven, expected) in TABLE {
        let found: Vec<String> = STATES.iter().map(|state| happens(from, proven, state)).collect();
        if found != expected {
            faults.push(format!("    (\"{from}\", {proven}, {found:?}),"));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
