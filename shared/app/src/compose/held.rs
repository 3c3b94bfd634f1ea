//! Notices about mail that is no ticket's (M1a, 1.2a, 13): names, addresses and subjects are looked up
//! in the records of the mails.
//!
//! Of a mail whose sender is not proven, nothing is told to its registered address but when it came.

use domain::inbound::{MailContent, MailNotice, MailRecipient};
use domain::{ClientId, Instant, SpocId};
use mail::outbound::{self as out, ActionLink, DeskMailMatter, Envelope, LinkedAct};
use mail::{Address, Line, MessageId};

use super::{fault, kind_spanish, ours, outgoing};
use crate::client::{self, ClientFile};
use crate::codec::Stored;
use crate::failure::Failure;
use crate::inbound;
use crate::item::Key;
use crate::keys;
use crate::links::{self, MailAct, MailToken};
use crate::ports::{Env, Outgoing, Store};
use crate::records::{InboundRecord, MailAuthor, is_held};

/// Renders a notice about mail.
///
/// # Errors
/// Those of [`super::compose`].
pub(super) async fn of_mail<E: Env>(
    env: &E,
    key: &Key,
    notice: &MailNotice,
    recorded_at: Instant,
) -> Result<Outgoing, Failure> {
    let settings = env.settings();
    let sender = ours(settings)?;
    let mails = mails(env, key, notice).await?;
    let (to, to_name) = recipient(env, notice, &mails).await?;
    let content = content(env, notice, &mails).await?;
    let notice_id = key.sk.trim_start_matches(keys::NOTICES);
    let envelope = Envelope {
        sender: &sender,
        notice_id,
        at: recorded_at,
        to: &to,
        to_name,
        ticket: None,
        answers: answered(&notice.content, &mails),
        links: link(env, key, notice, recorded_at).await?.into_iter().collect(),
    };
    outgoing(&envelope, &content, key)
}

/// The mails that the notice is about, as they are now; of several, those that still wait.
async fn mails<E: Env>(
    env: &E,
    key: &Key,
    notice: &MailNotice,
) -> Result<Vec<InboundRecord>, Failure> {
    let ids = match &notice.content {
        MailContent::Question { .. } => {
            let question = inbound::question(env, &key.pk).await?;
            question.ok_or_else(|| fault("the question is missing"))?.doc.mails
        }
        MailContent::HeldDigest { mails, .. } => mails.clone(),
        MailContent::DeskDeadNotice { .. } => Vec::new(),
        MailContent::Held { .. }
        | MailContent::Unknown
        | MailContent::DeskForeignTicket { .. }
        | MailContent::DeskHeld { .. }
        | MailContent::DeskQuarantined { .. }
        | MailContent::DeskPoison => keys::inbound_of(&key.pk).into_iter().collect(),
    };
    let several =
        matches!(notice.content, MailContent::Question { .. } | MailContent::HeldDigest { .. });
    let keys: Vec<Key> = ids.iter().map(|id| keys::inbound(id)).collect();
    let items = env.store().get_many(&keys).await?;
    let told = items.iter().filter(|it| !several || it.status.as_deref().is_some_and(is_held));
    told.map(|item| Ok(Stored::<InboundRecord>::read(item)?.doc)).collect()
}

/// The mail that is answered, where the notice is the answer to one and its id can stand in a header.
fn answered(content: &MailContent, mails: &[InboundRecord]) -> Option<MessageId> {
    match content {
        MailContent::Held { .. } | MailContent::Unknown => {
            mails.first()?.message_id.as_deref().and_then(MessageId::parse)
        }
        MailContent::Question { .. }
        | MailContent::HeldDigest { .. }
        | MailContent::DeskForeignTicket { .. }
        | MailContent::DeskHeld { .. }
        | MailContent::DeskQuarantined { .. }
        | MailContent::DeskPoison
        | MailContent::DeskDeadNotice { .. } => None,
    }
}

async fn recipient<E: Env>(
    env: &E,
    notice: &MailNotice,
    mails: &[InboundRecord],
) -> Result<(Address, Line), Failure> {
    let (address, name) = match &notice.to {
        MailRecipient::Claimed { client, spoc } => {
            let from = mails.first().map(author).transpose()?;
            let from = from.ok_or_else(|| fault("no mail waits for the answer"))?.0;
            registered(env, client, spoc, Some(&from)).await?
        }
        MailRecipient::Spoc { client, spoc } => registered(env, client, spoc, None).await?,
        MailRecipient::Author => author(first(mails)?)?,
        MailRecipient::Desk => (parse(&env.settings().desk)?, Line::default()),
    };
    Ok((address, name))
}

/// A registered address of a SPoC: that which is the same mailbox as `claimed`, else the first.
async fn registered<E: Env>(
    env: &E,
    client: &ClientId,
    spoc: &SpocId,
    claimed: Option<&Address>,
) -> Result<(Address, Line), Failure> {
    let file = file(env, client).await?;
    let spoc = file.spoc(spoc).ok_or_else(|| fault("the SPoC is not registered any more"))?;
    let addresses: Result<Vec<Address>, Failure> = spoc.emails.iter().map(|it| parse(it)).collect();
    let mut addresses = addresses?.into_iter();
    let found = match claimed {
        Some(claimed) => addresses.find(|it| it.canonical() == claimed.canonical()),
        None => addresses.next(),
    };
    Ok((found.ok_or_else(|| fault("the SPoC has no such address"))?, Line::new(&spoc.name)))
}

