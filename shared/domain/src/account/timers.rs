//! When to look at an account again: the earliest instant of each concern, derived and never stored as
//! truth (A6).

use super::command::Concern;
use super::event::Lack;
use super::limits::MONTHS_MAX;
use super::view::View;
use crate::Instant;
use crate::billing::{Charge, Month};
use crate::calendar::OutOfCalendar;
use crate::standing;

/// The earliest instant of each concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timers {
    /// For `payment-due`.
    pub payment: Option<Instant>,
    /// For `renewal-notice`.
    pub renewal: Option<Instant>,
}

impl Timers {
    /// The earliest of all.
    #[must_use]
    pub fn earliest(self) -> Option<Instant> {
        self.payment.into_iter().chain(self.renewal).min()
    }

    /// That of one concern.
    #[must_use]
    pub const fn of(self, concern: Concern) -> Option<Instant> {
        match concern {
            Concern::Payment => self.payment,
            Concern::Renewal => self.renewal,
        }
    }
}

/// What comes next if nobody acts, in words that people and programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The póliza begins, or another one after it.
    Beginning(Instant),
    /// A month falls due, or a step of its ladder.
    Payment(Instant),
    /// A suspension takes effect.
    Suspension(Instant),
    /// The desk is told again that a reactivation is wanted, or that a suspension is long.
    Desk(Instant),
    /// A notice of the renewal, or the renewal itself.
    Renewal(Instant),
}

impl Next {
    /// When.
    #[must_use]
    pub const fn at(self) -> Instant {
        match self {
            Self::Beginning(at)
            | Self::Payment(at)
            | Self::Suspension(at)
            | Self::Desk(at)
            | Self::Renewal(at) => at,
        }
    }

    const fn concern(self) -> Concern {
        match self {
            Self::Beginning(_) | Self::Payment(_) | Self::Suspension(_) | Self::Desk(_) => {
                Concern::Payment
            }
            Self::Renewal(_) => Concern::Renewal,
        }
    }
}

/// The wake-ups that an account needs.
pub(super) fn timers(view: &View<'_>, now: Instant) -> Result<Timers, OutOfCalendar> {
    let mut timers = Timers::default();
    for next in view.upcoming(now)? {
        let slot = match next.concern() {
            Concern::Payment => &mut timers.payment,
            Concern::Renewal => &mut timers.renewal,
        };
        *slot = Some(slot.map_or(next.at(), |earliest| earliest.min(next.at())));
    }
    Ok(timers)
}

impl View<'_> {
    /// What time will bring about if nobody acts, earliest first.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn upcoming(&self, now: Instant) -> Result<Vec<Next>, OutOfCalendar> {
        let begins = self.begins_at()?.or(self.begins_again(now)?).map(Next::Beginning);
        if self.account.ending().is_some_and(|end| end.at() <= now) {
            return Ok(Vec::from_iter(begins));
        }
        let spans = self.spans(now)?;
        let mut next = Vec::from_iter(begins);
        if standing::closed_at(&spans, now).is_none() {
            for month in self.months(now)? {
                next.extend(self.next_rung(&month, now)?.map(|(at, _)| Next::Payment(at)));
            }
            next.extend(self.next_month(now)?.map(Next::Payment));
        }
        let shown = |from: Instant| self.account.shown.iter().any(|it| it.from == from);
        let ahead = spans.iter().filter(|span| span.cause.is_suspension() && span.to.is_none());
        let ahead = ahead.filter(|span| !shown(span.from));
        next.extend(ahead.map(|span| Next::Suspension(span.from)));
        next.extend(self.next_alert(now)?.map(Next::Desk));
        next.extend(self.long_at(now)?.map(Next::Desk));
        if let Some(renewal) = self.renewal()? {
            next.push(Next::Renewal(self.next_of_renewal(&renewal, now).0));
        }
        next.sort_by_key(|next| next.at());
        Ok(next)
    }

    /// When the next month is told to be due, if one will be charged as far as it is known now. It falls
    /// due at its first instant, which no job has to record before somebody asks. A month of which the
    /// desk was told that it cannot be charged is waited for no more (10.2).
    fn next_month(&self, now: Instant) -> Result<Option<Instant>, OutOfCalendar> {
        let spans = self.spans(now)?;
        let newest = self.account.months.last().map(|month| month.month);
        let first = newest.map_or(Some(self.account.first), Month::next);
        let told = self.account.lacks.iter().filter(|(lack, _)| *lack == Lack::Fee);
        let told = told.map(|(_, due)| due.date()).max();
        for month in std::iter::successors(first, |month| month.next()).take(MONTHS_MAX) {
            let Some(from) = self.begins(month, &spans)? else { continue };
            if told.is_none_or(|told| told < from) {
                return Charge::notice_at(from, &self.fresh.terms).map(Some);
            }
        }
        Ok(None)
    }
}
