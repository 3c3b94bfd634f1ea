//! 10.2a, 10.3, 10.6, 8: suspension, annulment, reversal, reactivation, non-compliance.

use domain::account::{Command, Content, DeskAct, SpocAct};
use domain::billing::PaymentStanding;
use domain::standing::{Span, StandingCause};
use domain::terms::{AnnulmentClock, Parameters};
use domain::ticket::RefusalCode;

use crate::kit::{FEE, Run, at, day, member, midnight, month, payment, plan, words};

const SUSPENDED: Option<StandingCause> = Some(StandingCause::NonPayment);

fn suspended() -> Run {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2026-12-07T10:00:00");
    run
}

#[test]
fn a_suspension_lies_ahead_as_soon_as_the_last_notice_is_recorded() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2026-12-05T08:59:59");
    assert_eq!(run.stops(), []);
    run.until("2026-12-05T09:00:00");
    let cause = StandingCause::NonPayment;
    assert_eq!(run.stops(), [Span { cause, from: midnight("2026-12-06"), to: None }]);
}

#[test]
fn a_payment_learnt_later_annuls_with_one_correction() {
    let mut run = suspended();
    run.pay("2026-12-08T10:00:00", "a", FEE, "2026-12-05").until("2026-12-20T00:00:00");
    assert_eq!(run.standing("2026-12", "2026-12-08T10:00:00"), PaymentStanding::Paid);
    assert_eq!(run.stops(), []);
    assert_eq!(
        run.told()[3..],
        ["12-06 00:00 suspended", "12-08 10:00 suspension_annulled", "12-08 10:00 desk_annulled"]
    );
    // The log keeps both, and at the time it was suspended.
    let since = at("2026-12-06T00:00:00");
    assert_eq!(
        run.standing("2026-12", "2026-12-07T00:00:00"),
        PaymentStanding::Suspended { since }
    );
}

#[test]
fn where_the_poliza_says_so_the_time_until_it_was_known_is_a_pause() {
    let plan = Parameters { annulment_clock: Some(AnnulmentClock::Pause), ..plan() };
    let mut run = Run::begin(&plan, at("2026-11-20T10:00:00"));
    run.until("2026-12-07T00:00:00").pay("2026-12-08T10:00:00", "a", FEE, "2026-12-05");
    let (cause, from) = (StandingCause::NonPayment, midnight("2026-12-06"));
    assert_eq!(run.stops(), [Span { cause, from, to: Some(at("2026-12-08T10:00:00")) }]);
}

#[test]
fn paid_when_it_had_taken_effect_waits_for_a_person() {
    let mut run = suspended();
    let early =
        run.tries(at("2026-12-07T10:00:00"), Command::Desk(DeskAct::Reactivate), member("fer"));
    assert_eq!(early.unwrap_err().code, RefusalCode::Unpaid);
    run.pay("2026-12-08T10:00:00", "a", FEE, "2026-12-08").until("2026-12-09T12:00:00");
    assert_eq!(run.closed("2026-12-09T12:00:00"), SUSPENDED);
    assert_eq!(
        run.told()[4..],
        [
            "12-08 10:00 payment_received",
            "12-08 10:00 desk_reactivation_wanted",
            "12-08 14:00 desk_reactivation_wanted",
            "12-08 18:00 desk_reactivation_wanted",
        ]
    );
    run.act("2026-12-09T12:00:00", Command::Desk(DeskAct::Reactivate)).until("2026-12-31T00:00:00");
    assert_eq!(run.closed("2026-12-09T11:59:59"), SUSPENDED);
    assert_eq!(run.closed("2026-12-09T12:00:00"), None);
    assert_eq!(run.told().last().unwrap(), "12-09 12:00 reactivated");
    let again =
        run.tries(at("2026-12-31T00:00:00"), Command::Desk(DeskAct::Reactivate), member("fer"));
    assert_eq!(again.unwrap_err().code, RefusalCode::Nothing);
}

#[test]
fn the_parameter_reactivates_by_itself() {
    let plan = Parameters { auto_reactivate: Some(true), ..plan() };
    let mut run = Run::begin(&plan, at("2026-11-20T10:00:00"));
    run.until("2026-12-07T00:00:00").pay("2026-12-08T10:00:00", "a", FEE, "2026-12-08");
    assert_eq!(run.closed("2026-12-08T10:00:00"), None);
    assert_eq!(run.told()[4..], ["12-08 10:00 reactivated"]);
}

