//! Deciding: a command on a ticket becomes events and notices, or a refusal.
//!
//! This file is the way in. Each command is one hop further down, in the file of its subject. A
//! decision reads nothing but its arguments and is deterministic.

use super::automatic::{Timers, timers};
use super::clocks::ClockResult;
use super::command::{Command, DeskAct, Open, SpocAct, Written};
use super::criticality::check_declaration;
use super::event::{Fact, Opened};
use super::notice::{Content, Notice, OfferContent, Promise, Recipient};
use super::refusal::{DecideError, Refusal, RefusalCode};
use super::state::Ticket;
use super::view::View;
use crate::agreement::{Agreement, Pinned};
use crate::evidence::{Event, Link};
use crate::explanation::Step;
use crate::pauses::TargetError;
use crate::standing::{Gate, StandingCause};
use crate::{Actor, Instant, Participant, Power, Spoc, SpocId, StaffId};

/// What a step of a decision gives back.
pub(super) type Outcome = Result<(), DecideError>;

/// Everything that a decision reads besides the ticket and the command.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The present instant, by the acting host's clock.
    pub now: Instant,
    /// What holds at the act's receipt: a new cycle is pinned to it (G6).
    pub fresh: &'a Agreement,
    /// The agreements of the ticket's current cycle and of the one before.
    pub pinned: &'a [Agreement],
    /// The reactivations that may start a held clock by this act, each with what holds at it: a held
    /// ticket's clock is pinned to that (G6).
    pub reactivations: &'a [(Instant, Agreement)],
    /// The client's standing.
    pub gate: &'a Gate,
    /// The client's SPoCs, past and present.
    pub spocs: &'a [Spoc],
    /// The desk has stopped same-day offers for the day (7.6).
    pub offers_stopped: bool,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The ticket as it is from now on.
    pub ticket: Ticket,
    /// What happened; empty when nothing changed.
    pub events: Vec<Event>,
    /// The same, sealed.
    pub links: Vec<Link>,
    /// Whom to tell what.
    pub notices: Vec<Notice>,
    /// When to look again.
    pub timers: Timers,
}

/// Registers a request (1.1, 9.1).
///
/// # Errors
/// [`DecideError::Refused`] when the opener lacks the power or the declaration does not hold;
/// [`DecideError::Target`] when a date lies outside the calendar.
pub fn open(scene: &Scene<'_>, request: Open, by: Actor) -> Result<Decision, DecideError> {
    let at = request.received_at;
    let held = scene.gate.closed_at(at);
    if let Some(declaration) = &request.critical {
        let described = declaration.text.is_some();
        check_declaration(declaration.operation, declaration.fully_blocked, described)?;
    }
    let opened = Opened {
        reference: request.reference,
        client: request.client,
        received_at: at,
        channel: request.channel,
        opener: request.opener.clone(),
        module: request.module,
        text: request.text,
        critical: request.critical.map(|declaration| declaration.operation),
        pinned: scene.fresh.pinned.clone(),
        gate_rev: scene.gate.rev,
        spans: super::standing_acts::touching(&scene.gate.spans, at),
        held: held.is_some(),
        offers_stopped: scene.offers_stopped,
        continues: request.continues,
        held_since: request.held_since,
        confirmation: request.confirmation,
    };
    let mut act = Act::new(scene, Ticket::begin(&opened), by);
    act.require(&request.opener, Power::Open, at, "1.2")?;
    let critical = opened.critical.is_some();
    act.record(Fact::Opened(Box::new(opened)));
    act.acknowledge(request.opener, at, critical)?;
    if held.is_some() {
        act.start_held_clock()?;
    } else {
        act.offer_same_day(scene.now)?;
        act.page_if_due()?;
        act.ask_for_emergency_cost(at);
    }
    act.add_participants(request.participants);
    act.add_followers(request.followers);
    act.finish()
}

