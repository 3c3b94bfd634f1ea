//! What only this machine has: its clock and the mails that were sent. Under `/local`, on loopback.
//!
//! There is no credential here, so a page of another site must not get in: the `Host` must be this
//! machine's (a name that was made to point here is refused), and an act must come as JSON, which no
//! foreign form can send.

use std::sync::Arc;

use app::Failure;
use app::codec::Stored;
use app::keys;
use app::ports::{Clock as _, Store as _};
use app::records::InboundRecord;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{Instant, TimeDelta};
use serde::Deserialize;
use serde_json::{Value, json};

use super::advance::{AdvanceError, Move};
use super::health;
use super::mailbox;
use super::pages;
use super::world::World;

type Shared = State<Arc<World>>;

/// The routes.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        // Where the mails' link to the ticket system leads on this machine.
        .route("/", get(async || Redirect::temporary("/local/mail")))
        .route("/local/info", get(info))
        .route("/local/doctor", get(doctor))
        .route("/local/clock", get(clock))
        .route("/local/clock/advance", post(advance))
        .route("/local/clock/set", post(set))
        .route("/local/mails", get(mails))
        .route("/local/mails/{number}", get(mail))
        .route("/local/mails/{number}/raw", get(raw))
        .route("/local/received/{id}", get(received))
        .route("/local/mail", get(mail_page))
        .route("/local/mail/{number}", get(one_mail_page))
        .route("/local/mail/{number}/html", get(html_part))
        .layer(middleware::from_fn(only_here))
        .with_state(world)
}

/// What is nowhere.
pub(crate) async fn not_found() -> Response {
    let title = "No existe";
    let detail = "No hay nada en esa dirección: revise que esté bien escrita";
    problem(StatusCode::NOT_FOUND, "not_found", title, detail)
}

async fn only_here(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    if matches!(name, Some("127.0.0.1" | "localhost")) {
        next.run(request).await
    } else {
        problem(StatusCode::FORBIDDEN, "not_here", "Esto solo se atiende como 127.0.0.1.", "")
    }
}

/// What a route of this machine refuses, as a problem (RFC 9457).
pub(crate) fn problem(status: StatusCode, code: &str, title: &str, detail: &str) -> Response {
    let body = json!({
        "type": format!("urn:millora:problem:{code}"),
        "code": code,
        "status": status.as_u16(),
        "title": title,
        "detail": detail,
    });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, body.to_string()).into_response()
}

/// Where this machine's desk takes mail.
async fn info(State(world): Shared) -> Json<Value> {
    let settings = &world.env.settings;
    Json(json!({
        "smtp": world.smtp.to_string(),
        "mailbox": format!("{}@{}", settings.mailbox, settings.mail_domain),
    }))
}

/// What has been left lying.
async fn doctor(State(world): Shared) -> Response {
    let read = async {
        quiet(&world).await?;
        health::read(&world).await
    };
    match read.await {
        Ok(health) => Json(health).into_response(),
        Err(error) => {
            tracing::error!(%error, "the desk could not be examined");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            problem(status, "fault", "No se pudo revisar la mesa.", &error.to_string())
        }
    }
}

