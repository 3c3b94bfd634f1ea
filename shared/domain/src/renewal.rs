//! Terms of a póliza in time: when it renews, until when the client may decline, when he is told.
//!
//! > *10. Renovación automática (opcional). Las pólizas se renuevan automáticamente salvo aviso con
//! > 5 días de anticipación.*

use chrono::{Datelike, Months, NaiveDate};

use crate::Instant;
use crate::calendar::{MinuteOfDay, OutOfCalendar, local_instant};
use crate::explanation::{Step, Trace};
use crate::instant::spanish_date;
use crate::terms::{Parameter, Terms};

const MIDNIGHT: MinuteOfDay = MinuteOfDay::hm(0, 0);

/// The terms of a póliza: equal lengths in months, one after the other, counted from its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TermSeries {
    start: NaiveDate,
    months: u32,
}

/// One term of a póliza: the `k`-th, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// How many renewals came before it.
    pub k: u32,
    /// Its first day.
    pub first: NaiveDate,
    /// Its last day; the póliza renews at the midnight after it.
    pub last: NaiveDate,
}

impl TermSeries {
    /// The terms of a póliza that began on `start`; none when a term has no months.
    #[must_use]
    pub const fn new(start: NaiveDate, months: u32) -> Option<Self> {
        if months == 0 { None } else { Some(Self { start, months }) }
    }

    /// The first day of the `k`-th term (10.8): the original start plus `k` terms, cut to the
    /// length of the month, so that a term that began on the 31st begins on the 31st again wherever
    /// there is one. None beyond the range of dates.
    #[must_use]
    pub fn first_day(self, k: u32) -> Option<NaiveDate> {
        self.start.checked_add_months(Months::new(self.months.checked_mul(k)?))
    }

    /// The `k`-th term; none beyond the range of dates.
    #[must_use]
    pub fn term(self, k: u32) -> Option<Term> {
        let (first, next) = (self.first_day(k)?, self.first_day(k.checked_add(1)?)?);
        Some(Term { k, first, last: next.pred_opt()? })
    }

    /// The term that a day belongs to; none before the first day and beyond the range of dates.
    #[must_use]
    pub fn term_on(self, day: NaiveDate) -> Option<Term> {
        let months = |of: NaiveDate| i64::from(of.year()) * 12 + i64::from(of.month0());
        let passed = u32::try_from(months(day) - months(self.start)).ok()?;
        // The month of the day may still belong to the term before.
        let k = passed / self.months;
        let of = |k: u32| self.term(k).filter(|term| term.first <= day && day <= term.last);
        of(k).or_else(|| of(k.checked_sub(1)?))
    }
}

/// The instants around the end of a term (10.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// When the next term begins, or the póliza ends: 00:00 local of the day after the term's last.
    pub renewal_at: Instant,
    /// A notice of non-renewal received at or before this instant is valid.
    pub last_valid_notice_at: Instant,
    /// When the client is told that the póliza renews or ends, in order.
    pub notices_at: Vec<Instant>,
}

/// What becomes of the póliza at the end of the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermEnding {
    /// The next term begins.
    Renews {
        /// A notice of non-renewal came too late; it is answered with the way to cancel (10.7).
        late_notice_at: Option<Instant>,
    },
    /// The póliza ends.
    Expires,
}

/// The instants around the end of the term whose last day is `term_end` (10.8).
///
/// # Errors
/// When the day or an answer lies outside the calendar (G1).
pub fn renewal(
    term_end: NaiveDate,
    terms: &Terms,
    trace: &mut impl Trace,
) -> Result<Renewal, OutOfCalendar> {
    let outside = OutOfCalendar::Date(term_end);
    let date = term_end.succ_opt().ok_or(outside)?;
    let renewal_at = local_instant(term_end, MinuteOfDay::END)?;
    trace.step(|| Step {
        rule: "10.8",
        text: format!(
            "El último día del periodo es el {}: la póliza se renueva, o termina, a las 00:00 h \
             del día siguiente.",
            spanish_date(term_end)
        ),
        at: Some(renewal_at),
        used: Vec::new(),
    });
    let notice = terms.renewal_notice_days.value;
    let last = date.checked_sub_days(notice.days()).ok_or(outside)?;
    let last_valid_notice_at = local_instant(last, MIDNIGHT)?;
    let mut notices_at = Vec::with_capacity(terms.renewal_reminder_days.value.len());
    for days in &terms.renewal_reminder_days.value {
        let day = date.checked_sub_days(days.days()).ok_or(outside)?;
        notices_at.push(local_instant(day, terms.notices_hour.value)?);
    }
    notices_at.sort_unstable();
    notices_at.dedup();
    let found = Renewal { renewal_at, last_valid_notice_at, notices_at };
    trace.step(|| Step {
        rule: "10.8",
        text: format!(
            "El aviso de no renovación se recibe con {} días naturales de anticipación: {}.",
            notice.get(),
            found.spanish_notice_limit()
        ),
        at: Some(last_valid_notice_at),
        used: vec![terms.used(Parameter::RenewalNoticeDays)],
    });
    for at in &found.notices_at {
        trace.step(|| explain_notice(*at, date, terms));
    }
    Ok(found)
}

fn explain_notice(at: Instant, renewal_date: NaiveDate, terms: &Terms) -> Step {
    let days = (renewal_date - at.date()).num_days();
    Step {
        rule: "10.8",
        text: format!(
            "Se avisa al cliente, {days} días naturales antes, que la póliza se renueva o termina."
        ),
        at: Some(at),
        used: vec![terms.used(Parameter::RenewalReminderDays), terms.used(Parameter::NoticesHour)],
    }
}

impl Renewal {
    /// Whether a notice of non-renewal received at `received_at` is valid (10.8).
    #[must_use]
    pub fn accepts_notice(&self, received_at: Instant) -> bool {
        received_at <= self.last_valid_notice_at
    }

    /// Until when the client may decline, as mails print it: "hasta el viernes 26 de marzo de 2027
    /// a las 24:00 h".
    #[must_use]
    pub fn spanish_notice_limit(&self) -> String {
        spanish_until(self.last_valid_notice_at)
    }

    /// What becomes of the póliza at the end of the term, given whether the client chose automatic
    /// renewal and when his notices of non-renewal were received (10.8).
    #[must_use]
    pub fn ending(&self, auto_renew: bool, non_renewal_notices: &[Instant]) -> TermEnding {
        if !auto_renew || non_renewal_notices.iter().any(|at| self.accepts_notice(*at)) {
            return TermEnding::Expires;
        }
        let late = non_renewal_notices.iter().filter(|at| **at < self.renewal_at).min();
        TermEnding::Renews { late_notice_at: late.copied() }
    }
}

/// A midnight as the end of the day before it: "hasta el viernes 26 de marzo de 2027 a las 24:00 h"
/// (G4).
pub(crate) fn spanish_until(midnight: Instant) -> String {
    let date = midnight.date();
    let day = date.pred_opt().unwrap_or(date);
    format!("hasta el {} a las 24:00 h", spanish_date(day))
}
