//! What time alone brings about, and when.
//!
//! Rules 7.4, 7.7, 7.10, 9.2, 9.8 and G7. One list, [`View::upcoming`], says what will become due and
//! when. Wake-ups are its earliest instants, and a timer that fires records whatever of it has become
//! due: so there is no schedule to lose, and a timer that fires late, twice, early or never changes when
//! somebody is told, never what is true.

use chrono::TimeDelta;

use super::clocks::{ClockResult, JUST_AFTER};
use super::command::Concern;
use super::decide::{Act, Outcome};
use super::escalation::{EscalationCause, EscalationLevel};
use super::event::{ClosureReason, Fact};
use super::limits::{AUTOMATIC_MAX, CLOCKS_APART_MINUTES, PAGE_REPEAT_MINUTES, PAGES_MAX};
use super::notice::Content;
use super::state::{ClockName, Cycle, Ticket};
use super::view::View;
use crate::Instant;
use crate::agreement::Agreement;
use crate::attention::page_at;
use crate::pauses::TargetError;
use crate::standing;

/// Something that time brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Automatic {
    /// The clock of what was held starts: the póliza is served again (10.6).
    StartClock,
    /// The on-call staff is called.
    Page {
        /// For which clock.
        clock: ClockName,
        /// 1 for the first call.
        n: u32,
        /// The immediate target.
        target: Option<Instant>,
    },
    /// The desk is warned.
    Warn {
        /// Of which clock.
        clock: ClockName,
        /// Its target.
        target: Instant,
    },
    /// A target is declared missed.
    Miss {
        /// Of which clock.
        clock: ClockName,
        /// The target.
        target: Instant,
    },
    /// The client is reminded of a request.
    RemindInformation {
        /// Sequence number of the request.
        request: u32,
        /// 1, 2 or 3.
        n: u32,
        /// It is the last one.
        last: bool,
    },
    /// The client is reminded of the closing.
    RemindSolution {
        /// Sequence number of the solution.
        solution: u32,
        /// The closing.
        closes_at: Instant,
        /// The closing that he was told before, which has moved since.
        instead_of: Option<Instant>,
    },
    /// The ticket closes.
    Close,
}

impl Automatic {
    /// Whose concern it is.
    #[must_use]
    pub const fn concern(self) -> Concern {
        match self {
            Self::StartClock
            | Self::Page { .. }
            | Self::Warn { .. }
            | Self::Miss { .. }
            | Self::RemindInformation { .. } => Concern::Attention,
            Self::RemindSolution { .. } | Self::Close => Concern::Closing,
        }
    }
}

/// The earliest instant of each concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timers {
    /// For `sla-timer`.
    pub attention: Option<Instant>,
    /// For `auto-close`.
    pub closing: Option<Instant>,
}

impl Timers {
    /// The earliest of all.
    #[must_use]
    pub fn earliest(self) -> Option<Instant> {
        self.attention.into_iter().chain(self.closing).min()
    }
}

/// The wake-ups that a ticket needs (A6); derived, never stored as truth.
///
/// # Errors
/// When a date lies outside the calendar.
pub fn timers(ticket: &Ticket, agreement: &Agreement) -> Result<Timers, TargetError> {
    let mut timers = Timers::default();
    for (at, what) in View::current(ticket, agreement).upcoming(Instant::from_millis(0))? {
        let slot = match what.concern() {
            Concern::Attention => &mut timers.attention,
            Concern::Closing => &mut timers.closing,
        };
        *slot = Some(slot.map_or(at, |earliest| earliest.min(at)));
    }
    Ok(timers)
}

