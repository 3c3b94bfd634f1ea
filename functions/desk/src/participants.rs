//! Who takes part in a ticket besides its client's SPoCs (1.5).

use std::sync::Arc;

use app::addresses;
use app::ports::Env;
use app::tickets::DeskVerb;
use axum::extract::State;
use mail::Address;
use serde::Serialize;
use utoipa::ToSchema;
use web::limits::REASON_CHARS_MAX;
use web::{Answer, Duty, Fields, Input, Problem, Reference, StaffCaller, WriteErrors};

use crate::acts::act;
use crate::views::Acted;

/// Which address, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParticipantBody {
    /// A mail address.
    #[schema(value_type = String, example = "contador@despacho.example")]
    pub address: Address,
    /// Up to 2,000 characters; kept as an internal note.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl ParticipantBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let what = "una dirección de correo, como nombre@dominio.mx";
        let address = fields.name("address", what, Address::parse);
        let reason = fields.text("reason", REASON_CHARS_MAX);
        Some(Self { address: address?, reason: reason? })
    }
}

/// Adds an address to the ticket: it may answer, say that it still fails, and reopen, and public messages
/// go to it as well (1.5). People of another client cannot be added (13).
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/participants",
    operation_id = "desk_add_participant",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = ParticipantBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn add<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    let ParticipantBody { address, reason } = input.read(ParticipantBody::read)?;
    let id = addresses::invited(env.as_ref(), &reference.client(), &address).await?;
    let verb = DeskVerb::AddParticipant { id, address, reason };
    let done = act(env.as_ref(), caller, &reference, verb, once).await?;
    Ok(done.ok())
}
