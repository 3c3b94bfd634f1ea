//! A run of a history, prompt or slow, with what must hold after each act: a decision is deterministic,
//! a second identical act changes nothing, timers wake exactly when something is due, and a held mail
//! puts the closing off just as long as it must.

use std::collections::BTreeMap;

use domain::standing::{Span, StandingCause};
use domain::ticket::{
    ActKind, Command, Concern, Confirmation, DecideError, DeskAct, Fact, HeldMail, NotedMail,
    ReplyKind, SpocAct, Written, decide, timers,
};
use domain::{Actor, Instant, Participant, TimeDelta};

use crate::history::{Fate, Step, What};
use crate::kit::{World, participant, spoc, staff, text};

/// What is delivered to the ticket, and when it is handled.
enum Delivery {
    Step(usize),
    Accepted(usize, Instant),
    Bounced(usize, &'static str),
    Settled(usize),
}

/// A run of a history.
pub(crate) struct Run {
    pub(crate) world: World,
    start: Instant,
    /// Numbers of the desk's messages, by the step that wrote them.
    messages: Vec<Option<u32>>,
    /// What was refused or found nothing to do, by the step.
    refused: Vec<usize>,
}

impl Run {
    pub(crate) fn of(world: World, steps: &[Step], slow: bool) -> Self {
        let start = world.now;
        let mut queue: Vec<(Instant, Delivery)> = Vec::new();
        for (place, step) in steps.iter().enumerate() {
            let happens = start + TimeDelta::minutes(step.minute);
            let later = happens + TimeDelta::minutes(if slow { step.delay } else { 0 });
            match &step.what {
                What::Client(..) | What::Participant | What::Machine => {
                    queue.push((later, Delivery::Step(place)));
                }
                What::Held(minutes, fate) => {
                    let settled = happens + TimeDelta::minutes(*minutes);
                    // What nobody has taken note of cannot be settled.
                    queue.push((later.min(settled), Delivery::Step(place)));
                    match fate {
                        // The desk's act happens when it happens.
                        Fate::Discarded => queue.push((settled, Delivery::Settled(place))),
                        Fate::Confirmed | Fate::Adopted => {
                            let handled = settled + (later - happens);
                            queue.push((handled, Delivery::Settled(place)));
                        }
                        Fate::Forgotten => {}
                    }
                }
                What::Reply { accepted, bounced, .. } => {
                    queue.push((happens, Delivery::Step(place)));
                    if let Some(accepted) = accepted {
                        let at = happens + TimeDelta::minutes(*accepted);
                        // The mail service is asked again within the day about what it did not tell.
                        let told = later.min(at + TimeDelta::hours(20));
                        queue.push((at.max(told), Delivery::Accepted(place, at)));
                    }
                    let bounce = |who: &&'static str| (later, Delivery::Bounced(place, who));
                    queue.extend(bounced.iter().map(bounce));
                }
                What::Desk(..)
                | What::Call(_)
                | What::ThanksForLast
                | What::ApproveLast
                | What::ResendLast
                | What::Suspend(_)
                | What::Reactivate
                | What::Tick => {
                    queue.push((happens, Delivery::Step(place)));
                }
            }
        }
        queue.sort_by_key(|(at, _)| *at);
        let mut run = Self { world, start, messages: vec![None; steps.len()], refused: Vec::new() };
        for (at, delivery) in queue {
            run.world.now = at;
            run.deliver(steps, &delivery);
        }
        run
    }

    fn deliver(&mut self, steps: &[Step], delivery: &Delivery) {
        match delivery {
            Delivery::Step(place) => self.step(*place, &steps[*place]),
            Delivery::Settled(place) => self.settle(*place, &steps[*place]),
            Delivery::Accepted(place, at) => {
                if let Some(message) = self.messages[*place] {
                    let command = Command::MessageAccepted { message, at: *at };
                    self.act(*place, command, Actor::System);
                }
            }
            Delivery::Bounced(place, who) => {
                if let Some(message) = self.messages[*place] {
                    let recipient = Participant::Spoc(spoc(who));
                    let command = Command::MessageBounced { message, recipient };
                    self.act(*place, command, Actor::System);
                }
            }
        }
    }

