//! "Ticket: Solicitud formal de soporte registrada por correo o sistema designado." Rules M1a and 1.2a
//! as far as a ticket goes: a mail whose sender was asked counts from its receipt, with a pause from
//! the question to the confirmation; a colleague's counts from its adoption.

use domain::standing::StandingCause::NonPayment;
use domain::ticket::ReplyKind::{Answer, InformationRequest, Solution};
use domain::ticket::{Channel, Content, Open, SpocAct, Written};

use crate::kit::{ORDINARY, World, at, confirmed, request, show, text, world};

/// Received on Friday at 13:50 and asked at once; confirmed at 14:20.
const RECEIVED: &str = "vie 2026-11-20 13:50";
const CONFIRMED: &str = "vie 2026-11-20 14:20";

/// A mail of ana that waited to be confirmed.
fn mail(asked: &str, given: &str) -> Open {
    Open {
        channel: Channel::Mail,
        held_since: Some(at(RECEIVED)),
        confirmation: confirmed(asked, given),
        ..request(RECEIVED, "ana")
    }
}

fn registered(request: Open, handled: &str) -> World {
    let mut world = world();
    world.now = at(handled);
    world.register(request).expect("ana may open");
    world
}

/// A reply of ana that waited to be confirmed, once it is.
fn replies(world: &mut World) {
    let reply = SpocAct::Write(Written {
        text: Some(text("sigue igual")),
        held_since: Some(at(RECEIVED)),
        confirmation: confirmed(RECEIVED, CONFIRMED),
        ..Written::default()
    });
    world.client_late(CONFIRMED, RECEIVED, "ana", reply).expect("hers");
}

/// Mail, question and confirmation: the cut-offs of the receipt hold, and the target moves by the
/// pause, in the clock's own time.
#[test]
fn the_opening() {
    for (asked, given, target) in [
        (RECEIVED, CONFIRMED, "lun 2026-11-23 09:30"),
        // Asked later than received: what lay between is no pause.
        ("vie 2026-11-20 14:00", CONFIRMED, "lun 2026-11-23 09:20"),
        // A question that was open already covers this mail from its receipt.
        ("vie 2026-11-20 10:00", CONFIRMED, "lun 2026-11-23 09:30"),
        // Over a weekend only contracted time counts.
        ("vie 2026-11-20 17:00", "lun 2026-11-23 10:00", "lun 2026-11-23 11:00"),
        // Released before the question went out.
        ("vie 2026-11-20 14:30", CONFIRMED, "vie 2026-11-20 18:00"),
    ] {
        let world = registered(mail(asked, given), given);
        assert_eq!(world.target(ORDINARY), target, "{asked} {given}");
        assert_eq!(world.ticket().cycle.received_at, at(RECEIVED));
        assert_eq!(world.ticket().opened.held_since, Some(at(RECEIVED)));
    }
    // Released by the desk without a question: no pause at all.
    let released = Open { confirmation: None, ..mail(RECEIVED, CONFIRMED) };
    let released = registered(released, "vie 2026-11-20 16:00");
    assert_eq!(released.target(ORDINARY), "vie 2026-11-20 18:00");
}

/// The acknowledgement and the explanation say why, naming the rule and its clause.
#[test]
fn explained() {
    let world = registered(mail(RECEIVED, CONFIRMED), CONFIRMED);
    let Content::Acknowledgement { promise, .. } = &world.notices[0].content else {
        panic!("{:?}", world.notices)
    };
    assert_eq!(promise.target.map(show).as_deref(), Some("lun 2026-11-23 09:30"));
    assert!(promise.why.starts_with("Recibido antes de las 14:00"), "{}", promise.why);
    let asked = "se preguntó si era suyo (vie 20 nov 2026, 13:50 h)";
    assert!(promise.why.contains(asked), "{}", promise.why);
    let steps = |world: &World| {
        let clocks = world.view().clocks(world.now).expect("in the calendar");
        let steps = world.view().explain(&clocks[0], world.now).expect("in the calendar");
        steps.iter().map(|step| (step.rule, step.clause())).collect::<Vec<_>>()
    };
    assert_eq!(steps(&world), [("7.1", 7), ("M1a", 1), ("7.7", 7), ("7.10", 7)]);
    assert_eq!(steps(&self::world().open(RECEIVED)), [("7.1", 7), ("7.10", 7)]);
}

