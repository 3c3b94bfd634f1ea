//! A client as an act needs to see it: SPoCs, terms, standing; and the agreement that follows.
//!
//! Two queries read what is known of a client: what people are told of him lies between, and may be any
//! number of items. Terms, editions and calendars are immutable versions,
//! so what was computed from them is kept by their ids.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::agreement::{Agreement, Pinned};
use domain::calendar::{ContractedHours, HolidayOverride, Holidays, WorkCalendar};
use domain::client::Changes;
use domain::contacts::in_sequence;
use domain::edition::EditionTerms;
use domain::standing::Gate;
use domain::terms::{MasterOverrides, Parameters, Terms, Version, resolve};
use domain::{Client, ClientId, Instant, NaiveDate, Spoc, SpocId};
use serde::{Deserialize, Serialize};

use crate::codec::{Document, Stored};
use crate::failure::{Failure, InputFault};
use crate::item::Item;
use crate::keys;
use crate::ports::{Env, Query, Store};

/// Of each half of what is known of a client there are at most so many items.
pub const CLIENT_ITEMS_MAX: u32 = 500;
/// There are at most so many versions of the calendar, and as many editions: each act reads them.
pub const VERSIONS_MAX: u32 = 100;
/// At most so many agreements are kept in a process.
const AGREEMENTS_MAX: usize = 256;

/// A client with everything that is known of him.
#[derive(Debug, Clone)]
pub struct ClientFile {
    /// The client.
    pub client: Client,
    /// His SPoCs, past and present, every version of each in the order of when it became known.
    pub spocs: Vec<Spoc>,
    /// Versions of the póliza's terms.
    pub plans: Vec<Version<Parameters>>,
    /// Versions of what his Contrato Marco says instead of the agreement.
    pub masters: Vec<Version<MasterOverrides>>,
    /// His standing.
    pub gate: Gate,
}

impl Document for Client {}
impl Document for Spoc {}
impl Document for Gate {}
impl Document for Version<Parameters> {}
impl Document for Version<EditionTerms> {}
impl Document for Version<MasterOverrides> {}
impl Document for Version<CalendarVersion> {}

/// A version of the holiday calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarVersion {
    /// Changes to what article 74 says, each with its source.
    pub overrides: Vec<HolidayOverride>,
}

/// Agreements that were computed, by client and versions.
#[derive(Debug, Default)]
pub struct Agreements(Mutex<BTreeMap<(ClientId, Pinned), Agreement>>);

impl Clone for Agreements {
    /// A copy of its own: what is computed anew in one is not known in the other.
    fn clone(&self) -> Self {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Self(Mutex::new(known.clone()))
    }
}

impl Agreements {
    fn get(&self, client: &ClientId, pinned: &Pinned) -> Option<Agreement> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(client.clone(), pinned.clone())).cloned()
    }

    /// The table of business time of these hours under a version of the calendar, where one is known. It is
    /// large, and each client has an agreement for each day.
    fn table(&self, hours: &ContractedHours, calendar: Option<&str>) -> Option<Arc<WorkCalendar>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |it: &&Agreement| {
            it.pinned.calendar.as_deref() == calendar && it.terms.contracted_hours.value == *hours
        };
        known.values().find(is_it).map(|it| Arc::clone(&it.calendar))
    }

    fn keep(&self, client: &ClientId, agreement: &Agreement) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= AGREEMENTS_MAX {
            known.pop_first();
        }
        known.insert((client.clone(), agreement.pinned.clone()), agreement.clone());
    }
}

/// Loads a client; `None` when there is no such client.
///
/// # Errors
/// When the store does not answer or an item cannot be read.
pub async fn load<E: Env>(env: &E, id: &ClientId) -> Result<Option<ClientFile>, Failure> {
    let mut items = Vec::new();
    for span in keys::CLIENT_FACTS {
        let query = Query::between(keys::client(id), span, CLIENT_ITEMS_MAX);
        let page = env.store().query(&query).await?;
        if page.next.is_some() {
            let why = format!("client {id} has more than {CLIENT_ITEMS_MAX} items");
            return Err(Failure::Fault(why));
        }
        items.extend(page.items);
    }
    let mut client = None;
    let mut file = Parts::default();
    for item in &items {
        match item.key.sk.split('#').next().unwrap_or_default() {
            "PROFILE" => client = Some(read::<Client>(item)?),
            "SPOC" => file.spocs.push(read(item)?),
            "TERMS" => file.plans.push(read(item)?),
            "MASTER" => file.masters.push(read(item)?),
            "GATE" => file.gate = read(item)?,
            _ => {}
        }
    }
    let Parts { spocs, plans, masters, gate } = file;
    let spocs = in_sequence(spocs);
    Ok(client.map(|client| ClientFile { client, spocs, plans, masters, gate }))
}

#[derive(Default)]
struct Parts {
    spocs: Vec<Spoc>,
    plans: Vec<Version<Parameters>>,
    masters: Vec<Version<MasterOverrides>>,
    gate: Gate,
}

