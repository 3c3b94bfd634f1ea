//! The limits of a ticket: everything that can grow has one.

/// A cycle keeps at most so many messages of each side in its state; those that no longer decide
/// anything leave it. Every message stays in the events.
pub const MESSAGES_MAX: usize = 13;
/// The cycle before keeps only what could still undo its closing, or be attention for a cycle that a
/// late reply begins right after it.
pub const MESSAGES_BEFORE_MAX: usize = 6;
/// At most so many requests that pause may stand in one cycle.
pub const REQUESTS_MAX: usize = 8;
/// A ticket keeps at most so many spans without service; with the requests that makes at most
/// 28 pauses. The oldest ended ones leave first.
pub const SPANS_MAX: usize = 20;
/// At most so many times an incident may be declared critical in one cycle.
pub const SPELLS_MAX: usize = 4;
/// At most so many SPoCs follow one ticket.
pub const FOLLOWERS_MAX: usize = 8;
/// At most so many addresses take part in one ticket besides the SPoCs (1.5).
pub const PARTICIPANTS_MAX: usize = 6;
/// A cycle keeps at most so many held mails in mind; the first ones decide when it closes.
pub const HELD_MAX: usize = 8;
/// A cycle keeps at most so many closings in mind that another one overtook; the first ones decide.
pub const ASKED_MAX: usize = 4;
/// At most so many clocks of merged tickets run on in one cycle.
pub const TAKEN_CLOCKS_MAX: usize = 4;
/// At most so many tickets are merged into one.
pub const TAKEN_TICKETS_MAX: usize = 8;
/// At most so many proposals may wait for a second person.
pub const PROPOSALS_MAX: usize = 8;
/// A page is repeated after so many minutes until a person takes it (7.4).
pub const PAGE_REPEAT_MINUTES: i64 = 10;
/// A page is repeated at most so many times: a whole day of calls.
pub const PAGES_MAX: u32 = 144;
/// One pass records at most so many automatic facts; the next pass goes on.
pub const AUTOMATIC_MAX: usize = 32;
/// One late fact puts at most so many closings right.
pub const SETTLING_MAX: usize = 8;
/// A ticket reopened so often is suggested for level 2 (9.8).
pub const REOPENINGS_SUGGEST: u32 = 2;
/// The clocks of two hosts differ by at most so many minutes.
pub const CLOCKS_APART_MINUTES: i64 = 5;
