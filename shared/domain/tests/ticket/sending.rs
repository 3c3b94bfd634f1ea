//! When a message counts as sent (G15). "Si el cliente no responde en 48 horas tras una solución":
//! what never reached anybody was no solution.

use domain::ticket::ReplyKind::{Answer, InformationRequest, Solution};

use crate::kit::{ORDINARY, show, world};

/// Accepted within 30 minutes a reply counts at its commit, else at the acceptance.
#[test]
fn accepted_in_time_or_later() {
    #[rustfmt::skip]
    let rows = [
        ("vie 2026-11-20 17:50", "vie 2026-11-20 18:20", "met vie 2026-11-20 17:50"),
        ("vie 2026-11-20 17:50", "vie 2026-11-20 18:20:00.001", "missed vie 2026-11-20 18:20:00.001"),
        ("vie 2026-11-20 18:00", "vie 2026-11-20 18:01", "met vie 2026-11-20 18:00"),
        ("vie 2026-11-20 18:00:00.001", "vie 2026-11-20 18:00:00.001", "missed vie 2026-11-20 18:00:00.001"),
        ("vie 2026-11-20 17:00", "vie 2026-11-20 17:40", "met vie 2026-11-20 17:40"),
    ];
    for (committed, accepted, result) in rows {
        let mut world = world().open("vie 2026-11-20 10:00");
        let message = world.reply(committed, Answer);
        world.accepted(message, accepted);
        assert_eq!(world.result(ORDINARY), result, "{committed} {accepted}");
    }
}

/// A target reached while a reply is neither accepted nor failed is declared missed only 30 minutes
/// after its commit; of several replies the latest one that was in time decides.
#[test]
fn awaiting() {
    let missed = |world: &mut crate::kit::World| -> Vec<String> {
        let told = world.wait("vie 2026-11-20 20:00");
        told.into_iter().filter(|told| told.ends_with("desk_missed>desk")).collect()
    };
    let mut one = world().open("vie 2026-11-20 10:00");
    one.reply("vie 2026-11-20 17:50", Answer);
    assert_eq!(missed(&mut one), ["vie 2026-11-20 18:20:00.001 desk_missed>desk"]);
    let mut two = world().open("vie 2026-11-20 10:00");
    two.reply("vie 2026-11-20 17:00", Answer);
    let second = two.reply("vie 2026-11-20 17:55", Answer);
    assert_eq!(missed(&mut two), ["vie 2026-11-20 18:25:00.001 desk_missed>desk"]);
    // The acceptance had happened in time, and was told late: the miss is taken back (G7).
    two.accepted(second, "vie 2026-11-20 18:10");
    assert_eq!(two.result(ORDINARY), "met vie 2026-11-20 17:55");
    assert_eq!(two.told(), ["desk_miss_retracted>desk"]);
    assert!(two.ticket().cycle.levels.is_empty(), "level 2 followed from the miss alone");
    let mut late = world().open("vie 2026-11-20 10:00");
    late.reply("vie 2026-11-20 18:00:01", Answer);
    assert_eq!(missed(&mut late), ["vie 2026-11-20 18:00:01 desk_missed>desk"]);
}

/// The reader may have a message before we hear that the mail service took it: what he writes since it
/// was written answers it, and its acceptance changes nothing any more.
#[test]
fn answered_before_the_acceptance_is_known() {
    let mut solved = world().open("mar 2026-11-17 09:00");
    let solution = solved.reply("mar 2026-11-17 10:00", Solution);
    solved.writes("mar 2026-11-17 10:00:02");
    solved.accepted(solution, "mar 2026-11-17 10:00:05");
    assert!(solved.wait("lun 2026-12-14 09:00").iter().all(|told| !told.contains("clos")));
    assert_eq!(solved.status(), "1 open", "an answered ticket does not close by silence");

    let mut asked = world().open("mar 2026-11-17 09:00");
    let request = asked.reply("mar 2026-11-17 10:00", InformationRequest);
    asked.writes("mar 2026-11-17 10:20");
    asked.accepted(request, "mar 2026-11-17 11:00");
    assert_eq!(asked.target(ORDINARY), "mar 2026-11-17 18:00", "nothing to wait for");
    assert!(asked.wait("mié 2026-12-02 18:00").iter().all(|told| !told.contains("information")));

    // Of what falls on one instant the order of the events decides.
    for (first, status) in [(true, "1 auto jue 2026-11-19 10:00"), (false, "1 open")] {
        let mut world = world().open("mar 2026-11-17 09:00");
        if first {
            world.writes("mar 2026-11-17 10:00");
        }
        world.sends("mar 2026-11-17 10:00", Solution);
        if !first {
            world.writes("mar 2026-11-17 10:00");
        }
        world.wait("lun 2026-11-23 09:00");
        assert_eq!(world.status(), status);
    }
}

