//! Mexico's official holidays (1.3): Ley Federal del Trabajo, article 74, and dated overrides.
//!
//! "Día hábil: Lunes a viernes, excluyendo días festivos oficiales en México." A holiday on a
//! weekend does not move. Holy Week, 5 May, 2 November, 12 December, 24 and 31 December are not
//! official, and Millora's own closing days are none either.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::Instant;

/// Where the rules come from; shown with the list.
pub const SOURCE: &str = "Ley Federal del Trabajo, artículo 74";

/// What an override does to a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideKind {
    /// The date becomes an official holiday.
    Added,
    /// The date stops being one.
    Removed,
}

/// A correction of the list: a decree, a reform, an election day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayOverride {
    /// The date that it is about.
    pub date: NaiveDate,
    /// What it does.
    pub kind: OverrideKind,
    /// The holiday's name, in Spanish.
    pub name: String,
    /// Where it was published.
    pub source: String,
    /// Since when it has been known: clocks that started earlier do not see it (G6).
    pub effective_from: Instant,
}

/// The official holidays, as known at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holidays {
    /// Sorted by date, then by when they became known: the last of a date wins.
    overrides: Vec<HolidayOverride>,
}

impl Holidays {
    /// The list by rule, without overrides.
    #[must_use]
    pub fn official() -> Self {
        Self::default()
    }

    /// The list by rule with all of these overrides; of several for one date, the one known last
    /// wins.
    #[must_use]
    pub fn with_overrides(mut overrides: Vec<HolidayOverride>) -> Self {
        overrides.sort_by_key(|one| (one.date, one.effective_from));
        Self { overrides }
    }

    /// The list as it was known at an instant (G6).
    #[must_use]
    pub fn known_at(&self, at: Instant) -> Self {
        let known = self.overrides.iter().filter(|one| one.effective_from <= at);
        Self { overrides: known.cloned().collect() }
    }

    /// The name of the official holiday on a date, if it is one.
    #[must_use]
    pub fn name_on(&self, date: NaiveDate) -> Option<&str> {
        let after = self.overrides.partition_point(|one| one.date <= date);
        match after.checked_sub(1).map(|at| &self.overrides[at]) {
            Some(one) if one.date == date => match one.kind {
                OverrideKind::Added => Some(&one.name),
                OverrideKind::Removed => None,
            },
            Some(_) | None => by_rule(date),
        }
    }
}

/// The holidays of article 74 as reformed in 2006 (the Mondays) and later (1 October).
fn by_rule(date: NaiveDate) -> Option<&'static str> {
    let monday = date.weekday() == Weekday::Mon;
    let week = date.day0() / 7 + 1;
    match (date.month(), date.day()) {
        (1, 1) => Some("Año Nuevo"),
        (2, _) if monday && week == 1 => Some("Aniversario de la Constitución"),
        (3, _) if monday && week == 3 => Some("Natalicio de Benito Juárez"),
        (5, 1) => Some("Día del Trabajo"),
        (9, 16) => Some("Día de la Independencia"),
        (11, _) if monday && week == 3 => Some("Aniversario de la Revolución"),
        (12, 25) => Some("Navidad"),
        (10, 1) if date.year() >= 2024 && changes_executive(date.year()) => {
            Some("Transmisión del Poder Ejecutivo Federal")
        }
        (12, 1) if date.year() < 2024 && changes_executive(date.year()) => {
            Some("Transmisión del Poder Ejecutivo Federal")
        }
        (month, day) if ELECTIONS.contains(&(date.year(), month, day)) => Some("Jornada electoral"),
        _ => None,
    }
}

/// Every sixth year: 2012, 2018, 2024, 2030, …
const fn changes_executive(year: i32) -> bool {
    year.rem_euclid(6) == 2024 % 6
}

/// Ordinary federal elections, all on Sundays (article 74, IX; LGIPE, article 22, and its
/// predecessor). Later ones are added as overrides when they are called.
const ELECTIONS: [(i32, u32, u32); 7] = [
    (2009, 7, 5),
    (2012, 7, 1),
    (2015, 6, 7),
    (2018, 7, 1),
    (2021, 6, 6),
    (2024, 6, 2),
    (2027, 6, 6),
];
