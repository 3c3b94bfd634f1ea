//! A ticket's state is the fold of its events.

use super::escalation::EscalationCause;
use super::event::{Confirmation, Fact, Opened, Proposed, ReplyKind, TakenIn};
use super::limits::{ASKED_MAX, FOLLOWERS_MAX, HELD_MAX, MESSAGES_BEFORE_MAX, MESSAGES_MAX};
use super::state::{
    ActDone, AskedClosing, Closure, Cycle, HeldMail, Inbound, KnownParticipant, Level, Origin,
    Outbound, Proposal, SameDayAnswer, Ticket,
};
use crate::evidence::{Event, Hash};
use crate::{Actor, Instant, Participant};

impl Ticket {
    /// The ticket before its first event, which is its opening.
    #[must_use]
    pub fn begin(opened: &Opened) -> Self {
        let mut cycle = Cycle::new(1, opened.received_at, opened.pinned.clone(), opened.held);
        cycle.offers_stopped = opened.offers_stopped;
        cycle.confirmation = opened.confirmation;
        if let Some(operation) = opened.critical {
            cycle.declare(opened.received_at, operation);
        }
        Self {
            opened: Origin::from(opened),
            seq: 0,
            chain: Hash::genesis(opened.reference.as_str()),
            assignee: None,
            followers: vec![opened.opener.clone()],
            participants: Vec::new(),
            standing_rev: opened.gate_rev,
            spans: opened.spans.clone(),
            cycle,
            before: None,
            proposals: Vec::new(),
            merged_into: None,
            took_in: Vec::new(),
        }
    }

