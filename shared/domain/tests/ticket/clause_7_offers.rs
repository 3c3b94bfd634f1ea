//! "Mismo día (hasta 17:00): Puede aplicar costo adicional." "Emergente: Atención inmediata para
//! incidencias críticas, con posible costo adicional." Rules 7.2a and 7.4a.

use domain::standing::StandingCause::NonPayment;
use domain::terms::{Centavos, EmergencySurcharge, Percent, SameDayExtended};
use domain::ticket::{Content, DeskAct, RefusalCode, ReplyKind, SpocAct};

use crate::kit::{IMMEDIATE, ORDINARY, World, agreement, code, text, world};

const FRIDAY_END: &str = "vie 2026-11-20 18:00";
const MONDAY_END: &str = "lun 2026-11-23 18:00";

/// Rule 7.2a: the offer goes to every SPoC who may authorise a cost; the opener is told.
#[test]
fn the_offer() {
    let mut world = world();
    world.open_by("vie 2026-11-20 14:00", "dora", None).expect("dora may open");
    assert_eq!(world.told_to("spoc:ana"), ["same_day_offer"]);
    assert_eq!(world.told_to("spoc:caro"), ["same_day_offer"]);
    assert_eq!(world.told_to("spoc:dora"), ["acknowledgement"]);
    assert!(world.told_to("spoc:beto").is_empty());
    let Content::Acknowledgement { offer: Some(offer), .. } = &world.notices[0].content else {
        panic!("{:?}", world.notices[0])
    };
    assert_eq!(crate::kit::show(offer.limit), "vie 2026-11-20 17:00");
    assert_eq!(offer.price, Centavos(150_000));
}

/// Rule 7.2a: nobody is offered what he can no longer accept when the request is handled.
#[test]
fn an_offer_that_comes_too_late() {
    for (handled, offered) in [
        ("vie 2026-11-20 16:59:59.999", true),
        ("vie 2026-11-20 17:00", false),
        ("vie 2026-11-20 17:30", false),
    ] {
        let mut world = world();
        world.now = crate::kit::at(handled);
        let world = world.open("vie 2026-11-20 14:00");
        assert_eq!(world.told_to("spoc:caro").len(), usize::from(offered), "{handled}");
        let Content::Acknowledgement { offer, .. } = &world.notices[0].content else {
            panic!("{:?}", world.notices)
        };
        assert_eq!(offer.is_some(), offered, "{handled}");
    }
}

/// Rule 7.10: where the same day is accepted after the desk was warned, it is warned of the nearer target.
#[test]
fn the_warning_follows_the_accepted_target() {
    let early = agreement("plan-1", |plan| plan.warning_percent = Percent::new(5));
    let mut world = World::of(early).open("vie 2026-11-20 14:30");
    assert_eq!(world.wait("vie 2026-11-20 15:30").len(), 1, "warned");
    world.client("vie 2026-11-20 16:00", "caro", SpocAct::AcceptSameDay).expect("she may");
    assert_eq!(world.tick("vie 2026-11-20 16:01"), ["desk_warning>desk"]);
}

/// Rule 7.2a: an earlier reply that comes to light begins the cycle; what was answered, or has closed
/// meanwhile, is not offered again, nor while nothing is served.
#[test]
fn not_offered_again() {
    let reopened = || {
        let mut world = world().open("jue 2026-11-19 09:00");
        world.client("jue 2026-11-19 10:00", "ana", SpocAct::Withdraw).expect("hers");
        world.writes("vie 2026-11-20 15:00");
        assert_eq!(world.told_to("spoc:caro"), ["same_day_offer"]);
        world
    };
    let earlier = |mut world: World| {
        world.writes_late("vie 2026-11-20 15:30", "vie 2026-11-20 14:30");
        assert_eq!(world.ticket().cycle.received_at, crate::kit::at("vie 2026-11-20 14:30"));
        world.told_to("spoc:caro").len()
    };
    assert_eq!(earlier(reopened()), 1, "it is another offer, of another receipt");
    let mut accepted = reopened();
    accepted.client("vie 2026-11-20 15:10", "caro", SpocAct::AcceptSameDay).expect("she may");
    assert_eq!(earlier(accepted), 0);
    let mut closed = reopened();
    closed.client("vie 2026-11-20 15:10", "ana", SpocAct::Withdraw).expect("hers");
    assert_eq!(earlier(closed), 0);
    let mut suspended = reopened();
    suspended.suspended("vie 2026-11-20 15:10", NonPayment, "vie 2026-11-20 15:10", "");
    assert_eq!(earlier(suspended), 0);
}

