//! Closing after a solution without an answer (9.2), and the window to reopen (9.7).
//!
//! "Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado."

use crate::Instant;
use crate::calendar::{OutOfCalendar, WorkCalendar};
use crate::explanation::{Step, Trace};
use crate::instant::spanish_span;
use crate::pauses::{Counting, Interval, TargetError, moved};
use crate::terms::{AutoCloseMode, Parameter, Span, Terms};

/// When a ticket closes by silence, and when the client is reminded of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AutoClose {
    /// When it closes; none while an open pause holds it.
    pub closing: Option<Instant>,
    /// When the client is reminded; none while an open pause holds it, and none where the
    /// parameters would place it at or after the closing.
    pub reminder: Option<Instant>,
}

/// The closing and its reminder (9.2), with the steps that led to them.
///
/// `natural`: 48 natural hours after the solution, reminder after 24. `guarded`: the later of 48
/// natural hours and one full contracted day, and from an instant outside contracted hours (a
/// closing instant included) the next opening. Pauses move the natural part by natural time and the
/// contracted part by contracted time, before the later of the two is taken.
///
/// # Errors
/// When an instant lies outside the calendar, or a pause ends before it begins.
pub fn auto_close(
    solution_at: Instant,
    pauses: &[Interval],
    terms: &Terms,
    calendar: &WorkCalendar,
    trace: &mut impl Trace,
) -> Result<AutoClose, TargetError> {
    calendar.day_of(solution_at)?;
    let natural = |after: Span| {
        let base = Counting::Natural.advance(solution_at, after.delta())?;
        Ok::<_, TargetError>(moved(base, solution_at, pauses, Counting::Natural)?.at)
    };
    let silence = natural(terms.solution_silence.value)?;
    trace.step(|| explain_silence(silence, pauses, terms));
    let closing = match terms.auto_close.value {
        AutoCloseMode::Natural => silence,
        AutoCloseMode::Guarded => guarded(solution_at, silence, pauses, terms, calendar, trace)?,
    };
    let wanted = natural(terms.solution_reminder.value)?;
    let reminder = match (terms.auto_close.value, wanted, closing) {
        (AutoCloseMode::Natural, wanted, _) => wanted,
        (AutoCloseMode::Guarded, Some(wanted), Some(closing)) => {
            Some(guarded_reminder(solution_at, wanted, closing, terms, calendar)?)
        }
        (AutoCloseMode::Guarded, None, _) | (AutoCloseMode::Guarded, _, None) => None,
    };
    let in_time = |at: &Instant| closing.is_none_or(|closing| *at < closing);
    let reminder = reminder.filter(in_time);
    if let Some(reminder) = reminder {
        trace.step(|| explain_reminder(reminder, wanted, terms));
    }
    Ok(AutoClose { closing, reminder })
}

/// The guarded closing from its natural part; none while a pause holds either part.
fn guarded(
    solution_at: Instant,
    silence: Option<Instant>,
    pauses: &[Interval],
    terms: &Terms,
    calendar: &WorkCalendar,
    trace: &mut impl Trace,
) -> Result<Option<Instant>, TargetError> {
    let counting = Counting::Contracted(calendar);
    let full_day = counting.advance(solution_at, calendar.full_day())?;
    let full_day = moved(full_day, solution_at, pauses, counting)?.at;
    trace.step(|| explain_full_day(full_day, terms, calendar));
    let (Some(silence), Some(full_day)) = (silence, full_day) else { return Ok(None) };
    let later = silence.max(full_day);
    let closing = calendar.next_opening(later)?;
    trace.step(|| explain_later(later, closing, terms));
    Ok(Some(closing))
}

/// The guarded reminder: the wanted instant if inside contracted hours; else the next opening if
/// enough contracted time lies between it and the closing; else the end of the last contracted
/// interval before. Choice: where that end would not lie after the solution, the next opening after
/// all, since a reminder comes after what it reminds of.
fn guarded_reminder(
    solution_at: Instant,
    wanted: Instant,
    closing: Instant,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> Result<Instant, OutOfCalendar> {
    let opening = calendar.next_opening(wanted)?;
    if opening == wanted {
        return Ok(wanted);
    }
    let minimum = terms.guarded_reminder_minimum.value.delta();
    if opening <= closing && calendar.elapsed(opening, closing)? >= minimum {
        return Ok(opening);
    }
    match calendar.last_closing(wanted) {
        Ok(last) if last > solution_at => Ok(last),
        Ok(_) | Err(_) => Ok(opening),
    }
}

fn explain_silence(silence: Option<Instant>, pauses: &[Interval], terms: &Terms) -> Step {
    let within = spanish_span(terms.solution_silence.value.delta());
    let text = match silence {
        Some(_) if pauses.is_empty() => {
            format!(
                "Sin respuesta del cliente, el plazo es de {within} naturales tras la solución."
            )
        }
        Some(_) => format!(
            "Sin respuesta del cliente, el plazo es de {within} naturales tras la solución, \
             recorrido por las pausas."
        ),
        None => "El plazo tras la solución está en pausa.".to_owned(),
    };
    let used = vec![terms.used(Parameter::SolutionSilence), terms.used(Parameter::AutoClose)];
    Step { rule: "9.2", text, at: silence, used }
}

fn explain_full_day(full_day: Option<Instant>, terms: &Terms, calendar: &WorkCalendar) -> Step {
    Step {
        rule: "9.2",
        text: format!(
            "También debe transcurrir un día contratado completo, {} de horario contratado.",
            spanish_span(calendar.full_day())
        ),
        at: full_day,
        used: vec![terms.used(Parameter::AutoClose), terms.used(Parameter::ContractedHours)],
    }
}

fn explain_later(later: Instant, closing: Instant, terms: &Terms) -> Step {
    let text = if later == closing {
        "Se cierra en el más tardío de los dos."
    } else {
        "El más tardío de los dos queda fuera del horario contratado: se cierra en la siguiente \
         apertura."
    };
    let used = vec![terms.used(Parameter::ContractedHours)];
    Step { rule: "9.2", text: text.to_owned(), at: Some(closing), used }
}

fn explain_reminder(reminder: Instant, wanted: Option<Instant>, terms: &Terms) -> Step {
    let after = spanish_span(terms.solution_reminder.value.delta());
    let mut used = vec![terms.used(Parameter::SolutionReminder)];
    let text = if wanted == Some(reminder) {
        format!("El recordatorio se envía {after} naturales tras la solución.")
    } else {
        used.push(terms.used(Parameter::GuardedReminderMinimum));
        used.push(terms.used(Parameter::ContractedHours));
        format!(
            "El recordatorio ({after} naturales tras la solución) caería fuera del horario \
             contratado: se envía {}.",
            if wanted.is_some_and(|wanted| wanted < reminder) {
                "en la siguiente apertura"
            } else {
                "al final del último horario contratado anterior"
            }
        )
    };
    Step { rule: "9.2", text, at: Some(reminder), used }
}

/// The end of the window in which a reply reopens a closed ticket (9.7): it must be received
/// *before* this instant, 24:00 local of the fifth business day after the closing's day.
///
/// # Errors
/// When an instant lies outside the calendar.
pub fn reopening_window_end(
    closed_at: Instant,
    terms: &Terms,
    calendar: &WorkCalendar,
) -> Result<Instant, OutOfCalendar> {
    calendar.end_of_business_days(closed_at.date(), u32::from(terms.reopening_window.value.0))
}
