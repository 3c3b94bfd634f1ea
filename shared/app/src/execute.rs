//! The one way in which a ticket changes: load, decide, commit, and again on conflict (A3).

mod agreements;
mod merging;

use std::collections::BTreeMap;

use domain::agreement::Agreement;
use domain::ticket::{self, Command, Content, Decision, DeskAct, Refusal, RefusalCode, View};
use domain::{Actor, Instant, StaffMember, TicketRef};

pub use self::merging::{MergeAct, merge};

use self::agreements::{agreement_of, fresh_agreement, offers_stopped, reactivations, receipts};
use crate::attempts::{self, Planned, Plans, Sealed};
use crate::client::{self, ClientFile};
use crate::codec::Stored;
use crate::commit::{Commit, Condition, WRITES_MAX, Write};
use crate::failure::Failure;
use crate::idempotency::Once;
use crate::item::Item;
use crate::keys;
use crate::ports::{Blobs, Clock, Env, Store};
use crate::records::{
    Events, Head, InboundRecord, MailStatus, NoticeRecord, NoticeStatus, NoticeSubject, Salted,
    Text, Wake, head_item, inbound_item, notice_item, notice_key,
};

/// Texts larger than this lie in a blob, in bytes.
pub const INLINE_TEXT_BYTES_MAX: usize = 32 * 1024;

/// An act on a ticket that exists.
pub struct Act {
    /// Which ticket.
    pub reference: TicketRef,
    /// What.
    pub command: Command,
    /// Who.
    pub by: Actor,
    /// The texts whose digests the command carries.
    pub texts: Vec<Salted>,
    /// What else is written in the same transaction.
    pub also: Vec<Write>,
    /// The request that is marked as made in the same transaction, with the number of its event.
    pub once: Option<Once>,
    /// The mail that is the act, whose record is written in the same transaction (G10).
    pub mail: Option<MailEntry>,
    /// The cycle that the act is about; in any other one it is refused (9.0).
    pub only_in: Option<u32>,
}

/// The record of a mail that becomes an event of a ticket.
#[derive(Debug, Clone)]
pub struct MailEntry {
    /// The record, without ticket and number.
    pub record: Stored<InboundRecord>,
    /// What becomes of it.
    pub status: MailStatus,
}

impl MailEntry {
    /// The write of the record, once it is known which event of which ticket carries the mail's text.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn write(
        &self,
        reference: &TicketRef,
        seq: Option<u32>,
        schema: u16,
    ) -> Result<Write, Failure> {
        let mut record = self.record.clone();
        record.doc.ticket = Some(reference.clone());
        record.doc.seq = seq;
        let item = inbound_item(&record, self.status, schema)?;
        Ok(Write::Put { item, when: Condition::unchanged(record.rev) })
    }
}

impl Act {
    /// An act of the system itself, without texts.
    #[must_use]
    pub fn system(reference: TicketRef, command: Command) -> Self {
        Self {
            reference,
            command,
            by: Actor::System,
            texts: Vec::new(),
            also: Vec::new(),
            once: None,
            mail: None,
            only_in: None,
        }
    }

    /// An act of the desk.
    #[must_use]
    pub fn desk(reference: TicketRef, act: DeskAct, by: StaffMember, texts: Vec<Salted>) -> Self {
        let command = Command::Desk(act);
        let by = Actor::Staff(by);
        Self {
            reference,
            command,
            by,
            texts,
            also: Vec::new(),
            once: None,
            mail: None,
            only_in: None,
        }
    }

    /// What is written besides the decision, whose first event is `first`.
    fn also<E: Env>(
        &self,
        env: &E,
        first: Option<u32>,
        decision: &Decision,
    ) -> Result<Vec<Write>, Failure> {
        let mut also = self.also.clone();
        let schema = env.settings().write_schema;
        if let Some(once) = &self.once {
            also.push(once.mark(&self.reference, first, env.clock().now(), schema)?);
        }
        if let Some(mail) = &self.mail {
            let text = self.texts.first().map(|text| &text.digest);
            let mut carries = decision.events.iter().filter(|event| event.fact.text() == text);
            let seq = carries.next().filter(|_| text.is_some()).map(|event| event.seq);
            also.push(mail.write(&self.reference, seq, schema)?);
        }
        Ok(also)
    }
}

/// What an act did.
#[derive(Debug)]
pub struct Done {
    /// The ticket as it is now.
    pub head: Head,
    /// Number of the first event of the act; none when nothing changed.
    pub first: Option<u32>,
    /// The agreement of its current cycle.
    pub agreement: Agreement,
}

