//! Two at once: whoever is second sees what the first one did, and nothing is done twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::memory::MemoryEnv;
use app::memory::MemoryStore;
use app::memory::faults::{Edge, Faulty, Plan, Script, Step as Fault};
use domain::TimeDelta;
use domain::ticket::ClosureReason;
use futures::FutureExt as _;
use tests_scenarios::cases::{CASES, Case, Step, asks, at, desk_asks, done, open, perform, writes};
use tests_scenarios::doors::{ClientVerb, DeskVerb};
use tests_scenarios::play::check;
use tests_scenarios::tap::Tapped;
use tests_scenarios::world::World;

/// Lets somebody else act right before a call of a run, and perhaps a third before a call of his.
struct Rival {
    env: Arc<MemoryEnv<Tapped<MemoryStore>>>,
    step: Step,
    at: usize,
    acted: AtomicBool,
    third: Option<(Step, usize)>,
}

impl Script for Rival {
    fn step(&self, number: usize, _: &'static str, edge: Edge) -> Fault {
        let mine = number == self.at && edge == Edge::Before;
        if mine && !self.acted.swap(true, Ordering::SeqCst) {
            // Nothing in memory waits, so that the rival's act is done at the first poll.
            let acted = match &self.third {
                None => perform(&self.env, &self.step).now_or_never(),
                Some((third, number)) => {
                    let script = Self::of(&self.env, third, *number, None);
                    let env = Arc::new(Faulty::new((*self.env).clone(), script));
                    perform(&env, &self.step).now_or_never()
                }
            };
            assert!(acted.is_some(), "the rival had to wait");
        }
        Fault::Pass
    }
}

impl Rival {
    fn of(
        env: &Arc<MemoryEnv<Tapped<MemoryStore>>>,
        step: &Step,
        at: usize,
        third: Option<(Step, usize)>,
    ) -> Self {
        let (env, step) = (Arc::clone(env), step.clone());
        Self { env, step, at, acted: AtomicBool::new(false), third }
    }
}

/// Runs `step` with a rival before call `number`.
async fn race(world: &World, step: &Step, rival: &Step, number: usize) -> Result<(), String> {
    let script = Rival::of(&world.env, rival, number, None);
    perform(&Arc::new(Faulty::new((*world.env).clone(), script)), step).await
}

async fn calls(world: &World, step: &Step) -> usize {
    // A run on a copy tells how many calls there are.
    let mut env = (*world.env).clone();
    env.store = Tapped::new(world.env.store.inner.fork());
    env.mailer = app::memory::MemoryMailer::new(env.clock.clone());
    let faulty = Arc::new(Faulty::new(env, Arc::new(Plan::quiet())));
    let _ = perform(&faulty, step).await;
    faulty.script().calls().len()
}

/// A world with a ticket whose silence runs out now.
async fn silent() -> (World, domain::TicketRef) {
    let mut world = World::in_memory(at("mar 2026-11-17 10:00")).await;
    let request = asks(&world, "Ana", None, "opening", open(None));
    let reference = done(&mut world, request).await;
    let verb = DeskVerb::Reply(domain::ticket::ReplyKind::Solution, "Ya timbra.".to_owned());
    let request = desk_asks(&world, "Luis", &reference, "solution", verb);
    done(&mut world, request).await;
    world.set_scheduler(false);
    world.sweep_alive = false;
    world.advance(at("jue 2026-11-19 10:00")).await;
    world.sweep_alive = true;
    (world, reference)
}

#[tokio::test]
async fn two_closers_close_once() {
    let (world, reference) = silent().await;
    let step = Step::Closing(app::keys::ticket(&reference));
    for number in 0..calls(&world, &step).await {
        let (mut world, reference) = silent().await;
        let answer = race(&world, &step_of(&reference), &step_of(&reference), number).await;
        assert_eq!(answer, Ok(()), "before call {number}");
        world.settle().await;
        assert!(check(&mut world, std::slice::from_ref(&reference)).await.is_empty());
        assert_eq!(sent(&world, "Ticket cerrado"), 1, "before call {number}");
    }
}

