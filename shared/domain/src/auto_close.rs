//! Closing after a solution without an answer (9.2), and the window to reopen (9.7).
//!
//! "Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado."

use crate::Instant;
use crate::calendar::{OutOfCalendar, WorkCalendar};
use crate::explanation::Trace;
use crate::pauses::{Interval, TargetError};
use crate::terms::Terms;

/// When a ticket closes by silence, and when the client is reminded of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AutoClose {
    /// When it closes; none while an open pause holds it.
    pub closing: Option<Instant>,
    /// When the client is reminded; none while an open pause holds it, and none where the
    /// parameters would place it at or after the closing.
    pub reminder: Option<Instant>,
}

/// The closing and its reminder (9.2).
///
/// # Errors
/// When an instant lies outside the calendar, or a pause ends before it begins.
pub fn auto_close(
    solution_at: Instant,
    pauses: &[Interval],
    terms: &Terms,
    calendar: &WorkCalendar,
    trace: &mut impl Trace,
) -> Result<AutoClose, TargetError> {
    let _ = (solution_at, pauses, terms, calendar, trace);
    unimplemented!()
}

/// The end of the window in which a reply reopens a closed ticket (9.7): it must be received
/// *before* this instant, 24:00 local of the fifth business day after the closing's day.
///
/// # Errors
/// When an instant lies outside the calendar.
pub fn reopening_window_end(
    closed_at: Instant,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> Result<Instant, OutOfCalendar> {
    calendar.end_of_business_days(closed_at.date(), u32::from(terms.reopening_window.value.0))
}
