//! Every limit on mails that come in, in one place.
//!
//! They are checked on the raw bytes, before any parser sees them: parsers are slow or hungry on
//! input that nobody writes (long parameters in many pieces, nested comments, unfinished encoded
//! words), and a mail that passes here costs a bounded amount of time and memory. What exceeds a
//! limit is quarantined with its raw kept (M7).

/// A whole mail, in bytes: what the mail service delivers at most.
pub const MAIL_BYTES_MAX: usize = 40 * 1024 * 1024;
/// The header section of the mail or of one part, in bytes.
pub const HEADER_SECTION_BYTES_MAX: usize = 256 * 1024;
/// Lines of a header section, folded lines counted one by one.
pub const HEADER_LINES_MAX: usize = 1_000;
/// The header section of a part within the mail, in bytes.
pub const PART_HEADER_BYTES_MAX: usize = 16 * 1024;
/// Parts of a mail, containers included.
pub const PARTS_MAX: usize = 200;
/// Containers within containers.
pub const DEPTH_MAX: usize = 20;
/// Parameters of one Content-Type or Content-Disposition.
pub const PARAMETERS_MAX: usize = 100;
/// Addresses in all address headers together.
pub const ADDRESSES_MAX: usize = 2_000;
/// Message ids in References and In-Reply-To together.
pub const REFERENCES_MAX: usize = 500;
/// Lines that start with two hyphens within a multipart mail: each is compared with the boundaries.
pub const DASH_LINES_MAX: usize = 200_000;
/// Bytes that comparing those lines with the boundaries may cost: boundaries may be long and alike.
pub const BOUNDARY_STEPS_MAX: usize = 128 * 1024 * 1024;
/// Steps that encoded words may cost: a parser may look for the end of each one through the whole
/// rest of its value, so the product of both is what is limited.
pub const ENCODED_STEPS_MAX: usize = 16 * 1024 * 1024;
/// One subject, in bytes, as far as it is decoded; more is not shown.
pub const SUBJECT_BYTES_MAX: usize = 8 * 1024;
/// One message id, in bytes; a longer one is cut.
pub const MESSAGE_ID_BYTES_MAX: usize = 998;
/// The text that is shown, in bytes. A longer one is cut there and stays whole among the parts.
pub const TEXT_BYTES_MAX: usize = 512 * 1024;
/// Bytes of all parts together that are read for the text: markup and encodings take more than what
/// they hold, and parts may hold no text at all.
pub const TEXT_SOURCE_BYTES_MAX: usize = 2 * TEXT_BYTES_MAX;
/// Parts up to so many bytes together count by their content when two mails are compared (M4), what is
/// beyond by its bytes as they came: no server writes so much in another encoding.
pub const CANONICAL_BYTES_MAX: usize = 2 * 1024 * 1024;
/// A file's name before it is decoded, in bytes; more is not shown.
pub const NAME_BYTES_MAX: usize = 2 * 1024;
/// Bytes of a returned message or report that are read.
pub const REPORT_BYTES_MAX: usize = 64 * 1024;
/// The type of a part, in bytes: two names of 127 (RFC 6838) and their stroke. A longer one is none.
pub const MEDIA_BYTES_MAX: usize = 255;
/// Domains that signed a mail, as far as they are read.
pub const SIGNERS_MAX: usize = 20;
/// The length of a domain, in bytes.
pub const DOMAIN_BYTES_MAX: usize = 253;
/// Recipients of one delivery report that are read.
pub const REPORT_RECIPIENTS_MAX: usize = 50;
/// Ticket numbers that are read from one subject.
pub const SUBJECT_NUMBERS_MAX: usize = 8;
/// Marks of ours that are read from one mail.
pub const MARKS_MAX: usize = 32;

/// Which limit a mail exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// [`MAIL_BYTES_MAX`].
    MailBytes,
    /// [`HEADER_SECTION_BYTES_MAX`] or, for a part, [`PART_HEADER_BYTES_MAX`].
    HeaderBytes,
    /// [`HEADER_LINES_MAX`].
    HeaderLines,
    /// [`PARTS_MAX`].
    Parts,
    /// [`DEPTH_MAX`].
    Depth,
    /// [`PARAMETERS_MAX`].
    Parameters,
    /// [`ADDRESSES_MAX`].
    Addresses,
    /// [`REFERENCES_MAX`].
    References,
    /// [`DASH_LINES_MAX`] or [`BOUNDARY_STEPS_MAX`].
    DashLines,
    /// [`ENCODED_STEPS_MAX`].
    EncodedWords,
}

impl Limit {
    /// The code that is stored and counted.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MailBytes => "mail_bytes",
            Self::HeaderBytes => "header_bytes",
            Self::HeaderLines => "header_lines",
            Self::Parts => "parts",
            Self::Depth => "depth",
            Self::Parameters => "parameters",
            Self::Addresses => "addresses",
            Self::References => "references",
            Self::DashLines => "dash_lines",
            Self::EncodedWords => "encoded_words",
        }
    }
}

/// Why bytes cannot be taken as a mail. They are quarantined with the raw kept (M7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// There is no header at all.
    #[error("the bytes hold no header of a mail")]
    NoHeaders,
    /// A limit is exceeded.
    #[error("the mail exceeds the limit {}", .0.code())]
    Over(Limit),
}

/// What is left of the limits that hold for a whole mail.
#[derive(Debug)]
pub(super) struct Budget {
    encoded_steps: usize,
    addresses: usize,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self { encoded_steps: ENCODED_STEPS_MAX, addresses: ADDRESSES_MAX }
    }

    /// Pays for decoding `value`.
    pub(super) fn decode(&mut self, value: &[u8]) -> Result<(), Unusable> {
        let steps = memchr::memmem::find_iter(value, b"=?").count() * value.len();
        self.encoded_steps =
            self.encoded_steps.checked_sub(steps).ok_or(Unusable::Over(Limit::EncodedWords))?;
        Ok(())
    }

    /// Pays for one address.
    pub(super) fn address(&mut self) -> Result<(), Unusable> {
        self.addresses = self.addresses.checked_sub(1).ok_or(Unusable::Over(Limit::Addresses))?;
        Ok(())
    }
}
