//! All ports in memory as one environment.

use std::sync::Arc;

use domain::Instant;

use super::{
    MemoryBlobs, MemoryClock, MemoryEntropy, MemoryMailer, MemorySchedules, MemorySecrets,
    MemoryStore,
};
use crate::client::Agreements;
use crate::ports::{Clock as _, Env, Settings, Store};

/// An environment in memory. The store may be another one, for example the production adapter on
/// an embedded DynamoDB, so that the same scenario runs on both. A clone shares every port.
#[derive(Clone)]
pub struct MemoryEnv<S = MemoryStore> {
    /// The store.
    pub store: S,
    /// The mailer.
    pub mailer: MemoryMailer,
    /// The schedules.
    pub schedules: MemorySchedules,
    /// The blobs.
    pub blobs: MemoryBlobs,
    /// The keys.
    pub secrets: MemorySecrets,
    /// The clock.
    pub clock: MemoryClock,
    /// The random bytes.
    pub entropy: MemoryEntropy,
    /// What the deployment says of itself.
    pub settings: Settings,
    /// Agreements that were computed in this world.
    pub agreements: Arc<Agreements>,
}

impl MemoryEnv {
    /// An empty world at `start`, whose random bytes follow from `seed`.
    #[must_use]
    pub fn new(start: Instant, seed: u64) -> Self {
        Self::with_store(MemoryStore::new(), start, seed)
    }
}

impl<S> MemoryEnv<S> {
    /// A world on another store.
    #[must_use]
    pub fn with_store(store: S, start: Instant, seed: u64) -> Self {
        let clock = MemoryClock::new(start);
        Self {
            store,
            mailer: MemoryMailer::new(clock.clone()),
            schedules: MemorySchedules::new(),
            blobs: MemoryBlobs::new(clock.clone()),
            secrets: MemorySecrets::new(),
            clock,
            entropy: MemoryEntropy::new(seed),
            settings: demo_settings(),
            agreements: Arc::default(),
        }
    }
}

impl<S> MemoryEnv<S> {
    /// A copy of everything that lives on its own, over a copy of the store that the caller made. What has no
    /// state, and what was computed, is shared.
    #[must_use]
    pub fn fork_on<T>(&self, store: T) -> MemoryEnv<T> {
        let clock = MemoryClock::new(self.clock.now());
        MemoryEnv {
            store,
            mailer: self.mailer.fork(clock.clone()),
            schedules: self.schedules.fork(),
            blobs: self.blobs.fork(clock.clone()),
            secrets: self.secrets.clone(),
            clock,
            entropy: self.entropy.fork(),
            settings: self.settings.clone(),
            agreements: Arc::clone(&self.agreements),
        }
    }
}

/// The settings of a deployment that does not exist.
#[must_use]
pub fn demo_settings() -> Settings {
    Settings {
        mail_domain: "soporte.millora.example".to_owned(),
        mailbox: "soporte".to_owned(),
        base_url: "https://soporte.millora.example".to_owned(),
        on_call: "guardia@millora.example".to_owned(),
        desk: "mesa@millora.example".to_owned(),
        write_schema: 1,
    }
}

impl<S: Store + 'static> Env for MemoryEnv<S> {
    type Store = S;
    type Mailer = MemoryMailer;
    type Schedules = MemorySchedules;
    type Blobs = MemoryBlobs;
    type Secrets = MemorySecrets;
    type Clock = MemoryClock;
    type Entropy = MemoryEntropy;

    fn store(&self) -> &S {
        &self.store
    }

    fn mailer(&self) -> &MemoryMailer {
        &self.mailer
    }

    fn schedules(&self) -> &MemorySchedules {
        &self.schedules
    }

    fn blobs(&self) -> &MemoryBlobs {
        &self.blobs
    }

    fn secrets(&self) -> &MemorySecrets {
        &self.secrets
    }

    fn clock(&self) -> &MemoryClock {
        &self.clock
    }

    fn entropy(&self) -> &MemoryEntropy {
        &self.entropy
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn agreements(&self) -> &Agreements {
        &self.agreements
    }
}
