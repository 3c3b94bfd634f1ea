//! What the system says of a month at an instant: due, paid, paid late, suspended, or paid when the
//! suspension had already taken effect (10.2, 10.2a, 10.3).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::phases::{Known, Phase, phases};
use super::{Charge, Limit, explain};
use crate::Instant;
use crate::calendar::OutOfCalendar;
use crate::explanation::Trace;
use crate::pauses::Interval;
use crate::terms::{AnnulmentClock, Centavos, Terms};

/// What is recorded of a month of a póliza.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthFacts {
    /// The charged days.
    pub charge: Charge,
    /// What the month owes, tax included, by days already where it is not charged whole (10.1).
    pub owed: Centavos,
    /// What payments gave it (10.2).
    pub parts: Vec<Part>,
    /// The last notices that were recorded (10.3).
    pub last_notices: Vec<LastNotice>,
    /// The limits that a person granted beyond the ordinary one (10.3).
    pub tolerations: Vec<Toleration>,
    /// When the póliza became active again; a suspension that was in effect ends there (10.6).
    pub reactivated: Vec<Instant>,
}

/// What one payment gave to a month (10.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// When the payment was recorded.
    pub recorded_at: Instant,
    /// The bank's value date of the payment.
    pub value_date: NaiveDate,
    /// How much of it.
    pub amount: Centavos,
    /// The payment's reference; a payment gives a month one part.
    pub reference: String,
    /// When its reversal by the bank was recorded, if it was reversed (10.4).
    pub reversed_at: Option<Instant>,
}

/// A last notice as it was recorded (10.3, 10.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LastNotice {
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The last day of the limit that it announces.
    pub limit_day: NaiveDate,
}

/// A person grants a later limit (10.3). It counts when it is recorded before a suspension has taken
/// effect: afterwards only a reactivation brings the service back (10.6). What was granted stands: an
/// earlier day granted later changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Toleration {
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The last day on which the month can be paid in time.
    pub until: NaiveDate,
}

/// How a month stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStanding {
    /// Not covered, and not suspended (yet).
    Due,
    /// Covered by payments with a value date within the limit (10.2).
    Paid,
    /// Covered after the limit, before a suspension took effect (10.3).
    PaidLate,
    /// Not covered, and suspended (10.3).
    Suspended {
        /// The first instant of the suspension.
        since: Instant,
    },
    /// Covered when the suspension had already taken effect; a reactivation is a step of its own
    /// (10.3, 10.6).
    PaymentReceived {
        /// The first instant of the suspension, which no payment lifts by itself.
        suspended_since: Instant,
        /// When the payment that covers the month was recorded.
        received_at: Instant,
    },
}

/// A suspension that was shown and is now known never to have been due (10.2a, 10.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annulment {
    /// From when it was shown.
    pub from: Instant,
    /// When the payment that annuls it was recorded.
    pub at: Instant,
}

/// How a month stands, and what follows if nothing else happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthStanding {
    /// How it stands.
    pub standing: PaymentStanding,
    /// The limit in force, granted days included.
    pub limit: Limit,
    /// When the last notice of that limit was recorded, as far as it counts (10.3).
    pub last_notice_at: Option<Instant>,
    /// The suspension that lies ahead: the month is due and its last notice is recorded.
    pub suspends_at: Option<Instant>,
    /// Since when the last notice is owed, or when it will be: the month is due and the notice that
    /// its limit needs is not recorded. No suspension comes before it (10.3).
    pub last_notice_due_at: Option<Instant>,
    /// The suspensions that were shown and annulled, in order.
    pub annulled: Vec<Annulment>,
    /// The suspensions that took effect and that a reactivation ended, in order (10.6).
    pub ended: Vec<Interval>,
}

impl PaymentStanding {
    /// Its name in data.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Paid => "paid",
            Self::PaidLate => "paid_late",
            Self::Suspended { .. } => "suspended",
            Self::PaymentReceived { .. } => "payment_received",
        }
    }

    /// Its name for people, in Spanish.
    #[must_use]
    pub const fn spanish(self) -> &'static str {
        match self {
            Self::Due => "pendiente de pago",
            Self::Paid => "pagado",
            Self::PaidLate => "pagado fuera de plazo, sin suspensión",
            Self::Suspended { .. } => "suspendido por falta de pago",
            Self::PaymentReceived { .. } => "pago recibido, pendiente de reactivación",
        }
    }
}

