//! The public messages of a ticket: what the client wrote, and what the desk wrote to him.
//!
//! Which facts are public is decided by one exhaustive match: a new kind of fact does not compile
//! until somebody says whether clients may read it.

use app::ports::Env;
use app::records::Attachment;
use app::texts;
use app::tickets::Whole;
use domain::evidence::Event;
use domain::ticket::{Fact, ReplyKind};
use domain::{Actor, Instant, StaffId};
use serde::Serialize;
use utoipa::ToSchema;
use web::views::{AttachmentView, Moment};
use web::{Names, Problem};

web::codes! {
    /// Who wrote.
    Side {
        /// The client.
        Client = "client",
        /// The desk.
        Desk = "desk",
    }
    /// What a message is.
    MessageKind {
        /// The request itself.
        Request = "request",
        /// An answer of the client.
        Message = "message",
        /// An answer of the client: the solution did not work.
        StillFails = "still_fails",
        /// The client's words for a critical incident.
        CriticalDeclaration = "critical_declaration",
        /// An answer of the desk.
        Answer = "answer",
        /// The desk asks for information.
        InformationRequest = "information_request",
        /// The desk asks for access.
        AccessRequest = "access_request",
        /// The desk answers and asks.
        AnswerAndRequest = "answer_and_request",
        /// A solution.
        Solution = "solution",
        /// The request is out of scope.
        ScopeDecision = "scope_decision",
        /// The incident is attended as not critical, and why.
        Downgrade = "downgrade",
    }
}

/// A message that both sides read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MessageView {
    /// The ticket to which it was written, where that was merged into this one (4.5).
    pub ticket: Option<String>,
    /// Its number in that ticket.
    pub number: u32,
    /// Who wrote.
    pub from: Side,
    /// The writer's name.
    pub author: String,
    /// When it was received or written.
    pub at: Moment,
    /// What it is.
    pub kind: MessageKind,
    /// Its words; null where there are none or they were erased.
    pub text: Option<String>,
    /// Files that came with it.
    pub attachments: Vec<AttachmentView>,
}

/// A fact that both sides read.
struct Public {
    event: Event,
    from: Side,
    at: Instant,
    kind: MessageKind,
}

/// The public messages, in order; those of tickets that were merged into this one stand among them.
pub(crate) async fn messages<E: Env>(env: &E, whole: &Whole) -> Result<Vec<MessageView>, Problem> {
    let mut shown = own_messages(env, whole).await?;
    for merged in &whole.loaded.head.doc.ticket.took_in {
        let taken = tickets::whole(env, merged).await?;
        for message in own_messages(env, &taken).await? {
            let place = shown.partition_point(|it| it.at.0 <= message.at.0);
            shown.insert(place, MessageView { ticket: Some(merged.to_string()), ..message });
        }
    }
    Ok(shown)
}

/// The public messages of one ticket, in the order of their numbers.
async fn own_messages<E: Env>(env: &E, whole: &Whole) -> Result<Vec<MessageView>, Problem> {
    let mut public = Vec::new();
    for link in &whole.links {
        // What a newer release wrote is not shown by this one.
        let Ok(event) = link.event() else { continue };
        public.extend(Public::of(event));
    }
    let staff = public.iter().filter_map(|message| author(&message.event.by));
    let names = Names::of(env, Some(&whole.loaded.file), staff).await?;
    let mut shown = Vec::new();
    for Public { event, from, at, kind } in public {
        let stored = whole.texts.get(&event.seq);
        let text = match stored {
            Some(text) => texts::words(env, text).await?,
            None => None,
        };
        let files = stored.into_iter().flat_map(|text| &text.attachments);
        let attachments = files.map(AttachmentView::from).collect();
        let text = match kind {
            MessageKind::Request => text.map(|text| without_subject(whole, text)),
            MessageKind::Message
            | MessageKind::StillFails
            | MessageKind::CriticalDeclaration
            | MessageKind::Answer
            | MessageKind::InformationRequest
            | MessageKind::AccessRequest
            | MessageKind::AnswerAndRequest
            | MessageKind::Solution
            | MessageKind::ScopeDecision
            | MessageKind::Downgrade => text,
        };
        // What the desk wrote down or released is the client's all the same.
        let author = if let Fact::Opened(opened) = &event.fact {
            names.spoc(&opened.opener)
        } else if let Fact::ClientWrote { by, .. } = &event.fact {
            names.participant(by)
        } else {
            names.actor(&event.by)
        };
        let (number, at) = (event.seq, at.into());
        shown.push(MessageView { ticket: None, number, from, author, at, kind, text, attachments });
    }
    Ok(shown)
}

