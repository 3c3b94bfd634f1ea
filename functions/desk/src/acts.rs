//! What the desk does with a ticket. Who does it is recorded with every act.

use std::sync::Arc;

use app::attachments::Files;
use app::codec::Stored;
use app::idempotency::Once;
use app::ports::{Env, Store as _};
use app::records::Head;
use app::tickets::{self, DeskVerb};
use app::{Failure, auth, keys};
use axum::extract::State;
use domain::ticket::DeskAct;
use domain::{StaffId, TicketRef};
use web::bodies::{EmptyBody, TextBody};
use web::views::Moment;
use web::{Answer, Duty, Input, Problem, Reference, StaffCaller, WriteErrors};

use crate::bodies::{
    ActBody, AssignBody, CloseBody, EscalateBody, NoteBody, ProposalBody, ReasonBody, ReplyBody,
    ThanksBody,
};
use crate::views::Acted;

/// Gives the ticket to a member of the desk, or to nobody.
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/assign",
    operation_id = "desk_assign",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = AssignBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn assign<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    let AssignBody { to } = input.read(AssignBody::read)?;
    require_member(env.as_ref(), to.as_ref()).await?;
    let done = act(env.as_ref(), caller, &reference, DeskVerb::Plain(DeskAct::Assign { to }), once)
        .await?;
    Ok(done.ok())
}

/// Writes an internal note, which clients never see.
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/notes",
    operation_id = "desk_note",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = String, Header, description = "A fresh value for each request."),
    ),
    request_body = NoteBody,
    responses(
        (status = 201, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn note<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = Some(input.once(&caller.principal())?);
    let NoteBody { text, attachments } = input.read(NoteBody::read)?;
    let files = Files::claim(env.as_ref(), &caller.principal(), &attachments).await?;
    let verb = DeskVerb::WithText(|text| DeskAct::Note { text }, text);
    let done = act_with(env.as_ref(), caller, &reference, verb, &files, once).await?;
    Ok(done.created())
}

/// Writes to the client (2.1, 7.7, 9.3).
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/replies",
    operation_id = "desk_reply",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = String, Header, description = "A fresh value for each request."),
    ),
    request_body = ReplyBody,
    responses(
        (status = 201, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn reply<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = Some(input.once(&caller.principal())?);
    let ReplyBody { kind, text, attachments } = input.read(ReplyBody::read)?;
    let files = Files::claim(env.as_ref(), &caller.principal(), &attachments).await?;
    let verb = DeskVerb::Reply(kind.into(), text);
    let done = act_with(env.as_ref(), caller, &reference, verb, &files, once).await?;
    Ok(done.created())
}

/// Records a call, a remote session or a visit (2.1a).
///
/// Recorded late, it is a proposal that another member approves.
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/acts",
    operation_id = "desk_record_act",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = String, Header, description = "A fresh value for each request."),
    ),
    request_body = ActBody,
    responses(
        (status = 201, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn record<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = Some(input.once(&caller.principal())?);
    let ActBody { kind, started_at, ended_at, text } = input.read(ActBody::read)?;
    let (Moment(started_at), Moment(ended_at)) = (started_at, ended_at);
    let verb = DeskVerb::RecordAct(kind.into(), started_at, ended_at, text);
    let done = act(env.as_ref(), caller, &reference, verb, once).await?;
    Ok(done.created())
}

/// Confirms that the incident is critical (1.4).
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/confirm-critical",
    operation_id = "desk_confirm_critical",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = Option<EmptyBody>,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn confirm_critical<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    input.read(EmptyBody::read)?;
    let done =
        act(env.as_ref(), caller, &reference, DeskVerb::Plain(DeskAct::ConfirmCriticality), once)
            .await?;
    Ok(done.ok())
}

/// Attends the incident as not critical; the client reads why (1.4, 7.8).
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/downgrade",
    operation_id = "desk_downgrade",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = TextBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn downgrade<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    let TextBody { text } = input.read(TextBody::read)?;
    let done = act(
        env.as_ref(),
        caller,
        &reference,
        DeskVerb::WithText(|text| DeskAct::Downgrade { text }, text),
        once,
    )
    .await?;
    Ok(done.ok())
}

/// Ends the pause that waits for the client (7.7).
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/end-pause",
    operation_id = "desk_end_pause",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = TextBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn end_pause<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    let TextBody { text } = input.read(TextBody::read)?;
    let done = act(
        env.as_ref(),
        caller,
        &reference,
        DeskVerb::WithText(|text| DeskAct::EndPause { text }, text),
        once,
    )
    .await?;
    Ok(done.ok())
}

/// Escalates (9.8).
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/escalate",
    operation_id = "desk_escalate",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = EscalateBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn escalate<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    let EscalateBody { level } = input.read(EscalateBody::read)?;
    let level = level.into();
    let done =
        act(env.as_ref(), caller, &reference, DeskVerb::Plain(DeskAct::Escalate { level }), once)
            .await?;
    Ok(done.ok())
}

/// Marks a message as mere thanks (9.4).
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/thanks",
    operation_id = "desk_mark_thanks",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = ThanksBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn thanks<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    let ThanksBody { message } = input.read(ThanksBody::read)?;
    let done = act(
        env.as_ref(),
        caller,
        &reference,
        DeskVerb::Plain(DeskAct::MarkThanks { message }),
        once,
    )
    .await?;
    Ok(done.ok())
}

