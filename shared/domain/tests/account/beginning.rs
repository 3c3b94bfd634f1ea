//! 10.1, 10.5: a póliza that is entered before its first day.

use domain::account::{Beginning, Command, Next};
use domain::standing::{Span, StandingCause};
use domain::terms::Parameters;

use crate::kit::{FEE, Run, at, day, midnight, month, plan};

const NOT_BEGUN: Option<StandingCause> = Some(StandingCause::NotBegun);

#[test]
fn it_is_served_from_its_first_day_and_nobody_has_to_act() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    assert_eq!(run.account.beginning, Some(Beginning::Awaited));
    assert_eq!(run.closed("2026-11-20T10:00:00"), NOT_BEGUN);
    assert_eq!(run.closed("2026-11-30T23:59:59"), NOT_BEGUN);
    assert_eq!(run.closed("2026-12-01T00:00:00"), None, "the truth needs no job");
    let next = run.view().upcoming(at("2026-11-20T10:00:00")).unwrap();
    assert_eq!(next[0], Next::Beginning(midnight("2026-12-01")));
    run.until("2026-12-01T00:00:00");
    assert_eq!(run.account.beginning, Some(Beginning::At(midnight("2026-12-01"))));
    assert!(run.last.touches_standing, "what was held is told to be served");
    run.until("2026-12-01T09:00:00");
    assert_eq!(run.told(), ["12-01 09:00 payment_due"], "nothing else is told");
    assert!(run.account.month(month("2026-12")).is_some_and(|it| it.from == day("2026-12-01")));
    let before = Span {
        cause: StandingCause::NotBegun,
        from: at("2026-11-20T10:00:00"),
        to: Some(midnight("2026-12-01")),
    };
    assert_eq!(run.last.spans[0], before, "the span stays in the record");
}

#[test]
fn the_day_of_entry_decides_whether_a_beginning_is_awaited() {
    for (entered, awaited) in [
        ("2026-11-30T23:59:59.999", true),
        ("2026-12-01T00:00:00", false),
        ("2027-03-10T10:00:00", false),
    ] {
        let run = Run::begin(&plan(), at(entered));
        assert_eq!(run.account.beginning.is_some(), awaited, "{entered}");
        assert_eq!(run.closed(entered).is_some(), awaited, "{entered}");
    }
}

#[test]
fn a_first_day_that_is_corrected_while_it_is_awaited_moves_the_beginning() {
    let later = Parameters { start: Some(Some(day("2026-12-10"))), ..plan() };
    let earlier = Parameters { start: Some(Some(day("2026-11-25"))), ..plan() };
    for (corrected, begins) in [(later, "2026-12-10"), (earlier, "2026-11-25")] {
        let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
        run.has_terms(&corrected).act("2026-11-22T10:00:00", Command::Refresh);
        assert_eq!(run.closed("2026-11-24T23:59:59"), NOT_BEGUN, "{begins}");
        run.until_instant(midnight(begins));
        assert_eq!(run.account.beginning, Some(Beginning::At(midnight(begins))));
    }
}

#[test]
fn once_it_has_begun_another_first_day_closes_nothing() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.pay("2026-11-20T11:00:00", "a", FEE * 20, "2026-11-20").until("2026-12-02T00:00:00");
    let another = Parameters { start: Some(Some(day("2027-06-01"))), ..plan() };
    run.has_terms(&another).act("2026-12-02T10:00:00", Command::Refresh);
    assert_eq!(run.closed("2026-12-02T10:00:00"), None);
}

#[test]
fn a_first_day_that_is_corrected_to_that_of_the_entry_leaves_no_span() {
    let mut run = Run::begin(&plan(), at("2026-11-20T00:00:00"));
    let corrected = Parameters { start: Some(Some(day("2026-11-20"))), ..plan() };
    run.has_terms(&corrected).act("2026-11-22T10:00:00", Command::Refresh);
    assert_eq!(run.account.beginning, Some(Beginning::At(midnight("2026-11-20"))));
    assert_eq!(run.last.spans, []);
}
