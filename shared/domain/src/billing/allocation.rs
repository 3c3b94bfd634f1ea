//! Which months a client's payments settle (10.2).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Month, Part};
use crate::Instant;
use crate::calendar::covers;
use crate::terms::{Centavos, Terms};

/// A payment as it was recorded (10.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Payment {
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The bank's value date: the local day on which it counts.
    pub value_date: NaiveDate,
    /// How much was paid, above zero.
    pub amount: Centavos,
    /// The month that it names, if it names one.
    pub names: Option<Month>,
    /// Its reference at the bank, by which it is known again.
    pub reference: String,
}

/// The bank took a payment back (10.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    /// The reference of the payment.
    pub reference: String,
    /// When the reversal was recorded.
    pub recorded_at: Instant,
}

/// Why a payment cannot be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaymentFault {
    /// Nothing was paid.
    #[error("the amount is not above zero: write what was paid, in centavos")]
    Amount,
    /// The bank cannot have credited it yet (10.2).
    #[error("the value date lies after the day on which the payment is recorded")]
    Future,
    /// It was recorded outside the calendar's years (G1).
    #[error("the payment is recorded outside the calendar, which covers 2007 to 2050")]
    OutsideCalendar,
}

/// Money that no month has taken yet; it waits for the next one to fall due (10.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The payment that it came with.
    pub reference: String,
    /// That payment's value date, which it keeps.
    pub value_date: NaiveDate,
    /// How much of it.
    pub amount: Centavos,
}

/// What became of the payments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allocation {
    /// What each month got. A part of a payment that was reversed is kept with its reversal.
    pub months: BTreeMap<Month, Vec<Part>>,
    /// What is left of payments that stand. It is never paid out (10.7).
    pub waiting: Vec<Waiting>,
}

impl Payment {
    /// All that forbids recording it (10.2).
    #[must_use]
    pub fn faults(&self) -> Vec<PaymentFault> {
        let checks = [
            (self.amount.0 <= 0, PaymentFault::Amount),
            (self.value_date > self.recorded_at.date(), PaymentFault::Future),
            (!covers(self.recorded_at), PaymentFault::OutsideCalendar),
        ];
        checks.into_iter().filter(|(wrong, _)| *wrong).map(|(_, fault)| fault).collect()
    }
}

/// Spreads the payments recorded by `as_of` over the months that have fallen due, of which `owed`
/// says what each owes (10.2).
///
/// Payments are taken in the order of their value dates, so that money learnt of late settles what
/// it would have settled had it been known at once. One that names a month settles it, and its
/// excess the months after it; one that names none settles the oldest unpaid month, then the next.
/// What is left waits. A payment that was reversed keeps its place in the eyes of payments recorded
/// before the reversal, so that a reversal opens a gap for later money and moves no other.
#[must_use]
pub fn allocate(
    owed: &BTreeMap<Month, Centavos>,
    payments: &[Payment],
    reversals: &[Reversal],
    as_of: Instant,
    terms: &Terms,
) -> Allocation {
    let reversed = known_reversals(reversals, as_of);
    let tolerance = terms.payment_tolerance.value.0;
    let mut found = Allocation::default();
    for payment in known_payments(payments, as_of) {
        let reversed_at = reversed.get(payment.reference.as_str()).copied();
        if reversed_at.is_some_and(|at| at <= payment.recorded_at) {
            continue;
        }
        let mut left = payment.amount.0;
        for (month, owed) in owed.range(payment.names.unwrap_or(Month::FIRST)..) {
            let parts = found.months.entry(*month).or_default();
            let taken: i64 = parts
                .iter()
                .filter(|part| part.reversed_at.is_none_or(|at| at > payment.recorded_at))
                .fold(0, |sum, part| sum.saturating_add(part.amount.0));
            let room = owed.0.saturating_sub(taken);
            if room <= tolerance.max(0) {
                continue;
            }
            let amount = Centavos(left.min(room));
            left -= amount.0;
            parts.push(Part {
                reference: payment.reference.clone(),
                value_date: payment.value_date,
                recorded_at: payment.recorded_at,
                amount,
                reversed_at,
            });
            if left == 0 {
                break;
            }
        }
        if left > 0 && reversed_at.is_none() {
            found.waiting.push(Waiting {
                reference: payment.reference.clone(),
                value_date: payment.value_date,
                amount: Centavos(left),
            });
        }
    }
    found.months.retain(|_, parts| !parts.is_empty());
    found
}

/// When each payment was first known to be reversed.
fn known_reversals(reversals: &[Reversal], as_of: Instant) -> BTreeMap<&str, Instant> {
    let mut first = BTreeMap::new();
    for reversal in reversals.iter().filter(|one| one.recorded_at <= as_of) {
        let at = first.entry(reversal.reference.as_str()).or_insert(reversal.recorded_at);
        *at = reversal.recorded_at.min(*at);
    }
    first
}

/// The payments recorded by then, each reference once as it was first recorded, by value date.
fn known_payments(payments: &[Payment], as_of: Instant) -> Vec<&Payment> {
    let mut known: Vec<&Payment> = payments
        .iter()
        .filter(|payment| payment.recorded_at <= as_of && payment.amount.0 > 0)
        .collect();
    known.sort_unstable();
    let mut seen = BTreeSet::new();
    known.retain(|payment| seen.insert(payment.reference.as_str()));
    known.sort_by_key(|payment| (payment.value_date, payment.recorded_at, &payment.reference));
    known
}
