//! The page of a link as HTML, with the headers that keep it to itself.

use std::borrow::Cow;
use std::sync::LazyLock;

use app::Failure;
use app::client::ClientFile;
use app::links::{AccountState, Seen, SeenAccount, SeenMail, SeenMails, State};
use askama::Template;
use axum::body::Body;
use axum::response::Response;
use domain::attention::TargetError;
use domain::{Instant, SpocId};
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use mail::outbound::Action;
use sha2::{Digest as _, Sha256};
use web::codes::{Code as _, Operation};
use web::limits::RETRY_AFTER_SECONDS;

use super::form::Answers;
use super::{account, held, status, words};

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
    mails: Vec<Mail>,
    form: Option<Form>,
    /// Other pages, with their addresses.
    pages: Vec<(&'static str, String)>,
    /// What stands below the buttons.
    after: Vec<String>,
    style: &'static str,
    status: StatusCode,
}

/// A fact with its label.
pub(super) struct Fact {
    label: Cow<'static, str>,
    value: String,
    strong: bool,
}

impl Fact {
    pub(super) fn new(label: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), strong: false }
    }

    pub(super) fn strong(label: &'static str, value: impl Into<String>) -> Self {
        Self { strong: true, ..Self::new(label, value) }
    }
}

struct Form {
    button: String,
    questions: Option<Questions>,
    /// Ids of the mails on which the button acts.
    mails: Vec<String>,
}

/// A mail that a page lists.
struct Mail {
    id: String,
    title: String,
    facts: Vec<Fact>,
    /// Its own button, where there is something to do.
    button: Option<&'static str>,
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
            let button = action.label().to_owned();
            page.form = Some(Form { button, questions, mails: Vec::new() });
            page.after = told.after.into_iter().map(ToOwned::to_owned).collect();
            if let Some((_, faults)) = asked {
                page.status = StatusCode::UNPROCESSABLE_ENTITY;
                page.faults = faults;
            }
        }
        Ok(page)
    }

    /// The page of a link on held mail as it stands; `acted` are the mails on which its button was
    /// pressed just now.
    pub(super) fn of_mails(seen: &SeenMails, acted: &[String]) -> Self {
        let told = held::told(seen, acted);
        let status = if acted.is_empty() { held::status(&seen.state) } else { StatusCode::OK };
        let mut page = Self::new(status, told.title, told.lead);
        page.facts.push(acts_as(&seen.file, &seen.token.spoc));
        page.mails = seen.mails.iter().map(|mail| Mail::new(seen, mail)).collect();
        let waiting = seen.mails.iter().filter(|mail| seen.acts_on(mail));
        let waiting: Vec<String> = waiting.map(|mail| mail.record.ses_id.clone()).collect();
        if waiting.len() > 1 {
            let button = held::button_for_all(seen, waiting.len());
            page.form = Some(Form { button, questions: None, mails: waiting });
        }
        page.after = told.after;
        page
    }

    /// The page of a link to an account as it stands.
    pub(super) fn of_account(seen: &SeenAccount, at: Instant) -> Result<Self, Failure> {
        let told = account::told(seen, at)?;
        let mut page = Self::new(account::status(&seen.state), told.title, told.lead);
        page.facts.push(acts_as(&seen.loaded.file, &seen.token.spoc));
        page.facts.extend(told.facts);
        if let AccountState::Ready(_) = &seen.state {
            let button = seen.token.action.label().to_owned();
            page.form = Some(Form { button, questions: None, mails: Vec::new() });
        }
        page.pages = seen.acts.iter().map(|(act, url)| (act.label(), url.clone())).collect();
        page.after = told.after.into_iter().map(ToOwned::to_owned).collect();
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
        let (faults, facts, mails, after) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (form, pages, style) = (None, Vec::new(), STYLE);
        Self { title, faults, lead, facts, mails, form, pages, after, style, status }
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
    let subject = mail::Line::new(&seen.subject);
    vec![
        acts_as(&seen.file, &seen.token.spoc),
        Fact::new("Ticket", format!("{}: «{subject}»", seen.token.reference)),
    ]
}

fn acts_as(file: &ClientFile, spoc: &SpocId) -> Fact {
    let name = file.spoc(spoc).map(|spoc| spoc.name.as_str()).unwrap_or_default();
    Fact::new("Actúa como", format!("{name}, de {}", file.client.name))
}

impl Mail {
    fn new(seen: &SeenMails, mail: &SeenMail) -> Self {
        let button = seen.acts_on(mail).then(|| held::button(seen));
        let (id, title) = (mail.record.ses_id.clone(), held::title(&mail.record));
        Self { id, title, facts: held::facts(seen, mail), button }
    }
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
