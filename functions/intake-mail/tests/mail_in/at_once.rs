//! Three who settle one held mail at once, in every order in which their calls to the store can come: what
//! is true afterwards, who is told, and what each hears, is what one of the six orders one after the other
//! brings about.

use app::Failure;
use app::codec::Stored;
use app::inbound::{self, Desk, Resolved};
use app::item::Item;
use app::keys;
use app::memory::MemoryEnv;
use app::memory::orders::{self, every_order};
use app::records::Events;
use domain::TimeDelta;
use domain::evidence::{Event, Link};
use domain::ticket::Fact;

use super::kit::{
    Letter, client, letter, lucia, notices, opened, post, record, run, solved, spoc, world,
};

const ANA: &str = "ana.lopez@ferreteria-nortena.example";
const JORGE: &str = "jorge.medina@ferreteria-nortena.example";
const COLLEAGUE: &str = "karla@ferreteria-nortena.example";

/// What somebody does with the mail `m1`.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Confirm(&'static str),
    Adopt(&'static str),
    Release,
    Discard,
    Lapse,
    /// The same mail comes again, and this copy proves its sender.
    Copy,
}

/// A mail that waits for one of these, and how long before the end of its wait they come.
struct Case {
    name: &'static str,
    from: &'static str,
    on_ticket: bool,
    deeds: [Deed; 3],
    before_its_end: Option<TimeDelta>,
}

const CASES: [Case; 5] = [
    Case {
        name: "who may not open confirms, and his mail waits to be adopted",
        from: JORGE,
        on_ticket: false,
        deeds: [Deed::Confirm("jorge"), Deed::Adopt("ana"), Deed::Discard],
        before_its_end: None,
    },
    Case {
        name: "an answer that puts a closing off",
        from: ANA,
        on_ticket: true,
        deeds: [Deed::Confirm("ana"), Deed::Release, Deed::Discard],
        before_its_end: None,
    },
    Case {
        name: "a colleague's answer",
        from: COLLEAGUE,
        on_ticket: true,
        deeds: [Deed::Adopt("ana"), Deed::Adopt("beto"), Deed::Discard],
        before_its_end: None,
    },
    Case {
        name: "a colleague's request, in its last millisecond",
        from: COLLEAGUE,
        on_ticket: false,
        deeds: [Deed::Adopt("ana"), Deed::Lapse, Deed::Discard],
        before_its_end: Some(TimeDelta::milliseconds(1)),
    },
    Case {
        name: "a request, once its question has expired",
        from: ANA,
        on_ticket: false,
        deeds: [Deed::Confirm("ana"), Deed::Lapse, Deed::Copy],
        before_its_end: Some(TimeDelta::zero()),
    },
];

/// What somebody hears: how the mail stands, whether it was he who settled it.
type Answer = Result<Resolved, Failure>;

/// What is true, who is told, and what each of the three heard.
fn outcome(env: &MemoryEnv, answers: &[Answer]) -> Vec<String> {
    let answers = answers.iter().map(|answer| match answer {
        Ok(it) => format!("{} {} {}", it.status.word(), it.is_new, it.ticket.is_some()),
        Err(failure) => format!("{failure}"),
    });
    let mut told: Vec<String> = answers.collect();
    let (kept, status) = record(env, "m1");
    let by = kept.resolved.map(|it| format!("{:?}", it.by));
    told.push(format!("{} {by:?} {}", status.word(), kept.ticket.is_some()));
    let items = env.store.dump();
    // References are drawn, so of two tickets either may come first.
    let events = items.iter().filter(|it| it.key.sk.starts_with(keys::EVENTS));
    let mut events: Vec<String> = events.map(facts).collect();
    events.sort();
    told.extend(events);
    told.extend(notices(env));
    told
}

/// Which facts one act recorded, and who did it.
fn facts(item: &Item) -> String {
    let links = Stored::<Events>::read(item).unwrap().doc.links;
    let event = |link: &Link| -> Event<Fact> { link.event().unwrap() };
    let facts = links.iter().map(event).map(|it| {
        let fact = serde_json::to_value(&it.fact).unwrap();
        format!("{} by {:?}", fact["kind"], it.by)
    });
    facts.collect::<Vec<_>>().join(", ")
}

async fn done<E: app::ports::Env>(env: &E, deed: Deed) -> Answer {
    let now = app::ports::Clock::now(env.clock());
    let (nort, member) = (client("NORT"), lucia());
    let desk = Desk { member: &member, at: now, reason: "Lo dijo por teléfono." };
    match deed {
        Deed::Confirm(who) => inbound::confirm(env, "m1", &spoc(who), &nort, now).await,
        Deed::Adopt(who) => inbound::adopt(env, "m1", &spoc(who), &nort, now).await,
        Deed::Release => inbound::release(env, "m1", &desk).await,
        Deed::Discard => inbound::discard(env, "m1", &desk).await,
        Deed::Lapse => inbound::lapse(env, &keys::inbound("m1")).await.map(|()| looked()),
        Deed::Copy => {
            let mut copy = second();
            copy.dmarc = "PASS";
            copy.taken(env).await.map(|_| looked())
        }
    }
}

/// Who does not ask hears nothing.
fn looked() -> Resolved {
    let status = app::records::MailStatus::Note;
    Resolved { ses_id: String::new(), status, ticket: None, is_new: false }
}

fn mail(from: &str, on_ticket: bool) -> Letter {
    let subject = if on_ticket { "Re: [NORT-7K2QX9RD-Y] No timbra" } else { "No timbra" };
    letter("m1", from, subject).with("Message-ID: <uno@correo.example>")
}

/// The same mail of Ana once more.
fn second() -> Letter {
    Letter { id: "m2".to_owned(), ..mail(ANA, false) }
}

/// The world in which the mail waits, at the instant at which the three act.
fn waiting(case: &Case) -> MemoryEnv {
    let env = world("17T10:00");
    let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
    solved(&env, &reference);
    env.clock.advance_ms(60_000);
    let mut waits = mail(case.from, case.on_ticket);
    if case.from != COLLEAGUE {
        waits = waits.unproven();
    }
    waits.arrives(&env);
    post(&env);
    env.clock.advance_ms(60_000);
    if let Some(left) = case.before_its_end {
        let (kept, _) = record(&env, "m1");
        env.clock.set(kept.lapses_at.unwrap() - left);
    }
    if case.deeds.iter().any(|it| matches!(it, Deed::Copy)) {
        run(second().stored(&env));
    }
    env
}

/// G10, 9.6, M1a, 1.2a: one settles it, the others see what he did.
#[test]
fn of_three_that_settle_a_mail_one_wins_in_every_order() {
    for case in &CASES {
        let name = case.name;
        let deeds = case.deeds.map(|deed| -> orders::Deed<'_, Answer> {
            Box::new(move |env| Box::pin(async move { done(&env, deed).await }))
        });
        let found = every_order(&waiting(case), &deeds, |env, told| outcome(&env, &told));
        for (order, outcome) in &found.ends {
            let opened = outcome.iter().filter(|it| it.starts_with("\"opened\"")).count();
            assert!(opened <= 2, "{name}: {order:?}: two tickets of one mail (M4)");
            let usual = &found.usual;
            assert!(usual.contains(outcome), "{name}: {order:?}: {outcome:#?} and not {usual:#?}");
        }
        let (choices, ends, usual) = (found.choices, found.ends.len(), found.usual.len());
        println!("{name}: {choices} choices, {ends} ends, {usual} outcomes");
        assert!(usual > 1 && ends > usual, "{name}: nobody raced");
    }
}
