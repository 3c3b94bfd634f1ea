//! Guards taken away, one at a time, to see that each is needed: a life fails without it.
//!
//! They are taken away around the real code, in the ports that it is given: a condition of a commit is
//! replaced by one that holds, the sweep never ticks, a bucket looks empty. So no switch lies in the
//! code that is deployed.

use app::commit::{Commit, Condition, Write};
use app::item::{Item, Key};
use app::keys;
use app::memory::MemoryStore;
use domain::Instant;
use serde_json::Value;

/// Something that stands between a fault and harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// A head is written under the revision that was read.
    HeadRevision,
    /// A notice is claimed, and marked, under the revision that was read.
    NoticeRevision,
    /// A request under a key is made once.
    Idempotency,
    /// A mail has one record.
    MailRecord,
    /// The same content under the same Message-ID makes one ticket.
    SeenBefore,
    /// A mail that waits is settled once.
    StillHeld,
    /// A link acts once.
    UsedLink,
    /// A payment is recorded once.
    PaymentMark,
    /// An act that depends on standing is committed under its revision.
    GateRevision,
    /// The counts of automatic answers are written under the revision that was read.
    AnswerCount,
    /// A notice in somebody's hands is left to him.
    Lease,
    /// What lies in the bucket is taken before a ticket closes by silence.
    Barrier,
    /// The sweep.
    Sweep,
}

impl Guard {
    /// Every guard.
    pub const ALL: [Self; 13] = [
        Self::HeadRevision,
        Self::NoticeRevision,
        Self::Idempotency,
        Self::MailRecord,
        Self::SeenBefore,
        Self::StillHeld,
        Self::UsedLink,
        Self::PaymentMark,
        Self::GateRevision,
        Self::AnswerCount,
        Self::Lease,
        Self::Barrier,
        Self::Sweep,
    ];

    /// Its name on the command line and in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HeadRevision => "head-revision",
            Self::NoticeRevision => "notice-revision",
            Self::Idempotency => "idempotency",
            Self::MailRecord => "mail-record",
            Self::SeenBefore => "seen-before",
            Self::StillHeld => "still-held",
            Self::UsedLink => "used-link",
            Self::PaymentMark => "payment-mark",
            Self::GateRevision => "gate-revision",
            Self::AnswerCount => "answer-count",
            Self::Lease => "lease",
            Self::Barrier => "barrier",
            Self::Sweep => "sweep",
        }
    }

    /// Finds it by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|guard| guard.name() == name)
    }

    /// The commit as it is without the guard.
    #[must_use]
    pub fn lift(self, commit: &Commit, store: &MemoryStore) -> Commit {
        let mut commit = commit.clone();
        for write in &mut commit.writes {
            if self == Self::Lease
                && let Write::Put { item, .. } = write
            {
                end_lease(item);
            }
            if self.is_of(write) {
                let holds = whatever(store.peek(write.key()));
                match write {
                    Write::Put { when, .. }
                    | Write::Delete { when, .. }
                    | Write::Check { when, .. } => *when = holds,
                }
            }
        }
        commit
    }

    fn is_of(self, write: &Write) -> bool {
        let Key { pk, sk } = write.key();
        match self {
            Self::HeadRevision => sk == keys::HEAD,
            Self::NoticeRevision => sk.starts_with(keys::NOTICES) && !is_absent(write),
            Self::Idempotency => sk == "IDEM",
            Self::MailRecord => sk == keys::MAIL && is_absent(write),
            Self::SeenBefore => sk == "DEDUP",
            Self::StillHeld => matches!(write.condition(), Condition::StatusIs(_)),
            Self::UsedLink => sk == "LINK",
            Self::PaymentMark => sk.starts_with("PAY#"),
            Self::GateRevision => {
                pk.starts_with("C#") && matches!(write.condition(), Condition::GateRevIs(_))
            }
            Self::AnswerCount => sk == "ANSWERS",
            Self::Lease | Self::Barrier | Self::Sweep => false,
        }
    }
}

fn is_absent(write: &Write) -> bool {
    matches!(write.condition(), Condition::Absent)
}

/// A condition that holds.
fn whatever(item: Option<Item>) -> Condition {
    item.map_or(Condition::Absent, |item| Condition::RevisionIs(item.rev))
}

/// A notice that is being sent looks as if nobody had it.
fn end_lease(item: &mut Item) {
    if !item.key.sk.starts_with(keys::NOTICES) || item.status.as_deref() != Some("sending") {
        return;
    }
    let Ok(mut doc) = serde_json::from_str::<Value>(&item.doc) else { return };
    let long_ago = Instant::from_millis(0);
    doc["lease_until"] = Value::from(long_ago.millis());
    item.doc = doc.to_string();
    if let Some(due) = &mut item.due {
        due.at = long_ago;
    }
}
