//! Spreading a client's changed standing over his tickets (10.5).
//!
//! The gate is the truth, and every act applies it first. Spreading only makes sure that tickets on
//! which nobody acts get their clocks stopped or started, and their wake-ups moved. A payment that becomes
//! known late annuls a suspension from its start (10.2a): what was closed since then is another result,
//! and hears of it too (G7).

use domain::standing::{self, Gate, SPANS_MAX, Span};
use domain::ticket::Command;
use domain::{ClientId, Instant};
use serde::{Deserialize, Serialize};

use crate::codec::{Document, Stored};
use crate::commit::{Commit, Condition, Write};
use crate::execute::{self, Act};
use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::limits::SPREAD_PAGE;
use crate::ports::{Clock, Env, Query, Store};

/// A standing that has to be spread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// Revision of the gate.
    pub rev: u64,
    /// From when on the client was served otherwise than had been known; none where nothing changed.
    #[serde(default)]
    pub since: Option<Instant>,
}

impl Document for Spread {}

/// Replaces a client's spans without service; the change is spread by its own effect.
///
/// # Errors
/// What the store says; [`Failure::Retryable`] when somebody else changed the gate meanwhile.
pub async fn change<E: Env>(
    env: &E,
    client: &ClientId,
    spans: Vec<Span>,
    also: Vec<Write>,
) -> Result<u64, Failure> {
    let (rev, mut writes) = writes(env, client, spans).await?;
    writes.extend(also);
    env.store().commit(&Commit { writes }).await?;
    Ok(rev)
}

/// The writes that replace a client's spans without service, and the gate's next revision: they go into
/// the transaction of the fact that changes them (10.5).
///
/// # Errors
/// What the store says.
pub async fn writes<E: Env>(
    env: &E,
    client: &ClientId,
    spans: Vec<Span>,
) -> Result<(u64, Vec<Write>), Failure> {
    let schema = env.settings().write_schema;
    let key = keys::gate(client);
    let mut stored = match env.store().get(&key).await? {
        Some(item) => Stored::<Gate>::read(&item)?,
        None => Stored::new(Gate::default()),
    };
    let when = Condition::GateRevIs(stored.rev);
    let rev = stored.rev + 1;
    let skip = spans.len().saturating_sub(SPANS_MAX);
    let spans: Vec<Span> = spans.into_iter().skip(skip).collect();
    let since = standing::differ_from(&stored.doc.spans, &spans);
    stored.doc = Gate { rev, spans };
    let gate = stored.item(key, schema)?;
    let spread = spread_write(env, client, Spread { rev, since }).await?;
    Ok((rev, vec![Write::Put { item: gate, when }, spread]))
}

async fn spread_write<E: Env>(
    env: &E,
    client: &ClientId,
    mut spread: Spread,
) -> Result<Write, Failure> {
    let key = keys::spread(client);
    let (mut stored, when) = match env.store().get(&key).await? {
        Some(item) => {
            let stored = Stored::<Spread>::read(&item)?;
            let when = Condition::RevisionIs(stored.rev);
            // The change before this one has not been spread yet.
            spread.since = spread.since.into_iter().chain(stored.doc.since).min();
            (stored, when)
        }
        None => (Stored::new(spread.clone()), Condition::Absent),
    };
    stored.doc = spread;
    let mut item = stored.item(key, env.settings().write_schema)?;
    item.due = Some(keys::due(&item.key.pk, env.clock().now()));
    Ok(Write::Put { item, when })
}

/// Applies the standing to every ticket of the client that is open, and to those that were closed since it
/// has been another one, then removes the effect. One ticket's trouble stops no other; the effect stays
/// until all have it.
///
/// # Errors
/// The first trouble, after all tickets were tried.
pub async fn spread<E: Env>(env: &E, key: &Key) -> Result<(), Failure> {
    let Some(item) = env.store().get(key).await? else { return Ok(()) };
    let effect = Stored::<Spread>::read(&item)?;
    let client = keys::client_of(&key.pk)
        .ok_or_else(|| Failure::Fault(format!("{} is no client", key.pk)))?;
    let open = Query::new(keys::client_list(&client, true), "", SPREAD_PAGE);
    let mut trouble = apply(env, open).await?;
    if let Some(since) = effect.doc.since {
        let (since, last) = (keys::by_instant(since, ""), keys::by_instant(keys::NEVER, ""));
        let closed = keys::client_list(&client, false);
        let closed = Query::between(closed, (&since, &last), SPREAD_PAGE);
        trouble = trouble.or(apply(env, closed).await?);
    }
    if let Some(failure) = trouble {
        return Err(failure);
    }
    let when = Condition::RevisionIs(effect.rev);
    let delete = Write::Delete { key: key.clone(), when };
    Ok(env.store().commit(&Commit { writes: vec![delete] }).await?)
}

/// Applies the standing to every ticket of a list; what troubled one of them.
async fn apply<E: Env>(env: &E, mut tickets: Query) -> Result<Option<Failure>, Failure> {
    let mut trouble = None;
    loop {
        let page = env.store().list(&tickets).await?;
        for found in &page.items {
            let Some(reference) = keys::ticket_of(&found.pk) else { continue };
            let act = Act::system(reference, Command::ApplyStanding);
            if let Err(failure) = execute::execute(env, &act).await {
                tracing::warn!(ticket = found.pk, %failure, "standing was not applied");
                trouble = Some(failure);
            }
        }
        match page.next {
            Some(next) => tickets.after = Some(next),
            None => return Ok(trouble),
        }
    }
}
