//! The sentences that explain an attention target, in Spanish, each with the rule and the
//! parameters that it used.

use super::{AttentionTier, First};
use crate::Instant;
use crate::calendar::WorkCalendar;
use crate::explanation::Step;
use crate::instant::{spanish_date, spanish_span};
use crate::pauses::{Counting, Moved};
use crate::same_day::{Case, ClosedBecause, SameDayOffer};
use crate::terms::{EmergencyHours, Parameter, SameDayExtended, Shown, Terms};

/// 7.4.
pub(super) fn immediate(target: Instant, terms: &Terms) -> Step {
    let within = spanish_span(terms.emergency_minutes.value.delta());
    let (text, used) = match terms.emergency_hours.value {
        EmergencyHours::Contracted => (
            format!(
                "Incidencia crítica: atención inmediata, dentro de {within} de horario contratado."
            ),
            vec![
                terms.used(Parameter::EmergencyMinutes),
                terms.used(Parameter::EmergencyHours),
                terms.used(Parameter::ContractedHours),
            ],
        ),
        EmergencyHours::All => (
            format!(
                "Incidencia crítica: atención inmediata, dentro de {within}, a cualquier hora."
            ),
            vec![terms.used(Parameter::EmergencyMinutes), terms.used(Parameter::EmergencyHours)],
        ),
    };
    Step { rule: "7.4", text, at: Some(target), used }
}

