//! Official holidays: changes to what article 74 says, each with its source (1.3).
//!
//! A change is a newer version of the calendar, known from now on. No running clock moves by it (G6):
//! whoever records one is shown which would, and a person may have each of them recalculated.

use domain::calendar::{HolidayOverride, Holidays, OverrideKind, covers};
use domain::terms::{Version, known_after};
use domain::{Instant, NaiveDate, StaffMember};

use crate::attempts::again;
use crate::client::{CalendarVersion, Versions, room_for_one_more};
use crate::clients::{ChangeRecord, Considered, Dates, dates};
use crate::codec::Stored;
use crate::commit::{Commit, Condition, Write};
use crate::failure::{Failure, InputFault};
use crate::keys;
use crate::ports::{Clock, Env, Store};

/// Recording a change is tried so often while others record theirs.
const ATTEMPTS_MAX: u32 = 4;

/// A change of the list of holidays, as a person says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolidayChange {
    /// The date.
    pub date: NaiveDate,
    /// Whether it becomes a holiday or stops being one.
    pub kind: OverrideKind,
    /// The holiday's name, in Spanish.
    pub name: String,
    /// Where it was published.
    pub source: String,
}

/// What recording a change does, or would do.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Since when it is known; none where it was known already.
    pub known_from: Option<Instant>,
    /// The running dates that it would move if they were computed anew. None of them moves.
    pub dates: Dates,
}

/// Every change that is known, oldest date first.
///
/// # Errors
/// What the store says.
pub async fn list<E: Env>(env: &E) -> Result<Vec<HolidayOverride>, Failure> {
    let mut known = latest(&Versions::read(env).await?);
    known.sort_by_key(|it| (it.date, it.effective_from));
    Ok(known)
}

/// What a change would do, without doing it.
///
/// # Errors
/// [`Failure::Invalid`] where the list already says so, or the date lies outside the calendar; what the
/// store says.
pub async fn preview<E: Env>(env: &E, change: &HolidayChange) -> Result<Recorded, Failure> {
    let mut versions = Versions::read(env).await?;
    let Some(version) = next(env, &versions, change)? else { return Ok(nothing()) };
    Ok(Recorded { known_from: None, dates: moved(env, &mut versions, version).await? })
}

/// Records a change with a reason. The same again changes nothing.
///
/// # Errors
/// As [`preview`]; [`Failure::Retryable`] when others were faster too often.
pub async fn record<E: Env>(
    env: &E,
    change: &HolidayChange,
    reason: &str,
    by: &StaffMember,
) -> Result<Recorded, Failure> {
    let mut last = String::new();
    for _ in 0..ATTEMPTS_MAX {
        let mut versions = Versions::read(env).await?;
        let Some(version) = next(env, &versions, change)? else { return Ok(nothing()) };
        let (known_from, schema) = (version.known_from, env.settings().write_schema);
        let record = ChangeRecord {
            at: known_from,
            by: by.clone(),
            reason: reason.to_owned(),
            differences: vec![told(change)],
        };
        let key = keys::version(keys::CALENDARS, &version.id);
        let items = [
            Stored::new(version.clone()).item(key, schema)?,
            Stored::new(record).item(keys::change(keys::CALENDARS, known_from), schema)?,
        ];
        let writes = items.map(|item| Write::Put { item, when: Condition::Absent }).to_vec();
        match env.store().commit(&Commit { writes }).await {
            Ok(()) => {
                let dates = moved(env, &mut versions, version).await?;
                return Ok(Recorded { known_from: Some(known_from), dates });
            }
            Err(error) => last = again(error)?,
        }
    }
    Err(Failure::Retryable(format!("others changed the calendar {ATTEMPTS_MAX} times: {last}")))
}

fn nothing() -> Recorded {
    Recorded { known_from: None, dates: Dates::default() }
}

fn told(change: &HolidayChange) -> String {
    let what = match change.kind {
        OverrideKind::Added => "Día festivo oficial",
        OverrideKind::Removed => "Deja de ser día festivo oficial",
    };
    let day = domain::instant::spanish_date(change.date);
    format!("{what}: {day}, {} ({})", change.name, change.source)
}

fn latest(versions: &Versions) -> Vec<HolidayOverride> {
    let last = versions.calendars.iter().max_by_key(|it| it.known_from);
    last.map(|it| it.value.overrides.clone()).unwrap_or_default()
}

/// The version of the calendar that says so too; none where the last one does already. It holds for
/// every date: what is new is only that it is known.
fn next<E: Env>(
    env: &E,
    versions: &Versions,
    change: &HolidayChange,
) -> Result<Option<Version<CalendarVersion>>, Failure> {
    let midnight = domain::calendar::MinuteOfDay::hm(0, 0);
    let inside = domain::calendar::local_instant(change.date, midnight).is_ok_and(covers);
    if !inside {
        let problem = "queda fuera del calendario, que abarca de 2007 a 2050";
        return Err(Failure::Invalid(vec![InputFault::new("date", problem)]));
    }
    let mut overrides = latest(versions);
    let of_date = overrides.iter().filter(|it| it.date == change.date);
    let same = of_date.max_by_key(|it| it.effective_from).is_some_and(|it| {
        (it.kind, &it.name, &it.source) == (change.kind, &change.name, &change.source)
    });
    if same {
        return Ok(None);
    }
    let holidays = Holidays::with_overrides(overrides.clone());
    match (change.kind, holidays.name_on(change.date)) {
        (OverrideKind::Added, Some(name)) => {
            let problem = format!("ya es día festivo oficial: {name}");
            return Err(Failure::Invalid(vec![InputFault::new("date", problem)]));
        }
        (OverrideKind::Removed, None) => {
            let problem = "no es día festivo oficial: no hay qué quitar";
            return Err(Failure::Invalid(vec![InputFault::new("date", problem)]));
        }
        (OverrideKind::Added, None) | (OverrideKind::Removed, Some(_)) => {}
    }
    room_for_one_more(&versions.calendars, "date")?;
    let last = versions.calendars.iter().map(|it| it.known_from).max();
    let known_from = known_after(last, env.clock().now());
    overrides.push(HolidayOverride {
        date: change.date,
        kind: change.kind,
        name: change.name.clone(),
        source: change.source.clone(),
        effective_from: known_from,
    });
    Ok(Some(Version {
        id: format!("{:04}", versions.calendars.len() + 1),
        valid_from: Instant::from_millis(0),
        valid_to: None,
        known_from,
        value: CalendarVersion { overrides },
    }))
}

/// The running dates of all clients that a version would move.
async fn moved<E: Env>(
    env: &E,
    versions: &mut Versions,
    version: Version<CalendarVersion>,
) -> Result<Dates, Failure> {
    let known_at = version.known_from;
    versions.calendars.push(version);
    let considered = Considered { file: None, versions, known_at };
    let mut found = dates(env, None, &considered).await?;
    found.tickets.retain(|it| it.would_move());
    Ok(found)
}
