//! Mails that wait, and what ends their waiting (M1a, 1.2a, 9.4, 9.6).

use app::Failure;
use app::inbound::{self, Desk, Resolved};
use app::memory::MemoryEnv;
use app::ports::Store as _;
use app::records::{MailStatus, is_held};
use app::{keys, sweep};
use domain::ticket::ClosureReason;
use domain::{Instant, TimeDelta};

use super::kit::{
    at, client, head, letter, lucia, notices, opened, post, record, run, solved, spoc, tickets,
    world,
};

const ANA: &str = "ana.lopez@ferreteria-nortena.example";
const COLLEAGUE: &str = "karla@ferreteria-nortena.example";

fn now(env: &MemoryEnv) -> Instant {
    app::ports::Clock::now(&env.clock)
}

/// Ana says that she sent these mails.
fn confirm(env: &MemoryEnv, mails: &[&str]) -> Vec<Resolved> {
    let (ana, nort) = (spoc("ana"), client("NORT"));
    let one = |id: &&str| run(inbound::confirm(env, id, &ana, &nort, now(env))).unwrap();
    mails.iter().map(one).collect()
}

/// M1a: one question for all; confirmed, each counts from its receipt, and the wait is a pause.
#[test]
fn a_mail_that_is_not_proven_waits_for_its_address() {
    let env = world("20T13:50");
    let taken = letter("m1", ANA, "No timbra").unproven().arrives(&env);
    assert_eq!((taken.status, taken.ticket), (MailStatus::HeldUnproven, None));
    letter("m2", ANA, "Otro asunto").unproven().arrives(&env);
    let told = notices(&env);
    let asked = told.iter().filter(|it| it.starts_with("question to claimed:NORT:ana"));
    assert_eq!(asked.count(), 1, "{told:?}");
    assert!(!told.iter().any(|it| it.contains("author") || it.starts_with("ack")), "{told:?}");
    post(&env);

    env.clock.set(at("2026-11-20T14:20:00-06:00"));
    let resolved = confirm(&env, &["m1", "m2"]);
    assert!(resolved.iter().all(|it| it.is_new && it.status == MailStatus::Confirmed));
    let reference = resolved[0].ticket.clone().unwrap();
    let ticket = head(&env, &reference).ticket;
    assert_eq!(ticket.opened.received_at, at("2026-11-20T13:50:00-06:00"));
    let confirmation = ticket.opened.confirmation.unwrap();
    assert_eq!(confirmation.asked_at, at("2026-11-20T13:50:00-06:00"));
    assert_eq!(confirmation.confirmed_at, at("2026-11-20T14:20:00-06:00"));
    let wake = head(&env, &reference).wake;
    assert_eq!(wake.next, Some(at("2026-11-23T09:30:00-06:00")), "the vector of M1a");

    let again = confirm(&env, &["m1", "m2"]);
    assert!(again.iter().all(|it| !it.is_new && it.ticket.is_some()));
    assert_eq!(tickets(&env).len(), 2);
}

/// M1a: a later confirmation opens a new ticket at that instant.
#[test]
fn a_question_that_expired_still_opens_a_ticket() {
    let env = world("20T10:00");
    letter("m1", ANA, "No timbra").unproven().arrives(&env);
    env.clock.set(at("2026-11-28T00:00:00-06:00"));
    run(sweep::sweep(&env)).unwrap();
    let (kept, status) = record(&env, "m1");
    assert_eq!(status, MailStatus::Lapsed);
    assert_eq!(kept.lapses_at, Some(at("2026-11-28T00:00:00-06:00")));
    env.clock.set(at("2026-11-30T11:00:00-06:00"));
    let resolved = confirm(&env, &["m1"]);
    let ticket = head(&env, resolved[0].ticket.as_ref().unwrap()).ticket;
    assert_eq!(ticket.opened.received_at, at("2026-11-30T11:00:00-06:00"));
    assert_eq!(ticket.opened.held_since, Some(at("2026-11-20T10:00:00-06:00")));
}

