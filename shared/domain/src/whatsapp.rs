//! Replies by WhatsApp (6.2).
//!
//! "Tiempo máximo de respuesta: hasta 4 horas, en horario contratado."

use crate::Instant;
use crate::calendar::{OutOfCalendar, WorkCalendar};
use crate::explanation::{Step, Trace};
use crate::terms::{Parameter, Terms};

/// When the first unanswered WhatsApp message must have its first human answer (6.2).
///
/// # Errors
/// When an instant lies outside the calendar.
pub fn reply_due(
    received_at: Instant,
    terms: &Terms,
    calendar: &WorkCalendar,
    trace: &mut impl Trace,
) -> Result<Instant, OutOfCalendar> {
    let due = calendar.advance(received_at, terms.whatsapp_reply.value.delta())?;
    trace.step(|| Step {
        rule: "6.2",
        text: format!(
            "Un mensaje de WhatsApp se responde en un máximo de {} de horario contratado.",
            crate::instant::spanish_span(terms.whatsapp_reply.value.delta())
        ),
        at: Some(due),
        used: vec![terms.used(Parameter::WhatsappReply), terms.used(Parameter::ContractedHours)],
    });
    Ok(due)
}
