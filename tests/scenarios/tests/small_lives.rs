//! Small random lives, each lived twice: once undisturbed, and once with crashes, repeated and
//! reordered records, wake-ups that nobody asked for, and parts that are dead for a while. Both end
//! with the same results.

use std::sync::Arc;

use app::memory::faults::{Edge, Faulty, Plan};
use domain::ticket::{ClockResult, ClosureReason, ReplyKind, View};
use domain::{Instant, TicketRef, TimeDelta};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tests_scenarios::cases::{Step, asks, at, desk_asks, open, perform, writes};
use tests_scenarios::doors::{ClientVerb, DeskVerb, Request};
use tests_scenarios::play::check;
use tests_scenarios::world::World;

/// What somebody does.
#[derive(Debug, Clone, Copy)]
enum Act {
    AnaWrites,
    BetoWrites,
    Accepts,
    Answer,
    Question,
    Solution,
    Confirms,
    Withdraws,
    EndsPause,
}

/// What goes wrong around it.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    None,
    /// The function dies at a call, before or after it.
    Crash(usize, bool),
    /// The stream brings its last records again, in the reverse order.
    Replay(usize),
    /// Both timers fire without reason.
    Wake,
    /// The stream is dead until the next act.
    StreamDead,
    /// The scheduler is dead until the next act.
    SchedulerDead,
}

#[derive(Debug, Clone)]
struct Scene {
    act: Act,
    hours: i64,
    trouble: Trouble,
}

fn scene() -> impl Strategy<Value = Scene> {
    let act = prop_oneof![
        3 => Just(Act::AnaWrites),
        1 => Just(Act::BetoWrites),
        1 => Just(Act::Accepts),
        3 => Just(Act::Answer),
        2 => Just(Act::Question),
        4 => Just(Act::Solution),
        1 => Just(Act::Confirms),
        1 => Just(Act::Withdraws),
        1 => Just(Act::EndsPause),
    ];
    let trouble = prop_oneof![
        1 => Just(Trouble::None),
        4 => (0..8_usize, any::<bool>()).prop_map(|(n, after)| Trouble::Crash(n, after)),
        1 => (1..20_usize).prop_map(Trouble::Replay),
        1 => Just(Trouble::Wake),
        1 => Just(Trouble::StreamDead),
        1 => Just(Trouble::SchedulerDead),
    ];
    (act, prop_oneof![1..8_i64, Just(24), Just(49), Just(120)], trouble)
        .prop_map(|(act, hours, trouble)| Scene { act, hours, trouble })
}

/// What the agreement knows of a life: results, answers to the people, how often each kind of mail
/// went to a client.
#[derive(Debug, PartialEq, Eq)]
struct Results {
    answers: Vec<Result<(), String>>,
    cycle: u32,
    closure: Option<ClosureReason>,
    clocks: Vec<ClockResult>,
}

async fn live(scenes: &[Scene], disturbed: bool) -> (Results, Option<Instant>) {
    let mut world = World::in_memory(at("mar 2026-11-17 14:30")).await;
    let opening = asks(&world, "Ana", None, "opening", open(None));
    let reference = tests_scenarios::cases::done(&mut world, opening).await;
    let mut answers = Vec::new();
    // Clients act at ten past, the desk at twenty to: a mail that went out some minutes late is then
    // on the same side of everything.
    let mut hour = at("mar 2026-11-17 15:00");
    for (n, scene) in scenes.iter().enumerate() {
        hour = hour + TimeDelta::hours(scene.hours);
        let minutes = if is_clients(scene.act) { 10 } else { 40 };
        world.advance(hour + TimeDelta::minutes(minutes)).await;
        heal(&mut world);
        let step = Step::Request(request(&world, &reference, scene.act, n));
        let trouble = if disturbed { scene.trouble } else { Trouble::None };
        answers.push(meet(&mut world, &reference, &step, trouble).await);
    }
    world.pass(TimeDelta::hours(1)).await;
    heal(&mut world);
    world.pass(TimeDelta::days(9)).await;
    let repeated = check(&mut world, std::slice::from_ref(&reference)).await;
    assert!(repeated.is_empty(), "mails went out twice: {repeated:?}");
    results(&world, &reference, answers).await
}

