//! What a request says: its path, its parameters, its body.

use app::auth::Principal;
use app::idempotency::Once;
use app::item::Key;
use app::keys;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Query, RawPathParams, Request};
use domain::{BankName, ClientId, Instant, TicketRef};
use futures::StreamExt as _;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::request::Parts;
use serde_json::{Map, Value};

use crate::callers::received_at;
use crate::fields::Fields;
use crate::json;
use crate::limits::{
    BODY_BYTES_MAX, IDEMPOTENCY_KEY_CHARS_MAX, NAME_CHARS_MAX, PARAMETER_CHARS_MAX,
};
use crate::problem::Problem;

/// Name of the header under which a request may be repeated.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The ticket of the path. One that is malformed is as little there as one that is unknown.
#[derive(Debug, Clone)]
pub struct Reference(pub TicketRef);

impl<S: Send + Sync> FromRequestParts<S> for Reference {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = path_param(parts, state, "ref").await?;
        TicketRef::parse(&text).map(Self).map_err(|_| Problem::not_found())
    }
}

/// The client of the path. One that is malformed is as little there as one that is unknown.
#[derive(Debug, Clone)]
pub struct ClientPath(pub ClientId);

impl<S: Send + Sync> FromRequestParts<S> for ClientPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = path_param(parts, state, "client").await?;
        ClientId::parse(&text).map(Self).map_err(|_| Problem::not_found())
    }
}

/// The bank of the path. One that is malformed is as little there as one that is unknown.
#[derive(Debug, Clone)]
pub struct BankPath(pub BankName);

impl<S: Send + Sync> FromRequestParts<S> for BankPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = path_param(parts, state, "bank").await?;
        BankName::parse(&text).map(Self).map_err(|_| Problem::not_found())
    }
}

/// The notice of the path: of a ticket, a client, a mail or an address.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Where the notice lies.
    pub key: Key,
}

impl<S: Send + Sync> FromRequestParts<S> for Subject {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let subject = path_param(parts, state, "ref").await?;
        let id = path_param(parts, state, "id").await?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if id.is_empty() || id.len() > PARAMETER_CHARS_MAX || !id.chars().all(plain) {
            return Err(Problem::not_found());
        }
        let pk = keys::partition_of(&subject).ok_or_else(Problem::not_found)?;
        Ok(Self { key: keys::notice(&pk, &id) })
    }
}

/// The mail of the path. What cannot be an id is no mail.
#[derive(Debug, Clone)]
pub struct MailId(pub String);

impl<S: Send + Sync> FromRequestParts<S> for MailId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = path_param(parts, state, "id").await?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if id.is_empty() || id.len() > PARAMETER_CHARS_MAX || !id.chars().all(plain) {
            return Err(Problem::not_found());
        }
        Ok(Self(id))
    }
}

/// The payment event of the path, by its sender's id. What cannot be an id is no event.
#[derive(Debug, Clone)]
pub struct EventId(pub String);

impl EventId {
    /// What an id should be, in Spanish.
    pub const EXPECTED: &str =
        "el id de un suceso: hasta 100 letras, dígitos, guiones y puntos, sin acentos ni espacios";

    /// Reads an id; none where it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits = (1..=NAME_CHARS_MAX).contains(&text.len()) && text.chars().all(plain);
        fits.then(|| Self(text.to_owned()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for EventId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = path_param(parts, state, "id").await?;
        Self::parse(&id).ok_or_else(Problem::not_found)
    }
}

/// The file of the path, and the ticket that it is said to belong to.
#[derive(Debug, Clone)]
pub struct AttachmentPath {
    /// The ticket.
    pub reference: TicketRef,
    /// The file's id, whatever it says: it is only compared.
    pub id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for AttachmentPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Reference(reference) = Reference::from_request_parts(parts, state).await?;
        Ok(Self { reference, id: path_param(parts, state, "id").await? })
    }
}

async fn path_param<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
    name: &str,
) -> Result<String, Problem> {
    let params = RawPathParams::from_request_parts(parts, state).await;
    let params = params.map_err(|_| Problem::not_found())?;
    let found = params.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.to_owned()).ok_or_else(Problem::not_found)
}

/// The parameters of the query. One without a value is an empty text; one that stands twice, one that
/// is unknown and one that is too long are faults.
#[derive(Debug)]
pub struct Params(Fields);

