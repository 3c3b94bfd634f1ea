//! Editions of the agreement as the desk publishes them (14).
//!
//! > *14. Millora podrá modificar este SLA con un aviso previo de 30 días naturales mediante
//! > publicación en su sitio web.*

use std::sync::Arc;

use app::editions::{self, Publication};
use app::ports::Env;
use axum::extract::State;
use domain::edition::EditionTerms;
use domain::terms::{Parameter, Version};
use serde::Serialize;
use utoipa::ToSchema;
use web::limits::{REASON_CHARS_MAX, SUBJECT_CHARS_MAX};
use web::views::Moment;
use web::{Answer, Duty, Input, Problem, ReadErrors, StaffCaller, WriteErrors};

/// An edition to be published, now.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditionBody {
    /// Its whole text, byte for byte: its digest is what clients accept (0.1).
    pub text: String,
    /// Where it is published.
    #[schema(min_length = 1, max_length = 200)]
    pub url: String,
    /// From when it is in force; the first instant that clause 14 allows if absent.
    #[schema(nullable = true)]
    pub effective_at: Option<Moment>,
    /// The parameters that it sets, TOML: one `name = value` on a line.
    pub parameters: Option<String>,
    /// Why, up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// An edition.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EditionView {
    /// Its number, from 1.
    pub n: u32,
    /// The SHA-256 of its text.
    pub text_hash: String,
    /// Where it is published.
    pub url: String,
    /// When it was published.
    pub published_at: Moment,
    /// From when it is in force.
    pub effective_at: Moment,
    /// The parameters that it sets, in words.
    pub parameters: Vec<String>,
}

/// Every edition.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EditionList {
    /// Oldest first.
    pub editions: Vec<EditionView>,
}

/// Lists the editions of the agreement.
#[utoipa::path(
    get,
    path = "/desk/editions",
    operation_id = "desk_editions",
    tag = "Desk",
    security(("token" = [])),
    responses((status = 200, description = "The editions.", body = EditionList), ReadErrors),
)]
pub(crate) async fn list<E: Env>(
    State(env): State<Arc<E>>,
    _: StaffCaller,
) -> Result<Answer<EditionList>, Problem> {
    let editions = editions::list(env.as_ref()).await?;
    Ok(Answer::ok(EditionList { editions: editions.iter().map(EditionView::from).collect() }))
}

/// Publishes an edition. It is in force after 30 natural days at the earliest; every SPoC is told, and
/// running cycles keep theirs (14).
#[utoipa::path(
    post,
    path = "/desk/editions",
    operation_id = "desk_publish_edition",
    tag = "Desk",
    security(("token" = [])),
    request_body = EditionBody,
    responses((status = 200, description = "Published.", body = EditionView), WriteErrors),
)]
pub(crate) async fn publish<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    input: Input,
) -> Result<Answer<EditionView>, Problem> {
    caller.require(Duty::Administration)?;
    let (publication, reason) = input.read(|fields| {
        let text = fields.verbatim("text");
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            fields.fault("text", "está vacío: escriba la edición completa");
        }
        let url = fields.line("url", SUBJECT_CHARS_MAX);
        if url.as_ref().is_some_and(|url| !url.starts_with("https://")) {
            fields.fault("url", "debe empezar con https://: es donde los clientes la leen");
        }
        let effective_at = fields.optional_instant("effective_at");
        let reason = fields.text("reason", REASON_CHARS_MAX);
        let said = fields.optional_verbatim("parameters").unwrap_or_default();
        let (parameters, findings) = client_file::parameters(&said);
        for it in findings {
            fields.fault("parameters", format!("línea {}: {} {}", it.line, it.at, it.text));
        }
        Some((Publication { text: text?, url: url?, effective_at, parameters }, reason?))
    })?;
    let version = editions::publish(env.as_ref(), &publication, &reason, &caller.member).await?;
    Ok(Answer::ok(EditionView::from(&version)))
}

impl From<&Version<EditionTerms>> for EditionView {
    fn from(version: &Version<EditionTerms>) -> Self {
        let EditionTerms { n, text_hash, url, parameters } = &version.value;
        let all = Parameter::ALL.iter();
        let set = all.filter_map(|it| Some(format!("{} = {}", it.name(), parameters.shown(*it)?)));
        Self {
            n: *n,
            text_hash: text_hash.clone(),
            url: url.clone(),
            published_at: version.known_from.into(),
            effective_at: version.valid_from.into(),
            parameters: set.collect(),
        }
    }
}
