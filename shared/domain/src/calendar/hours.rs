//! Contracted hours (G3): per weekday, a list of half-open intervals of local time.
//!
//! "Tiempo máximo de respuesta: hasta 4 horas, en horario contratado."

use core::fmt;
use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The keys of the weekdays in data, Monday first.
pub const WEEKDAY_KEYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The most intervals that one weekday may list.
const INTERVALS_PER_DAY_MAX: usize = 24;

/// A time of day in whole minutes, `00:00` to `24:00`, written strictly as `HH:MM` (G3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinuteOfDay(u16);

impl MinuteOfDay {
    /// Midnight at the end of the day, `24:00`.
    pub const END: Self = Self(1440);

    /// A time of day; hours past 24:00 are cut to it.
    #[must_use]
    pub const fn hm(hour: u16, minute: u16) -> Self {
        let minutes = hour.saturating_mul(60).saturating_add(minute);
        if minutes > 1440 { Self::END } else { Self(minutes) }
    }

    /// Minutes since the day's midnight on the wall clock.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// Reads `HH:MM` from 00:00 to 24:00.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let [h1, h2, b':', m1, m2] = text.as_bytes() else { return None };
        if ![h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let hour = u16::from(h1 - b'0') * 10 + u16::from(h2 - b'0');
        let minute = u16::from(m1 - b'0') * 10 + u16::from(m2 - b'0');
        let exists = (hour < 24 && minute < 60) || (hour == 24 && minute == 0);
        exists.then_some(Self(hour * 60 + minute))
    }
}

impl fmt::Display for MinuteOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for MinuteOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MinuteOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is not a time from 00:00 to 24:00")))
    }
}

/// One fault of a schedule, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoursFault {
    /// Where it is: a weekday's key (`mon`), an interval (`mon[0]`), one of its ends
    /// (`mon[0][1]`), or empty for the schedule as a whole.
    pub at: String,
    /// What is wrong there.
    pub problem: HoursProblem,
}

/// What can be wrong with a schedule (G3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursProblem {
    /// The key names no weekday.
    #[error("is not a weekday: use mon, tue, wed, thu, fri, sat, sun")]
    UnknownDay,
    /// A time is not written as `HH:MM`.
    #[error("{0:?} is not a time written as HH:MM from 00:00 to 24:00")]
    NotATime(String),
    /// The interval begins and ends at the same time.
    #[error("is empty: it begins and ends at {0}")]
    Empty(MinuteOfDay),
    /// The interval ends before it begins.
    #[error(
        "ends at {to}, before it begins at {from}; hours past midnight are two intervals, \
         {from} to 24:00 and, on the next day, 00:00 to {to}"
    )]
    Inverted {
        /// Where it begins.
        from: MinuteOfDay,
        /// Where it ends.
        to: MinuteOfDay,
    },
    /// Two intervals of one day share time.
    #[error("overlaps {0} to {1} of the same day")]
    Overlapping(MinuteOfDay, MinuteOfDay),
    /// One weekday lists too many intervals.
    #[error("lists {0} intervals; at most {INTERVALS_PER_DAY_MAX} are read")]
    TooMany(usize),
    /// There is no service on any business day.
    #[error("has no interval from Monday to Friday")]
    NoBusinessDay,
}

impl HoursProblem {
    /// What is wrong and what to do, in Spanish.
    #[must_use]
    pub fn spanish(&self) -> String {
        match self {
            Self::UnknownDay => {
                "no es un día de la semana: use mon, tue, wed, thu, fri, sat, sun".to_owned()
            }
            Self::NotATime(text) => {
                format!("{text:?} no es una hora escrita como HH:MM, de 00:00 a 24:00")
            }
            Self::Empty(at) => format!("está vacío: empieza y termina a las {at}"),
            Self::Inverted { from, to } => format!(
                "termina a las {to}, antes de empezar a las {from}; un horario que pasa de medianoche \
                 son dos intervalos: {from} a 24:00 y, al día siguiente, 00:00 a {to}"
            ),
            Self::Overlapping(from, to) => format!("se encima con {from} a {to} del mismo día"),
            Self::TooMany(count) => format!("tiene {count} intervalos, demasiados"),
            Self::NoBusinessDay => "no tiene ningún intervalo de lunes a viernes".to_owned(),
        }
    }
}

