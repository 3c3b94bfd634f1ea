//! "Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado." Rules 9.4
//! and 9.6: a held mail that belongs to the ticket may be the answer, so the closing waits with it.

use domain::Actor;
use domain::ticket::ReplyKind::Solution;
use domain::ticket::{Command, Concern, Content, SpocAct, Written};

use crate::kit::{World, at, confirmed, show, text, world, wrote};

/// The mail that is held: received on Wednesday.
const HELD: &str = "mié 2026-11-18 09:00";

/// Solved on Tuesday at 10:00: it closes on Thursday at 10:00 if nothing holds it.
fn solved() -> World {
    let mut world = world().open("mar 2026-11-17 09:00");
    world.sends("mar 2026-11-17 10:00", Solution);
    world
}

/// The same, with the mail.
fn holding() -> World {
    let mut world = solved();
    assert_eq!(world.holds(HELD, HELD), 1);
    world
}

/// When the silence that runs closes the ticket.
fn closes_at(world: &World) -> Option<String> {
    let silence = world.view().silence().expect("in the calendar");
    silence.and_then(|silence| silence.closes_at).map(show)
}

/// A mail as it counts once it is confirmed or adopted.
fn answer(held_since: &str) -> Written {
    let text = Some(text("sigue fallando"));
    Written { text, held_since: Some(at(held_since)), ..Written::default() }
}

/// Never confirmed: closed at 24:00 of the fifth business day, reminded once; the window to reopen
/// starts there.
#[test]
fn never_confirmed() {
    let mut world = holding();
    assert_eq!(world.holds(HELD, HELD), 0, "known already");
    assert_eq!(closes_at(&world).as_deref(), Some("jue 2026-11-26 00:00"));
    assert_eq!(
        world.wait("lun 2026-11-30 00:00"),
        [
            "mié 2026-11-18 10:00 solution_reminder>spoc:ana",
            "jue 2026-11-26 00:00 closing>spoc:ana",
        ]
    );
    assert_eq!(world.status(), "1 auto jue 2026-11-26 00:00");
    world.writes("jue 2026-12-03 23:59");
    assert_eq!(world.status(), "2 open");
}

/// The reminder names the earliest instant: the mail may be settled at any time.
#[test]
fn the_reminder() {
    let mut world = holding();
    world.now = at("mié 2026-11-18 10:00");
    let tick = Command::Tick(Concern::Closing);
    world.act(tick, Actor::System).expect("a tick is never refused");
    let reminder = &world.notices[0];
    let Content::SolutionReminder { closes_at, .. } = &reminder.content else {
        panic!("{reminder:?}")
    };
    assert_eq!(*closes_at, at("jue 2026-11-19 10:00"));
    assert!(reminder.still_due(world.ticket(), world.now));
    // Late for that instant, it names the last one.
    let mut late = holding();
    late.now = at("jue 2026-11-19 12:00");
    let tick = Command::Tick(Concern::Closing);
    late.act(tick, Actor::System).expect("a tick is never refused");
    let Content::SolutionReminder { closes_at, .. } = &late.notices[0].content else {
        panic!("{:?}", late.notices)
    };
    assert_eq!(*closes_at, at("jue 2026-11-26 00:00"));
}

/// Once per cycle: later mails keep the block up and do not prolong it.
#[test]
fn once_per_cycle() {
    let mut world = holding();
    world.holds("mar 2026-11-24 09:00", "mar 2026-11-24 09:00");
    assert_eq!(closes_at(&world).as_deref(), Some("jue 2026-11-26 00:00"));
    // Received after the closing that would have been, and while the first one put it off.
    world.settles("mar 2026-11-24 10:00", HELD);
    assert_eq!(closes_at(&world).as_deref(), Some("jue 2026-11-26 00:00"), "another one waits");
    // A second solution restarts the silence, not the block.
    world.sends("mié 2026-11-25 10:00", Solution);
    world.holds("jue 2026-11-26 09:00", "jue 2026-11-26 09:00");
    assert_eq!(closes_at(&world).as_deref(), Some("vie 2026-11-27 10:00"));
    world.wait("vie 2026-11-27 10:00");
    assert_eq!(world.status(), "1 auto vie 2026-11-27 10:00");
    // A reply opens the next cycle, which has a block of its own.
    world.writes("lun 2026-11-30 09:00");
    world.sends("lun 2026-11-30 10:00", Solution);
    world.holds("lun 2026-11-30 11:00", "lun 2026-11-30 11:00");
    assert_eq!(closes_at(&world).as_deref(), Some("mar 2026-12-08 00:00"));
}

