//! How support is given (5.1).
//!
//! > *5. Según la póliza contratada, Millora ofrece: 100% Remoto. Posibles Visitas Mensuales (CDMX y
//! > Área Metropolitana). In-plant (CDMX y Área Metropolitana).*

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use super::Shown;

/// The modality of a póliza.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// "100% Remoto".
    #[default]
    Remote,
    /// "Posibles Visitas Mensuales": so many in each local calendar month (5.2).
    MonthlyVisits(u16),
    /// "In-plant": a person is there on these days of each week; what he does then is a visit (2.1).
    InPlant(Vec<Weekday>),
}

impl Shown for Modality {
    const FORM: &'static str =
        "\"remote\", { monthly_visits = 2 } o { in_plant = [\"mon\", \"thu\"] }";

    fn shown(&self) -> String {
        match self {
            Self::Remote => "remota".to_owned(),
            Self::MonthlyVisits(1) => "1 visita al mes".to_owned(),
            Self::MonthlyVisits(visits) => format!("{visits} visitas al mes"),
            Self::InPlant(days) => {
                let names: Vec<_> = days.iter().copied().map(weekday).collect();
                format!("en planta: {}", names.join(", "))
            }
        }
    }
}

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "lunes",
        Weekday::Tue => "martes",
        Weekday::Wed => "miércoles",
        Weekday::Thu => "jueves",
        Weekday::Fri => "viernes",
        Weekday::Sat => "sábado",
        Weekday::Sun => "domingo",
    }
}
