//! Carrying out what was decided: each outcome writes the mail's record in one transaction with what it
//! causes (G10).

use domain::inbound::{
    Answer, MailContent, MailNotice, MailRecipient, NoteKind, Outcome, QuarantineReason,
};
use domain::ticket::{Command, DeskAct, NotedMail, Refusal, RefusalCode};
use domain::{Actor, Instant, SpocId};
use mail::inbound::Unusable;

use super::again::Before;
use super::answers::{self, Counted};
use super::letter::{Entry, Letter, Writer};
use super::{Case, Taken, copies, files, resolve, returned, unusable_words};
use crate::codec::Stored;
use crate::commit::{Commit, Condition, Write};
use crate::execute::{self, Act, INLINE_TEXT_BYTES_MAX, MailEntry};
use crate::failure::Failure;
use crate::keys;
use crate::ports::{Blobs, Env, Store};
use crate::records::{
    Answered, InboundRecord, MailAuthor, MailFinding, MailStatus, MailWords, inbound_item,
    mail_notice,
};
use crate::texts;
use crate::tickets;

/// What may be answered by itself, and what counts it.
#[derive(Clone)]
pub(super) struct Permit {
    pub(super) answered: Answered,
    pub(super) writes: Vec<Write>,
}

impl<E: Env> Case<'_, E> {
    /// Carries out what was decided.
    pub(super) async fn carry_out(&self) -> Result<Taken, Failure> {
        match self.intent.outcome {
            Outcome::Ticket => self.opens().await,
            Outcome::Reply => self.answers().await,
            Outcome::Note(NoteKind::Unthreaded) => self.lies_apart(MailStatus::Note).await,
            Outcome::Note(
                kind @ (NoteKind::Internal | NoteKind::Upstream | NoteKind::Automatic),
            ) => self.notes(kind).await,
            Outcome::HeldUnproven { .. } => self.hold_unproven().await,
            Outcome::HeldColleague { .. } => self.hold_colleague().await,
            Outcome::Quarantined { reason, claims_spoc } => {
                self.set_aside(reason, claims_spoc, None).await
            }
            Outcome::Duplicate => self.lies_apart(MailStatus::Duplicate).await,
        }
    }

    /// A proven SPoC's new mail (9.1).
    async fn opens(&self) -> Result<Taken, Failure> {
        let opener = self.spoc()?;
        let (letter, entry) = self.letter(Writer::Spoc(opener.clone()), MailStatus::Ticket).await?;
        let reference = letter.open(self.env, &opener, None, &entry).await?;
        Ok(Taken { status: MailStatus::Ticket, ticket: Some(reference) })
    }

    /// A participant's mail on its ticket (9.4, 1.5).
    async fn answers(&self) -> Result<Taken, Failure> {
        let reference = &self.thread()?.ticket;
        let writer = match (&self.sender.spoc, self.reading.author.mailbox()) {
            (Some(spoc), _) => Writer::Spoc(spoc.clone()),
            (None, Some(mailbox)) => Writer::Participant(self.codes.participant(&mailbox.address)?),
            (None, None) => return Err(Failure::Fault("an answer of nobody".to_owned())),
        };
        let (letter, entry) = self.letter(writer, MailStatus::Reply).await?;
        match letter.reply(self.env, reference, &entry).await {
            Ok(ticket) => {
                let joined = ticket == *reference;
                let status = if joined { MailStatus::Reply } else { MailStatus::Ticket };
                Ok(Taken { status, ticket: Some(ticket) })
            }
            Err(Failure::Refused(refusal)) => self.refused(refusal).await,
            Err(failure) => Err(failure),
        }
    }

    /// What a rule refuses is kept in sight. Who may not open a ticket, and came too late to reopen
    /// his, waits for somebody who may (1.2a).
    async fn refused(&self, refusal: Refusal) -> Result<Taken, Failure> {
        let too_late = [RefusalCode::WindowPassed, RefusalCode::NotAuthorised];
        if too_late.contains(&refusal.code) && self.sender.client().is_some() {
            return self.hold_colleague().await;
        }
        self.set_aside(QuarantineReason::Stranger, false, Some(refusal.to_string())).await
    }

    /// A mail that changes nothing, on its ticket (M3, 3.1; the desk's own, 2.1).
    async fn notes(&self, kind: NoteKind) -> Result<Taken, Failure> {
        let reference = self.thread()?.ticket.clone();
        let words = tickets::request_text(self.reading.subject.as_str(), &self.reading.text);
        let text = texts::salted(self.env, words).by_mail(self.reading.subject.as_str());
        let (digest, received_at) = (text.digest.clone(), self.received_at);
        let noted = |mail| Command::MailNoted { received_at, mail, text: digest.clone() };
        let (by, command) = match (kind, &self.sender.staff) {
            (NoteKind::Internal, Some(member)) => {
                let note = Command::Desk(DeskAct::Note { text: digest.clone() });
                (Actor::Staff(member.clone()), note)
            }
            (NoteKind::Upstream, _) => (Actor::System, noted(NotedMail::Upstream)),
            (NoteKind::Internal | NoteKind::Automatic | NoteKind::Unthreaded, _) => {
                (Actor::System, noted(NotedMail::Automatic))
            }
        };
        returned::settle(self.env, &self.codes, &self.reading).await?;
        let files = files::stored(self.env, self.ses_id, self.raw).await?;
        let act = Act {
            by,
            texts: vec![text.with(files)],
            also: self.also(Vec::new())?,
            mail: Some(self.entry(self.record(), MailStatus::Note)),
            ..Act::system(reference.clone(), command)
        };
        match execute::execute(self.env, &act).await {
            Ok(_) => Ok(Taken { status: MailStatus::Note, ticket: Some(reference) }),
            Err(Failure::Refused(refusal)) => {
                let record = InboundRecord { problem: Some(refusal.to_string()), ..self.record() };
                self.keep(record, MailStatus::Note, Vec::new()).await
            }
            Err(failure) => Err(failure),
        }
    }

    /// A mail that is no ticket's and waits for nobody.
    async fn lies_apart(&self, status: MailStatus) -> Result<Taken, Failure> {
        let mut record = self.record();
        record.same_as.clone_from(&self.seen.same_as);
        self.keep(record, status, Vec::new()).await
    }

    /// A mail is set aside (M1, 1.2a, M3); one who claims a SPoC is told to the desk, a stranger who is
    /// proven hears that he is not known.
    pub(super) async fn set_aside(
        &self,
        reason: QuarantineReason,
        claims_spoc: bool,
        problem: Option<String>,
    ) -> Result<Taken, Failure> {
        let mut also = Vec::new();
        let mut record = InboundRecord { reason: Some(reason), problem, ..self.record() };
        if self.intent.answer == Answer::Unknown {
            let permit = self.permit(Counted::Answer).await?;
            record.answered = permit.answered;
            also.extend(permit.writes);
            if record.answered == Answered::Yes {
                record.message_id = self.own_id();
                also.push(self.tell(MailRecipient::Author, MailContent::Unknown)?);
            }
        }
        if claims_spoc {
            let content = MailContent::DeskQuarantined { reason };
            also.extend(self.alert(content).await?);
        }
        self.keep(record, MailStatus::Quarantined, also).await
    }

    /// Writes the record of a mail that lies in no ticket, with its text.
    pub(super) async fn keep(
        &self,
        mut record: InboundRecord,
        status: MailStatus,
        also: Vec<Write>,
    ) -> Result<Taken, Failure> {
        if status != MailStatus::Duplicate {
            record.words = Some(self.words().await?);
            record.files = files::named(self.raw);
        }
        if let Some(named) = record.foreign.clone() {
            let content = MailContent::DeskForeignTicket { named };
            // What the desk is told of one mail counts once, however much it is.
            let alert = if self.is_told(&also) {
                vec![self.tell(MailRecipient::Desk, content)?]
            } else {
                self.alert(content).await?
            };
            return self.commit(record, status, also.into_iter().chain(alert).collect()).await;
        }
        self.commit(record, status, also).await
    }

    async fn commit(
        &self,
        record: InboundRecord,
        status: MailStatus,
        also: Vec<Write>,
    ) -> Result<Taken, Failure> {
        let entry = self.entry(record, status);
        let item = inbound_item(&entry.record, status, self.env.settings().write_schema)?;
        let when = Condition::unchanged(entry.record.rev);
        let mut writes = vec![Write::Put { item, when }];
        writes.extend(self.also(also)?);
        self.env.store().commit(&Commit { writes }).await?;
        Ok(Taken { status, ticket: None })
    }

    /// The mail as a message, and what is written with it. Copies that wait, since they do not prove
    /// their sender, wait no longer: should this be cut short, the mail is still there to be taken.
    async fn letter(&self, by: Writer, status: MailStatus) -> Result<(Letter, Entry), Failure> {
        let client = match self.sender.client() {
            Some(client) => client.clone(),
            None => self.thread()?.ticket.client(),
        };
        for copy in &self.seen.unproven {
            let status = resolve::superseded(self.env, copy, self.ses_id).await?;
            if status.is_vouched_for() {
                // Somebody was faster: looked at again, it is the same.
                return Err(Failure::Retryable(format!("mail {copy} counts meanwhile")));
            }
        }
        let permit = self.permit(Counted::Acknowledgement).await?;
        let mut also = Vec::new();
        let mut record = self.record();
        let copies = match by {
            Writer::Spoc(_) => {
                let author = self.reading.author.mailbox().map(|it| &it.address);
                copies::read(self.env, &self.codes, &client, author, &self.reading.cc).await?
            }
            Writer::Participant(_) => copies::Copies::default(),
        };
        record.others.clone_from(&copies.others);
        if let Some(named) = record.foreign.clone() {
            also.extend(self.alert(MailContent::DeskForeignTicket { named }).await?);
        }
        let actor = by.actor();
        let letter = Letter {
            client,
            by,
            received_at: self.received_at,
            subject: self.reading.subject.as_str().to_owned(),
            text: self.reading.text.clone(),
            files: files::stored(self.env, self.ses_id, self.raw).await?,
            held_since: None,
            confirmation: None,
            copies,
            actor,
            acknowledged: permit.answered == Answered::Yes,
        };
        let mail = self.entry(record, status);
        let entry = Entry { mail, also: self.also(also)?, acknowledgement: Some(permit) };
        Ok((letter, entry))
    }

    /// What is written in any case, besides `more`: what makes a second delivery harmless (M4).
    pub(super) fn also(&self, mut more: Vec<Write>) -> Result<Vec<Write>, Failure> {
        more.extend(self.remembered()?);
        Ok(more)
    }

    pub(super) fn entry(&self, record: InboundRecord, status: MailStatus) -> MailEntry {
        MailEntry { record: over(record, self.before), status }
    }

    /// Whether the one automatic answer of this mail may be sent, and what counts it (M5).
    pub(super) async fn permit(&self, what: Counted) -> Result<Permit, Failure> {
        let answers = self.intent.answer != Answer::Nothing;
        let none = |answered| Permit { answered, writes: Vec::new() };
        let Some(code) = self.sender.code.as_deref().filter(|_| answers) else {
            return Ok(none(Answered::Nothing));
        };
        if self.reading.signs.never_answer {
            return Ok(none(Answered::Nobody));
        }
        let counted = answers::one_more(self.env, code, what, self.now).await?;
        Ok(match counted {
            Some(writes) => Permit { answered: Answered::Yes, writes },
            None => none(Answered::Limited),
        })
    }

    /// What the desk is told of this mail, within the limits for the address that it claims. What is
    /// not told any more is still listed.
    pub(super) async fn alert(&self, content: MailContent) -> Result<Vec<Write>, Failure> {
        let Some(code) = self.sender.code.as_deref() else { return Ok(Vec::new()) };
        let registered = self.sender.spoc.is_some();
        let what = if registered { Counted::Alert } else { Counted::AlertOfOthers };
        let counted = answers::one_more(self.env, code, what, self.now).await?;
        let Some(mut writes) = counted else { return Ok(Vec::new()) };
        writes.push(self.tell(MailRecipient::Desk, content)?);
        Ok(writes)
    }

    /// Whether these writes tell the desk of this mail already, and count it.
    fn is_told(&self, writes: &[Write]) -> bool {
        let counter = self.sender.code.as_deref().map(keys::alerts);
        counter.is_some_and(|counter| writes.iter().any(|write| *write.key() == counter))
    }

    /// A notice about this mail.
    pub(super) fn tell(&self, to: MailRecipient, content: MailContent) -> Result<Write, Failure> {
        let notice = MailNotice { to, due: self.received_at, content };
        let pk = keys::inbound(self.ses_id).pk;
        mail_notice(&pk, notice, self.now, self.env.settings().write_schema)
    }

    /// The mail's id, kept where an answer goes out that names it.
    pub(super) fn own_id(&self) -> Option<String> {
        self.reading.message_id.as_ref().map(|id| id.as_str().to_owned())
    }

    /// The record of this mail, before its outcome.
    pub(super) fn record(&self) -> InboundRecord {
        let reading = &self.reading;
        let from = reading.author.mailbox().map(|it| MailAuthor {
            address: it.address.to_string(),
            name: it.name.as_str().to_owned(),
        });
        InboundRecord {
            from,
            subject: reading.subject.as_str().to_owned(),
            client: self.sender.client().cloned(),
            spoc: self.sender.spoc.clone(),
            finding: Some(MailFinding {
                sender: self.sender.kind,
                proof: self.proof,
                verdicts: reading.verdicts.clone(),
                class: reading.signs.class,
                signs: reading.signs.found.iter().map(|&sign| sign.to_owned()).collect(),
            }),
            thread: self.sender.thread.clone(),
            foreign: self.sender.foreign.clone().filter(|_| self.intent.alert_foreign),
            other_content: self.intent.flag_same_id,
            ..unread(self.ses_id, self.received_at, self.intent.rule)
        }
    }

    /// The text of a mail that lies in no ticket; a large one lies in a blob.
    pub(super) async fn words(&self) -> Result<MailWords, Failure> {
        let text = &self.reading.text;
        if text.len() <= INLINE_TEXT_BYTES_MAX {
            return Ok(MailWords { text: Some(text.clone()), blob: None });
        }
        let key = format!("texts/mail/{}", self.ses_id);
        let put = self.env.blobs().put(&key, text.as_bytes()).await;
        put.map_err(|error| Failure::Retryable(error.to_string()))?;
        Ok(MailWords { text: None, blob: Some(key) })
    }

    fn spoc(&self) -> Result<SpocId, Failure> {
        let spoc = self.sender.spoc.clone();
        spoc.ok_or_else(|| Failure::Fault("a SPoC's mail without its SPoC".to_owned()))
    }

    pub(super) fn thread(&self) -> Result<&crate::records::MailThread, Failure> {
        let thread = self.sender.thread.as_ref();
        thread.ok_or_else(|| Failure::Fault("a mail of a ticket without its ticket".to_owned()))
    }
}

