//! How what the domain knows is shown: instants, clocks, explanations.

mod account;
mod clocks;
mod earlier;
mod explanation;
mod files;
mod offers;
mod state;
mod work;

pub use account::{
    AccountView, Amount, AnnulledRow, CancellationRow, MonthCode, MonthRow, NextCode, NextRow,
    PartRow, RenewalRow, ServiceCode, fee_text,
};
pub use clocks::{ChargeView, ClockName, ClockView, ResultCode, charges, clocks, main_clock};
pub use earlier::EarlierCycleView;
pub use explanation::{ClockWhy, ClosingWhy, CycleWhy, StepView, UsedView, Why, why};
pub use files::{AttachmentView, LinkView};
pub use offers::{EmergencyCostView, OfferAnswer, OfferView};
pub use state::{
    AwaitedCode, AwaitingView, ClosureView, Criticality, CriticalityCode, LevelView, TicketState,
    awaiting, closes_at, criticality, level, reason_text,
};

use domain::Instant;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// An instant: RFC 3339 with Mexico City's offset of that instant, milliseconds where they are not
/// zero (G1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-20T18:00:00-06:00")]
pub struct Moment(pub Instant);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl From<Instant> for Moment {
    fn from(at: Instant) -> Self {
        Self(at)
    }
}
pub use work::WorkView;
