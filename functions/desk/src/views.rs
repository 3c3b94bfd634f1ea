//! What the desk reads of tickets and notices.

use app::client::ClientFile;
use app::item::Key;
use app::keys;
use app::records::{Head, NoticeRecord, NoticeStatus as Status, NoticeSubject};
use app::tickets::Applied;
use domain::account::Recipient as AccountRecipient;
use domain::agreement::Agreement;
use domain::inbound::MailRecipient;
use domain::ticket::{Proposal, Proposed, Recipient, View};
use domain::{Instant, SpocId, StaffId};
use serde::Serialize;
use utoipa::ToSchema;
use web::codes::{ActKind, Level, LevelCause, NoticeStatus};
use web::views::{
    AwaitingView, ChargeView, ClockView, ClosureView, Criticality, EarlierCycleView,
    EmergencyCostView, LevelView, Moment, OfferView, TicketState, Why, WorkView, awaiting, clocks,
    closes_at, criticality, level, main_clock,
};
use web::{Cursor, Names, Problem};

use crate::timeline::EventView;

web::codes! {
    /// How a request came.
    Channel {
        /// HTTP.
        Http = "http",
        /// A call that the desk registered.
        Call = "call",
        /// A mail.
        Mail = "mail",
    }
    /// What a proposal is about.
    ProposalCode {
        /// An act recorded late (2.1a).
        Act = "act",
        /// Closing as no request (9.0a).
        NotARequest = "not_a_request",
    }
    /// To whom a notice goes.
    RecipientCode {
        /// A SPoC.
        Spoc = "spoc",
        /// An address that was added to the ticket.
        Participant = "participant",
        /// The desk.
        Desk = "desk",
        /// Whoever is on call.
        OnCall = "on_call",
        /// Whoever wrote the mail that it is about.
        Author = "author",
    }
}

/// What an act of the desk did.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeskActed)]
pub struct Acted {
    /// The ticket.
    pub reference: String,
    /// Number of the event; null when nothing changed.
    pub event: Option<u32>,
    /// Number of the proposal that waits for a second person; null where none is needed.
    pub proposal: Option<u32>,
    /// What happened, in words.
    pub text: String,
}

impl Acted {
    /// What `applied` did.
    #[must_use]
    pub fn of(applied: &Applied, proposal: Option<u32>) -> Self {
        let text = match (proposal, applied.seq) {
            (Some(proposal), _) => {
                format!("Propuesta {proposal}: otra persona de la mesa debe aprobarla")
            }
            (None, Some(_)) => "Registrado".to_owned(),
            (None, None) => "Ya estaba así: no cambió nada".to_owned(),
        };
        Self { reference: applied.reference.to_string(), event: applied.seq, proposal, text }
    }
}

/// A person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Person {
    /// Who.
    pub id: String,
    /// Name.
    pub name: String,
}

impl Person {
    /// A SPoC.
    #[must_use]
    pub fn spoc(id: &SpocId, names: &Names<'_>) -> Self {
        Self { id: id.to_string(), name: names.spoc(id) }
    }

    /// A member of the desk.
    #[must_use]
    pub fn staff(id: &StaffId, names: &Names<'_>) -> Self {
        Self { id: id.to_string(), name: names.staff(id) }
    }
}

/// A page of the work list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkList {
    /// The tickets, by the target that draws nearest.
    pub tickets: Vec<WorkItem>,
    /// Where the next page starts; null on the last one. A page may be short, even empty, and not be
    /// the last: one look reads at most 500 tickets.
    pub next: Option<Cursor>,
}

/// What a search found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Found {
    /// The tickets.
    pub tickets: Vec<WorkItem>,
    /// Whether everything was looked at.
    pub complete: bool,
    /// Where the search stopped and how to narrow it; null when it is complete.
    pub note: Option<String>,
}

/// A ticket in a list of the desk.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkItem {
    /// Its reference.
    #[schema(example = "ACME-7K2QX9RD-E")]
    pub reference: String,
    /// The client's code.
    pub client: String,
    /// The client's name.
    pub client_name: String,
    /// Its subject.
    pub subject: String,
    /// Where it stands.
    pub state: TicketState,
    /// When the current cycle was received.
    pub received_at: Moment,
    /// What is due next: the target that draws nearest, else the next wake-up.
    pub due_at: Option<Moment>,
    /// The clock that counts; null while the ticket is held.
    pub clock: Option<ClockView>,
    /// The clock of an unanswered message (7.9).
    pub reply_clock: Option<ClockView>,
    /// Who cares for it.
    pub assignee: Option<Person>,
    /// Whether it is critical.
    pub criticality: Criticality,
    /// A target draws near (7.10).
    pub warned: bool,
    /// A target was missed in this cycle.
    pub missed: bool,
    /// A page waits for somebody who takes it (7.4).
    pub paged: bool,
    /// What the desk waits for.
    pub awaiting: Option<AwaitingView>,
    /// When it closes unless somebody answers.
    pub closes_at: Option<Moment>,
    /// The level of attention.
    pub level: LevelView,
    /// Reopened twice: level 2 is suggested (9.8).
    pub suggests_senior: bool,
    /// Proposals that wait for a second person.
    pub proposals: usize,
}

