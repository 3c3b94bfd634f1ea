//! A ticket's state: the fold of its events, cut to what still decides something.

use serde::{Deserialize, Serialize};

use super::criticality::{EssentialOperation, Spell};
use super::escalation::{EscalationCause, EscalationLevel};
use super::event::{ActKind, Channel, ClosureReason, Confirmation, Opened, Proposed, ReplyKind};
use crate::agreement::Pinned;
use crate::attention::AttentionTier;
use crate::evidence::{Hash, TextDigest};
use crate::pauses::Interval;
use crate::standing::Span;
use crate::{
    ClientId, Instant, ModuleName, Participant, ParticipantId, SpocId, StaffId, TicketRef,
};

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// How it was opened.
    pub opened: Origin,
    /// Number of the last event.
    pub seq: u32,
    /// Hash of the last event.
    pub chain: Hash,
    /// Who cares for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<StaffId>,
    /// SPoCs who opened it or wrote in it: public messages go to them (1.5).
    pub followers: Vec<SpocId>,
    /// Addresses that were added to it: public messages go to them too (1.5).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<KnownParticipant>,
    /// Revision of the gate that was applied last.
    pub standing_rev: u64,
    /// Spans without service that touch the current cycle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    /// The current cycle.
    pub cycle: Cycle,
    /// The cycle before, which a late fact or a `thanks` can bring back (G7, 9.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Cycle>>,
    /// Acts that wait for a second person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<Proposal>,
    /// The ticket in which this one goes on (4.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<TicketRef>,
    /// The tickets that were merged into this one, in order (4.5).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub took_in: Vec<TicketRef>,
}

/// An address that was added to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownParticipant {
    /// The address's id.
    pub id: ParticipantId,
    /// Sequence number of the event with which the address lies.
    pub seq: u32,
}

/// What of an opening is still asked for; the rest went into the first cycle (1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The ticket's reference.
    pub reference: TicketRef,
    /// Whose ticket it is.
    pub client: ClientId,
    /// Receipt (G2).
    pub received_at: Instant,
    /// How it came.
    pub channel: Channel,
    /// The SPoC who asks.
    pub opener: SpocId,
    /// Technical name of the Odoo module, if said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<ModuleName>,
    /// The closed ticket that this one continues (9.7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<TicketRef>,
    /// When its mail arrived, where it was held first (1.2a, M1a).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_since: Option<Instant>,
    /// How the sender of its mail came to be certain, where he was asked (M1a).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
}

impl From<&Opened> for Origin {
    fn from(opened: &Opened) -> Self {
        Self {
            reference: opened.reference.clone(),
            client: opened.client.clone(),
            received_at: opened.received_at,
            channel: opened.channel,
            opener: opened.opener.clone(),
            module: opened.module.clone(),
            continues: opened.continues.clone(),
            held_since: opened.held_since,
            confirmation: opened.confirmation,
        }
    }
}

