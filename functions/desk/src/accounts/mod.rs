//! Clients' accounts as the desk sees them: how they stand, what was sent, what comes next (10, 11).

pub mod acts;
pub mod bodies;
pub mod charges;
pub mod cited;

use std::sync::Arc;

use app::Failure;
use app::account;
use app::ports::Env;
use axum::extract::State;
use domain::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use web::limits::PAGE_ITEMS;
use web::views::{AccountView, Amount, Moment, ServiceCode, StepView};
use web::{Answer, ClientPath, Cursor, Duty, Params, Problem, ReadErrors, StaffCaller};

use crate::views::NoticeView;

/// Clients at a glance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountList {
    /// The clients that have an account, by their codes.
    pub accounts: Vec<AccountLine>,
    /// Where the next page starts; null on the last one.
    pub next: Option<Cursor>,
}

/// A client at a glance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountLine {
    /// The client's code.
    pub client: String,
    /// The client's name.
    pub name: String,
    /// Whether there is service.
    pub service: ServiceCode,
    /// Why not, in Spanish.
    pub reason: Option<String>,
    /// What is unpaid past its limit.
    pub overdue: Amount,
    /// The newest month and how it stands, in Spanish.
    pub month: Option<String>,
    /// What comes next if nobody acts, and when.
    pub next: Option<String>,
    /// What is missing in the póliza, in Spanish.
    pub faults: Vec<String>,
}

/// An account as a whole.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountWhole {
    /// How it stands.
    pub account: AccountView,
    /// The payments that may still settle something, as they were recorded.
    pub payments: Vec<PaymentRow>,
    /// A suspension for non-compliance that waits for a second person.
    pub proposed_breach: Option<ProposedBreach>,
    /// What was sent, oldest first.
    pub notices: Vec<NoticeView>,
}

/// A payment as it was recorded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentRow {
    /// Its reference at the bank.
    pub reference: String,
    /// The bank's value date.
    #[schema(value_type = String, format = Date)]
    pub value_date: NaiveDate,
    /// How much.
    pub amount: Amount,
    /// The month that it names.
    pub names: Option<String>,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// Whether the bank took it back.
    pub reversed: bool,
}

/// A suspension for non-compliance that a person proposed (8).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProposedBreach {
    /// Who.
    pub by: String,
    /// The event that carries the reason.
    pub event: u32,
}

/// How a month stands and why, step by step.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MonthWhy {
    /// The month.
    pub month: String,
    /// The steps.
    pub steps: Vec<StepView>,
}

/// What Millora is liable for at most (11).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LiabilityView {
    /// The client's code.
    pub client: String,
    /// The month.
    pub month: String,
    /// The payments that stand with a value date in that month.
    pub cap: Amount,
}

/// Lists the clients that have an account.
#[utoipa::path(
    get,
    path = "/desk/accounts",
    operation_id = "desk_accounts",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("after" = Option<String>, Query, description = "Where the page starts: `next` of the last."),
    ),
    responses((status = 200, description = "A page.", body = AccountList), ReadErrors),
)]
pub(crate) async fn list<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    params: Params,
) -> Result<Answer<AccountList>, Problem> {
    caller.require(Duty::Reading)?;
    let after = params.read(|params| Some(Cursor::read(params)))?;
    let asked = after.is_some();
    let page = account::all(env.as_ref(), after, PAGE_ITEMS).await;
    let page = page.map_err(|failure| Cursor::problem(failure, asked))?;
    let mut accounts = Vec::new();
    for client in &page.items {
        let loaded = account::load(env.as_ref(), client).await?;
        accounts.extend(AccountView::of(&loaded, caller.received_at)?.map(line));
    }
    Ok(Answer::ok(AccountList { accounts, next: page.next.as_deref().map(Cursor::of) }))
}

