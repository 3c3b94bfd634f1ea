//! Ports that refuse everything: what a function without the right is given.
//!
//! IAM says the same; these make it visible in the function's type.

use app::item::Page;
use app::ports::{
    Acceptance, BlobError, BlobInfo, Blobs, KeyPurpose, Link, Mailer, Outgoing, ScheduleError,
    Schedules, SecretError, Secrets, SendError, SigningKey, Wake,
};
use app::records::Attachment;
use chrono::TimeDelta;

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

/// A bucket for functions that may not reach it.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBlobs;

fn no_bucket<T>() -> Result<T, BlobError> {
    Err(BlobError("this function may not reach the bucket".to_owned()))
}

impl Blobs for NoBlobs {
    async fn put(&self, _: &str, _: &[u8]) -> Result<(), BlobError> {
        no_bucket()
    }

    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, BlobError> {
        no_bucket()
    }

    async fn list(&self, _: &str, _: Option<&str>, _: u32) -> Result<Page<BlobInfo>, BlobError> {
        no_bucket()
    }

    async fn rename(&self, _: &str, _: &str) -> Result<(), BlobError> {
        no_bucket()
    }

    async fn delete(&self, _: &str) -> Result<(), BlobError> {
        no_bucket()
    }

    async fn upload_link(&self, _: &Attachment, _: TimeDelta) -> Result<Link, BlobError> {
        no_bucket()
    }

    async fn download_link(&self, _: &Attachment, _: TimeDelta) -> Result<Link, BlobError> {
        no_bucket()
    }
}

/// The keys for functions that may not read any.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeys;

impl Secrets for NoKeys {
    async fn keys(&self, _: KeyPurpose) -> Result<Vec<SigningKey>, SecretError> {
        Err(SecretError("this function may not read keys".to_owned()))
    }
}
