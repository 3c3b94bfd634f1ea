//! Faults on purpose: a wrapper around any environment that asks a script before and after every
//! call to a port.
//!
//! A run is first made with a script that only counts ([`Plan::quiet`]). Then it is made again for
//! every call of the first run, cut once before and once after it: a cut call never completes, so
//! that [`Faulty::until_cut`] returns and drops the handler where it stood, as a dying process
//! would. The clock and the random bytes cannot fail and are passed through uncounted.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use domain::{Instant, TimeDelta};

use crate::client::Agreements;
use crate::commit::{Commit, CommitError};
use crate::item::{DueEntry, Item, Key, Page};
use crate::ports::{
    Acceptance, BlobError, BlobInfo, Blobs, Env, KeyPurpose, Link, Mailer, Outgoing, Query,
    ScheduleError, Schedules, SecretError, Secrets, SendError, Settings, SigningKey, Store,
    StoreError, Wake,
};
use crate::records::Attachment;

/// Which side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edge {
    /// The port has not been called yet.
    Before,
    /// The port has done its work, and the caller has not heard of it yet.
    After,
}

impl Edge {
    /// Both sides, in order.
    pub const ALL: [Self; 2] = [Self::Before, Self::After];
}

/// What happens at one side of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing out of the ordinary.
    Pass,
    /// The process dies: this call and every later one never completes.
    Cut,
    /// The call answers with an error.
    Fail(Failure),
    /// The call takes time: the future is pending once, and goes on when whoever runs it polls it
    /// again.
    Wait,
}

/// How a call fails. Each port says it with its own error. A call that has done its work can only
/// fail by staying silent: after it, every failure is told as [`Failure::Unknown`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The service asks to slow down.
    Busy,
    /// No answer came.
    Unknown,
    /// The service says that the request is wrong; a mailer refuses the message.
    Rejected,
}

