//! The closed lists of words of the API: the domain's own, with their schema.
//!
//! Each list is written once and turned into the domain's enum and back by exhaustive matches, so
//! that a new case in the domain does not compile until the API says how it is called.

use app::inbound::{DeskVerb, MailList};
use app::payment_events::EventStatus;
use app::records::{MailStatus, NoticeStatus as DomainNoticeStatus};
use domain::attention::AttentionTier;
use domain::terms::Layer as DomainLayer;
use domain::ticket::{
    ActKind as DomainActKind, ChargeKind as DomainChargeKind, ChargeState as DomainChargeState,
    ClosureReason as DomainClosureReason, EscalationCause as DomainEscalationCause,
    EscalationLevel, EssentialOperation as DomainOperation, ReplyKind as DomainReplyKind,
};
use domain::{Power as DomainPower, Role as DomainRole};
use serde::Serialize;
use utoipa::ToSchema;

/// A word of a closed list.
pub trait Code: Copy + 'static {
    /// The whole list.
    const ALL: &'static [Self];

    /// The word in JSON.
    fn word(self) -> &'static str;
}

/// A closed list of words of the API alone. A word is a token, since a literal that a macro has parsed is
/// not seen by what derives the schema.
#[macro_export]
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident { $($(#[$said:meta])* $variant:ident = $word:tt),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        pub enum $name {
            $($(#[$said])* #[serde(rename = $word)] $variant),+
        }

        impl $crate::codes::Code for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }
    )+};
}

/// A closed list of words that stands for an enum of the domain.
macro_rules! domain_codes {
    ($($(#[$doc:meta])* $name:ident = $domain:ident { $($(#[$said:meta])* $variant:ident = $word:tt),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        pub enum $name {
            $($(#[$said])* #[serde(rename = $word)] $variant),+
        }

        impl Code for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value {
                    $($domain::$variant => Self::$variant),+
                }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$variant => Self::$variant),+
                }
            }
        }
    )+};
}

