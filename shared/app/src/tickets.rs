//! Use cases of a ticket: open, act, read.

mod whole;

use domain::ticket::{
    ActKind, AddedParticipant, Channel, Command, Declaration, DeskAct, Open, Refusal, RefusalCode,
    SpocAct, Written,
};
use domain::{Actor, ClientId, Instant, ModuleName, ParticipantId, SpocId, StaffMember, TicketRef};
use mail::Address;

use crate::attachments::Files;
use crate::client;
use crate::codec::Stored;
use crate::commit::Write;
use crate::execute::{self, Act, Done, MergeAct, Opening};
use crate::failure::Failure;
use crate::idempotency::Once;
use crate::item::{Key, Page};
use crate::keys;
use crate::ports::{Clock, Entropy, Env, Query, Store};
use crate::records::{Head, Idempotent, NoticeRecord, Salted};
use crate::texts;

pub use whole::{Whole, earlier_cycles, whole};

/// A reference is drawn so often before the draw is given up.
const DRAWS_MAX: u32 = 4;
/// A list shows at most so many tickets on a page.
pub const LIST_PAGE_MAX: u32 = 50;

/// A request to be opened, as it was received.
#[derive(Clone)]
pub struct NewTicket {
    /// Whose.
    pub client: ClientId,
    /// The SPoC who asks.
    pub opener: SpocId,
    /// Receipt (G2).
    pub received_at: Instant,
    /// How it came.
    pub channel: Channel,
    /// Subject, cleaned.
    pub subject: String,
    /// Description.
    pub text: String,
    /// Odoo module.
    pub module: Option<ModuleName>,
    /// Declared critical: operation and whether it is fully blocked, with its own words.
    pub critical: Option<NewDeclaration>,
    /// The closed ticket that it continues.
    pub continues: Option<TicketRef>,
    /// Files that come with its text.
    pub files: Files,
}

/// A declaration of criticality as it was received.
#[derive(Clone)]
pub struct NewDeclaration {
    /// What is blocked.
    pub operation: domain::ticket::EssentialOperation,
    /// It is fully blocked.
    pub fully_blocked: bool,
    /// In the client's words.
    pub description: Option<String>,
}

/// Registers a request, once per Idempotency-Key.
///
/// # Errors
/// What the rules, the input or the store say.
pub async fn open<E: Env>(
    env: &E,
    new: &NewTicket,
    by: Actor,
    mut once: Option<Once>,
) -> Result<Applied, Failure> {
    let mut draft = Draft::new(env, new);
    for _ in 0..DRAWS_MAX {
        let file = client::load(env, &new.client).await?.ok_or(Failure::NotFound)?;
        let mut also = new.files.ties.clone();
        if let Some(once) = &once {
            let schema = env.settings().write_schema;
            also.push(once.mark(&draft.reference, Some(1), env.clock().now(), schema)?);
        }
        let opening = Opening {
            file: &file,
            request: draft.request(new),
            by: by.clone(),
            subject: new.subject.clone(),
            texts: std::slice::from_ref(&draft.text),
            also: &also,
            acknowledged: true,
        };
        let answer = execute::open(env, opening).await;
        let Err(failure) = answer else { return Ok(Applied::opened(draft.reference)) };
        if let Some(once) = &mut once
            && let Some(made) = once.made(env).await?
        {
            return Ok(Applied::before(made));
        }
        if !failure.is_retryable() {
            return Err(failure);
        }
        // Perhaps it was written after all, or the reference is somebody else's: then a new draw.
        if let Some(text) = texts::of_event(env, &draft.reference, 1).await? {
            if text.salt == draft.text.salt() {
                return Ok(Applied::opened(draft.reference));
            }
            draft = Draft::new(env, new);
        }
        new.files.still_free(env).await?;
    }
    Err(Failure::Retryable(format!("the opening did not go through {DRAWS_MAX} times")))
}

