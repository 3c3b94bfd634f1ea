//! The cycles of a ticket that have ended (9.0): their clocks, charges and closing, as they are frozen.

use domain::Instant;
use domain::agreement::Agreement;
use domain::attention::TargetError;
use domain::ticket::EarlierCycle;
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use super::clocks::{ChargeView, ClockView, charges, clocks};
use super::state::ClosureView;

/// A cycle that has ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EarlierCycleView {
    /// Its number, from 1.
    pub cycle: u32,
    /// The receipt that started it.
    pub received_at: Moment,
    /// Its clocks with their results.
    pub clocks: Vec<ClockView>,
    /// Charges for costs that were accepted in it.
    pub charges: Vec<ChargeView>,
    /// How it closed.
    pub closed: Option<ClosureView>,
}

impl EarlierCycleView {
    /// The cycles that ended, oldest first, as they stand at `now`.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn all(
        earlier: &[(EarlierCycle, Agreement)],
        now: Instant,
    ) -> Result<Vec<Self>, TargetError> {
        earlier.iter().map(|(earlier, agreement)| Self::of(earlier, agreement, now)).collect()
    }

    fn of(
        earlier: &EarlierCycle,
        agreement: &Agreement,
        now: Instant,
    ) -> Result<Self, TargetError> {
        let view = earlier.view(agreement);
        let closure = earlier.cycle.closure.as_ref();
        Ok(Self {
            cycle: earlier.cycle.number,
            received_at: earlier.cycle.received_at.into(),
            clocks: clocks(&view, now)?,
            charges: charges(&view, now)?,
            closed: closure.map(|closure| ClosureView::of(&view, closure)).transpose()?,
        })
    }
}