/// All the faults of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoursFaults(pub Vec<HoursFault>);

impl fmt::Display for HoursFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            let place = if fault.at.is_empty() { "the schedule" } else { fault.at.as_str() };
            write!(f, "{separator}{place} {}", fault.problem)?;
        }
        Ok(())
    }
}

impl core::error::Error for HoursFaults {}

/// The contracted hours of a póliza (G3). Valid by construction: sorted, merged, none empty, some
/// on Monday to Friday.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContractedHours {
    days: [Vec<(MinuteOfDay, MinuteOfDay)>; 7],
}

impl Default for ContractedHours {
    /// Choice: Monday to Friday, 09:00 to 18:00 (G3).
    fn default() -> Self {
        let day = vec![(MinuteOfDay::hm(9, 0), MinuteOfDay::hm(18, 0))];
        Self {
            days: [day.clone(), day.clone(), day.clone(), day.clone(), day, Vec::new(), Vec::new()],
        }
    }
}

impl ContractedHours {
    /// A schedule from its intervals, Monday first.
    ///
    /// # Errors
    /// All the faults at once: empty, inverted and overlapping intervals, and a schedule without
    /// any on Monday to Friday.
    pub fn new(days: [Vec<(MinuteOfDay, MinuteOfDay)>; 7]) -> Result<Self, HoursFaults> {
        let mut faults = Vec::new();
        let merged = core::array::from_fn(|day| {
            let places = (0..days[day].len()).map(|at| format!("{}[{at}]", WEEKDAY_KEYS[day]));
            merged(WEEKDAY_KEYS[day], days[day].iter().copied().zip(places).collect(), &mut faults)
        });
        Self::finish(merged, faults)
    }

    /// A schedule from its data: `{"mon": [["09:00", "14:00"], ["15:00", "18:30"]], …}`. A weekday
    /// that is absent has no hours.
    ///
    /// # Errors
    /// All the faults at once, each with its place.
    pub fn parse(data: &BTreeMap<String, Vec<[String; 2]>>) -> Result<Self, HoursFaults> {
        let mut faults = Vec::new();
        let mut days: [Vec<(MinuteOfDay, MinuteOfDay)>; 7] = Default::default();
        for (key, intervals) in data {
            let Some(day) = WEEKDAY_KEYS.iter().position(|one| one == key) else {
                faults.push(HoursFault { at: key.clone(), problem: HoursProblem::UnknownDay });
                continue;
            };
            let mut read = Vec::new();
            for (at, ends) in intervals.iter().enumerate().take(INTERVALS_PER_DAY_MAX) {
                let ends: [Option<MinuteOfDay>; 2] = core::array::from_fn(|end| {
                    let time = MinuteOfDay::parse(&ends[end]);
                    if time.is_none() {
                        faults.push(HoursFault {
                            at: format!("{key}[{at}][{end}]"),
                            problem: HoursProblem::NotATime(ends[end].chars().take(20).collect()),
                        });
                    }
                    time
                });
                if let [Some(from), Some(to)] = ends {
                    read.push(((from, to), format!("{key}[{at}]")));
                }
            }
            if intervals.len() > INTERVALS_PER_DAY_MAX {
                let problem = HoursProblem::TooMany(intervals.len());
                faults.push(HoursFault { at: key.clone(), problem });
            }
            days[day] = merged(key, read, &mut faults);
        }
        Self::finish(days, faults)
    }

    /// The intervals of a weekday, 0 for Monday to 6 for Sunday: sorted, merged, half-open.
    #[must_use]
    pub fn on_weekday(&self, weekday: usize) -> &[(MinuteOfDay, MinuteOfDay)] {
        self.days.get(weekday).map_or(&[], Vec::as_slice)
    }