/// The file of a public message; one of an internal note does not exist.
pub(crate) fn attachment(whole: &Whole, id: &str) -> Option<Attachment> {
    let events = whole.links.iter().filter_map(|link| link.event().ok());
    let public = events.filter_map(Public::of);
    let texts = public.filter_map(|message| whole.texts.get(&message.event.seq));
    texts.flat_map(|text| &text.attachments).find(|file| file.id == id).cloned()
}

fn author(by: &Actor) -> Option<StaffId> {
    match by {
        Actor::Staff(member) => Some(member.id.clone()),
        Actor::Spoc(_) | Actor::Participant(_) | Actor::System => None,
    }
}

/// The text of a request is kept with its subject above it.
fn without_subject(whole: &Whole, text: String) -> String {
    let subject = format!("{}\n\n", whole.loaded.head.doc.subject);
    text.strip_prefix(&subject).map(ToOwned::to_owned).unwrap_or(text)
}

impl Public {
    fn of(event: Event) -> Option<Self> {
        let (from, at, kind) = match &event.fact {
            Fact::Opened(opened) => (Side::Client, opened.received_at, MessageKind::Request),
            Fact::ClientWrote { received_at, still_fails: true, .. } => {
                (Side::Client, *received_at, MessageKind::StillFails)
            }
            Fact::ClientWrote { received_at, still_fails: false, .. } => {
                (Side::Client, *received_at, MessageKind::Message)
            }
            Fact::DeclaredCritical { at, text: Some(_), .. } => {
                (Side::Client, *at, MessageKind::CriticalDeclaration)
            }
            Fact::DeskWrote { reply, committed_at, .. } => {
                (Side::Desk, *committed_at, reply_kind(*reply))
            }
            Fact::Downgraded { at, .. } => (Side::Desk, *at, MessageKind::Downgrade),
            Fact::DeclaredCritical { text: None, .. }
            | Fact::MessageAccepted { .. }
            | Fact::MessageBounced { .. }
            | Fact::MessageResent { .. }
            | Fact::ActRecorded { .. }
            | Fact::ParticipantAdded { .. }
            | Fact::MailNoted { .. }
            | Fact::ClosingBlocked { .. }
            | Fact::ClosingUnblocked { .. }
            | Fact::Noted { .. }
            | Fact::Assigned { .. }
            | Fact::SameDayAccepted { .. }
            | Fact::SameDayDeclined { .. }
            | Fact::EmergencyCostAccepted { .. }
            | Fact::ChargeWaived { .. }
            | Fact::CriticalityConfirmed { .. }
            | Fact::PauseEnded { .. }
            | Fact::Escalated { .. }
            | Fact::Paged { .. }
            | Fact::PageAcknowledged { .. }
            | Fact::Warned { .. }
            | Fact::Missed { .. }
            | Fact::MissRetracted { .. }
            | Fact::InformationReminded { .. }
            | Fact::SolutionReminded { .. }
            | Fact::Closed { .. }
            | Fact::ClosingAsked { .. }
            | Fact::MergedInto { .. }
            | Fact::TookIn(_)
            | Fact::ClosureUndone { .. }
            | Fact::Reopened { .. }
            | Fact::Thanked { .. }
            | Fact::ClockStarted { .. }
            | Fact::StandingApplied { .. }
            | Fact::Proposed { .. }
            | Fact::ProposalRejected { .. } => return None,
        };
        Some(Self { event, from, at, kind })
    }
}

const fn reply_kind(reply: ReplyKind) -> MessageKind {
    match reply {
        ReplyKind::Answer => MessageKind::Answer,
        ReplyKind::InformationRequest => MessageKind::InformationRequest,
        ReplyKind::AccessRequest => MessageKind::AccessRequest,
        ReplyKind::AnswerAndRequest => MessageKind::AnswerAndRequest,
        ReplyKind::Solution => MessageKind::Solution,
        ReplyKind::ScopeDecision => MessageKind::ScopeDecision,
    }
}
