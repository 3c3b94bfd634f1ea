//! What a page says of an act: before it, after it, and where there is nothing left to do.
//!
//! Instants and prices are read from the ticket as the domain says that it is after the act, so the
//! page before the act and the page after it tell the same.

use app::links::{After, Seen, State};
use domain::Instant;
use domain::attention::TargetError;
use domain::ticket::{ClockName, ClockResult, ClosureReason, RefusalCode, View};
use mail::outbound::Action;

use super::page::Fact;

/// The words of a page.
pub(super) struct Told {
    pub(super) title: String,
    pub(super) lead: Vec<String>,
    pub(super) facts: Vec<Fact>,
    /// What stands below the button.
    pub(super) after: Vec<&'static str>,
}

impl Told {
    /// A title and what stands under it.
    pub(super) fn new(title: &str, lead: &[&str]) -> Self {
        let lead = lead.iter().map(|words| (*words).to_owned()).collect();
        Self { title: title.to_owned(), lead, facts: Vec::new(), after: Vec::new() }
    }
}

/// The words for a link as it stands at `at`.
pub(super) fn told(seen: &Seen, at: Instant) -> Result<Told, TargetError> {
    let action = seen.token.action;
    let simple = |title: &str, lead: Vec<String>| Told {
        title: title.to_owned(),
        lead,
        facts: Vec::new(),
        after: Vec::new(),
    };
    Ok(match &seen.state {
        State::Ready(after) => Told {
            title: question(action).to_owned(),
            lead: owned(consequence(action, after, seen)),
            facts: facts(action, after, at, true)?,
            after: below(action),
        },
        State::Acted(after) => Told {
            title: done(action).to_owned(),
            lead: owned(afterwards(action, after, seen)),
            facts: facts(action, after, at, false)?,
            after: Vec::new(),
        },
        State::Idle(after) => simple("No hace falta nada más", vec![idle(action, after)]),
        State::Used(when) => simple(
            "Este enlace ya se usó",
            vec![
                format!("{} Fue el {}.", used(action), when.spanish()),
                "Cada enlace sirve una sola vez. Si necesita algo más, responda al correo.".to_owned(),
            ],
        ),
        State::Expired(when) => simple(
            "Este enlace ya venció",
            vec![
                format!("Podía usarse antes del {}. No se registró nada.", when.spanish_limit()),
                expired(action).to_owned(),
            ],
        ),
        State::Outdated => simple(
            "Este enlace ya no corresponde",
            vec![
                "El ticket siguió adelante después de ese correo, por ejemplo porque se reabrió. No \
                 se registró nada."
                    .to_owned(),
                "Use los enlaces del correo más reciente o responda a él.".to_owned(),
            ],
        ),
        State::Refused(refusal) => simple(
            refused(refusal.code),
            vec![format!("{}.", capital(&refusal.text)), "No se registró nada.".to_owned()],
        ),
    })
}

fn owned(words: Vec<&str>) -> Vec<String> {
    words.into_iter().map(ToOwned::to_owned).collect()
}

const fn question(action: Action) -> &'static str {
    match action {
        Action::Confirm => "Confirmar que quedó resuelto",
        Action::StillFails => "Avisar que sigue fallando",
        Action::AcceptSameDay => "Aceptar la atención el mismo día, con costo",
        Action::DeclineSameDay => "Rechazar la atención el mismo día",
        Action::AcceptEmergencyCost => "Autorizar el costo de la atención emergente",
        Action::DeclareCritical => "Declarar crítica la incidencia",
    }
}

const fn done(action: Action) -> &'static str {
    match action {
        Action::Confirm => "Gracias, el ticket quedó cerrado",
        Action::StillFails => "Recibimos su aviso",
        Action::AcceptSameDay => "Atención el mismo día aceptada",
        Action::DeclineSameDay => "Atención el mismo día rechazada",
        Action::AcceptEmergencyCost => "Costo autorizado",
        Action::DeclareCritical => "Incidencia declarada crítica",
    }
}

const fn used(action: Action) -> &'static str {
    match action {
        Action::Confirm => "Con él se confirmó que el problema quedó resuelto.",
        Action::StillFails => "Con él se avisó que el problema sigue fallando.",
        Action::AcceptSameDay => "Con él se aceptó la atención el mismo día.",
        Action::DeclineSameDay => "Con él se rechazó la atención el mismo día.",
        Action::AcceptEmergencyCost => "Con él se autorizó el costo de la atención emergente.",
        Action::DeclareCritical => "Con él se declaró crítica la incidencia.",
    }
}

