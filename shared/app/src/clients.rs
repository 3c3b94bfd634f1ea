//! Entering a client: what a person says of him becomes known, all of it or nothing (1.2, 2.2, 4.1).
//!
//! The client's profile is the lock: it is written with every change, under the revision that was read,
//! so of two people who change a client at once one is told to look again. What a crash leaves behind
//! is either nothing or everything.

pub mod acceptance;
mod addresses;
mod dates;

use std::collections::BTreeSet;

use domain::account::first_instant;
use domain::calendar::OutOfCalendar;
use domain::client::{self, Changes, ClientEntry, Known};
use domain::terms::Centavos;
use domain::{ClientId, Instant, SpocId, StaffMember};
use serde::{Deserialize, Serialize};

use self::addresses::{Claims, claims};
pub use self::dates::{ClockDates, Dates, TicketDates};
pub(crate) use self::dates::{Considered, dates};
use crate::account;
use crate::attempts::again;
use crate::client::{CLIENT_ITEMS_MAX, ClientFile, Versions, load};
use crate::codec::{Document, Stored};
use crate::commit::{Commit, Condition, WRITES_MAX, Write};
use crate::failure::{Failure, InputFault};
use crate::item::Item;
use crate::keys;
use crate::ports::{Clock, Env, Query, Store};
use crate::records::{client_notice, profile_item};

/// Entering a client is tried so often while others change him.
const ATTEMPTS_MAX: u32 = 4;

/// One change of a client, of the calendar or of the editions, as it is remembered: who, why, and what in words without names or addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// When it was recorded, and since when it is known.
    pub at: Instant,
    /// Who did it.
    pub by: StaffMember,
    /// Why.
    pub reason: String,
    /// What changed, each as one sentence in Spanish.
    pub differences: Vec<String>,
}

impl Document for ChangeRecord {}

/// What entering a client does, or would do.
#[derive(Debug, Clone)]
pub struct Entered {
    /// The client was not known before.
    pub is_new: bool,
    /// What changes, each as one sentence in Spanish; empty where nothing does.
    pub differences: Vec<String>,
    /// The SPoCs who are told that others were designated or changed (1.2).
    pub told: Vec<SpocId>,
    /// The running dates of the client's open tickets. None of them moves (G6).
    pub dates: Dates,
}

/// What entering `entry` would do, without doing it.
///
/// # Errors
/// [`Failure::Invalid`] with every fault that only the table shows; what the store says.
pub async fn preview<E: Env>(env: &E, entry: &ClientEntry) -> Result<Entered, Failure> {
    let draft = Draft::new(env, entry).await?;
    draft.entered(env).await
}

/// Enters a client: a new one, or what changes of one who is known. Again, it changes nothing.
///
/// # Errors
/// As [`preview`]; [`Failure::Retryable`] when others changed him meanwhile too often.
pub async fn enter<E: Env>(
    env: &E,
    entry: &ClientEntry,
    reason: &str,
    by: &StaffMember,
) -> Result<Entered, Failure> {
    let mut last = String::new();
    for _ in 0..ATTEMPTS_MAX {
        let draft = Draft::new(env, entry).await?;
        let entered = draft.entered(env).await?;
        if draft.changes.is_empty() {
            return Ok(entered);
        }
        let writes = draft.writes(env, &entered, reason, by)?;
        match env.store().commit(&Commit { writes }).await {
            Ok(()) => return Ok(entered),
            // Where it is not known whether it was written, the next look finds nothing left to do.
            Err(error) => last = again(error)?,
        }
    }
    Err(Failure::Retryable(format!("others changed the client {ATTEMPTS_MAX} times: {last}")))
}

/// The changes of a client, newest first.
///
/// # Errors
/// What the store says.
pub async fn history<E: Env>(
    env: &E,
    id: &ClientId,
    limit: u32,
) -> Result<Vec<ChangeRecord>, Failure> {
    let mut query = Query::new(keys::client(id), keys::CHANGES, limit);
    query.newest_first = true;
    let page = env.store().query(&query).await?;
    page.items.iter().map(|item| Ok(Stored::<ChangeRecord>::read(item)?.doc)).collect()
}