fn read<T: Document>(item: &Item) -> Result<T, Failure> {
    Ok(Stored::<T>::read(item)?.doc)
}

impl ClientFile {
    /// The agreement that holds for something received at `at`, as it was known then (G6). Before the first
    /// terms begin it is theirs, and after the last have ended it is theirs: there may be no service then,
    /// but days are counted all the same.
    ///
    /// # Errors
    /// When the store does not answer, or the client has no terms at all.
    pub async fn in_force<E: Env>(&self, env: &E, at: Instant) -> Result<Agreement, Failure> {
        self.as_known(env, at, at).await
    }

    /// The agreement that holds at `at`, as it was known at `known_at`: "what did we promise then,
    /// knowing what we knew?" (G6).
    ///
    /// # Errors
    /// As [`Self::in_force`].
    pub async fn as_known<E: Env>(
        &self,
        env: &E,
        at: Instant,
        known_at: Instant,
    ) -> Result<Agreement, Failure> {
        let known = Versions::read(env).await?;
        let pinned = self.pins(&known, at, known_at)?;
        if let Some(known) = env.agreements().get(&self.client.id, &pinned) {
            return Ok(known);
        }
        let agreement = self.build(pinned, &known, env.agreements())?;
        env.agreements().keep(&self.client.id, &agreement);
        Ok(agreement)
    }

    /// Since when terms that hold at `at` have been known, at `at` at the earliest; none where there are
    /// none.
    #[must_use]
    pub fn known_since(&self, at: Instant) -> Option<Instant> {
        let holds = |plan: &&Version<Parameters>| {
            plan.valid_from <= at && plan.valid_to.is_none_or(|end| at < end)
        };
        let known = self.plans.iter().filter(holds).map(|plan| plan.known_from.max(at));
        known.min()
    }

    /// Whether terms were known at `known_at` to hold at `at`.
    #[must_use]
    pub fn has_terms(&self, at: Instant, known_at: Instant) -> bool {
        resolve(&self.plans, at, known_at).is_some()
    }

    /// The same without a trace: versions that are only being considered are not kept.
    pub(crate) fn anew(
        &self,
        known: &Versions,
        at: Instant,
        known_at: Instant,
    ) -> Result<Agreement, Failure> {
        self.build(self.pins(known, at, known_at)?, known, &Agreements::default())
    }

    fn pins(&self, known: &Versions, at: Instant, known_at: Instant) -> Result<Pinned, Failure> {
        let plan = resolve(&self.plans, at, known_at).or_else(|| nearest(&self.plans, at));
        let plan = plan.ok_or_else(|| {
            Failure::Fault(format!("client {} has no terms at all", self.client.id))
        })?;
        // What the Contrato Marco says is known as a whole; each document has days of its own.
        let master = self.masters.iter().filter(|version| version.known_from <= known_at);
        let master = master.max_by_key(|version| version.known_from);
        Ok(Pinned {
            plan: plan.id.clone(),
            edition: resolve(&known.editions, at, known_at).map(|version| version.id.clone()),
            calendar: resolve(&known.calendars, at, known_at).map(|version| version.id.clone()),
            on: at.date(),
            master: master.map(|version| version.id.clone()),
        })
    }

    /// The agreement of pinned versions.
    ///
    /// # Errors
    /// When the store does not answer, or a version is missing.
    pub async fn pinned<E: Env>(&self, env: &E, pinned: &Pinned) -> Result<Agreement, Failure> {
        if let Some(known) = env.agreements().get(&self.client.id, pinned) {
            return Ok(known);
        }
        let agreement =
            self.build(pinned.clone(), &Versions::read(env).await?, env.agreements())?;
        env.agreements().keep(&self.client.id, &agreement);
        Ok(agreement)
    }

    fn build(
        &self,
        pinned: Pinned,
        known: &Versions,
        kept: &Agreements,
    ) -> Result<Agreement, Failure> {
        let plan = find(&self.plans, &pinned.plan)?;
        let edition = pinned.edition.as_deref().map(|id| find(&known.editions, id)).transpose()?;
        let calendar =
            pinned.calendar.as_deref().map(|id| find(&known.calendars, id)).transpose()?;
        let master = pinned.master.as_deref().map(|id| find(&self.masters, id)).transpose()?;
        let overrides = master.map_or(&[][..], |master| &master.overrides);
        let terms = Terms::resolve(edition.map(|it| &it.parameters), plan, overrides, pinned.on);
        let hours = &terms.contracted_hours.value;
        let anew = || {
            let overrides = calendar.map(|calendar| calendar.overrides.clone());
            let holidays = Holidays::with_overrides(overrides.unwrap_or_default());
            Arc::new(WorkCalendar::new(hours, &holidays))
        };
        let work = kept.table(hours, pinned.calendar.as_deref()).unwrap_or_else(anew);
        Ok(Agreement { pinned, terms: Arc::new(terms), calendar: work })
    }

