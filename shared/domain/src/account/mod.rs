//! A client's account: what his póliza owes, what he has paid, and whether he is served.
//!
//! > *10. Pagos, Suspensión y Cancelación. No existe plazo forzoso. No hay reembolsos. Pago dentro de
//! > los primeros 5 días del mes. Falta de pago suspende el soporte. Reactivaciones están sujetas a
//! > disponibilidad y condiciones vigentes.*
//!
//! Commands come in through [`decide`]; what happened is a list of [`Fact`]s; state is their fold. How
//! a month stands, which payments settle it and when there is no service are asked of a [`View`], and
//! are pure functions of the facts (G7).

mod again;
mod beginning;
mod cancellation;
mod command;
mod decide;
mod event;
mod fact;
mod fold;
mod ladder;
pub mod limits;
mod months;
mod non_compliance;
mod notice;
mod payments;
mod reactivation;
mod renewal;
mod state;
mod suspension;
mod timers;
mod view;

pub use again::{Coming, Contracted};
pub use command::{Cited, Command, Concern, DeskAct, SpocAct};
pub use decide::{Decision, Scene, begin, decide};
pub use event::{Fact, Lack, MonthStart};
pub use months::first_instant;
pub use notice::{Bill, Content, Notice, Recipient};
pub use payments::told_again;
pub use state::{
    Account, Beginning, Breach, Cancellation, DueMonth, EndedFee, Ending, NonRenewal, Received,
    Shown, Waiver,
};
pub use timers::{Next, Timers};
pub use view::{MonthView, View};
