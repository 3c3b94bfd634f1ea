//! A SPoC opens a ticket (1.1, 1.2).

use std::sync::Arc;

use app::attachments::Files;
use app::ports::Env;
use app::tickets::{self, NewTicket};
use axum::extract::State;
use domain::Actor;
use domain::ticket::Channel;
use web::{Answer, Input, Problem, SpocCaller, WriteErrors};

use crate::bodies::OpenBody;
use crate::read::ticket_view;
use crate::views::TicketView;

/// Opens a ticket.
///
/// The answer shows the ticket as it is now. The same `Idempotency-Key` with the same body is answered
/// again with the ticket that it opened.
#[utoipa::path(
    post,
    path = "/tickets",
    operation_id = "open_ticket",
    tag = "Tickets",
    security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "A fresh value for each request.")),
    request_body = OpenBody,
    responses(
        (status = 201, description = "Registered; `Location` says where.", body = TicketView,
         headers(("Location" = String), ("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn open<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    input: Input,
) -> Result<Answer<TicketView>, Problem> {
    let once = input.once(&caller.principal())?;
    let body = input.read(OpenBody::read)?;
    let files = Files::claim(env.as_ref(), &caller.principal(), &body.attachments).await?;
    let new = new_ticket(&caller, body, files);
    let by = Actor::Spoc(caller.spoc.clone());
    let applied = tickets::open(env.as_ref(), &new, by, Some(once)).await?;
    let view = ticket_view(env.as_ref(), &caller, &applied.reference).await?;
    let path = format!("/tickets/{}", applied.reference);
    Ok(Answer::created(view).at(path).replayed(applied.replayed))
}

fn new_ticket(caller: &SpocCaller, body: OpenBody, files: Files) -> NewTicket {
    NewTicket {
        client: caller.client.clone(),
        opener: caller.spoc.clone(),
        received_at: caller.received_at,
        channel: Channel::Http,
        subject: body.subject,
        text: body.text,
        module: body.module,
        critical: body.critical.map(Into::into),
        continues: None,
        files,
    }
}
