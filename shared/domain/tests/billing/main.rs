//! Clause 10, money: due, paid, suspended, annulled; as tables, as properties, and against an
//! independent reckoning with another library's dates.

#![expect(clippy::unwrap_used, reason = "a fault in a test's own data fails the test")]

mod allocation;
mod kit;
mod oracle;
mod phases;
mod properties;
mod tables;
