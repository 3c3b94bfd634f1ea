//! End to end: the built `millora` as a process, a real HTTP client, its own command line, and files.
//!
//! Nothing here knows the inside of the program. Time stands still unless a test moves it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

mod banks;
mod clients;
mod crowds;
mod doctor;
mod explain;
mod files;
mod http;
mod kills;
mod kit;
mod life;
mod mailing;
mod post;
mod smtp;
mod usage;
