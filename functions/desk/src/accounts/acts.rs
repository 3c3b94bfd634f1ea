//! What the desk does with an account: payments, later limits, waivers, reactivation, and suspension
//! for non-compliance (10, 8). Who does it is recorded with every act.

use std::sync::Arc;

use app::Failure;
use app::account::{self, DeskVerb, Done, NewPayment};
use app::ports::{Clock as _, Env};
use axum::extract::State;
use domain::account::DeskAct;
use domain::{Actor, ClientId};
use serde::Serialize;
use utoipa::ToSchema;
use web::bodies::EmptyBody;
use web::views::AccountView;
use web::{Answer, ClientPath, Duty, Input, Problem, StaffCaller, WriteErrors};

use super::bodies::{PaymentBody, ReversalBody, TolerateBody, WaiveBody, WhyBody};

/// What an act on an account did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountActed {
    /// The client's code.
    pub client: String,
    /// Number of the first event; null when nothing changed.
    pub event: Option<u32>,
    /// In Spanish.
    pub text: String,
    /// The account as it is now.
    pub account: AccountView,
}

/// Answers with the account as an act left it.
pub(super) async fn acted<E: Env>(
    env: &E,
    client: &ClientId,
    done: Result<Done, Failure>,
) -> Result<Answer<AccountActed>, Problem> {
    let done = done?;
    let loaded = account::load(env, client).await?;
    let account = AccountView::of(&loaded, env.clock().now())?.ok_or(Failure::NotFound)?;
    let text = match done.first {
        Some(event) => format!("Registrado (suceso {event})"),
        None => "Ya estaba registrado: nada cambió".to_owned(),
    };
    Ok(Answer::ok(AccountActed { client: client.to_string(), event: done.first, text, account }))
}

/// Opens a client's account, or looks again at what follows from changed terms.
#[utoipa::path(
    post,
    path = "/desk/accounts/{client}/open",
    operation_id = "desk_account_open",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "Opened.", body = AccountActed), WriteErrors),
)]
pub(crate) async fn open<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    input: Input,
) -> Result<Answer<AccountActed>, Problem> {
    caller.require(Duty::Charges)?;
    input.read(EmptyBody::read)?;
    let done = account::refresh(env.as_ref(), &client).await;
    acted(env.as_ref(), &client, done).await
}

/// Records a payment (10.2). The same one again changes nothing.
#[utoipa::path(
    post,
    path = "/desk/accounts/{client}/payments",
    operation_id = "desk_account_pay",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    request_body = PaymentBody,
    responses((status = 200, description = "Recorded.", body = AccountActed), WriteErrors),
)]
pub(crate) async fn pay<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    input: Input,
) -> Result<Answer<AccountActed>, Problem> {
    caller.require(Duty::Charges)?;
    let PaymentBody { reference, value_date, amount, month } = input.read(PaymentBody::read)?;
    let new = NewPayment { client, reference, value_date, amount, names: month };
    let by = Actor::Staff(caller.member.clone());
    let done = account::record_payment(env.as_ref(), &new, by).await;
    acted(env.as_ref(), &new.client, done).await
}

/// Records that the bank took a payment back (10.4).
#[utoipa::path(
    post,
    path = "/desk/accounts/{client}/reversals",
    operation_id = "desk_account_reverse",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    request_body = ReversalBody,
    responses((status = 200, description = "Recorded.", body = AccountActed), WriteErrors),
)]
pub(crate) async fn reverse<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    input: Input,
) -> Result<Answer<AccountActed>, Problem> {
    caller.require(Duty::Charges)?;
    let ReversalBody { reference, reason } = input.read(ReversalBody::read)?;
    let by = Actor::Staff(caller.member.clone());
    let done = account::reverse_payment(env.as_ref(), &client, &reference, reason, by).await;
    acted(env.as_ref(), &client, done).await
}

/// Grants a later limit (10.3).
#[utoipa::path(
    post,
    path = "/desk/accounts/{client}/tolerations",
    operation_id = "desk_account_tolerate",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    request_body = TolerateBody,
    responses((status = 200, description = "Registered.", body = AccountActed), WriteErrors),
)]
pub(crate) async fn tolerate<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    input: Input,
) -> Result<Answer<AccountActed>, Problem> {
    caller.require(Duty::Charges)?;
    let TolerateBody { month, until, reason } = input.read(TolerateBody::read)?;
    let act = move |text| DeskAct::Tolerate { month, until, text };
    let verb = DeskVerb::WithWhy(Box::new(act), reason);
    let done = account::desk(env.as_ref(), &client, verb, caller.member).await;
    acted(env.as_ref(), &client, done).await
}

