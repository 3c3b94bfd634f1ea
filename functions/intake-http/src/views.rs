//! A ticket as its client sees it. What is internal to the desk is not representable here.

use app::ports::Env;
use app::records::Head;
use app::tickets::{self, Applied, Whole};
use domain::agreement::Agreement;
use domain::ticket::View;
use domain::{Instant, TicketRef};
use serde::Serialize;
use utoipa::ToSchema;
use web::views::{
    AwaitingView, ChargeView, ClockView, ClosureView, Criticality, EarlierCycleView,
    EmergencyCostView, LevelView, Moment, OfferView, TicketState, awaiting, charges, clocks,
    closes_at, criticality, level, main_clock,
};
use web::{Cursor, Problem, SpocCaller};

use crate::messages::{MessageView, messages};

web::codes! {
    /// Which tickets to list.
    ListedState {
        /// Open and held ones.
        Open = "open",
        /// Closed ones.
        Closed = "closed",
    }
}

/// What an act of a SPoC did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Acted {
    /// The ticket that was changed.
    pub reference: String,
    /// Number of the event; null when nothing changed.
    pub event: Option<u32>,
    /// The ticket that was written to could no longer be reopened: `reference` is a new one, which
    /// continues it (9.7).
    pub opened_new: bool,
    /// What happened, in words.
    pub text: String,
}

impl Acted {
    /// What `applied` did when `asked` was written to.
    pub fn of(asked: &TicketRef, applied: &Applied) -> Self {
        let opened_new = applied.reference != *asked;
        let text = match (opened_new, applied.seq) {
            (true, _) => format!(
                "El ticket {asked} ya no podía reabrirse: se abrió {}, que lo continúa",
                applied.reference
            ),
            (false, Some(_)) => "Registrado".to_owned(),
            (false, None) => "Ya estaba así: no cambió nada".to_owned(),
        };
        Self { reference: applied.reference.to_string(), event: applied.seq, opened_new, text }
    }
}

/// A page of tickets.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TicketList {
    /// The tickets, last received or last closed first.
    pub tickets: Vec<Summary>,
    /// Where the next page starts; null on the last one.
    pub next: Option<Cursor>,
}

/// A ticket in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Summary {
    /// Its reference.
    #[schema(example = "ACME-7K2QX9RD-E")]
    pub reference: String,
    /// Its subject.
    pub subject: String,
    /// Where it stands.
    pub state: TicketState,
    /// When it was received.
    pub received_at: Moment,
    /// The clock that counts: that of the latest declaration, else the ordinary one; null while the
    /// ticket is held.
    pub clock: Option<ClockView>,
    /// Whether it is critical.
    pub criticality: Criticality,
    /// What the desk waits for; null when it waits for nothing.
    pub awaiting: Option<AwaitingView>,
    /// When it closes unless somebody answers; null where no solution waits for an answer.
    pub closes_at: Option<Moment>,
}

impl Summary {
    /// A ticket at `now`.
    pub fn of(head: &Head, agreement: &Agreement, now: Instant) -> Result<Self, Problem> {
        let view = View::current(&head.ticket, agreement);
        let (state, _) = TicketState::of(&view, now)?;
        let open = state != TicketState::Closed;
        Ok(Self {
            reference: head.ticket.opened.reference.to_string(),
            subject: head.subject.clone(),
            state,
            received_at: head.ticket.cycle.received_at.into(),
            clock: main_clock(clocks(&view, now)?),
            criticality: criticality(&head.ticket),
            awaiting: awaiting(&view).filter(|_| open),
            closes_at: closes_at(&view, open)?,
        })
    }
}

