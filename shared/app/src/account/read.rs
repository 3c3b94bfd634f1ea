//! Reading accounts: of a client, and of all at a glance.

use domain::account::{Fact, Notice};
use domain::evidence::{Event, Link};
use domain::{ClientId, Instant};

use super::plan::{Loaded, load};
use crate::codec::Stored;
use crate::failure::Failure;
use crate::item::{Key, Page};
use crate::keys;
use crate::limits::NOTICES_PAGE;
use crate::ports::{Env, Query, Store};
use crate::records::{Events, NoticeRecord, NoticeStatus};

/// An account's events or notices are read up to so many.
const ITEMS_MAX: u32 = 1_000;

/// A page of the clients that have an account, by their codes.
///
/// # Errors
/// What the store says.
pub async fn all<E: Env>(
    env: &E,
    after: Option<String>,
    limit: u32,
) -> Result<Page<ClientId>, Failure> {
    let mut query = Query::new(keys::DESK_ACCOUNTS, "", limit);
    query.after = after;
    let page = env.store().list(&query).await?;
    let items = page.items.iter().filter_map(|key| keys::account_of(&key.pk)).collect();
    Ok(Page { items, next: page.next })
}

/// The sealed events of a client's account, and what they say.
///
/// # Errors
/// What the store says; [`Failure::Retryable`] when a newer release wrote one that is not known here.
pub async fn events<E: Env>(
    env: &E,
    client: &ClientId,
) -> Result<Vec<(Link, Event<Fact>)>, Failure> {
    let page = env.store().query(&query(client, keys::EVENTS)).await?;
    let mut events = Vec::new();
    for item in &page.items {
        for link in Stored::<Events>::read(item)?.doc.links {
            let event = link.event_of::<Fact>();
            let event = event.map_err(|error| Failure::Retryable(error.to_string()))?;
            events.push((link, event));
        }
    }
    Ok(events)
}

/// The notices of a client's account, with what became of them.
///
/// # Errors
/// What the store says.
pub async fn notices<E: Env>(
    env: &E,
    client: &ClientId,
) -> Result<Vec<(Key, NoticeRecord, NoticeStatus)>, Failure> {
    let mut query = query(client, keys::NOTICES);
    query.limit = NOTICES_PAGE;
    let mut notices = Vec::new();
    loop {
        let page = env.store().query(&query).await?;
        for item in &page.items {
            let record = Stored::<NoticeRecord>::read(item)?.doc;
            let status = item.status.as_deref().and_then(NoticeStatus::parse);
            let status = status.unwrap_or(NoticeStatus::Pending);
            notices.push((item.key.clone(), record, status));
        }
        match page.next {
            Some(next) if notices.len() < ITEMS_MAX as usize => query.after = Some(next),
            Some(_) | None => break,
        }
    }
    notices.sort_by_key(|(_, record, _)| record.recorded_at);
    Ok(notices)
}

fn query(client: &ClientId, prefix: &str) -> Query {
    Query::new(keys::account(client), prefix, ITEMS_MAX)
}

/// Asks the domain once more before a notice goes out.
///
/// # Errors
/// What the store says; [`Failure::Fault`] when the account is missing.
pub async fn still_due<E: Env>(
    env: &E,
    client: &ClientId,
    notice: &Notice,
    now: Instant,
) -> Result<bool, Failure> {
    let loaded: Loaded = load(env, client).await?;
    let view = loaded.view();
    let view = view.ok_or_else(|| Failure::Fault(format!("client {client} has no account")))?;
    notice.still_due(&view, now).map_err(|error| Failure::Fault(error.to_string()))
}
