//! The mailer in memory: keeps what it is given, and refuses or goes silent as it was told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::MemoryClock;
use crate::ports::{Acceptance, Clock as _, Mailer, Outgoing, SendError};

/// The mailer in memory. A clone is another handle to the same mailbox.
#[derive(Clone)]
pub struct MemoryMailer {
    clock: MemoryClock,
    state: Arc<Mutex<State>>,
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The id that the mail service gave it, or would have told.
    pub id: String,
    /// The message.
    pub message: Outgoing,
}

/// How the mailer answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailAnswer {
    /// Takes the message and says so.
    Take,
    /// Refuses it for ever.
    Refuse,
    /// Does not take it now.
    Retry,
    /// Takes it, but the answer is lost.
    TakeSilently,
    /// The request is lost, and nobody can tell.
    Lose,
}

#[derive(Default, Clone)]
struct State {
    taken: Vec<Taken>,
    next: VecDeque<MailAnswer>,
    by_address: BTreeMap<String, MailAnswer>,
}

impl MemoryMailer {
    /// A mailer that takes everything, by the mail service's own `clock`.
    #[must_use]
    pub fn new(clock: MemoryClock) -> Self {
        Self { clock, state: Arc::default() }
    }

    /// A copy that lives on its own, by another clock.
    #[must_use]
    pub fn fork(&self, clock: MemoryClock) -> Self {
        Self { clock, state: Arc::new(Mutex::new(self.lock().clone())) }
    }

    /// The next messages are answered like this, one answer each, whatever their address.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = MailAnswer>) {
        self.lock().next.extend(answers);
    }

    /// Messages to `address` are answered like this from now on.
    pub fn answer_address(&self, address: impl Into<String>, answer: MailAnswer) {
        self.lock().by_address.insert(address.into(), answer);
    }

    /// Everything that was taken, in order.
    #[must_use]
    pub fn taken(&self) -> Vec<Taken> {
        self.lock().taken.clone()
    }

    /// What was taken from message `n` on (0 is the first).
    #[must_use]
    pub fn taken_since(&self, n: usize) -> Vec<Taken> {
        self.lock().taken.get(n..).unwrap_or_default().to_vec()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, message: &Outgoing) -> String {
        let id = format!("memory-{:06}", self.taken.len() + 1);
        self.taken.push(Taken { id: id.clone(), message: message.clone() });
        id
    }
}

impl Mailer for MemoryMailer {
    async fn send(&self, message: &Outgoing) -> Result<Acceptance, SendError> {
        let mut state = self.lock();
        let by_address = state.by_address.get(&message.to).copied();
        let answer = state.next.pop_front().or(by_address).unwrap_or(MailAnswer::Take);
        match answer {
            MailAnswer::Take => {
                Ok(Acceptance { id: state.take(message), at: Some(self.clock.now()) })
            }
            // As the mail service does, the refusal repeats the address.
            MailAnswer::Refuse => Err(SendError::Refused(format!("told to refuse {}", message.to))),
            MailAnswer::Retry => Err(SendError::Retryable("told to be busy".to_owned())),
            MailAnswer::TakeSilently => {
                state.take(message);
                Err(SendError::Unknown("told to stay silent".to_owned()))
            }
            MailAnswer::Lose => Err(SendError::Unknown("told to lose it".to_owned())),
        }
    }
}