impl WorkItem {
    /// A ticket at `now`.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn of(
        head: &Head,
        file: &ClientFile,
        agreement: &Agreement,
        names: &Names<'_>,
        now: Instant,
    ) -> Result<Self, Problem> {
        let ticket = &head.ticket;
        let view = View::current(ticket, agreement);
        let (state, _) = TicketState::of(&view, now)?;
        let open = state != TicketState::Closed;
        let shown = clocks(&view, now)?;
        let attention = || shown.iter().filter(|clock| clock.tier.is_some());
        let missed = attention().any(|clock| clock.result == web::views::ResultCode::Missed);
        Ok(Self {
            reference: ticket.opened.reference.to_string(),
            client: file.client.id.to_string(),
            client_name: file.client.name.clone(),
            subject: head.subject.clone(),
            state,
            received_at: ticket.cycle.received_at.into(),
            due_at: head.wake.next.or(head.wake.earliest()).filter(|_| open).map(Moment),
            warned: open && attention().any(|clock| clock.is_near(now)),
            missed,
            paged: open && is_paged(head),
            reply_clock: shown.iter().find(|clock| clock.tier.is_none()).cloned(),
            clock: main_clock(shown),
            assignee: ticket.assignee.as_ref().map(|id| Person::staff(id, names)),
            criticality: criticality(ticket),
            awaiting: awaiting(&view).filter(|_| open),
            closes_at: closes_at(&view, open)?,
            level: level(ticket),
            suggests_senior: ticket.suggests_senior(),
            proposals: ticket.proposals.len(),
        })
    }
}

/// Whether a page waits for somebody who takes it.
pub(crate) fn is_paged(head: &Head) -> bool {
    let told = &head.ticket.cycle.told;
    told.pages > 0 && !told.page_acknowledged && head.ticket.cycle.critical().is_some()
}

/// A ticket as a whole.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeskTicket {
    /// What lists show of it.
    pub summary: WorkItem,
    /// How it came.
    pub channel: Channel,
    /// When the ticket was received; its current cycle may be later.
    pub opened_at: Moment,
    /// Number of the current cycle.
    pub cycle: u32,
    /// Technical name of the Odoo module, if said.
    pub module: Option<String>,
    /// The SPoC who asked.
    pub opener: Person,
    /// To whom public messages go.
    pub followers: Vec<Person>,
    /// Addresses that take part besides the SPoCs (1.5); one that was erased is left out.
    pub participants: Vec<String>,
    /// The client's standing now, in words; null while the póliza is served.
    pub not_served: Option<&'static str>,
    /// Every clock of the current cycle.
    pub clocks: Vec<ClockView>,
    /// The cycles that have ended, oldest first, with their clocks and charges (9.0).
    pub earlier: Vec<EarlierCycleView>,
    /// Whose the time was, of all its cycles together (G12).
    pub work: WorkView,
    /// Why its dates are what they are.
    pub why: Why,
    /// Calls of the on-call staff for the latest immediate clock.
    pub page: PageView,
    /// Levels reached in this cycle.
    pub levels: Vec<ReachedLevel>,
    /// The same-day offer (7.2a).
    pub same_day_offer: Option<OfferView>,
    /// The cost of the emergency (7.4a).
    pub emergency_cost: Option<EmergencyCostView>,
    /// Charges for costs that were accepted in this cycle.
    pub charges: Vec<ChargeView>,
    /// How it closed.
    pub closed: Option<ClosureView>,
    /// Proposals that wait for a second person.
    pub proposals: Vec<ProposalView>,
    /// Everything that happened, in order.
    pub timeline: Vec<EventView>,
    /// Its notices, oldest first.
    pub notices: Vec<NoticeView>,
    /// The closed ticket that this one continues.
    pub continues: Option<String>,
    /// The ticket in which this one goes on (4.5).
    pub merged_into: Option<String>,
    /// The tickets that were merged into this one, in order (4.5).
    pub took_in: Vec<String>,
    /// The chain of its events (15.1).
    pub chain: ChainView,
}

