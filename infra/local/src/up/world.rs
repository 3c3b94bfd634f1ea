//! The environment of the handlers on this machine, and the work that follows from what they do:
//! the stream to the relay, the mails' events back, wake-ups when they are due, the sweep.
//!
//! One turn of work is done at a time, by the ticker or by a clock that is being moved. In a turn
//! everything is done until nothing is left: that is what "quiet" means.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};

use app::client::Agreements;
use app::item::{DUE_SHARDS, Key};
use app::memory::MemorySchedules;
use app::ports::{Clock as _, Env, Settings, Store as _, Wake};
use aws::dynamodb::DynamoStore;
use aws::entropy::OsEntropy;
use domain::Instant;
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard, Notify};

use super::clock::ShiftedClock;
use super::files::{FileBlobs, FileSecrets};
use super::handlers;
use super::mailer::{self, LocalMailer};
use super::stops::next_sweep;
use super::stream::Stream;

/// The hour of the second run of the ladders, as the template says; the first is at midnight.
const LADDERS_HOUR: u32 = 9;
/// Rounds of one turn at most: each may cause the next, but not for ever.
const ROUNDS_MAX: u32 = 1_000;
/// Attempts at telling one event of a mail.
const EVENT_ATTEMPTS_MAX: u32 = 5;
/// Attempts at handing on one mail that came in; after them it is left to the sweep.
const MAIL_ATTEMPTS_MAX: u32 = 3;
/// Entries of the due index that are read at once.
const DUE_PAGE: u32 = 100;

/// The ports on this machine.
pub(crate) struct LocalEnv {
    /// The table.
    pub(crate) store: DynamoStore,
    /// The maildir.
    pub(crate) mailer: LocalMailer,
    /// The wake-ups, in memory: they are rebuilt from the due index at every start.
    pub(crate) schedules: MemorySchedules,
    /// Large texts.
    pub(crate) blobs: FileBlobs<ShiftedClock>,
    /// Keys.
    pub(crate) secrets: FileSecrets,
    /// The clock that can be moved.
    pub(crate) clock: Arc<ShiftedClock>,
    /// Random bytes.
    pub(crate) entropy: OsEntropy,
    /// What this deployment says of itself.
    pub(crate) settings: Settings,
    /// Agreements that were computed.
    pub(crate) agreements: Agreements,
}

impl Env for LocalEnv {
    type Store = DynamoStore;
    type Mailer = LocalMailer;
    type Schedules = MemorySchedules;
    type Blobs = FileBlobs<ShiftedClock>;
    type Secrets = FileSecrets;
    type Clock = ShiftedClock;
    type Entropy = OsEntropy;

    fn store(&self) -> &DynamoStore {
        &self.store
    }

    fn mailer(&self) -> &LocalMailer {
        &self.mailer
    }

    fn schedules(&self) -> &MemorySchedules {
        &self.schedules
    }

    fn blobs(&self) -> &FileBlobs<ShiftedClock> {
        &self.blobs
    }

    fn secrets(&self) -> &FileSecrets {
        &self.secrets
    }

    fn clock(&self) -> &ShiftedClock {
        &self.clock
    }

    fn entropy(&self) -> &OsEntropy {
        &self.entropy
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn agreements(&self) -> &Agreements {
        &self.agreements
    }
}

/// Everything that runs in this process.
pub(crate) struct World {
    /// The handlers' environment.
    pub(crate) env: Arc<LocalEnv>,
    /// Where mail comes in.
    pub(crate) smtp: SocketAddr,
    /// Told whenever a request may have left work behind.
    pub(crate) poke: Notify,
    turn: Mutex<Turn>,
    /// Events of mails that lie in the bucket and have not been handed on.
    arrivals: std::sync::Mutex<VecDeque<Value>>,
}

/// The right to work, and what is needed for it.
pub(crate) struct Turn {
    stream: Stream,
    next_sweep: Instant,
    next_ladders: Instant,
}

/// What a turn did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// Wake-ups that were handed to their functions: function and aggregate.
    pub(crate) wakes: Vec<String>,
    /// Whether a sweep ran.
    pub(crate) swept: bool,
}

impl Turn {
    /// Puts the next sweep off to `at`, for a clock that is being moved.
    pub(crate) fn sweep_at(&mut self, at: Option<Instant>) {
        self.next_sweep = at.unwrap_or(self.next_sweep);
    }
}

impl World {
    /// A world at rest.
    #[must_use]
    pub(crate) fn new(env: Arc<LocalEnv>, stream: Stream, smtp: SocketAddr) -> Self {
        let now = env.clock.now();
        let turn = Mutex::new(Turn { stream, next_sweep: now, next_ladders: now });
        Self { env, smtp, poke: Notify::new(), turn, arrivals: std::sync::Mutex::default() }
    }

    /// The receipt of an act that comes from outside (G2): the clock's present instant.
    ///
    /// Where time stands still, an act waits until what the acts before it caused is done: a solution
    /// has been sent when the client confirms it, as it is wherever time passes.
    pub(crate) async fn receipt(&self) -> Instant {
        if self.env.clock.is_frozen() {
            let mut turn = self.turn().await;
            if let Err(error) = self.work(&mut turn).await {
                tracing::error!(%error, "an act goes on before what was caused is done");
            }
        }
        self.env.clock.now()
    }

    /// A mail lies in the bucket: the service's event about it is handed on in the next turn.
    pub(crate) fn arrived(&self, event: Value) {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
        self.poke.notify_one();
    }