/// Rule 7.2a: acceptance counts iff receipt ≤ acceptance < limit; without an offer none.
#[test]
fn acceptance() {
    #[rustfmt::skip]
    let rows = [
        ("vie 2026-11-20 14:00", "vie 2026-11-20 14:00", FRIDAY_END),
        ("vie 2026-11-20 14:00", "vie 2026-11-20 15:10", FRIDAY_END),
        ("vie 2026-11-20 16:30", "vie 2026-11-20 16:59:59.999", FRIDAY_END),
        ("vie 2026-11-20 16:30", "vie 2026-11-20 17:00", MONDAY_END),
        ("vie 2026-11-20 16:30", "vie 2026-11-20 16:29:59", MONDAY_END),
        ("vie 2026-11-20 16:30:01", "vie 2026-11-20 16:40", MONDAY_END),
        ("vie 2026-11-20 13:59", "vie 2026-11-20 15:00", FRIDAY_END),
        ("vie 2026-11-20 17:30", "vie 2026-11-20 17:31", MONDAY_END),
    ];
    for (received, accepted, target) in rows {
        let mut world = world().open(received);
        let early = world.target(ORDINARY);
        let result = world.client(accepted, "caro", SpocAct::AcceptSameDay);
        assert_eq!(world.target(ORDINARY), target, "{received} {accepted}");
        let counts = target != early;
        assert_eq!(world.charges().len(), usize::from(counts), "{received} {accepted}");
        let refused = (!counts).then_some(RefusalCode::NoOffer);
        assert_eq!(code(result), refused, "{received} {accepted}");
    }
}

/// The modes of a póliza: with cost, included (no question, no charge), unavailable.
#[test]
fn modes() {
    let rows = [
        (SameDayExtended::WithCost, MONDAY_END, true),
        (SameDayExtended::Included, FRIDAY_END, false),
        (SameDayExtended::Unavailable, MONDAY_END, false),
    ];
    for (mode, target, offered) in rows {
        let plan = agreement("plan-2", |plan| plan.same_day_extended = Some(mode));
        let mut world = World::of(plan).open("vie 2026-11-20 15:00");
        assert_eq!(world.target(ORDINARY), target, "{mode:?}");
        assert_eq!(world.told_to("spoc:caro").len(), usize::from(offered), "{mode:?}");
        let accepted = world.client("vie 2026-11-20 15:30", "caro", SpocAct::AcceptSameDay);
        assert_eq!(accepted.is_ok(), offered, "{mode:?}");
        assert_eq!(world.charges().len(), usize::from(offered), "{mode:?}");
    }
}

/// Rule 7.2a: an acceptance is final, a decline may be changed until the limit.
#[test]
fn final_and_changed() {
    let mut world = world().open("vie 2026-11-20 14:30");
    assert_eq!(world.client("vie 2026-11-20 14:40", "caro", SpocAct::DeclineSameDay), Ok(1));
    assert_eq!(world.client("vie 2026-11-20 14:41", "ana", SpocAct::DeclineSameDay), Ok(0));
    assert_eq!(world.target(ORDINARY), MONDAY_END);
    assert_eq!(world.client("vie 2026-11-20 15:00", "caro", SpocAct::AcceptSameDay), Ok(1));
    assert_eq!(world.told(), ["same_day_accepted>spoc:ana"]);
    assert_eq!(world.client("vie 2026-11-20 15:01", "ana", SpocAct::AcceptSameDay), Ok(0));
    let decline = world.client("vie 2026-11-20 15:02", "caro", SpocAct::DeclineSameDay);
    assert_eq!(code(decline), Some(RefusalCode::Final));
    assert_eq!(world.charges(), ["SameDay Pending"], "exactly one");
    // An earlier acceptance comes to light: it is the one that counts.
    let late = "vie 2026-11-20 15:05";
    world.client_late(late, "vie 2026-11-20 14:50", "ana", SpocAct::AcceptSameDay).expect("counts");
    let charges = world.view().charges(world.now).expect("in the calendar");
    assert_eq!(crate::kit::show(charges[0].accepted_at), "vie 2026-11-20 14:50");
    assert_eq!(charges.len(), 1);
}

/// Rule 7.2a: the charge accrues iff the accepted clock is met; missed, withdrawn: void; waived.
#[test]
fn charges() {
    let accepted = || {
        let mut world = world().open("vie 2026-11-20 14:30");
        world.client("vie 2026-11-20 15:00", "caro", SpocAct::AcceptSameDay).expect("counts");
        world
    };
    let mut met = accepted();
    met.sends("vie 2026-11-20 18:00", ReplyKind::Answer);
    assert_eq!(met.charges(), ["SameDay Accrued"]);
    met.desk("lun 2026-11-23 09:00", DeskAct::WaiveCharge { text: text("cortesía") }).expect("may");
    let again = met.desk("lun 2026-11-23 09:01", DeskAct::WaiveCharge { text: text("otra") });
    assert_eq!(again, Ok(0));
    assert_eq!(met.charges(), ["SameDay Waived"]);

    let mut missed = accepted();
    missed.sends("vie 2026-11-20 18:00:01", ReplyKind::Answer);
    assert_eq!(missed.charges(), ["SameDay Void"]);
    assert_eq!(missed.result(ORDINARY), "missed vie 2026-11-20 18:00:01");

    let mut withdrawn = accepted();
    withdrawn.sends("vie 2026-11-20 16:00", ReplyKind::Answer);
    withdrawn.client("vie 2026-11-20 16:30", "ana", SpocAct::Withdraw).expect("hers");
    assert_eq!(withdrawn.charges(), ["SameDay Void"]);

    let mut none = world().open("vie 2026-11-20 10:00");
    let waive = none.desk("vie 2026-11-20 10:10", DeskAct::WaiveCharge { text: text("?") });
    assert_eq!(code(waive), Some(RefusalCode::Nothing));
}