/// Calls of the on-call staff.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PageView {
    /// How many.
    pub calls: u32,
    /// When the last one was due.
    pub last_at: Option<Moment>,
    /// Somebody took it.
    pub acknowledged: bool,
}

/// A level that was reached.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReachedLevel {
    /// Which.
    pub level: Level,
    /// Why.
    pub cause: LevelCause,
    /// When.
    pub at: Moment,
}

/// A proposal that waits for a second person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProposalView {
    /// Its number.
    pub number: u32,
    /// Who proposed; somebody else decides.
    pub by: Person,
    /// What it is about.
    pub what: ProposalCode,
    /// The act that was recorded late.
    pub act: Option<ActKind>,
    /// Its start.
    pub started_at: Option<Moment>,
    /// Its end.
    pub ended_at: Option<Moment>,
}

impl ProposalView {
    /// A proposal.
    #[must_use]
    pub fn of(proposal: &Proposal, names: &Names<'_>) -> Self {
        let (what, act, started_at, ended_at) = match &proposal.what {
            Proposed::Act { act, started_at, ended_at } => {
                (ProposalCode::Act, Some(*act), Some(*started_at), Some(*ended_at))
            }
            Proposed::NotARequest => (ProposalCode::NotARequest, None, None, None),
        };
        Self {
            number: proposal.seq,
            by: Person::staff(&proposal.by, names),
            what,
            act: act.map(ActKind::from),
            started_at: started_at.map(Moment),
            ended_at: ended_at.map(Moment),
        }
    }
}

/// A notice and what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticeView {
    /// Its id.
    pub id: String,
    /// What it says.
    pub kind: &'static str,
    /// To whom.
    pub to: RecipientCode,
    /// The SPoC, where it goes to one.
    pub spoc: Option<String>,
    /// Its state; null when this release does not know it.
    pub status: Option<NoticeStatus>,
    /// The event that it is about; null where it is about mail that is no ticket's.
    pub about: Option<u32>,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// When the mail service accepted it.
    pub accepted_at: Option<Moment>,
    /// How often sending was tried.
    pub attempts: u32,
    /// Why it failed.
    pub problem: Option<String>,
}

impl NoticeView {
    /// A notice in the state that `status` names.
    #[must_use]
    pub fn of(key: &Key, record: &NoticeRecord, status: &str) -> Self {
        let (to, spoc, about) = match &record.subject {
            NoticeSubject::Ticket { notice, .. } => {
                let (to, spoc) = match &notice.to {
                    Recipient::Spoc(id) => (RecipientCode::Spoc, Some(id)),
                    Recipient::Participant(_) => (RecipientCode::Participant, None),
                    Recipient::Desk => (RecipientCode::Desk, None),
                    Recipient::OnCall => (RecipientCode::OnCall, None),
                };
                (to, spoc, Some(notice.about))
            }
            NoticeSubject::Account { notice, .. } => {
                let (to, spoc) = match &notice.to {
                    AccountRecipient::Spoc(id) => (RecipientCode::Spoc, Some(id)),
                    AccountRecipient::Desk => (RecipientCode::Desk, None),
                };
                (to, spoc, Some(notice.about))
            }
            NoticeSubject::Mail(notice) => {
                let (to, spoc) = match &notice.to {
                    MailRecipient::Claimed { spoc, .. } | MailRecipient::Spoc { spoc, .. } => {
                        (RecipientCode::Spoc, Some(spoc))
                    }
                    MailRecipient::Author => (RecipientCode::Author, None),
                    MailRecipient::Desk => (RecipientCode::Desk, None),
                };
                (to, spoc, None)
            }
            NoticeSubject::Client(notice) => (RecipientCode::Spoc, Some(&notice.to), None),
        };
        Self {
            id: key.sk.trim_start_matches(keys::NOTICES).to_owned(),
            kind: record.subject.kind(),
            to,
            spoc: spoc.map(ToString::to_string),
            status: Status::parse(status).map(NoticeStatus::from),
            about,
            recorded_at: record.recorded_at.into(),
            accepted_at: record.accepted_at.map(Moment),
            attempts: record.attempts,
            problem: record.problem.clone(),
        }
    }
}

/// The chain of a ticket's events (15.1).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChainView {
    /// Whether every hash follows from the line and the hash before, and the last is the head's.
    pub verified: bool,
    /// How many events there are.
    pub events: usize,
    /// The hash of the last one.
    pub head: String,
    /// Where it is broken.
    pub fault: Option<String>,
}
