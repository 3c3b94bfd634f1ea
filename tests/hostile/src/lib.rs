//! What attackers send, for the tests of whatever takes it: mails that cost more than they weigh, mails
//! that were damaged, and words that must not be found again.

pub mod bombs;
pub mod canaries;
pub mod damage;
