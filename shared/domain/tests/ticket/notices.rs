//! A5: whether a notice still makes sense is asked once more when it is about to be sent.

use domain::Actor;
use domain::terms::{Centavos, EmergencySurcharge};
use domain::ticket::ReplyKind::{Answer, AnswerAndRequest, InformationRequest, Solution};
use domain::ticket::{Command, Concern, DeskAct, Notice, SpocAct};

use crate::kit::{World, agreement, at, declaration, text, world, wrote};

/// The notice of a kind that the last act told.
fn told(world: &World, kind: &str) -> Notice {
    let notice = world.notices.iter().find(|it| it.content.kind() == kind).cloned();
    notice.unwrap_or_else(|| panic!("{kind} is not among {:?}", world.told()))
}

fn is_sent(world: &World, notice: &Notice, when: &str) -> bool {
    notice.still_due(world.ticket(), at(when))
}

/// The timers fire, late or not, without what is due in between.
fn fires(world: &mut World, concern: Concern, when: &str) {
    world.now = at(when);
    world.act(Command::Tick(concern), Actor::System).expect("a tick is never refused");
}

#[test]
fn of_an_offer_while_it_can_be_accepted() {
    let opened = world().open("vie 2026-11-20 14:10");
    let offer = told(&opened, "same_day_offer");
    assert!(is_sent(&opened, &offer, "vie 2026-11-20 16:59:59.999"));
    assert!(!is_sent(&opened, &offer, "vie 2026-11-20 17:00"));
    for (who, act) in [
        ("caro", SpocAct::AcceptSameDay),
        ("caro", SpocAct::DeclineSameDay),
        ("ana", SpocAct::Withdraw),
    ] {
        let mut world = opened.clone();
        world.client("vie 2026-11-20 14:30", who, act).expect("in time");
        assert!(!is_sent(&world, &offer, "vie 2026-11-20 14:30"), "{:?}", world.told());
    }
    // A later cycle has offers of its own.
    let mut reopened = opened;
    reopened.sends("vie 2026-11-20 14:20", Solution);
    reopened.client("vie 2026-11-20 14:30", "ana", SpocAct::Confirm).expect("she may");
    reopened.writes("vie 2026-11-20 14:40");
    assert_eq!(reopened.status(), "2 open");
    assert!(!is_sent(&reopened, &offer, "vie 2026-11-20 14:40"));
}

#[test]
fn of_an_emergencys_cost_while_it_is_one_and_not_accepted() {
    let cost = EmergencySurcharge::WithCost(Centavos(300_000));
    let plan = agreement("plan-2", |plan| plan.emergency_surcharge = Some(cost));
    let opened = World::of(plan).open_critical("vie 2026-11-20 10:00");
    let cost = told(&opened, "emergency_cost");
    assert!(is_sent(&opened, &cost, "vie 2026-11-20 10:00"));
    let mut at_once = opened.clone();
    at_once.client("vie 2026-11-20 10:00", "caro", SpocAct::AcceptEmergencyCost).expect("he may");
    assert!(!is_sent(&at_once, &cost, "vie 2026-11-20 10:00"), "in the instant of the declaration");
    let mut accepted = opened.clone();
    accepted.client("vie 2026-11-20 10:10", "caro", SpocAct::AcceptEmergencyCost).expect("he may");
    assert!(!is_sent(&accepted, &cost, "vie 2026-11-20 10:10"));
    let mut downgraded = opened.clone();
    let reason = text("se puede facturar por otra vía");
    downgraded.desk("vie 2026-11-20 10:10", DeskAct::Downgrade { text: reason }).expect("it may");
    assert!(!is_sent(&downgraded, &cost, "vie 2026-11-20 10:10"));
    // What was accepted for the first declaration is not accepted for the next one.
    let declare = SpocAct::DeclareCritical(declaration());
    let mut again = accepted;
    let reason = text("ya factura");
    again.desk("vie 2026-11-20 11:00", DeskAct::Downgrade { text: reason }).expect("it may");
    again.client("vie 2026-11-20 12:00", "ana", declare).expect("she may");
    assert!(is_sent(&again, &told(&again, "emergency_cost"), "vie 2026-11-20 12:00"));
    let mut closed = opened;
    closed.client("vie 2026-11-20 10:10", "ana", SpocAct::Withdraw).expect("she may");
    assert!(!is_sent(&closed, &cost, "vie 2026-11-20 10:10"));
}

