//! Ports that refuse everything: what a function without the right is given.
//!
//! IAM says the same; these make it visible in the function's type.

use app::ports::{Acceptance, Mailer, Outgoing, ScheduleError, Schedules, SendError, Wake};

/// A mailer for functions that may not send mail.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMail;

impl Mailer for NoMail {
    async fn send(&self, _: &Outgoing) -> Result<Acceptance, SendError> {
        // Not `Refused`: the message is good, and a function that may send it will.
        Err(SendError::Retryable("this function may not send mail".to_owned()))
    }
}

/// A scheduler for functions that may not create schedules.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSchedules;

impl Schedules for NoSchedules {
    async fn put(&self, _: &Wake) -> Result<(), ScheduleError> {
        Err(ScheduleError("this function may not create schedules".to_owned()))
    }

    async fn delete(&self, _: &str) -> Result<(), ScheduleError> {
        Err(ScheduleError("this function may not delete schedules".to_owned()))
    }
}
