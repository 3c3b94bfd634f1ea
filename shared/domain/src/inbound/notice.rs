//! Notices about mail that came in and belongs to no ticket, or not yet: what is told to whom, as data.
//!
//! Rules M1a, 1.2a, 13 and G11. They are kept in the same ledger as a ticket's notices, and are sent
//! once. Where such a notice lies is what it is about: a registered address, a mail, or a client.
//! Names, addresses and subjects lie apart, and are looked up when the mail is written.

use serde::{Deserialize, Serialize};

use super::QuarantineReason;
use crate::evidence::Hash;
use crate::{ClientId, Instant, SpocId, TicketRef};

/// A notice about mail that came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailNotice {
    /// To whom.
    pub to: MailRecipient,
    /// The instant that it is about; part of its key.
    pub due: Instant,
    /// What it says.
    pub content: MailContent,
}

/// To whom a notice about mail goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailRecipient {
    /// A SPoC, at that of his registered addresses which the mail claims (M1a).
    Claimed {
        /// His client.
        client: ClientId,
        /// Who.
        spoc: SpocId,
    },
    /// A SPoC, at the first of his registered addresses.
    Spoc {
        /// His client.
        client: ClientId,
        /// Who.
        spoc: SpocId,
    },
    /// Whoever wrote the mail. Only where that is proven (M5).
    Author,
    /// Millora's desk.
    Desk,
}

/// What a notice about mail says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailContent {
    /// "¿Lo enviaste tú?": of every mail held from the address, by the one open question (M1a). The
    /// notice's instant is that at which it is asked.
    Question {
        /// From this instant on the mails lapse; a later answer opens a new ticket.
        expires_at: Instant,
    },
    /// A colleague's message waits until a SPoC adopts it (1.2a).
    Held {
        /// From this instant on it lapses.
        lapses_at: Instant,
    },
    /// The address is not known to us (1.2a).
    Unknown,
    /// To a SPoC: messages of colleagues wait for adoption (1.2a).
    HeldDigest {
        /// Ids of the mails, oldest first.
        mails: Vec<String>,
        /// So many others wait that are not listed.
        more: u32,
    },
    /// To the desk: a mail names a ticket of another client (13).
    DeskForeignTicket {
        /// The ticket named.
        named: TicketRef,
    },
    /// To the desk: a mail waits, for its registered address or for a SPoC.
    DeskHeld {
        /// It is a colleague's (1.2a), not one that is not proven (M1a).
        colleague: bool,
        /// From this instant on it lapses.
        lapses_at: Instant,
    },
    /// To the desk: a mail that claims a registered SPoC was set aside (M1).
    DeskQuarantined {
        /// Why.
        reason: QuarantineReason,
    },
    /// To the desk: a mail could not be taken and was set aside, unread (M7).
    DeskPoison,
    /// To the desk: a notice about mail could not be sent and was given up by the system.
    DeskDeadNotice {
        /// Its id.
        notice: String,
        /// Its kind.
        what: String,
    },
}

impl MailContent {
    /// Stable word for the kind, part of the ledger's key.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Question { .. } => "question",
            Self::Held { .. } => "held",
            Self::Unknown => "unknown",
            Self::HeldDigest { .. } => "held_digest",
            Self::DeskForeignTicket { .. } => "desk_foreign_ticket",
            Self::DeskHeld { .. } => "desk_held",
            Self::DeskQuarantined { .. } => "desk_quarantined",
            Self::DeskPoison => "desk_poison",
            Self::DeskDeadNotice { .. } => "desk_dead_notice",
        }
    }
}

impl MailRecipient {
    /// Stable word for the recipient, part of the ledger's key.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Claimed { client, spoc } => format!("claimed:{client}:{spoc}"),
            Self::Spoc { client, spoc } => format!("spoc:{client}:{spoc}"),
            Self::Author => "author".to_owned(),
            Self::Desk => "desk".to_owned(),
        }
    }
}

