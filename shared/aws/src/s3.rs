//! Blobs over S3.

use std::sync::LazyLock;

use app::item::Page;
use app::ports::{BlobError, BlobInfo, Blobs, Link};
use app::records::Attachment;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::Object;
use domain::{Instant, TimeDelta};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::connection::{Connection, Lazy, lazy, retries, service_config};
use crate::trouble::Trouble;

/// Seconds for one attempt: 40 MB of raw mail fit.
const ATTEMPT_SECONDS: u64 = 20;

/// What is escaped where a key stands in the header that names the source of a copy.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

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
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<BlobInfo>, BlobError> {
        let answer = LazyLock::force(&self.client)
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .set_start_after(after.map(ToOwned::to_owned))
            .max_keys(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await;
        let output = answer.map_err(|error| BlobError(Trouble::of(&error).text()))?;
        let items: Vec<_> = output.contents().iter().filter_map(info).collect();
        let next = output.is_truncated().unwrap_or(false).then(|| items.last()).flatten();
        let next = next.map(|last| last.key.clone());
        Ok(Page { items, next })
    }

    async fn rename(&self, from: &str, to: &str) -> Result<(), BlobError> {
        let source = format!("{}/{}", self.bucket, utf8_percent_encode(from, ESCAPED));
        let answer = LazyLock::force(&self.client)
            .copy_object()
            .bucket(&self.bucket)
            .copy_source(source)
            .key(to)
            .if_none_match("*")
            .send()
            .await;
        if let Err(error) = answer {
            let trouble = Trouble::of(&error);
            match trouble.code() {
                // Moved before, or never there.
                "NoSuchKey" => return self.expect_blob(from, to).await,
                // Copied before; the service does not say whether it was this source.
                "PreconditionFailed" => self.expect_same(from, to).await?,
                _ => return Err(BlobError(trouble.text())),
            }
        }
        self.delete(from).await
    }

    async fn delete(&self, key: &str) -> Result<(), BlobError> {
        let answer = LazyLock::force(&self.client)
            .delete_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await;
        answer.map(|_| ()).map_err(|error| BlobError(Trouble::of(&error).text()))
    }

    async fn upload_link(&self, file: &Attachment, valid: TimeDelta) -> Result<Link, BlobError> {
        // What is set here is signed, so that the service takes nothing else, and nothing twice.
        let request = LazyLock::force(&self.client)
            .put_object()
            .bucket(&self.bucket)
            .key(&file.blob)
            .content_type(&file.media_type)
            .content_length(i64::try_from(file.size).unwrap_or(i64::MAX))
            .if_none_match("*");
        let presigned = request.presigned(presigning(valid)?).await;
        link(presigned.map_err(|error| BlobError(Trouble::of(&error).text()))?)
    }

    async fn download_link(&self, file: &Attachment, valid: TimeDelta) -> Result<Link, BlobError> {
        let request = LazyLock::force(&self.client)
            .get_object()
            .bucket(&self.bucket)
            .key(&file.blob)
            .response_content_type(&file.media_type)
            .response_content_disposition(file.disposition());
        let presigned = request.presigned(presigning(valid)?).await;
        link(presigned.map_err(|error| BlobError(Trouble::of(&error).text()))?)
    }
}

fn presigning(valid: TimeDelta) -> Result<PresigningConfig, BlobError> {
    let valid = valid.to_std().map_err(|error| BlobError(error.to_string()))?;
    PresigningConfig::expires_in(valid).map_err(|error| BlobError(error.to_string()))
}

/// The headers that are signed have to be sent; any others of the SDK's are of no use to anybody.
fn link(request: PresignedRequest) -> Result<Link, BlobError> {
    let url = request.uri().to_owned();
    let (_, query) = url.split_once('?').unwrap_or_default();
    let signed = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-SignedHeaders="));
    let signed = signed.ok_or_else(|| BlobError("a link without its signed headers".to_owned()))?;
    let signed: Vec<_> = signed.split("%3B").collect();
    let headers = request.headers().filter(|(name, _)| signed.contains(name));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok(Link { url, headers })
}

impl S3Blobs {
    async fn expect_blob(&self, from: &str, to: &str) -> Result<(), BlobError> {
        let found = self.list(to, None, 1).await?.items;
        if found.iter().any(|info| info.key == to) {
            return Ok(());
        }
        Err(BlobError(format!("{from} is not there")))
    }

    async fn expect_same(&self, from: &str, to: &str) -> Result<(), BlobError> {
        match (self.get(from).await?, self.get(to).await?) {
            (Some(bytes), Some(held)) if bytes != held => {
                Err(BlobError(format!("{to} already holds other bytes")))
            }
            (_, Some(_)) => Ok(()),
            (_, None) => Err(BlobError(format!("{to} was there and is gone"))),
        }
    }
}

/// What a listing says of an object; one without a key is none.
fn info(object: &Object) -> Option<BlobInfo> {
    let millis = object.last_modified().and_then(|at| at.to_millis().ok());
    Some(BlobInfo {
        key: object.key()?.to_owned(),
        size: object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        last_modified: millis.map(Instant::from_millis),
    })
}