impl Params {
    /// Reads the parameters as fields, all of them texts.
    ///
    /// # Errors
    /// Every fault.
    pub fn read<T>(self, read: impl FnOnce(&mut Fields) -> Option<T>) -> Result<T, Problem> {
        self.0.read(read)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(pairs) = pairs.map_err(|_| {
            Problem::fault_at("?", "los parámetros de la dirección no se pueden leer")
        })?;
        let mut left = Map::new();
        let mut faults = Vec::new();
        for (name, value) in pairs {
            let at = json::inside("", &name);
            let chars = value.chars().count();
            if chars > PARAMETER_CHARS_MAX {
                let problem =
                    format!("tiene {chars} caracteres: el máximo es {PARAMETER_CHARS_MAX}");
                faults.push(app::InputFault::new(at, problem));
            } else if left.insert(name, Value::String(value)).is_some() {
                faults.push(app::InputFault::new(at, "aparece más de una vez: déjelo una sola"));
            }
        }
        Ok(Self(Fields::new(Value::Object(left), faults)))
    }
}

/// The body of a request that changes something: a JSON object; none is as good as an empty one.
#[derive(Debug)]
pub struct Input {
    fields: Fields,
    key: Option<String>,
    said: Vec<u8>,
}

impl Input {
    /// The request under its `Idempotency-Key`, which is required.
    ///
    /// # Errors
    /// 400 without one.
    pub fn once(&self, principal: &Principal) -> Result<Once, Problem> {
        self.optional_once(principal).ok_or_else(Problem::key_missing)
    }

    /// The request under its `Idempotency-Key`, if it has one.
    #[must_use]
    pub fn optional_once(&self, principal: &Principal) -> Option<Once> {
        self.key.as_ref().map(|key| Once::new(principal, key, &self.said))
    }

    /// Reads the body.
    ///
    /// # Errors
    /// Every fault.
    pub fn read<T>(self, read: impl FnOnce(&mut Fields) -> Option<T>) -> Result<T, Problem> {
        self.fields.read(read)
    }
}

impl<S: Send + Sync> FromRequest<S> for Input {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let key = idempotency_key(&parts.headers)?;
        let bytes = gathered(body).await?;
        let (value, faults) = if bytes.is_empty() {
            (Value::Object(Map::new()), Vec::new())
        } else if is_json(&parts.headers) {
            json::read(&bytes)?
        } else {
            return Err(Problem::media_type());
        };
        // What makes a repeated request the same one: method, path and body, byte for byte.
        let mut said = format!("{} {}\n", parts.method, parts.uri.path()).into_bytes();
        said.extend_from_slice(&bytes);
        Ok(Self { fields: Fields::new(value, faults), key, said })
    }
}

/// A body as it came: to be verified byte for byte before it is read.
#[derive(Debug)]
pub struct RawBody {
    headers: HeaderMap,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// When our side received it (G2).
    pub received_at: Instant,
}

impl RawBody {
    /// The value of a header that stands once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut sent = self.headers.get_all(name).iter();
        let (only, None) = (sent.next()?, sent.next()) else { return None };
        only.to_str().ok()
    }

    /// Reads the bytes as a JSON object.
    ///
    /// # Errors
    /// Every fault.
    pub fn read<T>(&self, read: impl FnOnce(&mut Fields) -> Option<T>) -> Result<T, Problem> {
        let (value, faults) = json::read(&self.bytes)?;
        Fields::new(value, faults).read(read)
    }
}

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let received_at = received_at(&parts)?;
        Ok(Self { headers: parts.headers, bytes: gathered(body).await?, received_at })
    }
}

/// All the bytes of a body, up to the limit.
async fn gathered(body: Body) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::incomplete())?;
        if bytes.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(Problem::too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut sent = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(first) = sent.next() else { return Ok(None) };
    let key = first.to_str().unwrap_or_default();
    let fits = (1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&key.len());
    if sent.next().is_some() || !fits || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Problem::key_invalid());
    }
    Ok(Some(key.to_owned()))
}

/// `application/json`, with UTF-8 as its only charset.
fn is_json(headers: &HeaderMap) -> bool {
    let sent = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = sent.split(';').map(str::trim);
    let json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    json && parts.filter(|parameter| !parameter.is_empty()).all(|parameter| {
        let parameter = parameter.to_ascii_lowercase().replace('"', "");
        parameter == "charset=utf-8"
    })
}