/// 1.2a: the colleague is told, his SPoCs hear of it, and who adopts makes it his client's request of now.
#[test]
fn a_colleague_waits_for_a_spoc() {
    let env = world("20T10:00");
    let taken = letter("m1", COLLEAGUE, "Impresora").arrives(&env);
    assert_eq!(taken.status, MailStatus::HeldColleague);
    let told = notices(&env);
    for expected in [
        "held to author",
        "held_digest to spoc:NORT:ana",
        "held_digest to spoc:NORT:beto",
        "desk_held to desk",
    ] {
        assert!(told.contains(&expected.to_owned()), "{expected} in {told:?}");
    }
    assert!(!told.iter().any(|it| it.contains("jorge")), "who may not open may not adopt");
    // The next ones are told an hour later, together.
    env.clock.advance_ms(60_000);
    letter("m2", COLLEAGUE, "Otra").arrives(&env);
    letter("m3", COLLEAGUE, "Otra más").arrives(&env);
    run(sweep::sweep(&env)).unwrap();
    let digests =
        |env: &MemoryEnv| notices(env).iter().filter(|it| it.starts_with("held_digest")).count();
    assert_eq!(digests(&env), 2);
    env.clock.set(at("2026-11-20T11:00:00-06:00"));
    run(sweep::sweep(&env)).unwrap();
    run(sweep::sweep(&env)).unwrap();
    assert_eq!(digests(&env), 4);

    let nort = client("NORT");
    let foreign = run(inbound::adopt(&env, "m1", &spoc("raul"), &client("TEXP"), now(&env)));
    assert_eq!(foreign.unwrap_err(), Failure::NotFound);
    let resolved = run(inbound::adopt(&env, "m1", &spoc("beto"), &nort, now(&env))).unwrap();
    assert_eq!((resolved.status, resolved.is_new), (MailStatus::Adopted, true));
    let ticket = head(&env, &resolved.ticket.unwrap()).ticket;
    assert_eq!(ticket.opened.opener, spoc("beto"));
    assert_eq!(ticket.opened.received_at, now(&env));
    let again = run(inbound::adopt(&env, "m1", &spoc("ana"), &nort, now(&env))).unwrap();
    assert_eq!((again.status, again.is_new), (MailStatus::Adopted, false));

    // At the end of its wait it waits no longer, whether or not a sweep has come by (G7).
    env.clock.set(at("2026-12-05T00:00:00-06:00"));
    let late = run(inbound::adopt(&env, "m3", &spoc("ana"), &nort, now(&env))).unwrap();
    assert_eq!((late.status, late.is_new, late.ticket), (MailStatus::Lapsed, false, None));
    run(sweep::sweep(&env)).unwrap();
    assert_eq!(record(&env, "m2").1, MailStatus::Lapsed);
    let late = run(inbound::adopt(&env, "m2", &spoc("ana"), &nort, now(&env))).unwrap();
    assert_eq!((late.status, late.is_new, late.ticket), (MailStatus::Lapsed, false, None));
}

/// *"Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado."* A held
/// answer puts the closing off; adopted it is the answer, lapsed it never was one (9.4, 9.6).
#[test]
fn a_held_answer_puts_the_closing_off() {
    for adopted in [true, false] {
        let env = world("17T10:00");
        let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
        solved(&env, &reference);
        env.clock.set(at("2026-11-18T12:00:00-06:00"));
        let subject = format!("Re: [{reference}] No timbra");
        letter("m1", COLLEAGUE, &subject).arrives(&env);
        env.clock.set(at("2026-11-19T11:00:00-06:00"));
        run(sweep::sweep(&env)).unwrap();
        assert_eq!(head(&env, &reference).ticket.cycle.closure, None);
        if adopted {
            let nort = client("NORT");
            let resolved = run(inbound::adopt(&env, "m1", &spoc("ana"), &nort, now(&env)));
            assert_eq!(resolved.unwrap().ticket, Some(reference.clone()));
        } else {
            let (member, at) = (lucia(), now(&env));
            let desk = Desk { member: &member, at, reason: "No es de este asunto." };
            let resolved = run(inbound::discard(&env, "m1", &desk)).unwrap();
            assert_eq!((resolved.status, resolved.is_new), (MailStatus::Discarded, true));
        }
        env.clock.set(at("2026-11-19T11:05:00-06:00"));
        run(sweep::sweep(&env)).unwrap();
        let closure = head(&env, &reference).ticket.cycle.closure;
        let expected = (!adopted).then_some(ClosureReason::Auto);
        assert_eq!(closure.map(|it| it.reason), expected, "adopted: {adopted}");
    }
}