/// Decides a command on a ticket that exists.
///
/// # Errors
/// [`DecideError::Refused`] when a rule says no; [`DecideError::Target`] when a date lies outside the
/// calendar.
pub fn decide(
    scene: &Scene<'_>,
    ticket: &Ticket,
    command: Command,
    by: Actor,
) -> Result<Decision, DecideError> {
    let mut act = Act::new(scene, ticket.clone(), by);
    act.apply_standing()?;
    match command {
        Command::Spoc { by, received_at, act: what } => act.spoc(&by, received_at, what)?,
        Command::Participant { by, received_at, text, still_fails } => {
            let by = Participant::Added(by);
            let written = Written { text: Some(text), still_fails, ..Written::default() };
            act.client_wrote(received_at, by, written)?;
        }
        Command::Desk(what) => act.desk(what)?,
        Command::MailNoted { received_at, mail, text } => {
            act.record(Fact::MailNoted { received_at, mail, text });
        }
        Command::BlockClosing { received_at } => act.block_closing(received_at),
        Command::UnblockClosing { received_at } => act.unblock_closing(received_at),
        Command::MessageAccepted { message, at } => act.message_accepted(message, at),
        Command::MessageBounced { message, recipient } => act.message_bounced(message, recipient),
        Command::MessageTaken { message, recipient, at } => {
            act.message_taken(message, recipient, at);
        }
        Command::MessageResent { message, recipient } => act.message_resent(message, recipient),
        Command::ApplyStanding => {}
        Command::Tick(concern) => {
            act.settle_closings()?;
            act.tick(concern)?;
        }
    }
    act.finish()
}

/// A decision in the making: the ticket as it has become so far, what happened, whom to tell.
pub(super) struct Act<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) ticket: Ticket,
    by: Actor,
    events: Vec<Event>,
    links: Vec<Link>,
    notices: Vec<Notice>,
}

impl<'a> Act<'a> {
    pub(super) fn new(scene: &'a Scene<'a>, ticket: Ticket, by: Actor) -> Self {
        let (events, links, notices) = (Vec::new(), Vec::new(), Vec::new());
        Self { scene, ticket, by, events, links, notices }
    }

    fn spoc(&mut self, by: &SpocId, at: Instant, act: SpocAct) -> Outcome {
        match act {
            SpocAct::Write(written) => {
                self.client_wrote(at, Participant::Spoc(by.clone()), written)
            }
            SpocAct::AcceptSameDay => self.accept_same_day(at, by),
            SpocAct::DeclineSameDay => self.decline_same_day(at, by),
            SpocAct::AcceptEmergencyCost => self.accept_emergency_cost(at, by),
            SpocAct::DeclareCritical(it) => {
                self.declare_critical(at, by, it.operation, it.fully_blocked, it.text)
            }
            SpocAct::Confirm => self.confirm(at, by),
            SpocAct::Withdraw => self.withdraw(at, by),
        }
    }

    fn desk(&mut self, act: DeskAct) -> Outcome {
        match act {
            DeskAct::Reply { reply, text } => self.reply(reply, text),
            DeskAct::RecordAct { act, started_at, ended_at, text } => {
                self.record_act(act, started_at, ended_at, text)
            }
            DeskAct::Note { text } => {
                self.record(Fact::Noted { text });
                Ok(())
            }
            DeskAct::AddParticipant { added, reason } => self.add_participant(added, reason),
            DeskAct::Assign { to } => {
                if self.ticket.assignee != to {
                    self.record(Fact::Assigned { to });
                }
                Ok(())
            }
            DeskAct::ConfirmCriticality => self.confirm_criticality(),
            DeskAct::Downgrade { text } => self.downgrade(text),
            DeskAct::EndPause { text } => self.end_pause(text),
            DeskAct::Recalculate { text } => self.recalculate(text),
            DeskAct::Escalate { level } => self.escalate(level),
            DeskAct::MarkThanks { message } => self.mark_thanks(message),
            DeskAct::Close { reason, text } => self.desk_closes(reason, text),
            DeskAct::AcknowledgePage => self.acknowledge_page(),
            DeskAct::WaiveCharge { text } => self.waive_charge(text),
            DeskAct::Approve { proposal } => self.approve(proposal),
            DeskAct::Reject { proposal } => self.reject(proposal),
        }
    }

