//! Calls: one request, one answer, and what went wrong in words and as an exit code.

use std::sync::Arc;
use std::time::Duration;

use app::auth::hex;
use app::ports::Entropy as _;
use aws::connection::ROOTS;
use aws::entropy::OsEntropy;
use serde_json::Value;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::ServerArgs;
use crate::profiles::{Kind, Profile, Profiles};

/// Longest wait for an answer. Moving the clock over many days takes its time.
const ANSWER_MAX: Duration = Duration::from_secs(600);
/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why an order was not carried out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// The server said no, or failed, or its answer makes no sense.
    #[error("{0}")]
    Failed(String),
    /// The order itself is wrong.
    #[error("{0}")]
    Usage(String),
    /// Nobody answers.
    #[error("{0}")]
    Unreachable(String),
}

impl Trouble {
    /// The exit code.
    pub(super) const fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
        }
    }
}

/// Who calls, where, and how the answer is wanted.
pub(super) struct Caller {
    agent: Agent,
    url: String,
    profiles: Option<Profiles>,
    profile: Option<String>,
    token: Option<String>,
    json: bool,
}

/// On whose behalf a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// A client's SPoC.
    Client,
    /// The desk.
    Desk,
    /// Nobody: the local bundle's own pages.
    Nobody,
}

impl Caller {
    /// Reads the profiles and finds the server.
    pub(super) fn new(args: &ServerArgs) -> Result<Self, Trouble> {
        let file = args.profiles.display();
        let profiles = Profiles::read(&args.profiles)
            .map_err(|error| Trouble::Usage(format!("No se puede usar {file}: {error}")))?;
        let known = profiles.as_ref().map(|profiles| profiles.url.clone());
        let url = args.url.clone().or(known).ok_or_else(|| {
            Trouble::Usage(format!(
                "No se sabe dónde está la mesa: no existe {file}. Arránquela con «millora up», o \
                 indique --url, o el archivo con --profiles."
            ))
        })?;
        Ok(Self {
            agent: agent(),
            url: url.trim_end_matches('/').to_owned(),
            profiles,
            profile: args.profile.clone(),
            token: args.token.clone(),
            json: args.json,
        })
    }

    /// The address of a path.
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Asks for something.
    pub(super) fn get(&self, side: Side, path: &str) -> Result<Value, Trouble> {
        let mut request = self.agent.get(self.address(path));
        if let Some(token) = self.token(side)? {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        read(request.call().map_err(|error| self.unreachable(&error))?)
    }

    /// Asks for bytes.
    pub(super) fn get_text(&self, path: &str) -> Result<String, Trouble> {
        let answer = self.agent.get(self.address(path)).call();
        let (ok, text) = body(answer.map_err(|error| self.unreachable(&error))?)?;
        if ok { Ok(text) } else { Err(refusal(&text)) }
    }

    /// Does something. Each call has a fresh `Idempotency-Key`.
    pub(super) fn post(&self, side: Side, path: &str, body: &Value) -> Result<Value, Trouble> {
        let mut key = [0_u8; 16];
        OsEntropy.fill(&mut key);
        let key = hex(&key);
        let mut request = self
            .agent
            .post(self.address(path))
            .header("content-type", "application/json")
            .header("idempotency-key", key);
        if let Some(token) = self.token(side)? {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        read(request.send(body.to_string()).map_err(|error| self.unreachable(&error))?)
    }

    /// Sends bytes where a link says, under the headers that it says. The link is the credential, and
    /// whoever stores files is told no other.
    pub(super) fn put_to(&self, link: &Value, bytes: &[u8]) -> Result<(), Trouble> {
        let mut request = self.agent.put(link["url"].as_str().unwrap_or_default());
        for (name, value) in link["headers"].as_object().into_iter().flatten() {
            // The length is that of the bytes, and said once.
            if name != "content-length" {
                request = request.header(name, value.as_str().unwrap_or_default());
            }
        }
        let (ok, text) = body(request.send(bytes).map_err(|error| self.unreachable(&error))?)?;
        if ok { Ok(()) } else { Err(refusal(&text)) }
    }

    /// Reads bytes from where a link says.
    pub(super) fn get_from(&self, link: &Value) -> Result<Vec<u8>, Trouble> {
        let answer = self.agent.get(link["url"].as_str().unwrap_or_default()).call();
        let answer = answer.map_err(|error| self.unreachable(&error))?;
        if !answer.status().is_success() {
            return Err(refusal(&body(answer)?.1));
        }
        let read = answer.into_body().into_with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        read.map_err(|error| cut_off(&error))
    }

    /// The answer as JSON if that is wanted, otherwise in the words of `people`.
    pub(super) fn shown(&self, answer: &Value, people: impl FnOnce(&Value) -> String) -> String {
        if self.json { answer.to_string() } else { people(answer) }
    }

    fn token(&self, side: Side) -> Result<Option<String>, Trouble> {
        let kind = match side {
            Side::Nobody => return Ok(None),
            Side::Client => Kind::Spoc,
            Side::Desk => Kind::Staff,
        };
        if let Some(token) = &self.token {
            return Ok(Some(token.clone()));
        }
        let Some(profiles) = &self.profiles else {
            return Err(Trouble::Usage(
                "No hay archivo de perfiles: indique --token, o el archivo con --profiles."
                    .to_owned(),
            ));
        };
        let usual = match kind {
            Kind::Spoc => &profiles.ticket,
            Kind::Staff => &profiles.desk,
        };
        let name = self.profile.as_ref().or(usual.as_ref());
        let profile = name.and_then(|name| profiles.profiles.get(name));
        profile.map(|profile: &Profile| Some(profile.token.clone())).ok_or_else(|| {
            let known: Vec<&str> = profiles
                .profiles
                .iter()
                .filter(|(_, profile)| profile.kind == kind)
                .map(|(name, _)| name.as_str())
                .collect();
            let name = name.map_or("", String::as_str);
            Trouble::Usage(format!(
                "No hay perfil «{name}»: elija con --as uno de estos: {}.",
                known.join(", ")
            ))
        })
    }

    fn unreachable(&self, error: &ureq::Error) -> Trouble {
        Trouble::Unreachable(format!(
            "No responde nadie en {}: {error}. ¿Está en marcha «millora up»? Otra dirección se indica \
             con --url.",
            self.url
        ))
    }
}

/// What calls a desk, on this machine or deployed.
pub(super) fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .tls_config(tls())
        .timeout_global(Some(ANSWER_MAX))
        .timeout_connect(Some(Duration::from_secs(5)))
        .user_agent("millora")
        .build();
    config.into()
}

/// A deployment answers from behind a certificate of Amazon's, so only those roots are trusted: a
/// token goes to nobody else.
fn tls() -> TlsConfig {
    let roots: Vec<Certificate<'static>> = ROOTS
        .split_inclusive("-----END CERTIFICATE-----\n")
        .filter_map(|pem| Certificate::from_pem(pem.as_bytes()).ok())
        .collect();
    TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build()
}

fn read(answer: Response<Body>) -> Result<Value, Trouble> {
    let (ok, text) = body(answer)?;
    if !ok {
        return Err(refusal(&text));
    }
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text)
        .map_err(|error| Trouble::Failed(format!("La respuesta no se entiende: {error}")))
}

