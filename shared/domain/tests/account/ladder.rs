//! 10.1, 10.2, 10.4: months, payments and the ladder of notices.

use domain::account::{Command, Concern, DeskAct, Lack};
use domain::billing::{Month, PaymentStanding};
use domain::terms::{Centavos, NaturalDays, Parameters};
use domain::ticket::RefusalCode;
use domain::{Actor, Instant};

use crate::kit::{FEE, Run, at, day, member, midnight, month, payment, plan, words};

fn run() -> Run {
    Run::begin(&plan(), at("2026-11-20T10:00:00"))
}

/// A person grants December until a day.
fn tolerate(until: &str) -> Command {
    let (month, until, text) = (month("2026-12"), day(until), words("x"));
    Command::Desk(DeskAct::Tolerate { month, until, text })
}

#[test]
fn nobody_pays() {
    let mut run = run();
    run.until("2026-12-07T00:00:00");
    assert_eq!(
        run.told(),
        [
            "12-01 09:00 payment_due",
            "12-03 09:00 payment_reminder",
            "12-05 09:00 last_notice",
            "12-06 00:00 suspended",
        ]
    );
    let since = at("2026-12-06T00:00:00");
    assert_eq!(
        run.standing("2026-12", "2026-12-07T00:00:00"),
        PaymentStanding::Suspended { since }
    );
    assert_eq!(run.standing("2026-12", "2026-12-05T23:59:59"), PaymentStanding::Due);
}

#[test]
fn who_pays_is_told_nothing_more() {
    for (paid, told) in [
        ("2026-11-30T10:00:00", 0),
        ("2026-12-01T08:00:00", 0),
        ("2026-12-02T10:00:00", 1),
        ("2026-12-04T10:00:00", 2),
        ("2026-12-05T23:59:59", 3),
    ] {
        let mut run = run();
        run.until(paid).pay(paid, "a", FEE, &paid[..10]).until("2026-12-31T00:00:00");
        assert_eq!(run.told().len(), told, "{paid}: {:?}", run.told());
        assert_eq!(run.standing("2026-12", "2026-12-31T00:00:00"), PaymentStanding::Paid, "{paid}");
        assert_eq!(run.stops(), [], "{paid}");
    }
}

#[test]
fn several_payments_add_up_and_an_excess_waits_for_the_next_month() {
    let mut run = run();
    run.until("2026-12-01T10:00:00").pay("2026-12-01T10:00:00", "a", FEE - 100, "2026-12-01").pay(
        "2026-12-04T10:00:00",
        "b",
        400,
        "2026-12-04",
    );
    assert_eq!(run.standing("2026-12", "2026-12-05T00:00:00"), PaymentStanding::Paid);
    let waiting = run.view().allocation(at("2026-12-05T00:00:00")).unwrap().waiting;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].amount, Centavos(300));
    run.until("2027-01-02T00:00:00");
    let january = run.view().month(month("2027-01"), at("2027-01-02T00:00:00"), &mut ()).unwrap();
    assert_eq!(january.unwrap().paid(), Centavos(300));
}

#[test]
fn the_same_payment_twice_is_one_and_another_under_its_reference_is_refused() {
    let mut run = run();
    run.until("2026-12-02T00:00:00").pay("2026-12-02T10:00:00", "a", FEE, "2026-12-02");
    let events = run.events.len();
    run.pay("2026-12-03T10:00:00", "a", FEE, "2026-12-02");
    assert_eq!(run.events.len(), events);
    let refused =
        run.tries(at("2026-12-03T11:00:00"), payment("a", 5, "2026-12-02"), member("fer"));
    assert_eq!(refused.unwrap_err().code, RefusalCode::Final);
}

#[test]
fn who_names_no_month_says_nothing_of_it() {
    let mut run = run();
    let naming = |month: Option<Month>| Command::RecordPayment {
        reference: "a".to_owned(),
        value_date: day("2026-12-02"),
        amount: Centavos(FEE),
        names: month,
    };
    run.until("2026-12-02T10:00:00");
    let now = at("2026-12-02T10:00:00");
    run.act_by(now, naming(Some(month("2026-12"))), member("fer"));
    let again = run.tries(now, naming(None), member("fer")).unwrap();
    assert_eq!(again.events, [], "a bank's file tells of a payment that the desk entered");
    let other = run.tries(now, naming(Some(month("2027-01"))), member("fer"));
    assert_eq!(other.unwrap_err().code, RefusalCode::Final);
}