/// A bounce at every recipient voids a message from its start and tells the desk; at some it does not.
#[test]
fn bounced() {
    let sent = || {
        let mut world = world().open("vie 2026-11-20 10:00");
        world
            .client("vie 2026-11-20 10:05", "beto", crate::kit::wrote(None, false))
            .expect("a participant");
        let message = world.sends("vie 2026-11-20 11:00", Answer);
        (world, message)
    };
    let (mut some, message) = sent();
    some.bounced("vie 2026-11-20 11:05", message, "beto");
    some.bounced("vie 2026-11-20 11:05", message, "caro");
    assert!(some.told().is_empty());
    assert_eq!(some.result(ORDINARY), "met vie 2026-11-20 11:00");
    some.bounced("vie 2026-11-20 11:06", message, "ana");
    assert_eq!(some.told(), ["desk_bounce>desk"]);
    assert_eq!(some.result(ORDINARY), "pending");
    let before = some.links.len();
    some.bounced("vie 2026-11-20 11:07", message, "ana");
    assert_eq!(some.links.len(), before, "a second bounce changes nothing");
    assert_eq!(
        some.wait("vie 2026-11-20 19:00").last().map(String::as_str),
        Some("vie 2026-11-20 18:00:00.001 desk_missed>desk")
    );

    let mut pause = world().open("vie 2026-11-20 10:00");
    let request = pause.sends("vie 2026-11-20 11:00", InformationRequest);
    assert_eq!(pause.target(ORDINARY), "no target");
    pause.bounced("vie 2026-11-20 11:30", request, "ana");
    assert_eq!(pause.target(ORDINARY), "vie 2026-11-20 18:00");
}

/// Given up, and taken by the mail service after all: it counts as if it had never been given up.
#[test]
fn taken_after_all() {
    let mut world = world().open("vie 2026-11-20 10:00");
    let message = world.reply("vie 2026-11-20 11:00", Answer);
    world.bounced("vie 2026-11-20 15:10", message, "ana");
    assert_eq!(world.result(ORDINARY), "pending");
    assert_eq!(world.told(), ["desk_bounce>desk"]);
    world.taken("vie 2026-11-20 15:20", message, "ana", "vie 2026-11-20 11:05");
    assert_eq!(world.result(ORDINARY), "met vie 2026-11-20 11:00");
    let links = world.links.len();
    world.taken("vie 2026-11-20 15:30", message, "ana", "vie 2026-11-20 11:05");
    assert_eq!(world.links.len(), links, "once");
}