/// What is drawn for an opening: its reference and the salt of its text.
struct Draft {
    reference: TicketRef,
    text: Salted,
}

impl Draft {
    fn new<E: Env>(env: &E, new: &NewTicket) -> Self {
        let text = texts::salted(env, full_text(new)).with(new.files.attachments.clone());
        Self { reference: draw(env, &new.client), text }
    }

    fn request(&self, new: &NewTicket) -> Open {
        let text = &self.text.digest;
        Open {
            reference: self.reference.clone(),
            client: new.client.clone(),
            received_at: new.received_at,
            channel: new.channel,
            opener: new.opener.clone(),
            module: new.module.clone(),
            text: text.clone(),
            critical: new.critical.as_ref().map(|it| Declaration {
                operation: it.operation,
                fully_blocked: it.fully_blocked,
                text: it.description.as_ref().map(|_| text.clone()),
            }),
            continues: new.continues.clone(),
            held_since: None,
            confirmation: None,
            participants: Vec::new(),
            followers: Vec::new(),
        }
    }
}

/// Subject and description as one text; the words of a declaration stand below.
fn full_text(new: &NewTicket) -> String {
    let text = request_text(&new.subject, &new.text);
    let described = new.critical.as_ref().and_then(|it| it.description.as_deref());
    match described {
        Some(described) => format!("{text}\n\n{described}"),
        None => text,
    }
}

/// Subject and description as the one text of a request.
pub(crate) fn request_text(subject: &str, text: &str) -> String {
    format!("{subject}\n\n{text}")
}

/// Draws a reference for a client's ticket.
pub(crate) fn draw<E: Env>(env: &E, client: &ClientId) -> TicketRef {
    let mut drawn = [0_u8; domain::ids::REFERENCE_SYMBOLS];
    env.entropy().fill(&mut drawn);
    client.reference(drawn)
}

/// An act of a SPoC on a ticket of his client, once per Idempotency-Key.
#[derive(Clone)]
pub struct SpocCall {
    /// Whose.
    pub client: ClientId,
    /// Who.
    pub spoc: SpocId,
    /// Which ticket.
    pub reference: TicketRef,
    /// Receipt.
    pub received_at: Instant,
    /// What.
    pub act: SpocVerb,
    /// Files that come with its text.
    pub files: Files,
}

/// What a SPoC asks, with its words.
#[derive(Clone)]
pub enum SpocVerb {
    /// Answer.
    Write {
        /// His words; none for a button without words.
        text: Option<String>,
        /// It still fails.
        still_fails: bool,
    },
    /// Accept the same day.
    AcceptSameDay,
    /// Decline it.
    DeclineSameDay,
    /// Accept the emergency's cost.
    AcceptEmergencyCost,
    /// Declare critical.
    DeclareCritical(NewDeclaration),
    /// Confirm the solution.
    Confirm,
    /// Withdraw.
    Withdraw,
}

/// What became of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The ticket that was changed: another one when a late answer opened a new ticket (9.7).
    pub reference: TicketRef,
    /// Number of the event; none when nothing changed.
    pub seq: Option<u32>,
    /// The same request had been carried out before, and was not again.
    pub replayed: bool,
}

impl Applied {
    fn opened(reference: TicketRef) -> Self {
        Self { reference, seq: Some(1), replayed: false }
    }

    fn before(made: Idempotent) -> Self {
        Self { reference: made.reference, seq: made.seq, replayed: true }
    }
}

