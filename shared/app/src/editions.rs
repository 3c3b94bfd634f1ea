//! Editions of the agreement (14): published with their notice, told to every SPoC, in force from a day
//! on. Running cycles keep theirs.

use domain::client::{ClientContent, ClientNotice};
use domain::edition::{Edition, EditionFault, EditionTerms, effective_from};
use domain::terms::{Parameter, Parameters, Terms, Version, known_after, resolve};
use domain::{ClientId, Instant, StaffMember};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::auth::hex;
use crate::client::{self, Versions, room_for_one_more};
use crate::clients::ChangeRecord;
use crate::codec::{Document, Stored};
use crate::commit::{Commit, CommitError, Condition, Write};
use crate::failure::{Failure, InputFault};
use crate::item::Key;
use crate::keys;
use crate::limits::SPREAD_PAGE;
use crate::ports::{Clock, Env, Query, Store};
use crate::records::client_notice;

/// An edition to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Its whole text.
    pub text: String,
    /// Where it is published.
    pub url: String,
    /// From when it is in force; none for the first instant that clause 14 allows.
    pub effective_at: Option<Instant>,
    /// The parameters that it sets.
    pub parameters: Parameters,
}

/// An edition whose publication every SPoC has still to be told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// The edition's version.
    pub id: String,
}

impl Document for Telling {}

/// Every edition, oldest first.
///
/// # Errors
/// What the store says.
pub async fn list<E: Env>(env: &E) -> Result<Vec<Version<EditionTerms>>, Failure> {
    Ok(Versions::read(env).await?.editions)
}

/// Publishes an edition now. The SPoCs are told by an effect of the same transaction.
///
/// # Errors
/// [`Failure::Invalid`] where it would be in force before its notice has run, or is the last one again;
/// [`Failure::Retryable`] where another one was published meanwhile.
pub async fn publish<E: Env>(
    env: &E,
    publication: &Publication,
    reason: &str,
    by: &StaffMember,
) -> Result<Version<EditionTerms>, Failure> {
    let known = Versions::read(env).await?.editions;
    let last = known.iter().map(|it| it.known_from).max();
    let version = draft(&known, publication, known_after(last, env.clock().now()))?;
    let (schema, at) = (env.settings().write_schema, version.known_from);
    let edition = &version.value;
    let record = ChangeRecord {
        at,
        by: by.clone(),
        reason: reason.to_owned(),
        differences: vec![format!(
            "Edición {}, en vigor desde el {}",
            edition.n,
            version.valid_from.spanish_short()
        )],
    };
    let mut tell =
        Stored::new(Telling { id: version.id.clone() }).item(keys::tell(&version.id), schema)?;
    tell.due = Some(keys::due(&tell.key.pk, at));
    let items = [
        Stored::new(version.clone()).item(keys::version(keys::EDITIONS, &version.id), schema)?,
        Stored::new(record).item(keys::change(keys::EDITIONS, at), schema)?,
        tell,
    ];
    let writes = items.map(|item| Write::Put { item, when: Condition::Absent }).to_vec();
    env.store().commit(&Commit { writes }).await?;
    Ok(version)
}

/// That an edition says nothing that each póliza says for itself.
fn for_all(parameters: &Parameters) -> Result<(), Failure> {
    let own = |it: &&Parameter| parameters.shown(**it).is_some();
    let Some(own) = Parameter::OF_EACH_PLAN.iter().find(own) else { return Ok(()) };
    let problem = format!("{} lo dice cada póliza: ninguna edición lo fija para todas", own.name());
    Err(Failure::Invalid(vec![InputFault::new("parameters", problem)]))
}

