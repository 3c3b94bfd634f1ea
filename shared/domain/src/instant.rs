//! Instants (G1): whole UTC milliseconds, shown in the contract's local time.
//!
//! The agreement says "hasta 14:00", "48 horas", "5 días": all of it in the local time of Mexico
//! City, whose rules come from the time-zone data bundled in the binary. An instant is cut to the
//! millisecond and never rounded, so that 13:59:59.9999 stays before 14:00 (G4).

use core::fmt;
use core::ops::{Add, Sub};

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike,
};
use chrono_tz::America::Mexico_City;
use serde::{Deserialize, Serialize};

/// An instant: whole milliseconds since 1970-01-01T00:00:00Z (G1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

/// Why a text is not an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InstantError {
    /// The text does not have the form of RFC 3339.
    #[error("is not an RFC 3339 instant such as 2026-11-20T13:59:59-06:00")]
    Form,
    /// The text has a date and a time but does not say its offset.
    #[error("has no offset: write Z or one such as -06:00 after the time")]
    NoOffset,
    /// The form is right, but there is no such date, time or offset.
    #[error("names a date, time or offset that does not exist")]
    NoSuchTime,
}

impl Instant {
    /// The instant that many milliseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 instant. The offset is required; digits beyond the millisecond are cut,
    /// never rounded (G1).
    ///
    /// # Errors
    /// When the form is wrong, the offset is missing, or the date or time does not exist (a leap
    /// second is not a time here).
    pub fn parse_rfc3339(text: &str) -> Result<Self, InstantError> {
        let bytes = text.as_bytes();
        if bytes.len() < 19 || !has_form(&bytes[..19]) {
            return Err(InstantError::Form);
        }
        let (millis, rest) = fraction(&bytes[19..])?;
        let offset_minutes = offset(rest)?;
        let date = NaiveDate::from_ymd_opt(
            i32::try_from(number(&bytes[..4])).map_err(|_| InstantError::NoSuchTime)?,
            number(&bytes[5..7]),
            number(&bytes[8..10]),
        );
        let time = NaiveTime::from_hms_opt(
            number(&bytes[11..13]),
            number(&bytes[14..16]),
            number(&bytes[17..19]),
        );
        let (Some(date), Some(time)) = (date, time) else {
            return Err(InstantError::NoSuchTime);
        };
        let local = date.and_time(time).and_utc().timestamp_millis();
        Ok(Self(local + millis - offset_minutes * 60_000))
    }

    /// RFC 3339 with Mexico City's offset of that instant; milliseconds only where not zero.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        self.to_string()
    }

    /// The long form of mails: "viernes 20 de noviembre de 2026, 18:00 h (hora de la Ciudad de
    /// México)".
    #[must_use]
    pub fn spanish(self) -> String {
        let at = self.local();
        format!(
            "{}, {} h (hora de la Ciudad de México)",
            spanish_date(at.date()),
            at.format("%H:%M")
        )
    }

    /// The long form of an instant *before* which something must happen: midnight is written as
    /// the 24:00 of the day before, as in "viernes 27 de noviembre de 2026, 24:00 h (hora de la
    /// Ciudad de México)" (G4).
    #[must_use]
    pub fn spanish_limit(self) -> String {
        let at = self.local();
        match (at.time() == NaiveTime::MIN, at.date().pred_opt()) {
            (true, Some(before)) => {
                format!("{}, 24:00 h (hora de la Ciudad de México)", spanish_date(before))
            }
            (true, None) | (false, _) => self.spanish(),
        }
    }

    /// The short form of lists: "vie 20 nov 2026, 18:00 h".
    #[must_use]
    pub fn spanish_short(self) -> String {
        let at = self.local();
        let weekday = shortened(WEEKDAYS[at.weekday().num_days_from_monday() as usize]);
        let month = shortened(MONTHS[at.month0() as usize]);
        format!("{weekday} {} {month} {}, {} h", at.day(), at.year(), at.format("%H:%M"))
    }

    /// The wall clock of Mexico City at that instant.
    #[must_use]
    pub fn local(self) -> NaiveDateTime {
        let utc = self.utc();
        // Only at the very ends of chrono's range does the offset not fit; no agreement lies there.
        utc.checked_add_offset(Mexico_City.offset_from_utc_datetime(&utc).fix()).unwrap_or(utc)
    }

    /// The local date in Mexico City at that instant.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        self.local().date()
    }

    /// The instant of a wall-clock time of Mexico City, to the millisecond. A time in a gap moves
    /// forward by the gap; of an ambiguous one the first is taken (G1).
    #[must_use]
    pub fn from_local(local: NaiveDateTime) -> Self {
        let offset = Mexico_City.offset_from_local_datetime(&local).earliest().or_else(|| {
            // In a gap the offset that held before it shows the time moved forward by the gap.
            let before = local.checked_sub_signed(TimeDelta::hours(3))?;
            Mexico_City.offset_from_local_datetime(&before).earliest()
        });
        let seconds = offset.map_or(0, |offset| offset.fix().local_minus_utc());
        Self(local.and_utc().timestamp_millis() - i64::from(seconds) * 1000)
    }

    fn utc(self) -> NaiveDateTime {
        DateTime::from_timestamp_millis(self.0)
            .unwrap_or(if self.0.is_negative() {
                DateTime::UNIX_EPOCH - YEARS_MAX
            } else {
                DateTime::UNIX_EPOCH + YEARS_MAX
            })
            .naive_utc()
    }
}

