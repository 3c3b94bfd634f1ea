//! Attacks on the closing by silence (9.2 to 9.7).

use app::inbound::INBOUND;
use app::ports::Blobs as _;
use domain::standing::{Span, StandingCause};
use domain::ticket::{ClosureReason, View};
use domain::{ClientId, Instant, TicketRef, TimeDelta};
use tests_scenarios::cases::at;
use tests_scenarios::doors::{self, DeskVerb, Request, Verb};
use tests_scenarios::letters::Letter;
use tests_scenarios::pages;
use tests_scenarios::play::check;
use tests_scenarios::post::Post;
use tests_scenarios::script::Proof;
use tests_scenarios::world::World;

use crate::{link, newest, run, sleeps, solved, ticket, told, wakes};

/// When it becomes known that the solution came back, and whether what was due by then had been done.
const KNOWN: [(&str, bool); 8] = [
    ("mié 2026-11-18 10:59", true),
    ("mié 2026-11-18 11:30", true),
    ("jue 2026-11-19 10:59:59.999", true),
    ("jue 2026-11-19 11:00", false),
    ("jue 2026-11-19 11:00", true),
    ("jue 2026-11-19 15:00", false),
    ("lun 2026-11-23 09:00", true),
    ("vie 2026-12-04 09:00", true),
];

/// G15, 9.3: a solution that came back from everybody never was, however late that becomes known. No silence
/// began with it, so nothing closes; a closing that was told is taken back once; who presses "quedó resuelto"
/// in the reminder is told that there is nothing to confirm; and sent again, it begins a silence of its own.
#[test]
fn a_solution_that_comes_back_after_its_reminder() {
    for (known, acted) in KNOWN {
        run(async {
            let (mut world, reference) = solved().await;
            if acted {
                world.advance(at(known)).await;
            } else {
                world.advance(at("mié 2026-11-18 12:00")).await;
                sleeps(&mut world);
                world.advance(at(known)).await;
            }
            let bounce = Post::bounce(newest(&world, "Solución propuesta"));
            mail_events::handle(&*world.env, &bounce).await.unwrap();
            wakes(&mut world);
            world.settle().await;
            world.pass(TimeDelta::minutes(10)).await;
            is_open(&world, &reference, known).await;
            assert_eq!(told(&world, "Correo no entregado"), 1, "{known}: the desk is told");
            let reminded = told(&world, "Su ticket está por cerrarse");
            assert_eq!(reminded, usize::from(at(known) > at("mié 2026-11-18 11:00")), "{known}");
            let closed = told(&world, "Ticket cerrado");
            assert_eq!(told(&world, "Corrección"), closed, "{known}: what was told is corrected");
            assert_eq!(closed, usize::from(acted && at(known) >= at("jue 2026-11-19 11:00")));
            if reminded > 0 {
                press_what_is_resolved(&mut world, &reference, known).await;
            }
            sent_again(&mut world, &reference, known).await;
        });
    }
}

async fn is_open(world: &World, reference: &TicketRef, place: &str) {
    let loaded = app::execute::load(&*world.env, reference).await.unwrap();
    let ticket = &loaded.head.doc.ticket;
    let view = View::current(ticket, &loaded.pinned[0]);
    assert_eq!((ticket.cycle.number, &ticket.cycle.closure), (1, &None), "{place}");
    assert_eq!(view.silence().unwrap(), None, "{place}: no silence runs");
}

async fn press_what_is_resolved(world: &mut World, reference: &TicketRef, place: &str) {
    let path = link(newest(world, "Su ticket está por cerrarse"), "Quedó resuelto");
    let page = pages::open(&world.env, &path, world.now()).await;
    let page = pages::press(&world.env, &page, world.now()).await;
    world.settle().await;
    let text = page.lines.join(" ");
    let says = ["aún no se ha enviado una solución", "venció", "ya no"];
    assert!(says.iter().any(|it| text.contains(it)), "{place}: {text}");
    is_open(world, reference, place).await;
}

/// The desk has it sent again: a day later the client is reminded, a day after that it closes.
async fn sent_again(world: &mut World, reference: &TicketRef, place: &str) {
    let reminded = told(world, "Su ticket está por cerrarse");
    let failed = app::tickets::failed_notices(&*world.env, None).await.unwrap();
    let notice = failed.items.iter().map(|(key, _, _)| key.clone()).next();
    let verb = DeskVerb::SettleNotice { resend: true, notice };
    let (token, received_at) = (world.tokens["Luis"].clone(), world.now());
    let (key, ticket) = ("again".to_owned(), Some(reference.clone()));
    let request = Request { token, received_at, key, ticket, verb: Verb::Desk(verb) };
    doors::knock(&world.env, &request).await;
    world.settle().await;
    let sent_at = world.now();
    world.advance(sent_at + TimeDelta::hours(48) + TimeDelta::minutes(1)).await;
    let closure = crate::ticket(world, reference).await.cycle.closure.unwrap();
    let expected = (ClosureReason::Auto, sent_at + TimeDelta::hours(48));
    assert_eq!((closure.reason, closure.at), expected, "{place}");
    assert_eq!(told(world, "Su ticket está por cerrarse"), reminded + 1, "{place}");
    let repeated = check(world, std::slice::from_ref(reference)).await;
    assert!(repeated.is_empty(), "{place}: {repeated:?}");
}

/// How the client's answer comes to be handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handled {
    /// At once, by the mail service's event.
    AtOnce,
    /// Its event is lost: it lies in the bucket when the closer comes.
    InTheBucket,
    /// It reaches the bucket only after the closer: the mail service was slow.
    AfterTheCloser,
}

