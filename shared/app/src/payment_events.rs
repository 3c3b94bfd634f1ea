//! What a bank or a payment provider tells by itself: kept first, applied later (10.2, 10.4).
//!
//! `payment-webhook` keeps an event and does nothing else; it may write to no other partition. The stream
//! brings it to the relay, and the sweep finds it in the index `due` where the stream is dead. Both apply
//! it by the use cases by which the desk records a payment. An event that cannot be applied is never
//! lost (G10): it stays in a list of the desk with its reason, and is tried a limited number of times.

use domain::account::Command;
use domain::billing::Month;
use domain::terms::Centavos;
use domain::ticket::{Refusal, RefusalCode};
use domain::{Actor, ClientId, Instant, NaiveDate, StaffId, StaffMember, TimeDelta};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::account::{self, NewPayment};
use crate::auth::hex;
use crate::codec::{Document, Stored};
use crate::commit::{Commit, CommitError, Condition, Write};
use crate::failure::Failure;
use crate::item::{Item, Key, ListEntry, Page};
use crate::keys;
use crate::limits::{EVENT_BODY_BYTES_MAX, EVENT_KEPT, EVENT_RETRY, EVENT_TRIES_MAX};
use crate::ports::{Clock, Env, Query, Store};

/// Events on a page of the desk's list.
const PAGE: u32 = 25;
/// Keeping or settling an event is tried so often while somebody else writes it.
const ATTEMPTS_MAX: u32 = 4;

/// What was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Money came in (10.2).
    Payment {
        /// Whose it is said to be: a client's code, as it was told.
        client: String,
        /// The bank's reference.
        reference: String,
        /// The bank's value date.
        value_date: NaiveDate,
        /// How much.
        amount: Centavos,
        /// The month that it names, if it names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        month: Option<Month>,
    },
    /// The bank took a payment back (10.4).
    Reversal {
        /// Whose it is said to be.
        client: String,
        /// The payment's reference.
        reference: String,
    },
    /// Whoever may tell it signed something that cannot be read. It is kept as it came (G10).
    Unreadable {
        /// Every fault, with its place, in Spanish.
        faults: Vec<String>,
        /// The body, up to [`EVENT_BODY_BYTES_MAX`].
        body: String,
    },
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentEvent {
    /// The sender's id of it.
    pub id: String,
    /// Receipt (G2).
    pub received_at: Instant,
    /// Digest of the body: the same id with another body is another event.
    pub digest: String,
    /// What was told.
    pub told: Told,
    /// How often it was tried in vain.
    #[serde(default)]
    pub tries: u32,
    /// Why it was not applied when it was last tried, in Spanish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When it was applied or put aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Instant>,
    /// Who put it aside, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discarded: Option<(StaffId, String)>,
}

impl Document for PaymentEvent {}

/// How an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventStatus {
    /// It is to be applied.
    Pending,
    /// It was applied.
    Applied,
    /// It cannot be applied: a person looks at it.
    Failed,
    /// A person put it aside.
    Discarded,
}

impl EventStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Applied, Self::Failed, Self::Discarded];

    /// Stable word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::Discarded => "discarded",
        }
    }
}

/// An event with how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The event.
    pub event: PaymentEvent,
    /// How it stands.
    pub status: EventStatus,
}

/// What is kept, and under which id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The sender's id; where that cannot serve, one that follows from the body.
    pub id: String,
    /// Why it waits for a person from the beginning, in Spanish.
    pub why: Option<String>,
}

/// Keeps an event. The same one again, within thirty days, changes nothing. One whose id is that of
/// another event is kept beside it, for a person to look at.
///
/// # Errors
/// What the store says.
pub async fn keep<E: Env>(
    env: &E,
    id: &str,
    told: Told,
    body: &[u8],
    received_at: Instant,
) -> Result<Kept, Failure> {
    let event = PaymentEvent::new(id, told, body, received_at);
    match write_once(env, &event, EventStatus::Pending).await {
        Ok(()) => Ok(Kept { id: event.id, why: None }),
        Err(Failure::KeyReused) => {
            let why = format!(
                "el id {id} ya es de otro suceso, con otro contenido: compare los dos, y reintente este o \
                 descártelo"
            );
            keep_aside(env, event, why).await
        }
        Err(failure) => Err(failure),
    }
}

