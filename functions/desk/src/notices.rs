//! Notices that failed: a person has them sent again, or gives them up.

use std::sync::Arc;

use app::keys;
use app::outbox;
use app::ports::Env;
use app::tickets;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use web::bodies::EmptyBody;
use web::codes::NoticeStatus;
use web::{
    Answer, Cursor, Duty, Input, Params, Problem, ReadErrors, StaffCaller, Subject, WriteErrors,
};

use crate::views::NoticeView;

/// A page of notices that failed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FailedNotices {
    /// The notices, newest first.
    pub notices: Vec<FailedNotice>,
    /// Where the next page starts; null on the last one.
    pub next: Option<Cursor>,
}

/// A notice that failed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FailedNotice {
    /// The ticket; where the notice belongs to none, the client, the mail or the address. It is the
    /// `ref` of its paths.
    pub subject: String,
    /// The notice.
    pub notice: NoticeView,
}

/// What became of a failed notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Settled {
    /// Its id. One that is sent again is a notice of its own, which supersedes the one that failed.
    pub id: String,
    /// Its state.
    pub status: NoticeStatus,
}

/// Lists the notices that failed.
#[utoipa::path(
    get,
    path = "/desk/notices",
    operation_id = "desk_failed_notices",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("failed" = String, Query, description = "Required, with any value or none."),
        ("after" = Option<String>, Query, description = "Where the page starts: `next` of the last."),
    ),
    responses((status = 200, description = "A page.", body = FailedNotices), ReadErrors),
)]
pub(crate) async fn failed<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    params: Params,
) -> Result<Answer<FailedNotices>, Problem> {
    caller.require(Duty::Reading)?;
    let after = params.read(|params| {
        let after = Cursor::read(params);
        params.name("failed", "un valor", |_| Ok::<_, ()>(()))?;
        Some(after)
    })?;
    let asked = after.is_some();
    let page = tickets::failed_notices(env.as_ref(), after).await;
    let page = page.map_err(|failure| Cursor::problem(failure, asked))?;
    let notices = page.items.iter().map(|(key, record, status)| FailedNotice {
        subject: keys::subject_of(&key.pk),
        notice: NoticeView::of(key, record, status),
    });
    let notices = notices.collect();
    Ok(Answer::ok(FailedNotices { notices, next: page.next.as_deref().map(Cursor::of) }))
}

/// Has a failed notice sent again.
#[utoipa::path(
    post,
    path = "/desk/notices/{ref}/{id}/resend",
    operation_id = "desk_resend_notice",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The `subject` of the notice."),
        ("id" = String, Path, description = "The notice's id."),
    ),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "It will be sent again.", body = Settled), WriteErrors),
)]
pub(crate) async fn resend<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    subject: Subject,
    input: Input,
) -> Result<Answer<Settled>, Problem> {
    settle(env.as_ref(), &caller, subject, input, true).await
}

/// Gives a failed notice up.
#[utoipa::path(
    post,
    path = "/desk/notices/{ref}/{id}/give-up",
    operation_id = "desk_give_up_notice",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The `subject` of the notice."),
        ("id" = String, Path, description = "The notice's id."),
    ),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "It will not be sent.", body = Settled), WriteErrors),
)]
pub(crate) async fn give_up<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    subject: Subject,
    input: Input,
) -> Result<Answer<Settled>, Problem> {
    settle(env.as_ref(), &caller, subject, input, false).await
}

async fn settle<E: Env>(
    env: &E,
    caller: &StaffCaller,
    Subject { key }: Subject,
    input: Input,
    resend: bool,
) -> Result<Answer<Settled>, Problem> {
    caller.require(Duty::TicketWork)?;
    input.read(EmptyBody::read)?;
    let key = outbox::settle_failed(env, &key, resend, &caller.member).await?;
    let id = key.sk.trim_start_matches(keys::NOTICES).to_owned();
    let status = if resend { NoticeStatus::Pending } else { NoticeStatus::GivenUp };
    Ok(Answer::ok(Settled { id, status }))
}
