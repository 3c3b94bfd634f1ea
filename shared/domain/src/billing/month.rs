//! Billing months: calendar months (10.1).

use core::fmt;

use chrono::{Datelike, NaiveDate};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::calendar::{FIRST_YEAR, LAST_YEAR};
use crate::instant::spanish_month;

/// A calendar month of the calendar's years, written `2026-12` (10.1, G1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// The calendar's first month.
    pub(super) const FIRST: Self = Self { year: FIRST_YEAR, month: 1 };

    /// A month, when it exists and lies in the calendar's years (G1).
    #[must_use]
    pub const fn new(year: i32, month: u32) -> Option<Self> {
        let exists = month >= 1 && month <= 12;
        let covered = year >= FIRST_YEAR && year <= LAST_YEAR;
        if exists && covered { Some(Self { year, month }) } else { None }
    }

    /// The month of a day; none outside the calendar's years.
    #[must_use]
    pub fn of(day: NaiveDate) -> Option<Self> {
        Self::new(day.year(), day.month())
    }

    /// Reads `2026-12`; none when the text has another form or there is no such month here.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |part: &str, length: usize| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?)
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1)
            .expect("every month of the calendar's years has a first day")
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        let first = self.first_day();
        let next = first.checked_add_months(chrono::Months::new(1));
        next.and_then(|next| next.pred_opt()).expect("dates reach far beyond the calendar's years")
    }

    /// How many days it has, 28 to 31.
    #[must_use]
    pub fn length(self) -> u32 {
        self.last_day().day()
    }

    /// The month after it; none after the calendar's last.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        if self.month == 12 {
            Self::new(self.year + 1, 1)
        } else {
            Self::new(self.year, self.month + 1)
        }
    }

    /// For people: "diciembre de 2026".
    #[must_use]
    pub fn spanish(self) -> String {
        format!("{} de {}", spanish_month(self.first_day()), self.year)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom("is not a month such as 2026-12, of 2007 to 2050"))
    }
}
