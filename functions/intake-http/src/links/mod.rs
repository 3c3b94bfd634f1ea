//! Action links (G14): pages on which a SPoC acts with one button.
//!
//! Looking shows and changes nothing, since mail scanners open links; only the button acts. There is
//! no session and no cookie: the link itself is the credential, so another site has nothing of a
//! visitor's to borrow and no further token against forged requests is needed. The link is nowhere
//! written to a log.

mod account;
mod form;
mod held;
mod page;
mod words;

use std::sync::Arc;

use app::Failure;
use app::links::{self, Seen};
use app::ports::Env;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use mail::outbound::Action;
use web::ReceivedAt;

use form::Answers;
use page::Page;

/// Shows what a link does.
///
/// A page in Spanish: for whom it acts, what happens, the consequence, and one button. It changes
/// nothing, however often it is opened.
#[utoipa::path(
    get,
    path = "/a/{token}",
    operation_id = "show_action_link",
    tag = "Links",
    security(()),
    params(("token" = String, Path, description = "The token of a link in a mail (G14).")),
    responses(
        (status = 200, description = "What the link does.", content_type = "text/html", body = String),
        (status = 404, description = "No link of ours.", content_type = "text/html", body = String),
        (status = 409, description = "A rule says no.", content_type = "text/html", body = String),
        (status = 410, description = "Used or expired.", content_type = "text/html", body = String),
    ),
)]
pub(crate) async fn show<E: Env>(
    State(env): State<Arc<E>>,
    received_at: Option<Extension<ReceivedAt>>,
    token: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Response {
    let Some(Extension(ReceivedAt(at))) = received_at else { return unknown_receipt() };
    let Ok(Path(token)) = token else { return Page::foreign().response() };
    shown(env.as_ref(), &token, at).await.unwrap_or_else(|why| Page::failed(&why)).response()
}

/// The page of a link, whatever it acts on.
async fn shown<E: Env>(env: &E, token: &str, at: domain::Instant) -> Result<Page, Failure> {
    if let Some(seen) = links::look(env, token, at).await? {
        return Page::of(&seen, at, None);
    }
    if let Some(seen) = links::look_at_mails(env, token, at).await? {
        return Ok(Page::of_mails(&seen, &[]));
    }
    let seen = links::look_at_account(env, token, at).await?;
    seen.map_or_else(|| Ok(Page::foreign()), |seen| Page::of_account(&seen, at))
}

/// Acts, once, and shows what happened.
#[utoipa::path(
    post,
    path = "/a/{token}",
    operation_id = "use_action_link",
    tag = "Links",
    security(()),
    params(("token" = String, Path, description = "The token of a link in a mail (G14).")),
    request_body(
        content = String,
        content_type = "application/x-www-form-urlencoded",
        description = "To declare an incident critical: `operacion`, `detenida`, `descripcion`. Of held \
                       mail: a `correo` for each mail that is confirmed or adopted. Empty for every \
                       other act.",
    ),
    responses(
        (status = 200, description = "What happened.", content_type = "text/html", body = String),
        (status = 404, description = "No link of ours.", content_type = "text/html", body = String),
        (status = 409, description = "A rule says no.", content_type = "text/html", body = String),
        (status = 410, description = "Used or expired.", content_type = "text/html", body = String),
        (status = 422, description = "An answer is missing.", content_type = "text/html", body = String),
    ),
)]
pub(crate) async fn act<E: Env>(
    State(env): State<Arc<E>>,
    received_at: Option<Extension<ReceivedAt>>,
    token: Result<Path<String>, axum::extract::rejection::PathRejection>,
    request: Request,
) -> Response {
    let Some(Extension(ReceivedAt(at))) = received_at else { return unknown_receipt() };
    let Ok(Path(token)) = token else { return Page::foreign().response() };
    let answers = Answers::read(request.into_body()).await;
    let page = pressed(env.as_ref(), &token, at, &answers).await;
    page.unwrap_or_else(|why| Page::failed(&why)).response()
}

/// The page after the button was pressed, whatever the link acts on.
async fn pressed<E: Env>(
    env: &E,
    token: &str,
    at: domain::Instant,
    answers: &Answers,
) -> Result<Page, Failure> {
    if let Some((seen, faults)) = carry_out(env, token, at, answers).await? {
        let asked = (!faults.is_empty()).then_some((answers, faults));
        return Page::of(&seen, at, asked);
    }
    if let Some((seen, acted)) = links::act_on_mails(env, token, at, &answers.mails).await? {
        return Ok(Page::of_mails(&seen, &acted));
    }
    let acted = links::act_on_account(env, token, at).await?;
    acted.map_or_else(|| Ok(Page::foreign()), |seen| Page::of_account(&seen, at))
}

/// Acts, unless the questions of the page are not answered: then it says what is missing.
async fn carry_out<E: Env>(
    env: &E,
    token: &str,
    at: domain::Instant,
    answers: &Answers,
) -> Result<Option<(Seen, Vec<String>)>, Failure> {
    let Some(seen) = links::look(env, token, at).await? else { return Ok(None) };
    let declaration = match seen.token.action {
        Action::DeclareCritical => match answers.declaration() {
            Ok(declaration) => Some(declaration),
            Err(faults) => return Ok(Some((seen, faults))),
        },
        Action::Confirm
        | Action::StillFails
        | Action::AcceptSameDay
        | Action::DeclineSameDay
        | Action::AcceptEmergencyCost => None,
    };
    let acted = links::act(env, token, at, declaration).await?;
    Ok(acted.map(|seen| (seen, Vec::new())))
}

fn unknown_receipt() -> Response {
    let why = Failure::Fault("the request does not say when it was received".to_owned());
    Page::failed(&why).response()
}

/// The status of a page.
const fn status(state: &links::State) -> StatusCode {
    match state {
        links::State::Ready(_) | links::State::Acted(_) | links::State::Idle(_) => StatusCode::OK,
        links::State::Used(_) | links::State::Expired(_) => StatusCode::GONE,
        links::State::Outdated | links::State::Refused(_) => StatusCode::CONFLICT,
    }
}
