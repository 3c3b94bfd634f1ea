//! Logs: one JSON object per line on standard output.
//!
//! Lines carry ids, codes and counts only, never texts, names or addresses. What our own code says is
//! made so; what libraries say is not ours to make, and at their finest levels they tell whole requests.
//! So the level that a deployment sets is that of our own crates, and libraries only warn.

use std::str::FromStr;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Our own crates, as the targets of their lines.
const OURS: [&str; 16] = [
    "app",
    "auto_close",
    "aws",
    "client_file",
    "desk",
    "domain",
    "intake_http",
    "intake_mail",
    "mail",
    "mail_events",
    "outbox_relay",
    "payment_due",
    "renewal_notice",
    "sla_timer",
    "sweep",
    "web",
];
/// The level of everybody else.
const OTHERS: Level = Level::WARN;
/// The runtime, where it repeats an event that it cannot read: it says nothing at all.
const SILENT: &str = "lambda_runtime::layers::api_response";

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is not understood.
    #[error("the log level {0:?} is not one of error, warn, info, debug, trace")]
    Level(String),
    /// Logging has been started before.
    #[error("logging was already started")]
    Started,
}

/// Starts logging at `level`, one of `error`, `warn`, `info`, `debug`, `trace`. Call it once, first of
/// all.
///
/// # Errors
/// When the level is not understood or logging has been started already.
pub fn start(level: &str) -> Result<(), TelemetryError> {
    lines(level, std::io::stdout)?.try_init().map_err(|_| TelemetryError::Started)
}

/// What turns events into lines at `level`, as [`start`] does, and writes them to `writer`.
///
/// # Errors
/// When the level is not understood.
pub fn lines<W>(level: &str, writer: W) -> Result<impl Subscriber + Send + Sync, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = Level::from_str(level).map_err(|_| TelemetryError::Level(level.to_owned()))?;
    let hint = LevelFilter::from_level(level.max(OTHERS));
    let filter = filter_fn(move |line| is_said(line, level)).with_max_level_hint(hint);
    // The platform stamps each line with its own time.
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_span_events(FmtSpan::NONE)
        .without_time()
        .with_writer(writer)
        .with_filter(filter);
    Ok(tracing_subscriber::registry().with(lines))
}

/// Whether a line is logged where our own are at `level`. A crate is its whole name: that of many a
/// library begins as one of ours.
fn is_said(line: &Metadata<'_>, level: Level) -> bool {
    let target = line.target();
    let of = target.split("::").next().unwrap_or_default();
    let may_say = if OURS.contains(&of) { level } else { OTHERS };
    target != SILENT && *line.level() <= may_say
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<u8>>>);

    impl Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn heard(level: &str, says: impl FnOnce()) -> String {
        let heard = Heard::default();
        let writer = heard.clone();
        let lines = lines(level, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(lines, says);
        let bytes = heard.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_level_is_that_of_our_own_lines() {
        let says = || {
            tracing::trace!(target: "app::inbound", "ours");
            tracing::trace!(target: "lambda_runtime::layers::api_response", body = "secret", "raw");
            tracing::error!(target: "lambda_runtime::layers::api_response", "secret payload");
            tracing::debug!(target: "aws_smithy_runtime::client", "secret request");
            tracing::info!(target: "hyper", "secret");
            tracing::warn!(target: "hyper", "theirs");
        };
        let all = heard("trace", says);
        assert!(all.contains("ours") && all.contains("theirs"), "{all}");
        assert!(!all.contains("secret"), "{all}");
        let few = heard("info", says);
        assert!(!few.contains("ours") && !few.contains("secret"), "{few}");
    }

    /// A function that is new is one of ours as well.
    #[test]
    fn every_crate_that_is_deployed_is_ours() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for folder in ["functions", "shared"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let name = entry.unwrap().file_name().to_string_lossy().replace('-', "_");
                assert!(OURS.contains(&name.as_str()), "{name} is not in the list");
            }
        }
    }

    #[test]
    fn a_filter_is_no_level() {
        for level in ["", "loud", "info,hyper=trace", "aws_smithy_runtime=trace"] {
            let fault = lines(level, std::io::sink).err().map(|it| it.to_string());
            assert!(fault.is_some_and(|it| it.contains("is not one of")), "{level}");
        }
    }
}
