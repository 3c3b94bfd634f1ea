//! Use cases: load, decide, commit; and the ports that they need.
//!
//! Architecture invariant: nothing here knows AWS, MIME or the rules of the agreement. Rules are in
//! `domain`, bytes of mails in `mail`, services in `aws`.

pub mod account;
pub mod addresses;
pub mod attachments;
pub mod attempts;
pub mod auth;
pub mod bank;
pub mod client;
pub mod clients;
pub mod codec;
pub mod commit;
pub mod compose;
pub mod editions;
pub mod execute;
pub mod failure;
pub mod holidays;
pub mod idempotency;
pub mod inbound;
pub mod item;
pub mod keys;
pub mod limits;
pub mod links;
pub mod looked;
pub mod mail_events;
#[cfg(feature = "memory")]
pub mod memory;
pub mod outbox;
pub mod payment_events;
pub mod ports;
pub mod records;
pub mod relay;
pub mod seed;
pub mod standing;
pub mod sweep;
pub mod texts;
pub mod tickets;
pub mod timers;

pub use failure::{Failure, InputFault};
