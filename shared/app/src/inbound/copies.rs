//! Whom a SPoC's mail brings along (1.5): people in Cc from his client's domains take part in the ticket,
//! other SPoCs of his client read along; everybody else is only listed.

use domain::{ClientId, ParticipantId, SpocId};
use mail::Address;
use mail::inbound::Mailbox;

use crate::addresses::{Codes, is_ours, owner_of};
use crate::failure::Failure;
use crate::limits::COPIES_MAX;
use crate::ports::Env;
use crate::records::Owner;

/// The people in Cc.
#[derive(Clone, Default)]
pub(super) struct Copies {
    /// Those who take part from now on.
    pub(super) added: Vec<(ParticipantId, Address)>,
    /// The client's SPoCs, who read along from now on.
    pub(super) spocs: Vec<SpocId>,
    /// The others, as they were read.
    pub(super) others: Vec<String>,
}

/// Sorts the mailboxes in Cc of a mail by `author`. Our own are passed over.
pub(super) async fn read<E: Env>(
    env: &E,
    codes: &Codes,
    client: &ClientId,
    author: Option<&Address>,
    cc: &[Mailbox],
) -> Result<Copies, Failure> {
    let mut copies = Copies::default();
    let settings = env.settings();
    let mut seen: Vec<String> = author.into_iter().map(Address::canonical).collect();
    for mailbox in cc.iter().take(COPIES_MAX) {
        let address = &mailbox.address;
        let canonical = address.canonical();
        if is_ours(settings, address) || seen.contains(&canonical) {
            continue;
        }
        seen.push(canonical);
        match owner_of(env, codes, address).await? {
            Some(Owner::Domain { client: theirs, .. }) if theirs == *client => {
                copies.added.push((codes.participant(address)?, address.clone()));
            }
            Some(Owner::Spoc { client: theirs, spoc }) if theirs == *client => {
                copies.spocs.push(spoc);
            }
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
