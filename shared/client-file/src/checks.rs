//! What contradicts itself, is missing, or can be read in two ways.

mod money;
mod people;
mod service;

use domain::terms::{MasterOverride, Parameters, Stretch, Terms};
use domain::{Instant, Power, Spoc};

use crate::fields::{Placed, Reader};
use crate::finding::Kind;
use crate::identity::Identity;

/// Everything that was read of a file.
pub(crate) struct Found {
    pub(crate) identity: Identity,
    pub(crate) spocs: Vec<Placed<Spoc>>,
    pub(crate) plans: Vec<Placed<Stretch<Parameters>>>,
    pub(crate) overrides: Vec<Placed<MasterOverride>>,
}

impl Found {
    /// The stretches of the póliza with where each stands.
    fn stretches(&self) -> impl Iterator<Item = (&Placed<Stretch<Parameters>>, &Parameters)> {
        self.plans.iter().map(|plan| (plan, &plan.value.value))
    }

    /// The terms that follow from a stretch, and those after each document that begins in it (G5).
    fn terms(&self, stretch: &Stretch<Parameters>) -> Vec<Terms> {
        let first = stretch.valid_from.date();
        let begins = self.overrides.iter().map(|it| it.value.valid_from).filter(|day| {
            let ended = stretch.valid_to.is_some_and(|end| end.date() <= *day);
            first < *day && !ended
        });
        let days = std::iter::once(first).chain(begins);
        let documents: Vec<_> = self.overrides.iter().map(|it| it.value.clone()).collect();
        let terms = |day| Terms::resolve(None, &stretch.value, &documents, day);
        days.map(terms).collect()
    }

    /// Whether some SPoC who holds during `during` has `power`.
    fn somebody_may(&self, power: Power, during: (Instant, Option<Instant>)) -> bool {
        self.spocs.iter().any(|it| {
            let spoc = &it.value;
            spoc.powers.contains(&power) && meet((spoc.valid_from, spoc.valid_to), during)
        })
    }
}

/// Whether two half-open stretches share an instant; an absent end is open.
fn meet(one: (Instant, Option<Instant>), two: (Instant, Option<Instant>)) -> bool {
    one.1.is_none_or(|end| two.0 < end) && two.1.is_none_or(|end| one.0 < end)
}

/// Finds all of it.
pub(crate) fn check(reader: &Reader, found: &Found) {
    timeline(reader, found);
    people::check(reader, found);
    service::check(reader, found);
    money::check(reader, found);
}

/// The stretches of the póliza follow one another, and none begins before the póliza does.
fn timeline(reader: &Reader, found: &Found) {
    let wrong = |at: &Placed<_>, field: &str, text: String| {
        let place: &Placed<Stretch<Parameters>> = at;
        reader.find(
            Kind::Contradictory,
            (place.line, &format!("{}.{field}", place.at)),
            "G6",
            text,
        );
    };
    for (n, (plan, terms)) in found.stretches().enumerate() {
        let own = (plan.value.valid_from, plan.value.valid_to);
        for earlier in &found.plans[..n] {
            if meet((earlier.value.valid_from, earlier.value.valid_to), own) {
                let text = format!(
                    "se encima con el tramo de la línea {}: ponga a ese tramo su valid_to (el último \
                     día en que rige)",
                    earlier.line
                );
                wrong(plan, "valid_from", text);
            } else if own.0 < earlier.value.valid_from {
                let text =
                    format!("va antes del tramo de la línea {}: escríbalos en orden", earlier.line);
                wrong(plan, "valid_from", text);
            }
        }
        let start = terms.start.flatten();
        let before = n.checked_sub(1).map(|at| &found.plans[at]);
        let begins_anew = before.is_some_and(|it| it.value.value.start.flatten() != start);
        if let Some(before) = before
            && before.value.valid_to.is_some_and(|end| end < own.0)
            && !begins_anew
        {
            let text = format!(
                "entre el tramo de la línea {} y este no hay póliza: lo que se reciba entonces no tiene \
                 términos",
                before.line
            );
            wrong(plan, "valid_from", text);
        }
        if start.is_some_and(|start| own.0.date() < start) {
            let text = "empieza después de valid_from, cuando la póliza ya rige".to_owned();
            wrong(plan, "parameters.start", text);
        }
        if begins_anew && start != Some(own.0.date()) {
            let text = "no es el mismo que en el tramo anterior: los periodos se cuentan siempre desde \
                        el primer día de la póliza (cláusula 10, regla 10.8); si es una póliza nueva, \
                        su primer tramo comienza ese mismo día (valid_from)";
            wrong(plan, "parameters.start", text.to_owned());
        }
    }
}