#[test]
fn what_cannot_be_a_payment() {
    let run = run();
    for (amount, value) in [(0, "2026-12-01"), (-5, "2026-12-01"), (5, "2026-12-03")] {
        let refused =
            run.tries(at("2026-12-02T10:00:00"), payment("a", amount, value), member("fer"));
        assert_eq!(refused.unwrap_err().rule, "10.2", "{amount} {value}");
    }
}

#[test]
fn a_poliza_that_begins_in_the_middle_owes_its_days_by_the_fifth() {
    let plan = Parameters { start: Some(Some(day("2026-12-18"))), ..plan() };
    let mut run = Run::begin(&plan, at("2026-12-10T10:00:00"));
    run.until("2026-12-18T10:00:00");
    let now = at("2026-12-18T10:00:00");
    let found = run.view().month(month("2026-12"), now, &mut ()).unwrap().unwrap();
    assert_eq!(found.owed, Centavos(523_871), "14 of 31 days");
    assert_eq!(found.found.limit.day, day("2026-12-22"));
    run.until("2026-12-24T00:00:00");
    assert_eq!(
        run.told(),
        [
            "12-18 09:00 payment_due",
            "12-20 09:00 payment_reminder",
            "12-22 09:00 last_notice",
            "12-23 00:00 suspended",
        ]
    );
}

#[test]
fn a_poliza_that_begins_on_the_last_day_of_a_month_owes_that_day() {
    let plan = Parameters { start: Some(Some(day("2026-12-31"))), ..plan() };
    let mut run = Run::begin(&plan, at("2026-12-10T10:00:00"));
    run.until("2026-12-31T10:00:00");
    let now = at("2026-12-31T10:00:00");
    let found = run.view().month(month("2026-12"), now, &mut ()).unwrap().unwrap();
    assert_eq!(found.owed, Centavos(37_419), "1 of 31 days");
}

#[test]
fn a_poliza_that_began_long_ago_is_charged_from_the_next_month_on() {
    let plan = Parameters { start: Some(Some(day("2025-03-10"))), ..plan() };
    let mut run = Run::begin(&plan, at("2026-11-20T10:00:00"));
    run.until("2026-11-30T23:00:00");
    assert_eq!(run.told(), [""; 0]);
    run.until("2026-12-01T10:00:00");
    assert_eq!(run.told(), ["12-01 09:00 payment_due"]);
}

#[test]
fn without_a_fee_nothing_runs_and_the_desk_is_told_each_month() {
    let plan = Parameters { fee: None, ..plan() };
    let mut run = Run::begin(&plan, at("2026-11-20T10:00:00"));
    run.until("2027-01-20T10:00:00");
    assert_eq!(run.told(), ["12-01 00:00 desk_no_fee", "01-01 09:00 desk_no_fee"]);
    assert_eq!(run.stops(), []);
}

/// Of each thing that is missing, what was told last is kept.
#[test]
fn what_else_is_missing_does_not_tell_of_a_fee_again() {
    let plan = Parameters { fee: None, auto_renew: None, ..plan() };
    let mut run = Run::begin(&plan, at("2026-11-20T10:00:00"));
    run.until("2027-12-02T10:00:00");
    let renewal = midnight("2027-12-01");
    assert_eq!(run.account.lacks, [(Lack::RenewalChoice, renewal), (Lack::Fee, renewal)]);
    let told = run.told();
    let of = |kind: &str| told.iter().filter(|it| it.ends_with(kind)).count();
    assert_eq!((of("desk_no_fee"), of("desk_no_renewal_choice")), (13, 2));
}

#[test]
fn a_job_that_is_late_gives_the_last_notice_first_and_never_suspends_backwards() {
    let mut run = run();
    run.late("2026-12-08T10:00:00");
    assert_eq!(run.told(), ["12-08 10:00 last_notice"]);
    assert_eq!(run.closed("2026-12-08T23:59:59"), None);
    run.until("2026-12-09T12:00:00");
    assert_eq!(run.told(), ["12-08 10:00 last_notice", "12-09 00:00 suspended"]);
    // At 14 hours after ten in the morning the day is over already.
    let since = at("2026-12-09T00:00:00");
    assert_eq!(
        run.standing("2026-12", "2026-12-09T12:00:00"),
        PaymentStanding::Suspended { since }
    );
}

