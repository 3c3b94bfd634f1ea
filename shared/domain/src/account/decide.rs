//! Deciding: a command on an account becomes events and notices, or a refusal.
//!
//! This file is the way in. Each command is one hop further down, in the file of its subject. A
//! decision reads nothing but its arguments and is deterministic. Before a command is looked at, the
//! months that have fallen due are entered; after it, everything that follows by now is recorded. So
//! it does not matter which job ran when (G7).

use std::collections::BTreeMap;

use super::again::Coming;
use super::command::{Cited, Command, Concern, DeskAct, SpocAct};
use super::event::Fact;
use super::limits::AUTOMATIC_MAX;
use super::notice::{Content, Notice, Recipient};
use super::state::Account;
use super::timers::{Timers, timers};
use super::view::View;
use crate::agreement::Agreement;
use crate::billing::Month;
use crate::calendar::OutOfCalendar;
use crate::evidence::{Event, Link};
use crate::standing::Span;
use crate::ticket::{DecideError, Refusal, RefusalCode};
use crate::{Actor, ClientId, Instant, Power, Spoc, SpocId, StaffId};

/// What a step of a decision gives back.
pub(super) type Outcome = Result<(), DecideError>;

/// Everything that a decision reads besides the account and the command.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The present instant, by the acting host's clock.
    pub now: Instant,
    /// What is in force now.
    pub fresh: &'a Agreement,
    /// The agreements of the months that fell due (G6).
    pub pinned: &'a [Agreement],
    /// Of each month that may fall due by now, what was known on its first day.
    pub opening: &'a BTreeMap<Month, Agreement>,
    /// The next póliza, where one is known.
    pub coming: Option<&'a Coming>,
    /// The client's SPoCs, past and present.
    pub spocs: &'a [Spoc],
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The account as it is from now on.
    pub account: Account,
    /// What happened; empty when nothing changed.
    pub events: Vec<Event<Fact>>,
    /// The same, sealed.
    pub links: Vec<Link>,
    /// Whom to tell what.
    pub notices: Vec<Notice>,
    /// The spans without service, as they are known from now on.
    pub spans: Vec<Span>,
    /// Whether the gate is written even where its spans read the same.
    pub touches_standing: bool,
    /// When to look again.
    pub timers: Timers,
}

/// Decides a command on a client who has no account yet: it is opened first (10.1). It is kept from the
/// month in which the póliza begins, or, for one that began in an earlier month, from the next one on.
/// What was owed before is not known here.
///
/// # Errors
/// [`DecideError::Refused`] when the póliza's first day is not recorded, or a rule says no;
/// [`DecideError::Target`] when a date lies outside the calendar.
pub fn begin(
    scene: &Scene<'_>,
    client: ClientId,
    command: Command,
    by: Actor,
) -> Result<Decision, DecideError> {
    let Some(start) = scene.fresh.terms.start.value else {
        let why = "falta el primer día de la póliza: regístrelo en los términos del cliente";
        return Err(refuse(RefusalCode::Nothing, "10.1", why));
    };
    let outside = OutOfCalendar::Instant(scene.now);
    let here = Month::of(scene.now.date()).ok_or(outside)?;
    let begun = Month::of(start).ok_or(outside)?;
    let first = if begun < here { here.next().ok_or(outside)? } else { begun };
    let mut act = Act::new(scene, Account::new(client, first, scene.now), by);
    act.record(Fact::Opened { first });
    act.await_beginning()?;
    act.carry_out(command)
}

/// Decides a command on an account that exists.
///
/// # Errors
/// [`DecideError::Refused`] when a rule says no; [`DecideError::Target`] when a date lies outside the
/// calendar.
pub fn decide(
    scene: &Scene<'_>,
    account: &Account,
    command: Command,
    by: Actor,
) -> Result<Decision, DecideError> {
    Act::new(scene, account.clone(), by).carry_out(command)
}

/// A decision in the making: the account as it has become so far, what happened, whom to tell.
pub(super) struct Act<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) account: Account,
    by: Actor,
    pub(super) events: Vec<Event<Fact>>,
    links: Vec<Link>,
    notices: Vec<Notice>,
}

impl<'a> Act<'a> {
    fn new(scene: &'a Scene<'a>, account: Account, by: Actor) -> Self {
        let (events, links, notices) = (Vec::new(), Vec::new(), Vec::new());
        Self { scene, account, by, events, links, notices }
    }

    fn carry_out(mut self, command: Command) -> Result<Decision, DecideError> {
        self.enter_months()?;
        self.begin_again()?;
        let concern = match command {
            Command::Tick(concern) => Some(concern),
            Command::RecordPayment { .. }
            | Command::ReversePayment { .. }
            | Command::Desk(_)
            | Command::Spoc { .. }
            | Command::Refresh => None,
        };
        match command {
            Command::RecordPayment { reference, value_date, amount, names } => {
                self.record_payment(reference, value_date, amount, names)?;
            }
            Command::ReversePayment { reference, text } => {
                self.reverse_payment(&reference, text)?
            }
            Command::Desk(what) => self.desk(what)?,
            Command::Spoc { by, received_at, act, cites } => {
                self.spoc(&by, received_at, act, cites)?;
            }
            Command::Refresh | Command::Tick(_) => {}
        }
        self.follow(concern)?;
        self.finish()
    }

