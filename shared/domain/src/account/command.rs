//! What can be asked of an account.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::billing::Month;
use crate::evidence::TextDigest;
use crate::terms::Centavos;
use crate::{Instant, SpocId, TicketRef};

/// A command on an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A payment is told of: by the desk, by a bank's file or by a provider (10.2).
    RecordPayment {
        /// The bank's reference, by which it is known again.
        reference: String,
        /// The bank's value date.
        value_date: NaiveDate,
        /// How much, above zero.
        amount: Centavos,
        /// The month that it names, if it names one.
        names: Option<Month>,
    },
    /// The bank took a payment back (10.4).
    ReversePayment {
        /// Its reference.
        reference: String,
        /// Why, in words that lie apart.
        text: Option<TextDigest>,
    },
    /// The desk acts.
    Desk(DeskAct),
    /// A SPoC acts.
    Spoc {
        /// Who.
        by: SpocId,
        /// Receipt (G2).
        received_at: Instant,
        /// What.
        act: SpocAct,
        /// The message in which he said so, where the desk records it for him (G14).
        cites: Option<Cited>,
    },
    /// The terms or the SPoCs changed: what follows from them is looked at again.
    Refresh,
    /// Time passed.
    Tick(Concern),
}

/// An act of the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskAct {
    /// Grants a later limit (10.3).
    Tolerate {
        /// For which month.
        month: Month,
        /// The last day on which it can be paid in time.
        until: NaiveDate,
        /// Why, in words that lie apart.
        text: TextDigest,
    },
    /// Waives what a month still owes, or a part of it.
    Waive {
        /// Of which month.
        month: Month,
        /// How much; all that is left when absent.
        amount: Option<Centavos>,
        /// Why, in words that lie apart.
        text: TextDigest,
    },
    /// Makes a póliza active again whose arrears are paid (10.6).
    Reactivate,
    /// Proposes to suspend for an obligation of clause 8.
    ProposeBreach {
        /// Which and why, in words that lie apart.
        text: TextDigest,
    },
    /// Agrees to the proposal of another person (8).
    ApproveBreach,
    /// Does not agree to it, or takes it back.
    RejectBreach,
    /// Ends the suspension, or calls the announced one off (8).
    EndBreach {
        /// Why, in words that lie apart.
        text: TextDigest,
    },
}

/// An act of a SPoC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpocAct {
    /// Cancels the póliza (10.7).
    Cancel {
        /// Not only at the end of the paid month.
        at_once: bool,
    },
    /// Gives notice that the póliza is not to be renewed (10.8).
    DeclineRenewal,
}

/// A message of a SPoC in a ticket: "acepto" in a mail counts only if the desk records it, citing that message
/// (G14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cited {
    /// The ticket.
    pub ticket: TicketRef,
    /// Number of the message's event.
    pub message: u32,
}

/// Which timer function looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// `payment-due`: months, their ladder, suspension and reactivation (10.3, 10.4, 10.6).
    Payment,
    /// `renewal-notice`: the ladder of the renewal (10.8).
    Renewal,
}
