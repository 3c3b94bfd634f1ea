//! How long a held mail waits, and when a client's SPoCs are told of it (M1a, 1.2a).

use crate::calendar::{OutOfCalendar, WorkCalendar};
use crate::terms::Terms;
use crate::{Instant, TimeDelta};

/// Between two digests of held messages lies at least so much (1.2a).
pub const DIGEST_INTERVAL: TimeDelta = TimeDelta::hours(1);
/// A client's SPoCs get at most so many digests on one local day (1.2a).
pub const DIGESTS_A_DAY_MAX: u32 = 3;
/// When the day's digests are used up, the next one comes at this hour of the next day.
const NEXT_DAY_HOUR: i64 = 9;

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

/// When the next digest may go out, where the last one went out at `last` as the `count`-th of its local
/// day: now, an hour after the last one, or on the next morning (1.2a).
#[must_use]
pub fn next_digest(now: Instant, last: Instant, count: u32) -> Instant {
    let after_last = (last + DIGEST_INTERVAL).max(now);
    let same_day = after_last.date() == last.date();
    if !same_day || count < DIGESTS_A_DAY_MAX {
        return after_last;
    }
    let next_day = last.date().succ_opt().unwrap_or(last.date());
    let midnight = next_day.and_hms_opt(0, 0, 0).unwrap_or_default();
    (Instant::from_local(midnight) + TimeDelta::hours(NEXT_DAY_HOUR)).max(after_last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(&format!("2026-11-{text}:00-06:00")).unwrap()
    }

    /// *"SPoC: Contacto(s) autorizado(s) del cliente para solicitar soporte."* At once, then at most
    /// hourly, three times a day.
    #[test]
    fn digests_are_hourly_and_three_a_day() {
        let table = [
            ("20T10:00", "20T09:30", 1, "20T10:30"),
            ("20T10:30", "20T09:30", 1, "20T10:30"),
            ("20T11:00", "20T09:30", 2, "20T11:00"),
            ("20T10:00", "20T09:30", 3, "21T09:00"),
            ("20T20:00", "20T09:30", 3, "21T09:00"),
            ("21T08:00", "20T09:30", 3, "21T08:00"),
            ("20T23:40", "20T23:30", 3, "21T00:30"),
        ];
        for (now, last, count, expected) in table {
            let next = next_digest(at(now), at(last), count);
            assert_eq!(next, at(expected), "{now} {last} {count}");
        }
    }
}
