//! Guards taken away, one at a time, to see that each is needed: a life fails without it.
//!
//! They are taken away around the real code, in the ports that it is given: a condition of a commit is
//! replaced by one that holds, the sweep never ticks, a bucket looks empty. So no switch lies in the
//! code that is deployed.

use app::commit::{Commit, Condition, Write};
use app::item::Item;
use app::keys;
use app::memory::MemoryStore;
use domain::Instant;
use serde_json::Value;

/// Something that stands between a fault and harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// A head is written under the revision that was read, and what the same act records beside it where
    /// nothing lies: mostly either condition would do.
    HeadRevision,
    /// A notice is recorded once.
    NoticeOnce,
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
    /// The open question of an address is written under the revision that was read.
    QuestionRevision,
    /// The digest of held mails is written under the revision that was read.
    DigestRevision,
    /// A link acts once.
    UsedLink,
    /// An act that depends on standing is committed under its revision.
    GateRevision,
    /// A standing that has been spread is done with unless it changed meanwhile.
    SpreadRevision,
    /// The counts of automatic answers are written under the revision that was read.
    AnswerCount,
    /// A notice in somebody's hands is left to him.
    Lease,
    /// What the mail service says of a mail is recorded at its notice.
    MailEvents,
    /// What lies in the bucket is taken before a ticket closes by silence.
    Barrier,
    /// A mail that was begun too often is set aside.
    Tries,
    /// The sweep.
    Sweep,
}

/// Whose conditions decide nothing in a life, and why: the beginning of the sort key.
pub const APART: [(&str, &str); 1] =
    [("OFFERS", "the desk stops the offers of a day: whoever does it again says the same")];

impl Guard {
    /// Every guard.
    pub const ALL: [Self; 18] = [
        Self::HeadRevision,
        Self::NoticeOnce,
        Self::NoticeRevision,
        Self::Idempotency,
        Self::MailRecord,
        Self::SeenBefore,
        Self::StillHeld,
        Self::QuestionRevision,
        Self::DigestRevision,
        Self::UsedLink,
        Self::GateRevision,
        Self::SpreadRevision,
        Self::AnswerCount,
        Self::Lease,
        Self::MailEvents,
        Self::Barrier,
        Self::Tries,
        Self::Sweep,
    ];

    /// Its name on the command line and in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HeadRevision => "head-revision",
            Self::NoticeOnce => "notice-once",
            Self::NoticeRevision => "notice-revision",
            Self::Idempotency => "idempotency",
            Self::MailRecord => "mail-record",
            Self::SeenBefore => "seen-before",
            Self::StillHeld => "still-held",
            Self::QuestionRevision => "question-revision",
            Self::DigestRevision => "digest-revision",
            Self::UsedLink => "used-link",
            Self::GateRevision => "gate-revision",
            Self::SpreadRevision => "spread-revision",
            Self::AnswerCount => "answer-count",
            Self::Lease => "lease",
            Self::MailEvents => "mail-events",
            Self::Barrier => "barrier",
            Self::Tries => "tries",
            Self::Sweep => "sweep",
        }
    }

    /// Finds it by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|guard| guard.name() == name)
    }

    /// The guard to which the condition of a write belongs.
    #[must_use]
    pub fn of(write: &Write) -> Option<Self> {
        let sk = write.key().sk.as_str();
        let absent = matches!(write.condition(), Condition::Absent);
        Some(match sk {
            keys::HEAD => Self::HeadRevision,
            keys::MAIL if absent => Self::MailRecord,
            keys::MAIL => Self::StillHeld,
            keys::SPREAD => Self::SpreadRevision,
            keys::DIGEST => Self::DigestRevision,
            "QUESTION" => Self::QuestionRevision,
            "IDEM" => Self::Idempotency,
            "DEDUP" => Self::SeenBefore,
            "LINK" => Self::UsedLink,
            "GATE" => Self::GateRevision,
            "ANSWERS" | "ALERTS" => Self::AnswerCount,
            "TRIES" => Self::Tries,
            _ if sk.starts_with(keys::EVENTS) || sk.starts_with("PAY#") => Self::HeadRevision,
            _ if sk.starts_with(keys::NOTICES) && absent => Self::NoticeOnce,
            _ if sk.starts_with(keys::NOTICES) => Self::NoticeRevision,
            _ => return None,
        })
    }

    /// The commit as it is without the guard.
    #[must_use]
    pub fn lift(self, commit: &Commit, store: &MemoryStore) -> Commit {
        let mut commit = commit.clone();
        for write in &mut commit.writes {
            if let Write::Put { item, .. } = write {
                if self == Self::Lease {
                    end_lease(item);
                } else if self == Self::Tries {
                    forget_tries(item);
                }
            }
            if Self::of(write) == Some(self) {
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

/// A mail that was begun looks as if it had never been.
fn forget_tries(item: &mut Item) {
    if item.key.sk == "TRIES" {
        item.doc = item.doc.replace(|c: char| c.is_ascii_digit(), "0");
    }
}
