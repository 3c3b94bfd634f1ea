//! The demo: two clients, their SPoCs and a desk of three, and who is who at this terminal.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use app::auth::{self, Principal};
use app::ports::Env;
use app::seed::{self, Seed};
use domain::Instant;

use super::folder::{Access, write_atomically};
use crate::profiles::{Kind, Profile, Profiles};

/// The data set, as it lies among the examples.
const DEMO: &str = include_str!("../../../../events/demo/demo.toml");

/// Why the demo could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// Our data set is wrong.
    #[error("Los datos de demostración no se entienden: {0}")]
    Data(String),
    /// The table says no.
    #[error("No se pudieron cargar los datos de demostración: {0}")]
    Load(#[from] app::Failure),
    /// The profiles cannot be read or written.
    #[error("No se puede usar {0}: {1}")]
    Profiles(String, io::Error),
}

/// The profiles of this folder.
#[derive(Debug)]
pub(crate) struct Demo {
    /// Who is who.
    pub(crate) profiles: Profiles,
    /// Domains of its people: their mails are proven (M1).
    pub(crate) domains: Vec<String>,
    /// Whether they were made now, so that their tokens have never been shown.
    pub(crate) is_new: bool,
}

/// Loads the demo and issues tokens at the first start; later only writes down where we listen.
///
/// # Errors
/// When the table or the file of profiles cannot be used.
pub(crate) async fn prepare<E: Env>(env: &E, file: &Path, url: &str) -> Result<Demo, DemoError> {
    let trouble = |error| DemoError::Profiles(file.display().to_string(), error);
    let known = Profiles::read(file).map_err(trouble)?;
    let is_new = known.is_none();
    let seed = demo().map_err(DemoError::Data)?;
    let mut profiles = match known {
        Some(profiles) => profiles,
        None => {
            seed::apply(env, &seed).await?;
            issue(env, &seed).await?
        }
    };
    url.clone_into(&mut profiles.url);
    let text = profiles.text().map_err(trouble)?;
    write_atomically(file, text.as_bytes(), Access::Owner).map_err(trouble)?;
    Ok(Demo { profiles, domains: domains(&seed, &env.settings().mail_domain), is_new })
}

/// Domains from which the demo's people write, the desk's among them.
fn domains(seed: &Seed, ours: &str) -> Vec<String> {
    let spocs = seed.clients.iter().flat_map(|entry| &entry.spocs);
    let others = seed.addresses.iter().map(|entry| &entry.email);
    let addresses = spocs.flat_map(|spoc| &spoc.emails).chain(others);
    let theirs = addresses.filter_map(|address| address.rsplit_once('@'));
    let mut domains: Vec<String> = theirs.map(|(_, domain)| domain.to_owned()).collect();
    domains.push(ours.to_owned());
    domains.sort_unstable();
    domains.dedup();
    domains
}

async fn issue<E: Env>(env: &E, seed: &Seed) -> Result<Profiles, app::Failure> {
    let mut profiles = BTreeMap::new();
    let (mut ticket, mut desk) = (None, None);
    for entry in &seed.clients {
        for spoc in &entry.spocs {
            let principal =
                Principal::Spoc { client: entry.client.id.clone(), spoc: spoc.id.clone() };
            let token = auth::issue(env, principal).await?;
            let who = format!("{}, {}", spoc.name, entry.client.name);
            ticket.get_or_insert_with(|| spoc.id.to_string());
            profiles.insert(spoc.id.to_string(), Profile { who, kind: Kind::Spoc, token });
        }
    }
    for member in &seed.staff {
        let token = auth::issue(env, Principal::Staff { staff: member.id.clone() }).await?;
        let who = format!("{}, {} de la mesa", member.name, role(member.role));
        desk.get_or_insert_with(|| member.id.to_string());
        profiles.insert(member.id.to_string(), Profile { who, kind: Kind::Staff, token });
    }
    Ok(Profiles { url: String::new(), ticket, desk, profiles })
}

const fn role(role: domain::Role) -> &'static str {
    match role {
        domain::Role::Agent => "agente",
        domain::Role::Senior => "consultor senior",
        domain::Role::Finance => "finanzas",
        domain::Role::Admin => "administrador",
    }
}

/// The data set. Instants are written there as people write them, RFC 3339, and stored as
/// milliseconds.
pub(crate) fn demo() -> Result<Seed, String> {
    let mut table: toml::Value = toml::from_str(DEMO).map_err(|error| error.to_string())?;
    with_milliseconds(&mut table);
    table.try_into().map_err(|error: toml::de::Error| error.to_string())
}

fn with_milliseconds(value: &mut toml::Value) {
    match value {
        toml::Value::String(text) => {
            if let Ok(at) = Instant::parse_rfc3339(text) {
                *value = toml::Value::Integer(at.millis());
            }
        }
        toml::Value::Array(values) => values.iter_mut().for_each(with_milliseconds),
        toml::Value::Table(table) => table.iter_mut().for_each(|(_, v)| with_milliseconds(v)),
        toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use app::memory::MemoryEnv;
    use domain::{Instant, Power};

    use super::{demo, prepare};
    use crate::profiles::Kind;

    #[test]
    fn the_demo_is_what_the_walk_through_needs() {
        let seed = demo().unwrap();
        assert_eq!(seed.clients.len(), 2);
        assert_eq!(seed.staff.len(), 3);
        let at = Instant::parse_rfc3339("2026-11-20T10:00:00-06:00").unwrap();
        for entry in &seed.clients {
            assert!(entry.spocs.iter().any(|spoc| spoc.may(Power::Open, at)));
            assert!(entry.spocs.iter().any(|spoc| spoc.may(Power::AuthoriseCost, at)));
            assert!(entry.plans.iter().any(|plan| plan.valid_from <= at && plan.known_from <= at));
        }
        assert_ne!(seed.clients[0].plans[0].value, seed.clients[1].plans[0].value);
    }

    #[tokio::test]
    async fn tokens_are_issued_once() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("profiles.toml");
        let start = Instant::parse_rfc3339("2026-11-20T10:00:00-06:00").unwrap();
        let env = MemoryEnv::new(start, 1);
        let first = prepare(&env, &file, "http://127.0.0.1:1").await.unwrap();
        let again = prepare(&env, &file, "http://127.0.0.1:2").await.unwrap();
        assert!(first.is_new && !again.is_new);
        let theirs = ["anahuac.example", "ferretera.example", "millora.example", "odoo.example"];
        let mut domains = theirs.map(ToOwned::to_owned).to_vec();
        domains.push(env.settings.mail_domain.clone());
        assert_eq!(first.domains, domains);
        assert_eq!(again.domains, domains);
        assert_eq!(again.profiles.url, "http://127.0.0.1:2");
        assert_eq!(first.profiles.profiles, again.profiles.profiles);
        let kind = |name: &Option<String>| first.profiles.profiles[name.as_ref().unwrap()].kind;
        assert_eq!(kind(&first.profiles.ticket), Kind::Spoc);
        assert_eq!(kind(&first.profiles.desk), Kind::Staff);
        for profile in first.profiles.profiles.values() {
            let principal = app::auth::principal(&env, &profile.token).await.unwrap();
            assert!(principal.is_some(), "{}", profile.who);
        }
    }
}
