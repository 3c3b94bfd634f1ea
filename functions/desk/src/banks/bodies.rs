//! What the desk sends about banks and their statements.

use bank_file::{Decimal, Mapping, SENDERS_MAX, Sender, TEXT_CHARS_MAX};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ClientId;
use serde::Serialize;
use utoipa::ToSchema;
use web::Fields;

web::codes! {
    /// What parts pesos from centavos.
    DecimalCode {
        /// `11,600.00`.
        Point = "point",
        /// `11.600,00`.
        Comma = "comma",
    }
}

/// How a bank writes its statements. A column is named as the header names it, or by its place: `#1` is
/// the first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingView {
    /// How the bytes are to be read.
    #[schema(example = "windows-1252")]
    pub encoding: String,
    /// What parts the columns: one sign.
    #[schema(min_length = 1, max_length = 1, example = ",")]
    pub delimiter: String,
    /// So many lines stand before the header, or before the first movement; none when absent.
    #[schema(minimum = 1, maximum = 50)]
    pub skip_lines: Option<u32>,
    /// Whether a line names the columns.
    pub header: bool,
    /// The column of the value date.
    #[schema(example = "Fecha valor")]
    pub date: String,
    /// How a date is written.
    #[schema(example = "%d/%m/%Y")]
    pub date_format: String,
    /// The column of the bank's reference, by which a payment is known again.
    pub reference: String,
    /// The column in which the payer says what he pays.
    pub concept: Option<String>,
    /// The column of the amount: of the deposits alone, or of everything with its sign.
    pub amount: String,
    /// What parts pesos from centavos.
    pub decimal: DecimalCode,
    /// The column that says of which kind a movement is, where the amount has no sign.
    pub kind: Option<String>,
    /// What that column says of a deposit.
    pub deposits: Vec<String>,
    /// Senders who do not write their client's code.
    pub senders: Vec<SenderView>,
}

/// A sender whose words in reference or concept mean a client.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SenderView {
    /// The words, in their order; capitals and accents make no difference.
    #[schema(min_length = 1, max_length = 120)]
    pub words: String,
    /// The client's code.
    #[schema(value_type = String, example = "FERRE")]
    pub client: ClientId,
}

impl From<Mapping> for MappingView {
    fn from(it: Mapping) -> Self {
        let sender = |Sender { words, client }| SenderView { words, client };
        Self {
            encoding: it.encoding,
            delimiter: it.delimiter.to_string(),
            skip_lines: Some(it.skip_lines).filter(|lines| *lines > 0),
            header: it.header,
            date: it.date,
            date_format: it.date_format,
            reference: it.reference,
            concept: it.concept,
            amount: it.amount,
            decimal: match it.decimal {
                Decimal::Point => DecimalCode::Point,
                Decimal::Comma => DecimalCode::Comma,
            },
            kind: it.kind,
            deposits: it.deposits,
            senders: it.senders.into_iter().map(sender).collect(),
        }
    }
}

/// A mapping as it is sent: what [`MappingView`] shows.
pub(super) struct MappingBody(pub(super) Mapping);

impl MappingBody {
    pub(super) fn read(fields: &mut Fields) -> Option<Self> {
        let encoding = fields.line("encoding", TEXT_CHARS_MAX);
        let delimiter = delimiter(fields);
        let skip_lines = fields.optional_number("skip_lines").unwrap_or_default();
        let header = fields.boolean("header");
        let date = fields.line("date", TEXT_CHARS_MAX);
        let date_format = fields.line("date_format", TEXT_CHARS_MAX);
        let reference = fields.line("reference", TEXT_CHARS_MAX);
        let concept = fields.optional_line("concept", TEXT_CHARS_MAX);
        let amount = fields.line("amount", TEXT_CHARS_MAX);
        let decimal = fields.code("decimal");
        let kind = fields.optional_line("kind", TEXT_CHARS_MAX);
        let deposits = fields.texts("deposits", TEXT_CHARS_MAX);
        let senders = fields.objects("senders", SENDERS_MAX, |fields| {
            let words = fields.line("words", TEXT_CHARS_MAX);
            let client = fields.name("client", "la clave de un cliente", ClientId::parse);
            Some(Sender { words: words?, client: client? })
        });
        Some(Self(Mapping {
            encoding: encoding?,
            delimiter: delimiter?,
            skip_lines,
            header: header?,
            date: date?,
            date_format: date_format?,
            reference: reference?,
            concept,
            amount: amount?,
            decimal: match decimal? {
                DecimalCode::Point => Decimal::Point,
                DecimalCode::Comma => Decimal::Comma,
            },
            kind,
            deposits,
            senders,
        }))
    }
}

fn delimiter(fields: &mut Fields) -> Option<char> {
    let text = fields.verbatim("delimiter")?;
    let mut chars = text.chars();
    let only = (chars.next(), chars.next());
    if let (Some(only), None) = only {
        return Some(only);
    }
    fields.fault("delimiter", "debe ser un solo signo, como la coma o el punto y coma");
    None
}

/// A statement, or a piece of one under the file's own head.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementBody {
    /// The file's bytes, in base64: up to 192 KB of them, and 500 lines besides the head.
    #[schema(value_type = String, format = Byte)]
    pub file: Vec<u8>,
    /// So many lines of the file lie between its head and the rest of this piece; none when absent.
    #[schema(minimum = 1)]
    pub skipped: Option<u32>,
}

impl StatementBody {
    /// Reads it.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let what = "un archivo en base64";
        let decode = |text: &str| STANDARD.decode(text);
        let file = match fields.verbatim("file").map(|text| decode(&text)) {
            Some(Ok(file)) => Some(file),
            Some(Err(_)) => {
                fields.fault("file", format!("no es {what}"));
                None
            }
            None => None,
        };
        let skipped = fields.optional_number("skipped");
        Some(Self { file: file?, skipped })
    }
}
