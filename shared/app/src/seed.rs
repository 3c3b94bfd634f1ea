//! A data set from which a deployment starts: clients, SPoCs, terms, the desk.
//!
//! Loading it twice changes nothing: each record is written only where there is none.

use domain::edition::EditionTerms;
use domain::terms::{MasterOverrides, Parameters, Version};
use domain::{Client, Spoc, is_public_provider};
use mail::Address;
use serde::{Deserialize, Serialize};

use crate::account;
use crate::addresses::{self, Codes};
use crate::auth::StaffRecord;
use crate::client::CalendarVersion;
use crate::codec::{Document, Stored};
use crate::commit::{Commit, CommitError, Condition, Write};
use crate::failure::{Failure, InputFault};
use crate::item::{Item, Key};
use crate::keys;
use crate::ports::{Env, Store};
use crate::records::{Owner, profile_item};

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
    pub editions: Vec<Version<EditionTerms>>,
    /// Versions of the holiday calendar.
    #[serde(default)]
    pub calendars: Vec<Version<CalendarVersion>>,
    /// Addresses of the desk's members and of Odoo's helpdesk.
    #[serde(default)]
    pub addresses: Vec<SeedAddress>,
}

/// An address of somebody who is no client's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedAddress {
    /// The address.
    pub email: String,
    /// Whose.
    pub owner: Owner,
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
    pub masters: Vec<Version<MasterOverrides>>,
}

/// Loads the data set.
///
/// # Errors
/// What the store says; what was written before stays, and loading again goes on.
pub async fn apply<E: Env>(env: &E, seed: &Seed) -> Result<(), Failure> {
    for edition in &seed.editions {
        put(env, keys::version(keys::EDITIONS, &edition.id), edition.clone()).await?;
    }
    for calendar in &seed.calendars {
        put(env, keys::version(keys::CALENDARS, &calendar.id), calendar.clone()).await?;
    }
    for member in &seed.staff {
        put(env, keys::staff(&member.id), member.clone()).await?;
    }
    for entry in &seed.clients {
        let id = &entry.client.id;
        for spoc in &entry.spocs {
            put(env, keys::spoc(id, &spoc.id, 1), spoc.clone()).await?;
        }
        for plan in &entry.plans {
            put(env, keys::terms(id, &plan.id), plan.clone()).await?;
        }
        for master in &entry.masters {
            put(env, keys::master(id, &master.id), master.clone()).await?;
        }
        let item = profile_item(&Stored::new(entry.client.clone()), env.settings().write_schema)?;
        put_item(env, item).await?;
    }
    enter_addresses(env, seed).await?;
    for entry in &seed.clients {
        account::follow_terms(env, &entry.client.id).await?;
    }
    Ok(())
}

/// Enters whose each address and domain is.
async fn enter_addresses<E: Env>(env: &E, seed: &Seed) -> Result<(), Failure> {
    let codes = Codes::read(env).await?;
    for entry in &seed.clients {
        let client = &entry.client.id;
        for spoc in &entry.spocs {
            let owner = Owner::Spoc { client: client.clone(), spoc: spoc.id.clone() };
            for email in &spoc.emails {
                addresses::enter(env, &codes.of(&address(email)?), &owner, email).await?;
            }
        }
        for domain in &entry.client.domains {
            let name = domain.name.as_str();
            if is_public_provider(name) {
                let problem = "cualquiera puede tener una dirección ahí; no es de un solo cliente";
                return Err(Failure::Invalid(vec![InputFault::new(name, problem)]));
            }
            let spf_suffices = domain.spf_suffices.is_some();
            let owner = Owner::Domain { client: client.clone(), spf_suffices };
            addresses::enter(env, &codes.of_domain(name), &owner, name).await?;
        }
    }
    for entry in &seed.addresses {
        let code = codes.of(&address(&entry.email)?);
        addresses::enter(env, &code, &entry.owner, &entry.email).await?;
    }
    Ok(())
}

fn address(email: &str) -> Result<Address, Failure> {
    Address::parse(email)
        .map_err(|error| Failure::Invalid(vec![InputFault::new(email, error.to_string())]))
}

async fn put<E: Env, T: Document>(env: &E, key: Key, doc: T) -> Result<(), Failure> {
    put_item(env, Stored::new(doc).item(key, env.settings().write_schema)?).await
}

async fn put_item<E: Env>(env: &E, item: Item) -> Result<(), Failure> {
    let writes = vec![Write::Put { item, when: Condition::Absent }];
    match env.store().commit(&Commit { writes }).await {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(
            error @ (CommitError::Retryable(_) | CommitError::Unknown(_) | CommitError::Fault(_)),
        ) => Err(error.into()),
    }
}
