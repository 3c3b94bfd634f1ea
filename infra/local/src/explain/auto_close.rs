//! `{"kind":"auto_close"}`: the closing after a solution without an answer (9.2).

use domain::auto_close::auto_close;
use domain::terms::{AutoCloseMode, Parameters, Terms};

use super::calendars::Calendars;
use super::fault::{Fault, Problem};
use super::reader::Reader;
use super::reply::{Reply, Value};

/// Answers it.
pub(super) fn answer(mut reader: Reader, calendars: &mut Calendars) -> Result<Reply, Vec<Fault>> {
    let solution_at = reader.instant("solution_at");
    let mode = reader.choice("mode", &["natural", "guarded"]).flatten();
    let contracted_hours = reader.contracted_hours();
    let solution_at = reader.finish(solution_at)?;
    let plan = Parameters {
        contracted_hours,
        auto_close: mode.map(|word| match word {
            "guarded" => AutoCloseMode::Guarded,
            _ => AutoCloseMode::Natural,
        }),
        ..Parameters::default()
    };
    let terms = Terms::resolve(None, &plan, &[], solution_at.date());
    let calendar = calendars.of(&terms.contracted_hours.value);
    let mut steps = Vec::new();
    let found = auto_close(solution_at, &[], &terms, &calendar, &mut steps)
        .map_err(|_| vec![Fault { at: "solution_at".into(), problem: Problem::LeadsOutside }])?;
    Ok(Reply {
        values: vec![
            ("target", "Cierre", Value::At(found.closing)),
            ("reminder_at", "Recordatorio", Value::At(found.reminder)),
        ],
        steps: Some(steps),
    })
}