    /// Folds a whole history. `None` when it does not start with an opening.
    #[must_use]
    pub fn fold<'a>(events: impl IntoIterator<Item = (&'a Event, &'a Hash)>) -> Option<Self> {
        let mut events = events.into_iter();
        let (first, hash) = events.next()?;
        let Fact::Opened(opened) = &first.fact else { return None };
        let mut ticket = Self::begin(opened);
        ticket.apply(first, hash);
        for (event, hash) in events {
            ticket.apply(event, hash);
        }
        Some(ticket)
    }

    /// The message of the desk with this number, in the current cycle or the one before.
    #[must_use]
    pub fn outbound(&self, message: u32) -> Option<&Outbound> {
        let before = self.before.as_ref().and_then(|cycle| cycle.outbound(message));
        self.cycle.outbound(message).or(before)
    }

    /// Applies one event.
    pub fn apply(&mut self, event: &Event, hash: &Hash) {
        self.seq = event.seq;
        self.chain = hash.clone();
        match &event.fact {
            Fact::Opened(_) | Fact::Noted { .. } | Fact::MailNoted { .. } => {}
            Fact::ClientWrote { received_at, by, held_since, confirmation, .. } => {
                self.follow(by);
                self.wrote(Inbound {
                    seq: event.seq,
                    received_at: *received_at,
                    thanks: false,
                    confirmation: *confirmation,
                });
                if let Some(arrived) = *held_since {
                    let adopted_at = (arrived < *received_at).then_some(*received_at);
                    let confirmed_at = confirmation.map(|it| it.confirmed_at);
                    self.settle_held(arrived, adopted_at.or(confirmed_at).unwrap_or(event.at));
                }
            }
            Fact::ParticipantAdded { id, .. } => {
                self.participants.push(KnownParticipant { id: id.clone(), seq: event.seq });
            }
            Fact::FollowerAdded { spoc } => self.follow(&Participant::Spoc(spoc.clone())),
            Fact::ClosingBlocked { received_at } => self.hold(*received_at),
            Fact::ClosingUnblocked { received_at, at } => self.settle_held(*received_at, *at),
            Fact::DeskWrote { reply, committed_at, recipients, .. } => {
                self.cycle.desk_wrote(event.seq, *reply, *committed_at, recipients);
            }
            Fact::MessageAccepted { message, at } => {
                self.with_outbound(*message, |outbound| outbound.accepted_at = Some(*at));
            }
            Fact::MessageBounced { message, recipient } => {
                self.with_outbound(*message, |outbound| outbound.bounced.push(recipient.clone()));
            }
            Fact::BounceUndone { message, recipient } => {
                self.with_outbound(*message, |outbound| {
                    outbound.bounced.retain(|it| it != recipient);
                });
            }
            Fact::MessageResent { message, recipient, at } => {
                self.with_outbound(*message, |outbound| outbound.resent(recipient, *at));
            }
            Fact::ActRecorded { act, started_at, approved_by, .. } => {
                let late = approved_by.is_some();
                self.cycle.act_done(ActDone { act: *act, started_at: *started_at, late });
                self.proposals.retain(|proposal| !is_act(proposal, *started_at));
            }
            Fact::Assigned { to } => self.assignee.clone_from(to),
            Fact::SameDayAccepted { at, by } => {
                self.acted(event.seq, *at);
                self.cycle.same_day = Some(SameDayAnswer::Accepted { at: *at, by: by.clone() });
                // The warning is recomputed for the nearer target (7.10).
                self.cycle.told.warned.retain(|clock| *clock != super::state::ClockName::Ordinary);
            }
            Fact::SameDayDeclined { at, by } => {
                self.acted(event.seq, *at);
                self.cycle.same_day = Some(SameDayAnswer::Declined { at: *at, by: by.clone() });
            }
            Fact::EmergencyCostAccepted { at, .. } => {
                self.acted(event.seq, *at);
                self.cycle.emergency_cost_accepted_at = Some(*at);
            }
            Fact::ChargeWaived { .. } => self.cycle.charge_waived = true,
            Fact::DeclaredCritical { at, operation, .. } => {
                self.acted(event.seq, *at);
                self.cycle.declare(*at, *operation);
            }
            Fact::CriticalityConfirmed { at } => {
                if let Some(spell) = self.cycle.spells.last_mut() {
                    spell.confirmed_at = Some(*at);
                }
            }
            Fact::Downgraded { at, offers_stopped, .. } => {
                self.cycle.offers_stopped = *offers_stopped;
                if let Some(spell) = self.cycle.spells.last_mut() {
                    spell.downgraded_at = Some(*at);
                }
            }
            Fact::Recalculated { pinned, .. } => self.cycle.pinned = pinned.clone(),
            Fact::PauseEnded { at, .. } => self.cycle.pauses_ended.push(*at),
            Fact::Escalated { level, cause, at } => {
                self.cycle.levels.push(Level { level: *level, cause: *cause, at: *at });
            }
            Fact::Paged { n, due, .. } => {
                self.cycle.told.pages = *n;
                self.cycle.told.paged_at = Some(*due);
            }
            Fact::PageAcknowledged { .. } => self.cycle.told.page_acknowledged = true,
            Fact::Warned { clock, .. } => self.cycle.told.warned.push(*clock),
            Fact::Missed { clock, .. } => self.cycle.told.missed.push(*clock),
            Fact::MissRetracted { clock } => self.cycle.retract_miss(*clock),
            Fact::InformationReminded { request, n, .. } => {
                self.with_outbound(*request, |outbound| outbound.reminders = *n);
            }
            Fact::SolutionReminded { solution, closes_at, .. } => {
                self.with_outbound(*solution, |outbound| outbound.reminded = Some(*closes_at));
            }
            Fact::Closed { reason, at, .. } => {
                self.cycle.closure = Some(Closure { reason: *reason, at: *at });
                // What a call was stays to be approved, whatever became of the ticket meanwhile.
                self.proposals.retain(|waiting| match waiting.what {
                    Proposed::Act { .. } => true,
                    Proposed::NotARequest => false,
                });
            }
            Fact::ClosingAsked { reason, at, .. } => {
                let asked = AskedClosing { seq: event.seq, reason: *reason, at: *at };
                self.cycle_at(*at).ask(asked);
            }
            Fact::MergedInto { survivor, .. } => self.merged_into = Some(survivor.clone()),
            Fact::TookIn(taken) => self.take_in(event.seq, taken),
            Fact::ClosureUndone { cycle } => self.undo_closure(*cycle, event.seq),
            Fact::Reopened { message, received_at, pinned, held, offers_stopped } => {
                self.reopen(*message, *received_at, pinned.clone(), *held);
                self.cycle.offers_stopped = *offers_stopped;
            }
            Fact::Thanked { message } => self.thanked(*message),
            Fact::ClockStarted { at, pinned, offers_stopped } => {
                self.cycle.offers_stopped = *offers_stopped;
                self.cycle.clock_from = Some(*at);
                self.cycle.pinned = pinned.clone();
            }
            Fact::StandingApplied { rev, spans } => {
                self.standing_rev = *rev;
                self.spans.clone_from(spans);
            }
            Fact::Proposed { proposal, text } => {
                if let Actor::Staff(member) = &event.by {
                    self.proposals.push(Proposal {
                        seq: event.seq,
                        by: member.id.clone(),
                        what: proposal.clone(),
                        text: text.clone(),
                    });
                }
            }
            Fact::ProposalRejected { proposal } => {
                self.proposals.retain(|waiting| waiting.seq != *proposal);
            }
        }
    }

    /// A SPoC who writes follows the ticket; an address that was added already does.
    fn follow(&mut self, by: &Participant) {
        if let Participant::Spoc(spoc) = by
            && !self.followers.contains(spoc)
            && self.followers.len() < FOLLOWERS_MAX
        {
            self.followers.push(spoc.clone());
        }
    }

    /// An act of a SPoC is a human message of its author (G14).
    fn acted(&mut self, seq: u32, received_at: Instant) {
        self.wrote(Inbound { seq, received_at, thanks: false, confirmation: None });
    }

    fn wrote(&mut self, inbound: Inbound) {
        self.cycle_at(inbound.received_at).wrote(inbound);
    }

    /// The cycle to which a mail that was received at `at` belongs, however late it comes to light.
    fn cycle_at(&mut self, at: Instant) -> &mut Cycle {
        match &mut self.before {
            Some(before) if at < self.cycle.received_at => before,
            Some(_) | None => &mut self.cycle,
        }
    }

    /// The mail that was received at this instant and is held.
    #[must_use]
    pub fn held(&self, received_at: Instant) -> Option<&HeldMail> {
        let before = self.before.iter().flat_map(|cycle| &cycle.held);
        self.cycle.held.iter().chain(before).find(|it| it.received_at == received_at)
    }

    /// Whether a mail that was received at this instant and is held would be one more to keep in mind.
    pub(super) fn would_hold(&self, received_at: Instant) -> bool {
        let before = self.before.as_deref().filter(|_| received_at < self.cycle.received_at);
        let last = before.unwrap_or(&self.cycle).held.get(HELD_MAX - 1);
        self.held(received_at).is_none() && last.is_none_or(|it| received_at < it.received_at)
    }

    fn hold(&mut self, received_at: Instant) {
        self.cycle_at(received_at).hold(HeldMail { received_at, settled_at: None });
    }

    fn settle_held(&mut self, received_at: Instant, at: Instant) {
        let before = self.before.iter_mut().flat_map(|cycle| &mut cycle.held);
        let known = self.cycle.held.iter_mut().chain(before);
        for held in known.filter(|it| it.received_at == received_at && it.settled_at.is_none()) {
            held.settled_at = Some(at);
        }
    }

    /// Another ticket's messages, clocks and followers are this one's from now on (4.5).
    fn take_in(&mut self, seq: u32, taken: &TakenIn) {
        for received_at in &taken.messages {
            self.acted(seq, *received_at);
        }
        for spoc in &taken.followers {
            self.follow(&Participant::Spoc(spoc.clone()));
        }
        self.cycle.taken.extend(taken.clocks.iter().cloned());
        self.took_in.extend(taken.from.iter().cloned());
    }

    fn with_outbound(&mut self, message: u32, change: impl FnOnce(&mut Outbound)) {
        let before = self.before.iter_mut().flat_map(|cycle| &mut cycle.outbound);
        let found = self.cycle.outbound.iter_mut().chain(before).find(|it| it.seq == message);
        if let Some(outbound) = found {
            change(outbound);
        }
    }

    fn reopen(
        &mut self,
        message: u32,
        received_at: Instant,
        pinned: crate::agreement::Pinned,
        held: bool,
    ) {
        let closed_by = |closure: &Closure| received_at >= closure.at;
        if self.cycle.closure.as_ref().is_some_and(closed_by) {
            let next = Cycle::new(self.cycle.number + 1, received_at, pinned, held);
            let closed = std::mem::replace(&mut self.cycle, next);
            self.before = Some(Box::new(closed));
        } else {
            // An earlier reply came to light, or the first one was mere thanks: the cycle begins with
            // another message. Messages that begin a cycle lie with the cycle before.
            if let Some(before) = &mut self.before {
                let begins = |it: &Inbound| it.seq == message;
                take(&mut self.cycle.inbound, begins).into_iter().for_each(|it| before.wrote(it));
            }
            self.cycle.received_at = received_at;
            self.cycle.clock_from = (!held).then_some(received_at);
            self.cycle.pinned = pinned;
        }
        self.cycle.confirmation = self.confirmation_of(message);
        if let Some(before) = &mut self.before {
            self.cycle.take_over(before, message, received_at);
            before.trim_outbound(MESSAGES_BEFORE_MAX);
            before.trim_inbound(MESSAGES_BEFORE_MAX);
        }
        self.cycle.reopened_by = Some(message);
    }

    fn confirmation_of(&self, message: u32) -> Option<Confirmation> {
        let before = self.before.iter().flat_map(|cycle| &cycle.inbound);
        let known = self.cycle.inbound.iter().chain(before).find(|it| it.seq == message);
        known.and_then(|it| it.confirmation)
    }

    /// The cycle before comes back as if it had never closed, and what happened since is part of it.
    fn undo_closure(&mut self, cycle: u32, seq: u32) {
        if let Some(before) = self.before.take_if(|before| before.number == cycle) {
            let later = std::mem::replace(&mut self.cycle, *before);
            self.cycle.unclose(seq);
            self.cycle.absorb(later);
        } else if self.cycle.number == cycle {
            self.cycle.unclose(seq);
        }
    }

    fn thanked(&mut self, message: u32) {
        let alone = self.cycle.inbound.iter().all(|inbound| inbound.thanks);
        if self.cycle.reopened_by == Some(message)
            && alone
            && let Some(before) = self.before.take()
        {
            // That cycle is annulled and the earlier closing stands (9.4).
            let annulled = std::mem::replace(&mut self.cycle, *before);
            annulled.asked.into_iter().for_each(|it| self.cycle.ask(it));
        }
        let before = self.before.iter_mut().flat_map(|cycle| &mut cycle.inbound);
        if let Some(inbound) =
            self.cycle.inbound.iter_mut().chain(before).find(|it| it.seq == message)
        {
            inbound.thanks = true;
        }
    }
}

