//! What ends a mail's waiting: its address confirms it (M1a), a SPoC adopts it (1.2a), the desk
//! releases, links or discards it, or its time is over.
//!
//! Each is written under the condition that the mail's record is as it was read, in one transaction with
//! what follows, so of two that come at once one wins and the other sees what it did.

use domain::inbound::Class;
use domain::ticket::{Command, Confirmation, DeskAct, NotedMail, Refusal, RefusalCode};
use domain::{Actor, ClientId, Instant, SpocId, StaffMember, TicketRef};

use super::copies::{self, Copies};
use super::letter::{Entry, Letter, Writer};
use super::{DONE, INBOUND, POISON, files, hold, status_of};
use crate::client;
use crate::codec::Stored;
use crate::commit::{Commit, Condition, Write};
use crate::execute::{self, Act, MailEntry};
use crate::failure::{Failure, InputFault};
use crate::item::Key;
use crate::keys;
use crate::limits::TAKE_ATTEMPTS_MAX;
use crate::ports::{Blobs, Clock, Env, Store};
use crate::records::{
    Attachment, InboundRecord, MailResolution, MailStatus, NoticeRecord, inbound_item,
};
use crate::texts;
use crate::tickets;

/// What became of a mail that waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The mail.
    pub ses_id: String,
    /// Its status now.
    pub status: MailStatus,
    /// The ticket that it opened, or to which it was added.
    pub ticket: Option<TicketRef>,
    /// This act did it; otherwise it had been resolved before, or must not be.
    pub is_new: bool,
}

/// An act of the desk on a mail.
#[derive(Debug, Clone)]
pub struct Desk<'a> {
    /// Who.
    pub member: &'a StaffMember,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: &'a str,
}

/// The registered address says that it sent a mail that was held: it counts from its receipt, with the
/// wait as a pause; after the question's end it opens a new ticket (M1a).
///
/// # Errors
/// [`Failure::NotFound`] for a mail of another client; what the rules or the store say.
pub async fn confirm<E: Env>(
    env: &E,
    ses_id: &str,
    by: &SpocId,
    client: &ClientId,
    at: Instant,
) -> Result<Resolved, Failure> {
    let way = Way::Confirm { spoc: by.clone(), client: client.clone(), at };
    resolve(env, ses_id, &way).await
}

/// A SPoC makes a colleague's message his client's: it counts from now (1.2a).
///
/// # Errors
/// [`Failure::NotFound`] for a mail of another client; what the rules or the store say.
pub async fn adopt<E: Env>(
    env: &E,
    ses_id: &str,
    by: &SpocId,
    client: &ClientId,
    at: Instant,
) -> Result<Resolved, Failure> {
    let way = Way::Adopt { spoc: by.clone(), client: client.clone(), at };
    resolve(env, ses_id, &way).await
}

/// The desk records that a SPoC adopts a colleague's message, as when he said so by phone: it counts from
/// now (1.2a).
///
/// # Errors
/// [`Failure::NotFound`] when there is no such mail; what the rules or the store say.
pub async fn adopt_for<E: Env>(
    env: &E,
    ses_id: &str,
    spoc: &SpocId,
    desk: &Desk<'_>,
) -> Result<Resolved, Failure> {
    let way = Way::AdoptFor { spoc: spoc.clone(), desk: desk.clone() };
    resolve(env, ses_id, &way).await
}

/// The desk vouches for a mail that claims a registered SPoC: it counts as his, from its receipt (M1).
///
/// # Errors
/// [`Failure::NotFound`] when there is no such mail; what the rules or the store say.
pub async fn release<E: Env>(env: &E, ses_id: &str, desk: &Desk<'_>) -> Result<Resolved, Failure> {
    resolve(env, ses_id, &Way::Release { desk: desk.clone() }).await
}