fn draft(
    known: &[Version<EditionTerms>],
    publication: &Publication,
    now: Instant,
) -> Result<Version<EditionTerms>, Failure> {
    let fault = |at: &str, problem: String| Failure::Invalid(vec![InputFault::new(at, problem)]);
    let text_hash = hex(&Sha256::digest(publication.text.as_bytes()));
    let last = known.iter().max_by_key(|it| it.known_from);
    let same = |it: &Version<EditionTerms>| {
        it.value.text_hash == text_hash && it.value.parameters == publication.parameters
    };
    if last.is_some_and(same) {
        return Err(fault("text", "es la última edición publicada, sin cambios".to_owned()));
    }
    room_for_one_more(known, "text")?;
    for_all(&publication.parameters)?;
    let current = resolve(known, now, now).map(|it| &it.value.parameters);
    let terms = Terms::resolve(current, &Parameters::default(), &[], now.date());
    let earliest = effective_from(now, &terms, &mut ());
    let earliest = earliest.map_err(|error| Failure::Fault(error.to_string()))?;
    let n = known.iter().map(|it| it.value.n).max().unwrap_or(0) + 1;
    let effective_at = publication.effective_at.unwrap_or(earliest);
    let edition = Edition {
        n,
        text_hash: text_hash.clone(),
        url: publication.url.clone(),
        published_at: now,
        effective_at,
    };
    edition.check(&terms).map_err(|error| match error {
        EditionFault::TooEarly { earliest } => fault(
            "effective_at",
            format!(
                "queda antes del {}: el aviso previo es de {} días naturales, sin contar el de la \
                 publicación (cláusula 14)",
                earliest.spanish(),
                terms.edition_notice_days.value.get()
            ),
        ),
        EditionFault::Calendar(_) => {
            fault("effective_at", "queda fuera del calendario, que abarca hasta 2050".to_owned())
        }
    })?;
    Ok(Version {
        id: format!("{n:04}"),
        valid_from: effective_at,
        valid_to: None,
        known_from: now,
        value: EditionTerms {
            n,
            text_hash,
            url: publication.url.clone(),
            parameters: publication.parameters.clone(),
        },
    })
}

/// Tells the SPoCs of every client of an edition, then removes the effect. Again, it tells nobody twice;
/// one client's trouble stops no other, and the effect stays until all have been told.
///
/// # Errors
/// The first trouble, after all clients were tried.
pub async fn tell<E: Env>(env: &E, key: &Key) -> Result<(), Failure> {
    let Some(item) = env.store().get(key).await? else { return Ok(()) };
    let effect = Stored::<Telling>::read(&item)?;
    let known = Versions::read(env).await?.editions;
    let version = known.iter().find(|it| it.id == effect.doc.id);
    let version = version.ok_or_else(|| {
        Failure::Fault(format!("edition {} is missing, which is to be told", effect.doc.id))
    })?;
    let mut query = Query::new(keys::CLIENTS, "", SPREAD_PAGE);
    let mut trouble = None;
    loop {
        let page = env.store().list(&query).await?;
        for found in page.items.iter().filter_map(|it| keys::client_of(&it.pk)) {
            if let Err(failure) = tell_client(env, &found, version).await {
                tracing::warn!(client = %found, %failure, "a client was not told of an edition");
                trouble = Some(failure);
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    if let Some(failure) = trouble {
        return Err(failure);
    }
    let when = Condition::RevisionIs(effect.rev);
    let writes = vec![Write::Delete { key: key.clone(), when }];
    Ok(env.store().commit(&Commit { writes }).await?)
}

async fn tell_client<E: Env>(
    env: &E,
    id: &ClientId,
    version: &Version<EditionTerms>,
) -> Result<(), Failure> {
    let Some(file) = client::load(env, id).await? else { return Ok(()) };
    let now = env.clock().now();
    for spoc in file.spocs.iter().filter(|it| it.holds_at(now)) {
        let content = ClientContent::EditionPublished {
            n: version.value.n,
            url: version.value.url.clone(),
            effective_at: version.valid_from,
        };
        let notice = ClientNotice { to: spoc.id.clone(), due: version.known_from, content };
        let write = client_notice(id, notice, now, env.settings().write_schema)?;
        match env.store().commit(&Commit { writes: vec![write] }).await {
            // It lies there already: he has been told.
            Ok(()) | Err(CommitError::Conflict(_)) => {}
            Err(
                error @ (CommitError::Retryable(_)
                | CommitError::Unknown(_)
                | CommitError::Fault(_)),
            ) => return Err(error.into()),
        }
    }
    Ok(())
}