/// Takes the message that `which` names out of a list.
fn take(inbound: &mut Vec<Inbound>, which: impl Fn(&Inbound) -> bool) -> Option<Inbound> {
    let place = inbound.iter().position(which)?;
    Some(inbound.remove(place))
}

fn is_act(proposal: &Proposal, started: Instant) -> bool {
    match &proposal.what {
        Proposed::Act { started_at, .. } => *started_at == started,
        Proposed::NotARequest => false,
    }
}

impl Cycle {
    fn desk_wrote(
        &mut self,
        seq: u32,
        reply: ReplyKind,
        committed_at: Instant,
        recipients: &[Participant],
    ) {
        self.outbound.push(Outbound {
            seq,
            reply,
            committed_at,
            accepted_at: None,
            resent_at: None,
            recipients: recipients.to_vec(),
            bounced: Vec::new(),
            reminders: 0,
            reminded: None,
        });
        self.trim_outbound(MESSAGES_MAX);
    }

    /// Keeps a held mail in mind, in the order of receipt; of too many the latest leaves, since the first
    /// ones decide until when the closing waits.
    fn hold(&mut self, held: HeldMail) {
        let place = self.held.partition_point(|it| it.received_at <= held.received_at);
        self.held.insert(place, held);
        self.held.truncate(HELD_MAX);
    }

