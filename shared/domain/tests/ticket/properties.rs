//! Properties of any history: what is true does not depend on the order in which facts are handled
//! (G7); a decision is deterministic; a second identical act changes nothing; timers wake exactly when
//! something is due, and nothing stays due; a head stays small; nothing panics.

use std::sync::LazyLock;

use domain::agreement::Agreement;
use domain::standing::{Span, StandingCause};
use domain::terms::{AutoCloseMode, Centavos, EmergencyHours, EmergencySurcharge};
use domain::ticket::{
    ActKind, ClosureReason, Command, Concern, DecideError, DeskAct, EscalationLevel, Fact,
    ReplyKind, SpocAct, decide, timers,
};
use domain::{Actor, Instant, Participant, TimeDelta};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::kit::{World, agreement, at, declaration, show, spoc, staff, text, wrote};

/// Pólizas that differ in what matters here.
static PLANS: LazyLock<Vec<Agreement>> = LazyLock::new(|| {
    vec![
        agreement("plan-1", |_| {}),
        agreement("plan-2", |plan| {
            plan.emergency_hours = Some(EmergencyHours::All);
            plan.emergency_surcharge = Some(EmergencySurcharge::WithCost(Centavos(300_000)));
            plan.auto_close = Some(AutoCloseMode::Guarded);
        }),
        agreement("plan-3", |plan| plan.emergency_attention = Some(false)),
    ]
});

/// What happens, at a minute after the opening.
#[derive(Debug, Clone)]
struct Step {
    minute: i64,
    what: What,
    /// Minutes until it is handled, in the run in which things are slow.
    delay: i64,
}

