//! The page of a link as HTML, with the headers that keep it to itself.

use std::sync::LazyLock;

use app::Failure;
use app::links::{Seen, State};
use askama::Template;
use axum::body::Body;
use axum::response::Response;
use domain::Instant;
use domain::attention::TargetError;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use mail::outbound::Action;
use sha2::{Digest as _, Sha256};
use web::codes::{Code as _, Operation};
use web::limits::RETRY_AFTER_SECONDS;

use super::form::Answers;
use super::{status, words};

/// The one style, which the policy admits by its hash and nothing else.
const STYLE: &str = include_str!("../../templates/page.css");

/// Nothing is loaded, run or framed; a form goes back to where it came from.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = base64(&Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
});

/// A page.
#[derive(Template)]
#[template(path = "page.html")]
pub(super) struct Page {
    title: String,
    faults: Vec<String>,
    lead: Vec<String>,
    facts: Vec<Fact>,
    form: Option<Form>,
    style: &'static str,
    status: StatusCode,
}

/// A fact with its label.
pub(super) struct Fact {
    label: &'static str,
    value: String,
    strong: bool,
}

impl Fact {
    pub(super) fn new(label: &'static str, value: impl Into<String>) -> Self {
        Self { label, value: value.into(), strong: false }
    }

    pub(super) fn strong(label: &'static str, value: impl Into<String>) -> Self {
        Self { label, value: value.into(), strong: true }
    }
}

struct Form {
    button: &'static str,
    questions: Option<Questions>,
    after: Vec<&'static str>,
}

struct Questions {
    operations: Vec<Choice>,
    blocked: Option<bool>,
    description: String,
}

struct Choice {
    word: &'static str,
    label: &'static str,
    chosen: bool,
}

impl Page {
    /// The page of a link as it stands; `asked` are answers that do not suffice, and why.
    pub(super) fn of(
        seen: &Seen,
        at: Instant,
        asked: Option<(&Answers, Vec<String>)>,
    ) -> Result<Self, Failure> {
        let action = seen.token.action;
        let told = words::told(seen, at).map_err(|error: TargetError| Failure::from(error))?;
        let mut page = Self::new(status(&seen.state), told.title, told.lead);
        page.facts = whose(seen);
        page.facts.extend(told.facts);
        if let State::Ready(_) = &seen.state {
            let questions = (action == Action::DeclareCritical)
                .then(|| Questions::new(asked.as_ref().map(|(answers, _)| *answers)));
            page.form = Some(Form { button: action.label(), questions, after: told.after });
            if let Some((_, faults)) = asked {
                page.status = StatusCode::UNPROCESSABLE_ENTITY;
                page.faults = faults;
            }
        }
        Ok(page)
    }

    /// No link of ours. It says nothing of any ticket.
    pub(super) fn foreign() -> Self {
        let lead = vec![
            "El enlace está incompleto o no es nuestro. A veces el programa de correo lo corta: \
             ábralo de nuevo desde el correo original, completo."
                .to_owned(),
            "Si no funciona, responda al correo que lo trae y nuestra mesa le ayudará.".to_owned(),
        ];
        Self::new(StatusCode::NOT_FOUND, "No reconocemos este enlace".to_owned(), lead)
    }

    /// Something stood in the way that is not the visitor's. The cause is logged once, here.
    pub(super) fn failed(failure: &Failure) -> Self {
        if failure.is_retryable() {
            tracing::warn!(cause = %failure, "an action link could not be served now");
            let lead = vec![
                "No se registró nada, o no se sabe aún. Espere unos segundos y abra de nuevo el \
                 enlace: le dirá si ya quedó registrado."
                    .to_owned(),
            ];
            let title = "No se pudo en este momento".to_owned();
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, title, lead);
        }
        tracing::error!(cause = %failure, "an action link failed by our own fault");
        let lead = vec![
            "Algo falló de nuestro lado y ya quedó registrado. Responda al correo que trae el \
             enlace; si es urgente, llame a la mesa de soporte de Millora."
                .to_owned(),
        ];
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Falla nuestra".to_owned(), lead)
    }

    fn new(status: StatusCode, title: String, lead: Vec<String>) -> Self {
        let (faults, facts) = (Vec::new(), Vec::new());
        Self { title, faults, lead, facts, form: None, style: STYLE, status }
    }

    /// The page as an answer.
    pub(super) fn response(self) -> Response {
        // A template of texts fails only when a buffer does; then the status still tells.
        let body = self.render().unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        if let Ok(policy) = HeaderValue::from_str(&POLICY) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        }
        response
    }
}

/// For whom the link acts, and on what.
fn whose(seen: &Seen) -> Vec<Fact> {
    let name = seen.file.spoc(&seen.token.spoc).map(|spoc| spoc.name.as_str()).unwrap_or_default();
    let client = &seen.file.client.name;
    let subject = mail::Line::new(&seen.subject);
    vec![
        Fact::new("Actúa como", format!("{name}, de {client}")),
        Fact::new("Ticket", format!("{}: «{subject}»", seen.token.reference)),
    ]
}

impl Questions {
    fn new(answers: Option<&Answers>) -> Self {
        let chosen = answers.and_then(|answers| answers.operation);
        let choice = |operation: &Operation| Choice {
            word: operation.word(),
            label: domain::ticket::EssentialOperation::from(*operation).spanish(),
            chosen: chosen == Some(*operation),
        };
        Self {
            operations: Operation::ALL.iter().map(choice).collect(),
            blocked: answers.and_then(|answers| answers.blocked),
            description: answers.map(|answers| answers.description.clone()).unwrap_or_default(),
        }
    }
}

/// Base 64 with padding (RFC 4648), as policies spell hashes.
fn base64(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let padded = [0, 1, 2].map(|at| u32::from(three.get(at).copied().unwrap_or(0)));
        let bits = padded[0] << 16 | padded[1] << 8 | padded[2];
        for at in 0..4 {
            let symbol = SYMBOLS[(bits >> (18 - at * 6) & 63) as usize];
            text.push(if at <= three.len() { char::from(symbol) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base_64_is_that_of_the_rfc() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