    /// The client as he would be with these changes.
    #[must_use]
    pub fn with(&self, changes: &Changes) -> Self {
        let mut file = self.clone();
        file.client = changes.client.clone().unwrap_or(file.client);
        file.spocs.extend(changes.spocs.clone());
        file.spocs = in_sequence(file.spocs);
        file.plans.extend(changes.plans.clone());
        file.masters.extend(changes.overrides.clone());
        file
    }

    /// The SPoC with this id, as registered now.
    #[must_use]
    pub fn spoc(&self, id: &SpocId) -> Option<&Spoc> {
        self.spocs.iter().rev().find(|spoc| spoc.id == *id)
    }

    /// The SPoC with this id, as he was known at `at` (1.2).
    #[must_use]
    pub fn spoc_at(&self, id: &SpocId, at: Instant) -> Option<&Spoc> {
        self.spocs.iter().find(|spoc| spoc.id == *id && spoc.known_at(at))
    }
}

/// The terms that come nearest where none are known to hold at `at`: the last that had begun, else those
/// that begin first.
fn nearest<T>(versions: &[Version<T>], at: Instant) -> Option<&Version<T>> {
    let begun = versions.iter().filter(|version| version.valid_from <= at);
    let begun = begun.max_by_key(|version| (version.known_from, version.valid_from));
    begun.or_else(|| versions.iter().min_by_key(|version| version.valid_from))
}

fn find<'a, T>(versions: &'a [Version<T>], id: &str) -> Result<&'a T, Failure> {
    let found = versions.iter().find(|version| version.id == id);
    found.map(|version| &version.value).ok_or_else(|| {
        Failure::Fault(format!("version {id}, to which a clock is pinned, is missing"))
    })
}

/// The versions of what holds for every client.
pub(crate) struct Versions {
    pub(crate) calendars: Vec<Version<CalendarVersion>>,
    pub(crate) editions: Vec<Version<EditionTerms>>,
}

impl Versions {
    pub(crate) async fn read<E: Env>(env: &E) -> Result<Self, Failure> {
        let calendars = versions(env, keys::CALENDARS).await?;
        Ok(Self { calendars, editions: versions(env, keys::EDITIONS).await? })
    }
}

async fn versions<E: Env, T>(env: &E, pk: &str) -> Result<Vec<Version<T>>, Failure>
where
    Version<T>: Document,
{
    let mut query = Query::new(pk, "V#", VERSIONS_MAX);
    let mut found = Vec::new();
    loop {
        let page = env.store().query(&query).await?;
        for item in &page.items {
            found.push(read(item)?);
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(found),
        }
    }
}

/// That there is room for one version more. One beyond what is read would be recorded and hold for nobody.
///
/// # Errors
/// [`Failure::Invalid`] where there is none.
pub(crate) fn room_for_one_more<T>(versions: &[Version<T>], place: &str) -> Result<(), Failure> {
    if versions.len() < VERSIONS_MAX as usize {
        return Ok(());
    }
    let problem = format!(
        "ya se registraron {VERSIONS_MAX}, y no caben más: avise a quien mantiene el sistema"
    );
    Err(Failure::Invalid(vec![InputFault::new(place, problem)]))
}

/// Whether same-day offers are stopped for a day (7.6).
///
/// # Errors
/// When the store does not answer.
pub async fn offers_stopped<E: Env>(env: &E, day: NaiveDate) -> Result<bool, Failure> {
    Ok(env.store().get(&keys::offers_stopped(day)).await?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(on: NaiveDate, calendar: Option<&str>) -> Agreement {
        let terms = Terms::resolve(None, &Parameters::default(), &[], on);
        let table = WorkCalendar::new(&terms.contracted_hours.value, &Holidays::official());
        let pinned = Pinned {
            plan: "1".to_owned(),
            edition: None,
            calendar: calendar.map(ToOwned::to_owned),
            on,
            master: None,
        };
        Agreement { pinned, terms: Arc::new(terms), calendar: Arc::new(table) }
    }

    /// A table weighs some hundred kilobytes: one serves every client and every day with its hours.
    #[test]
    fn a_table_serves_whoever_has_its_hours_and_holidays() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let (agreements, known) = (Agreements::default(), agreement(day, Some("2")));
        agreements.keep(&ClientId::parse("FERRE").unwrap(), &known);
        let hours = &known.terms.contracted_hours.value;
        let found = agreements.table(hours, Some("2")).unwrap();
        assert!(Arc::ptr_eq(&found, &known.calendar));
        assert!(agreements.table(hours, None).is_none(), "other holidays");
        let mornings =
            BTreeMap::from([("mon".to_owned(), vec![["09:00", "13:00"].map(str::to_owned)])]);
        let other = ContractedHours::parse(&mornings).unwrap();
        assert!(agreements.table(&other, Some("2")).is_none(), "other hours");
    }
}
