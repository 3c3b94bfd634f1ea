//! The parts of a mail as files (M6): every one that is not the text itself.
//!
//! They are stored apart only when the mail becomes a message or a note of a ticket. What waits or is set
//! aside stays whole in its raw form, and its parts are only named.

use mail::inbound::{Inbound, Part, parse};
use sha2::{Digest as _, Sha256};

use crate::auth::hex;
use crate::failure::Failure;
use crate::limits::PARTS_LISTED_MAX;
use crate::ports::{Blobs, Env};
use crate::records::{Attachment, MailFile};

/// An id has so many bytes, as that of an upload.
const ID_BYTES: usize = 16;

/// Names the parts of a mail.
pub(super) fn named(raw: &[u8]) -> Vec<MailFile> {
    let Ok(mail) = parse(raw) else { return Vec::new() };
    let file = |part: &Part<'_>| MailFile {
        name: part.name.as_str().to_owned(),
        media_type: part.media.clone(),
        size: part.bytes().len() as u64,
    };
    apart(&mail).take(PARTS_LISTED_MAX).map(file).collect()
}

/// Stores the parts of a mail. Ids follow from the mail and the part's place, so again is no change.
///
/// # Errors
/// [`Failure::Retryable`] when the blob store does not answer.
pub(super) async fn stored<E: Env>(
    env: &E,
    ses_id: &str,
    raw: &[u8],
) -> Result<Vec<Attachment>, Failure> {
    let Ok(mail) = parse(raw) else { return Ok(Vec::new()) };
    let mut files = Vec::new();
    for part in apart(&mail) {
        let bytes = part.bytes();
        let digest = Sha256::digest(format!("{ses_id}/{}", part.number).as_bytes());
        let id = hex(&digest[..ID_BYTES]);
        let blob = format!("attachments/{id}");
        let put = env.blobs().put(&blob, &bytes).await;
        put.map_err(|error| Failure::Retryable(error.to_string()))?;
        let name = part.name.as_str().to_owned();
        let media_type = part.media.clone();
        files.push(Attachment { id, name, media_type, size: bytes.len() as u64, blob });
    }
    Ok(files)
}

fn apart<'a, 'b>(mail: &'a Inbound<'b>) -> impl Iterator<Item = &'a Part<'b>> {
    mail.parts.iter().filter(|part| !part.shown)
}
