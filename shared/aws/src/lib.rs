//! Adapters: the ports of `app` over AWS.
//!
//! Architecture invariants: no other crate knows the SDK; only [`dynamodb`] knows attribute values;
//! the wall clock, the operating system's random bytes and the environment are each read in one
//! place, [`clock`], [`entropy`] and [`config`]. Each service is a feature, so that a function that
//! may not send mail or create schedules does not even link the code that could.
//!
//! Clients are built when they are first used, once per process, and share one HTTP client.

pub mod clock;
pub mod config;
pub mod connection;
pub mod denied;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
pub mod entropy;
#[cfg(feature = "dynamodb")]
pub mod production;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(feature = "scheduler")]
pub mod scheduler;
#[cfg(feature = "ses")]
pub mod ses;
#[cfg(feature = "ssm")]
pub mod ssm;
pub mod telemetry;
mod trouble;
