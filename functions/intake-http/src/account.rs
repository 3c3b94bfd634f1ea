//! A client's account: how he stands and what he has paid, his cancellation, his notice of non-renewal.
//! Each consequence is shown before he acts (10.7, 10.8).

use std::sync::Arc;

use app::Failure;
use app::account::{self, Done};
use app::ports::{Clock as _, Env};
use axum::extract::State;
use domain::account::SpocAct;
use serde::Serialize;
use utoipa::ToSchema;
use web::bodies::EmptyBody;
use web::views::{AccountView, CancellationRow};
use web::{Answer, Fields, Input, Params, Problem, ReadErrors, SpocCaller, WriteErrors};

/// A cancellation (10.7).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelBody {
    /// At once, not only at the end of the paid month.
    #[schema(required = false)]
    pub at_once: bool,
}

impl CancelBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { at_once: fields.flag("at_once") })
    }
}

/// What an act on the account did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountDone {
    /// Number of the event; null when nothing changed.
    pub event: Option<u32>,
    /// The account as it is now.
    pub account: AccountView,
}

/// Shows how the póliza stands, what is owed and what was paid.
#[utoipa::path(
    get,
    path = "/account",
    operation_id = "show_account",
    tag = "Account",
    security(("token" = [])),
    responses((status = 200, description = "The account.", body = AccountView), ReadErrors),
)]
pub(crate) async fn show<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
) -> Result<Answer<AccountView>, Problem> {
    caller.file(env.as_ref()).await?;
    let loaded = account::load(env.as_ref(), &caller.client).await?;
    let view = AccountView::of(&loaded, caller.received_at)?.ok_or(Failure::NotFound)?;
    Ok(Answer::ok(view.for_client()))
}

/// Shows what a cancellation would bring about now: when it takes effect and what stays owed (10.7).
#[utoipa::path(
    get,
    path = "/account/cancellation",
    operation_id = "preview_cancellation",
    tag = "Account",
    security(("token" = [])),
    params(("when" = inline(Option<When>), Query, description = "`month_end` unless said otherwise.")),
    responses((status = 200, description = "The consequence.", body = CancellationRow), ReadErrors),
)]
pub(crate) async fn preview<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    params: Params,
) -> Result<Answer<CancellationRow>, Problem> {
    let when =
        params.read(|params| Some(params.optional_code("when").unwrap_or(When::MonthEnd)))?;
    caller.file(env.as_ref()).await?;
    let loaded = account::load(env.as_ref(), &caller.client).await?;
    let view = loaded.view().ok_or(Failure::NotFound)?;
    let at_once = when == When::AtOnce;
    let found = view.cancellation(&caller.spoc, caller.received_at, at_once);
    let found = found.map_err(|error| Failure::Fault(error.to_string()))?;
    Ok(Answer::ok(CancellationRow::from(&found)))
}

web::codes! {
    /// When a cancellation takes effect.
    When {
        /// At the end of the paid month.
        MonthEnd = "month_end",
        /// At once.
        AtOnce = "at_once",
    }
}

/// Cancels the póliza (10.7). There is no minimum term, and there are no refunds.
#[utoipa::path(
    post,
    path = "/account/cancel",
    operation_id = "cancel_account",
    tag = "Account",
    security(("token" = [])),
    request_body = CancelBody,
    responses((status = 200, description = "Registered.", body = AccountDone), WriteErrors),
)]
pub(crate) async fn cancel<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    input: Input,
) -> Result<Answer<AccountDone>, Problem> {
    let CancelBody { at_once } = input.read(CancelBody::read)?;
    act(env.as_ref(), &caller, SpocAct::Cancel { at_once }).await
}

/// Gives notice that the póliza is not to be renewed (10.8). `GET /account` says until when.
#[utoipa::path(
    post,
    path = "/account/decline-renewal",
    operation_id = "decline_renewal",
    tag = "Account",
    security(("token" = [])),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "Registered.", body = AccountDone), WriteErrors),
)]
pub(crate) async fn decline_renewal<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    input: Input,
) -> Result<Answer<AccountDone>, Problem> {
    input.read(EmptyBody::read)?;
    act(env.as_ref(), &caller, SpocAct::DeclineRenewal).await
}

async fn act<E: Env>(
    env: &E,
    caller: &SpocCaller,
    act: SpocAct,
) -> Result<Answer<AccountDone>, Problem> {
    let SpocCaller { client, spoc, received_at } = caller;
    let Done { first, .. } = account::spoc(env, client, spoc, *received_at, act).await?;
    let loaded = account::load(env, client).await?;
    let view = AccountView::of(&loaded, env.clock().now())?.ok_or(Failure::NotFound)?;
    Ok(Answer::ok(AccountDone { event: first, account: view.for_client() }))
}
