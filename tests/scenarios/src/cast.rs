//! Who plays: clients, SPoCs and the desk's members, from one file beside the scripts.

use std::collections::BTreeMap;

use app::auth::Principal;
use app::records::Owner;
use app::seed::Seed;
use domain::{ClientId, Instant, SpocId, StaffMember};

/// The file.
pub const CAST: &str = include_str!("../scripts/reparto.toml");

/// Everybody, found by first name.
#[derive(Debug, Clone)]
pub struct Cast {
    /// As it is loaded into the store.
    pub seed: Seed,
    spocs: BTreeMap<String, (ClientId, SpocId)>,
    staff: BTreeMap<String, StaffMember>,
    addresses: BTreeMap<String, String>,
}

impl Cast {
    /// Reads the file.
    ///
    /// # Panics
    /// When the file is not as it should be: a test has then failed.
    #[must_use]
    pub fn new() -> Self {
        Self::read(CAST)
    }

    /// Reads another one.
    ///
    /// # Panics
    /// As [`Cast::new`].
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut file: toml::Value = toml::from_str(text).expect("the cast is TOML");
        instants(&mut file);
        let seed: Seed = file.try_into().expect("the cast is a data set");
        let mut cast = Self {
            seed: seed.clone(),
            spocs: BTreeMap::new(),
            staff: BTreeMap::new(),
            addresses: BTreeMap::new(),
        };
        for entry in &seed.clients {
            for spoc in &entry.spocs {
                let name = first_name(&spoc.name);
                cast.addresses.insert(name.clone(), spoc.emails[0].clone());
                cast.spocs.insert(name, (entry.client.id.clone(), spoc.id.clone()));
            }
        }
        for record in &seed.staff {
            cast.staff.insert(first_name(&record.name), record.member());
        }
        cast
    }

    /// A SPoC and his client.
    #[must_use]
    pub fn spoc(&self, name: &str) -> Option<(ClientId, SpocId)> {
        self.spocs.get(name).cloned()
    }

    /// A member of the desk.
    #[must_use]
    pub fn staff(&self, name: &str) -> Option<StaffMember> {
        self.staff.get(name).cloned()
    }

    /// Everybody as the ports know him, by first name.
    #[must_use]
    pub fn principals(&self) -> Vec<(String, Principal)> {
        let spocs = self.spocs.iter().map(|(name, (client, spoc))| {
            (name.clone(), Principal::Spoc { client: client.clone(), spoc: spoc.clone() })
        });
        let staff = self
            .staff
            .iter()
            .map(|(name, member)| (name.clone(), Principal::Staff { staff: member.id.clone() }));
        spocs.chain(staff).collect()
    }

    /// A SPoC's address.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<String> {
        self.addresses.get(name).cloned()
    }

    /// The name and the address under which somebody writes a mail: one of the cast by first name, or
    /// whoever has the address.
    ///
    /// # Panics
    /// When nobody is called so.
    #[must_use]
    pub fn mailbox(&self, name: &str) -> (String, String) {
        if name.contains('@') {
            return (String::new(), name.to_owned());
        }
        if let Some((client, id)) = self.spoc(name) {
            let entries = self.seed.clients.iter().filter(|it| it.client.id == client);
            let spoc = entries.flat_map(|it| &it.spocs).find(|spoc| spoc.id == id);
            let spoc = spoc.expect("he is in the cast");
            return (spoc.name.clone(), spoc.emails[0].clone());
        }
        let member = self.staff(name).unwrap_or_else(|| panic!("nobody is called {name}"));
        let own = Owner::Staff { staff: member.id };
        let address = self.seed.addresses.iter().find(|it| it.owner == own);
        let address = address.unwrap_or_else(|| panic!("{name} has no address in the cast"));
        (name.to_owned(), address.email.clone())
    }

    /// Every SPoC's address.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        self.addresses.values().cloned().collect()
    }
}

impl Default for Cast {
    fn default() -> Self {
        Self::new()
    }
}

/// People write instants as RFC 3339; what is stored are milliseconds.
fn instants(value: &mut toml::Value) {
    match value {
        toml::Value::String(text) => {
            if let Ok(at) = Instant::parse_rfc3339(text) {
                *value = toml::Value::Integer(at.millis());
            }
        }
        toml::Value::Array(items) => items.iter_mut().for_each(instants),
        toml::Value::Table(fields) => fields.iter_mut().for_each(|(_, value)| instants(value)),
        toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => {}
    }
}

fn first_name(name: &str) -> String {
    name.split(' ').next().unwrap_or_default().to_owned()
}
