//! The environment of a deployed function.
//!
//! What a function may not do is absent from its type: only `outbox-relay` and `sweep` name a mailer,
//! only `outbox-relay` schedules, and all others are `Production` as it stands.

use app::client::Agreements;
use app::keys;
use app::ports::{Env, Mailer, Schedules, Settings, Store as _};

use crate::clock::SystemClock;
use crate::config::{Config, ConfigFaults, Needs};
use crate::denied::{NoMail, NoSchedules};
use crate::dynamodb::DynamoStore;
use crate::entropy::OsEntropy;
use crate::s3::S3Blobs;
use crate::ssm::SsmSecrets;

/// The digest of no token: digests are hexadecimal.
const NOBODYS: &str = "nobody";

/// A mailer that can be built from the environment.
pub trait MailerFromConfig: Mailer + Sized + 'static {
    /// Whether it needs the variables of mail.
    const NEEDED: bool;

    /// Builds it.
    fn from_config(config: &Config) -> Self;
}

/// Schedules that can be built from the environment.
pub trait SchedulesFromConfig: Schedules + Sized + 'static {
    /// Whether they need the variables of schedules.
    const NEEDED: bool;

    /// Builds them.
    fn from_config(config: &Config) -> Self;
}

impl MailerFromConfig for NoMail {
    const NEEDED: bool = false;

    fn from_config(_: &Config) -> Self {
        Self
    }
}

impl SchedulesFromConfig for NoSchedules {
    const NEEDED: bool = false;

    fn from_config(_: &Config) -> Self {
        Self
    }
}

#[cfg(feature = "ses")]
impl MailerFromConfig for crate::ses::SesMailer {
    const NEEDED: bool = true;

    fn from_config(config: &Config) -> Self {
        Self::new(&config.connection, &config.configuration_set)
    }
}

#[cfg(feature = "scheduler")]
impl SchedulesFromConfig for crate::scheduler::EventBridgeSchedules {
    const NEEDED: bool = true;

    fn from_config(config: &Config) -> Self {
        Self::new(&config.connection, config.schedules.clone())
    }
}

/// The environment of a deployed function, built once per process. No client is built and nothing
/// is connected before its first use.
pub struct Production<M = NoMail, S = NoSchedules> {
    store: DynamoStore,
    mailer: M,
    schedules: S,
    blobs: S3Blobs,
    secrets: SsmSecrets<SystemClock>,
    settings: Settings,
    agreements: Agreements,
}

impl<M: MailerFromConfig, S: SchedulesFromConfig> Production<M, S> {
    /// What the function needs of its environment.
    pub const NEEDS: Needs = Needs { mail: M::NEEDED, schedules: S::NEEDED };

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
            mailer: M::from_config(config),
            schedules: S::from_config(config),
            blobs: S3Blobs::new(&config.connection, &config.bucket),
            secrets: SsmSecrets::new(&config.connection, &config.secrets_prefix, SystemClock),
            settings: config.settings.clone(),
            agreements: Agreements::default(),
        }
    }
}

impl<M: Mailer + 'static, S: Schedules + 'static> Env for Production<M, S> {
    type Store = DynamoStore;
    type Mailer = M;
    type Schedules = S;
    type Blobs = S3Blobs;
    type Secrets = SsmSecrets<SystemClock>;
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

    fn blobs(&self) -> &S3Blobs {
        &self.blobs
    }

    fn secrets(&self) -> &SsmSecrets<SystemClock> {
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