/// Carries out an act of a SPoC. An answer to a ticket that can no longer be reopened opens a new one
/// that says which it continues (9.7).
///
/// # Errors
/// What the rules, the input or the store say; a ticket of another client is [`Failure::NotFound`].
pub async fn spoc_act<E: Env>(
    env: &E,
    call: &SpocCall,
    mut once: Option<Once>,
) -> Result<Applied, Failure> {
    if call.reference.client() != call.client {
        return Err(Failure::NotFound);
    }
    let mut call = call.clone();
    loop {
        let mut texts = Vec::new();
        let act = spoc_command(env, &call.act, &mut texts);
        let command = Command::Spoc { by: call.spoc.clone(), received_at: call.received_at, act };
        let by = Actor::Spoc(call.spoc.clone());
        let reference = call.reference.clone();
        let also = call.files.tie(&mut texts);
        let act = Act { by, texts, also, ..Act::system(reference, command) };
        match run(env, act, &mut once, &call.files).await {
            Err(Failure::Refused(Refusal { code: RefusalCode::WindowPassed, .. })) => {
                return continue_in_new(env, &call, once).await;
            }
            // What is said to a ticket that was merged belongs to the one that stayed (4.5).
            Err(Failure::Refused(Refusal { code: RefusalCode::Merged, .. })) => {
                call.reference = survivor(env, &call.reference).await?;
            }
            answer => return answer,
        }
    }
}

/// The ticket in which one that was merged goes on (4.5).
pub(crate) async fn survivor<E: Env>(env: &E, merged: &TicketRef) -> Result<TicketRef, Failure> {
    let item = env.store().get(&keys::head(merged)).await?.ok_or(Failure::NotFound)?;
    let survivor = Stored::<Head>::read(&item)?.doc.ticket.merged_into;
    survivor.ok_or_else(|| Failure::Retryable(format!("{merged} was merged just now")))
}

/// Merges two tickets of one client, once per Idempotency-Key; gives the one that stays (4.5).
///
/// # Errors
/// What the rules, the input or the store say.
pub async fn merge<E: Env>(
    env: &E,
    one: &TicketRef,
    other: &TicketRef,
    by: StaffMember,
    text: String,
    once: Option<Once>,
) -> Result<Applied, Failure> {
    let text = texts::salted(env, text);
    let mut act = MergeAct { one: one.clone(), other: other.clone(), text, by, once };
    let failure = match execute::merge(env, &act).await {
        Ok((reference, seq)) => return Ok(Applied { reference, seq, replayed: false }),
        Err(failure) => failure,
    };
    match &mut act.once {
        Some(once) => match once.made(env).await? {
            Some(made) => Ok(Applied::before(made)),
            None => Err(failure),
        },
        None => Err(failure),
    }
}

/// Carries out an act of the desk.
///
/// # Errors
/// What the rules, the input or the store say.
pub async fn desk_act<E: Env>(
    env: &E,
    reference: &TicketRef,
    member: StaffMember,
    verb: DeskVerb,
    files: &Files,
    mut once: Option<Once>,
) -> Result<Applied, Failure> {
    let mut texts = Vec::new();
    let act = desk_command(env, verb, &mut texts);
    let also = files.tie(&mut texts);
    let act = Act { also, ..Act::desk(reference.clone(), act, member, texts) };
    run(env, act, &mut once, files).await
}

/// What the desk asks, with its words.
#[derive(Clone)]
pub enum DeskVerb {
    /// An act with a text that the client or the desk reads.
    WithText(fn(domain::evidence::TextDigest) -> DeskAct, String),
    /// A message to the client.
    Reply(domain::ticket::ReplyKind, String),
    /// A call, a session or a visit.
    RecordAct(ActKind, Instant, Instant, String),
    /// Closing with a reason of the desk's.
    Close(domain::ticket::ClosureReason, String),
    /// An address takes part from now on, and why (1.5).
    AddParticipant {
        /// The address's id.
        id: ParticipantId,
        /// The address.
        address: Address,
        /// Why.
        reason: String,
    },
    /// An act without words.
    Plain(DeskAct),
}