#[tokio::test]
async fn a_closer_and_an_answer_of_the_last_moment_agree() {
    let (world, reference) = silent().await;
    let closer = step_of(&reference);
    let number_max = calls(&world, &closer).await;
    for answered_first in [true, false] {
        for number in 0..number_max {
            let (mut world, reference) = silent().await;
            let closer = step_of(&reference);
            let mut request = asks(&world, "Ana", Some(&reference), "k", writes("Sigue."));
            request.received_at = at("jue 2026-11-19 09:59");
            let answer = Step::Request(request);
            let (step, rival) = if answered_first { (closer, answer) } else { (answer, closer) };
            let outcome = race(&world, &step, &rival, number).await;
            assert_eq!(outcome, Ok(()), "before call {number}");
            world.settle().await;
            assert!(check(&mut world, std::slice::from_ref(&reference)).await.is_empty());
            let head = app::execute::load(&*world.env, &reference).await.unwrap().head.doc;
            let cycle = &head.ticket.cycle;
            assert_eq!(
                (cycle.number, &cycle.closure),
                (1, &None),
                "an answer in time keeps it open"
            );
            // A closing that was told is corrected once, and one that was not is not.
            let (told, corrected) = (sent(&world, "Ticket cerrado"), sent(&world, "Corrección"));
            assert_eq!(told, corrected, "before call {number}");
        }
    }
}

/// Rule 9.6: an answer received at the very instant of the closing comes after it, and reopens, whichever
/// of the three is first.
#[tokio::test]
async fn two_closers_and_an_answer_of_one_millisecond() {
    let (world, reference) = silent().await;
    let calls = calls(&world, &step_of(&reference)).await;
    for (number, third) in (0..calls).flat_map(|one| (0..calls).map(move |other| (one, other))) {
        let (mut world, reference) = silent().await;
        let answer = Step::Request(asks(&world, "Ana", Some(&reference), "k", writes("Sigue.")));
        let closer = step_of(&reference);
        let script = Rival::of(&world.env, &closer, number, Some((answer, third)));
        let env = Arc::new(Faulty::new((*world.env).clone(), script));
        let place = format!("before calls {number} and {third}");
        assert_eq!(perform(&env, &closer).await, Ok(()), "{place}");
        world.settle().await;
        assert!(check(&mut world, std::slice::from_ref(&reference)).await.is_empty(), "{place}");
        let ticket = head(&world, &reference).await;
        // Where the third never came to that call, the closing stands.
        let answered = ticket.cycle.number == 2;
        assert_eq!(ticket.cycle.closure.is_none(), answered, "{place}");
        assert!(answered || third > 0, "{place}");
        assert!(sent(&world, "Ticket cerrado") <= 1, "{place}");
        assert_eq!(sent(&world, "Corrección"), 0, "{place}");
    }
}

#[tokio::test]
async fn a_confirmation_and_a_closer_close_once() {
    let (world, reference) = silent().await;
    for number in 0..calls(&world, &step_of(&reference)).await {
        let (mut world, reference) = silent().await;
        let mut request = asks(&world, "Ana", Some(&reference), "k", ClientVerb::Confirm);
        request.received_at = at("jue 2026-11-19 09:59");
        let outcome = race(&world, &step_of(&reference), &Step::Request(request), number).await;
        assert_eq!(outcome, Ok(()));
        world.settle().await;
        assert!(check(&mut world, std::slice::from_ref(&reference)).await.is_empty());
        let head = app::execute::load(&*world.env, &reference).await.unwrap().head.doc;
        let closure = head.ticket.cycle.closure.expect("closed");
        assert_eq!(closure.reason, ClosureReason::Confirmed, "before call {number}");
        assert_eq!(closure.at, at("jue 2026-11-19 09:59"));
    }
}

