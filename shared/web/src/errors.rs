//! The error answers that paths have in common, for their description.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// What every path that reads may answer instead.
#[derive(Debug, Clone, Copy)]
pub struct ReadErrors;

/// What every path that changes something may answer instead.
#[derive(Debug, Clone, Copy)]
pub struct WriteErrors;

const READING: [(&str, &str); 6] = [
    ("401", "No token, or one that does not count. `WWW-Authenticate` says how."),
    ("403", "A good token, but not for this: another audience, or no longer a SPoC."),
    (
        "404",
        "There is no such thing for whoever asks: foreign, unknown and malformed look the same.",
    ),
    ("422", "Every fault of the parameters, with its place."),
    ("500", "Our own fault, of which nothing else is told."),
    ("503", "Not now; `Retry-After` says when."),
];

const WRITING: [(&str, &str); 10] = [
    ("400", "The body is no JSON, or the Idempotency-Key is missing or malformed."),
    ("401", "No token, or one that does not count. `WWW-Authenticate` says how."),
    ("403", "A good token, but not for this: another audience, a power or a role that is missing."),
    (
        "404",
        "There is no such thing for whoever asks: foreign, unknown and malformed look the same.",
    ),
    ("409", "A rule of the agreement says no: `rule` names it, `detail` says what to do."),
    ("413", "The body is larger than 65,536 bytes."),
    ("415", "The body is not application/json."),
    ("422", "Every fault of the body with its place, or a key that was used for another request."),
    ("500", "Our own fault, of which nothing else is told."),
    ("503", "Not now: try again with the same key; `Retry-After` says when."),
];

impl IntoResponses for ReadErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        all(&READING)
    }
}

impl IntoResponses for WriteErrors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        all(&WRITING)
    }
}

fn all(errors: &[(&str, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let problem = || ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = |said: &str| {
        let told = ResponseBuilder::new().description(said);
        RefOr::T(told.content("application/problem+json", problem()).build())
    };
    errors.iter().map(|(status, said)| ((*status).to_owned(), response(said))).collect()
}