#[test]
fn a_month_that_begins_suspended_is_charged_from_the_day_of_the_reactivation() {
    let mut run = suspended();
    run.until("2027-01-12T00:00:00").pay("2027-01-12T10:00:00", "a", FEE, "2027-01-12");
    assert!(run.account.month(month("2027-01")).is_none());
    run.act("2027-01-12T12:00:00", Command::Desk(DeskAct::Reactivate));
    let now = at("2027-01-12T12:00:00");
    let january = run.view().month(month("2027-01"), now, &mut ()).unwrap().unwrap();
    assert_eq!(january.due.from, day("2027-01-12"));
    assert_eq!(january.found.limit.day, day("2027-01-16"));
    assert_eq!(january.owed.0, (FEE * 20 * 2 + 31) / 62);
    run.until("2027-01-18T00:00:00");
    assert_eq!(run.closed("2027-01-17T00:00:00"), SUSPENDED);
}

/// However many months went by suspended, the next one with service is charged.
#[test]
fn after_more_than_a_year_without_service_it_is_charged_again() {
    let mut run = suspended();
    run.until("2028-03-10T10:00:00").pay("2028-03-10T10:00:00", "a", FEE, "2028-03-10");
    run.act("2028-03-10T11:00:00", Command::Desk(DeskAct::Reactivate));
    let fell_due = |run: &Run| -> Vec<String> {
        run.account.months.iter().map(|it| it.month.to_string()).collect()
    };
    assert_eq!(fell_due(&run), ["2026-12", "2028-03"]);
    run.pay("2028-03-11T10:00:00", "b", FEE * 5, "2028-03-11").until("2028-04-02T00:00:00");
    assert_eq!(fell_due(&run), ["2026-12", "2028-03", "2028-04"]);
}

#[test]
fn sixty_days_become_a_task_of_the_desk() {
    let mut run = suspended();
    run.until("2027-03-31T00:00:00");
    assert_eq!(run.told()[4..], ["02-04 09:00 desk_long_suspension"]);
}

#[test]
fn a_reversal_before_the_limit_goes_on_with_the_ladder_and_after_it_begins_anew() {
    let reverse = || Command::ReversePayment { reference: "a".to_owned(), text: None };
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2026-12-01T10:00:00").pay("2026-12-01T10:00:00", "a", FEE, "2026-12-01");
    run.until("2026-12-04T10:00:00")
        .act("2026-12-04T10:00:00", reverse())
        .until("2026-12-06T01:00:00");
    assert_eq!(
        run.told()[1..],
        [
            "12-04 10:00 payment_reversed",
            "12-04 10:00 payment_reminder",
            "12-05 09:00 last_notice",
            "12-06 00:00 suspended",
        ]
    );
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.until("2026-12-01T10:00:00").pay("2026-12-01T10:00:00", "a", FEE, "2026-12-01");
    run.until("2026-12-12T08:00:00")
        .act("2026-12-12T08:00:00", reverse())
        .until("2026-12-13T00:00:00");
    assert_eq!(
        run.told()[1..],
        ["12-12 08:00 payment_reversed", "12-12 08:00 last_notice", "12-12 22:00 suspended"]
    );
    run.act("2026-12-13T00:00:00", reverse());
    assert_eq!(run.account.reversals.len(), 1);
}

#[test]
fn a_reversal_after_a_reactivation_is_told_again_before_it_suspends() {
    let mut run = suspended();
    run.pay("2026-12-08T10:00:00", "a", FEE, "2026-12-08");
    run.act("2026-12-08T11:00:00", Command::Desk(DeskAct::Reactivate)).until("2026-12-14T10:00:00");
    let reverse = Command::ReversePayment { reference: "a".to_owned(), text: None };
    run.act("2026-12-14T10:00:00", reverse);
    assert_eq!(run.closed("2026-12-14T10:00:00"), None);
    assert_eq!(run.closed("2026-12-15T00:00:00"), SUSPENDED);
    let both: Vec<_> = run.stops().iter().map(|span| (span.from, span.to)).collect();
    assert_eq!(
        both,
        [(midnight("2026-12-06"), Some(at("2026-12-08T11:00:00"))), (midnight("2026-12-15"), None)]
    );
}

/// The desk is told of a reactivation that is wanted while there is one; a payment that covers what is
/// owed again is told at once.
#[test]
fn a_reversal_while_it_is_suspended_ends_the_alerts() {
    let mut run = suspended();
    run.pay("2026-12-08T10:00:00", "a", FEE, "2026-12-08");
    let reverse = Command::ReversePayment { reference: "a".to_owned(), text: None };
    run.act("2026-12-08T11:00:00", reverse).until("2026-12-10T09:00:00");
    assert_eq!(run.told().last().unwrap(), "12-08 11:00 payment_reversed");
    let early =
        run.tries(at("2026-12-10T09:00:00"), Command::Desk(DeskAct::Reactivate), member("fer"));
    assert_eq!(early.unwrap_err().code, RefusalCode::Unpaid);
    run.pay("2026-12-10T10:00:00", "b", FEE, "2026-12-10");
    let told = run.told();
    let alerts = told.iter().filter(|it| it.ends_with("desk_reactivation_wanted")).count();
    assert_eq!(alerts, 2, "{told:?}");
}