/// Records bytes that are no mail, or exceed a limit (M7).
pub(super) async fn set_aside_unread<E: Env>(
    env: &E,
    ses_id: &str,
    received_at: Instant,
    unusable: Unusable,
    before: Option<&Before>,
) -> Result<Taken, Failure> {
    let intent = domain::inbound::unusable();
    let status = MailStatus::Quarantined;
    let record = InboundRecord {
        reason: Some(QuarantineReason::Unusable),
        problem: Some(unusable_words(unusable)),
        ..unread(ses_id, received_at, intent.rule)
    };
    let record = over(record, before);
    let item = inbound_item(&record, status, env.settings().write_schema)?;
    let writes = vec![Write::Put { item, when: Condition::unchanged(record.rev) }];
    env.store().commit(&Commit { writes }).await?;
    Ok(Taken { status, ticket: None })
}

/// The record as it is stored: a new one, or in the place of the one before, with who asked for that.
fn over(record: InboundRecord, before: Option<&Before>) -> Stored<InboundRecord> {
    let mut stored = Stored::new(record);
    if let Some(before) = before {
        stored.rev = before.rev;
        stored.doc.resolved = Some(before.asked.clone());
    }
    stored
}

/// The record of a mail of which nothing could be read.
pub(super) fn unread(ses_id: &str, received_at: Instant, rule: &str) -> InboundRecord {
    InboundRecord {
        ses_id: ses_id.to_owned(),
        received_at,
        from: None,
        subject: String::new(),
        message_id: None,
        client: None,
        spoc: None,
        finding: None,
        rule: rule.to_owned(),
        reason: None,
        problem: None,
        thread: None,
        foreign: None,
        ticket: None,
        seq: None,
        same_as: None,
        other_content: false,
        answered: Answered::Nothing,
        words: None,
        files: Vec::new(),
        others: Vec::new(),
        asked_at: None,
        lapses_at: None,
        resolved: None,
    }
}
