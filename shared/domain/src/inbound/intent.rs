//! Where a mail ends (G10) and what may be answered by itself (M5): one table over who wrote, how
//! well that is proven, whether a person wrote it, and whether it belongs to a ticket.

use serde::{Deserialize, Serialize};

use super::proof::{NotProven, Proof, Quarantine};

/// Who the address in From is, for the client and the ticket in question. The caller looks it up; a
/// person with several roles is the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderKind {
    /// A member of the desk. His mail is an internal note.
    Staff,
    /// A registered SPoC with the power `open` at the receipt (1.2).
    Spoc,
    /// A registered SPoC without that power (1.2a).
    SpocWithoutOpen,
    /// An address that was added to the ticket to which the mail belongs (1.5).
    Participant,
    /// An address of one of the client's domains (1.2a).
    Colleague,
    /// Odoo's own helpdesk (3.1).
    OdooHelpdesk,
    /// Anybody else.
    Stranger,
}

impl SenderKind {
    /// Whether the address is that of a registered SPoC, whatever his powers (1.2, 1.2a).
    #[must_use]
    pub const fn is_spoc(self) -> bool {
        match self {
            Self::Spoc | Self::SpocWithoutOpen => true,
            Self::Staff
            | Self::Participant
            | Self::Colleague
            | Self::OdooHelpdesk
            | Self::Stranger => false,
        }
    }
}

/// Whether a person wrote the mail (M3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nothing says that a machine did.
    Human,
    /// A machine answered or reported: never answered, changes no state.
    Automatic,
    /// It went to many, or through a list.
    BulkOrList,
}

/// To which ticket the mail belongs (M2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thread {
    /// To none.
    None,
    /// To a ticket of the sender's client; for the desk and for Odoo's helpdesk, to any ticket.
    Own,
    /// It names a ticket of another client (13).
    Foreign,
}

/// Whether the mail was taken before (M4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// Never.
    New,
    /// The same mail was: same client, Message-ID and canonical content, or the same delivery.
    Before,
    /// Another content came under the same Message-ID: a record of its own, flagged.
    OtherContent,
}

/// What was found out about a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Who the address is.
    pub sender: SenderKind,
    /// How well that is proven.
    pub proof: Proof,
    /// Whether a person wrote it.
    pub class: Class,
    /// To which ticket it belongs.
    pub thread: Thread,
    /// Whether it was taken before.
    pub seen: Seen,
}

/// What becomes of a mail, what it may cause by itself, and the rule that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intent {
    /// Where it ends.
    pub outcome: Outcome,
    /// The one automatic answer that it may have, within the limits of M5.
    pub answer: Answer,
    /// The desk is told that one client's mail names another client's ticket (13).
    pub alert_foreign: bool,
    /// The record is flagged: other content came under the same Message-ID (M4).
    pub flag_same_id: bool,
    /// The rule that decided.
    pub rule: &'static str,
}

/// Where a mail ends (G10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It opens a ticket.
    Ticket,
    /// It is a client's answer on its ticket.
    Reply,
    /// It is kept and changes no state.
    Note(NoteKind),
    /// It waits for the registered address to confirm it (M1a).
    HeldUnproven {
        /// It belongs to a ticket, whose closing it blocks (9.6).
        blocks_closing: bool,
    },
    /// It waits for a SPoC to adopt it (1.2a).
    HeldColleague {
        /// It belongs to a ticket, whose closing it blocks (9.4).
        blocks_closing: bool,
    },
    /// It is set aside, where the desk sees it.
    Quarantined {
        /// Why.
        reason: QuarantineReason,
        /// It claims a registered SPoC, so the desk may release it (M1).
        claims_spoc: bool,
    },
    /// It was taken before; nothing more happens (M4).
    Duplicate,
}

impl Outcome {
    /// The code that is stored and counted.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Reply => "reply",
            Self::Note(_) => "note",
            Self::HeldUnproven { .. } => "held_unproven",
            Self::HeldColleague { .. } => "held_colleague",
            Self::Quarantined { .. } => "quarantined",
            Self::Duplicate => "duplicate",
        }
    }
}

