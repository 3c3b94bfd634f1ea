//! A client who comes back: another póliza after the one that ended.
//!
//! > *10. No existe plazo forzoso. […] Reactivaciones están sujetas a disponibilidad y condiciones
//! > vigentes.*
//!
//! Rules 10.6 to 10.8. A póliza that expired or was cancelled is not revived: another one begins on its
//! own first day, with its own months and terms. What the earlier one was is settled and stays in the
//! events; the spans without service stay in the gate, the gap between the two among them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::decide::{Act, Outcome};
use super::event::Fact;
use super::months::first_instant;
use super::notice::Content;
use super::state::{Account, Received};
use super::view::View;
use crate::Instant;
use crate::agreement::Agreement;
use crate::billing::Month;
use crate::calendar::OutOfCalendar;
use crate::standing::Span;
use crate::terms::Centavos;

/// The póliza after the one that the account is kept of, as its terms are known.
#[derive(Debug, Clone)]
pub struct Coming {
    /// Its first day.
    pub start: NaiveDate,
    /// Since when it is known.
    pub known_from: Instant,
    /// What holds on its first day.
    pub agreement: Agreement,
}

/// Another póliza began, after the one before it had ended and was settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contracted {
    /// Its first day, from which its terms are counted (10.8).
    pub start: NaiveDate,
    /// First instant with service under it.
    pub at: Instant,
    /// The first month that is charged.
    pub first: Month,
    /// The spans without service of the pólizas before it, as they stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    /// What their months took of which payment, by reference; what is left waits for the new months.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub took: Vec<(String, Centavos)>,
}

impl View<'_> {
    /// The same account where a decision may have begun the next póliza meanwhile: then what is in force
    /// is that one's agreement, and none is known to come.
    #[must_use]
    pub fn begun(self) -> Self {
        match self.coming.filter(|it| self.account.start == Some(it.start)) {
            Some(begun) => Self { fresh: &begun.agreement, coming: None, ..self },
            None => self,
        }
    }

    /// When the next póliza begins, as far as it is known by `as_of`: on its first day, and not before it
    /// is known and everything that the one before owes is covered.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn begins_again(&self, as_of: Instant) -> Result<Option<Instant>, OutOfCalendar> {
        let Some(coming) = self.coming else { return Ok(None) };
        let Some(end) = self.end()? else { return Ok(None) };
        let start = first_instant(coming.start)?;
        if start < end.at() || self.months(as_of)?.iter().any(|month| !month.is_covered()) {
            return Ok(None);
        }
        Ok(Some(start.max(coming.known_from).max(self.settled_by())))
    }

    /// By when everything was recorded that settles what is owed.
    fn settled_by(&self) -> Instant {
        let waivers = self.account.months.iter().flat_map(|month| &month.waivers);
        let waived = waivers.map(|waiver| waiver.recorded_at).max();
        waived.into_iter().chain([self.recorded_by()]).max().unwrap_or(self.account.opened_at)
    }
}

impl Act<'_> {
    /// Records that the next póliza has begun, and before it that the one before has ended.
    pub(super) fn begin_again(&mut self) -> Outcome {
        let now = self.now();
        if self.view().begins_again(now)?.is_none_or(|at| now < at) {
            return Ok(());
        }
        if self.account.ending().is_none() {
            self.follow_renewal()?;
        }
        let view = self.view();
        let (Some(at), Some(coming)) = (view.begins_again(now)?, view.coming) else {
            return Ok(());
        };
        let outside = OutOfCalendar::Instant(at);
        let (begun, here) = (Month::of(coming.start), Month::of(at.date()));
        let (begun, here) = (begun.ok_or(outside)?, here.ok_or(outside)?);
        // As of a póliza that is entered after its first day (10.1).
        let first = if begun < here { here.next().ok_or(outside)? } else { begun };
        let (spans, start) = (view.spans(now)?, coming.start);
        let months = view.months(now)?;
        let parts = months.iter().flat_map(|month| &month.parts);
        let live = parts.filter(|part| part.reversed_at.is_none());
        let took = live.map(|part| (part.reference.clone(), part.amount)).collect();
        self.record(Fact::ContractedAgain(Contracted { start, at, first, spans, took }));
        self.tell("10.6", at, &Content::Reactivated { at });
        Ok(())
    }
}

impl Account {
    /// The account starts over with what is left of the payments. One that is used up is kept while its
    /// month runs, since what was paid in the month bounds the liability (11).
    pub(super) fn start_over(&mut self, contracted: &Contracted) {
        let Contracted { start, at, first, spans, took } = contracted;
        let mut payments = std::mem::take(&mut self.payments);
        for (reference, amount) in took {
            let mut known = payments.iter_mut();
            if let Some(found) = known.find(|it| it.payment.reference == *reference) {
                found.closed.0 = found.closed.0.saturating_add(amount.0);
            }
        }
        let counts = |it: &Received| !it.is_used_up() || it.payment.value_date >= first.first_day();
        payments.retain(counts);
        // What was taken back is not used up, so the payment of each reversal is among those kept.
        let reversals = std::mem::take(&mut self.reversals);
        *self = Self {
            seq: self.seq,
            chain: self.chain.clone(),
            start: Some(*start),
            earlier: spans.clone(),
            payments,
            reversals,
            ..Self::new(self.client.clone(), *first, *at)
        };
    }
}