#[derive(Debug, Clone)]
enum What {
    Client(&'static str, SpocAct),
    /// A reply, accepted after so many minutes, if ever, and bounced at all or some recipients.
    Reply {
        reply: ReplyKind,
        accepted: Option<i64>,
        bounced: Vec<&'static str>,
    },
    Desk(&'static str, DeskAct),
    /// A call that ended now.
    Call(i64),
    ThanksForLast,
    ApproveLast,
    /// The last message goes out again to whom it had not reached, and is accepted.
    ResendLast,
    Suspend(StandingCause),
    Reactivate,
    Tick,
}

fn client() -> impl Strategy<Value = What> {
    let write = |still_fails| wrote(Some(text("hola")), still_fails);
    let act = prop_oneof![
        6 => any::<bool>().prop_map(write),
        1 => Just(SpocAct::AcceptSameDay),
        1 => Just(SpocAct::DeclineSameDay),
        1 => Just(SpocAct::AcceptEmergencyCost),
        1 => Just(SpocAct::DeclareCritical(declaration())),
        1 => Just(SpocAct::Confirm),
        1 => Just(SpocAct::Withdraw),
    ];
    let who = prop_oneof![3 => Just("ana"), 1 => Just("beto"), 1 => Just("caro")];
    (who, act).prop_map(|(who, act)| What::Client(who, act))
}

fn reply() -> impl Strategy<Value = What> {
    let reply = prop_oneof![
        2 => Just(ReplyKind::Answer),
        2 => Just(ReplyKind::InformationRequest),
        1 => Just(ReplyKind::AccessRequest),
        1 => Just(ReplyKind::AnswerAndRequest),
        4 => Just(ReplyKind::Solution),
        1 => Just(ReplyKind::ScopeDecision),
    ];
    let accepted =
        prop_oneof![6 => Just(Some(0)), 2 => (1_i64..90).prop_map(Some), 1 => Just(None)];
    let bounced = prop_oneof![
        6 => Just(vec![]), 1 => Just(vec!["ana"]), 1 => Just(vec!["ana", "beto", "caro"])
    ];
    (reply, accepted, bounced).prop_map(|(reply, accepted, bounced)| What::Reply {
        reply,
        accepted,
        bounced,
    })
}

fn desk() -> impl Strategy<Value = What> {
    let reason = prop_oneof![
        Just(ClosureReason::OutOfScope),
        Just(ClosureReason::NoAnswer),
        Just(ClosureReason::NotARequest),
        Just(ClosureReason::ServiceEnded),
    ];
    let act = prop_oneof![
        Just(DeskAct::ConfirmCriticality),
        Just(DeskAct::Downgrade { text: text("no impide") }),
        Just(DeskAct::EndPause { text: text("por teléfono") }),
        Just(DeskAct::Escalate { level: EscalationLevel::Senior }),
        Just(DeskAct::Escalate { level: EscalationLevel::Emergency }),
        Just(DeskAct::AcknowledgePage),
        Just(DeskAct::WaiveCharge { text: text("cortesía") }),
        Just(DeskAct::Note { text: text("nota") }),
        reason.prop_map(|reason| DeskAct::Close { reason, text: text("cierre") }),
    ];
    act.prop_map(|act| What::Desk("luis", act))
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        6 => client(),
        6 => reply(),
        3 => desk(),
        1 => (0_i64..120).prop_map(What::Call),
        1 => Just(What::ThanksForLast),
        1 => Just(What::ApproveLast),
        1 => Just(What::ResendLast),
        1 => prop_oneof![
            3 => Just(StandingCause::NonPayment), 1 => Just(StandingCause::Cancelled)
        ].prop_map(What::Suspend),
        1 => Just(What::Reactivate),
        3 => Just(What::Tick),
    ]
}

/// Steps of about a week and a half, close together and far apart.
fn steps(what: impl Strategy<Value = What>) -> impl Strategy<Value = Vec<Step>> {
    let gap = prop_oneof![4 => 1_i64..90, 3 => 60_i64..1500, 1 => 1500_i64..6000];
    let delay = prop_oneof![3 => Just(0_i64), 2 => 1_i64..60, 1 => 60_i64..4000];
    let step = (gap, what, delay);
    proptest::collection::vec(step, 1..24).prop_map(|steps| {
        let mut minute = 0;
        let place = |(gap, what, delay)| {
            minute += gap;
            Step { minute, what, delay }
        };
        steps.into_iter().map(place).collect()
    })
}

fn opened(plan: usize, minute: i64, critical: bool) -> World {
    let mut world = World::of(PLANS[plan].clone());
    world.thorough = false;
    let received = show(at("mar 2026-11-17 08:00") + TimeDelta::minutes(minute));
    world.open_by(&received, "ana", critical.then(declaration)).expect("ana may open");
    world
}

/// What is delivered to the ticket, and when it is handled.
enum Delivery {
    Step(usize),
    Accepted(usize, Instant),
    Bounced(usize, &'static str),
}

/// A run of a history.
struct Run {
    world: World,
    start: Instant,
    /// Numbers of the desk's messages, by the step that wrote them.
    messages: Vec<Option<u32>>,
    /// What was refused or found nothing to do, by the step.
    refused: Vec<usize>,
}

impl Run {
    fn of(world: World, steps: &[Step], slow: bool) -> Self {
        let start = world.now;
        let mut queue: Vec<(Instant, Delivery)> = Vec::new();
        for (place, step) in steps.iter().enumerate() {
            let happens = start + TimeDelta::minutes(step.minute);
            let later = happens + TimeDelta::minutes(if slow { step.delay } else { 0 });
            match &step.what {
                What::Client(..) => queue.push((later, Delivery::Step(place))),
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
                let received_at = self.start + TimeDelta::minutes(step.minute);
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
                // An act that found nothing to do leaves no fact: a second acceptance, a confirmation
                // of what silence had closed.
                let closed = self.world.status();
                let idle = match &command {
                    Command::Spoc { act: SpocAct::Confirm | SpocAct::Withdraw, .. } => {
                        links == 0 || closed.contains("auto")
                    }
                    Command::Spoc { .. } => links == 0,
                    Command::Participant { .. }
                    | Command::MailNoted { .. }
                    | Command::BlockClosing { .. }
                    | Command::UnblockClosing { .. }
                    | Command::Desk(_)
                    | Command::MessageAccepted { .. }
                    | Command::MessageBounced { .. }
                    | Command::MessageResent { .. }
                    | Command::ApplyStanding
                    | Command::Tick(_) => false,
                };
                if idle {
                    self.refused.push(place);
                }
                self.again(&command, by);
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
    fn outcome(&mut self) -> Outcome {
        self.world.now = self.start + TimeDelta::days(60);
        self.tick();
        self.world.check();
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

    /// What came from outside, whatever followed from it: refusals, and to whom the desk wrote.
    fn facts(&self) -> (Vec<usize>, Vec<String>) {
        let mut written = Vec::new();
        for event in &self.world.events {
            if let Fact::DeskWrote { recipients, .. } = &event.fact {
                written.push(format!("{recipients:?}"));
            }
        }
        let mut refused = self.refused.clone();
        refused.sort_unstable();
        (refused, written)
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    status: String,
    received_at: Instant,
    clocks: String,
    charges: String,
    reply: String,
}

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, max_shrink_iters: 4000, ..Config::default() }
}

/// What may be handled in any order: client's acts, the mail service's events, ticks, the gate. Acts
/// of the desk happen when they happen.
fn delayable() -> impl Strategy<Value = What> {
    let call = (0_i64..20).prop_map(What::Call);
    let suspend = Just(What::Suspend(StandingCause::NonPayment));
    let downgrade = Just(What::Desk("luis", DeskAct::Downgrade { text: text("no impide") }));
    prop_oneof![
        7 => client(), 6 => reply(), 1 => call, 1 => downgrade, 1 => suspend,
        1 => Just(What::Reactivate), 3 => Just(What::Tick),
    ]
}

proptest! {
    #![proptest_config(config(500))]

    /// G7: results come from recorded facts, not from when they were handled.
    #[test]
    fn results_do_not_depend_on_the_order_of_handling(
        plan in 0_usize..3,
        minute in 0_i64..1200,
        critical in any::<bool>(),
        steps in steps(delayable()),
    ) {
        let mut prompt = Run::of(opened(plan, minute, critical), &steps, false);
        let mut slow = Run::of(opened(plan, minute, critical), &steps, true);
        // Where the desk was refused in one run, or a client was, other things have happened.
        if prompt.facts() == slow.facts() {
            prop_assert_eq!(prompt.outcome(), slow.outcome());
        }
    }

    /// Any history at all: the assertions in [`Run`], the chain, the fold, and the size of the head.
    #[test]
    fn any_history(
        plan in 0_usize..3,
        minute in 0_i64..1200,
        critical in any::<bool>(),
        steps in steps(what()),
    ) {
        let mut run = Run::of(opened(plan, minute, critical), &steps, true);
        let size = serde_json::to_string(run.world.ticket()).expect("JSON").len();
        prop_assert!(size < 4096, "a head of {size} bytes");
        run.outcome();
    }
}

/// Heads stay below 4 KB, also that of a long conversation of three people in a reopened ticket.
#[test]
fn heads_stay_small() {
    let size = |world: &World| serde_json::to_string(world.ticket()).expect("JSON").len();
    let mut world = World::of(PLANS[0].clone()).open("vie 2026-11-20 10:00");
    assert!(size(&world) < 800, "opened: {}", size(&world));
    world.sends("vie 2026-11-20 11:00", ReplyKind::InformationRequest);
    world.writes("vie 2026-11-20 12:00");
    world.sends("vie 2026-11-20 13:00", ReplyKind::Solution);
    assert!(size(&world) < 1024, "solved: {}", size(&world));
    let talk = |world: &mut World| {
        for _ in 0..30 {
            let now = show(world.now + TimeDelta::minutes(10));
            for who in ["ana", "beto", "caro"] {
                let write = wrote(None, false);
                world.client(&now, who, write).expect("participants");
            }
            world.sends(&now, ReplyKind::Answer);
        }
    };
    talk(&mut world);
    let now = show(world.now + TimeDelta::minutes(10));
    world.sends(&now, ReplyKind::Solution);
    world.wait("vie 2026-11-27 12:00");
    world.writes("vie 2026-11-27 12:00");
    assert_eq!(world.status(), "2 open");
    talk(&mut world);
    assert!(size(&world) < 4096, "reopened, long: {}", size(&world));
}