fn desk_command<E: Env>(env: &E, verb: DeskVerb, texts: &mut Vec<Salted>) -> DeskAct {
    let mut keep = |text: String| {
        let text = texts::salted(env, text);
        let digest = text.digest.clone();
        texts.push(text);
        digest
    };
    match verb {
        DeskVerb::WithText(act, text) => act(keep(text)),
        DeskVerb::Reply(reply, text) => DeskAct::Reply { reply, text: keep(text) },
        DeskVerb::RecordAct(act, started_at, ended_at, text) => {
            DeskAct::RecordAct { act, started_at, ended_at, text: keep(text) }
        }
        DeskVerb::Close(reason, text) => DeskAct::Close { reason, text: keep(text) },
        DeskVerb::AddParticipant { id, address, reason } => DeskAct::AddParticipant {
            added: AddedParticipant { id, text: keep(address.to_string()) },
            reason: keep(reason),
        },
        DeskVerb::Plain(act) => act,
    }
}

pub(crate) fn spoc_command<E: Env>(env: &E, verb: &SpocVerb, texts: &mut Vec<Salted>) -> SpocAct {
    let mut keep = |text: &Option<String>| {
        let text = texts::salted(env, text.clone()?);
        let digest = text.digest.clone();
        texts.push(text);
        Some(digest)
    };
    match verb {
        SpocVerb::Write { text, still_fails } => SpocAct::Write(Written {
            text: keep(text),
            still_fails: *still_fails,
            ..Written::default()
        }),
        SpocVerb::AcceptSameDay => SpocAct::AcceptSameDay,
        SpocVerb::DeclineSameDay => SpocAct::DeclineSameDay,
        SpocVerb::AcceptEmergencyCost => SpocAct::AcceptEmergencyCost,
        SpocVerb::DeclareCritical(declaration) => SpocAct::DeclareCritical(Declaration {
            operation: declaration.operation,
            fully_blocked: declaration.fully_blocked,
            text: keep(&declaration.description),
        }),
        SpocVerb::Confirm => SpocAct::Confirm,
        SpocVerb::Withdraw => SpocAct::Withdraw,
    }
}

/// Runs an act; with a key, its mark goes into the same transaction. Whatever stands in the way of a
/// repeated request, it is answered with what it made the first time.
async fn run<E: Env>(
    env: &E,
    mut act: Act,
    once: &mut Option<Once>,
    files: &Files,
) -> Result<Applied, Failure> {
    let reference = act.reference.clone();
    let Some(once) = once else {
        let Done { first, .. } = execute::execute(env, &act).await?;
        return Ok(Applied { reference, seq: first, replayed: false });
    };
    loop {
        act.once = Some(once.clone());
        let failure = match execute::execute(env, &act).await {
            Ok(done) => return Ok(Applied { reference, seq: done.first, replayed: false }),
            Err(failure) => failure,
        };
        let lapsed = once.lapsed();
        if let Some(made) = once.made(env).await? {
            return Ok(Applied::before(made));
        }
        // A key that has lapsed stood in the way: once more, in its place.
        if lapsed || !once.lapsed() {
            if failure.is_retryable() {
                files.still_free(env).await?;
            }
            return Err(failure);
        }
    }
}

async fn continue_in_new<E: Env>(
    env: &E,
    call: &SpocCall,
    once: Option<Once>,
) -> Result<Applied, Failure> {
    let item = env.store().get(&keys::head(&call.reference)).await?.ok_or(Failure::NotFound)?;
    let before = Stored::<Head>::read(&item)?.doc;
    let text = match &call.act {
        SpocVerb::Write { text, .. } => text.clone().unwrap_or_default(),
        SpocVerb::AcceptSameDay
        | SpocVerb::DeclineSameDay
        | SpocVerb::AcceptEmergencyCost
        | SpocVerb::DeclareCritical(_)
        | SpocVerb::Confirm
        | SpocVerb::Withdraw => String::new(),
    };
    let new = NewTicket {
        client: call.client.clone(),
        opener: call.spoc.clone(),
        received_at: call.received_at,
        channel: Channel::Http,
        subject: before.subject,
        text,
        module: before.ticket.opened.module,
        critical: None,
        continues: Some(call.reference.clone()),
        files: call.files.clone(),
    };
    open(env, &new, Actor::Spoc(call.spoc.clone()), once).await
}