    fn step(&mut self, place: usize, step: &Step) {
        let now = self.world.now;
        match &step.what {
            What::Client(who, act) => {
                let received_at = self.happened(step);
                let by = spoc(who);
                let command = Command::Spoc { by: by.clone(), received_at, act: act.clone() };
                self.act(place, command, Actor::Spoc(by));
            }
            What::Reply { reply, .. } => {
                let act = DeskAct::Reply { reply: *reply, text: text("respuesta") };
                let before = self.world.ticket().seq;
                self.act(place, Command::Desk(act), staff("luis"));
                let wrote = self.world.events.iter().rfind(|event| {
                    event.seq > before && matches!(event.fact, Fact::DeskWrote { .. })
                });
                self.messages[place] = wrote.map(|event| event.seq);
            }
            What::Desk(who, act) => self.act(place, Command::Desk(act.clone()), staff(who)),
            What::Call(minutes) => {
                let started_at = (now - TimeDelta::minutes(*minutes)).max(self.start);
                let act = DeskAct::RecordAct {
                    act: ActKind::Call,
                    started_at,
                    ended_at: now,
                    text: text("llamada"),
                };
                self.act(place, Command::Desk(act), staff("luis"));
            }
            What::ThanksForLast => {
                let last = self
                    .world
                    .events
                    .iter()
                    .rfind(|event| matches!(event.fact, Fact::ClientWrote { .. }));
                if let Some(message) = last.map(|event| event.seq) {
                    self.act(place, Command::Desk(DeskAct::MarkThanks { message }), staff("luis"));
                }
            }
            What::ApproveLast => {
                let last = self.world.ticket().proposals.last().map(|it| it.seq);
                if let Some(proposal) = last {
                    self.act(place, Command::Desk(DeskAct::Approve { proposal }), staff("mara"));
                }
            }
            What::ResendLast => self.resend(place),
            What::Participant => {
                let by = participant(1);
                let command = Command::Participant {
                    by: by.clone(),
                    received_at: self.happened(step),
                    text: text("hola"),
                    still_fails: false,
                };
                self.act(place, command, Actor::Participant(by));
            }
            What::Machine => {
                let (received_at, mail) = (self.happened(step), NotedMail::Automatic);
                let command = Command::MailNoted { received_at, mail, text: text("fuera") };
                self.act(place, command, Actor::System);
            }
            What::Held(..) => {
                let received_at = self.happened(step);
                self.act(place, Command::BlockClosing { received_at }, Actor::System);
            }
            What::Suspend(cause) => self.suspend(place, *cause),
            What::Reactivate => self.reactivate(place),
            What::Tick => self.tick(),
        }
    }

    fn resend(&mut self, place: usize) {
        let last = self.world.ticket().cycle.outbound.last();
        let failed = last.and_then(|it| Some((it.seq, it.bounced.first()?.clone())));
        if let Some((message, recipient)) = failed {
            let command = Command::MessageResent { message, recipient };
            self.act(place, command, staff("luis"));
            let at = self.world.now;
            self.act(place, Command::MessageAccepted { message, at }, Actor::System);
        }
    }

    fn happened(&self, step: &Step) -> Instant {
        self.start + TimeDelta::minutes(step.minute)
    }

    /// What becomes of a held mail, in the words in which the use cases say it.
    fn settle(&mut self, place: usize, step: &Step) {
        let What::Held(minutes, fate) = step.what else { return };
        let arrived = self.happened(step);
        let settled = arrived + TimeDelta::minutes(minutes);
        let written =
            Written { text: Some(text("hola")), held_since: Some(arrived), ..Written::default() };
        let (received_at, written) = match fate {
            Fate::Discarded | Fate::Forgotten => {
                let before = self.closes_at();
                let command = Command::UnblockClosing { received_at: arrived };
                self.act(place, command, Actor::System);
                self.never_back_in_time(before);
                return;
            }
            Fate::Confirmed => {
                let asked = arrived + TimeDelta::minutes(minutes / 10);
                let confirmation = Confirmation { asked_at: asked, confirmed_at: settled };
                (arrived, Written { confirmation: Some(confirmation), ..written })
            }
            Fate::Adopted => (settled, written),
        };
        let (by, act) = (spoc("ana"), SpocAct::Write(written));
        let command = Command::Spoc { by: by.clone(), received_at, act };
        self.act(place, command, Actor::Spoc(by));
    }

