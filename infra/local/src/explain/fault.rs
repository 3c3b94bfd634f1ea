//! What can be wrong with a line, where, and what to do; in English for programs and in Spanish
//! for people.

use domain::InstantError;
use domain::calendar::HoursProblem;
use serde::Serialize;

use super::{FAULTS_MAX, LINE_BYTES_MAX, PAUSES_MAX};

/// One fault with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The field, such as `pauses[0].to`; empty for the line as a whole.
    pub(super) at: String,
    /// What is wrong there.
    pub(super) problem: Problem,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// The line holds nothing.
    Blank,
    /// The line is longer than the limit.
    LineTooLong,
    /// The bytes are no UTF-8.
    NotUtf8,
    /// The text is no JSON; the reader's own words.
    NotJson(String),
    /// The value is no JSON object.
    NotAnObject,
    /// The value is no array.
    NotAnArray,
    /// A required field is absent.
    Missing,
    /// A required choice is absent.
    MissingChoice(&'static [&'static str]),
    /// The same field stands there twice.
    Twice,
    /// No such field; these are.
    UnknownField(Vec<&'static str>),
    /// The value is none of these.
    NotOneOf(&'static [&'static str]),
    /// The value is no instant.
    NotAnInstant(Option<InstantError>),
    /// The instant lies outside the calendar.
    OutsideCalendar,
    /// What the instant leads to lies outside the calendar.
    LeadsOutside,
    /// The value is no number of seconds.
    NotSeconds,
    /// The seconds are negative.
    Negative,
    /// The seconds have more than three decimals.
    Decimals,
    /// An end lies before its beginning, the named field.
    Before(&'static str),
    /// There are too many pauses.
    TooManyPauses(usize),
    /// A list is too long.
    TooMany {
        /// How many it holds.
        count: usize,
        /// How many are read.
        max: usize,
    },
    /// The value is no date.
    NotADate,
    /// The value is no month of the calendar.
    NotAMonth,
    /// The value is no whole number of centavos.
    NotCentavos,
    /// The amount lies below zero.
    NegativeAmount,
    /// A payment's amount is not above zero.
    NothingPaid,
    /// A date lies after the local day of the named field.
    AfterDayOf(&'static str),
    /// An interval is not a pair of times.
    NotAPair,
    /// The schedule is not valid there.
    Hours(HoursProblem),
}

impl Fault {
    /// A fault of the line as a whole.
    pub(super) const fn of_line(problem: Problem) -> Self {
        Self { at: String::new(), problem }
    }
}

impl Problem {
    fn english(&self) -> String {
        match self {
            Self::Blank => "the line is blank: write one JSON object".to_owned(),
            Self::LineTooLong => format!("the line is longer than {LINE_BYTES_MAX} bytes"),
            Self::NotUtf8 => "the line is not UTF-8".to_owned(),
            Self::NotJson(why) => format!("not JSON: {why}"),
            Self::NotAnObject => "is not a JSON object".to_owned(),
            Self::NotAnArray => "is not an array".to_owned(),
            Self::Missing => "is missing".to_owned(),
            Self::MissingChoice(choices) => {
                format!("is missing: write one of {}", choices.join(", "))
            }
            Self::Twice => "is there twice".to_owned(),
            Self::UnknownField(known) => {
                format!("is not a field here; the fields are {}", known.join(", "))
            }
            Self::NotOneOf(choices) => format!("is not one of {}", choices.join(", ")),
            Self::NotAnInstant(Some(error)) => error.to_string(),
            Self::NotAnInstant(None) => InstantError::Form.to_string(),
            Self::OutsideCalendar => {
                "lies outside the calendar, which covers 2007 to 2050 in Mexico City".to_owned()
            }
            Self::LeadsOutside => {
                "leads to an instant outside the calendar, which covers 2007 to 2050".to_owned()
            }
            Self::NotSeconds => "is not a number of seconds".to_owned(),
            Self::Negative => "is negative: time only runs forward".to_owned(),
            Self::Decimals => {
                "has more than three decimals: time is in whole milliseconds".to_owned()
            }
            Self::Before(field) => format!("lies before {field}"),
            Self::TooManyPauses(count) => {
                format!("holds {count} pauses; at most {PAUSES_MAX} are read")
            }
            Self::TooMany { count, max } => {
                format!("holds {count} entries; at most {max} are read")
            }
            Self::NotADate => "is not a date such as 2026-12-05".to_owned(),
            Self::NotAMonth => "is not a month such as 2026-12, from 2007-01 to 2050-12".to_owned(),
            Self::NotCentavos => "is not a whole number of centavos such as 1160000".to_owned(),
            Self::NegativeAmount => "is negative: a fee is zero or more".to_owned(),
            Self::NothingPaid => "is not above zero: write what was paid, in centavos".to_owned(),
            Self::AfterDayOf(field) => format!("lies after the local day of {field}"),
            Self::NotAPair => r#"is not a pair of times such as ["09:00", "18:00"]"#.to_owned(),
            Self::Hours(problem) => problem.to_string(),
        }
    }

    fn spanish(&self) -> String {
        match self {
            Self::Blank => "la línea está vacía: escriba un objeto JSON".to_owned(),
            Self::LineTooLong => format!("la línea tiene más de {LINE_BYTES_MAX} bytes"),
            Self::NotUtf8 => "la línea no está en UTF-8".to_owned(),
            Self::NotJson(why) => format!("no es JSON ({why})"),
            Self::NotAnObject => "no es un objeto JSON".to_owned(),
            Self::NotAnArray => "no es un arreglo".to_owned(),
            Self::Missing => "falta".to_owned(),
            Self::MissingChoice(choices) => format!("falta: escriba uno de {}", choices.join(", ")),
            Self::Twice => "aparece dos veces".to_owned(),
            Self::UnknownField(known) => {
                format!("no es un campo de esta petición; los campos son {}", known.join(", "))
            }
            Self::NotOneOf(choices) => format!("no es uno de {}", choices.join(", ")),
            Self::NotAnInstant(Some(InstantError::NoOffset)) => {
                "no lleva desfase horario: agregue Z o uno como -06:00 después de la hora"
                    .to_owned()
            }
            Self::NotAnInstant(Some(InstantError::NoSuchTime)) => {
                "nombra una fecha, hora o desfase que no existe".to_owned()
            }
            Self::NotAnInstant(Some(InstantError::Form) | None) => {
                "no es un instante RFC 3339 como 2026-11-20T13:59:59-06:00".to_owned()
            }
            Self::OutsideCalendar => {
                "queda fuera del calendario, que abarca de 2007 a 2050 en la Ciudad de México"
                    .to_owned()
            }
            Self::LeadsOutside => {
                "lleva a un instante fuera del calendario, que abarca de 2007 a 2050".to_owned()
            }
            Self::NotSeconds => "no es un número de segundos".to_owned(),
            Self::Negative => "es negativo: el tiempo solo corre hacia adelante".to_owned(),
            Self::Decimals => {
                "tiene más de tres decimales: el tiempo se mide en milisegundos enteros".to_owned()
            }
            Self::Before(field) => format!("es anterior a {field}"),
            Self::TooManyPauses(count) => {
                format!("tiene {count} pausas; se leen {PAUSES_MAX} como máximo")
            }
            Self::TooMany { count, max } => {
                format!("tiene {count} elementos; se leen {max} como máximo")
            }
            Self::NotADate => "no es una fecha como 2026-12-05".to_owned(),
            Self::NotAMonth => "no es un mes como 2026-12, de 2007-01 a 2050-12".to_owned(),
            Self::NotCentavos => "no es un número entero de centavos como 1160000".to_owned(),
            Self::NegativeAmount => "es negativo: una mensualidad es cero o más".to_owned(),
            Self::NothingPaid => "no es mayor que cero: escriba lo pagado, en centavos".to_owned(),
            Self::AfterDayOf(field) => format!("es posterior al día local de {field}"),
            Self::NotAPair => r#"no es un par de horas como ["09:00", "18:00"]"#.to_owned(),
            Self::Hours(problem) => problem.spanish(),
        }
    }
}

/// The answer to a faulty line for programs.
pub(super) fn json(faults: &[Fault]) -> String {
    #[derive(Serialize)]
    struct Answer {
        error: String,
        faults: Vec<Place>,
    }
    #[derive(Serialize)]
    struct Place {
        at: String,
        problem: String,
    }
    let faults: Vec<Place> = faults
        .iter()
        .take(FAULTS_MAX)
        .map(|fault| Place { at: fault.at.clone(), problem: fault.problem.english() })
        .collect();
    let said: Vec<String> =
        faults.iter().map(|place| format!("{} {}", place.at, place.problem)).collect();
    let error = said.iter().map(|one| one.trim()).collect::<Vec<_>>().join("; ");
    serde_json::to_string(&Answer { error, faults }).expect("texts always serialise")
}

/// The answer to a faulty line for people.
pub(super) fn text(faults: &[Fault], line: u64) -> String {
    let mut text = format!("Línea {line}: no se puede responder.\n");
    for fault in faults.iter().take(FAULTS_MAX) {
        let place = if fault.at.is_empty() { String::new() } else { format!("{}: ", fault.at) };
        text.push_str(&format!("  - {place}{}\n", fault.problem.spanish()));
    }
    text
}