    /// Takes back what later facts have shown to be false, and derives the wake-ups.
    pub(super) fn finish(mut self) -> Result<Decision, DecideError> {
        self.settle_closings()?;
        self.retract_false_misses()?;
        let timers = timers(&self.ticket, self.agreement_of(&self.ticket.cycle.pinned))?;
        let Self { ticket, events, links, notices, .. } = self;
        Ok(Decision { ticket, events, links, notices, timers })
    }

    fn acknowledge(&mut self, opener: SpocId, at: Instant, critical: bool) -> Outcome {
        let held = self.standing_at(at);
        let promise = self.promise(held)?;
        let offer = self.view().same_day_offer()?.filter(|offer| self.now() < offer.limit);
        let offer = offer.map(|offer| OfferContent {
            limit: offer.limit,
            price: offer.price,
            same_day_target: offer.extended_target,
        });
        let content = Content::Acknowledgement { promise: promise.clone(), critical, offer };
        self.tell(opener, at, None, content);
        self.tell_desk(at, Content::DeskNew { promise, critical });
        Ok(())
    }

    /// What the client is promised: the target of the clock that draws nearest, its tier, and why.
    pub(super) fn promise(&self, held: Option<StandingCause>) -> Result<Promise, TargetError> {
        let view = self.view();
        let mut clocks = view.clocks(self.now())?;
        clocks.retain(|clock| match clock.result {
            ClockResult::Pending | ClockResult::Met { .. } | ClockResult::Missed { .. } => true,
            ClockResult::Superseded { .. } | ClockResult::Closed { .. } => false,
        });
        let immediate = clocks.iter().rfind(|clock| clock.name.is_immediate());
        let Some(clock) = immediate.or(clocks.first()) else {
            return Ok(Promise { target: None, tier: None, why: String::new(), held });
        };
        let steps = view.explain(clock, self.now())?;
        let mut why = why(&steps, clock.target.unpaused);
        for step in steps.iter().filter(|step| step.rule == "M1a") {
            why = format!("{why} {}", step.text);
        }
        let tier = Some(clock.target.tier);
        Ok(Promise { target: clock.target.target, tier, why, held })
    }

    /// Records a fact and returns its number in the chain.
    pub(super) fn record(&mut self, fact: Fact) -> u32 {
        let by = if fact.is_automatic() { Actor::System } else { self.by.clone() };
        self.record_by(by, fact)
    }

    /// Records a fact that somebody else than the actor brings about: the system draws a consequence.
    pub(super) fn record_by(&mut self, by: Actor, fact: Fact) -> u32 {
        let event = Event { seq: self.ticket.seq + 1, at: self.scene.now, by, fact };
        let link = Link::seal(&self.ticket.chain, &event);
        self.ticket.apply(&event, &link.hash);
        let seq = event.seq;
        self.events.push(event);
        self.links.push(link);
        seq
    }

    pub(super) fn now(&self) -> Instant {
        self.scene.now
    }

    /// The member of the desk who acts, if one does.
    pub(super) fn member(&self) -> Option<StaffId> {
        match &self.by {
            Actor::Staff(member) => Some(member.id.clone()),
            Actor::Spoc(_) | Actor::Participant(_) | Actor::System => None,
        }
    }

