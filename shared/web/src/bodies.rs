//! Bodies that both functions read.

use app::attachments::NewUpload;
use app::limits::ATTACHMENT_BYTES_MAX;
use app::tickets::NewDeclaration;
use mail::Line;
use serde::Serialize;
use utoipa::ToSchema;

use crate::codes::Operation;
use crate::fields::Fields;
use crate::limits::{
    DESCRIPTION_CHARS_MAX, FILE_NAME_CHARS_MAX, MEDIA_TYPE_CHARS_MAX, NAME_CHARS_MAX,
    TEXT_CHARS_MAX,
};

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

/// A file that is to be uploaded.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadBody {
    /// Its name, up to 200 characters. Programs are not taken.
    #[schema(min_length = 1, max_length = 200, example = "captura.png")]
    pub name: String,
    /// What it is: a media type without parameters.
    #[schema(max_length = 127, example = "image/png")]
    pub media_type: String,
    /// Its size in bytes, up to 25 MB.
    #[schema(minimum = 1, maximum = 26_214_400)]
    pub size: u32,
}

/// Names that end so are of programs, which Windows runs when they are opened.
const PROGRAMS: [&str; 18] = [
    "bat", "cmd", "com", "cpl", "dll", "exe", "hta", "jar", "js", "jse", "lnk", "msi", "pif",
    "ps1", "reg", "scr", "vbs", "wsf",
];

impl UploadBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.line("name", FILE_NAME_CHARS_MAX);
        let name = name.map(|name| Line::file_name(&name).as_str().to_owned());
        let ending = name.as_deref().and_then(|name| name.rsplit_once('.'));
        let ending = ending.map(|(_, ending)| ending.to_lowercase());
        if ending.is_some_and(|ending| PROGRAMS.contains(&ending.trim())) {
            fields.fault("name", "es un programa, y no se reciben: envíelo comprimido en un .zip");
        } else if name.as_ref().is_some_and(String::is_empty) {
            fields.fault("name", "no deja un nombre de archivo: escriba uno");
        }
        let what = "un tipo como image/png, sin parámetros";
        let media_type = fields.name("media_type", what, media_type);
        let size = fields.number("size");
        if let Some(size) = size.filter(|size| *size > ATTACHMENT_BYTES_MAX) {
            let max = ATTACHMENT_BYTES_MAX;
            fields.fault("size", format!("{size} bytes son demasiados: el máximo es {max}"));
        }
        Some(Self { name: name?, media_type: media_type?, size: size? })
    }
}

/// A media type without parameters (RFC 6838), in lower case.
fn media_type(text: &str) -> Result<String, ()> {
    let is_name = |part: &str| {
        let first = part.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        first && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let named = text.split_once('/').is_some_and(|(kind, sub)| is_name(kind) && is_name(sub));
    if named && text.len() <= MEDIA_TYPE_CHARS_MAX { Ok(text.to_lowercase()) } else { Err(()) }
}

impl From<UploadBody> for NewUpload {
    fn from(body: UploadBody) -> Self {
        Self { name: body.name, media_type: body.media_type, size: body.size.into() }
    }
}

/// Reads the ids of the uploads that a message names.
pub fn attachments(fields: &mut Fields) -> Vec<String> {
    fields.texts("attachments", NAME_CHARS_MAX)
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