#[test]
fn of_a_request_that_waits_while_it_does() {
    let mut waits = world().open("vie 2026-11-20 10:00");
    fires(&mut waits, Concern::Attention, "vie 2026-11-20 16:00");
    let warning = told(&waits, "desk_warning");
    assert!(is_sent(&waits, &warning, "vie 2026-11-20 16:00"));
    let mut answered = waits.clone();
    answered.sends("vie 2026-11-20 16:01", Answer);
    assert!(!is_sent(&answered, &warning, "vie 2026-11-20 16:01"));
    let mut closed = waits;
    closed.client("vie 2026-11-20 16:01", "ana", SpocAct::Withdraw).expect("she may");
    assert!(!is_sent(&closed, &warning, "vie 2026-11-20 16:01"));

    let mut critical = world().open_critical("vie 2026-11-20 10:00");
    let page = told(&critical, "desk_page");
    assert!(is_sent(&critical, &page, "vie 2026-11-20 10:01"));
    critical.sends("vie 2026-11-20 10:02", Answer);
    assert!(!is_sent(&critical, &page, "vie 2026-11-20 10:02"), "somebody is at it");
}

#[test]
fn of_a_closing_that_stands_or_was_followed_by_another_cycle() {
    let mut world = world().open("mar 2026-11-17 09:00");
    world.sends("mar 2026-11-17 10:00", Solution);
    fires(&mut world, Concern::Closing, "jue 2026-11-19 10:00");
    let closing = told(&world, "closing");
    assert!(is_sent(&world, &closing, "jue 2026-11-19 10:00"));
    let mut reopened = world.clone();
    reopened.writes("jue 2026-11-19 11:00");
    let told_again = told(&reopened, "reopened");
    assert!(is_sent(&reopened, &closing, "jue 2026-11-19 11:00"), "it had closed");
    assert!(is_sent(&reopened, &told_again, "jue 2026-11-19 11:00"));
    // The answer of the minute before comes to light: it never closed, nor reopened.
    let mut undone = world.clone();
    undone.writes_late("jue 2026-11-19 10:05", "jue 2026-11-19 09:59");
    assert!(!is_sent(&undone, &closing, "jue 2026-11-19 10:05"));
    let corrected = told(&undone, "closing_corrected");
    assert!(corrected.is_correction() && corrected.takes_back(&closing));
    assert!(!closing.is_correction() && !corrected.takes_back(&told_again));
    // It closes again, at another instant: the first notice is of another closing.
    undone.sends("jue 2026-11-19 12:00", Solution);
    fires(&mut undone, Concern::Closing, "sáb 2026-11-21 12:00");
    assert!(!is_sent(&undone, &closing, "sáb 2026-11-21 12:00"));
    assert!(!corrected.takes_back(&told(&undone, "closing")));
}