/// A mail from before the solution puts the closing off as long as it waits; one whose time was over
/// by then uses nothing up.
#[test]
fn held_before_the_solution() {
    let mut waits = world().open("mar 2026-11-17 09:00");
    waits.holds("mar 2026-11-17 09:30", "mar 2026-11-17 09:30");
    waits.sends("mar 2026-11-17 10:00", Solution);
    assert_eq!(closes_at(&waits).as_deref(), Some("mié 2026-11-25 00:00"));

    let mut world = world().open("lun 2026-11-09 09:00");
    world.holds("lun 2026-11-09 10:00", "lun 2026-11-09 10:00");
    world.sends("mié 2026-11-18 10:00", Solution);
    assert_eq!(closes_at(&world).as_deref(), Some("vie 2026-11-20 10:00"), "five days had passed");
    world.holds("jue 2026-11-19 10:00", "jue 2026-11-19 10:00");
    assert_eq!(closes_at(&world).as_deref(), Some("vie 2026-11-27 00:00"));
    // Nor does one that waited until the very instant of the solution.
    let mut until = self::world().open("mar 2026-11-17 09:00");
    until.holds("mar 2026-11-17 09:30", "mar 2026-11-17 09:30");
    until.settles("mié 2026-11-18 10:00", "mar 2026-11-17 09:30");
    until.sends("mié 2026-11-18 10:00", Solution);
    until.holds("jue 2026-11-19 10:00", "jue 2026-11-19 10:00");
    assert_eq!(closes_at(&until).as_deref(), Some("vie 2026-11-27 00:00"));
    // The first one, which still lies there, keeps nothing up any more.
    world.wait("vie 2026-11-20 12:00");
    world.settles("vie 2026-11-20 12:00", "jue 2026-11-19 10:00");
    assert_eq!(world.wait("vie 2026-11-20 12:00"), ["vie 2026-11-20 12:00 closing>spoc:ana"]);
}

/// Of many mails the first eight are kept in mind. What is beyond them is not recorded, however often it
/// comes; an earlier one that comes to light takes the place of the last.
#[test]
fn of_many_the_first_are_kept_in_mind() {
    let mut world = world().open("mar 2026-11-17 09:00");
    let recorded = |world: &mut World, minute: u32| {
        world.holds("mar 2026-11-17 10:00", &format!("mar 2026-11-17 09:{minute:02}"))
    };
    let first: Vec<usize> = (11..19).map(|minute| recorded(&mut world, minute)).collect();
    assert_eq!(first, [1; 8]);
    assert_eq!(recorded(&mut world, 18), 0, "it is kept");
    assert_eq!(recorded(&mut world, 19), 0, "it is beyond them");
    assert_eq!(recorded(&mut world, 10), 1, "it is earlier");
    assert_eq!(recorded(&mut world, 18), 0, "it has lost its place");
    assert_eq!(recorded(&mut world, 17), 0, "it is the last one");
}

/// Settled before the closing it changes nothing; settled later the ticket closes then, and never at an
/// instant that has passed.
#[test]
fn settled() {
    let mut early = holding();
    assert_eq!(early.settles("mié 2026-11-18 15:00", HELD), 1);
    assert_eq!(early.settles("mié 2026-11-18 15:00", HELD), 0);
    assert_eq!(early.settles("mié 2026-11-18 15:00", "mié 2026-11-18 08:00"), 0, "never held");
    assert_eq!(closes_at(&early).as_deref(), Some("jue 2026-11-19 10:00"));

    let mut late = holding();
    late.wait("vie 2026-11-20 12:00");
    assert_eq!(late.status(), "1 open");
    late.settles("vie 2026-11-20 12:00", HELD);
    assert_eq!(late.wait("vie 2026-11-20 12:00"), ["vie 2026-11-20 12:00 closing>spoc:ana"]);
    assert_eq!(late.status(), "1 auto vie 2026-11-20 12:00");
}

