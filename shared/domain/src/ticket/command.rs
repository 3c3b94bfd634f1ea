//! What can be asked of a ticket.

use super::criticality::EssentialOperation;
use super::escalation::EscalationLevel;
use super::event::{ActKind, Channel, ClosureReason, Confirmation, NotedMail, ReplyKind};
use crate::evidence::TextDigest;
use crate::{
    ClientId, Instant, ModuleName, Participant, ParticipantId, SpocId, StaffId, TicketRef,
};

/// A request to be registered (1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The reference that was drawn for it.
    pub reference: TicketRef,
    /// Whose request it is.
    pub client: ClientId,
    /// Receipt (G2).
    pub received_at: Instant,
    /// How it came.
    pub channel: Channel,
    /// The SPoC who asks.
    pub opener: SpocId,
    /// Technical name of the Odoo module, if said.
    pub module: Option<ModuleName>,
    /// Subject and description, which lie apart.
    pub text: TextDigest,
    /// The incident is declared critical in the request.
    pub critical: Option<Declaration>,
    /// The closed ticket that this one continues (9.7).
    pub continues: Option<TicketRef>,
    /// When its mail arrived, where it was held first. A colleague's mail counts from its adoption
    /// (1.2a), one that was confirmed or released from this very instant (M1a).
    pub held_since: Option<Instant>,
    /// How the sender of its mail came to be certain, where he was asked (M1a).
    pub confirmation: Option<Confirmation>,
    /// Addresses that its mail brought along (1.5).
    pub participants: Vec<AddedParticipant>,
    /// SPoCs of the client whom its mail was copied to: they read along.
    pub followers: Vec<SpocId>,
}

/// An address to be added to a ticket (1.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedParticipant {
    /// The address's id.
    pub id: ParticipantId,
    /// The address, which lies apart.
    pub text: TextDigest,
}

/// A declaration of criticality (1.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// What is blocked.
    pub operation: EssentialOperation,
    /// It is fully blocked.
    pub fully_blocked: bool,
    /// Description for an operation that is not in the list.
    pub text: Option<TextDigest>,
}

/// An act on a ticket that exists. Who acts is said beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// An act of a SPoC, received at an instant.
    Spoc {
        /// Who.
        by: SpocId,
        /// Receipt: powers, cut-offs and limits are read at it.
        received_at: Instant,
        /// What.
        act: SpocAct,
    },
    /// A message of an address that was added to the ticket (1.5).
    Participant {
        /// Who.
        by: ParticipantId,
        /// Receipt.
        received_at: Instant,
        /// The text, which lies apart.
        text: TextDigest,
        /// The solution did not work.
        still_fails: bool,
    },
    /// An act of the desk, at the present instant.
    Desk(DeskAct),
    /// A machine's or Odoo's mail that belongs to the ticket: kept, changes no state (M3, 3.1).
    MailNoted {
        /// Receipt.
        received_at: Instant,
        /// Whose mail it is.
        mail: NotedMail,
        /// The text, which lies apart.
        text: TextDigest,
    },
    /// A mail that belongs to the ticket waits to be confirmed or adopted; meanwhile silence does not
    /// close the ticket (9.4, 9.6).
    BlockClosing {
        /// Receipt of the mail, by which it is known from now on.
        received_at: Instant,
    },
    /// The mail waits no longer and became no message of this ticket: discarded, lapsed, or filed
    /// elsewhere.
    UnblockClosing {
        /// Receipt of the mail.
        received_at: Instant,
    },
    /// The mail service accepted a message (G15).
    MessageAccepted {
        /// Sequence number of the message.
        message: u32,
        /// When.
        at: Instant,
    },
    /// A message will never reach a recipient (G15).
    MessageBounced {
        /// Sequence number of the message.
        message: u32,
        /// Who.
        recipient: Participant,
    },
    /// A message that was given up for a recipient was accepted after all (G15).
    MessageTaken {
        /// Sequence number of the message.
        message: u32,
        /// Who gets it.
        recipient: Participant,
        /// When it was accepted.
        at: Instant,
    },
    /// The desk has a message sent again to a recipient whom it did not reach (G15).
    MessageResent {
        /// Sequence number of the message.
        message: u32,
        /// Who.
        recipient: Participant,
    },
    /// The client's standing changed (10.5).
    ApplyStanding,
    /// Time passed: record what has become due.
    Tick(Concern),
}

