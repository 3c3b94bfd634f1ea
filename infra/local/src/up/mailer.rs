//! Mail out: a maildir, and on to an SMTP server when one is named.
//!
//! A mail is written whole, on the disk, before its id is returned. Until the events that SES would
//! send about it have been taken it lies in `new`, then in `cur`: a crash in between only means that
//! the events are told again.

use std::collections::VecDeque;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use app::ports::{Acceptance, Clock as _, Mailer, Outgoing, SendError};
use domain::Instant;
use serde::Serialize;
use serde_json::{Value, json};

use super::clock::ShiftedClock;
use super::folder::sync_folder;
use super::mailbox::{self, Mail};
use crate::smtp::{self, Handed};

/// Mail to this local part bounces for good, whatever its domain.
const BOUNCES: &str = "rebote";

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// It reached its recipient.
    Delivered,
    /// It came back for good.
    Bounced,
}

impl Fate {
    /// What becomes of a mail to `address` on this machine.
    #[must_use]
    pub(crate) fn of(address: &str) -> Self {
        let bounces = address.split('@').next().is_some_and(|part| part == BOUNCES);
        if bounces { Self::Bounced } else { Self::Delivered }
    }

    /// The word in the mail's head.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
        }
    }
}

/// The mailer. A clone is another handle to the same maildir.
#[derive(Debug, Clone)]
pub(crate) struct LocalMailer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    relay: Option<String>,
    clock: Arc<ShiftedClock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    mails: Vec<Mail>,
    untold: VecDeque<Mail>,
    last_number: u32,
}

impl LocalMailer {
    /// The maildir in `folder`, which is created; `relay` (`host:port`) is handed every mail too.
    ///
    /// # Errors
    /// When the maildir cannot be read or created.
    pub(crate) fn open(
        folder: PathBuf,
        relay: Option<String>,
        clock: Arc<ShiftedClock>,
    ) -> io::Result<Self> {
        for part in ["tmp", "new", "cur"] {
            fs::create_dir_all(folder.join(part))?;
        }
        let mut mails = Vec::new();
        let mut untold = VecDeque::new();
        for part in ["cur", "new"] {
            for path in mailbox::files(&folder.join(part))? {
                let mail = mailbox::read(&path)?;
                if part == "new" {
                    untold.push_back(mail.clone());
                }
                mails.push(mail);
            }
        }
        mails.sort_by_key(|mail| mail.number);
        let last_number = mails.last().map_or(0, |mail| mail.number);
        let state = Mutex::new(State { mails, untold, last_number });
        Ok(Self { shared: Arc::new(Shared { folder, relay, clock, state }) })
    }

