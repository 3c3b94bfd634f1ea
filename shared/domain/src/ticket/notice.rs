//! Notices: what is told to whom, as data.
//!
//! Rule G11. A notice is recorded together with the fact that causes it and is sent once. Its key in
//! the ledger is (client, subject, kind, cycle, due instant, recipient); the recipient is named by
//! the person's id, so that no address lies in the ledger. What a mail says is fixed when the notice
//! is recorded, except for texts, names and addresses, which lie apart.

use serde::{Deserialize, Serialize};

use super::escalation::EscalationLevel;
use super::event::{ClosureReason, ReplyKind};
use super::state::{ClockName, Cycle, Ticket};
use crate::attention::AttentionTier;
use crate::evidence::Hash;
use crate::standing::StandingCause;
use crate::terms::Centavos;
use crate::{Instant, Participant, ParticipantId, SpocId};

/// A notice about a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// To whom.
    pub to: Recipient,
    /// Cycle in which it was caused.
    pub cycle: u32,
    /// The instant that the notice is about; part of its key.
    pub due: Instant,
    /// The event that carries its text, or that caused it; part of its key.
    pub about: u32,
    /// What it says.
    pub content: Content,
}

/// To whom a notice goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// A SPoC of the ticket's client, at the first of his registered addresses.
    Spoc(SpocId),
    /// An address that was added to the ticket (1.5).
    Participant(ParticipantId),
    /// Millora's desk.
    Desk,
    /// Whoever is on call.
    OnCall,
}

/// A same-day offer as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferContent {
    /// It can be accepted before this instant.
    pub limit: Instant,
    /// Price with tax.
    pub price: Centavos,
    /// The target if it is accepted.
    pub same_day_target: Instant,
}

/// What a client is promised when a clock starts, or why none does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The attention target; none while the clock is paused or the ticket is held.
    pub target: Option<Instant>,
    /// Its tier.
    pub tier: Option<AttentionTier>,
    /// Why the target is what it is, one sentence with its clause.
    pub why: String,
    /// Why no clock starts (10.5).
    pub held: Option<StandingCause>,
}

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// The request was registered.
    Acknowledgement {
        /// What is promised.
        promise: Promise,
        /// Declared critical in the request.
        critical: bool,
        /// The same-day offer, of which those who may accept it are told separately.
        offer: Option<OfferContent>,
    },
    /// The same day is offered at an additional cost.
    SameDayOffer {
        /// The offer.
        offer: OfferContent,
    },
    /// It was accepted.
    SameDayAccepted {
        /// The target from now on.
        target: Instant,
        /// The price.
        price: Centavos,
    },
    /// Work on the emergency has started and has a cost, which is asked for.
    EmergencyCost {
        /// Price with tax.
        price: Centavos,
    },
    /// The incident was downgraded.
    Downgraded {
        /// The ordinary target; none where it is already decided.
        target: Option<Instant>,
    },
    /// The desk asks for information or access, and may answer at the same time.
    InformationRequest {
        /// Access is asked for, not information.
        access: bool,
        /// The message also answers.
        answers: bool,
    },
    /// The desk still waits for what it asked.
    InformationReminder {
        /// 1, 2 or 3.
        n: u32,
    },
    /// An answer of the desk.
    Reply {
        /// It says that the request is out of scope.
        scope_decision: bool,
    },
    /// A solution.
    Solution {
        /// Hours of silence after which the ticket closes.
        silence_hours: u32,
    },
    /// The ticket will close.
    SolutionReminder {
        /// When.
        closes_at: Instant,
        /// The instant that an earlier reminder told, where a pause has moved it since.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead_of: Option<Instant>,
    },
    /// The ticket closed.
    Closing {
        /// When.
        at: Instant,
        /// Why.
        reason: ClosureReason,
        /// A reply before this instant reopens it.
        reopens_until: Instant,
    },
    /// A reply reopened the ticket.
    Reopened {
        /// What is promised.
        promise: Promise,
    },
    /// A closing that was told turned out never to have been (G7).
    ClosingCorrected {
        /// The instant that had been told.
        closed_at: Instant,
    },
    /// The message that reopened the ticket was mere thanks: it stays closed, whatever was told (9.4).
    ReopeningAnnulled {
        /// Sequence number of the message.
        message: u32,
        /// Since when the ticket is closed.
        closed_at: Instant,
        /// A reply before this instant reopens it; none where it has passed.
        reopens_until: Option<Instant>,
    },
    /// A held ticket's clock has started.
    ClockStarted {
        /// What is promised.
        promise: Promise,
    },
    /// A person had the running dates computed anew (G6).
    Recalculated {
        /// What is promised now.
        promise: Promise,
    },
    /// What a client wrote while the póliza is not served was stored (10.5).
    NotServed {
        /// Why.
        cause: StandingCause,
    },
    /// To the desk: a new request.
    DeskNew {
        /// What is promised.
        promise: Promise,
        /// Declared critical.
        critical: bool,
    },
    /// To the desk: a target draws near (7.10).
    DeskWarning {
        /// The target.
        target: Instant,
    },
    /// To the desk: a target was missed.
    DeskMissed {
        /// The target.
        target: Instant,
        /// The level that the ticket is at now.
        level: EscalationLevel,
    },
    /// To the desk: what was told as missed was met after all (G7).
    DeskMissRetracted {
        /// Which clock.
        clock: ClockName,
    },
    /// To whoever is on call: a critical incident (7.4).
    DeskPage {
        /// 1 for the first call.
        n: u32,
        /// The immediate target.
        target: Option<Instant>,
    },
    /// To the desk: a message will not reach anybody.
    DeskBounce {
        /// Sequence number of the message.
        message: u32,
    },
    /// To the desk: a notice could not be sent and was given up by the system.
    DeskDeadNotice {
        /// Its id.
        notice: String,
        /// Its kind.
        what: String,
    },
    /// To the desk: the last reminder of a request went unanswered (7.7).
    DeskNoAnswer,
    /// To the desk: the póliza is active again and held work has started.
    DeskReactivated {
        /// What is promised.
        promise: Promise,
    },
}