/// A reply that reopens: the new cycle counts from the reply's receipt, with the pause.
#[test]
fn a_reply_that_reopens() {
    let mut world = world().open("mar 2026-11-17 09:00");
    world.sends("mar 2026-11-17 10:00", Solution);
    world.wait("jue 2026-11-19 10:00");
    replies(&mut world);
    assert_eq!(world.status(), "2 open");
    assert_eq!(world.target(ORDINARY), "lun 2026-11-23 09:30");
    // An earlier reply comes to light: the cycle begins with it, and that one was never in doubt.
    world.writes_late("vie 2026-11-20 14:30", "vie 2026-11-20 13:00");
    assert_eq!(world.target(ORDINARY), "vie 2026-11-20 18:00");
}

/// A reply that starts a reply clock pauses that clock; the attention clock that runs already is not
/// stopped by a mail that only adds something.
#[test]
fn a_reply_on_an_open_ticket() {
    let mut attended = world().open("vie 2026-11-20 09:00");
    attended.sends("vie 2026-11-20 10:00", Answer);
    replies(&mut attended);
    let clock = attended.view().reply_clock().expect("in the calendar").expect("unanswered");
    assert_eq!(clock.received_at, at(RECEIVED));
    assert_eq!(clock.target.target, Some(at("lun 2026-11-23 09:30")));

    let mut waiting = world().open("vie 2026-11-20 09:00");
    replies(&mut waiting);
    assert_eq!(waiting.target(ORDINARY), "vie 2026-11-20 18:00");

    // The desk had asked: the answer counts from its receipt, and while it was held the desk waited
    // just as long.
    let mut asked = world().open("vie 2026-11-20 09:00");
    asked.sends("vie 2026-11-20 13:00", InformationRequest);
    replies(&mut asked);
    assert_eq!(asked.target(ORDINARY), "lun 2026-11-23 10:20", "50 minutes, then 30");
    assert_eq!(asked.view().awaiting()[0].pause.to, Some(at(RECEIVED)));
}

/// A colleague's mail counts from its adoption; when it arrived is kept.
#[test]
fn adopted() {
    let arrived = Some(at("vie 2026-11-20 09:00"));
    let adopted = Open {
        channel: Channel::Mail,
        held_since: arrived,
        ..request("vie 2026-11-20 14:30", "ana")
    };
    let world = registered(adopted, "vie 2026-11-20 14:30");
    assert_eq!(world.target(ORDINARY), "lun 2026-11-23 18:00");
    assert_eq!(world.ticket().opened.held_since, arrived);
}

/// A mail while the póliza is not served is held as by HTTP: no clock before the reactivation, and of
/// the pause what lies after it (10.5).
#[test]
fn while_suspended() {
    let (received, given) = ("lun 2026-12-07 10:00", "mié 2026-12-09 11:30");
    let (from, to) = ("dom 2026-12-06 00:00", "mié 2026-12-09 11:00");
    let mut world = world();
    world.suspended("dom 2026-12-06 00:00", NonPayment, from, "");
    let plain = Open { channel: Channel::Mail, ..request(received, "ana") };
    let mut held = world.clone();
    held.register(plain).expect("ana may open");
    assert_eq!(held.target(ORDINARY), "no clock");
    held.suspended(to, NonPayment, from, to);
    assert_eq!(held.target(ORDINARY), "mié 2026-12-09 18:00");

    world.suspended(given, NonPayment, from, to);
    let asked = Open { confirmation: confirmed(received, given), ..request(received, "ana") };
    world.register(asked).expect("ana may open");
    assert_eq!(world.target(ORDINARY), "jue 2026-12-10 09:30");
}

/// Of two answers only the one that ended the pause stopped the clock while its sender was asked.
#[test]
fn a_second_answer_whose_sender_was_asked() {
    let mut world = world().open("lun 2026-11-09 09:00");
    world.sends("lun 2026-11-09 10:00", InformationRequest);
    world.writes("lun 2026-11-09 11:00");
    let target = world.target(ORDINARY);
    let second = SpocAct::Write(Written {
        text: Some(text("otra cosa")),
        confirmation: confirmed("lun 2026-11-09 11:30", "lun 2026-11-09 15:30"),
        ..Written::default()
    });
    world.client_late("lun 2026-11-09 15:30", "lun 2026-11-09 11:20", "ana", second).expect("hers");
    assert_eq!(world.target(ORDINARY), target);
}

/// A confirmation that took no time is no pause, and none is told.
#[test]
fn confirmed_in_the_instant_of_the_question() {
    for (given, told) in [(RECEIVED, false), (CONFIRMED, true)] {
        let world = registered(mail(RECEIVED, given), given);
        let view = world.view();
        let clocks = view.clocks(world.now).expect("in the calendar");
        let steps = view.explain(&clocks[0], world.now).expect("in the calendar");
        assert_eq!(steps.iter().any(|step| step.rule == "M1a"), told, "{given}");
    }
}
