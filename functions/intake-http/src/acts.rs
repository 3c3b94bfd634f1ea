//! What a SPoC does with a ticket of his client.

use std::sync::Arc;

use app::attachments::Files;
use app::idempotency::Once;
use app::ports::Env;
use app::tickets::{self, SpocCall, SpocVerb};
use axum::extract::State;
use domain::TicketRef;
use web::bodies::{DeclarationBody, EmptyBody};
use web::{Answer, Input, Problem, Reference, SpocCaller, WriteErrors};

use crate::bodies::{MessageBody, SameDayBody};
use crate::views::Acted;

/// Answers in a ticket, or reopens it.
///
/// A reply to a ticket that can no longer be reopened opens a new one, which says which it continues
/// (9.7).
#[utoipa::path(
    post,
    path = "/tickets/{ref}/messages",
    operation_id = "write_message",
    tag = "Tickets",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = String, Header, description = "A fresh value for each request."),
    ),
    request_body = MessageBody,
    responses(
        (status = 201, description = "Registered; `Location` says where.", body = Acted,
         headers(("Location" = String), ("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn write<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    let once = input.once(&caller.principal())?;
    let MessageBody { text, still_fails, attachments } = input.read(MessageBody::read)?;
    let files = Files::claim(env.as_ref(), &caller.principal(), &attachments).await?;
    let verb = SpocVerb::Write { text: Some(text), still_fails };
    let (acted, replayed) = act(env.as_ref(), caller, reference, verb, files, Some(once)).await?;
    let path = format!("/tickets/{}", acted.reference);
    Ok(Answer::created(acted).at(path).replayed(replayed))
}

/// Accepts or declines the same day at its cost (7.2a).
#[utoipa::path(
    post,
    path = "/tickets/{ref}/same-day",
    operation_id = "answer_same_day",
    tag = "Tickets",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = SameDayBody,
    responses((status = 200, description = "Registered.", body = Acted), WriteErrors),
)]
pub(crate) async fn same_day<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    let once = input.optional_once(&caller.principal());
    let SameDayBody { accept } = input.read(SameDayBody::read)?;
    let verb = if accept { SpocVerb::AcceptSameDay } else { SpocVerb::DeclineSameDay };
    plain(env.as_ref(), caller, reference, verb, once).await
}

/// Accepts the cost of the emergency (7.4a).
#[utoipa::path(
    post,
    path = "/tickets/{ref}/emergency-cost",
    operation_id = "accept_emergency_cost",
    tag = "Tickets",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "Registered.", body = Acted), WriteErrors),
)]
pub(crate) async fn emergency_cost<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    let once = input.optional_once(&caller.principal());
    input.read(EmptyBody::read)?;
    plain(env.as_ref(), caller, reference, SpocVerb::AcceptEmergencyCost, once).await
}

/// Declares the incident critical (1.4).
#[utoipa::path(
    post,
    path = "/tickets/{ref}/critical",
    operation_id = "declare_critical",
    tag = "Tickets",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = DeclarationBody,
    responses((status = 200, description = "Registered.", body = Acted), WriteErrors),
)]
pub(crate) async fn critical<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    let once = input.optional_once(&caller.principal());
    let declaration = input.read(DeclarationBody::read)?;
    let verb = SpocVerb::DeclareCritical(declaration.into());
    plain(env.as_ref(), caller, reference, verb, once).await
}

/// Confirms the solution: the ticket closes (9.0a).
#[utoipa::path(
    post,
    path = "/tickets/{ref}/confirm",
    operation_id = "confirm_solution",
    tag = "Tickets",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "Registered.", body = Acted), WriteErrors),
)]
pub(crate) async fn confirm<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    let once = input.optional_once(&caller.principal());
    input.read(EmptyBody::read)?;
    plain(env.as_ref(), caller, reference, SpocVerb::Confirm, once).await
}

/// Withdraws the request: the ticket closes (9.0a).
#[utoipa::path(
    post,
    path = "/tickets/{ref}/withdraw",
    operation_id = "withdraw",
    tag = "Tickets",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "Registered.", body = Acted), WriteErrors),
)]
pub(crate) async fn withdraw<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    let once = input.optional_once(&caller.principal());
    input.read(EmptyBody::read)?;
    plain(env.as_ref(), caller, reference, SpocVerb::Withdraw, once).await
}

async fn plain<E: Env>(
    env: &E,
    caller: SpocCaller,
    reference: TicketRef,
    verb: SpocVerb,
    once: Option<Once>,
) -> Result<Answer<Acted>, Problem> {
    let (acted, replayed) = act(env, caller, reference, verb, Files::default(), once).await?;
    Ok(Answer::ok(acted).replayed(replayed))
}

/// Carries the act out, unless the same request was before; says whether it was. A ticket of another
/// client does not exist.
async fn act<E: Env>(
    env: &E,
    caller: SpocCaller,
    reference: TicketRef,
    verb: SpocVerb,
    files: Files,
    once: Option<Once>,
) -> Result<(Acted, bool), Problem> {
    let SpocCaller { client, spoc, received_at } = caller;
    let call = SpocCall { client, spoc, reference, received_at, act: verb, files };
    let applied = tickets::spoc_act(env, &call, once).await?;
    Ok((Acted::of(&call.reference, &applied), applied.replayed))
}
