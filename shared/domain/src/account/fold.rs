//! Folding facts into the state of an account.

use super::event::{Fact, MonthStart};
use super::limits::{BREACHES_MAX, SHOWN_MAX};
use super::state::{
    Account, Beginning, Breach, Cancellation, Covered, DueMonth, NonRenewal, ProposedBreach,
    Received, Shown, Waiver,
};
use crate::billing::{LastNotice, Month, Reversal, Toleration};
use crate::evidence::{Event, Hash};
use crate::terms::Centavos;
use crate::{Actor, ClientId, Instant};

impl Account {
    /// An account before its first event.
    #[must_use]
    pub fn new(client: ClientId, first: Month, opened_at: Instant) -> Self {
        let chain = Hash::genesis(&format!("account:{client}"));
        Self {
            client,
            seq: 0,
            chain,
            opened_at,
            first,
            months: Vec::new(),
            payments: Vec::new(),
            reversals: Vec::new(),
            reactivated: Vec::new(),
            breaches: Vec::new(),
            proposed_breach: None,
            shown: Vec::new(),
            covered: None,
            long_told: None,
            cancellation: None,
            expired_at: None,
            renewed_at: None,
            non_renewals: Vec::new(),
            renewal_told: Vec::new(),
            lacks: Vec::new(),
            beginning: None,
            start: None,
            earlier: Vec::new(),
        }
    }

    /// The state after `event`, whose link has the hash `chain`.
    pub fn apply(&mut self, event: &Event<Fact>, chain: &Hash) {
        self.seq = event.seq;
        self.chain = chain.clone();
        match &event.fact {
            Fact::Opened { first } => self.first = *first,
            Fact::BeginningAwaited => self.beginning = Some(Beginning::Awaited),
            Fact::Began { at } => self.beginning = Some(Beginning::At(*at)),
            Fact::MonthFellDue(start) => self.falls_due(start),
            Fact::MonthClosed { month, took } => self.close(*month, took),
            Fact::PaymentRecorded(payment) => {
                let payment = payment.clone();
                self.payments.push(Received { payment, closed: Centavos(0) });
            }
            Fact::PaymentReversed { reference, .. } => self
                .reversals
                .push(Reversal { reference: reference.clone(), recorded_at: event.at }),
            Fact::Tolerated { month, until, .. } => {
                let toleration = Toleration { recorded_at: event.at, until: *until };
                self.on_month(*month, |it| it.tolerations.push(toleration));
            }
            Fact::Waived { month, amount, .. } => {
                let (recorded_at, seq) = (event.at, event.seq);
                let waiver = Waiver { amount: *amount, recorded_at, seq };
                self.on_month(*month, |it| it.waivers.push(waiver));
            }
            Fact::DueTold { month } => self.on_month(*month, |it| it.due_told = true),
            Fact::Reminded { month } => self.on_month(*month, |it| it.reminded = true),
            Fact::LastNoticeGiven { month, limit_day } => {
                let notice = LastNotice { recorded_at: event.at, limit_day: *limit_day };
                self.on_month(*month, |it| it.last_notices.push(notice));
            }
            Fact::Suspended { from, month, .. } => self.show(*from, *month),
            Fact::SuspensionAnnulled { month, from, .. } => self.annul(*month, *from),
            Fact::ArrearsCovered { at } => self.covered = Some(Covered { at: *at, alerts: 0 }),
            Fact::ReactivationWanted { n } => {
                self.covered = self.covered.map(|covered| Covered { alerts: *n, ..covered });
            }
            Fact::LongSuspensionTold { since } => self.long_told = Some(*since),
            Fact::Reactivated { at, .. } => {
                self.reactivated.push(*at);
                self.covered = None;
                self.long_told = None;
            }
            Fact::BreachProposed { text } => {
                if let Actor::Staff(member) = &event.by {
                    let (by, text) = (member.id.clone(), text.clone());
                    self.proposed_breach = Some(ProposedBreach { by, text, seq: event.seq });
                }
            }
            Fact::BreachAnnounced { from, .. } => {
                let seq = self.proposed_breach.take().map_or(event.seq, |proposed| proposed.seq);
                self.breaches.push(Breach { from: *from, to: None, seq });
                let spare = self.breaches.len().saturating_sub(BREACHES_MAX);
                self.breaches.drain(..spare);
            }
            Fact::BreachRejected => self.proposed_breach = None,
            Fact::BreachEnded { at, .. } => self.end_breaches(*at),
            Fact::Cancelled { received_at, by, effective_at, fee, .. } => {
                self.cancellation = Some(Cancellation {
                    received_at: *received_at,
                    by: by.clone(),
                    effective_at: *effective_at,
                    fee: *fee,
                });
            }
            Fact::RenewalDeclined { received_at, by, valid, .. } => {
                let (received_at, valid) = (*received_at, *valid);
                self.non_renewals.push(NonRenewal { received_at, by: by.clone(), valid });
            }
            Fact::RenewalTold { due, .. } => self.renewal_told.push(*due),
            Fact::Renewed { at } => {
                self.renewed_at = Some(*at);
                self.non_renewals.clear();
                self.renewal_told.clear();
            }
            Fact::Expired { at } => self.expired_at = Some(*at),
            Fact::ContractedAgain(contracted) => self.start_over(contracted),
            Fact::LackTold { lack, due } => {
                self.lacks.retain(|(known, _)| known != lack);
                self.lacks.push((*lack, *due));
            }
        }
    }

