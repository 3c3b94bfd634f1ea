//! What a SPoC said in a mail and the desk records for him, citing that message (G14): a cancellation (10.7),
//! a notice of non-renewal (10.8).

use std::sync::Arc;

use app::account;
use app::ports::Env;
use axum::extract::State;
use domain::TicketRef;
use domain::account::{Cited, SpocAct};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Answer, ClientPath, Duty, Fields, Input, Problem, StaffCaller, WriteErrors};

use super::acts::{AccountActed, acted};

web::codes! {
    /// What a SPoC said of his póliza.
    CitedAct {
        /// That it is cancelled at the end of the paid month.
        Cancel = "cancel",
        /// That it is cancelled at once.
        CancelAtOnce = "cancel_at_once",
        /// That it is not to be renewed.
        DeclineRenewal = "decline_renewal",
    }
}

impl From<CitedAct> for SpocAct {
    fn from(act: CitedAct) -> Self {
        match act {
            CitedAct::Cancel => Self::Cancel { at_once: false },
            CitedAct::CancelAtOnce => Self::Cancel { at_once: true },
            CitedAct::DeclineRenewal => Self::DeclineRenewal,
        }
    }
}

/// An act of a SPoC that the desk records.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CitedBody {
    /// What he said.
    pub act: CitedAct,
    /// The ticket in which he said it.
    #[schema(value_type = String, example = "ACME-7K2QX9RD-E")]
    pub ticket: TicketRef,
    /// Number of the message in the ticket's history: it counts from its receipt.
    pub message: u32,
}

impl CitedBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let act = fields.code("act");
        let ticket = fields.name("ticket", "la referencia de un ticket", TicketRef::parse);
        let message = fields.number("message");
        Some(Self { act: act?, ticket: ticket?, message: message? })
    }
}

/// Records what a SPoC said in a message: it counts from that message's receipt, with the powers that he had
/// then.
#[utoipa::path(
    post,
    path = "/desk/accounts/{client}/cited",
    operation_id = "desk_account_cited",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    request_body = CitedBody,
    responses((status = 200, description = "Recorded.", body = AccountActed), WriteErrors),
)]
pub(crate) async fn record<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    input: Input,
) -> Result<Answer<AccountActed>, Problem> {
    caller.require(Duty::Charges)?;
    let CitedBody { act, ticket, message } = input.read(CitedBody::read)?;
    let cites = Cited { ticket, message };
    let by = caller.member.clone();
    let done = account::cited(env.as_ref(), &client, cites, act.into(), by).await;
    acted(env.as_ref(), &client, done).await
}
