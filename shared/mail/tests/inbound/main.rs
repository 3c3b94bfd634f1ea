//! Mail in, over the mails of `events/mail` and over bytes that nobody would write.

#![expect(clippy::unwrap_used, reason = "a helper of a test that panics is a failed test")]

mod bombs;
mod corpus;
mod hostile;
mod mails;
mod take;