#[test]
fn of_a_reopening_that_was_annulled() {
    let mut world = world().open("mar 2026-11-17 09:00");
    world.sends("mar 2026-11-17 10:00", Solution);
    world.wait("jue 2026-11-19 10:00");
    let message = world.writes("jue 2026-11-19 11:00");
    let reopened = told(&world, "reopened");
    world.desk("jue 2026-11-19 11:30", DeskAct::MarkThanks { message }).expect("it may");
    let annulled = told(&world, "reopening_annulled");
    assert!(is_sent(&world, &annulled, "jue 2026-11-19 11:30"));
    assert!(!is_sent(&world, &reopened, "jue 2026-11-19 11:30"));
    assert!(annulled.is_correction() && annulled.takes_back(&reopened));
    // Another answer reopens it after all.
    world.writes("jue 2026-11-19 12:00");
    let other = told(&world, "reopened");
    assert!(!is_sent(&world, &annulled, "jue 2026-11-19 12:00"));
    assert!(!annulled.takes_back(&other), "that one was of another message");
    world.client("jue 2026-11-19 12:30", "ana", SpocAct::Withdraw).expect("she may");
    assert!(!is_sent(&world, &annulled, "jue 2026-11-19 12:30"), "another cycle is closed now");
}

/// 9.3: silence after a solution is over once the client has answered it, or another solution began another
/// silence; a question to him does not end it.
#[test]
fn of_a_closing_ahead_while_the_client_is_silent() {
    let mut world = world().open("mar 2026-11-17 09:00");
    world.writes("mar 2026-11-17 09:30");
    world.sends("mar 2026-11-17 10:00", Solution);
    fires(&mut world, Concern::Closing, "mié 2026-11-18 10:00");
    let reminder = told(&world, "solution_reminder");
    assert!(is_sent(&world, &reminder, "jue 2026-11-19 09:59:59.999"));
    assert!(!is_sent(&world, &reminder, "jue 2026-11-19 10:00"));
    let mut asked = world.clone();
    asked.sends("mié 2026-11-18 11:00", AnswerAndRequest);
    assert!(is_sent(&asked, &reminder, "mié 2026-11-18 11:00"));
    asked
        .desk("mié 2026-11-18 12:00", DeskAct::EndPause { text: text("ya lo vimos") })
        .expect("it may");
    assert!(is_sent(&asked, &reminder, "mié 2026-11-18 12:00"), "he is as silent as before");
    let mut again = world.clone();
    again.sends("mié 2026-11-18 11:00", Solution);
    assert!(!is_sent(&again, &reminder, "mié 2026-11-18 11:00"));
    let mut thanked = world;
    let message = thanked.writes("mié 2026-11-18 11:00");
    assert!(!is_sent(&thanked, &reminder, "mié 2026-11-18 11:00"));
    thanked.desk("mié 2026-11-18 12:00", DeskAct::MarkThanks { message }).expect("it may");
    assert!(!is_sent(&thanked, &reminder, "mié 2026-11-18 12:00"), "it closed as confirmed");

    let mut asks = crate::kit::world().open("vie 2026-11-20 10:00");
    asks.sends("vie 2026-11-20 11:00", InformationRequest);
    fires(&mut asks, Concern::Attention, "mié 2026-11-25 09:00");
    let reminder = told(&asks, "information_reminder");
    asks.desk("mié 2026-11-25 10:00", DeskAct::EndPause { text: text("ya la tenemos") })
        .expect("it may");
    assert!(!is_sent(&asks, &reminder, "mié 2026-11-25 10:00"), "the desk waits no longer");
}

/// 10.5: that there is no service is told once, whichever ticket gave the occasion; what a person wrote is
/// told as his message, and anything else as ours.
#[test]
fn what_a_notice_is_of() {
    use domain::standing::StandingCause::NonPayment;
    let mut world = world().open("vie 2026-11-20 10:00");
    assert!(!told(&world, "acknowledgement").is_of_client());
    assert!(!told(&world, "acknowledgement").content.is_message());
    world.reply("vie 2026-11-20 10:30", Answer);
    assert!(told(&world, "reply").content.is_message());
    world.suspended("vie 2026-11-20 11:00", NonPayment, "vie 2026-11-20 11:00", "");
    let write = wrote(Some(text("hola")), false);
    world.client("vie 2026-11-20 12:00", "ana", write).expect("she may");
    assert!(told(&world, "not_served").is_of_client());
}
