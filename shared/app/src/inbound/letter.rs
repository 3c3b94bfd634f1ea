//! A mail as a message of a ticket: it opens one (1.1) or answers on one, and its record is written in the
//! same transaction (G10).

use domain::ticket::{
    AddedParticipant, Channel, Command, Confirmation, Open, Refusal, RefusalCode, SpocAct, Written,
};
use domain::{Actor, ClientId, Instant, ParticipantId, SpocId, TicketRef};

use super::carry::Permit;
use super::copies::Copies;
use crate::client;
use crate::commit::Write;
use crate::execute::{self, Act, MailEntry, Opening};
use crate::failure::Failure;
use crate::ports::Env;
use crate::records::{Attachment, MailStatus, Salted};
use crate::texts;
use crate::tickets;

/// A mail that becomes a message.
#[derive(Clone)]
pub(super) struct Letter {
    pub(super) client: ClientId,
    pub(super) by: Writer,
    /// Who acts: the writer himself, or the desk, which vouches for him.
    pub(super) actor: Actor,
    pub(super) received_at: Instant,
    pub(super) subject: String,
    pub(super) text: String,
    /// Its parts besides the text (M6).
    pub(super) files: Vec<Attachment>,
    /// When it arrived, where it was held first.
    pub(super) held_since: Option<Instant>,
    /// How its sender came to be certain, where he was asked (M1a).
    pub(super) confirmation: Option<Confirmation>,
    /// Whom it brings along (1.5).
    pub(super) copies: Copies,
    /// Whether its writer may be sent the acknowledgement (M5).
    pub(super) acknowledged: bool,
}

/// On whose behalf a mail counts.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Writer {
    /// A SPoC of the client.
    Spoc(SpocId),
    /// An address that was added to the ticket.
    Participant(ParticipantId),
}

impl Writer {
    /// The writer as events record him.
    pub(super) fn actor(&self) -> Actor {
        match self {
            Self::Spoc(spoc) => Actor::Spoc(spoc.clone()),
            Self::Participant(id) => Actor::Participant(id.clone()),
        }
    }
}

/// What is written in the transaction of a letter besides what it causes.
pub(super) struct Entry {
    /// The mail's record.
    pub(super) mail: MailEntry,
    /// Everything else.
    pub(super) also: Vec<Write>,
    /// The acknowledgement of an opening, with what counts it (M5): an answer on a ticket has none. None
    /// where the mail was answered before.
    pub(super) acknowledgement: Option<Permit>,
}

impl Entry {
    /// The same with the addresses that were copied and take no part.
    pub(super) fn listing(mut self, others: &[String]) -> Self {
        self.mail.record.doc.others = others.to_vec();
        self
    }

    /// The same for an answer that opens a ticket after all.
    fn as_opening(&self) -> Self {
        let mut mail = self.mail.clone();
        if mail.status == MailStatus::Reply {
            mail.status = MailStatus::Ticket;
        }
        Self { mail, also: self.also.clone(), acknowledgement: self.acknowledgement.clone() }
    }
}

impl Letter {
    /// Opens a ticket, which continues another one if the letter came too late to reopen it (9.7).
    ///
    /// # Errors
    /// What the rules or the store say; [`Failure::Retryable`] when a condition did not hold.
    pub(super) async fn open<E: Env>(
        &self,
        env: &E,
        opener: &SpocId,
        continues: Option<TicketRef>,
        entry: &Entry,
    ) -> Result<TicketRef, Failure> {
        let reference = tickets::draw(env, &self.client);
        let file = client::load(env, &self.client).await?;
        let file = file.ok_or_else(|| Failure::Fault(format!("no client {}", self.client)))?;
        let text = texts::salted(env, tickets::request_text(&self.subject, &self.text));
        let mut texts = vec![text.clone().by_mail(&self.subject).with(self.files.clone())];
        let request = Open {
            reference: reference.clone(),
            client: self.client.clone(),
            received_at: self.received_at,
            channel: Channel::Mail,
            opener: opener.clone(),
            module: None,
            text: text.digest,
            critical: None,
            continues,
            held_since: self.held_since,
            confirmation: self.confirmation,
            participants: self.participants(env, &mut texts),
            followers: self.copies.spocs.clone(),
        };
        let (mut mail, mut also) = (entry.mail.clone(), entry.also.clone());
        if let Some(permit) = &entry.acknowledgement {
            mail.record.doc.answered = permit.answered;
            also.extend(permit.writes.iter().cloned());
        }
        also.push(mail.write(&reference, Some(1), env.settings().write_schema)?);
        let opening = Opening {
            file: &file,
            request,
            by: self.actor.clone(),
            subject: self.subject.clone(),
            texts: &texts,
            also: &also,
            acknowledged: self.acknowledged,
        };
        execute::open(env, opening).await?;
        Ok(reference)
    }

    /// Answers on a ticket; a SPoC's answer that comes too late to reopen it opens a new one (9.7).
    ///
    /// # Errors
    /// What the rules or the store say; [`Failure::Retryable`] when a condition did not hold.
    pub(super) async fn reply<E: Env>(
        &self,
        env: &E,
        reference: &TicketRef,
        entry: &Entry,
    ) -> Result<TicketRef, Failure> {
        let mut reference = reference.clone();
        loop {
            match self.reply_on(env, &reference, entry).await {
                // What is said to a ticket that was merged belongs to the one that stayed (4.5).
                Err(Failure::Refused(Refusal { code: RefusalCode::Merged, .. })) => {
                    reference = tickets::survivor(env, &reference).await?;
                }
                answer => return answer,
            }
        }
    }

    async fn reply_on<E: Env>(
        &self,
        env: &E,
        reference: &TicketRef,
        entry: &Entry,
    ) -> Result<TicketRef, Failure> {
        let text = texts::salted(env, self.text.clone());
        let mut texts = vec![text.clone().by_mail(&self.subject).with(self.files.clone())];
        let received_at = self.received_at;
        let command = match &self.by {
            Writer::Spoc(spoc) => {
                let act = SpocAct::Write(Written {
                    text: Some(text.digest),
                    still_fails: false,
                    held_since: self.held_since,
                    confirmation: self.confirmation,
                    participants: self.participants(env, &mut texts),
                    followers: self.copies.spocs.clone(),
                });
                Command::Spoc { by: spoc.clone(), received_at, act }
            }
            Writer::Participant(id) => {
                let (by, text) = (id.clone(), text.digest);
                Command::Participant { by, received_at, text, still_fails: false }
            }
        };
        let act = Act {
            by: self.actor.clone(),
            texts,
            also: entry.also.clone(),
            mail: Some(entry.mail.clone()),
            ..Act::system(reference.clone(), command)
        };
        match (execute::execute(env, &act).await, &self.by) {
            (Ok(_), _) => Ok(reference.clone()),
            (
                Err(Failure::Refused(Refusal { code: RefusalCode::WindowPassed, .. })),
                Writer::Spoc(spoc),
            ) => self.open(env, spoc, Some(reference.clone()), &entry.as_opening()).await,
            (Err(failure), _) => Err(failure),
        }
    }

    /// The addresses that the letter brings along; each lies apart, beside the letter's own text.
    fn participants<E: Env>(&self, env: &E, texts: &mut Vec<Salted>) -> Vec<AddedParticipant> {
        let added = self.copies.added.iter().map(|(id, address)| {
            let text = texts::salted(env, address.to_string());
            let digest = text.digest.clone();
            texts.push(text);
            AddedParticipant { id: id.clone(), text: digest }
        });
        added.collect()
    }
}
