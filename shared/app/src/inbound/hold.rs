//! Mails that wait: for the registered address to confirm them (M1a), or for a SPoC to adopt them
//! (1.2a). A held mail that belongs to a ticket puts its closing off, in the same transaction (9.4, 9.6).

use domain::calendar::OutOfCalendar;
use domain::inbound::{
    MailContent, MailNotice, MailRecipient, Outcome, Proof, QuarantineReason, next_digest,
};
use domain::ticket::Command;
use domain::{ClientId, Instant, Power, SpocId};
use serde::{Deserialize, Serialize};

use super::answers::Counted;
use super::{Case, Taken, files};
use crate::client::{self, ClientFile};
use crate::codec::{Document, Stored};
use crate::commit::{Commit, Condition, Write};
use crate::execute::{self, Act};
use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::limits::{DIGEST_MAILS_MAX, DIGEST_SPOCS_MAX, QUESTION_MAILS_MAX};
use crate::ports::{Clock, Env, Store};
use crate::records::{
    Answered, InboundRecord, MailStatus, Question, inbound_item, is_held, mail_notice,
};

/// What a client's SPoCs have been told of held messages, and what they have still to be told (1.2a).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Digest {
    /// When the last digest went out, and as which one of its local day.
    last: Option<(Instant, u32)>,
    /// Mails of which no digest has told, oldest first.
    untold: Vec<String>,
    /// So many more are not listed.
    more: u32,
}

impl Document for Digest {}