/// Keeps what was signed and cannot be read, with its faults, for a person to look at (G10).
///
/// # Errors
/// What the store says.
pub async fn keep_unreadable<E: Env>(
    env: &E,
    faults: Vec<String>,
    body: &[u8],
    received_at: Instant,
) -> Result<Kept, Failure> {
    let why = format!(
        "no se entiende ({}): pida al remitente que lo corrija; si el dinero llegó, registre el pago a \
         mano y descarte este aviso",
        faults.join("; ")
    );
    let told = Told::Unreadable { faults, body: as_text(body) };
    keep_aside(env, PaymentEvent::new("", told, body, received_at), why).await
}

/// Keeps an event under an id that follows from its body. It waits for a person.
async fn keep_aside<E: Env>(
    env: &E,
    mut event: PaymentEvent,
    why: String,
) -> Result<Kept, Failure> {
    event.id = format!("sha256-{}", &event.digest[..32]);
    event.why = Some(why);
    tracing::error!(id = event.id, "a payment that was told waits for a person");
    write_once(env, &event, EventStatus::Failed).await?;
    Ok(Kept { id: event.id, why: event.why })
}

/// A body as text: what is no UTF-8 with its bytes spelled out.
fn as_text(body: &[u8]) -> String {
    let kept = &body[..body.len().min(EVENT_BODY_BYTES_MAX)];
    let mut text = match std::str::from_utf8(kept) {
        Ok(text) => text.to_owned(),
        Err(_) => kept.escape_ascii().to_string(),
    };
    if kept.len() < body.len() {
        text.push_str(&format!("… [{} bytes más]", body.len() - kept.len()));
    }
    text
}

impl PaymentEvent {
    fn new(id: &str, told: Told, body: &[u8], received_at: Instant) -> Self {
        Self {
            id: id.to_owned(),
            received_at,
            digest: hex(&Sha256::digest(body)),
            told,
            tries: 0,
            why: None,
            settled_at: None,
            discarded: None,
        }
    }

    /// The same once it was applied.
    fn applied(&self, now: Instant) -> Self {
        Self { why: None, settled_at: Some(now), ..self.clone() }
    }
}

/// Writes an event that was not known.
///
/// # Errors
/// [`Failure::KeyReused`] when its id is that of another event; what the store says.
async fn write_once<E: Env>(
    env: &E,
    event: &PaymentEvent,
    status: EventStatus,
) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS_MAX {
        let known = env.store().get(&keys::payment_event(&event.id)).await?;
        let mut stored = match known {
            Some(item) => {
                // The store deletes late: an item may be seen that counts no more.
                let counts = item.expires_at.is_none_or(|at| event.received_at < at);
                let known = Stored::<PaymentEvent>::read(&item)?;
                match (counts, known.doc.digest == event.digest) {
                    (true, true) => return Ok(()),
                    (true, false) => return Err(Failure::KeyReused),
                    (false, _) => known,
                }
            }
            None => Stored::new(event.clone()),
        };
        stored.doc = event.clone();
        match write(env, &stored, status, env.clock().now()).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::Retryable("the event is being kept by somebody else".to_owned()))
}

/// Applies the event at `key`, if it is still to be applied.
///
/// # Errors
/// What the store says. What stands in the way of the event itself is kept with it.
pub async fn apply<E: Env>(env: &E, key: &Key) -> Result<(), Failure> {
    let Some(item) = env.store().get(key).await? else { return Ok(()) };
    let stored = Stored::<PaymentEvent>::read(&item)?;
    match status_of(&item)? {
        EventStatus::Pending => attempt(env, stored, Actor::System).await.map(|_| ()),
        EventStatus::Applied | EventStatus::Failed | EventStatus::Discarded => Ok(()),
    }
}

