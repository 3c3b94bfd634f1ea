//! Notices about a client's account: names and addresses are looked up.

use domain::ClientId;
use domain::Instant;
use domain::account::{Content, Notice, Recipient};
use mail::outbound::{self as out, ActionLink, Envelope, LinkedAct};
use mail::{Address, Line};

use super::{fault, ours, outgoing};
use crate::client::{self, ClientFile};
use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::links::{self, AccountToken};
use crate::ports::{Env, Outgoing, Settings};

/// Renders a notice about an account.
///
/// # Errors
/// Those of [`super::compose`].
pub(super) async fn of_account<E: Env>(
    env: &E,
    key: &Key,
    client: &ClientId,
    notice: &Notice,
    recorded_at: Instant,
) -> Result<Outgoing, Failure> {
    let settings = env.settings();
    let file = client::load(env, client).await?.ok_or_else(|| fault("the client is missing"))?;
    let sender = ours(settings)?;
    let (to, to_name) = recipient(settings, &file, &notice.to)?;
    let content = if let Content::DeskDeadNotice { notice, what } = &notice.content {
        out::Content::DeskDeadNotice(out::DeskDeadNotice {
            what: Line::new(kind_spanish(what)),
            notice: Line::new(notice),
            recipient: None,
            reason: None,
        })
    } else {
        out::Content::Account(out::Account {
            client_name: Line::new(&file.client.name),
            content: notice.content.clone(),
        })
    };
    let envelope = Envelope {
        sender: &sender,
        notice_id: key.sk.trim_start_matches(keys::NOTICES),
        at: recorded_at,
        to: &to,
        to_name,
        ticket: None,
        answers: None,
        links: action_links(env, &file, notice, recorded_at).await?,
    };
    outgoing(&envelope, &content, key)
}

/// The links of a notice to a SPoC (G14).
async fn action_links<E: Env>(
    env: &E,
    file: &ClientFile,
    notice: &Notice,
    at: Instant,
) -> Result<Vec<ActionLink>, Failure> {
    let Recipient::Spoc(id) = &notice.to else { return Ok(Vec::new()) };
    let spoc = file.spoc(id).ok_or_else(|| fault("the SPoC is not registered any more"))?;
    let keys = links::signing_keys(env).await?;
    let key = keys.first().ok_or_else(|| fault("there is no key for action links"))?;
    let link = |(action, expires_at)| {
        let (client, spoc) = (file.client.id.clone(), id.clone());
        let token = AccountToken { client, spoc, action, edition: None, expires_at };
        ActionLink { act: LinkedAct::Account(action), url: links::url(env, &token.sign(key)) }
    };
    let offered = links::offered_on_account(&notice.content, spoc, at);
    Ok(offered.into_iter().map(link).collect())
}

fn recipient(
    settings: &Settings,
    file: &ClientFile,
    to: &Recipient,
) -> Result<(Address, Line), Failure> {
    let (address, name) = match to {
        Recipient::Spoc(id) => {
            let spoc = file.spoc(id).ok_or_else(|| fault("the SPoC is not registered any more"))?;
            let first = spoc.emails.first().ok_or_else(|| fault("the SPoC has no address"))?;
            (first.as_str(), spoc.name.as_str())
        }
        Recipient::Desk => (settings.desk.as_str(), ""),
    };
    let parsed = Address::parse(address);
    let parsed = parsed.map_err(|error| fault(&format!("the recipient's address: {error}")))?;
    Ok((parsed, Line::new(name)))
}

/// What a kind of notice about an account is called.
pub(super) fn kind_spanish(kind: &str) -> &str {
    match kind {
        "payment_due" => "aviso de pago",
        "payment_reminder" => "recordatorio de pago",
        "last_notice" => "último aviso de pago",
        "suspended" => "aviso de suspensión",
        "suspension_annulled" => "corrección de una suspensión",
        "payment_received" => "pago recibido, falta reactivar",
        "reactivated" => "aviso de reactivación",
        "payment_reversed" => "pago devuelto por el banco",
        "tolerated" => "nuevo límite de pago",
        "breach_announced" => "anuncio de suspensión por una obligación",
        "breach_ended" => "fin de una suspensión por una obligación",
        "cancelled" => "aviso de cancelación",
        "renewal_ahead" => "aviso de renovación o término",
        "non_renewal" => "acuse de no renovación",
        "late_non_renewal" => "aviso de no renovación fuera de plazo",
        "expired" => "aviso de término de la póliza",
        other => other,
    }
}
