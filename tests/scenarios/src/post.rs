//! The mail service as seen from outside: it takes mails, and tells later what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use app::memory::{MailAnswer, MemoryMailer};
use app::ports::Outgoing;
use domain::{Instant, TimeDelta};
use mail_events::Event;

/// The examples from which the world's events are made.
static SEND: LazyLock<Event> =
    LazyLock::new(|| read(include_str!("../../../events/ses/send.json")));
static DELIVERY: LazyLock<Event> =
    LazyLock::new(|| read(include_str!("../../../events/ses/delivery.json")));
static BOUNCE: LazyLock<Event> =
    LazyLock::new(|| read(include_str!("../../../events/ses/bounce-permanent.json")));

fn read(example: &str) -> Event {
    serde_json::from_str(example).expect("the example is an event of the mail service")
}

/// A mail that the service has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// When it was handed over.
    pub at: Instant,
    /// When the service accepts it.
    pub accepted_at: Instant,
    /// The service's id.
    pub id: String,
    /// The message.
    pub message: Outgoing,
}

/// The service.
pub struct Post {
    mailer: MemoryMailer,
    seen: usize,
    /// Everything that was taken, in order.
    pub mails: Vec<Mail>,
    events: BTreeMap<(Instant, usize), Event>,
    next: usize,
    bouncing: BTreeSet<String>,
    silence: Option<TimeDelta>,
    told: bool,
}

impl Post {
    /// The service behind a mailer.
    #[must_use]
    pub fn new(mailer: MemoryMailer) -> Self {
        Self {
            mailer,
            seen: 0,
            mails: Vec::new(),
            events: BTreeMap::new(),
            next: 0,
            bouncing: BTreeSet::new(),
            silence: None,
            told: true,
        }
    }

    /// Mails to an address come back for good, a minute after they were accepted.
    pub fn set_bouncing(&mut self, address: &str, bouncing: bool) {
        if bouncing {
            self.bouncing.insert(address.to_owned());
        } else {
            self.bouncing.remove(address);
        }
    }

    /// The service takes mails without an answer, and accepts them so much later.
    pub fn set_silence(&mut self, silence: Option<TimeDelta>) {
        self.silence = silence;
    }

    /// Whether the service tells of its events at all.
    pub fn set_told(&mut self, told: bool) {
        self.told = told;
    }

    /// How every address of a list is answered from now on.
    pub fn answer_all(&self, addresses: &[String], answer: MailAnswer) {
        for address in addresses {
            self.mailer.answer_address(address.as_str(), answer);
        }
    }

    /// Takes over what was handed to the mailer since the last time; whether there was something.
    pub fn collect(&mut self, now: Instant) -> bool {
        let taken = self.mailer.taken_since(self.seen);
        self.seen += taken.len();
        let some = !taken.is_empty();
        for taken in taken {
            let accepted_at = now + self.silence.unwrap_or_default();
            let mail = Mail { at: now, accepted_at, id: taken.id, message: taken.message };
            self.plan(&mail);
            self.mails.push(mail);
        }
        some
    }

    /// The earliest event that is still to be told.
    #[must_use]
    pub fn next_at(&self) -> Option<Instant> {
        self.events.keys().next().map(|(at, _)| *at)
    }

    /// The event that the service has accepted a mail.
    #[must_use]
    pub fn acceptance(mail: &Mail) -> Event {
        event(&SEND, mail)
    }

    /// The event that a mail came back for good, whenever the service tells it.
    #[must_use]
    pub fn bounce(mail: &Mail) -> Event {
        event(&BOUNCE, mail)
    }

    /// The events to be told by now, earliest first.
    #[must_use]
    pub fn take_due(&mut self, now: Instant) -> Vec<Event> {
        let mut due = Vec::new();
        while let Some(first) = self.events.first_entry().filter(|first| first.key().0 <= now) {
            due.push(first.remove());
        }
        due
    }

    fn plan(&mut self, mail: &Mail) {
        if !self.told {
            return;
        }
        let at = mail.accepted_at;
        self.tell(at, event(&SEND, mail));
        if self.bouncing.contains(&mail.message.to) {
            self.tell(at + TimeDelta::minutes(1), event(&BOUNCE, mail));
        } else {
            self.tell(at + TimeDelta::seconds(1), event(&DELIVERY, mail));
        }
    }

    fn tell(&mut self, at: Instant, event: Event) {
        self.events.insert((at, self.next), event);
        self.next += 1;
    }
}

/// The example with the particulars of a mail.
fn event(example: &Event, mail: &Mail) -> Event {
    let mut event = example.clone();
    let told = &mut event.detail.mail;
    told.timestamp = mail.accepted_at.to_rfc3339();
    told.message_id.clone_from(&mail.id);
    told.tags.notice_id = vec![mail.message.notice_id.clone()];
    told.tags.subject = vec![mail.message.subject_tag.clone()];
    event
}
