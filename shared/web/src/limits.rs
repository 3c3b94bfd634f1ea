//! Every limit of the HTTP API. A limit that is exceeded is told in the error, with its number.

/// A request's body, in bytes: whatever the limits below allow fits, however it is written.
pub const BODY_BYTES_MAX: usize = 320 * 1024;
/// A subject, in characters.
pub const SUBJECT_CHARS_MAX: usize = 200;
/// A description, a message, a note, in characters.
pub const TEXT_CHARS_MAX: usize = 20_000;
/// The description of an essential operation that is not in the list, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 2_000;
/// A reason of the desk, in characters.
pub const REASON_CHARS_MAX: usize = 2_000;
/// The name of a file, in characters.
pub const FILE_NAME_CHARS_MAX: usize = 200;
/// A media type, in characters.
pub const MEDIA_TYPE_CHARS_MAX: usize = 127;
/// An amount of money, in centavos: ten million million pesos.
pub const CENTAVOS_MAX: i64 = 1_000_000_000_000_000;
/// A name or an id is at most so long.
pub const NAME_CHARS_MAX: usize = 100;
/// An `Idempotency-Key`, in visible ASCII characters.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 128;
/// A parameter of a query, in characters. The longest is where a page starts.
pub const PARAMETER_CHARS_MAX: usize = 1_000;
/// Tickets or notices on a page.
pub const PAGE_ITEMS: u32 = 25;
/// Tickets on a page at most, where the caller chooses.
pub const PAGE_ITEMS_MAX: u32 = 50;
/// Tickets that one look at a view of the work list or one search reads at most.
pub const SCAN_TICKETS_MAX: usize = 500;
/// A client's tickets, newest first, among which the one that continues a ticket is looked for.
pub const CONTINUED_TICKETS_MAX: u32 = 50;
/// Faults told at once; a body has room for thousands.
pub const FAULTS_MAX: usize = 50;
/// What an error repeats of the caller's own words, in characters.
pub const ECHO_CHARS_MAX: usize = 80;
/// A call may be registered so many natural days after it began.
pub const CALL_AGE_DAYS_MAX: i64 = 31;
/// After how many seconds a caller may try again when the answer is "not now".
pub const RETRY_AFTER_SECONDS: u32 = 2;

/// A character is at most two escapes of six characters in JSON, or twelve bytes in a form.
const CHAR_BYTES_MAX: usize = 12;
/// What names, codes and instants of a body take, and the spaces of one that is laid out.
const REST_BYTES_MAX: usize = 8 * 1024;
const _: () = assert!(
    (SUBJECT_CHARS_MAX + TEXT_CHARS_MAX + DESCRIPTION_CHARS_MAX + REASON_CHARS_MAX)
        * CHAR_BYTES_MAX
        + REST_BYTES_MAX
        <= BODY_BYTES_MAX
);
