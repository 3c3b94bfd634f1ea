//! Reading a ticket with everything that belongs to it.

use std::collections::BTreeMap;

use domain::TicketRef;
use domain::agreement::Agreement;
use domain::evidence::{Event, Link};
use domain::ticket::{EarlierCycle, Ticket};

use crate::codec::Stored;
use crate::execute;
use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::ports::{Env, Query, Store};
use crate::records::{Events, NoticeRecord, Text};

/// So many items of a ticket are read at once.
const ITEMS_PAGE: u32 = 1_000;

/// A ticket with everything that belongs to it.
#[derive(Debug)]
pub struct Whole {
    /// The head, the client and the agreements.
    pub loaded: execute::Loaded,
    /// The sealed events, in order.
    pub links: Vec<Link>,
    /// Texts by the number of their event.
    pub texts: BTreeMap<u32, Text>,
    /// The notices, with the word of their state.
    pub notices: Vec<(Key, NoticeRecord, String)>,
}

/// Reads a whole ticket.
///
/// # Errors
/// [`Failure::NotFound`] when there is none; what the store says otherwise.
pub async fn whole<E: Env>(env: &E, reference: &TicketRef) -> Result<Whole, Failure> {
    let mut head = None;
    let (mut links, mut texts, mut notices) = (Vec::new(), BTreeMap::new(), Vec::new());
    let mut query = Query::new(keys::ticket(reference), "", ITEMS_PAGE);
    loop {
        let page = env.store().query(&query).await?;
        for item in &page.items {
            let sk = item.key.sk.as_str();
            if sk == keys::HEAD {
                head = Some(item.clone());
            } else if sk.starts_with(keys::EVENTS) {
                let act = Stored::<Events>::read(item)?.doc;
                links.extend(act.links);
                texts.extend(act.texts);
            } else if sk.starts_with(keys::NOTICES) {
                let record = Stored::<NoticeRecord>::read(item)?;
                let status = record.status.clone().unwrap_or_default();
                notices.push((item.key.clone(), record.doc, status));
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let loaded = execute::load_with(env, &head.ok_or(Failure::NotFound)?).await?;
    Ok(Whole { loaded, links, texts, notices })
}

/// The cycles of a ticket that have ended, oldest first, each with the agreement that it is under (9.0).
/// Where an event is of a newer release, only the one that the head keeps.
///
/// # Errors
/// What the store says.
pub async fn earlier_cycles<E: Env>(
    env: &E,
    whole: &Whole,
) -> Result<Vec<(EarlierCycle, Agreement)>, Failure> {
    let ticket = &whole.loaded.head.doc.ticket;
    if ticket.before.is_none() {
        return Ok(Vec::new());
    }
    let events: Result<Vec<Event>, _> = whole.links.iter().map(Link::event).collect();
    let earlier = match &events {
        Ok(events) => {
            let hashes = whole.links.iter().map(|link| &link.hash);
            Ticket::earlier_cycles(events.iter().zip(hashes))
        }
        Err(_) => ticket.cycle_before(),
    };
    let mut under = Vec::new();
    for earlier in earlier {
        let agreement = whole.loaded.file.pinned(env, &earlier.cycle.pinned).await?;
        under.push((earlier, agreement));
    }
    Ok(under)
}