/// Closes, for one of the reasons that are the desk's (9.0a).
///
/// As no request it is a proposal that another member approves.
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/close",
    operation_id = "desk_close",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = CloseBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn close<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    let CloseBody { reason, text } = input.read(CloseBody::read)?;
    let done =
        act(env.as_ref(), caller, &reference, DeskVerb::Close(reason.into(), text), once).await?;
    Ok(done.ok())
}

/// Takes the page: it is not repeated (7.4).
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/ack-page",
    operation_id = "desk_acknowledge_page",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = Option<EmptyBody>,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn ack_page<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    input.read(EmptyBody::read)?;
    let done =
        act(env.as_ref(), caller, &reference, DeskVerb::Plain(DeskAct::AcknowledgePage), once)
            .await?;
    Ok(done.ok())
}

/// Gives up the charge of an accepted cost (7.2a). Finance and admins.
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/waive-charge",
    operation_id = "desk_waive_charge",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = ReasonBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn waive_charge<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::Charges)?;
    let once = input.optional_once(&caller.principal());
    let ReasonBody { reason } = input.read(ReasonBody::read)?;
    let done = act(
        env.as_ref(),
        caller,
        &reference,
        DeskVerb::WithText(|text| DeskAct::WaiveCharge { text }, reason),
        once,
    )
    .await?;
    Ok(done.ok())
}

/// Approves what another member proposed.
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/approve",
    operation_id = "desk_approve",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = ProposalBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn approve<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    let ProposalBody { proposal } = input.read(ProposalBody::read)?;
    let done =
        act(env.as_ref(), caller, &reference, DeskVerb::Plain(DeskAct::Approve { proposal }), once)
            .await?;
    Ok(done.ok())
}

/// Rejects what another member proposed.
#[utoipa::path(
    post,
    path = "/desk/tickets/{ref}/reject",
    operation_id = "desk_reject",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("ref" = String, Path, description = "The ticket's reference."),
        ("Idempotency-Key" = Option<String>, Header, description = "Not required here."),
    ),
    request_body = ProposalBody,
    responses(
        (status = 200, description = "Registered.", body = Acted,
         headers(("Idempotent-Replayed" = String))),
        WriteErrors,
    ),
)]
pub(crate) async fn reject<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
    input: Input,
) -> Result<Answer<Acted>, Problem> {
    caller.require(Duty::TicketWork)?;
    let once = input.optional_once(&caller.principal());
    let ProposalBody { proposal } = input.read(ProposalBody::read)?;
    let done =
        act(env.as_ref(), caller, &reference, DeskVerb::Plain(DeskAct::Reject { proposal }), once)
            .await?;
    Ok(done.ok())
}

/// What an act did, and whether the same request had done it before.
pub(crate) struct Done {
    acted: Acted,
    replayed: bool,
}

impl Done {
    /// The answer to an act that changes what there is.
    pub(crate) fn ok(self) -> Answer<Acted> {
        Answer::ok(self.acted).replayed(self.replayed)
    }

    fn created(self) -> Answer<Acted> {
        Answer::created(self.acted).replayed(self.replayed)
    }
}

/// Carries out an act of the caller's.
pub(crate) async fn act<E: Env>(
    env: &E,
    caller: StaffCaller,
    reference: &TicketRef,
    verb: DeskVerb,
    once: Option<Once>,
) -> Result<Done, Problem> {
    act_with(env, caller, reference, verb, &Files::default(), once).await
}

async fn act_with<E: Env>(
    env: &E,
    caller: StaffCaller,
    reference: &TicketRef,
    verb: DeskVerb,
    files: &Files,
    once: Option<Once>,
) -> Result<Done, Problem> {
    let member = caller.member.clone();
    let proposes = matches!(&verb, DeskVerb::RecordAct(..) | DeskVerb::Close(..));
    let applied = tickets::desk_act(env, reference, member, verb, files, once).await?;
    let proposal = match applied.seq {
        Some(first) if proposes => proposed(env, &applied.reference, &caller, first).await?,
        Some(_) | None => None,
    };
    Ok(Done { acted: Acted::of(&applied, proposal), replayed: applied.replayed })
}

/// The proposal that the caller's act has become, if it waits for a second person.
async fn proposed<E: Env>(
    env: &E,
    reference: &TicketRef,
    caller: &StaffCaller,
    first: u32,
) -> Result<Option<u32>, Problem> {
    let item = env.store().get(&keys::head(reference)).await.map_err(Failure::from)?;
    let head = Stored::<Head>::read(&item.ok_or_else(Problem::not_found)?)?.doc;
    let proposals = head.ticket.proposals.iter();
    let mut own = proposals.filter(|it| it.by == caller.member.id && it.seq >= first);
    Ok(own.next().map(|proposal| proposal.seq))
}

async fn require_member<E: Env>(env: &E, to: Option<&StaffId>) -> Result<(), Problem> {
    let Some(to) = to else { return Ok(()) };
    match auth::staff(env, to).await? {
        Some(_) => Ok(()),
        None => Err(Problem::fault_at("to", "no hay nadie activo en la mesa con esa clave")),
    }
}
