//! The state of a ticket in a few Spanish lines.

use app::execute::Loaded;
use domain::Instant;
use domain::ticket::{
    ChargeKind, ChargeState, ClockName, ClockResult, Closure, ClosureReason, Cycle, View,
};

use crate::moment::show;

/// Writes down the state at `now`, one line each.
///
/// # Panics
/// When a date lies outside the calendar.
#[must_use]
pub fn describe(loaded: &Loaded, now: Instant) -> Vec<String> {
    let ticket = &loaded.head.doc.ticket;
    let view = View::current(ticket, &loaded.pinned[0]);
    let cycle = &ticket.cycle;
    let closed = view.closed_by(now).expect("within the calendar");
    let unrecorded = closed.as_ref().filter(|_| cycle.closure.is_none());
    let late = if unrecorded.is_some() { ", sin registrar todavía" } else { "" };
    let situation = situation(cycle, closed.as_ref());
    let mut lines = vec![format!("{situation}{late}, ciclo {}, {}", cycle.number, level(&view))];
    for clock in view.clocks(now).expect("within the calendar") {
        let name = match clock.name {
            ClockName::Ordinary => "atención ordinaria",
            ClockName::Immediate(_) => "atención emergente",
            ClockName::Taken(_) => "atención de un ticket unido",
        };
        let target = clock.target.target.map_or("en pausa".to_owned(), show);
        let tier = clock.target.tier.spanish();
        lines.push(format!("{name}: objetivo {target} ({tier}): {}", result(clock.result)));
    }
    if let Some(reply) = view.reply_clock().expect("within the calendar") {
        let target = reply.target.target.map_or("en pausa".to_owned(), show);
        lines
            .push(format!("espera respuesta desde {}: objetivo {target}", show(reply.received_at)));
    }
    if let Some(open) = view.open_request() {
        lines.push(format!("en pausa, espera al cliente desde {}", show(open.pause.from)));
    }
    if closed.is_none()
        && let Some(silence) = view.silence().expect("within the calendar")
        && let Some(closing) = silence.closes_at
    {
        lines.push(format!("se cierra por silencio {}", show(closing)));
    }
    for charge in view.charges(now).expect("within the calendar") {
        let kind = match charge.kind {
            ChargeKind::SameDay => "mismo día",
            ChargeKind::Emergency => "emergencia",
        };
        let state = match charge.state {
            ChargeState::Pending => "pendiente",
            ChargeState::Accrued => "se cobra",
            ChargeState::Void => "no se cobra",
            ChargeState::Waived => "condonado",
        };
        let (amount, at) = (charge.amount, show(charge.accepted_at));
        lines.push(format!("cargo por {kind}, {amount}, aceptado {at}: {state}"));
    }
    for proposal in &ticket.proposals {
        lines.push(format!("propuesta {} por revisar, de {}", proposal.seq, proposal.by));
    }
    lines
}

fn situation(cycle: &Cycle, closed: Option<&Closure>) -> String {
    match closed {
        Some(closure) => format!("cerrado {} ({})", show(closure.at), reason(closure.reason)),
        None if cycle.clock_from.is_none() => "retenido".to_owned(),
        None => "abierto".to_owned(),
    }
}

fn reason(reason: ClosureReason) -> &'static str {
    match reason {
        ClosureReason::Auto => "por silencio",
        ClosureReason::Confirmed => "confirmado",
        ClosureReason::Withdrawn => "retirado",
        ClosureReason::Merged => "unido a otro",
        ClosureReason::OutOfScope => "fuera de alcance",
        ClosureReason::NoAnswer => "falta de respuesta",
        ClosureReason::NotARequest => "no era una solicitud",
        ClosureReason::ServiceEnded => "fin del servicio",
    }
}

fn level(view: &View<'_>) -> String {
    let (level, highest) = (view.cycle.level(), view.cycle.highest_level());
    let past =
        if level < highest { format!("; {} ya pasó", highest.spanish()) } else { String::new() };
    format!("{}{past}", level.spanish())
}

fn result(result: ClockResult) -> String {
    match result {
        ClockResult::Pending => "pendiente".to_owned(),
        ClockResult::Met { attended_at } => format!("cumplido, atendido {}", show(attended_at)),
        ClockResult::Missed { attended_at: Some(at) } => {
            format!("fuera de objetivo, atendido {}", show(at))
        }
        ClockResult::Missed { attended_at: None } => "fuera de objetivo, sin atención".to_owned(),
        ClockResult::Superseded { at } => format!("sin efecto desde {}", show(at)),
        ClockResult::Closed { at } => format!("cerrado sin atención {}", show(at)),
    }
}
