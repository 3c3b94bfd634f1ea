//! Reading the fields of a request, so that all of its faults are found at once.

mod money;

use std::collections::BTreeMap;

use domain::calendar::{ContractedHours, HoursFault, covers};
use domain::pauses::Interval;
use domain::{Instant, TimeDelta};

use super::PAUSES_MAX;
use super::fault::{Fault, Problem};
use super::json::Json;

/// The fields of a request and the faults found so far.
///
/// A field that is faulty is noted and reads as absent; [`Reader::finish`] then refuses the request.
pub(super) struct Reader {
    fields: Vec<(String, Json)>,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl Reader {
    /// The fields of an object; a key that stands there twice is a fault.
    pub(super) fn new(fields: Vec<(String, Json)>) -> Self {
        let mut faults = Vec::new();
        twice("", &fields, &mut faults);
        Self { fields, known: Vec::new(), faults }
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, at: impl Into<String>, problem: Problem) {
        self.faults.push(Fault { at: at.into(), problem });
    }

    /// The faults found, for a request of which no more can be read.
    pub(super) fn give_up(self) -> Vec<Fault> {
        self.faults
    }

    /// Refuses what was not read, then gives the required values free if there is no fault.
    pub(super) fn finish<T>(mut self, required: Option<T>) -> Result<T, Vec<Fault>> {
        let known = self.known.clone();
        let unknown: Vec<String> = self
            .fields
            .iter()
            .map(|(key, _)| key)
            .filter(|key| !known.contains(&key.as_str()))
            .map(|key| shortened(key))
            .collect();
        for key in unknown {
            self.fault(key, Problem::UnknownField(known.clone()));
        }
        if self.faults.is_empty() {
            Ok(required.expect("an absent required field is a fault"))
        } else {
            Err(self.faults)
        }
    }

    /// One of a closed list of words: nothing when it is faulty, nothing inside when it is absent.
    pub(super) fn choice(
        &mut self,
        name: &'static str,
        choices: &'static [&'static str],
    ) -> Option<Option<&'static str>> {
        let Some(value) = self.take(name) else { return Some(None) };
        let found = match &value {
            Json::Text(text) => choices.iter().find(|choice| *choice == text),
            Json::Null | Json::Bool | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
        };
        if found.is_none() {
            self.fault(name, Problem::NotOneOf(choices));
        }
        found.map(|choice| Some(*choice))
    }

    /// A required instant.
    pub(super) fn instant(&mut self, name: &'static str) -> Option<Instant> {
        let Some(value) = self.take(name) else {
            self.fault(name, Problem::Missing);
            return None;
        };
        self.read_instant(name.to_owned(), &value)
    }

    /// An instant that may be absent.
    pub(super) fn optional_instant(&mut self, name: &'static str) -> Option<Instant> {
        let value = self.take(name)?;
        self.read_instant(name.to_owned(), &value)
    }

    /// A required number of seconds with up to three decimals.
    pub(super) fn seconds(&mut self, name: &'static str) -> Option<TimeDelta> {
        let Some(value) = self.take(name) else {
            self.fault(name, Problem::Missing);
            return None;
        };
        let Json::Number(digits) = value else {
            self.fault(name, Problem::NotSeconds);
            return None;
        };
        match millis(&digits) {
            Ok(span) => Some(span),
            Err(problem) => {
                self.fault(name, problem);
                None
            }
        }
    }

    /// The contracted hours, if they are there.
    pub(super) fn contracted_hours(&mut self) -> Option<ContractedHours> {
        const NAME: &str = "contracted_hours";
        let value = self.take(NAME)?;
        let Json::Object(days) = value else {
            self.fault(NAME, Problem::NotAnObject);
            return None;
        };
        twice(&format!("{NAME}."), &days, &mut self.faults);
        let faults = self.faults.len();
        let days: BTreeMap<String, Vec<[String; 2]>> =
            days.into_iter().map(|(day, value)| self.weekday(NAME, day, value)).collect();
        if self.faults.len() > faults {
            return None;
        }
        match ContractedHours::parse(&days) {
            Ok(hours) => Some(hours),
            Err(found) => {
                for HoursFault { at, problem } in found.0 {
                    let dot = if at.is_empty() { "" } else { "." };
                    let at = format!("{NAME}{dot}{}", shortened(&at));
                    self.fault(at, Problem::Hours(problem));
                }
                None
            }
        }
    }

    /// The pauses, if they are there; one without `to` is open.
    pub(super) fn pauses(&mut self) -> Vec<Interval> {
        const NAME: &str = "pauses";
        let items = match self.take(NAME) {
            None => return Vec::new(),
            Some(Json::Array(items)) if items.len() <= PAUSES_MAX => items,
            Some(Json::Array(items)) => {
                self.fault(NAME, Problem::TooManyPauses(items.len()));
                return Vec::new();
            }
            Some(Json::Null | Json::Bool | Json::Number(_) | Json::Text(_) | Json::Object(_)) => {
                self.fault(NAME, Problem::NotAnArray);
                return Vec::new();
            }
        };
        let items = items.into_iter().enumerate();
        items.filter_map(|(at, item)| self.pause(&format!("{NAME}[{at}]"), item)).collect()
    }

    /// Takes a field's value; `null` is the same as absent.
    fn take(&mut self, name: &'static str) -> Option<Json> {
        self.known.push(name);
        let (_, value) = self.fields.iter_mut().find(|(key, _)| key == name)?;
        let value = std::mem::replace(value, Json::Null);
        (value != Json::Null).then_some(value)
    }

    fn read_instant(&mut self, at: String, value: &Json) -> Option<Instant> {
        let read = match value {
            Json::Text(text) => Instant::parse_rfc3339(text).map_err(Some),
            Json::Null | Json::Bool | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                Err(None)
            }
        };
        match read {
            Ok(t) if covers(t) => Some(t),
            Ok(_) => {
                self.fault(at, Problem::OutsideCalendar);
                None
            }
            Err(error) => {
                self.fault(at, Problem::NotAnInstant(error));
                None
            }
        }
    }

    fn weekday(&mut self, name: &str, day: String, value: Json) -> (String, Vec<[String; 2]>) {
        let Json::Array(intervals) = value else {
            self.fault(format!("{name}.{}", shortened(&day)), Problem::NotAnArray);
            return (day, Vec::new());
        };
        let mut pairs = Vec::with_capacity(intervals.len());
        for (at, interval) in intervals.into_iter().enumerate() {
            match pair(interval) {
                Some(pair) => pairs.push(pair),
                None => {
                    let place = format!("{name}.{}[{at}]", shortened(&day));
                    self.fault(place, Problem::NotAPair);
                }
            }
        }
        (day, pairs)
    }

    fn pause(&mut self, place: &str, item: Json) -> Option<Interval> {
        let Json::Object(fields) = item else {
            self.fault(place, Problem::NotAnObject);
            return None;
        };
        twice(&format!("{place}."), &fields, &mut self.faults);
        let (mut from, mut to) = (None, None);
        for (key, value) in fields {
            let at = format!("{place}.{}", shortened(&key));
            match key.as_str() {
                "from" => from = Some(self.read_instant(at, &value)),
                "to" if value == Json::Null => {}
                "to" => to = Some(self.read_instant(at, &value)),
                _ => self.fault(at, Problem::UnknownField(vec!["from", "to"])),
            }
        }
        let Some(from) = from else {
            self.fault(format!("{place}.from"), Problem::Missing);
            return None;
        };
        match (from?, to) {
            (from, None) => Some(Interval { from, to: None }),
            (from, Some(Some(to))) if to >= from => Some(Interval { from, to: Some(to) }),
            (_, Some(Some(_))) => {
                self.fault(format!("{place}.to"), Problem::Before("from"));
                None
            }
            (_, Some(None)) => None,
        }
    }
}

