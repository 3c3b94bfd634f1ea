//! What can be asked of a ticket.

use super::criticality::EssentialOperation;
use super::escalation::EscalationLevel;
use super::event::{ActKind, Channel, ClosureReason, ReplyKind};
use crate::evidence::TextDigest;
use crate::{ClientId, Instant, SpocId, StaffId, TicketRef};

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
    pub module: Option<String>,
    /// Subject and description, which lie apart.
    pub text: TextDigest,
    /// The incident is declared critical in the request.
    pub critical: Option<Declaration>,
    /// The closed ticket that this one continues (9.7).
    pub continues: Option<TicketRef>,
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
    /// An act of the desk, at the present instant.
    Desk(DeskAct),
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
        recipient: SpocId,
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
    Write {
        /// The text, which lies apart; none for a link pressed without words.
        text: Option<TextDigest>,
        /// The solution did not work.
        still_fails: bool,
    },
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
