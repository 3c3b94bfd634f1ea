//! Suspension for an obligation of the client.
//!
//! > *8. El incumplimiento puede afectar tiempos o suspensión del soporte.*
//!
//! Rule 8. A person proposes it with a reason, a second one agrees, and the SPoCs are told five business
//! days before. A person ends it; paying lifts only a suspension for want of payment.

use super::decide::{Act, Outcome, refuse};
use super::event::Fact;
use super::limits::BREACH_NOTICE_DAYS;
use super::notice::Content;
use super::state::Breach;
use crate::evidence::TextDigest;
use crate::ticket::RefusalCode;

impl Act<'_> {
    pub(super) fn propose_breach(&mut self, text: TextDigest) -> Outcome {
        self.member()?;
        if self.account.proposed_breach.is_some() || self.open_breach().is_some() {
            let why = "ya hay una suspensión por incumplimiento propuesta o anunciada";
            return Err(refuse(RefusalCode::LimitReached, "8", why));
        }
        self.record(Fact::BreachProposed { text });
        Ok(())
    }

    pub(super) fn approve_breach(&mut self) -> Outcome {
        let Some(proposed) = self.account.proposed_breach.clone() else {
            return Err(nothing_proposed());
        };
        if self.member()? == proposed.by {
            let why = "quien la propuso no puede aprobarla: hace falta otra persona";
            return Err(refuse(RefusalCode::SamePerson, "8", why));
        }
        let (now, calendar) = (self.now(), &self.scene.fresh.calendar);
        let from = calendar.end_of_business_days(now.date(), BREACH_NOTICE_DAYS)?;
        let (proposed_by, text) = (proposed.by, proposed.text);
        self.record(Fact::BreachAnnounced { from, proposed_by, text });
        self.tell("8", now, &Content::BreachAnnounced { from });
        Ok(())
    }

    pub(super) fn reject_breach(&mut self) -> Outcome {
        self.member()?;
        if self.account.proposed_breach.is_none() {
            return Err(nothing_proposed());
        }
        self.record(Fact::BreachRejected);
        Ok(())
    }

    pub(super) fn end_breach(&mut self, text: TextDigest) -> Outcome {
        let Some(from) = self.open_breach().map(|breach| breach.from) else {
            let why = "no hay una suspensión por incumplimiento que terminar";
            return Err(refuse(RefusalCode::Nothing, "8", why));
        };
        let at = self.now();
        self.record(Fact::BreachEnded { at, text });
        self.tell("8", at, &Content::BreachEnded { in_effect: from <= at });
        Ok(())
    }

    fn open_breach(&self) -> Option<&Breach> {
        self.account.breaches.iter().find(|breach| breach.to.is_none())
    }
}

fn nothing_proposed() -> crate::ticket::DecideError {
    let why = "no hay una suspensión por incumplimiento propuesta";
    refuse(RefusalCode::Nothing, "8", why)
}