/// What kind of note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// An internal note of the desk, on its ticket.
    Internal,
    /// A mail of Odoo's helpdesk, on the ticket that it wakes (3.1).
    Upstream,
    /// A machine's mail, on its ticket.
    Automatic,
    /// A note of any kind that belongs to no ticket: listed for the desk.
    Unthreaded,
}

/// Why a mail is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// It holds a virus.
    Virus,
    /// It is taken for spam.
    Spam,
    /// Its domain asks that such mails be set aside.
    Dmarc,
    /// Its sender is not proven, and nobody can be asked.
    NotProven(NotProven),
    /// Nobody knows the sender.
    Stranger,
    /// It went to many or through a list, from somebody who may not.
    Bulk,
    /// It could not be read.
    Unusable,
}

/// The one automatic answer that a mail may have (M5). What a person is told later, such as the
/// SPoCs of a colleague's message, are notices and not answers (G11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// None.
    Nothing,
    /// The acknowledgement of a ticket, or of a reply that reopens one, to the sender.
    Acknowledgement,
    /// The same, to the registered address only: the mail's own may be a group (M3).
    AcknowledgementToRegistered,
    /// "¿Lo enviaste tú?", to the registered address and never to the mail's own (M1a).
    Question,
    /// That the message waits for a SPoC of his company (1.2a).
    Held,
    /// That the address is not known to us, at a limited rate (1.2a).
    Unknown,
}

/// Decides (M1 to M5, 1.2a, 3.1, 9.4, 13, G10).
#[must_use]
pub fn intent(facts: &Facts) -> Intent {
    if facts.seen == Seen::Before {
        return plain(Outcome::Duplicate, Answer::Nothing, "M4");
    }
    let decided = match (facts.proof, facts.class) {
        (Proof::Quarantine(why), Class::Human | Class::Automatic | Class::BulkOrList) => {
            set_aside(why.into(), facts.sender, Answer::Nothing, "M1")
        }
        (Proof::Proven(_) | Proof::NotProven(_), Class::Automatic) => automatic(facts.thread),
        (Proof::Proven(_), Class::Human) => proven(facts),
        (Proof::Proven(_), Class::BulkOrList) => bulk(facts),
        (Proof::NotProven(why), Class::Human | Class::BulkOrList) => not_proven(facts, why),
    };
    Intent {
        alert_foreign: facts.thread == Thread::Foreign,
        flag_same_id: facts.seen == Seen::OtherContent,
        ..decided
    }
}

/// What becomes of bytes that cannot be read as a mail (M7).
#[must_use]
pub const fn unusable() -> Intent {
    let outcome = Outcome::Quarantined { reason: QuarantineReason::Unusable, claims_spoc: false };
    plain(outcome, Answer::Nothing, "M7")
}

/// A machine's mail is kept and changes nothing, whoever is in From (M3).
const fn automatic(thread: Thread) -> Intent {
    let kind = match thread {
        Thread::Own => NoteKind::Automatic,
        Thread::None | Thread::Foreign => NoteKind::Unthreaded,
    };
    plain(Outcome::Note(kind), Answer::Nothing, "M3")
}

/// A person wrote, and he is who he says.
fn proven(facts: &Facts) -> Intent {
    let sender = facts.sender;
    match (sender, facts.thread) {
        (SenderKind::Spoc, Thread::Own) => plain(Outcome::Reply, Answer::Acknowledgement, "9.4"),
        (SenderKind::Spoc, Thread::None) => plain(Outcome::Ticket, Answer::Acknowledgement, "9.1"),
        (SenderKind::Spoc, Thread::Foreign) => {
            plain(Outcome::Ticket, Answer::Acknowledgement, "13")
        }
        (SenderKind::SpocWithoutOpen | SenderKind::Participant, Thread::Own) => {
            plain(Outcome::Reply, Answer::Acknowledgement, "1.5")
        }
        (SenderKind::SpocWithoutOpen | SenderKind::Colleague, Thread::None | Thread::Foreign) => {
            plain(Outcome::HeldColleague { blocks_closing: false }, Answer::Held, "1.2a")
        }
        (SenderKind::Colleague, Thread::Own) => {
            plain(Outcome::HeldColleague { blocks_closing: true }, Answer::Held, "9.4")
        }
        (SenderKind::Staff, Thread::Own) => note(NoteKind::Internal, "2.1"),
        (SenderKind::OdooHelpdesk, Thread::Own) => note(NoteKind::Upstream, "3.1"),
        (SenderKind::Staff, Thread::None | Thread::Foreign) => note(NoteKind::Unthreaded, "2.1"),
        (SenderKind::OdooHelpdesk, Thread::None | Thread::Foreign) => {
            note(NoteKind::Unthreaded, "3.1")
        }
        (SenderKind::Participant, Thread::None | Thread::Foreign)
        | (SenderKind::Stranger, Thread::None | Thread::Own | Thread::Foreign) => {
            set_aside(QuarantineReason::Stranger, sender, Answer::Unknown, "1.2a")
        }
    }
}

