//! Links to the files of this machine, in place of those that the blob service of a deployment signs:
//! each is a credential for one file, for a short time, under the conditions that it was signed with.

use std::sync::Arc;

use app::auth::{hex, unhex};
use app::limits::ATTACHMENT_BYTES_MAX;
use app::ports::{Blobs as _, Clock as _, Entropy, Link};
use app::records::Attachment;
use axum::Router;
use axum::body::{self, Body};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::put;
use domain::Instant;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::control::problem;
use super::world::World;

/// Hexadecimal digits of a signature.
const MAC_DIGITS: usize = 64;

/// What a link lets its bearer do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum May {
    /// Store the file, once.
    Store,
    /// Read it.
    Read,
}

/// What a link says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// What its bearer may do.
    pub(crate) may: May,
    /// With which file.
    pub(crate) file: Attachment,
    /// From this instant on it counts no more.
    pub(crate) until: Instant,
}

/// Signs and reads links, with a key that lives as long as the process.
pub(crate) struct BlobLinks {
    base_url: String,
    key: [u8; 32],
}

impl std::fmt::Debug for BlobLinks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobLinks").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl BlobLinks {
    /// Links to this process, which is reached at `base_url`.
    #[must_use]
    pub(crate) fn new(base_url: &str, entropy: &impl Entropy) -> Self {
        let mut key = [0; 32];
        entropy.fill(&mut key);
        Self { base_url: base_url.to_owned(), key }
    }

    /// The link that says `claim`.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub(crate) fn sign(&self, claim: &Claim) -> Result<Link, serde_json::Error> {
        let said = hex(&serde_json::to_vec(claim)?);
        let mac = hex(&self.mac(&said).finalize().into_bytes());
        let headers = match claim.may {
            May::Read => Vec::new(),
            May::Store => vec![
                (header::CONTENT_LENGTH.to_string(), claim.file.size.to_string()),
                (header::CONTENT_TYPE.to_string(), claim.file.media_type.clone()),
                (header::IF_NONE_MATCH.to_string(), "*".to_owned()),
            ],
        };
        Ok(Link { url: format!("{}/local/blobs/{mac}{said}", self.base_url), headers })
    }

    /// What a link says that this process has signed and that counts at `now`.
    fn read(&self, token: &str, now: Instant) -> Option<Claim> {
        let (mac, said) = token.split_at_checked(MAC_DIGITS)?;
        self.mac(said).verify_slice(&unhex(mac)?).ok()?;
        let claim: Claim = serde_json::from_slice(&unhex(said)?).ok()?;
        (now < claim.until).then_some(claim)
    }

    fn mac(&self, said: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(said.as_bytes());
        mac
    }
}

/// Where the links lead.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new().route("/local/blobs/{token}", put(store).get(read)).with_state(world)
}

async fn store(
    State(world): State<Arc<World>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let blobs = &world.env.blobs;
    let claim = blobs.links.read(&token, world.env.clock.now());
    let Some(Claim { may: May::Store, file, .. }) = claim else { return refused() };
    let is = |name: HeaderName, value: &str| {
        headers.get(name).is_some_and(|sent| sent.as_bytes() == value.as_bytes())
    };
    let signed = is(header::CONTENT_TYPE, &file.media_type)
        && is(header::CONTENT_LENGTH, &file.size.to_string())
        && is(header::IF_NONE_MATCH, "*");
    if !signed {
        return refused();
    }
    let Ok(bytes) = body::to_bytes(body, ATTACHMENT_BYTES_MAX as usize).await else {
        return problem(StatusCode::BAD_REQUEST, "incomplete", "El archivo llegó incompleto", "");
    };
    match blobs.list(&file.blob, None, 1).await {
        Ok(found) if found.items.is_empty() => match blobs.put(&file.blob, &bytes).await {
            Ok(()) => StatusCode::OK.into_response(),
            Err(error) => failed(&error),
        },
        Ok(_) => {
            let title = "Ya se recibió un archivo con este enlace";
            problem(StatusCode::PRECONDITION_FAILED, "already_stored", title, "")
        }
        Err(error) => failed(&error),
    }
}

async fn read(State(world): State<Arc<World>>, Path(token): Path<String>) -> Response {
    let blobs = &world.env.blobs;
    let claim = blobs.links.read(&token, world.env.clock.now());
    let Some(Claim { may: May::Read, file, .. }) = claim else { return refused() };
    let headers = [
        (header::CONTENT_TYPE, file.media_type.clone()),
        (header::CONTENT_DISPOSITION, file.disposition()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    match blobs.get(&file.blob).await {
        Ok(Some(bytes)) => (headers, bytes).into_response(),
        Ok(None) => super::control::not_found().await,
        Err(error) => failed(&error),
    }
}

fn refused() -> Response {
    let title = "Este enlace no sirve para eso";
    let detail = "Caducó, no es de esta mesa, o no se usó con el método y los encabezados con que se \
                  firmó: pida uno nuevo";
    problem(StatusCode::FORBIDDEN, "link_refused", title, detail)
}

fn failed(error: &app::ports::BlobError) -> Response {
    tracing::error!(%error, "a file could not be stored or read");
    problem(StatusCode::INTERNAL_SERVER_ERROR, "fault", "Falla nuestra", "")
}

#[cfg(test)]
mod tests {
    use app::memory::MemoryEntropy;
    use app::records::Attachment;
    use domain::{Instant, TimeDelta};

    use super::{BlobLinks, Claim, May};

    #[test]
    fn a_link_counts_as_it_was_signed_and_until_its_end() {
        let links = BlobLinks::new("http://127.0.0.1:1", &MemoryEntropy::new(1));
        let until = Instant::from_millis(1_795_219_200_000);
        let [id, name, media_type, blob] =
            ["7", "año.pdf", "application/pdf", "attachments/7"].map(str::to_owned);
        let file = Attachment { id, name, media_type, size: 3, blob };
        let claim = Claim { may: May::Read, file, until };
        let url = links.sign(&claim).unwrap().url;
        let token = url.strip_prefix("http://127.0.0.1:1/local/blobs/").unwrap();
        let before = until - TimeDelta::milliseconds(1);
        assert_eq!(links.read(token, before), Some(claim));
        assert_eq!(links.read(token, until), None);
        let other = BlobLinks::new("http://127.0.0.1:1", &MemoryEntropy::new(2));
        assert_eq!(other.read(token, before), None, "another process signed it");
        for at in 0..token.len() {
            let mut changed = token.to_owned().into_bytes();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(links.read(&changed, before), None, "{at}");
        }
        for none in ["", "0", "ñ", &token[..64], &token[1..]] {
            assert_eq!(links.read(none, before), None, "{none}");
        }
    }
}