/// Confirmed it counts from its receipt, and adopted from the adoption: the closing is void.
#[test]
fn it_was_the_answer() {
    const GIVEN: &str = "vie 2026-11-20 12:00";
    const LATE: &str = "vie 2026-11-27 12:00";
    let confirmed = || Written { confirmation: confirmed(HELD, GIVEN), ..answer(HELD) };
    for (handled, counts, written) in [
        (GIVEN, HELD, confirmed()),
        // Confirmed in time and handled after the block's end: the closing undoes itself (G7).
        (LATE, HELD, confirmed()),
        // Released by the desk without a question.
        (GIVEN, HELD, answer(HELD)),
        (GIVEN, GIVEN, answer(HELD)),
        (LATE, GIVEN, answer(HELD)),
    ] {
        let mut world = holding();
        world.wait(handled);
        world.client_late(handled, counts, "ana", SpocAct::Write(written)).expect("hers");
        assert_eq!(world.status(), "1 open", "{handled} {counts}");
        assert_eq!(closes_at(&world), None);
        let told = world.wait("mié 2026-12-16 12:00");
        assert!(told.iter().all(|told| !told.contains("closing")), "{handled} {counts}: {told:?}");
        // It waits no longer: the silence after the next solution runs as ever.
        world.sends("mié 2026-12-16 12:00", Solution);
        assert_eq!(closes_at(&world).as_deref(), Some("vie 2026-12-18 12:00"));
    }
}

/// A mail from before the solution that is released afterwards is no answer to it: the ticket closes
/// when it was released, not in the past.
#[test]
fn released_and_no_answer() {
    let received = "mar 2026-11-17 09:30";
    let mut world = world().open("mar 2026-11-17 09:00");
    world.holds(received, received);
    world.sends("mar 2026-11-17 10:00", Solution);
    world.wait("vie 2026-11-20 12:00");
    let written = SpocAct::Write(answer(received));
    world.client_late("vie 2026-11-20 12:00", received, "ana", written).expect("hers");
    assert_eq!(closes_at(&world).as_deref(), Some("vie 2026-11-20 12:00"));
}

/// A held mail that comes to light after the closing was recorded, and was received before it, undoes
/// the closing with one correction; the reminder is not repeated (G7).
#[test]
fn held_mail_that_comes_to_light_late() {
    let mut world = solved();
    world.wait("jue 2026-11-19 10:00");
    assert_eq!(world.status(), "1 auto jue 2026-11-19 10:00");
    world.holds("jue 2026-11-19 11:00", HELD);
    assert_eq!(world.status(), "1 open");
    assert_eq!(world.told(), ["closing_corrected>spoc:ana"]);
    assert_eq!(
        world.wait("jue 2026-11-26 00:00"),
        ["jue 2026-11-26 00:00 closing>spoc:ana"],
        "no second reminder"
    );
    // One that was received at the closing or later holds nothing.
    let mut after = solved();
    after.wait("jue 2026-11-19 10:00");
    after.holds("jue 2026-11-19 11:00", "jue 2026-11-19 10:00");
    assert_eq!(after.status(), "1 auto jue 2026-11-19 10:00");
    // The closing had been followed by a reply: the two cycles are one again.
    let mut reopened = solved();
    reopened.wait("jue 2026-11-19 10:00");
    reopened.writes("jue 2026-11-19 12:00");
    assert_eq!(reopened.status(), "2 open");
    reopened.holds("jue 2026-11-19 13:00", HELD);
    assert_eq!(reopened.status(), "1 open");
    assert_eq!(closes_at(&reopened), None, "answered while it was open");
}

/// Any other answer voids the closing as ever, and a SPoC may confirm the solution.
#[test]
fn the_rest_goes_on_as_ever() {
    let mut answered = holding();
    answered.client("lun 2026-11-23 09:00", "beto", wrote(None, true)).expect("takes part");
    let told = answered.wait("lun 2026-12-14 12:00");
    assert!(told.iter().all(|told| !told.contains("closing")), "{told:?}");
    let mut confirmed = holding();
    confirmed.client("lun 2026-11-23 09:00", "ana", SpocAct::Confirm).expect("hers");
    assert_eq!(confirmed.status(), "1 confirmed lun 2026-11-23 09:00");
}

