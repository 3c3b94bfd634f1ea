//! The ports in memory: for tests, the simulation and the look ahead. Never linked into a function.
//!
//! Everything here is deterministic: the clock stands until it is moved, and random bytes follow
//! from a seed. Every port is a cheap handle whose clones share one state, so that several handlers,
//! each with an environment of its own, live in the same small world.

mod env;
pub mod faults;
mod mailer;
pub mod orders;
mod schedules;
mod size;
mod small;
mod store;

pub use env::{MemoryEnv, demo_settings};
pub use mailer::{MailAnswer, MemoryMailer, Taken};
pub use schedules::MemorySchedules;
pub use size::{COMMIT_BYTES_MAX, ITEM_BYTES_MAX, PAGE_BYTES_MAX};
pub use small::{MEMORY_URL, MemoryBlobs, MemoryClock, MemoryEntropy, MemorySecrets};
pub use store::{Change, ChangeKind, MemoryStore, Units};