async fn clock(State(world): Shared) -> Json<Value> {
    let now = world.env.clock.now();
    Json(json!({
        "now": now.to_rfc3339(),
        "spanish": now.spanish(),
        "frozen": world.env.clock.is_frozen(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    at: String,
}

async fn advance(State(world): Shared, Json(body): Json<Advance>) -> Response {
    match span(&body.by) {
        Some(span) => moved(world, Move::By(span)).await,
        None => problem(
            StatusCode::BAD_REQUEST,
            "bad_span",
            "No se entiende cuánto adelantar.",
            &format!("«{}» no tiene la forma 48h, 90m, 30s, 2d o 1d12h.", shown(&body.by)),
        ),
    }
}

async fn set(State(world): Shared, Json(body): Json<Set>) -> Response {
    match Instant::parse_rfc3339(&body.at) {
        Ok(at) => moved(world, Move::To(at)).await,
        Err(error) => problem(
            StatusCode::BAD_REQUEST,
            "bad_instant",
            "No se entiende la fecha.",
            &format!("«{}» {error}", shown(&body.at)),
        ),
    }
}

/// Moves the clock in a task of its own: a client that hangs up half-way leaves no clock held.
async fn moved(world: Arc<World>, how: Move) -> Response {
    let task = tokio::spawn(async move { world.advance(how).await });
    match task.await {
        Ok(Ok(moved)) => Json(moved).into_response(),
        Ok(Err(error)) => {
            let (status, code) = match &error {
                AdvanceError::Backwards(..) => (StatusCode::CONFLICT, "backwards"),
                AdvanceError::TooFar => (StatusCode::BAD_REQUEST, "too_far"),
                AdvanceError::Io(_) => (StatusCode::INTERNAL_SERVER_ERROR, "fault"),
            };
            problem(status, code, "El reloj no se movió hasta ahí.", &error.to_string())
        }
        Err(_) => {
            let title = "El reloj no se movió hasta ahí.";
            problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "fault",
                title,
                "Vea la terminal de millora.",
            )
        }
    }
}

/// A span such as `48h`, `90m`, `30s`, `2d`, or several together: `1d12h`.
fn span(text: &str) -> Option<TimeDelta> {
    let mut total_s: i64 = 0;
    let mut digits = String::new();
    for symbol in text.chars() {
        if symbol.is_ascii_digit() {
            digits.push(symbol);
            continue;
        }
        let unit = match symbol {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let count: i64 = digits.parse().ok()?;
        total_s = total_s.checked_add(count.checked_mul(unit)?)?;
        digits.clear();
    }
    if text.is_empty() || !digits.is_empty() { None } else { TimeDelta::try_seconds(total_s) }
}

/// What somebody wrote, cut to a readable length.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    /// Only mails to addresses that contain this.
    to: Option<String>,
    /// Only mails about this ticket.
    ticket: Option<String>,
    /// Only mails with a higher number.
    after: Option<u32>,
}

/// What was caused is done before the answer: whoever has just acted sees the mails of it.
async fn mails(State(world): Shared, Query(filter): Query<Filter>) -> Response {
    if let Err(error) = quiet(&world).await {
        return fault(&error);
    }
    let mut mails = world.env.mailer.mails_after(filter.after.unwrap_or(0));
    if let Some(to) = &filter.to {
        mails.retain(|mail| mail.to.contains(to.as_str()));
    }
    if let Some(ticket) = &filter.ticket {
        mails.retain(|mail| mail.subject_tag.contains(ticket.as_str()));
    }
    Json(json!({ "mails": mails })).into_response()
}

async fn quiet(world: &Arc<World>) -> std::io::Result<()> {
    let mut turn = world.turn().await;
    world.work(&mut turn).await.map(|_| ())
}

fn fault(error: &std::io::Error) -> Response {
    tracing::error!(%error, "a mail could not be read");
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    problem(status, "fault", "No se pudo leer el correo.", &error.to_string())
}

fn no_such_mail(number: u32) -> Response {
    let title = "No hay tal correo.";
    let detail = format!("El correo {number} no existe; vea «millora mail list».");
    problem(StatusCode::NOT_FOUND, "not_found", title, &detail)
}

/// Opens a mail, or says why not.
fn opened(world: &World, number: u32) -> Result<mailbox::Opened, Box<Response>> {
    let bytes = world.env.mailer.raw(number).map_err(|error| Box::new(fault(&error)))?;
    bytes.as_deref().and_then(mailbox::open).ok_or_else(|| Box::new(no_such_mail(number)))
}

async fn mail(State(world): Shared, Path(number): Path<u32>) -> Response {
    match opened(&world, number) {
        Ok(mail) => Json(mail).into_response(),
        Err(response) => *response,
    }
}

async fn raw(State(world): Shared, Path(number): Path<u32>) -> Response {
    match world.env.mailer.raw(number) {
        Ok(Some(bytes)) => {
            let mut headers = HeaderMap::new();
            let text = header::HeaderValue::from_static("text/plain; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, text);
            headers.insert(
                header::X_CONTENT_TYPE_OPTIONS,
                header::HeaderValue::from_static("nosniff"),
            );
            (headers, Body::from(bytes)).into_response()
        }
        Ok(None) => no_such_mail(number),
        Err(error) => fault(&error),
    }
}

/// What became of a mail that came in: the outcome's code and the ticket, once there is one.
async fn received(State(world): Shared, Path(id): Path<String>) -> Response {
    if let Err(error) = quiet(&world).await {
        return fault(&error);
    }
    let read: Result<Option<Stored<InboundRecord>>, Failure> = async {
        let Some(item) = world.env.store.get(&keys::inbound(&id)).await? else { return Ok(None) };
        Stored::read(&item).map(Some)
    }
    .await;
    match read {
        Ok(Some(record)) => Json(json!({
            "id": id,
            "outcome": record.status,
            "ticket": record.doc.ticket.map(|ticket| ticket.to_string()),
        }))
        .into_response(),
        Ok(None) => {
            let detail = "No ha llegado un correo con ese identificador, o aún no se procesa.";
            problem(StatusCode::NOT_FOUND, "not_found", "No hay tal correo.", detail)
        }
        Err(failure) => fault(&std::io::Error::other(failure)),
    }
}

async fn mail_page(State(world): Shared) -> Response {
    if let Err(error) = quiet(&world).await {
        return fault(&error);
    }
    let now = world.env.clock.now();
    page(pages::list(&world.env.mailer.mails(), now))
}

async fn one_mail_page(State(world): Shared, Path(number): Path<u32>) -> Response {
    match opened(&world, number) {
        Ok(mail) => page(pages::one(&mail)),
        Err(response) => *response,
    }
}

/// The HTML part by itself, for the frame of the page: it may show styles and nothing else.
async fn html_part(State(world): Shared, Path(number): Path<u32>) -> Response {
    match opened(&world, number) {
        Ok(mail) => page(mail.html.unwrap_or_default()),
        Err(response) => *response,
    }
}

fn page(html: String) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; \
                  frame-ancestors 'self'; base-uri 'none'; form-action 'none'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_read_or_refused() {
        let table = [
            ("48h", Some(172_800)),
            ("90m", Some(5_400)),
            ("30s", Some(30)),
            ("2d", Some(172_800)),
            ("1d12h", Some(129_600)),
            ("0s", Some(0)),
            ("", None),
            ("48", None),
            ("h", None),
            ("-1h", None),
            ("1.5h", None),
            ("99999999999999999999h", None),
            ("9223372036854775807d", None),
        ];
        for (text, seconds) in table {
            assert_eq!(span(text).map(|span| span.num_seconds()), seconds, "{text}");
        }
    }
}
