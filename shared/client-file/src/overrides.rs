//! What the Contrato Marco says instead of the agreement (2.2).
//!
//! > *2. En caso de contradicción […] prevalecerán en todo momento las disposiciones del presente
//! > Contrato Marco.*

use domain::terms::{MasterOverride, Parameter};

use crate::fields::{Placed, Section};
use crate::parameters;

/// Fields of an override.
pub(crate) const OVERRIDE: &[&str] = &["parameter", "value", "document", "valid_from", "valid_to"];

pub(crate) fn read(top: &Section<'_, '_>) -> Vec<Placed<MasterOverride>> {
    top.tables("overrides", OVERRIDE).iter().filter_map(one).collect()
}

fn one(section: &Section<'_, '_>) -> Option<Placed<MasterOverride>> {
    let name = section.required("parameter", section.line_text("parameter"));
    let name = name.filter(|name| parameters::require_known(section, "parameter", name));
    if name.as_deref() == Some(Parameter::Start.name()) {
        section.wrong("parameter", "el primer día de la póliza se escribe en su tramo y no cambia");
    }
    let value = section.get("value");
    section.required("value", value);
    let document = section.required("document", section.line_text("document"));
    let valid_from = section.required("valid_from", section.day("valid_from"));
    let valid_to = section.day("valid_to");
    if valid_from.zip(valid_to).is_some_and(|(from, to)| to < from) {
        section.wrong("valid_to", "es anterior a valid_from");
    }
    let parameters = parameters::one(section, "value", &name?, value?)?;
    let set = MasterOverride { parameters, document: document?, valid_from: valid_from?, valid_to };
    Some(section.placed("parameter", set))
}
