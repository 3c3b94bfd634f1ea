//! Business time: contracted hours (G3), official holidays (1.3), and the table over both.
//!
//! "Día hábil: lunes a viernes, excluyendo días festivos oficiales en México."

mod holidays;
mod hours;
mod table;
mod zone;

pub use holidays::{HolidayOverride, Holidays, OverrideKind};
pub use hours::{
    ContractedHours, HoursFault, HoursFaults, HoursProblem, MinuteOfDay, WEEKDAY_KEYS,
};
pub use table::{OutOfCalendar, WorkCalendar};
pub use zone::{FIRST_YEAR, LAST_YEAR};
