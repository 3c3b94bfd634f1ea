//! Which months payments settle (10.2).

use std::collections::BTreeMap;

use domain::billing::{Allocation, Month, Payment, PaymentFault, Reversal, allocate};
use domain::terms::{Centavos, Parameters, Terms};

use super::kit::{at, day, month, terms};

/// A payment: reference, amount, value date, recording, month that it names.
type Row = (&'static str, i64, &'static str, &'static str, Option<&'static str>);

fn payment((reference, amount, value, recorded, names): &Row) -> Payment {
    Payment {
        recorded_at: at(recorded),
        value_date: day(value),
        amount: Centavos(*amount),
        names: names.map(month),
        reference: (*reference).to_owned(),
    }
}

/// December to February, 1,000 centavos each.
fn three_months() -> BTreeMap<Month, Centavos> {
    ["2026-12", "2027-01", "2027-02"].map(|name| (month(name), Centavos(1000))).into()
}

/// `12:a400+b600 01:c1000 | d5`: what each month got, and what waits.
fn said(found: &Allocation) -> String {
    let mut words: Vec<String> = found
        .months
        .iter()
        .map(|(month, parts)| {
            let parts: Vec<String> =
                parts.iter().map(|part| format!("{}{}", part.reference, part.amount.0)).collect();
            format!("{}:{}", &month.to_string()[5..], parts.join("+"))
        })
        .collect();
    if !found.waiting.is_empty() {
        words.push("|".to_owned());
        words.extend(found.waiting.iter().map(|one| format!("{}{}", one.reference, one.amount.0)));
    }
    words.join(" ")
}

fn check(name: &str, rows: &[Row], reversals: &[(&str, &str)], as_of: &str, expected: &str) {
    let payments: Vec<Payment> = rows.iter().map(payment).collect();
    let reversals: Vec<Reversal> = reversals
        .iter()
        .map(|(reference, recorded)| Reversal {
            reference: (*reference).to_owned(),
            recorded_at: at(recorded),
        })
        .collect();
    let owed = three_months();
    let found = allocate(&owed, &payments, &reversals, at(as_of), &Terms::product());
    assert_eq!(said(&found), expected, "{name}");
    // The same facts twice and the other way round.
    let again: Vec<Payment> = payments.iter().chain(&payments).rev().cloned().collect();
    let reversed: Vec<Reversal> = reversals.iter().chain(&reversals).rev().cloned().collect();
    let twice = allocate(&owed, &again, &reversed, at(as_of), &Terms::product());
    assert_eq!(twice, found, "{name}: order and duplicates");
}

#[test]
fn payments_settle_months() {
    let late = "2027-03-01 00:00";
    let a: Row = ("a", 400, "2026-12-03", "2026-12-03 10:00", None);
    let b: Row = ("b", 600, "2026-12-05", "2026-12-07 10:00", None);
    check("nothing", &[], &[], late, "");
    let empty: Row = ("z", 0, "2026-12-03", "2026-12-03 10:00", None);
    check("of which nothing is left", &[empty], &[], late, "");
    check("several add up", &[a, b], &[], late, "12:a400+b600");
    check(
        "the oldest unpaid first",
        &[("a", 1000, "2027-01-03", "2027-01-03 10:00", None)],
        &[],
        late,
        "12:a1000",
    );
    let named: Row = ("n", 1000, "2027-01-03", "2027-01-03 10:00", Some("2027-01"));
    check("the named month", &[named], &[], late, "01:n1000");
    let more: Row = ("n", 1500, "2027-01-03", "2027-01-03 10:00", Some("2027-01"));
    check("an excess goes to the months after it", &[more], &[], late, "01:n1000 02:n500");
    let three: Row = ("a", 3500, "2026-12-03", "2026-12-03 10:00", None);
    check("what is left waits", &[three], &[], late, "12:a1000 01:a1000 02:a1000 | a500");
    let future: Row = ("f", 1000, "2026-12-03", "2026-12-03 10:00", Some("2027-07"));
    check("a month not due waits", &[future], &[], late, "| f1000");
    check("known by then", &[a, b], &[], "2026-12-07 09:59", "12:a400");
}

#[test]
fn money_learnt_of_late_settles_what_it_would_have_settled() {
    let late: Row = ("x", 1000, "2026-12-04", "2026-12-20 10:00", None);
    let other: Row = ("y", 1000, "2026-12-08", "2026-12-08 10:00", None);
    check("before it is known", &[late, other], &[], "2026-12-19 00:00", "12:y1000");
    check("after", &[late, other], &[], "2026-12-20 10:00", "12:x1000 01:y1000");
}

#[test]
fn a_reversal_moves_no_other_payment() {
    let a: Row = ("a", 1000, "2026-12-03", "2026-12-03 10:00", None);
    let b: Row = ("b", 1000, "2027-01-03", "2027-01-08 10:00", None);
    let c: Row = ("c", 1000, "2027-01-12", "2027-01-12 10:00", None);
    let reversal = [("a", "2027-01-10 10:00")];
    let before = "12:a1000 01:b1000";
    check("before", &[a, b, c], &reversal, "2027-01-09 00:00", before);
    // The part is kept with its reversal; the month counts it no more.
    check("after", &[a, b, c], &reversal, "2027-01-11 00:00", before);
    check("a gap", &[a, b, c], &reversal, "2027-01-12 10:00", "12:a1000+c1000 01:b1000");
    let together = [("a", "2027-01-12 10:00")];
    check("together", &[a, c], &together, "2027-01-12 10:00", "12:a1000+c1000");
    let at_once = [("a", "2026-12-03 10:00")];
    check("reversed at once", &[a, b], &at_once, "2027-01-09 00:00", "12:b1000");
    let excess: Row = ("e", 4000, "2026-12-03", "2026-12-03 10:00", None);
    let gone = [("e", "2026-12-10 10:00")];
    check("nothing waits", &[excess], &gone, "2027-01-09 00:00", "12:e1000 01:e1000 02:e1000");
}

#[test]
fn a_month_paid_but_for_the_tolerance_takes_no_more() {
    let rows: [Row; 2] = [
        ("a", 995, "2026-12-03", "2026-12-03 10:00", None),
        ("b", 1000, "2026-12-04", "2026-12-04 10:00", None),
    ];
    let payments: Vec<Payment> = rows.iter().map(payment).collect();
    let plan = Parameters { payment_tolerance: Some(Centavos(5)), ..Parameters::default() };
    let late = at("2027-03-01 00:00");
    let found = allocate(&three_months(), &payments, &[], late, &terms(&plan));
    assert_eq!(said(&found), "12:a995 01:b1000");
    let strict = allocate(&three_months(), &payments, &[], late, &Terms::product());
    assert_eq!(said(&strict), "12:a995+b5 01:b995");
}

#[test]
fn what_forbids_recording_a_payment() {
    let good = payment(&("a", 1, "2026-12-05", "2026-12-05 00:00", None));
    assert_eq!(good.faults(), []);
    let bad = payment(&("a", 0, "2026-12-06", "2026-12-05 23:59:59.999", None));
    assert_eq!(bad.faults(), [PaymentFault::Amount, PaymentFault::Future]);
    let old = payment(&("a", -1, "2006-12-05", "2006-12-05 10:00", None));
    assert_eq!(old.faults(), [PaymentFault::Amount, PaymentFault::OutsideCalendar]);
}
