//! Reactivation: a step of its own.
//!
//! > *10. Reactivaciones están sujetas a disponibilidad y condiciones vigentes.*
//!
//! Rule 10.6. When what is owed is covered, the desk is told at once and every four contracted hours; a
//! person, or the parameter `auto_reactivate`, makes the póliza active, under the edition in force then.

use chrono::Days;

use super::decide::{Act, Outcome, refuse};
use super::event::Fact;
use super::limits::{LONG_SUSPENSION_DAYS, REACTIVATION_ALERTS_MAX, REACTIVATION_REPEAT};
use super::notice::Content;
use super::view::View;
use crate::Instant;
use crate::billing::{Charge, PaymentStanding};
use crate::calendar::OutOfCalendar;
use crate::ticket::RefusalCode;

impl View<'_> {
    /// When everything owed was covered, while the póliza is suspended for want of payment; none where it
    /// is not suspended for that, or something is still owed (10.6).
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn covered_at(&self, now: Instant) -> Result<Option<Instant>, OutOfCalendar> {
        let months = self.months(now)?;
        if months.iter().any(|month| month.is_overdue(now)) {
            return Ok(None);
        }
        let received = months.iter().filter_map(|month| match month.found.standing {
            PaymentStanding::PaymentReceived { received_at, suspended_since } => {
                // What was waived or fell to nothing is covered since the suspension.
                Some(received_at.max(suspended_since))
            }
            PaymentStanding::Due
            | PaymentStanding::Paid
            | PaymentStanding::PaidLate
            | PaymentStanding::Suspended { .. } => None,
        });
        Ok(received.max())
    }

    /// When the desk is told next that a reactivation is wanted; none while something is owed again, since
    /// a payment was reversed or another month has passed its limit.
    pub(super) fn next_alert(&self, now: Instant) -> Result<Option<Instant>, OutOfCalendar> {
        let Some(covered) = self.account.covered else { return Ok(None) };
        if covered.alerts >= REACTIVATION_ALERTS_MAX || self.covered_at(now)?.is_none() {
            return Ok(None);
        }
        let wait = REACTIVATION_REPEAT * i32::try_from(covered.alerts).unwrap_or(i32::MAX);
        self.fresh.calendar.advance(covered.at, wait).map(Some)
    }

    /// When a suspension has lasted so long that the desk has to look.
    pub(super) fn long_at(&self, now: Instant) -> Result<Option<Instant>, OutOfCalendar> {
        let Some(since) = self.suspended_since(now)? else { return Ok(None) };
        if self.account.long_told.is_some() {
            return Ok(None);
        }
        let day = since.date().checked_add_days(Days::new(LONG_SUSPENSION_DAYS));
        let day = day.ok_or(OutOfCalendar::Instant(since))?;
        Charge::notice_at(day, &self.fresh.terms).map(Some)
    }
}

impl Act<'_> {
    /// A person makes the póliza active again.
    pub(super) fn reactivate(&mut self) -> Outcome {
        let now = self.now();
        let view = self.view();
        if view.end()?.is_some_and(|end| end.at() <= now) {
            let why = "la póliza terminó: hace falta contratarla de nuevo";
            return Err(refuse(RefusalCode::Final, "10.6", why));
        }
        let months = view.months(now)?;
        let owed: i64 = months
            .iter()
            .filter(|month| month.is_overdue(now))
            .fold(0, |sum, month| sum.saturating_add(month.left().0));
        if months.iter().any(|month| month.is_overdue(now)) {
            let why = format!(
                "faltan {}: registre el pago o condone el adeudo, y después reactive",
                crate::terms::Centavos(owed)
            );
            return Err(refuse(RefusalCode::Unpaid, "10.6", why));
        }
        if view.covered_at(now)?.is_none() {
            let why = "la póliza no está suspendida por falta de pago";
            return Err(refuse(RefusalCode::Nothing, "10.6", why));
        }
        self.make_active(false);
        Ok(())
    }

    fn make_active(&mut self, by_itself: bool) {
        let at = self.now();
        self.record(Fact::Reactivated { at, by_itself });
        self.tell("10.6", at, &Content::Reactivated { at });
    }

    /// Tells that a reactivation is wanted, or makes it where the póliza says so.
    pub(super) fn follow_reactivation(&mut self) -> Outcome {
        let now = self.now();
        let view = self.view();
        if let Some(at) = view.long_at(now)?.filter(|at| *at <= now)
            && let Some(since) = view.suspended_since(now)?
        {
            self.record(Fact::LongSuspensionTold { since });
            let days = LONG_SUSPENSION_DAYS;
            self.tell_desk("10.6", at, Content::DeskLongSuspension { since, days });
        }
        let view = self.view();
        let Some(at) = view.covered_at(now)?.filter(|_| self.is_served_again()) else {
            return Ok(());
        };
        let by_itself = view.fresh.terms.auto_reactivate.value;
        let since = view.suspended_since(now)?.unwrap_or(at);
        if self.account.covered.is_none() {
            self.record(Fact::ArrearsCovered { at });
            if !by_itself {
                self.tell("10.6", at, &Content::PaymentReceived { since });
            }
        }
        if by_itself {
            self.make_active(true);
        } else if let Some(due) = self.view().next_alert(now)?.filter(|due| *due <= now) {
            let n = self.alerts_by(now)?;
            self.record(Fact::ReactivationWanted { n });
            self.tell_desk("10.6", due, Content::DeskReactivationWanted { n, since });
        }
        Ok(())
    }

    /// Whether the póliza has not ended, so that it can be served again.
    fn is_served_again(&self) -> bool {
        let now = self.now();
        self.account.ending().is_none_or(|end| end.at() > now)
    }

    /// The how manieth alert it is by now: one that a late job has missed is not made up for.
    fn alerts_by(&self, now: Instant) -> Result<u32, OutOfCalendar> {
        let Some(covered) = self.account.covered else { return Ok(1) };
        let passed = self.scene.fresh.calendar.elapsed(covered.at, now)?;
        let whole = passed.num_milliseconds() / REACTIVATION_REPEAT.num_milliseconds();
        Ok(u32::try_from(whole).unwrap_or(u32::MAX).saturating_add(1))
    }
}
