//! Merging two tickets of one client (4.5).

use std::sync::Arc;

use app::ports::Env;
use app::tickets;
use axum::extract::State;
use domain::TicketRef;
use serde::Serialize;
use utoipa::ToSchema;
use web::limits::TEXT_CHARS_MAX;
use web::{Answer, Duty, Fields, Input, Problem, Reference, StaffCaller, WriteErrors};

use crate::views::Acted;

/// With which ticket, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeBody {
    /// The other ticket.
    #[schema(value_type = String, example = "ACME-7K2QX9RD-E")]
    pub with: TicketRef,
    /// The explanation, an internal note of up to 20,000 characters.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
}

impl MergeBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let with = fields.name("with", "la referencia de un ticket", TicketRef::parse);
        let text = fields.text("text", TEXT_CHARS_MAX);
        Some(Self { with: with?, text: text? })
    }
}

/// Merges the ticket with another one of the same client: the one that was received earlier stays (4.5).
///
/// The later one closes as merged. Its messages and its unattended clocks go on in the one that stays, which
/// the answer names; a cost that was accepted in it is not charged.
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/merge",
    operation_id = "desk_merge",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = MergeBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn merge<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    let MergeBody { with, text } = input.read(MergeBody::read)?;
    let member = caller.member.clone();
    let applied = tickets::merge(env.as_ref(), &reference, &with, member, text, once).await?;
    Ok(Answer::ok(Acted::of(&applied, None)).replayed(applied.replayed))
}
