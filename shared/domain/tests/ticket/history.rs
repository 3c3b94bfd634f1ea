//! What may happen to a ticket, drawn at random: plans, steps, and when each is handled.

use std::sync::LazyLock;

use domain::TimeDelta;
use domain::agreement::Agreement;
use domain::standing::StandingCause;
use domain::terms::{AutoCloseMode, Centavos, EmergencyHours, EmergencySurcharge};
use domain::ticket::{ClosureReason, DeskAct, EscalationLevel, Open, ReplyKind, SpocAct};
use proptest::prelude::*;

use crate::kit::{World, added, agreement, at, declaration, request, show, text, wrote};

/// Pólizas that differ in what matters here.
pub(crate) static PLANS: LazyLock<Vec<Agreement>> = LazyLock::new(|| {
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
pub(crate) struct Step {
    pub(crate) minute: i64,
    pub(crate) what: What,
    /// Minutes until it is handled, in the run in which things are slow.
    pub(crate) delay: i64,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
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
    /// A message of the address that was added.
    Participant,
    /// A mail that is held, and after so many minutes what becomes of it.
    Held(i64, Fate),
    /// A machine's mail.
    Machine,
}

/// What becomes of a held mail.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    /// Confirmed: it counts from its receipt.
    Confirmed,
    /// Adopted: it counts from then on.
    Adopted,
    /// Discarded by the desk.
    Discarded,
    /// Nobody cares.
    Forgotten,
}

pub(crate) fn client() -> impl Strategy<Value = What> {
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

pub(crate) fn mail() -> impl Strategy<Value = What> {
    let fate = prop_oneof![
        Just(Fate::Confirmed),
        Just(Fate::Adopted),
        Just(Fate::Discarded),
        Just(Fate::Forgotten)
    ];
    let held = prop_oneof![2 => 1_i64..90, 3 => 60_i64..6000];
    prop_oneof![
        4 => (held, fate).prop_map(|(held, fate)| What::Held(held, fate)),
        2 => Just(What::Participant),
        1 => Just(What::Machine),
    ]
}

pub(crate) fn reply() -> impl Strategy<Value = What> {
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

pub(crate) fn desk() -> impl Strategy<Value = What> {
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

pub(crate) fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        6 => client(),
        6 => reply(),
        3 => desk(),
        3 => mail(),
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
pub(crate) fn steps(what: impl Strategy<Value = What>) -> impl Strategy<Value = Vec<Step>> {
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

pub(crate) fn opened(plan: usize, minute: i64, critical: bool) -> World {
    let mut world = World::of(PLANS[plan].clone());
    world.thorough = false;
    let received = show(at("mar 2026-11-17 08:00") + TimeDelta::minutes(minute));
    let critical = critical.then(declaration);
    let request = Open { critical, participants: vec![added(1)], ..request(&received, "ana") };
    world.register(request).expect("ana may open");
    world
}
