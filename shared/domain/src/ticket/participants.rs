//! Who takes part in a ticket besides those who act on it.
//!
//! > *1. SPoC: Contacto(s) autorizado(s) del cliente para solicitar soporte.*
//!
//! Rule 1.5. A participant may answer, say that it still fails, and reopen. Public messages go to every
//! one of them. Whatever concerns cost or standing stays among SPoCs, and so does every act that takes
//! a power.

use super::command::AddedParticipant;
use super::decide::{Act, Outcome};
use super::event::Fact;
use super::limits::{FOLLOWERS_MAX, PARTICIPANTS_MAX};
use super::refusal::{Refusal, RefusalCode};
use super::state::Ticket;
use crate::evidence::TextDigest;
use crate::{Instant, Participant, ParticipantId, SpocId};

impl Ticket {
    /// Whether an address was added to the ticket (1.5).
    #[must_use]
    pub fn has_participant(&self, id: &ParticipantId) -> bool {
        self.participants.iter().any(|known| known.id == *id)
    }
}

impl Act<'_> {
    /// Requires that the writer takes part: as a SPoC of the client, whatever his powers, or as an
    /// address that was added to the ticket (1.5).
    pub(super) fn require_participant(&self, by: &Participant, at: Instant) -> Outcome {
        let (takes_part, text) = match by {
            Participant::Spoc(id) => (
                self.scene.spocs.iter().any(|spoc| spoc.id == *id && spoc.holds_at(at)),
                "su designación como contacto autorizado no está vigente",
            ),
            Participant::Added(id) => (
                self.ticket.has_participant(id),
                "esa dirección no participa en el ticket; un contacto autorizado o la mesa puede \
                 agregarla",
            ),
        };
        if takes_part {
            return Ok(());
        }
        Err(Refusal::new(RefusalCode::NotAuthorised, "1.5", text).into())
    }

    /// To whom public messages go: the SPoCs who follow the ticket, and the addresses that were added;
    /// nobody where no SPoC is left, for without one the client hears nothing.
    pub(super) fn readers(&self) -> Vec<Participant> {
        let spocs: Vec<_> = self.followers().into_iter().map(Participant::Spoc).collect();
        if spocs.is_empty() {
            return spocs;
        }
        let added = self.ticket.participants.iter().map(|known| known.id.clone());
        spocs.into_iter().chain(added.map(Participant::Added)).collect()
    }

    /// The desk adds an address, and notes why.
    pub(super) fn add_participant(
        &mut self,
        added: AddedParticipant,
        reason: TextDigest,
    ) -> Outcome {
        if self.ticket.has_participant(&added.id) {
            return Ok(());
        }
        if self.ticket.participants.len() >= PARTICIPANTS_MAX {
            return Err(Refusal::new(
                RefusalCode::LimitReached,
                "1.5",
                format!(
                    "ya participan {PARTICIPANTS_MAX} direcciones en el ticket; quien falte puede \
                     recibir copia de un contacto autorizado"
                ),
            )
            .into());
        }
        self.record(Fact::ParticipantAdded { id: added.id, text: added.text });
        self.record(Fact::Noted { text: reason });
        Ok(())
    }

    /// Other SPoCs of the client to whom a SPoC's mail was copied read along from now on, as if they had
    /// written. Of more than the ticket can have, the first.
    pub(super) fn add_followers(&mut self, spocs: Vec<SpocId>) {
        let now = self.now();
        for spoc in spocs {
            let holds = self.scene.spocs.iter().any(|it| it.id == spoc && it.holds_at(now));
            let full = self.ticket.followers.len() >= FOLLOWERS_MAX;
            if holds && !full && !self.ticket.followers.contains(&spoc) {
                self.record(Fact::FollowerAdded { spoc });
            }
        }
    }

    /// A SPoC's mail brings addresses along. Of more than the ticket can have, the first are added: the
    /// mail itself names them all.
    pub(super) fn add_participants(&mut self, added: Vec<AddedParticipant>) {
        for added in added {
            let full = self.ticket.participants.len() >= PARTICIPANTS_MAX;
            if !full && !self.ticket.has_participant(&added.id) {
                self.record(Fact::ParticipantAdded { id: added.id, text: added.text });
            }
        }
    }
}
