//! Where a page starts: opaque to callers.

use app::Failure;
use app::auth::{hex, unhex};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fields::Fields;
use crate::problem::Problem;

/// Where the next page starts. Callers hand it back as they got it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, description = "Opaque; goes back as the parameter `after`.")]
pub struct Cursor(String);

impl Cursor {
    /// What the store says, so that it fits into an address.
    #[must_use]
    pub fn of(next: &str) -> Self {
        Self(hex(next.as_bytes()))
    }

    /// The parameter `after`, as the store said it.
    pub fn read(params: &mut Fields) -> Option<String> {
        let parse = |text: &str| decode(text).ok_or(());
        params.optional_name(
            "after",
            "una página de esta lista: use la que dio la respuesta",
            parse,
        )
    }

    /// What a failure means when a page was asked for: a place that the store does not know is the
    /// caller's fault, not ours.
    #[must_use]
    pub fn problem(failure: Failure, asked: bool) -> Problem {
        match failure {
            Failure::Fault(_) if asked => Problem::fault_at(
                "after",
                "no es una página de esta lista: use la que dio la respuesta",
            ),
            Failure::Refused(_)
            | Failure::Invalid(_)
            | Failure::NotFound
            | Failure::KeyReused
            | Failure::Retryable(_)
            | Failure::Fault(_) => failure.into(),
        }
    }
}

fn decode(text: &str) -> Option<String> {
    let bytes = unhex(text).filter(|bytes| !bytes.is_empty())?;
    String::from_utf8(bytes).ok()
}