impl Content {
    /// Stable word for the kind, part of the ledger's key.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Acknowledgement { .. } => "acknowledgement",
            Self::SameDayOffer { .. } => "same_day_offer",
            Self::SameDayAccepted { .. } => "same_day_accepted",
            Self::EmergencyCost { .. } => "emergency_cost",
            Self::Downgraded { .. } => "downgraded",
            Self::InformationRequest { .. } => "information_request",
            Self::InformationReminder { .. } => "information_reminder",
            Self::Reply { .. } => "reply",
            Self::Solution { .. } => "solution",
            Self::SolutionReminder { .. } => "solution_reminder",
            Self::Closing { .. } => "closing",
            Self::Reopened { .. } => "reopened",
            Self::ClosingCorrected { .. } => "closing_corrected",
            Self::ReopeningAnnulled { .. } => "reopening_annulled",
            Self::ClockStarted { .. } => "clock_started",
            Self::Recalculated { .. } => "recalculated",
            Self::NotServed { .. } => "not_served",
            Self::DeskNew { .. } => "desk_new",
            Self::DeskWarning { .. } => "desk_warning",
            Self::DeskMissed { .. } => "desk_missed",
            Self::DeskMissRetracted { .. } => "desk_miss_retracted",
            Self::DeskPage { .. } => "desk_page",
            Self::DeskBounce { .. } => "desk_bounce",
            Self::DeskDeadNotice { .. } => "desk_dead_notice",
            Self::DeskNoAnswer => "desk_no_answer",
            Self::DeskReactivated { .. } => "desk_reactivated",
        }
    }

    /// Whether the notice carries a message that a person wrote, and so starts a reply, a pause or
    /// a solution when it is accepted (G15).
    #[must_use]
    pub const fn is_message(&self) -> bool {
        match self {
            Self::InformationRequest { .. } | Self::Reply { .. } | Self::Solution { .. } => true,
            Self::Acknowledgement { .. }
            | Self::SameDayOffer { .. }
            | Self::SameDayAccepted { .. }
            | Self::EmergencyCost { .. }
            | Self::Downgraded { .. }
            | Self::InformationReminder { .. }
            | Self::SolutionReminder { .. }
            | Self::Closing { .. }
            | Self::Reopened { .. }
            | Self::ClosingCorrected { .. }
            | Self::ReopeningAnnulled { .. }
            | Self::ClockStarted { .. }
            | Self::Recalculated { .. }
            | Self::NotServed { .. }
            | Self::DeskNew { .. }
            | Self::DeskWarning { .. }
            | Self::DeskMissed { .. }
            | Self::DeskMissRetracted { .. }
            | Self::DeskPage { .. }
            | Self::DeskBounce { .. }
            | Self::DeskDeadNotice { .. }
            | Self::DeskNoAnswer
            | Self::DeskReactivated { .. } => false,
        }
    }
}

impl From<Participant> for Recipient {
    fn from(participant: Participant) -> Self {
        match participant {
            Participant::Spoc(id) => Self::Spoc(id),
            Participant::Added(id) => Self::Participant(id),
        }
    }
}

impl Recipient {
    /// Stable word for the recipient, part of the ledger's key.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Spoc(id) => format!("spoc:{id}"),
            Self::Participant(id) => format!("participant:{id}"),
            Self::Desk => "desk".to_owned(),
            Self::OnCall => "on-call".to_owned(),
        }
    }
}

impl Notice {
    /// The notice's id: the hash of its key in the ledger (G11). The same cause gives the same id.
    #[must_use]
    pub fn id(&self, ticket: &crate::TicketRef) -> String {
        let client = ticket.client();
        let kind = self.content.kind();
        let due = self.due.millis();
        let to = self.to.word();
        let key = if self.is_of_client() {
            format!("{client}||{kind}||{due}|{to}")
        } else {
            format!("{client}|{ticket}#{}|{kind}|{}|{due}|{to}", self.about, self.cycle)
        };
        Hash::genesis(&key).as_str()[..32].to_owned()
    }

