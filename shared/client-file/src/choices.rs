//! The Choices that nobody has made for this client: where the agreement is silent or can be read in
//! two ways, and neither its póliza nor its Contrato Marco says which.

use std::collections::BTreeSet;

use domain::terms::Parameter;

use crate::checks::Found;
use crate::fields::Reader;
use crate::finding::Kind;

/// Lists every parameter that neither a stretch of the póliza nor a document sets, with its clause and
/// its meaning: an edition may still set it, else the default holds (G5).
pub(crate) fn list(reader: &Reader, found: &Found) {
    let Some(first) = found.plans.first() else { return };
    let plans = found.plans.iter().flat_map(|it| it.value.value.set());
    let documents = found.overrides.iter().flat_map(|it| it.value.parameters.set());
    let set: BTreeSet<Parameter> = plans.chain(documents).collect();
    // What has no default is not chosen by silence: it is found missing.
    let asked = [Parameter::Fee, Parameter::Start, Parameter::TermMonths, Parameter::AutoRenew];
    let left = Parameter::ALL.iter().filter(|it| !set.contains(it) && !asked.contains(it));
    for parameter in left {
        let at = format!("plans[].parameters.{}", parameter.name());
        let text = format!("{}: {}", parameter.default_shown(), parameter.spanish());
        reader.find(Kind::Choice, (first.line, &at), parameter.rule(), text);
    }
}