/// What is to be written, from one look at the table.
struct Draft {
    entry: ClientEntry,
    file: Option<ClientFile>,
    profile: Option<Item>,
    from: Instant,
    changes: Changes,
    claims: Claims,
}

impl Draft {
    async fn new<E: Env>(env: &E, entry: &ClientEntry) -> Result<Self, Failure> {
        let id = &entry.client.id;
        let profile = env.store().get(&keys::profile(id)).await?;
        let file = load(env, id).await?;
        let mut entry = entry.clone();
        // Who accepted has accepted, whatever a file leaves out (0.1).
        let accepted = file.as_ref().and_then(|file| file.client.acceptance.clone());
        entry.client.acceptance = entry.client.acceptance.or(accepted);
        let known = known(file.as_ref());
        let from = client::known_from(&known, env.clock().now());
        let mut faults = Vec::new();
        let changes = client::changes(&known, &entry, from).unwrap_or_else(|fault| {
            faults.push(InputFault::new(fault.place(), fault.to_string()));
            Changes::default()
        });
        if let Some(acceptance) = entry.client.acceptance.as_ref().filter(|it| from < it.at) {
            let problem = format!("queda en el futuro ({})", acceptance.at.spanish_short());
            faults.push(InputFault::new("acceptance.at", problem));
        }
        if faults.is_empty() {
            faults.extend(another_too_soon(env, &entry, from).await?);
        }
        let claims = claims(env, &entry, file.as_ref(), &changes, &mut faults).await?;
        if !faults.is_empty() {
            return Err(Failure::Invalid(faults));
        }
        Ok(Self { entry, file, profile, from, changes, claims })
    }

    fn known(&self) -> Known<'_> {
        known(self.file.as_ref())
    }

    async fn entered<E: Env>(&self, env: &E) -> Result<Entered, Failure> {
        let known = self.known();
        let notices = client::told(&known, &self.entry, &self.changes, self.from);
        let dates = match &self.file {
            Some(file) => {
                let (file, versions) = (file.with(&self.changes), Versions::read(env).await?);
                let (file, versions) = (Some(&file), &versions);
                let considered = Considered { file, versions, known_at: self.from };
                dates(env, Some(&self.entry.client.id), &considered).await?
            }
            None => Dates::default(),
        };
        Ok(Entered {
            is_new: self.file.is_none(),
            differences: client::differences(&known, &self.changes),
            told: notices.into_iter().map(|notice| notice.to).collect(),
            dates,
        })
    }

    fn writes<E: Env>(
        &self,
        env: &E,
        entered: &Entered,
        reason: &str,
        by: &StaffMember,
    ) -> Result<Vec<Write>, Failure> {
        let (id, schema) = (&self.entry.client.id, env.settings().write_schema);
        let mut writes = vec![self.profile_write(schema)?];
        let absent = |item| Write::Put { item, when: Condition::Absent };
        let next = |spoc: &SpocId| {
            let known = self.known().spocs.iter().filter(|it| it.id == *spoc).count();
            keys::spoc(id, spoc, known + 1)
        };
        for spoc in &self.changes.spocs {
            writes.push(absent(Stored::new(spoc.clone()).item(next(&spoc.id), schema)?));
        }
        for plan in &self.changes.plans {
            writes.push(absent(Stored::new(plan.clone()).item(keys::terms(id, &plan.id), schema)?));
        }
        if let Some(overrides) = &self.changes.overrides {
            let key = keys::master(id, &overrides.id);
            writes.push(absent(Stored::new(overrides.clone()).item(key, schema)?));
        }
        writes.extend(self.claims.writes(schema)?);
        for notice in client::told(&self.known(), &self.entry, &self.changes, self.from) {
            writes.push(client_notice(id, notice, self.from, schema)?);
        }
        let record = ChangeRecord {
            at: self.from,
            by: by.clone(),
            reason: reason.to_owned(),
            differences: entered.differences.clone(),
        };
        let key = keys::change(&keys::client(id), self.from);
        writes.push(absent(Stored::new(record).item(key, schema)?));
        if self.items() >= CLIENT_ITEMS_MAX as usize {
            let problem = format!(
                "de este cliente ya no caben más cambios ({CLIENT_ITEMS_MAX} versiones): avise a quien \
                 mantiene el sistema"
            );
            return Err(Failure::Invalid(vec![InputFault::new("code", problem)]));
        }
        if writes.len() > WRITES_MAX {
            let problem = format!(
                "son {} cambios a la vez, y se aplican juntos a lo más {WRITES_MAX}: aplique primero una \
                 parte de los contactos",
                writes.len()
            );
            return Err(Failure::Invalid(vec![InputFault::new("spocs", problem)]));
        }
        Ok(writes)
    }

    /// So many versions there would be of his SPoCs and of his póliza, with his profile. Beyond what is read
    /// at once nobody could serve him any more.
    fn items(&self) -> usize {
        let (known, changes) = (self.known(), &self.changes);
        known.spocs.len() + known.plans.len() + changes.spocs.len() + changes.plans.len() + 1
    }

    /// The profile is written with every change, whatever changes.
    fn profile_write(&self, schema: u16) -> Result<Write, Failure> {
        let mut stored = match &self.profile {
            Some(item) => Stored::read(item)?,
            None => Stored::new(self.entry.client.clone()),
        };
        stored.doc = self.entry.client.clone();
        let when = Condition::unchanged(stored.rev);
        let item = profile_item(&stored, schema)?;
        Ok(Write::Put { item, when })
    }
}