/// From a receipt that starts an attention clock to the next closure (9.0).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// From 1.
    pub number: u32,
    /// The receipt that started the cycle.
    pub received_at: Instant,
    /// Sequence number of the reply that reopened the ticket; none in the first cycle (9.7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened_by: Option<u32>,
    /// How the sender of the mail that started the cycle came to be certain, where he was asked (M1a).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
    /// The instant from which clocks run: the receipt, or the reactivation of a held ticket; none
    /// while it is held (10.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_from: Option<Instant>,
    /// The versions that hold for this cycle (G6).
    pub pinned: Pinned,
    /// Offers were stopped for the day of the receipt (7.6).
    #[serde(default, skip_serializing_if = "no")]
    pub offers_stopped: bool,
    /// The times for which the incident was declared critical (1.4).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spells: Vec<Spell>,
    /// What became of the same-day offer (7.2a).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_day: Option<SameDayAnswer>,
    /// Acceptance of the emergency's cost (7.4a).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_cost_accepted_at: Option<Instant>,
    /// The desk gave up the charge.
    #[serde(default, skip_serializing_if = "no")]
    pub charge_waived: bool,
    /// Human messages of participants, in the order of their receipt (9.4).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inbound: Vec<Inbound>,
    /// Mails that wait, or waited, to be confirmed or adopted, in the order of their receipt (9.6).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<HeldMail>,
    /// Public messages of the desk, in the order of their commit (G15).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outbound: Vec<Outbound>,
    /// Starts of the other acts of attention, in order (2.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acts: Vec<ActDone>,
    /// Ends of awaiting pauses by a person (7.7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses_ended: Vec<Instant>,
    /// Clocks of tickets that were merged into this one (4.5).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken: Vec<TakenClock>,
    /// Levels reached (9.8).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Level>,
    /// What the desk and the client were already told.
    #[serde(default, skip_serializing_if = "Told::is_nothing")]
    pub told: Told,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closure: Option<Closure>,
    /// Closings by a person before which that one stands, in the order of their receipt (G7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<AskedClosing>,
}

/// A participant's message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Sequence number of its event.
    pub seq: u32,
    /// Receipt.
    pub received_at: Instant,
    /// Marked as mere thanks by the desk: it counts for nothing (9.4).
    #[serde(default, skip_serializing_if = "no")]
    pub thanks: bool,
    /// How its sender came to be certain, where he was asked (M1a).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
}

/// A mail that belongs to the ticket and waits to be confirmed or adopted (9.4, 9.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldMail {
    /// Its receipt, by which it is known.
    pub received_at: Instant,
    /// Since when it waits no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Instant>,
}

/// A message of the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbound {
    /// Sequence number of its event.
    pub seq: u32,
    /// What it is.
    pub reply: ReplyKind,
    /// Its commit.
    pub committed_at: Instant,
    /// The mail service's acceptance (G15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Instant>,
    /// When it was sent again, after it had reached nobody (G15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resent_at: Option<Instant>,
    /// To whom it goes.
    pub recipients: Vec<Participant>,
    /// Whom it will never reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounced: Vec<Participant>,
    /// Reminders sent for a request (7.7).
    #[serde(default, skip_serializing_if = "zero")]
    pub reminders: u32,
    /// The closing that the client was told last, where he was reminded of it (9.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded: Option<Instant>,
}

/// A call, a remote session or a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActDone {
    /// What it was.
    pub act: ActKind,
    /// Its start.
    pub started_at: Instant,
    /// It was recorded late, with a second person: printed "registrado después" (2.1a).
    #[serde(default, skip_serializing_if = "no")]
    pub late: bool,
}

/// What a SPoC said to the same-day offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameDayAnswer {
    /// Accepted: final.
    Accepted {
        /// Receipt of the act.
        at: Instant,
        /// Who authorised the cost.
        by: SpocId,
    },
    /// Declined: may be changed until the limit.
    Declined {
        /// Receipt of the act.
        at: Instant,
        /// Who declined.
        by: SpocId,
    },
}

/// A level of attention that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Which.
    pub level: EscalationLevel,
    /// Why.
    pub cause: EscalationCause,
    /// When.
    pub at: Instant,
}

/// Which attention clock (7.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockName {
    /// The tier of 7.1 to 7.3.
    Ordinary,
    /// The immediate clock of the n-th declaration, from 0 (7.4).
    Immediate(u8),
    /// The n-th clock of a ticket that was merged into this one, from 0 (4.5).
    Taken(u8),
}

impl ClockName {
    /// Whether it is that of a declared critical incident.
    #[must_use]
    pub const fn is_immediate(self) -> bool {
        match self {
            Self::Immediate(_) => true,
            Self::Ordinary | Self::Taken(_) => false,
        }
    }
}

