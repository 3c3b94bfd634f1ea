//! Rule G12: the work stopwatch splits a ticket's life; no result follows from it.

use chrono::TimeDelta;
use domain::standing::StandingCause::NonPayment;
use domain::ticket::ReplyKind::{Answer, InformationRequest, Solution};
use domain::ticket::{SpocAct, Stopwatch};

use crate::kit::{World, at, world, wrote};

fn split(world: &World, now: &str) -> (i64, i64, i64) {
    let Stopwatch { suspended, client, millora } = world.view().stopwatch(at(now));
    (suspended.num_minutes(), client.num_minutes(), millora.num_minutes())
}

/// Each row goes on from the one before; the sum is the natural time since the receipt.
#[test]
fn whose_the_time_was() {
    let mut world = world().open("vie 2026-11-20 10:00");
    assert_eq!(split(&world, "vie 2026-11-20 10:00"), (0, 0, 0));
    assert_eq!(split(&world, "vie 2026-11-20 11:00"), (0, 0, 60));
    world.sends("vie 2026-11-20 11:00", InformationRequest);
    assert_eq!(split(&world, "vie 2026-11-20 13:00"), (0, 120, 60));
    world.writes("vie 2026-11-20 13:00");
    assert_eq!(split(&world, "vie 2026-11-20 14:00"), (0, 120, 120), "the client has answered");
    world.sends("vie 2026-11-20 14:00", Answer);
    world.sends("vie 2026-11-20 15:00", Solution);
    assert_eq!(split(&world, "vie 2026-11-20 16:00"), (0, 180, 180), "he says whether it holds");
    world.client("vie 2026-11-20 16:00", "ana", wrote(None, true)).expect("he may");
    assert_eq!(split(&world, "vie 2026-11-20 17:00"), (0, 180, 240));
    world.client("vie 2026-11-20 17:00", "ana", SpocAct::Withdraw).expect("he may");
    assert_eq!(split(&world, "mar 2026-11-24 10:00"), (0, 180, 240), "its life has ended");
}

/// While there is no service the time is nobody's else, whoever was to act.
#[test]
fn suspended_comes_first() {
    let mut world = world().open("vie 2026-12-04 10:00");
    world.sends("vie 2026-12-04 11:00", InformationRequest);
    let (from, to) = ("vie 2026-12-04 12:00", "vie 2026-12-04 14:00");
    world.suspended("vie 2026-12-04 14:00", NonPayment, from, to);
    assert_eq!(split(&world, "vie 2026-12-04 15:00"), (120, 120, 60));
    let whole = world.view().stopwatch(at("vie 2026-12-04 15:00"));
    assert_eq!(whole.suspended + whole.client + whole.millora, TimeDelta::hours(5));
}

/// What was before the receipt or after the closing is nobody's time here; the lives of two cycles add up.
#[test]
fn only_its_own_life_is_split() {
    let mut world = world();
    let hold = ("vie 2026-12-04 08:00", "vie 2026-12-04 11:00");
    world.suspended(hold.1, NonPayment, hold.0, hold.1);
    let mut world = world.open("vie 2026-12-04 10:00");
    world.sends("vie 2026-12-04 12:00", Solution);
    world.client("vie 2026-12-04 15:00", "ana", SpocAct::Confirm).expect("hers");
    let later = ("vie 2026-12-04 16:00", "vie 2026-12-04 17:00");
    world.suspended(later.1, NonPayment, later.0, later.1);
    assert_eq!(split(&world, "lun 2026-12-07 10:00"), (60, 180, 60));
    let whole = world.view().stopwatch(at("lun 2026-12-07 10:00"));
    let half = Stopwatch { client: TimeDelta::minutes(5), ..Stopwatch::default() };
    let minutes = |n: i64| TimeDelta::minutes(n);
    let sum = Stopwatch { suspended: minutes(120), client: minutes(365), millora: minutes(120) };
    assert_eq!(whole + whole + half, sum);
}
