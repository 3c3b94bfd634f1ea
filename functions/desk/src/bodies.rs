//! What the desk sends.

use domain::{ClientId, Instant, ModuleName, SpocId, StaffId};
use serde::Serialize;
use utoipa::ToSchema;
use web::Fields;
use web::bodies::{DeclarationBody, attachments};
use web::codes::{ActKind, ClosureReason, Level, ReplyKind};
use web::limits::{REASON_CHARS_MAX, SUBJECT_CHARS_MAX, TEXT_CHARS_MAX};
use web::views::Moment;

/// A request that a SPoC made by telephone (1.1).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterBody {
    /// The client's code.
    #[schema(value_type = String, example = "ACME")]
    pub client: ClientId,
    /// The SPoC who called, identified by a registered telephone.
    #[schema(value_type = String, example = "ana")]
    pub spoc: SpocId,
    /// When the call started: the receipt. Not in the future, at most 31 days ago.
    pub started_at: Moment,
    /// One line of up to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub subject: String,
    /// What he said, up to 20,000 characters. A copy is mailed to him.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
    /// Technical name of the Odoo module.
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9_]{1,64}$", example = "account_edi")]
    pub module: Option<ModuleName>,
    /// He declared the incident critical.
    #[schema(nullable = true)]
    pub critical: Option<DeclarationBody>,
    /// Ids of files that the caller has uploaded for it.
    #[schema(required = false, max_items = 20)]
    pub attachments: Vec<String>,
}

impl RegisterBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let client = fields.name("client", "la clave de un cliente", ClientId::parse);
        let spoc = fields.name("spoc", "la clave de un contacto", SpocId::parse);
        let started_at = fields.instant("started_at");
        let subject = fields.line("subject", SUBJECT_CHARS_MAX);
        let text = fields.text("text", TEXT_CHARS_MAX);
        let module = fields.module("module");
        let critical = fields.optional_object("critical", DeclarationBody::read);
        let attachments = attachments(fields);
        Some(Self {
            client: client?,
            spoc: spoc?,
            started_at: started_at?.into(),
            subject: subject?,
            text: text?,
            module,
            critical,
            attachments,
        })
    }
}

/// Who is to care for the ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignBody {
    /// A member of the desk; null for nobody.
    #[schema(value_type = Option<String>, required = true)]
    pub to: Option<StaffId>,
}

impl AssignBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let to = fields.nullable_name("to", "la clave de alguien de la mesa", StaffId::parse);
        to.map(|to| Self { to })
    }
}

/// A message to the client.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyBody {
    /// What the message is (2.1, 7.7, 9.3).
    pub kind: ReplyKind,
    /// Up to 20,000 characters.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
    /// Ids of files that the caller has uploaded for it.
    #[schema(required = false, max_items = 20)]
    pub attachments: Vec<String>,
}

impl ReplyBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let kind = fields.code("kind");
        let text = fields.text("text", TEXT_CHARS_MAX);
        let attachments = attachments(fields);
        Some(Self { kind: kind?, text: text?, attachments })
    }
}

/// An internal note.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    /// Up to 20,000 characters.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
    /// Ids of files that the caller has uploaded for it.
    #[schema(required = false, max_items = 20)]
    pub attachments: Vec<String>,
}

impl NoteBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let text = fields.text("text", TEXT_CHARS_MAX);
        let attachments = attachments(fields);
        Some(Self { text: text?, attachments })
    }
}

/// A call, a remote session or a visit (2.1a).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActBody {
    /// What it was.
    pub kind: ActKind,
    /// When it started.
    pub started_at: Moment,
    /// When it ended.
    pub ended_at: Moment,
    /// Internal notes, up to 20,000 characters.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
}

impl ActBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let kind = fields.code("kind");
        let started_at: Option<Instant> = fields.instant("started_at");
        let ended_at = fields.instant("ended_at");
        let text = fields.text("text", TEXT_CHARS_MAX);
        Some(Self {
            kind: kind?,
            started_at: started_at?.into(),
            ended_at: ended_at?.into(),
            text: text?,
        })
    }
}

/// To which level.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalateBody {
    /// `senior` (2) or `emergency` (3, only while the incident is critical).
    pub level: Level,
}

impl EscalateBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        fields.code("level").map(|level| Self { level })
    }
}

/// Which message was mere thanks (9.4).
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThanksBody {
    /// Its number.
    #[schema(minimum = 1)]
    pub message: u32,
}

impl ThanksBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        fields.number("message").map(|message| Self { message })
    }
}

/// Why the desk closes (9.0a).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseBody {
    /// `out_of_scope`, `no_answer`, `not_a_request` (needs a second person) or `service_ended`; the
    /// others are given by silence or by a SPoC and are refused.
    pub reason: ClosureReason,
    /// The explanation, an internal note of up to 20,000 characters.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
}

impl CloseBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let reason = fields.code("reason");
        let text = fields.text("text", TEXT_CHARS_MAX);
        Some(Self { reason: reason?, text: text? })
    }
}

/// Why.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// Up to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl ReasonBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        fields.text("reason", REASON_CHARS_MAX).map(|reason| Self { reason })
    }
}

/// Which proposal.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalBody {
    /// Its number.
    #[schema(minimum = 1)]
    pub proposal: u32,
}

impl ProposalBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        fields.number("proposal").map(|proposal| Self { proposal })
    }
}