impl<E: Env> Case<'_, E> {
    /// Nobody proved who wrote, and a registered address is claimed: it is asked, once for all its mails
    /// (M1a).
    pub(super) async fn hold_unproven(&self) -> Result<Taken, Failure> {
        let (Some(file), Some(spoc), Some(code)) =
            (&self.sender.file, &self.sender.spoc, &self.sender.code)
        else {
            return Err(Failure::Fault("a claim of nobody".to_owned()));
        };
        let pk = keys::address(code);
        let schema = self.env.settings().write_schema;
        let before = question(self.env, &pk).await?;
        let mut also = Vec::new();
        let is_open = match &before {
            Some(asked) => {
                self.now < asked.doc.expires_at && any_waits(self.env, &asked.doc.mails).await?
            }
            None => false,
        };
        let mut question = match before {
            Some(asked) if is_open => asked,
            before => {
                let (client, spoc) = (file.client.id.clone(), spoc.clone());
                let question = self.question(file, client, spoc).await?;
                also.extend(self.ask(&pk, &question).await?);
                let mut stored = Stored::new(question);
                stored.rev = before.map_or(0, |it| it.rev);
                stored
            }
        };
        if question.doc.mails.len() >= QUESTION_MAILS_MAX {
            let Proof::NotProven(why) = self.proof else {
                return Err(Failure::Fault("a proven sender is not asked".to_owned()));
            };
            return self.set_aside(QuarantineReason::NotProven(why), true, None).await;
        }
        question.doc.mails.push(self.ses_id.to_owned());
        let item = question.item(keys::question_of(&pk), schema)?;
        also.push(Write::Put { item, when: Condition::unchanged(question.rev) });
        let answered =
            if self.reading.signs.never_answer { Answered::Nobody } else { Answered::Yes };
        let (asked_at, lapses_at) = (Some(question.doc.asked_at), Some(question.doc.expires_at));
        let record = InboundRecord { asked_at, lapses_at, answered, ..self.record() };
        self.hold(record, MailStatus::HeldUnproven, also).await
    }

    async fn question(
        &self,
        file: &ClientFile,
        client: ClientId,
        spoc: SpocId,
    ) -> Result<Question, Failure> {
        let agreement = file.in_force(self.env, self.now).await?;
        let expires_at =
            domain::inbound::question_expires_at(self.now, &agreement.terms, &agreement.calendar);
        let expires_at = expires_at.map_err(out_of_calendar)?;
        Ok(Question { client, spoc, asked_at: self.now, expires_at, mails: Vec::new() })
    }

    /// What goes out with a new question: the question itself, and a word to the desk.
    async fn ask(&self, pk: &str, question: &Question) -> Result<Vec<Write>, Failure> {
        let expires_at = question.expires_at;
        let held = MailContent::DeskHeld { colleague: false, lapses_at: expires_at };
        let mut writes = self.alert(held).await?;
        if !self.reading.signs.never_answer {
            let notice = question_notice(question);
            writes.push(mail_notice(pk, notice, self.now, self.env.settings().write_schema)?);
        }
        Ok(writes)
    }

    /// A colleague's message waits for a SPoC, and he is told so (1.2a).
    pub(super) async fn hold_colleague(&self) -> Result<Taken, Failure> {
        let Some(file) = &self.sender.file else {
            return Err(Failure::Fault("a colleague of nobody".to_owned()));
        };
        let agreement = file.in_force(self.env, self.received_at).await?;
        let lapses_at = domain::inbound::adoption_ends_at(
            self.received_at,
            &agreement.terms,
            &agreement.calendar,
        );
        let lapses_at = lapses_at.map_err(out_of_calendar)?;
        let permit = self.permit(Counted::Answer).await?;
        let mut also = permit.writes;
        if permit.answered == Answered::Yes {
            also.push(self.tell(MailRecipient::Author, MailContent::Held { lapses_at })?);
        }
        let (digest, told) = in_digest(self.env, file, self.ses_id, self.now).await?;
        also.extend(digest);
        if told {
            also.extend(self.alert(MailContent::DeskHeld { colleague: true, lapses_at }).await?);
        }
        let answered = permit.answered;
        let record = InboundRecord { lapses_at: Some(lapses_at), answered, ..self.record() };
        self.hold(record, MailStatus::HeldColleague, also).await
    }

    /// Writes the record of a mail that waits. The closing of its ticket waits with it.
    async fn hold(
        &self,
        record: InboundRecord,
        status: MailStatus,
        mut also: Vec<Write>,
    ) -> Result<Taken, Failure> {
        let blocks = match self.intent.outcome {
            Outcome::HeldUnproven { blocks_closing }
            | Outcome::HeldColleague { blocks_closing } => blocks_closing,
            // An answer that came too late to reopen its ticket blocks nothing.
            Outcome::Ticket
            | Outcome::Reply
            | Outcome::Note(_)
            | Outcome::Quarantined { .. }
            | Outcome::Duplicate => false,
        };
        if !blocks {
            return self.keep(record, status, also).await;
        }
        let (words, files) = (Some(self.words().await?), files::named(self.raw));
        let record = InboundRecord { words, files, ..record };
        let ticket = self.thread()?.ticket.clone();
        let command = Command::BlockClosing { received_at: self.received_at };
        let item = inbound_item(&Stored::new(record), status, self.env.settings().write_schema)?;
        also.push(Write::Put { item, when: Condition::Absent });
        let act = Act { also: self.also(also)?, ..Act::system(ticket, command) };
        execute::execute(self.env, &act).await?;
        Ok(Taken { status, ticket: None })
    }
}

/// The notice that asks a question.
pub(super) fn question_notice(question: &Question) -> MailNotice {
    let (client, spoc) = (question.client.clone(), question.spoc.clone());
    let content = MailContent::Question { expires_at: question.expires_at };
    MailNotice { to: MailRecipient::Claimed { client, spoc }, due: question.asked_at, content }
}

/// The question of the address whose partition is `pk`.
pub(crate) async fn question<E: Env>(
    env: &E,
    pk: &str,
) -> Result<Option<Stored<Question>>, Failure> {
    let item = env.store().get(&keys::question_of(pk)).await?;
    item.map(|item| Stored::read(&item)).transpose()
}