/// The desk puts a mail on a ticket: that of a SPoC of its client as his answer, every other one as a
/// note.
///
/// # Errors
/// [`Failure::NotFound`] when there is no such mail, [`Failure::Invalid`] when there is no such ticket;
/// what the rules or the store say.
pub async fn link<E: Env>(
    env: &E,
    ses_id: &str,
    ticket: &TicketRef,
    desk: &Desk<'_>,
) -> Result<Resolved, Failure> {
    resolve(env, ses_id, &Way::Link { desk: desk.clone(), ticket: ticket.clone() }).await
}

/// The desk has seen a mail, and nothing is to become of it.
///
/// # Errors
/// [`Failure::NotFound`] when there is no such mail; what the store says.
pub async fn discard<E: Env>(env: &E, ses_id: &str, desk: &Desk<'_>) -> Result<Resolved, Failure> {
    resolve(env, ses_id, &Way::Discard { desk: desk.clone() }).await
}

/// Ends the waiting of the mail at `key` whose time is over.
///
/// # Errors
/// What the store says.
pub async fn lapse<E: Env>(env: &E, key: &Key) -> Result<(), Failure> {
    let Some(ses_id) = keys::inbound_of(&key.pk) else { return Ok(()) };
    resolve(env, &ses_id, &Way::Lapse { at: env.clock().now() }).await.map(|_| ())
}

/// A copy of a mail that waits proves its sender: the copy counts, and the mail is the same (M4). Gives how the
/// mail stands then.
///
/// # Errors
/// What the store says.
pub(super) async fn superseded<E: Env>(
    env: &E,
    ses_id: &str,
    by: &str,
) -> Result<MailStatus, Failure> {
    let way = Way::Superseded { by: by.to_owned(), at: env.clock().now() };
    resolve(env, ses_id, &way).await.map(|resolved| resolved.status)
}

/// What the desk can make of a mail that waits or was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskVerb {
    /// Record that a SPoC adopts it (1.2a).
    Adopt,
    /// Vouch for it (M1).
    Release,
    /// Put it on a ticket.
    Link,
    /// Take it again, where it could not be taken (M7).
    Retry,
    /// Leave it at that.
    Discard,
}

impl DeskVerb {
    /// Every act.
    pub const ALL: [Self; 5] = [Self::Adopt, Self::Release, Self::Link, Self::Retry, Self::Discard];

    /// Whether it can be done with a mail as it is now.
    #[must_use]
    pub fn fits(self, record: &InboundRecord, status: MailStatus) -> bool {
        use MailStatus as S;
        let apart = status == S::Note && record.ticket.is_none();
        let waits =
            apart || status.is_held() || matches!(status, S::Quarantined | S::Lapsed | S::Poison);
        match self {
            Self::Adopt => status == S::HeldColleague,
            Self::Release => {
                let may = matches!(status, S::HeldUnproven | S::Quarantined | S::Lapsed);
                may && record.spoc.is_some() && claims_spoc(record)
            }
            Self::Link => waits && record.words.is_some(),
            Self::Retry => status == S::Poison,
            Self::Discard => waits,
        }
    }
}

