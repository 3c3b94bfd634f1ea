//! Hours, channels, emergencies and closing: what a póliza promises against what it has (6.1, 7.2a, 7.4,
//! 9.2).

use domain::terms::{
    EmergencyHours, EmergencySurcharge, Parameter, Parameters, SameDayExtended, Terms,
};
use domain::{Instant, Power};

use super::Found;
use crate::fields::Reader;
use crate::finding::Kind;

/// One stretch with the terms that follow from it on some day; an edition may still change them.
struct Scene<'a> {
    reader: &'a Reader,
    found: &'a Found,
    plan: &'a Parameters,
    terms: Terms,
    during: (Instant, Option<Instant>),
    line: usize,
    at: &'a str,
}

pub(super) fn check(reader: &Reader, found: &Found) {
    for (placed, plan) in found.stretches() {
        for terms in found.terms(&placed.value) {
            let scene = Scene {
                reader,
                found,
                plan,
                terms,
                during: (placed.value.valid_from, placed.value.valid_to),
                line: placed.line,
                at: &placed.at,
            };
            scene.same_day();
            scene.emergency();
            scene.channels();
            scene.closing();
        }
    }
    overrides(reader, found);
}

impl Scene<'_> {
    fn parameter(&self, kind: Kind, parameter: Parameter, text: &str) {
        let at = format!("{}.parameters.{}", self.at, parameter.name());
        self.reader.find(kind, (self.line, &at), parameter.rule(), text.to_owned());
    }

    fn sets(&self, parameter: Parameter) -> bool {
        self.plan.set().contains(&parameter)
    }

    fn nobody_pays(&self) -> bool {
        !self.found.somebody_may(Power::AuthoriseCost, self.during)
    }

    /// "Mismo día (hasta 17:00): Puede aplicar costo adicional."
    fn same_day(&self) {
        use Parameter as P;
        let terms = &self.terms;
        if terms.same_day_cutoff.value > terms.same_day_extended_cutoff.value {
            let text =
                "es posterior a same_day_extended_cutoff: no quedaría cuándo ofrecer el mismo día";
            self.parameter(Kind::Contradictory, P::SameDayCutoff, text);
        }
        let priced = self.sets(P::SameDaySurcharge) && terms.same_day_surcharge.value.0 > 0;
        match terms.same_day_extended.value {
            SameDayExtended::WithCost if self.nobody_pays() => {
                let kind = if priced { Kind::Contradictory } else { Kind::Ambiguous };
                let text = "el mismo día tiene costo y ningún contacto puede autorizar costos: nadie \
                            podría aceptarlo";
                self.parameter(kind, P::SameDaySurcharge, text);
            }
            SameDayExtended::Included | SameDayExtended::Unavailable if priced => {
                let text = "tiene precio, y same_day_extended dice que no se cobra";
                self.parameter(Kind::Contradictory, P::SameDaySurcharge, text);
            }
            SameDayExtended::WithCost
            | SameDayExtended::Included
            | SameDayExtended::Unavailable => {}
        }
        let hours = &terms.contracted_hours.value;
        let serves = |day: usize| {
            let cutoff = terms.same_day_cutoff.value;
            hours.on_weekday(day).iter().any(|(from, to)| *from < cutoff && cutoff <= *to)
        };
        if self.sets(P::ContractedHours) && !(0..5).any(serves) {
            let text = "ningún día de lunes a viernes tiene servicio a la hora de same_day_cutoff: el \
                        corte nunca separa nada";
            self.parameter(Kind::Ambiguous, P::ContractedHours, text);
        }
    }

    /// "Emergente: Atención inmediata para incidencias críticas, con posible costo adicional."
    fn emergency(&self) {
        use Parameter as P;
        let terms = &self.terms;
        if !terms.emergency_attention.value {
            if terms.emergency_line.value {
                let text = "hay línea de emergencia y la póliza no tiene emergency_attention: quien \
                            llame no tendría atención inmediata";
                self.parameter(Kind::Contradictory, P::EmergencyLine, text);
            }
            let rest = [P::EmergencyHours, P::EmergencySurcharge, P::EmergencyMinutes];
            for parameter in rest.into_iter().filter(|it| self.sets(*it)) {
                let text = "no tiene efecto: la póliza no tiene emergency_attention";
                self.parameter(Kind::Contradictory, parameter, text);
            }
            return;
        }
        if terms.emergency_hours.value == EmergencyHours::All && !terms.emergency_line.value {
            let text = "dice a toda hora y la póliza no tiene línea de emergencia: fuera de horario solo \
                        quedan el correo y HTTP";
            self.parameter(Kind::Ambiguous, P::EmergencyHours, text);
        }
        let costs = matches!(terms.emergency_surcharge.value, EmergencySurcharge::WithCost(_));
        if costs && self.nobody_pays() {
            let text =
                "tiene costo y ningún contacto puede autorizar costos: nadie podría aceptarlo";
            self.parameter(Kind::Contradictory, P::EmergencySurcharge, text);
        }
    }

    /// "Disponibles según póliza."
    fn channels(&self) {
        if !self.terms.whatsapp.value && self.sets(Parameter::WhatsappReply) {
            let text = "no tiene efecto: la póliza no incluye WhatsApp";
            self.parameter(Kind::Contradictory, Parameter::WhatsappReply, text);
        }
    }

    /// "Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado."
    fn closing(&self) {
        if self.terms.solution_reminder.value >= self.terms.solution_silence.value {
            let text = "el recordatorio saldría cuando el ticket ya está cerrado";
            self.parameter(Kind::Contradictory, Parameter::SolutionReminder, text);
        }
    }
}

/// Documents of the Contrato Marco against each other and against the póliza (2.2).
fn overrides(reader: &Reader, found: &Found) {
    for (n, one) in found.overrides.iter().enumerate() {
        let set = one.value.parameters.set();
        let own = (one.value.valid_from, one.value.valid_to);
        for other in &found.overrides[..n] {
            let same = other.value.parameters.set() == set;
            if same && crate::words::overlap((other.value.valid_from, other.value.valid_to), own) {
                let text = format!(
                    "la línea {} ya fija este parámetro esos días: gana el que empezó después; si no es \
                     lo pactado, ponga valid_to",
                    other.line
                );
                reader.find(Kind::Ambiguous, (one.line, &one.at), "2.2", text);
            }
        }
        let ended = found.plans.last().and_then(|plan| plan.value.valid_to);
        let began = found.plans.first().map(|plan| plan.value.valid_from.date());
        let after = ended.is_some_and(|end| end.date() <= own.0);
        let before = began.zip(own.1).is_some_and(|(begin, last)| last < begin);
        if after || before {
            let text = "su vigencia queda fuera de la de la póliza: no tendría efecto".to_owned();
            reader.find(Kind::Contradictory, (one.line, &one.at), "2.2", text);
        }
    }
}
