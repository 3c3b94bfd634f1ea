//! Whose an address or a domain is to be: it belongs to one client (1.2, 1.2a).

use std::collections::BTreeMap;

use domain::MailDomain;
use domain::client::{Changes, ClientEntry};
use mail::Address;

use crate::addresses::{Codes, is_ours};
use crate::client::{ClientFile, load};
use crate::codec::Stored;
use crate::commit::{Condition, Write};
use crate::failure::{Failure, InputFault};
use crate::keys;
use crate::ports::{Env, Store};
use crate::records::Owner;

/// What is written so that addresses and domains have their owners.
pub(super) struct Claims {
    /// Each owner as he is to be, by code; none where a domain is given up.
    wanted: Vec<(String, Option<Owner>, Option<Stored<Owner>>)>,
}

impl Claims {
    /// The writes, each under the condition that nobody else has claimed the same meanwhile.
    pub(super) fn writes(&self, schema: u16) -> Result<Vec<Write>, Failure> {
        let writes = self.wanted.iter().map(|(code, owner, stored)| {
            let key = keys::owner(code);
            let mut stored = stored.clone();
            let when = Condition::unchanged(stored.as_ref().map_or(0, |it| it.rev));
            Ok(match (owner, &mut stored) {
                (Some(owner), Some(stored)) if stored.doc == *owner => Write::Check { key, when },
                (Some(owner), Some(stored)) => {
                    stored.doc = owner.clone();
                    Write::Put { item: stored.item(key, schema)?, when }
                }
                (Some(owner), None) => {
                    Write::Put { item: Stored::new(owner.clone()).item(key, schema)?, when }
                }
                (None, Some(_) | None) => Write::Delete { key, when },
            })
        });
        writes.collect()
    }
}

/// Addresses and domains by their codes: whose each is to be, and where in the file it stands. This system's
/// own are a fault: it would write to itself, or act for a contact.
fn wanted<E: Env>(
    env: &E,
    codes: &Codes,
    entry: &ClientEntry,
    had: &[MailDomain],
    faults: &mut Vec<InputFault>,
) -> BTreeMap<String, (Owner, String)> {
    let client = &entry.client.id;
    let mut wanted = BTreeMap::new();
    for (n, spoc) in entry.spocs.iter().enumerate() {
        for (m, email) in spoc.emails.iter().enumerate() {
            let place = format!("spocs[{n}].emails[{m}]");
            let Ok(address) = Address::parse(email) else {
                faults.push(InputFault::new(place, "no es una dirección de correo"));
                continue;
            };
            if is_ours(env.settings(), &address) {
                faults.push(InputFault::new(place, "es una dirección de este sistema"));
                continue;
            }
            let owner = Owner::Spoc { client: client.clone(), spoc: spoc.id.clone() };
            wanted.insert(codes.of(&address), (owner, place));
        }
    }
    for (n, domain) in entry.client.domains.iter().enumerate().filter(|(_, it)| !had.contains(it)) {
        if domain.name == env.settings().mail_domain {
            let place = format!("domains[{n}].name");
            faults.push(InputFault::new(place, "es el dominio de este sistema"));
            continue;
        }
        let spf_suffices = domain.spf_suffices.is_some();
        let owner = Owner::Domain { client: client.clone(), spf_suffices };
        wanted.insert(codes.of_domain(&domain.name), (owner, format!("domains[{n}].name")));
    }
    wanted
}

/// Who is to own what, where it differs from what the client had. What is another client's is a fault.
/// The address of a former contact stays his, so that what he wrote before is still known to be his,
/// until another client's contact registers it.
pub(super) async fn claims<E: Env>(
    env: &E,
    entry: &ClientEntry,
    file: Option<&ClientFile>,
    changes: &Changes,
    faults: &mut Vec<InputFault>,
) -> Result<Claims, Failure> {
    let codes = Codes::read(env).await?;
    let had = file.map_or(&[][..], |file| &file.client.domains);
    let wanted = wanted(env, &codes, entry, had, faults);
    let mut claims = Vec::new();
    for (code, (owner, place)) in wanted {
        let stored = read(env, &code).await?;
        if let Some(stored) = &stored
            && !may_take(env, entry, &stored.doc, &code, &codes).await?
        {
            let problem =
                "ya es de alguien más: una dirección y un dominio pertenecen a un solo cliente";
            faults.push(InputFault::new(place, problem));
            continue;
        }
        // Where nothing changes, there is nothing to be written and nothing to depend on.
        let same = stored.as_ref().is_some_and(|stored| stored.doc == owner);
        let depends = match &owner {
            Owner::Spoc { spoc, .. } => changes.spocs.iter().any(|it| it.id == *spoc),
            Owner::Domain { .. } | Owner::Staff { .. } | Owner::OdooHelpdesk => true,
        };
        if !same || depends {
            claims.push((code, Some(owner), stored));
        }
    }
    let kept = |name: &str| entry.client.domains.iter().any(|it| it.name == name);
    for gone in had.iter().filter(|it| !kept(&it.name)) {
        let code = codes.of_domain(&gone.name);
        if let Some(stored) = read(env, &code).await? {
            claims.push((code, None, Some(stored)));
        }
    }
    Ok(Claims { wanted: claims })
}

async fn read<E: Env>(env: &E, code: &str) -> Result<Option<Stored<Owner>>, Failure> {
    let item = env.store().get(&keys::owner(code)).await?;
    item.map(|item| Stored::<Owner>::read(&item)).transpose()
}

/// Whether whoever owns it may lose it: the client himself, or one whose contact no longer has it.
async fn may_take<E: Env>(
    env: &E,
    entry: &ClientEntry,
    owner: &Owner,
    code: &str,
    codes: &Codes,
) -> Result<bool, Failure> {
    match owner {
        Owner::Spoc { client, .. } | Owner::Domain { client, .. } if *client == entry.client.id => {
            Ok(true)
        }
        Owner::Spoc { client, spoc } => {
            let file = load(env, client).await?;
            let now = file.as_ref().and_then(|file| file.spoc(spoc));
            let at = crate::ports::Clock::now(env.clock());
            let holds = now.is_some_and(|it| it.valid_to.is_none_or(|to| at < to));
            let mut emails = now.into_iter().flat_map(|it| &it.emails);
            let has = emails.any(|it| Address::parse(it).is_ok_and(|it| codes.of(&it) == code));
            Ok(!(holds && has))
        }
        Owner::Domain { .. } | Owner::Staff { .. } | Owner::OdooHelpdesk => Ok(false),
    }
}
