//! Use cases of a client's account: payments, the desk's and the client's acts, and what time brings.
//!
//! Each act is one transaction: the head with its due entry, the sealed events, their texts, the
//! notices, and the client's gate wherever it touches standing (10.5).

mod due;
mod plan;
mod read;
mod records;
mod settled;

use domain::account::{Cited, Command, DeskAct, SpocAct};
use domain::billing::Month;
use domain::terms::Centavos;
use domain::ticket::Fact;
use domain::{Actor, ClientId, Instant, NaiveDate, Participant, SpocId, StaffMember};

pub use self::due::{Run, run, tick_due};
pub use self::plan::{Act, Done, Loaded, load, preview};
pub use self::read::{all, events, notices, still_due};
pub use self::records::{AccountHead, AccountWake, PaymentMark};
pub use self::settled::{Settled, settled, would_settle};
use crate::attempts;
use crate::client;
use crate::failure::Failure;
use crate::ports::{Clock, Env};
use crate::texts;
use crate::tickets;

/// Words of a person that go with an act are at most so many characters.
pub const REASON_CHARS_MAX: usize = 2_000;
/// A bank's reference is at most so many characters.
pub const REFERENCE_CHARS_MAX: usize = 64;

/// A payment as it is told: by the desk, by a bank's file, by a provider (10.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// Whose.
    pub client: ClientId,
    /// The bank's reference, by which it is known again.
    pub reference: String,
    /// The bank's value date.
    pub value_date: NaiveDate,
    /// How much, above zero.
    pub amount: Centavos,
    /// The month that it names, if it names one.
    pub names: Option<Month>,
}

impl NewPayment {
    /// The act that records it.
    pub(crate) fn act(&self, by: Actor) -> Act {
        let Self { client, reference, value_date, amount, names } = self.clone();
        Act::new(client, Command::RecordPayment { reference, value_date, amount, names }, by)
    }
}

/// Carries out an act on an account: loads, decides, commits; again when somebody else was faster. The
/// account is opened where the póliza has a first day and none was opened before.
///
/// # Errors
/// What the rules say ([`Failure::Refused`]), or what the store says; [`Failure::NotFound`] where there
/// is no such client.
pub async fn execute<E: Env>(env: &E, act: &Act) -> Result<Done, Failure> {
    attempts::carry_out(env, &mut plan::OnAccount { env, act }).await
}

/// Opens a client's account, or looks again at what follows from changed terms.
///
/// # Errors
/// As [`execute`].
pub async fn refresh<E: Env>(env: &E, client: &ClientId) -> Result<Done, Failure> {
    execute(env, &Act::new(client.clone(), Command::Refresh, Actor::System)).await
}

/// [`refresh`] after a client was entered or changed. Where the first day of his póliza is not recorded,
/// there is nothing to keep an account of yet.
///
/// # Errors
/// As [`execute`].
pub async fn follow_terms<E: Env>(env: &E, client: &ClientId) -> Result<(), Failure> {
    let now = env.clock().now();
    let file = client::load(env, client).await?.filter(|file| !file.plans.is_empty());
    let Some(file) = file else { return Ok(()) };
    if file.in_force(env, now).await?.terms.start.value.is_some() {
        refresh(env, client).await?;
    }
    Ok(())
}

/// Records a payment (10.2). The same reference with the same content again changes nothing.
///
/// # Errors
/// As [`execute`]; [`Failure::Refused`] when the reference is another payment's, or the payment cannot
/// be.
pub async fn record_payment<E: Env>(env: &E, new: &NewPayment, by: Actor) -> Result<Done, Failure> {
    execute(env, &new.act(by)).await
}

/// Records that the bank took a payment back (10.4). The same again changes nothing.
///
/// # Errors
/// As [`execute`]; [`Failure::Refused`] when no open payment has this reference.
pub async fn reverse_payment<E: Env>(
    env: &E,
    client: &ClientId,
    reference: &str,
    why: Option<String>,
    by: Actor,
) -> Result<Done, Failure> {
    let text = why.map(|why| texts::salted(env, why));
    let digest = text.as_ref().map(|text| text.digest.clone());
    let command = Command::ReversePayment { reference: reference.to_owned(), text: digest };
    let mut act = Act::new(client.clone(), command, by);
    act.texts.extend(text);
    execute(env, &act).await
}

/// A member of the desk acts. `why` are the words whose digest `act` takes.
///
/// # Errors
/// As [`execute`].
pub async fn desk<E: Env>(
    env: &E,
    client: &ClientId,
    verb: DeskVerb,
    by: StaffMember,
) -> Result<Done, Failure> {
    let mut texts = Vec::new();
    let act = match verb {
        DeskVerb::Plain(act) => act,
        DeskVerb::WithWhy(act, why) => {
            let text = texts::salted(env, why);
            let act = act(text.digest.clone());
            texts.push(text);
            act
        }
    };
    let mut act = Act::new(client.clone(), Command::Desk(act), Actor::Staff(by));
    act.texts = texts;
    execute(env, &act).await
}

/// An act of the desk, before the digest of its words is known.
pub enum DeskVerb {
    /// Without words.
    Plain(DeskAct),
    /// With a reason.
    WithWhy(Box<dyn FnOnce(domain::evidence::TextDigest) -> DeskAct + Send>, String),
}

/// A SPoC acts on the póliza.
///
/// # Errors
/// As [`execute`].
pub async fn spoc<E: Env>(
    env: &E,
    client: &ClientId,
    by: &SpocId,
    received_at: Instant,
    act: SpocAct,
) -> Result<Done, Failure> {
    let actor = Actor::Spoc(by.clone());
    let command = Command::Spoc { by: by.clone(), received_at, act, cites: None };
    execute(env, &Act::new(client.clone(), command, actor)).await
}

/// The desk records what a SPoC said in a message of a ticket: it counts from that message's receipt, with
/// the powers that he had then (G14).
///
/// # Errors
/// As [`execute`]; [`Failure::NotFound`] where the ticket has no such message, or it is none of a SPoC of this
/// client.
pub async fn cited<E: Env>(
    env: &E,
    client: &ClientId,
    cites: Cited,
    act: SpocAct,
    recorded_by: StaffMember,
) -> Result<Done, Failure> {
    if cites.ticket.client() != *client {
        return Err(Failure::NotFound);
    }
    let whole = tickets::whole(env, &cites.ticket).await?;
    let place = usize::try_from(cites.message).ok().and_then(|number| number.checked_sub(1));
    let link = place.and_then(|place| whole.links.get(place)).ok_or(Failure::NotFound)?;
    // One that a newer release wrote is not guessed.
    let event = link.event().map_err(|error| Failure::Retryable(error.to_string()))?;
    let (by, received_at) = if let Fact::Opened(opened) = event.fact {
        (opened.opener, opened.received_at)
    } else if let Fact::ClientWrote { by: Participant::Spoc(by), received_at, .. } = event.fact {
        (by, received_at)
    } else {
        return Err(Failure::NotFound);
    };
    let command = Command::Spoc { by, received_at, act, cites: Some(cites) };
    execute(env, &Act::new(client.clone(), command, Actor::Staff(recorded_by))).await
}