/// Sent again, a message that had reached nobody counts from the acceptance of that sending, as an
/// answer too: before it nobody can have read it.
#[test]
fn sent_again() {
    let mut answered = world().open("vie 2026-11-20 10:00");
    let message = answered.sends("vie 2026-11-20 11:00", Answer);
    answered.bounced("vie 2026-11-20 11:05", message, "ana");
    answered.resent("vie 2026-11-20 12:00", message, "ana");
    assert_eq!(answered.result(ORDINARY), "pending", "nobody has it yet");
    answered.accepted(message, "vie 2026-11-20 12:01");
    assert_eq!(answered.result(ORDINARY), "met vie 2026-11-20 12:01");
    answered.bounced("vie 2026-11-20 12:02", message, "ana");
    assert_eq!(answered.result(ORDINARY), "pending", "nor did this one reach her");
    answered.resent("vie 2026-11-20 17:55", message, "ana");
    assert_eq!(
        answered.wait("vie 2026-11-20 19:00").last().map(String::as_str),
        Some("vie 2026-11-20 18:00:00.001 desk_missed>desk"),
        "a sending that is not accepted in time is not waited for"
    );
    answered.accepted(message, "vie 2026-11-20 19:01");
    assert_eq!(answered.result(ORDINARY), "missed vie 2026-11-20 19:01");

    let mut solved = world().open("mar 2026-11-17 09:00");
    let solution = solved.sends("mar 2026-11-17 10:00", Solution);
    solved.bounced("mar 2026-11-17 10:01", solution, "ana");
    // What she writes meanwhile is no answer to what she has not read.
    solved.writes("mar 2026-11-17 11:00");
    solved.resent("mar 2026-11-17 12:00", solution, "ana");
    solved.accepted(solution, "mar 2026-11-17 12:00:01");
    assert_eq!(
        solved.wait("lun 2026-11-23 09:00"),
        [
            "mié 2026-11-18 12:00:01 solution_reminder>spoc:ana",
            "jue 2026-11-19 12:00:01 closing>spoc:ana",
        ]
    );

    let mut asked = world().open("vie 2026-11-20 10:00");
    let request = asked.sends("vie 2026-11-20 11:00", InformationRequest);
    asked.bounced("vie 2026-11-20 11:05", request, "ana");
    asked.resent("vie 2026-11-20 12:00", request, "ana");
    asked.accepted(request, "vie 2026-11-20 12:00");
    asked.writes("vie 2026-11-20 13:00");
    assert_eq!(asked.target(ORDINARY), "lun 2026-11-23 10:00", "one hour of pause");

    // Where it had reached somebody else, it counts as before.
    let mut some = world().open("vie 2026-11-20 10:00");
    let write = domain::ticket::SpocAct::Write(domain::ticket::Written::default());
    some.client("vie 2026-11-20 10:05", "beto", write).expect("a participant");
    let message = some.sends("vie 2026-11-20 11:00", Answer);
    some.bounced("vie 2026-11-20 11:05", message, "beto");
    some.resent("vie 2026-11-20 12:00", message, "beto");
    assert_eq!(some.result(ORDINARY), "met vie 2026-11-20 11:00");
    let before = some.links.len();
    some.resent("vie 2026-11-20 12:01", message, "beto");
    assert_eq!(some.links.len(), before, "nobody is left who was not reached");
    some.bounced("vie 2026-11-20 12:02", message, "beto");
    assert_eq!(some.result(ORDINARY), "met vie 2026-11-20 11:00");
}

/// A closing whose solution reached nobody never was.
#[test]
fn a_closing_whose_solution_bounced() {
    let mut world = world().open("mar 2026-11-17 09:00");
    let solution = world.sends("mar 2026-11-17 10:00", Solution);
    world.wait("jue 2026-11-19 11:00");
    assert_eq!(world.status(), "1 auto jue 2026-11-19 10:00");
    world.bounced("jue 2026-11-19 12:00", solution, "ana");
    assert_eq!(world.status(), "1 open");
    assert_eq!(world.told(), ["desk_bounce>desk", "closing_corrected>spoc:ana"]);
    assert_eq!(world.wait("jue 2026-11-19 12:00"), ["jue 2026-11-19 12:00 desk_missed>desk"]);
    assert_eq!(world.result(ORDINARY), "missed");
}

/// Whoever cannot be written to: the desk is told at once, and nothing pretends to be sent.
#[test]
fn nobody_to_write_to() {
    let mut world = world();
    world.open_by("vie 2026-11-20 10:00", "dora", None).expect("dora may open");
    world.spocs.retain(|it| it.id.as_str() == "dora");
    let reply = domain::ticket::DeskAct::Reply { reply: Answer, text: crate::kit::text("hola") };
    let refused = world.desk("lun 2026-11-23 10:00", reply);
    assert_eq!(crate::kit::code(refused), Some(domain::ticket::RefusalCode::Nothing));
}

