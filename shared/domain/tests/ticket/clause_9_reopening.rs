//! What follows a closing: replies in time, too late, and coming to light late. Rules 9.0, 9.4, 9.6,
//! 9.7 and G7.

use domain::TimeDelta;
use domain::ticket::ReplyKind::{Answer, Solution};
use domain::ticket::{
    ClockResult, ClosureReason, Content, DeskAct, EscalationLevel, Fact, RefusalCode, SpocAct,
    Ticket,
};

use crate::kit::{ORDINARY, World, at, code, show, text, world, wrote};

/// Closed by silence on Thursday 19 at 10:00.
fn closed() -> World {
    let mut world = world().open("mar 2026-11-17 09:00");
    world.sends("mar 2026-11-17 10:00", Solution);
    world.wait("jue 2026-11-19 10:00");
    world
}

fn write() -> SpocAct {
    wrote(Some(text("sigue fallando")), true)
}

/// Rule 9.7: within 5 business days a reply reopens, with a clock from its own receipt.
#[test]
fn the_window() {
    #[rustfmt::skip]
    let rows = [
        ("jue 2026-11-19 09:59:59.999", "1 open", "no reopening: it was an answer"),
        ("jue 2026-11-19 10:00", "2 open", ""),
        ("jue 2026-11-26 23:59:59.999", "2 open", ""),
    ];
    for (received, status, why) in rows {
        let mut world = closed();
        world.writes(received);
        assert_eq!(world.status(), status, "{received} {why}");
    }
    let mut late = closed();
    let refused = late.client("vie 2026-11-27 00:00", "ana", write());
    assert_eq!(code(refused.clone()), Some(RefusalCode::WindowPassed));
    let text = refused.expect_err("refused").to_string();
    assert!(text.contains("hasta el jueves 26 de noviembre de 2026, 24:00 h"), "{text}");

    let mut world = closed();
    world.client("jue 2026-11-19 15:00", "beto", write()).expect("a participant may reopen");
    assert_eq!(world.target(ORDINARY), "vie 2026-11-20 18:00");
    assert_eq!(world.told_to("spoc:caro"), ["same_day_offer"], "a new clock, a new offer");
    assert_eq!(world.told_to("spoc:beto"), ["reopened"]);
    assert_eq!(world.result(ORDINARY), "pending");
    // Reminder and closing of the first cycle are void.
    let told = world.wait("lun 2026-11-23 10:00");
    assert!(told.iter().all(|told| told.contains("desk_")), "{told:?}");
}

/// Rule 9.6: a reply received before T but processed after it undoes the closing, with one notice.
#[test]
fn a_late_reply_undoes_the_closing() {
    let mut world = closed();
    world.writes_late("jue 2026-11-19 10:05", "jue 2026-11-19 09:59");
    assert_eq!(world.status(), "1 open");
    assert_eq!(world.told(), ["closing_corrected>spoc:ana"]);
    assert!(world.wait("lun 2026-12-14 10:00").is_empty(), "answered: nothing closes any more");
    world.sends("lun 2026-12-14 11:00", Solution);
    world.wait("mié 2026-12-16 12:00");
    assert_eq!(world.status(), "1 auto mié 2026-12-16 11:00");
}

/// … also where a later reply had reopened the ticket meanwhile: what happened since is part of the
/// first cycle, and a closing of it stays.
#[test]
fn a_late_reply_joins_the_cycles() {
    let mut world = closed();
    world.writes("jue 2026-11-19 12:00");
    world.writes("jue 2026-11-19 12:30");
    world.sends("jue 2026-11-19 13:00", Solution);
    assert_eq!(world.status(), "2 open");
    let mut confirmed = world.clone();
    world.writes_late("jue 2026-11-19 14:00", "jue 2026-11-19 09:00");
    assert_eq!(world.status(), "1 open");
    assert_eq!(world.ticket().before, None);
    let all = ["jue 2026-11-19 09:00", "jue 2026-11-19 12:00", "jue 2026-11-19 12:30"];
    assert_eq!(messages(&world), all);
    assert_eq!(world.result(ORDINARY), "met mar 2026-11-17 10:00");
    world.wait("lun 2026-11-23 10:00");
    assert_eq!(world.status(), "1 auto sáb 2026-11-21 13:00", "silence after the second solution");

    confirmed.client("jue 2026-11-19 15:00", "ana", SpocAct::Confirm).expect("hers");
    confirmed.writes_late("jue 2026-11-19 16:00", "jue 2026-11-19 09:00");
    assert_eq!(confirmed.status(), "1 confirmed jue 2026-11-19 15:00");
}