#[tokio::test]
async fn two_relays_send_a_notice_once() {
    let place = CASES.len();
    let mut found = false;
    for make in &CASES[..place] {
        let Case { name, world, step } = make().await;
        if !matches!(step, Step::Stream(_)) {
            continue;
        }
        found = true;
        for number in 0..calls(&world, &step).await {
            let Case { mut world, step, .. } = make().await;
            // A record that lost its race comes again with the next reading of the stream.
            let _ = race(&world, &step, &step, number).await;
            world.stream_alive = true;
            world.settle().await;
            world.pass(TimeDelta::minutes(15)).await;
            let repeated = check(&mut world, &[]).await;
            assert!(repeated.is_empty(), "{name}, before call {number}: {repeated:?}");
        }
    }
    assert!(found);
}

fn step_of(reference: &domain::TicketRef) -> Step {
    Step::Closing(app::keys::ticket(reference))
}

/// Mails whose subject says so.
fn sent(world: &World, words: &str) -> usize {
    let parser = mail_parser::MessageParser::default();
    let subjects = world.post.mails.iter().filter_map(|mail| {
        parser.parse(&mail.message.mime).and_then(|it| it.subject().map(str::to_owned))
    });
    subjects.filter(|subject| subject.contains(words)).count()
}

/// A world with two open tickets of Ana's client, the earlier one first.
async fn twins() -> (World, domain::TicketRef, domain::TicketRef) {
    let mut world = World::in_memory(at("mar 2026-11-17 10:00")).await;
    let request = asks(&world, "Ana", None, "one", open(None));
    let earlier = done(&mut world, request).await;
    world.advance(at("mar 2026-11-17 10:30")).await;
    let request = asks(&world, "Ana", None, "other", open(None));
    let later = done(&mut world, request).await;
    world.advance(at("mar 2026-11-17 10:31")).await;
    (world, earlier, later)
}

fn merges(world: &World, one: &domain::TicketRef, other: &domain::TicketRef, key: &str) -> Step {
    let verb = DeskVerb::Merge { with: other.to_string(), text: "Es lo mismo.".to_owned() };
    Step::Request(desk_asks(world, "Luis", one, key, verb))
}

/// Rule 4.5: two merges at once, from either side, merge once; a merge and an act that closes one of the
/// two agree on which came first; the two tickets never tell different things.
#[tokio::test]
async fn merges_at_once() {
    let (world, earlier, later) = twins().await;
    let withdraw = |world: &World, which: &domain::TicketRef| {
        Step::Request(asks(world, "Ana", Some(which), "w", ClientVerb::Withdraw))
    };
    for number in 0..calls(&world, &merges(&world, &earlier, &later, "m")).await {
        for rival in 0..3 {
            let (mut world, earlier, later) = twins().await;
            let step = merges(&world, &earlier, &later, "m");
            let other = match rival {
                0 => merges(&world, &later, &earlier, "n"),
                1 => withdraw(&world, &later),
                _ => withdraw(&world, &earlier),
            };
            let outcome = race(&world, &step, &other, number).await;
            world.settle().await;
            let both = [earlier.clone(), later.clone()];
            assert!(check(&mut world, &both).await.is_empty(), "before call {number}");
            let (stays, leaves) = (head(&world, &earlier).await, head(&world, &later).await);
            let merged = leaves.merged_into == Some(earlier);
            assert_eq!(stays.took_in, if merged { vec![later] } else { Vec::new() });
            assert_eq!(merged, outcome.is_ok(), "before call {number}: {outcome:?}");
            assert_eq!(leaves.cycle.closure.is_some(), merged || rival == 1);
            assert_eq!(sent(&world, "Ticket cerrado"), 1, "before call {number}, {rival}");
        }
    }
}

async fn head(world: &World, reference: &domain::TicketRef) -> domain::ticket::Ticket {
    app::execute::load(&*world.env, reference).await.expect("it was opened").head.doc.ticket
}
