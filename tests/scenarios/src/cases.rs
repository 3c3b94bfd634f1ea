//! Steps of a ticket's life that a crash may hit, each with the world just before it.

use std::sync::Arc;

use app::memory::{MemoryEntropy, MemoryEnv, MemoryStore};
use app::ports::Env;
use app::relay::StreamBatch;
use app::timers::TimerEvent;
use domain::standing::{Span, StandingCause};
use domain::ticket::{EssentialOperation, ReplyKind};
use domain::{ClientId, Instant, TicketRef, TimeDelta};
use mail_events::Event;

use crate::doors::{self, Answer, ClientVerb, DeskVerb, Request, Verb};
use crate::moment;
use crate::tap::Tapped;
use crate::world::World;

/// What is done in one invocation of a function.
#[derive(Debug, Clone)]
pub enum Step {
    /// A request over HTTP.
    Request(Request),
    /// A wake-up of `sla-timer`.
    Attention(String),
    /// A wake-up of `auto-close`.
    Closing(String),
    /// A batch of the stream.
    Stream(StreamBatch),
    /// An event of the mail service.
    Mail(Event),
    /// A sweep.
    Sweep,
}

/// A step with the world before it.
pub struct Case {
    /// What is done, in a few words.
    pub name: &'static str,
    /// The world just before it; the stream is not read until it is switched on.
    pub world: World,
    /// The step.
    pub step: Step,
}

/// Makes the world of a case; every call makes the same.
pub type Make = fn() -> std::pin::Pin<Box<dyn Future<Output = Case>>>;

/// Every case.
pub const CASES: [Make; 18] = [
    || Box::pin(opening()),
    || Box::pin(critical_opening()),
    || Box::pin(held_opening()),
    || Box::pin(client_answer()),
    || Box::pin(acceptance()),
    || Box::pin(reply(ReplyKind::Answer, "a reply")),
    || Box::pin(reply(ReplyKind::InformationRequest, "a request for information")),
    || Box::pin(reply(ReplyKind::Solution, "a solution")),
    || Box::pin(note()),
    || Box::pin(end_of_pause()),
    || Box::pin(warning()),
    || Box::pin(closing()),
    || Box::pin(confirmation()),
    || Box::pin(reopening()),
    || Box::pin(sending()),
    || Box::pin(bounce()),
    || Box::pin(spreading()),
    || Box::pin(late_sweep()),
];

/// Carries out a step in an environment.
///
/// # Errors
/// What the function would tell its caller, in words.
pub async fn perform<E: Env>(env: &Arc<E>, step: &Step) -> Result<(), String> {
    let event = |function: &str, pk: &str| TimerEvent {
        function: function.to_owned(),
        aggregate: pk.to_owned(),
    };
    match step {
        Step::Request(request) => match doors::knock(env, request).await {
            Answer::Done { .. } => Ok(()),
            Answer::Refused { rule, text } => Err(format!("{rule}: {text}")),
            Answer::Later(why) => Err(why),
        },
        Step::Attention(pk) => {
            let answer = sla_timer::handle(env.as_ref(), &event("sla-timer", pk)).await;
            answer.map_err(|failure| failure.to_string())
        }
        Step::Closing(pk) => {
            let answer = auto_close::handle(env.as_ref(), &event("auto-close", pk)).await;
            answer.map_err(|failure| failure.to_string())
        }
        Step::Stream(batch) => match outbox_relay::handle(env.as_ref(), batch).await.failures.len()
        {
            0 => Ok(()),
            failed => Err(format!("{failed} records failed")),
        },
        Step::Mail(event) => {
            mail_events::handle(env.as_ref(), event).await.map_err(|failure| failure.to_string())
        }
        Step::Sweep => match sweep::handle(env.as_ref()).await {
            Ok(report) if report.failed == 0 => Ok(()),
            Ok(report) => Err(format!("{} entries failed", report.failed)),
            Err(failure) => Err(failure.to_string()),
        },
    }
}

impl Case {
    /// The environment of one invocation: the world's, with random bytes that are the same for every
    /// attempt, so that runs can be compared.
    #[must_use]
    pub fn env(&self) -> MemoryEnv<Tapped<MemoryStore>> {
        let mut env = (*self.world.env).clone();
        env.entropy = MemoryEntropy::new(77);
        env
    }
}

/// A moment of the scripts.
///
/// # Panics
/// When there is no such moment.
#[must_use]
pub fn at(text: &str) -> Instant {
    moment::read(text).expect("a moment").expect("a moment").0
}

