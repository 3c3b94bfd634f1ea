//! Two tickets of one client become one.
//!
//! > *9. Todas las solicitudes generan ticket.*
//!
//! Rule 4.5. Same client only. The earlier receipt stays; the later ticket closes as merged and its
//! messages join the survivor. Its unattended clock runs on there, with the target that it had; a miss
//! stays printed where it happened; its charge is void. What is merged stays merged: whatever is said to
//! the later ticket afterwards belongs to the survivor.

use super::clocks::{AttentionClock, ClockResult};
use super::command::AddedParticipant;
use super::decide::{Act, Decision, Outcome, Scene};
use super::event::{ClosureReason, Fact, TakenIn};
use super::limits::{TAKEN_CLOCKS_MAX, TAKEN_TICKETS_MAX};
use super::refusal::{DecideError, Refusal, RefusalCode};
use super::state::{ClockName, Cycle, TakenClock, Ticket};
use super::view::View;
use crate::attention::{self, AttentionTarget, AttentionTier};
use crate::evidence::TextDigest;
use crate::explanation::{Step, Trace};
use crate::pauses::{Interval, TargetError, moved};
use crate::{Actor, Instant};

/// One of two tickets to be merged, with what its decision reads.
#[derive(Debug, Clone, Copy)]
pub struct MergeSide<'a> {
    /// Everything besides the ticket.
    pub scene: &'a Scene<'a>,
    /// The ticket.
    pub ticket: &'a Ticket,
}

impl MergeSide<'_> {
    /// Whether this one stays when it is merged with `other`: the earlier receipt does.
    #[must_use]
    pub fn stays_beside(&self, other: &Ticket) -> bool {
        let order = |it: &Ticket| (it.opened.received_at, it.opened.reference.as_str().to_owned());
        order(self.ticket) <= order(other)
    }
}

/// What merging two tickets decides: both are committed together or neither is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The ticket that closes.
    pub later: Decision,
    /// The ticket that stays.
    pub survivor: Decision,
}

/// Merges two tickets; done already, it changes nothing. `added` are the addresses that took part in
/// the later one.
///
/// # Errors
/// [`DecideError::Refused`] when a rule says no; [`DecideError::Target`] when a date lies outside the
/// calendar.
pub fn merge(
    later: MergeSide<'_>,
    survivor: MergeSide<'_>,
    text: TextDigest,
    added: Vec<AddedParticipant>,
    by: &Actor,
) -> Result<Merged, DecideError> {
    let mut leaves = Act::new(later.scene, later.ticket.clone(), by.clone());
    let mut stays = Act::new(survivor.scene, survivor.ticket.clone(), by.clone());
    let reference = stays.ticket.opened.reference.clone();
    if leaves.ticket.merged_into.as_ref() != Some(&reference) {
        require_pair(&leaves.ticket, &stays.ticket)?;
        for act in [&mut leaves, &mut stays] {
            act.apply_standing()?;
            act.require_mergeable()?;
        }
        leaves.require_rest()?;
        require_severity(&leaves.ticket, &stays.ticket)?;
        let taken = leaves.leave(&stays.ticket, text)?;
        stays.require_room(&taken)?;
        stays.record(Fact::TookIn(Box::new(taken)));
        stays.add_participants(added);
    }
    Ok(Merged { later: leaves.finish()?, survivor: stays.finish()? })
}

fn require_pair(later: &Ticket, survivor: &Ticket) -> Outcome {
    let (one, other) = (&later.opened, &survivor.opened);
    if one.reference == other.reference {
        return Err(not_mergeable("un ticket no se une consigo mismo".to_owned()));
    }
    if one.client != other.client {
        return Err(not_mergeable("solo se unen tickets de un mismo cliente".to_owned()));
    }
    Ok(())
}

/// An emergency is paged for, which only a critical ticket is.
fn require_severity(later: &Ticket, survivor: &Ticket) -> Outcome {
    if later.cycle.critical().is_none() || survivor.cycle.critical().is_some() {
        return Ok(());
    }
    let (later, survivor) = (&later.opened.reference, &survivor.opened.reference);
    Err(not_mergeable(format!(
        "{later} está declarado crítico y {survivor} no: pida que se declare crítico {survivor}, o \
         reclasifique {later}, y después únalos"
    )))
}

fn not_mergeable(why: String) -> DecideError {
    Refusal::new(RefusalCode::NotMergeable, "4.5", why).into()
}

