//! Critical incidents.
//!
//! > *1. Incidencia crítica: Problema que impide completamente una operación esencial del negocio
//! > (ej. facturación).*
//! >
//! > *1. Incidencia no crítica: Problemas que no detienen la operación general.*
//! >
//! > *7. Emergente: Atención inmediata para incidencias críticas, con posible costo adicional.*
//!
//! Rules 1.4, 7.4a and 7.8. A SPoC with the power to open declares; the desk confirms, or downgrades
//! with a reason. An incident is critical from its declaration until it is downgraded. Words in a
//! subject declare nothing.

use serde::{Deserialize, Serialize};

use super::clocks::ClockResult;
use super::closing::closed_already;
use super::decide::{Act, Outcome};
use super::event::Fact;
use super::limits::SPELLS_MAX;
use super::notice::Content;
use super::refusal::{Refusal, RefusalCode};
use super::state::{ClockName, Cycle};
use super::view::View;
use crate::attention::page_at;
use crate::calendar::OutOfCalendar;
use crate::evidence::TextDigest;
use crate::pauses::TargetError;
use crate::terms::{Centavos, EmergencySurcharge};
use crate::{Instant, Power, SpocId};

/// The essential operations that an incident can block (1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EssentialOperation {
    /// Invoicing.
    Invoicing,
    /// Sales and point of sale.
    SalesPos,
    /// Inventory and shipping.
    InventoryShipping,
    /// Payroll.
    Payroll,
    /// Collections.
    Collections,
    /// Purchasing.
    Purchasing,
    /// Closing of the books.
    AccountingClose,
    /// Another one, with a written description.
    Other,
}

impl EssentialOperation {
    /// What clients read.
    #[must_use]
    pub const fn spanish(self) -> &'static str {
        match self {
            Self::Invoicing => "facturación",
            Self::SalesPos => "ventas y punto de venta",
            Self::InventoryShipping => "inventario y embarques",
            Self::Payroll => "nómina",
            Self::Collections => "cobranza",
            Self::Purchasing => "compras",
            Self::AccountingClose => "cierre contable",
            Self::Other => "otra operación esencial",
        }
    }
}

/// A time for which the incident was declared critical.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spell {
    /// Receipt of the declaration.
    pub declared_at: Instant,
    /// What is fully blocked.
    pub operation: EssentialOperation,
    /// The desk's confirmation.
    pub confirmed_at: Option<Instant>,
    /// The desk's downgrade.
    pub downgraded_at: Option<Instant>,
}

impl Cycle {
    /// The declaration to which one that is received at `at` belongs: the first one that was not yet
    /// downgraded then.
    pub(super) fn spell_covering(&self, at: Instant) -> Option<&Spell> {
        self.spells.iter().find(|spell| spell.downgraded_at.is_none_or(|ended| at < ended))
    }

    /// The declaration that holds: made and not downgraded.
    #[must_use]
    pub fn critical(&self) -> Option<&Spell> {
        self.spells.last().filter(|spell| spell.downgraded_at.is_none())
    }
}

impl View<'_> {
    /// Whether critical incidents have the immediate tier under this póliza (7.4).
    #[must_use]
    pub fn has_emergency_attention(&self) -> bool {
        self.agreement.terms.emergency_attention.value
    }

    /// The clock of the declaration that holds, if the póliza gives it one.
    #[must_use]
    pub fn immediate_clock(&self) -> Option<ClockName> {
        self.cycle.critical().filter(|_| self.has_emergency_attention())?;
        u8::try_from(self.cycle.spells.len() - 1).ok().map(ClockName::Immediate)
    }

    /// The cost of the emergency, where the póliza has one (7.4a).
    #[must_use]
    pub fn emergency_price(&self) -> Option<Centavos> {
        match &self.agreement.terms.emergency_surcharge.value {
            EmergencySurcharge::Included => None,
            EmergencySurcharge::WithCost(price) => Some(*price),
        }
    }

    /// Until when the cost of the emergency can be accepted: the later of the attention and 60
    /// minutes after the page was due; none while the incident has not been attended (7.4a).
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn emergency_cost_limit(&self) -> Result<Option<Instant>, OutOfCalendar> {
        let Some(declared) = self.cycle.critical().map(|spell| spell.declared_at) else {
            return Ok(None);
        };
        let Some(attended) = self.attended_at(declared) else { return Ok(None) };
        let Self { agreement, .. } = self;
        let from = self.cycle.clock_from.map_or(declared, |from| from.max(declared));
        let page = |at| page_at(at, &agreement.terms, &agreement.calendar);
        let window = agreement.terms.emergency_cost_window.value.delta();
        let paged = self.first_served(from, page)?.map(|at| at + window);
        Ok(Some(paged.map_or(attended, |paged| paged.max(attended))))
    }

    /// The acceptance of the cost that belongs to the declaration that holds (7.4a).
    #[must_use]
    pub fn emergency_cost_accepted_at(&self) -> Option<Instant> {
        let declared = self.cycle.critical()?.declared_at;
        self.cycle.emergency_cost_accepted_at.filter(|at| *at >= declared)
    }
}

