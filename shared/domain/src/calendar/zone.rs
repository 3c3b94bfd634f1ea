//! The local days of Mexico City as instants (G1), computed once from the bundled zone data.

/// The first year that has a calendar: the Mondays of article 74 are in force since then (G1).
pub const FIRST_YEAR: i32 = 2007;
/// The last year that has a calendar (G1).
pub const LAST_YEAR: i32 = 2050;
