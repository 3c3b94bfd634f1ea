//! How people are called in answers.

use std::collections::BTreeMap;

use app::auth::StaffRecord;
use app::client::ClientFile;
use app::codec::Stored;
use app::keys;
use app::ports::{Env, Store as _};
use domain::{Actor, Participant, SpocId, StaffId};

use crate::problem::Problem;

/// What clients read for a member of the desk whose name is not known any more.
const DESK: &str = "Mesa de soporte de Millora";
/// What is read for a SPoC who was removed.
const FORMER: &str = "Contacto anterior";
/// What is read for an address that takes part in a ticket.
const PARTICIPANT: &str = "Participante agregado";
/// What is read for an act without a person.
const SYSTEM: &str = "Sistema";

/// The names of those who took part in a ticket.
#[derive(Debug)]
pub struct Names<'a> {
    file: Option<&'a ClientFile>,
    staff: BTreeMap<StaffId, String>,
}

impl<'a> Names<'a> {
    /// Looks the members of the desk up; those who have left keep their names.
    ///
    /// # Errors
    /// What the store says.
    pub async fn of<E: Env>(
        env: &E,
        file: Option<&'a ClientFile>,
        staff: impl IntoIterator<Item = StaffId>,
    ) -> Result<Self, Problem> {
        let mut ids: Vec<_> = staff.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let wanted: Vec<_> = ids.iter().map(keys::staff).collect();
        let mut known = BTreeMap::new();
        if !wanted.is_empty() {
            for item in env.store().get_many(&wanted).await.map_err(app::Failure::from)? {
                let record = Stored::<StaffRecord>::read(&item)?.doc;
                known.insert(record.id, record.name);
            }
        }
        Ok(Self { file, staff: known })
    }

    /// A SPoC's name.
    #[must_use]
    pub fn spoc(&self, id: &SpocId) -> String {
        self.file
            .and_then(|file| file.spoc(id))
            .map_or_else(|| FORMER.to_owned(), |spoc| spoc.name.clone())
    }

    /// A member's name, as clients read it.
    #[must_use]
    pub fn staff(&self, id: &StaffId) -> String {
        self.staff.get(id).cloned().unwrap_or_else(|| DESK.to_owned())
    }

    /// How somebody on the client's side is called.
    #[must_use]
    pub fn participant(&self, participant: &Participant) -> String {
        match participant {
            Participant::Spoc(id) => self.spoc(id),
            Participant::Added(_) => PARTICIPANT.to_owned(),
        }
    }

    /// The name of whoever acted.
    #[must_use]
    pub fn actor(&self, actor: &Actor) -> String {
        match actor {
            Actor::Spoc(id) => self.spoc(id),
            Actor::Participant(_) => PARTICIPANT.to_owned(),
            Actor::Staff(member) => self.staff(&member.id),
            Actor::System => SYSTEM.to_owned(),
        }
    }
}