impl MailNotice {
    /// The notice's id: the hash of its key in the ledger (G11), where `subject` names what it is
    /// about. The same cause gives the same id.
    #[must_use]
    pub fn id(&self, subject: &str) -> String {
        let (kind, due, to) = (self.content.kind(), self.due.millis(), self.to.word());
        Hash::genesis(&format!("{subject}||{kind}||{due}|{to}")).as_str()[..32].to_owned()
    }

    /// Whether the notice still makes sense, asked once more when it is about to be sent (A5), where
    /// `waits` says whether any of the mails that it is about is still held.
    #[must_use]
    pub fn still_due(&self, waits: bool, now: Instant) -> bool {
        match &self.content {
            MailContent::Question { expires_at } => waits && now < *expires_at,
            MailContent::Held { .. }
            | MailContent::HeldDigest { .. }
            | MailContent::DeskHeld { .. } => waits,
            MailContent::Unknown
            | MailContent::DeskForeignTicket { .. }
            | MailContent::DeskQuarantined { .. }
            | MailContent::DeskPoison
            | MailContent::DeskDeadNotice { .. } => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::inbound::NotProven;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    fn contents() -> Vec<MailContent> {
        let end = at("2026-11-27T18:00:00-06:00");
        let named = ClientId::parse("BETA").unwrap().reference([1; 8]);
        let reason = QuarantineReason::NotProven(NotProven::Unsigned);
        let (notice, what) = ("0f3a".to_owned(), "held".to_owned());
        vec![
            MailContent::Question { expires_at: end },
            MailContent::Held { lapses_at: end },
            MailContent::Unknown,
            MailContent::HeldDigest { mails: vec!["ses1".to_owned()], more: 0 },
            MailContent::DeskForeignTicket { named },
            MailContent::DeskHeld { colleague: true, lapses_at: end },
            MailContent::DeskQuarantined { reason },
            MailContent::DeskPoison,
            MailContent::DeskDeadNotice { notice, what },
        ]
    }

    /// The ledger holds a notice once: the same cause gives the same id, and any other another one.
    #[test]
    fn a_cause_has_one_notice() {
        let (client, spoc) = (ClientId::parse("ACME").unwrap(), SpocId::parse("ana").unwrap());
        let recipients = [
            MailRecipient::Claimed { client: client.clone(), spoc: spoc.clone() },
            MailRecipient::Spoc { client, spoc },
            MailRecipient::Author,
            MailRecipient::Desk,
        ];
        let dues = [at("2026-11-20T10:00:00-06:00"), at("2026-11-20T11:00:00-06:00")];
        let (mut ids, mut notices) = (BTreeSet::new(), 0);
        for subject in ["A#1", "IN#1", "C#ACME"] {
            for to in &recipients {
                for due in dues {
                    for content in contents() {
                        let notice = MailNotice { to: to.clone(), due, content };
                        assert_eq!(notice.id(subject), notice.clone().id(subject));
                        let json = serde_json::to_string(&notice).unwrap();
                        assert_eq!(serde_json::from_str::<MailNotice>(&json).unwrap(), notice);
                        ids.insert(notice.id(subject));
                        notices += 1;
                    }
                }
            }
        }
        assert_eq!(ids.len(), notices);
    }

    #[test]
    fn what_no_longer_waits_is_not_told() {
        let (before, end) = (at("2026-11-27T17:59:59.999-06:00"), at("2026-11-27T18:00:00-06:00"));
        for content in contents() {
            let notice = MailNotice { to: MailRecipient::Desk, due: before, content };
            let kind = notice.content.kind();
            let asks = ["question", "held", "held_digest", "desk_held"].contains(&kind);
            assert!(notice.still_due(true, before), "{kind}");
            assert_eq!(notice.still_due(true, end), kind != "question", "{kind}");
            assert_eq!(notice.still_due(false, before), !asks, "{kind}");
        }
    }
}
