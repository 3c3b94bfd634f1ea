//! What SPoCs send.

use domain::ModuleName;
use serde::Serialize;
use utoipa::ToSchema;
use web::Fields;
use web::bodies::{DeclarationBody, attachments};
use web::limits::{SUBJECT_CHARS_MAX, TEXT_CHARS_MAX};

/// A request for support.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenBody {
    /// One line of up to 200 characters. Control and direction characters are taken out.
    #[schema(min_length = 1, max_length = 200, example = "No timbra facturas")]
    pub subject: String,
    /// What happens, up to 20,000 characters.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
    /// Technical name of the Odoo module.
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9_]{1,64}$", example = "account_edi")]
    pub module: Option<ModuleName>,
    /// Declares the incident critical at once.
    #[schema(nullable = true)]
    pub critical: Option<DeclarationBody>,
    /// Ids of files that the caller has uploaded for it.
    #[schema(required = false, max_items = 20)]
    pub attachments: Vec<String>,
}

impl OpenBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let subject = fields.line("subject", SUBJECT_CHARS_MAX);
        let text = fields.text("text", TEXT_CHARS_MAX);
        let module = fields.module("module");
        let critical = fields.optional_object("critical", DeclarationBody::read);
        let attachments = attachments(fields);
        Some(Self { subject: subject?, text: text?, module, critical, attachments })
    }
}

/// An answer in a ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageBody {
    /// Up to 20,000 characters.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
    /// The solution did not work. Absent means no.
    #[schema(required = false)]
    pub still_fails: bool,
    /// Ids of files that the caller has uploaded for it.
    #[schema(required = false, max_items = 20)]
    pub attachments: Vec<String>,
}

impl MessageBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let text = fields.text("text", TEXT_CHARS_MAX);
        let still_fails = fields.flag("still_fails");
        let attachments = attachments(fields);
        Some(Self { text: text?, still_fails, attachments })
    }
}

/// An answer to the same-day offer (7.2a).
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SameDayBody {
    /// Whether its cost is accepted: final. A decline may be changed until the limit.
    pub accept: bool,
}

impl SameDayBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        fields.boolean("accept").map(|accept| Self { accept })
    }
}
