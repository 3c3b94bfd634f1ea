//! Mails: bytes to types and back, in Mexican Spanish.
//!
//! Architecture invariant (A7): only this crate knows MIME. It decides nothing: the caller says what
//! a mail tells, as [`outbound::Content`], and gets bytes back. It reads no clock and draws no random
//! bytes, so the same notice always gives the same bytes.
//!
//! What can reach a header or a line of text is typed: an [`Address`], a [`MessageId`], a [`Line`]
//! or a [`Body`] cannot hold a line break, a control character or a direction override.

mod address;
pub mod inbound;
mod message_id;
pub mod outbound;
mod text;
pub mod threading;

pub use address::{Address, AddressError};
pub use message_id::MessageId;
pub use text::{BODY_BYTES_MAX, Body, BodyTooLong, LINE_CHARS_MAX, Line};
