//! Thousands of lives of clients, tickets and payments, each from a seed, through the real handlers and
//! under faults. Whatever must hold is checked after every commit, and once the faults stop.
//!
//! A [`life::Life`] is data: [`generate::life`] makes it from a seed, [`live::live`] lives it in a
//! [`town::Town`], [`watch::Watch`] sees every commit. One that fails is cut down to a short story
//! ([`shrink`]) that can be kept and lived again.

mod acts;
pub mod calls;
pub mod dice;
pub mod facts;
pub mod generate;
pub mod guards;
pub mod job;
pub mod life;
pub mod live;
mod mails;
mod oracle;
mod rest;
mod results;
pub mod run;
mod running;
pub mod shards;
pub mod shrink;
pub mod story;
pub mod town;
pub mod trace;
pub mod watch;
pub mod weather;
pub mod witness;
