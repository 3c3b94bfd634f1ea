//! The table goes back an hour; schedules, the bucket, mails and what people do go on. What the operator does is
//! what the runbook says: the mails of the lost hour go back to where they came in.

use app::Failure;
use app::inbound::{DONE, INBOUND};
use app::ports::Blobs as _;
use app::records::{InboundRecord, MailStatus};
use domain::ticket::{ClosureReason, ReplyKind};
use domain::{TicketRef, TimeDelta};
use tests_scenarios::cases::{asks, at, desk_asks, done, open};
use tests_scenarios::doors::{self, Answer, ClientVerb, DeskVerb};
use tests_scenarios::letters::{Letter, OURS};
use tests_scenarios::pages;
use tests_scenarios::play::check;
use tests_scenarios::post::{Mail, Post};
use tests_scenarios::script::Proof;
use tests_scenarios::world::World;

use crate::{link, newest, run, subject, ticket, told};

/// A mail of Ana's, of now: to our mailbox, or the answer to one of ours.
async fn mailed(world: &World, id: &str, answers: Option<&Mail>) {
    let (name, from) = world.cast.mailbox("Ana");
    let mut letter = Letter {
        name,
        from,
        to: OURS.to_owned(),
        cc: Vec::new(),
        subject: "Otro asunto".to_owned(),
        text: format!("Mi mensaje {id}."),
        message_id: format!("{id}@ferretera.example"),
        answers: Vec::new(),
        proof: Proof::Passes,
        automatic: false,
        received_at: world.now(),
    };
    if let Some(mail) = answers {
        letter.answer_to(mail);
    }
    let object = format!("{INBOUND}{id}");
    world.env.blobs.put(&object, &letter.object(id)).await.unwrap();
    intake_mail::handle(&*world.env, &letter.event(id)).await.unwrap();
}

/// A ticket of Ana's that was solved at 09:30 of Tuesday.
async fn silent(world: &mut World, key: &str) -> TicketRef {
    let request = asks(world, "Ana", None, key, open(None));
    let reference = done(world, request).await;
    let verb = DeskVerb::Reply(ReplyKind::Solution, "Ya timbra.".to_owned());
    let request = desk_asks(world, "Luis", &reference, &format!("solves-{key}"), verb);
    done(world, request).await;
    reference
}

fn record(world: &World, id: &str) -> (InboundRecord, MailStatus) {
    let item = world.env.store.inner.peek(&app::keys::inbound(id)).unwrap();
    let record = app::codec::Stored::<InboundRecord>::read(&item).unwrap();
    (record.doc, MailStatus::parse(record.status.as_deref().unwrap()).unwrap())
}

/// What happened between nine and ten, of which the table knows nothing any more.
struct Lost {
    /// Beto's, by HTTP.
    opened: TicketRef,
    opening: doors::Request,
    /// Ana's, by mail.
    mailed: TicketRef,
    /// The page that Ana pressed.
    pressed: String,
    /// Mails to clients and to the desk.
    sent: Vec<Mail>,
}

async fn an_hour(world: &mut World, silent: &TicketRef, answered: &TicketRef) -> Lost {
    let sent = world.post.mails.len();
    world.advance(at("mié 2026-11-18 09:05")).await;
    let opening = asks(world, "Beto", None, "b", open(None));
    let opened = done(world, opening.clone()).await;
    world.advance(at("mié 2026-11-18 09:10")).await;
    mailed(world, "m1", None).await;
    let mailed_ticket = record(world, "m1").0.ticket.unwrap();
    world.advance(at("mié 2026-11-18 09:12")).await;
    let about = answered.as_str();
    let solution = world.post.mails.iter().rfind(|mail| {
        subject(mail).contains("Solución propuesta") && subject(mail).contains(about)
    });
    mailed(world, "m2", solution).await;
    world.advance(at("mié 2026-11-18 09:20")).await;
    let verb = DeskVerb::Reply(ReplyKind::Answer, "Lo vemos de nuevo.".to_owned());
    let request = desk_asks(world, "Luis", answered, "replies", verb);
    done(world, request).await;
    world.advance(at("mié 2026-11-18 09:40")).await;
    let acknowledged = world
        .post
        .mails
        .iter()
        .rfind(|mail| subject(mail).contains("Recibimos su solicitud: Otro asunto"));
    mailed(world, "m3", acknowledged).await;
    world.advance(at("mié 2026-11-18 09:45")).await;
    let pressed = link(newest(world, "Su ticket está por cerrarse"), "Quedó resuelto");
    let page = pages::open(&world.env, &pressed, world.now()).await;
    pages::press(&world.env, &page, world.now()).await;
    world.advance(at("mié 2026-11-18 10:00")).await;
    let closure = ticket(world, silent).await.cycle.closure.unwrap();
    assert_eq!(closure.reason, ClosureReason::Confirmed);
    let sent = world.post.mails[sent..].to_vec();
    Lost { opened, opening, mailed: mailed_ticket, pressed, sent }
}

