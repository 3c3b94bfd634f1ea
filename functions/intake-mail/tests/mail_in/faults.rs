//! A function dies before and after each call to a port while a mail is taken, confirmed or adopted. Then
//! the same comes again: the state is as without the crash. And of two that come at once one wins.

use std::sync::{Arc, Mutex};

use app::Failure as Trouble;
use app::inbound::{self, Desk, Resolved};
use app::item::Item;
use app::memory::MemoryEnv;
use app::memory::faults::{Edge, Failure, Faulty, Plan, Script, Step};
use app::ports::{Clock as _, Env};
use futures::FutureExt as _;

use super::kit::{
    Letter, client, letter, lucia, notices, opened, post, record, run, solved, spoc, tickets, world,
};

const ANA: &str = "ana.lopez@ferreteria-nortena.example";
const COLLEAGUE: &str = "karla@ferreteria-nortena.example";

/// What is done to the world.
enum Deed {
    Take(Letter),
    Confirm,
    Adopt,
    Discard,
}

impl Deed {
    async fn done<E: Env>(&self, env: &E) -> Result<(), Trouble> {
        let now = env.clock().now();
        match self {
            Self::Take(letter) => letter.taken(env).await.map(|_| ()),
            Self::Confirm => {
                let nort = client("NORT");
                inbound::confirm(env, "m1", &spoc("ana"), &nort, now).await.map(|_| ())
            }
            Self::Adopt => {
                let nort = client("NORT");
                inbound::adopt(env, "m1", &spoc("ana"), &nort, now).await.map(|_| ())
            }
            Self::Discard => {
                let member = lucia();
                let desk = Desk { member: &member, at: now, reason: "Nada." };
                inbound::discard(env, "m1", &desk).await.map(|_| ())
            }
        }
    }
}

/// Makes a world, and says what is done to it.
type Make = fn() -> (MemoryEnv, Deed);

const CASES: [(&str, Make); 8] = [
    ("open", || taking(letter("m1", ANA, "No timbra"))),
    ("reply", || taking(letter("m1", ANA, "Re: [NORT-7K2QX9RD-Y] No timbra"))),
    ("note", || {
        let away = letter("m1", ANA, "Re: [NORT-7K2QX9RD-Y] No timbra");
        taking(away.with("Auto-Submitted: auto-replied"))
    }),
    ("hold", || taking(letter("m1", ANA, "Re: [NORT-7K2QX9RD-Y] No timbra").unproven())),
    ("hold a colleague's", || taking(letter("m1", COLLEAGUE, "Re: [NORT-7K2QX9RD-Y] Ya"))),
    ("confirm", || {
        let (env, mail) = taking(letter("m1", ANA, "Re: [NORT-7K2QX9RD-Y] No timbra").unproven());
        run(mail.done(&env)).unwrap();
        post(&env);
        env.clock.advance_ms(60_000);
        (env, Deed::Confirm)
    }),
    ("adopt", || waiting(Deed::Adopt)),
    ("discard", || waiting(Deed::Discard)),
];

fn taking(letter: Letter) -> (MemoryEnv, Deed) {
    let env = world("17T10:00");
    let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
    solved(&env, &reference);
    env.clock.advance_ms(60_000);
    run(letter.stored(&env));
    (env, Deed::Take(letter))
}

fn waiting(deed: Deed) -> (MemoryEnv, Deed) {
    let (env, mail) = taking(letter("m1", COLLEAGUE, "Re: [NORT-7K2QX9RD-Y] Ya"));
    run(mail.done(&env)).unwrap();
    env.clock.advance_ms(60_000);
    (env, deed)
}

/// The state as far as random bytes do not show in it: which items there are, in which state.
fn state(env: &MemoryEnv) -> (Vec<String>, Vec<String>) {
    let items = env.store.dump();
    let masked = |text: &str| {
        // A reference that was drawn: another draw after a crash.
        let is_drawn = |word: &&str| word.starts_with("NORT-") && !word.starts_with("NORT-7K2Q");
        match text.split(['#', '"']).find(is_drawn) {
            Some(drawn) => text.replace(drawn, "drawn"),
            None => text.to_owned(),
        }
    };
    let line = |item: &Item| {
        let sk = item.key.sk.split_once('#').map_or(item.key.sk.as_str(), |(kind, _)| kind);
        format!("{}/{sk} {} {:?}", masked(&item.key.pk), item.rev, item.status)
    };
    let mut lines: Vec<String> = items.iter().map(line).collect();
    lines.sort();
    let blobs = env.blobs.keys();
    (lines, blobs)
}

#[test]
fn a_crash_at_any_point_changes_nothing() {
    let mut points = 0;
    for (name, make) in CASES {
        let (env, deed) = make();
        let quiet = Arc::new(Faulty::new(env.clone(), Arc::new(Plan::quiet())));
        run(deed.done(quiet.as_ref())).unwrap();
        let (expected, calls) = (state(&env), quiet.script().calls());
        for (number, call) in calls.iter().enumerate() {
            for edge in Edge::ALL {
                let (env, deed) = make();
                let faulty = Faulty::new(env.clone(), Plan::cut_at(number, edge));
                assert_eq!(run(faulty.until_cut(deed.done(&faulty))), None, "{name} {number}");
                run(deed.done(&env)).unwrap();
                assert_eq!(state(&env), expected, "{name}: {edge:?} {number}, {call}");
                points += 1;
            }
        }
    }
    assert!(points > 150, "{points}");
}

