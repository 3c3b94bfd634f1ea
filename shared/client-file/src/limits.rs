//! The numbers of a client's file, in one place.

/// A file has at most so many bytes.
pub const FILE_BYTES_MAX: usize = 128 * 1024;
/// A report lists at most so many findings.
pub(crate) const FINDINGS_MAX: usize = 500;
/// A list of the file has at most so many entries: SPoCs, modules, póliza terms, overrides.
pub(crate) const ENTRIES_MAX: usize = 200;
/// A SPoC has at most so many addresses and so many telephones.
pub(crate) const CONTACTS_MAX: usize = 10;
/// A name, a document or an act has at most so many characters.
pub(crate) const LINE_CHARS_MAX: usize = 200;
/// What a finding repeats of the file has at most so many characters.
pub(crate) const ECHO_CHARS_MAX: usize = 60;
