//! "Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado." Rules
//! 9.0a to 9.6.

use domain::ticket::ReplyKind::{Answer, InformationRequest, ScopeDecision, Solution};
use domain::ticket::{ClosureReason, DeskAct, RefusalCode, SpocAct};

use crate::kit::{ORDINARY, World, code, text, world};

/// A ticket solved on Tuesday at 10:00: it closes on Thursday at 10:00.
fn solved() -> (World, u32) {
    let mut world = world().open("mar 2026-11-17 09:00");
    let solution = world.sends("mar 2026-11-17 10:00", Solution);
    (world, solution)
}

/// Rules 9.2 to 9.4: the reminder, the closing exactly at T, and what stops it.
#[test]
fn silence() {
    let (mut world, _) = solved();
    assert_eq!(
        world.wait("jue 2026-11-19 10:00"),
        [
            "mié 2026-11-18 10:00 solution_reminder>spoc:ana",
            "jue 2026-11-19 10:00 closing>spoc:ana",
        ]
    );
    assert_eq!(world.status(), "1 auto jue 2026-11-19 10:00");
    // True from T on even if the closer is late.
    let (mut late, _) = solved();
    assert_eq!(
        late.tick("vie 2026-11-20 09:00"),
        ["closing>spoc:ana"],
        "no reminder of what is past"
    );
    assert_eq!(late.status(), "1 auto jue 2026-11-19 10:00");
    let (mut early, _) = solved();
    assert!(early.tick("mié 2026-11-18 09:59:59.999").is_empty());
    // Ordinary replies start nothing.
    let mut answered = self::world().open("mar 2026-11-17 09:00");
    answered.sends("mar 2026-11-17 10:00", Answer);
    assert!(answered.wait("vie 2026-12-18 10:00").is_empty());
    assert_eq!(answered.status(), "1 open");
}

/// Rule 9.3: a second solution restarts the silence; an answer stops it.
#[test]
fn second_solution_and_answer() {
    let (mut world, _) = solved();
    world.wait("mié 2026-11-18 10:00");
    world.sends("mié 2026-11-18 11:00", Solution);
    assert_eq!(
        world.wait("lun 2026-11-23 00:00"),
        [
            "jue 2026-11-19 11:00 solution_reminder>spoc:ana",
            "vie 2026-11-20 11:00 closing>spoc:ana",
        ]
    );
    let (mut answered, solution) = solved();
    answered.now = crate::kit::at("mié 2026-11-18 10:00");
    let tick = domain::ticket::Command::Tick(domain::ticket::Concern::Closing);
    answered.act(tick, domain::Actor::System).expect("a tick is never refused");
    let reminder = answered.notices[0].clone();
    assert_eq!(reminder.about, solution);
    assert!(reminder.still_due(answered.ticket(), answered.now));
    answered.writes("mié 2026-11-18 10:01");
    assert!(!reminder.still_due(answered.ticket(), answered.now), "it would be false by now");
    assert!(answered.wait("lun 2026-12-21 00:00").is_empty());
    assert_eq!(answered.status(), "1 open");
    // A question after the solution is a pause: the silence waits with it.
    let (mut asked, _) = solved();
    asked.wait("mié 2026-11-18 11:00");
    asked.sends("mié 2026-11-18 11:00", InformationRequest);
    assert!(asked.wait("vie 2026-11-20 09:00").iter().all(|told| !told.contains("closing")));
    asked
        .desk("vie 2026-11-20 11:00", DeskAct::EndPause { text: text("ya no hace falta") })
        .expect("open");
    // The date of the first reminder is no longer true: the new one is told as soon as it is known.
    assert_eq!(
        asked.wait("dom 2026-11-22 00:00"),
        [
            "vie 2026-11-20 11:00 solution_reminder>spoc:ana",
            "sáb 2026-11-21 10:00 closing>spoc:ana"
        ]
    );
}