/// A request of a SPoC at the present instant of a world.
///
/// # Panics
/// When nobody is called so.
#[must_use]
pub fn asks(
    world: &World,
    name: &str,
    ticket: Option<&TicketRef>,
    key: &str,
    verb: ClientVerb,
) -> Request {
    Request {
        token: world.tokens.get(name).cloned().expect("in the cast"),
        received_at: world.now(),
        key: key.to_owned(),
        ticket: ticket.cloned(),
        verb: Verb::Client(verb),
    }
}

/// A request of a member of the desk.
///
/// # Panics
/// When nobody is called so.
#[must_use]
pub fn desk_asks(
    world: &World,
    name: &str,
    ticket: &TicketRef,
    key: &str,
    verb: DeskVerb,
) -> Request {
    Request {
        token: world.tokens.get(name).cloned().expect("in the cast"),
        received_at: world.now(),
        key: key.to_owned(),
        ticket: Some(ticket.clone()),
        verb: Verb::Desk(verb),
    }
}

/// Makes a request and lets the world come to rest.
///
/// # Panics
/// When it is not carried out.
pub async fn done(world: &mut World, request: Request) -> TicketRef {
    match doors::knock(&world.env, &request).await {
        Answer::Done { reference: Some(reference), .. } => {
            world.settle().await;
            reference
        }
        answer @ (Answer::Done { .. } | Answer::Refused { .. } | Answer::Later(_)) => {
            panic!("{request:?}: {answer:?}")
        }
    }
}

/// An opening.
#[must_use]
pub fn open(critical: Option<EssentialOperation>) -> ClientVerb {
    ClientVerb::Open { critical, text: "No timbra la factura".to_owned() }
}

/// A message of a client.
#[must_use]
pub fn writes(text: &str) -> ClientVerb {
    ClientVerb::Write { text: text.to_owned(), still_fails: false }
}

/// A world in which Ana has opened a ticket.
async fn opened(when: &str) -> (World, TicketRef) {
    let mut world = World::in_memory(at(when)).await;
    let request = asks(&world, "Ana", None, "opening", open(None));
    let reference = done(&mut world, request).await;
    (world, reference)
}

async fn solved(when: &str) -> (World, TicketRef) {
    let (mut world, reference) = opened(when).await;
    world.pass(TimeDelta::hours(1)).await;
    let solution = DeskVerb::Reply(ReplyKind::Solution, "Ya timbra.".to_owned());
    let request = desk_asks(&world, "Luis", &reference, "solution", solution);
    done(&mut world, request).await;
    (world, reference)
}

fn case(name: &'static str, mut world: World, step: Step) -> Case {
    world.stream_alive = false;
    Case { name, world, step }
}

fn pk(reference: &TicketRef) -> String {
    app::keys::ticket(reference)
}

async fn opening() -> Case {
    let world = World::in_memory(at("vie 2026-11-20 14:30")).await;
    let step = Step::Request(asks(&world, "Beto", None, "k", open(None)));
    case("an opening with an offer", world, step)
}

async fn critical_opening() -> Case {
    let world = World::in_memory(at("sáb 2026-11-21 02:00")).await;
    let verb = open(Some(EssentialOperation::SalesPos));
    let step = Step::Request(asks(&world, "Carla", None, "k", verb));
    case("a critical opening with its page", world, step)
}

async fn held_opening() -> Case {
    let mut world = World::in_memory(at("vie 2026-11-20 10:00")).await;
    suspend(&mut world).await;
    let step = Step::Request(asks(&world, "Ana", None, "k", open(None)));
    case("a held opening", world, step)
}

async fn suspend(world: &mut World) {
    let client = ClientId::parse("FERRE").expect("a client code");
    let span = Span { cause: StandingCause::NonPayment, from: world.now(), to: None };
    let rev = app::standing::change(&*world.env, &client, vec![span], Vec::new()).await;
    rev.expect("the gate is written");
    world.settle().await;
}

async fn client_answer() -> Case {
    let (mut world, reference) = opened("vie 2026-11-20 10:00").await;
    world.pass(TimeDelta::minutes(30)).await;
    let step = Step::Request(asks(&world, "Ana", Some(&reference), "k", writes("¿Novedades?")));
    case("an answer of the client", world, step)
}

async fn acceptance() -> Case {
    let (world, reference) = opened("vie 2026-11-20 14:30").await;
    let verb = ClientVerb::SameDay { accept: true };
    let step = Step::Request(asks(&world, "Ana", Some(&reference), "k", verb));
    case("an acceptance of the same day", world, step)
}

async fn reply(kind: ReplyKind, name: &'static str) -> Case {
    let (mut world, reference) = opened("vie 2026-11-20 10:00").await;
    world.pass(TimeDelta::minutes(30)).await;
    let verb = DeskVerb::Reply(kind, "Lo revisamos.".to_owned());
    let step = Step::Request(desk_asks(&world, "Luis", &reference, "k", verb));
    case(name, world, step)
}