async fn content<E: Env>(
    env: &E,
    notice: &MailNotice,
    mails: &[InboundRecord],
) -> Result<out::Content, Failure> {
    let matter = match &notice.content {
        MailContent::Question { expires_at } => {
            let received_at = mails.iter().map(|mail| mail.received_at).collect();
            return Ok(out::Content::Question(out::Question {
                received_at,
                expires_at: *expires_at,
            }));
        }
        MailContent::Held { lapses_at } => {
            let mail = first(mails)?;
            return Ok(out::Content::Held(out::Held {
                received_at: mail.received_at,
                subject: Line::new(&mail.subject),
                lapses_at: *lapses_at,
            }));
        }
        MailContent::Unknown => {
            let received_at = first(mails)?.received_at;
            return Ok(out::Content::Unknown(out::Unknown { received_at }));
        }
        MailContent::HeldDigest { more, .. } => {
            let mails = mails.iter().map(held_mail).collect::<Result<_, _>>()?;
            return Ok(out::Content::HeldDigest(out::HeldDigest { mails, more: *more }));
        }
        MailContent::DeskDeadNotice { notice, what } => {
            return Ok(out::Content::DeskDeadNotice(out::DeskDeadNotice {
                what: Line::new(kind_spanish(what)),
                notice: Line::new(notice),
                recipient: None,
                reason: None,
            }));
        }
        MailContent::DeskForeignTicket { named } => DeskMailMatter::ForeignTicket(named.clone()),
        MailContent::DeskHeld { colleague: true, lapses_at } => {
            DeskMailMatter::Colleague(*lapses_at)
        }
        MailContent::DeskHeld { colleague: false, lapses_at } => {
            DeskMailMatter::Unproven(*lapses_at)
        }
        MailContent::DeskQuarantined { reason } => {
            DeskMailMatter::Quarantined(Line::new(reason.spanish()))
        }
        MailContent::DeskPoison => DeskMailMatter::Poison,
    };
    Ok(out::Content::DeskMail(desk_mail(env, matter, first(mails)?).await?))
}

async fn desk_mail<E: Env>(
    env: &E,
    matter: DeskMailMatter,
    mail: &InboundRecord,
) -> Result<out::DeskMail, Failure> {
    let client_name = match &mail.client {
        Some(client) => Some(Line::new(&file(env, client).await?.client.name)),
        None => None,
    };
    let author = mail.from.as_ref().map(|MailAuthor { address, name }| match name.as_str() {
        "" => Line::new(address),
        name => Line::new(&format!("{name} <{address}>")),
    });
    let subject = Some(Line::new(&mail.subject)).filter(|subject| !subject.is_empty());
    let (id, received_at) = (Line::new(&mail.ses_id), mail.received_at);
    Ok(out::DeskMail { matter, id, author, client_name, subject, received_at })
}

fn held_mail(mail: &InboundRecord) -> Result<out::HeldMail, Failure> {
    let (address, name) = author(mail)?;
    let author = if name.is_empty() { Line::new(&address.to_string()) } else { name };
    Ok(out::HeldMail {
        author,
        address,
        subject: Line::new(&mail.subject),
        received_at: mail.received_at,
        lapses_at: mail.lapses_at.ok_or_else(|| fault("a held mail never lapses"))?,
    })
}

/// The one link of a notice that asks for an act (G14).
async fn link<E: Env>(
    env: &E,
    key: &Key,
    notice: &MailNotice,
    recorded_at: Instant,
) -> Result<Option<ActionLink>, Failure> {
    let act = match &notice.content {
        MailContent::Question { .. } => MailAct::SentIt {
            address: keys::address_of(&key.pk).ok_or_else(|| fault("a question of no address"))?,
            asked_at: notice.due,
        },
        MailContent::HeldDigest { .. } => {
            MailAct::Adopt { notice: key.sk.trim_start_matches(keys::NOTICES).to_owned() }
        }
        MailContent::Held { .. }
        | MailContent::Unknown
        | MailContent::DeskForeignTicket { .. }
        | MailContent::DeskHeld { .. }
        | MailContent::DeskQuarantined { .. }
        | MailContent::DeskPoison
        | MailContent::DeskDeadNotice { .. } => return Ok(None),
    };
    let (client, spoc) = match &notice.to {
        MailRecipient::Claimed { client, spoc } | MailRecipient::Spoc { client, spoc } => {
            (client.clone(), spoc.clone())
        }
        // An act by link is a SPoC's: nobody else is given one.
        MailRecipient::Author | MailRecipient::Desk => return Ok(None),
    };
    let linked = LinkedAct::Mail(act.action());
    let token = MailToken { client, spoc, act, expires_at: links::open_ended(recorded_at) };
    let signing = links::signing_keys(env).await?;
    let signing = signing.first().ok_or_else(|| fault("there is no key for action links"))?;
    Ok(Some(ActionLink { act: linked, url: links::url(env, &token.sign(signing)) }))
}

async fn file<E: Env>(env: &E, client: &ClientId) -> Result<ClientFile, Failure> {
    client::load(env, client).await?.ok_or_else(|| fault("the client is missing"))
}

fn first(mails: &[InboundRecord]) -> Result<&InboundRecord, Failure> {
    mails.first().ok_or_else(|| fault("the mail's record is missing"))
}

fn author(mail: &InboundRecord) -> Result<(Address, Line), Failure> {
    let from = mail.from.as_ref().ok_or_else(|| fault("the mail has no author"))?;
    Ok((parse(&from.address)?, Line::new(&from.name)))
}

fn parse(address: &str) -> Result<Address, Failure> {
    Address::parse(address).map_err(|error| fault(&format!("the recipient's address: {error}")))
}
