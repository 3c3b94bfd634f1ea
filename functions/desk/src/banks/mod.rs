//! Banks: how each writes its statements, a statement looked at or applied, line by line, and what banks
//! told by themselves (10.2).
//!
//! > *10. […] Pago dentro de los primeros 5 días del mes. Falta de pago suspende el soporte.*

pub mod bodies;
pub mod events;
pub mod views;

use std::sync::Arc;

use app::Failure;
use app::bank::{self, Mode};
use app::ports::Env;
use axum::extract::State;
use domain::BankName;
use web::{Answer, BankPath, Duty, Input, Problem, ReadErrors, StaffCaller, WriteErrors};

use self::bodies::{MappingBody, MappingView, StatementBody};
use self::views::{BankView, StatementView};

/// Shows how a bank writes its statements.
#[utoipa::path(
    get,
    path = "/desk/banks/{bank}",
    operation_id = "desk_bank",
    tag = "Desk",
    security(("token" = [])),
    params(("bank" = String, Path, description = "The bank's name here, such as `centro`.")),
    responses((status = 200, description = "The mapping.", body = BankView), ReadErrors),
)]
pub(crate) async fn show<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    BankPath(name): BankPath,
) -> Result<Answer<BankView>, Problem> {
    caller.require(Duty::Reading)?;
    let found = bank::mapping(env.as_ref(), &name).await?.ok_or(Failure::NotFound)?;
    Ok(Answer::ok(BankView::new(&name, found)))
}

/// Sets how a bank writes its statements.
#[utoipa::path(
    post,
    path = "/desk/banks/{bank}",
    operation_id = "desk_set_bank",
    tag = "Desk",
    security(("token" = [])),
    params(("bank" = String, Path, description = "1 to 24 lower-case letters, digits and hyphens.")),
    request_body = MappingView,
    responses((status = 200, description = "Set.", body = BankView), WriteErrors),
)]
pub(crate) async fn set<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    BankPath(name): BankPath,
    input: Input,
) -> Result<Answer<BankView>, Problem> {
    caller.require(Duty::Charges)?;
    let MappingBody(mapping) = input.read(MappingBody::read)?;
    let set = bank::set_mapping(env.as_ref(), &name, mapping, &caller.member).await?;
    Ok(Answer::ok(BankView::new(&name, set)))
}

/// Says what would become of each line of a statement, by itself. Nothing is written.
#[utoipa::path(
    post,
    path = "/desk/banks/{bank}/preview",
    operation_id = "desk_preview_statement",
    tag = "Desk",
    security(("token" = [])),
    params(("bank" = String, Path, description = "The bank's name here.")),
    request_body = StatementBody,
    responses((status = 200, description = "Each line.", body = StatementView), WriteErrors),
)]
pub(crate) async fn preview<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    BankPath(name): BankPath,
    input: Input,
) -> Result<Answer<StatementView>, Problem> {
    work(env.as_ref(), &caller, &name, input, Mode::Preview).await
}

/// Records the payments of a statement. Again, it records what is not recorded yet: a reference is known.
#[utoipa::path(
    post,
    path = "/desk/banks/{bank}/apply",
    operation_id = "desk_apply_statement",
    tag = "Desk",
    security(("token" = [])),
    params(("bank" = String, Path, description = "The bank's name here.")),
    request_body = StatementBody,
    responses((status = 200, description = "Each line.", body = StatementView), WriteErrors),
)]
pub(crate) async fn apply<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    BankPath(name): BankPath,
    input: Input,
) -> Result<Answer<StatementView>, Problem> {
    work(env.as_ref(), &caller, &name, input, Mode::Apply).await
}

async fn work<E: Env>(
    env: &E,
    caller: &StaffCaller,
    name: &BankName,
    input: Input,
    mode: Mode,
) -> Result<Answer<StatementView>, Problem> {
    caller.require(Duty::Charges)?;
    let StatementBody { file, skipped } = input.read(StatementBody::read)?;
    let known = bank::mapping(env, name).await?.ok_or(Failure::NotFound)?;
    let piece = (file.as_slice(), skipped.unwrap_or_default());
    let lines = bank::work(env, &known.mapping, piece, mode, &caller.member).await?;
    Ok(Answer::ok(StatementView::new(name, mode, lines)))
}