impl Act<'_> {
    pub(super) fn declare_critical(
        &mut self,
        at: Instant,
        by: &SpocId,
        operation: EssentialOperation,
        fully_blocked: bool,
        text: Option<TextDigest>,
    ) -> Outcome {
        self.require(by, Power::Open, at, "1.4")?;
        self.require_service(at)?;
        self.require_open_ticket(at)?;
        check_declaration(operation, fully_blocked, text.is_some())?;
        let cycle = &self.ticket.cycle;
        if at < cycle.received_at {
            return Err(closed_already().into());
        }
        let covering = cycle.spell_covering(at);
        if covering.is_some_and(|spell| spell.declared_at <= at) {
            return Ok(());
        }
        let news = covering.is_none();
        if news && cycle.spells.len() >= SPELLS_MAX {
            return Err(Refusal::new(
                RefusalCode::LimitReached,
                "1.4",
                "la criticidad de este ticket ya se declaró y se revisó varias veces; llame a la mesa",
            )
            .into());
        }
        self.record(Fact::DeclaredCritical { at, operation, text });
        if news {
            self.page_if_due()?;
            self.ask_for_emergency_cost(at);
        }
        Ok(())
    }

    /// Contact never waits for money: page and question go out together (7.4a).
    pub(super) fn ask_for_emergency_cost(&mut self, at: Instant) {
        let view = self.view();
        if view.cycle.closure.is_some() {
            return;
        }
        let Some(price) = view.immediate_clock().and(view.emergency_price()) else { return };
        for spoc in self.spocs_with(Power::AuthoriseCost, at) {
            self.tell(spoc, at, None, Content::EmergencyCost { price });
        }
    }

    pub(super) fn accept_emergency_cost(&mut self, at: Instant, by: &SpocId) -> Outcome {
        self.require(by, Power::AuthoriseCost, at, "7.4a")?;
        self.require_service(at)?;
        let view = self.view();
        if view.emergency_cost_accepted_at().is_some_and(|before| before <= at) {
            return Ok(());
        }
        let asked = view.immediate_clock().and(view.emergency_price());
        let declared = view.cycle.critical().is_some_and(|spell| spell.declared_at <= at);
        let in_time = declared && view.emergency_cost_limit()?.is_none_or(|limit| at <= limit);
        if asked.is_none() || !in_time {
            return Err(Refusal::new(
                RefusalCode::NoOffer,
                "7.4a",
                "no hay un costo de emergencia por aceptar, o ya pasó el límite para aceptarlo",
            )
            .into());
        }
        self.record(Fact::EmergencyCostAccepted { at, by: by.clone() });
        Ok(())
    }

    pub(super) fn confirm_criticality(&mut self) -> Outcome {
        let at = self.now();
        match self.ticket.cycle.critical() {
            None => Err(not_critical().into()),
            Some(spell) if spell.confirmed_at.is_some() => Ok(()),
            Some(_) => {
                self.record(Fact::CriticalityConfirmed { at });
                Ok(())
            }
        }
    }

    pub(super) fn downgrade(&mut self, text: TextDigest) -> Outcome {
        let at = self.now();
        self.require_open_ticket(at)?;
        if self.ticket.cycle.critical().is_none() {
            return Err(not_critical().into());
        }
        let ran_before = self.view().ordinary_runs();
        let stopped = self.ticket.cycle.offers_stopped;
        let offers_stopped = if ran_before { stopped } else { self.scene.offers_stopped };
        let message = self.record(Fact::Downgraded { at, text, offers_stopped });
        let target = self.ordinary_target()?;
        self.tell_readers(at, Some(message), Content::Downgraded { target });
        // Where the ordinary clock ran from the beginning the same day was offered then.
        if ran_before { Ok(()) } else { self.offer_same_day(at) }
    }

    fn ordinary_target(&self) -> Result<Option<Instant>, TargetError> {
        let clocks = self.view().clocks(self.now())?;
        let ordinary = clocks.into_iter().find(|clock| clock.name == ClockName::Ordinary);
        Ok(ordinary
            .filter(|clock| clock.result == ClockResult::Pending)
            .and_then(|c| c.target.target))
    }
}

/// What makes a declaration one (1.4): an operation that is fully blocked, and words for `other`.
pub(super) fn check_declaration(
    operation: EssentialOperation,
    fully_blocked: bool,
    described: bool,
) -> Result<(), Refusal> {
    if !fully_blocked {
        return Err(Refusal::new(
            RefusalCode::NotCritical,
            "1.4",
            "una incidencia es crítica solo si impide completamente una operación esencial; si no la \
             impide por completo, se atiende en el horario ordinario",
        ));
    }
    if operation == EssentialOperation::Other && !described {
        return Err(Refusal::new(
            RefusalCode::NotCritical,
            "1.4",
            "describa con sus palabras cuál es la operación esencial que está detenida",
        ));
    }
    Ok(())
}

fn not_critical() -> Refusal {
    Refusal::new(RefusalCode::NotCritical, "1.4", "este ticket no está declarado como crítico")
}
