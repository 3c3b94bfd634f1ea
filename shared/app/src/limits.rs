//! The numbers of sending, waking and sweeping, in one place.

use domain::TimeDelta;

/// While a mail is being handed over nobody else tries: clock skew of 5 minutes and the run time.
pub const LEASE: TimeDelta = TimeDelta::minutes(6);
/// A page is urgent: its lease is short.
pub const PAGE_LEASE: TimeDelta = TimeDelta::minutes(1);
/// A notice is tried so often before it is dead and a person looks at it.
pub const SEND_ATTEMPTS_MAX: u32 = 30;
/// The first wait after a failed attempt; it doubles each time.
pub const BACKOFF: TimeDelta = TimeDelta::minutes(1);
/// The longest wait between two attempts: short, since a reply that is late because of our own waiting
/// counts as late (G15). All attempts together take over four hours.
pub const BACKOFF_MAX: TimeDelta = TimeDelta::minutes(10);
/// A ticket's notices are read so many at a time.
pub const NOTICES_PAGE: u32 = 100;
/// A sweep reads so many due entries of a shard at a time.
pub const SWEEP_PAGE: u32 = 50;
/// A sweep works through at most so many entries; the next sweep goes on.
pub const SWEEP_ENTRIES_MAX: usize = 2_000;
/// A changed standing is spread over so many tickets at a time.
pub const SPREAD_PAGE: u32 = 25;
