//! A ticket: from the request to its closing, and back when a reply reopens it.
//!
//! > *1. Ticket: Solicitud formal de soporte registrada por correo o sistema designado.*
//!
//! Commands come in through [`open`] and [`decide`]; what happened is a list of [`Fact`]s; state is
//! their fold; everything else, targets and results included, is asked of a [`View`].

mod automatic;
mod awaiting;
mod client_closings;
mod clocks;
mod closing;
mod command;
mod criticality;
mod decide;
mod desk_acts;
mod earlier;
mod escalation;
mod event;
mod fact;
mod fold;
mod held;
mod keeping;
pub mod limits;
mod merging;
mod notice;
mod participants;
mod recalculation;
mod refusal;
mod sending;
mod standing_acts;
mod state;
mod stopwatch;
mod surcharges;
mod view;

pub use automatic::{Automatic, Timers, timers};
pub use awaiting::Awaiting;
pub use clocks::{AttentionClock, ClockResult, ReplyClock};
pub use closing::Silence;
pub use command::{
    AddedParticipant, Command, Concern, Declaration, DeskAct, Open, SpocAct, Written,
};
pub use criticality::{EssentialOperation, Spell};
pub use decide::{Decision, Scene, decide, open};
pub use earlier::EarlierCycle;
pub use escalation::{EscalationCause, EscalationLevel};
pub use event::{
    ActKind, Channel, ClosureReason, Confirmation, Fact, NotedMail, Opened, Proposed, ReplyKind,
    TakenIn,
};
pub use merging::{MergeSide, Merged, merge};
pub use notice::{Content, Notice, OfferContent, Promise, Recipient};
pub use refusal::{DecideError, Refusal, RefusalCode};
pub use sending::Counts;
pub use state::{
    ActDone, AskedClosing, ClockName, Closure, Cycle, HeldMail, Inbound, KnownParticipant, Level,
    Origin, Outbound, Proposal, SameDayAnswer, TakenClock, Ticket, Told,
};
pub use stopwatch::Stopwatch;
pub use surcharges::{Charge, ChargeKind, ChargeState};
pub use view::View;