/// It went to many: a SPoC or participant counts as a person, answered only at his registered
/// address; Odoo's helpdesk writes through a list; others are set aside (M3).
fn bulk(facts: &Facts) -> Intent {
    match facts.sender {
        SenderKind::Spoc | SenderKind::SpocWithoutOpen | SenderKind::Participant => {
            let decided = proven(facts);
            let answer = match decided.answer {
                Answer::Acknowledgement => Answer::AcknowledgementToRegistered,
                Answer::Nothing
                | Answer::AcknowledgementToRegistered
                | Answer::Question
                | Answer::Held
                | Answer::Unknown => Answer::Nothing,
            };
            Intent { answer, rule: "M3", ..decided }
        }
        SenderKind::OdooHelpdesk => proven(facts),
        SenderKind::Staff | SenderKind::Colleague | SenderKind::Stranger => {
            set_aside(QuarantineReason::Bulk, facts.sender, Answer::Nothing, "M3")
        }
    }
}

/// Only who claims a registered SPoC can be asked; nothing goes to an address that is not proven.
const fn not_proven(facts: &Facts, why: NotProven) -> Intent {
    match facts.sender {
        SenderKind::Spoc | SenderKind::SpocWithoutOpen => {
            let blocks_closing = matches!(facts.thread, Thread::Own);
            plain(Outcome::HeldUnproven { blocks_closing }, Answer::Question, "M1a")
        }
        SenderKind::Staff
        | SenderKind::Participant
        | SenderKind::Colleague
        | SenderKind::OdooHelpdesk
        | SenderKind::Stranger => {
            set_aside(QuarantineReason::NotProven(why), facts.sender, Answer::Nothing, "M1")
        }
    }
}

const fn note(kind: NoteKind, rule: &'static str) -> Intent {
    plain(Outcome::Note(kind), Answer::Nothing, rule)
}

const fn set_aside(
    reason: QuarantineReason,
    sender: SenderKind,
    answer: Answer,
    rule: &'static str,
) -> Intent {
    plain(Outcome::Quarantined { reason, claims_spoc: sender.is_spoc() }, answer, rule)
}

const fn plain(outcome: Outcome, answer: Answer, rule: &'static str) -> Intent {
    Intent { outcome, answer, alert_foreign: false, flag_same_id: false, rule }
}