#[test]
fn covered_after_the_limit_before_the_suspension() {
    let mut run = run();
    run.late("2026-12-08T10:00:00").pay("2026-12-08T16:00:00", "a", FEE, "2026-12-08");
    run.until("2026-12-20T00:00:00");
    assert_eq!(run.standing("2026-12", "2026-12-20T00:00:00"), PaymentStanding::PaidLate);
    assert_eq!(run.stops(), []);
}

#[test]
fn a_later_limit_repeats_the_last_notice_on_its_day() {
    let mut run = run();
    run.until("2026-12-04T12:00:00");
    run.act("2026-12-04T12:00:00", tolerate("2026-12-15")).until("2026-12-17T00:00:00");
    assert_eq!(
        run.told()[2..],
        ["12-04 12:00 tolerated", "12-15 09:00 last_notice", "12-16 00:00 suspended"]
    );
    let late = run.tries(at("2026-12-17T00:00:00"), tolerate("2026-12-20"), member("fer"));
    assert_eq!(late.unwrap_err().code, RefusalCode::Suspended);
    let mut run = self::run();
    run.until("2026-12-04T12:00:00");
    for until in ["2026-12-05", "2026-12-01", "2028-12-01"] {
        let refused = run.tries(at("2026-12-04T12:00:00"), tolerate(until), member("fer"));
        assert_eq!(refused.unwrap_err().code, RefusalCode::WrongInstant, "{until}");
    }
}

#[test]
fn a_limit_may_be_granted_again_and_the_same_one_changes_nothing() {
    let mut run = run();
    run.until("2026-12-04T12:00:00").act("2026-12-04T12:00:00", tolerate("2026-12-15"));
    let events = run.events.len();
    run.act("2026-12-04T13:00:00", tolerate("2026-12-15"));
    assert_eq!(run.events.len(), events);
    run.act("2026-12-04T14:00:00", tolerate("2026-12-18")).until("2026-12-19T00:00:00");
    assert_eq!(
        run.told()[2..],
        [
            "12-04 12:00 tolerated",
            "12-04 14:00 tolerated",
            "12-18 09:00 last_notice",
            "12-19 00:00 suspended",
        ]
    );
}

/// The last notice that a late job began with has overtaken the others, also for a limit granted later.
#[test]
fn what_was_overtaken_is_not_told_when_a_later_limit_is_granted() {
    let mut run = run();
    run.late("2026-12-08T10:00:00").act("2026-12-08T11:00:00", tolerate("2026-12-15"));
    run.until("2026-12-15T09:00:00");
    assert_eq!(
        run.told(),
        ["12-08 10:00 last_notice", "12-08 11:00 tolerated", "12-15 09:00 last_notice"]
    );
}

/// Of each month that is owed, however many fell due unseen.
#[test]
fn a_job_that_was_down_for_months_gives_every_last_notice() {
    let mut run = run();
    let tick = Command::Tick(Concern::Payment);
    run.act_by(at("2027-08-10T10:00:00"), tick, Actor::System);
    assert_eq!(run.told(), ["08-10 10:00 last_notice"; 9]);
}

/// A month that is closed or before the account is told apart from one that has not fallen due.
#[test]
fn what_is_no_month_of_the_account_cannot_be_waived() {
    let mut run = run();
    run.until("2026-12-04T12:00:00");
    for (text, code) in [
        ("2026-11", RefusalCode::Final),
        ("2027-01", RefusalCode::Nothing),
        ("2027-03", RefusalCode::Nothing),
    ] {
        let (month, text) = (month(text), words("x"));
        let waive = Command::Desk(DeskAct::Waive { month, amount: None, text });
        let refused = run.tries(at("2026-12-04T12:00:00"), waive, member("fer")).unwrap_err();
        assert_eq!(refused.code, code, "{month}: {}", refused.text);
    }
}

/// G6: a month keeps the terms under which it fell due.
#[test]
fn the_limit_of_a_month_does_not_move_with_later_terms() {
    let mut run = run();
    run.until("2026-12-02T00:00:00").pay("2026-12-02T10:00:00", "a", FEE, "2026-12-02");
    let later = Parameters { due_day: NaturalDays::new(10), ..plan() };
    run.has_terms(&later).act("2026-12-03T10:00:00", Command::Refresh);
    run.until("2027-01-02T00:00:00");
    for (text, limit) in [("2026-12", "2026-12-05"), ("2027-01", "2027-01-10")] {
        let now = at("2027-01-02T00:00:00");
        let found = run.view().month(month(text), now, &mut ()).unwrap().unwrap();
        assert_eq!(found.found.limit.day, day(limit), "{text}");
    }
}

