//! Calendars that were built for earlier lines: most lines share a few schedules.

use std::collections::VecDeque;
use std::rc::Rc;

use domain::calendar::{ContractedHours, Holidays, WorkCalendar};

/// How many calendars are kept; each takes about 300 KB.
const KEPT_MAX: usize = 16;

/// The calendars built last, with the official holidays.
#[derive(Default)]
pub(super) struct Calendars {
    kept: VecDeque<(ContractedHours, Rc<WorkCalendar>)>,
}

impl Calendars {
    /// The calendar of these hours.
    pub(super) fn of(&mut self, hours: &ContractedHours) -> Rc<WorkCalendar> {
        if let Some((_, calendar)) = self.kept.iter().find(|(kept, _)| kept == hours) {
            return Rc::clone(calendar);
        }
        let calendar = Rc::new(WorkCalendar::new(hours, &Holidays::official()));
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back((hours.clone(), Rc::clone(&calendar)));
        calendar
    }
}
