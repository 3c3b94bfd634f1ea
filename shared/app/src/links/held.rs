//! Links of acts on held mail (G14): a SPoC says that he sent what came from his address (M1a), or
//! adopts what a colleague wrote (1.2a).
//!
//! Such a link is good for each of its mails once: what resolves a mail has the condition that it is
//! still held, so no mark of the link's own is needed.

use domain::inbound::MailContent;
use domain::ticket::{Refusal, RefusalCode};
use domain::{Instant, Power, Spoc};
use mail::outbound::MailAction;

use super::{MailAct, MailToken, signing_keys};
use crate::client::{self, ClientFile};
use crate::codec::Stored;
use crate::failure::Failure;
use crate::inbound;
use crate::item::{Item, Key};
use crate::keys;
use crate::ports::{Env, Store};
use crate::records::{InboundRecord, MailStatus, NoticeRecord, NoticeSubject};

/// A link of ours on held mail, with what it is about.
#[derive(Debug)]
pub struct SeenMails {
    /// What the link says.
    pub token: MailToken,
    /// The client.
    pub file: ClientFile,
    /// The mails, oldest first.
    pub mails: Vec<SeenMail>,
    /// How the link stands.
    pub state: MailState,
}

/// A mail that a link is about.
#[derive(Debug)]
pub struct SeenMail {
    /// What is known of it.
    pub record: InboundRecord,
    /// How it stands.
    pub standing: MailStanding,
}

/// How a mail stands that was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailStanding {
    /// It is held.
    Waiting,
    /// It lapsed.
    Lapsed,
    /// It was confirmed, adopted or released.
    Taken,
    /// It was confirmed, and waits for a SPoC who may adopt it.
    ForAdoption,
    /// The desk discarded it.
    Discarded,
}

/// How a link on held mail stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailState {
    /// The act is possible for the mails that wait.
    Ready,
    /// The question expired at this instant: confirmed now, the mails open a new ticket (M1a).
    Late(Instant),
    /// Nothing waits any more.
    Settled,
    /// The link expired at this instant.
    Expired(Instant),
    /// There is a later question about the same address.
    Outdated,
    /// A rule says no.
    Refused(Refusal),
}

impl SeenMails {
    /// Whether the link would act on a mail now.
    #[must_use]
    pub const fn acts_on(&self, mail: &SeenMail) -> bool {
        matches!(
            (&self.state, mail.standing),
            (MailState::Ready | MailState::Late(_), MailStanding::Waiting)
                | (MailState::Late(_), MailStanding::Lapsed)
        )
    }
}

/// What a link on held mail would do now. `None` when it is none of ours.
///
/// # Errors
/// What the store says.
pub async fn look_at_mails<E: Env>(
    env: &E,
    text: &str,
    received_at: Instant,
) -> Result<Option<SeenMails>, Failure> {
    let Some(token) = MailToken::read(text, &signing_keys(env).await?) else { return Ok(None) };
    let Some(file) = client::load(env, &token.client).await? else { return Ok(None) };
    let spoc = file.spoc_at(&token.spoc, received_at).or_else(|| file.spoc(&token.spoc));
    let Some(spoc) = spoc else { return Ok(None) };
    let covered = match &token.act {
        MailAct::SentIt { address, asked_at } => asked(env, &token, address, *asked_at).await?,
        MailAct::Adopt { notice } => listed(env, &token, notice).await?,
    };
    let refusal = refusal(spoc, &token.act, received_at);
    let late = covered.as_ref().and_then(|it| it.ends_at).filter(|end| *end <= received_at);
    let state = match (refusal, late) {
        _ if received_at >= token.expires_at => MailState::Expired(token.expires_at),
        _ if covered.is_none() => MailState::Outdated,
        (Some(refusal), _) => MailState::Refused(refusal),
        (None, Some(end)) => MailState::Late(end),
        (None, None) => MailState::Ready,
    };
    let mails = covered.map(|it| it.mails).unwrap_or_default();
    let mut seen = SeenMails { token, file, mails, state };
    let possible = matches!(seen.state, MailState::Ready | MailState::Late(_));
    if possible && !seen.mails.iter().any(|mail| seen.acts_on(mail)) {
        seen.state = MailState::Settled;
    }
    Ok(Some(seen))
}

