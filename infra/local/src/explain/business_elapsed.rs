//! `{"kind":"business_elapsed"}`: the contracted time between two instants (G3).

use super::calendars::Calendars;
use super::fault::{Fault, Problem};
use super::reader::Reader;
use super::reply::{Reply, Value};

/// Answers it.
pub(super) fn answer(mut reader: Reader, calendars: &mut Calendars) -> Result<Reply, Vec<Fault>> {
    let from = reader.instant("from");
    let to = reader.instant("to");
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        reader.fault("to", Problem::Before("from"));
    }
    let hours = reader.contracted_hours();
    let (from, to) = reader.finish(from.zip(to))?;
    let calendar = calendars.of(&hours.unwrap_or_default());
    let elapsed = calendar
        .elapsed(from, to)
        .map_err(|_| vec![Fault { at: "to".into(), problem: Problem::LeadsOutside }])?;
    let values = vec![("seconds", "Tiempo contratado", Value::Seconds(elapsed))];
    Ok(Reply { values, steps: None })
}
