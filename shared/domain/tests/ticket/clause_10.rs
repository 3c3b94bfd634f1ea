//! "Falta de pago suspende el soporte." "Reactivaciones están sujetas a disponibilidad y condiciones
//! vigentes." Rules 10.5 and 10.6, as far as a ticket goes.

use domain::Actor;
use domain::standing::Span;
use domain::standing::StandingCause::{Cancelled, NonPayment};
use domain::ticket::ReplyKind::{Answer, InformationRequest, Solution};
use domain::ticket::{ClosureReason, Command, Concern, Content, DeskAct, RefusalCode, SpocAct};

use crate::kit::{IMMEDIATE, ORDINARY, World, agreement, at, code, declaration, text, world};

/// An opening while suspended is held: no clock, no page; the clock starts at the reactivation, under
/// the edition then in force.
#[test]
fn a_held_opening() {
    let mut world = world();
    world.suspended("dom 2026-12-06 00:00", NonPayment, "dom 2026-12-06 00:00", "");
    let mut world = world.open_critical("lun 2026-12-07 10:00");
    assert_eq!(world.target(IMMEDIATE), "no clock");
    assert!(world.told_to("on-call").is_empty());
    let Content::Acknowledgement { promise, offer, .. } = &world.notices[0].content else {
        panic!("{:?}", world.notices)
    };
    assert_eq!((promise.held, promise.target, *offer), (Some(NonPayment), None, None));
    assert!(world.wait("mié 2026-12-09 10:00").is_empty());
    world.agreements.push(agreement("plan-2", |_| {}));
    world.suspended(
        "mié 2026-12-09 11:00",
        NonPayment,
        "dom 2026-12-06 00:00",
        "mié 2026-12-09 11:00",
    );
    assert_eq!(world.target(IMMEDIATE), "mié 2026-12-09 11:30");
    assert_eq!(world.ticket().cycle.pinned.plan, "plan-2");
    assert_eq!(
        world.told(),
        ["clock_started>spoc:ana", "desk_reactivated>desk", "desk_page>on-call"]
    );
    // A late job changes nothing: the clock starts at the reactivation that ended the hold.
    let mut late = self::world();
    late.suspended("dom 2026-12-06 00:00", NonPayment, "dom 2026-12-06 00:00", "");
    let mut late = late.open("lun 2026-12-07 10:00");
    late.gate.spans[0].to = Some(at("mar 2026-12-08 09:00"));
    let again = Span {
        cause: NonPayment,
        from: at("mié 2026-12-09 10:00"),
        to: Some(at("mié 2026-12-09 12:00")),
    };
    late.gate.spans.push(again);
    late.gate.rev += 1;
    late.hears("jue 2026-12-10 09:00");
    assert_eq!(late.ticket().cycle.clock_from, Some(at("mar 2026-12-08 09:00")));
    assert_eq!(late.target(ORDINARY), "mar 2026-12-08 18:00");
}

/// A request that was received while suspended and is handled after the reactivation does not wait for
/// another change of the gate.
#[test]
fn held_and_handled_late() {
    let mut world = world();
    let (from, to) = ("dom 2026-12-06 00:00", "mié 2026-12-09 11:00");
    world.suspended("mié 2026-12-09 11:00", NonPayment, from, to);
    let mut world = world.open("lun 2026-12-07 10:00");
    assert_eq!(world.target(ORDINARY), "mié 2026-12-09 18:00");
    assert_eq!(world.ticket().cycle.received_at, at("lun 2026-12-07 10:00"));

    world.client("mié 2026-12-09 12:00", "ana", SpocAct::Withdraw).expect("hers");
    let (from, to) = ("jue 2026-12-10 00:00", "vie 2026-12-11 15:00");
    world.suspended("vie 2026-12-11 15:00", NonPayment, from, to);
    world.writes_late("vie 2026-12-11 15:05", "jue 2026-12-10 10:00");
    assert_eq!(world.status(), "2 open");
    assert_eq!(world.target(ORDINARY), "lun 2026-12-14 18:00");
}

