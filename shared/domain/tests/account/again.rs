//! 10.6 to 10.8: a client comes back, and another póliza begins after the one that ended.

use domain::account::{Command, DeskAct, Fact, Next, SpocAct};
use domain::billing::PaymentStanding;
use domain::standing::{Span, StandingCause};

use crate::kit::{FEE, Run, at, day, midnight, month, plan, words};

const CANCELLED: Option<StandingCause> = Some(StandingCause::Cancelled);

/// December and January paid, cancelled in January with effect on 1 February.
fn cancelled() -> Run {
    let mut run = Run::begin(&plan(), at("2026-12-01T08:00:00"));
    run.pay("2026-12-02T10:00:00", "a", FEE, "2026-12-02");
    run.until("2027-01-02T10:00:00").pay("2027-01-02T10:00:00", "b", FEE, "2027-01-02");
    run.spoc("2027-01-20T10:00:00", SpocAct::Cancel { at_once: false });
    run.until("2027-02-10T00:00:00");
    assert_eq!(run.closed("2027-02-10T00:00:00"), CANCELLED);
    run
}

#[test]
fn it_is_served_charged_and_renewed_from_its_own_first_day() {
    let mut run = cancelled();
    run.contracts("2027-02-10T10:00:00", "2027-02-15");
    assert_eq!(run.closed("2027-02-14T23:59:59"), CANCELLED);
    assert_eq!(run.closed("2027-02-15T00:00:00"), None, "the truth needs no job");
    let next = run.view().upcoming(at("2027-02-10T10:00:00")).unwrap();
    assert_eq!(next, [Next::Beginning(midnight("2027-02-15"))]);
    run.until("2027-02-15T00:00:00");
    assert!(run.last.touches_standing, "what was held is told to be served");
    assert_eq!(run.account.cancellation, None);
    let february = run.account.month(month("2027-02")).unwrap();
    assert_eq!((february.from, run.account.months.len()), (day("2027-02-15"), 1));
    run.until("2027-02-19T09:00:00");
    let told = run.told();
    let told: Vec<&str> = told.iter().map(String::as_str).skip_while(|it| *it < "02-15").collect();
    assert_eq!(
        told,
        [
            "02-15 00:00 reactivated",
            "02-15 09:00 payment_due",
            "02-17 09:00 payment_reminder",
            "02-19 09:00 last_notice",
        ]
    );
    run.until("2027-02-21T00:00:00");
    assert_eq!(run.closed("2027-02-20T00:00:00"), Some(StandingCause::NonPayment), "no leniency");
    run.pay("2027-02-21T10:00:00", "c", FEE * 20, "2027-02-21");
    run.act("2027-02-21T11:00:00", Command::Desk(DeskAct::Reactivate));
    run.until("2028-02-16T00:00:00");
    assert_eq!(run.account.renewed_at, Some(midnight("2028-02-15")), "its own terms are counted");
    let gap = Span {
        cause: StandingCause::Cancelled,
        from: midnight("2027-02-01"),
        to: Some(midnight("2027-02-15")),
    };
    assert!(run.last.spans.contains(&gap), "the gap stays in the record");
}

#[test]
fn a_month_may_belong_to_two_polizas_and_each_is_charged_its_days() {
    let mut run = Run::begin(&plan(), at("2026-12-01T08:00:00"));
    run.pay("2026-12-02T10:00:00", "a", FEE + 5_000, "2026-12-02");
    run.spoc("2026-12-10T10:00:00", SpocAct::Cancel { at_once: true });
    run.until("2026-12-12T00:00:00").contracts("2026-12-12T10:00:00", "2026-12-20");
    run.until("2026-12-20T09:00:00");
    let found = run.view().month(month("2026-12"), at("2026-12-20T09:00:00"), &mut ()).unwrap();
    let found = found.unwrap();
    assert_eq!(found.due.from, day("2026-12-20"));
    assert_eq!(found.owed.0, (FEE * 12 + 15) / 31, "its twelve days");
    assert_eq!(found.paid().0, 5_000, "what was left over waits for it and for nothing else");
    let cap = run.view().liability_cap(month("2026-12"));
    assert_eq!(
        cap.0,
        FEE + 5_000,
        "what was paid in the month bounds the liability, whatever it paid"
    );
}

#[test]
fn it_does_not_begin_while_the_earlier_one_owes() {
    let mut run = Run::begin(&plan(), at("2026-12-01T08:00:00"));
    run.until("2026-12-10T10:00:00");
    run.spoc("2026-12-10T10:00:00", SpocAct::Cancel { at_once: true });
    run.contracts("2026-12-11T10:00:00", "2026-12-15").until("2026-12-20T00:00:00");
    assert_eq!(run.closed("2026-12-20T00:00:00"), CANCELLED);
    assert_eq!(run.last.timers.earliest(), None, "nothing is waited for");
    let december = month("2026-12");
    let waive = DeskAct::Waive { month: december, amount: None, text: words("se pactó") };
    run.act("2026-12-20T10:00:00", Command::Desk(waive));
    assert_eq!(run.closed("2026-12-20T09:59:59"), CANCELLED);
    assert_eq!(run.closed("2026-12-20T10:00:00"), None, "from when nothing was owed any more");
    assert_eq!(run.account.start, Some(day("2026-12-15")));
}

