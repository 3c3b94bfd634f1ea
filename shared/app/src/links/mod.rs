//! Action links (G14): an act of a SPoC by a link in a mail.
//!
//! A link is per recipient and act, is used once, and expires with what it acts on. Looking at it
//! changes nothing: mail scanners open links. Only [`act`] acts, in one transaction with the mark that
//! the link was used. Everything that the agreement says of the act (powers, limits, standing) is
//! read by the domain at the act's receipt; a look asks the same domain what the act would do, so a
//! page cannot promise what the act would not keep.

mod account;
mod held;
mod offered;
mod token;

use domain::agreement::Agreement;
use domain::ticket::{
    ClosureReason, Command, EssentialOperation, Refusal, SameDayAnswer, SpocAct, Ticket,
};
use domain::{Actor, ClientId, Instant, TimeDelta};
use mail::outbound::Action;

use crate::client::ClientFile;
use crate::codec::Stored;
use crate::commit::{Condition, Write};
use crate::execute::{self, Act, Done, Loaded};
use crate::failure::Failure;
use crate::keys;
use crate::ports::{Env, KeyPurpose, Secrets, SigningKey, Store};
use crate::records::UsedLink;
use crate::tickets::{self, NewDeclaration, SpocVerb};

pub(crate) use account::offered as offered_on_account;
pub use account::{AccountState, Consequence, SeenAccount, act_on_account, look_at_account};
pub use held::{MailStanding, MailState, SeenMail, SeenMails, act_on_mails, look_at_mails};
pub(crate) use offered::{may, offered};
pub use token::{AccountToken, LINK_CHARS_MAX, MailAct, MailToken, Token};

/// A link whose act has no limit that is known when the mail is written lasts so long; what it acts
/// on ends it earlier.
pub const OPEN_ENDED_DAYS: i64 = 90;
/// The mark of a used link is kept so long after the link expired, to tell what became of it.
pub const MARK_KEPT_DAYS: i64 = 30;

/// A link of ours, with what it is about.
#[derive(Debug)]
pub struct Seen {
    /// What the link says.
    pub token: Token,
    /// The client.
    pub file: ClientFile,
    /// The subject of the ticket.
    pub subject: String,
    /// How it stands.
    pub state: State,
}

/// How a link stands.
#[derive(Debug)]
pub enum State {
    /// The act is possible: the ticket as it would be after it.
    Ready(After),
    /// The act was carried out just now: the ticket as it is.
    Acted(After),
    /// The act would change nothing any more, or did not: the ticket as it is.
    Idle(After),
    /// It was used before, at this instant.
    Used(Instant),
    /// It expired at this instant.
    Expired(Instant),
    /// The ticket went on since the mail: the link is about an earlier cycle.
    Outdated,
    /// A rule says no.
    Refused(Refusal),
}

/// A ticket after an act, or as it would be.
#[derive(Debug)]
pub struct After {
    /// The ticket.
    pub ticket: Ticket,
    /// The agreement of its cycle.
    pub agreement: Agreement,
}

/// The keys with which links are signed, the signing one first.
///
/// # Errors
/// [`Failure::Retryable`] when they cannot be read now.
pub async fn signing_keys<E: Env>(env: &E) -> Result<Vec<SigningKey>, Failure> {
    let keys = env.secrets().keys(KeyPurpose::ActionLinks).await;
    keys.map_err(|error| Failure::Retryable(error.to_string()))
}

/// The address of the page of a token.
pub(crate) fn url<E: Env>(env: &E, token: &str) -> String {
    format!("{}/a/{token}", env.settings().base_url.trim_end_matches('/'))
}

/// How a link whose limit is not known yet expires.
#[must_use]
pub fn open_ended(from: Instant) -> Instant {
    from + TimeDelta::days(OPEN_ENDED_DAYS)
}