    fn next_arrival(&self) -> Option<Value> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Waits for the right to work.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().await
    }

    /// After a start: what is in the due index is told to the relay once, as if it had just been
    /// written, so that every wake-up has its schedule again; then one sweep.
    ///
    /// # Errors
    /// When the table or a file does not answer.
    pub(crate) async fn rebuild(&self) -> io::Result<()> {
        let mut turn = self.turn().await;
        let mut keys = Vec::new();
        for shard in 0..DUE_SHARDS {
            let mut after = None;
            loop {
                let far = Instant::from_millis(i64::MAX / 2);
                let page = self.env.store.due(shard, far, DUE_PAGE, after.as_deref()).await;
                let page = page.map_err(io::Error::other)?;
                keys.extend(page.items.into_iter().map(|entry| entry.key));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        self.remind(&keys).await;
        self.settle(&mut turn).await?;
        self.sweep(&mut turn).await?;
        Ok(())
    }

    async fn remind(&self, keys: &[Key]) {
        for batch in keys.chunks(super::stream::BATCH_MAX) {
            let records: Vec<_> = batch.iter().map(|key| (key.clone(), String::new())).collect();
            let failed = handlers::relay(self.env.as_ref(), &records).await;
            if !failed.is_empty() {
                tracing::warn!("what could not be rebuilt is left to the sweep");
            }
        }
    }

    /// Works until nothing is due and nothing is left: the stream, the mails' events, the wake-ups;
    /// and the sweep when its time has come.
    ///
    /// # Errors
    /// When the table or a file does not answer.
    pub(crate) async fn work(&self, turn: &mut Turn) -> io::Result<Done> {
        let mut done = Done::default();
        self.settle(turn).await?;
        for _ in 0..ROUNDS_MAX {
            let due = self.env.schedules.take_due(self.env.clock.now());
            if due.is_empty() {
                break;
            }
            for wake in &due {
                self.wake(wake).await;
                done.wakes.push(format!("{} {}", wake.function.name(), wake.pk));
            }
            self.settle(turn).await?;
        }
        let now = self.env.clock.now();
        if now >= turn.next_ladders {
            turn.next_ladders = next_ladders(now);
            handlers::ladders(self.env.as_ref()).await;
            self.settle(turn).await?;
        }
        if now >= turn.next_sweep {
            self.sweep(turn).await?;
            done.swept = true;
        }
        Ok(done)
    }

    /// A sweep, and what follows from it. The next one is due at the next multiple of five minutes.
    ///
    /// # Errors
    /// When the table or a file does not answer.
    pub(crate) async fn sweep(&self, turn: &mut Turn) -> io::Result<()> {
        turn.next_sweep = next_sweep(self.env.clock.now());
        handlers::sweep(self.env.as_ref()).await;
        self.settle(turn).await?;
        self.env.clock.save()
    }

    async fn wake(&self, wake: &Wake) {
        // A wake-up that fails is lost here as it may be anywhere; the sweep finds what it missed.
        handlers::timer(self.env.as_ref(), wake).await;
    }

    /// Mail that came in, the stream to the relay and the mails' events to their handler, until both are empty.
    async fn settle(&self, turn: &mut Turn) -> io::Result<()> {
        for _ in 0..ROUNDS_MAX {
            let records: Vec<_> = turn
                .stream
                .batch()?
                .iter()
                .map(|change| (change.key.clone(), change.sequence.clone()))
                .collect();
            if !records.is_empty() {
                let failed = handlers::relay(self.env.as_ref(), &records).await;
                turn.stream.done(&failed)?;
            }
            let mail = self.env.mailer.untold();
            if let Some(mail) = &mail {
                self.tell(mail).await?;
            }
            let arrival = self.next_arrival();
            if let Some(event) = &arrival {
                self.take(event).await;
            }
            if records.is_empty() && mail.is_none() && arrival.is_none() {
                return Ok(());
            }
        }
        tracing::warn!("still not quiet after {ROUNDS_MAX} rounds; going on in the next turn");
        Ok(())
    }

    /// As the service does: what fails is tried twice more, and then lies in the bucket until the
    /// sweep takes it.
    async fn take(&self, event: &Value) {
        for _ in 0..MAIL_ATTEMPTS_MAX {
            if handlers::mail_in(self.env.as_ref(), event).await {
                return;
            }
        }
        tracing::error!("a mail that came in was not taken; the sweep takes it up");
    }

    async fn tell(&self, mail: &super::mailbox::Mail) -> io::Result<()> {
        for event in mailer::events(mail) {
            let mut attempts = 0;
            while !handlers::mail_event(self.env.as_ref(), &event).await {
                attempts += 1;
                if attempts >= EVENT_ATTEMPTS_MAX {
                    tracing::error!(
                        notice = mail.notice_id,
                        "an event of a mail failed {attempts} times; it is told at the next start"
                    );
                    self.env.mailer.pass_over(mail);
                    return Ok(());
                }
            }
        }
        self.env.mailer.told(mail)
    }
}

/// The next 00:00 or 09:00 of Mexico City after `at`, when `payment-due` and `renewal-notice` run, as
/// the template says.
fn next_ladders(at: Instant) -> Instant {
    let day = at.date();
    let next = day.succ_opt().unwrap_or(day);
    let nine = chrono::NaiveTime::from_hms_opt(LADDERS_HOUR, 0, 0).unwrap_or_default();
    let today = Instant::from_local(day.and_time(nine));
    if at < today { today } else { Instant::from_local(next.and_time(chrono::NaiveTime::MIN)) }
}
