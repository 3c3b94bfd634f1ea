//! What must stay true of the repository itself, as ordinary tests.
//!
//! Each module is one kind of check: a function from what lies in the repository to a list of faults.
//! The tests under `tests/` run them over the real files, and over small wrong ones, so that a check
//! that has stopped seeing anything is noticed.

pub mod choices;
pub mod crates;
pub mod fault;
pub mod files;
pub mod licences;
pub mod links;
pub mod names;
pub mod shape;
pub mod traceability;
pub mod words;

pub use fault::{Fault, none};