/// Where the terms changed between the receipt and the reactivation, a clock that starts by the late
/// opening or reply itself is under those of the reactivation (G6).
#[test]
fn handled_late_under_the_terms_of_the_reactivation() {
    let mut world = world();
    let (from, to) = ("dom 2026-12-06 00:00", "mié 2026-12-09 11:00");
    world.reactivations = vec![(at(to), agreement("plan-2", |_| {}))];
    world.suspended("mié 2026-12-09 11:00", NonPayment, from, to);
    let mut world = world.open("lun 2026-12-07 10:00");
    assert_eq!(world.ticket().cycle.pinned.plan, "plan-2");

    world.client("mié 2026-12-09 12:00", "ana", SpocAct::Withdraw).expect("hers");
    let (from, to) = ("jue 2026-12-10 00:00", "vie 2026-12-11 15:00");
    world.reactivations.push((at(to), agreement("plan-3", |_| {})));
    world.suspended("vie 2026-12-11 15:00", NonPayment, from, to);
    world.writes_late("vie 2026-12-11 15:05", "jue 2026-12-10 10:00");
    assert_eq!(world.status(), "2 open");
    assert_eq!(world.ticket().cycle.pinned.plan, "plan-3");
}

/// What the desk did while the ticket was held is attention all the same.
#[test]
fn attended_while_held() {
    let mut world = world();
    world.suspended("dom 2026-12-06 00:00", NonPayment, "dom 2026-12-06 00:00", "");
    let mut world = world.open("lun 2026-12-07 10:00");
    world.sends("lun 2026-12-07 12:00", Answer);
    world.suspended(
        "mié 2026-12-09 11:00",
        NonPayment,
        "dom 2026-12-06 00:00",
        "mié 2026-12-09 11:00",
    );
    assert_eq!(world.result(ORDINARY), "met lun 2026-12-07 12:00");
    assert!(world.wait("vie 2026-12-18 11:00").is_empty());
}

/// Who reactivates may have a clock that is ahead of those who spread it: the ticket waits for the instant
/// itself, and whatever is done with it after that finds its clock in its course.
#[test]
fn held_until_an_instant_that_is_known() {
    let held = |reply| {
        let (from, to) = ("dom 2026-12-06 00:00", "mié 2026-12-09 11:00");
        let mut world = world();
        world.suspended(from, NonPayment, from, "");
        let mut world = world.open("lun 2026-12-07 10:00");
        world.sends("lun 2026-12-07 12:00", reply);
        world.suspended("mié 2026-12-09 10:58", NonPayment, from, to);
        assert_eq!(world.result(ORDINARY), "no clock");
        world
    };
    let mut world = held(InformationRequest);
    let told = ["clock_started>spoc:ana", "desk_reactivated>desk"];
    assert_eq!(
        world.wait("mié 2026-12-09 11:00"),
        told.map(|it| format!("mié 2026-12-09 11:00 {it}"))
    );
    assert_eq!(world.ticket().cycle.clock_from, Some(at("mié 2026-12-09 11:00")));

    let mut world = held(Solution);
    world.now = at("vie 2026-12-18 11:00");
    world.act(Command::Tick(Concern::Closing), Actor::System).expect("a tick is never refused");
    assert_eq!(world.status(), "1 auto vie 2026-12-11 11:00");
    assert_eq!(world.result(ORDINARY), "met lun 2026-12-07 12:00");
}

/// For every clock the suspension is a pause; acts are refused with the reason; nothing is paged.
#[test]
fn suspended_in_the_middle() {
    let mut world = world().open_critical("vie 2026-12-04 17:45");
    assert_eq!(world.target(IMMEDIATE), "lun 2026-12-07 09:15");
    world.wait("sáb 2026-12-05 12:00");
    world.suspended("dom 2026-12-06 00:00", NonPayment, "dom 2026-12-06 00:00", "");
    assert_eq!(world.target(IMMEDIATE), "no target");
    assert!(world.wait("mié 2026-12-09 10:00").is_empty(), "no page, no warning, no miss");
    let suspended = Some(RefusalCode::Suspended);
    let when = "mié 2026-12-09 10:00";
    let declare = SpocAct::DeclareCritical(declaration());
    for act in [SpocAct::AcceptSameDay, SpocAct::AcceptEmergencyCost, declare] {
        assert_eq!(code(world.client(when, "ana", act)), suspended);
    }
    // Answering, confirming and withdrawing are allowed; the client hears once why nothing happens.
    world.writes(when);
    assert_eq!(world.told(), ["not_served>spoc:ana"]);
    let first = world.notices[0].clone();
    world.writes("mié 2026-12-09 12:00");
    let reference = &world.ticket().opened.reference;
    assert_eq!(world.notices[0].id(reference), first.id(reference), "once per SPoC and local day");
    world.writes("jue 2026-12-10 12:00");
    assert_ne!(world.notices[0].id(reference_of(&world)), first.id(reference_of(&world)));
    world.suspended(
        "vie 2026-12-11 12:00",
        NonPayment,
        "dom 2026-12-06 00:00",
        "vie 2026-12-11 12:00",
    );
    assert_eq!(world.target(IMMEDIATE), "vie 2026-12-11 12:15", "fifteen minutes were left");
    let told = world.wait("vie 2026-12-11 12:08");
    assert_eq!(
        told,
        ["vie 2026-12-11 12:00 desk_page>on-call", "vie 2026-12-11 12:07:30 desk_warning>desk"]
    );
    world.client("vie 2026-12-11 12:09", "ana", SpocAct::Withdraw).expect("hers");
}