/// Another póliza than the one that his account is kept of needs that one to have an end by then, and
/// nothing of it to be owed (10.6, 10.7).
async fn another_too_soon<E: Env>(
    env: &E,
    entry: &ClientEntry,
    now: Instant,
) -> Result<Option<InputFault>, Failure> {
    let firsts: BTreeSet<_> =
        entry.plans.iter().filter_map(|it| it.value.start.flatten()).collect();
    if firsts.len() < 2 {
        return Ok(None);
    }
    let loaded = match account::load(env, &entry.client.id).await {
        Ok(loaded) => loaded,
        Err(Failure::NotFound) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let Some(view) = loaded.view() else { return Ok(None) };
    let Some(next) = firsts.into_iter().find(|day| view.fresh.terms.start.value < Some(*day))
    else {
        return Ok(None);
    };
    let outside = |error: OutOfCalendar| Failure::Fault(error.to_string());
    let n = entry.plans.iter().position(|it| it.value.start.flatten() == Some(next));
    let place = format!("plans[{}].parameters.start", n.unwrap_or_default());
    let begins = first_instant(next).map_err(outside)?;
    let end = view.end().map_err(outside)?.map(|end| end.at());
    if end.is_none_or(|end| begins < end) {
        let until = end.map_or_else(
            || "no tiene término: regístrele la cancelación o el aviso de no renovación".to_owned(),
            |end| format!("termina el {}: la nueva empieza desde entonces", end.spanish_short()),
        );
        return Ok(Some(InputFault::new(place, format!("la póliza anterior {until}"))));
    }
    let months = view.months(now).map_err(outside)?;
    let owed: i64 = months.iter().filter(|it| !it.is_covered()).map(|it| it.left().0).sum();
    Ok((owed > 0).then(|| {
        let owed = Centavos(owed);
        let problem = format!(
            "de la póliza anterior se deben {owed}: registre el pago o condónelo, y después aplique la nueva"
        );
        InputFault::new(place, problem)
    }))
}

fn known(file: Option<&ClientFile>) -> Known<'_> {
    match file {
        Some(file) => Known {
            client: Some(&file.client),
            spocs: &file.spocs,
            plans: &file.plans,
            overrides: &file.masters,
        },
        None => Known { client: None, spocs: &[], plans: &[], overrides: &[] },
    }
}
