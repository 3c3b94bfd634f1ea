//! What a SPoC reads: the tickets of his client, one ticket, why its dates are what they are.

use std::sync::Arc;

use app::ports::Env;
use app::tickets::{self, Whole};
use axum::extract::State;
use domain::TicketRef;
use domain::ticket::View;
use web::limits::{CONTINUED_TICKETS_MAX, PAGE_ITEMS, PAGE_ITEMS_MAX};
use web::views::{TicketState, Why};
use web::{Answer, Cursor, Params, Problem, ReadErrors, Reference, SpocCaller};

use crate::views::{ListedState, Summary, TicketList, TicketView};

/// Lists the tickets of the caller's client, last received first, or of closed ones last closed first.
#[utoipa::path(
    get,
    path = "/tickets",
    operation_id = "list_tickets",
    tag = "Tickets",
    security(("token" = [])),
    params(
        ("state" = inline(Option<ListedState>), Query, description = "Open ones unless said otherwise."),
        ("after" = Option<String>, Query, description = "Where the page starts: `next` of the last."),
        ("limit" = Option<u32>, Query, description = "1 to 50; 25 unless said otherwise.",
         minimum = 1, maximum = 50),
    ),
    responses((status = 200, description = "A page.", body = TicketList), ReadErrors),
)]
pub(crate) async fn list<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    params: Params,
) -> Result<Answer<TicketList>, Problem> {
    let (open, after, limit) = params.read(|params| {
        let state = params.optional_code("state").unwrap_or(ListedState::Open);
        let after = Cursor::read(params);
        let what = format!("un número entero de 1 a {PAGE_ITEMS_MAX}");
        let limit = params.optional_name("limit", &what, |text| match text.parse() {
            Ok(limit @ 1..=PAGE_ITEMS_MAX) => Ok(limit),
            Ok(_) | Err(_) => Err(()),
        });
        Some((state == ListedState::Open, after, limit.unwrap_or(PAGE_ITEMS)))
    })?;
    let env = env.as_ref();
    let file = caller.file(env).await?;
    let asked = after.is_some();
    let page = tickets::of_client(env, &caller.client, open, after, limit).await;
    let page = page.map_err(|failure| Cursor::problem(failure, asked))?;
    let mut listed = Vec::new();
    for head in &page.items {
        let agreement = file.pinned(env, &head.ticket.cycle.pinned).await?;
        listed.push(Summary::of(head, &agreement, caller.received_at)?);
    }
    let next = page.next.as_deref().map(Cursor::of);
    Ok(Answer::ok(TicketList { tickets: listed, next }))
}

/// Shows a ticket of the caller's client.
#[utoipa::path(
    get,
    path = "/tickets/{ref}",
    operation_id = "show_ticket",
    tag = "Tickets",
    security(("token" = [])),
    params(("ref" = String, Path, description = "The ticket's reference.")),
    responses((status = 200, description = "The ticket.", body = TicketView), ReadErrors),
)]
pub(crate) async fn show<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    Reference(reference): Reference,
) -> Result<Answer<TicketView>, Problem> {
    ticket_view(env.as_ref(), &caller, &reference).await.map(Answer::ok)
}

/// Explains every date of a ticket, clause by clause.
#[utoipa::path(
    get,
    path = "/tickets/{ref}/why",
    operation_id = "explain_ticket",
    tag = "Tickets",
    security(("token" = [])),
    params(("ref" = String, Path, description = "The ticket's reference.")),
    responses((status = 200, description = "Why.", body = Why), ReadErrors),
)]
pub(crate) async fn why<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    Reference(reference): Reference,
) -> Result<Answer<Why>, Problem> {
    let whole = own(env.as_ref(), &caller, &reference).await?;
    let view = current(&whole)?;
    let earlier = tickets::earlier_cycles(env.as_ref(), &whole).await?;
    Ok(Answer::ok(web::views::why(&reference, &view, &earlier, caller.received_at)?))
}

/// A ticket as its client sees it at the receipt of the request.
pub(crate) async fn ticket_view<E: Env>(
    env: &E,
    caller: &SpocCaller,
    reference: &TicketRef,
) -> Result<TicketView, Problem> {
    let whole = own(env, caller, reference).await?;
    let view = current(&whole)?;
    let (state, closure) = TicketState::of(&view, caller.received_at)?;
    let mut shown = TicketView::of(env, &whole, &view, caller).await?;
    // Only a ticket that cannot be reopened any more can have been continued by another (9.7).
    if let (TicketState::Closed, Some(closure)) = (state, closure)
        && view.reopens_until(closure.at)? <= caller.received_at
    {
        let found = tickets::continued_by(env, reference, CONTINUED_TICKETS_MAX).await?;
        shown.continued_by = found.map(|reference| reference.to_string());
    }
    Ok(shown)
}

/// A ticket of the caller's own client; any other one does not exist.
pub(crate) async fn own<E: Env>(
    env: &E,
    caller: &SpocCaller,
    reference: &TicketRef,
) -> Result<Whole, Problem> {
    if reference.client() != caller.client {
        return Err(Problem::not_found());
    }
    let whole = tickets::whole(env, reference).await?;
    if !caller.holds_in(&whole.loaded.file) {
        return Err(Problem::no_longer_spoc());
    }
    Ok(whole)
}

fn current(whole: &Whole) -> Result<View<'_>, Problem> {
    let agreement = whole.loaded.pinned.first();
    let agreement = agreement.ok_or_else(|| Problem::fault("a ticket without its agreement"))?;
    Ok(View::current(&whole.loaded.head.doc.ticket, agreement))
}