impl From<Quarantine> for QuarantineReason {
    fn from(why: Quarantine) -> Self {
        match why {
            Quarantine::Virus => Self::Virus,
            Quarantine::Spam => Self::Spam,
            Quarantine::Dmarc => Self::Dmarc,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::proof::Proven;
    use super::*;

    const SENDERS: [SenderKind; 7] = [
        SenderKind::Staff,
        SenderKind::Spoc,
        SenderKind::SpocWithoutOpen,
        SenderKind::Participant,
        SenderKind::Colleague,
        SenderKind::OdooHelpdesk,
        SenderKind::Stranger,
    ];
    const CLASSES: [Class; 3] = [Class::Human, Class::Automatic, Class::BulkOrList];
    const THREADS: [Thread; 3] = [Thread::None, Thread::Own, Thread::Foreign];
    const PROVEN: Proof = Proof::Proven(Proven::Dmarc);
    const NOT: Proof = Proof::NotProven(NotProven::DmarcFailed);
    const ASIDE: Proof = Proof::Quarantine(Quarantine::Spam);

    fn facts(sender: SenderKind, proof: Proof, class: Class, thread: Thread) -> Facts {
        Facts { sender, proof, class, thread, seen: Seen::New }
    }

    fn every() -> Vec<Facts> {
        let mut all = Vec::new();
        for sender in SENDERS {
            for proof in [PROVEN, NOT, ASIDE] {
                for class in CLASSES {
                    for thread in THREADS {
                        all.push(facts(sender, proof, class, thread));
                    }
                }
            }
        }
        all
    }

    /// *"Todas las solicitudes generan ticket."* *"SPoC: Contacto(s) autorizado(s) del cliente para
    /// solicitar soporte."* One row per sender and thread, for proven people.
    #[test]
    fn proven_people() {
        use Answer::{Acknowledgement, Held, Nothing, Unknown};
        use SenderKind as S;
        use Thread::{Foreign, None, Own};
        let table = [
            (S::Spoc, None, "ticket", Acknowledgement, "9.1"),
            (S::Spoc, Own, "reply", Acknowledgement, "9.4"),
            (S::Spoc, Foreign, "ticket", Acknowledgement, "13"),
            (S::SpocWithoutOpen, None, "held_colleague", Held, "1.2a"),
            (S::SpocWithoutOpen, Own, "reply", Acknowledgement, "1.5"),
            (S::SpocWithoutOpen, Foreign, "held_colleague", Held, "1.2a"),
            (S::Participant, None, "quarantined", Unknown, "1.2a"),
            (S::Participant, Own, "reply", Acknowledgement, "1.5"),
            (S::Participant, Foreign, "quarantined", Unknown, "1.2a"),
            (S::Colleague, None, "held_colleague", Held, "1.2a"),
            (S::Colleague, Own, "held_colleague", Held, "9.4"),
            (S::Colleague, Foreign, "held_colleague", Held, "1.2a"),
            (S::Staff, None, "note", Nothing, "2.1"),
            (S::Staff, Own, "note", Nothing, "2.1"),
            (S::Staff, Foreign, "note", Nothing, "2.1"),
            (S::OdooHelpdesk, None, "note", Nothing, "3.1"),
            (S::OdooHelpdesk, Own, "note", Nothing, "3.1"),
            (S::OdooHelpdesk, Foreign, "note", Nothing, "3.1"),
            (S::Stranger, None, "quarantined", Unknown, "1.2a"),
            (S::Stranger, Own, "quarantined", Unknown, "1.2a"),
            (S::Stranger, Foreign, "quarantined", Unknown, "1.2a"),
        ];
        assert_eq!(table.len(), SENDERS.len() * THREADS.len());
        for (sender, thread, code, answer, rule) in table {
            let decided = intent(&facts(sender, PROVEN, Class::Human, thread));
            let found = (decided.outcome.code(), decided.answer, decided.rule);
            assert_eq!(found, (code, answer, rule), "{sender:?} {thread:?}");
        }
    }

    #[test]
    fn who_is_not_proven_is_asked_at_the_registered_address_or_set_aside() {
        for sender in SENDERS {
            for class in [Class::Human, Class::BulkOrList] {
                for thread in THREADS {
                    let decided = intent(&facts(sender, NOT, class, thread));
                    let spoc = matches!(sender, SenderKind::Spoc | SenderKind::SpocWithoutOpen);
                    let expected = if spoc {
                        let blocks_closing = thread == Thread::Own;
                        (Outcome::HeldUnproven { blocks_closing }, Answer::Question)
                    } else {
                        let reason = QuarantineReason::NotProven(NotProven::DmarcFailed);
                        let outcome = Outcome::Quarantined { reason, claims_spoc: false };
                        (outcome, Answer::Nothing)
                    };
                    assert_eq!((decided.outcome, decided.answer), expected, "{sender:?}");
                }
            }
        }
    }

    #[test]
    fn bulk_mail_of_registered_people_counts_and_of_others_does_not() {
        use SenderKind as S;
        use Thread::{None, Own};
        let table = [
            (S::Spoc, None, "ticket", Answer::AcknowledgementToRegistered),
            (S::Spoc, Own, "reply", Answer::AcknowledgementToRegistered),
            (S::SpocWithoutOpen, None, "held_colleague", Answer::Nothing),
            (S::Participant, Own, "reply", Answer::AcknowledgementToRegistered),
            (S::Participant, None, "quarantined", Answer::Nothing),
            (S::OdooHelpdesk, Own, "note", Answer::Nothing),
            (S::Colleague, None, "quarantined", Answer::Nothing),
            (S::Colleague, Own, "quarantined", Answer::Nothing),
            (S::Staff, Own, "quarantined", Answer::Nothing),
            (S::Stranger, None, "quarantined", Answer::Nothing),
        ];
        for (sender, thread, code, answer) in table {
            let decided = intent(&facts(sender, PROVEN, Class::BulkOrList, thread));
            assert_eq!((decided.outcome.code(), decided.answer), (code, answer), "{sender:?}");
            let odoo = sender == S::OdooHelpdesk;
            assert_eq!(decided.rule == "M3", !odoo, "{sender:?}: {}", decided.rule);
        }
    }

    /// *"Si el cliente no responde en 48 horas tras una solución, el ticket se considera cerrado."*
    /// A machine's mail is no answer, from whomever it comes.
    #[test]
    fn a_machine_changes_nothing_and_is_never_answered() {
        for sender in SENDERS {
            for proof in [PROVEN, NOT] {
                for thread in THREADS {
                    let decided = intent(&facts(sender, proof, Class::Automatic, thread));
                    let kind = if thread == Thread::Own {
                        NoteKind::Automatic
                    } else {
                        NoteKind::Unthreaded
                    };
                    assert_eq!(decided.outcome, Outcome::Note(kind), "{sender:?}");
                    assert_eq!(decided.answer, Answer::Nothing);
                }
            }
        }
    }

    /// *"Millora tratará la información del cliente de forma confidencial."*
    #[test]
    fn no_answer_goes_to_an_unproven_address_and_foreign_tickets_raise_an_alert() {
        for case in every() {
            let decided = intent(&case);
            match decided.answer {
                Answer::Acknowledgement
                | Answer::AcknowledgementToRegistered
                | Answer::Held
                | Answer::Unknown => assert_eq!(case.proof, PROVEN, "{case:?}"),
                Answer::Question => {
                    assert_eq!(case.proof, NOT, "{case:?}");
                    assert!(matches!(decided.outcome, Outcome::HeldUnproven { .. }));
                }
                Answer::Nothing => {}
            }
            assert_eq!(decided.alert_foreign, case.thread == Thread::Foreign, "{case:?}");
            if case.thread == Thread::Foreign {
                let touches_it = matches!(
                    decided.outcome,
                    Outcome::Reply
                        | Outcome::Note(
                            NoteKind::Internal | NoteKind::Upstream | NoteKind::Automatic
                        )
                        | Outcome::HeldUnproven { blocks_closing: true }
                        | Outcome::HeldColleague { blocks_closing: true }
                );
                assert!(!touches_it, "{case:?}");
            }
        }
    }

    #[test]
    fn what_is_set_aside_is_listed_when_it_claims_a_spoc() {
        for case in every().into_iter().filter(|case| case.proof == ASIDE) {
            let claims_spoc = matches!(case.sender, SenderKind::Spoc | SenderKind::SpocWithoutOpen);
            let outcome = Outcome::Quarantined { reason: QuarantineReason::Spam, claims_spoc };
            assert_eq!(intent(&case).outcome, outcome, "{case:?}");
            assert_eq!(intent(&case).answer, Answer::Nothing);
        }
        assert_eq!(unusable().outcome.code(), "quarantined");
    }

    #[test]
    fn the_same_mail_twice_is_one_and_another_under_its_id_is_flagged() {
        for case in every() {
            let again = intent(&Facts { seen: Seen::Before, ..case });
            assert_eq!(again.outcome, Outcome::Duplicate);
            assert_eq!(again.answer, Answer::Nothing);
            let other = intent(&Facts { seen: Seen::OtherContent, ..case });
            assert!(other.flag_same_id);
            assert_eq!(Intent { flag_same_id: false, ..other }, intent(&case));
        }
    }
}