fn reference_of(world: &World) -> &domain::TicketRef {
    &world.ticket().opened.reference
}

/// What was missed before stays missed; the silence after a solution waits; a reply that would reopen
/// is held.
#[test]
fn silence_and_reopening() {
    let mut world = world().open("jue 2026-12-03 10:00");
    world.sends("vie 2026-12-04 18:00", Solution);
    assert_eq!(world.result(ORDINARY), "missed vie 2026-12-04 18:00");
    world.suspended("dom 2026-12-06 00:00", NonPayment, "dom 2026-12-06 00:00", "");
    let told = world.wait("mar 2026-12-08 00:00");
    assert!(told.iter().all(|told| !told.contains("closing")), "{told:?}");
    let mut answered = world.clone();
    world.suspended(
        "mar 2026-12-08 00:00",
        NonPayment,
        "dom 2026-12-06 00:00",
        "mar 2026-12-08 00:00",
    );
    world.wait("vie 2026-12-11 00:00");
    assert_eq!(world.status(), "1 auto mar 2026-12-08 18:00", "moved by two natural days");
    assert_eq!(world.result(ORDINARY), "missed vie 2026-12-04 18:00");

    answered.writes("mar 2026-12-08 10:00");
    answered.suspended(
        "mié 2026-12-09 00:00",
        NonPayment,
        "dom 2026-12-06 00:00",
        "mié 2026-12-09 00:00",
    );
    answered.wait("vie 2026-12-18 00:00");
    assert_eq!(answered.status(), "1 open", "an answer meanwhile voids the closing");

    world.suspended("vie 2026-12-11 00:00", NonPayment, "vie 2026-12-11 00:00", "");
    world.writes("vie 2026-12-11 10:00");
    assert_eq!(world.status(), "2 open");
    assert_eq!(world.target(ORDINARY), "no clock");
    assert_eq!(world.told(), ["reopened>spoc:ana", "desk_new>desk"]);
    world.suspended(
        "lun 2026-12-14 10:00",
        NonPayment,
        "vie 2026-12-11 00:00",
        "lun 2026-12-14 10:00",
    );
    assert_eq!(world.target(ORDINARY), "lun 2026-12-14 18:00");
    // A suspension that comes to light after the closing undoes it: there was no silence to count.
    let mut late = self::world().open("jue 2026-12-03 10:00");
    late.sends("vie 2026-12-04 18:00", Solution);
    late.wait("dom 2026-12-06 18:00");
    assert_eq!(late.status(), "1 auto dom 2026-12-06 18:00");
    late.suspended("dom 2026-12-06 19:00", NonPayment, "dom 2026-12-06 00:00", "");
    assert_eq!(late.status(), "1 open");
}

/// No reminder of a question, and no offer, while the póliza is not served.
#[test]
fn nothing_is_asked() {
    let mut world = world().open("jue 2026-12-03 10:00");
    world.sends("jue 2026-12-03 11:00", InformationRequest);
    world.suspended("dom 2026-12-06 00:00", NonPayment, "dom 2026-12-06 00:00", "");
    assert!(world.wait("mar 2026-12-15 12:00").is_empty());
    world.suspended(
        "mar 2026-12-15 12:00",
        NonPayment,
        "dom 2026-12-06 00:00",
        "mar 2026-12-15 12:00",
    );
    assert_eq!(
        world.wait("mar 2026-12-15 13:00").first().map(String::as_str),
        Some("mar 2026-12-15 12:00 information_reminder>spoc:ana")
    );
}

