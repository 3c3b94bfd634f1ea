//! What can happen to a ticket: the closed list of facts.
//!
//! Facts are final from the first day (15.1). A fact says what happened and when it happened; when it
//! was recorded, and by whom, is said by the [`crate::evidence::Event`] around it.

use serde::{Deserialize, Serialize};

use super::criticality::EssentialOperation;
use super::escalation::{EscalationCause, EscalationLevel};
use super::state::{ClockName, TakenClock};
use crate::agreement::Pinned;
use crate::evidence::TextDigest;
use crate::pauses::Interval;
use crate::standing::Span;
use crate::{
    ClientId, Instant, ModuleName, Participant, ParticipantId, SpocId, StaffId, TicketRef,
};

/// A fact of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// A request was registered (1.1, 9.1).
    Opened(Box<Opened>),
    /// A human message of a participant was received (9.4).
    ClientWrote {
        /// Receipt.
        received_at: Instant,
        /// Who wrote.
        by: Participant,
        /// The text, which lies apart; none for a link that was pressed without words.
        text: Option<TextDigest>,
        /// The participant says that the solution did not work (9.5).
        still_fails: bool,
        /// When its mail arrived, where it was held first (1.2a, M1a).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held_since: Option<Instant>,
        /// How the sender of its mail came to be certain, where he was asked (M1a).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirmation: Option<Confirmation>,
    },
    /// An address takes part in the ticket from now on (1.5).
    ParticipantAdded {
        /// The address's id.
        id: ParticipantId,
        /// The address, which lies apart.
        text: TextDigest,
    },
    /// A SPoC reads along from now on: a mail of another SPoC of his client was copied to him (1.5).
    FollowerAdded {
        /// Who.
        spoc: SpocId,
    },
    /// A public message of the desk was committed; it counts as rule G15 says.
    DeskWrote {
        /// What the message is.
        reply: ReplyKind,
        /// The commit's instant.
        committed_at: Instant,
        /// To whom it goes.
        recipients: Vec<Participant>,
        /// The text, which lies apart.
        text: TextDigest,
    },
    /// The mail service accepted a message of the desk (G15).
    MessageAccepted {
        /// Sequence number of the message.
        message: u32,
        /// When.
        at: Instant,
    },
    /// A message of the desk will never reach this recipient; when it reaches nobody it is void
    /// from its start (G15).
    MessageBounced {
        /// Sequence number of the message.
        message: u32,
        /// Who was not reached.
        recipient: Participant,
    },
    /// A message of the desk that was given up for this recipient had been accepted after all: that it
    /// would never reach him was not true (G7, G15).
    BounceUndone {
        /// Sequence number of the message.
        message: u32,
        /// Who gets it.
        recipient: Participant,
    },
    /// The desk had a message sent again to a recipient whom it had not reached. One that had reached
    /// nobody counts from the acceptance of this sending (G15).
    MessageResent {
        /// Sequence number of the message.
        message: u32,
        /// To whom.
        recipient: Participant,
        /// When.
        at: Instant,
    },
    /// A call, a remote session or a visit (2.1, 2.1a).
    ActRecorded {
        /// What it was.
        act: ActKind,
        /// Its start.
        started_at: Instant,
        /// Its end.
        ended_at: Instant,
        /// The second person, where one was needed.
        approved_by: Option<StaffId>,
        /// Notes, which lie apart.
        text: TextDigest,
    },
    /// An internal note.
    Noted {
        /// The text, which lies apart.
        text: TextDigest,
    },
    /// A machine's or Odoo's mail was kept, which changes nothing (M3, 3.1).
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
    ClosingBlocked {
        /// Receipt of the mail.
        received_at: Instant,
    },
    /// The mail waits no longer, and became no message of the ticket.
    ClosingUnblocked {
        /// Receipt of the mail.
        received_at: Instant,
        /// Since when it waits no longer.
        at: Instant,
    },
    /// The ticket has a person who cares for it, or none.
    Assigned {
        /// Who.
        to: Option<StaffId>,
    },
    /// The additional cost of the same day was accepted: final (7.2a).
    SameDayAccepted {
        /// Receipt of the act.
        at: Instant,
        /// Who authorised the cost.
        by: SpocId,
    },
    /// It was declined, which may be changed until the limit (7.2a).
    SameDayDeclined {
        /// Receipt of the act.
        at: Instant,
        /// Who declined.
        by: SpocId,
    },
    /// The additional cost of the emergency was accepted (7.4a).
    EmergencyCostAccepted {
        /// Receipt of the act.
        at: Instant,
        /// Who authorised the cost.
        by: SpocId,
    },
    /// The desk gave up the charge of an accepted cost (7.2a).
    ChargeWaived {
        /// Why; the words lie apart.
        text: TextDigest,
    },
    /// A SPoC declared the incident critical (1.4). Of several declarations the first one received
    /// counts: one that comes to light later moves the start of the immediate clock.
    DeclaredCritical {
        /// Receipt of the act.
        at: Instant,
        /// The essential operation that is fully blocked.
        operation: EssentialOperation,
        /// Description of an operation that is not in the list, which lies apart.
        text: Option<TextDigest>,
    },
    /// The desk confirmed the criticality (1.4).
    CriticalityConfirmed {
        /// When.
        at: Instant,
    },
    /// The desk downgraded the incident (1.4, 7.8).
    Downgraded {
        /// When.
        at: Instant,
        /// Why.
        text: TextDigest,
        /// The desk had stopped same-day offers for the day (7.6), so that none was made then.
        offers_stopped: bool,
    },
    /// A person ended the awaiting pause that is open (7.7).
    PauseEnded {
        /// When.
        at: Instant,
        /// Why.
        text: TextDigest,
    },
    /// A higher level of attention (9.8).
    Escalated {
        /// To which.
        level: EscalationLevel,
        /// By a person, or because the target was missed.
        cause: EscalationCause,
        /// When.
        at: Instant,
    },
    /// The on-call staff was called for an immediate clock (7.4).
    Paged {
        /// Which clock.
        clock: ClockName,
        /// 1 for the first call; then it is repeated.
        n: u32,
        /// When it was due.
        due: Instant,
    },
    /// A person took the page.
    PageAcknowledged {
        /// When.
        at: Instant,
    },
    /// The desk was warned of a target that draws near (7.10).
    Warned {
        /// Which clock.
        clock: ClockName,
        /// When the warning was due.
        due: Instant,
    },
    /// A target was missed, and the desk was told (7.10, 9.8).
    Missed {
        /// Which clock.
        clock: ClockName,
        /// The target.
        target: Instant,
    },
    /// A later fact showed that it was not missed (G7).
    MissRetracted {
        /// Which clock.
        clock: ClockName,
    },
    /// The client was reminded of what he was asked for (7.7).
    InformationReminded {
        /// Sequence number of the request.
        request: u32,
        /// 1, 2 or 3.
        n: u32,
        /// When it was due.
        due: Instant,
    },
    /// The client was reminded that the ticket will close (9.2).
    SolutionReminded {
        /// Sequence number of the solution.
        solution: u32,
        /// When it was due.
        due: Instant,
        /// The closing that he was told.
        closes_at: Instant,
    },
    /// The ticket closed (9.0a). It is true from `at` on, whenever it was recorded.
    Closed {
        /// Why.
        reason: ClosureReason,
        /// When.
        at: Instant,
        /// The message or explanation cited, if any.
        cites: Option<u32>,
    },
    /// A SPoC's confirmation or withdrawal came when the cycle had been recorded as closed. It counts from
    /// its receipt where that closing is a later one, or turns out never to have been (G7).
    ClosingAsked {
        /// As what it closes: confirmed or withdrawn.
        reason: ClosureReason,
        /// Receipt of the act.
        at: Instant,
        /// Who.
        by: SpocId,
    },
    /// The ticket goes on in another one of its client, which was received earlier (4.5).
    MergedInto {
        /// The ticket that stays.
        survivor: TicketRef,
        /// When.
        at: Instant,
        /// Why the desk merged them.
        text: TextDigest,
    },
    /// A ticket of the same client that was received later was merged into this one (4.5).
    TookIn(Box<TakenIn>),
    /// The premise of a closing turned out false: it never was (G7). Either an answer came to light
    /// that was received before it, or its solution reached nobody, or a SPoC had closed the ticket
    /// earlier.
    ClosureUndone {
        /// Which cycle had closed; a later one that had begun meanwhile joins it again.
        cycle: u32,
    },
    /// A reply after the closing opened a new cycle (9.7). Of several replies the first one received
    /// counts: one that comes to light later moves the start of the cycle that it began; so does the
    /// mark of thanks on the first of several.
    Reopened {
        /// Sequence number of the reply.
        message: u32,
        /// Receipt of the reply.
        received_at: Instant,
        /// The versions that the new cycle is under (G6).
        pinned: Pinned,
        /// The standing at the receipt does not let a clock start (10.5).
        held: bool,
        /// The desk had stopped same-day offers for the day (7.6).
        offers_stopped: bool,
    },
    /// The desk marked a message as mere thanks (9.4).
    Thanked {
        /// Sequence number of the message.
        message: u32,
    },
    /// A person had the running dates computed anew (G6).
    Recalculated {
        /// When.
        at: Instant,
        /// The versions that the cycle is under from then on.
        pinned: Pinned,
        /// Why.
        text: TextDigest,
    },
    /// A held cycle's clock starts now that the póliza is active again (10.6).
    ClockStarted {
        /// The reactivation.
        at: Instant,
        /// The versions that the clock is under (G6).
        pinned: Pinned,
        /// The desk had stopped same-day offers for the day (7.6).
        offers_stopped: bool,
    },
    /// A newer standing of the client was applied (10.5).
    StandingApplied {
        /// The gate's revision.
        rev: u64,
        /// The spans that touch the current cycle.
        spans: Vec<Span>,
    },
    /// An act that needs a second person was proposed.
    Proposed {
        /// What.
        proposal: Proposed,
        /// The explanation, which lies apart.
        text: TextDigest,
    },
    /// The second person said no.
    ProposalRejected {
        /// Sequence number of the proposal.
        proposal: u32,
    },
}