/// Of several replies after the closing the first one received begins the cycle.
#[test]
fn the_first_reply_begins_the_cycle() {
    let (early, late) = ("jue 2026-11-19 13:30", "jue 2026-11-19 14:30");
    let mut states = Vec::new();
    for (first, second) in [(early, late), (late, early)] {
        let mut world = closed();
        world.writes_late("jue 2026-11-19 15:00", first);
        world.writes_late("jue 2026-11-19 15:00", second);
        assert_eq!(world.target(ORDINARY), "jue 2026-11-19 18:00");
        assert_eq!(world.ticket().cycle.inbound.len(), 1);
        states.push((world.status(), world.ticket().cycle.received_at));
    }
    assert_eq!(states[0], states[1]);
}

/// … also where the cycle has closed meanwhile: between two closings no third cycle begins.
#[test]
fn a_reply_between_closings() {
    let mut world = closed();
    world.writes("jue 2026-11-19 15:00");
    world.sends("jue 2026-11-19 16:00", Solution);
    world.client("jue 2026-11-19 17:00", "ana", SpocAct::Confirm).expect("hers");
    assert_eq!(world.status(), "2 confirmed jue 2026-11-19 17:00");
    world.writes_late("jue 2026-11-19 17:30", "jue 2026-11-19 13:30");
    assert_eq!(world.status(), "2 confirmed jue 2026-11-19 17:00");
    assert_eq!(world.target(ORDINARY), "jue 2026-11-19 18:00");
    assert_eq!(world.result(ORDINARY), "met jue 2026-11-19 16:00");
}

/// Rule 9.4: thanks on a reopening message annul that cycle and the earlier closing stands.
#[test]
fn thanks_on_a_reopening() {
    let mut world = closed();
    let message = world.writes("jue 2026-11-19 15:00");
    assert_eq!(world.status(), "2 open");
    let reopened = world.notices[0].clone();
    let thanks = || DeskAct::MarkThanks { message };
    assert_eq!(world.desk("jue 2026-11-19 15:30", thanks()), Ok(1));
    assert_eq!(world.status(), "1 auto jue 2026-11-19 10:00");
    // Who was told of the reopening is told once that it never was (G7, G11).
    assert_eq!(world.told(), ["reopening_annulled>spoc:ana"]);
    let annulled = world.notices[0].clone();
    assert!(annulled.takes_back(&reopened) && !reopened.takes_back(&annulled));
    assert!(!reopened.still_due(world.ticket(), world.now), "if it had not gone out yet");
    assert!(annulled.still_due(world.ticket(), world.now));
    assert!(world.wait("mié 2026-12-16 12:00").is_empty(), "no target, no answer owed");
    assert_eq!(world.desk("mié 2026-12-16 12:00", thanks()), Ok(0));
    assert!(world.notices.is_empty(), "once");
    // A further message in that cycle begins it instead.
    let mut world = closed();
    let message = world.writes("jue 2026-11-19 13:00");
    let second = world.writes("jue 2026-11-19 15:00");
    assert_eq!(world.target(ORDINARY), "jue 2026-11-19 18:00");
    world.desk("jue 2026-11-19 15:30", DeskAct::MarkThanks { message }).expect("mere thanks");
    assert_eq!(world.status(), "2 open");
    assert_eq!(world.target(ORDINARY), "vie 2026-11-20 18:00");
    assert_eq!(world.desk("jue 2026-11-19 15:31", DeskAct::MarkThanks { message }), Ok(0));
    world
        .desk("jue 2026-11-19 15:32", DeskAct::MarkThanks { message: second })
        .expect("thanks too");
    assert_eq!(world.status(), "1 auto jue 2026-11-19 10:00");
}

