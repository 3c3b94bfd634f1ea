//! The member who asks, and what the desk decides for a whole day.

use std::sync::Arc;

use app::ports::Env;
use app::tickets;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use web::codes::Role;
use web::{Answer, Duty, Input, Problem, ReadErrors, StaffCaller, WriteErrors};

use crate::bodies::ReasonBody;

web::codes! {
    /// What a role is for.
    DutyCode {
        /// Reading.
        Reading = "reading",
        /// Work on tickets.
        TicketWork = "ticket_work",
        /// Charges.
        Charges = "charges",
        /// Members of the desk and tokens.
        Administration = "administration",
    }
}

/// A member of the desk.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Me {
    /// Who.
    pub id: String,
    /// The name that clients read.
    pub name: String,
    /// As what.
    pub role: Role,
    /// What the role is for.
    pub duties: Vec<DutyCode>,
}

/// Today's same-day offers are stopped (7.6).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OffersStopped {
    /// The local day.
    #[schema(format = Date, example = "2026-11-20")]
    pub day: String,
    /// What that means, in words.
    pub text: &'static str,
}

/// Says who asks.
#[utoipa::path(
    get,
    path = "/desk/me",
    operation_id = "desk_me",
    tag = "Desk",
    security(("token" = [])),
    responses((status = 200, description = "The caller.", body = Me), ReadErrors),
)]
pub(crate) async fn me(caller: StaffCaller) -> Result<Answer<Me>, Problem> {
    let role = caller.member.role;
    let duties = Duty::ALL.into_iter().filter(|duty| duty.is_of(role)).map(duty_code).collect();
    let id = caller.member.id.to_string();
    Ok(Answer::ok(Me { id, name: caller.name, role: role.into(), duties }))
}

const fn duty_code(duty: Duty) -> DutyCode {
    match duty {
        Duty::Reading => DutyCode::Reading,
        Duty::TicketWork => DutyCode::TicketWork,
        Duty::Charges => DutyCode::Charges,
        Duty::Administration => DutyCode::Administration,
    }
}

/// Stops same-day offers for today; those that were sent stand (7.6).
#[utoipa::path(
    post,
    path = "/desk/offers/stop",
    operation_id = "desk_stop_offers",
    tag = "Desk",
    security(("token" = [])),
    request_body = ReasonBody,
    responses((status = 200, description = "Stopped.", body = OffersStopped), WriteErrors),
)]
pub(crate) async fn stop_offers<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    input: Input,
) -> Result<Answer<OffersStopped>, Problem> {
    caller.require(Duty::TicketWork)?;
    let ReasonBody { reason } = input.read(ReasonBody::read)?;
    let day = caller.received_at.date();
    tickets::stop_offers(env.as_ref(), day, &caller.member, &reason).await?;
    let text = "Hoy no se ofrecerá más el mismo día; los ofrecimientos ya enviados siguen en pie";
    Ok(Answer::ok(OffersStopped { day: day.to_string(), text }))
}
