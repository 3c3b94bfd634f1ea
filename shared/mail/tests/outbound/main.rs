//! Mails out: each kind as it is sent, and what holds of all of them.

#![expect(clippy::unwrap_used, reason = "a helper of a test that panics is a failed test")]

mod accounts;
mod headers;
mod hostile;
mod samples;
mod snapshots;
mod words;
