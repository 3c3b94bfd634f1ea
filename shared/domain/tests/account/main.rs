//! A client's account: months, payments, the ladder, suspension, reactivation, cancellation, renewal.

#![expect(clippy::unwrap_used, reason = "a helper of a test that panics is a failed test")]

mod again;
mod beginning;
mod ending;
mod kit;
mod ladder;
mod notices;
mod properties;
mod suspension;