/// The facts of an opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
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
    pub module: Option<ModuleName>,
    /// Subject and description, which lie apart.
    pub text: TextDigest,
    /// The essential operation that is fully blocked, where the request declares it (1.4).
    pub critical: Option<EssentialOperation>,
    /// The versions that the first cycle is under (G6).
    pub pinned: Pinned,
    /// Revision of the client's gate that was seen.
    pub gate_rev: u64,
    /// Spans of that gate which touch the cycle.
    pub spans: Vec<Span>,
    /// The standing at the receipt does not let a clock start (10.5).
    pub held: bool,
    /// The desk has stopped same-day offers for the day (7.6).
    pub offers_stopped: bool,
    /// The closed ticket that this one continues (9.7).
    pub continues: Option<TicketRef>,
    /// When its mail arrived, where it was held first (1.2a, M1a).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_since: Option<Instant>,
    /// How the sender of its mail came to be certain, where he was asked (M1a).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
}

/// What a ticket hands over to the one that it is merged into (4.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenIn {
    /// The ticket that closes, and before it those that had been merged into it.
    pub from: Vec<TicketRef>,
    /// When.
    pub at: Instant,
    /// Receipts of the client's messages, the request among them, in order.
    pub messages: Vec<Instant>,
    /// Its attention clocks that nobody has attended, in order.
    pub clocks: Vec<TakenClock>,
    /// SPoCs who followed it.
    pub followers: Vec<SpocId>,
}