/// Why it does not close yet is said with its rule, its clause and the parameter.
#[test]
fn explained() {
    let steps = holding().view().explain_closing().expect("in the calendar");
    let step = steps.iter().find(|step| step.rule == "9.6").expect("a step");
    assert_eq!((step.clause(), step.at), (9, Some(at("jue 2026-11-26 00:00"))));
    assert!(step.text.contains("5 días hábiles"), "{}", step.text);
    assert_eq!(step.used[0].parameter, "held_block");
    // One that was settled in time puts nothing off.
    let mut settled = holding();
    settled.settles("mié 2026-11-18 15:00", HELD);
    for world in [solved(), settled] {
        let steps = world.view().explain_closing().expect("in the calendar");
        assert!(steps.iter().all(|step| step.rule != "9.6"));
    }
}

/// A held mail belongs to the cycle in which it was received, whatever of it comes to light later.
#[test]
fn in_its_cycle() {
    // Received after a reply that was handled only afterwards.
    let mut begun = solved();
    begun.wait("jue 2026-11-19 10:00");
    begun.holds("vie 2026-11-20 11:00", "vie 2026-11-20 11:00");
    begun.writes_late("vie 2026-11-20 12:00", "vie 2026-11-20 10:00");
    assert_eq!(begun.status(), "2 open");
    begun.sends("vie 2026-11-20 13:00", Solution);
    assert_eq!(closes_at(&begun).as_deref(), Some("sáb 2026-11-28 00:00"));
    // Received in a cycle that never began.
    let mut joined = solved();
    joined.wait("jue 2026-11-19 10:00");
    joined.writes("jue 2026-11-19 12:00");
    joined.holds("jue 2026-11-19 13:00", "jue 2026-11-19 13:00");
    joined.writes_late("jue 2026-11-19 14:00", "mié 2026-11-18 12:00");
    assert_eq!(joined.status(), "1 open");
    joined.sends("jue 2026-11-19 15:00", Solution);
    assert_eq!(closes_at(&joined).as_deref(), Some("vie 2026-11-27 00:00"));
}

/// A reminder that goes out only once silence alone would have closed tells the closing that a held mail puts
/// off.
#[test]
fn a_reminder_of_a_closing_that_is_put_off() {
    for (now, closes) in [
        ("jue 2026-11-19 09:59:59.999", "jue 2026-11-19 10:00"),
        ("jue 2026-11-19 10:00", "jue 2026-11-26 00:00"),
    ] {
        let mut world = world().open("mar 2026-11-17 09:00");
        world.sends("mar 2026-11-17 10:00", Solution);
        world.holds("jue 2026-11-19 09:00", "mié 2026-11-18 09:00");
        world.now = at(now);
        world.act(Command::Tick(Concern::Closing), Actor::System).expect("never refused");
        let Content::SolutionReminder { closes_at, .. } = world.notices[0].content else {
            panic!("{:?}", world.notices)
        };
        assert_eq!(show(closes_at), closes, "{now}");
    }
}

/// Of the cycle before, too, the first eight are kept in mind; what comes in with the reply that reopened is
/// the next one's.
#[test]
fn of_many_of_the_cycle_before() {
    let mut world = world().open("mar 2026-11-17 09:00");
    for minute in 11..19 {
        world.holds("mar 2026-11-17 10:00", &format!("mar 2026-11-17 09:{minute}"));
    }
    world.client("mar 2026-11-17 11:00", "ana", SpocAct::Withdraw).expect("hers");
    world.writes("mar 2026-11-17 12:00");
    assert_eq!(world.status(), "2 open");
    for (received, recorded) in [
        ("mar 2026-11-17 11:59:59.999", 0),
        ("mar 2026-11-17 12:00", 1),
        ("mar 2026-11-17 12:00:00.001", 1),
        ("mar 2026-11-17 09:10", 1),
    ] {
        assert_eq!(world.holds("mar 2026-11-17 13:00", received), recorded, "{received}");
    }
}