/// Followers who are no longer SPoCs get nothing; where none is left, whoever may open tickets does.
#[test]
fn followers_who_left() {
    let mut world = world();
    world.open_by("vie 2026-11-20 10:00", "dora", None).expect("dora may open");
    world.reply("vie 2026-11-20 11:00", Answer);
    assert_eq!(world.told(), ["reply>spoc:dora"]);
    world.reply("lun 2026-11-23 11:00", Answer);
    assert_eq!(world.told(), ["reply>spoc:ana"]);
}

/// Of many messages the one that is first unanswered stays, also when a call answered those before it.
#[test]
fn a_long_conversation_by_phone() {
    use crate::kit::{at, show, text};
    let mut world = world().open("lun 2026-11-23 09:00");
    world.sends("lun 2026-11-23 09:05", Answer);
    let start = at("lun 2026-11-23 09:10");
    let minute = |n: i64| show(start + domain::TimeDelta::minutes(n));
    for n in 0..10 {
        world.writes(&minute(n));
    }
    let call = domain::ticket::DeskAct::RecordAct {
        act: domain::ticket::ActKind::Call,
        started_at: at(&minute(10)),
        ended_at: at(&minute(12)),
        text: text("llamada"),
    };
    world.desk(&minute(12), call).expect("at once");
    for n in 13..40 {
        world.writes(&minute(n));
    }
    let waiting = world.view().reply_clock().expect("in the calendar").expect("unanswered");
    assert_eq!(show(waiting.received_at), minute(13));
}

/// What a long conversation drops from the state decides nothing: the first attention, that of a
/// declaration in the middle, and what takes its place when it turns out to have bounced, all stay.
#[test]
fn a_long_conversation() {
    use crate::kit::{IMMEDIATE, at, declaration, show};
    let mut world = world().open("lun 2026-11-23 09:00");
    let start = at("lun 2026-11-23 09:00");
    let minute = |n: i64| show(start + domain::TimeDelta::minutes(n));
    world.reply(&minute(1), Answer);
    let first = world.sends(&minute(2), Answer);
    let mut declared = 0;
    for n in 3..100 {
        if n == 50 {
            let declare = domain::ticket::SpocAct::DeclareCritical(declaration());
            world.client(&minute(n), "ana", declare).expect("hers");
        }
        let message = world.sends(&minute(n), if n % 9 == 0 { Solution } else { Answer });
        declared = if n == 50 { message } else { declared };
    }
    assert_eq!(world.result(ORDINARY), format!("met {}", minute(2)));
    assert_eq!(world.result(IMMEDIATE), format!("met {}", minute(50)));
    world.bounced(&minute(100), first, "ana");
    world.bounced(&minute(100), declared, "ana");
    assert_eq!(world.result(ORDINARY), format!("met {}", minute(3)));
    assert_eq!(world.result(IMMEDIATE), format!("met {}", minute(51)));
    let closing = at(&minute(99)) + domain::TimeDelta::hours(48);
    world.wait("vie 2026-11-27 09:00");
    assert_eq!(world.status(), format!("1 auto {}", show(closing)));
}

/// Of several acceptances the earliest counts, in whatever order they come to light.
#[test]
fn the_earliest_acceptance_counts() {
    for (first, second) in [("10:01", "10:02"), ("10:02", "10:01")] {
        let mut world = world().open("lun 2026-11-09 09:00");
        let solution = world.reply("lun 2026-11-09 10:00", Solution);
        for accepted in [first, second] {
            world.accepted(solution, &format!("lun 2026-11-09 {accepted}"));
        }
        let accepted = world.ticket().cycle.outbound[0].accepted_at;
        assert_eq!(accepted.map(show).as_deref(), Some("lun 2026-11-09 10:01"));
    }
}
