//! One-time schedules over EventBridge Scheduler.

use std::sync::LazyLock;

use app::ports::{ScheduleError, Schedules, TimerFunction, Wake};
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::BuildError;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode,
    RetryPolicy, Target,
};
use domain::Instant;

use crate::config::ScheduleNames;
use crate::connection::{Connection, Lazy, lazy, retries, service_config};
use crate::trouble::Trouble;

/// Seconds for one attempt of one call.
const ATTEMPT_SECONDS: u64 = 5;

/// A wake-up that could not be delivered for so long is left to the sweep.
const EVENT_AGE_SECONDS_MAX: i32 = 3600;

/// So many repetitions of a delivery.
const ATTEMPTS_MAX: i32 = 5;

/// One-time schedules over EventBridge Scheduler. A clone shares the client.
#[derive(Clone)]
pub struct EventBridgeSchedules {
    client: Lazy<Client>,
    names: ScheduleNames,
}

/// What became of an attempt to create or to move a schedule.
enum Outcome {
    Done,
    Exists,
    Missing,
}

impl EventBridgeSchedules {
    /// The schedules of one group. The client is built at the first call.
    #[must_use]
    pub fn new(connection: &Connection, names: ScheduleNames) -> Self {
        let connection = connection.clone();
        let build = move || {
            let config =
                service_config!(aws_sdk_scheduler, &connection, retries(), ATTEMPT_SECONDS);
            Client::from_conf(config.build())
        };
        Self { client: lazy(build), names }
    }

    fn target_arn(&self, function: TimerFunction) -> &str {
        match function {
            TimerFunction::SlaTimer => &self.names.sla_timer_arn,
            TimerFunction::AutoClose => &self.names.auto_close_arn,
        }
    }

    fn target(&self, wake: &Wake) -> Result<Target, BuildError> {
        let payload = serde_json::json!({
            "function": wake.function.name(),
            "aggregate": wake.pk,
        });
        Target::builder()
            .arn(self.target_arn(wake.function))
            .role_arn(&self.names.role_arn)
            .input(payload.to_string())
            .dead_letter_config(
                DeadLetterConfig::builder().arn(&self.names.dead_letter_arn).build(),
            )
            .retry_policy(
                RetryPolicy::builder()
                    .maximum_event_age_in_seconds(EVENT_AGE_SECONDS_MAX)
                    .maximum_retry_attempts(ATTEMPTS_MAX)
                    .build(),
            )
            .build()
    }

    async fn create(&self, wake: &Wake) -> Result<Outcome, ScheduleError> {
        let answer = LazyLock::force(&self.client)
            .create_schedule()
            .name(&wake.name)
            .group_name(&self.names.group)
            .schedule_expression(expression(wake.at))
            .schedule_expression_timezone("UTC")
            .flexible_time_window(punctual()?)
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(self.target(wake).map_err(unbuilt)?)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Outcome::Done),
            Err(error) => outcome(Trouble::of(&error)),
        }
    }

    async fn update(&self, wake: &Wake) -> Result<Outcome, ScheduleError> {
        let answer = LazyLock::force(&self.client)
            .update_schedule()
            .name(&wake.name)
            .group_name(&self.names.group)
            .schedule_expression(expression(wake.at))
            .schedule_expression_timezone("UTC")
            .flexible_time_window(punctual()?)
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(self.target(wake).map_err(unbuilt)?)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Outcome::Done),
            Err(error) => outcome(Trouble::of(&error)),
        }
    }
}

impl Schedules for EventBridgeSchedules {
    async fn put(&self, wake: &Wake) -> Result<(), ScheduleError> {
        match self.create(wake).await? {
            Outcome::Done => return Ok(()),
            Outcome::Missing => return Err(missing_group(&self.names.group)),
            Outcome::Exists => {}
        }
        match self.update(wake).await? {
            Outcome::Done => return Ok(()),
            Outcome::Exists => return Err(busy_name(&wake.name)),
            // It fired and removed itself between the two calls.
            Outcome::Missing => {}
        }
        match self.create(wake).await? {
            Outcome::Done => Ok(()),
            Outcome::Exists => Err(busy_name(&wake.name)),
            Outcome::Missing => Err(missing_group(&self.names.group)),
        }
    }

    async fn delete(&self, name: &str) -> Result<(), ScheduleError> {
        let answer = LazyLock::force(&self.client)
            .delete_schedule()
            .name(name)
            .group_name(&self.names.group)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            Err(error) => match outcome(Trouble::of(&error))? {
                Outcome::Done | Outcome::Missing => Ok(()),
                Outcome::Exists => Err(busy_name(name)),
            },
        }
    }
}

/// `at(…)` in UTC. The service takes whole seconds; rounded up, so that nothing fires early.
fn expression(at: Instant) -> String {
    let ms = at.millis();
    let seconds = ms.div_euclid(1000) + i64::from(ms.rem_euclid(1000) != 0);
    let text = aws_smithy_types::DateTime::from_secs(seconds)
        .fmt(aws_smithy_types::date_time::Format::DateTime)
        .expect("whole seconds of a four-digit year always have this form");
    format!("at({})", text.trim_end_matches('Z'))
}

fn punctual() -> Result<FlexibleTimeWindow, ScheduleError> {
    FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().map_err(unbuilt)
}

fn unbuilt(error: BuildError) -> ScheduleError {
    ScheduleError(error.to_string())
}

fn outcome(trouble: Trouble) -> Result<Outcome, ScheduleError> {
    match trouble.code() {
        "ConflictException" => Ok(Outcome::Exists),
        "ResourceNotFoundException" => Ok(Outcome::Missing),
        _ => Err(ScheduleError(trouble.text())),
    }
}

fn missing_group(group: &str) -> ScheduleError {
    ScheduleError(format!("there is no schedule group {group}"))
}

fn busy_name(name: &str) -> ScheduleError {
    ScheduleError(format!("the schedule {name} is being changed by another"))
}

#[cfg(test)]
mod tests {
    use domain::Instant;

    use super::expression;

    #[test]
    fn instants_are_written_in_utc_and_never_early() {
        for (ms, text) in [
            (1_795_219_200_000, "at(2026-11-21T00:00:00)"),
            (1_795_219_200_001, "at(2026-11-21T00:00:01)"),
            (1_795_219_199_999, "at(2026-11-21T00:00:00)"),
        ] {
            assert_eq!(expression(Instant::from_millis(ms)), text);
        }
    }
}