const fn expired(action: Action) -> &'static str {
    match action {
        Action::Confirm => "El ticket ya está cerrado: no hace falta nada más.",
        Action::StillFails => {
            "Si el problema continúa, responda al correo: su mensaje abrirá un ticket nuevo que hará \
             referencia a este."
        }
        Action::AcceptSameDay | Action::DeclineSameDay => {
            "Su solicitud conserva el objetivo sin costo."
        }
        Action::AcceptEmergencyCost | Action::DeclareCritical => {
            "Si aún lo necesita, responda al correo o entre al sistema de tickets."
        }
    }
}

pub(super) const fn refused(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::NotAuthorised => "Su designación no permite este acto",
        RefusalCode::Suspended => "La póliza no está en servicio",
        RefusalCode::TicketClosed | RefusalCode::WindowPassed => "El ticket está cerrado",
        RefusalCode::Merged => "El ticket sigue en otro",
        RefusalCode::NoOffer => "Ya no hay un ofrecimiento vigente",
        RefusalCode::Final => "La aceptación es definitiva",
        RefusalCode::NotCritical => "No es una incidencia crítica",
        RefusalCode::NoSolution => "Aún no hay una solución",
        RefusalCode::WrongLevel
        | RefusalCode::Nothing
        | RefusalCode::WrongInstant
        | RefusalCode::ReasonNotAllowed
        | RefusalCode::SamePerson
        | RefusalCode::NotMergeable
        | RefusalCode::LimitReached
        | RefusalCode::Unpaid => "No es posible en este momento",
    }
}

/// The words before the act.
fn consequence(action: Action, after: &After, seen: &Seen) -> Vec<&'static str> {
    match action {
        Action::Confirm if was_closed(after) => {
            vec!["El ticket ya está cerrado: al confirmar, queda constancia de que se resolvió."]
        }
        Action::Confirm => vec!["Al confirmar, el ticket se cierra en este momento."],
        Action::StillFails if after.ticket.cycle.number > seen.token.cycle => {
            vec!["El ticket está cerrado: se reabrirá con un nuevo objetivo de atención."]
        }
        Action::StillFails => {
            vec![
                "El ticket seguirá abierto y nuestra mesa retomará el caso. No se cerrará por \
                  falta de respuesta mientras no le propongamos otra solución.",
            ]
        }
        Action::AcceptSameDay => vec![
            "Usted autoriza un costo adicional en nombre de su empresa (cláusula 7). La aceptación es \
             definitiva.",
            "El costo se cobra solo cuando la atención se da dentro del nuevo objetivo.",
        ],
        Action::DeclineSameDay => vec![
            "No hay costo y su solicitud conserva el objetivo sin costo. Puede cambiar de opinión \
             antes del límite con el otro enlace del correo.",
        ],
        Action::AcceptEmergencyCost => vec![
            "Usted autoriza un costo adicional en nombre de su empresa (cláusula 7). La aceptación es \
             definitiva.",
            "El costo se cobra solo cuando el primer contacto se da dentro del objetivo inmediato y \
             la incidencia se mantiene como crítica.",
        ],
        Action::DeclareCritical => vec![
            "Una incidencia es crítica cuando impide por completo una operación esencial del negocio \
             (cláusula 1). Nuestra mesa revisará la declaración; si no cumple la definición, le \
             explicaremos la razón.",
            served(after),
        ],
    }
}

/// Whether the ticket had closed otherwise before its solution was confirmed.
fn was_closed(after: &After) -> bool {
    let closed = after.ticket.cycle.closure.as_ref();
    closed.is_some_and(|closure| closure.reason != ClosureReason::Confirmed)
}

/// The words after the act.
fn afterwards(action: Action, after: &After, seen: &Seen) -> Vec<&'static str> {
    match action {
        Action::Confirm => vec!["Registramos su confirmación. No tiene que hacer nada más."],
        Action::StillFails if after.ticket.cycle.number > seen.token.cycle => {
            vec!["El ticket se reabrió. Si puede, responda al correo y díganos qué observa ahora."]
        }
        Action::StillFails => vec![
            "El ticket sigue abierto y nuestra mesa retomará el caso. Si puede, responda al correo y \
             díganos qué observa ahora.",
        ],
        Action::AcceptSameDay => vec!["Registramos su aceptación y avisamos a nuestra mesa."],
        Action::DeclineSameDay => {
            vec!["No hay costo. Su solicitud conserva el objetivo sin costo."]
        }
        Action::AcceptEmergencyCost => vec!["Registramos su autorización."],
        Action::DeclareCritical => {
            vec!["Registramos su declaración; nuestra mesa la revisará.", served(after)]
        }
    }
}

