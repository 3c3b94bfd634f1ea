//! The paths of a client's SPoCs, through the router, on the ports in memory.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod account;
mod credentials;
mod files;
mod gateway;
mod held;
mod inputs;
mod kit;
mod links;
mod pages;
mod repeated;
mod tickets;