#[test]
fn one_after_the_other_without_a_gap_is_served_throughout() {
    let plan = domain::terms::Parameters { auto_renew: Some(Some(false)), ..plan() };
    for late in [false, true] {
        let mut run = Run::begin(&plan, at("2026-12-01T08:00:00"));
        run.pay("2026-12-01T10:00:00", "a", FEE * 12, "2026-12-01").until("2027-11-20T00:00:00");
        run.contracts("2027-11-20T10:00:00", "2027-12-01");
        if late {
            run.late("2027-12-03T10:00:00");
        } else {
            run.until("2027-12-03T10:00:00");
        }
        let closed = run.last.spans.iter().any(|span| span.covers(midnight("2027-12-01")));
        assert!(!closed, "late: {late}, {:?}", run.last.spans);
        assert_eq!(run.stops(), [], "late: {late}: what runs across goes on");
        assert_eq!(run.account.start, Some(day("2027-12-01")));
        let facts: Vec<_> = run.events.iter().map(|event| &event.fact).collect();
        let expired = facts.iter().position(|it| matches!(it, Fact::Expired { .. }));
        let again = facts.iter().position(|it| matches!(it, Fact::ContractedAgain(_)));
        assert!(expired.is_some() && expired < again, "the end of the earlier one is on record");
        assert_eq!(run.standing("2027-12", "2027-12-03T10:00:00"), PaymentStanding::Due);
    }
}

/// What nothing is left of leaves with its month, and stays while its month runs; so do reversals.
#[test]
fn what_is_left_of_payments_waits_for_the_new_months() {
    let references = |run: &Run| -> Vec<String> {
        run.account.payments.iter().map(|it| it.payment.reference.clone()).collect()
    };
    let mut run = cancelled();
    run.contracts("2027-02-10T10:00:00", "2027-02-15").until("2027-02-15T00:00:00");
    assert_eq!(references(&run), [""; 0], "of earlier months, and used up");

    let mut run = Run::begin(&plan(), at("2026-12-01T08:00:00"));
    run.pay("2026-12-02T10:00:00", "a", FEE, "2026-12-02");
    run.pay("2026-12-03T10:00:00", "b", FEE, "2026-12-03");
    let reverse = Command::ReversePayment { reference: "b".to_owned(), text: None };
    run.act("2026-12-04T10:00:00", reverse);
    run.spoc("2026-12-10T10:00:00", SpocAct::Cancel { at_once: true });
    run.until("2026-12-12T00:00:00").contracts("2026-12-12T10:00:00", "2026-12-20");
    run.until("2026-12-20T00:00:00");
    assert_eq!(references(&run), ["a", "b"], "used up, and of the month that runs");
    assert_eq!(run.account.reversals.len(), 1);
}

/// A póliza that is entered after its first day is kept from the month after (10.1).
#[test]
fn one_that_is_entered_late_is_kept_from_the_next_month_on() {
    let mut run = cancelled();
    run.contracts("2027-03-10T10:00:00", "2027-02-15").until("2027-03-11T00:00:00");
    assert_eq!(run.account.start, Some(day("2027-02-15")));
    assert_eq!(run.account.first, month("2027-04"));
}

#[test]
fn what_was_settled_stays_settled() {
    let mut run = cancelled();
    run.contracts("2027-02-10T10:00:00", "2027-02-15").until("2027-02-16T00:00:00");
    let reverse = Command::ReversePayment { reference: "b".to_owned(), text: None };
    let refused = run.tries(at("2027-02-16T10:00:00"), reverse, crate::kit::member("fer"));
    assert!(refused.is_err(), "a person looks at it");
    let again = crate::kit::payment("x", FEE, "2027-02-16");
    let Command::RecordPayment { reference, value_date, amount, .. } = again else {
        unreachable!()
    };
    let names = Some(month("2027-01"));
    let old = Command::RecordPayment { reference, value_date, amount, names };
    assert!(run.tries(at("2027-02-16T10:00:00"), old, crate::kit::member("fer")).is_err());
}

#[test]
fn one_that_is_cancelled_as_it_begins_does_not_begin_once_more() {
    let mut run = cancelled();
    run.contracts("2027-02-10T10:00:00", "2027-02-15");
    run.spoc("2027-02-15T00:00:00", SpocAct::Cancel { at_once: true });
    let cancelled = run.account.cancellation.as_ref().map(|it| it.effective_at);
    assert_eq!(cancelled, Some(midnight("2027-02-15")));
    assert_eq!(run.closed("2027-02-15T00:00:00"), CANCELLED);
    let begun = run.events.iter().filter(|it| matches!(it.fact, Fact::ContractedAgain(_)));
    assert_eq!(begun.count(), 1);
}
