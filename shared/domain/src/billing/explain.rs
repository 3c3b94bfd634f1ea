//! The steps that tell how a month came to stand as it does.

use super::phases::Known;
use super::standing::{Annulment, MonthFacts, MonthStanding, PaymentStanding};
use super::{Charge, Limit};
use crate::Instant;
use crate::explanation::{Step, Used};
use crate::instant::{spanish_date, spanish_span};
use crate::renewal::spanish_until;
use crate::terms::{Centavos, Parameter, Proration, Terms};

/// Until when a month can be paid.
pub(super) fn limit(charge: Charge, limit: Limit, terms: &Terms) -> Step {
    let (month, days) = (charge.month().spanish(), terms.due_day.value.get());
    let until = spanish_until(limit.until);
    let text = if charge.from() == charge.month().first_day() {
        format!("El mes de {month} se paga hasta el final del día natural {days}: {until}.")
    } else {
        format!(
            "En {month} se cobra desde el {}: se paga hasta el final del día natural {days}, \
             contando ese día como el primero: {until}.",
            spanish_date(charge.from())
        )
    };
    let used = vec![terms.used(Parameter::DueDay)];
    Step { rule: "10.1", text, at: Some(limit.until), used }
}

/// What a month owes that is not charged whole.
pub(super) fn proration(charge: Charge, monthly: Centavos, fee: Centavos, terms: &Terms) -> Step {
    let (month, days, length) = (charge.month().spanish(), charge.days(), charge.month().length());
    let text = match terms.proration.value {
        Proration::ByDays => format!(
            "De {month} se cobran {days} de {length} días naturales: {fee} de una mensualidad de \
             {monthly}."
        ),
        Proration::Whole => format!(
            "De {month} se prestan {days} de {length} días naturales y se cobra el mes completo: \
             {fee}."
        ),
    };
    Step { rule: "10.1", text, at: None, used: vec![terms.used(Parameter::Proration)] }
}

/// A suspension that was shown and is not due.
pub(super) fn annulment(annulled: Annulment) -> Step {
    Step {
        rule: "10.2a",
        text: format!(
            "La suspensión que se mostraba desde el {} queda anulada: el pago que la deja sin \
             efecto se registró el {}.",
            annulled.from.spanish_short(),
            annulled.at.spanish_short()
        ),
        at: Some(annulled.at),
        used: Vec::new(),
    }
}

/// How the month stands.
pub(super) fn standing(
    facts: &MonthFacts,
    known: &Known,
    found: &MonthStanding,
    as_of: Instant,
    terms: &Terms,
) -> Step {
    let tolerance = || vec![terms.used(Parameter::PaymentTolerance)];
    let in_time =
        known.sum(|part| part.reversed_at.is_none() && part.value_date <= found.limit.day);
    let all = known.sum(|part| part.reversed_at.is_none());
    let (owed, day) = (facts.owed, spanish_date(found.limit.day));
    let (rule, text, at, used) = match found.standing {
        PaymentStanding::Due => {
            let (text, at, used) = due(found, as_of, terms);
            let text = format!("hay {} de {owed}; {text}", amount(all));
            (if at.is_some() { "10.3" } else { "10.1" }, text, at, used)
        }
        PaymentStanding::Paid => {
            let sum = amount(in_time);
            let text =
                format!("los pagos con fecha valor hasta el {day} suman {sum} de {owed}: pagado.");
            ("10.2", text, None, tolerance())
        }
        PaymentStanding::PaidLate => {
            let text = format!(
                "los pagos suman {} de {owed} después del límite ({day}) y antes de que una \
                 suspensión surtiera efecto: pagado fuera de plazo, sin suspensión.",
                amount(all)
            );
            ("10.3", text, None, tolerance())
        }
        PaymentStanding::Suspended { since } => {
            let text = format!("hay {} de {owed}; {}", amount(all), suspended(found, since, terms));
            ("10.3", text, Some(since), suspension_used(terms))
        }
        PaymentStanding::PaymentReceived { suspended_since, received_at } => {
            let text = format!(
                "el pago se completó el {}, cuando la suspensión ya había surtido efecto ({}): pago \
                 recibido; la reactivación es un paso aparte.",
                received_at.spanish_short(),
                suspended_since.spanish_short()
            );
            ("10.3", text, Some(received_at), suspension_used(terms))
        }
    };
    Step { rule, text: format!("Al {}: {text}", as_of.spanish_short()), at, used }
}

/// What lies ahead of a month that is due.
fn due(
    found: &MonthStanding,
    as_of: Instant,
    terms: &Terms,
) -> (String, Option<Instant>, Vec<Used>) {
    if as_of < found.limit.until {
        let text = format!("puede pagarse {}.", spanish_until(found.limit.until));
        return (text, None, vec![terms.used(Parameter::DueDay)]);
    }
    let text = match found.suspends_at {
        Some(at) => format!(
            "el plazo terminó y el último aviso está registrado: sin pago, la suspensión surte \
             efecto el {}.",
            at.spanish_short()
        ),
        None => "el plazo terminó y falta el último aviso: sin él no hay suspensión.".to_owned(),
    };
    let at = found.suspends_at.or(found.last_notice_due_at);
    (text, at, suspension_used(terms))
}

/// Why a suspension took effect when it did.
fn suspended(found: &MonthStanding, since: Instant, terms: &Terms) -> String {
    let base = format!(
        "suspendido por falta de pago desde el {}, lo más tardío entre el fin del plazo y {} \
         después del último aviso",
        since.spanish_short(),
        spanish_span(terms.suspension_notice.value.delta())
    );
    match found.last_notice_at {
        Some(notice) => format!("{base}, registrado el {}.", notice.spanish_short()),
        None => format!("{base}."),
    }
}

fn suspension_used(terms: &Terms) -> Vec<Used> {
    [Parameter::DueDay, Parameter::SuspensionNotice, Parameter::PaymentTolerance]
        .map(|parameter| terms.used(parameter))
        .to_vec()
}

/// A sum as an amount; sums beyond any amount of money are shown as the largest.
fn amount(sum: i128) -> Centavos {
    Centavos(i64::try_from(sum).unwrap_or(i64::MAX))
}