fn is_clients(act: Act) -> bool {
    match act {
        Act::AnaWrites | Act::BetoWrites | Act::Accepts | Act::Confirms | Act::Withdraws => true,
        Act::Answer | Act::Question | Act::Solution | Act::EndsPause => false,
    }
}

fn heal(world: &mut World) {
    world.stream_alive = true;
    world.stream_reversed = false;
    world.set_scheduler(true);
}

async fn meet(
    world: &mut World,
    reference: &TicketRef,
    step: &Step,
    trouble: Trouble,
) -> Result<(), String> {
    match trouble {
        Trouble::None => {}
        Trouble::Crash(number, after) => {
            let edge = if after { Edge::After } else { Edge::Before };
            let faulty = Faulty::new((*world.env).clone(), Plan::cut_at(number, edge));
            let faulty = Arc::new(faulty);
            if let Some(answer) = faulty.until_cut(perform(&faulty, step)).await {
                // The act made fewer calls, and nothing was cut.
                world.settle().await;
                return answer;
            }
        }
        Trouble::Replay(records) => {
            world.stream_reversed = true;
            world.replay_stream(records);
        }
        Trouble::Wake => world.wake(&app::keys::ticket(reference)).await,
        Trouble::StreamDead => world.stream_alive = false,
        Trouble::SchedulerDead => world.set_scheduler(false),
    }
    let answer = perform(&world.env, step).await;
    world.settle().await;
    answer
}

fn request(world: &World, reference: &TicketRef, act: Act, n: usize) -> Request {
    let key = format!("acto-{n}");
    let client = |name, verb| asks(world, name, Some(reference), &key, verb);
    let desk = |verb| desk_asks(world, "Luis", reference, &key, verb);
    match act {
        Act::AnaWrites => client("Ana", writes("¿Novedades?")),
        Act::BetoWrites => client("Beto", writes("A mí también me pasa.")),
        Act::Accepts => client("Ana", ClientVerb::SameDay { accept: true }),
        Act::Confirms => client("Ana", ClientVerb::Confirm),
        Act::Withdraws => client("Ana", ClientVerb::Withdraw),
        Act::Answer => desk(DeskVerb::Reply(ReplyKind::Answer, "Lo vemos.".to_owned())),
        Act::Question => desk(DeskVerb::Reply(ReplyKind::InformationRequest, "¿Cuál?".to_owned())),
        Act::Solution => desk(DeskVerb::Reply(ReplyKind::Solution, "Listo.".to_owned())),
        Act::EndsPause => desk(DeskVerb::EndPause("Ya lo vimos.".to_owned())),
    }
}

async fn results(
    world: &World,
    reference: &TicketRef,
    answers: Vec<Result<(), String>>,
) -> (Results, Option<Instant>) {
    let loaded = app::execute::load(&*world.env, reference).await.expect("in this world");
    let ticket = &loaded.head.doc.ticket;
    let view = View::current(ticket, &loaded.pinned[0]);
    let clocks = view.clocks(world.now()).expect("in this world");
    let closure = ticket.cycle.closure.clone();
    let results = Results {
        answers,
        cycle: ticket.cycle.number,
        closure: closure.as_ref().map(|closure| closure.reason),
        clocks: clocks.into_iter().map(|clock| clock.result).collect(),
    };
    (results, closure.map(|closure| closure.at))
}

fn compare(scenes: &[Scene]) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("in this world");
    let (usual, closed_at) = runtime.block_on(live(scenes, false));
    let (found, found_at) = runtime.block_on(live(scenes, true));
    prop_assert_eq!(usual, found);
    // What was sent some minutes later closes as much later.
    let apart = closed_at.zip(found_at).map_or(TimeDelta::zero(), |(a, b)| b - a);
    prop_assert!(apart.abs() <= TimeDelta::minutes(15), "closed {apart} apart");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn trouble_changes_no_result(scenes in prop::collection::vec(scene(), 1..10)) {
        compare(&scenes)?;
    }
}