fn line(account: AccountView) -> AccountLine {
    let month = account
        .months
        .first()
        .map(|month| format!("{}: {}", month.month_text, month.standing_text));
    let next = account
        .next
        .first()
        .map(|next| format!("{}: {}", next.at.0.spanish_short(), next.kind_text));
    let AccountView { client, name, service, reason, overdue, faults, .. } = account;
    AccountLine { client, name, service, reason, overdue, month, next, faults }
}

/// Shows a client's account: how it stands, what was sent, what comes next and when.
#[utoipa::path(
    get,
    path = "/desk/accounts/{client}",
    operation_id = "desk_account",
    tag = "Desk",
    security(("token" = [])),
    params(("client" = String, Path, description = "The client's code.")),
    responses((status = 200, description = "The account.", body = AccountWhole), ReadErrors),
)]
pub(crate) async fn show<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
) -> Result<Answer<AccountWhole>, Problem> {
    caller.require(Duty::Reading)?;
    let env = env.as_ref();
    let loaded = account::load(env, &client).await?;
    let view = AccountView::of(&loaded, caller.received_at)?.ok_or(Failure::NotFound)?;
    let notices = account::notices(env, &client).await?;
    let head = loaded.head.as_ref().ok_or(Failure::NotFound)?;
    let known = &head.doc.account;
    let reversed = |reference: &str| known.reversals.iter().any(|it| it.reference == reference);
    let payments = known.payments.iter().map(|received| PaymentRow {
        reference: received.payment.reference.clone(),
        value_date: received.payment.value_date,
        amount: received.payment.amount.into(),
        names: received.payment.names.map(|month| month.to_string()),
        recorded_at: received.payment.recorded_at.into(),
        reversed: reversed(&received.payment.reference),
    });
    Ok(Answer::ok(AccountWhole {
        account: view,
        payments: payments.collect(),
        proposed_breach: known
            .proposed_breach
            .as_ref()
            .map(|proposed| ProposedBreach { by: proposed.by.to_string(), event: proposed.seq }),
        notices: notices
            .iter()
            .map(|(key, record, status)| NoticeView::of(key, record, status.word()))
            .collect(),
    }))
}

/// Explains how a month stands, step by step.
#[utoipa::path(
    get,
    path = "/desk/accounts/{client}/why",
    operation_id = "desk_account_why",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("client" = String, Path, description = "The client's code."),
        ("month" = String, Query, description = "The month, such as `2026-12`."),
    ),
    responses((status = 200, description = "The steps.", body = MonthWhy), ReadErrors),
)]
pub(crate) async fn why<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    params: Params,
) -> Result<Answer<MonthWhy>, Problem> {
    caller.require(Duty::Reading)?;
    let month = params.read(|params| params.month("month"))?;
    let loaded = account::load(env.as_ref(), &client).await?;
    let view = loaded.view().ok_or(Failure::NotFound)?;
    let mut steps = Vec::new();
    let found = view.month(month, caller.received_at, &mut steps);
    let found = found.map_err(|error| Failure::Fault(error.to_string()))?;
    found.ok_or(Failure::NotFound)?;
    let steps = steps.into_iter().map(StepView::from).collect();
    Ok(Answer::ok(MonthWhy { month: month.to_string(), steps }))
}

/// Says what Millora is liable for at most in a month (11). It is not printed to the client.
#[utoipa::path(
    get,
    path = "/desk/accounts/{client}/liability",
    operation_id = "desk_account_liability",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("client" = String, Path, description = "The client's code."),
        ("month" = String, Query, description = "The month, such as `2026-12`."),
    ),
    responses((status = 200, description = "The cap.", body = LiabilityView), ReadErrors),
)]
pub(crate) async fn liability<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    ClientPath(client): ClientPath,
    params: Params,
) -> Result<Answer<LiabilityView>, Problem> {
    caller.require(Duty::Reading)?;
    let month = params.read(|params| params.month("month"))?;
    let loaded = account::load(env.as_ref(), &client).await?;
    let cap = loaded.view().ok_or(Failure::NotFound)?.liability_cap(month).into();
    Ok(Answer::ok(LiabilityView { client: client.to_string(), month: month.to_string(), cap }))
}
