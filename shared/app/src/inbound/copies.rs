//! Whom a SPoC's mail brings along: people in Cc from his client's domains take part in the ticket
//! (1.5); everybody else is only listed.

use domain::{ClientId, ParticipantId};
use mail::Address;

use super::reading::Reading;
use crate::addresses::{Codes, owner_of};
use crate::failure::Failure;
use crate::limits::COPIES_MAX;
use crate::ports::Env;
use crate::records::Owner;

/// The people in Cc.
#[derive(Default)]
pub(super) struct Copies {
    /// Those who take part from now on.
    pub(super) added: Vec<(ParticipantId, Address)>,
    /// The others, as they were read.
    pub(super) others: Vec<String>,
}

/// Sorts the mailboxes in Cc. Our own are passed over, and so are the SPoCs of the client: they take
/// part in each of his tickets already.
pub(super) async fn read<E: Env>(
    env: &E,
    codes: &Codes,
    client: &ClientId,
    reading: &Reading,
) -> Result<Copies, Failure> {
    let mut copies = Copies::default();
    let settings = env.settings();
    let author = reading.author.mailbox().map(|it| it.address.canonical());
    let mut seen: Vec<String> = author.into_iter().collect();
    for mailbox in reading.cc.iter().take(COPIES_MAX) {
        let address = &mailbox.address;
        let canonical = address.canonical();
        let ours = address.domain() == settings.mail_domain || canonical == settings.desk;
        if ours || seen.contains(&canonical) {
            continue;
        }
        seen.push(canonical);
        match owner_of(env, codes, address).await? {
            Some(Owner::Domain { client: theirs, .. }) if theirs == *client => {
                copies.added.push((codes.participant(address)?, address.clone()));
            }
            Some(Owner::Spoc { client: theirs, .. }) if theirs == *client => {}
            Some(
                Owner::Domain { .. }
                | Owner::Spoc { .. }
                | Owner::Staff { .. }
                | Owner::OdooHelpdesk,
            )
            | None => copies.others.push(address.to_string()),
        }
    }
    Ok(copies)
}