/// A page of the events that could not be applied, oldest first.
///
/// # Errors
/// What the store says.
pub async fn failed<E: Env>(env: &E, after: Option<String>) -> Result<Page<Listed>, Failure> {
    let mut query = Query::new(keys::DESK_PAYMENTS, "", PAGE);
    query.after = after;
    let page = env.store().list(&query).await?;
    let items = env.store().get_many(&page.items).await?;
    let items = items.iter().map(listed).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next })
}

/// The desk has an event tried again.
///
/// # Errors
/// [`Failure::NotFound`] when there is none; [`Failure::Refused`] when it was put aside; what the store
/// says.
pub async fn retry<E: Env>(env: &E, id: &str, by: &StaffMember) -> Result<Listed, Failure> {
    let item = env.store().get(&keys::payment_event(id)).await?.ok_or(Failure::NotFound)?;
    match status_of(&item)? {
        EventStatus::Pending | EventStatus::Failed => {
            let stored = Stored::<PaymentEvent>::read(&item)?;
            if matches!(stored.doc.told, Told::Unreadable { .. }) {
                return Err(settled("el aviso no se entiende: regístrelo a mano y descártelo"));
            }
            attempt(env, stored, Actor::Staff(by.clone())).await
        }
        EventStatus::Applied => listed(&item),
        EventStatus::Discarded => Err(settled("el suceso ya fue descartado")),
    }
}

/// The desk puts an event aside, with why. It stays known for good.
///
/// # Errors
/// As [`retry`]; [`Failure::Refused`] when it was applied.
pub async fn discard<E: Env>(
    env: &E,
    id: &str,
    reason: &str,
    by: &StaffMember,
) -> Result<Listed, Failure> {
    let item = env.store().get(&keys::payment_event(id)).await?.ok_or(Failure::NotFound)?;
    match status_of(&item)? {
        EventStatus::Pending | EventStatus::Failed => {
            let mut stored = Stored::<PaymentEvent>::read(&item)?;
            let now = env.clock().now();
            stored.doc.settled_at = Some(now);
            stored.doc.discarded = Some((by.id.clone(), reason.to_owned()));
            write(env, &stored, EventStatus::Discarded, now).await?;
            Ok(Listed { event: stored.doc, status: EventStatus::Discarded })
        }
        EventStatus::Discarded => listed(&item),
        EventStatus::Applied => Err(settled("el suceso ya se aplicó: registre la devolución")),
    }
}

fn settled(why: &str) -> Failure {
    Failure::Refused(Refusal::new(RefusalCode::Nothing, "10.2", why))
}

/// Tries to apply an event, and keeps what came of it.
async fn attempt<E: Env>(
    env: &E,
    mut stored: Stored<PaymentEvent>,
    by: Actor,
) -> Result<Listed, Failure> {
    let now = env.clock().now();
    let applied = stored.doc.applied(now);
    let outcome = Box::pin(carry_out(env, &stored, &applied, by)).await;
    let event = &mut stored.doc;
    let status = match outcome {
        Ok(()) => {
            // Written with what it records, but where that was recorded before.
            let item = env.store().get(&keys::payment_event(&event.id)).await?;
            if let Some(item) = item
                && status_of(&item)? == EventStatus::Applied
            {
                return listed(&item);
            }
            *event = applied;
            EventStatus::Applied
        }
        Err(failure) => {
            event.tries = event.tries.saturating_add(1);
            let again = may_pass(&event.told, &failure) && event.tries < EVENT_TRIES_MAX;
            let id = &event.id;
            if again {
                tracing::warn!(id, %failure, "a payment that was told is to be tried again");
            } else {
                tracing::error!(id, %failure, "a payment that was told waits for a person");
            }
            event.why = Some(why(&failure));
            if again { EventStatus::Pending } else { EventStatus::Failed }
        }
    };
    write(env, &stored, status, now).await?;
    Ok(Listed { event: stored.doc, status })
}