impl View<'_> {
    /// Everything that time will bring about if nobody acts, and that is not recorded yet; each with
    /// its instant. What has been overtaken at `now` (a warning of a target that is already missed, a
    /// reminder of a closing that is already true) is left out.
    ///
    /// # Errors
    /// When a date lies outside the calendar.
    pub fn upcoming(&self, now: Instant) -> Result<Vec<(Instant, Automatic)>, TargetError> {
        let mut upcoming = Vec::new();
        if self.cycle.closure.is_some() {
            return Ok(upcoming);
        }
        if self.cycle.clock_from.is_none()
            && let Some(at) = standing::served_from(self.spans, self.cycle.received_at)
        {
            upcoming.push((at, Automatic::StartClock));
        }
        self.upcoming_attention(now, &mut upcoming)?;
        self.upcoming_page(now, &mut upcoming)?;
        if let Some((due, request, n)) = self.next_information_reminder(now)? {
            let last = n as usize == self.agreement.terms.information_reminders.value.len();
            upcoming.push((due, Automatic::RemindInformation { request, n, last }));
        }
        if let Some(silence) = self.silence()?
            && let (Some(silent_until), Some(closes_at)) = (silence.auto.closing, silence.closes_at)
        {
            upcoming.push((closes_at, Automatic::Close));
            // The client is told the earliest instant: a held mail may be settled at any time. A
            // reminder that is late for that one tells the latest.
            if let Some(due) = silence.reminder_due()
                && now < closes_at
            {
                let solution = silence.solution.seq;
                let closes_at = if now < silent_until { silent_until } else { closes_at };
                let instead_of = silence.solution.reminded;
                let reminder = Automatic::RemindSolution { solution, closes_at, instead_of };
                upcoming.push((due, reminder));
            }
        }
        upcoming.sort_by_key(|(at, _)| *at);
        Ok(upcoming)
    }

    fn upcoming_attention(
        &self,
        now: Instant,
        upcoming: &mut Vec<(Instant, Automatic)>,
    ) -> Result<(), TargetError> {
        for clock in self.clocks(now)? {
            let name = clock.name;
            let told = &self.cycle.told;
            let late = matches!(clock.result, ClockResult::Missed { .. });
            if let Some(target) = clock.target.target.filter(|_| !told.missed.contains(&name)) {
                if let Some(misses_at) = clock.misses_at {
                    upcoming.push((misses_at, Automatic::Miss { clock: name, target }));
                } else if late {
                    // Attended late before anybody noticed the miss.
                    upcoming.push((target + JUST_AFTER, Automatic::Miss { clock: name, target }));
                }
            }
            let pending = clock.result == ClockResult::Pending && clock.misses_at.is_some();
            if let (Some(warn_at), Some(target)) = (clock.target.warn_at, clock.target.target)
                && pending
                && !told.warned.contains(&name)
                && !told.missed.contains(&name)
                && !self.cycle.is_answered(self.attention_since(name))
            {
                upcoming.push((warn_at, Automatic::Warn { clock: name, target }));
            }
        }
        Ok(())
    }

    fn upcoming_page(
        &self,
        now: Instant,
        upcoming: &mut Vec<(Instant, Automatic)>,
    ) -> Result<(), TargetError> {
        let told = &self.cycle.told;
        let Some(name) = self.immediate_clock() else { return Ok(()) };
        let Some(clock) = self.clocks(now)?.into_iter().find(|clock| clock.name == name) else {
            return Ok(());
        };
        let since = self.attention_since(name);
        let attended = self.cycle.is_answered(since) || self.attended_at(since).is_some();
        if told.page_acknowledged || told.pages >= PAGES_MAX || attended {
            return Ok(());
        }
        let wanted = match told.paged_at {
            Some(last) => last + TimeDelta::minutes(PAGE_REPEAT_MINUTES),
            None => clock.received_at,
        };
        let Self { agreement, .. } = self;
        let page = |at| page_at(at, &agreement.terms, &agreement.calendar);
        if let Some(due) = self.first_served(wanted, page)? {
            let target = clock.target.target;
            upcoming.push((due, Automatic::Page { clock: name, n: told.pages + 1, target }));
        }
        Ok(())
    }
}

