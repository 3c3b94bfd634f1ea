//! The world around the handlers: the stream, the wake-ups, the sweep and the mail service, under a
//! clock that jumps.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use app::item::{DUE_SHARDS, Key};
use app::memory::{Change, ChangeKind, MemoryEnv, Taken};
use app::ports::{Clock as _, Store as _};
use app::{account, keys};
use axum::http::Method;
use domain::Instant;
use serde_json::Value;

use super::SimulateError;
use super::door;
use super::happening::Happening;
use crate::up::handlers;
use crate::up::mailbox::Mail;
use crate::up::mailer::{self, Fate};
use crate::up::stops::Stops;
use crate::up::stream::BATCH_MAX;

/// The world comes to rest within so many rounds, or something goes round in circles.
const ROUNDS_MAX: u32 = 1_000;
/// Entries of the due index that are read at once.
const DUE_PAGE: u32 = 100;

/// The world.
pub(super) struct World {
    /// The ports.
    pub(super) env: Arc<MemoryEnv>,
    /// The token of the desk's member who looks on.
    pub(super) desk: String,
    /// Everything that happened, in order.
    pub(super) happened: Vec<Happening>,
    stops: Stops,
    /// Records of the stream that were handed on.
    streamed: usize,
    /// Mails that were told of.
    mailed: usize,
}

impl World {
    /// A world that goes on from what `env` holds: whatever is due there is told to the relay, as
    /// after a start of the bundle.
    ///
    /// # Errors
    /// When something underneath does not answer.
    pub(super) async fn new(env: MemoryEnv) -> Result<Self, SimulateError> {
        let desk = door::member(&env).await?;
        let streamed = env.store.changes_since(0).len();
        let env = Arc::new(env);
        let (happened, stops) = (Vec::new(), Stops::default());
        let world = Self { env, desk, happened, stops, streamed, mailed: 0 };
        world.hand_on(&world.due().await?).await;
        Ok(world)
    }

    /// Lets time pass until `to`, with everything that happens on the way, in order.
    ///
    /// # Errors
    /// When something underneath does not answer.
    pub(super) async fn advance(&mut self, to: Instant) -> Result<(), SimulateError> {
        loop {
            let now = self.env.clock.now();
            self.settle().await?;
            for _ in 0..ROUNDS_MAX {
                let due = self.env.schedules.take_due(now);
                if due.is_empty() {
                    break;
                }
                for wake in &due {
                    handlers::timer(self.env.as_ref(), wake).await;
                }
                self.settle().await?;
            }
            if self.stops.sweep.is_none_or(|at| at <= now) {
                handlers::sweep(self.env.as_ref()).await;
                self.settle().await?;
            }
            if now >= to {
                return Ok(());
            }
            let next = self.stops.next(self.env.as_ref(), now, to).await?;
            self.env.clock.set(next);
        }
    }

    /// Everything that follows at once from what has happened.
    ///
    /// # Errors
    /// When something underneath does not answer, or the world does not come to rest.
    pub(super) async fn settle(&mut self) -> Result<(), SimulateError> {
        for _ in 0..ROUNDS_MAX {
            let changes = self.env.store.changes_since(self.streamed);
            let mails = self.env.mailer.taken_since(self.mailed);
            if changes.is_empty() && mails.is_empty() {
                return Ok(());
            }
            self.streamed += changes.len();
            self.mailed += mails.len();
            self.tell_events(&changes).await?;
            for taken in &mails {
                self.tell_mail(taken).await;
            }
            let keys: Vec<Key> = changes.into_iter().map(|change| change.key).collect();
            self.hand_on(&keys).await;
        }
        Err(io::Error::other("lo que pasa no termina nunca").into())
    }

    /// Whatever is in the due index.
    async fn due(&self) -> io::Result<Vec<Key>> {
        let far = Instant::from_millis(i64::MAX / 2);
        let mut keys = Vec::new();
        for shard in 0..DUE_SHARDS {
            let mut after = None;
            loop {
                let page = self.env.store.due(shard, far, DUE_PAGE, after.as_deref()).await;
                let page = page.map_err(io::Error::other)?;
                keys.extend(page.items.into_iter().map(|entry| entry.key));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(keys)
    }

    /// What the relay cannot do is left to the sweep, as anywhere.
    async fn hand_on(&self, keys: &[Key]) {
        for batch in keys.chunks(BATCH_MAX) {
            let records: Vec<_> = batch.iter().map(|key| (key.clone(), String::new())).collect();
            handlers::relay(self.env.as_ref(), &records).await;
        }
    }

    /// What the new events say: of tickets in the words of the desk's timeline, and of accounts.
    async fn tell_events(&mut self, changes: &[Change]) -> Result<(), SimulateError> {
        let mut firsts: BTreeMap<&str, u64> = BTreeMap::new();
        let new = changes.iter().filter(|change| change.kind == ChangeKind::Inserted);
        for change in new {
            let Some(first) = change.key.sk.strip_prefix(keys::EVENTS) else { continue };
            let pk = change.key.pk.as_str();
            let is_told = keys::ticket_of(pk).is_some() || keys::account_of(pk).is_some();
            if let (true, Ok(first)) = (is_told, first.parse()) {
                let known = firsts.entry(&change.key.pk).or_insert(first);
                *known = first.min(*known);
            }
        }
        let now = self.env.clock.now();
        for (pk, first) in firsts {
            if let Some(client) = keys::account_of(pk) {
                let events = account::events(self.env.as_ref(), &client).await?;
                let new = events.iter().filter(|(_, event)| u64::from(event.seq) >= first);
                let facts = new.filter_map(|(_, it)| Happening::of_fact(now, &client, &it.fact));
                self.happened.extend(facts);
                continue;
            }
            let path = format!("/desk/tickets/{}", keys::subject_of(pk));
            let whole =
                door::ask(&self.env, (Method::GET, &path), &self.desk, &Value::Null).await?;
            let timeline = whole.body["timeline"].as_array().into_iter().flatten();
            let new = timeline.filter(|event| event["number"].as_u64() >= Some(first));
            self.happened.extend(new.filter_map(|event| Happening::of_event(now, pk, event)));
        }
        Ok(())
    }

    /// A mail was sent: it is told of, and the mail service tells what became of it.
    async fn tell_mail(&mut self, taken: &Taken) {
        let at = self.env.clock.now();
        self.happened.push(Happening::of_mail(at, taken));
        let message = &taken.message;
        let mail = Mail {
            number: u32::try_from(self.mailed).unwrap_or(u32::MAX),
            at,
            from: message.from.clone(),
            to: message.to.clone(),
            subject: String::new(),
            fate: Fate::of(&message.to),
            notice_id: message.notice_id.clone(),
            subject_tag: message.subject_tag.clone(),
        };
        for event in mailer::events(&mail) {
            handlers::mail_event(self.env.as_ref(), &event).await;
        }
    }
}
