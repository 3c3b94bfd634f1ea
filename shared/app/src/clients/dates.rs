//! The dates of a client's open tickets: what they are, and what they would be if they were computed
//! anew under terms and calendar as they are known now. None of them moves by itself (G6).

use domain::ticket::{ClockName, ClockResult, View};
use domain::{ClientId, Instant, TicketRef};

use crate::client::{ClientFile, Versions};
use crate::execute;
use crate::failure::Failure;
use crate::keys;
use crate::limits::{DATES_TICKETS_MAX, SPREAD_PAGE};
use crate::ports::{Clock, Env, Query, Store};

/// The running dates of an open ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketDates {
    /// Which ticket.
    pub reference: TicketRef,
    /// Its subject.
    pub subject: String,
    /// Its running attention clocks.
    pub clocks: Vec<ClockDates>,
    /// When silence closes it, where it waits for an answer.
    pub closes_at: Option<Instant>,
    /// When it would, computed anew.
    pub would_close_at: Option<Instant>,
}

/// The target of a running clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockDates {
    /// Which clock.
    pub name: ClockName,
    /// Its target; none while it is paused.
    pub target: Option<Instant>,
    /// What it would be, computed anew.
    pub would_be: Option<Instant>,
}

impl TicketDates {
    /// Whether any date would be another one if it were computed anew.
    #[must_use]
    pub fn would_move(&self) -> bool {
        self.closes_at != self.would_close_at
            || self.clocks.iter().any(|clock| clock.target != clock.would_be)
    }
}

/// Dates, and whether there were more tickets than are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dates {
    /// Of open tickets.
    pub tickets: Vec<TicketDates>,
    /// There are others, which were not looked at.
    pub more: bool,
}

/// What would be known, where it is not what the table says.
pub(crate) struct Considered<'a> {
    /// The client as he would be; none where each ticket's own client is meant.
    pub(crate) file: Option<&'a ClientFile>,
    /// What would hold for every client.
    pub(crate) versions: &'a Versions,
    /// As it would be known then.
    pub(crate) known_at: Instant,
}

/// The running dates of the open tickets of a client, or of all, and what they would be.
///
/// # Errors
/// What the store says.
pub(crate) async fn dates<E: Env>(
    env: &E,
    of: Option<&ClientId>,
    considered: &Considered<'_>,
) -> Result<Dates, Failure> {
    let list = of.map_or_else(|| keys::DESK_OPEN.to_owned(), |id| keys::client_list(id, true));
    let mut query = Query::new(list, "", SPREAD_PAGE);
    let mut found = Dates::default();
    let mut looked_at = 0;
    loop {
        let page = match of {
            Some(_) => env.store().list(&query).await?,
            None => env.store().work(&query).await?,
        };
        for key in &page.items {
            let Some(reference) = keys::ticket_of(&key.pk) else { continue };
            if looked_at == DATES_TICKETS_MAX {
                found.more = true;
                return Ok(found);
            }
            looked_at += 1;
            found.tickets.extend(of_ticket(env, considered, &reference).await?);
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(found),
        }
    }
}

async fn of_ticket<E: Env>(
    env: &E,
    considered: &Considered<'_>,
    reference: &TicketRef,
) -> Result<Option<TicketDates>, Failure> {
    let loaded = match execute::load(env, reference).await {
        Ok(loaded) => loaded,
        Err(Failure::NotFound) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let now = env.clock().now();
    let ticket = &loaded.head.doc.ticket;
    if ticket.cycle.closure.is_some() {
        return Ok(None);
    }
    let started = ticket.cycle.clock_from.unwrap_or(ticket.cycle.received_at);
    let file = considered.file.unwrap_or(&loaded.file);
    let anew = file.anew(considered.versions, started, considered.known_at)?;
    let (own, anew) = (View::current(ticket, &loaded.pinned[0]), View::current(ticket, &anew));
    let would = anew.clocks(now)?;
    let running = own.clocks(now)?.into_iter().filter(|it| it.result == ClockResult::Pending);
    let clocks = running.map(|clock| ClockDates {
        target: clock.target.target,
        would_be: would.iter().find(|it| it.name == clock.name).and_then(|it| it.target.target),
        name: clock.name,
    });
    let closes = |view: &View<'_>| -> Result<Option<Instant>, Failure> {
        Ok(view.silence()?.and_then(|silence| silence.closes_at))
    };
    Ok(Some(TicketDates {
        reference: reference.clone(),
        subject: loaded.head.doc.subject.clone(),
        clocks: clocks.collect(),
        closes_at: closes(&own)?,
        would_close_at: closes(&anew)?,
    }))
}
