//! `{"kind":"whatsapp_reply"}`: when a WhatsApp message must be answered (6.2).

use domain::terms::{Parameters, Terms};
use domain::whatsapp::reply_due;

use super::calendars::Calendars;
use super::fault::{Fault, Problem};
use super::reader::Reader;
use super::reply::{Reply, Value};

/// Answers it.
pub(super) fn answer(mut reader: Reader, calendars: &mut Calendars) -> Result<Reply, Vec<Fault>> {
    let received_at = reader.instant("received_at");
    let contracted_hours = reader.contracted_hours();
    let received_at = reader.finish(received_at)?;
    let plan = Parameters { contracted_hours, ..Parameters::default() };
    let terms = Terms::resolve(None, &plan, &[], received_at.date());
    let calendar = calendars.of(&terms.contracted_hours.value);
    let mut steps = Vec::new();
    let due = reply_due(received_at, &terms, &calendar, &mut steps)
        .map_err(|_| vec![Fault { at: "received_at".into(), problem: Problem::LeadsOutside }])?;
    let values = vec![("target", "Respuesta por WhatsApp", Value::At(Some(due)))];
    Ok(Reply { values, steps: Some(steps) })
}