async fn note() -> Case {
    let (world, reference) = opened("vie 2026-11-20 10:00").await;
    let verb = DeskVerb::Note("Es el certificado.".to_owned());
    let step = Step::Request(desk_asks(&world, "Luis", &reference, "k", verb));
    case("an internal note", world, step)
}

/// The end of a pause by a person.
///
/// # Panics
/// When the world before it cannot be made.
pub async fn end_of_pause() -> Case {
    let (mut world, reference) = opened("vie 2026-11-20 10:00").await;
    let verb = DeskVerb::Reply(ReplyKind::AccessRequest, "¿Usuario?".to_owned());
    let request = desk_asks(&world, "Luis", &reference, "asked", verb);
    done(&mut world, request).await;
    world.pass(TimeDelta::minutes(30)).await;
    let verb = DeskVerb::EndPause("Ya lo teníamos.".to_owned());
    let step = Step::Request(desk_asks(&world, "Luis", &reference, "k", verb));
    case("the end of a pause", world, step)
}

async fn warning() -> Case {
    let (mut world, reference) = opened("vie 2026-11-20 10:00").await;
    world.set_scheduler(false);
    world.sweep_alive = false;
    world.advance(at("vie 2026-11-20 18:01")).await;
    world.sweep_alive = true;
    case("a target that is missed", world, Step::Attention(pk(&reference)))
}

async fn closing() -> Case {
    let (mut world, reference) = solved("mar 2026-11-17 10:00").await;
    world.advance(at("jue 2026-11-19 10:59")).await;
    world.set_scheduler(false);
    world.sweep_alive = false;
    world.advance(at("jue 2026-11-19 11:01")).await;
    world.sweep_alive = true;
    case("a closing", world, Step::Closing(pk(&reference)))
}

async fn confirmation() -> Case {
    let (mut world, reference) = solved("mar 2026-11-17 10:00").await;
    world.pass(TimeDelta::hours(1)).await;
    let step = Step::Request(asks(&world, "Ana", Some(&reference), "k", ClientVerb::Confirm));
    case("a confirmation", world, step)
}

async fn reopening() -> Case {
    let (mut world, reference) = solved("mar 2026-11-17 10:00").await;
    world.advance(at("vie 2026-11-20 14:30")).await;
    let step = Step::Request(asks(&world, "Ana", Some(&reference), "k", writes("Otra vez.")));
    case("a reopening", world, step)
}

/// The stream brings everything that an opening and a solution wrote.
async fn sending() -> Case {
    let mut world = World::in_memory(at("vie 2026-11-20 14:30")).await;
    world.stream_alive = false;
    let read = world.env.store.stream_since(0).len();
    let request = asks(&world, "Ana", None, "opening", open(None));
    let reference = done(&mut world, request).await;
    let verb = DeskVerb::Reply(ReplyKind::Solution, "Ya timbra.".to_owned());
    let request = desk_asks(&world, "Luis", &reference, "solution", verb);
    done(&mut world, request).await;
    let records = world.env.store.stream_since(read);
    case("the sending of notices", world, Step::Stream(StreamBatch { records }))
}

/// The only copy of a solution comes back.
async fn bounce() -> Case {
    let (mut world, reference) = opened("vie 2026-11-20 10:00").await;
    world.post.set_bouncing("ana@ferretera.example", true);
    let verb = DeskVerb::Reply(ReplyKind::Solution, "Ya timbra.".to_owned());
    let request = desk_asks(&world, "Luis", &reference, "solution", verb);
    done(&mut world, request).await;
    world.env.clock.set(world.now() + TimeDelta::minutes(1));
    let mut events = world.post.take_due(world.now());
    let event = events.pop().expect("the bounce is told a minute later");
    case("a bounce", world, Step::Mail(event))
}

async fn spreading() -> Case {
    let (mut world, _) = opened("vie 2026-11-20 10:00").await;
    world.stream_alive = false;
    let read = world.env.store.stream_since(0).len();
    suspend(&mut world).await;
    let records = world.env.store.stream_since(read);
    case("the spreading of a suspension", world, Step::Stream(StreamBatch { records }))
}

/// A sweep after everything was down for three days.
async fn late_sweep() -> Case {
    let (mut world, _) = solved("mar 2026-11-17 10:00").await;
    let request = asks(&world, "Beto", None, "second", open(None));
    done(&mut world, request).await;
    world.stream_alive = false;
    world.sweep_alive = false;
    world.set_scheduler(false);
    world.advance(at("vie 2026-11-20 11:00")).await;
    world.sweep_alive = true;
    case("a sweep after three days", world, Step::Sweep)
}
