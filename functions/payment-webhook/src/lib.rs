//! A bank or a payment provider tells of a payment, or that one was taken back (10.2, 10.4).
//!
//! > *10. […] Pago dentro de los primeros 5 días del mes. Falta de pago suspende el soporte.*
//!
//! Whoever tells it signs the body ([`signature`]). What is told is kept and nothing else is done: this
//! function may write to one partition, so that whoever took it over could suspend nobody. The relay
//! applies the event, and the sweep where the relay did not ([`app::payment_events`]).
//!
//! Architecture invariant: nothing is looked up by what an unsigned body says.

pub mod gateway;
pub mod signature;

use std::sync::Arc;

use app::Failure;
use app::payment_events::{self, Kept, Told};
use app::ports::{Env, KeyPurpose, Secrets};
use axum::Router;
use axum::extract::State;
use domain::NaiveDate;
use domain::billing::Month;
use domain::terms::Centavos;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use web::codes::PaymentEventKind;
use web::limits::NAME_CHARS_MAX;
use web::{Answer, Docs, EventId, Fields, Problem, RawBody, Routes, Silent, surface};

/// The route of the webhook.
pub fn router<E: Env>(env: Arc<E>) -> Router {
    let (router, Silent) = routes::<E, _>(Silent).finish();
    surface(router.with_state(env))
}

/// What the route says of itself, added to `docs`.
#[must_use]
pub fn describe<E: Env>(docs: OpenApi) -> OpenApi {
    routes::<E, _>(docs).finish().1
}

fn routes<E: Env, D: Docs>(docs: D) -> Routes<Arc<E>, D> {
    Routes::new(docs).route(__path_receive, receive::<E>)
}

/// What a bank or provider tells.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentEventBody {
    /// The sender's id of the event: up to 100 letters, digits, hyphens, underscores and full stops.
    /// The same event again, within thirty days, changes nothing.
    #[schema(min_length = 1, max_length = 100, example = "evt_1P8s0d")]
    pub id: String,
    /// What is told.
    pub kind: PaymentEventKind,
    /// The client's code, which is the póliza's reference of payment.
    #[schema(min_length = 1, max_length = 100, example = "FERRE")]
    pub client: String,
    /// The bank's reference of the payment, up to 64 characters.
    #[schema(min_length = 1, max_length = 64, example = "SPEI-20261205-0001")]
    pub reference: String,
    /// The bank's value date; of a payment only.
    #[schema(value_type = Option<String>, format = Date)]
    pub value_date: Option<NaiveDate>,
    /// Centavos of MXN, above zero; of a payment only.
    #[schema(value_type = Option<i64>, minimum = 1, example = 1_160_000)]
    pub amount: Option<Centavos>,
    /// The month that a payment names; without it, it settles the oldest unpaid one.
    #[schema(value_type = Option<String>, example = "2026-12")]
    pub month: Option<Month>,
}

/// The event is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentEventKept {
    /// Its id; where that cannot serve, one that follows from the body.
    pub id: String,
    /// Why a person has to look at it before anything is recorded, in Spanish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Keeps what a bank or provider tells of a payment. It is applied afterwards.
#[utoipa::path(
    post,
    path = "/webhooks/payments",
    operation_id = "payment_webhook",
    tag = "Webhooks",
    security(()),
    params((
        "X-Signature" = String, Header,
        description = "`t=<seconds>,v1=<hex of HMAC-SHA256(\"<seconds>.<body>\")>`, five minutes at most.",
    )),
    request_body = PaymentEventBody,
    responses(
        (status = 200, description = "Kept, now or before; also where it cannot be read.",
         body = PaymentEventKept),
        (status = 401, description = "Not signed by who may send it, or not now. Nothing else is told."),
        (status = 413, description = "The body is too large."),
        (status = 500, description = "Our own fault, of which nothing else is told."),
        (status = 503, description = "Not now: send the same event again; `Retry-After` says when."),
    ),
)]
async fn receive<E: Env>(
    State(env): State<Arc<E>>,
    body: RawBody,
) -> Result<Answer<PaymentEventKept>, Problem> {
    let env = env.as_ref();
    let keys = env.secrets().keys(KeyPurpose::PaymentWebhook).await;
    let keys = keys.map_err(|error| Failure::Retryable(error.to_string()))?;
    let header = body.header(signature::HEADER).unwrap_or_default();
    if !signature::is_signed(header, &body.bytes, body.received_at, &keys) {
        return Err(Problem::not_signed());
    }
    let (bytes, received_at) = (&body.bytes, body.received_at);
    let kept = match body.read(event) {
        Ok((id, told)) => payment_events::keep(env, &id, told, bytes, received_at).await?,
        // Whoever signed it may tell of money: what cannot be read is a person's to look at (G10).
        Err(problem) => {
            let faults = problem.in_lines();
            payment_events::keep_unreadable(env, faults, bytes, received_at).await?
        }
    };
    let Kept { id, why } = kept;
    Ok(Answer::ok(PaymentEventKept { id, problem: why }))
}

/// Reads an event. Only its form is looked at: whether it can be applied is seen later, and told to the
/// desk.
fn event(fields: &mut Fields) -> Option<(String, Told)> {
    let id = fields.name("id", EventId::EXPECTED, |text| EventId::parse(text).ok_or(()));
    let kind = fields.code("kind");
    let client = fields.line("client", NAME_CHARS_MAX);
    let reference = fields.bank_reference("reference");
    let told = match kind? {
        PaymentEventKind::Payment => {
            let (value_date, amount) = (fields.day("value_date"), fields.integer("amount"));
            let month = fields.optional_month("month");
            Told::Payment {
                client: client?,
                reference: reference?,
                value_date: value_date?,
                amount: Centavos(amount?),
                month,
            }
        }
        PaymentEventKind::Reversal => Told::Reversal { client: client?, reference: reference? },
    };
    Some((id?.0, told))
}
