//! Two tickets become one in one transaction: both heads carry the condition that nobody changed them
//! meanwhile, so of two merges at once, or of a merge and any other act, one goes first and the other is
//! decided anew on what it finds (4.5).

use domain::agreement::Agreement;
use domain::evidence::TextDigest;
use domain::ticket::{self, AddedParticipant, Command, MergeSide, Merged, Ticket};
use domain::{Actor, Instant, StaffMember, TicketRef};

use super::{Loaded, Plan, agreement_of, fresh_agreement, load, offers_stopped};
use super::{reactivations, receipts, store_large_texts};
use crate::attempts::{self, Planned, Plans, Sealed};
use crate::codec::Stored;
use crate::commit::{Commit, WRITES_MAX, Write};
use crate::failure::Failure;
use crate::idempotency::Once;
use crate::keys;
use crate::ports::{Clock, Env, Store};
use crate::records::{Salted, Text};
use crate::tickets;

/// Two tickets to be merged, in any order.
pub struct MergeAct {
    /// One of them.
    pub one: TicketRef,
    /// The other.
    pub other: TicketRef,
    /// Why.
    pub text: Salted,
    /// Who merges them.
    pub by: StaffMember,
    /// The request that is marked as made in the same transaction.
    pub once: Option<Once>,
}

/// What a decision on one of the two reads besides the ticket.
struct Stage {
    now: Instant,
    fresh: Agreement,
    reactivations: Vec<(Instant, Agreement)>,
    offers_stopped: bool,
}

impl Stage {
    async fn of<E: Env>(env: &E, loaded: &Loaded) -> Result<Self, Failure> {
        let (now, command) = (env.clock().now(), Command::ApplyStanding);
        let receipts = receipts(&loaded.head.doc.ticket, &command);
        Ok(Self {
            now,
            fresh: fresh_agreement(env, loaded, &command).await?,
            reactivations: reactivations(env, &loaded.file, &receipts, now).await?,
            offers_stopped: offers_stopped(env, loaded, &command).await?,
        })
    }

    fn scene<'a>(&'a self, loaded: &'a Loaded) -> ticket::Scene<'a> {
        ticket::Scene {
            now: self.now,
            fresh: &self.fresh,
            pinned: &loaded.pinned,
            reactivations: &self.reactivations,
            gate: &loaded.file.gate,
            spocs: &loaded.file.spocs,
            offers_stopped: self.offers_stopped,
        }
    }

    fn agreement(&self, loaded: &Loaded, ticket: &Ticket) -> Agreement {
        let reactivated = self.reactivations.iter().map(|(_, agreement)| agreement);
        agreement_of(ticket, loaded.pinned.iter().chain(reactivated), &self.fresh)
    }
}

/// Merges two tickets of one client: the one that was received earlier stays. Gives it, and the number
/// of its event; none where they had been merged before.
///
/// # Errors
/// What the rules or the store say; [`Failure::NotFound`] where one of them does not exist.
pub async fn merge<E: Env>(env: &E, act: &MergeAct) -> Result<(TicketRef, Option<u32>), Failure> {
    attempts::carry_out(env, &mut OnTwo { env, act }).await
}

/// The plan of a merge. One of which it is not known whether it was written needs no asking: merged
/// already, there is nothing to do.
struct OnTwo<'a, E> {
    env: &'a E,
    act: &'a MergeAct,
}

impl<E: Env> Plans for OnTwo<'_, E> {
    type Done = (TicketRef, Option<u32>);

    async fn plan(&mut self, _: Option<&Sealed>) -> Result<Planned<Self::Done>, Failure> {
        let (env, act) = (self.env, self.act);
        let (one, other) = (load(env, &act.one).await?, load(env, &act.other).await?);
        let received = |it: &Loaded| {
            let opened = &it.head.doc.ticket.opened;
            (opened.received_at, opened.reference.to_string())
        };
        let (survivor, later) =
            if received(&one) <= received(&other) { (one, other) } else { (other, one) };
        let reference = survivor.head.doc.ticket.opened.reference.clone();
        let first = survivor.head.doc.ticket.seq + 1;
        Ok(match decide(env, act, later, survivor).await? {
            None => Planned::Nothing((reference, None)),
            Some((commit, also)) => {
                let done = (reference, Some(first));
                Planned::Commit { commit, also, sealed: None, done }
            }
        })
    }
}

/// The commit that merges them, and how many of its writes are not the tickets' own; none where nothing
/// is to be done.
async fn decide<E: Env>(
    env: &E,
    act: &MergeAct,
    later: Loaded,
    survivor: Loaded,
) -> Result<Option<(Commit, usize)>, Failure> {
    let (leaves, stays) = (Stage::of(env, &later).await?, Stage::of(env, &survivor).await?);
    let (mut texts, added) = participants(env, &later.head.doc.ticket).await?;
    texts.push(act.text.clone());
    let by = Actor::Staff(act.by.clone());
    let merged = {
        let (leaving, staying) = (leaves.scene(&later), stays.scene(&survivor));
        let from = MergeSide { scene: &leaving, ticket: &later.head.doc.ticket };
        let into = MergeSide { scene: &staying, ticket: &survivor.head.doc.ticket };
        let text: TextDigest = act.text.digest.clone();
        ticket::merge(from, into, text, added, &by)?
    };
    let Merged { later: from, survivor: into } = merged;
    if from.links.is_empty() && into.links.is_empty() {
        return Ok(None);
    }
    let (reference, first) = (into.ticket.opened.reference.clone(), into.events.first());
    let first = first.map(|event| event.seq);
    store_large_texts(env, &later.head.doc.ticket.opened.reference, &texts).await?;
    let mut writes = Vec::new();
    for (loaded, stage, decision) in [(later, leaves, from), (survivor, stays, into)] {
        let agreement = stage.agreement(&loaded, &decision.ticket);
        let plan = Plan { env, texts: &texts, by: &by, file: &loaded.file };
        let (commit, _) = plan.commit(loaded.head, decision, &agreement, &[]).await?;
        // Both may depend on the client's standing, which one condition says.
        let known = |write: &Write, known: &[Write]| known.iter().any(|it| it.key() == write.key());
        for write in commit.writes {
            if !known(&write, &writes) {
                writes.push(write);
            }
        }
    }
    let mut also = 0;
    if let Some(once) = &act.once {
        let schema = env.settings().write_schema;
        writes.push(once.mark(&reference, first, env.clock().now(), schema)?);
        also = 1;
    }
    if writes.len() > WRITES_MAX {
        return Err(Failure::Fault(format!("a merge of {} writes", writes.len())));
    }
    Ok(Some((Commit { writes }, also)))
}

/// The addresses that took part in a ticket, to be added to another one with a text of their own there.
async fn participants<E: Env>(
    env: &E,
    ticket: &Ticket,
) -> Result<(Vec<Salted>, Vec<AddedParticipant>), Failure> {
    let reference = &ticket.opened.reference;
    let (mut texts, mut added) = (Vec::new(), Vec::new());
    for known in &ticket.participants {
        let Some(item) = env.store().get(&keys::text(reference, known.seq)).await? else {
            continue;
        };
        let stored = Stored::<Text>::read(&item)?.doc;
        let Some(address) = tickets::words(env, &stored).await? else { continue };
        let text = tickets::salted(env, address);
        added.push(AddedParticipant { id: known.id.clone(), text: text.digest.clone() });
        texts.push(text);
    }
    Ok((texts, added))
}
