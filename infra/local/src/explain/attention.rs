//! `{"kind":"attention"}`: the target of a request (clause 7).

use domain::attention::{Request, target};
use domain::terms::{EmergencyHours, Parameters, Terms};

use super::calendars::Calendars;
use super::fault::{Fault, Problem};
use super::reader::Reader;
use super::reply::{Reply, Value};

/// Answers it. `critical` means a póliza with emergency attention.
pub(super) fn answer(mut reader: Reader, calendars: &mut Calendars) -> Result<Reply, Vec<Fault>> {
    let received_at = reader.instant("received_at");
    let severity = reader.choice("severity", &["critical", "non_critical"]).flatten();
    let emergency = reader.choice("emergency_hours", &["contracted", "all"]).flatten();
    let contracted_hours = reader.contracted_hours();
    let same_day_accepted_at = reader.optional_instant("same_day_accepted_at");
    let pauses = reader.pauses();
    let received_at = reader.finish(received_at)?;
    let immediate = severity == Some("critical");
    let plan = Parameters {
        contracted_hours,
        emergency_attention: immediate.then_some(true),
        emergency_hours: emergency.map(|word| match word {
            "all" => EmergencyHours::All,
            _ => EmergencyHours::Contracted,
        }),
        ..Parameters::default()
    };
    let terms = Terms::resolve(None, &plan, &[], received_at.date());
    let calendar = calendars.of(&terms.contracted_hours.value);
    let request = Request { received_at, immediate, same_day_accepted_at, pauses: &pauses };
    let mut steps = Vec::new();
    let found = target(&request, &terms, &calendar, &mut steps)
        .map_err(|_| vec![Fault { at: "received_at".into(), problem: Problem::LeadsOutside }])?;
    Ok(Reply {
        values: vec![
            ("target", "Objetivo", Value::At(found.target)),
            ("tier", "Nivel de atención", Value::Tier(found.tier)),
            ("warn_at", "Aviso a la mesa de soporte", Value::At(found.warn_at)),
        ],
        steps: Some(steps),
    })
}