/// Records what was told, and in the same transaction that it was applied: of two who apply it and put it
/// aside at once, one does.
async fn carry_out<E: Env>(
    env: &E,
    stored: &Stored<PaymentEvent>,
    applied: &PaymentEvent,
    by: Actor,
) -> Result<(), Failure> {
    let mut act = match stored.doc.told.clone() {
        Told::Payment { client, reference, value_date, amount, month } => {
            let client = ClientId::parse(&client).map_err(|_| Failure::NotFound)?;
            NewPayment { client, reference, value_date, amount, names: month }.act(by)
        }
        Told::Reversal { client, reference } => {
            let client = ClientId::parse(&client).map_err(|_| Failure::NotFound)?;
            let command = Command::ReversePayment { reference, text: None };
            account::Act::new(client, command, by)
        }
        Told::Unreadable { .. } => return Err(Failure::Invalid(Vec::new())),
    };
    let mut settled = stored.clone();
    settled.doc = applied.clone();
    act.also.push(put(env, &settled, EventStatus::Applied, env.clock().now())?);
    account::execute(env, &act).await.map(|_| ())
}

/// Whether what stands in the way may pass without a person: trouble, or a payment that is told after
/// its reversal.
fn may_pass(told: &Told, failure: &Failure) -> bool {
    match (failure, told) {
        (Failure::Retryable(_) | Failure::Fault(_), _) => true,
        (Failure::Refused(refusal), Told::Reversal { .. }) => refusal.code == RefusalCode::Nothing,
        (Failure::Refused(_), Told::Payment { .. } | Told::Unreadable { .. })
        | (Failure::Invalid(_) | Failure::NotFound | Failure::KeyReused, _) => false,
    }
}

/// Why an event was not applied, for the desk.
fn why(failure: &Failure) -> String {
    match failure {
        Failure::Refused(refusal) => format!("{} (regla {})", refusal.text, refusal.rule),
        Failure::NotFound => "no hay un cliente con esa clave".to_owned(),
        Failure::Retryable(_) => "no se pudo en ese momento".to_owned(),
        Failure::Fault(_) | Failure::Invalid(_) | Failure::KeyReused => {
            "una falla lo impidió: revise que el cliente tenga una póliza vigente".to_owned()
        }
    }
}

async fn write<E: Env>(
    env: &E,
    stored: &Stored<PaymentEvent>,
    status: EventStatus,
    now: Instant,
) -> Result<(), CommitError> {
    let write = put(env, stored, status, now);
    let write = write.map_err(|failure| CommitError::Fault(failure.to_string()))?;
    env.store().commit(&Commit { writes: vec![write] }).await
}

/// An event as it is written, under the condition that nobody else did. It is due while it is to be applied,
/// and in the desk's list once it was tried in vain; one that was applied is forgotten after thirty days.
fn put<E: Env>(
    env: &E,
    stored: &Stored<PaymentEvent>,
    status: EventStatus,
    now: Instant,
) -> Result<Write, Failure> {
    let event = &stored.doc;
    let key = keys::payment_event(&event.id);
    let pk = key.pk.clone();
    let mut item = stored.item(key, env.settings().write_schema)?;
    item.status = Some(status.word().to_owned());
    let listed = || ListEntry {
        pk: keys::DESK_PAYMENTS.to_owned(),
        sk: keys::by_instant(event.received_at, &event.id),
    };
    match status {
        EventStatus::Pending => {
            let wait = if event.tries > 0 { EVENT_RETRY } else { TimeDelta::zero() };
            item.due = Some(keys::due(&pk, now + wait));
            item.list = (event.tries > 0).then(listed);
        }
        EventStatus::Failed => item.list = Some(listed()),
        EventStatus::Applied => item.expires_at = Some(event.received_at + EVENT_KEPT),
        EventStatus::Discarded => {}
    }
    Ok(Write::Put { item, when: Condition::unchanged(stored.rev) })
}

fn listed(item: &Item) -> Result<Listed, Failure> {
    Ok(Listed { event: Stored::<PaymentEvent>::read(item)?.doc, status: status_of(item)? })
}

fn status_of(item: &Item) -> Result<EventStatus, Failure> {
    let word = item.status.as_deref().unwrap_or_default();
    let known = EventStatus::ALL.into_iter().find(|status| status.word() == word);
    known.ok_or_else(|| Failure::Retryable(format!("{} has a status unknown here", item.key.pk)))
}