impl Cycle {
    /// Whether there has been an act of attention since an instant, or a reply is on its way: nobody
    /// needs to be warned or called.
    pub(super) fn is_answered(&self, since: Instant) -> bool {
        let sent = self.outbound.iter().any(|message| {
            message.reply.is_attention() && !message.is_void() && message.committed_at >= since
        });
        sent || self.acts.iter().any(|act| act.started_at >= since)
    }
}

impl Act<'_> {
    /// Records everything of a concern that has become due.
    pub(super) fn tick(&mut self, concern: Concern) -> Outcome {
        for _ in 0..AUTOMATIC_MAX {
            let now = self.now();
            let upcoming = self.view().upcoming(now)?;
            let due =
                upcoming.into_iter().find(|(at, what)| *at <= now && what.concern() == concern);
            let Some((due, what)) = due else { return Ok(()) };
            self.happen(due, what)?;
        }
        Ok(())
    }

    /// A page that is due goes out with the act that causes it.
    pub(super) fn page_if_due(&mut self) -> Outcome {
        let now = self.now();
        let upcoming = self.view().upcoming(now)?;
        let page = upcoming
            .into_iter()
            .find(|(at, what)| *at <= now && matches!(what, Automatic::Page { n: 1, .. }));
        match page {
            Some((due, page)) => self.happen(due, page),
            None => Ok(()),
        }
    }

    fn happen(&mut self, due: Instant, what: Automatic) -> Outcome {
        match what {
            Automatic::StartClock => self.start_held_clock()?,
            Automatic::Page { clock, n, target } => {
                // A late call counts from now, so that a long silence is not made up for in a burst.
                let due = due.max(self.now());
                self.record(Fact::Paged { clock, n, due });
                self.tell_on_call(due, Content::DeskPage { n, target });
            }
            Automatic::Warn { clock, target } => {
                self.record(Fact::Warned { clock, due });
                self.tell_desk(due, Content::DeskWarning { target });
            }
            Automatic::Miss { clock, target } => self.miss(clock, target),
            Automatic::RemindInformation { request, n, last } => {
                self.record(Fact::InformationReminded { request, n, due });
                let content = Content::InformationReminder { n };
                self.tell_readers(due, Some(request), content);
                if last {
                    self.tell_desk(due, Content::DeskNoAnswer);
                }
            }
            Automatic::RemindSolution { solution, closes_at, instead_of } => {
                self.record(Fact::SolutionReminded { solution, due, closes_at });
                let content = Content::SolutionReminder { closes_at, instead_of };
                // The ledger knows a reminder of a moved date by that date, which only moves on (G11).
                let due = instead_of.map_or(due, |_| closes_at);
                self.tell_readers(due, Some(solution), content);
            }
            Automatic::Close => self.close(ClosureReason::Auto, due, None)?,
        }
        Ok(())
    }

    fn miss(&mut self, clock: ClockName, target: Instant) {
        let now = self.now();
        self.record(Fact::Missed { clock, target });
        if self.ticket.cycle.highest_level() < EscalationLevel::Senior {
            let cause = EscalationCause::TargetMissed;
            self.record(Fact::Escalated { level: EscalationLevel::Senior, cause, at: now });
        }
        let level = self.ticket.cycle.level();
        self.tell_desk(target, Content::DeskMissed { target, level });
    }

    /// Takes back every declared miss that later facts have shown to be none (G7). Another host may have
    /// declared it by a clock that is ahead of this one, which is no fact.
    pub(super) fn retract_false_misses(&mut self) -> Outcome {
        let soon = self.now() + TimeDelta::minutes(CLOCKS_APART_MINUTES);
        for clock in self.view().clocks(soon)? {
            let declared = self.ticket.cycle.told.missed.contains(&clock.name);
            let stands = matches!(clock.result, ClockResult::Missed { .. });
            if declared && !stands {
                self.record(Fact::MissRetracted { clock: clock.name });
                let content = Content::DeskMissRetracted { clock: clock.name };
                self.tell_desk(clock.target.unpaused, content);
            }
        }
        Ok(())
    }
}
