//! Levels of attention.
//!
//! > *9. Escalamiento: Nivel 1: Atención estándar. Nivel 2: Consultor senior. Nivel 3: Emergencia
//! > (solo si cumple criterios).*
//!
//! Rule 9.8. To level 2 by a person, or by itself when the attention target is missed; to level 3 by
//! a person, only while the incident is declared critical. Each level once per cycle.

use serde::{Deserialize, Serialize};

use super::decide::{Act, Outcome};
use super::event::Fact;
use super::limits::REOPENINGS_SUGGEST;
use super::refusal::{Refusal, RefusalCode};
use super::state::{Cycle, Ticket};

/// A level of attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationLevel {
    /// Level 1.
    Standard,
    /// Level 2: a senior consultant.
    Senior,
    /// Level 3: emergency.
    Emergency,
}

impl EscalationLevel {
    /// What people read.
    #[must_use]
    pub const fn spanish(self) -> &'static str {
        match self {
            Self::Standard => "nivel 1, atención estándar",
            Self::Senior => "nivel 2, consultor senior",
            Self::Emergency => "nivel 3, emergencia",
        }
    }
}

/// Why a level was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationCause {
    /// A person decided.
    Person,
    /// The attention target was missed.
    TargetMissed,
}

impl Cycle {
    /// The level that holds now: level 3 only while the incident is critical, then level 2 remains.
    #[must_use]
    pub fn level(&self) -> EscalationLevel {
        let highest = self.highest_level();
        if self.critical().is_none() { highest.min(EscalationLevel::Senior) } else { highest }
    }

    /// The highest level that was ever reached in the cycle; level 3 may be past.
    #[must_use]
    pub fn highest_level(&self) -> EscalationLevel {
        let reached = self.levels.iter().map(|reached| reached.level);
        reached.max().unwrap_or(EscalationLevel::Standard)
    }
}

impl Ticket {
    /// Whether level 2 is suggested because the ticket was reopened twice.
    #[must_use]
    pub fn suggests_senior(&self) -> bool {
        self.cycle.number > REOPENINGS_SUGGEST
            && self.cycle.highest_level() < EscalationLevel::Senior
    }
}

impl Act<'_> {
    pub(super) fn escalate(&mut self, level: EscalationLevel) -> Outcome {
        let at = self.now();
        self.require_open_ticket(at)?;
        match level {
            EscalationLevel::Standard => {
                return Err(Refusal::new(
                    RefusalCode::WrongLevel,
                    "9.8",
                    "el nivel 1 es la atención estándar: un ticket ya está en él al abrirse",
                )
                .into());
            }
            EscalationLevel::Emergency if self.ticket.cycle.critical().is_none() => {
                return Err(Refusal::new(
                    RefusalCode::WrongLevel,
                    "9.8",
                    "el nivel 3 requiere una incidencia crítica: un SPoC debe declararla (operación \
                     esencial detenida por completo) y la mesa no debe haberla reclasificado",
                )
                .into());
            }
            EscalationLevel::Senior | EscalationLevel::Emergency => {}
        }
        if self.ticket.cycle.levels.iter().any(|reached| reached.level == level) {
            return Ok(());
        }
        let cause = EscalationCause::Person;
        // Level 3 implies level 2.
        if self.ticket.cycle.highest_level() < EscalationLevel::Senior {
            self.record(Fact::Escalated { level: EscalationLevel::Senior, cause, at });
        }
        if level == EscalationLevel::Emergency {
            self.record(Fact::Escalated { level, cause, at });
        }
        Ok(())
    }
}
