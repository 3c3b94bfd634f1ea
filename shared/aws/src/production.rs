//! The environment of a deployed function.
//!
//! What a function may not do is absent from its type, and from its binary: `Production` as it stands
//! has the table alone, and a function names what it has besides.

use app::client::Agreements;
use app::keys;
use app::ports::{Blobs, Env, Mailer, Schedules, Secrets, Settings, Store as _};

use crate::clock::SystemClock;
use crate::config::{Config, ConfigFaults, Needs};
use crate::denied::{NoBlobs, NoKeys, NoMail, NoSchedules};
use crate::dynamodb::DynamoStore;
use crate::entropy::OsEntropy;

/// The digest of no token: digests are hexadecimal.
const NOBODYS: &str = "nobody";

/// A port that a function may have or be without, built from the environment.
pub trait Part: Sized + 'static {
    /// The variables that it needs beyond those that all functions need.
    const NEEDS: Needs = Needs::NOTHING;

    /// Builds it.
    fn from_config(config: &Config) -> Self;
}

impl Part for NoBlobs {
    fn from_config(_: &Config) -> Self {
        Self
    }
}

impl Part for NoKeys {
    fn from_config(_: &Config) -> Self {
        Self
    }
}

impl Part for NoMail {
    fn from_config(_: &Config) -> Self {
        Self
    }
}

impl Part for NoSchedules {
    fn from_config(_: &Config) -> Self {
        Self
    }
}

impl Part for crate::s3::S3Blobs {
    fn from_config(config: &Config) -> Self {
        Self::new(&config.connection, &config.bucket)
    }
}

impl Part for crate::ssm::SsmSecrets<SystemClock> {
    fn from_config(config: &Config) -> Self {
        Self::new(&config.connection, &config.secrets_prefix, SystemClock)
    }
}

impl Part for crate::ses::SesMailer {
    const NEEDS: Needs = Needs { mail: true, ..Needs::NOTHING };

    fn from_config(config: &Config) -> Self {
        Self::new(&config.connection, &config.configuration_set)
    }
}

impl Part for crate::scheduler::EventBridgeSchedules {
    const NEEDS: Needs = Needs { schedules: true, ..Needs::NOTHING };

    fn from_config(config: &Config) -> Self {
        Self::new(&config.connection, config.schedules.clone())
    }
}

/// The environment of a deployed function, built once per process. No client is built and nothing
/// is connected before its first use.
///
/// `B` holds files and mails, `K` the signing keys, `M` sends mail, `S` creates schedules.
pub struct Production<B = NoBlobs, K = NoKeys, M = NoMail, S = NoSchedules> {
    store: DynamoStore,
    blobs: B,
    secrets: K,
    mailer: M,
    schedules: S,
    settings: Settings,
    agreements: Agreements,
}

impl<B: Part, K: Part, M: Part, S: Part> Production<B, K, M, S> {
    /// What the function needs of its environment.
    pub const NEEDS: Needs = B::NEEDS.and(K::NEEDS).and(M::NEEDS).and(S::NEEDS);

    /// Reads the environment, starts the logs at its level, and builds the ports.
    ///
    /// # Errors
    /// Every variable that is missing or malformed, by name.
    pub fn start() -> Result<Self, ConfigFaults> {
        let config = Config::from_environment(Self::NEEDS)?;
        // The table's name is the stack's, under which its alarms look.
        crate::telemetry::start(&config.log_level, &config.table)
            .map_err(|error| ConfigFaults(vec![error.to_string()]))?;
        Ok(Self::new(&config))
    }

    /// Connects to the table before anybody waits: the platform gives a process a whole processor until
    /// it asks for its first event, and a part of one after that. It asks for a credential that nobody
    /// holds. Where that fails, the first request connects.
    pub async fn connect(&self) {
        if let Err(error) = self.store.glance(&keys::token(NOBODYS)).await {
            tracing::warn!(%error, "not connected before the first request");
        }
    }

    /// Builds the ports.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            store: DynamoStore::new(&config.connection, &config.table),
            blobs: B::from_config(config),
            secrets: K::from_config(config),
            mailer: M::from_config(config),
            schedules: S::from_config(config),
            settings: config.settings.clone(),
            agreements: Agreements::default(),
        }
    }
}

impl<B, K, M, S> Env for Production<B, K, M, S>
where
    B: Blobs + 'static,
    K: Secrets + 'static,
    M: Mailer + 'static,
    S: Schedules + 'static,
{
    type Store = DynamoStore;
    type Mailer = M;
    type Schedules = S;
    type Blobs = B;
    type Secrets = K;
    type Clock = SystemClock;
    type Entropy = OsEntropy;

    fn store(&self) -> &DynamoStore {
        &self.store
    }

    fn mailer(&self) -> &M {
        &self.mailer
    }

    fn schedules(&self) -> &S {
        &self.schedules
    }

    fn blobs(&self) -> &B {
        &self.blobs
    }

    fn secrets(&self) -> &K {
        &self.secrets
    }

    fn clock(&self) -> &SystemClock {
        &SystemClock
    }

    fn entropy(&self) -> &OsEntropy {
        &OsEntropy
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn agreements(&self) -> &Agreements {
        &self.agreements
    }
}