/// What ends the waiting.
enum Way<'a> {
    Confirm { spoc: SpocId, client: ClientId, at: Instant },
    Adopt { spoc: SpocId, client: ClientId, at: Instant },
    AdoptFor { spoc: SpocId, desk: Desk<'a> },
    Release { desk: Desk<'a> },
    Link { desk: Desk<'a>, ticket: TicketRef },
    Discard { desk: Desk<'a> },
    Lapse { at: Instant },
    Superseded { by: String, at: Instant },
}

impl Way<'_> {
    /// Whether a mail can end so.
    fn takes(&self, record: &InboundRecord, status: MailStatus) -> bool {
        use MailStatus as S;
        match self {
            Self::Confirm { spoc, .. } => {
                let asked = record.asked_at.is_some() && record.spoc.as_ref() == Some(spoc);
                asked && matches!(status, S::HeldUnproven | S::Lapsed)
            }
            Self::Adopt { .. } | Self::AdoptFor { .. } => DeskVerb::Adopt.fits(record, status),
            Self::Release { .. } => DeskVerb::Release.fits(record, status),
            Self::Link { .. } => DeskVerb::Link.fits(record, status),
            Self::Discard { .. } => DeskVerb::Discard.fits(record, status),
            // What was asked about and not answered may still be confirmed, which would make two of it.
            Self::Superseded { .. } => matches!(status, S::HeldUnproven | S::Lapsed),
            Self::Lapse { at } => {
                status.is_held() && record.lapses_at.is_some_and(|lapses_at| lapses_at <= *at)
            }
        }
    }

    /// When it is adopted, if it is.
    const fn adopts_at(&self) -> Option<Instant> {
        match self {
            Self::Adopt { at, .. } | Self::AdoptFor { desk: Desk { at, .. }, .. } => Some(*at),
            Self::Confirm { .. }
            | Self::Release { .. }
            | Self::Link { .. }
            | Self::Discard { .. }
            | Self::Lapse { .. }
            | Self::Superseded { .. } => None,
        }
    }

    /// How it ends.
    const fn status(&self) -> MailStatus {
        match self {
            Self::Confirm { .. } => MailStatus::Confirmed,
            Self::Adopt { .. } | Self::AdoptFor { .. } => MailStatus::Adopted,
            Self::Release { .. } | Self::Link { .. } => MailStatus::Released,
            Self::Discard { .. } => MailStatus::Discarded,
            Self::Lapse { .. } => MailStatus::Lapsed,
            Self::Superseded { .. } => MailStatus::Duplicate,
        }
    }

    fn resolution(&self) -> MailResolution {
        let (at, by, reason) = match self {
            Self::Confirm { spoc, at, .. } | Self::Adopt { spoc, at, .. } => {
                (*at, Actor::Spoc(spoc.clone()), None)
            }
            Self::AdoptFor { desk, .. }
            | Self::Release { desk }
            | Self::Link { desk, .. }
            | Self::Discard { desk } => {
                (desk.at, Actor::Staff(desk.member.clone()), Some(desk.reason.to_owned()))
            }
            Self::Lapse { at } | Self::Superseded { at, .. } => (*at, Actor::System, None),
        };
        MailResolution { at, by, reason }
    }
}

fn claims_spoc(record: &InboundRecord) -> bool {
    record.finding.as_ref().is_some_and(|finding| finding.sender.is_spoc())
}

/// Resolves one mail; whoever was faster is seen when it is looked at again.
async fn resolve<E: Env>(env: &E, ses_id: &str, way: &Way<'_>) -> Result<Resolved, Failure> {
    let mut last = None;
    for _ in 0..TAKE_ATTEMPTS_MAX {
        let item = env.store().get(&keys::inbound(ses_id)).await?.ok_or(Failure::NotFound)?;
        let record = Stored::<InboundRecord>::read(&item)?;
        let status = status_of(&record)?;
        if let Way::Confirm { client, .. } | Way::Adopt { client, .. } = way
            && record.doc.client.as_ref() != Some(client)
        {
            return Err(Failure::NotFound);
        }
        if let Some(at) = way.adopts_at()
            && (Way::Lapse { at }).takes(&record.doc, status)
        {
            // Its wait was over, whether or not anybody has recorded that (G7).
            let resolving = Resolving { env, way: &Way::Lapse { at }, record, status };
            last = resolving.carry_out().await.err();
            if last.as_ref().is_none_or(Failure::is_retryable) {
                continue;
            }
            break;
        }
        if !way.takes(&record.doc, status) {
            // Perhaps an earlier attempt of this very act, whose answer was lost.
            let ends_so =
                status == way.status() && record.doc.resolved.as_ref() == Some(&way.resolution());
            let is_new = last.is_some() && ends_so;
            let (ses_id, ticket) = (ses_id.to_owned(), record.doc.ticket);
            return Ok(Resolved { ses_id, status, ticket, is_new });
        }
        let resolving = Resolving { env, way, record, status };
        match resolving.carry_out().await {
            Ok(resolved) => return Ok(resolved),
            Err(failure) if failure.is_retryable() => last = Some(failure),
            Err(failure) => return Err(failure),
        }
    }
    Err(last.unwrap_or_else(|| Failure::Retryable("somebody else was faster".to_owned())))
}

/// The mail is there, so what was not found is the ticket that the desk named.
fn names_no_ticket(failure: Failure) -> Failure {
    match failure {
        Failure::NotFound => {
            let problem = "no hay un ticket con esa referencia";
            Failure::Invalid(vec![InputFault::new("ticket", problem)])
        }
        failure @ (Failure::Refused(_)
        | Failure::Invalid(_)
        | Failure::KeyReused
        | Failure::Retryable(_)
        | Failure::Fault(_)) => failure,
    }
}

/// One mail that is being resolved.
struct Resolving<'a, E> {
    env: &'a E,
    way: &'a Way<'a>,
    record: Stored<InboundRecord>,
    status: MailStatus,
}

impl<E: Env> Resolving<'_, E> {
    async fn carry_out(&self) -> Result<Resolved, Failure> {
        let doc = &self.record.doc;
        let ticket = match self.way {
            Way::Confirm { spoc, at, .. } => return self.counts_as_his(spoc, *at).await,
            Way::Release { desk } => {
                let spoc = doc.spoc.clone().ok_or(Failure::NotFound)?;
                return self.counts_as_his(&spoc, desk.at).await;
            }
            Way::Adopt { spoc, at, .. } => Some(self.adopted(spoc, *at).await?),
            Way::AdoptFor { spoc, desk } => Some(self.adopted(spoc, desk.at).await?),
            Way::Link { desk, ticket } => {
                Some(self.linked(desk, ticket).await.map_err(names_no_ticket)?)
            }
            Way::Discard { .. } | Way::Lapse { .. } | Way::Superseded { .. } => {
                self.ends().await?;
                None
            }
        };
        Ok(self.resolved(self.way.status(), ticket))
    }

    /// It is his request, or his answer, from now on.
    async fn adopted(&self, spoc: &SpocId, at: Instant) -> Result<TicketRef, Failure> {
        let letter = self.letter(spoc, at, None).await?;
        let entry = self.entry(self.way.status());
        match &self.record.doc.thread {
            Some(thread) => letter.reply(self.env, &thread.ticket, &entry).await,
            None => letter.open(self.env, spoc, None, &entry).await,
        }
    }

    fn resolved(&self, status: MailStatus, ticket: Option<TicketRef>) -> Resolved {
        let ses_id = self.record.doc.ses_id.clone();
        Resolved { ses_id, status, ticket, is_new: true }
    }

    /// The mail counts as that of the SPoC whom it claims. In time it counts from its receipt, as an
    /// answer or as a request; later it is a new request of now (M1a).
    async fn counts_as_his(&self, spoc: &SpocId, at: Instant) -> Result<Resolved, Failure> {
        let doc = &self.record.doc;
        let late = doc.lapses_at.is_some_and(|lapses_at| lapses_at <= at);
        let (received_at, confirmation) =
            if late { (at, None) } else { (doc.received_at, self.confirmation(at).await?) };
        let letter = self.letter(spoc, received_at, confirmation).await?;
        let entry = self.entry(self.way.status()).listing(&letter.copies.others);
        let thread = doc.thread.as_ref().map(|thread| thread.ticket.clone());
        let answer = match thread {
            Some(ticket) if !late => letter.reply(self.env, &ticket, &entry).await,
            continues => letter.open(self.env, spoc, continues, &entry).await,
        };
        match answer {
            Ok(ticket) => Ok(self.resolved(self.way.status(), Some(ticket))),
            // It is his, but he may not open a ticket: it waits for somebody who may (1.2a).
            Err(Failure::Refused(Refusal { code: RefusalCode::NotAuthorised, .. })) => {
                self.waits_for_adoption(at).await
            }
            Err(failure) => Err(failure),
        }
    }

    /// From the sending of the question on the wait is a pause (M1a, G15). A question that was never
    /// sent kept nobody waiting.
    async fn confirmation(&self, at: Instant) -> Result<Option<Confirmation>, Failure> {
        let doc = &self.record.doc;
        let (Some(asked_at), Some(expires_at)) = (doc.asked_at, doc.lapses_at) else {
            return Ok(None);
        };
        let (Some(client), Some(spoc), Some(from)) = (&doc.client, &doc.spoc, &doc.from) else {
            return Ok(None);
        };
        let address = mail::Address::parse(&from.address);
        let address = address.map_err(|error| Failure::Fault(error.to_string()))?;
        let pk = keys::address(&crate::addresses::Codes::read(self.env).await?.of(&address));
        let notice = hold::question_notice(client, spoc, asked_at, expires_at);
        let key = keys::notice(&pk, &notice.id(&pk));
        let Some(item) = self.env.store().get(&key).await? else { return Ok(None) };
        let accepted_at = Stored::<NoticeRecord>::read(&item)?.doc.accepted_at;
        Ok(accepted_at.map(|asked_at| Confirmation { asked_at, confirmed_at: at }))
    }

    async fn waits_for_adoption(&self, at: Instant) -> Result<Resolved, Failure> {
        let client = self.record.doc.client.as_ref().ok_or(Failure::NotFound)?;
        let file = client::load(self.env, client).await?.ok_or(Failure::NotFound)?;
        let agreement = file.in_force(self.env, at).await?;
        let lapses_at =
            domain::inbound::adoption_ends_at(at, &agreement.terms, &agreement.calendar);
        let lapses_at = lapses_at.map_err(hold::out_of_calendar)?;
        let mut record = self.record.clone();
        record.doc.lapses_at = Some(lapses_at);
        record.doc.asked_at = None;
        let status = MailStatus::HeldColleague;
        let (mut writes, _) = hold::in_digest(self.env, &file, &record.doc.ses_id, at).await?;
        let item = inbound_item(&record, status, self.env.settings().write_schema)?;
        writes.push(Write::Put { item, when: Condition::RevisionIs(record.rev) });
        self.env.store().commit(&Commit { writes }).await?;
        Ok(self.resolved(status, None))
    }

    /// The mail goes to a ticket that the desk names.
    async fn linked(&self, desk: &Desk<'_>, ticket: &TicketRef) -> Result<TicketRef, Failure> {
        let doc = &self.record.doc;
        if doc.client.as_ref().is_some_and(|client| *client != ticket.client()) {
            let why = "el mensaje es de otro cliente: su contenido no puede llegar a este ticket";
            return Err(Failure::Refused(Refusal::new(RefusalCode::NotAuthorised, "13", why)));
        }
        let own = doc.client.is_some();
        if let Some(spoc) = doc.spoc.as_ref().filter(|_| own && claims_spoc(doc)) {
            let confirmation = self.confirmation(desk.at).await?;
            let letter = self.letter(spoc, doc.received_at, confirmation).await?;
            let entry = self.entry(self.way.status()).listing(&letter.copies.others);
            return letter.reply(self.env, ticket, &entry).await;
        }
        let words = tickets::request_text(&doc.subject, &self.words().await?);
        let text = texts::salted(self.env, words).by_mail(&doc.subject);
        let digest = text.digest.clone();
        let machine = doc.finding.as_ref().is_some_and(|it| it.class == Class::Automatic);
        let received_at = doc.received_at;
        let command = if machine {
            Command::MailNoted { received_at, mail: NotedMail::Automatic, text: digest }
        } else {
            Command::Desk(DeskAct::Note { text: digest })
        };
        let Entry { mail, also, .. } = self.entry(self.way.status());
        let act = Act {
            by: Actor::Staff(desk.member.clone()),
            texts: vec![text.with(self.files().await?)],
            also,
            mail: Some(mail),
            ..Act::system(ticket.clone(), command)
        };
        execute::execute(self.env, &act).await?;
        Ok(ticket.clone())
    }

    /// The mail waits no longer, and nothing becomes of it; nor does the closing of its ticket wait.
    async fn ends(&self) -> Result<(), Failure> {
        let Entry { mail, .. } = self.entry(self.way.status());
        let schema = self.env.settings().write_schema;
        let item = inbound_item(&mail.record, mail.status, schema)?;
        let write = Write::Put { item, when: Condition::RevisionIs(self.record.rev) };
        let doc = &self.record.doc;
        let Some(thread) = doc.thread.as_ref().filter(|_| self.status.is_held()) else {
            return Ok(self.env.store().commit(&Commit { writes: vec![write] }).await?);
        };
        let command = Command::UnblockClosing { received_at: doc.received_at };
        let by = self.way.resolution().by;
        let act = Act { by, also: vec![write], ..Act::system(thread.ticket.clone(), command) };
        execute::execute(self.env, &act).await.map(|_| ())
    }

    async fn letter(
        &self,
        spoc: &SpocId,
        received_at: Instant,
        confirmation: Option<Confirmation>,
    ) -> Result<Letter, Failure> {
        let doc = &self.record.doc;
        let client = doc.client.clone().ok_or(Failure::NotFound)?;
        let (actor, raw) = (self.way.resolution().by, self.raw().await?);
        Ok(Letter {
            copies: self.copies(&client, &raw).await?,
            client,
            by: Writer::Spoc(spoc.clone()),
            actor,
            received_at,
            subject: doc.subject.clone(),
            text: self.words().await?,
            files: files::stored(self.env, &doc.ses_id, &raw).await?,
            held_since: Some(doc.received_at),
            confirmation,
            acknowledged: true,
        })
    }

    /// The record as it will be.
    fn entry(&self, status: MailStatus) -> Entry {
        let mut record = self.record.clone();
        record.doc.resolved = Some(self.way.resolution());
        if let Way::Superseded { by, .. } = self.way {
            record.doc.same_as = Some(by.clone());
        }
        if matches!(status, MailStatus::Confirmed | MailStatus::Adopted | MailStatus::Released) {
            // Its text lies with the ticket from now on.
            record.doc.words = None;
            record.doc.files.clear();
        }
        Entry { mail: MailEntry { record, status }, also: Vec::new(), acknowledgement: None }
    }

    /// Whom it brings along, now that it is a SPoC's own (1.5). Who adopts a colleague's message did not
    /// choose whom that was copied to.
    async fn copies(&self, client: &ClientId, raw: &[u8]) -> Result<Copies, Failure> {
        let is_his = match self.way {
            Way::Confirm { .. } | Way::Release { .. } | Way::Link { .. } => true,
            Way::Adopt { .. }
            | Way::AdoptFor { .. }
            | Way::Discard { .. }
            | Way::Lapse { .. }
            | Way::Superseded { .. } => false,
        };
        let (true, Ok(mail)) = (is_his, mail::inbound::parse(raw)) else {
            return Ok(Copies::default());
        };
        let codes = crate::addresses::Codes::read(self.env).await?;
        let author = mail.author.mailbox().map(|it| &it.address);
        copies::read(self.env, &codes, client, author, &mail.cc).await
    }

    /// Its parts, which are stored apart now.
    async fn files(&self) -> Result<Vec<Attachment>, Failure> {
        files::stored(self.env, &self.record.doc.ses_id, &self.raw().await?).await
    }

    /// The mail as it came; nothing where it is kept no more.
    async fn raw(&self) -> Result<Vec<u8>, Failure> {
        let ses_id = self.record.doc.ses_id.as_str();
        for folder in [DONE, INBOUND, POISON] {
            let raw = self.env.blobs().get(&format!("{folder}{ses_id}")).await;
            let raw = raw.map_err(|error| Failure::Retryable(error.to_string()))?;
            if let Some(raw) = raw {
                return Ok(raw);
            }
        }
        Ok(Vec::new())
    }

    async fn words(&self) -> Result<String, Failure> {
        Ok(super::words(self.env, &self.record.doc).await?.unwrap_or_default())
    }
}