/// Rule 7.6: while the desk has stopped offers none is made; those sent stand.
#[test]
fn offers_stopped() {
    let mut stopped = world();
    stopped.offers_stopped = true;
    let mut stopped = stopped.open("vie 2026-11-20 15:00");
    assert!(stopped.told_to("spoc:caro").is_empty());
    let accept = stopped.client("vie 2026-11-20 15:10", "caro", SpocAct::AcceptSameDay);
    assert_eq!(code(accept), Some(RefusalCode::NoOffer));

    let mut sent = world().open("vie 2026-11-20 15:00");
    sent.offers_stopped = true;
    assert_eq!(sent.client("vie 2026-11-20 15:10", "caro", SpocAct::AcceptSameDay), Ok(1));

    // Stopped when the downgrade would make it.
    for stop in [false, true] {
        let mut world = world().open_critical("vie 2026-11-20 15:00");
        world.offers_stopped = stop;
        let downgrade = DeskAct::Downgrade { text: text("no impide") };
        world.desk("vie 2026-11-20 15:10", downgrade).expect("the desk downgrades");
        assert_eq!(world.told_to("spoc:caro").is_empty(), stop);
        let accept = world.client("vie 2026-11-20 15:20", "caro", SpocAct::AcceptSameDay);
        assert_eq!(accept.is_err(), stop);
    }
    // Raised later: the ordinary clock ran from the beginning, and its offer was made then.
    let mut raised = world().open("vie 2026-11-20 15:00");
    let declare = SpocAct::DeclareCritical(crate::kit::declaration());
    raised.client("vie 2026-11-20 15:05", "ana", declare).expect("hers");
    let downgrade = DeskAct::Downgrade { text: text("no impide") };
    raised.desk("vie 2026-11-20 15:10", downgrade).expect("the desk downgrades");
    assert!(raised.told_to("spoc:caro").is_empty(), "not offered twice");
    assert_eq!(raised.client("vie 2026-11-20 15:20", "caro", SpocAct::AcceptSameDay), Ok(1));
}

/// Rule 7.4a: contact never waits for money; acceptable until the later of the attention and 60
/// minutes after the page; it accrues iff the immediate target is met and not downgraded.
#[test]
fn emergency_cost() {
    let with_cost = || {
        let cost = EmergencySurcharge::WithCost(Centavos(300_000));
        let plan = agreement("plan-2", |plan| plan.emergency_surcharge = Some(cost));
        World::of(plan).open_critical("vie 2026-11-20 10:00")
    };
    let first = with_cost();
    assert_eq!(first.told_to("on-call"), ["desk_page"]);
    assert_eq!(first.told_to("spoc:caro"), ["emergency_cost"]);
    assert_eq!(first.told_to("spoc:ana"), ["acknowledgement", "emergency_cost"]);

    #[rustfmt::skip]
    let rows = [
        // attended, accepted, counts, charge
        ("vie 2026-11-20 10:20", "vie 2026-11-20 11:00", true, "Emergency Accrued"),
        ("vie 2026-11-20 10:20", "vie 2026-11-20 11:00:01", false, ""),
        ("vie 2026-11-20 11:30", "vie 2026-11-20 11:30", true, "Emergency Void"),
        ("vie 2026-11-20 11:30", "vie 2026-11-20 11:30:01", false, ""),
    ];
    for (attended, accepted, counts, charge) in rows {
        let mut world = with_cost();
        world.wait(attended);
        world.sends(attended, ReplyKind::Answer);
        let result = world.client(accepted, "caro", SpocAct::AcceptEmergencyCost);
        assert_eq!(code(result), (!counts).then_some(RefusalCode::NoOffer), "{accepted}");
        assert_eq!(world.charges().concat(), charge, "{accepted}");
    }
    // Not attended yet: acceptable, however often the page was repeated.
    let mut waiting = with_cost();
    waiting.wait("vie 2026-11-20 11:20");
    let accept = || SpocAct::AcceptEmergencyCost;
    assert_eq!(waiting.client("vie 2026-11-20 11:20", "caro", accept()), Ok(1));
    assert_eq!(waiting.client("vie 2026-11-20 11:21", "ana", accept()), Ok(0));
    let downgrade = DeskAct::Downgrade { text: text("no impide") };
    waiting.desk("vie 2026-11-20 11:25", downgrade).expect("the desk downgrades");
    assert_eq!(waiting.charges(), ["Emergency Void"]);
    let gone = waiting.client("vie 2026-11-20 11:26", "caro", accept());
    assert_eq!(code(gone), Some(RefusalCode::NoOffer));
    assert_eq!(waiting.result(IMMEDIATE), "missed");
}
