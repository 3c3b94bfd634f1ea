//! What banks and providers told by the webhook and could not be applied: seen, tried again, put aside.

use std::sync::Arc;

use app::payment_events::{self, Listed, Told};
use app::ports::Env;
use axum::extract::State;
use domain::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use web::bodies::EmptyBody;
use web::codes::{PaymentEventKind, PaymentEventStatus};
use web::views::{Amount, Moment};
use web::{
    Answer, Cursor, Duty, EventId, Input, Params, Problem, ReadErrors, StaffCaller, WriteErrors,
};

use crate::accounts::bodies::WhyBody;

/// A page of events that could not be applied.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentEvents {
    /// The events, oldest first.
    pub events: Vec<PaymentEventView>,
    /// Where the next page starts; null on the last one.
    pub next: Option<Cursor>,
}

/// An event with how it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentEventView {
    /// The sender's id of it.
    pub id: String,
    /// How it stands.
    pub status: PaymentEventStatus,
    /// When it was received.
    pub received_at: Moment,
    /// What was told; null where it cannot be read.
    pub kind: Option<PaymentEventKind>,
    /// Whose it is said to be.
    pub client: Option<String>,
    /// The bank's reference.
    pub reference: Option<String>,
    /// How much.
    pub amount: Option<Amount>,
    /// The bank's value date.
    #[schema(value_type = Option<String>, format = Date)]
    pub value_date: Option<NaiveDate>,
    /// The month that it names.
    pub month: Option<String>,
    /// How often it was tried in vain.
    pub tries: u32,
    /// Why it was not applied and what to do, in Spanish.
    pub reason: Option<String>,
    /// What cannot be read, as it came.
    pub body: Option<String>,
}

impl From<Listed> for PaymentEventView {
    fn from(Listed { event, status }: Listed) -> Self {
        let (said, paid, body) = match event.told {
            Told::Payment { client, reference, value_date, amount, month } => {
                let paid = Some((amount, value_date, month));
                (Some((PaymentEventKind::Payment, client, reference)), paid, None)
            }
            Told::Reversal { client, reference } => {
                (Some((PaymentEventKind::Reversal, client, reference)), None, None)
            }
            Told::Unreadable { body, .. } => (None, None, Some(body)),
        };
        let discarded = event.discarded.map(|(_, reason)| reason);
        Self {
            id: event.id,
            status: status.into(),
            received_at: event.received_at.into(),
            kind: said.as_ref().map(|(kind, _, _)| *kind),
            client: said.as_ref().map(|(_, client, _)| client.clone()),
            reference: said.map(|(_, _, reference)| reference),
            amount: paid.as_ref().map(|(amount, _, _)| (*amount).into()),
            value_date: paid.as_ref().map(|(_, day, _)| *day),
            month: paid.and_then(|(_, _, month)| month).map(|month| month.to_string()),
            tries: event.tries,
            reason: discarded.or(event.why),
            body,
        }
    }
}

/// Lists the payment events that could not be applied.
#[utoipa::path(
    get,
    path = "/desk/payment-events",
    operation_id = "desk_payment_events",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("after" = Option<String>, Query, description = "Where the page starts: `next` of the last."),
    ),
    responses((status = 200, description = "A page.", body = PaymentEvents), ReadErrors),
)]
pub(crate) async fn list<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    params: Params,
) -> Result<Answer<PaymentEvents>, Problem> {
    caller.require(Duty::Reading)?;
    let after = params.read(|params| Some(Cursor::read(params)))?;
    let asked = after.is_some();
    let page = payment_events::failed(env.as_ref(), after).await;
    let page = page.map_err(|failure| Cursor::problem(failure, asked))?;
    let events = page.items.into_iter().map(PaymentEventView::from).collect();
    Ok(Answer::ok(PaymentEvents { events, next: page.next.as_deref().map(Cursor::of) }))
}

/// Has a payment event tried again, once what stood in the way is seen to.
#[utoipa::path(
    post,
    path = "/desk/payment-events/{id}/retry",
    operation_id = "desk_retry_payment_event",
    tag = "Desk",
    security(("token" = [])),
    params(("id" = String, Path, description = "The sender's id of the event.")),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "How it stands.", body = PaymentEventView), WriteErrors),
)]
pub(crate) async fn retry<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    EventId(id): EventId,
    input: Input,
) -> Result<Answer<PaymentEventView>, Problem> {
    caller.require(Duty::Charges)?;
    input.read(EmptyBody::read)?;
    let event = payment_events::retry(env.as_ref(), &id, &caller.member).await?;
    Ok(Answer::ok(event.into()))
}

/// Puts a payment event aside, with why. It is kept for good.
#[utoipa::path(
    post,
    path = "/desk/payment-events/{id}/discard",
    operation_id = "desk_discard_payment_event",
    tag = "Desk",
    security(("token" = [])),
    params(("id" = String, Path, description = "The sender's id of the event.")),
    request_body = WhyBody,
    responses((status = 200, description = "How it stands.", body = PaymentEventView), WriteErrors),
)]
pub(crate) async fn discard<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    EventId(id): EventId,
    input: Input,
) -> Result<Answer<PaymentEventView>, Problem> {
    caller.require(Duty::Charges)?;
    let WhyBody { reason } = input.read(WhyBody::read)?;
    let event = payment_events::discard(env.as_ref(), &id, &reason, &caller.member).await?;
    Ok(Answer::ok(event.into()))
}
