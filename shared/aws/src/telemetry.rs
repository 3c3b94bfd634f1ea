//! Logs: one JSON object per line on standard output.
//!
//! Lines carry ids, codes and counts only, never texts, names or addresses.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is not understood.
    #[error("the log level {0:?} is not one of error, warn, info, debug, trace, nor a filter")]
    Level(String),
    /// Logging has been started before.
    #[error("logging was already started")]
    Started,
}

/// Starts logging at `level`, for example `info` or `info,app=debug`. Call it once, first of all.
///
/// # Errors
/// When the level is not understood or logging has been started already.
pub fn start(level: &str) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(level).map_err(|_| TelemetryError::Level(level.to_owned()))?;
    // The platform stamps each line with its own time.
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_span_events(FmtSpan::NONE)
        .without_time()
        .with_env_filter(filter)
        .try_init()
        .map_err(|_| TelemetryError::Started)
}
