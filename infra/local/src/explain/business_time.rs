//! `{"kind":"business_time"}`: the earliest instant with that much contracted time (G4).

use super::calendars::Calendars;
use super::fault::{Fault, Problem};
use super::reader::Reader;
use super::reply::{Reply, Value};

/// Answers it.
pub(super) fn answer(mut reader: Reader, calendars: &mut Calendars) -> Result<Reply, Vec<Fault>> {
    let from = reader.instant("from");
    let span = reader.seconds("seconds");
    let hours = reader.contracted_hours();
    let (from, span) = reader.finish(from.zip(span))?;
    let calendar = calendars.of(&hours.unwrap_or_default());
    let target = calendar
        .advance(from, span)
        .map_err(|_| vec![Fault { at: "seconds".into(), problem: Problem::LeadsOutside }])?;
    let values = vec![("target", "Instante", Value::At(Some(target)))];
    Ok(Reply { values, steps: None })
}
