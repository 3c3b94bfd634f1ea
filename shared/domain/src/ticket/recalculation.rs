//! Recalculation: a person has the running dates of a cycle computed anew (G6).
//!
//! > *1. Día hábil: Lunes a viernes, excluyendo días festivos oficiales en México.*
//!
//! No later edit moves a clock that runs: neither new terms nor a new holiday. Where the dates are to
//! follow all the same, a person says so, with a reason that is recorded. A result that was issued
//! stays what it is (G7).

use super::clocks::ClockResult;
use super::closing::closed_already;
use super::decide::{Act, Outcome};
use super::event::Fact;
use super::notice::Content;
use super::refusal::{Refusal, RefusalCode};
use super::view::View;
use crate::Instant;
use crate::evidence::TextDigest;
use crate::pauses::TargetError;

impl Act<'_> {
    /// Puts the cycle under what is known now of its receipt.
    pub(super) fn recalculate(&mut self, text: TextDigest) -> Outcome {
        let at = self.now();
        self.record_closing_before(at)?;
        if self.ticket.cycle.closure.is_some() {
            return Err(closed_already().into());
        }
        if self.ticket.cycle.clock_from.is_none() {
            let why =
                "el ticket está retenido: al reactivarse la póliza tomará lo que rija entonces";
            return Err(Refusal::new(RefusalCode::Nothing, "G6", why).into());
        }
        let (own, anew) = (self.view(), View::current(&self.ticket, self.scene.fresh));
        let (clocks, would) = (own.clocks(at)?, anew.clocks(at)?);
        let closes = |view: View<'_>| view.silence().map(|it| it.and_then(|it| it.closes_at));
        let targets = |clocks: &[super::clocks::AttentionClock]| -> Vec<_> {
            clocks.iter().map(|clock| clock.target.target).collect()
        };
        if targets(&clocks) == targets(&would) && closes(own)? == closes(anew)? {
            let why = "ninguna fecha de este ticket cambiaría con lo que hoy se sabe";
            return Err(Refusal::new(RefusalCode::Nothing, "G6", why).into());
        }
        let issued = |result: &ClockResult| match result {
            ClockResult::Met { .. } | ClockResult::Missed { .. } => true,
            ClockResult::Pending | ClockResult::Superseded { .. } | ClockResult::Closed { .. } => {
                false
            }
        };
        let stays = clocks.iter().filter(|clock| issued(&clock.result)).all(|clock| {
            let same = would.iter().find(|it| it.name == clock.name);
            same.is_some_and(|it| it.target.target == clock.target.target)
        });
        if !stays {
            let why =
                "un resultado de este ciclo ya se emitió y cambiaría: lo emitido no se recalcula";
            return Err(Refusal::new(RefusalCode::Final, "G6", why).into());
        }
        if moves_a_price(&own, &anew, at)? {
            let why =
                "un costo que se ofreció o se aceptó cambiaría: el precio dado no se recalcula";
            return Err(Refusal::new(RefusalCode::Final, "G6", why).into());
        }
        let pinned = self.scene.fresh.pinned.clone();
        self.record(Fact::Recalculated { at, pinned, text });
        let promise = self.promise(None)?;
        if targets(&clocks) != targets(&would) {
            self.tell_followers(at, None, Content::Recalculated { promise });
        }
        Ok(())
    }
}

/// Whether the client would pay another price than the one that he was told, and may still accept or has accepted
/// (7.2a, 7.4a).
fn moves_a_price(own: &View<'_>, anew: &View<'_>, at: Instant) -> Result<bool, TargetError> {
    let accepted = own.cycle.same_day_accepted_at().is_some();
    let told = own.same_day_offer()?.filter(|offer| accepted || at < offer.limit);
    let would = anew.same_day_offer()?.map(|offer| offer.price);
    let asked = own.immediate_clock().and(own.emergency_price());
    let same_day = told.is_some_and(|offer| would != Some(offer.price));
    Ok(same_day || asked.is_some_and(|price| anew.emergency_price() != Some(price)))
}
