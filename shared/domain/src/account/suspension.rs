//! When there is no service, and what is told of it.
//!
//! > *10. Falta de pago suspende el soporte.*
//!
//! Rules 10.2a, 10.3 and 10.5. The spans without service are a pure function of the facts; the one that
//! lies ahead is known as soon as the last notice is recorded, so that no job has to run for it to be
//! true. What is told follows: a suspension at its instant, an annulled one with one correction.

use super::decide::{Act, Outcome};
use super::event::Fact;
use super::notice::Content;
use super::state::Ending;
use super::view::{MonthView, View};
use crate::Instant;
use crate::billing::PaymentStanding;
use crate::calendar::OutOfCalendar;
use crate::standing::{SPANS_MAX, Span, StandingCause};

impl View<'_> {
    /// The spans without service as they are known at `as_of`, oldest first; the last ones may lie ahead
    /// or be open.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn spans(&self, as_of: Instant) -> Result<Vec<Span>, OutOfCalendar> {
        let mut spans = self.account.earlier.clone();
        spans.extend(self.span_before_beginning()?);
        for month in self.months(as_of)? {
            spans.extend(self.spans_of(&month));
        }
        let cause = StandingCause::NonCompliance;
        let breaches = self.account.breaches.iter();
        spans.extend(breaches.map(|breach| Span { cause, from: breach.from, to: breach.to }));
        if let Some(end) = self.end()? {
            let at = end.at();
            // What would have begun after the end never does.
            spans.retain(|span| span.from < at);
            let cause = match end {
                Ending::Cancelled { .. } => StandingCause::Cancelled,
                Ending::Expired { .. } => StandingCause::Expired,
            };
            let again = self.begins_again(as_of)?;
            spans.push(Span { cause, from: at, to: again });
            if let Some(again) = again {
                // Another póliza begins: nothing of this one stands in its way.
                spans.retain(|span| span.from < again);
                for span in &mut spans {
                    span.to = Some(span.to.map_or(again, |to| to.min(again)));
                }
            }
        }
        Ok(merged(spans))
    }

    fn spans_of(&self, month: &MonthView) -> Vec<Span> {
        let cause = StandingCause::NonPayment;
        let terms = self.terms_of(&month.due);
        let annulled = month.found.annulled.iter().filter_map(|annulled| annulled.pause(terms));
        let ended = month.found.ended.iter().copied();
        let past = annulled.chain(ended).map(|span| (span.from, span.to));
        let open = match month.found.standing {
            PaymentStanding::Suspended { since } => Some(since),
            PaymentStanding::PaymentReceived { suspended_since, .. } => Some(suspended_since),
            PaymentStanding::Due => month.found.suspends_at,
            PaymentStanding::Paid | PaymentStanding::PaidLate => None,
        };
        let spans = past.chain(open.map(|from| (from, None)));
        spans.map(|(from, to)| Span { cause, from, to }).collect()
    }

    /// Since when the póliza has been suspended, if it is: for want of payment or for non-compliance.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn suspended_since(&self, now: Instant) -> Result<Option<Instant>, OutOfCalendar> {
        let spans = self.spans(now)?;
        let running = spans.iter().filter(|span| span.cause.is_suspension() && span.covers(now));
        Ok(running.map(|span| span.from).min())
    }
}

/// Spans of one cause that touch or overlap are one; the oldest ended ones leave first.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.cause, span.from, span.to.is_none(), span.to));
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut().filter(|last| last.cause == span.cause) {
            Some(last) if last.to.is_none_or(|to| span.from <= to) => {
                last.to = last.to.and_then(|to| span.to.map(|end| end.max(to)));
            }
            Some(_) | None => merged.push(span),
        }
    }
    merged.sort_by_key(|span| (span.from, span.cause));
    let spare = merged.len().saturating_sub(SPANS_MAX);
    merged.drain(..spare);
    merged
}

impl Act<'_> {
    /// Tells of suspensions that have taken effect (10.4, 8).
    pub(super) fn show_suspensions(&mut self) -> Outcome {
        let now = self.now();
        for found in self.view().months(now)? {
            let (from, unpaid) = match found.found.standing {
                PaymentStanding::Suspended { since } => (since, true),
                PaymentStanding::PaymentReceived { suspended_since, .. } => {
                    (suspended_since, false)
                }
                PaymentStanding::Due | PaymentStanding::Paid | PaymentStanding::PaidLate => {
                    continue;
                }
            };
            let month = found.due.month;
            let known = self.account.shown.iter();
            if known.into_iter().any(|it| it.month == Some(month) && it.from == from) {
                continue;
            }
            let cause = StandingCause::NonPayment;
            self.record(Fact::Suspended { cause, from, month: Some(month) });
            // Who has paid meanwhile is told of that instead (10.6).
            if unpaid {
                let bill = Some(self.bill(month)?);
                self.tell(
                    &month.to_string(),
                    from,
                    &Content::Suspended { cause, since: from, bill },
                );
            }
        }
        self.show_breaches();
        Ok(())
    }

    fn show_breaches(&mut self) {
        let (now, cause) = (self.now(), StandingCause::NonCompliance);
        let running = self.account.breaches.iter().filter(|it| it.to.is_none() && it.from <= now);
        let from: Vec<Instant> = running.map(|breach| breach.from).collect();
        for from in from {
            let mut known = self.account.shown.iter();
            if known.any(|it| it.month.is_none() && it.from == from) {
                continue;
            }
            self.record(Fact::Suspended { cause, from, month: None });
            self.tell("8", from, &Content::Suspended { cause, since: from, bill: None });
        }
    }

    /// Takes back suspensions that are now known never to have been due (10.2a). The log keeps both.
    pub(super) fn annul_suspensions(&mut self) -> Outcome {
        let now = self.now();
        for found in self.view().months(now)? {
            let month = found.due.month;
            for annulled in &found.found.annulled {
                let (from, at) = (annulled.from, annulled.at);
                let shown = self.account.shown.iter();
                let shown = shown.into_iter().find(|it| it.month == Some(month) && it.from == from);
                let was_told = shown.is_some();
                if shown.is_some_and(|it| it.annulled) {
                    continue;
                }
                self.record(Fact::SuspensionAnnulled { month, from, at });
                if was_told {
                    let content = Content::SuspensionAnnulled { since: from, month };
                    self.tell(&month.to_string(), from, &content);
                    self.tell_desk(&month.to_string(), from, Content::DeskAnnulled { since: from });
                }
            }
        }
        Ok(())
    }
}
