//! What was gone for on purpose, through the real handlers: each attack with everything that varies in it,
//! against what must be true whichever way it came.

#![expect(clippy::unwrap_used, reason = "a helper of a test that panics is a failed test")]

mod agreement;
mod closing;
mod restore;

use domain::TicketRef;
use domain::ticket::{ReplyKind, Ticket};
use tests_scenarios::cases::{asks, at, desk_asks, done, open};
use tests_scenarios::doors::DeskVerb;
use tests_scenarios::post::Mail;
use tests_scenarios::world::World;

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

/// A ticket of Ana's, opened at 10:00 of Tuesday 17 November 2026 and solved at 11:00, so that silence closes it
/// on Thursday at 11:00.
async fn solved() -> (World, TicketRef) {
    let mut world = World::in_memory(at("mar 2026-11-17 10:00")).await;
    let request = asks(&world, "Ana", None, "opening", open(None));
    let reference = done(&mut world, request).await;
    world.advance(at("mar 2026-11-17 11:00")).await;
    let verb = DeskVerb::Reply(ReplyKind::Solution, "Ya timbra.".to_owned());
    let request = desk_asks(&world, "Luis", &reference, "solution", verb);
    done(&mut world, request).await;
    (world, reference)
}

/// Nothing acts by itself until [`wakes`].
fn sleeps(world: &mut World) {
    world.set_scheduler(false);
    world.sweep_alive = false;
}

fn wakes(world: &mut World) {
    world.set_scheduler(true);
    world.sweep_alive = true;
}

async fn ticket(world: &World, reference: &TicketRef) -> Ticket {
    app::execute::load(&*world.env, reference).await.unwrap().head.doc.ticket
}

fn subject(mail: &Mail) -> String {
    let mail = mail_parser::MessageParser::default().parse(&mail.message.mime).unwrap();
    mail.subject().unwrap_or_default().to_owned()
}

/// How many mails went out whose subject says so.
fn told(world: &World, words: &str) -> usize {
    world.post.mails.iter().filter(|mail| subject(mail).contains(words)).count()
}

/// The newest mail whose subject says so.
fn newest<'a>(world: &'a World, words: &str) -> &'a Mail {
    world.post.mails.iter().rfind(|mail| subject(mail).contains(words)).unwrap()
}

/// The address of a link in a mail.
fn link(mail: &Mail, label: &str) -> String {
    let parsed = mail_parser::MessageParser::default().parse(&mail.message.mime).unwrap();
    let text = parsed.body_text(0).unwrap().into_owned();
    let start = format!("{label}: ");
    let url = text.lines().find_map(|line| line.strip_prefix(&start)).unwrap();
    format!("/a/{}", url.trim().split_once("/a/").unwrap().1)
}