/// Rule 9.0a: the closed list, and who may close for which reason.
#[test]
fn the_closed_list() {
    use ClosureReason::{
        Auto, Confirmed, NoAnswer, NotARequest, OutOfScope, ServiceEnded, Withdrawn,
    };
    let not_allowed = Some(RefusalCode::ReasonNotAllowed);
    for reason in [Auto, Confirmed, NoAnswer, OutOfScope, ServiceEnded, Withdrawn] {
        let mut world = world().open("vie 2026-11-20 10:00");
        let close = DeskAct::Close { reason, text: text("?") };
        assert_eq!(code(world.desk("vie 2026-11-20 11:00", close)), not_allowed, "{reason:?}");
    }
    // The decision must have been sent, not only written.
    let mut scope = world().open("vie 2026-11-20 10:00");
    let close = || DeskAct::Close { reason: OutOfScope, text: text("no se quiere la cotización") };
    let decision = scope.reply("vie 2026-11-20 11:00", ScopeDecision);
    assert_eq!(code(scope.desk("vie 2026-11-20 11:01", close())), not_allowed);
    scope.accepted(decision, "vie 2026-11-20 11:02");
    scope.desk("vie 2026-11-20 11:03", close()).expect("the decision was sent");
    assert_eq!(scope.status(), "1 out_of_scope vie 2026-11-20 11:03");
    assert_eq!(scope.result(ORDINARY), "met vie 2026-11-20 11:00");
    assert_eq!(code(scope.desk("vie 2026-11-20 11:04", close())), Some(RefusalCode::TicketClosed));

    // With a second person.
    let mut spam = world().open("vie 2026-11-20 10:00");
    let close = || DeskAct::Close { reason: NotARequest, text: text("publicidad") };
    assert_eq!(spam.desk("vie 2026-11-20 11:00", close()), Ok(1));
    assert_eq!(spam.status(), "1 open");
    let proposal = spam.ticket().seq;
    assert_eq!(spam.desk("vie 2026-11-20 11:01", close()), Ok(0), "proposed once");
    let approve = || DeskAct::Approve { proposal };
    let same = spam.desk("vie 2026-11-20 11:02", approve());
    assert_eq!(code(same), Some(RefusalCode::SamePerson));
    spam.desk_by("vie 2026-11-20 11:03", "mara", approve()).expect("another person");
    assert_eq!(spam.status(), "1 not_a_request vie 2026-11-20 11:03");
}

/// A SPoC confirms or withdraws; of two acts the first one received counts (G7).
#[test]
fn confirmed_and_withdrawn() {
    let (mut world, _) = solved();
    assert_eq!(world.client("mié 2026-11-18 09:00", "dora", SpocAct::Confirm), Ok(1));
    assert_eq!(world.status(), "1 confirmed mié 2026-11-18 09:00");
    assert_eq!(world.client("mié 2026-11-18 09:01", "ana", SpocAct::Confirm), Ok(0));
    assert!(world.wait("lun 2026-11-23 10:00").is_empty(), "no reminder, no second closing");
    assert_eq!(world.client("lun 2026-11-23 10:00", "ana", SpocAct::Withdraw), Ok(1), "kept");
    assert_eq!(world.client("lun 2026-11-23 10:01", "ana", SpocAct::Withdraw), Ok(0));
    assert_eq!(world.status(), "1 confirmed mié 2026-11-18 09:00");
    assert!(world.notices.is_empty(), "nothing has changed");

    let mut nothing = self::world().open("mar 2026-11-17 09:00");
    let confirm = nothing.client("mar 2026-11-17 10:00", "ana", SpocAct::Confirm);
    assert_eq!(code(confirm), Some(RefusalCode::NoSolution));
    nothing.client("mar 2026-11-17 19:00", "ana", SpocAct::Withdraw).expect("hers");
    assert_eq!(nothing.result(ORDINARY), "missed", "withdrawn after the target: the miss stays");

    // Received before the closing by silence, handled after it.
    for (act, status) in [
        (SpocAct::Confirm, "1 confirmed jue 2026-11-19 09:59"),
        (SpocAct::Withdraw, "1 withdrawn jue 2026-11-19 09:59"),
    ] {
        let (mut late, _) = solved();
        late.wait("jue 2026-11-19 10:00");
        let (handled, received) = ("jue 2026-11-19 10:05", "jue 2026-11-19 09:59");
        late.client_late(handled, received, "ana", act.clone()).expect("hers");
        assert_eq!(late.status(), status);
        assert_eq!(late.client_late(handled, received, "ana", act), Ok(0));
    }
    // What was written within the same instant before came before; what comes after it reopens.
    let (mut at_once, _) = solved();
    at_once.writes("mié 2026-11-18 09:00");
    at_once.client("mié 2026-11-18 09:00", "ana", SpocAct::Confirm).expect("hers");
    assert_eq!(at_once.status(), "1 confirmed mié 2026-11-18 09:00");
    at_once.writes("mié 2026-11-18 09:00");
    assert_eq!(at_once.status(), "2 open");
    // At the closing instant or later there is nothing left to confirm.
    let (mut after, _) = solved();
    after.client("jue 2026-11-19 10:00", "ana", SpocAct::Confirm).expect("the closing is recorded");
    assert_eq!(after.status(), "1 auto jue 2026-11-19 10:00");
}

