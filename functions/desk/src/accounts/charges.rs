//! What a client's tickets accrued in a month: same-day and emergency surcharges, each with the act that
//! accepted it (7.2a, 7.4a).

use std::sync::Arc;

use app::Failure;
use app::client;
use app::ports::Env;
use app::records::Head;
use app::tickets;
use axum::extract::State;
use domain::ClientId;
use domain::billing::Month;
use domain::terms::Centavos;
use domain::ticket::View;
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
    /// The charge, with the instant of the act that accepted it.
    pub charge: ChargeView,
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
    for head in heads {
        let agreement = file.pinned(env, &head.ticket.cycle.pinned).await?;
        let view = View::current(&head.ticket, &agreement);
        let shown = charges(&view, caller.received_at);
        let shown = shown.map_err(|error| Failure::Fault(error.to_string()))?;
        let of_month = shown
            .into_iter()
            .filter(|charge| Month::of(charge.accepted_at.0.date()) == Some(month));
        let reference = head.ticket.opened.reference.to_string();
        found.extend(of_month.map(|charge| TicketCharge { reference: reference.clone(), charge }));
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
