//! The limits of a statement, in one place. One that is exceeded is told, with its number.

/// A file has at most so many lines.
pub const FILE_LINES_MAX: u32 = 1_000_000;
/// A line has at most so many bytes; of a longer one nothing is read.
pub const LINE_BYTES_MAX: usize = 16 * 1024;
/// A line has at most so many columns.
pub const COLUMNS_MAX: usize = 200;
/// At most so many lines stand before the header.
pub const SKIP_LINES_MAX: u32 = 50;
/// A column's name, a word or a sender of a mapping has at most so many characters.
pub const TEXT_CHARS_MAX: usize = 120;
/// A mapping names at most so many senders.
pub const SENDERS_MAX: usize = 500;
/// So many lines of a file are worked through at once, besides its head: some seconds of work.
pub const PIECE_LINES_MAX: u32 = 500;
/// So many bytes of a file are worked through at once.
pub const PIECE_BYTES_MAX: usize = 192 * 1024;
/// Reference and concept of a line may mean at most so many clients before they are looked up.
pub(crate) const MENTIONS_MAX: usize = 60;
/// The largest amount that a line may hold, in centavos: ten million million pesos.
pub(crate) const CENTAVOS_MAX: i64 = 1_000_000_000_000_000;
/// A reference has at most so many characters, as everywhere in an account.
pub(crate) const REFERENCE_CHARS_MAX: usize = 64;
/// What is told of a file's own words is cut to so many characters.
pub(crate) const ECHO_CHARS_MAX: usize = 40;