/// One page of a client's tickets: the open ones last received first, or the closed ones last closed first.
///
/// # Errors
/// What the store says.
pub async fn of_client<E: Env>(
    env: &E,
    client: &ClientId,
    open: bool,
    after: Option<String>,
    limit: u32,
) -> Result<Page<Head>, Failure> {
    let limit = limit.clamp(1, LIST_PAGE_MAX);
    let list = Query::new(keys::client_list(client, open), "", limit);
    let query = Query { after, newest_first: true, ..list };
    let page = env.store().list(&query).await?;
    heads(env, page).await
}

/// The ticket that continues one that could no longer be reopened (9.7), looked for among the newest
/// `limit` open and closed tickets of its client.
///
/// # Errors
/// What the store says.
pub async fn continued_by<E: Env>(
    env: &E,
    reference: &TicketRef,
    limit: u32,
) -> Result<Option<TicketRef>, Failure> {
    for open in [true, false] {
        let page = of_client(env, &reference.client(), open, None, limit).await?;
        let opened = page.items.into_iter().map(|head| head.ticket.opened);
        let mut continuing = opened.filter(|opened| opened.continues.as_ref() == Some(reference));
        if let Some(found) = continuing.next() {
            return Ok(Some(found.reference));
        }
    }
    Ok(None)
}

/// One page of the desk's work list: open tickets, by the target that draws nearest,
/// then those in which none is owed, the oldest first.
///
/// # Errors
/// What the store says.
pub async fn work<E: Env>(
    env: &E,
    after: Option<String>,
    limit: u32,
) -> Result<Page<Head>, Failure> {
    let list = Query::new(keys::DESK_OPEN, "", limit.clamp(1, LIST_PAGE_MAX));
    let page = env.store().work(&Query { after, ..list }).await?;
    heads(env, page).await
}

async fn heads<E: Env>(env: &E, page: Page<Key>) -> Result<Page<Head>, Failure> {
    let items = env.store().get_many(&page.items).await?;
    let heads: Result<Vec<_>, Failure> =
        items.iter().map(|item| Ok(Stored::<Head>::read(item)?.doc)).collect();
    Ok(Page { items: heads?, next: page.next })
}

/// One page of the notices that a person has to look at, newest first.
///
/// # Errors
/// What the store says.
pub async fn failed_notices<E: Env>(
    env: &E,
    after: Option<String>,
) -> Result<Page<(Key, NoticeRecord, String)>, Failure> {
    let list = Query::new(keys::DESK_FAILED, "", LIST_PAGE_MAX);
    let query = Query { after, newest_first: true, ..list };
    let page = env.store().list(&query).await?;
    let mut notices = Vec::new();
    for item in env.store().get_many(&page.items).await? {
        let record = Stored::<NoticeRecord>::read(&item)?;
        let status = record.status.clone().unwrap_or_default();
        notices.push((item.key, record.doc, status));
    }
    Ok(Page { items: notices, next: page.next })
}

/// Stops the desk's same-day offers for a day; those sent stand (7.6).
///
/// # Errors
/// What the store says.
pub async fn stop_offers<E: Env>(
    env: &E,
    day: domain::NaiveDate,
    member: &StaffMember,
    reason: &str,
) -> Result<(), Failure> {
    let key = keys::offers_stopped(day);
    if env.store().get(&key).await?.is_some() {
        return Ok(());
    }
    let stopped =
        OffersStopped { by: member.clone(), at: env.clock().now(), reason: reason.to_owned() };
    let item = Stored::new(stopped).item(key, env.settings().write_schema)?;
    let write = Write::Put { item, when: crate::commit::Condition::Absent };
    Ok(env.store().commit(&crate::commit::Commit { writes: vec![write] }).await?)
}

/// The desk's decision to make no more same-day offers on a day.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OffersStopped {
    /// Who.
    pub by: StaffMember,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

impl crate::codec::Document for OffersStopped {}
