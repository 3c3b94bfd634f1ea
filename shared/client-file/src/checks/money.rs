//! Fee, due day, tolerance, renewal (10).

use domain::terms::{Parameter, Parameters, Terms};

use super::Found;
use crate::fields::Reader;
use crate::finding::Kind;

pub(super) fn check(reader: &Reader, found: &Found) {
    for (placed, plan) in found.stretches() {
        let place = Place { reader, line: placed.line, at: &placed.at };
        missing(&place, plan);
        for terms in found.terms(&placed.value) {
            contradictory(&place, plan, &terms);
        }
    }
}

struct Place<'a> {
    reader: &'a Reader,
    line: usize,
    at: &'a str,
}

impl Place<'_> {
    fn parameter(&self, kind: Kind, parameter: Parameter, text: &str) {
        let at = format!("{}.parameters.{}", self.at, parameter.name());
        self.reader.find(kind, (self.line, &at), parameter.rule(), text.to_owned());
    }
}

/// What has no default: somebody has to ask for it.
fn missing(place: &Place<'_>, plan: &Parameters) {
    let rows = [
        (
            Parameter::AutoRenew,
            plan.auto_renew.flatten().is_none(),
            "falta: el acuerdo llama opcional a la renovación automática y no dice qué pasa si nadie la \
             pide; pregunte al cliente",
        ),
        (
            Parameter::Fee,
            plan.fee.flatten().is_none(),
            "falta: sin mensualidad no corre ningún aviso de pago ni suspensión",
        ),
        (
            Parameter::Start,
            plan.start.flatten().is_none(),
            "falta: sin primer día no se cobra ni se renueva nada",
        ),
        (
            Parameter::TermMonths,
            plan.term_months.flatten().is_none(),
            "falta: sin meses por periodo la póliza no tiene término",
        ),
    ];
    for (parameter, _, text) in rows.into_iter().filter(|(_, lacks, _)| *lacks) {
        place.parameter(Kind::Missing, parameter, text);
    }
}

fn contradictory(place: &Place<'_>, plan: &Parameters, terms: &Terms) {
    let tolerance = terms.payment_tolerance.value;
    if plan.fee.flatten().is_some_and(|fee| fee.0 > 0 && tolerance >= fee) {
        let text = "perdona el mes entero: la tolerancia no es menor que la mensualidad";
        place.parameter(Kind::Contradictory, Parameter::PaymentTolerance, text);
    }
    if terms.payment_reminder_day.value >= terms.due_day.value {
        let text = "el recordatorio saldría el día del último aviso o después (due_day)";
        place.parameter(Kind::Contradictory, Parameter::PaymentReminderDay, text);
    }
    let notice = terms.renewal_notice_days.value;
    if terms.renewal_reminder_days.value.iter().any(|days| *days <= notice) {
        let text = "un aviso de renovación saldría cuando ya no puede responderse a tiempo \
                    (renewal_notice_days)";
        place.parameter(Kind::Contradictory, Parameter::RenewalReminderDays, text);
    }
}