    /// Minutes of the longest day of the schedule, at least one and at most 1,440: "one full
    /// contracted day" (9.2).
    #[must_use]
    pub fn longest_day_minutes(&self) -> u16 {
        let minutes = |day: &Vec<(MinuteOfDay, MinuteOfDay)>| {
            day.iter().map(|(from, to)| to.0 - from.0).sum::<u16>()
        };
        self.days.iter().map(minutes).max().unwrap_or(0)
    }

    /// The schedule in words: "lunes a viernes 09:00 a 18:00; sábado 09:00 a 13:00".
    #[must_use]
    pub fn spanish(&self) -> String {
        const NAMES: [&str; 7] =
            ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];
        let mut parts = Vec::new();
        let mut day = 0;
        while day < 7 {
            let same = self.days[day..].iter().take_while(|one| **one == self.days[day]).count();
            if !self.days[day].is_empty() {
                let hours: Vec<String> =
                    self.days[day].iter().map(|(from, to)| format!("{from} a {to}")).collect();
                let (first, last) = (NAMES[day], NAMES[day + same - 1]);
                let days = match same {
                    1 => first.to_owned(),
                    2 => format!("{first} y {last}"),
                    _ => format!("{first} a {last}"),
                };
                parts.push(format!("{days} {}", hours.join(" y ")));
            }
            day += same;
        }
        parts.join("; ")
    }

    fn finish(
        days: [Vec<(MinuteOfDay, MinuteOfDay)>; 7],
        mut faults: Vec<HoursFault>,
    ) -> Result<Self, HoursFaults> {
        // Where intervals were refused, a complaint that none is left would only be noise.
        if faults.is_empty() && days[..5].iter().all(Vec::is_empty) {
            faults.push(HoursFault { at: String::new(), problem: HoursProblem::NoBusinessDay });
        }
        if faults.is_empty() { Ok(Self { days }) } else { Err(HoursFaults(faults)) }
    }
}

/// The valid intervals of one day, sorted, touching ones merged; faults are added with places.
fn merged(
    key: &str,
    mut intervals: Vec<((MinuteOfDay, MinuteOfDay), String)>,
    faults: &mut Vec<HoursFault>,
) -> Vec<(MinuteOfDay, MinuteOfDay)> {
    if intervals.len() > INTERVALS_PER_DAY_MAX {
        let problem = HoursProblem::TooMany(intervals.len());
        faults.push(HoursFault { at: key.to_owned(), problem });
        intervals.truncate(INTERVALS_PER_DAY_MAX);
    }
    intervals.retain(|((from, to), at)| {
        let problem = match from.cmp(to) {
            core::cmp::Ordering::Less => return true,
            core::cmp::Ordering::Equal => HoursProblem::Empty(*from),
            core::cmp::Ordering::Greater => HoursProblem::Inverted { from: *from, to: *to },
        };
        faults.push(HoursFault { at: at.clone(), problem });
        false
    });
    intervals.sort_by_key(|(interval, _)| *interval);
    let mut merged: Vec<(MinuteOfDay, MinuteOfDay)> = Vec::with_capacity(intervals.len());
    for ((from, to), at) in intervals {
        match merged.last_mut() {
            Some(last) if from < last.1 => {
                let problem = HoursProblem::Overlapping(last.0, last.1);
                faults.push(HoursFault { at, problem });
            }
            Some(last) if from == last.1 => last.1 = to,
            Some(_) | None => merged.push((from, to)),
        }
    }
    merged
}

impl Serialize for ContractedHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let days = WEEKDAY_KEYS.iter().zip(&self.days).filter(|(_, day)| !day.is_empty());
        serializer.collect_map(days)
    }
}

impl<'de> Deserialize<'de> for ContractedHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = BTreeMap::<String, Vec<[String; 2]>>::deserialize(deserializer)?;
        Self::parse(&data).map_err(D::Error::custom)
    }
}
