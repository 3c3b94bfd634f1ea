//! The desk registers a call that opens a ticket (1.1): the receipt is the call's start.

use std::sync::Arc;

use app::attachments::Files;
use app::ports::Env;
use app::tickets::{self, NewTicket};
use app::{InputFault, client};
use axum::extract::State;
use domain::ticket::Channel;
use domain::{Actor, TicketRef, TimeDelta};
use web::limits::CALL_AGE_DAYS_MAX;
use web::views::Moment;
use web::{Answer, Duty, Input, Problem, StaffCaller, WriteErrors};

use crate::bodies::RegisterBody;
use crate::views::Acted;

/// Registers a call that opens a ticket.
#[utoipa::path(
    post,
    path = "/desk/tickets",
    operation_id = "desk_register_call",
    tag = "Desk",
    security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "A fresh value for each request.")),
    request_body = RegisterBody,
    responses(
        (status = 201, description = "Registered; `Location` says where.", body = Acted,
         headers(("Location" = String), ("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn register<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.once(&caller.principal())?;
    let body = input.read(RegisterBody::read)?;
    let env = env.as_ref();
    check(env, &caller, &body).await?;
    let by = Actor::Staff(caller.member.clone());
    let files = Files::claim(env, &caller.principal(), &body.attachments).await?;
    let applied = tickets::open(env, &new_ticket(body, files), by, Some(once)).await?;
    Ok(answer(&applied.reference).replayed(applied.replayed))
}

fn answer(reference: &TicketRef) -> Answer<Acted> {
    let acted = Acted {
        reference: reference.to_string(),
        event: Some(1),
        proposal: None,
        text: "Ticket registrado".to_owned(),
    };
    Answer::created(acted).at(format!("/desk/tickets/{reference}"))
}

/// What the form alone does not show: that there are such a client and SPoC, and a possible start.
async fn check<E: Env>(env: &E, caller: &StaffCaller, body: &RegisterBody) -> Result<(), Problem> {
    let mut faults = Vec::new();
    let Moment(started_at) = body.started_at;
    if started_at > caller.received_at {
        faults.push(InputFault::new("started_at", "la llamada no puede empezar en el futuro"));
    } else if started_at < caller.received_at - TimeDelta::days(CALL_AGE_DAYS_MAX) {
        let problem =
            format!("una llamada se registra a más tardar {CALL_AGE_DAYS_MAX} días después");
        faults.push(InputFault::new("started_at", problem));
    }
    match client::load(env, &body.client).await? {
        None => faults.push(InputFault::new("client", "no hay un cliente con esa clave")),
        Some(file) if file.spoc(&body.spoc).is_none() => {
            faults.push(InputFault::new("spoc", "ese cliente no tiene un contacto con esa clave"));
        }
        Some(_) => {}
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

fn new_ticket(body: RegisterBody, files: Files) -> NewTicket {
    let Moment(received_at) = body.started_at;
    NewTicket {
        client: body.client,
        opener: body.spoc,
        received_at,
        channel: Channel::Call,
        subject: body.subject,
        text: body.text,
        module: body.module,
        critical: body.critical.map(Into::into),
        continues: None,
        files,
    }
}
