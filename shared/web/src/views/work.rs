//! The work stopwatch (G12), for the desk.

use domain::Instant;
use domain::agreement::Agreement;
use domain::instant::spanish_span;
use domain::ticket::{EarlierCycle, Stopwatch, View};
use serde::Serialize;
use utoipa::ToSchema;

/// How the ticket's life splits, its cycles together: natural time, in seconds. It is information: no result
/// follows from it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkView {
    /// There was no service.
    pub suspended_seconds: i64,
    /// The client was to act.
    pub client_seconds: i64,
    /// Everything else.
    pub millora_seconds: i64,
    /// The same for people.
    #[schema(example = "Millora 5 h 10 min, cliente 26 h, suspendido 0 min")]
    pub text: String,
}

impl WorkView {
    /// The split of a ticket's life up to `now`.
    #[must_use]
    pub fn of(current: &View<'_>, earlier: &[(EarlierCycle, Agreement)], now: Instant) -> Self {
        let cycles = earlier.iter().map(|(cycle, agreement)| cycle.view(agreement).stopwatch(now));
        let Stopwatch { suspended, client, millora } =
            cycles.fold(current.stopwatch(now), |sum, cycle| sum + cycle);
        Self {
            suspended_seconds: suspended.num_seconds(),
            client_seconds: client.num_seconds(),
            millora_seconds: millora.num_seconds(),
            text: format!(
                "Millora {}, cliente {}, suspendido {}",
                spanish_span(millora),
                spanish_span(client),
                spanish_span(suspended)
            ),
        }
    }
}
