//! What the póliza says, stretch by stretch: each sets parameters, and a change is a newer stretch.

use domain::terms::{Modality, Parameters, Stretch};

use crate::fields::{Placed, Section};
use crate::parameters;

/// Fields of a stretch.
pub(crate) const PLAN: &[&str] = &["valid_from", "valid_to", "parameters"];

/// The most visits that a póliza has in a month.
const VISITS_MAX: u16 = 62;

pub(crate) fn read(top: &Section<'_, '_>) -> Vec<Placed<Stretch<Parameters>>> {
    let sections = top.tables("plans", PLAN);
    if sections.is_empty() && top.get("plans").is_none() {
        top.wrong("plans", "falta: sin póliza no hay qué prometer; escriba uno o más [[plans]]");
    }
    sections.iter().filter_map(plan).collect()
}

fn plan(section: &Section<'_, '_>) -> Option<Placed<Stretch<Parameters>>> {
    let valid_from = section.required("valid_from", section.begin("valid_from"));
    let valid_to = section.end("valid_to");
    if valid_from.zip(valid_to).is_some_and(|(from, to)| to <= from) {
        section.wrong("valid_to", "no es posterior a valid_from");
    }
    let table = section.table("parameters", None);
    let value = table.as_ref().map(parameters::read).unwrap_or_default();
    if let Some(table) = &table {
        bounds(table, &value);
    }
    let stretch = Stretch { valid_from: valid_from?, valid_to, value };
    Some(Placed { value: stretch, line: section.line, at: section.at.clone() })
}

/// What a type alone does not refuse: negative amounts, no visits, no days.
fn bounds(table: &Section<'_, '_>, value: &Parameters) {
    let amounts = [
        ("fee", value.fee.flatten()),
        ("same_day_surcharge", value.same_day_surcharge),
        ("payment_tolerance", value.payment_tolerance),
    ];
    for (name, _) in amounts.iter().filter(|(_, it)| it.is_some_and(|it| it.0 < 0)) {
        table.wrong(name, "es negativo: un monto es cero o más, en centavos");
    }
    let problem = match &value.modality {
        Some(Modality::MonthlyVisits(0)) => "no tiene visitas: escriba \"remote\"".to_owned(),
        Some(Modality::MonthlyVisits(visits)) if *visits > VISITS_MAX => {
            format!("tiene {visits} visitas al mes: el máximo es {VISITS_MAX}")
        }
        Some(Modality::InPlant(days)) if days.is_empty() => "no dice ningún día".to_owned(),
        Some(Modality::InPlant(days)) if (1..days.len()).any(|n| days[..n].contains(&days[n])) => {
            "repite un día de la semana".to_owned()
        }
        Some(Modality::Remote | Modality::MonthlyVisits(_) | Modality::InPlant(_)) | None => return,
    };
    table.wrong("modality", problem);
}