    fn closes_at(&self) -> Option<Instant> {
        let silence = self.world.view().silence().expect("in the calendar");
        silence.and_then(|silence| silence.closes_at)
    }

    /// A ticket never closes at an instant that had passed while it was open.
    fn never_back_in_time(&self, before: Option<Instant>) {
        if let (Some(before), Some(after)) = (before, self.closes_at()) {
            let now = self.world.now;
            assert!(after >= before.min(now), "{after:?}, before {before:?}, now {now:?}");
        }
    }

    /// Minute by minute: the closing waits while a mail is held, at most until the fifth business day
    /// after the first one that was held since the first solution, and not a minute longer (9.6).
    fn waits_just_as_long_as_it_must(&self) {
        let view = self.world.view();
        let Some(silence) = view.silence().expect("in the calendar") else { return };
        let Some(mut closing) = silence.auto.closing else { return };
        let end = |held: &HeldMail| {
            let day = held.received_at.date();
            let limit = view.agreement.calendar.end_of_business_days(day, 5);
            let limit = limit.expect("in the calendar");
            (held.settled_at.map_or(limit, |settled| settled.min(limit)), limit)
        };
        let solutions = view.cycle.outbound.iter().filter(|it| it.reply == ReplyKind::Solution);
        let solved = solutions.filter_map(domain::ticket::Outbound::started_at).min();
        let mut since = view.cycle.held.iter().map(end).filter(|(end, _)| Some(*end) > solved);
        if let Some((_, limit)) = since.next() {
            let holds = |held: &HeldMail, at: Instant| held.received_at < at && at < end(held).0;
            while closing < limit && view.cycle.held.iter().any(|held| holds(held, closing)) {
                closing = closing + TimeDelta::minutes(1);
            }
        }
        assert_eq!(silence.closes_at, Some(closing));
    }

    /// Nobody is reminded of one solution again but of a later date.
    fn reminded_once(&self) {
        let mut last: BTreeMap<u32, Instant> = BTreeMap::new();
        for event in &self.world.events {
            if let Fact::MessageResent { message, .. } = &event.fact {
                last.remove(message);
            }
            let Fact::SolutionReminded { solution, closes_at, .. } = &event.fact else { continue };
            if let Some(told) = last.insert(*solution, *closes_at) {
                assert!(told < *closes_at, "reminded again of {closes_at:?}, after {told:?}");
            }
        }
    }

    fn suspend(&mut self, place: usize, cause: StandingCause) {
        let from = self.world.now;
        if self.world.gate.closed_at(from).is_none() {
            self.world.gate.spans.push(Span { cause, from, to: None });
            self.gate_changed(place);
        }
    }

    fn reactivate(&mut self, place: usize) {
        let now = self.world.now;
        if let Some(open) = self.world.gate.spans.iter_mut().find(|span| span.to.is_none()) {
            let to = now.max(open.from + TimeDelta::minutes(1));
            open.to = Some(to);
            self.world.now = to;
            self.gate_changed(place);
        }
    }

    fn gate_changed(&mut self, place: usize) {
        self.world.gate.rev += 1;
        self.act(place, Command::ApplyStanding, Actor::System);
    }

    fn act(&mut self, place: usize, command: Command, by: Actor) {
        let (scene, ticket) = (self.world.scene(), self.world.ticket());
        let first = decide(&scene, ticket, command.clone(), by.clone());
        assert_eq!(first, decide(&scene, ticket, command.clone(), by.clone()), "not deterministic");
        match self.world.act(command.clone(), by.clone()) {
            Ok(links) => {
                // An act that found nothing to do leaves no fact: a second acceptance, a second
                // confirmation.
                let idle = match &command {
                    Command::Spoc { .. } => links == 0,
                    Command::Participant { .. }
                    | Command::MailNoted { .. }
                    | Command::BlockClosing { .. }
                    | Command::UnblockClosing { .. }
                    | Command::Desk(_)
                    | Command::MessageAccepted { .. }
                    | Command::MessageBounced { .. }
                    | Command::MessageTaken { .. }
                    | Command::MessageResent { .. }
                    | Command::ApplyStanding
                    | Command::Tick(_) => false,
                };
                if idle {
                    self.refused.push(place);
                }
                self.again(&command, by);
                self.waits_just_as_long_as_it_must();
            }
            Err(DecideError::Refused(_)) => self.refused.push(place),
            Err(DecideError::Target(error)) => panic!("{error}"),
        }
    }

