//! Mail that waits or was set aside: what it is, why, and what the desk can make of it (G10).

use std::sync::Arc;

use app::inbound::{self, Desk, DeskVerb, Resolved};
use app::ports::Env;
use app::{Failure, attachments};
use axum::extract::State;
use domain::ticket::{Refusal, RefusalCode};
use domain::{SpocId, TicketRef};
use serde::Serialize;
use utoipa::ToSchema;
use web::codes::MailListCode;
use web::limits::REASON_CHARS_MAX;
use web::views::LinkView;
use web::{
    Answer, Cursor, Duty, Fields, Input, MailId, Params, Problem, ReadErrors, StaffCaller,
    WriteErrors,
};

use crate::bodies::ReasonBody;
use crate::mail_views::{MailOutcome, MailPage, MailSummary, WholeMail, status_text};

/// To which ticket a mail is put, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkBody {
    /// The ticket's reference.
    #[schema(value_type = String)]
    pub ticket: TicketRef,
    /// Up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl LinkBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let ticket = fields.name("ticket", "la referencia de un ticket", TicketRef::parse);
        let reason = fields.text("reason", REASON_CHARS_MAX);
        Some(Self { ticket: ticket?, reason: reason? })
    }
}

/// Which SPoC adopts a mail, and how the desk knows.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdoptBody {
    /// The SPoC.
    #[schema(value_type = String, example = "ana")]
    pub spoc: SpocId,
    /// Up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl AdoptBody {
    fn read(fields: &mut Fields) -> Option<Self> {
        let spoc = fields.name("spoc", "la clave de un contacto", SpocId::parse);
        let reason = fields.text("reason", REASON_CHARS_MAX);
        Some(Self { spoc: spoc?, reason: reason? })
    }
}

/// Lists mails that wait or were set aside, newest first.
#[utoipa::path(
    get,
    path = "/desk/mails",
    operation_id = "desk_mails",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("list" = inline(MailListCode), Query, description = "Which list."),
        ("after" = Option<String>, Query, description = "Where the page starts: `next` of the last."),
    ),
    responses((status = 200, description = "A page.", body = MailPage), ReadErrors),
)]
pub(crate) async fn list<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    params: Params,
) -> Result<Answer<MailPage>, Problem> {
    caller.require(Duty::Reading)?;
    let (list, after) = params.read(|params| {
        let after = Cursor::read(params);
        let list: Option<MailListCode> = params.code("list");
        Some((list?, after))
    })?;
    let asked = after.is_some();
    let page = inbound::listed(env.as_ref(), list.into(), after).await;
    let page = page.map_err(|failure| Cursor::problem(failure, asked))?;
    let mails = page.items.iter().map(MailSummary::of).collect();
    Ok(Answer::ok(MailPage { mails, next: page.next.as_deref().map(Cursor::of) }))
}

/// Shows a mail with all that is known of it.
#[utoipa::path(
    get,
    path = "/desk/mails/{id}",
    operation_id = "desk_mail",
    tag = "Desk",
    security(("token" = [])),
    params(("id" = String, Path, description = "The mail's id.")),
    responses((status = 200, description = "The mail.", body = WholeMail), ReadErrors),
)]
pub(crate) async fn show<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    MailId(id): MailId,
) -> Result<Answer<WholeMail>, Problem> {
    caller.require(Duty::Reading)?;
    let mail = inbound::find(env.as_ref(), &id).await?;
    Ok(Answer::ok(WholeMail::of(env.as_ref(), &mail).await?))
}

/// Asks for a link to download a mail as it came.
#[utoipa::path(
    get,
    path = "/desk/mails/{id}/raw",
    operation_id = "desk_raw_mail",
    tag = "Desk",
    security(("token" = [])),
    params(("id" = String, Path, description = "The mail's id.")),
    responses((status = 200, description = "A link to download.", body = LinkView), ReadErrors),
)]
pub(crate) async fn raw<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    MailId(id): MailId,
) -> Result<Answer<LinkView>, Problem> {
    caller.require(Duty::Reading)?;
    let mail = inbound::find(env.as_ref(), &id).await?;
    let file = inbound::raw(env.as_ref(), &mail).await?;
    let offered = attachments::download(env.as_ref(), file).await?;
    Ok(Answer::ok(LinkView::download(offered)))
}

/// Records that a SPoC adopts a colleague's message: it is his from now on (1.2a).
#[utoipa::path(
    post,
    path = "/desk/mails/{id}/adopt",
    operation_id = "desk_adopt_mail",
    tag = "Desk",
    security(("token" = [])),
    params(("id" = String, Path, description = "The mail's id.")),
    request_body = AdoptBody,
    responses((status = 200, description = "Done.", body = MailOutcome), WriteErrors),
)]
pub(crate) async fn adopt<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    MailId(id): MailId,
    input: Input,
) -> Result<Answer<MailOutcome>, Problem> {
    caller.require(Duty::TicketWork)?;
    let body = input.read(AdoptBody::read)?;
    let desk = by(&caller, &body.reason);
    told(DeskVerb::Adopt, inbound::adopt_for(env.as_ref(), &id, &body.spoc, &desk).await?)
}

