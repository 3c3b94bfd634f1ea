//! The limits and the named spans of an account: everything that can grow has a limit.

use chrono::TimeDelta;

/// So many months are kept open to payments, reversals and annulments learnt late; an older one that is
/// settled is closed, and what is recorded about it afterwards is refused.
pub const MONTHS_OPEN: usize = 24;
/// At most so many months may be unsettled or open at once; a póliza that owes more is looked at by a
/// person.
pub const MONTHS_MAX: usize = 60;
/// At most so many payments may be kept at once.
pub const PAYMENTS_MAX: usize = 200;
/// At most so many limits may be granted for one month (10.3).
pub const TOLERATIONS_MAX: usize = 12;
/// At most so many suspensions for non-compliance are kept (8).
pub const BREACHES_MAX: usize = 12;
/// At most so many suspensions that were told are kept, two for each month that stays open.
pub const SHOWN_MAX: usize = 48;
/// At most so many non-renewal notices are kept for one term (10.8).
pub const NON_RENEWALS_MAX: usize = 4;
/// One pass records at most so many automatic facts; the next pass goes on.
pub const AUTOMATIC_MAX: usize = 12;
/// The desk is told again that a reactivation is wanted after so much contracted time (10.6).
pub const REACTIVATION_REPEAT: TimeDelta = TimeDelta::hours(4);
/// It is told at most so many times: some four months of working days.
pub const REACTIVATION_ALERTS_MAX: u32 = 200;
/// Suspended for so many natural days, the póliza becomes a task of the desk (10.6).
pub const LONG_SUSPENSION_DAYS: u64 = 60;
/// A suspension for non-compliance is announced so many business days before (8).
pub const BREACH_NOTICE_DAYS: u32 = 5;
/// A limit may be granted at most so many days ahead (10.3).
pub const TOLERATION_DAYS_MAX: i64 = 366;