/// A ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TicketView {
    /// Its reference.
    #[schema(example = "ACME-7K2QX9RD-E")]
    pub reference: String,
    /// Its subject.
    pub subject: String,
    /// Where it stands.
    pub state: TicketState,
    /// When it was received.
    pub received_at: Moment,
    /// When the current cycle was received: later than `received_at` on a ticket that was reopened.
    pub cycle_received_at: Moment,
    /// Number of the current cycle: 2 after the first reopening.
    pub cycle: u32,
    /// Technical name of the Odoo module, if said.
    pub module: Option<String>,
    /// The target that counts; null while it is paused or the ticket is held.
    pub target: Option<Moment>,
    /// The target in words.
    pub target_text: String,
    /// Every clock of the current cycle.
    pub clocks: Vec<ClockView>,
    /// The cycles that have ended, oldest first, with their clocks and charges (9.0).
    pub earlier: Vec<EarlierCycleView>,
    /// Whether it is critical.
    pub criticality: Criticality,
    /// The same-day offer, while it can be accepted or once it was answered (7.2a).
    pub same_day_offer: Option<OfferView>,
    /// The cost of the emergency, where there is one to accept or it was accepted (7.4a).
    pub emergency_cost: Option<EmergencyCostView>,
    /// Charges for costs that were accepted in this cycle.
    pub charges: Vec<ChargeView>,
    /// What the desk waits for; null when it waits for nothing.
    pub awaiting: Option<AwaitingView>,
    /// When it closes unless somebody answers; null where no solution waits for an answer.
    pub closes_at: Option<Moment>,
    /// How it closed; null while it is open.
    pub closed: Option<ClosureView>,
    /// The level of attention.
    pub level: LevelView,
    /// The client's messages and the desk's replies, in order.
    pub messages: Vec<MessageView>,
    /// The closed ticket that this one continues.
    pub continues: Option<String>,
    /// The ticket in which this one goes on (4.5).
    pub merged_into: Option<String>,
    /// The ticket that continues this closed one, if it is among the client's newest.
    pub continued_by: Option<String>,
}

impl TicketView {
    /// A ticket as its client sees it.
    pub async fn of<E: Env>(
        env: &E,
        whole: &Whole,
        view: &View<'_>,
        caller: &SpocCaller,
    ) -> Result<Self, Problem> {
        let now = caller.received_at;
        let Head { ticket, subject, .. } = &whole.loaded.head.doc;
        let (state, closure) = TicketState::of(view, now)?;
        let open = state != TicketState::Closed;
        let shown = clocks(view, now)?;
        let target = main_clock(shown.clone()).and_then(|clock| clock.target);
        Ok(Self {
            reference: ticket.opened.reference.to_string(),
            subject: subject.clone(),
            state,
            received_at: ticket.opened.received_at.into(),
            cycle_received_at: ticket.cycle.received_at.into(),
            cycle: ticket.cycle.number,
            module: ticket.opened.module.as_ref().map(ToString::to_string),
            target,
            target_text: target_text(state, target),
            clocks: shown,
            earlier: EarlierCycleView::all(&tickets::earlier_cycles(env, whole).await?, now)?,
            criticality: criticality(ticket),
            same_day_offer: OfferView::of(ticket, view, open, now)?,
            emergency_cost: EmergencyCostView::of(view, open, now)?,
            charges: charges(view, now)?,
            awaiting: awaiting(view).filter(|_| open),
            closes_at: closes_at(view, open)?,
            closed: closure.map(|closure| ClosureView::of(view, &closure)).transpose()?,
            level: level(ticket),
            messages: messages(env, whole).await?,
            continues: ticket.opened.continues.as_ref().map(ToString::to_string),
            merged_into: ticket.merged_into.as_ref().map(ToString::to_string),
            continued_by: None,
        })
    }
}

fn target_text(state: TicketState, target: Option<Moment>) -> String {
    match (state, target) {
        (TicketState::Open | TicketState::Closed, Some(Moment(target))) => {
            format!("objetivo de atención: {}", target.spanish())
        }
        (TicketState::Open | TicketState::Closed, None) => {
            "el objetivo de atención está en pausa".to_owned()
        }
        (TicketState::Held, _) => {
            "en espera: la póliza no está en servicio (cláusula 10)".to_owned()
        }
    }
}
