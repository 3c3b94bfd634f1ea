//! Payments that the bank takes back: before and after the limit, known early and late (10.4).

use super::kit::Fact::{Notice, Paid, Reversed, Tolerated};
use super::kit::{at, check, standing, with};

const NOTICE: super::kit::Fact = Notice(5, "2026-12-05 09:00");

#[test]
fn reversed_before_the_limit_is_never_paid() {
    let facts = [Paid("a", 1000, 2, "2026-12-02 10:00"), Reversed("a", "2026-12-04 10:00"), NOTICE];
    let rows = [
        ("2026-12-03 00:00", "paid"),
        ("2026-12-04 10:00", "due"),
        ("2026-12-06 00:00", "suspended 12-06 00:00:00"),
    ];
    check("before the last notice", &facts, &rows, &[]);
    // The last notice was told before the payment came: it stands.
    let facts = [NOTICE, Paid("a", 1000, 5, "2026-12-05 10:00"), Reversed("a", "2026-12-05 20:00")];
    let rows = [("2026-12-05 12:00", "paid"), ("2026-12-06 00:00", "suspended 12-06 00:00:00")];
    check("on the limit's day", &facts, &rows, &[]);
}

#[test]
fn reversed_after_the_limit_needs_a_new_last_notice() {
    let facts = [
        Paid("a", 1000, 4, "2026-12-04 10:00"),
        Reversed("a", "2026-12-10 10:00"),
        Notice(5, "2026-12-11 09:00"),
    ];
    let rows = [
        ("2026-12-10 09:59", "paid"),
        ("2026-12-10 10:00", "due"),
        ("2026-12-11 22:59", "due"),
        ("2026-12-11 23:00", "suspended 12-11 23:00:00"),
    ];
    check("a new last notice", &facts, &rows, &[]);
    let owed = standing(&with(&facts[..2]), at("2026-12-10 12:00"));
    assert_eq!(owed.last_notice_due_at, Some(at("2026-12-10 10:00")), "the notice is owed at once");
    let mut paid = facts.to_vec();
    paid.push(Paid("b", 1000, 11, "2026-12-11 22:59"));
    check("paid again in time", &paid, &[("2026-12-12 00:00", "paid_late")], &[]);
}

#[test]
fn the_notice_before_a_reversal_does_not_count_after_it() {
    // Learnt of late: shown as suspended, annulled, and then taken back by the bank.
    let facts = [NOTICE, Paid("a", 1000, 5, "2026-12-08 10:00"), Reversed("a", "2026-12-10 10:00")];
    let annulled = [("2026-12-06 00:00", "2026-12-08 10:00")];
    let rows = [
        ("2026-12-07 00:00", "suspended 12-06 00:00:00"),
        ("2026-12-09 00:00", "paid"),
        ("2026-12-10 10:00", "due"),
        ("2027-01-10 10:00", "due"),
    ];
    check("no notice since", &facts, &rows, &annulled);
    let mut told = facts.to_vec();
    told.push(Notice(5, "2026-12-10 12:00"));
    check("told again", &told, &[("2026-12-11 02:00", "suspended 12-11 02:00:00")], &annulled);
    // Money with an early value date settles the month even now, and both suspensions are annulled.
    told.push(Paid("b", 1000, 5, "2026-12-12 10:00"));
    let both = [annulled[0], ("2026-12-11 02:00", "2026-12-12 10:00")];
    check("paid after all", &told, &[("2026-12-12 10:00", "paid")], &both);
}

#[test]
fn at_the_very_instants() {
    // At 24:00 the limit has passed: the notice of the day before does not count any more.
    let facts = [NOTICE, Paid("a", 1000, 4, "2026-12-05 12:00"), Reversed("a", "2026-12-06 00:00")];
    let rows = [("2026-12-05 23:59:59.999", "paid"), ("2026-12-06 00:00", "due")];
    check("reversed at the limit", &facts, &rows, &[]);
    let before = [facts[0], facts[1], Reversed("a", "2026-12-05 23:59:59.999")];
    let rows = [("2026-12-06 00:00", "suspended 12-06 00:00:00")];
    check("reversed a millisecond before", &before, &rows, &[]);
    // A notice recorded together with the reversal is the new one.
    let mut told = facts.to_vec();
    told.push(Notice(5, "2026-12-06 00:00"));
    let rows = [("2026-12-06 13:59", "due"), ("2026-12-06 14:00", "suspended 12-06 14:00:00")];
    check("told at once", &told, &rows, &[]);
}

#[test]
fn a_payment_twice_of_which_one_is_taken_back() {
    let facts = [
        NOTICE,
        Paid("a", 1000, 4, "2026-12-08 10:00"),
        Paid("b", 1000, 9, "2026-12-09 10:00"),
        Reversed("a", "2026-12-10 10:00"),
    ];
    let rows = [("2026-12-09 12:00", "paid"), ("2026-12-10 10:00", "paid_late")];
    check("what stays covers it", &facts, &rows, &[("2026-12-06 00:00", "2026-12-08 10:00")]);
}

#[test]
fn reversed_while_suspended() {
    let facts = [NOTICE, Paid("a", 1000, 7, "2026-12-07 10:00"), Reversed("a", "2026-12-09 10:00")];
    let rows = [
        ("2026-12-08 00:00", "payment_received 12-06 00:00:00 12-07 10:00:00"),
        ("2026-12-09 10:00", "suspended 12-06 00:00:00"),
    ];
    check("the suspension never ended", &facts, &rows, &[]);
}

#[test]
fn part_payments_taken_back_change_no_notice() {
    let facts = [
        Paid("a", 300, 4, "2026-12-04 10:00"),
        Reversed("a", "2026-12-06 12:00"),
        Notice(5, "2026-12-06 09:00"),
    ];
    let rows = [("2026-12-06 22:59", "due"), ("2026-12-06 23:00", "suspended 12-06 23:00:00")];
    check("the month was not covered", &facts, &rows, &[]);
    let mut paid = facts.to_vec();
    paid.push(Paid("b", 700, 5, "2026-12-07 10:00"));
    check("300 lack", &paid, &[("2026-12-07 10:00", "suspended 12-06 23:00:00")], &[]);
    paid.push(Paid("c", 300, 5, "2026-12-08 10:00"));
    let annulled = [("2026-12-06 23:00", "2026-12-08 10:00")];
    check("nothing lacks", &paid, &[("2026-12-08 10:00", "paid")], &annulled);
}

#[test]
fn a_reversal_recorded_before_its_payment() {
    let facts = [NOTICE, Paid("a", 1000, 4, "2026-12-08 10:00"), Reversed("a", "2026-12-08 10:00")];
    check("never counted", &facts, &[("2026-12-09 00:00", "suspended 12-06 00:00:00")], &[]);
}

#[test]
fn reversed_within_granted_days() {
    let facts = [
        NOTICE,
        Tolerated(10, "2026-12-05 18:00"),
        Paid("a", 1000, 7, "2026-12-07 10:00"),
        Reversed("a", "2026-12-08 10:00"),
        Notice(10, "2026-12-10 09:00"),
    ];
    let rows = [
        ("2026-12-07 10:00", "paid"),
        ("2026-12-08 10:00", "due"),
        ("2026-12-11 00:00", "suspended 12-11 00:00:00"),
    ];
    check("the granted limit holds", &facts, &rows, &[]);
}

#[test]
fn who_grants_the_limit_that_holds_grants_nothing() {
    let facts = [NOTICE, Tolerated(5, "2026-12-05 10:00")];
    check("the same day", &facts, &[("2026-12-06 00:00", "suspended 12-06 00:00:00")], &[]);
}