/// A call to a port, with what it asks for.
#[derive(Debug, Clone, Copy)]
pub enum Call<'a> {
    /// [`Store::get`].
    Get(&'a Key),
    /// [`Store::get_many`].
    GetMany(&'a [Key]),
    /// One item, as it is or was a moment ago.
    Glance(&'a Key),
    /// [`Store::query`].
    Query(&'a Query),
    /// [`Store::due`], of a shard.
    Due(u8),
    /// [`Store::list`].
    List(&'a Query),
    /// A page of the index `work`.
    Work(&'a Query),
    /// [`Store::commit`].
    Commit(&'a Commit),
    /// [`Mailer::send`].
    Send(&'a Outgoing),
    /// [`Schedules::put`].
    PutSchedule(&'a Wake),
    /// [`Schedules::delete`], by name.
    DeleteSchedule(&'a str),
    /// [`Blobs::put`], under a key.
    PutBlob(&'a str),
    /// [`Blobs::get`], by its key.
    GetBlob(&'a str),
    /// [`Blobs::list`], under a prefix.
    ListBlobs(&'a str),
    /// [`Blobs::rename`].
    RenameBlob {
        /// The key before.
        from: &'a str,
        /// The key after.
        to: &'a str,
    },
    /// [`Blobs::delete`], by its key.
    DeleteBlob(&'a str),
    /// [`Blobs::upload_link`].
    UploadLink(&'a Attachment),
    /// [`Blobs::download_link`].
    DownloadLink(&'a Attachment),
    /// [`Secrets::keys`].
    Keys(KeyPurpose),
}

impl Call<'_> {
    /// Port and method, such as `store.commit`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Get(_) => "store.get",
            Self::GetMany(_) => "store.get_many",
            Self::Glance(_) => "store.glance",
            Self::Query(_) => "store.query",
            Self::Due(_) => "store.due",
            Self::List(_) => "store.list",
            Self::Work(_) => "store.work",
            Self::Commit(_) => "store.commit",
            Self::Send(_) => "mailer.send",
            Self::PutSchedule(_) => "schedules.put",
            Self::DeleteSchedule(_) => "schedules.delete",
            Self::PutBlob(_) => "blobs.put",
            Self::GetBlob(_) => "blobs.get",
            Self::ListBlobs(_) => "blobs.list",
            Self::RenameBlob { .. } => "blobs.rename",
            Self::DeleteBlob(_) => "blobs.delete",
            Self::UploadLink(_) => "blobs.upload_link",
            Self::DownloadLink(_) => "blobs.download_link",
            Self::Keys(_) => "secrets.keys",
        }
    }
}

/// Decides what happens at each side of each call.
pub trait Script: Send + Sync + 'static {
    /// `number` counts the calls of one [`Faulty`] from 0; `name` is port and method, such as
    /// `store.commit`.
    fn step(&self, number: usize, name: &'static str, edge: Edge) -> Step;

    /// Hears of a call before it is made, for who has to know what is asked for.
    fn hear(&self, call: &Call<'_>) {
        let _ = call;
    }

    /// Hears what the store answered, whether or not the caller comes to hear of it.
    fn answered(&self, answer: &dyn Debug) {
        let _ = answer;
    }
}

/// A script written down beforehand, which also remembers the calls that were made.
#[derive(Default)]
pub struct Plan {
    steps: BTreeMap<(usize, Edge), Step>,
    calls: Mutex<Vec<&'static str>>,
}

impl Plan {
    /// Nothing happens; the calls are counted.
    #[must_use]
    pub fn quiet() -> Self {
        Self::default()
    }

    /// The run is cut at one side of call `number`.
    #[must_use]
    pub fn cut_at(number: usize, edge: Edge) -> Self {
        Self::quiet().with(number, edge, Step::Cut)
    }

    /// The call `number` fails.
    #[must_use]
    pub fn fail_at(number: usize, edge: Edge, failure: Failure) -> Self {
        Self::quiet().with(number, edge, Step::Fail(failure))
    }

    /// One more step.
    #[must_use]
    pub fn with(mut self, number: usize, edge: Edge, step: Step) -> Self {
        self.steps.insert((number, edge), step);
        self
    }

    /// The calls so far, by name and in order. Their count is the number of points to cut at.
    #[must_use]
    pub fn calls(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Script for Plan {
    fn step(&self, number: usize, name: &'static str, edge: Edge) -> Step {
        if edge == Edge::Before {
            self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(name);
        }
        self.steps.get(&(number, edge)).copied().unwrap_or(Step::Pass)
    }
}

impl<S: Script> Script for Arc<S> {
    fn step(&self, number: usize, name: &'static str, edge: Edge) -> Step {
        S::step(self, number, name, edge)
    }

    fn hear(&self, call: &Call<'_>) {
        S::hear(self, call);
    }

    fn answered(&self, answer: &dyn Debug) {
        S::answered(self, answer);
    }
}

/// An environment whose calls ask a script.
pub struct Faulty<E: Env, S: Script> {
    env: E,
    store: Wrapped<E, S>,
    mailer: Wrapped<E, S>,
    schedules: Wrapped<E, S>,
    blobs: Wrapped<E, S>,
    secrets: Wrapped<E, S>,
    gate: Arc<Gate<S>>,
}

/// One port of a faulty environment.
pub struct Wrapped<E, S> {
    env: E,
    gate: Arc<Gate<S>>,
}

struct Gate<S> {
    script: S,
    calls: AtomicUsize,
    cut: AtomicBool,
}

impl<E: Env + Clone, S: Script> Faulty<E, S> {
    /// Wraps `env`, whose clones must share their state.
    #[must_use]
    pub fn new(env: E, script: S) -> Self {
        let gate =
            Arc::new(Gate { script, calls: AtomicUsize::new(0), cut: AtomicBool::new(false) });
        let port = || Wrapped { env: env.clone(), gate: Arc::clone(&gate) };
        Self {
            store: port(),
            mailer: port(),
            schedules: port(),
            blobs: port(),
            secrets: port(),
            env,
            gate,
        }
    }
}

impl<E: Env, S: Script> Faulty<E, S> {
    /// The script.
    #[must_use]
    pub fn script(&self) -> &S {
        &self.gate.script
    }

    /// Whether the run has been cut.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.gate.cut.load(Ordering::SeqCst)
    }

    /// Runs `work` to its end, or until the script cuts it; `None` means that it was cut, and
    /// `work` has then been dropped where it stood.
    pub async fn until_cut<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if self.is_cut() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }
}

impl<S: Script> Gate<S> {
    /// Asks the script around one call. An error of the script takes the place of the answer.
    async fn around<T, X>(
        &self,
        call: Call<'_>,
        work: impl Future<Output = Result<T, X>>,
        error: impl Fn(Failure) -> X,
    ) -> Result<T, X> {
        if self.cut.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        self.script.hear(&call);
        let name = call.name();
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        if let Some(failure) = self.side(number, name, Edge::Before).await {
            return Err(error(failure));
        }
        // Boxed, so that a handler's future is not larger for being listened to.
        let answer = Box::pin(work).await;
        match self.side(number, name, Edge::After).await {
            None => answer,
            // The work is done, so that every other answer would be a lie.
            Some(Failure::Busy | Failure::Unknown | Failure::Rejected) => {
                Err(error(Failure::Unknown))
            }
        }
    }

    async fn side(&self, number: usize, name: &'static str, edge: Edge) -> Option<Failure> {
        match self.script.step(number, name, edge) {
            Step::Pass => None,
            Step::Cut => {
                self.cut.store(true, Ordering::SeqCst);
                std::future::pending().await
            }
            Step::Fail(failure) => Some(failure),
            Step::Wait => {
                wait_once().await;
                None
            }
        }
    }
}

/// Is pending at the first poll.
async fn wait_once() {
    let mut waited = false;
    poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending })
        .await;
}

fn store_error(failure: Failure) -> StoreError {
    match failure {
        Failure::Busy | Failure::Unknown => {
            StoreError::Retryable(format!("on purpose: {failure:?}"))
        }
        Failure::Rejected => StoreError::Fault("on purpose".to_owned()),
    }
}

fn commit_error(failure: Failure) -> CommitError {
    match failure {
        Failure::Busy => CommitError::Retryable("on purpose".to_owned()),
        Failure::Unknown => CommitError::Unknown("on purpose".to_owned()),
        Failure::Rejected => CommitError::Fault("on purpose".to_owned()),
    }
}

fn send_error(failure: Failure) -> SendError {
    match failure {
        Failure::Busy => SendError::Retryable("on purpose".to_owned()),
        Failure::Unknown => SendError::Unknown("on purpose".to_owned()),
        Failure::Rejected => SendError::Refused("on purpose".to_owned()),
    }
}

fn blob_error(failure: Failure) -> BlobError {
    BlobError(format!("on purpose: {failure:?}"))
}

impl<E: Env, S: Script> Wrapped<E, S> {
    /// A call to the store, whose answer the script hears. What asks the store is boxed before anybody waits
    /// for it, so that a handler's future is not larger for being listened to.
    fn told<T: Debug, X: Debug>(
        &self,
        call: Call<'_>,
        work: impl Future<Output = Result<T, X>>,
        error: impl Fn(Failure) -> X,
    ) -> impl Future<Output = Result<T, X>> {
        let work = Box::pin(async {
            let answer = work.await;
            self.gate.script.answered(&answer);
            answer
        });
        self.gate.around(call, work, error)
    }
}

impl<E: Env, S: Script> Store for Wrapped<E, S> {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.told(Call::Get(key), self.env.store().get(key), store_error).await
    }

    async fn glance(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.told(Call::Glance(key), self.env.store().glance(key), store_error).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        self.told(Call::GetMany(keys), self.env.store().get_many(keys), store_error).await
    }

    async fn query(&self, query: &Query) -> Result<Page<Item>, StoreError> {
        self.told(Call::Query(query), self.env.store().query(query), store_error).await
    }

    async fn due(
        &self,
        shard: u8,
        until: Instant,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Page<DueEntry>, StoreError> {
        let work = self.env.store().due(shard, until, limit, after);
        self.told(Call::Due(shard), work, store_error).await
    }

    async fn list(&self, query: &Query) -> Result<Page<Key>, StoreError> {
        self.told(Call::List(query), self.env.store().list(query), store_error).await
    }

    async fn work(&self, query: &Query) -> Result<Page<Key>, StoreError> {
        self.told(Call::Work(query), self.env.store().work(query), store_error).await
    }

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        self.told(Call::Commit(commit), self.env.store().commit(commit), commit_error).await
    }
}

impl<E: Env, S: Script> Mailer for Wrapped<E, S> {
    async fn send(&self, message: &Outgoing) -> Result<Acceptance, SendError> {
        self.gate.around(Call::Send(message), self.env.mailer().send(message), send_error).await
    }
}

impl<E: Env, S: Script> Schedules for Wrapped<E, S> {
    async fn put(&self, wake: &Wake) -> Result<(), ScheduleError> {
        let error = |failure| ScheduleError(format!("on purpose: {failure:?}"));
        self.gate.around(Call::PutSchedule(wake), self.env.schedules().put(wake), error).await
    }

    async fn delete(&self, name: &str) -> Result<(), ScheduleError> {
        let error = |failure| ScheduleError(format!("on purpose: {failure:?}"));
        self.gate.around(Call::DeleteSchedule(name), self.env.schedules().delete(name), error).await
    }
}

impl<E: Env, S: Script> Blobs for Wrapped<E, S> {
    async fn put(&self, key: &str, bytes: &[u8]) -> Result<(), BlobError> {
        self.gate.around(Call::PutBlob(key), self.env.blobs().put(key, bytes), blob_error).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, BlobError> {
        self.gate.around(Call::GetBlob(key), self.env.blobs().get(key), blob_error).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<BlobInfo>, BlobError> {
        let work = self.env.blobs().list(prefix, after, limit);
        self.gate.around(Call::ListBlobs(prefix), work, blob_error).await
    }

    async fn rename(&self, from: &str, to: &str) -> Result<(), BlobError> {
        self.gate
            .around(Call::RenameBlob { from, to }, self.env.blobs().rename(from, to), blob_error)
            .await
    }

    async fn delete(&self, key: &str) -> Result<(), BlobError> {
        self.gate.around(Call::DeleteBlob(key), self.env.blobs().delete(key), blob_error).await
    }

    async fn upload_link(&self, file: &Attachment, valid: TimeDelta) -> Result<Link, BlobError> {
        let work = self.env.blobs().upload_link(file, valid);
        self.gate.around(Call::UploadLink(file), work, blob_error).await
    }

    async fn download_link(&self, file: &Attachment, valid: TimeDelta) -> Result<Link, BlobError> {
        let work = self.env.blobs().download_link(file, valid);
        self.gate.around(Call::DownloadLink(file), work, blob_error).await
    }
}

impl<E: Env, S: Script> Secrets for Wrapped<E, S> {
    async fn keys(&self, purpose: KeyPurpose) -> Result<Vec<SigningKey>, SecretError> {
        let error = |failure| SecretError(format!("on purpose: {failure:?}"));
        self.gate.around(Call::Keys(purpose), self.env.secrets().keys(purpose), error).await
    }
}

impl<E: Env, S: Script> Env for Faulty<E, S> {
    type Store = Wrapped<E, S>;
    type Mailer = Wrapped<E, S>;
    type Schedules = Wrapped<E, S>;
    type Blobs = Wrapped<E, S>;
    type Secrets = Wrapped<E, S>;
    type Clock = E::Clock;
    type Entropy = E::Entropy;

    fn store(&self) -> &Self::Store {
        &self.store
    }

    fn mailer(&self) -> &Self::Mailer {
        &self.mailer
    }

    fn schedules(&self) -> &Self::Schedules {
        &self.schedules
    }

    fn blobs(&self) -> &Self::Blobs {
        &self.blobs
    }

    fn secrets(&self) -> &Self::Secrets {
        &self.secrets
    }

    fn clock(&self) -> &E::Clock {
        self.env.clock()
    }

    fn entropy(&self) -> &E::Entropy {
        self.env.entropy()
    }

    fn settings(&self) -> &Settings {
        self.env.settings()
    }

    fn agreements(&self) -> &Agreements {
        self.env.agreements()
    }
}
