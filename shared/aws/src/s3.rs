//! Blobs over S3.

use std::sync::LazyLock;

use app::ports::{BlobError, Blobs};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::primitives::ByteStream;

use crate::connection::{Connection, Lazy, lazy, retries, service_config};
use crate::trouble::Trouble;

/// Seconds for one attempt: 40 MB of raw mail fit.
const ATTEMPT_SECONDS: u64 = 20;

/// Blobs over S3, one bucket. A clone shares the client.
///
/// A blob is immutable: it is written only where there is none, and where there is one with the same
/// bytes the write counts as done. To tell a missing blob from a forbidden one the service asks for
/// the right `s3:ListBucket`.
#[derive(Clone)]
pub struct S3Blobs {
    client: Lazy<Client>,
    bucket: String,
}

impl S3Blobs {
    /// The blobs in `bucket`. The client is built at the first call.
    #[must_use]
    pub fn new(connection: &Connection, bucket: impl Into<String>) -> Self {
        let connection = connection.clone();
        let build = move || {
            let config = service_config!(aws_sdk_s3, &connection, retries(), ATTEMPT_SECONDS)
                // A server that stands in for S3 has no name per bucket.
                .force_path_style(connection.endpoint.is_some())
                // The connection is encrypted and the request signed with the body's digest.
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
            Client::from_conf(config.build())
        };
        Self { client: lazy(build), bucket: bucket.into() }
    }
}

impl Blobs for S3Blobs {
    async fn put(&self, key: &str, bytes: &[u8]) -> Result<(), BlobError> {
        let answer = LazyLock::force(&self.client)
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .if_none_match("*")
            .body(ByteStream::from(bytes.to_vec()))
            .send()
            .await;
        let Err(error) = answer else { return Ok(()) };
        let trouble = Trouble::of(&error);
        if trouble.code() != "PreconditionFailed" {
            return Err(BlobError(trouble.text()));
        }
        match self.get(key).await? {
            Some(held) if held == bytes => Ok(()),
            Some(_) => Err(BlobError(format!("{key} already holds other bytes"))),
            None => Err(BlobError(format!("{key} was there and is gone"))),
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, BlobError> {
        let answer =
            LazyLock::force(&self.client).get_object().bucket(&self.bucket).key(key).send().await;
        match answer {
            Ok(output) => {
                let body = output.body.collect().await;
                let body = body.map_err(|error| BlobError(format!("{key} broke off: {error}")))?;
                Ok(Some(body.to_vec()))
            }
            Err(error) => {
                let trouble = Trouble::of(&error);
                let is_missing = trouble.code() == "NoSuchKey";
                if is_missing { Ok(None) } else { Err(BlobError(trouble.text())) }
            }
        }
    }
}