/// 7.1, 7.2 or 7.3: which case the receipt falls into and where it leads.
pub(super) fn case(
    case: Case,
    received_at: Instant,
    first: &First,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> Step {
    let hours = terms.used(Parameter::ContractedHours);
    match case {
        Case::Early => Step {
            rule: "7.1",
            text: format!(
                "Recibido antes de las {} de un día hábil con horario contratado por delante: se \
                 atiende el mismo día, hasta el fin del horario contratado.",
                terms.same_day_cutoff.value
            ),
            at: Some(first.unpaused),
            used: vec![terms.used(Parameter::SameDayCutoff), hours],
        },
        Case::Late => Step {
            rule: "7.2",
            text: format!(
                "Recibido entre las {} y las {} de un día hábil: sin costo adicional se atiende el \
                 siguiente día hábil con servicio{}.",
                terms.same_day_cutoff.value,
                terms.same_day_extended_cutoff.value,
                skipped(received_at, first, calendar)
            ),
            at: (first.tier == AttentionTier::NextBusinessDay).then_some(first.unpaused),
            used: vec![
                terms.used(Parameter::SameDayCutoff),
                terms.used(Parameter::SameDayExtendedCutoff),
                hours,
            ],
        },
        Case::Closed(because) => Step {
            rule: "7.3",
            text: format!(
                "{}: se atiende el siguiente día hábil con servicio, hasta el fin del horario \
                 contratado{}.",
                closed(because, received_at, terms, calendar),
                skipped(received_at, first, calendar)
            ),
            at: Some(first.unpaused),
            used: vec![terms.used(Parameter::SameDayExtendedCutoff), hours],
        },
    }
}

/// 7.2a: the same day between the two cut-offs.
pub(super) fn same_day(
    offer: Option<&SameDayOffer>,
    accepted_at: Option<Instant>,
    first: &First,
    terms: &Terms,
) -> Step {
    let mode = terms.used(Parameter::SameDayExtended);
    let target = (first.tier == AttentionTier::SameDayExtended).then_some(first.unpaused);
    let (text, used) = match (terms.same_day_extended.value, offer) {
        (SameDayExtended::Included, _) => (
            "La póliza incluye la atención el mismo día, sin preguntar y sin costo.".to_owned(),
            vec![mode],
        ),
        (SameDayExtended::Unavailable, _) => {
            ("La póliza no ofrece la atención el mismo día a esta hora.".to_owned(), vec![mode])
        }
        (SameDayExtended::WithCost, None) => (
            format!(
                "No se ofrece la atención el mismo día: quedan menos de {} de horario contratado \
                 hasta el límite{}.",
                terms.same_day_offer_minimum.value.shown(),
                if accepted_at.is_some() { "; la aceptación no tiene efecto" } else { "" }
            ),
            vec![mode, terms.used(Parameter::SameDayOfferMinimum)],
        ),
        (SameDayExtended::WithCost, Some(offer)) => (
            with_cost(offer, accepted_at, first.accepted_at),
            vec![
                mode,
                terms.used(Parameter::SameDaySurcharge),
                terms.used(Parameter::SameDayExtendedCutoff),
                terms.used(Parameter::SameDayOfferMinimum),
            ],
        ),
    };
    Step { rule: "7.2a", text, at: target, used }
}

/// 7.2a: an acceptance where nothing was offered.
pub(super) fn acceptance_without_offer(accepted_at: Instant) -> Step {
    Step {
        rule: "7.2a",
        text: format!(
            "La aceptación del {} no tiene efecto: para este ticket no hay oferta de atención el \
             mismo día.",
            accepted_at.spanish_short()
        ),
        at: None,
        used: Vec::new(),
    }
}

/// 7.7.
pub(super) fn pauses(
    unpaused: Instant,
    moved: &Moved,
    counting: Counting<'_>,
    terms: &Terms,
) -> Step {
    let (own, used) = match counting {
        Counting::Natural => ("tiempo natural", vec![terms.used(Parameter::EmergencyHours)]),
        Counting::Contracted(_) => {
            ("horario contratado", vec![terms.used(Parameter::ContractedHours)])
        }
    };
    let paused = spanish_span(moved.paused);
    let text = match (moved.at, moved.left) {
        (None, left) => format!(
            "El reloj está en pausa; cuando se reanude quedarán {} de {own}.",
            spanish_span(left.unwrap_or_default())
        ),
        (Some(at), _) if at == unpaused => {
            "Las pausas no cambian el objetivo: no abarcan tiempo que cuente antes de él."
                .to_owned()
        }
        (Some(_), _) => format!(
            "Las pausas abarcan {paused} de {own}; el objetivo se recorre ese mismo tiempo."
        ),
    };
    Step { rule: "7.7", text, at: moved.at, used }
}

/// 7.10.
pub(super) fn warning(
    warn_at: Option<Instant>,
    accepted_at: Option<Instant>,
    terms: &Terms,
) -> Step {
    let percent = terms.warning_percent.value.shown();
    let text = match (warn_at, accepted_at) {
        (None, _) => "El aviso a la mesa de soporte espera a que termine la pausa.".to_owned(),
        (Some(at), Some(accepted)) if at == accepted => {
            "Se avisa a la mesa de soporte en cuanto se acepta la atención el mismo día.".to_owned()
        }
        (Some(_), _) => format!(
            "Se avisa a la mesa de soporte al transcurrir el {percent} del tiempo hasta el objetivo."
        ),
    };
    Step { rule: "7.10", text, at: warn_at, used: vec![terms.used(Parameter::WarningPercent)] }
}

/// 7.9.
pub(super) fn reply(case: Case, target: Instant, terms: &Terms) -> Step {
    let cutoff = terms.same_day_cutoff.value;
    let text = match case {
        Case::Early => format!(
            "Mensaje recibido antes de las {cutoff} de un día hábil con horario contratado por \
             delante: se responde el mismo día (objetivo interno)."
        ),
        Case::Late | Case::Closed(_) => {
            "El mensaje se responde el siguiente día hábil con servicio (objetivo interno)."
                .to_owned()
        }
    };
    Step {
        rule: "7.9",
        text,
        at: Some(target),
        used: vec![terms.used(Parameter::SameDayCutoff), terms.used(Parameter::ContractedHours)],
    }
}

fn with_cost(
    offer: &SameDayOffer,
    accepted_at: Option<Instant>,
    counted: Option<Instant>,
) -> String {
    let limit = offer.limit.spanish_short();
    match (accepted_at, counted) {
        (_, Some(accepted)) => format!(
            "La atención el mismo día, con costo adicional de {}, se aceptó el {}, antes del límite \
             ({limit}): se atiende hasta el fin del horario contratado.",
            offer.price,
            accepted.spanish_short()
        ),
        (Some(accepted), None) => format!(
            "La aceptación del {} no tiene efecto: la atención el mismo día podía aceptarse desde la \
             recepción y antes del límite ({limit}).",
            accepted.spanish_short()
        ),
        (None, None) => format!(
            "Se ofrece la atención el mismo día con costo adicional de {}; puede aceptarse antes \
             del límite ({limit}).",
            offer.price
        ),
    }
}

fn closed(
    because: ClosedBecause,
    received_at: Instant,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> String {
    let date = received_at.date();
    match because {
        ClosedBecause::NotBusiness => match calendar.holiday_on(date) {
            Some(name) => {
                format!("Recibido el {}, día festivo oficial ({name})", spanish_date(date))
            }
            None => format!("Recibido el {}, que no es día hábil", spanish_date(date)),
        },
        ClosedBecause::NoTimeLeft => {
            "Recibido cuando ya no quedaba horario contratado ese día".into()
        }
        ClosedBecause::PastCutoff => {
            format!("Recibido a las {} o después", terms.same_day_extended_cutoff.value)
        }
    }
}

/// The official holidays from Monday to Friday that lie between the receipt and the target.
fn skipped(received_at: Instant, first: &First, calendar: &WorkCalendar) -> String {
    let (from, to) = (received_at.date(), first.unpaused.date());
    let holidays: Vec<String> = from
        .iter_days()
        .skip(1)
        .take_while(|date| *date < to)
        .filter(|date| chrono::Datelike::weekday(date).num_days_from_monday() < 5)
        .filter_map(|date| {
            let name = calendar.holiday_on(date)?;
            Some(format!("el {} es día festivo oficial, {name}", spanish_date(date)))
        })
        .collect();
    if holidays.is_empty() { String::new() } else { format!(" ({})", holidays.join("; ")) }
}