/// The question to a registered address whether a mail is really its own, and the answer (M1a). The
/// time between the two is a pause of what the mail began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// When the question was sent.
    pub asked_at: Instant,
    /// When the mail was confirmed, or released by the desk.
    pub confirmed_at: Instant,
}

impl Confirmation {
    /// The pause `awaiting_confirmation`; an empty one where the release came before the question.
    #[must_use]
    pub fn pause(&self) -> Interval {
        let to = self.confirmed_at.max(self.asked_at);
        Interval { from: self.asked_at, to: Some(to) }
    }
}

/// Whose mail is kept on a ticket without changing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotedMail {
    /// A machine's: an automatic answer, a report (M3).
    Automatic,
    /// Odoo's helpdesk's (3.1).
    Upstream,
}

/// How a request came (1.1, 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The HTTP endpoint.
    Http,
    /// A call that the desk registered; its receipt is the call's start.
    Call,
    /// A mail.
    Mail,
}

/// What a public message of the desk is (2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    /// A substantive answer: attention.
    Answer,
    /// Asks for information; no attention, starts a pause.
    InformationRequest,
    /// Asks for access; no attention, starts a pause.
    AccessRequest,
    /// Answers and asks: attention, and pauses later clocks.
    AnswerAndRequest,
    /// A solution: attention, and starts the silence of 9.2.
    Solution,
    /// Says that the request is out of scope, and why: attention (2.1).
    ScopeDecision,
}

impl ReplyKind {
    /// Whether the message is a substantive act (2.1).
    #[must_use]
    pub const fn is_attention(self) -> bool {
        match self {
            Self::Answer | Self::AnswerAndRequest | Self::Solution | Self::ScopeDecision => true,
            Self::InformationRequest | Self::AccessRequest => false,
        }
    }

    /// Whether the message asks for something concrete and so pauses (7.7).
    #[must_use]
    pub const fn is_request(self) -> bool {
        match self {
            Self::InformationRequest | Self::AccessRequest | Self::AnswerAndRequest => true,
            Self::Answer | Self::Solution | Self::ScopeDecision => false,
        }
    }
}

/// Acts of attention other than messages (2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// A recorded call.
    Call,
    /// A remote session.
    RemoteSession,
    /// A visit.
    Visit,
}

/// The closed list of reasons for which a ticket closes (9.0a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosureReason {
    /// Silence after a solution (9.2).
    Auto,
    /// A SPoC confirmed the solution, or the desk marked his answer as thanks.
    Confirmed,
    /// A SPoC withdrew the request.
    Withdrawn,
    /// It goes on in another ticket of the client (4.5).
    Merged,
    /// The decision that it is out of scope was sent.
    OutOfScope,
    /// The client did not answer the last reminder of a request (7.7).
    NoAnswer,
    /// It was no request, says the desk, with a second person.
    NotARequest,
    /// The póliza ended (10.5).
    ServiceEnded,
}

impl ClosureReason {
    /// Whether it closed for want of an answer: what is true of it follows from the facts, and an
    /// answer that comes to light undoes it (9.6, G7).
    #[must_use]
    pub const fn is_silence(self) -> bool {
        match self {
            Self::Auto | Self::NoAnswer => true,
            Self::Confirmed
            | Self::Withdrawn
            | Self::Merged
            | Self::OutOfScope
            | Self::NotARequest
            | Self::ServiceEnded => false,
        }
    }
}

/// An act that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Proposed {
    /// An act recorded late (2.1a).
    Act {
        /// What it was.
        act: ActKind,
        /// Its start.
        started_at: Instant,
        /// Its end.
        ended_at: Instant,
    },
    /// Closing as no request (9.0a).
    NotARequest,
}