    /// Keeps a person's closing in mind, in the order of receipt.
    fn ask(&mut self, asked: AskedClosing) {
        let place = self.asked.partition_point(|it| it.at <= asked.at);
        self.asked.insert(place, asked);
        self.asked.truncate(ASKED_MAX);
    }

    /// The closing never was. A person's may still count where an earlier one took its place and a
    /// message between the two began another cycle; one for want of an answer is asked of the facts.
    fn unclose(&mut self, seq: u32) {
        if let Some(Closure { reason, at }) = self.closure.take()
            && !reason.is_silence()
        {
            self.ask(AskedClosing { seq, reason, at });
        }
    }

    fn retract_miss(&mut self, clock: super::state::ClockName) {
        self.told.missed.retain(|missed| *missed != clock);
        if self.told.missed.is_empty() {
            self.levels.retain(|level| level.cause != EscalationCause::TargetMissed);
        }
    }

    /// What happened since the reply that begins this cycle was received, and before that came to
    /// light, belongs to it and not to the cycle before.
    fn take_over(&mut self, before: &mut Self, reply: u32, received_at: Instant) {
        let since = |at: Instant| at >= received_at;
        let declared = before.spells.extract_if(.., |it| since(it.declared_at));
        self.spells.extend(declared);
        let sent = before.outbound.extract_if(.., |it| since(it.committed_at));
        self.outbound.extend(sent);
        self.outbound.sort_by_key(|it| it.committed_at);
        let done = before.acts.extract_if(.., |it| since(it.started_at));
        done.for_each(|it| self.act_done(it));
        let wrote = |it: &mut Inbound| since(it.received_at) && it.seq != reply && !it.thanks;
        before.inbound.extract_if(.., wrote).for_each(|it| self.wrote(it));
        let held = before.held.extract_if(.., |it| since(it.received_at));
        held.for_each(|it| self.hold(it));
        self.pauses_ended.extend(before.pauses_ended.extract_if(.., |at| since(*at)));
        let asked = before.asked.extract_if(.., |it| (it.at, it.seq) > (received_at, reply));
        asked.for_each(|it| self.ask(it));
    }

