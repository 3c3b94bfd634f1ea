//! The webhook of payments: who may tell, what is kept, and what is made of it.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod at_once;
mod events;
mod kit;
mod signatures;