domain_codes! {
    /// How soon a request is attended (clause 7).
    Tier = AttentionTier {
        /// A critical incident with emergency attention (7.4).
        Immediate = "immediate",
        /// Received before 14:00 (7.1).
        SameDayStandard = "same_day_standard",
        /// Received before 17:00, and the same day accepted or included (7.2a).
        SameDayExtended = "same_day_extended",
        /// The next business day (7.2, 7.3).
        NextBusinessDay = "next_business_day",
    }
    /// An essential operation of the business (1.4).
    Operation = DomainOperation {
        /// Invoicing.
        Invoicing = "invoicing",
        /// Sales and point of sale.
        SalesPos = "sales_pos",
        /// Inventory and shipping.
        InventoryShipping = "inventory_shipping",
        /// Payroll.
        Payroll = "payroll",
        /// Collections.
        Collections = "collections",
        /// Purchasing.
        Purchasing = "purchasing",
        /// Closing of the books.
        AccountingClose = "accounting_close",
        /// Another one, with a description.
        Other = "other",
    }
    /// What a message of the desk is (2.1).
    ReplyKind = DomainReplyKind {
        /// A substantive answer: attention.
        Answer = "answer",
        /// Asks for information: no attention, a pause.
        InformationRequest = "information_request",
        /// Asks for access: no attention, a pause.
        AccessRequest = "access_request",
        /// Answers and asks: attention, and pauses later clocks.
        AnswerAndRequest = "answer_and_request",
        /// A solution: attention, and starts the silence of 9.2.
        Solution = "solution",
        /// Out of scope, with its explanation: attention.
        ScopeDecision = "scope_decision",
    }
    /// An act of attention other than a message (2.1).
    ActKind = DomainActKind {
        /// A call.
        Call = "call",
        /// A remote session.
        RemoteSession = "remote_session",
        /// A visit.
        Visit = "visit",
    }
    /// Why a ticket closed (9.0a).
    ClosureReason = DomainClosureReason {
        /// Silence after a solution.
        Auto = "auto",
        /// A SPoC confirmed, or his answer was mere thanks.
        Confirmed = "confirmed",
        /// A SPoC withdrew the request.
        Withdrawn = "withdrawn",
        /// It goes on in another ticket of the client (4.5).
        Merged = "merged",
        /// The decision that it is out of scope was sent.
        OutOfScope = "out_of_scope",
        /// No answer to the last reminder.
        NoAnswer = "no_answer",
        /// It was no request; needs a second person.
        NotARequest = "not_a_request",
        /// The póliza ended.
        ServiceEnded = "service_ended",
    }
    /// A level of attention (9.8).
    Level = EscalationLevel {
        /// Level 1.
        Standard = "standard",
        /// Level 2: a senior consultant.
        Senior = "senior",
        /// Level 3: emergency.
        Emergency = "emergency",
    }
    /// Why a level was reached (9.8).
    LevelCause = DomainEscalationCause {
        /// A person decided.
        Person = "person",
        /// The attention target was missed.
        TargetMissed = "target_missed",
    }
    /// What a charge is for.
    ChargeKind = DomainChargeKind {
        /// The same day (7.2a).
        SameDay = "same_day",
        /// The emergency (7.4a).
        Emergency = "emergency",
    }
    /// Whether a charge is owed.
    ChargeState = DomainChargeState {
        /// The clock that was paid for still runs.
        Pending = "pending",
        /// It was met: owed.
        Accrued = "accrued",
        /// Nothing is owed.
        Void = "void",
        /// The desk gave it up.
        Waived = "waived",
    }
    /// Where a value comes from (G5); a later one wins.
    Layer = DomainLayer {
        /// The product's default.
        Product = "product",
        /// The edition of the agreement in force.
        Edition = "edition",
        /// The client's póliza.
        Plan = "plan",
        /// The client's Contrato Marco.
        MasterAgreement = "master_agreement",
    }
    /// What a member of the desk is.
    Role = DomainRole {
        /// Answers tickets.
        Agent = "agent",
        /// A senior consultant.
        Senior = "senior",
        /// Payments and charges.
        Finance = "finance",
        /// Everything.
        Admin = "admin",
    }
    /// What a SPoC may do (1.2).
    Power = DomainPower {
        /// Open tickets, confirm, withdraw, declare critical.
        Open = "open",
        /// Accept a cost.
        AuthoriseCost = "authorise_cost",
        /// Cancel the póliza.
        Cancel = "cancel",
        /// Decide on the renewal.
        Renew = "renew",
        /// Book visits.
        BookVisit = "book_visit",
        /// Designate SPoCs.
        Designate = "designate",
    }
    /// What became of a notice.
    NoticeStatus = DomainNoticeStatus {
        /// To be sent.
        Pending = "pending",
        /// Being handed over.
        Sending = "sending",
        /// The mail service has it.
        Sent = "sent",
        /// The recipient's server has it.
        Delivered = "delivered",
        /// It came back for good.
        Bounced = "bounced",
        /// The recipient calls it unwanted.
        Complained = "complained",
        /// It no longer made sense.
        Superseded = "superseded",
        /// It could not be sent.
        Dead = "dead",
        /// A person gave it up.
        GivenUp = "given_up",
    }
    /// What became of a mail.
    MailStatusCode = MailStatus {
        /// It opened a ticket.
        Ticket = "ticket",
        /// It is an answer on its ticket.
        Reply = "reply",
        /// It is kept and changed no state.
        Note = "note",
        /// It waits for the registered address to confirm it.
        HeldUnproven = "held_unproven",
        /// It waits for a SPoC to adopt it.
        HeldColleague = "held_colleague",
        /// It was set aside.
        Quarantined = "quarantined",
        /// It was taken before.
        Duplicate = "duplicate",
        /// It could not be taken.
        Poison = "poison",
        /// A SPoC adopted it.
        Adopted = "adopted",
        /// The registered address confirmed it.
        Confirmed = "confirmed",
        /// The desk released it, or put it on a ticket.
        Released = "released",
        /// The desk discarded it.
        Discarded = "discarded",
        /// It waited until its time was over.
        Lapsed = "lapsed",
    }
    /// What the desk can make of a mail.
    MailActCode = DeskVerb {
        /// Record that a SPoC adopts it.
        Adopt = "adopt",
        /// Vouch for it.
        Release = "release",
        /// Put it on a ticket.
        Link = "link",
        /// Take it again.
        Retry = "retry",
        /// Leave it at that.
        Discard = "discard",
    }
    /// A list of mails.
    MailListCode = MailList {
        /// Waits for the registered address or for a SPoC, or did so in vain.
        Held = "held",
        /// Was set aside.
        Quarantined = "quarantined",
        /// A machine's, the staff's or Odoo's, and belongs to no ticket.
        Unthreaded = "automatic",
        /// Could not be read or taken.
        Poison = "poison",
    }
    /// How an event stands.
    PaymentEventStatus = EventStatus {
        /// It is to be applied.
        Pending = "pending",
        /// It was applied.
        Applied = "applied",
        /// It cannot be applied: a person looks at it.
        Failed = "failed",
        /// A person put it aside.
        Discarded = "discarded",
    }
}

codes! {
    /// What was told.
    PaymentEventKind {
        /// Money came in.
        Payment = "payment",
        /// The bank took a payment back.
        Reversal = "reversal",
    }
}