/// What a declaration brings under the póliza (7.4).
fn served(after: &After) -> &'static str {
    let view = View::current(&after.ticket, &after.agreement);
    match (view.has_emergency_attention(), view.emergency_price().is_some()) {
        (false, _) => {
            "Su póliza no incluye atención emergente: la declaración queda registrada y se conserva \
             el objetivo de atención actual."
        }
        (true, false) => "Se avisa a nuestro personal de guardia. No tiene costo adicional.",
        (true, true) => {
            "Se avisa a nuestro personal de guardia. La atención emergente tiene un costo, que solo \
             se cobra si un contacto con esa facultad lo autoriza por separado."
        }
    }
}

fn below(action: Action) -> Vec<&'static str> {
    match action {
        Action::Confirm | Action::StillFails | Action::DeclineSameDay | Action::DeclareCritical => {
            vec!["Nada se registra hasta que oprima el botón."]
        }
        Action::AcceptSameDay | Action::AcceptEmergencyCost => {
            vec!["Nada se registra ni se cobra si no oprime el botón."]
        }
    }
}

/// Where the act would change nothing any more.
fn idle(action: Action, after: &After) -> String {
    let cycle = &after.ticket.cycle;
    match (action, &cycle.closure) {
        (Action::Confirm, Some(closure)) => {
            format!("El ticket ya está cerrado desde el {}. Gracias.", closure.at.spanish())
        }
        (Action::Confirm, None) => "El ticket sigue abierto y su aviso no lo cambia.".to_owned(),
        (Action::StillFails, _) => "Su aviso ya estaba registrado.".to_owned(),
        (Action::AcceptSameDay, _) => "La atención el mismo día ya estaba aceptada.".to_owned(),
        (Action::DeclineSameDay, _) => "La atención el mismo día ya estaba rechazada.".to_owned(),
        (Action::AcceptEmergencyCost, _) => "El costo ya estaba autorizado.".to_owned(),
        (Action::DeclareCritical, _) => "La incidencia ya está declarada crítica.".to_owned(),
    }
}

fn facts(
    action: Action,
    after: &After,
    at: Instant,
    before: bool,
) -> Result<Vec<Fact>, TargetError> {
    let view = View::current(&after.ticket, &after.agreement);
    let mut facts = Vec::new();
    match action {
        Action::Confirm => {
            if let Some(closure) = &after.ticket.cycle.closure {
                if !before {
                    facts.push(Fact::new("Cerrado", closure.at.spanish()));
                }
                let until = view.reopens_until(closure.at)?;
                facts.push(Fact::strong("Puede reabrirse antes de", until.spanish_limit()));
            }
        }
        Action::StillFails => {
            let reopened = after.ticket.cycle.reopened_by.is_some();
            if let Some(target) = ordinary(&view, at)?.filter(|_| reopened) {
                facts.push(Fact::strong("Objetivo de atención", target.spanish()));
            }
        }
        Action::AcceptSameDay => {
            if let Some(offer) = view.same_day_offer()? {
                facts.push(price(offer.price));
                let label = if before { "Objetivo si acepta" } else { "Objetivo de atención" };
                facts.push(Fact::strong(label, offer.extended_target.spanish()));
                if before {
                    facts.push(Fact::new("Puede aceptar antes de", offer.limit.spanish_limit()));
                }
            }
        }
        Action::DeclineSameDay => {
            if let Some(target) = ordinary(&view, at)? {
                facts.push(Fact::strong("Objetivo sin costo", target.spanish()));
            }
            if let Some(offer) = view.same_day_offer()? {
                facts.push(Fact::new("Puede aceptar antes de", offer.limit.spanish_limit()));
            }
        }
        Action::AcceptEmergencyCost => facts.extend(view.emergency_price().map(price)),
        Action::DeclareCritical => {
            if let Some(target) = immediate(&view, at)? {
                let label =
                    if before { "Objetivo si la declara ahora" } else { "Objetivo de atención" };
                facts.push(Fact::strong(label, target.spanish()));
            }
        }
    }
    Ok(facts)
}

fn price(price: domain::terms::Centavos) -> Fact {
    Fact::strong("Costo adicional", format!("{price}, impuestos incluidos"))
}

fn ordinary(view: &View<'_>, at: Instant) -> Result<Option<Instant>, TargetError> {
    let clocks = view.clocks(at)?;
    let clock = clocks.iter().find(|clock| clock.name == ClockName::Ordinary);
    Ok(clock.and_then(|clock| clock.target.target))
}

fn immediate(view: &View<'_>, at: Instant) -> Result<Option<Instant>, TargetError> {
    let clocks = view.clocks(at)?;
    let running = |clock: &&domain::ticket::AttentionClock| {
        clock.name != ClockName::Ordinary && clock.result == ClockResult::Pending
    };
    Ok(clocks.iter().rfind(running).and_then(|clock| clock.target.target))
}

/// The first letter of a sentence.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