/// Whoever is told that a reopening never was is told until when he may still reopen, while he may.
#[test]
fn until_when_an_annulled_reopening_may_be_followed_by_another() {
    let closed_at = at("jue 2026-11-19 10:00");
    let until = closed().view().reopens_until(closed_at).expect("in the calendar");
    for (millis, told) in [(-1, Some(until)), (0, None), (1, None)] {
        let mut world = closed();
        let message = world.writes("jue 2026-11-19 15:00");
        world.now = until + TimeDelta::milliseconds(millis);
        world.desk("jue 2026-11-19 15:30", DeskAct::MarkThanks { message }).expect("mere thanks");
        let Content::ReopeningAnnulled { reopens_until, .. } = &world.notices[0].content else {
            panic!("{:?}", world.notices)
        };
        assert_eq!(*reopens_until, told, "{millis} ms after the end");
    }
}

/// A second reply of the same instant is one more message, and no second reopening.
#[test]
fn two_replies_of_one_instant_reopen_once() {
    let mut world = closed();
    let first = world.writes("jue 2026-11-19 15:00");
    world.writes_late("jue 2026-11-19 15:01", "jue 2026-11-19 15:00");
    assert_eq!(world.status(), "2 open");
    assert_eq!(world.ticket().cycle.reopened_by, Some(first));
    assert_eq!(world.ticket().cycle.inbound.len(), 1, "the second one is a message of the cycle");
    let facts = world.events.iter().map(|event| &event.fact);
    assert_eq!(facts.filter(|fact| matches!(fact, Fact::Reopened { .. })).count(), 1);
}

/// Closings that come to light late are settled one after the other: each message that came after one of
/// them reopens, and one of the very end of the window does not.
#[test]
fn closings_that_come_to_light_late() {
    let mut world = world().open("lun 2026-11-09 10:00");
    world.writes("lun 2026-11-09 12:30");
    world.writes("lun 2026-11-09 13:30");
    for received in ["lun 2026-11-09 13:00", "lun 2026-11-09 12:00"] {
        world
            .client_late("lun 2026-11-09 14:00", received, "ana", SpocAct::Withdraw)
            .expect("hers");
    }
    assert_eq!(world.status(), "3 open");

    let mut world = self::world().open("lun 2026-11-09 10:00");
    let closed_at = at("lun 2026-11-09 12:00");
    let until = show(world.view().reopens_until(closed_at).expect("in the calendar"));
    world.writes(&until);
    world.client_late(&until, "lun 2026-11-09 12:00", "ana", SpocAct::Withdraw).expect("hers");
    assert_eq!(world.status(), "1 withdrawn lun 2026-11-09 12:00");
}

/// Rule 9.0: a new cycle has its own clock and levels; earlier results are frozen.
#[test]
fn cycles() {
    let mut world = world().open("mar 2026-11-17 09:00");
    world.wait("mar 2026-11-17 20:00");
    assert_eq!(world.ticket().cycle.levels.len(), 1, "missed: level 2");
    world.sends("mar 2026-11-17 20:00", Solution);
    world.wait("jue 2026-11-19 20:00");
    assert!(!world.ticket().suggests_senior());
    world.writes("jue 2026-11-19 20:30");
    assert!(world.ticket().cycle.levels.is_empty());
    world.sends("vie 2026-11-20 10:00", Answer);
    assert_eq!(world.result(ORDINARY), "met vie 2026-11-20 10:00");
    let before = world.ticket().before.clone().expect("the first cycle");
    assert_eq!(before.told.missed, [ORDINARY]);
    // Reopened twice: level 2 is suggested (9.8).
    world.sends("vie 2026-11-20 11:00", Solution);
    world.client("vie 2026-11-20 12:00", "ana", SpocAct::Confirm).expect("hers");
    world.writes("vie 2026-11-20 13:00");
    assert_eq!(world.status(), "3 open");
    assert!(world.ticket().suggests_senior());
}

