//! What has to become known so that a client is what a person says he is.
//!
//! Nothing that was known is changed: terms, SPoCs and overrides get newer versions, known from now on
//! (G6). Saying the same twice changes nothing.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::Instant;
use crate::client::{Client, ClientEntry};
use crate::contacts::Spoc;
use crate::terms::{MasterOverrides, Parameters, Version, known_after};

/// What is known of a client.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Who he is; none for a new one.
    pub client: Option<&'a Client>,
    /// Every version of his SPoCs, [in sequence](crate::contacts::in_sequence).
    pub spocs: &'a [Spoc],
    /// Every version of his póliza's terms.
    pub plans: &'a [Version<Parameters>],
    /// Every version of what his Contrato Marco says.
    pub overrides: &'a [Version<MasterOverrides>],
}

/// What has to become known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The client, where his name, domains, modules or acceptance differ.
    pub client: Option<Client>,
    /// Newer versions of SPoCs. Whoever is no longer named is one whose designation ends.
    pub spocs: Vec<Spoc>,
    /// Newer versions of the póliza's terms.
    pub plans: Vec<Version<Parameters>>,
    /// A newer version of what the Contrato Marco says.
    pub overrides: Option<Version<MasterOverrides>>,
}

impl Changes {
    /// Whether nothing has to become known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Why an entry cannot follow what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeFault {
    /// The first stretch of the póliza would begin later than it did: what was promised in between
    /// would be without terms.
    #[error(
        "el primer tramo de la póliza ya empezaba antes, el {0}: no puede quitarse, porque lo que se \
         prometió desde entonces depende de él; déjelo y póngale su valid_to"
    )]
    BeginsLater(Instant),
    /// The póliza would have another first day, from which its terms are counted (10.8).
    #[error(
        "el {0} ya es el primer día de una póliza y de él se cuentan meses y periodos: déjelo, y escriba \
         una póliza nueva como otro tramo que comience en su propio primer día"
    )]
    StartMoved(NaiveDate),
}

impl ChangeFault {
    /// The field of a client's file that it is about.
    #[must_use]
    pub const fn place(self) -> &'static str {
        match self {
            Self::BeginsLater(_) => "plans[0].valid_from",
            Self::StartMoved(_) => "plans[0].start",
        }
    }
}

/// The instant from which changes are known: now, or right after whatever became known last.
#[must_use]
pub fn known_from(known: &Known<'_>, now: Instant) -> Instant {
    let plans = known.plans.iter().map(|it| it.known_from);
    let overrides = known.overrides.iter().map(|it| it.known_from);
    let spocs = known.spocs.iter().filter_map(|it| it.known_from);
    known_after(plans.chain(overrides).chain(spocs).max(), now)
}

/// What has to become known at `from`, so that the client is what `entry` says.
///
/// # Errors
/// When the entry contradicts what was promised before.
pub fn changes(
    known: &Known<'_>,
    entry: &ClientEntry,
    from: Instant,
) -> Result<Changes, ChangeFault> {
    let client = (known.client != Some(&entry.client)).then(|| entry.client.clone());
    let spocs = spocs(known.spocs, &entry.spocs, from);
    let plans = plans(known.plans, entry, from)?;
    let last = known.overrides.iter().max_by_key(|it| it.known_from);
    let last = last.map_or(&[][..], |it| &it.value.overrides);
    let overrides = (last != entry.overrides).then(|| Version {
        id: next_id(known.overrides),
        valid_from: from,
        valid_to: None,
        known_from: from,
        value: MasterOverrides { overrides: entry.overrides.clone() },
    });
    Ok(Changes { client, spocs, plans, overrides })
}

/// Designations that differ from those known last, and the end of those that are no longer named.
/// Removing one leaves what he opened valid (1.2).
fn spocs(known: &[Spoc], named: &[Spoc], from: Instant) -> Vec<Spoc> {
    let mut last: BTreeMap<_, _> = known.iter().map(|spoc| (&spoc.id, spoc)).collect();
    let mut newer = Vec::new();
    for spoc in named {
        let as_known = last.remove(&spoc.id).map(|it| Spoc { known_from: None, ..it.clone() });
        if as_known.as_ref() != Some(spoc) {
            newer.push(Spoc { known_from: Some(from), ..spoc.clone() });
        }
    }
    let left = last.into_values().filter(|it| it.valid_to.is_none_or(|to| from < to));
    newer.extend(left.map(|it| Spoc {
        valid_to: Some(from),
        known_from: Some(from),
        ..it.clone()
    }));
    newer
}