#[test]
fn a_table_restored_to_an_hour_ago() {
    run(async {
        let mut world = World::in_memory(at("mar 2026-11-17 09:30")).await;
        let quiet = silent(&mut world, "one").await;
        let answered = silent(&mut world, "other").await;
        mailed(&world, "m0", None).await;
        world.advance(at("mié 2026-11-18 09:00")).await;
        let table = world.env.store.inner.fork();
        let lost = an_hour(&mut world, &quiet, &answered).await;

        world.restore(table);
        // The runbook: what came in since goes back; one too many does no harm.
        for object in world.env.blobs.keys() {
            if let Some(id) = object.strip_prefix(DONE) {
                world.env.blobs.rename(&object, &format!("{INBOUND}{id}")).await.unwrap();
            }
        }
        // What the mail service still tells of mails that nobody knows.
        for mail in &lost.sent {
            let event = Post::bounce(mail);
            if mail.message.to != "ana@ferretera.example" {
                mail_events::handle(&*world.env, &event).await.unwrap();
            }
        }
        world.advance(at("mié 2026-11-18 10:10")).await;
        mails_are_taken_again(&world, &answered).await;
        requests_come_again(&mut world, &lost, &quiet).await;

        // Old wake-ups, the next closing, a week.
        world.advance(at("jue 2026-11-26 12:00")).await;
        let strays = world.astray.iter().map(|wake| wake.pk.clone());
        let known = [&lost.opened, &lost.mailed].map(app::keys::ticket);
        assert!(strays.clone().all(|pk| known.contains(&pk)), "{:?}", strays.collect::<Vec<_>>());
        let all: Vec<TicketRef> = {
            let items = world.env.store.inner.dump();
            let heads = items.iter().filter(|item| item.key.sk == app::keys::HEAD);
            heads.filter_map(|item| app::keys::ticket_of(&item.key.pk)).collect()
        };
        assert_eq!(all.len(), 6, "two of before, m0, m1, m3 and Beto's");
        let repeated = check(&mut world, &all).await;
        let twice: Vec<_> =
            world.post.mails.iter().filter(|it| repeated.contains(&it.message.notice_id)).collect();
        // What the hour had sent of what the table had still to send.
        assert!(twice.iter().all(|it| subject(it).contains("está por cerrarse")), "{twice:?}");
        assert_eq!(twice.len(), 2);
        assert_eq!(told(&world, "Corrección"), 0);
    });
}

/// Each of its own receipt, and once: an answer on a ticket of before is that, one on a ticket of the lost hour
/// opens another.
async fn mails_are_taken_again(world: &World, answered: &TicketRef) {
    assert_eq!(world.env.blobs.oldest(INBOUND), None, "the sweep has taken them");
    let expected = [
        ("m0", MailStatus::Ticket, "mar 2026-11-17 09:30"),
        ("m1", MailStatus::Ticket, "mié 2026-11-18 09:10"),
        ("m2", MailStatus::Reply, "mié 2026-11-18 09:12"),
        ("m3", MailStatus::Ticket, "mié 2026-11-18 09:40"),
    ];
    for (id, status, received) in expected {
        let (kept, found) = record(world, id);
        assert_eq!((found, kept.received_at), (status, at(received)), "{id}");
        let head = ticket(world, kept.ticket.as_ref().unwrap()).await;
        if status == MailStatus::Ticket {
            assert_eq!(head.opened.received_at, at(received), "{id}");
        } else {
            assert_eq!(kept.ticket.as_ref(), Some(answered), "{id}");
        }
    }
}

/// Who comes again is served once: with his key, and with his link.
async fn requests_come_again(world: &mut World, lost: &Lost, quiet: &TicketRef) {
    assert_eq!(told(world, "Su ticket está por cerrarse"), 2, "the reminder goes out once more");
    let gone = app::execute::load(&*world.env, &lost.opened).await;
    assert_eq!(
        gone.err(),
        Some(Failure::NotFound),
        "what came by HTTP is lost until it comes again"
    );
    let mut references = Vec::new();
    for replayed in [false, true] {
        let answer = doors::knock(&world.env, &lost.opening).await;
        let Answer::Done { reference, replayed: again, .. } = answer else { panic!("{answer:?}") };
        assert_eq!(again, replayed, "the second time it is the same");
        references.push(reference.unwrap());
    }
    assert_eq!(references[0], references[1]);
    world.settle().await;
    let critical = link(newest(world, "Recibimos su solicitud: No timbra"), "Declarar crítica");
    let dead = critical.replace(references[0].as_str(), lost.opened.as_str());
    let page = pages::open(&world.env, &dead, world.now()).await;
    assert!(page.lines.join(" ").contains("No reconocemos este enlace"), "{:?}", page.lines);
    let page = pages::open(&world.env, &lost.pressed, world.now()).await;
    pages::press(&world.env, &page, world.now()).await;
    world.settle().await;
    let closure = ticket(world, quiet).await.cycle.closure.unwrap();
    assert_eq!((closure.reason, closure.at), (ClosureReason::Confirmed, world.now()));
    let verb = ClientVerb::Write { text: "¿Y mi otro mensaje?".to_owned(), still_fails: false };
    let request = asks(world, "Ana", Some(&lost.mailed), "asks", verb);
    let answer = doors::knock(&world.env, &request).await;
    assert!(matches!(&answer, Answer::Refused { rule, .. } if rule == "not_found"), "{answer:?}");
    world.pass(TimeDelta::minutes(10)).await;
}
