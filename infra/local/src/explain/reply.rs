//! The answer to a line: a few named values and the steps that led to them.

use domain::attention::AttentionTier;
use domain::billing::PaymentStanding;
use domain::instant::spanish_span;
use domain::{Instant, Step, TimeDelta};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// An answer.
pub(super) struct Reply {
    /// The values in their order: key, Spanish name, value.
    pub(super) values: Vec<(&'static str, &'static str, Value)>,
    /// The steps, for kinds that explain.
    pub(super) steps: Option<Vec<Step>>,
}

/// One value of an answer.
pub(super) enum Value {
    /// An instant; none while a pause that matters is open.
    At(Option<Instant>),
    /// A tier.
    Tier(AttentionTier),
    /// A span, in seconds.
    Seconds(TimeDelta),
    /// An instant up to which something may happen; people read a midnight as 24:00.
    Limit(Instant),
    /// Several instants.
    Many(Vec<Instant>),
    /// How a month stands at several instants.
    States(Vec<State>),
}

/// How a month stands at an instant.
pub(super) struct State {
    /// The instant.
    pub(super) as_of: Instant,
    /// How it stands.
    pub(super) standing: PaymentStanding,
}

impl Reply {
    /// For programs: one line of JSON.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and string keys always serialise")
    }

    /// For people, in Spanish; ends with an empty line.
    pub(super) fn text(&self, line: u64) -> String {
        let mut text = format!("Línea {line}\n");
        for (_, name, value) in &self.values {
            let shown = value.spanish();
            let space = if shown.starts_with('\n') { "" } else { " " };
            text.push_str(&format!("  {name}:{space}{shown}\n"));
        }
        if let Some(steps) = &self.steps {
            text.push_str("  Por qué:\n");
            for (number, step) in steps.iter().enumerate() {
                text.push_str(&self::step(number + 1, step));
            }
        }
        text
    }
}

fn step(number: usize, step: &Step) -> String {
    let clause = match step.clause() {
        0 => String::new(),
        clause => format!(", cláusula {clause}"),
    };
    let at = step.at.map(|at| format!(" → {}", at.spanish_short())).unwrap_or_default();
    let mut text = format!("    {number}. {} (regla {}{clause}){at}\n", step.text, step.rule);
    for used in &step.used {
        let document = used.document.as_ref().map(|one| format!(", {one}")).unwrap_or_default();
        let layer = used.layer.spanish();
        text.push_str(&format!("       {} = {} ({layer}{document})\n", used.parameter, used.value));
    }
    text
}

impl Value {
    fn spanish(&self) -> String {
        match self {
            Self::At(Some(at)) => at.spanish(),
            Self::At(None) => "en espera: hay una pausa abierta".to_owned(),
            Self::Tier(tier) => tier.spanish().to_owned(),
            Self::Seconds(span) => spanish_span(*span),
            Self::Limit(at) => at.spanish_limit(),
            Self::Many(instants) => {
                let lines = instants.iter().map(|at| format!("\n    {}", at.spanish()));
                lines.collect()
            }
            Self::States(states) => {
                let lines = states.iter().map(|state| format!("\n    {}", state.spanish()));
                lines.collect()
            }
        }
    }
}

impl State {
    fn spanish(&self) -> String {
        let since = self.suspended_since();
        let since = since.map(|at| format!(" desde el {}", at.spanish_short()));
        let (as_of, standing) = (self.as_of.spanish(), self.standing.spanish());
        format!("{as_of}: {standing}{}", since.unwrap_or_default())
    }

    /// Since when the póliza is suspended, only where that is how it stands.
    fn suspended_since(&self) -> Option<Instant> {
        match self.standing {
            PaymentStanding::Suspended { since } => Some(since),
            PaymentStanding::Due
            | PaymentStanding::Paid
            | PaymentStanding::PaidLate
            | PaymentStanding::PaymentReceived { .. } => None,
        }
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("as_of", &self.as_of.to_rfc3339())?;
        map.serialize_entry("standing", self.standing.name())?;
        if let Some(since) = self.suspended_since() {
            map.serialize_entry("suspended_since", &since.to_rfc3339())?;
        }
        map.end()
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, _, value) in &self.values {
            map.serialize_entry(key, value)?;
        }
        if let Some(steps) = &self.steps {
            map.serialize_entry("steps", steps)?;
        }
        map.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::At(at) => at.map(Instant::to_rfc3339).serialize(serializer),
            Self::Limit(at) => at.to_rfc3339().serialize(serializer),
            Self::Many(instants) => {
                serializer.collect_seq(instants.iter().map(|at| at.to_rfc3339()))
            }
            Self::States(states) => states.serialize(serializer),
            Self::Tier(tier) => tier.serialize(serializer),
            Self::Seconds(span) => match span.num_milliseconds() {
                millis if millis % 1000 == 0 => serializer.serialize_i64(millis / 1000),
                // Spans inside the calendar have at most 13 digits, which an f64 holds exactly
                // enough to print them again with their three decimals.
                millis => serializer.serialize_f64(millis as f64 / 1000.0),
            },
        }
    }
}
