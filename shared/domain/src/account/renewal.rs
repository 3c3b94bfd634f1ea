//! Renewal of the póliza, as acts and notices.
//!
//! > *10. Renovación automática (opcional). Las pólizas se renuevan automáticamente salvo aviso con 5
//! > días de anticipación.*
//!
//! Rule 10.8. The client is told fifteen and eight days before that the póliza renews or ends; he may
//! decline until the limit. A suspended póliza renews and stays suspended.

use chrono::NaiveDate;

use super::command::Cited;
use super::decide::{Act, Outcome, refuse};
use super::event::{Fact, Lack};
use super::limits::NON_RENEWALS_MAX;
use super::notice::Content;
use super::state::Ending;
use super::view::View;
use crate::calendar::OutOfCalendar;
use crate::renewal::{Renewal, TermEnding, TermSeries, renewal};
use crate::ticket::RefusalCode;
use crate::{Instant, Power, SpocId};

impl View<'_> {
    /// The end of the running term; none where the póliza has no terms, or has ended.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn renewal(&self) -> Result<Option<Renewal>, OutOfCalendar> {
        self.renewal_on(self.account.renewed_at.unwrap_or(self.account.opened_at).date())
    }

    /// The end of the term in which a notice was received: of the running one, or of the one before it, where
    /// its renewal has been recorded since.
    fn renewal_of_notice(&self, received_at: Instant) -> Result<Option<Renewal>, OutOfCalendar> {
        let renewed = self.account.renewed_at.filter(|at| received_at < *at);
        match renewed.and_then(|at| at.date().pred_opt()) {
            Some(last_day) => self.renewal_on(last_day),
            None => self.renewal(),
        }
    }

    fn renewal_on(&self, day: NaiveDate) -> Result<Option<Renewal>, OutOfCalendar> {
        let terms = &self.fresh.terms;
        let (Some(start), Some(months)) = (terms.start.value, terms.term_months.value) else {
            return Ok(None);
        };
        let Some(series) = TermSeries::new(start, months.get().into()) else { return Ok(None) };
        let Some(term) = series.term_on(day.max(start)) else { return Ok(None) };
        renewal(term.last, terms, &mut ()).map(Some)
    }

    /// What becomes of the póliza at the end of the running term (10.8). While the client's choice is not
    /// recorded it goes on, and the desk sees that it is missing.
    #[must_use]
    pub fn term_ending(&self, renewal: &Renewal) -> TermEnding {
        let notices = self.account.non_renewals.iter().map(|it| it.received_at);
        // One that was received before the last renewal was about the term before.
        let of_term = |at: &Instant| self.account.renewed_at.is_none_or(|renewed| *at >= renewed);
        let notices: Vec<Instant> = notices.filter(of_term).collect();
        renewal.ending(self.fresh.terms.auto_renew.value.unwrap_or(true), &notices)
    }

    /// How the póliza ended, or will as far as it is known: by cancellation, or at the end of a term that
    /// is not renewed.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn end(&self) -> Result<Option<Ending>, OutOfCalendar> {
        let recorded = self.account.ending();
        if self.account.expired_at.is_some() {
            return Ok(recorded);
        }
        let foreseen = match self.renewal()? {
            Some(renewal) => match self.term_ending(&renewal) {
                TermEnding::Expires => Some(Ending::Expired { at: renewal.renewal_at }),
                TermEnding::Renews { .. } => None,
            },
            None => None,
        };
        let both = recorded.into_iter().chain(foreseen);
        Ok(both.min_by_key(|end| end.at()))
    }

    /// The next thing that the ladder of the renewal has to do, and when: a notice, or the renewal.
    pub(super) fn next_of_renewal(
        &self,
        renewal: &Renewal,
        now: Instant,
    ) -> (Instant, Option<Instant>) {
        if now >= renewal.renewal_at {
            return (renewal.renewal_at, None);
        }
        let told = self.account.renewal_told.iter().max();
        let left = renewal.notices_at.iter().filter(|at| told.is_none_or(|told| *at > told));
        let left: Vec<Instant> = left.copied().collect();
        // Of those that have passed, the latest one; else the next.
        let due = left.iter().rfind(|at| **at <= now).or(left.first()).copied();
        (due.unwrap_or(renewal.renewal_at), due)
    }
}

