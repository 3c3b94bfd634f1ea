//! One ticket as a whole.

use std::sync::Arc;

use app::ports::Env;
use app::tickets::{self, Whole};
use axum::extract::State;
use domain::evidence::{self, ChainFault};
use domain::ticket::{Channel as DomainChannel, View};
use domain::{Actor, Instant, StaffId};
use web::views::{
    ClosureView, EarlierCycleView, EmergencyCostView, Moment, OfferView, TicketState, Why,
    WorkView, charges, clocks, why as explain,
};
use web::{Answer, Duty, Names, Problem, ReadErrors, Reference, StaffCaller};

use crate::timeline::{Past, past, timeline};
use crate::views::{
    ChainView, Channel, DeskTicket, NoticeView, PageView, Person, ProposalView, ReachedLevel,
    WorkItem,
};

/// Shows a ticket as a whole: clocks, explanations, timeline, notices, proposals, charges, chain.
#[utoipa::path(
    get,
    path = "/desk/tickets/{ref}",
    operation_id = "desk_show_ticket",
    tag = "Desk",
    security(("token" = [])),
    params(("ref" = String, Path, description = "The ticket's reference.")),
    responses((status = 200, description = "The ticket.", body = DeskTicket), ReadErrors),
)]
pub(crate) async fn show<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
) -> Result<Answer<DeskTicket>, Problem> {
    caller.require(Duty::Reading)?;
    let env = env.as_ref();
    let whole = tickets::whole(env, &reference).await?;
    desk_ticket(env, &whole, caller.received_at).await.map(Answer::ok)
}

/// Explains every date of a ticket, clause by clause.
#[utoipa::path(
    get,
    path = "/desk/tickets/{ref}/why",
    operation_id = "desk_explain_ticket",
    tag = "Desk",
    security(("token" = [])),
    params(("ref" = String, Path, description = "The ticket's reference.")),
    responses((status = 200, description = "Why.", body = Why), ReadErrors),
)]
pub(crate) async fn why<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    Reference(reference): Reference,
) -> Result<Answer<Why>, Problem> {
    caller.require(Duty::Reading)?;
    let whole = tickets::whole(env.as_ref(), &reference).await?;
    let view = current(&whole)?;
    let earlier = tickets::earlier_cycles(env.as_ref(), &whole).await?;
    Ok(Answer::ok(explain(&reference, &view, &earlier, caller.received_at)?))
}

fn current(whole: &Whole) -> Result<View<'_>, Problem> {
    let agreement = whole.loaded.pinned.first();
    let agreement = agreement.ok_or_else(|| Problem::fault("a ticket without its agreement"))?;
    Ok(View::current(&whole.loaded.head.doc.ticket, agreement))
}

async fn desk_ticket<E: Env>(env: &E, whole: &Whole, now: Instant) -> Result<DeskTicket, Problem> {
    let head = &whole.loaded.head.doc;
    let (file, ticket) = (&whole.loaded.file, &head.ticket);
    let view = current(whole)?;
    let earlier = tickets::earlier_cycles(env, whole).await?;
    let events = past(whole);
    let names = Names::of(env, Some(file), people(whole, &events)).await?;
    let (state, closure) = TicketState::of(&view, now)?;
    let open = state != TicketState::Closed;
    let told = &ticket.cycle.told;
    Ok(DeskTicket {
        summary: WorkItem::of(head, file, view.agreement, &names, now)?,
        channel: match ticket.opened.channel {
            DomainChannel::Http => Channel::Http,
            DomainChannel::Call => Channel::Call,
            DomainChannel::Mail => Channel::Mail,
        },
        opened_at: ticket.opened.received_at.into(),
        cycle: ticket.cycle.number,
        module: ticket.opened.module.as_ref().map(ToString::to_string),
        opener: Person::spoc(&ticket.opened.opener, &names),
        followers: ticket.followers.iter().map(|id| Person::spoc(id, &names)).collect(),
        participants: participants(whole),
        not_served: file.gate.closed_at(now).map(|cause| cause.spanish()),
        clocks: clocks(&view, now)?,
        earlier: EarlierCycleView::all(&earlier, now)?,
        work: WorkView::of(&view, &earlier, now),
        why: explain(&ticket.opened.reference, &view, &earlier, now)?,
        page: PageView {
            calls: told.pages,
            last_at: told.paged_at.map(Moment),
            acknowledged: told.page_acknowledged,
        },
        levels: levels(whole),
        same_day_offer: OfferView::of(ticket, &view, open, now)?,
        emergency_cost: EmergencyCostView::of(&view, open, now)?,
        charges: charges(&view, now)?,
        closed: closure.map(|closure| ClosureView::of(&view, &closure)).transpose()?,
        proposals: ticket.proposals.iter().map(|it| ProposalView::of(it, &names)).collect(),
        timeline: timeline(env, whole, events, &names).await?,
        notices: notices(whole),
        continues: ticket.opened.continues.as_ref().map(ToString::to_string),
        merged_into: ticket.merged_into.as_ref().map(ToString::to_string),
        took_in: ticket.took_in.iter().map(ToString::to_string).collect(),
        chain: chain(whole),
    })
}

/// The members of the desk whose names are shown.
fn people(whole: &Whole, events: &[Past]) -> Vec<StaffId> {
    let ticket = &whole.loaded.head.doc.ticket;
    let acting = events.iter().filter_map(|past| past.event.as_ref()).flat_map(|event| {
        let by = match &event.by {
            Actor::Staff(member) => Some(member.id.clone()),
            Actor::Spoc(_) | Actor::Participant(_) | Actor::System => None,
        };
        by.into_iter().chain(crate::timeline::named(&event.fact))
    });
    let proposing = ticket.proposals.iter().map(|proposal| proposal.by.clone());
    acting.chain(ticket.assignee.clone()).chain(proposing).collect()
}

/// The added addresses, each of which lies with the event that added it.
fn participants(whole: &Whole) -> Vec<String> {
    let known = whole.loaded.head.doc.ticket.participants.iter();
    known.filter_map(|it| whole.texts.get(&it.seq)?.text.clone()).collect()
}

fn levels(whole: &Whole) -> Vec<ReachedLevel> {
    let levels = whole.loaded.head.doc.ticket.cycle.levels.iter();
    levels
        .map(|reached| ReachedLevel {
            level: reached.level.into(),
            cause: reached.cause.into(),
            at: reached.at.into(),
        })
        .collect()
}

fn notices(whole: &Whole) -> Vec<NoticeView> {
    let mut notices: Vec<_> = whole.notices.iter().collect();
    notices.sort_by_key(|(key, record, _)| (record.recorded_at, key.clone()));
    notices.into_iter().map(|(key, record, status)| NoticeView::of(key, record, status)).collect()
}

/// Verifies the chain from its beginning to what the head says.
fn chain(whole: &Whole) -> ChainView {
    let ticket = &whole.loaded.head.doc.ticket;
    let reference = ticket.opened.reference.as_str();
    let fault = match evidence::verify(reference, &whole.links) {
        Ok(head) if head == ticket.chain => None,
        Ok(_) => Some("el estado del ticket no corresponde a su último evento".to_owned()),
        Err(ChainFault::Changed(place)) => Some(format!("el evento {place} fue alterado")),
        Err(ChainFault::Gap(place)) => {
            Some(format!("falta el evento {place} o está fuera de orden"))
        }
        Err(ChainFault::Unreadable(place)) => Some(format!("el evento {place} no se puede leer")),
    };
    ChainView {
        verified: fault.is_none(),
        events: whole.links.len(),
        head: ticket.chain.as_str().to_owned(),
        fault,
    }
}