/// Notes every key that stands in an object twice.
fn twice(place: &str, fields: &[(String, Json)], faults: &mut Vec<Fault>) {
    let mut keys: Vec<&str> = fields.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    let mut repeated: Vec<&str> =
        keys.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    repeated.dedup();
    for key in repeated {
        faults.push(Fault { at: format!("{place}{}", shortened(key)), problem: Problem::Twice });
    }
}

fn pair(interval: Json) -> Option<[String; 2]> {
    let Json::Array(ends) = interval else { return None };
    let ends: [Json; 2] = ends.try_into().ok()?;
    let [Json::Text(from), Json::Text(to)] = ends else { return None };
    Some([from, to])
}

/// Milliseconds of a number of seconds in digits; nothing is rounded.
fn millis(digits: &str) -> Result<TimeDelta, Problem> {
    let negative = digits.starts_with('-');
    let (whole, decimals) = digits
        .trim_start_matches('-')
        .split_once('.')
        .unwrap_or((digits.trim_start_matches('-'), ""));
    let decimals = decimals.trim_end_matches('0');
    if negative && !(whole == "0" && decimals.is_empty()) {
        return Err(Problem::Negative);
    }
    if decimals.len() > 3 {
        return Err(Problem::Decimals);
    }
    let read = format!("{whole}{decimals:0<3}").parse::<i64>().ok();
    // More seconds than there are milliseconds in 64 bits: no calendar is that long.
    read.and_then(TimeDelta::try_milliseconds).ok_or(Problem::LeadsOutside)
}

/// A key as a fault shows it: a long one is cut.
fn shortened(key: &str) -> String {
    const CHARS_MAX: usize = 60;
    if key.chars().count() <= CHARS_MAX {
        key.to_owned()
    } else {
        key.chars().take(CHARS_MAX).chain(['…']).collect()
    }
}