#[test]
fn a_commit_that_fails_changes_nothing() {
    let kinds = [
        (Edge::Before, Failure::Busy),
        (Edge::Before, Failure::Unknown),
        (Edge::After, Failure::Unknown),
    ];
    for (name, make) in CASES {
        let (env, deed) = make();
        let quiet = Arc::new(Faulty::new(env.clone(), Arc::new(Plan::quiet())));
        run(deed.done(quiet.as_ref())).unwrap();
        let (expected, calls) = (state(&env), quiet.script().calls());
        for number in (0..calls.len()).filter(|number| calls[*number] == "store.commit") {
            for (edge, failure) in kinds {
                let (env, deed) = make();
                let faulty = Faulty::new(env.clone(), Plan::fail_at(number, edge, failure));
                let _ = run(deed.done(&faulty));
                run(deed.done(&env)).unwrap();
                assert_eq!(state(&env), expected, "{name}: {edge:?} {failure:?} at {number}");
            }
        }
    }
}

/// Somebody else who adopts the mail just before one call of whoever acts first.
struct Rival {
    env: MemoryEnv,
    number: usize,
    did: Mutex<Option<Resolved>>,
}

impl Script for Rival {
    fn step(&self, number: usize, _: &'static str, edge: Edge) -> Step {
        if (number, edge) == (self.number, Edge::Before) {
            let (beto, nort) = (spoc("beto"), client("NORT"));
            let adopting = inbound::adopt(&self.env, "m1", &beto, &nort, self.env.clock.now());
            // The ports in memory never make anybody wait.
            let did = adopting.now_or_never().unwrap().unwrap();
            *self.did.lock().unwrap() = Some(did);
        }
        Step::Pass
    }
}

/// Two adoptions at once, and a discard and an adoption: one wins, the other sees what it did.
#[test]
fn of_two_that_settle_a_mail_one_wins() {
    let mut won = [0, 0];
    for adopts in [true, false] {
        for number in 0.. {
            let (env, _) = waiting(Deed::Adopt);
            let rival = Rival { env: env.clone(), number, did: Mutex::default() };
            let faulty = Faulty::new(env.clone(), rival);
            let first = run(async {
                let (now, member) = (env.clock.now(), lucia());
                if adopts {
                    inbound::adopt(&faulty, "m1", &spoc("ana"), &client("NORT"), now).await
                } else {
                    let desk = Desk { member: &member, at: now, reason: "Nada." };
                    inbound::discard(&faulty, "m1", &desk).await
                }
            });
            let first = first.unwrap();
            let Some(second) = faulty.script().did.lock().unwrap().clone() else { break };
            assert_ne!(first.is_new, second.is_new, "{number}: {first:?} {second:?}");
            let winner = if first.is_new { &first } else { &second };
            won[usize::from(second.is_new)] += 1;
            let (kept, status) = record(&env, "m1");
            assert_eq!((status, &kept.ticket), (winner.status, &winner.ticket));
            if first.is_new || adopts {
                assert_eq!(first.status, status);
            }
        }
    }
    assert!(won[1] > 5, "{won:?}");
}

/// Somebody else who takes a mail just before one call of whoever takes one first.
struct Taker {
    env: MemoryEnv,
    number: usize,
    letter: Letter,
    did: Mutex<bool>,
}

impl Script for Taker {
    fn step(&self, number: usize, _: &'static str, edge: Edge) -> Step {
        if (number, edge) == (self.number, Edge::Before) {
            // The ports in memory never make anybody wait.
            self.letter.taken(&self.env).now_or_never().unwrap().unwrap();
            *self.did.lock().unwrap() = true;
        }
        Step::Pass
    }
}

/// M4: the event comes twice at once, or the mail lies there twice, by two rules: what happens is what
/// happens when one comes after the other, and a second copy is a duplicate.
#[test]
fn of_two_that_take_a_mail_one_writes() {
    let takes = CASES.iter().filter_map(|(name, make)| match make() {
        (_, Deed::Take(letter)) => Some((name, make, letter)),
        (_, Deed::Confirm | Deed::Adopt | Deed::Discard) => None,
    });
    let mut raced = 0;
    for (name, make, letter) in takes {
        for copied in [false, true] {
            let mut other = letter.clone();
            if copied {
                other = other.with("Message-ID: <m1@correo.example>");
                other.id = "m2".to_owned();
            }
            let (env, deed) = make();
            run(other.stored(&env));
            run(deed.done(&env)).unwrap();
            run(other.taken(&env)).unwrap();
            let expected = outcomes(&env);
            for number in 0.. {
                let (env, deed) = make();
                run(other.stored(&env));
                let letter = other.clone();
                let taker = Taker { env: env.clone(), number, letter, did: Mutex::default() };
                let faulty = Faulty::new(env.clone(), taker);
                run(deed.done(&faulty)).unwrap();
                if !*faulty.script().did.lock().unwrap() {
                    break;
                }
                assert_eq!(outcomes(&env), expected, "{name}, {number}, copied: {copied}");
                raced += 1;
            }
        }
    }
    assert!(raced > 50, "{raced}");
}

/// What became of the mails, whichever of them came first, how many tickets there are, and who is told.
fn outcomes(env: &MemoryEnv) -> (Vec<&'static str>, usize, Vec<String>) {
    let ids =
        ["m1", "m2"].into_iter().filter(|id| env.blobs.keys().contains(&format!("done/{id}")));
    let mut words: Vec<&str> = ids.map(|id| record(env, id).1.word()).collect();
    words.sort_unstable();
    (words, tickets(env).len(), notices(env))
}
