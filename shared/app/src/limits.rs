//! The numbers of sending, waking, sweeping and of files, in one place.

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
/// A file that is uploaded has at most so many bytes.
pub const ATTACHMENT_BYTES_MAX: u32 = 25 * 1024 * 1024;
/// A message has at most so many files.
pub const ATTACHMENTS_MAX: usize = 20;
/// Somebody has at most so many files uploaded that no message has named yet.
pub const UPLOADS_OPEN_MAX: u32 = 60;
/// A link to upload counts so long: 25 MB over a slow line fit.
pub const UPLOAD_LINK: TimeDelta = TimeDelta::minutes(15);
/// A link to download counts so long; a download that has begun goes on.
pub const DOWNLOAD_LINK: TimeDelta = TimeDelta::minutes(5);
/// A file that no message names lapses after so long.
pub const UPLOAD_LAPSE: TimeDelta = TimeDelta::hours(24);
