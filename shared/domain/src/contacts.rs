//! Who may ask, and for what.
//!
//! > *1. SPoC: Contacto(s) autorizado(s) del cliente para solicitar soporte.*
//! >
//! > *8. El cliente se compromete a: Designar SPoC autorizados.*
//!
//! Rules 1.2 and 1.5. Only a SPoC with the power acts; powers and validity are read at the instant
//! at which the act was received, never at the one at which a function happened to run.

use serde::{Deserialize, Serialize};

use crate::{IdError, Instant, ParticipantId, SpocId};

/// An authorised contact of a client (1.2), as he was designated at one time. A change is a newer
/// version, never an edit: what was received before it became known is judged by the one before.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoc {
    /// Who, within the client.
    pub id: SpocId,
    /// The person's name.
    pub name: String,
    /// Registered addresses; the first one receives the mails.
    pub emails: Vec<String>,
    /// Registered telephones.
    #[serde(default)]
    pub phones: Vec<String>,
    /// First instant at which the designation holds.
    pub valid_from: Instant,
    /// First instant at which it no longer holds.
    #[serde(default)]
    pub valid_to: Option<Instant>,
    /// What the contact may do.
    pub powers: Vec<Power>,
    /// Who or what designated or changed him, as people cite it: the evidence (1.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub designated_by: Option<String>,
    /// Since when this version has been known; none for always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_from: Option<Instant>,
    /// Since when a newer version has been known. It follows from that version ([`in_sequence`]).
    #[serde(skip)]
    pub known_until: Option<Instant>,
}

/// Names and addresses stay out of logs: only the id is shown.
impl std::fmt::Debug for Spoc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spoc")
            .field("id", &self.id)
            .field("powers", &self.powers)
            .finish_non_exhaustive()
    }
}

impl Spoc {
    /// Whether this version was the one that was known at `at`.
    #[must_use]
    pub fn known_at(&self, at: Instant) -> bool {
        self.known_from.is_none_or(|from| from <= at)
            && self.known_until.is_none_or(|until| at < until)
    }

    /// Whether the designation holds at `at`, as it was known then.
    #[must_use]
    pub fn holds_at(&self, at: Instant) -> bool {
        self.known_at(at) && self.valid_from <= at && self.valid_to.is_none_or(|to| at < to)
    }

    /// Whether an address is one of the registered ones, however it is spelled.
    #[must_use]
    pub fn has_address(&self, address: &str) -> bool {
        self.emails.iter().any(|email| email.eq_ignore_ascii_case(address))
    }

    /// Whether the contact has `power` at `at`.
    #[must_use]
    pub fn may(&self, power: Power, at: Instant) -> bool {
        self.holds_at(at) && self.powers.contains(&power)
    }
}

/// Versions of designations in the order of people and of when each became known, every one but a
/// person's last with the end of its being known.
#[must_use]
pub fn in_sequence(mut versions: Vec<Spoc>) -> Vec<Spoc> {
    versions.sort_by(|one, other| (&one.id, one.known_from).cmp(&(&other.id, other.known_from)));
    for at in 1..versions.len() {
        if let [one, next] = &mut versions[at - 1..=at] {
            one.known_until = next.known_from.filter(|_| one.id == next.id);
        }
    }
    versions
}

/// What a SPoC may be empowered to do (1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    /// Open tickets, confirm solutions, withdraw, declare critical.
    Open,
    /// Accept a cost.
    AuthoriseCost,
    /// Cancel the póliza.
    Cancel,
    /// Decline or accept its renewal.
    Renew,
    /// Book visits.
    BookVisit,
    /// Designate and change SPoCs.
    Designate,
}

impl Power {
    /// How the power is called in Spanish.
    #[must_use]
    pub const fn spanish(self) -> &'static str {
        match self {
            Self::Open => "solicitar soporte",
            Self::AuthoriseCost => "autorizar costos",
            Self::Cancel => "cancelar la póliza",
            Self::Renew => "decidir la renovación",
            Self::BookVisit => "agendar visitas",
            Self::Designate => "designar contactos",
        }
    }
}

/// Who takes part in a ticket on the client's side (1.5). May answer, say that it still fails, and
/// reopen; the rest is a matter of a SPoC's powers. Written as the SPoC's id, or as `@` and the id of
/// the address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Participant {
    /// A SPoC of the ticket's client.
    Spoc(SpocId),
    /// An address that a SPoC or the desk added to the ticket.
    Added(ParticipantId),
}

impl From<Participant> for String {
    fn from(participant: Participant) -> Self {
        match participant {
            Participant::Spoc(id) => id.into(),
            Participant::Added(id) => format!("@{id}"),
        }
    }
}

impl TryFrom<String> for Participant {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        match text.strip_prefix('@') {
            Some(added) => ParticipantId::parse(added).map(Self::Added),
            None => SpocId::parse(&text).map(Self::Spoc),
        }
    }
}

/// A member of Millora's desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers tickets.
    Agent,
    /// A senior consultant: level 2.
    Senior,
    /// Payments and charges.
    Finance,
    /// Everything, and the staff itself.
    Admin,
}

/// Who acts. Every event records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A SPoC of the ticket's client.
    Spoc(SpocId),
    /// An address that was added to the ticket (1.5).
    Participant(ParticipantId),
    /// A member of the desk.
    Staff(StaffMember),
    /// The system itself: a timer, or a consequence of somebody else's act.
    System,
}

/// A member of the desk with the role that counted when he acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffMember {
    /// Who.
    pub id: crate::StaffId,
    /// As what.
    pub role: Role,
}