impl Act<'_> {
    /// The client gives notice that the póliza is not to be renewed. One that was received in time and comes
    /// to light after the renewal ends the póliza when its term ended (G7).
    pub(super) fn decline_renewal(
        &mut self,
        by: &SpocId,
        at: Instant,
        cites: Option<Cited>,
    ) -> Outcome {
        self.require(by, Power::Renew, at, "10.8")?;
        let renewal = self.view().renewal_of_notice(at)?;
        let valid = renewal.as_ref().is_some_and(|it| it.accepts_notice(at));
        let undone = self.account.renewed_at.filter(|renewed| valid && at < *renewed);
        let ending = self.account.ending();
        if let Some(end) = ending.filter(|end| undone.is_none_or(|renewed| end.at() <= renewed)) {
            let why = format!("la póliza ya tiene fecha de término: {}", end.at().spanish_short());
            return Err(refuse(RefusalCode::Final, "10.8", why));
        }
        let Some(renewal) = renewal else {
            let why =
                "la póliza no tiene un periodo que se renueve; puede cancelarla cuando quiera";
            return Err(refuse(RefusalCode::Nothing, "10.8", why));
        };
        if undone.is_none() && self.account.non_renewals.iter().any(|known| known.valid) {
            return Ok(());
        }
        if undone.is_none() && self.account.non_renewals.len() >= NON_RENEWALS_MAX {
            let why =
                "el aviso llegó después del límite y ya se contestó; puede cancelar la póliza";
            return Err(refuse(RefusalCode::LimitReached, "10.8", why));
        }
        self.record(Fact::RenewalDeclined { received_at: at, by: by.clone(), valid, cites });
        let renewal_at = renewal.renewal_at;
        let content = if valid {
            Content::NonRenewal { ends_at: renewal_at }
        } else {
            Content::LateNonRenewal { renewal_at, limit: renewal.last_valid_notice_at }
        };
        self.tell("10.8", at, &content);
        self.tell_desk("10.8", at, Content::DeskNonRenewal { renewal_at, valid });
        if undone.is_some() {
            self.expire(renewal_at);
        }
        Ok(())
    }

    fn expire(&mut self, at: Instant) {
        self.record(Fact::Expired { at });
        self.tell("10.8", at, &Content::Expired { at });
    }

    /// Tells of the renewal, and records it, or that the póliza ended.
    pub(super) fn follow_renewal(&mut self) -> Outcome {
        let now = self.now();
        if self.account.ending().is_some_and(|end| end.at() <= now) {
            return Ok(());
        }
        let view = self.view();
        let Some(renewal) = view.renewal()? else { return Ok(()) };
        let ending = view.term_ending(&renewal);
        let (at, notice) = view.next_of_renewal(&renewal, now);
        if at > now {
            return Ok(());
        }
        match (notice, ending) {
            (Some(due), ending) => self.tell_of_renewal(&renewal, due, ending),
            (None, TermEnding::Renews { .. }) => {
                self.record(Fact::Renewed { at: renewal.renewal_at });
            }
            (None, TermEnding::Expires) => self.expire(renewal.renewal_at),
        }
        Ok(())
    }

    fn tell_of_renewal(&mut self, renewal: &Renewal, due: Instant, ending: TermEnding) {
        let renewal_at = renewal.renewal_at;
        if self.scene.fresh.terms.auto_renew.value.is_none() && self.account.non_renewals.is_empty()
        {
            self.record(Fact::LackTold { lack: Lack::RenewalChoice, due: renewal_at });
            self.record(Fact::RenewalTold { renewal_at, due });
            self.tell_desk("10.8", due, Content::DeskNoRenewalChoice { renewal_at });
            return;
        }
        self.record(Fact::RenewalTold { renewal_at, due });
        let renews = match ending {
            TermEnding::Renews { .. } => true,
            TermEnding::Expires => false,
        };
        let limit = renewal.last_valid_notice_at;
        self.tell("10.8", due, &Content::RenewalAhead { renewal_at, renews, limit });
    }
}
