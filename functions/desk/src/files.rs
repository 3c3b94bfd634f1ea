//! Files of every message and note of a ticket, and those that the desk adds.

use std::sync::Arc;

use app::ports::Env;
use app::{attachments, tickets};
use axum::extract::State;
use web::bodies::UploadBody;
use web::views::LinkView;
use web::{Answer, AttachmentPath, Duty, Input, Problem, ReadErrors, StaffCaller, WriteErrors};

/// Asks for a link to upload a file.
///
/// The link stores the file once. Name the file's id in `attachments` of the reply, the note or the
/// ticket that it comes with, within a day: what nothing names is deleted.
#[utoipa::path(
    post,
    path = "/desk/tickets/attachments",
    operation_id = "desk_upload_attachment",
    tag = "Desk",
    security(("token" = [])),
    request_body = UploadBody,
    responses((status = 201, description = "A link to upload.", body = LinkView), WriteErrors),
)]
pub(crate) async fn upload<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    input: Input,
) -> Result<Answer<LinkView>, Problem> {
    caller.require(Duty::TicketWork)?;
    let body = input.read(UploadBody::read)?;
    let offered = attachments::offer(env.as_ref(), caller.principal(), body.into()).await?;
    Ok(Answer::created(LinkView::upload(offered)))
}

/// Asks for a link to download a file of a ticket.
#[utoipa::path(
    get,
    path = "/desk/tickets/{ref}/attachments/{id}",
    operation_id = "desk_download_attachment",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("id" = String, Path, description = "The file's id, as the ticket shows it."),
    ),
    responses((status = 200, description = "A link to download.", body = LinkView), ReadErrors),
)]
pub(crate) async fn download<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    AttachmentPath { reference, id }: AttachmentPath,
) -> Result<Answer<LinkView>, Problem> {
    caller.require(Duty::Reading)?;
    let whole = tickets::whole(env.as_ref(), &reference).await?;
    let files = whole.texts.values().flat_map(|text| &text.attachments);
    let file = files.into_iter().find(|file| file.id == id).cloned();
    let file = file.ok_or_else(Problem::not_found)?;
    let offered = attachments::download(env.as_ref(), file).await?;
    Ok(Answer::ok(LinkView::download(offered)))
}