/// Instants further from 1970 than this (about 200,000 years) are shown as if they were this far.
const YEARS_MAX: TimeDelta = TimeDelta::days(73_000_000);

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.local();
        let seconds = (local - self.utc()).num_seconds();
        write!(f, "{}", local.format("%Y-%m-%dT%H:%M:%S"))?;
        let millis = local.nanosecond() / 1_000_000;
        if millis != 0 {
            write!(f, ".{millis:03}")?;
        }
        // Local mean time before 1922 has odd seconds; RFC 3339 cannot say them, so they are cut.
        let sign = if seconds.is_negative() { '-' } else { '+' };
        let minutes = seconds.abs() / 60;
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Add<TimeDelta> for Instant {
    type Output = Self;

    fn add(self, span: TimeDelta) -> Self {
        Self(self.0.saturating_add(span.num_milliseconds()))
    }
}

impl Sub<TimeDelta> for Instant {
    type Output = Self;

    fn sub(self, span: TimeDelta) -> Self {
        Self(self.0.saturating_sub(span.num_milliseconds()))
    }
}

impl Sub for Instant {
    type Output = TimeDelta;

    fn sub(self, earlier: Self) -> TimeDelta {
        let millis = self.0.saturating_sub(earlier.0);
        TimeDelta::try_milliseconds(millis).unwrap_or(TimeDelta::MIN)
    }
}

const WEEKDAYS: [&str; 7] =
    ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];
const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// A date in words: "viernes 20 de noviembre de 2026".
#[must_use]
pub fn spanish_date(date: NaiveDate) -> String {
    let weekday = WEEKDAYS[date.weekday().num_days_from_monday() as usize];
    let month = MONTHS[date.month0() as usize];
    format!("{weekday} {} de {month} de {}", date.day(), date.year())
}

/// The name of a date's month: "noviembre".
#[must_use]
pub fn spanish_month(date: NaiveDate) -> &'static str {
    MONTHS[date.month0() as usize]
}

/// A span in words: "2 h 30 min", "45 min", "30 s"; zero is "0 min", and milliseconds are cut.
#[must_use]
pub fn spanish_span(span: TimeDelta) -> String {
    let seconds = span.num_seconds();
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let words: Vec<String> =
        parts.iter().filter(|(n, _)| *n != 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    if words.is_empty() { "0 min".to_owned() } else { words.join(" ") }
}

fn shortened(word: &str) -> String {
    word.chars().take(3).collect()
}

/// `dddd-dd-ddTdd:dd:dd`.
fn has_form(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        10 => matches!(byte, b'T' | b't'),
        13 | 16 => *byte == b':',
        _ => byte.is_ascii_digit(),
    })
}

/// The milliseconds of an optional fraction, and what follows it.
fn fraction(bytes: &[u8]) -> Result<(i64, &[u8]), InstantError> {
    let Some((b'.', after)) = bytes.split_first() else { return Ok((0, bytes)) };
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return Err(InstantError::Form);
    }
    let millis = (0..3)
        .fold(0, |sum, at| sum * 10 + if at < digits { i64::from(after[at] - b'0') } else { 0 });
    Ok((millis, &after[digits..]))
}

/// The offset in minutes east of Greenwich.
fn offset(bytes: &[u8]) -> Result<i64, InstantError> {
    match bytes {
        [] => Err(InstantError::NoOffset),
        [b'Z' | b'z'] => Ok(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2]
            if [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()) =>
        {
            let (hours, minutes) = (number(&[*h1, *h2]), number(&[*m1, *m2]));
            if hours > 23 || minutes > 59 {
                return Err(InstantError::NoSuchTime);
            }
            let minutes = i64::from(hours * 60 + minutes);
            Ok(if *sign == b'-' { -minutes } else { minutes })
        }
        _ => Err(InstantError::Form),
    }
}

/// The number that ASCII digits write; only called on at most four of them.
fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
}
