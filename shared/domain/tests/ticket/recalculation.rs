//! G6: a running cycle keeps what it began with; a person may have its dates computed anew under what is known
//! by now, where that changes a date and nothing that was issued, offered or accepted.

use domain::calendar::MinuteOfDay;
use domain::standing::StandingCause::NonPayment;
use domain::terms::{Centavos, EmergencySurcharge, Parameters, Span};
use domain::ticket::RefusalCode::{Final, Nothing, TicketClosed};
use domain::ticket::ReplyKind::{Answer, Solution};
use domain::ticket::{DeskAct, RefusalCode, SpocAct};

use crate::kit::{IMMEDIATE, ORDINARY, World, agreement, code, text, world};

/// A first cut-off at nine: whoever wrote at ten is attended on the next business day.
fn early_cutoff(plan: &mut Parameters) {
    plan.same_day_cutoff = Some(MinuteOfDay::hm(9, 0));
}

/// Three days of silence.
fn long_silence(plan: &mut Parameters) {
    plan.solution_silence = Some(Span::hours(72));
}

/// These terms become known; running cycles keep their own.
fn becomes_known(world: &mut World, set: impl FnOnce(&mut Parameters)) {
    world.agreements.push(agreement("plan-2", set));
}

fn recalculates(world: &mut World, when: &str) -> Option<RefusalCode> {
    code(world.desk(when, DeskAct::Recalculate { text: text("así se acordó") }))
}

#[test]
fn what_is_known_by_now_moves_what_has_not_been_issued() {
    let mut opened = world().open("vie 2026-11-20 10:00");
    assert_eq!(recalculates(&mut opened, "vie 2026-11-20 10:30"), Some(Nothing), "it is the same");
    becomes_known(&mut opened, |_| ());
    assert_eq!(recalculates(&mut opened, "vie 2026-11-20 10:30"), Some(Nothing), "no date changes");
    opened.agreements.pop();
    becomes_known(&mut opened, early_cutoff);
    assert_eq!(opened.target(ORDINARY), "vie 2026-11-20 18:00", "nothing moves by itself");
    let mut moved = opened.clone();
    assert_eq!(recalculates(&mut moved, "vie 2026-11-20 11:00"), None);
    assert_eq!(moved.target(ORDINARY), "lun 2026-11-23 18:00");
    assert!(moved.told_to("spoc:ana").contains(&"recalculated"), "{:?}", moved.told());
    assert_eq!(recalculates(&mut moved, "vie 2026-11-20 11:30"), Some(Nothing), "it is done");

    // Met or missed by the day that was promised: that stays.
    let mut met = opened.clone();
    met.sends("vie 2026-11-20 12:00", Answer);
    assert_eq!(recalculates(&mut met, "vie 2026-11-20 12:30"), Some(Final));
    let mut missed = opened.clone();
    assert_eq!(recalculates(&mut missed, "vie 2026-11-20 18:00:00.001"), Some(Final));
    let mut closed = opened;
    closed.client("vie 2026-11-20 12:00", "ana", SpocAct::Withdraw).expect("she may");
    assert_eq!(recalculates(&mut closed, "vie 2026-11-20 12:30"), Some(TicketClosed));
    let mut held = world();
    held.suspended("jue 2026-11-19 00:00", NonPayment, "jue 2026-11-19 00:00", "");
    let mut held = held.open("vie 2026-11-20 10:00");
    becomes_known(&mut held, early_cutoff);
    assert_eq!(recalculates(&mut held, "vie 2026-11-20 11:00"), Some(Nothing), "it has no dates");
}

/// A closing that moves is a date, too; of the promise, which stays, nobody is told again.
#[test]
fn a_closing_moves_where_the_attention_that_was_issued_does_not() {
    let mut world = world().open("mar 2026-11-17 09:00");
    world.sends("mar 2026-11-17 10:00", Solution);
    becomes_known(&mut world, long_silence);
    assert_eq!(recalculates(&mut world, "mar 2026-11-17 11:00"), None);
    assert_eq!(world.told(), [""; 0]);
    world.wait("jue 2026-11-19 12:00");
    assert_eq!(world.status(), "1 open");
    world.wait("vie 2026-11-20 10:00");
    assert_eq!(world.status(), "1 auto vie 2026-11-20 10:00");
    // What silence had closed is closed, also where nobody has recorded it yet.
    let mut late = crate::kit::world().open("mar 2026-11-17 09:00");
    late.sends("mar 2026-11-17 10:00", Solution);
    becomes_known(&mut late, long_silence);
    assert_eq!(recalculates(&mut late, "jue 2026-11-19 10:00"), Some(TicketClosed));
}

/// 7.2a, 7.4a: a price that the client was told stands while he may accept it, and when he has.
#[test]
fn a_price_that_was_told_stands() {
    let dearer = |plan: &mut Parameters| {
        plan.same_day_surcharge = Some(Centavos(200_000));
        plan.same_day_extended_cutoff = Some(MinuteOfDay::hm(16, 0));
        plan.solution_silence = Some(Span::hours(72));
    };
    let offered = || {
        let mut world = world().open("vie 2026-11-20 14:10");
        world.sends("vie 2026-11-20 14:20", Solution);
        world
    };
    let mut told = offered();
    becomes_known(&mut told, dearer);
    for (when, found) in
        [("vie 2026-11-20 16:59:59.999", Some(Final)), ("vie 2026-11-20 17:00", None)]
    {
        assert_eq!(recalculates(&mut told.clone(), when), found, "{when}");
    }
    let mut accepted = world().open("vie 2026-11-20 14:10");
    accepted.client("vie 2026-11-20 14:15", "caro", SpocAct::AcceptSameDay).expect("he may");
    accepted.sends("vie 2026-11-20 14:20", Solution);
    becomes_known(&mut accepted, dearer);
    assert_eq!(recalculates(&mut accepted, "vie 2026-11-20 17:30"), Some(Final));
    let mut same = offered();
    becomes_known(&mut same, long_silence);
    assert_eq!(recalculates(&mut same, "vie 2026-11-20 15:00"), None, "the price is the same");

    let cost = |amount| Some(EmergencySurcharge::WithCost(Centavos(amount)));
    for (amount, found) in [(300_000, None), (400_000, Some(Final))] {
        let plan = agreement("plan-1", |plan| plan.emergency_surcharge = cost(300_000));
        let mut critical = World::of(plan).open_critical("vie 2026-11-20 10:00");
        becomes_known(&mut critical, |plan| {
            plan.emergency_surcharge = cost(amount);
            plan.emergency_minutes = Some(Span::minutes(60));
        });
        assert_eq!(critical.target(IMMEDIATE), "vie 2026-11-20 10:30");
        assert_eq!(recalculates(&mut critical, "vie 2026-11-20 10:10"), found, "{amount}");
    }
    // What an emergency would cost is no price of a ticket that is none.
    let mut plain = world().open("vie 2026-11-20 10:00");
    becomes_known(&mut plain, |plan| {
        plan.emergency_surcharge = cost(400_000);
        early_cutoff(plan);
    });
    assert_eq!(recalculates(&mut plain, "vie 2026-11-20 10:10"), None);
}