/// An unattended clock of a ticket that was merged into another one, where it runs on (4.5). The pauses that
/// it had move its target, those of the ticket that stays since then, and the suspensions of the póliza, as
/// far as they are known (10.2a).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenClock {
    /// Its ticket.
    pub from: TicketRef,
    /// When it started.
    pub received_at: Instant,
    /// When the tickets were merged.
    pub at: Instant,
    /// Its tier.
    pub tier: AttentionTier,
    /// Its target without pauses.
    pub unpaused: Instant,
    /// Its pauses until the tickets were merged, suspensions apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Interval>,
    /// When the desk is warned of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_at: Option<Instant>,
}

/// What was already told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Told {
    /// Clocks of whose nearness the desk was warned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warned: Vec<ClockName>,
    /// Clocks that were declared missed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<ClockName>,
    /// Calls of the on-call staff for the latest immediate clock.
    #[serde(default, skip_serializing_if = "zero")]
    pub pages: u32,
    /// When the last page was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paged_at: Option<Instant>,
    /// A person took the page.
    #[serde(default, skip_serializing_if = "no")]
    pub page_acknowledged: bool,
}

impl Told {
    /// Whether nothing was told yet.
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What is not so is not written: a head stays small.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
const fn no(flag: &bool) -> bool {
    !*flag
}

/// What has not happened yet is not written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
const fn zero(count: &u32) -> bool {
    *count == 0
}

/// How a cycle ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// Why.
    pub reason: ClosureReason,
    /// From when on.
    pub at: Instant,
}

/// A person's closing that another one overtook. It closes the cycle once that one never was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedClosing {
    /// Sequence number of the event from which it is known.
    pub seq: u32,
    /// As what it closes.
    pub reason: ClosureReason,
    /// Its receipt.
    pub at: Instant,
}

/// A proposal that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Sequence number of its event.
    pub seq: u32,
    /// Who proposed: the second person is another one.
    pub by: StaffId,
    /// What.
    pub what: Proposed,
    /// The explanation, which lies apart.
    pub text: TextDigest,
}

impl Cycle {
    /// A cycle that starts with a receipt.
    #[must_use]
    pub fn new(number: u32, received_at: Instant, pinned: Pinned, held: bool) -> Self {
        Self {
            number,
            received_at,
            reopened_by: None,
            confirmation: None,
            clock_from: (!held).then_some(received_at),
            pinned,
            offers_stopped: false,
            spells: Vec::new(),
            same_day: None,
            emergency_cost_accepted_at: None,
            charge_waived: false,
            inbound: Vec::new(),
            held: Vec::new(),
            outbound: Vec::new(),
            acts: Vec::new(),
            pauses_ended: Vec::new(),
            taken: Vec::new(),
            levels: Vec::new(),
            told: Told::default(),
            closure: None,
            asked: Vec::new(),
        }
    }

    /// The message of the desk with this number.
    #[must_use]
    pub fn outbound(&self, seq: u32) -> Option<&Outbound> {
        self.outbound.iter().find(|message| message.seq == seq)
    }

    /// Acceptance of the same day, if it was accepted.
    #[must_use]
    pub fn same_day_accepted_at(&self) -> Option<Instant> {
        match &self.same_day {
            Some(SameDayAnswer::Accepted { at, .. }) => Some(*at),
            Some(SameDayAnswer::Declined { .. }) | None => None,
        }
    }

    pub(super) fn declare(&mut self, at: Instant, operation: EssentialOperation) {
        let ended = |spell: &Spell| spell.downgraded_at.is_some_and(|ended| ended <= at);
        if let Some(spell) = self.spells.iter_mut().find(|spell| !ended(spell)) {
            // An earlier declaration came to light.
            spell.declared_at = spell.declared_at.min(at);
            return;
        }
        self.spells.push(Spell {
            declared_at: at,
            operation,
            confirmed_at: None,
            downgraded_at: None,
        });
        self.told.pages = 0;
        self.told.paged_at = None;
        self.told.page_acknowledged = false;
    }
}