/// At expiry or cancellation attention clocks end superseded, from that instant on; what was solved
/// closes; what remains the desk may close.
#[test]
fn the_service_ends() {
    let mut world = world().open("lun 2026-11-30 17:30");
    world.suspended("lun 2026-11-30 17:40", Cancelled, "mar 2026-12-01 00:00", "");
    assert_eq!(world.result(ORDINARY), "pending", "the end lies ahead");
    let close = || DeskAct::Close { reason: ClosureReason::ServiceEnded, text: text("terminó") };
    assert_eq!(
        code(world.desk("lun 2026-11-30 17:45", close())),
        Some(RefusalCode::ReasonNotAllowed)
    );
    assert!(world.wait("mar 2026-12-01 00:00").is_empty());
    assert_eq!(world.result(ORDINARY), "superseded mar 2026-12-01 00:00");
    assert!(world.wait("vie 2026-12-11 00:00").is_empty());
    world.desk("vie 2026-12-11 09:00", close()).expect("the service has ended");
    assert_eq!(world.status(), "1 service_ended vie 2026-12-11 09:00");

    let mut missed = self::world().open("lun 2026-11-30 10:00");
    missed.suspended("mar 2026-12-01 00:00", Cancelled, "mar 2026-12-01 00:00", "");
    assert_eq!(missed.result(ORDINARY), "missed", "before the end");

    let mut solved = self::world().open("lun 2026-11-30 10:00");
    solved.sends("lun 2026-11-30 11:00", Solution);
    solved.suspended("lun 2026-11-30 12:00", NonPayment, "lun 2026-11-30 12:00", "");
    solved.gate.spans.push(Span { cause: Cancelled, from: at("lun 2026-11-30 18:00"), to: None });
    solved.gate.rev += 1;
    solved.hears("lun 2026-11-30 18:00");
    solved.wait("vie 2026-12-11 00:00");
    assert_eq!(
        solved.status(),
        "1 auto mié 2026-12-02 17:00",
        "six hours of suspension, then it runs on"
    );
}

/// A gate that was seen already changes nothing.
#[test]
fn a_gate_once() {
    let mut world = world().open("vie 2026-12-04 10:00");
    world.suspended("dom 2026-12-06 00:00", NonPayment, "dom 2026-12-06 00:00", "");
    let links = world.links.len();
    world.hears("dom 2026-12-06 01:00");
    assert_eq!(world.links.len(), links);
}

/// Rules 9.2 and 10.5: a suspension that moves the closing after the reminder makes the date that was told
/// untrue: the client is reminded of the moved date, once, at the end of the suspension. One that moves
/// the reminder with the closing makes no second one.
#[test]
fn a_moved_closing_is_told() {
    let solved = || {
        let mut world = world().open("mar 2026-12-01 09:00");
        world.sends("mar 2026-12-01 10:00", Solution);
        world
    };
    let mut world = solved();
    let first = "mié 2026-12-02 10:00 solution_reminder>spoc:ana";
    assert_eq!(world.wait("mié 2026-12-02 12:00"), [first]);
    world.suspended("mié 2026-12-02 12:00", NonPayment, "mié 2026-12-02 12:00", "");
    assert!(world.wait("vie 2026-12-04 12:00").is_empty(), "no date, no reminder");
    let (from, to) = ("mié 2026-12-02 12:00", "vie 2026-12-04 12:00");
    world.suspended(to, NonPayment, from, to);
    let tick = Command::Tick(Concern::Closing);
    world.act(tick, Actor::System).expect("a tick is never refused");
    let Content::SolutionReminder { closes_at, instead_of } = world.notices[0].content else {
        panic!("{:?}", world.notices)
    };
    assert_eq!(closes_at, at("sáb 2026-12-05 10:00"));
    assert_eq!(instead_of, Some(at("jue 2026-12-03 10:00")));
    assert_eq!(world.notices[0].due, closes_at, "a key of its own in the ledger");
    assert_eq!(
        world.wait("lun 2026-12-07 10:00"),
        ["sáb 2026-12-05 10:00 closing>spoc:ana"],
        "each once"
    );
    // A reminder that has not gone out yet when the closing moves moves with it.
    let mut early = solved();
    let (from, to) = ("mar 2026-12-01 12:00", "mar 2026-12-01 22:00");
    early.suspended(to, NonPayment, from, to);
    assert_eq!(
        early.wait("lun 2026-12-07 10:00"),
        [
            "mié 2026-12-02 20:00 solution_reminder>spoc:ana",
            "jue 2026-12-03 20:00 closing>spoc:ana",
        ]
    );
}