/// A ticket as it is loaded for an act.
#[derive(Debug)]
pub struct Loaded {
    /// The head.
    pub head: Stored<Head>,
    /// The client.
    pub file: ClientFile,
    /// Agreements of the current cycle and of the one before.
    pub pinned: Vec<Agreement>,
}

/// Loads a ticket with its client and agreements.
///
/// # Errors
/// [`Failure::NotFound`] when there is no such ticket; what the store says otherwise.
pub async fn load<E: Env>(env: &E, reference: &TicketRef) -> Result<Loaded, Failure> {
    let item = env.store().get(&keys::head(reference)).await?.ok_or(Failure::NotFound)?;
    load_with(env, &item).await
}

/// Loads the client and the agreements of a ticket whose head has been read.
///
/// # Errors
/// What the store says.
pub async fn load_with<E: Env>(env: &E, head: &Item) -> Result<Loaded, Failure> {
    let head = Stored::<Head>::read(head)?;
    let opened = &head.doc.ticket.opened;
    let file = client::load(env, &opened.client).await?.ok_or_else(|| {
        let reference = &opened.reference;
        Failure::Fault(format!("ticket {reference} belongs to a client that does not exist"))
    })?;
    let mut pinned = vec![file.pinned(env, &head.doc.ticket.cycle.pinned).await?];
    if let Some(before) = &head.doc.ticket.before {
        pinned.push(file.pinned(env, &before.pinned).await?);
    }
    Ok(Loaded { head, file, pinned })
}

/// Carries out an act: loads, decides, commits; again when somebody else was faster.
///
/// # Errors
/// What the rules say ([`Failure::Refused`]), or what the store says. When a write of `also` does not
/// hold, [`Failure::Retryable`] after the attempts are used up: callers look at their own item first.
pub async fn execute<E: Env>(env: &E, act: &Act) -> Result<Done, Failure> {
    execute_on(env, act, None).await
}

/// The same on a ticket that has been loaded already. The commit holds only if the head is still the
/// one that was loaded; otherwise it is loaded again.
///
/// # Errors
/// As [`execute()`].
pub async fn execute_on<E: Env>(
    env: &E,
    act: &Act,
    loaded: Option<Loaded>,
) -> Result<Done, Failure> {
    attempts::carry_out(env, &mut OnTicket { env, act, loaded }).await
}

/// An act on a ticket, to be planned until it is committed.
struct OnTicket<'a, E> {
    env: &'a E,
    act: &'a Act,
    loaded: Option<Loaded>,
}

impl<E: Env> Plans for OnTicket<'_, E> {
    type Done = Done;

    async fn plan(&mut self, unknown: Option<&Sealed>) -> Result<Planned<Done>, Failure> {
        let Self { env, act, loaded } = self;
        let loaded = match loaded.take() {
            Some(loaded) => loaded,
            None => load(*env, &act.reference).await?,
        };
        if let Some(sealed) = unknown
            && happened(*env, &loaded, sealed).await?
        {
            let agreement = loaded.pinned[0].clone();
            let first = Some(sealed.first);
            return Ok(Planned::Nothing(Done { head: loaded.head.doc, first, agreement }));
        }
        let (decision, agreement) = preview(*env, &loaded, act).await?;
        let before = loaded.head.doc.ticket.seq;
        let first = (!decision.links.is_empty()).then_some(before + 1);
        let own = act.also(*env, first, &decision)?;
        if decision.links.is_empty() && own.is_empty() {
            let done = Done { head: loaded.head.doc, first: None, agreement };
            return Ok(Planned::Nothing(done));
        }
        // Only now: a ticket that is not there, or an act that is refused, leaves no text behind.
        store_large_texts(*env, &act.reference, &act.texts).await?;
        let sealed = first.map(|first| Sealed { first, links: decision.links.clone() });
        let plan = Plan { env: *env, texts: &act.texts, by: &act.by, file: &loaded.file };
        let (commit, head) = plan.commit(loaded.head, decision, &agreement, &own).await?;
        let done = Done { head, first, agreement };
        Ok(Planned::Commit { commit, also: own.len(), sealed, done })
    }
}

