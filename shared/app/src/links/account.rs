//! Links to a client's account (G14): how it stands, the cancellation, the notice of non-renewal, the
//! acceptance of the agreement (0.1).
//!
//! The consequence is shown before the button (10.7, 10.8). No mark of the link's own is needed: a póliza is
//! cancelled once, a second notice of non-renewal changes nothing, and each edition is accepted once.

use domain::account::{Account, Cancellation, Command, Content, SpocAct};
use domain::client::Acceptance;
use domain::edition::EditionTerms;
use domain::ticket::{Refusal, RefusalCode};
use domain::{Actor, Instant, Power, Spoc, TimeDelta};
use mail::outbound::AccountAction;

use super::{AccountToken, open_ended, refusal, signing_keys, url};
use crate::account::{self, Loaded};
use crate::clients::acceptance;
use crate::editions;
use crate::failure::Failure;
use crate::ports::Env;

/// A link of ours to an account, with what it is about.
#[derive(Debug)]
pub struct SeenAccount {
    /// What the link says.
    pub token: AccountToken,
    /// The client with his account.
    pub loaded: Loaded,
    /// How the link stands.
    pub state: AccountState,
    /// Pages of acts that the SPoC may open from here, with their addresses.
    pub acts: Vec<(AccountAction, String)>,
}

/// How a link to an account stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountState {
    /// It shows the account.
    Shown,
    /// The act is possible, with this consequence.
    Ready(Consequence),
    /// The act was carried out just now.
    Acted(Consequence),
    /// It was carried out before: nothing is left to do.
    Settled(Consequence),
    /// It expired at this instant.
    Expired(Instant),
    /// A rule says no.
    Refused(Refusal),
}

/// What an act on the account brings about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    /// The póliza ends by cancellation (10.7).
    Cancelled(Cancellation),
    /// It ends with its term (10.8).
    NotRenewed {
        /// First instant without service.
        ends_at: Instant,
    },
    /// The agreement is accepted (0.1).
    Accepts {
        /// Which text.
        edition: Box<EditionTerms>,
        /// Who accepted it and when, once somebody did.
        accepted: Option<Acceptance>,
    },
}

/// The pages that a mail about an account offers a SPoC, each with the instant at which its link expires.
pub(crate) fn offered(
    content: &Content,
    spoc: &Spoc,
    at: Instant,
) -> Vec<(AccountAction, Instant)> {
    let mut offered = vec![(AccountAction::Show, open_ended(at))];
    if let Content::RenewalAhead { renews: true, limit, .. } = content
        && spoc.may(Power::Renew, at)
    {
        // The last valid instant is one of them (10.8).
        offered.push((AccountAction::DeclineRenewal, *limit + TimeDelta::milliseconds(1)));
    }
    // Who declined too late is answered with the way to cancel (10.8).
    if matches!(content, Content::LateNonRenewal { .. }) && spoc.may(Power::Cancel, at) {
        offered.push((AccountAction::Cancel, open_ended(at)));
    }
    offered
}

/// What a link to an account shows or would do now. `None` when it is none of ours.
///
/// # Errors
/// What the store says.
pub async fn look_at_account<E: Env>(
    env: &E,
    text: &str,
    received_at: Instant,
) -> Result<Option<SeenAccount>, Failure> {
    let Some(mut seen) = find(env, text, received_at).await? else { return Ok(None) };
    if let (AccountState::Shown, Some(n)) = (&seen.state, seen.token.edition) {
        seen.state = acceptance_of(env, &seen, n, received_at).await?;
    }
    if let (AccountState::Shown, Some(act)) = (&seen.state, spoc_act(seen.token.action)) {
        let asked = act_of(&seen.token, act, received_at);
        seen.state = match account::preview(env, &seen.loaded, &asked) {
            Ok(decision) => {
                let follows = consequence(&seen.loaded, &decision.account, act)?;
                state(follows, decision.events.is_empty(), AccountState::Ready)
            }
            Err(failure) => AccountState::Refused(refusal(failure)?),
        };
    }
    Ok(Some(seen))
}

/// Presses the button of a link to an account.
///
/// # Errors
/// What the store says. A refusal is no error here but a state of the link.
pub async fn act_on_account<E: Env>(
    env: &E,
    text: &str,
    received_at: Instant,
) -> Result<Option<SeenAccount>, Failure> {
    let Some(mut seen) = find(env, text, received_at).await? else { return Ok(None) };
    if let (AccountState::Shown, Some(n)) = (&seen.state, seen.token.edition) {
        seen.state = acceptance_of(env, &seen, n, received_at).await?;
        if let AccountState::Ready(Consequence::Accepts { edition, .. }) = &seen.state {
            let AccountToken { client, spoc, .. } = &seen.token;
            let done = acceptance::accept(env, client, spoc, edition, received_at).await?;
            let (accepted, is_new) = (Some(done.0), done.1);
            let follows = Consequence::Accepts { edition: edition.clone(), accepted };
            let state = if is_new { AccountState::Acted } else { AccountState::Settled };
            seen.state = state(follows);
        }
    }
    if let (AccountState::Shown, Some(act)) = (&seen.state, spoc_act(seen.token.action)) {
        let asked = act_of(&seen.token, act, received_at);
        seen.state = match account::execute(env, &asked).await {
            Ok(done) => {
                let follows = consequence(&seen.loaded, &done.head.account, act)?;
                state(follows, done.first.is_none(), AccountState::Acted)
            }
            Err(failure) => AccountState::Refused(refusal(failure)?),
        };
    }
    Ok(Some(seen))
}