/// Vouches for a mail that claims a SPoC: it is his from its receipt on (M1).
#[utoipa::path(
    post,
    path = "/desk/mails/{id}/release",
    operation_id = "desk_release_mail",
    tag = "Desk",
    security(("token" = [])),
    params(("id" = String, Path, description = "The mail's id.")),
    request_body = ReasonBody,
    responses((status = 200, description = "Done.", body = MailOutcome), WriteErrors),
)]
pub(crate) async fn release<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    MailId(id): MailId,
    input: Input,
) -> Result<Answer<MailOutcome>, Problem> {
    caller.require(Duty::TicketWork)?;
    let body = input.read(ReasonBody::read)?;
    let desk = by(&caller, &body.reason);
    told(DeskVerb::Release, inbound::release(env.as_ref(), &id, &desk).await?)
}

/// Puts a mail on a ticket: that of a SPoC of the ticket's client as his answer, every other one as a
/// note of the desk. What one client wrote never comes to another one's ticket (13).
#[utoipa::path(
    post,
    path = "/desk/mails/{id}/link",
    operation_id = "desk_link_mail",
    tag = "Desk",
    security(("token" = [])),
    params(("id" = String, Path, description = "The mail's id.")),
    request_body = LinkBody,
    responses((status = 200, description = "Done.", body = MailOutcome), WriteErrors),
)]
pub(crate) async fn link<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    MailId(id): MailId,
    input: Input,
) -> Result<Answer<MailOutcome>, Problem> {
    caller.require(Duty::TicketWork)?;
    let body = input.read(LinkBody::read)?;
    let desk = by(&caller, &body.reason);
    told(DeskVerb::Link, inbound::link(env.as_ref(), &id, &body.ticket, &desk).await?)
}

/// Takes a mail again that could not be taken (M7): what becomes of it now is its outcome.
#[utoipa::path(
    post,
    path = "/desk/mails/{id}/retry",
    operation_id = "desk_retry_mail",
    tag = "Desk",
    security(("token" = [])),
    params(("id" = String, Path, description = "The mail's id.")),
    request_body = ReasonBody,
    responses((status = 200, description = "Done.", body = MailOutcome), WriteErrors),
)]
pub(crate) async fn retry<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    MailId(id): MailId,
    input: Input,
) -> Result<Answer<MailOutcome>, Problem> {
    caller.require(Duty::TicketWork)?;
    let body = input.read(ReasonBody::read)?;
    let desk = by(&caller, &body.reason);
    told(DeskVerb::Retry, inbound::retry(env.as_ref(), &id, &desk).await?)
}

/// Leaves a mail at that: nothing becomes of it.
#[utoipa::path(
    post,
    path = "/desk/mails/{id}/discard",
    operation_id = "desk_discard_mail",
    tag = "Desk",
    security(("token" = [])),
    params(("id" = String, Path, description = "The mail's id.")),
    request_body = ReasonBody,
    responses((status = 200, description = "Done.", body = MailOutcome), WriteErrors),
)]
pub(crate) async fn discard<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    MailId(id): MailId,
    input: Input,
) -> Result<Answer<MailOutcome>, Problem> {
    caller.require(Duty::TicketWork)?;
    let body = input.read(ReasonBody::read)?;
    let desk = by(&caller, &body.reason);
    told(DeskVerb::Discard, inbound::discard(env.as_ref(), &id, &desk).await?)
}

fn by<'a>(caller: &'a StaffCaller, reason: &'a str) -> Desk<'a> {
    Desk { member: &caller.member, at: caller.received_at, reason }
}

/// What became of the mail, or why it cannot end so: as it stood, or as somebody who was faster left it.
fn told(verb: DeskVerb, resolved: Resolved) -> Result<Answer<MailOutcome>, Problem> {
    if resolved.is_new {
        return Ok(Answer::ok(resolved.into()));
    }
    let why = match verb {
        DeskVerb::Adopt => "solo se adopta lo que escribió un colega y sigue en espera",
        DeskVerb::Release => {
            "solo se libera lo que dice venir de un contacto autorizado y sigue apartado"
        }
        DeskVerb::Link => "solo se asigna a un ticket lo que sigue apartado y pudo leerse",
        DeskVerb::Retry => "solo se vuelve a procesar lo que no pudo procesarse",
        DeskVerb::Discard => "solo se descarta lo que sigue apartado",
    };
    let why = format!("{why}; este mensaje {}", status_text(resolved.status));
    Err(Failure::Refused(Refusal::new(RefusalCode::Nothing, "G10", why)).into())
}
