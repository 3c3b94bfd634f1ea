//! Closings and acts that come to light after what followed them. Rules 1.4, 9.0a, 9.6, 9.7 and G7.

use domain::TimeDelta;
use domain::standing::StandingCause::Expired;
use domain::ticket::ReplyKind::{Answer, InformationRequest, ScopeDecision};
use domain::ticket::{ClosureReason, DeskAct, RefusalCode, SpocAct};

use crate::kit::{World, at, code, declaration, show, text, world};

/// Closed by the desk after the last reminder of a request, on Thursday 26 at 12:00.
fn no_answer() -> World {
    let mut world = world().open("lun 2026-11-09 09:00");
    world.sends("lun 2026-11-09 10:00", InformationRequest);
    world.wait("jue 2026-11-26 12:00");
    let close = DeskAct::Close { reason: ClosureReason::NoAnswer, text: text("sin respuesta") };
    world.desk("jue 2026-11-26 12:00", close).expect("reminded three times");
    assert_eq!(world.status(), "1 no_answer jue 2026-11-26 12:00");
    world
}

/// An answer that was received before a closing for want of one undoes it; one of its very instant or later
/// reopens.
#[test]
fn an_answer_around_a_closing_for_want_of_it() {
    for (received, status) in [
        ("jue 2026-11-26 11:59:59.999", "1 open"),
        ("jue 2026-11-26 12:00", "2 open"),
        ("jue 2026-11-26 12:00:00.001", "2 open"),
    ] {
        let mut world = no_answer();
        world.writes_late("jue 2026-11-26 13:00", received);
        assert_eq!(world.status(), status, "{received}");
    }
}

/// A withdrawal that comes to light late takes the place of the desk's closing, and a message between the two
/// reopens. Whether the desk's closing closes that cycle depends on its own ground there.
#[test]
fn the_desks_closing_needs_its_ground_in_the_cycle_that_it_closes() {
    for (before, since, status) in [
        (None, Some(ScopeDecision), "2 out_of_scope lun 2026-11-09 12:00"),
        (Some(ScopeDecision), None, "2 open"),
        (Some(ScopeDecision), Some(Answer), "2 open"),
    ] {
        let mut world = world().open("lun 2026-11-09 09:00");
        if let Some(reply) = before {
            world.sends("lun 2026-11-09 10:00", reply);
        }
        world.writes("lun 2026-11-09 11:30");
        if let Some(reply) = since {
            world.sends("lun 2026-11-09 11:40", reply);
        }
        let reason = ClosureReason::OutOfScope;
        let close = DeskAct::Close { reason, text: text("no es de soporte") };
        world.desk("lun 2026-11-09 12:00", close).expect("decided");
        let withdrawn = "lun 2026-11-09 11:00";
        world
            .client_late("lun 2026-11-09 13:00", withdrawn, "ana", SpocAct::Withdraw)
            .expect("hers");
        assert_eq!(world.status(), status, "{before:?} {since:?}");
    }
}

/// The same of a closing because the service had ended.
#[test]
fn a_closing_for_the_end_of_the_service_has_its_ground_once_it_ended() {
    let mut world = world().open("lun 2026-11-09 09:00");
    world.writes("lun 2026-11-09 11:30");
    world.suspended("mar 2026-11-10 00:00", Expired, "mar 2026-11-10 00:00", "");
    let close = DeskAct::Close { reason: ClosureReason::ServiceEnded, text: text("terminó") };
    world.desk("mar 2026-11-10 12:00", close).expect("it has ended");
    let withdrawn = "lun 2026-11-09 11:00";
    world.client_late("mar 2026-11-10 13:00", withdrawn, "ana", SpocAct::Withdraw).expect("hers");
    assert_eq!(world.status(), "2 service_ended mar 2026-11-10 12:00");
}

/// Who confirms what was never solved is told so where the ticket was open then; of a closed one there is
/// nothing to say against it.
#[test]
fn a_confirmation_without_a_solution_around_a_closing() {
    for (received, answer) in [
        ("lun 2026-11-09 11:59:59.999", Some(RefusalCode::NoSolution)),
        ("lun 2026-11-09 12:00", None),
        ("lun 2026-11-09 12:00:00.001", None),
    ] {
        let mut world = world().open("lun 2026-11-09 09:00");
        world.client("lun 2026-11-09 12:00", "ana", SpocAct::Withdraw).expect("hers");
        let told = world.client_late("lun 2026-11-09 13:00", received, "ana", SpocAct::Confirm);
        assert_eq!(told.is_ok(), answer.is_none(), "{received}");
        assert_eq!(code(told), answer, "{received}");
    }
}

/// An earlier closing takes the place of the recorded one only where the reply that followed is in time after
/// it too: at the end of its window it is not.
#[test]
fn an_earlier_closing_whose_window_ends_with_the_reply() {
    let opened = || world().open("lun 2026-11-09 09:00");
    let first = "lun 2026-11-09 11:00";
    let until = opened().view().reopens_until(at(first)).expect("in the calendar");
    for (millis, closed_at) in [(-1, first), (0, "mar 2026-11-10 10:00")] {
        let mut world = opened();
        world.client("mar 2026-11-10 10:00", "ana", SpocAct::Withdraw).expect("hers");
        world.writes(&show(until + TimeDelta::milliseconds(millis)));
        assert_eq!(world.status(), "2 open");
        let now = show(until + TimeDelta::hours(1));
        world.client_late(&now, first, "ana", SpocAct::Withdraw).expect("hers");
        assert_eq!(world.status(), "2 open");
        let before = world.ticket().before.as_ref().and_then(|it| it.closure.clone());
        assert_eq!(before.map(|it| it.at), Some(at(closed_at)), "{millis}");
    }
}

/// What was received while the ticket was open counts, whatever was recorded meanwhile.
#[test]
fn a_declaration_that_was_received_before_the_closing() {
    for (received, answer) in [
        ("lun 2026-11-09 11:59:59.999", None),
        ("lun 2026-11-09 12:00", Some(RefusalCode::TicketClosed)),
    ] {
        let mut world = world().open("lun 2026-11-09 09:00");
        world.client("lun 2026-11-09 12:00", "ana", SpocAct::Withdraw).expect("hers");
        let declare = SpocAct::DeclareCritical(declaration());
        let told = world.client_late("lun 2026-11-09 13:00", received, "ana", declare);
        assert_eq!(told.is_ok(), answer.is_none(), "{received}");
        assert_eq!(code(told), answer, "{received}");
    }
    // In the very instant of the opening it is open too.
    let mut world = world().open("lun 2026-11-09 09:00");
    let declare = SpocAct::DeclareCritical(declaration());
    world.client("lun 2026-11-09 09:00", "ana", declare).expect("it is open");
}
