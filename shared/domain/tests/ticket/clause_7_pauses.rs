//! "Los tiempos están sujetos a: […] Información correcta del cliente. Accesos necesarios otorgados
//! oportunamente." Rule 7.7.

use domain::Actor;
use domain::ticket::{ClosureReason, Command, Concern, DeskAct, RefusalCode, ReplyKind, SpocAct};

use crate::kit::{ORDINARY, code, declaration, text, world};

use ReplyKind::{AccessRequest, InformationRequest};

/// A pause begins when the request is accepted by the mail service, never when it is written.
#[test]
fn from_the_acceptance() {
    let mut world = world().open("vie 2026-11-20 10:00");
    let request = world.reply("vie 2026-11-20 11:00", InformationRequest);
    assert_eq!(world.target(ORDINARY), "vie 2026-11-20 18:00");
    world.accepted(request, "vie 2026-11-20 11:20");
    assert_eq!(world.target(ORDINARY), "no target");
    world.writes("vie 2026-11-20 12:20");
    assert_eq!(world.target(ORDINARY), "lun 2026-11-23 10:00", "one contracted hour");
    // The mail service's clock may be behind ours: a pause never begins before it was asked for.
    let request = world.reply("vie 2026-11-20 13:00", AccessRequest);
    world.accepted(request, "vie 2026-11-20 12:30");
    assert_eq!(world.view().awaiting()[1].pause.from, crate::kit::at("vie 2026-11-20 13:00"));
}

/// It ends at the client's next human message, by a person with a reason, or by a declaration.
#[test]
fn how_a_pause_ends() {
    let asked = || {
        let mut world = world().open("vie 2026-11-20 10:00");
        world.sends("vie 2026-11-20 11:00", InformationRequest);
        world
    };
    let mut person = asked();
    let end = || DeskAct::EndPause { text: text("lo vimos por teléfono") };
    assert_eq!(person.desk("vie 2026-11-20 11:30", end()), Ok(1));
    assert_eq!(person.target(ORDINARY), "lun 2026-11-23 09:30");
    assert_eq!(code(person.desk("vie 2026-11-20 11:31", end())), Some(RefusalCode::Nothing));

    let mut raised = asked();
    let declare = SpocAct::DeclareCritical(declaration());
    raised.client("vie 2026-11-20 11:15", "ana", declare).expect("hers");
    assert_eq!(raised.target(ORDINARY), "lun 2026-11-23 09:15");

    // An act by link is a human message of its author (G14).
    let mut accepted = world().open("vie 2026-11-20 14:30");
    accepted.sends("vie 2026-11-20 14:40", InformationRequest);
    accepted.client("vie 2026-11-20 15:10", "caro", SpocAct::AcceptSameDay).expect("counts");
    assert_eq!(accepted.target(ORDINARY), "lun 2026-11-23 09:30");

    // A message that came before the request was written does not end it.
    let mut crossed = world().open("vie 2026-11-20 10:00");
    crossed.writes("vie 2026-11-20 10:59");
    let request = crossed.reply("vie 2026-11-20 11:00", InformationRequest);
    crossed.accepted(request, "vie 2026-11-20 11:10");
    assert_eq!(crossed.target(ORDINARY), "no target");
}

/// No answer: reminders after 2, 5 and 10 business days, then a task of the desk; never closed by
/// itself.
#[test]
fn reminders() {
    let mut world = world().open("vie 2026-11-20 10:00");
    world.sends("vie 2026-11-20 11:00", InformationRequest);
    let no_answer =
        || DeskAct::Close { reason: ClosureReason::NoAnswer, text: text("sin respuesta") };
    let early = world.desk("vie 2026-11-20 12:00", no_answer());
    assert_eq!(code(early), Some(RefusalCode::ReasonNotAllowed));
    let told = world.wait("vie 2027-01-15 12:00");
    assert_eq!(
        told,
        [
            "mié 2026-11-25 09:00 information_reminder>spoc:ana",
            "lun 2026-11-30 09:00 information_reminder>spoc:ana",
            "lun 2026-12-07 09:00 information_reminder>spoc:ana",
            "lun 2026-12-07 09:00 desk_no_answer>desk",
        ]
    );
    assert_eq!(world.status(), "1 open");
    assert_eq!(world.result(ORDINARY), "pending");
    world.desk("vie 2027-01-15 12:00", no_answer()).expect("after the last reminder");
    assert_eq!(world.status(), "1 no_answer vie 2027-01-15 12:00");
    assert_eq!(world.result(ORDINARY), "closed vie 2027-01-15 12:00");
}

/// Whoever answers is no longer reminded, not even by a reminder that waits to be sent.
#[test]
fn answered() {
    let mut world = world().open("vie 2026-11-20 10:00");
    world.sends("vie 2026-11-20 11:00", InformationRequest);
    world.now = crate::kit::at("mié 2026-11-25 09:00");
    let tick = Command::Tick(Concern::Attention);
    world.act(tick, Actor::System).expect("a tick is never refused");
    let reminder = world.notices[0].clone();
    assert!(reminder.still_due(world.ticket(), world.now));
    world.writes_late("mié 2026-11-25 09:01", "mié 2026-11-25 08:59");
    assert!(!reminder.still_due(world.ticket(), world.now));
    assert!(world.wait("lun 2026-11-30 10:00").iter().all(|told| !told.contains("information")));
}

/// The target that is shown of a decided clock is the one by which it was decided: it is not paused, and
/// a later pause does not move it.
#[test]
fn a_decided_clock_is_paused_no_more() {
    let call = |from: &str, to: &str| DeskAct::RecordAct {
        act: domain::ticket::ActKind::Call,
        started_at: crate::kit::at(from),
        ended_at: crate::kit::at(to),
        text: text("llamada"),
    };
    let mut during = world().open("vie 2026-11-20 10:00");
    during.sends("vie 2026-11-20 11:00", InformationRequest);
    during
        .desk("vie 2026-11-20 12:40", call("vie 2026-11-20 12:30", "vie 2026-11-20 12:40"))
        .expect("at once");
    assert_eq!(during.result(ORDINARY), "met vie 2026-11-20 12:30");
    assert_eq!(during.target(ORDINARY), "lun 2026-11-23 10:30", "half past one of pause");
    during.writes("lun 2026-11-23 12:00");
    assert_eq!(during.target(ORDINARY), "lun 2026-11-23 10:30", "the rest of it moves nothing");

    let mut later = world().open("vie 2026-11-20 10:00");
    later.sends("vie 2026-11-20 11:00", ReplyKind::AnswerAndRequest);
    assert_eq!(later.result(ORDINARY), "met vie 2026-11-20 11:00");
    assert_eq!(later.target(ORDINARY), "vie 2026-11-20 18:00");

    let mut withdrawn = world().open("vie 2026-11-20 10:00");
    withdrawn.sends("vie 2026-11-20 11:00", InformationRequest);
    withdrawn.client("vie 2026-11-20 11:30", "ana", SpocAct::Withdraw).expect("hers");
    assert_eq!(withdrawn.target(ORDINARY), "lun 2026-11-23 09:30");
}
