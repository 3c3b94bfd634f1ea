//! The suites, one file for each port that has more than a few words to say.

pub mod small;
pub mod store;
