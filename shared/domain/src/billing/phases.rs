//! The phases of an unpaid month. Each has one limit and needs a last notice of its own (10.3, 10.4).
//!
//! A month begins in its ordinary phase. A person who grants a later limit, and the bank that takes
//! back a payment after the limit, each begin another: the last notice is told again, and a
//! suspension never reaches back before it.

use std::collections::BTreeSet;

use super::Limit;
use super::standing::{LastNotice, MonthFacts, Part, Toleration, suspension_at};
use crate::Instant;
use crate::calendar::OutOfCalendar;
use crate::terms::Terms;

/// What was recorded by an instant, each fact once, in the order of recording.
pub(super) struct Known {
    /// The parts of payments. A reversal recorded later is not known; a part reversed before it was
    /// recorded never counted.
    pub(super) parts: Vec<Part>,
    notices: Vec<LastNotice>,
    tolerations: Vec<Toleration>,
    reactivated: Vec<Instant>,
    /// What covers the month: what it owes, without the tolerance (10.2).
    pub(super) needed: i128,
}

/// One phase of a month.
pub(super) struct Phase {
    /// Its limit.
    pub(super) limit: Limit,
    /// When it began, for all but the ordinary one; its last notice is recorded no earlier.
    pub(super) since: Option<Instant>,
    /// When the next one began.
    pub(super) until: Option<Instant>,
}

impl Known {
    /// What was known at `as_of`.
    pub(super) fn of(facts: &MonthFacts, as_of: Instant, terms: &Terms) -> Self {
        let mut parts: Vec<Part> = facts
            .parts
            .iter()
            .filter(|part| part.recorded_at <= as_of)
            .filter(|part| part.reversed_at.is_none_or(|at| at > part.recorded_at))
            .map(|part| Part {
                reversed_at: part.reversed_at.filter(|at| *at <= as_of),
                ..part.clone()
            })
            .collect();
        parts.sort_unstable();
        let mut seen = BTreeSet::new();
        parts.retain(|part| seen.insert(part.reference.clone()));
        let mut notices = facts.last_notices.clone();
        notices.retain(|notice| notice.recorded_at <= as_of);
        notices.sort_unstable();
        let mut tolerations = facts.tolerations.clone();
        tolerations.retain(|toleration| toleration.recorded_at <= as_of);
        tolerations.sort_unstable();
        let mut reactivated = facts.reactivated.clone();
        reactivated.retain(|at| *at <= as_of);
        reactivated.sort_unstable();
        let tolerance = i128::from(terms.payment_tolerance.value.0.max(0));
        let needed = i128::from(facts.owed.0) - tolerance;
        Self { parts, notices, tolerations, reactivated, needed }
    }

    /// How much the parts give that `counts` lets count.
    pub(super) fn sum(&self, counts: impl Fn(&Part) -> bool) -> i128 {
        self.parts.iter().filter(|part| counts(part)).map(|part| i128::from(part.amount.0)).sum()
    }

    /// When the recording of a part that counts first covered the month; none while they do not.
    pub(super) fn covered_at(&self, counts: impl Fn(&Part) -> bool) -> Option<Instant> {
        if self.needed <= 0 {
            return Some(Instant::from_millis(i64::MIN));
        }
        let mut sum = 0;
        self.parts.iter().filter(|part| counts(part)).find_map(|part| {
            sum += i128::from(part.amount.0);
            (sum >= self.needed).then_some(part.recorded_at)
        })
    }

    /// When it was known that a suspension from `from` is not due; none while it is (10.3).
    ///
    /// Payments count whose value date lies within the limit or before the local day of `from`,
    /// and those recorded before `from`. A payment reversed in a later phase counts in this one:
    /// what it held back stays held back until the last notice has been told again.
    pub(super) fn annulled_at(&self, phase: &Phase, from: Instant) -> Option<Instant> {
        let day = from.date();
        self.covered_at(|part| {
            let stood = part.reversed_at.is_none_or(|at| phase.until.is_some_and(|end| at >= end));
            let in_time = part.value_date <= phase.limit.day || part.value_date < day;
            stood && (in_time || part.recorded_at < from)
        })
    }

    /// The reactivation that ends a suspension from `from`, if one does (10.6).
    pub(super) fn reactivation_after(&self, from: Instant) -> Option<Instant> {
        self.reactivated.iter().find(|at| **at >= from).copied()
    }

    /// Whether a reversal at `at` takes money from a month that was covered, as it was known then.
    fn reversal_takes_cover(&self, at: Instant) -> bool {
        let stood = |part: &Part| {
            part.recorded_at <= at && part.reversed_at.is_none_or(|reversal| reversal >= at)
        };
        let reversed = self.parts.iter().any(|part| part.reversed_at == Some(at));
        reversed && self.sum(stood) >= self.needed
    }
}

impl Phase {
    /// When the month suspends in this phase if nothing covers it; none without a last notice. A
    /// notice told twice counts from the first time.
    pub(super) fn suspension(&self, known: &Known, terms: &Terms) -> Option<Instant> {
        self.notice(known).map(|notice| suspension_at(self.limit, notice, terms))
    }

    /// When this phase's last notice was recorded.
    pub(super) fn notice(&self, known: &Known) -> Option<Instant> {
        known
            .notices
            .iter()
            .filter(|notice| notice.limit_day == self.limit.day)
            .map(|notice| notice.recorded_at)
            .find(|at| self.since.is_none_or(|since| since <= *at))
    }
}

/// The phases of a month as they are known, oldest first; the ordinary one is always there.
pub(super) fn phases(ordinary: Limit, known: &Known) -> Result<Vec<Phase>, OutOfCalendar> {
    let mut instants: Vec<Instant> =
        known.tolerations.iter().map(|toleration| toleration.recorded_at).collect();
    instants.extend(known.parts.iter().filter_map(|part| part.reversed_at));
    instants.sort_unstable();
    instants.dedup();
    let mut phases = Vec::new();
    let mut current = Phase { limit: ordinary, since: None, until: None };
    for at in instants {
        let granted = known
            .tolerations
            .iter()
            .filter(|toleration| toleration.recorded_at == at)
            .map(|toleration| toleration.until)
            .max()
            .filter(|day| *day > current.limit.day);
        let limit = granted.map_or(Ok(current.limit), Limit::on)?;
        if granted.is_some() || (limit.until <= at && known.reversal_takes_cover(at)) {
            phases.push(Phase { until: Some(at), ..current });
            current = Phase { limit, since: Some(at), until: None };
        }
    }
    phases.push(current);
    Ok(phases)
}
