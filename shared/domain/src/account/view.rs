//! An account as it is seen under its agreements: everything that follows from recorded facts (G7).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::again::Coming;
use super::state::{Account, DueMonth, EndedFee, Ending, Waiver};
use crate::Instant;
use crate::agreement::{Agreement, Pinned};
use crate::billing::{
    Allocation, Charge, Month, MonthFacts, MonthStanding, Part, Payment, PaymentStanding, allocate,
    standing_of,
};
use crate::calendar::OutOfCalendar;
use crate::explanation::Trace;
use crate::terms::{Centavos, Terms};

/// An account under the agreements that its months are pinned to.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The account.
    pub account: &'a Account,
    /// What is in force now.
    pub fresh: &'a Agreement,
    /// The agreements of its months (G6).
    pub pinned: &'a [Agreement],
    /// Those of months that may fall due, where a decision is being made.
    pub opening: Option<&'a BTreeMap<Month, Agreement>>,
    /// The next póliza, where one is known.
    pub coming: Option<&'a Coming>,
}

/// A month as it stands at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthView {
    /// What was recorded of it.
    pub due: DueMonth,
    /// Its charged days, as it fell due.
    pub charge: Charge,
    /// What it owes: its fee, by days where it is not charged whole (10.1, 10.7).
    pub owed: Centavos,
    /// What persons waived of it.
    pub waived: Centavos,
    /// What payments gave it (10.2).
    pub parts: Vec<Part>,
    /// How it stands.
    pub found: MonthStanding,
}

impl MonthView {
    /// What payments that stand have given it.
    #[must_use]
    pub fn paid(&self) -> Centavos {
        let live = self.parts.iter().filter(|part| part.reversed_at.is_none());
        Centavos(live.fold(0, |sum, part| sum.saturating_add(part.amount.0)))
    }

    /// What is left to pay; never below zero.
    #[must_use]
    pub fn left(&self) -> Centavos {
        let given = self.paid().0.saturating_add(self.waived.0);
        Centavos(self.owed.0.saturating_sub(given).max(0))
    }

    /// Whether nothing of it is left to pay.
    #[must_use]
    pub const fn is_covered(&self) -> bool {
        match self.found.standing {
            PaymentStanding::Paid
            | PaymentStanding::PaidLate
            | PaymentStanding::PaymentReceived { .. } => true,
            PaymentStanding::Due | PaymentStanding::Suspended { .. } => false,
        }
    }

    /// Whether it is unpaid past its limit.
    #[must_use]
    pub fn is_overdue(&self, now: Instant) -> bool {
        !self.is_covered() && self.found.limit.until <= now
    }
}

impl<'a> View<'a> {
    /// The months that fell due, oldest first, as they stand at `as_of` by what was recorded by then.
    ///
    /// # Errors
    /// When a limit lies outside the calendar.
    pub fn months(&self, as_of: Instant) -> Result<Vec<MonthView>, OutOfCalendar> {
        let allocation = self.allocation(as_of)?;
        self.account
            .months
            .iter()
            .map(|due| self.month_view(due, &allocation, as_of, &mut ()))
            .collect()
    }

    /// One month as it stands at `as_of`, with the steps of why; none when it did not fall due.
    ///
    /// # Errors
    /// When a limit lies outside the calendar.
    pub fn month(
        &self,
        month: Month,
        as_of: Instant,
        trace: &mut impl Trace,
    ) -> Result<Option<MonthView>, OutOfCalendar> {
        let Some(due) = self.account.month(month) else { return Ok(None) };
        let allocation = self.allocation(as_of)?;
        let terms = self.terms_of(due);
        let charge = charge(due)?;
        charge.fee(due.fee, terms, trace);
        charge.limit(terms, trace)?;
        self.month_view(due, &allocation, as_of, trace).map(Some)
    }

    /// Which months the payments settle, and what is left of them (10.2). What is left is never paid
    /// out: it waits for the next month (10.7).
    ///
    /// # Errors
    /// When a month lies outside the calendar.
    pub fn allocation(&self, as_of: Instant) -> Result<Allocation, OutOfCalendar> {
        let mut owed = BTreeMap::new();
        for due in &self.account.months {
            let relieved = total(&self.reliefs(due, as_of)?);
            owed.insert(
                due.month,
                Centavos(self.charged(due)?.0.saturating_sub(relieved.0).max(0)),
            );
        }
        let left = self.account.payments.iter().map(|received| {
            let amount = Centavos(received.payment.amount.0.saturating_sub(received.closed.0));
            Payment { amount, ..received.payment.clone() }
        });
        let payments: Vec<Payment> = left.collect();
        let terms = &self.fresh.terms;
        Ok(allocate(&owed, &payments, &self.account.reversals, as_of, terms))
    }

    /// `liability_cap(client, month)` (11): the payments that stand with a value date in that month.
    ///
    /// > *11. La responsabilidad máxima de Millora no excederá el monto efectivamente pagado por el
    /// > cliente en el mes en curso.*
    #[must_use]
    pub fn liability_cap(&self, month: Month) -> Centavos {
        let reversed = |payment: &Payment| {
            self.account.reversals.iter().any(|one| one.reference == payment.reference)
        };
        let payments = self.account.payments.iter().map(|received| &received.payment);
        let of_month = payments.filter(|it| Month::of(it.value_date) == Some(month));
        let standing = of_month.filter(|payment| !reversed(payment));
        Centavos(standing.fold(0, |sum, payment| sum.saturating_add(payment.amount.0)))
    }