    fn desk(&mut self, act: DeskAct) -> Outcome {
        match act {
            DeskAct::Tolerate { month, until, text } => self.tolerate(month, until, text),
            DeskAct::Waive { month, amount, text } => self.waive(month, amount, text),
            DeskAct::Reactivate => self.reactivate(),
            DeskAct::ProposeBreach { text } => self.propose_breach(text),
            DeskAct::ApproveBreach => self.approve_breach(),
            DeskAct::RejectBreach => self.reject_breach(),
            DeskAct::EndBreach { text } => self.end_breach(text),
        }
    }

    fn spoc(&mut self, by: &SpocId, at: Instant, act: SpocAct, cites: Option<Cited>) -> Outcome {
        match act {
            SpocAct::Cancel { at_once } => self.cancel(by, at, at_once, cites),
            SpocAct::DeclineRenewal => self.decline_renewal(by, at, cites),
        }
    }

    /// Records what follows by now, of one concern or of both, until nothing follows any more.
    fn follow(&mut self, concern: Option<Concern>) -> Outcome {
        let before = self.events.len();
        loop {
            let known = self.events.len();
            if known - before >= AUTOMATIC_MAX {
                return Ok(());
            }
            self.enter_months()?;
            match concern {
                Some(Concern::Payment) => self.follow_payment()?,
                Some(Concern::Renewal) => self.follow_renewal()?,
                None => {
                    self.follow_renewal()?;
                    self.follow_payment()?;
                }
            }
            if self.events.len() == known {
                return Ok(());
            }
        }
    }

    /// Suspension first, since no ladder runs while there is no service (10.4).
    fn follow_payment(&mut self) -> Outcome {
        self.begin_service()?;
        self.begin_again()?;
        self.close_months()?;
        self.annul_suspensions()?;
        self.show_suspensions()?;
        self.follow_reactivation()?;
        self.climb()
    }

    fn finish(self) -> Result<Decision, DecideError> {
        let view = self.view();
        let spans = view.spans(self.scene.now)?;
        let timers = timers(&view, self.scene.now)?;
        let touches_standing = self.events.iter().any(|event| event.fact.touches_standing());
        let Self { account, events, links, notices, .. } = self;
        Ok(Decision { account, events, links, notices, spans, touches_standing, timers })
    }

    /// Records a fact and returns its number in the chain.
    pub(super) fn record(&mut self, fact: Fact) -> u32 {
        let by = if fact.is_automatic() { Actor::System } else { self.by.clone() };
        let event = Event { seq: self.account.seq + 1, at: self.scene.now, by, fact };
        let link = Link::seal(&self.account.chain, &event);
        self.account.apply(&event, &link.hash);
        let seq = event.seq;
        self.events.push(event);
        self.links.push(link);
        seq
    }

    pub(super) fn now(&self) -> Instant {
        self.scene.now
    }

    /// The account as it has become so far, under its agreements.
    pub(super) fn view(&self) -> View<'_> {
        let Scene { fresh, pinned, opening, coming, .. } = *self.scene;
        let account = &self.account;
        View { account, fresh, pinned, opening: Some(opening), coming }.begun()
    }

    /// The member of the desk who acts.
    ///
    /// # Errors
    /// When nobody of the desk does.
    pub(super) fn member(&self) -> Result<StaffId, DecideError> {
        match &self.by {
            Actor::Staff(member) => Ok(member.id.clone()),
            Actor::Spoc(_) | Actor::Participant(_) | Actor::System => {
                Err(refuse(RefusalCode::NotAuthorised, "8", "lo hace una persona de la mesa"))
            }
        }
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
        Err(refuse(RefusalCode::NotAuthorised, rule, text))
    }

    /// Tells every SPoC of the client.
    pub(super) fn tell(&mut self, subject: &str, due: Instant, content: &Content) {
        let now = self.now();
        let told: Vec<SpocId> = self
            .scene
            .spocs
            .iter()
            .filter(|spoc| spoc.holds_at(now))
            .map(|spoc| spoc.id.clone())
            .collect();
        for spoc in told {
            self.notify(Recipient::Spoc(spoc), subject, due, content.clone());
        }
    }

    /// Tells the desk.
    pub(super) fn tell_desk(&mut self, subject: &str, due: Instant, content: Content) {
        self.notify(Recipient::Desk, subject, due, content);
    }

    pub(super) fn notify(&mut self, to: Recipient, subject: &str, due: Instant, content: Content) {
        let about = self.account.seq;
        self.notices.push(Notice { to, subject: subject.to_owned(), due, about, content });
    }
}

/// A refusal of `rule`.
pub(super) fn refuse(
    code: RefusalCode,
    rule: &'static str,
    text: impl Into<String>,
) -> DecideError {
    Refusal::new(code, rule, text).into()
}