/// M1: what is set aside though it claims a SPoC may be released, linked or discarded, once.
#[test]
fn the_desk_settles_what_is_set_aside() {
    let env = world("20T10:00");
    let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
    for id in ["m1", "m2", "m3"] {
        let mut mail = letter(id, ANA, &format!("Asunto {id}"));
        (mail.dmarc, mail.policy) = ("FAIL", "reject");
        assert_eq!(mail.arrives(&env).status, MailStatus::Quarantined);
    }
    assert!(notices(&env).contains(&"desk_quarantined to desk".to_owned()));
    env.clock.advance_ms(3_600_000);
    let member = lucia();
    let desk = Desk { member: &member, at: now(&env), reason: "Lo confirmó por teléfono." };
    let released = run(inbound::release(&env, "m1", &desk)).unwrap();
    let ticket = head(&env, &released.ticket.unwrap()).ticket;
    assert_eq!(ticket.opened.received_at, at("2026-11-20T10:00:00-06:00"));
    let linked = run(inbound::link(&env, "m2", &reference, &desk)).unwrap();
    assert_eq!(linked.ticket, Some(reference.clone()));
    assert_eq!(head(&env, &reference).ticket.cycle.inbound.len(), 1);
    assert!(run(inbound::discard(&env, "m3", &desk)).unwrap().is_new);
    for id in ["m1", "m2", "m3"] {
        assert!(!run(inbound::discard(&env, id, &desk)).unwrap().is_new, "{id}");
        let (kept, _) = record(&env, id);
        assert_eq!(kept.resolved.unwrap().reason.as_deref(), Some("Lo confirmó por teléfono."));
    }
    // A stranger's mail is nobody's answer: linked it is a note.
    letter("m4", "x@nadie.example", "Hola").arrives(&env);
    assert!(!run(inbound::release(&env, "m4", &desk)).unwrap().is_new);
    run(inbound::link(&env, "m4", &reference, &desk)).unwrap();
    assert_eq!(head(&env, &reference).ticket.cycle.inbound.len(), 1);
}

/// A copy that proves its sender counts, although one that does not waits.
#[test]
fn a_proven_copy_is_not_the_same_as_one_that_waits() {
    let env = world("20T10:00");
    let mail = letter("m1", ANA, "No timbra").with("Message-ID: <uno@correo.example>");
    mail.clone().unproven().arrives(&env);
    let mut copy = mail;
    copy.id = "m2".to_owned();
    assert_eq!(copy.arrives(&env).status, MailStatus::Ticket);
    let (waited, status) = record(&env, "m1");
    assert_eq!((status, waited.same_as.as_deref()), (MailStatus::Duplicate, Some("m2")));
    let late = confirm(&env, &["m1"]);
    assert!(!late[0].is_new);
    assert_eq!(tickets(&env).len(), 1);
    let mut third = copy.clone().unproven();
    third.id = "m3".to_owned();
    assert_eq!(third.arrives(&env).status, MailStatus::Duplicate);
}

/// M4: once its address has said that the first one is its own, a copy that proves its sender is the same, and
/// makes no second ticket.
#[test]
fn a_proven_copy_is_the_same_as_one_that_was_confirmed() {
    let env = world("20T10:00");
    let mail = letter("m1", ANA, "No timbra").with("Message-ID: <uno@correo.example>");
    mail.clone().unproven().arrives(&env);
    assert!(confirm(&env, &["m1"])[0].is_new);
    let mut copy = mail;
    copy.id = "m2".to_owned();
    assert_eq!(copy.arrives(&env).status, MailStatus::Duplicate);
    assert_eq!(record(&env, "m2").0.same_as.as_deref(), Some("m1"));
    assert_eq!(tickets(&env).len(), 1);
}

/// Every held mail is due when it lapses, and only then.
#[test]
fn held_mails_are_found_in_the_due_index() {
    let env = world("20T10:00");
    letter("m1", ANA, "No timbra").unproven().arrives(&env);
    letter("m2", COLLEAGUE, "Impresora").arrives(&env);
    letter("m3", ANA, "Otra").arrives(&env);
    let end = now(&env) + TimeDelta::days(60);
    let mut due = Vec::new();
    for shard in 0..app::item::DUE_SHARDS {
        due.extend(run(env.store.due(shard, end, 100, None)).unwrap().items);
    }
    let mails: Vec<_> = due.iter().filter(|it| it.key.sk == keys::MAIL).collect();
    assert_eq!(mails.len(), 2);
    for entry in mails {
        let item = run(env.store.get(&entry.key)).unwrap().unwrap();
        assert!(is_held(item.status.as_deref().unwrap()));
    }
}