/// What an act would do now, without doing it: the ticket as it would be, what would be told, and the
/// agreement of its cycle then. [`execute()`] commits this; people are shown it before they decide (G14).
///
/// # Errors
/// What the rules say ([`Failure::Refused`]), or what the store says.
pub async fn preview<E: Env>(
    env: &E,
    loaded: &Loaded,
    act: &Act,
) -> Result<(Decision, Agreement), Failure> {
    let ticket = &loaded.head.doc.ticket;
    if act.only_in.is_some_and(|cycle| cycle != ticket.cycle.number) {
        let why = "el ticket siguió adelante después de este aviso, que ya no corresponde";
        return Err(Failure::Refused(Refusal::new(RefusalCode::Nothing, "9.0", why)));
    }
    let now = env.clock().now();
    let fresh = fresh_agreement(env, loaded, &act.command).await?;
    let receipts = receipts(ticket, &act.command);
    let reactivations = reactivations(env, &loaded.file, &receipts, now).await?;
    let scene = ticket::Scene {
        now,
        fresh: &fresh,
        pinned: &loaded.pinned,
        reactivations: &reactivations,
        gate: &loaded.file.gate,
        spocs: &loaded.file.spocs,
        offers_stopped: offers_stopped(env, loaded, &act.command).await?,
    };
    let decision = ticket::decide(&scene, ticket, act.command.clone(), act.by.clone())?;
    let known = loaded.pinned.iter().chain(reactivations.iter().map(|(_, agreement)| agreement));
    let agreement = agreement_of(&decision.ticket, known, &fresh);
    Ok((decision, agreement))
}

/// Whether a commit whose outcome was unknown did happen: then its events lie in the ticket.
async fn happened<E: Env>(env: &E, loaded: &Loaded, sealed: &Sealed) -> Result<bool, Failure> {
    let ticket = &loaded.head.doc.ticket;
    if ticket.seq < sealed.first {
        return Ok(false);
    }
    let key = keys::events(&ticket.opened.reference, sealed.first);
    let Some(item) = env.store().get(&key).await? else { return Ok(false) };
    Ok(Stored::<Events>::read(&item)?.doc.links == sealed.links)
}

/// A request to be registered, with everything that goes into the same transaction.
pub struct Opening<'a> {
    /// The client.
    pub file: &'a ClientFile,
    /// The request.
    pub request: ticket::Open,
    /// Who registers it.
    pub by: Actor,
    /// Its subject, cleaned and cut.
    pub subject: String,
    /// The texts whose digests the request carries.
    pub texts: &'a [Salted],
    /// What else is written.
    pub also: &'a [Write],
    /// Whether the opener is sent the acknowledgement: not where he has had as many automatic answers
    /// as there may be (M5).
    pub acknowledged: bool,
}

/// Registers a request.
///
/// # Errors
/// What the rules or the store say; [`Failure::Retryable`] when a condition did not hold.
pub async fn open<E: Env>(env: &E, opening: Opening<'_>) -> Result<Done, Failure> {
    let Opening { file, request, by, subject, texts, also, acknowledged } = opening;
    let at = request.received_at;
    let now = env.clock().now();
    let fresh = file.in_force(env, at).await?;
    let reactivations = reactivations(env, file, &[at], now).await?;
    // Whether offers are stopped matters only where the rules make one.
    let (from, agreement) = reactivations.first().map_or((at, &fresh), |(at, known)| (*at, known));
    let offer = domain::same_day::offer(from, &agreement.terms, &agreement.calendar).ok().flatten();
    let offers_stopped = match offer {
        Some(_) => client::offers_stopped(env, from.date()).await?,
        None => false,
    };
    let scene = ticket::Scene {
        now,
        fresh: &fresh,
        pinned: &[],
        reactivations: &reactivations,
        gate: &file.gate,
        spocs: &file.spocs,
        offers_stopped,
    };
    let reference = request.reference.clone();
    let mut decision = ticket::open(&scene, request, by.clone())?;
    store_large_texts(env, &reference, texts).await?;
    if !acknowledged {
        let is_answer = |it: &Content| matches!(it, Content::Acknowledgement { .. });
        decision.notices.retain(|notice| !is_answer(&notice.content));
    }
    let wake = Wake::default();
    let head = Stored::new(Head { ticket: decision.ticket.clone(), subject, wake });
    let plan = Plan { env, texts, by: &by, file };
    let known = reactivations.iter().map(|(_, agreement)| agreement);
    let agreement = agreement_of(&decision.ticket, known, &fresh);
    let (commit, head) = plan.commit(head, decision, &agreement, also).await?;
    env.store().commit(&commit).await?;
    Ok(Done { head, first: Some(1), agreement })
}

async fn store_large_texts<E: Env>(
    env: &E,
    reference: &TicketRef,
    texts: &[Salted],
) -> Result<(), Failure> {
    for text in texts.iter().filter(|text| text.text.len() > INLINE_TEXT_BYTES_MAX) {
        let key = blob_key(reference, text);
        let put = env.blobs().put(&key, text.text.as_bytes()).await;
        put.map_err(|error| Failure::Retryable(error.to_string()))?;
    }
    Ok(())
}

