//! Days and instants as people write them: a day alone, or an instant with its offset.

use domain::calendar::{MinuteOfDay, local_instant};
use domain::{Instant, NaiveDate};
use toml::de::DeValue;

use crate::fields::{Section, echo};

/// A day, or an instant.
#[derive(Debug, Clone, Copy)]
enum Written {
    Day(NaiveDate),
    Instant(Instant),
}

impl Section<'_, '_> {
    /// A local day, such as `2026-01-01`.
    pub(crate) fn day(&self, name: &str) -> Option<NaiveDate> {
        match self.written(name)? {
            Written::Day(day) => Some(day),
            Written::Instant(_) => {
                self.wrong(name, "lleva hora: debe ser un día, como 2026-01-01");
                None
            }
        }
    }

    /// An instant with its offset.
    pub(crate) fn instant(&self, name: &str) -> Option<Instant> {
        match self.written(name)? {
            Written::Instant(at) => Some(at),
            Written::Day(_) => {
                let form = "2026-01-01T10:00:00-06:00";
                self.wrong(name, format!("no lleva hora: debe ser un instante, como {form}"));
                None
            }
        }
    }

    /// From when something holds: the beginning of a day, or an instant.
    pub(crate) fn begin(&self, name: &str) -> Option<Instant> {
        match self.written(name)? {
            Written::Day(day) => self.on(name, day, MinuteOfDay::hm(0, 0)),
            Written::Instant(at) => Some(at),
        }
    }

    /// The first instant at which something no longer holds: the end of its last day, or an instant.
    pub(crate) fn end(&self, name: &str) -> Option<Instant> {
        match self.written(name)? {
            Written::Day(day) => self.on(name, day, MinuteOfDay::END),
            Written::Instant(at) => Some(at),
        }
    }

    fn on(&self, name: &str, day: NaiveDate, time: MinuteOfDay) -> Option<Instant> {
        let at = local_instant(day, time).ok();
        if at.is_none() {
            self.wrong(name, "queda fuera del calendario, que abarca de 2007 a 2050");
        }
        at
    }

    fn written(&self, name: &str) -> Option<Written> {
        let text = match self.get(name)?.get_ref() {
            DeValue::Datetime(moment) => moment.to_string(),
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => String::new(),
        };
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().map(Written::Day);
        let read = day.or_else(|| Instant::parse_rfc3339(&text).ok().map(Written::Instant));
        if read.is_none() {
            let problem = format!(
                "«{}» no es una fecha: escriba un día como 2026-01-01, o un instante con su desfase \
                 como 2026-01-01T10:00:00-06:00",
                echo(&text)
            );
            self.wrong(name, problem);
        }
        read
    }
}