/// Acts on those of the `chosen` mails that the link acts on, each once, and tells on which it did. What
/// a page did not show is never acted on: it may have come since.
///
/// # Errors
/// What the store says. A refusal is no error here but a state of the link.
pub async fn act_on_mails<E: Env>(
    env: &E,
    text: &str,
    received_at: Instant,
    chosen: &[String],
) -> Result<Option<(SeenMails, Vec<String>)>, Failure> {
    let Some(seen) = look_at_mails(env, text, received_at).await? else { return Ok(None) };
    let acts = |mail: &&SeenMail| seen.acts_on(mail) && chosen.contains(&mail.record.ses_id);
    let mails: Vec<String> =
        seen.mails.iter().filter(acts).map(|mail| mail.record.ses_id.clone()).collect();
    let (mut acted, mut refused) = (Vec::new(), None);
    for ses_id in mails {
        let MailToken { client, spoc, act, .. } = &seen.token;
        let resolved = match act {
            MailAct::SentIt { .. } => {
                inbound::confirm(env, &ses_id, spoc, client, received_at).await
            }
            MailAct::Adopt { .. } => inbound::adopt(env, &ses_id, spoc, client, received_at).await,
        };
        match resolved {
            Ok(resolved) if resolved.is_new => acted.push(ses_id),
            // Somebody was faster.
            Ok(_) => {}
            Err(Failure::Refused(refusal)) => refused = Some(refusal),
            Err(failure) => return Err(failure),
        }
    }
    let Some(mut seen) = look_at_mails(env, text, received_at).await? else { return Ok(None) };
    if let Some(refusal) = refused {
        seen.state = MailState::Refused(refusal);
    }
    Ok(Some((seen, acted)))
}

/// What is said to a SPoC whose designation ended or lacks the power (1.2, 1.2a).
fn refusal(spoc: &Spoc, act: &MailAct, at: Instant) -> Option<Refusal> {
    let (may, rule, why) = match act {
        MailAct::SentIt { .. } => {
            (spoc.holds_at(at), "1.2", "su designación como contacto autorizado no está vigente")
        }
        MailAct::Adopt { .. } => (
            spoc.may(Power::Open, at),
            "1.2a",
            "su designación no incluye la facultad de solicitar soporte",
        ),
    };
    (!may).then(|| Refusal::new(RefusalCode::NotAuthorised, rule, why))
}

/// The mails of a link.
struct Covered {
    mails: Vec<SeenMail>,
    /// From when on they are confirmed late.
    ends_at: Option<Instant>,
}

/// What the question covers: the last one, or one before it whose mails nobody has confirmed.
async fn asked<E: Env>(
    env: &E,
    token: &MailToken,
    address: &str,
    asked_at: Instant,
) -> Result<Option<Covered>, Failure> {
    let Some(question) = inbound::question(env, &keys::address(address)).await? else {
        return Ok(None);
    };
    let question = question.doc;
    if question.client != token.client || question.spoc != token.spoc {
        return Ok(None);
    }
    let (ids, ends_at) = if question.asked_at == asked_at {
        (question.mails, question.expires_at)
    } else {
        let before = question.before.into_iter().find(|it| it.asked_at == asked_at);
        let Some(before) = before else { return Ok(None) };
        (before.mails, before.expires_at)
    };
    let mails = mails(env, token, &ids).await?;
    Ok(Some(Covered { mails, ends_at: Some(ends_at) }))
}

/// What the notice lists.
async fn listed<E: Env>(
    env: &E,
    token: &MailToken,
    notice: &str,
) -> Result<Option<Covered>, Failure> {
    let key = keys::notice(&keys::client(&token.client), notice);
    let Some(item) = env.store().get(&key).await? else { return Ok(None) };
    let NoticeSubject::Mail(notice) = Stored::<NoticeRecord>::read(&item)?.doc.subject else {
        return Ok(None);
    };
    let MailContent::HeldDigest { mails: listed, .. } = notice.content else { return Ok(None) };
    Ok(Some(Covered { mails: mails(env, token, &listed).await?, ends_at: None }))
}

/// The mails as they are now; none of another client's, whatever a list says (13).
async fn mails<E: Env>(
    env: &E,
    token: &MailToken,
    ids: &[String],
) -> Result<Vec<SeenMail>, Failure> {
    let keys: Vec<Key> = ids.iter().map(|id| keys::inbound(id)).collect();
    let items = env.store().get_many(&keys).await?;
    let action = token.act.action();
    let mails = items.iter().map(|item| seen(item, action));
    let mut mails: Vec<SeenMail> = mails.collect::<Result<_, _>>()?;
    mails.retain(|mail| mail.record.client.as_ref() == Some(&token.client));
    Ok(mails)
}

fn seen(item: &Item, action: MailAction) -> Result<SeenMail, Failure> {
    let record = Stored::<InboundRecord>::read(item)?;
    let standing = match (inbound::status_of(&record)?, action) {
        (MailStatus::HeldUnproven, _) | (MailStatus::HeldColleague, MailAction::Adopt) => {
            MailStanding::Waiting
        }
        (MailStatus::HeldColleague, MailAction::SentIt) => MailStanding::ForAdoption,
        (MailStatus::Lapsed, _) => MailStanding::Lapsed,
        (MailStatus::Discarded, _) => MailStanding::Discarded,
        (
            MailStatus::Ticket
            | MailStatus::Reply
            | MailStatus::Note
            | MailStatus::Quarantined
            | MailStatus::Duplicate
            | MailStatus::Poison
            | MailStatus::Adopted
            | MailStatus::Confirmed
            | MailStatus::Released,
            _,
        ) => MailStanding::Taken,
    };
    Ok(SeenMail { record: record.doc, standing })
}