/// A month may suspend twice: each is told, and what a payment annuls is taken back alone.
#[test]
fn each_suspension_of_a_month_is_told_and_annulled_by_itself() {
    let mut run = suspended();
    run.pay("2026-12-08T10:00:00", "a", FEE, "2026-12-08");
    run.act("2026-12-08T11:00:00", Command::Desk(DeskAct::Reactivate)).until("2026-12-14T10:00:00");
    let reverse = Command::ReversePayment { reference: "a".to_owned(), text: None };
    run.act("2026-12-14T10:00:00", reverse).until("2026-12-15T12:00:00");
    assert_eq!(run.told().last().unwrap(), "12-15 00:00 suspended");
    run.pay("2026-12-16T10:00:00", "b", FEE, "2026-12-14").until("2026-12-20T00:00:00");
    let told = run.told();
    let annulled = ["12-16 10:00 suspension_annulled", "12-16 10:00 desk_annulled"];
    assert_eq!(told[told.len() - 3], "12-15 00:00 suspended");
    assert_eq!(told[told.len() - 2..], annulled);
    let shown: Vec<_> = run.account.shown.iter().map(|it| (it.from, it.annulled)).collect();
    assert_eq!(shown, [(midnight("2026-12-06"), false), (midnight("2026-12-15"), true)]);
}

/// Two months that suspend at once are one time without service.
#[test]
fn suspensions_that_run_at_once_are_one_span() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    let (month, until, text) = (month("2026-12"), day("2027-01-05"), words("x"));
    let tolerate = DeskAct::Tolerate { month, until, text };
    run.until("2026-12-04T12:00:00").act("2026-12-04T12:00:00", Command::Desk(tolerate));
    run.until("2027-01-07T00:00:00");
    let told = run.told();
    assert_eq!(told.iter().filter(|it| *it == "01-06 00:00 suspended").count(), 2, "{told:?}");
    let cause = StandingCause::NonPayment;
    assert_eq!(run.stops(), [Span { cause, from: midnight("2027-01-06"), to: None }]);
}

/// A póliza is reactivated until it ends, however long before its end is known.
#[test]
fn what_has_ended_is_not_reactivated() {
    let plan = Parameters { auto_renew: Some(Some(false)), ..plan() };
    let mut run = Run::begin(&plan, at("2026-11-20T10:00:00"));
    run.until("2026-12-08T10:00:00").pay("2026-12-08T10:00:00", "a", FEE * 12, "2026-12-08");
    let reactivate = || Command::Desk(DeskAct::Reactivate);
    for (now, code) in [
        ("2027-11-30T23:59:59", None),
        ("2027-12-01T00:00:00", Some(RefusalCode::Final)),
        ("2027-12-02T10:00:00", Some(RefusalCode::Final)),
    ] {
        let refused = run.tries(at(now), reactivate(), member("fer")).err();
        assert_eq!(refused.map(|it| it.code), code, "{now}");
    }
}

/// Nobody is told that a reactivation is wanted from the end of the póliza on.
#[test]
fn the_alerts_end_with_the_poliza() {
    let wanted = |now: &str, at_once: bool| {
        let mut run = suspended();
        run.pay("2026-12-08T10:00:00", "a", FEE, "2026-12-08");
        run.spoc(now, SpocAct::Cancel { at_once }).until("2026-12-08T20:00:00");
        run.told().iter().filter(|it| it.ends_with("desk_reactivation_wanted")).count()
    };
    assert_eq!(wanted("2026-12-08T11:00:00", false), 3, "at 10:00, 14:00 and 18:00");
    assert_eq!(wanted("2026-12-08T14:00:00", true), 1, "at the second one it has ended");
}

