//! The suites, one file for each port that has more than a few words to say.

#[expect(clippy::unwrap_used, reason = "an error that no case expects fails the test")]
pub mod small;
#[expect(clippy::unwrap_used, reason = "an error that no case expects fails the test")]
pub mod store;