    fn falls_due(&mut self, start: &MonthStart) {
        let month = DueMonth {
            month: start.month,
            from: start.from,
            fee: start.fee,
            waivers: Vec::new(),
            pinned: start.pinned.clone(),
            due_told: false,
            reminded: false,
            last_notices: Vec::new(),
            tolerations: Vec::new(),
        };
        self.months.push(month);
        self.months.sort_by_key(|known| known.month);
    }

    /// A closed month leaves with what it took; a payment that nothing is left of leaves as well.
    fn close(&mut self, month: Month, took: &[(String, Centavos)]) {
        self.months.retain(|known| known.month != month);
        self.first = month.next().unwrap_or(month).max(self.first);
        for (reference, amount) in took {
            let mut payments = self.payments.iter_mut();
            if let Some(found) = payments.find(|it| it.payment.reference == *reference) {
                found.closed.0 = found.closed.0.saturating_add(amount.0);
            }
        }
        self.payments.retain(|it| !it.is_used_up());
        let kept = |it: &Reversal| {
            self.payments.iter().any(|payment| payment.payment.reference == it.reference)
        };
        self.reversals.retain(kept);
        let kept_from = self.first.first_day();
        self.shown.retain(|it| it.from.date() >= kept_from);
        self.reactivated.retain(|at| at.date() >= kept_from);
    }

    fn show(&mut self, from: Instant, month: Option<Month>) {
        self.shown.push(Shown { from, month, annulled: false });
        // The oldest ones no longer decide anything.
        let spare = self.shown.len().saturating_sub(SHOWN_MAX);
        self.shown.drain(..spare);
    }

    fn annul(&mut self, month: Month, from: Instant) {
        let month = Some(month);
        let mut shown = self.shown.iter_mut();
        match shown.find(|it| it.month == month && it.from == from) {
            Some(found) => found.annulled = true,
            None => self.shown.push(Shown { from, month, annulled: true }),
        }
        self.covered = None;
    }

    /// What was announced and is called off before it began never was.
    fn end_breaches(&mut self, at: Instant) {
        for breach in self.breaches.iter_mut().filter(|breach| breach.to.is_none()) {
            breach.to = Some(at.max(breach.from));
        }
        self.breaches.retain(|breach| breach.to != Some(breach.from));
    }

    fn on_month(&mut self, month: Month, change: impl FnOnce(&mut DueMonth)) {
        if let Some(known) = self.months.iter_mut().find(|known| known.month == month) {
            change(known);
        }
    }
}