/// One suspension for an obligation at a time; each that takes effect is told.
#[test]
fn obligations_come_one_after_the_other() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.pay("2026-11-20T11:00:00", "a", FEE * 12, "2026-11-20").until("2026-12-01T10:00:00");
    let propose = || Command::Desk(DeskAct::ProposeBreach { text: words("x") });
    let approve = || Command::Desk(DeskAct::ApproveBreach);
    let refused = |run: &Run, now: &str| {
        run.tries(at(now), propose(), member("fer")).unwrap_err().code == RefusalCode::LimitReached
    };
    run.act("2026-12-01T10:00:00", propose());
    assert!(refused(&run, "2026-12-01T10:30:00"), "one is proposed");
    run.act_by(at("2026-12-01T11:00:00"), approve(), member("sol"));
    assert!(refused(&run, "2026-12-01T12:00:00"), "one is announced");
    run.until("2026-12-10T10:00:00");
    let end = Command::Desk(DeskAct::EndBreach { text: words("y") });
    run.act("2026-12-10T10:00:00", end).act("2026-12-10T11:00:00", propose());
    run.act_by(at("2026-12-10T12:00:00"), approve(), member("sol")).until("2026-12-31T00:00:00");
    assert_eq!(
        run.told(),
        [
            "12-01 11:00 breach_announced",
            "12-09 00:00 suspended",
            "12-10 10:00 breach_ended",
            "12-10 12:00 breach_announced",
            "12-18 00:00 suspended",
        ]
    );
}

#[test]
fn an_obligation_takes_two_persons_and_five_business_days() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.pay("2026-11-20T11:00:00", "a", FEE * 12, "2026-11-20").until("2026-12-01T10:00:00");
    let propose = || Command::Desk(DeskAct::ProposeBreach { text: words("x") });
    let approve = || Command::Desk(DeskAct::ApproveBreach);
    run.act("2026-12-01T10:00:00", propose());
    let same = run.tries(at("2026-12-01T11:00:00"), approve(), member("fer"));
    assert_eq!(same.unwrap_err().code, RefusalCode::SamePerson);
    run.act_by(at("2026-12-01T11:00:00"), approve(), member("sol")).until("2026-12-31T00:00:00");
    // Tuesday the 1st: the fifth business day after it is Tuesday the 8th.
    assert_eq!(run.closed("2026-12-08T23:59:59"), None);
    assert_eq!(run.closed("2026-12-09T00:00:00"), Some(StandingCause::NonCompliance));
    assert_eq!(run.told(), ["12-01 11:00 breach_announced", "12-09 00:00 suspended"]);
    let end = Command::Desk(DeskAct::EndBreach { text: words("y") });
    run.act("2026-12-31T10:00:00", end).until("2027-01-31T00:00:00");
    assert_eq!(run.closed("2026-12-31T09:59:59"), Some(StandingCause::NonCompliance));
    assert_eq!(run.closed("2026-12-31T10:00:00"), None);
}

#[test]
fn what_is_called_off_before_it_begins_never_was() {
    let mut run = Run::begin(&plan(), at("2026-11-20T10:00:00"));
    run.pay("2026-11-20T11:00:00", "a", FEE * 12, "2026-11-20");
    run.act("2026-12-01T10:00:00", Command::Desk(DeskAct::ProposeBreach { text: words("x") }));
    run.act_by(at("2026-12-01T11:00:00"), Command::Desk(DeskAct::ApproveBreach), member("sol"));
    run.act("2026-12-02T10:00:00", Command::Desk(DeskAct::EndBreach { text: words("y") }));
    run.until("2026-12-31T00:00:00");
    assert_eq!(run.stops(), []);
    assert!(run.contents().any(|it| matches!(it, Content::BreachEnded { in_effect: false })));
}

#[test]
fn paying_lifts_only_a_suspension_for_want_of_payment() {
    let mut run = suspended();
    run.act("2026-12-07T10:00:00", Command::Desk(DeskAct::ProposeBreach { text: words("x") }));
    run.act_by(at("2026-12-07T11:00:00"), Command::Desk(DeskAct::ApproveBreach), member("sol"));
    run.until("2026-12-16T00:00:00").act("2026-12-16T10:00:00", payment("a", FEE, "2026-12-16"));
    run.act("2026-12-16T11:00:00", Command::Desk(DeskAct::Reactivate));
    assert_eq!(run.closed("2026-12-16T11:00:00"), Some(StandingCause::NonCompliance));
}

#[test]
fn what_is_waived_does_not_reach_back() {
    let waive = || {
        let (month, text) = (month("2026-12"), words("x"));
        Command::Desk(DeskAct::Waive { month, amount: None, text })
    };
    let mut run = suspended();
    run.act("2026-12-08T10:00:00", waive());
    assert_eq!(run.closed("2026-12-08T10:00:00"), SUSPENDED);
    assert_eq!(
        run.told()[4..],
        ["12-08 10:00 payment_received", "12-08 10:00 desk_reactivation_wanted"]
    );
    run.act("2026-12-08T11:00:00", Command::Desk(DeskAct::Reactivate)).until("2026-12-31T00:00:00");
    assert_eq!(run.closed("2026-12-08T10:59:59"), SUSPENDED);
    assert_eq!(run.closed("2026-12-31T00:00:00"), None);
}