/// Whether any of these mails is still held. The last one nearly always is, and a flood of mails that
/// claim an address reads no more than that one.
pub(crate) async fn any_waits<E: Env>(env: &E, mails: &[String]) -> Result<bool, Failure> {
    let mails: Vec<Key> = mails.iter().map(|mail| keys::inbound(mail)).collect();
    let Some((last, others)) = mails.split_last() else { return Ok(false) };
    for keys in [std::slice::from_ref(last), others] {
        let items = env.store().get_many(keys).await?;
        if items.iter().any(|item| item.status.as_deref().is_some_and(is_held)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes a mail into the digest of its client's SPoCs; whether it goes out now (1.2a).
pub(super) async fn in_digest<E: Env>(
    env: &E,
    file: &ClientFile,
    ses_id: &str,
    now: Instant,
) -> Result<(Vec<Write>, bool), Failure> {
    let key = keys::digest(&file.client.id);
    let mut stored = match env.store().get(&key).await? {
        Some(item) => Stored::<Digest>::read(&item)?,
        None => Stored::new(Digest { last: None, untold: Vec::new(), more: 0 }),
    };
    if stored.doc.untold.len() < DIGEST_MAILS_MAX {
        stored.doc.untold.push(ses_id.to_owned());
    } else {
        stored.doc.more += 1;
    }
    let due = stored.doc.last.map_or(now, |(at, n)| next_digest(now, at, n));
    let told = due <= now;
    let mut writes = Vec::new();
    if told {
        writes = send_digest(env, file, &mut stored.doc, now)?;
    }
    writes.push(digest_write(env, &stored, key, (!told).then_some(due))?);
    Ok((writes, told))
}

/// Sends the digest that is due, of the mails that are still held (1.2a).
///
/// # Errors
/// What the store says.
pub async fn tell_held<E: Env>(env: &E, key: &Key) -> Result<(), Failure> {
    let Some(item) = env.store().get(key).await? else { return Ok(()) };
    let now = env.clock().now();
    let mut stored = Stored::<Digest>::read(&item)?;
    let is_early = stored.doc.last.is_some_and(|(at, n)| now < next_digest(now, at, n));
    let client = keys::client_of(&key.pk);
    let client = client.ok_or_else(|| Failure::Fault(format!("no client {}", key.pk)))?;
    let Some(file) = client::load(env, &client).await?.filter(|_| !is_early) else {
        return Ok(());
    };
    let mails: Vec<Key> = stored.doc.untold.iter().map(|mail| keys::inbound(mail)).collect();
    let items = env.store().get_many(&mails).await?;
    let held = items.iter().filter(|item| item.status.as_deref().is_some_and(is_held));
    stored.doc.untold = held.filter_map(|item| keys::inbound_of(&item.key.pk)).collect();
    let mut writes = Vec::new();
    if !stored.doc.untold.is_empty() {
        writes = send_digest(env, &file, &mut stored.doc, now)?;
    }
    writes.push(digest_write(env, &stored, key.clone(), None)?);
    Ok(env.store().commit(&Commit { writes }).await?)
}

/// A digest to each SPoC who may adopt.
fn send_digest<E: Env>(
    env: &E,
    file: &ClientFile,
    digest: &mut Digest,
    now: Instant,
) -> Result<Vec<Write>, Failure> {
    let before = digest.last.filter(|(at, _)| at.date() == now.date());
    digest.last = Some((now, before.map_or(1, |(_, n)| n + 1)));
    let mails = std::mem::take(&mut digest.untold);
    let more = std::mem::take(&mut digest.more);
    let client = &file.client.id;
    let (pk, schema) = (keys::client(client), env.settings().write_schema);
    let may_adopt = file.spocs.iter().filter(|spoc| spoc.may(Power::Open, now));
    let notices = may_adopt.take(DIGEST_SPOCS_MAX).map(|spoc| {
        let to = MailRecipient::Spoc { client: client.clone(), spoc: spoc.id.clone() };
        let content = MailContent::HeldDigest { mails: mails.clone(), more };
        mail_notice(&pk, MailNotice { to, due: now, content }, now, schema)
    });
    notices.collect()
}

fn digest_write<E: Env>(
    env: &E,
    stored: &Stored<Digest>,
    key: Key,
    due: Option<Instant>,
) -> Result<Write, Failure> {
    let due = due.map(|at| keys::due(&key.pk, at));
    let mut item = stored.item(key, env.settings().write_schema)?;
    item.due = due;
    Ok(Write::Put { item, when: Condition::unchanged(stored.rev) })
}

pub(super) fn out_of_calendar(error: OutOfCalendar) -> Failure {
    Failure::Fault(error.to_string())
}
