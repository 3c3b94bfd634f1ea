//! Several files at once: an address, a domain and a code belong to one client.

use std::collections::BTreeMap;

use mail::Address;

use crate::finding::{Finding, Kind, Report};

/// What several files claim at once. Each finding is of the later file, whose index comes first; names
/// tell people which the earlier one is.
#[must_use]
pub fn between(files: &[(String, Report)]) -> Vec<(usize, Finding)> {
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (n, (_, report)) in files.iter().enumerate() {
        let Some(entry) = &report.entry else { continue };
        let code = entry.client.id.to_string();
        let mut claimed = vec![(format!("code {code}"), "code", format!("la clave {code}"))];
        for domain in &entry.client.domains {
            let name = &domain.name;
            claimed.push((format!("@{name}"), "domains", format!("el dominio {name}")));
        }
        for email in entry.spocs.iter().flat_map(|spoc| &spoc.emails) {
            let canonical = Address::parse(email).map_or(String::new(), |it| it.canonical());
            claimed.push((canonical, "spocs", format!("la dirección {email}")));
        }
        for (key, at, what) in claimed {
            match owners.get(&key) {
                Some(other) if *other != n => {
                    let name = &files[*other].0;
                    let text = format!("{what} ya es de otro cliente, en {name}");
                    let (at, kind) = (at.to_owned(), Kind::Contradictory);
                    found.push((n, Finding { line: 1, at, kind, text, rule: "1.2" }));
                }
                Some(_) => {}
                None => {
                    owners.insert(key, n);
                }
            }
        }
    }
    found
}