/// Rules 9.0 and 7.8: clocks, results and charges of the cycles that have ended stay, each a row of its
/// own, whatever happens later; also a suspension, also a cycle that the state has left behind.
#[test]
fn earlier_cycles_stay() {
    let mut world = world();
    world.open_by("mar 2026-11-17 14:05", "ana", None).expect("ana may open");
    world.client("mar 2026-11-17 14:10", "ana", SpocAct::AcceptSameDay).expect("she may");
    world.sends("mar 2026-11-17 15:00", Solution);
    world.client("mar 2026-11-17 16:00", "ana", SpocAct::Confirm).expect("hers");
    world.writes("mié 2026-11-18 09:00");
    world.wait("mié 2026-11-18 19:00");
    world.sends("mié 2026-11-18 19:00", Solution);
    world.client("mié 2026-11-18 19:10", "ana", SpocAct::Confirm).expect("hers");
    world.writes("jue 2026-11-19 09:00");
    let expected = [
        "1: Ordinary mar 2026-11-17 18:00 met, charges 1, confirmed",
        "2: Ordinary mié 2026-11-18 18:00 missed, charges 0, confirmed",
    ];
    assert_eq!(earlier(&world), expected);
    world.suspended(
        "jue 2026-11-19 10:00",
        domain::standing::StandingCause::NonPayment,
        "jue 2026-11-19 10:00",
        "",
    );
    world.client("jue 2026-11-19 11:00", "ana", SpocAct::Withdraw).expect("hers");
    assert_eq!(earlier(&world), expected);
}

/// The cycles that have ended, as they are read from the events.
fn earlier(world: &World) -> Vec<String> {
    let hashes = world.links.iter().map(|link| &link.hash);
    let cycles = Ticket::earlier_cycles(world.events.iter().zip(hashes));
    let agreement = world.agreement();
    let show = |it: &domain::ticket::EarlierCycle| {
        let view = it.view(agreement);
        let clocks = view.clocks(world.now).expect("in the calendar");
        let clocks = clocks.iter().map(|clock| {
            let result = match clock.result {
                ClockResult::Met { .. } => "met",
                ClockResult::Missed { .. } => "missed",
                ClockResult::Pending
                | ClockResult::Superseded { .. }
                | ClockResult::Closed { .. } => "undecided",
            };
            let target = clock.target.target.map(show).unwrap_or_default();
            format!("{:?} {target} {result}", clock.name)
        });
        let clocks: Vec<_> = clocks.collect();
        let charges = view.charges(world.now).expect("in the calendar").len();
        let confirmed = it.cycle.closure.as_ref().map(|it| it.reason);
        assert_eq!(confirmed, Some(ClosureReason::Confirmed));
        format!("{}: {}, charges {charges}, confirmed", it.cycle.number, clocks.join("; "))
    };
    cycles.iter().map(show).collect()
}

/// An act that was received in a cycle that has ended does nothing to the next one; a closing that
/// found that cycle closed is kept.
#[test]
fn acts_of_an_earlier_cycle() {
    let mut world = closed();
    world.writes("jue 2026-11-19 12:00");
    let handled = "jue 2026-11-19 12:05";
    for act in [SpocAct::Withdraw, SpocAct::Confirm] {
        assert_eq!(world.client_late(handled, "jue 2026-11-19 11:00", "ana", act), Ok(1));
        assert_eq!(world.status(), "2 open");
    }
    let declare = SpocAct::DeclareCritical(crate::kit::declaration());
    let refused = world.client_late(handled, "jue 2026-11-19 09:00", "ana", declare);
    assert_eq!(code(refused), Some(RefusalCode::TicketClosed));
    assert_eq!(world.status(), "2 open");
}