/// The first day of a póliza, and since when it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// The day.
    pub day: NaiveDate,
    /// Since when.
    pub known_from: Instant,
}

/// The first days of the pólizas that follow one another in the terms, as they are known last: a
/// stretch with another first day is another póliza (10.8).
#[must_use]
pub fn starts(known: &[Version<Parameters>]) -> Vec<Start> {
    let mut starts: Vec<Start> = Vec::new();
    for stretch in current(known) {
        let Some(day) = stretch.value.start.flatten() else { continue };
        if starts.last().is_some_and(|last| day <= last.day) {
            continue;
        }
        let said = known.iter().filter(|it| it.value.start.flatten() == Some(day));
        let known_from = said.map(|it| it.known_from).min().unwrap_or(stretch.known_from);
        starts.push(Start { day, known_from });
    }
    starts
}

/// The stretches of the póliza as they are known last: what [`resolve`](crate::terms::resolve) finds
/// from one beginning to the next.
fn current(known: &[Version<Parameters>]) -> Vec<&Version<Parameters>> {
    let mut begins: Vec<Instant> = known.iter().map(|it| it.valid_from).collect();
    begins.sort_unstable();
    begins.dedup();
    let mut stretches: Vec<&Version<Parameters>> = Vec::new();
    for begin in begins {
        let deciding = known.iter().filter(|it| it.valid_from <= begin);
        let deciding = deciding.max_by_key(|it| (it.known_from, it.valid_from));
        stretches.extend(deciding.filter(|it| it.valid_from == begin));
    }
    stretches
}

fn plans(
    known: &[Version<Parameters>],
    entry: &ClientEntry,
    from: Instant,
) -> Result<Vec<Version<Parameters>>, ChangeFault> {
    let current = current(known);
    let same = |at: usize| {
        let (one, said) = (current[at], &entry.plans[at]);
        one.valid_from == said.valid_from
            && one.valid_to == said.valid_to
            && one.value == said.value
    };
    let equal = (0..current.len().min(entry.plans.len())).take_while(|at| same(*at)).count();
    if equal == current.len() && equal == entry.plans.len() {
        return Ok(Vec::new());
    }
    if let (Some(first), Some(said)) = (current.first(), entry.plans.first())
        && said.valid_from > first.valid_from
    {
        return Err(ChangeFault::BeginsLater(first.valid_from));
    }
    let said = entry.plans.iter().filter_map(|it| it.value.start.flatten());
    let said: Vec<NaiveDate> = said.collect();
    for (n, start) in starts(known).iter().enumerate() {
        let is_first = n == 0;
        if (is_first || start.day <= from.date()) && !said.contains(&start.day) {
            return Err(ChangeFault::StartMoved(start.day));
        }
    }
    // What was known of the rest is superseded from the first newer stretch on. Where the rest began
    // before it, the last equal stretch is said again, so that its end is the last word.
    let covered = match (entry.plans.get(equal), current.get(equal)) {
        (Some(said), Some(rest)) => said.valid_from <= rest.valid_from,
        (Some(_), None) => true,
        (None, Some(_) | None) => false,
    };
    let first = if covered { equal } else { equal.saturating_sub(1) };
    let count = known.len();
    let newer = entry.plans[first..].iter().enumerate().map(|(n, said)| Version {
        id: id(count + n + 1),
        valid_from: said.valid_from,
        valid_to: said.valid_to,
        known_from: from,
        value: said.value.clone(),
    });
    Ok(newer.collect())
}

fn next_id<T>(known: &[Version<T>]) -> String {
    id(known.len() + 1)
}

/// Ids are numbers in order: who reads a version's id knows which came before.
fn id(n: usize) -> String {
    format!("{n:04}")
}
