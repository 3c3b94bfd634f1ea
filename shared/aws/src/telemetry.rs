//! Logs: one JSON object per line on standard output.
//!
//! Lines carry ids, codes and counts only, never texts, names or addresses. What our own code says is
//! made so; what libraries say is not ours to make, and at their finest levels they tell whole requests.
//! So the level that a deployment sets is that of our own crates, and libraries only warn.
//!
//! Each line of a call has the request's id and the trace that it belongs to. A line that counts as a
//! [metric](METRICS) says so in CloudWatch's embedded metric format: nobody has to look for its words.

use std::fmt;
use std::str::FromStr;

use app::ports::Clock as _;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::clock::SystemClock;

/// Our own crates, as the targets of their lines.
const OURS: [&str; 18] = [
    "app",
    "auto_close",
    "aws",
    "bank_file",
    "client_file",
    "desk",
    "domain",
    "intake_http",
    "intake_mail",
    "mail",
    "mail_events",
    "outbox_relay",
    "payment_due",
    "payment_webhook",
    "renewal_notice",
    "sla_timer",
    "sweep",
    "web",
];
/// The level of everybody else.
const OTHERS: Level = Level::WARN;
/// Where the runtime opens the span of a call: it holds the request's id and its trace, nothing else.
const CALL: &str = "lambda_runtime::layers::trace";
/// What every error counts as.
const FAULTS: &str = "Faults";
/// What lines count as: every error as the first, the others where a line has a field `metric`.
pub const METRICS: [&str; 3] = [FAULTS, "DeadNotices", "SweepMore"];
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

/// Starts logging at `level`, one of `error`, `warn`, `info`, `debug`, `trace`, with metrics under
/// `namespace`. Call it once, first of all.
///
/// # Errors
/// When the level is not understood or logging has been started already.
pub fn start(level: &str, namespace: &str) -> Result<(), TelemetryError> {
    lines(level, namespace, std::io::stdout)?.try_init().map_err(|_| TelemetryError::Started)
}

/// What turns events into lines at `level`, as [`start`] does, and writes them to `writer`.
///
/// # Errors
/// When the level is not understood.
pub fn lines<W>(
    level: &str,
    namespace: &str,
    writer: W,
) -> Result<impl Subscriber + Send + Sync, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = Level::from_str(level).map_err(|_| TelemetryError::Level(level.to_owned()))?;
    // The span of a call is at INFO: without it a warning would not say of which call it is.
    let hint = LevelFilter::from_level(level.max(Level::INFO));
    let filter = filter_fn(move |line| is_said(line, level)).with_max_level_hint(hint);
    // The platform stamps each line with its own time.
    let format = tracing_subscriber::fmt::format()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .without_time();
    let lines = tracing_subscriber::fmt::layer()
        .event_format(Counted { format, namespace: namespace.to_owned() })
        .fmt_fields(JsonFields::new())
        .with_writer(writer)
        .with_filter(filter);
    Ok(tracing_subscriber::registry().with(lines))
}

/// Lines, with what they count as.
struct Counted {
    format: Format<Json, ()>,
    namespace: String,
}

impl<S, N> FormatEvent<S, N> for Counted
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.format.format_event(context, Writer::new(&mut line), event)?;
        let metrics = metrics(event);
        match line.trim_end().strip_suffix('}') {
            Some(open) if !metrics.is_empty() => {
                let counted = embedded(&self.namespace, &metrics);
                writeln!(writer, "{open},{}", counted.trim_start_matches('{'))
            }
            Some(_) | None => writer.write_str(&line),
        }
    }
}

/// What a line counts as.
fn metrics(event: &Event<'_>) -> Vec<&'static str> {
    struct Named(Option<&'static str>);
    impl Visit for Named {
        fn record_str(&mut self, field: &Field, value: &str) {
            if field.name() == "metric" {
                self.0 = METRICS.into_iter().find(|metric| *metric == value);
            }
        }

        fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
    }
    let mut named = Named(None);
    event.record(&mut named);
    let fault = (*event.metadata().level() == Level::ERROR).then_some(FAULTS);
    fault.into_iter().chain(named.0).collect()
}

/// The members of a line that CloudWatch makes metrics of.
fn embedded(namespace: &str, metrics: &[&str]) -> String {
    let units: Vec<_> =
        metrics.iter().map(|name| json!({ "Name": name, "Unit": "Count" })).collect();
    let mut members = json!({ "_aws": {
        "Timestamp": SystemClock.now().millis(),
        "CloudWatchMetrics": [{ "Namespace": namespace, "Dimensions": [[]], "Metrics": units }],
    }});
    for name in metrics {
        members[*name] = json!(1);
    }
    members.to_string()
}

/// Whether a line is logged where our own are at `level`. A crate is its whole name: that of many a
/// library begins as one of ours.
fn is_said(line: &Metadata<'_>, level: Level) -> bool {
    let target = line.target();
    let of = target.split("::").next().unwrap_or_default();
    if target == CALL {
        return line.is_span();
    }
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
        let lines = lines(level, "millora", move || writer.clone()).unwrap();
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

    /// Each line, as the service reads it.
    fn read(told: &str) -> Vec<serde_json::Value> {
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn what_counts_says_so() {
        let lines = read(&heard("info", || {
            tracing::info!(target: "sweep", worked = 3, metric = None::<&str>, "swept");
            tracing::info!(target: "sweep", worked = 3, metric = Some("SweepMore"), "swept");
            tracing::error!(target: "app::outbox", metric = "DeadNotices", "notice is dead");
            tracing::error!(target: "app::sweep", pk = "T#X", metric = "Unheard", "a fault");
        }));
        let counted = |line: &serde_json::Value| {
            let said = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().cloned();
            let named = said.unwrap_or_default().into_iter();
            named.map(|it| it["Name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(lines[0].get("_aws"), None);
        assert_eq!(counted(&lines[1]), ["SweepMore"]);
        assert_eq!(lines[1]["SweepMore"], 1);
        assert_eq!((&lines[1]["worked"], &lines[1]["message"]), (&json!(3), &json!("swept")));
        assert_eq!(counted(&lines[2]), ["Faults", "DeadNotices"]);
        assert_eq!(counted(&lines[3]), ["Faults"]);
        let told = &lines[3]["_aws"];
        assert!(told["Timestamp"].as_i64().unwrap() > 1_700_000_000_000);
        assert_eq!(told["CloudWatchMetrics"][0]["Namespace"], "millora");
        assert_eq!(told["CloudWatchMetrics"][0]["Dimensions"], json!([[]]));
    }

    #[test]
    fn a_line_says_of_which_call_it_is() {
        for level in ["info", "error"] {
            let lines = read(&heard(level, || {
                let (id, trace) = ("8476a536", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700");
                let call = tracing::info_span!(
                    target: "lambda_runtime::layers::trace",
                    "Lambda runtime invoke",
                    requestId = id,
                    xrayTraceId = trace
                );
                let _in_it = call.enter();
                tracing::error!(target: "app::sweep", "a fault");
                tracing::error!(target: "lambda_runtime::layers::trace", "not a span");
            }));
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert_eq!(lines[0]["span"]["requestId"], "8476a536", "{lines:?}");
            let trace = lines[0]["span"]["xrayTraceId"].as_str().unwrap();
            assert!(trace.starts_with("Root=1-"), "{lines:?}");
        }
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
            let fault = lines(level, "millora", std::io::sink).err().map(|it| it.to_string());
            assert!(fault.is_some_and(|it| it.contains("is not one of")), "{level}");
        }
    }
}
