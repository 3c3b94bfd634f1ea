//! Why a date is what it is: clause by clause, with the values that were used (clause 2, G5).

use domain::agreement::Agreement;
use domain::attention::TargetError;
use domain::ticket::{EarlierCycle, View};
use domain::{Instant, Step, TicketRef, Used};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use super::clocks::{ClockName, ResultCode, clocks};
use crate::codes::Layer;

/// Why the dates of a ticket are what they are.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Why {
    /// Which ticket.
    pub reference: String,
    /// Each attention clock of the current cycle.
    pub clocks: Vec<ClockWhy>,
    /// The cycles that have ended, oldest first (9.0).
    pub earlier: Vec<CycleWhy>,
    /// The closing, while a solution waits for an answer.
    pub closing: Option<ClosingWhy>,
    /// What there is to say where no clock runs.
    pub note: Option<&'static str>,
}

/// Why the dates of a cycle that has ended are what they are.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CycleWhy {
    /// Its number, from 1.
    pub cycle: u32,
    /// The receipt that started it.
    pub received_at: Moment,
    /// Each of its attention clocks.
    pub clocks: Vec<ClockWhy>,
}

/// Why a target is what it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClockWhy {
    /// Which clock.
    pub clock: ClockName,
    /// Its target; null while it is paused.
    pub target: Option<Moment>,
    /// What became of it.
    pub result: ResultCode,
    /// The result in words.
    pub result_text: String,
    /// Step by step.
    pub steps: Vec<StepView>,
}

/// Why a closing is when it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClosingWhy {
    /// When the ticket closes without an answer; null while it is paused.
    pub closes_at: Option<Moment>,
    /// When the client is reminded; null while it is paused.
    pub reminder_at: Option<Moment>,
    /// Step by step.
    pub steps: Vec<StepView>,
}

/// One step.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StepView {
    /// The rule, such as `7.2a`.
    pub rule: &'static str,
    /// The clause of the agreement; 0 for what holds everywhere.
    pub clause: u8,
    /// What it says here, in Spanish.
    pub text: String,
    /// The instant that the step arrived at.
    pub at: Option<Moment>,
    /// The values that it used.
    pub used: Vec<UsedView>,
}

/// A value and where it comes from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UsedView {
    /// The parameter's name.
    pub parameter: &'static str,
    /// Its value in words.
    pub value: String,
    /// The layer that won.
    pub layer: Layer,
    /// The layer in words.
    pub layer_text: &'static str,
    /// The document of the Contrato Marco that set it.
    pub document: Option<String>,
    /// The clause that the parameter belongs to.
    pub clause: u8,
}

impl From<Used> for UsedView {
    fn from(used: Used) -> Self {
        Self {
            parameter: used.parameter,
            value: used.value,
            layer: used.layer.into(),
            layer_text: used.layer.spanish(),
            document: used.document,
            clause: used.clause,
        }
    }
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        let clause = step.clause();
        let used = step.used.into_iter().map(UsedView::from);
        Self {
            rule: step.rule,
            clause,
            text: step.text,
            at: step.at.map(Moment),
            used: used.collect(),
        }
    }
}

/// Explains every clock of the cycle and its closing, as they stand at `now`, and the clocks of the
/// cycles that ended before.
///
/// # Errors
/// When a date lies outside the calendar.
pub fn why(
    reference: &TicketRef,
    view: &View<'_>,
    earlier: &[(EarlierCycle, Agreement)],
    now: Instant,
) -> Result<Why, TargetError> {
    let silence = view.silence()?;
    let steps = view.explain_closing()?;
    let closing = silence.map(|silence| ClosingWhy {
        closes_at: silence.closes_at.map(Moment),
        reminder_at: silence.auto.reminder.map(Moment),
        steps: steps.into_iter().map(StepView::from).collect(),
    });
    let held = view.cycle.clock_from.is_none();
    let note = held.then_some(
        "la solicitud se recibió mientras la póliza no está en servicio: sus tiempos empiezan con la \
         reactivación (cláusula 10)",
    );
    let earlier: Result<Vec<_>, _> =
        earlier.iter().map(|(earlier, agreement)| cycle_why(earlier, agreement, now)).collect();
    let clocks = clock_whys(view, now)?;
    Ok(Why { reference: reference.to_string(), clocks, earlier: earlier?, closing, note })
}

fn cycle_why(
    earlier: &EarlierCycle,
    agreement: &Agreement,
    now: Instant,
) -> Result<CycleWhy, TargetError> {
    let (cycle, view) = (&earlier.cycle, earlier.view(agreement));
    let clocks = clock_whys(&view, now)?;
    Ok(CycleWhy { cycle: cycle.number, received_at: cycle.received_at.into(), clocks })
}

fn clock_whys(view: &View<'_>, now: Instant) -> Result<Vec<ClockWhy>, TargetError> {
    let shown = clocks(view, now)?;
    let explained = view.clocks(now)?;
    let mut whys = Vec::new();
    // The reply clock, which stands last, is an internal objective and has no explanation.
    for (clock, shown) in explained.iter().zip(shown) {
        let steps = view.explain(clock, now)?;
        whys.push(ClockWhy {
            clock: shown.clock,
            target: shown.target,
            result: shown.result,
            result_text: shown.result_text,
            steps: steps.into_iter().map(StepView::from).collect(),
        });
    }
    Ok(whys)
}