impl MonthStanding {
    /// How it stands, for people, in Spanish. A month that was paid late after a suspension that has
    /// ended was not paid without one.
    #[must_use]
    pub const fn spanish(&self) -> &'static str {
        match self.standing {
            PaymentStanding::PaidLate if !self.ended.is_empty() => {
                "pagado fuera de plazo, con una suspensión que ya terminó"
            }
            PaymentStanding::Due
            | PaymentStanding::Paid
            | PaymentStanding::PaidLate
            | PaymentStanding::Suspended { .. }
            | PaymentStanding::PaymentReceived { .. } => self.standing.spanish(),
        }
    }
}

impl Annulment {
    /// What clocks make of it (10.2a): nothing, or a pause until the payment was recorded.
    #[must_use]
    pub fn pause(self, terms: &Terms) -> Option<Interval> {
        match terms.annulment_clock.value {
            AnnulmentClock::Count => None,
            AnnulmentClock::Pause => Some(Interval { from: self.from, to: Some(self.at) }),
        }
    }
}

/// When an unpaid month suspends the póliza (10.3): the later of 00:00 local of the day after the
/// limit and 14 h after the last notice was recorded, whenever a job runs.
#[must_use]
pub fn suspension_at(limit: Limit, last_notice_recorded_at: Instant, terms: &Terms) -> Instant {
    limit.until.max(last_notice_recorded_at + terms.suspension_notice.value.delta())
}

/// How a month stands at `as_of`, knowing only what had been recorded by then (10.2, 10.2a, 10.3).
///
/// # Errors
/// When a limit lies outside the calendar (G1).
pub fn standing_of(
    facts: &MonthFacts,
    as_of: Instant,
    terms: &Terms,
    trace: &mut impl Trace,
) -> Result<MonthStanding, OutOfCalendar> {
    let known = Known::of(facts, as_of, terms);
    let phases = phases(facts.charge.limit(terms, &mut ())?, &known)?;
    let (mut annulled, mut ended) = (Vec::new(), Vec::new());
    let mut found = None;
    for phase in &phases {
        let reached = |at: &Instant| *at <= as_of && phase.until.is_none_or(|next| *at < next);
        let Some(from) = phase.suspension(&known, terms).filter(reached) else { continue };
        match known.annulled_at(phase, from) {
            None => match known.reactivation_after(from) {
                Some(to) => ended.push(Interval { from, to: Some(to) }),
                None => {
                    found = Some(suspended(&known, phase, from));
                    break;
                }
            },
            Some(at) if at > from => annulled.push(Annulment { from, at }),
            Some(_) => {}
        }
    }
    let mut found = match found {
        Some(found) => found,
        None => {
            let last = phases.last().expect("the ordinary phase is always there");
            running(&known, last, terms)?
        }
    };
    found.annulled = annulled;
    found.ended = ended;
    for one in &found.annulled {
        trace.step(|| explain::annulment(*one));
    }
    trace.step(|| explain::standing(facts, &known, &found, as_of, terms));
    Ok(found)
}

/// A month whose suspension took effect.
fn suspended(known: &Known, phase: &Phase, since: Instant) -> MonthStanding {
    let standing = match known.covered_at(|part| part.reversed_at.is_none()) {
        Some(received_at) => {
            PaymentStanding::PaymentReceived { suspended_since: since, received_at }
        }
        None => PaymentStanding::Suspended { since },
    };
    MonthStanding {
        standing,
        limit: phase.limit,
        last_notice_at: phase.notice(known),
        suspends_at: None,
        last_notice_due_at: None,
        annulled: Vec::new(),
        ended: Vec::new(),
    }
}

/// A month without a suspension in force.
fn running(known: &Known, last: &Phase, terms: &Terms) -> Result<MonthStanding, OutOfCalendar> {
    let live = |part: &Part| part.reversed_at.is_none();
    let in_time = |part: &Part| live(part) && part.value_date <= last.limit.day;
    let standing = if known.covered_at(in_time).is_some() {
        PaymentStanding::Paid
    } else if known.covered_at(live).is_some() {
        PaymentStanding::PaidLate
    } else {
        PaymentStanding::Due
    };
    let (mut suspends_at, mut last_notice_due_at) = (None, None);
    if standing == PaymentStanding::Due {
        suspends_at = last.suspension(known, terms);
        if suspends_at.is_none() {
            let ordinary = Charge::notice_at(last.limit.day, terms)?;
            last_notice_due_at = Some(last.since.map_or(ordinary, |since| since.max(ordinary)));
        }
    }
    Ok(MonthStanding {
        standing,
        limit: last.limit,
        last_notice_at: last.notice(known),
        suspends_at,
        last_notice_due_at,
        annulled: Vec::new(),
        ended: Vec::new(),
    })
}
