//! The scheduler in memory: one-time wake-ups by name.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Instant;

use crate::ports::{ScheduleError, Schedules, Wake};

/// The scheduler in memory. A clone is another handle to the same schedules.
#[derive(Clone, Default)]
pub struct MemorySchedules {
    state: Arc<Mutex<State>>,
}

#[derive(Default, Clone)]
struct State {
    by_name: BTreeMap<String, Wake>,
    down: bool,
}

impl MemorySchedules {
    /// No schedules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A copy that lives on its own.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { state: Arc::new(Mutex::new(self.lock().clone())) }
    }

    /// Whether the scheduler is dead: it then refuses every change and fires nothing.
    pub fn set_down(&self, down: bool) {
        self.lock().down = down;
    }

    /// What is scheduled, by name.
    #[must_use]
    pub fn all(&self) -> Vec<Wake> {
        self.lock().by_name.values().cloned().collect()
    }

    /// Takes out what is to fire at or before `now`, earliest first. A schedule fires once.
    #[must_use]
    pub fn take_due(&self, now: Instant) -> Vec<Wake> {
        let mut state = self.lock();
        if state.down {
            return Vec::new();
        }
        let mut due: Vec<Wake> =
            state.by_name.values().filter(|wake| wake.at <= now).cloned().collect();
        due.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
        for wake in &due {
            state.by_name.remove(&wake.name);
        }
        due
    }

    /// The instant of the earliest schedule, for a test that moves its clock from wake to wake.
    #[must_use]
    pub fn next_at(&self) -> Option<Instant> {
        self.lock().by_name.values().map(|wake| wake.at).min()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, act: impl FnOnce(&mut BTreeMap<String, Wake>)) -> Result<(), ScheduleError> {
        let mut state = self.lock();
        if state.down {
            return Err(ScheduleError("told to be down".to_owned()));
        }
        act(&mut state.by_name);
        Ok(())
    }
}

impl Schedules for MemorySchedules {
    async fn put(&self, wake: &Wake) -> Result<(), ScheduleError> {
        self.change(|by_name| {
            by_name.insert(wake.name.clone(), wake.clone());
        })
    }

    async fn delete(&self, name: &str) -> Result<(), ScheduleError> {
        self.change(|by_name| {
            by_name.remove(name);
        })
    }
}