/// What a link would do now. `None` when it is none of ours: tampered with, cut, or of a ticket or a
/// SPoC that does not exist.
///
/// # Errors
/// What the store says.
pub async fn look<E: Env>(
    env: &E,
    text: &str,
    received_at: Instant,
) -> Result<Option<Seen>, Failure> {
    let Some((mut seen, loaded)) = find(env, text, received_at).await? else { return Ok(None) };
    if let State::Idle(_) = seen.state {
        let act = act_of(env, &seen.token, received_at, &sample(seen.token.action));
        seen.state = match execute::preview(env, &loaded, &act).await {
            Ok((decision, agreement)) => {
                let is_new = did(seen.token.action, &decision.ticket, received_at);
                let after = After { ticket: decision.ticket, agreement };
                if is_new { State::Ready(after) } else { State::Idle(after) }
            }
            Err(failure) => refused(failure)?,
        };
    }
    Ok(Some(seen))
}

/// Carries out the act of a link, once. A declaration says what is blocked; every other act needs no
/// words.
///
/// # Errors
/// What the store says. A refusal is no error here but a state of the link, which stays unused.
pub async fn act<E: Env>(
    env: &E,
    text: &str,
    received_at: Instant,
    declaration: Option<NewDeclaration>,
) -> Result<Option<Seen>, Failure> {
    let Some((mut seen, _)) = find(env, text, received_at).await? else { return Ok(None) };
    let State::Idle(_) = seen.state else { return Ok(Some(seen)) };
    let verb = match (seen.token.action, declaration) {
        (Action::DeclareCritical, Some(declaration)) => SpocVerb::DeclareCritical(declaration),
        (action, _) => sample(action),
    };
    let mut act = act_of(env, &seen.token, received_at, &verb);
    act.also.push(mark(env, text, &seen.token, received_at)?);
    seen.state = match execute::execute(env, &act).await {
        Ok(Done { head, agreement, .. }) => {
            let is_new = did(seen.token.action, &head.ticket, received_at);
            let after = After { ticket: head.ticket, agreement };
            if is_new { State::Acted(after) } else { State::Idle(after) }
        }
        // Somebody was faster with the same link, or it was written after all.
        Err(failure) if failure.is_retryable() => match used(env, text).await? {
            Some(used) => State::Used(used.at),
            None => return Err(failure),
        },
        Err(failure) => refused(failure)?,
    };
    Ok(Some(seen))
}