/// Who confirms in the very instant in which the solution was written confirms what was attended then.
#[test]
fn confirmed_in_the_instant_of_the_solution() {
    let mut world = world().open("lun 2026-11-09 10:00");
    world.sends("lun 2026-11-09 11:00", Solution);
    world.client("lun 2026-11-09 11:00", "ana", SpocAct::Confirm).expect("it is solved");
    assert_eq!(world.status(), "1 confirmed lun 2026-11-09 11:00");
    assert_eq!(world.result(ORDINARY), "met lun 2026-11-09 11:00");
}

/// Two confirm at once, and the hosts that handle it have clocks that are behind: the ticket is closed by the
/// first of them, and not only once the clock of a host has come so far (G7).
#[test]
fn confirmed_twice_where_clocks_are_behind() {
    let mut world = world().open("lun 2026-11-16 10:00");
    world.sends("lun 2026-11-16 11:00", Solution);
    for received in ["lun 2026-11-16 12:00", "lun 2026-11-16 11:59"] {
        world.client_late("lun 2026-11-16 11:57", received, "ana", SpocAct::Confirm).unwrap();
    }
    assert_eq!(world.status(), "1 confirmed lun 2026-11-16 11:59");
}

/// Rules 9.6 and G7: an act that finds the ticket closed by silence is kept, and counts from its receipt
/// where that closing never was; with the reply that undoes it handled first or last.
#[test]
fn an_act_that_found_the_ticket_closed() {
    let (act_at, reply_at, handled) =
        ("jue 2026-11-19 12:00", "jue 2026-11-19 09:00", "jue 2026-11-19 13:00");
    for (act, word) in [(SpocAct::Confirm, "confirmed"), (SpocAct::Withdraw, "withdrawn")] {
        let (mut world, _) = solved();
        world.wait("jue 2026-11-19 10:00");
        assert_eq!(world.client(act_at, "ana", act.clone()), Ok(1));
        assert_eq!(world.status(), "1 auto jue 2026-11-19 10:00");
        assert!(world.notices.is_empty(), "he knows that it is closed");
        assert_eq!(world.client("jue 2026-11-19 12:30", "dora", act.clone()), Ok(0), "once");
        let kept = world.ticket().seq;
        world.writes_late(handled, reply_at);
        assert_eq!(world.status(), format!("1 {word} {act_at}"));
        assert_eq!(world.told(), ["closing_corrected>spoc:ana", "closing>spoc:ana"]);
        let closed = world.events.last().expect("an event");
        let domain::ticket::Fact::Closed { cites, .. } = closed.fact else { panic!("{closed:?}") };
        assert_eq!((cites, &closed.by), (Some(kept), &domain::Actor::System));
        assert_eq!(world.client_late(handled, act_at, "ana", act.clone()), Ok(0), "again");

        // The reply first: nothing was closed, so the act closes.
        let (mut other, _) = solved();
        other.wait("jue 2026-11-19 10:00");
        other.writes_late("jue 2026-11-19 11:00", reply_at);
        other.client(act_at, "ana", act).expect("hers");
        assert_eq!(other.status(), world.status());
    }
    // What the solution of the closing reached nobody, there is nothing that was confirmed.
    let (mut bounced, solution) = solved();
    bounced.wait("jue 2026-11-19 10:00");
    bounced.client(act_at, "ana", SpocAct::Confirm).expect("kept");
    bounced.bounced(handled, solution, "ana");
    assert_eq!(bounced.status(), "1 open");
    bounced.sends("jue 2026-11-19 14:00", Solution);
    assert_eq!(bounced.status(), "1 open", "said of the first solution, not of this one");
}

