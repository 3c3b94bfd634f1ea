//! Mail in, from the bytes in the bucket to what became of them, over the ports in memory.

#![expect(clippy::unwrap_used, reason = "a helper of a test that panics is a failed test")]

mod at_once;
mod attacks;
mod corpus;
mod faults;
mod flood;
mod fuzz;
mod held;
mod kit;
mod limits;
mod states;
mod takes;
