//! Business time: contracted hours (G3), official holidays (1.3), and the table over both.
//!
//! "Día hábil: lunes a viernes, excluyendo días festivos oficiales en México."

mod holidays;
mod hours;
mod shape;
mod table;
mod zone;

pub use holidays::{HolidayOverride, Holidays, OverrideKind, SOURCE};
pub use hours::{
    ContractedHours, HoursFault, HoursFaults, HoursProblem, MinuteOfDay, WEEKDAY_KEYS,
};
pub use table::{OutOfCalendar, WorkCalendar};
pub(crate) use zone::{Day, covers_answer};
pub use zone::{FIRST_YEAR, LAST_YEAR, covers, local_instant};