#[test]
fn what_is_waived_is_owed_no_more() {
    let mut run = run();
    run.until("2026-12-04T12:00:00").pay("2026-12-04T12:00:00", "a", FEE - 5_000, "2026-12-04");
    let waive = |amount: Option<i64>| {
        let amount = amount.map(Centavos);
        Command::Desk(DeskAct::Waive { month: month("2026-12"), amount, text: words("x") })
    };
    let much = run.tries(at("2026-12-04T12:00:00"), waive(Some(5_001)), member("fer"));
    assert_eq!(much.unwrap_err().code, RefusalCode::LimitReached);
    run.act("2026-12-04T13:00:00", waive(None)).until("2026-12-31T00:00:00");
    assert_eq!(run.standing("2026-12", "2026-12-31T00:00:00"), PaymentStanding::Paid);
    let again = run.tries(at("2026-12-31T00:00:00"), waive(None), member("fer"));
    assert_eq!(again.unwrap_err().code, RefusalCode::Nothing);
}

#[test]
fn old_months_are_closed_and_take_nothing_more() {
    let mut run = run();
    run.until("2026-12-01T10:00:00").pay("2026-12-01T10:00:00", "a", FEE * 40, "2026-12-01");
    run.until("2029-06-15T00:00:00");
    assert_eq!(run.account.months.len(), 24);
    assert_eq!(run.stops(), []);
    let command = Command::RecordPayment {
        reference: "b".to_owned(),
        value_date: day("2029-06-01"),
        amount: Centavos(5),
        names: Some(month("2027-01")),
    };
    let refused = run.tries(at("2029-06-15T00:00:00"), command, member("fer"));
    assert_eq!(refused.unwrap_err().code, RefusalCode::Final);
}

/// A closed month takes along what it took of each payment, and the suspensions of its time.
#[test]
fn what_belongs_to_a_closed_month_leaves_with_it() {
    let mut run = run();
    run.until("2026-12-01T10:00:00").pay("2026-12-01T10:00:00", "a", FEE * 5, "2026-12-01").pay(
        "2026-12-01T11:00:00",
        "b",
        FEE * 40,
        "2026-12-01",
    );
    run.until("2029-06-15T00:00:00");
    assert_eq!(run.account.first, month("2027-07"));
    let kept = run.account.payments.iter();
    let kept: Vec<_> = kept.map(|it| (it.payment.reference.as_str(), it.closed.0)).collect();
    assert_eq!(kept, [("b", FEE * 2)], "five of the seven were paid by the other");

    let mut run = self::run();
    let reactivate = || Command::Desk(DeskAct::Reactivate);
    for (day, months) in [("2026-12-08", 15), ("2028-03-08", 30)] {
        let (paid, active) = (format!("{day}T10:00:00"), format!("{day}T11:00:00"));
        run.until(&paid).pay(&paid, day, FEE * months, day).act(&active, reactivate());
    }
    run.until("2029-06-15T00:00:00");
    let shown: Vec<Instant> = run.account.shown.iter().map(|it| it.from).collect();
    assert_eq!(shown, [midnight("2028-03-06")]);
    assert_eq!(run.account.reactivated, [at("2028-03-08T11:00:00")]);
}

/// The clocks of two hosts differ: one takes a payment back, and another, which is behind, closes its month.
#[test]
fn a_reversal_leaves_with_its_payment() {
    let mut run = run();
    run.until("2026-12-01T10:00:00").pay("2026-12-01T10:00:00", "a", FEE, "2026-12-01").pay(
        "2026-12-01T11:00:00",
        "b",
        FEE * 40,
        "2026-12-01",
    );
    run.until("2028-11-30T23:00:00");
    let reverse = Command::ReversePayment { reference: "a".to_owned(), text: None };
    run.act("2028-12-01T00:00:05", reverse);
    assert_eq!((run.account.months.len(), run.account.reversals.len()), (25, 1));
    run.act_by(at("2028-12-01T00:00:03"), Command::Tick(Concern::Payment), Actor::System);
    assert_eq!((run.account.months.len(), run.account.reversals.len()), (24, 0));
    assert_eq!(run.account.payment("a"), None);
}
