//! Use cases: load, decide, commit; and the ports that they need.

pub mod commit;
pub mod item;
#[cfg(feature = "memory")]
pub mod memory;
pub mod ports;