    /// What happened in a later cycle that never began.
    fn absorb(&mut self, later: Self) {
        for held in later.held {
            self.hold(held);
        }
        self.pauses_ended.extend(later.pauses_ended);
        for level in later.levels {
            let known = self.levels.iter().any(|it| it.level == level.level);
            if level.cause == EscalationCause::Person && !known {
                self.levels.push(level);
            }
        }
        for spell in later.spells {
            match self.spells.last_mut().filter(|last| last.downgraded_at.is_none()) {
                Some(last) => {
                    last.confirmed_at = last.confirmed_at.or(spell.confirmed_at);
                    last.downgraded_at = spell.downgraded_at;
                }
                None => {
                    self.spells.push(spell);
                    self.told.pages = later.told.pages;
                    self.told.paged_at = later.told.paged_at;
                    self.told.page_acknowledged = later.told.page_acknowledged;
                }
            }
        }
        let accepted = later.emergency_cost_accepted_at;
        self.emergency_cost_accepted_at = accepted.or(self.emergency_cost_accepted_at);
        self.charge_waived |= later.charge_waived;
        self.taken.extend(later.taken);
        later.asked.into_iter().for_each(|it| self.ask(it));
        self.closure = later.closure;
        // Which messages stay depends on the clocks.
        self.outbound.extend(later.outbound);
        self.trim_outbound(MESSAGES_MAX);
        for done in later.acts {
            self.act_done(done);
        }
        later.inbound.into_iter().for_each(|it| self.wrote(it));
    }
}
