//! A world in which a ticket lives: one client with his SPoCs, an agreement, a gate, a desk of two.
//!
//! Instants are written as "vie 2026-11-20 14:00", with the weekday, so that a row can be read without
//! a calendar; a wrong weekday fails the test. After every act the world checks what must always hold:
//! the chain verifies, the fold of the events is the state, the wake-ups are those of the state.

use std::sync::Arc;

use domain::agreement::{Agreement, Pinned};
use domain::calendar::{Holidays, WorkCalendar};
use domain::evidence::{Event, Hash, Link, TextDigest, verify};
use domain::standing::{Gate, Span, StandingCause};
use domain::terms::{Centavos, Parameters, Terms};
use domain::ticket::{
    AddedParticipant, Channel, ClockName, ClockResult, ClosureReason, Command, Concern,
    Confirmation, DecideError, Decision, Declaration, DeskAct, EssentialOperation, Notice, Open,
    RefusalCode, ReplyKind, Scene, SpocAct, Ticket, View, Written, decide, open, timers,
};
use domain::{
    Actor, ClientId, Instant, ModuleName, Participant, ParticipantId, Power, Role, Spoc, SpocId,
    StaffId, StaffMember,
};

/// The ordinary clock.
pub(crate) const ORDINARY: ClockName = ClockName::Ordinary;
/// The immediate clock of the first declaration.
pub(crate) const IMMEDIATE: ClockName = ClockName::Immediate(0);

/// More wakes than this in one wait are a timer that fires for ever.
const WAKES_MAX: usize = 1000;

const WEEKDAYS: [&str; 7] = ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"];

/// "vie 2026-11-20 14:00", seconds and milliseconds if need be, in the time of Mexico City.
pub(crate) fn at(text: &str) -> Instant {
    let (weekday, local) = text.split_once(' ').expect("weekday and time");
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    let parse = |format: &&str| chrono::NaiveDateTime::parse_from_str(local, format).ok();
    let local = formats.iter().find_map(parse).unwrap_or_else(|| panic!("{text}: no local time"));
    let instant = Instant::from_local(local);
    assert_eq!(show(instant).split(' ').next(), Some(weekday), "{text}: another weekday");
    instant
}

/// The same form back.
pub(crate) fn show(instant: Instant) -> String {
    use chrono::{Datelike as _, Timelike as _};
    let local = instant.local();
    let weekday = WEEKDAYS[local.weekday().num_days_from_monday() as usize];
    let format = match (local.second(), local.nanosecond()) {
        (0, 0) => "%Y-%m-%d %H:%M",
        (_, 0) => "%Y-%m-%d %H:%M:%S",
        (_, _) => "%Y-%m-%d %H:%M:%S%.3f",
    };
    format!("{weekday} {}", local.format(format))
}

pub(crate) fn spoc(id: &str) -> SpocId {
    SpocId::parse(id).expect("a SPoC's id")
}

pub(crate) fn text(words: &str) -> TextDigest {
    TextDigest::of(&[7; 16], words)
}

/// An answer of a SPoC.
pub(crate) fn wrote(text: Option<TextDigest>, still_fails: bool) -> SpocAct {
    SpocAct::Write(Written { text, still_fails, ..Written::default() })
}

/// A confirmation of a mail that was asked for at one instant and given at another.
pub(crate) fn confirmed(asked: &str, confirmed: &str) -> Option<Confirmation> {
    Some(Confirmation { asked_at: at(asked), confirmed_at: at(confirmed) })
}

/// An address that is not a SPoC's.
pub(crate) fn participant(place: u8) -> ParticipantId {
    ParticipantId::parse(&format!("{place:016x}")).expect("a participant's id")
}

/// The same, to be added.
pub(crate) fn added(place: u8) -> AddedParticipant {
    let text = text(&format!("persona{place}@acme.example"));
    AddedParticipant { id: participant(place), text }
}

pub(crate) fn staff(id: &str) -> Actor {
    let id = StaffId::parse(id).expect("a staff id");
    Actor::Staff(StaffMember { id, role: Role::Agent })
}

pub(crate) fn declaration() -> Declaration {
    Declaration { operation: EssentialOperation::Invoicing, fully_blocked: true, text: None }
}

