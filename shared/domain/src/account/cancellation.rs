//! Cancellation by the client.
//!
//! > *10. No existe plazo forzoso. No hay reembolsos.*
//!
//! Rule 10.7. A SPoC with the power cancels at any time: effective at the end of the paid month, or at
//! once on request, or at once when the running month is unpaid. Its fee, by days, stays owed only if
//! its limit has passed.

use super::command::Cited;
use super::decide::{Act, Outcome, refuse};
use super::event::Fact;
use super::months::first_instant;
use super::notice::Content;
use super::state::{Cancellation, EndedFee};
use super::view::View;
use crate::billing::Month;
use crate::calendar::OutOfCalendar;
use crate::ticket::RefusalCode;
use crate::{Instant, Power, SpocId};

impl View<'_> {
    /// What a cancellation received at `at` brings about: when it takes effect and what stays owed. It
    /// is shown before the client confirms.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn cancellation(
        &self,
        by: &SpocId,
        at: Instant,
        at_once: bool,
    ) -> Result<Cancellation, OutOfCalendar> {
        let outside = OutOfCalendar::Instant(at);
        let month = Month::of(at.date()).ok_or(outside)?;
        let running = self.month(month, at.max(self.recorded_by()), &mut ())?;
        let (effective_at, fee) = match &running {
            Some(found) if found.is_covered() => {
                let next = first_instant(month.next().ok_or(outside)?.first_day())?;
                (if at_once { at } else { next }, EndedFee::Whole)
            }
            Some(found) if found.found.limit.until <= at => (at, EndedFee::ByDays),
            Some(_) | None => (at, EndedFee::Nothing),
        };
        Ok(Cancellation { received_at: at, by: by.clone(), effective_at, fee })
    }

    /// The instant by which everything that the account knows was recorded.
    pub(super) fn recorded_by(&self) -> Instant {
        let payments = self.account.payments.iter().map(|it| it.payment.recorded_at);
        let reversals = self.account.reversals.iter().map(|it| it.recorded_at);
        payments.chain(reversals).max().unwrap_or(self.account.opened_at)
    }
}

impl Act<'_> {
    pub(super) fn cancel(
        &mut self,
        by: &SpocId,
        at: Instant,
        at_once: bool,
        cites: Option<Cited>,
    ) -> Outcome {
        self.require(by, Power::Cancel, at, "10.7")?;
        if let Some(known) = &self.account.cancellation {
            let why = format!(
                "la póliza ya fue cancelada, con efecto el {}",
                known.effective_at.spanish_short()
            );
            return Err(refuse(RefusalCode::Final, "10.7", why));
        }
        if let Some(expired) = self.account.expired_at {
            let why = format!("la póliza terminó el {}", expired.spanish_short());
            return Err(refuse(RefusalCode::Final, "10.7", why));
        }
        let Cancellation { received_at, by, effective_at, fee } =
            self.view().cancellation(by, at, at_once)?;
        self.record(Fact::Cancelled { received_at, by, effective_at, fee, cites });
        self.tell("10.7", at, &Content::Cancelled { effective_at, fee });
        self.tell_desk("10.7", at, Content::DeskCancelled { effective_at });
        Ok(())
    }
}