/// Waives what a month still owes, or a part of it.
#[utoipa::path(
    post,
    path = "/desk/accounts/{client}/waivers",
    operation_id = "desk_account_waive",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    request_body = WaiveBody,
    responses((status = 200, description = "Registered.", body = AccountActed), WriteErrors),
)]
pub(crate) async fn waive<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    input: Input,
) -> Result<Answer<AccountActed>, Problem> {
    caller.require(Duty::Charges)?;
    let WaiveBody { month, amount, reason } = input.read(WaiveBody::read)?;
    let act = move |text| DeskAct::Waive { month, amount, text };
    let verb = DeskVerb::WithWhy(Box::new(act), reason);
    let done = account::desk(env.as_ref(), &client, verb, caller.member).await;
    acted(env.as_ref(), &client, done).await
}

/// Makes a póliza active again whose arrears are paid (10.6).
#[utoipa::path(
    post,
    path = "/desk/accounts/{client}/reactivate",
    operation_id = "desk_account_reactivate",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "Registered.", body = AccountActed), WriteErrors),
)]
pub(crate) async fn reactivate<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    input: Input,
) -> Result<Answer<AccountActed>, Problem> {
    caller.require(Duty::Charges)?;
    input.read(EmptyBody::read)?;
    let verb = DeskVerb::Plain(DeskAct::Reactivate);
    let done = account::desk(env.as_ref(), &client, verb, caller.member).await;
    acted(env.as_ref(), &client, done).await
}

/// Proposes to suspend for an obligation of clause 8; a second person has to agree.
#[utoipa::path(
    post,
    path = "/desk/accounts/{client}/non-compliance",
    operation_id = "desk_account_propose_breach",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    request_body = WhyBody,
    responses((status = 200, description = "Registered.", body = AccountActed), WriteErrors),
)]
pub(crate) async fn propose_breach<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    input: Input,
) -> Result<Answer<AccountActed>, Problem> {
    caller.require(Duty::TicketWork)?;
    let WhyBody { reason } = input.read(WhyBody::read)?;
    let act = |text| DeskAct::ProposeBreach { text };
    let verb = DeskVerb::WithWhy(Box::new(act), reason);
    let done = account::desk(env.as_ref(), &client, verb, caller.member).await;
    acted(env.as_ref(), &client, done).await
}

/// Agrees to a proposal of another person: the SPoCs are told, five business days before (8).
#[utoipa::path(
    post,
    path = "/desk/accounts/{client}/non-compliance/approve",
    operation_id = "desk_account_approve_breach",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "Registered.", body = AccountActed), WriteErrors),
)]
pub(crate) async fn approve_breach<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    input: Input,
) -> Result<Answer<AccountActed>, Problem> {
    caller.require(Duty::TicketWork)?;
    input.read(EmptyBody::read)?;
    let verb = DeskVerb::Plain(DeskAct::ApproveBreach);
    let done = account::desk(env.as_ref(), &client, verb, caller.member).await;
    acted(env.as_ref(), &client, done).await
}

/// Does not agree to a proposal, or takes it back (8).
#[utoipa::path(
    post,
    path = "/desk/accounts/{client}/non-compliance/reject",
    operation_id = "desk_account_reject_breach",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "Registered.", body = AccountActed), WriteErrors),
)]
pub(crate) async fn reject_breach<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    input: Input,
) -> Result<Answer<AccountActed>, Problem> {
    caller.require(Duty::TicketWork)?;
    input.read(EmptyBody::read)?;
    let verb = DeskVerb::Plain(DeskAct::RejectBreach);
    let done = account::desk(env.as_ref(), &client, verb, caller.member).await;
    acted(env.as_ref(), &client, done).await
}

/// Ends a suspension for non-compliance, or calls the announced one off (8).
#[utoipa::path(
    post,
    path = "/desk/accounts/{client}/non-compliance/end",
    operation_id = "desk_account_end_breach",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    request_body = WhyBody,
    responses((status = 200, description = "Registered.", body = AccountActed), WriteErrors),
)]
pub(crate) async fn end_breach<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    input: Input,
) -> Result<Answer<AccountActed>, Problem> {
    caller.require(Duty::TicketWork)?;
    let WhyBody { reason } = input.read(WhyBody::read)?;
    let act = |text| DeskAct::EndBreach { text };
    let verb = DeskVerb::WithWhy(Box::new(act), reason);
    let done = account::desk(env.as_ref(), &client, verb, caller.member).await;
    acted(env.as_ref(), &client, done).await
}