    /// The last day of the póliza, as far as it is known.
    pub(super) fn last_day(&self) -> Result<Option<NaiveDate>, OutOfCalendar> {
        Ok(self.end()?.map(|end| day_before(end.at())))
    }

    /// The terms that hold for a month (G6).
    pub(super) fn terms_of(&self, due: &DueMonth) -> &'a Terms {
        &self.agreement_of(&due.pinned).terms
    }

    fn agreement_of(&self, pinned: &Pinned) -> &'a Agreement {
        let opening = self.opening.into_iter().flat_map(BTreeMap::values);
        let mut known = self.pinned.iter().chain(opening);
        known.find(|agreement| agreement.pinned == *pinned).unwrap_or(self.fresh)
    }

    fn month_view(
        &self,
        due: &DueMonth,
        allocation: &Allocation,
        as_of: Instant,
        trace: &mut impl Trace,
    ) -> Result<MonthView, OutOfCalendar> {
        let (charge, charged) = (charge(due)?, self.charged(due)?);
        let parts = allocation.months.get(&due.month).cloned().unwrap_or_default();
        let reliefs = self.reliefs(due, as_of)?;
        let facts = MonthFacts {
            charge,
            owed: charged,
            parts: parts.iter().chain(&reliefs).cloned().collect(),
            last_notices: due.last_notices.clone(),
            tolerations: due.tolerations.clone(),
            reactivated: self.account.reactivated.clone(),
        };
        let found = standing_of(&facts, as_of, self.terms_of(due), trace)?;
        let waived = waivers(due, as_of).fold(0_i64, |sum, it| sum.saturating_add(it.amount.0));
        let cut = total(&reliefs).0.saturating_sub(waived);
        let (owed, waived) = (Centavos(charged.0.saturating_sub(cut).max(0)), Centavos(waived));
        Ok(MonthView { due: due.clone(), charge, owed, waived, parts, found })
    }

    /// What a month is charged (10.1): its fee, of which the first month and that in which the póliza
    /// expires owe their days.
    fn charged(&self, due: &DueMonth) -> Result<Centavos, OutOfCalendar> {
        let last_day = match self.end()? {
            Some(end @ Ending::Expired { .. }) => Some(day_before(end.at())),
            Some(Ending::Cancelled { .. }) | None => None,
        };
        let charge = Charge::new(due.month, due.from, last_day);
        let fee = |charge: Charge| charge.fee(due.fee, self.terms_of(due), &mut ());
        Ok(charge.map_or(Centavos(0), fee))
    }

    /// What a month is relieved of by `as_of`, each as if it had been paid on the day on which it was
    /// decided, so that nothing reaches back: what was waived, and what a cancellation leaves out (10.7).
    fn reliefs(&self, due: &DueMonth, as_of: Instant) -> Result<Vec<Part>, OutOfCalendar> {
        let part = |reference: String, recorded_at: Instant, amount: Centavos| Part {
            recorded_at,
            value_date: recorded_at.date(),
            amount,
            reference,
            reversed_at: None,
        };
        let waived = waivers(due, as_of);
        let mut reliefs: Vec<Part> = waived
            .map(|it| part(format!("waiver {}", it.seq), it.recorded_at, it.amount))
            .collect();
        let cancelled = self.account.cancellation.as_ref();
        let cancelled = cancelled.filter(|it| {
            it.received_at <= as_of && Month::of(it.received_at.date()) == Some(due.month)
        });
        if let Some(cancelled) = cancelled {
            let whole = self.charged(due)?;
            let stays = match cancelled.fee {
                EndedFee::Whole => whole,
                EndedFee::Nothing => Centavos(0),
                EndedFee::ByDays => {
                    let last_day = Some(day_before(cancelled.effective_at));
                    let charge = Charge::new(due.month, due.from, last_day);
                    let fee = |charge: Charge| charge.fee(due.fee, self.terms_of(due), &mut ());
                    charge.map_or(Centavos(0), fee)
                }
            };
            let cut = Centavos(whole.0.saturating_sub(stays.0).max(0));
            reliefs.push(part("cancellation".to_owned(), cancelled.received_at, cut));
        }
        Ok(reliefs)
    }
}

fn waivers(due: &DueMonth, as_of: Instant) -> impl Iterator<Item = &Waiver> {
    due.waivers.iter().filter(move |waiver| waiver.recorded_at <= as_of)
}

fn total(parts: &[Part]) -> Centavos {
    Centavos(parts.iter().fold(0, |sum, part| sum.saturating_add(part.amount.0)))
}

/// The last day of what ends at an instant: a midnight ends the day before it.
fn day_before(end: Instant) -> NaiveDate {
    Instant::from_millis(end.millis() - 1).date()
}

/// The charged days of a month as it fell due: its limit does not move when the póliza ends.
fn charge(due: &DueMonth) -> Result<Charge, OutOfCalendar> {
    Charge::new(due.month, due.from, None).ok_or(OutOfCalendar::Date(due.from))
}