/// An agreement of the product's defaults and what `set` changes in the póliza.
pub(crate) fn agreement(plan: &str, set: impl FnOnce(&mut Parameters)) -> Agreement {
    let mut parameters = Parameters {
        same_day_surcharge: Some(Centavos(150_000)),
        emergency_attention: Some(true),
        ..Parameters::default()
    };
    set(&mut parameters);
    let on = at("vie 2026-11-20 00:00").date();
    let terms = Terms::resolve(None, &parameters, &[], on);
    let calendar = WorkCalendar::new(&terms.contracted_hours.value, &Holidays::official());
    let (plan, edition) = (plan.to_owned(), Some("ed-1".to_owned()));
    let pinned = Pinned { plan, edition, calendar: None, on, master: None };
    Agreement { pinned, terms: Arc::new(terms), calendar: Arc::new(calendar) }
}

/// A client and one ticket.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) agreements: Vec<Agreement>,
    /// What holds at a reactivation, where that is not what holds at the receipt.
    pub(crate) reactivations: Vec<(Instant, Agreement)>,
    pub(crate) gate: Gate,
    pub(crate) spocs: Vec<Spoc>,
    pub(crate) offers_stopped: bool,
    pub(crate) now: Instant,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) links: Vec<Link>,
    pub(crate) events: Vec<Event>,
    /// Notices of the last act.
    pub(crate) notices: Vec<Notice>,
    /// Chain and fold are checked after every act, not only when asked.
    pub(crate) thorough: bool,
}

/// A request of `who`.
pub(crate) fn request(received: &str, who: &str) -> Open {
    let client = ClientId::parse("ACME").expect("a client code");
    Open {
        reference: client.reference([1, 2, 3, 4, 5, 6, 7, 8]),
        client,
        received_at: at(received),
        channel: Channel::Http,
        opener: spoc(who),
        module: ModuleName::parse("account").ok(),
        text: text("no puedo facturar"),
        critical: None,
        continues: None,
        held_since: None,
        confirmation: None,
        participants: Vec::new(),
        followers: Vec::new(),
    }
}

pub(crate) fn world() -> World {
    World::of(agreement("plan-1", |_| {}))
}

impl World {
    pub(crate) fn of(agreement: Agreement) -> Self {
        let person = |id: &str, powers: &[Power], until: Option<&str>| Spoc {
            id: spoc(id),
            name: id.to_owned(),
            emails: vec![format!("{id}@acme.example")],
            phones: Vec::new(),
            valid_from: at("jue 2026-01-01 00:00"),
            valid_to: until.map(at),
            powers: powers.to_vec(),
            designated_by: None,
            known_from: None,
            known_until: None,
        };
        let spocs = vec![
            person("ana", &[Power::Open, Power::AuthoriseCost], None),
            person("beto", &[], None),
            person("caro", &[Power::AuthoriseCost], None),
            person("dora", &[Power::Open], Some("lun 2026-11-23 00:00")),
        ];
        Self {
            agreements: vec![agreement],
            reactivations: Vec::new(),
            gate: Gate::default(),
            spocs,
            offers_stopped: false,
            now: at("jue 2026-01-01 00:00"),
            ticket: None,
            links: Vec::new(),
            events: Vec::new(),
            notices: Vec::new(),
            thorough: true,
        }
    }

    /// Registers a request of `who`.
    pub(crate) fn open_by(
        &mut self,
        received: &str,
        who: &str,
        critical: Option<Declaration>,
    ) -> Result<(), DecideError> {
        self.register(Open { critical, ..request(received, who) })
    }

    /// Registers a request, not before it was received.
    pub(crate) fn register(&mut self, request: Open) -> Result<(), DecideError> {
        self.now = self.now.max(request.received_at);
        let by = Actor::Spoc(request.opener.clone());
        let decision = open(&self.scene(), request, by)?;
        self.take(decision);
        Ok(())
    }

    pub(crate) fn open(mut self, received: &str) -> Self {
        self.open_by(received, "ana", None).expect("ana may open");
        self
    }

    pub(crate) fn open_critical(mut self, received: &str) -> Self {
        self.open_by(received, "ana", Some(declaration())).expect("ana may open");
        self
    }

