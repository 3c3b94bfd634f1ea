//! One mail, one outcome: who opens, who answers, and what comes twice.

use app::records::MailStatus;
use domain::ticket::Channel;

use super::kit::{at, head, letter, notices, opened, record, run, solved, tickets, world};

const ANA: &str = "ana.lopez@ferreteria-nortena.example";

/// *"Todas las solicitudes generan ticket."* (9.1)
#[test]
fn a_proven_spoc_opens_and_answers_by_mail() {
    let env = world("20T10:00");
    let taken = letter("m1", ANA, "No timbra la factura").arrives(&env);
    assert_eq!(taken.status, MailStatus::Ticket);
    let reference = taken.ticket.unwrap();
    let opened = head(&env, &reference);
    assert_eq!(opened.subject, "No timbra la factura");
    assert_eq!(opened.ticket.opened.channel, Channel::Mail);
    let told = notices(&env);
    assert!(told.contains(&"acknowledgement to spoc:ana".to_owned()), "{told:?}");
    let (kept, _) = record(&env, "m1");
    assert_eq!((kept.ticket.as_ref(), kept.seq), (Some(&reference), Some(1)));
    assert_eq!(env.blobs.keys(), ["done/m1"]);

    env.clock.advance_ms(60_000);
    let taken = letter("m2", ANA, &format!("RE: [{reference}] No timbra")).arrives(&env);
    assert_eq!((taken.status, taken.ticket.as_ref()), (MailStatus::Reply, Some(&reference)));
    let (kept, _) = record(&env, "m2");
    assert_eq!(kept.seq, Some(2));
    assert_eq!(head(&env, &reference).ticket.cycle.inbound.len(), 1);
}

/// 9.7: an answer within five business days of the closing reopens, a later one opens a ticket that says
/// which one it continues; who may not open one waits for somebody who may.
#[test]
fn an_answer_after_the_closing() {
    const JORGE: &str = "jorge.medina@ferreteria-nortena.example";
    for (days, who, status) in [
        ("20", ANA, MailStatus::Reply),
        ("30", ANA, MailStatus::Ticket),
        ("20", JORGE, MailStatus::Reply),
        ("30", JORGE, MailStatus::HeldColleague),
    ] {
        let env = world("17T10:00");
        let before = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
        solved(&env, &before);
        env.clock.set(at(&format!("2026-11-{days}T10:00:00-06:00")));
        let answer = letter("m1", who, &format!("Re: [{before}] No timbra")).arrives(&env);
        assert_eq!(answer.status, status, "{days} {who}");
        assert_eq!(record(&env, "m1").1, status);
        let continues = answer.ticket.and_then(|it| head(&env, &it).ticket.opened.continues);
        let expected = (status == MailStatus::Ticket).then_some(before);
        assert_eq!(continues, expected);
    }
}

/// M4: the same mail by two rules, and the same object twice, make one ticket.
#[test]
fn the_same_mail_twice_makes_one_ticket() {
    let env = world("20T10:00");
    let first = letter("m1", ANA, "No timbra").with("Message-ID: <uno@correo.example>");
    let taken = first.arrives(&env);
    assert_eq!(run(first.taken(&env)).unwrap(), taken);
    let mut second = first.clone();
    second.id = "m2".to_owned();
    assert_eq!(second.arrives(&env).status, MailStatus::Duplicate);
    let (kept, _) = record(&env, "m2");
    assert_eq!(kept.same_as.as_deref(), Some("m1"));
    let mut other = first.clone();
    (other.id, other.text) = ("m3".to_owned(), "Otra cosa.".to_owned());
    assert_eq!(other.arrives(&env).status, MailStatus::Ticket);
    assert!(record(&env, "m3").0.other_content);
    assert_eq!(tickets(&env).len(), 2);
}

/// The handler: each mail of an event is taken, whatever becomes of the others, and what may pass is
/// told as such so that the event comes again.
#[test]
fn an_event_with_several_mails() {
    let env = world("20T10:00");
    let (first, second) = (letter("m1", ANA, "Uno"), letter("m2", ANA, "Dos"));
    let now = app::ports::Clock::now(&env.clock);
    let mut event = first.event(now);
    let more = second.event(now)["Records"][0].clone();
    event["Records"].as_array_mut().unwrap().push(more);
    run(second.stored(&env));
    let answer = run(intake_mail::handle(&env, &event));
    assert_eq!(answer, Err(app::Failure::NotFound), "the first one is not in the bucket");
    assert_eq!(record(&env, "m2").1, MailStatus::Ticket);
    run(first.stored(&env));
    assert_eq!(run(intake_mail::handle(&env, &event)), Ok(()));
    assert_eq!(run(intake_mail::handle(&env, &event)), Ok(()));
    assert_eq!(tickets(&env).len(), 2);
    let foreign = serde_json::json!({ "Records": [{ "eventSource": "aws:s3" }] });
    assert!(matches!(run(intake_mail::handle(&env, &foreign)), Err(app::Failure::Invalid(_))));
}
