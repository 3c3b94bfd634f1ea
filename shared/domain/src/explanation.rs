//! Explanations: every computed date says which rule, clause, layer and parameter it came from
//! (clause 2, G5).
//!
//! One code path computes and explains. A computation takes a [`Trace`]; `()` is a trace that
//! never builds a step, so a date without its explanation costs nothing more.

use serde::Serialize;
use serde::ser::SerializeStruct;

use crate::Instant;
use crate::terms::Layer;

/// One step of a computation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The rule that was applied, such as `7.2a`.
    pub rule: &'static str,
    /// What it says here, one sentence in Spanish for the client.
    pub text: String,
    /// The instant that this step arrived at, where it arrived at one.
    pub at: Option<Instant>,
    /// The parameters that it read.
    pub used: Vec<Used>,
}

impl Step {
    /// The clause of the agreement that the step's rule belongs to, 0 for rules that hold
    /// everywhere.
    #[must_use]
    pub fn clause(&self) -> u8 {
        clause_of(self.rule)
    }
}

impl Serialize for Step {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut step = serializer.serialize_struct("Step", 5)?;
        step.serialize_field("rule", self.rule)?;
        step.serialize_field("clause", &self.clause())?;
        step.serialize_field("text", &self.text)?;
        match self.at {
            Some(at) => step.serialize_field("at", &at.to_rfc3339())?,
            None => step.skip_field("at")?,
        }
        step.serialize_field("used", &self.used)?;
        step.end()
    }
}

/// One parameter that a step read, with the layer that decided its value (G5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Used {
    /// The parameter's name, as in [`crate::terms::Parameter::name`].
    pub parameter: &'static str,
    /// Its value in words, in Spanish.
    pub value: String,
    /// The layer that won.
    pub layer: Layer,
    /// The document that set it, for a layer of the Contrato Marco.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The clause of the agreement that the parameter belongs to.
    pub clause: u8,
}

/// Where the steps of a computation go.
pub trait Trace {
    /// Records a step. `make` runs only where steps are kept.
    fn step(&mut self, make: impl FnOnce() -> Step);
}

impl Trace for () {
    fn step(&mut self, _make: impl FnOnce() -> Step) {}
}

impl Trace for Vec<Step> {
    fn step(&mut self, make: impl FnOnce() -> Step) {
        self.push(make());
    }
}

/// The clause (1 to 15) of the agreement that a rule belongs to; 0 for rules that hold everywhere.
///
/// A rule's id starts with its clause. Of the general rules, the contracted hours (G3) belong to
/// clause 6 ("en horario contratado"), when a message counts as sent (G15) to clause 7, and the mail
/// rules to clause 1, which says that tickets come by mail from authorised contacts.
#[must_use]
pub fn clause_of(rule: &str) -> u8 {
    match rule {
        "G3" => 6,
        "G15" => 7,
        _ if rule.starts_with('M') => 1,
        _ => {
            let digits = rule.bytes().take_while(u8::is_ascii_digit).count();
            rule[..digits].parse().unwrap_or(0)
        }
    }
}