/// Offsets from the closing instant, in milliseconds: when the suspension begins, when the answer is received. A
/// mail without its event tells no more than the second.
const OFFSETS: [i64; 5] = [-3_600_000, -1_000, 0, 1_000, 3_600_000];

/// 10.5, 9.6: while a póliza is suspended no silence runs, and an answer voids the closing; what is received at
/// the instant of a closing or after it reopens, and is held where the póliza is suspended by then. How the
/// answer comes to be handled changes nothing of it.
#[test]
fn a_suspended_clients_answer_to_a_ticket_that_closes() {
    for (suspended, received) in
        OFFSETS.into_iter().flat_map(|one| OFFSETS.map(|other| (one, other)))
    {
        for handled in [Handled::AtOnce, Handled::InTheBucket, Handled::AfterTheCloser] {
            let place = format!("suspended at {suspended}, answer at {received}, {handled:?}");
            run(async {
                let (world, reference) = answered(suspended, received, handled).await;
                let cycle = ticket(&world, &reference).await.cycle;
                let closing = at("jue 2026-11-19 11:00");
                // A suspension that begins before the closing holds it; so does an answer in time.
                let reopened = suspended >= 0 && received >= 0;
                let number = if reopened { 2 } else { 1 };
                assert_eq!((cycle.number, &cycle.closure), (number, &None), "{place}");
                let held = reopened && suspended <= received;
                assert_eq!(
                    cycle.clock_from.is_none(),
                    held,
                    "{place}: a held reopening has no clock"
                );
                let before = ticket(&world, &reference).await.before;
                let closed = before.and_then(|it| it.closure).map(|it| (it.reason, it.at));
                assert_eq!(closed, reopened.then_some((ClosureReason::Auto, closing)), "{place}");
                let told_closed = told(&world, "Ticket cerrado");
                let corrected = told(&world, "Corrección");
                assert_eq!(told_closed - corrected, usize::from(reopened), "{place}");
            });
        }
    }
}

/// The world a day after the answer was handled.
async fn answered(suspended: i64, received: i64, handled: Handled) -> (World, TicketRef) {
    let (mut world, reference) = solved().await;
    let closing = at("jue 2026-11-19 11:00");
    let after = |millis: i64| Instant::from_millis(closing.millis() + millis);
    let (from, received_at) = (after(suspended), after(received));
    world.advance(at("mié 2026-11-18 12:00")).await;
    let client = ClientId::parse("FERRE").unwrap();
    let span = Span { cause: StandingCause::NonPayment, from, to: None };
    app::standing::change(&*world.env, &client, vec![span], Vec::new()).await.unwrap();
    world.settle().await;
    let letter = letter(&world, received_at);
    match handled {
        Handled::AtOnce => {
            world.advance(received_at).await;
            stored(&world, &letter).await;
            intake_mail::handle(&*world.env, &letter.event("m1")).await.unwrap();
        }
        Handled::InTheBucket => {
            sleeps(&mut world);
            world.advance(received_at).await;
            stored(&world, &letter).await;
            world.advance(closing.max(received_at)).await;
            wakes(&mut world);
            world.wake(&app::keys::ticket(&reference)).await;
        }
        Handled::AfterTheCloser => {
            world.advance(closing.max(received_at) + TimeDelta::minutes(20)).await;
            stored(&world, &letter).await;
            intake_mail::handle(&*world.env, &letter.event("m1")).await.unwrap();
        }
    }
    world.settle().await;
    world.pass(TimeDelta::days(1)).await;
    let repeated = check(&mut world, std::slice::from_ref(&reference)).await;
    assert!(repeated.is_empty(), "{repeated:?}");
    assert!(world.env.blobs.oldest(INBOUND).is_none(), "nothing lies in the bucket");
    (world, reference)
}

/// Ana answers the mail with the solution.
fn letter(world: &World, received_at: Instant) -> Letter {
    let (name, from) = world.cast.mailbox("Ana");
    let mut letter = Letter {
        name,
        from,
        to: String::new(),
        cc: Vec::new(),
        subject: String::new(),
        text: "Sigue igual.".to_owned(),
        message_id: "respuesta@ferretera.example".to_owned(),
        answers: Vec::new(),
        proof: Proof::Passes,
        automatic: false,
        received_at,
    };
    letter.answer_to(newest(world, "Solución propuesta"));
    letter
}

async fn stored(world: &World, letter: &Letter) {
    let object = format!("{INBOUND}m1");
    world.env.blobs.put(&object, &letter.object("m1")).await.unwrap();
}

/// G7, 10.5: a suspension that becomes known after the closing moves it, also where the standing changed
/// once more before anybody had heard of the first change.
#[test]
fn what_is_closed_hears_of_every_change_of_the_standing() {
    run(async {
        let (mut world, reference) = solved().await;
        world.advance(at("vie 2026-11-20 09:00")).await;
        let client = ClientId::parse("FERRE").unwrap();
        let (from, to) = (at("jue 2026-11-19 09:00"), at("jue 2026-11-19 10:00"));
        let known_late = Span { cause: StandingCause::NonPayment, from, to: Some(to) };
        let ahead =
            Span { cause: StandingCause::Expired, from: at("mar 2026-12-01 00:00"), to: None };
        for spans in [vec![known_late.clone()], vec![known_late, ahead]] {
            app::standing::change(&*world.env, &client, spans, Vec::new()).await.unwrap();
        }
        world.settle().await;
        let cycle = ticket(&world, &reference).await.cycle;
        let closed = cycle.closure.map(|it| (it.reason, it.at));
        assert_eq!(closed, Some((ClosureReason::Auto, at("jue 2026-11-19 12:00"))));
    });
}
