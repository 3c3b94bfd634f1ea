//! Bodies that both functions read.

use app::tickets::NewDeclaration;
use serde::Serialize;
use utoipa::ToSchema;

use crate::codes::Operation;
use crate::fields::Fields;
use crate::limits::{DESCRIPTION_CHARS_MAX, TEXT_CHARS_MAX};

/// A declaration that the incident is critical (1.4).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclarationBody {
    /// The essential operation.
    pub essential_operation: Operation,
    /// Whether it is fully blocked: only then is the incident critical.
    pub fully_blocked: bool,
    /// In the client's words, up to 2,000 characters; required for `other`.
    #[schema(max_length = 2000)]
    pub description: Option<String>,
}

impl DeclarationBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let essential_operation = fields.code("essential_operation");
        let fully_blocked = fields.boolean("fully_blocked");
        let description = fields.optional_text("description", DESCRIPTION_CHARS_MAX);
        Some(Self {
            essential_operation: essential_operation?,
            fully_blocked: fully_blocked?,
            description,
        })
    }
}

impl From<DeclarationBody> for NewDeclaration {
    fn from(body: DeclarationBody) -> Self {
        Self {
            operation: body.essential_operation.into(),
            fully_blocked: body.fully_blocked,
            description: body.description,
        }
    }
}

/// Words.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextBody {
    /// Up to 20,000 characters.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
}

impl TextBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        fields.text("text", TEXT_CHARS_MAX).map(|text| Self { text })
    }
}

/// Nothing: the body is empty or an empty object.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmptyBody {}

impl EmptyBody {
    /// Reads it.
    pub fn read(_: &mut Fields) -> Option<Self> {
        Some(Self {})
    }
}