/// Reads a link and what it is about; the state is [`State::Idle`] where nothing ended it yet.
async fn find<E: Env>(
    env: &E,
    text: &str,
    received_at: Instant,
) -> Result<Option<(Seen, Loaded)>, Failure> {
    let Some(token) = Token::read(text, &signing_keys(env).await?) else { return Ok(None) };
    let loaded = match execute::load(env, &token.reference).await {
        Ok(loaded) => loaded,
        Err(Failure::NotFound) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let client: &ClientId = &loaded.head.doc.ticket.opened.client;
    if *client != token.reference.client() || loaded.file.spoc(&token.spoc).is_none() {
        return Ok(None);
    }
    let ticket = &loaded.head.doc.ticket;
    let state = if let Some(used) = used(env, text).await? {
        State::Used(used.at)
    } else if received_at >= token.expires_at {
        State::Expired(token.expires_at)
    } else if ticket.cycle.number != token.cycle {
        State::Outdated
    } else {
        State::Idle(After { ticket: ticket.clone(), agreement: loaded.pinned[0].clone() })
    };
    let (file, subject) = (loaded.file.clone(), loaded.head.doc.subject.clone());
    Ok(Some((Seen { token, file, subject, state }, loaded)))
}

async fn used<E: Env>(env: &E, text: &str) -> Result<Option<UsedLink>, Failure> {
    let Some(item) = env.store().get(&keys::used_link(&token::digest(text))).await? else {
        return Ok(None);
    };
    Ok(Some(Stored::<UsedLink>::read(&item)?.doc))
}

/// The mark that makes a link single-use, under the condition that there is none.
fn mark<E: Env>(env: &E, text: &str, token: &Token, at: Instant) -> Result<Write, Failure> {
    let used = Stored::new(UsedLink { reference: token.reference.clone(), at });
    let key = keys::used_link(&token::digest(text));
    let mut item = used.item(key, env.settings().write_schema)?;
    item.expires_at = Some(token.expires_at + TimeDelta::days(MARK_KEPT_DAYS));
    Ok(Write::Put { item, when: Condition::Absent })
}

fn act_of<E: Env>(env: &E, token: &Token, received_at: Instant, verb: &SpocVerb) -> Act {
    let mut texts = Vec::new();
    let act: SpocAct = tickets::spoc_command(env, verb, &mut texts);
    let command = Command::Spoc { by: token.spoc.clone(), received_at, act };
    Act {
        by: Actor::Spoc(token.spoc.clone()),
        texts,
        only_in: Some(token.cycle),
        ..Act::system(token.reference.clone(), command)
    }
}

/// The act of a link. Of a declaration, one that meets the criteria: what it says is asked on the page.
fn sample(action: Action) -> SpocVerb {
    match action {
        Action::Confirm => SpocVerb::Confirm,
        Action::StillFails => SpocVerb::Write { text: None, still_fails: true },
        Action::AcceptSameDay => SpocVerb::AcceptSameDay,
        Action::DeclineSameDay => SpocVerb::DeclineSameDay,
        Action::AcceptEmergencyCost => SpocVerb::AcceptEmergencyCost,
        Action::DeclareCritical => SpocVerb::DeclareCritical(NewDeclaration {
            operation: EssentialOperation::Invoicing,
            fully_blocked: true,
            description: None,
        }),
    }
}

/// Whether an act that was received at `at` left its trace in the ticket. One that found its work done
/// leaves none: a ticket that had closed before, a day that was accepted before.
fn did(action: Action, ticket: &Ticket, at: Instant) -> bool {
    let cycle = &ticket.cycle;
    match action {
        Action::Confirm => {
            let closed = cycle.closure.iter().map(|it| (it.reason, it.at));
            // One that finds the ticket closed by silence is kept (G7).
            let asked = cycle.asked.iter().map(|it| (it.reason, it.at));
            closed.chain(asked).any(|it| it == (ClosureReason::Confirmed, at))
        }
        Action::StillFails => {
            let reopened = cycle.reopened_by.is_some() && cycle.received_at == at;
            reopened || cycle.inbound.iter().any(|message| message.received_at == at)
        }
        Action::AcceptSameDay => cycle.same_day_accepted_at() == Some(at),
        Action::DeclineSameDay => match &cycle.same_day {
            Some(SameDayAnswer::Declined { at: declined, .. }) => *declined == at,
            Some(SameDayAnswer::Accepted { .. }) | None => false,
        },
        Action::AcceptEmergencyCost => cycle.emergency_cost_accepted_at == Some(at),
        Action::DeclareCritical => cycle.spells.iter().any(|spell| spell.declared_at == at),
    }
}

/// A refusal is a state of the link; everything else is an error.
fn refused(failure: Failure) -> Result<State, Failure> {
    Ok(match refusal(failure)? {
        // Between the look and the act somebody took the ticket on.
        Refusal { rule: "9.0", .. } => State::Outdated,
        refusal => State::Refused(refusal),
    })
}

/// What a rule says no with.
///
/// # Errors
/// Whatever else the failure is.
fn refusal(failure: Failure) -> Result<Refusal, Failure> {
    match failure {
        Failure::Refused(refusal) => Ok(refusal),
        Failure::Invalid(_)
        | Failure::NotFound
        | Failure::KeyReused
        | Failure::Retryable(_)
        | Failure::Fault(_) => Err(failure),
    }
}