    /// Whether the notice belongs to the client rather than to one ticket, so that the ledger has it
    /// once whatever the ticket: that the póliza is not served (10.5).
    #[must_use]
    pub const fn is_of_client(&self) -> bool {
        matches!(self.content, Content::NotServed { .. })
    }

    /// Whether the notice says that an earlier one no longer holds (G7).
    #[must_use]
    pub const fn is_correction(&self) -> bool {
        matches!(self.content, Content::ClosingCorrected { .. } | Content::ReopeningAnnulled { .. })
    }

    /// Whether the notice takes back what `told` said: where that never went out neither does this.
    #[must_use]
    pub fn takes_back(&self, told: &Self) -> bool {
        if let Content::ClosingCorrected { closed_at } = self.content {
            return matches!(told.content, Content::Closing { at, .. } if at == closed_at);
        }
        if let Content::ReopeningAnnulled { message, .. } = self.content {
            return matches!(told.content, Content::Reopened { .. }) && told.about == message;
        }
        false
    }

    /// Whether the notice still makes sense, asked once more when it is about to be sent (A5). One
    /// that no longer does is superseded, visibly.
    #[must_use]
    pub fn still_due(&self, ticket: &Ticket, now: Instant) -> bool {
        let same_cycle = ticket.cycle.number == self.cycle;
        let open = same_cycle && ticket.cycle.closure.is_none();
        match &self.content {
            Content::SameDayOffer { offer } => {
                open && now < offer.limit && ticket.cycle.same_day.is_none()
            }
            Content::SolutionReminder { closes_at, .. } => {
                let solution = ticket.cycle.outbound(self.about);
                let last = solution.and_then(|solution| solution.reminded);
                let is_last = last.is_none_or(|last| last == *closes_at);
                open && is_last && now < *closes_at && ticket.cycle.waits_after(self.about)
            }
            Content::InformationReminder { .. } => open && ticket.cycle.waits_after(self.about),
            Content::EmergencyCost { .. } => {
                let critical = ticket.cycle.critical().is_some_and(|spell| {
                    let accepted = ticket.cycle.emergency_cost_accepted_at;
                    accepted.is_none_or(|accepted| accepted < spell.declared_at)
                });
                open && critical
            }
            // The desk is not told that a request waits which was answered meanwhile.
            Content::DeskWarning { .. } => {
                let declared = ticket.cycle.critical().map(|spell| spell.declared_at);
                open && !ticket.cycle.is_answered(declared.unwrap_or(ticket.cycle.received_at))
            }
            Content::DeskPage { .. } => {
                let critical = ticket.cycle.critical();
                open && !ticket.cycle.told.page_acknowledged
                    && critical.is_some_and(|spell| !ticket.cycle.is_answered(spell.declared_at))
            }
            Content::Closing { at, reason, .. } => {
                let closed = ticket.cycle.closure.as_ref();
                let stands = closed.is_some_and(|it| it.at == *at && it.reason == *reason);
                let reopened = ticket.cycle.number > self.cycle;
                (same_cycle && stands) || reopened
            }
            // The cycle that it tells of was annulled, or joined the one before again.
            Content::Reopened { .. } => ticket.cycle.number >= self.cycle,
            Content::ReopeningAnnulled { .. } => same_cycle && ticket.cycle.closure.is_some(),
            Content::Acknowledgement { .. }
            | Content::SameDayAccepted { .. }
            | Content::Downgraded { .. }
            | Content::InformationRequest { .. }
            | Content::Reply { .. }
            | Content::Solution { .. }
            | Content::ClosingCorrected { .. }
            | Content::ClockStarted { .. }
            | Content::Recalculated { .. }
            | Content::NotServed { .. }
            | Content::DeskNew { .. }
            | Content::DeskMissed { .. }
            | Content::DeskMissRetracted { .. }
            | Content::DeskBounce { .. }
            | Content::DeskDeadNotice { .. }
            | Content::DeskNoAnswer
            | Content::DeskReactivated { .. } => true,
        }
    }
}

impl Cycle {
    /// Whether the client is still silent after a message of the desk (a solution, a request), and
    /// the desk still waits for him.
    fn waits_after(&self, message: u32) -> bool {
        let Some(message) = self.outbound(message) else { return false };
        let Some(since) = message.started_at() else { return false };
        let answered = self.inbound.iter().any(|it| !it.thanks && message.is_answered_by(it));
        let ended = self.pauses_ended.iter().any(|at| *at >= since);
        let solution = message.reply == ReplyKind::Solution;
        // A second solution restarts the silence (9.3).
        let followed = solution
            && self.outbound.iter().any(|later| {
                later.reply == ReplyKind::Solution
                    && later.started_at().is_some_and(|started| started > since)
            });
        !answered && !followed && (solution || !ended)
    }
}
