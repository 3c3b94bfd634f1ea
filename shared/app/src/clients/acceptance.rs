//! The acceptance of the agreement as a fact: who, which text, when, by which act (0.1).

use domain::client::{Acceptance, Client};
use domain::edition::EditionTerms;
use domain::terms::resolve;
use domain::{ClientId, Instant, SpocId};

use super::ATTEMPTS_MAX;
use crate::attempts::again;
use crate::client::Versions;
use crate::codec::{Document, Stored};
use crate::commit::{Commit, Condition, Write};
use crate::failure::Failure;
use crate::keys;
use crate::ports::{Env, Store};
use crate::records::profile_item;

impl Document for Acceptance {}

/// The edition of the agreement that is in force; none where none was published.
///
/// # Errors
/// What the store says.
pub async fn in_force<E: Env>(env: &E, at: Instant) -> Result<Option<EditionTerms>, Failure> {
    let editions = Versions::read(env).await?.editions;
    Ok(resolve(&editions, at, at).map(|edition| edition.value.clone()))
}

/// The acceptance of an edition by a client, if it was accepted: by a link, or as a file tells.
///
/// # Errors
/// What the store says.
pub async fn known<E: Env>(
    env: &E,
    client: &Client,
    edition: &EditionTerms,
) -> Result<Option<Acceptance>, Failure> {
    if let Some(item) = env.store().get(&keys::acceptance(&client.id, edition.n)).await? {
        return Ok(Some(Stored::<Acceptance>::read(&item)?.doc));
    }
    Ok(client.acceptance.clone().filter(|known| known.edition == edition.text_hash))
}

/// A SPoC accepts an edition of the agreement. Each edition is accepted once: whoever comes later finds the
/// first acceptance. It becomes that of the client, and is kept for good beside it.
///
/// # Errors
/// [`Failure::NotFound`] where there is no such client; [`Failure::Retryable`] when others changed him
/// meanwhile too often.
pub async fn accept<E: Env>(
    env: &E,
    client: &ClientId,
    spoc: &SpocId,
    edition: &EditionTerms,
    received_at: Instant,
) -> Result<(Acceptance, bool), Failure> {
    let schema = env.settings().write_schema;
    let key = keys::acceptance(client, edition.n);
    let act = format!("enlace de su cuenta: edición {}, {}", edition.n, edition.url);
    let (spoc, hash) = (spoc.clone(), edition.text_hash.clone());
    let acceptance = Acceptance { spoc, edition: hash, at: received_at, act };
    let mut last = String::new();
    for _ in 0..ATTEMPTS_MAX {
        let profile = env.store().get(&keys::profile(client)).await?.ok_or(Failure::NotFound)?;
        let mut profile = Stored::<Client>::read(&profile)?;
        if let Some(known) = known(env, &profile.doc, edition).await? {
            return Ok((known, false));
        }
        // One of an earlier edition that is handled late does not take the place of the later one.
        let later = profile.doc.acceptance.take().filter(|known| acceptance.at < known.at);
        profile.doc.acceptance = Some(later.unwrap_or_else(|| acceptance.clone()));
        let when = Condition::unchanged(profile.rev);
        let kept = Stored::new(acceptance.clone()).item(key.clone(), schema)?;
        let writes = vec![
            Write::Put { item: profile_item(&profile, schema)?, when },
            Write::Put { item: kept, when: Condition::Absent },
        ];
        match env.store().commit(&Commit { writes }).await {
            Ok(()) => return Ok((acceptance, true)),
            Err(error) => last = again(error)?,
        }
    }
    Err(Failure::Retryable(format!("others changed the client {ATTEMPTS_MAX} times: {last}")))
}