    /// A second identical act changes nothing, but for those that may well be done twice.
    fn again(&self, command: &Command, by: Actor) {
        let twice = match command {
            Command::Spoc { act: SpocAct::Write(_), .. }
            | Command::Participant { .. }
            | Command::MailNoted { .. }
            | Command::Desk(
                DeskAct::Reply { .. } | DeskAct::Note { .. } | DeskAct::EndPause { .. },
            ) => true,
            Command::Spoc { .. }
            | Command::Desk(_)
            | Command::BlockClosing { .. }
            | Command::UnblockClosing { .. }
            | Command::MessageAccepted { .. }
            | Command::MessageBounced { .. }
            | Command::MessageTaken { .. }
            | Command::MessageResent { .. }
            | Command::ApplyStanding
            | Command::Tick(_) => false,
        };
        let (scene, ticket) = (self.world.scene(), self.world.ticket());
        if let (false, Ok(again)) = (twice, decide(&scene, ticket, command.clone(), by)) {
            let facts: Vec<_> = again.events.iter().map(|event| &event.fact).collect();
            assert!(facts.is_empty(), "{command:?} again: {facts:?}");
            assert!(again.notices.is_empty(), "{command:?} again: {:?}", again.notices);
        }
    }

    /// A timer that fires early does nothing; one that fires leaves nothing due.
    fn tick(&mut self) {
        for concern in [Concern::Attention, Concern::Closing] {
            let due = |world: &World| {
                let timers = timers(world.ticket(), world.agreement()).expect("in the calendar");
                match concern {
                    Concern::Attention => timers.attention,
                    Concern::Closing => timers.closing,
                }
            };
            let now = self.world.now;
            let before = due(&self.world);
            let links =
                self.world.act(Command::Tick(concern), Actor::System).expect("never refused");
            match before {
                Some(at) if at <= now => assert!(links > 0, "{concern:?} was due {at:?}"),
                Some(_) | None => assert_eq!(links, 0, "{concern:?} was not due: {before:?}"),
            }
            let left = due(&self.world).filter(|at| *at <= now);
            assert_eq!(left, None, "{concern:?} stays due at {now:?}");
        }
    }

    /// Everything that is true long afterwards.
    pub(crate) fn outcome(&mut self) -> Outcome {
        self.world.now = self.start + TimeDelta::days(60);
        self.tick();
        self.world.check();
        self.reminded_once();
        let world = &self.world;
        let clocks = world.view().clocks(world.now).expect("in the calendar");
        let clock = |it: &domain::ticket::AttentionClock| {
            (it.name, it.received_at, it.target.target, it.target.tier, it.result)
        };
        let charges = world.view().charges(world.now).expect("in the calendar");
        Outcome {
            status: world.status(),
            received_at: world.ticket().cycle.received_at,
            clocks: format!("{:?}", clocks.iter().map(clock).collect::<Vec<_>>()),
            charges: format!("{charges:?}"),
            reply: format!("{:?}", world.view().reply_clock().expect("in the calendar")),
        }
    }

    /// What came from outside, whatever followed from it: refusals, to whom the desk wrote, and after
    /// which messages of the same instant: of what falls on one instant the event that came first came
    /// first.
    pub(crate) fn facts(&self) -> (Vec<usize>, Vec<String>) {
        let mut written = Vec::new();
        let mut received = Vec::new();
        for event in &self.world.events {
            if let Fact::ClientWrote { received_at, .. } = &event.fact {
                received.push(*received_at);
            }
            if let Fact::DeskWrote { recipients, .. } = &event.fact {
                let before = received.iter().filter(|it| **it == event.at).count();
                written.push(format!("{recipients:?} after {before} of its instant"));
            }
            // Whether a call takes a second person depends on what the desk knew when it recorded it.
            if let Fact::Proposed { .. } = &event.fact {
                written.push("a proposal".to_owned());
            }
        }
        let mut refused = self.refused.clone();
        refused.sort_unstable();
        (refused, written)
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    status: String,
    received_at: Instant,
    clocks: String,
    charges: String,
    reply: String,
}