/// What a SPoC can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpocAct {
    /// Answer.
    Write(Written),
    /// Accept the same day at its cost.
    AcceptSameDay,
    /// Decline it.
    DeclineSameDay,
    /// Accept the cost of the emergency.
    AcceptEmergencyCost,
    /// Declare the incident critical.
    DeclareCritical(Declaration),
    /// Confirm the solution.
    Confirm,
    /// Withdraw the request.
    Withdraw,
}

/// An answer of a SPoC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// The text, which lies apart; none for a link pressed without words.
    pub text: Option<TextDigest>,
    /// The solution did not work.
    pub still_fails: bool,
    /// When its mail arrived, where it was held first. A colleague's mail counts from its adoption
    /// (1.2a), one that was confirmed or released from this very instant (M1a).
    pub held_since: Option<Instant>,
    /// How the sender of its mail came to be certain, where he was asked (M1a).
    pub confirmation: Option<Confirmation>,
    /// Addresses that its mail brought along (1.5). Of more than the ticket can have, the first.
    pub participants: Vec<AddedParticipant>,
    /// SPoCs of the client whom its mail was copied to: they read along.
    pub followers: Vec<SpocId>,
}

/// What the desk can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskAct {
    /// Write to the client.
    Reply {
        /// What the message is.
        reply: ReplyKind,
        /// The text, which lies apart.
        text: TextDigest,
    },
    /// Record a call, a remote session or a visit.
    RecordAct {
        /// What it was.
        act: ActKind,
        /// Its start.
        started_at: Instant,
        /// Its end.
        ended_at: Instant,
        /// Notes, which lie apart.
        text: TextDigest,
    },
    /// Write an internal note.
    Note {
        /// The text, which lies apart.
        text: TextDigest,
    },
    /// Add an address to the ticket (1.5).
    AddParticipant {
        /// The address.
        added: AddedParticipant,
        /// Why, which lies apart: an internal note.
        reason: TextDigest,
    },
    /// Give the ticket to somebody, or to nobody.
    Assign {
        /// To whom.
        to: Option<StaffId>,
    },
    /// Confirm the criticality.
    ConfirmCriticality,
    /// Downgrade the incident.
    Downgrade {
        /// Why.
        text: TextDigest,
    },
    /// End the pause that is open.
    EndPause {
        /// Why.
        text: TextDigest,
    },
    /// Have the running dates computed anew, under what is known now (G6).
    Recalculate {
        /// Why.
        text: TextDigest,
    },
    /// Escalate.
    Escalate {
        /// To which level.
        level: EscalationLevel,
    },
    /// Mark a message as mere thanks.
    MarkThanks {
        /// Sequence number of the message.
        message: u32,
    },
    /// Close, for one of the reasons that are the desk's.
    Close {
        /// Why.
        reason: ClosureReason,
        /// The explanation, which lies apart.
        text: TextDigest,
    },
    /// Take the page.
    AcknowledgePage,
    /// Give up the charge.
    WaiveCharge {
        /// Why; the words lie apart.
        text: TextDigest,
    },
    /// Approve an act that another member proposed.
    Approve {
        /// Sequence number of the proposal.
        proposal: u32,
    },
    /// Reject it.
    Reject {
        /// Sequence number of the proposal.
        proposal: u32,
    },
}

/// The two concerns of time, each a timer function of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// Attention, pages, reminders for information: `sla-timer`.
    Attention,
    /// Reminder and closing after a solution: `auto-close`.
    Closing,
}
