//! A data set from which a deployment starts: clients, SPoCs, terms, the desk.
//!
//! Loading it twice changes nothing: each record is written only where there is none.

use domain::terms::{MasterOverride, Parameters, Version};
use domain::{Client, Spoc};
use serde::{Deserialize, Serialize};

use crate::auth::StaffRecord;
use crate::client::CalendarVersion;
use crate::codec::{Document, Stored};
use crate::commit::{Commit, CommitError, Condition, Write};
use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::ports::{Env, Store};

/// Everything that is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Clients.
    #[serde(default)]
    pub clients: Vec<SeedClient>,
    /// Members of the desk.
    #[serde(default)]
    pub staff: Vec<StaffRecord>,
    /// Editions of the SLA.
    #[serde(default)]
    pub editions: Vec<Version<Parameters>>,
    /// Versions of the holiday calendar.
    #[serde(default)]
    pub calendars: Vec<Version<CalendarVersion>>,
}

/// A client with what belongs to him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedClient {
    /// The client.
    pub client: Client,
    /// His SPoCs.
    pub spocs: Vec<Spoc>,
    /// Versions of his póliza's terms.
    pub plans: Vec<Version<Parameters>>,
    /// Overrides of his Contrato Marco.
    #[serde(default)]
    pub masters: Vec<Version<MasterOverride>>,
}

/// Loads the data set.
///
/// # Errors
/// What the store says; what was written before stays, and loading again goes on.
pub async fn apply<E: Env>(env: &E, seed: &Seed) -> Result<(), Failure> {
    for edition in &seed.editions {
        put(env, Key::new(keys::EDITIONS, format!("V#{}", edition.id)), edition.clone()).await?;
    }
    for calendar in &seed.calendars {
        put(env, Key::new(keys::CALENDARS, format!("V#{}", calendar.id)), calendar.clone()).await?;
    }
    for member in &seed.staff {
        put(env, keys::staff(&member.id), member.clone()).await?;
    }
    for entry in &seed.clients {
        let id = &entry.client.id;
        for spoc in &entry.spocs {
            put(env, keys::spoc(id, &spoc.id), spoc.clone()).await?;
        }
        for plan in &entry.plans {
            put(env, keys::terms(id, &plan.id), plan.clone()).await?;
        }
        for master in &entry.masters {
            put(env, keys::master(id, &master.id), master.clone()).await?;
        }
        put(env, keys::profile(id), entry.client.clone()).await?;
    }
    Ok(())
}

async fn put<E: Env, T: Document>(env: &E, key: Key, doc: T) -> Result<(), Failure> {
    let item = Stored::new(doc).item(key, env.settings().write_schema)?;
    let writes = vec![Write::Put { item, when: Condition::Absent }];
    match env.store().commit(&Commit { writes }).await {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(
            error @ (CommitError::Retryable(_) | CommitError::Unknown(_) | CommitError::Fault(_)),
        ) => Err(error.into()),
    }
}
