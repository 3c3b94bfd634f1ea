//! Adapters: the ports of `app` over AWS.
//!
//! Architecture invariants: no other crate knows the SDK; only [`dynamodb`] knows attribute values;
//! the wall clock, the operating system's random bytes and the environment are each read in one
//! place, [`clock`], [`entropy`] and [`config`]. A function that may not send mail or create schedules
//! does not name their adapters, and so does not even link the code that could.
//!
//! Clients are built when they are first used, once per process, and share one HTTP client.

pub mod clock;
pub mod config;
pub mod connection;
pub mod denied;
pub mod dynamodb;
pub mod entropy;
pub mod production;
pub mod s3;
pub mod scheduler;
pub mod ses;
pub mod ssm;
pub mod telemetry;
mod trouble;