/// A closing comes to light, and after it the reply that began the next cycle: of a long conversation
/// what was attention for that cycle is still known.
#[test]
fn attention_after_a_closing_that_comes_to_light() {
    let mut world = world().open("mar 2026-11-17 09:00");
    for minute in [1, 2, 5, 6, 7, 8] {
        world.sends(&format!("mar 2026-11-17 09:0{minute}"), Answer);
    }
    world.writes("mar 2026-11-17 09:09");
    world.writes("mar 2026-11-17 09:10");
    let (handled, received) = ("mar 2026-11-17 17:00", "mar 2026-11-17 09:03");
    world.client_late(handled, received, "ana", SpocAct::Withdraw).expect("hers");
    world.writes_late("mar 2026-11-17 18:30", "mar 2026-11-17 09:04");
    assert_eq!(world.status(), "2 open");
    assert_eq!(world.result(ORDINARY), "met mar 2026-11-17 09:05");
    assert_eq!(messages(&world), ["mar 2026-11-17 09:09", "mar 2026-11-17 09:10"]);
}

/// When the messages of the current cycle were received.
fn messages(world: &World) -> Vec<String> {
    let messages = &world.ticket().cycle.inbound;
    messages.iter().map(|it| show(it.received_at)).collect()
}

/// A reply undoes the closing after the ticket was reopened: what a person decided in the cycle that never
/// was stays decided, once, and so does what was decided before.
#[test]
fn what_a_person_decided_stays() {
    let undone = |escalated_before: bool| {
        let mut world = world();
        world.open_by("mar 2026-11-17 14:30", "ana", None).expect("ana may open");
        world.client("mar 2026-11-17 14:40", "caro", SpocAct::AcceptSameDay).expect("she may");
        let waive = DeskAct::WaiveCharge { text: text("cortesía") };
        world.desk("mar 2026-11-17 15:00", waive).expect("may");
        let escalate = || DeskAct::Escalate { level: EscalationLevel::Senior };
        if escalated_before {
            world.desk("mar 2026-11-17 15:05", escalate()).expect("may");
        }
        world.sends("mar 2026-11-17 15:30", Solution);
        world.wait("jue 2026-11-19 15:30");
        world.writes("jue 2026-11-19 16:00");
        world.desk("jue 2026-11-19 16:10", escalate()).expect("may");
        world.writes_late("jue 2026-11-19 16:20", "jue 2026-11-19 15:00");
        assert_eq!(world.status(), "1 open");
        world
    };
    for escalated_before in [false, true] {
        let world = undone(escalated_before);
        assert_eq!(world.charges(), ["SameDay Waived"]);
        let levels = world.ticket().cycle.levels.iter().map(|it| it.level);
        assert_eq!(levels.collect::<Vec<_>>(), [EscalationLevel::Senior], "{escalated_before}");
    }
}

/// Where an earlier reply comes to light the cycle begins with it, and the other one is a message of the cycle;
/// what was written before the closing stays where it was.
#[test]
fn an_earlier_reply_takes_the_place_of_the_first() {
    let mut world = world().open("mar 2026-11-17 09:00");
    let asked = world.writes("mar 2026-11-17 09:30");
    world.sends("mar 2026-11-17 10:00", Solution);
    world.wait("jue 2026-11-19 10:00");
    let later = world.writes("jue 2026-11-19 15:00");
    let earlier = world.writes_late("jue 2026-11-19 15:01", "jue 2026-11-19 14:00");
    let seqs =
        |cycle: &domain::ticket::Cycle| cycle.inbound.iter().map(|it| it.seq).collect::<Vec<_>>();
    let ticket = world.ticket();
    assert_eq!(ticket.cycle.reopened_by, Some(earlier));
    assert_eq!(seqs(&ticket.cycle), [later]);
    assert_eq!(ticket.before.as_deref().map(seqs), Some(vec![asked, earlier]));
    // The state knows of the cycle before what the whole history says.
    let history: Vec<_> = world.events.iter().zip(world.links.iter().map(|it| &it.hash)).collect();
    assert_eq!(Ticket::earlier_cycles(history), ticket.cycle_before());
    assert_eq!(ticket.cycle_before().len(), 1);
}
