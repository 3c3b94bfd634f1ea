//! The rules of the support agreement: pure decisions over recorded facts (A1, A2).

pub mod attention;
pub mod auto_close;
pub mod calendar;
pub mod explanation;
pub mod instant;
pub mod pauses;
pub mod same_day;
pub mod terms;
pub mod whatsapp;

pub use chrono::{NaiveDate, TimeDelta};
pub use explanation::{Step, Trace, Used};
pub use instant::{Instant, InstantError};
