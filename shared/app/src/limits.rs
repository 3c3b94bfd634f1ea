//! The numbers of sending, waking, sweeping, of files and of mail that comes in, in one place.

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
pub const SWEEP_PAGE: u32 = 250;
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

/// Taking a mail is tried again so often when somebody else was faster.
pub const TAKE_ATTEMPTS_MAX: u32 = 16;
/// A mail that could not be taken so often is set aside unread (M7).
pub const TRIES_MAX: u32 = 5;
/// For so long it is remembered how often a mail was tried.
pub const TRIES_KEPT: TimeDelta = TimeDelta::days(30);
/// A subject is kept up to so many characters.
pub const SUBJECT_CHARS_MAX: usize = 200;
/// So many mailboxes in Cc are looked up.
pub const COPIES_MAX: usize = 50;
/// So many contents are kept under one Message-ID; another one is a record of its own all the same.
pub const CONTENTS_MAX: usize = 50;
/// An address gets at most so many automatic answers on one local day (M5).
pub const ANSWERS_A_DAY_MAX: u32 = 5;
/// The automatic answers of an hour are counted in so many shards.
pub const ANSWER_SHARDS: u8 = 8;
/// Each shard has at most so many an hour: 200 answers in all (M5), and 200 alerts because of addresses
/// that are nobody's.
pub const ANSWERS_AN_HOUR_AND_SHARD_MAX: u32 = 25;
/// For so long a count is kept.
pub const ANSWERS_KEPT: TimeDelta = TimeDelta::days(3);
/// A question lists at most so many mails; what comes after is set aside for the desk.
pub const QUESTION_MAILS_MAX: usize = 100;
/// So many questions that ended are remembered beside the open one: one a week for as long as their
/// links count.
pub const QUESTIONS_BEFORE_MAX: usize = 13;
/// A digest lists at most so many mails.
pub const DIGEST_MAILS_MAX: usize = 50;
/// A digest goes to at most so many of a client's SPoCs.
pub const DIGEST_SPOCS_MAX: usize = 25;
/// So many mails that lie in the bucket are taken by one sweep.
pub const SWEEP_MAILS_MAX: u32 = 100;
/// So many mails that lie in the bucket are taken before a ticket closes by silence (9.6).
pub const BARRIER_MAILS_MAX: u32 = 20;
/// A mail that lies in the bucket for less is left to its event.
pub const SETTLING: TimeDelta = TimeDelta::minutes(1);
/// So many parts of a mail that lies in no ticket are named in its record.
pub const PARTS_LISTED_MAX: usize = 50;
/// The dates of at most so many open tickets are listed before a client or the calendar changes.
pub const DATES_TICKETS_MAX: usize = 200;
/// Of a payment event that cannot be read, so many bytes are kept.
pub const EVENT_BODY_BYTES_MAX: usize = 64 * 1024;

/// A payment event that was applied is known again for so long.
pub const EVENT_KEPT: TimeDelta = TimeDelta::days(30);
/// A payment event that could not be applied is tried again after so long.
pub const EVENT_RETRY: TimeDelta = TimeDelta::minutes(5);
/// A payment event is tried so often by itself before a person has to look at it: an hour.
pub const EVENT_TRIES_MAX: u32 = 12;