/// Rule G7: an act that was received before the closing by silence counts, also where a reply has
/// reopened the ticket meanwhile; what the reply began stays.
#[test]
fn an_act_that_comes_to_light_after_a_reopening() {
    for (act, word) in [(SpocAct::Confirm, "confirmed"), (SpocAct::Withdraw, "withdrawn")] {
        let (mut world, _) = solved();
        world.wait("jue 2026-11-19 10:00");
        world.writes("jue 2026-11-19 12:00");
        world.sends("jue 2026-11-19 12:30", Answer);
        let (handled, received) = ("jue 2026-11-19 13:00", "jue 2026-11-19 09:00");
        world.client_late(handled, received, "ana", act.clone()).expect("hers");
        assert_eq!(world.status(), "2 open");
        assert_eq!(world.result(ORDINARY), "met jue 2026-11-19 12:30");
        let before = world.ticket().before.as_ref().and_then(|it| it.closure.clone());
        let before = before.expect("the first cycle closed");
        assert_eq!(before.at, crate::kit::at(received), "{word}");
        assert_eq!(world.client_late(handled, received, "ana", act), Ok(0));
    }
    // Too late after the earlier closing to reopen: the reply keeps its cycle.
    let (mut late, _) = solved();
    late.wait("jue 2026-11-19 10:00");
    late.writes("jue 2026-11-26 23:00");
    late.client_late("jue 2026-11-26 23:30", "mié 2026-11-18 09:00", "ana", SpocAct::Confirm)
        .expect("kept");
    assert_eq!(late.status(), "2 open");
}

/// Rule 9.4: thanks before the closing closes as confirmed, citing the message.
#[test]
fn thanks_before_the_closing() {
    let (mut world, _) = solved();
    let message = world.writes("mar 2026-11-17 11:00");
    let thanks = || DeskAct::MarkThanks { message };
    assert_eq!(world.desk("mié 2026-11-18 09:00", thanks()), Ok(2));
    assert_eq!(world.status(), "1 confirmed mié 2026-11-18 09:00");
    let last = &world.events.last().expect("an event").fact;
    let domain::ticket::Fact::Closed { cites, .. } = last else { panic!("{last:?}") };
    assert_eq!(*cites, Some(message));
    assert_eq!(world.desk("mié 2026-11-18 09:01", thanks()), Ok(0));

    // Words from before the solution answer nothing.
    let mut before = self::world().open("mar 2026-11-17 09:00");
    let message = before.writes("mar 2026-11-17 09:30");
    let early = before.desk("mar 2026-11-17 09:40", DeskAct::MarkThanks { message });
    assert_eq!(code(early), Some(RefusalCode::NoSolution));
    before.sends("mar 2026-11-17 10:00", Solution);
    let early = before.desk("mar 2026-11-17 10:10", DeskAct::MarkThanks { message });
    assert_eq!(code(early), Some(RefusalCode::Nothing));
    let unknown = before.desk("mar 2026-11-17 10:10", DeskAct::MarkThanks { message: 99 });
    assert_eq!(code(unknown), Some(RefusalCode::Nothing));
}

/// A closed ticket takes no more acts; the desk may still answer.
#[test]
fn what_a_closed_ticket_takes() {
    let (mut world, _) = solved();
    world.wait("jue 2026-11-19 10:00");
    let closed = Some(RefusalCode::TicketClosed);
    for reply in [Solution, InformationRequest, ScopeDecision] {
        let act = DeskAct::Reply { reply, text: text("?") };
        assert_eq!(code(world.desk("jue 2026-11-19 11:00", act)), closed);
    }
    world.sends("jue 2026-11-19 11:00", Answer);
    assert_eq!(world.status(), "1 auto jue 2026-11-19 10:00");
    let declare = SpocAct::DeclareCritical(crate::kit::declaration());
    assert_eq!(code(world.client("jue 2026-11-19 11:00", "ana", declare)), closed);
    let downgrade = DeskAct::Downgrade { text: text("?") };
    assert_eq!(code(world.desk("jue 2026-11-19 11:00", downgrade)), closed);
}

/// At the instant at which it closes nobody is reminded any more.
#[test]
fn no_reminder_of_what_is_closed() {
    let mut world = world().open("lun 2026-11-09 09:00");
    world.sends("lun 2026-11-09 10:00", Solution);
    assert_eq!(world.tick("mié 2026-11-11 10:00"), ["closing>spoc:ana"]);
}
