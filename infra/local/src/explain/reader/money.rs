//! Dates, months, amounts and payments of a request.

use chrono::Datelike;
use domain::billing::{Month, Part};
use domain::calendar::{FIRST_YEAR, LAST_YEAR};
use domain::terms::Centavos;
use domain::{Instant, NaiveDate};

use super::super::fault::Problem;
use super::super::json::Json;
use super::super::{AS_OF_MAX, PAYMENTS_MAX};
use super::{Reader, shortened, twice};

/// The fields of a payment.
const PAYMENT: [&str; 3] = ["value_date", "recorded_at", "amount"];

impl Reader {
    /// A required date.
    pub(in super::super) fn date(&mut self, name: &'static str) -> Option<NaiveDate> {
        let value = self.required(name)?;
        self.read_date(name, &value)
    }

    /// A required month.
    pub(in super::super) fn month(&mut self, name: &'static str) -> Option<Month> {
        let value = self.required(name)?;
        let month = match &value {
            Json::Text(text) => Month::parse(text),
            Json::Null | Json::Bool | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
        };
        if month.is_none() {
            self.fault(name, Problem::NotAMonth);
        }
        month
    }

    /// A required amount that may be zero.
    pub(in super::super) fn fee(&mut self, name: &'static str) -> Option<Centavos> {
        let value = self.required(name)?;
        self.read_centavos(name, &value, 0)
    }

    /// A required list of instants.
    pub(in super::super) fn instants(&mut self, name: &'static str) -> Option<Vec<Instant>> {
        let items = self.list(name, AS_OF_MAX)?.into_iter().enumerate();
        let read: Vec<Option<Instant>> =
            items.map(|(at, item)| self.read_instant(format!("{name}[{at}]"), &item)).collect();
        read.into_iter().collect()
    }

    /// The required list of payments of a month.
    pub(in super::super) fn payments(&mut self, name: &'static str) -> Option<Vec<Part>> {
        let items = self.list(name, PAYMENTS_MAX)?.into_iter().enumerate();
        let read: Vec<Option<Part>> =
            items.map(|(at, item)| self.payment(&format!("{name}[{at}]"), item)).collect();
        read.into_iter().collect()
    }

    /// One payment; its place in the list serves as its reference.
    fn payment(&mut self, place: &str, item: Json) -> Option<Part> {
        let Json::Object(fields) = item else {
            self.fault(place, Problem::NotAnObject);
            return None;
        };
        twice(&format!("{place}."), &fields, &mut self.faults);
        let (mut value_date, mut recorded_at, mut amount) = (None, None, None);
        let mut there = [false; 3];
        for (key, value) in fields {
            let at = format!("{place}.{}", shortened(&key));
            if let Some(index) = PAYMENT.iter().position(|known| *known == key) {
                there[index] = value != Json::Null;
            }
            match (key.as_str(), value) {
                ("value_date" | "recorded_at" | "amount", Json::Null) => {}
                ("value_date", value) => value_date = self.read_date(&at, &value),
                ("recorded_at", value) => recorded_at = self.read_instant(at, &value),
                ("amount", value) => amount = self.read_centavos(&at, &value, 1),
                (_, _) => self.fault(at, Problem::UnknownField(PAYMENT.to_vec())),
            }
        }
        for (field, there) in PAYMENT.iter().zip(there) {
            if !there {
                self.fault(format!("{place}.{field}"), Problem::Missing);
            }
        }
        let (value_date, recorded_at, amount) = (value_date?, recorded_at?, amount?);
        if value_date > recorded_at.date() {
            self.fault(format!("{place}.value_date"), Problem::AfterDayOf("recorded_at"));
            return None;
        }
        let reference = place.to_owned();
        Some(Part { recorded_at, value_date, amount, reference, reversed_at: None })
    }

    /// Takes a field that has to be there.
    fn required(&mut self, name: &'static str) -> Option<Json> {
        let value = self.take(name);
        if value.is_none() {
            self.fault(name, Problem::Missing);
        }
        value
    }

    /// Takes a list that has to be there, with a limit on its length.
    fn list(&mut self, name: &'static str, max: usize) -> Option<Vec<Json>> {
        match self.required(name)? {
            Json::Array(items) if items.len() <= max => Some(items),
            Json::Array(items) => {
                self.fault(name, Problem::TooMany { count: items.len(), max });
                None
            }
            Json::Null | Json::Bool | Json::Number(_) | Json::Text(_) | Json::Object(_) => {
                self.fault(name, Problem::NotAnArray);
                None
            }
        }
    }

    fn read_date(&mut self, at: &str, value: &Json) -> Option<NaiveDate> {
        let date = match value {
            Json::Text(text) => date(text),
            Json::Null | Json::Bool | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
        };
        match date {
            Some(date) if (FIRST_YEAR..=LAST_YEAR).contains(&date.year()) => Some(date),
            Some(_) => {
                self.fault(at, Problem::OutsideCalendar);
                None
            }
            None => {
                self.fault(at, Problem::NotADate);
                None
            }
        }
    }

    fn read_centavos(&mut self, at: &str, value: &Json, least: i64) -> Option<Centavos> {
        let amount = match value {
            Json::Number(digits) => digits.parse::<i64>().ok(),
            Json::Null | Json::Bool | Json::Text(_) | Json::Array(_) | Json::Object(_) => None,
        };
        match amount {
            Some(amount) if amount >= least => Some(Centavos(amount)),
            Some(_) if least == 0 => {
                self.fault(at, Problem::NegativeAmount);
                None
            }
            Some(_) => {
                self.fault(at, Problem::NothingPaid);
                None
            }
            None => {
                self.fault(at, Problem::NotCentavos);
                None
            }
        }
    }
}

/// A date written strictly as `2026-12-05`.
fn date(text: &str) -> Option<NaiveDate> {
    let strict = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if strict { text.parse().ok() } else { None }
}
