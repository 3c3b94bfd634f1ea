//! The example events of `events/`, one for each trigger and case, through the functions that they
//! are for.

use std::fs;
use std::path::{Path, PathBuf};

use app::Failure;
use app::codec::Stored;
use app::ports::Store as _;
use app::records::NoticeRecord;
use app::relay::{StreamBatch, StreamEvent};
use app::timers::TimerEvent;
use domain::TicketRef;
use mail_events::Event;
use serde::de::DeserializeOwned;
use tests_scenarios::cases::{asks, at, done, open};
use tests_scenarios::world::World;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events").join(name)
}

fn example<T: DeserializeOwned>(path: &str) -> T {
    let text = fs::read_to_string(folder(path)).expect("the examples are there");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn names(path: &str) -> Vec<String> {
    let entries = fs::read_dir(folder(path))
        .expect("the examples are there")
        .map(|entry| entry.expect("the examples are there").file_name());
    let mut names: Vec<_> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

async fn world() -> World {
    World::in_memory(at("vie 2026-11-20 14:00")).await
}

#[tokio::test]
async fn timers() {
    assert_eq!(names("timers"), ["auto-close.json", "foreign.json", "sla-timer.json"]);
    let world = world().await;
    // There is no such ticket in this world: told as such, and isolated.
    let event: TimerEvent = example("timers/sla-timer.json");
    assert_eq!(event.function, "sla-timer");
    let named = event.aggregate.strip_prefix("T#").map(TicketRef::parse);
    assert!(matches!(named, Some(Ok(_))), "{}", event.aggregate);
    assert_eq!(sla_timer::handle(&*world.env, &event).await, Err(Failure::NotFound));
    let event: TimerEvent = example("timers/auto-close.json");
    assert_eq!(auto_close::handle(&*world.env, &event).await, Err(Failure::NotFound));
    // The aggregate is no ticket.
    let event: TimerEvent = example("timers/foreign.json");
    assert_eq!(sla_timer::handle(&*world.env, &event).await, Err(Failure::NotFound));
}

#[tokio::test]
async fn stream() {
    assert_eq!(names("stream"), ["expired.json", "opening.json", "spread.json"]);
    let world = world().await;
    let opening: StreamBatch = example("stream/opening.json");
    assert_eq!(opening.records.len(), 3);
    assert_eq!(opening.records[0].key().sk, app::keys::HEAD);
    assert!(opening.records[2].key().sk.starts_with(app::keys::NOTICES));
    assert_eq!(opening.records[0].event, Some(StreamEvent::Insert));
    let expired: StreamBatch = example("stream/expired.json");
    assert_eq!(expired.records[0].event, Some(StreamEvent::Remove));
    let spread: StreamBatch = example("stream/spread.json");
    assert_eq!(spread.records[0].key().sk, app::keys::SPREAD);
    for batch in [opening, expired, spread] {
        // Hints at items that are not there are nothing to do.
        assert_eq!(outbox_relay::handle(&*world.env, &batch).await.failures, []);
    }
}

/// Each event of the mail service, its kind, what becomes of the notice of a mail that was sent, and what
/// the desk reads of why.
const MAIL: [(&str, &str, &str, &str); 10] = [
    ("bounce-permanent.json", "Bounce", "bounced", "permanent: General"),
    // Nobody tries it again before somebody takes the address off the list.
    ("bounce-suppressed.json", "Bounce", "bounced", "suppressed: OnAccountSuppressionList"),
    // The service goes on trying, so that nothing is final.
    ("bounce-transient.json", "Bounce", "sent", ""),
    ("complaint.json", "Complaint", "complained", "complaint"),
    ("delivery-delay.json", "DeliveryDelay", "sent", ""),
    ("delivery.json", "Delivery", "delivered", ""),
    // A mail without our tags is not ours.
    ("foreign.json", "Send", "sent", ""),
    ("reject.json", "Reject", "bounced", "reject: Bad content"),
    ("rendering-failure.json", "Rendering Failure", "bounced", "rendering failure"),
    ("send.json", "Send", "sent", ""),
];

#[tokio::test]
async fn mail_service() {
    assert_eq!(names("ses"), MAIL.map(|(name, _, _, _)| name));
    for (name, kind, status, why) in MAIL {
        let mut world = world().await;
        world.post.set_told(false);
        let request = asks(&world, "Ana", None, "k", open(None));
        let reference = done(&mut world, request).await;
        let mut event: Event = example(&format!("ses/{name}"));
        assert_eq!(event.detail.event_type, kind, "{name}");
        let mail = world.post.mails[0].message.clone();
        let tags = &mut event.detail.mail.tags;
        if !tags.notice_id.is_empty() {
            tags.notice_id = vec![mail.notice_id.clone()];
            tags.subject = vec![mail.subject_tag.clone()];
        }
        for time in ["once", "again"] {
            assert_eq!(mail_events::handle(&*world.env, &event).await, Ok(()), "{name} {time}");
            let key = app::keys::notice(&app::keys::ticket(&reference), &mail.notice_id);
            let item = world.env.store.get(&key).await.unwrap().unwrap();
            assert_eq!(item.status.as_deref(), Some(status), "{name} {time}");
            let record = Stored::<NoticeRecord>::read(&item).unwrap().doc;
            assert_eq!(record.problem.unwrap_or_default(), why, "{name} {time}");
        }
    }
}

/// The schedules of `payment-due` and `renewal-notice` send an empty object: it says that it is time.
#[tokio::test]
async fn the_cron_of_the_ladders() {
    let event: serde_json::Value = example("schedule/ladders.json");
    assert_eq!(event, serde_json::json!({}));
    let world = world().await;
    for run in [payment_due::handle(&*world.env).await, renewal_notice::handle(&*world.env).await] {
        assert_eq!(run.expect("the index is read"), payment_due::Run::default());
    }
}

#[tokio::test]
async fn the_cron_of_the_sweep() {
    assert_eq!(names("schedule"), ["ladders.json", "sweep.json"]);
    // The function takes nothing from the event but that it is time.
    let event: serde_json::Value = example("schedule/sweep.json");
    assert_eq!(event["source"], "aws.events");
    let report = sweep::handle(&*world().await.env).await.expect("the examples are there");
    assert_eq!(report, sweep::Report::default());
}
