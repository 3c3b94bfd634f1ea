//! A ticket as its client sees it. What is internal to the desk is not representable here.

use app::ports::Env;
use app::records::Head;
use app::tickets::{Applied, Whole};
use domain::agreement::Agreement;
use domain::same_day::accepts;
use domain::ticket::{SameDayAnswer, Ticket, View};
use domain::{Instant, TicketRef};
use serde::Serialize;
use utoipa::ToSchema;
use web::views::{
    AwaitingView, ChargeView, ClockName, ClockView, ClosureView, Criticality, LevelView, Moment,
    TicketState, awaiting, charges, clocks, criticality, level,
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
    /// What became of an offer.
    OfferAnswer {
        /// Nobody has answered.
        None = "none",
        /// Accepted: final.
        Accepted = "accepted",
        /// Declined: may be changed until the limit.
        Declined = "declined",
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
    /// The tickets, newest first.
    pub tickets: Vec<Summary>,
    /// Where the next page starts; null on the last one.
    pub next: Option<Cursor>,
}

/// A ticket in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Summary {
    /// Its reference.
    #[schema(example = "ACME-7K2QX9RD-4")]
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
    #[schema(example = "ACME-7K2QX9RD-4")]
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
    /// Whether it is critical.
    pub criticality: Criticality,
    /// The same-day offer, while it can be accepted or once it was answered (7.2a).
    pub same_day_offer: Option<OfferView>,
    /// The cost of the emergency, where there is one to accept or it was accepted (7.4a).
    pub emergency_cost: Option<EmergencyCostView>,
    /// Charges for accepted costs.
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
            module: ticket.opened.module.clone(),
            target,
            target_text: target_text(state, target),
            clocks: shown,
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
            continued_by: None,
        })
    }
}

/// The clock whose target the client was told last: that of the latest declaration that was not
/// downgraded, else the ordinary one.
fn main_clock(clocks: Vec<ClockView>) -> Option<ClockView> {
    let superseded = |clock: &ClockView| clock.result == web::views::ResultCode::Superseded;
    let mut attention: Vec<_> =
        clocks.into_iter().filter(|clock| clock.clock != ClockName::Reply).collect();
    let immediate =
        attention.iter().rposition(|c| c.clock == ClockName::Immediate && !superseded(c));
    let place = immediate.or_else(|| attention.iter().position(|clock| !superseded(clock)));
    let place = place.or(attention.len().checked_sub(1))?;
    Some(attention.swap_remove(place))
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

fn closes_at(view: &View<'_>, open: bool) -> Result<Option<Moment>, Problem> {
    let silence = view.silence()?.filter(|_| open);
    Ok(silence.and_then(|silence| silence.auto.closing).map(Moment))
}

/// The same-day offer (7.2a).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfferView {
    /// It can be accepted before this instant.
    pub limit: Moment,
    /// Price in centavos of MXN, tax included.
    pub price_centavos: i64,
    /// The target once it is accepted.
    pub target: Moment,
    /// What was answered.
    pub answer: OfferAnswer,
    /// Whether it can be accepted now, by a SPoC who may authorise costs.
    pub can_accept: bool,
    /// The offer in words.
    pub text: String,
}

impl OfferView {
    fn of(
        ticket: &Ticket,
        view: &View<'_>,
        open: bool,
        now: Instant,
    ) -> Result<Option<Self>, Problem> {
        let Some(offer) = view.same_day_offer()? else { return Ok(None) };
        let answer = match &ticket.cycle.same_day {
            None => OfferAnswer::None,
            Some(SameDayAnswer::Accepted { .. }) => OfferAnswer::Accepted,
            Some(SameDayAnswer::Declined { .. }) => OfferAnswer::Declined,
        };
        let from = ticket.cycle.clock_from.unwrap_or(ticket.cycle.received_at);
        let in_time = open && accepts(&offer, from, now);
        let can_accept = in_time && answer != OfferAnswer::Accepted;
        if !can_accept && answer == OfferAnswer::None {
            return Ok(None);
        }
        let text = format!(
            "Atención el mismo día ({}) con un costo adicional de {} con impuestos; puede aceptarse \
             antes del {}",
            offer.extended_target.spanish(),
            offer.price,
            offer.limit.spanish(),
        );
        Ok(Some(Self {
            limit: offer.limit.into(),
            price_centavos: offer.price.0,
            target: offer.extended_target.into(),
            answer,
            can_accept,
            text,
        }))
    }
}

/// The cost of the emergency (7.4a).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EmergencyCostView {
    /// Price in centavos of MXN, tax included.
    pub price_centavos: i64,
    /// Until when it can be accepted; null while the incident has not been attended.
    pub limit: Option<Moment>,
    /// When it was accepted.
    pub accepted_at: Option<Moment>,
    /// Whether it can be accepted now, by a SPoC who may authorise costs.
    pub can_accept: bool,
    /// The cost in words.
    pub text: String,
}

impl EmergencyCostView {
    fn of(view: &View<'_>, open: bool, now: Instant) -> Result<Option<Self>, Problem> {
        let Some(price) = view.immediate_clock().and(view.emergency_price()) else {
            return Ok(None);
        };
        let accepted = view.emergency_cost_accepted_at();
        let limit = view.emergency_cost_limit()?;
        let can_accept = open && accepted.is_none() && limit.is_none_or(|limit| now <= limit);
        let text = match accepted {
            Some(_) => format!("Costo de la emergencia aceptado: {price} con impuestos"),
            None => format!(
                "La atención de emergencia tiene un costo de {price} con impuestos. Ya se está \
                 atendiendo; sin aceptación no hay cargo y el trabajo sigue en el horario ordinario"
            ),
        };
        Ok(Some(Self {
            price_centavos: price.0,
            limit: limit.map(Moment),
            accepted_at: accepted.map(Moment),
            can_accept,
            text,
        }))
    }
}