fn body(answer: Response<Body>) -> Result<(bool, String), Trouble> {
    let ok = answer.status().is_success();
    let read = answer.into_body().into_with_config().limit(ANSWER_BYTES_MAX).read_to_string();
    match read {
        Ok(text) => Ok((ok, text)),
        Err(error) => Err(cut_off(&error)),
    }
}

fn cut_off(error: &ureq::Error) -> Trouble {
    Trouble::Unreachable(format!("La respuesta se cortó antes de terminar: {error}"))
}

/// A problem (RFC 9457) in words: title, detail, every fault with its place.
fn refusal(text: &str) -> Trouble {
    let Ok(problem) = serde_json::from_str::<Value>(text) else {
        return Trouble::Failed(format!("El servidor respondió con un error: {text}"));
    };
    let word = |key: &str| problem.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut lines = vec![word("title").to_owned()];
    if !word("detail").is_empty() && word("detail") != word("title") {
        lines.push(word("detail").to_owned());
    }
    for fault in problem.get("faults").and_then(Value::as_array).into_iter().flatten() {
        let part = |key: &str| fault.get(key).and_then(Value::as_str).unwrap_or("?");
        lines.push(format!("  {}: {}", part("at"), part("problem")));
    }
    let rule = word("rule");
    let mut about = vec![word("code").to_owned()];
    if !rule.is_empty() {
        about.push(format!("regla {rule}"));
    }
    about.retain(|part| !part.is_empty());
    if !about.is_empty() {
        lines.push(format!("({})", about.join(", ")));
    }
    lines.retain(|line| !line.is_empty());
    Trouble::Failed(lines.join("\n"))
}

/// A part of a path, with whatever has a meaning of its own in paths written as `%XX`.
pub(super) fn part(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A query of the pairs that have a value.
pub(super) fn query(pairs: &[(&str, Option<&str>)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name}={}", part(value))))
        .collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::{Trouble, part, query, refusal};

    #[test]
    fn paths_and_queries_are_escaped() {
        assert_eq!(part("ACME-7K2QX9RD-E"), "ACME-7K2QX9RD-E");
        assert_eq!(part("a/b?ñ"), "a%2Fb%3F%C3%B1");
        assert_eq!(query(&[("a", None), ("b", None)]), "");
        assert_eq!(query(&[("a", Some("x y")), ("b", None), ("c", Some("&"))]), "?a=x%20y&c=%26");
    }

    #[test]
    fn a_problem_is_told_whole() {
        let table = [
            (
                r#"{"title":"La solicitud tiene errores.","detail":"Corrija esto.","code":"invalid",
                   "faults":[{"at":"text","problem":"Falta."},{"at":"subject","problem":"Es largo."}]}"#,
                "La solicitud tiene errores.\nCorrija esto.\n  text: Falta.\n  subject: Es largo.\n(invalid)",
            ),
            (r#"{"title":"No.","rule":"7.2a","code":"no_offer"}"#, "No.\n(no_offer, regla 7.2a)"),
            ("<html>", "El servidor respondió con un error: <html>"),
        ];
        for (text, words) in table {
            assert_eq!(refusal(text), Trouble::Failed(words.to_owned()));
        }
    }
}
