//! How long a held mail waits.

use crate::Instant;
use crate::calendar::{OutOfCalendar, WorkCalendar};
use crate::terms::Terms;

/// When the question whether a mail is the registered address's own expires: the mails that it lists
/// lapse then, and a later answer opens a new ticket (M1a). The answer must be received *before* this
/// instant, 24:00 local of the last business day.
///
/// # Errors
/// When an instant lies outside the calendar.
pub fn question_expires_at(
    asked_at: Instant,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> Result<Instant, OutOfCalendar> {
    let days = terms.confirmation_window.value.0;
    calendar.end_of_business_days(asked_at.date(), u32::from(days))
}

/// When a colleague's mail lapses: it must be adopted *before* this instant, 24:00 local of the last
/// business day (1.2a).
///
/// # Errors
/// When an instant lies outside the calendar.
pub fn adoption_ends_at(
    received_at: Instant,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> Result<Instant, OutOfCalendar> {
    let days = terms.adoption_window.value.0;
    calendar.end_of_business_days(received_at.date(), u32::from(days))
}
