//! What all clients share: region, credentials, endpoint, and one HTTP client.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

/// The roots of Amazon Trust Services, all six. Parsing the 145 roots of a usual system costs more
/// than everything else that happens before the first answer.
pub const ROOTS: &str = include_str!("amazon-roots.pem");

/// A server on this machine is waited for so many times as long as a service.
const LOCAL_PATIENCE: u64 = 12;

/// A value that is built when it is first used, once.
pub(crate) type Lazy<T> = Arc<LazyLock<T, Box<dyn FnOnce() -> T + Send>>>;

/// Makes a [`Lazy`] value.
pub(crate) fn lazy<T>(build: impl FnOnce() -> T + Send + 'static) -> Lazy<T> {
    Arc::new(LazyLock::new(Box::new(build)))
}

/// Where and as whom the services are called. A clone shares the HTTP client.
#[derive(Clone)]
pub struct Connection {
    pub(crate) region: String,
    pub(crate) credentials: Credentials,
    pub(crate) endpoint: Option<String>,
    /// How many times the usual limits of time.
    patience: u64,
    http: Lazy<SharedHttpClient>,
}

impl Connection {
    /// A connection. `endpoint` takes the place of every service's own address, and may be plain
    /// HTTP on the same machine.
    #[must_use]
    pub fn new(
        region: impl Into<String>,
        credentials: AccessKey,
        endpoint: Option<String>,
    ) -> Self {
        let AccessKey { id, secret, session_token } = credentials;
        Self {
            region: region.into(),
            // The platform replaces the process before these expire.
            credentials: Credentials::new(id, secret, session_token, None, "environment"),
            endpoint,
            patience: 1,
            http: lazy(http_client),
        }
    }

    /// A connection to a server on this machine that does not check credentials. It is waited for
    /// longer: it does one thing at a time, so the last of many callers at once waits for all others,
    /// where the services would have served them side by side.
    #[must_use]
    pub fn local(endpoint: impl Into<String>) -> Self {
        let key =
            AccessKey { id: "local".to_owned(), secret: "local".to_owned(), session_token: None };
        let connection = Self::new("us-east-1", key, Some(endpoint.into()));
        Self { patience: LOCAL_PATIENCE, ..connection }
    }

    /// Limits of time of a call, all of its attempts together at most three times `attempt_seconds`.
    pub(crate) fn timeouts(&self, attempt_seconds: u64) -> TimeoutConfig {
        let seconds = |usual| Duration::from_secs(usual * self.patience);
        TimeoutConfig::builder()
            .connect_timeout(seconds(2))
            .operation_attempt_timeout(seconds(attempt_seconds))
            .operation_timeout(seconds(attempt_seconds * 3))
            .build()
    }

    /// The HTTP client that all service clients share.
    pub(crate) fn http(&self) -> SharedHttpClient {
        LazyLock::force(&self.http).clone()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// An access key as the platform hands it to a function.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The token of a temporary key.
    pub session_token: Option<String>,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKey(…)")
    }
}

/// Whom a server's certificate has to come from.
fn tls_context() -> TlsContext {
    let mut trust = TrustStore::empty();
    for certificate in ROOTS.split_inclusive("-----END CERTIFICATE-----\n") {
        trust = trust.with_pem_certificate(certificate);
    }
    #[cfg(feature = "bench-root")]
    if let Some(file) = std::env::var_os("BENCH_ROOT")
        && let Ok(certificate) = std::fs::read(file)
    {
        trust = trust.with_pem_certificate(certificate);
    }
    TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .expect("a trust store alone is always a valid context")
}

fn http_client() -> SharedHttpClient {
    let client = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls_context())
        .build_https();
    SharedHttpClient::new(Unhurried(client))
}

/// An HTTP client that reads its roots when it first connects. By itself it would read them once more
/// for each service client that is built, to be quicker at the first call, and throw them away.
#[derive(Debug)]
struct Unhurried(SharedHttpClient);

impl HttpClient for Unhurried {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }
}

/// Retries of calls that may be made twice without harm. The first pause is short, since the
/// services are near and a person may be waiting.
pub(crate) fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50))
}

/// The builder of one service's configuration with everything that the services share. The
/// services' builders are alike but of different types, hence a macro.
macro_rules! service_config {
    ($sdk:ident, $connection:expr, $retries:expr, $attempt_seconds:expr) => {{
        let connection: &$crate::connection::Connection = $connection;
        let mut builder = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
            .region($sdk::config::Region::new(connection.region.clone()))
            .credentials_provider(connection.credentials.clone())
            .http_client(connection.http())
            .retry_config($retries)
            .timeout_config(connection.timeouts($attempt_seconds));
        builder.set_endpoint_url(connection.endpoint.clone());
        builder
    }};
}
pub(crate) use service_config;

#[cfg(test)]
mod tests {
    use aws_smithy_http_client::Connector;

    use super::{AccessKey, Connection, CryptoMode, Provider, ROOTS, tls_context};

    #[test]
    fn there_are_six_roots_and_they_are_taken() {
        assert_eq!(ROOTS.matches("-----BEGIN CERTIFICATE-----").count(), 6);
        // A connector reads the roots when it is built; one that is no certificate ends here.
        let _connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls_context())
            .build();
    }

    #[test]
    fn credentials_are_never_shown() {
        let key = AccessKey {
            id: "id".to_owned(),
            secret: "hush".to_owned(),
            session_token: Some("hush".to_owned()),
        };
        assert!(!format!("{key:?}").contains("hush"));
        assert!(!format!("{:?}", Connection::new("us-east-1", key, None)).contains("hush"));
    }
}