/// Where the end of a suspension is known ahead, the moved closing is told when it ends, and not at once; what
/// begins as the ticket closes moves nothing. A closing that comes earlier than what was told is not told.
#[test]
fn when_a_moved_closing_is_told() {
    let span = |from, to| Span { cause: NonPayment, from: at(from), to: Some(at(to)) };
    let reminded = || {
        let mut world = world().open("mar 2026-12-01 09:00");
        world.sends("mar 2026-12-01 10:00", Solution);
        world
    };
    let mut world = reminded();
    world.wait("mié 2026-12-02 12:00");
    world.gate.rev += 1;
    world.gate.spans = vec![
        span("mié 2026-12-02 12:00", "vie 2026-12-04 12:00"),
        span("sáb 2026-12-05 10:00", "lun 2026-12-07 10:00"),
    ];
    world.hears("mié 2026-12-02 12:00");
    assert_eq!(
        world.wait("mar 2026-12-08 10:00"),
        [
            "vie 2026-12-04 12:00 solution_reminder>spoc:ana",
            "sáb 2026-12-05 10:00 closing>spoc:ana"
        ]
    );

    let mut annulled = reminded();
    let (from, to) = ("mar 2026-12-01 12:00", "mar 2026-12-01 18:00");
    annulled.suspended(to, NonPayment, from, to);
    let told = "mié 2026-12-02 16:00 solution_reminder>spoc:ana";
    assert_eq!(annulled.wait("mié 2026-12-02 20:00"), [told]);
    annulled.gate.rev += 1;
    annulled.gate.spans.clear();
    annulled.hears("mié 2026-12-02 20:00");
    assert_eq!(annulled.wait("vie 2026-12-04 10:00"), ["jue 2026-12-03 10:00 closing>spoc:ana"]);
}

/// What was confirmed while it was held, or in the very instant in which its clock would have started, never
/// had one, also where that comes to light later; nor is a clock lost that starts and ends in one instant.
#[test]
fn confirmed_around_the_start_of_a_held_clock() {
    for (confirmed, result) in [
        ("mar 2026-12-08 10:00", "no clock"),
        ("mié 2026-12-09 11:00", "no clock"),
        ("mié 2026-12-09 11:00:00.001", "met lun 2026-12-07 12:00"),
    ] {
        let mut world = world();
        world.suspended("dom 2026-12-06 00:00", NonPayment, "dom 2026-12-06 00:00", "");
        let mut world = world.open("lun 2026-12-07 10:00");
        world.sends("lun 2026-12-07 12:00", Solution);
        let (from, to) = ("dom 2026-12-06 00:00", "mié 2026-12-09 11:00");
        world.suspended(to, NonPayment, from, to);
        world
            .client_late("mié 2026-12-09 12:00", confirmed, "ana", SpocAct::Confirm)
            .expect("it is solved");
        assert_eq!(world.result(ORDINARY), result, "{confirmed}");
    }
    let mut at_once = world().open("lun 2026-11-09 10:00");
    at_once.client("lun 2026-11-09 10:00", "ana", SpocAct::Withdraw).expect("hers");
    assert_eq!(at_once.result(ORDINARY), "closed lun 2026-11-09 10:00");
}

/// What was closed while it was held never had a clock, and none starts; a closing after the reactivation
/// that comes to light first leaves it its clock, and nobody is told of it any more.
#[test]
fn closed_while_it_was_held() {
    for (closed, starts) in [
        ("mar 2026-12-08 10:00", false),
        ("mié 2026-12-09 11:00", false),
        ("mié 2026-12-09 11:01", true),
    ] {
        let mut world = world();
        world.suspended("dom 2026-12-06 00:00", NonPayment, "dom 2026-12-06 00:00", "");
        let mut world = world.open("lun 2026-12-07 10:00");
        world.client(closed, "ana", SpocAct::Withdraw).expect("hers");
        let (from, to) = ("dom 2026-12-06 00:00", "mié 2026-12-09 11:00");
        world.suspended("mié 2026-12-09 12:00", NonPayment, from, to);
        let from = starts.then(|| at("mié 2026-12-09 11:00"));
        assert_eq!(world.ticket().cycle.clock_from, from, "{closed}");
        assert!(world.told().is_empty(), "{closed}");
    }
}

/// A ticket keeps the spans that reach into its life; of too many the oldest ended ones leave.
#[test]
fn the_spans_of_its_life() {
    let span = |hour: i64| {
        let from = at("vie 2026-12-04 00:00") + domain::TimeDelta::hours(hour);
        let to = Some(from + domain::TimeDelta::minutes(30));
        Span { cause: NonPayment, from, to }
    };
    let mut world = world();
    world.gate.spans = vec![span(8), span(9)];
    world.gate.rev = 1;
    let mut world = world.open("vie 2026-12-04 09:30");
    assert!(world.ticket().spans.is_empty(), "the last one had ended at its receipt");
    for (n, first) in [(19, 10), (20, 10), (21, 11), (22, 12)] {
        world.gate.spans = (9..10 + n).map(span).collect();
        world.gate.rev += 1;
        world.hears("dom 2026-12-06 00:00");
        let kept: Vec<_> = (first..10 + n).map(span).collect();
        assert_eq!(world.ticket().spans, kept, "{n}");
    }
}