/// How a link stands that accepts an edition: each is accepted once, by whoever comes first.
async fn acceptance_of<E: Env>(
    env: &E,
    seen: &SeenAccount,
    n: u32,
    received_at: Instant,
) -> Result<AccountState, Failure> {
    let editions = editions::list(env).await?.into_iter().map(|version| version.value);
    let edition = editions.into_iter().find(|edition| edition.n == n);
    let edition = edition.ok_or_else(|| Failure::Fault(format!("edition {n} is missing")))?;
    let edition = Box::new(edition);
    let accepted = acceptance::known(env, &seen.loaded.file.client, &edition).await?;
    if accepted.is_some() {
        return Ok(AccountState::Settled(Consequence::Accepts { edition, accepted }));
    }
    if acceptance::in_force(env, received_at).await?.is_none_or(|it| it.n != n) {
        let why = "ya rige otra edición del acuerdo: ábrala desde su cuenta";
        return Ok(AccountState::Refused(Refusal::new(RefusalCode::WindowPassed, "0.1", why)));
    }
    Ok(AccountState::Ready(Consequence::Accepts { edition, accepted }))
}

/// Reads a link and what it is about; the state is [`AccountState::Shown`] where nothing ended it.
async fn find<E: Env>(
    env: &E,
    text: &str,
    received_at: Instant,
) -> Result<Option<SeenAccount>, Failure> {
    let keys = signing_keys(env).await?;
    let Some(token) = AccountToken::read(text, &keys) else { return Ok(None) };
    let loaded = match account::load(env, &token.client).await {
        Ok(loaded) => loaded,
        Err(Failure::NotFound) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let spoc =
        loaded.file.spoc_at(&token.spoc, received_at).or_else(|| loaded.file.spoc(&token.spoc));
    let Some(spoc) = spoc else { return Ok(None) };
    let state = if received_at >= token.expires_at {
        AccountState::Expired(token.expires_at)
    } else if spoc.holds_at(received_at) {
        AccountState::Shown
    } else {
        let why = "usted ya no es contacto autorizado del cliente";
        AccountState::Refused(Refusal::new(RefusalCode::NotAuthorised, "1.2", why))
    };
    let shows = token.action == AccountAction::Show && state == AccountState::Shown;
    let mut acts = Vec::new();
    if let Some(key) = keys.first().filter(|_| shows) {
        for (action, power) in
            [(AccountAction::DeclineRenewal, Power::Renew), (AccountAction::Cancel, Power::Cancel)]
        {
            let possible = spoc.may(power, received_at)
                && spoc_act(action).is_some_and(|act| {
                    let act = act_of(&token, act, received_at);
                    account::preview(env, &loaded, &act).is_ok_and(|it| !it.events.is_empty())
                });
            if possible {
                let linked = AccountToken { action, ..token.clone() };
                acts.push((action, url(env, &linked.sign(key))));
            }
        }
        // Which power accepts, the agreement does not say: any authorised contact does (0.1).
        let edition = acceptance::in_force(env, received_at).await?;
        if let Some(edition) = edition
            && acceptance::known(env, &loaded.file.client, &edition).await?.is_none()
        {
            let (action, edition) = (AccountAction::Accept, Some(edition.n));
            let linked = AccountToken { action, edition, ..token.clone() };
            acts.push((action, url(env, &linked.sign(key))));
        }
    }
    Ok(Some(SeenAccount { token, loaded, state, acts }))
}

fn act_of(token: &AccountToken, act: SpocAct, received_at: Instant) -> account::Act {
    let by = token.spoc.clone();
    let command = Command::Spoc { by: by.clone(), received_at, act, cites: None };
    account::Act::new(token.client.clone(), command, Actor::Spoc(by))
}

/// The act of a page; none where it only shows.
const fn spoc_act(action: AccountAction) -> Option<SpocAct> {
    match action {
        AccountAction::Show | AccountAction::Accept => None,
        AccountAction::DeclineRenewal => Some(SpocAct::DeclineRenewal),
        AccountAction::Cancel => Some(SpocAct::Cancel { at_once: false }),
    }
}

/// What follows from the act, in the account as it is after it.
fn consequence(
    loaded: &Loaded,
    account: &Account,
    act: SpocAct,
) -> Result<Option<Consequence>, Failure> {
    match act {
        SpocAct::Cancel { .. } => Ok(account.cancellation.clone().map(Consequence::Cancelled)),
        SpocAct::DeclineRenewal if account.non_renewals.iter().any(|notice| notice.valid) => {
            let renewal = loaded.after(account).renewal();
            let renewal = renewal.map_err(|error| Failure::Fault(error.to_string()))?;
            Ok(renewal.map(|renewal| Consequence::NotRenewed { ends_at: renewal.renewal_at }))
        }
        SpocAct::DeclineRenewal => Ok(None),
    }
}

/// The state of a link whose act has this consequence, or had it before.
fn state(
    follows: Option<Consequence>,
    is_old: bool,
    new: fn(Consequence) -> AccountState,
) -> AccountState {
    match follows {
        Some(known) if is_old => AccountState::Settled(known),
        Some(follows) => new(follows),
        // It came too late to have the consequence that its link promised.
        None => {
            let why = "el aviso llegó después del límite; puede cancelar la póliza cuando quiera";
            AccountState::Refused(Refusal::new(RefusalCode::WindowPassed, "10.8", why))
        }
    }
}