    pub(super) fn view(&self) -> View<'_> {
        View::current(&self.ticket, self.agreement_of(&self.ticket.cycle.pinned))
    }

    pub(super) fn agreement_of(&self, pinned: &Pinned) -> &Agreement {
        let reactivated = self.scene.reactivations.iter().map(|(_, agreement)| agreement);
        let known = self.scene.pinned.iter().chain(std::iter::once(self.scene.fresh));
        let known = known.chain(reactivated);
        known
            .into_iter()
            .find(|agreement| agreement.pinned == *pinned)
            .expect("the scene holds the agreement of every cycle that the ticket keeps")
    }

    /// Requires that the SPoC had the power when the act was received (1.2).
    pub(super) fn require(
        &self,
        by: &SpocId,
        power: Power,
        at: Instant,
        rule: &'static str,
    ) -> Outcome {
        if self.scene.spocs.iter().any(|spoc| spoc.id == *by && spoc.may(power, at)) {
            return Ok(());
        }
        let text = format!(
            "su designación no incluye la facultad de {}; pídalo a un contacto que la tenga",
            power.spanish()
        );
        Err(Refusal::new(RefusalCode::NotAuthorised, rule, text).into())
    }

    /// Requires that the ticket was open at `at`, whatever was recorded meanwhile (9.6).
    pub(super) fn require_open_ticket(&mut self, at: Instant) -> Outcome {
        self.record_closing_before(at)?;
        match &self.ticket.cycle.closure {
            Some(closure) if closure.at <= at => Err(super::closing::closed_already().into()),
            Some(_) | None => Ok(()),
        }
    }

    /// The SPoCs with a power at an instant.
    pub(super) fn spocs_with(&self, power: Power, at: Instant) -> Vec<SpocId> {
        let able = self.scene.spocs.iter().filter(|spoc| spoc.may(power, at));
        able.map(|spoc| spoc.id.clone()).collect()
    }

    /// The SPoCs who read along: those who follow the ticket and are still SPoCs, else everybody who may
    /// open tickets.
    pub(super) fn followers(&self) -> Vec<SpocId> {
        let now = self.now();
        let holds = |id: &&SpocId| {
            self.scene.spocs.iter().any(|spoc| spoc.id == **id && spoc.holds_at(now))
        };
        let following: Vec<_> = self.ticket.followers.iter().filter(holds).cloned().collect();
        if following.is_empty() { self.spocs_with(Power::Open, now) } else { following }
    }

    /// Records a notice. `about` is the event that carries its text; without it, the last event.
    pub(super) fn tell(
        &mut self,
        spoc: SpocId,
        due: Instant,
        about: Option<u32>,
        content: Content,
    ) {
        self.notify(Recipient::Spoc(spoc), due, about, content);
    }

    /// Tells the SPoCs who follow the ticket: what concerns cost or standing stays among them.
    pub(super) fn tell_followers(&mut self, due: Instant, about: Option<u32>, content: Content) {
        for spoc in self.followers() {
            self.tell(spoc, due, about, content.clone());
        }
    }

    /// Tells everybody who takes part (1.5).
    pub(super) fn tell_readers(&mut self, due: Instant, about: Option<u32>, content: Content) {
        for reader in self.readers() {
            self.notify(reader.into(), due, about, content.clone());
        }
    }

    pub(super) fn tell_desk(&mut self, due: Instant, content: Content) {
        self.notify(Recipient::Desk, due, None, content);
    }

    pub(super) fn tell_on_call(&mut self, due: Instant, content: Content) {
        self.notify(Recipient::OnCall, due, None, content);
    }

    pub(super) fn notify(
        &mut self,
        to: Recipient,
        due: Instant,
        about: Option<u32>,
        content: Content,
    ) {
        let about = about.unwrap_or(self.ticket.seq);
        let cycle = self.ticket.cycle.number;
        self.notices.push(Notice { to, cycle, due, about, content });
    }
}

/// The sentence of the step that led to a target, naming its clause: the first step of an explanation
/// says in which case the request falls, but the same day, accepted or included, is said by a later
/// one.
fn why(steps: &[Step], unpaused: Instant) -> String {
    let decided = steps.iter().find(|step| step.at == Some(unpaused));
    let Some(step) = decided.or(steps.first()) else { return String::new() };
    if step.text.contains("cláusula") {
        return step.text.clone();
    }
    let (text, clause) = (step.text.trim_end_matches('.'), step.clause());
    match text.strip_suffix(')') {
        Some(text) => format!("{text}; cláusula {clause})."),
        None => format!("{text} (cláusula {clause})."),
    }
}