    pub(crate) fn scene(&self) -> Scene<'_> {
        Scene {
            now: self.now,
            fresh: self.agreements.last().expect("an agreement"),
            pinned: &self.agreements,
            reactivations: &self.reactivations,
            gate: &self.gate,
            spocs: &self.spocs,
            offers_stopped: self.offers_stopped,
        }
    }

    /// Decides at the present instant and takes over what was decided.
    pub(crate) fn act(&mut self, command: Command, by: Actor) -> Result<usize, DecideError> {
        let decision = decide(&self.scene(), self.ticket(), command, by)?;
        let links = decision.links.len();
        self.take(decision);
        Ok(links)
    }

    /// Takes over what was decided.
    pub(crate) fn take(&mut self, decision: Decision) {
        assert_eq!(decision.events.len(), decision.links.len());
        self.links.extend(decision.links);
        self.events.extend(decision.events);
        self.notices = decision.notices;
        self.ticket = Some(decision.ticket);
        let ticket = self.ticket();
        assert_eq!(timers(ticket, self.agreement()).as_ref(), Ok(&decision.timers));
        if self.thorough {
            self.check();
        }
        let ticket = self.ticket();
        let notices: Vec<_> =
            self.notices.iter().map(|it| it.id(&ticket.opened.reference)).collect();
        let once: std::collections::BTreeSet<_> = notices.iter().collect();
        assert_eq!(once.len(), notices.len(), "two notices of one act have one id");
    }

    /// The chain verifies, and the fold of its events is the state (15.1), which can be stored.
    pub(crate) fn check(&self) {
        let ticket = self.ticket();
        let head = verify(ticket.opened.reference.as_str(), &self.links).expect("a whole chain");
        assert_eq!(head, ticket.chain);
        assert_eq!(self.fold().as_ref(), Some(ticket), "the fold is another state");
        let cycles = std::iter::once(&ticket.cycle).chain(ticket.before.as_deref());
        let known: Vec<_> = cycles.flat_map(|it| &it.inbound).collect();
        let twice = |place: usize| known[..place].contains(&known[place]);
        assert!(!(0..known.len()).any(twice), "a message is known twice: {known:?}");
        let stored = serde_json::to_string(ticket).expect("JSON");
        let read: Ticket = serde_json::from_str(&stored).expect("a ticket");
        assert_eq!(&read, ticket, "it is another one once it was stored");
    }

    /// The state as folded from the sealed events alone.
    pub(crate) fn fold(&self) -> Option<Ticket> {
        let read = |link: &Link| link.event().expect("a readable event");
        let events: Vec<(Event, Hash)> =
            self.links.iter().map(|link| (read(link), link.hash.clone())).collect();
        Ticket::fold(events.iter().map(|(event, hash)| (event, hash)))
    }

    /// An act of a SPoC, received and handled at once.
    pub(crate) fn client(
        &mut self,
        when: &str,
        who: &str,
        act: SpocAct,
    ) -> Result<usize, DecideError> {
        self.client_late(when, when, who, act)
    }

    /// An act of a SPoC that is handled later than it was received.
    pub(crate) fn client_late(
        &mut self,
        handled: &str,
        received: &str,
        who: &str,
        act: SpocAct,
    ) -> Result<usize, DecideError> {
        self.now = self.now.max(at(handled));
        let by = spoc(who);
        let command = Command::Spoc { by: by.clone(), received_at: at(received), act };
        self.act(command, Actor::Spoc(by))
    }

    /// A message of ana; gives its number.
    pub(crate) fn writes(&mut self, when: &str) -> u32 {
        self.writes_late(when, when)
    }

    pub(crate) fn writes_late(&mut self, handled: &str, received: &str) -> u32 {
        let write = wrote(Some(text("hola")), false);
        self.client_late(handled, received, "ana", write).expect("ana may write");
        let wrote = self
            .events
            .iter()
            .rfind(|event| matches!(event.fact, domain::ticket::Fact::ClientWrote { .. }));
        wrote.expect("a message").seq
    }

    /// A message of an address that was added; gives how many events it made.
    pub(crate) fn participant_writes(
        &mut self,
        when: &str,
        place: u8,
    ) -> Result<usize, DecideError> {
        self.now = self.now.max(at(when));
        let (by, text) = (participant(place), text("tampoco a mí me funciona"));
        let command =
            Command::Participant { by: by.clone(), received_at: at(when), text, still_fails: true };
        self.act(command, Actor::Participant(by))
    }

    /// A mail that was received at `received` is held, which is handled at `handled`.
    pub(crate) fn holds(&mut self, handled: &str, received: &str) -> usize {
        self.now = self.now.max(at(handled));
        let command = Command::BlockClosing { received_at: at(received) };
        self.act(command, Actor::System).expect("a block is never refused")
    }

    /// The held mail waits no longer.
    pub(crate) fn settles(&mut self, when: &str, received: &str) -> usize {
        self.now = self.now.max(at(when));
        let command = Command::UnblockClosing { received_at: at(received) };
        self.act(command, Actor::System).expect("never refused")
    }

    /// An act of the desk by luis.
    pub(crate) fn desk(&mut self, when: &str, act: DeskAct) -> Result<usize, DecideError> {
        self.desk_by(when, "luis", act)
    }

    pub(crate) fn desk_by(
        &mut self,
        when: &str,
        who: &str,
        act: DeskAct,
    ) -> Result<usize, DecideError> {
        self.now = self.now.max(at(when));
        self.act(Command::Desk(act), staff(who))
    }

    /// A message of the desk that is not yet accepted; gives its number.
    pub(crate) fn reply(&mut self, when: &str, reply: ReplyKind) -> u32 {
        self.desk(when, DeskAct::Reply { reply, text: text("respuesta") }).expect("may reply");
        self.ticket().seq
    }

    /// A message of the desk that the mail service accepts at once.
    pub(crate) fn sends(&mut self, when: &str, reply: ReplyKind) -> u32 {
        let message = self.reply(when, reply);
        self.accepted(message, when);
        message
    }

    pub(crate) fn accepted(&mut self, message: u32, when: &str) {
        self.now = self.now.max(at(when));
        let command = Command::MessageAccepted { message, at: at(when) };
        self.act(command, Actor::System).expect("an acceptance is never refused");
    }

    /// Handled at `when`, accepted at `accepted`.
    pub(crate) fn taken(&mut self, when: &str, message: u32, recipient: &str, accepted: &str) {
        self.now = self.now.max(at(when));
        let (recipient, at) = (Participant::Spoc(spoc(recipient)), at(accepted));
        let command = Command::MessageTaken { message, recipient, at };
        self.act(command, Actor::System).expect("an acceptance is never refused");
    }

    pub(crate) fn bounced(&mut self, when: &str, message: u32, recipient: &str) {
        self.now = self.now.max(at(when));
        let recipient = Participant::Spoc(spoc(recipient));
        let command = Command::MessageBounced { message, recipient };
        self.act(command, Actor::System).expect("a bounce is never refused");
    }

    /// Luis has a message sent again to somebody whom it had not reached.
    pub(crate) fn resent(&mut self, when: &str, message: u32, recipient: &str) {
        self.now = self.now.max(at(when));
        let command =
            Command::MessageResent { message, recipient: Participant::Spoc(spoc(recipient)) };
        self.act(command, staff("luis")).expect("a resend is never refused");
    }

    /// Both timers fire.
    pub(crate) fn tick(&mut self, when: &str) -> Vec<String> {
        self.now = self.now.max(at(when));
        let mut told = Vec::new();
        for concern in [Concern::Attention, Concern::Closing] {
            self.act(Command::Tick(concern), Actor::System).expect("a tick is never refused");
            told.extend(self.told());
        }
        told
    }

    /// Time passes until `when`, the timers firing exactly when they are due; gives what was told.
    pub(crate) fn wait(&mut self, when: &str) -> Vec<String> {
        let mut told = Vec::new();
        for _ in 0..WAKES_MAX {
            let due = timers(self.ticket(), self.agreement()).expect("in the calendar").earliest();
            let Some(due) = due.filter(|due| *due <= at(when)) else {
                self.now = self.now.max(at(when));
                return told;
            };
            let due = show(due.max(self.now));
            told.extend(self.tick(&due).into_iter().map(|what| format!("{due} {what}")));
        }
        panic!("{WAKES_MAX} wakes and still something is due: {told:?}")
    }

    /// The póliza is not served from `from` to `to`; the ticket hears of it at `heard`.
    pub(crate) fn suspended(&mut self, heard: &str, cause: StandingCause, from: &str, to: &str) {
        self.gate.rev += 1;
        self.gate.spans.retain(|span| span.to.is_some());
        let to = (!to.is_empty()).then(|| at(to));
        self.gate.spans.push(Span { cause, from: at(from), to });
        self.hears(heard);
    }

    /// The ticket hears of the gate.
    pub(crate) fn hears(&mut self, when: &str) {
        self.now = self.now.max(at(when));
        if self.ticket.is_some() {
            self.act(Command::ApplyStanding, Actor::System).expect("a standing is never refused");
        }
    }

    pub(crate) fn ticket(&self) -> &Ticket {
        self.ticket.as_ref().expect("a ticket")
    }

    /// The agreement of the current cycle.
    pub(crate) fn agreement(&self) -> &Agreement {
        let pinned = &self.ticket().cycle.pinned;
        let reactivated = self.reactivations.iter().map(|(_, agreement)| agreement);
        let mut known = self.agreements.iter().chain(reactivated);
        known.find(|it| it.pinned == *pinned).expect("a known agreement")
    }

    pub(crate) fn view(&self) -> View<'_> {
        View::current(self.ticket(), self.agreement())
    }

    /// The target of a clock.
    pub(crate) fn target(&self, name: ClockName) -> String {
        let clocks = self.view().clocks(self.now).expect("in the calendar");
        let clock = clocks.iter().find(|clock| clock.name == name);
        match clock.map(|clock| clock.target.target) {
            None => "no clock".to_owned(),
            Some(None) => "no target".to_owned(),
            Some(Some(target)) => show(target),
        }
    }

    /// The result of a clock.
    pub(crate) fn result(&self, name: ClockName) -> String {
        let clocks = self.view().clocks(self.now).expect("in the calendar");
        let clock = clocks.iter().find(|clock| clock.name == name);
        match clock.map(|clock| clock.result) {
            None => "no clock".to_owned(),
            Some(ClockResult::Pending) => "pending".to_owned(),
            Some(ClockResult::Met { attended_at }) => format!("met {}", show(attended_at)),
            Some(ClockResult::Missed { attended_at: None }) => "missed".to_owned(),
            Some(ClockResult::Missed { attended_at: Some(at) }) => format!("missed {}", show(at)),
            Some(ClockResult::Superseded { at }) => format!("superseded {}", show(at)),
            Some(ClockResult::Closed { at }) => format!("closed {}", show(at)),
        }
    }

    /// Open, or closed why and when.
    pub(crate) fn status(&self) -> String {
        let cycle = &self.ticket().cycle;
        let number = cycle.number;
        match &cycle.closure {
            None => format!("{number} open"),
            Some(closure) => format!("{number} {} {}", word(closure.reason), show(closure.at)),
        }
    }

    /// The charges: what for and whether they are owed.
    pub(crate) fn charges(&self) -> Vec<String> {
        let charges = self.view().charges(self.now).expect("in the calendar");
        let show =
            |charge: &domain::ticket::Charge| format!("{:?} {:?}", charge.kind, charge.state);
        charges.iter().map(show).collect()
    }

    /// Whom the last act told what.
    pub(crate) fn told(&self) -> Vec<String> {
        let show = |notice: &Notice| format!("{}>{}", notice.content.kind(), notice.to.word());
        self.notices.iter().map(show).collect()
    }

    /// What the last act told one recipient.
    pub(crate) fn told_to(&self, who: &str) -> Vec<&'static str> {
        let to = |notice: &&Notice| notice.to.word() == who;
        self.notices.iter().filter(to).map(|notice| notice.content.kind()).collect()
    }
}

fn word(reason: ClosureReason) -> &'static str {
    match reason {
        ClosureReason::Auto => "auto",
        ClosureReason::Confirmed => "confirmed",
        ClosureReason::Withdrawn => "withdrawn",
        ClosureReason::Merged => "merged",
        ClosureReason::OutOfScope => "out_of_scope",
        ClosureReason::NoAnswer => "no_answer",
        ClosureReason::NotARequest => "not_a_request",
        ClosureReason::ServiceEnded => "service_ended",
    }
}

/// The code of a refusal.
pub(crate) fn code(result: Result<usize, DecideError>) -> Option<RefusalCode> {
    match result {
        Ok(_) => None,
        Err(DecideError::Refused(refusal)) => {
            assert!(!refusal.text.is_empty() && !refusal.rule.is_empty());
            Some(refusal.code)
        }
        Err(DecideError::Target(error)) => panic!("{error}"),
    }
}