impl Act<'_> {
    /// Both tickets are open and served.
    fn require_mergeable(&mut self) -> Outcome {
        let now = self.now();
        self.require_service(now)?;
        self.record_closing_before(now)?;
        let reference = &self.ticket.opened.reference;
        if self.ticket.cycle.closure.is_some() {
            return Err(not_mergeable(format!(
                "{reference} está cerrado; solo se unen los abiertos"
            )));
        }
        Ok(())
    }

    /// Nothing is on its way that could still attend the ticket which closes: of a reply it is certain
    /// within minutes whether it counts (G15).
    fn require_rest(&self) -> Outcome {
        let sent = |clock: &AttentionClock| {
            self.ticket.cycle.is_answered(self.view().attention_since(clock.name))
        };
        if !self.pending_clocks()?.iter().any(sent) {
            return Ok(());
        }
        let reference = &self.ticket.opened.reference;
        Err(not_mergeable(format!(
            "en {reference} hay una respuesta cuyo correo aún no sale; espere a que salga"
        )))
    }

    fn pending_clocks(&self) -> Result<Vec<AttentionClock>, TargetError> {
        let mut clocks = self.view().clocks(self.now())?;
        clocks.retain(|clock| clock.result == ClockResult::Pending);
        Ok(clocks)
    }

    /// Closes the later ticket and gives what it hands over. What it asked the client is asked no more:
    /// its clock goes on.
    fn leave(&mut self, survivor: &Ticket, text: TextDigest) -> Result<TakenIn, DecideError> {
        let at = self.now();
        if self.view().open_request().is_some() {
            self.record(Fact::PauseEnded { at, text: text.clone() });
        }
        let pending = self.pending_clocks()?;
        let clocks = pending.iter().filter_map(|clock| self.handed_over(clock, at)).collect();
        let Ticket { opened, cycle, took_in, followers, .. } = &self.ticket;
        // What the survivor's cycle was opened after is no answer in it.
        let since = survivor.cycle.received_at;
        let wrote = cycle.inbound.iter().filter(|it| !it.thanks).map(|it| it.received_at);
        let mut messages: Vec<_> =
            std::iter::once(cycle.received_at).chain(wrote).filter(|at| *at >= since).collect();
        messages.sort_unstable();
        let mut from = vec![opened.reference.clone()];
        from.extend(took_in.iter().cloned());
        let taken = TakenIn { from, at, messages, clocks, followers: followers.clone() };
        let survivor = survivor.opened.reference.clone();
        let merged = self.record(Fact::MergedInto { survivor, at, text });
        self.close(ClosureReason::Merged, at, Some(merged))?;
        Ok(taken)
    }

    fn handed_over(&self, clock: &AttentionClock, at: Instant) -> Option<TakenClock> {
        let taken = self.ticket.cycle.taken(clock.name);
        let from = taken.map_or(&self.ticket.opened.reference, |taken| &taken.from);
        let mut pauses = self.view().waits_of(taken);
        // What was still asked is asked no more; what begins by another host's clock never did.
        pauses.retain(|pause| pause.from < at);
        clock.target.target.is_some().then(|| TakenClock {
            from: from.clone(),
            received_at: clock.received_at,
            at,
            tier: clock.target.tier,
            unpaused: clock.target.unpaused,
            pauses,
            warn_at: clock.target.warn_at,
        })
    }

    fn require_room(&self, taken: &TakenIn) -> Outcome {
        let clocks = self.ticket.cycle.taken.len() + taken.clocks.len();
        let tickets = self.ticket.took_in.len() + taken.from.len();
        if clocks <= TAKEN_CLOCKS_MAX && tickets <= TAKEN_TICKETS_MAX {
            return Ok(());
        }
        let reference = &self.ticket.opened.reference;
        Err(Refusal::new(
            RefusalCode::LimitReached,
            "4.5",
            format!("a {reference} ya se unieron todos los tickets que caben; atiéndalo primero"),
        )
        .into())
    }

    /// Whatever is said to a ticket that was merged belongs to the one that stayed.
    pub(super) fn require_not_merged(&self) -> Outcome {
        let Some(survivor) = &self.ticket.merged_into else { return Ok(()) };
        Err(Refusal::new(
            RefusalCode::Merged,
            "4.5",
            format!("este ticket se unió a {survivor}: escriba en {survivor}"),
        )
        .into())
    }
}

impl Cycle {
    /// The clock of that name, where it was taken over.
    pub(super) fn taken(&self, name: ClockName) -> Option<&TakenClock> {
        match name {
            ClockName::Ordinary | ClockName::Immediate(_) => None,
            ClockName::Taken(place) => self.taken.get(usize::from(place)),
        }
    }
}

impl View<'_> {
    /// The pauses of a clock, suspensions apart: of one that was taken over those of its ticket until then,
    /// and those of this one since.
    pub(super) fn waits_of(&self, taken: Option<&TakenClock>) -> Vec<Interval> {
        let Some(TakenClock { at, pauses, .. }) = taken else { return self.waits() };
        let since = self.waits().into_iter().filter(|pause| pause.to.is_none_or(|to| to > *at));
        let since = since.map(|pause| Interval { from: pause.from.max(*at), ..pause });
        pauses.iter().copied().chain(since).collect()
    }

    /// The target of a clock that was taken over. Choice: its pauses are counted in the contracted hours of
    /// the ticket that stays.
    pub(super) fn target_of_taken(
        &self,
        taken: &TakenClock,
        pauses: &[Interval],
        trace: &mut impl Trace,
    ) -> Result<AttentionTarget, TargetError> {
        let immediate = taken.tier == AttentionTier::Immediate;
        let Self { agreement, .. } = self;
        let counting = attention::counting(immediate, &agreement.terms, &agreement.calendar);
        let target = moved(taken.unpaused, taken.received_at, pauses, counting)?;
        let warn_at = taken.warn_at.map(|at| moved(at, taken.at, pauses, counting)).transpose()?;
        trace.step(|| Step {
            rule: "4.5",
            text: format!(
                "Reloj del ticket {}, que se unió a este el {}: sigue aquí, con sus pausas y las de este \
                 ticket desde entonces.",
                taken.from,
                taken.at.spanish_short()
            ),
            at: target.at,
            used: Vec::new(),
        });
        Ok(AttentionTarget {
            unpaused: taken.unpaused,
            target: target.at,
            tier: taken.tier,
            warn_at: warn_at.and_then(|moved| moved.at),
            offer: None,
            left: target.left,
        })
    }
}