    /// Every mail, in the order in which it was sent.
    #[must_use]
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.lock().mails.clone()
    }

    /// The mails with a higher number, in order.
    #[must_use]
    pub(crate) fn mails_after(&self, number: u32) -> Vec<Mail> {
        let state = self.lock();
        state.mails.iter().filter(|mail| mail.number > number).cloned().collect()
    }

    /// The number of the last mail; 0 when there is none.
    #[must_use]
    pub(crate) fn last_number(&self) -> u32 {
        self.lock().last_number
    }

    /// The whole mail with this number, as it was sent.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub(crate) fn raw(&self, number: u32) -> io::Result<Option<Vec<u8>>> {
        let name = mailbox::file_name(number);
        // It may move from `new` to `cur` between two looks.
        for part in ["cur", "new", "cur"] {
            match fs::read(self.shared.folder.join(part).join(&name)) {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The next mail whose events have not been told.
    #[must_use]
    pub(crate) fn untold(&self) -> Option<Mail> {
        self.lock().untold.front().cloned()
    }

    /// The events of a mail were told: it is done with.
    ///
    /// # Errors
    /// When its file cannot be moved.
    pub(crate) fn told(&self, mail: &Mail) -> io::Result<()> {
        self.pass_over(mail);
        let name = mailbox::file_name(mail.number);
        let folder = &self.shared.folder;
        fs::rename(folder.join("new").join(&name), folder.join("cur").join(&name))
    }

    /// The events of a mail could not be told: they are told again at the next start.
    pub(crate) fn pass_over(&self, mail: &Mail) {
        self.lock().untold.retain(|other| other.number != mail.number);
    }

    fn write(&self, number: u32, at: Instant, fate: Fate, message: &Outgoing) -> io::Result<Mail> {
        let head = mailbox::head(number, at, fate, message);
        let name = mailbox::file_name(number);
        let (tmp, new) = (self.shared.folder.join("tmp"), self.shared.folder.join("new"));
        let temporary = tmp.join(&name);
        let mut file = fs::File::create(&temporary)?;
        file.write_all(head.as_bytes())?;
        file.write_all(&message.mime)?;
        file.sync_all()?;
        let mail = mailbox::read(&temporary)?;
        fs::rename(&temporary, new.join(&name))?;
        sync_folder(&new)?;
        Ok(mail)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailer for LocalMailer {
    async fn send(&self, message: &Outgoing) -> Result<Acceptance, SendError> {
        let fate = match (&self.shared.relay, Fate::of(&message.to)) {
            (_, Fate::Bounced) => Fate::Bounced,
            (None, Fate::Delivered) => Fate::Delivered,
            (Some(relay), Fate::Delivered) => match to_relay(relay, message).await? {
                Handed::Taken(_) => Fate::Delivered,
                Handed::Refused(why) => {
                    tracing::warn!(
                        notice = message.notice_id,
                        why,
                        "the SMTP server refuses a mail"
                    );
                    Fate::Bounced
                }
            },
        };
        let at = self.shared.clock.now();
        let mut state = self.lock();
        let number = state.last_number + 1;
        let mail = self
            .write(number, at, fate, message)
            .map_err(|error| SendError::Unknown(error.to_string()))?;
        state.last_number = number;
        state.mails.push(mail.clone());
        state.untold.push_back(mail);
        Ok(Acceptance { id: id(number), at: Some(at) })
    }
}

async fn to_relay(relay: &str, message: &Outgoing) -> Result<Handed, SendError> {
    smtp::hand_over(relay, &message.from, &[&message.to], &message.mime).await
}

/// The id that the mail service gives a mail.
#[must_use]
pub(crate) fn id(number: u32) -> String {
    format!("local-{number:06}")
}

/// What SES would tell about a mail, as EventBridge delivers it: that it took the mail, and what
/// became of it.
#[must_use]
pub(crate) fn events(mail: &Mail) -> [Value; 2] {
    let bounce = json!({
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [{
            "emailAddress": mail.to,
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 no existe ese buzón",
        }],
        "timestamp": utc(mail.at),
        "feedbackId": format!("{}-rebote", id(mail.number)),
        "reportingMTA": "dns; localhost",
    });
    let delivery = json!({
        "timestamp": utc(mail.at),
        "processingTimeMillis": 0,
        "recipients": [mail.to],
        "smtpResponse": "250 2.0.0 OK",
        "reportingMTA": "localhost",
    });
    let (kind, word, field, detail) = match mail.fate {
        Fate::Delivered => ("Email Delivered", "Delivery", "delivery", delivery),
        Fate::Bounced => ("Email Bounced", "Bounce", "bounce", bounce),
    };
    [event(mail, "Email Sent", "Send", "send", json!({})), event(mail, kind, word, field, detail)]
}

fn event(mail: &Mail, kind: &str, word: &str, field: &str, detail: Value) -> Value {
    json!({
        "version": "0",
        "id": format!("{}-{field}", id(mail.number)),
        "detail-type": kind,
        "source": "aws.ses",
        "account": "000000000000",
        "time": utc(mail.at),
        "region": "us-east-1",
        "resources": ["arn:aws:ses:us-east-1:000000000000:configuration-set/millora"],
        "detail": {
            "eventType": word,
            "mail": {
                "timestamp": utc(mail.at),
                "source": mail.from,
                "sourceArn": "arn:aws:ses:us-east-1:000000000000:identity/millora.example",
                "sendingAccountId": "000000000000",
                "messageId": id(mail.number),
                "destination": [mail.to],
                "headersTruncated": false,
                "tags": {
                    "ses:configuration-set": ["millora"],
                    "notice_id": [mail.notice_id],
                    "subject": [mail.subject_tag],
                },
            },
            field: detail,
        },
    })
}

/// SES writes UTC with milliseconds.
#[must_use]
pub(crate) fn utc(at: Instant) -> String {
    let ms = at.millis();
    let (seconds, millis) = (ms.div_euclid(1000), ms.rem_euclid(1000));
    chrono::DateTime::from_timestamp(seconds, 0).map_or_else(
        || at.to_rfc3339(),
        |time| format!("{}.{millis:03}Z", time.format("%Y-%m-%dT%H:%M:%S")),
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use app::ports::{Mailer as _, Outgoing, SendError};
    use domain::Instant;

    use super::{Fate, LocalMailer, events};
    use crate::up::clock::{ClockStart, ShiftedClock};
    use crate::up::mailbox;

    fn open(home: &Path) -> LocalMailer {
        with_relay(home, None)
    }

    fn with_relay(home: &Path, relay: Option<String>) -> LocalMailer {
        let at = Instant::parse_rfc3339("2026-11-20T10:00:00.250-06:00").unwrap();
        let start = ClockStart { at: Some(at), frozen: true };
        let clock = ShiftedClock::open(&home.join("clock.toml"), start).unwrap();
        LocalMailer::open(home.join("mail"), relay, Arc::new(clock)).unwrap()
    }

    fn mail(to: &str) -> Outgoing {
        Outgoing {
            from: "soporte@millora.example".to_owned(),
            to: to.to_owned(),
            mime: b"Subject: =?utf-8?q?Se_recibi=C3=B3?=\r\nReply-To: <r@millora.example>\r\n\
                    Content-Type: text/plain; charset=utf-8\r\n\r\nHola, Ana.\r\n"
                .to_vec(),
            notice_id: "abc".to_owned(),
            subject_tag: "T_FERRE-1".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_mail_is_kept_and_its_events_are_told_even_after_a_crash() {
        let home = tempfile::tempdir().unwrap();
        let mailer = open(home.path());
        assert_eq!(mailer.send(&mail("ana@x.example")).await.unwrap().id, "local-000001");
        assert_eq!(mailer.send(&mail("rebote@x.example")).await.unwrap().id, "local-000002");
        let again = open(home.path());
        assert_eq!(again.mails(), mailer.mails());
        let first = again.untold().unwrap();
        assert_eq!((first.number, first.fate), (1, Fate::Delivered));
        assert_eq!(first.subject, "Se recibió");
        again.told(&first).unwrap();
        let second = open(home.path()).untold().unwrap();
        assert_eq!((second.number, second.fate), (2, Fate::Bounced));
        let opened = mailbox::open(&again.raw(1).unwrap().unwrap()).unwrap();
        assert_eq!(opened.text.trim_end(), "Hola, Ana.");
        assert_eq!(opened.reply_to.as_deref(), Some("r@millora.example"));
        let third = open(home.path()).send(&mail("ana@x.example")).await.unwrap();
        assert_eq!(third.id, "local-000003");
    }

    #[tokio::test]
    async fn what_the_smtp_server_does_not_take_is_not_sent() {
        let home = tempfile::tempdir().unwrap();
        // Nobody listens on a port that was free a moment ago.
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let mailer = with_relay(home.path(), Some(free.to_string()));
        let answer = mailer.send(&mail("ana@x.example")).await;
        assert!(matches!(answer, Err(SendError::Retryable(_))), "{answer:?}");
        assert!(mailer.mails().is_empty() && mailer.untold().is_none());
    }

    #[tokio::test]
    async fn the_events_are_those_that_the_function_understands() {
        let home = tempfile::tempdir().unwrap();
        let mailer = open(home.path());
        for (to, kinds) in
            [("ana@x.example", ["Send", "Delivery"]), ("rebote@x.example", ["Send", "Bounce"])]
        {
            mailer.send(&mail(to)).await.unwrap();
            let sent = mailer.mails().pop().unwrap();
            for (event, kind) in events(&sent).into_iter().zip(kinds) {
                assert_eq!(event["time"], "2026-11-20T16:00:00.250Z");
                let event: mail_events::Event = serde_json::from_value(event).unwrap();
                assert_eq!(event.detail.event_type, kind);
                assert_eq!(event.detail.mail.tags.notice_id, ["abc"]);
                assert_eq!(event.detail.mail.tags.subject, ["T_FERRE-1"]);
                let bounce = event.detail.bounce.map(|bounce| bounce.bounce_type);
                assert_eq!(bounce.as_deref(), (kind == "Bounce").then_some("Permanent"));
            }
        }
    }

    #[test]
    fn a_file_that_is_no_mail_of_ours_is_named() {
        let home = tempfile::tempdir().unwrap();
        drop(open(home.path()));
        std::fs::write(home.path().join("mail/cur/000009.eml"), "Subject: hola\n\nhola").unwrap();
        let error = mailbox::read(&home.path().join("mail/cur/000009.eml")).unwrap_err();
        assert!(error.to_string().contains("000009.eml"), "{error}");
    }
}
