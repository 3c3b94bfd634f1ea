//! Notices about a client (1.2, 14): names and powers are those of the SPoCs as they are known.

use domain::client::{ClientContent, ClientNotice, Designation, SpocChange};
use domain::{Instant, Power};
use mail::outbound::{self as out, DesignationChange, Envelope};
use mail::{Address, Line};

use super::{fault, ours, outgoing};
use crate::client::{self, ClientFile};
use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::ports::{Env, Outgoing};

/// Renders a notice about a client.
///
/// # Errors
/// Those of [`super::compose`].
pub(super) async fn of_client<E: Env>(
    env: &E,
    key: &Key,
    notice: &ClientNotice,
    recorded_at: Instant,
) -> Result<Outgoing, Failure> {
    let id = keys::client_of(&key.pk).ok_or_else(|| fault("the notice lies with no client"))?;
    let file = client::load(env, &id).await?.ok_or_else(|| fault("the client is missing"))?;
    let spoc = file.spoc(&notice.to).ok_or_else(|| fault("the SPoC is not registered any more"))?;
    let first = spoc.emails.first().ok_or_else(|| fault("the SPoC has no address"))?;
    let to = Address::parse(first);
    let to = to.map_err(|error| fault(&format!("the recipient's address: {error}")))?;
    let sender = ours(env.settings())?;
    let envelope = Envelope {
        sender: &sender,
        notice_id: key.sk.trim_start_matches(keys::NOTICES),
        at: recorded_at,
        to: &to,
        to_name: Line::new(&spoc.name),
        ticket: None,
        answers: None,
        links: Vec::new(),
    };
    outgoing(&envelope, &content(&file, notice), key)
}

fn content(file: &ClientFile, notice: &ClientNotice) -> out::Content {
    match &notice.content {
        ClientContent::SpocsChanged { changes } => out::Content::SpocsChanged(out::SpocsChanged {
            client_name: Line::new(&file.client.name),
            at: notice.due,
            changes: changes.iter().map(|change| designation(file, change, notice.due)).collect(),
        }),
        ClientContent::EditionPublished { n, url, effective_at } => {
            out::Content::EditionPublished(out::EditionPublished {
                n: *n,
                url: Line::new(url),
                effective_at: *effective_at,
            })
        }
    }
}

fn designation(file: &ClientFile, change: &SpocChange, at: Instant) -> DesignationChange {
    let known = file.spoc_at(&change.spoc, at).or_else(|| file.spoc(&change.spoc));
    let name = Line::new(known.map_or(change.spoc.as_str(), |spoc| spoc.name.as_str()));
    let ended = change.what == Designation::Ended;
    let powers = known.filter(|_| !ended).map_or(&[][..], |spoc| &spoc.powers);
    let powers: Vec<_> = powers.iter().copied().map(Power::spanish).collect();
    DesignationChange {
        name,
        what: match change.what {
            Designation::Begun => "fue designado como contacto autorizado",
            Designation::Changed => "cambió su designación como contacto autorizado",
            Designation::Ended => "dejó de ser contacto autorizado",
        },
        powers: Line::new(&powers.join(", ")),
    }
}
