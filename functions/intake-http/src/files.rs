//! Files that come with a SPoC's messages, and those of the desk's replies.

use std::sync::Arc;

use app::attachments;
use app::ports::Env;
use axum::extract::State;
use web::bodies::UploadBody;
use web::views::LinkView;
use web::{Answer, AttachmentPath, Input, Problem, ReadErrors, SpocCaller, WriteErrors};

use crate::messages;
use crate::read::own;

/// Asks for a link to upload a file.
///
/// The link stores the file once. Name the file's id in `attachments` of the ticket or the message that
/// it comes with, within a day: what no message names is deleted.
#[utoipa::path(
    post,
    path = "/tickets/attachments",
    operation_id = "upload_attachment",
    tag = "Tickets",
    security(("token" = [])),
    request_body = UploadBody,
    responses((status = 201, description = "A link to upload.", body = LinkView), WriteErrors),
)]
pub(crate) async fn upload<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    input: Input,
) -> Result<Answer<LinkView>, Problem> {
    let body = input.read(UploadBody::read)?;
    caller.file(env.as_ref()).await?;
    let offered = attachments::offer(env.as_ref(), caller.principal(), body.into()).await?;
    Ok(Answer::created(LinkView::upload(offered)))
}

/// Asks for a link to download a file of a message.
#[utoipa::path(
    get,
    path = "/tickets/{ref}/attachments/{id}",
    operation_id = "download_attachment",
    tag = "Tickets",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("id" = String, Path, description = "The file's id, as the ticket shows it."),
    ),
    responses((status = 200, description = "A link to download.", body = LinkView), ReadErrors),
)]
pub(crate) async fn download<E: Env>(
    State(env): State<Arc<E>>,
    caller: SpocCaller,
    AttachmentPath { reference, id }: AttachmentPath,
) -> Result<Answer<LinkView>, Problem> {
    let whole = own(env.as_ref(), &caller, &reference).await?;
    let file = messages::attachment(&whole, &id).ok_or_else(Problem::not_found)?;
    let offered = attachments::download(env.as_ref(), file).await?;
    Ok(Answer::ok(LinkView::download(offered)))
}
