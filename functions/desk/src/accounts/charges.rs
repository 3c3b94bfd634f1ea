//! What a client's tickets accrued in a month: same-day and emergency surcharges, each with the act that
//! accepted it (7.2a, 7.4a).

use std::sync::Arc;

use app::Failure;
use app::client::{self, ClientFile};
use app::ports::Env;
use app::records::Head;
use app::tickets;
use axum::extract::State;
use domain::billing::Month;
use domain::evidence::Event;
use domain::terms::Centavos;
use domain::ticket::{Fact, View};
use domain::{ClientId, Instant, SpocId, TicketRef};
use serde::Serialize;
use utoipa::ToSchema;
use web::codes::ChargeState;
use web::limits::{PAGE_ITEMS_MAX, SCAN_TICKETS_MAX};
use web::views::{Amount, ChargeView, charges};
use web::{Answer, ClientPath, Duty, Params, Problem, ReadErrors, StaffCaller};

/// A client's charges of a month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChargeList {
    /// The client's code.
    pub client: String,
    /// The month, in which each was accepted.
    pub month: String,
    /// What accrued: owed in addition to the fee.
    pub total: Amount,
    /// The charges, newest tickets first.
    pub charges: Vec<TicketCharge>,
    /// Whether there are more tickets than one look reads.
    pub more: bool,
}

/// A charge of a ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TicketCharge {
    /// The ticket.
    pub reference: String,
    /// The cycle of the ticket in which it was accepted, from 1.
    pub cycle: u32,
    /// The charge, with the instant of the act that accepted it.
    pub charge: ChargeView,
    /// The contact who accepted it.
    pub accepted_by: String,
    /// The contact's name.
    pub accepted_by_name: String,
    /// The ticket's event by which it was accepted.
    pub event: u32,
}

/// Lists what a client's tickets accrued in a month, with the act that accepted each.
#[utoipa::path(
    get,
    path = "/desk/accounts/{client}/charges",
    operation_id = "desk_account_charges",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("client" = String, Path, description = "The client's code."),
        ("month" = String, Query, description = "The month, such as `2026-12`."),
    ),
    responses((status = 200, description = "The charges.", body = ChargeList), ReadErrors),
)]
pub(crate) async fn of_month<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    params: Params,
) -> Result<Answer<ChargeList>, Problem> {
    caller.require(Duty::Reading)?;
    let month = params.read(|params| params.month("month"))?;
    let env = env.as_ref();
    let file = client::load(env, &client).await?.ok_or(Failure::NotFound)?;
    let (heads, more) = heads(env, &client).await?;
    let mut found = Vec::new();
    for head in heads.iter().filter(|head| may_have_charges(head)) {
        let reference = &head.ticket.opened.reference;
        let of_ticket = of_ticket(env, reference, &file, caller.received_at).await?;
        found.extend(
            of_ticket
                .into_iter()
                .filter(|it| Month::of(it.charge.accepted_at.0.date()) == Some(month)),
        );
    }
    let accrued = found.iter().filter(|it| it.charge.state == ChargeState::Accrued);
    let total = accrued.fold(0_i64, |sum, it| sum.saturating_add(it.charge.amount_centavos));
    Ok(Answer::ok(ChargeList {
        client: client.to_string(),
        month: month.to_string(),
        total: Centavos(total).into(),
        charges: found,
        more,
    }))
}

/// Whether a cost was accepted in the cycle that runs or in one before it, of which the events know.
fn may_have_charges(head: &Head) -> bool {
    let cycle = &head.ticket.cycle;
    let accepted = cycle.same_day_accepted_at().or(cycle.emergency_cost_accepted_at);
    accepted.is_some() || head.ticket.before.is_some()
}

/// The charges of a ticket, of every cycle, each with the act that accepted it.
async fn of_ticket<E: Env>(
    env: &E,
    reference: &TicketRef,
    file: &ClientFile,
    now: Instant,
) -> Result<Vec<TicketCharge>, Failure> {
    let whole = tickets::whole(env, reference).await?;
    let earlier = tickets::earlier_cycles(env, &whole).await?;
    let current = View::current(&whole.loaded.head.doc.ticket, &whole.loaded.pinned[0]);
    let views = earlier.iter().map(|(earlier, agreement)| earlier.view(agreement));
    let events: Vec<Event> = whole.links.iter().filter_map(|link| link.event().ok()).collect();
    let mut found = Vec::new();
    for view in views.chain([current]) {
        let shown = charges(&view, now);
        for charge in shown.map_err(|error| Failure::Fault(error.to_string()))? {
            let act = events.iter().find_map(|event| accepted(event, charge.accepted_at.0));
            let (event, by) = act.ok_or_else(|| {
                Failure::Retryable(format!("the acceptance of {reference} cannot be read here"))
            })?;
            found.push(TicketCharge {
                reference: reference.to_string(),
                cycle: view.cycle.number,
                charge,
                accepted_by_name: file.spoc(by).map_or_else(String::new, |it| it.name.clone()),
                accepted_by: by.to_string(),
                event,
            });
        }
    }
    Ok(found)
}

/// Number and contact of an acceptance that was received at an instant.
fn accepted(event: &Event, received_at: Instant) -> Option<(u32, &SpocId)> {
    if let Fact::SameDayAccepted { at, by } | Fact::EmergencyCostAccepted { at, by } = &event.fact
        && *at == received_at
    {
        return Some((event.seq, by));
    }
    None
}

/// The client's tickets, open ones and then closed ones, and whether there are more than are read.
async fn heads<E: Env>(env: &E, client: &ClientId) -> Result<(Vec<Head>, bool), Failure> {
    let mut heads = Vec::new();
    for open in [true, false] {
        let mut after = None;
        loop {
            let page = tickets::of_client(env, client, open, after, PAGE_ITEMS_MAX).await?;
            heads.extend(page.items);
            after = page.next;
            if heads.len() >= SCAN_TICKETS_MAX {
                return Ok((heads, true));
            }
            if after.is_none() {
                break;
            }
        }
    }
    Ok((heads, false))
}
