//! A póliza that is entered before its first day.
//!
//! > *1. Soporte: Asistencia técnica y funcional sobre Odoo, conforme a la póliza contratada.*
//!
//! Rules 10.1 and 10.5. Until its first day there is no service under it: what comes in is held as in any
//! span without service, and its clocks start at 00:00 of that day. Nobody has to act then.

use super::decide::{Act, Outcome};
use super::event::Fact;
use super::months::first_instant;
use super::state::Beginning;
use super::view::View;
use crate::Instant;
use crate::calendar::OutOfCalendar;
use crate::standing::{Span, StandingCause};

impl View<'_> {
    /// When the póliza begins, while that is awaited; its first day may still be corrected.
    pub(super) fn begins_at(&self) -> Result<Option<Instant>, OutOfCalendar> {
        let awaited = self.account.beginning == Some(Beginning::Awaited);
        self.fresh.terms.start.value.filter(|_| awaited).map(first_instant).transpose()
    }

    /// The span between the opening of the account and the first day of the póliza.
    pub(super) fn span_before_beginning(&self) -> Result<Option<Span>, OutOfCalendar> {
        let to = match self.account.beginning {
            Some(Beginning::Awaited) => self.begins_at()?,
            Some(Beginning::At(at)) => Some(at),
            None => return Ok(None),
        };
        let span = Span { cause: StandingCause::NotBegun, from: self.account.opened_at, to };
        Ok(Some(span).filter(|span| span.to.is_none_or(|to| span.from < to)))
    }
}

impl Act<'_> {
    /// Records that the first day lies ahead, where it does.
    pub(super) fn await_beginning(&mut self) -> Outcome {
        let start = self.scene.fresh.terms.start.value.map(first_instant).transpose()?;
        if start.is_some_and(|start| self.now() < start) {
            self.record(Fact::BeginningAwaited);
        }
        Ok(())
    }

    /// Records that the póliza has begun, so that what was held is served (10.5).
    pub(super) fn begin_service(&mut self) -> Outcome {
        if let Some(at) = self.view().begins_at()?.filter(|at| *at <= self.now()) {
            self.record(Fact::Began { at });
        }
        Ok(())
    }
}