fn blob_key(reference: &TicketRef, text: &Salted) -> String {
    format!("texts/{reference}/{}", text.digest.as_str())
}

/// Turns a decision into one commit.
struct Plan<'a, E> {
    env: &'a E,
    texts: &'a [Salted],
    by: &'a Actor,
    file: &'a ClientFile,
}

impl<E: Env> Plan<'_, E> {
    async fn commit(
        &self,
        mut head: Stored<Head>,
        decision: Decision,
        agreement: &Agreement,
        also: &[Write],
    ) -> Result<(Commit, Head), Failure> {
        let schema = self.env.settings().write_schema;
        let reference = decision.ticket.opened.reference.clone();
        let mut writes = Vec::new();
        if !decision.links.is_empty() {
            let wake = wake_of(&decision, agreement, self.env.clock().now())?;
            let condition = Condition::unchanged(head.rev);
            self.add_events(&mut writes, &reference, &decision, schema)?;
            self.add_notices(&mut writes, &reference, &decision, schema).await?;
            if decision.events.iter().any(|event| event.fact.depends_on_standing()) {
                let key = keys::gate(&decision.ticket.opened.client);
                let when = Condition::GateRevIs(self.file.gate.rev);
                writes.push(Write::Check { key, when });
            }
            head.doc.wake = wake;
            head.doc.ticket = decision.ticket;
            let item = head_item(&head, schema)?;
            writes.insert(0, Write::Put { item, when: condition });
        }
        writes.extend(also.iter().cloned());
        if writes.len() > WRITES_MAX {
            return Err(Failure::Fault(format!("an act of {} writes", writes.len())));
        }
        Ok((Commit { writes }, head.doc))
    }

    fn add_events(
        &self,
        writes: &mut Vec<Write>,
        reference: &TicketRef,
        decision: &Decision,
        schema: u16,
    ) -> Result<(), Failure> {
        let Some(first) = decision.events.first().map(|event| event.seq) else { return Ok(()) };
        let mut texts = BTreeMap::new();
        for event in &decision.events {
            let Some(digest) = event.fact.text() else { continue };
            // A text that an earlier event carried already, such as that of an approved proposal.
            let Some(salted) = self.texts.iter().find(|text| text.digest == *digest) else {
                continue;
            };
            let large = salted.text.len() > INLINE_TEXT_BYTES_MAX;
            let text = Text {
                salt: salted.salt(),
                text: (!large).then(|| salted.text.clone()),
                blob: large.then(|| blob_key(reference, salted)),
                by: self.by.clone(),
                at: event.at,
                attachments: salted.attachments.clone(),
            };
            texts.insert(event.seq, text);
        }
        let events = Stored::new(Events { links: decision.links.clone(), texts });
        let item = events.item(keys::events(reference, first), schema)?;
        writes.push(Write::Put { item, when: Condition::Absent });
        Ok(())
    }

    async fn add_notices(
        &self,
        writes: &mut Vec<Write>,
        reference: &TicketRef,
        decision: &Decision,
        schema: u16,
    ) -> Result<(), Failure> {
        let recorded_at = self.env.clock().now();
        for notice in &decision.notices {
            let key = notice_key(reference, notice);
            // Only a notice of the client may have been recorded before, by another of his tickets.
            if notice.is_of_client() && self.env.store().get(&key).await?.is_some() {
                continue;
            }
            let subject =
                NoticeSubject::Ticket { reference: reference.clone(), notice: notice.clone() };
            let record = Stored::new(NoticeRecord::new(subject, recorded_at));
            let status = NoticeStatus::Pending;
            let item = notice_item(&record, key, status, Some(recorded_at), schema)?;
            writes.push(Write::Put { item, when: Condition::Absent });
        }
        Ok(())
    }
}

/// The due entry of a ticket: its wake-ups, and what the work list sorts by.
fn wake_of(decision: &Decision, agreement: &Agreement, now: Instant) -> Result<Wake, Failure> {
    let ticket = &decision.ticket;
    let view = View::current(ticket, agreement);
    let targets = view.clocks(now)?.into_iter().filter(|clock| clock.misses_at.is_some());
    let mut next: Vec<_> = targets.filter_map(|clock| clock.target.target).collect();
    next.extend(view.reply_clock()?.and_then(|clock| clock.target.target));
    let open = ticket.cycle.closure.is_none();
    let next = next.into_iter().min().filter(|_| open);
    Ok(Wake { attention: decision.timers.attention, closing: decision.timers.closing, next })
}
