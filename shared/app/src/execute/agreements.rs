//! Which agreements a decision may need besides those that the ticket is under: for a cycle that the act
//! may begin, and for a held clock that it may start (G6).

use domain::Instant;
use domain::agreement::Agreement;
use domain::ticket::{self, Command, DeskAct, ReplyKind, SpocAct};

use super::Loaded;
use crate::client::{self, ClientFile};
use crate::failure::Failure;
use crate::ports::{Clock, Env};

/// The agreement for a cycle that the command may start; only then are the versions read.
pub(super) async fn fresh_agreement<E: Env>(
    env: &E,
    loaded: &Loaded,
    command: &Command,
) -> Result<Agreement, Failure> {
    let ticket = &loaded.head.doc.ticket;
    let reopens = match command {
        Command::Spoc { received_at, act: SpocAct::Write(_), .. }
        | Command::Participant { received_at, .. }
            if may_reopen(ticket) =>
        {
            Some(*received_at)
        }
        Command::Spoc { .. }
        | Command::Participant { .. }
        | Command::Desk(_)
        | Command::MailNoted { .. }
        | Command::BlockClosing { .. }
        | Command::UnblockClosing { .. }
        | Command::MessageAccepted { .. }
        | Command::MessageBounced { .. }
        | Command::MessageTaken { .. }
        | Command::MessageResent { .. }
        | Command::ApplyStanding
        | Command::Tick(_) => None,
    };
    if let (Command::Desk(DeskAct::Recalculate { .. }), Some(from)) =
        (command, ticket.cycle.clock_from)
    {
        return loaded.file.as_known(env, from, env.clock().now()).await;
    }
    match reopens {
        Some(at) => loaded.file.in_force(env, at).await,
        None => Ok(loaded.pinned[0].clone()),
    }
}

/// Whether the desk has stopped same-day offers today (7.6); read only where the act may make one.
pub(super) async fn offers_stopped<E: Env>(
    env: &E,
    loaded: &Loaded,
    command: &Command,
) -> Result<bool, Failure> {
    let ticket = &loaded.head.doc.ticket;
    let held = ticket.cycle.clock_from.is_none();
    let may_offer = match command {
        _ if held && loaded.file.gate.rev > ticket.standing_rev => true,
        Command::Spoc { act: SpocAct::Write(_), .. } | Command::Participant { .. } => {
            may_reopen(ticket)
        }
        Command::Desk(DeskAct::Downgrade { .. } | DeskAct::MarkThanks { .. }) => true,
        Command::Spoc { .. }
        | Command::Desk(_)
        | Command::MailNoted { .. }
        | Command::BlockClosing { .. }
        | Command::UnblockClosing { .. }
        | Command::MessageAccepted { .. }
        | Command::MessageBounced { .. }
        | Command::MessageTaken { .. }
        | Command::MessageResent { .. }
        | Command::ApplyStanding
        | Command::Tick(_) => false,
    };
    if may_offer { client::offers_stopped(env, env.clock().now().date()).await } else { Ok(false) }
}

/// Whether a message may begin a new cycle: something has closed, or silence may have.
fn may_reopen(ticket: &ticket::Ticket) -> bool {
    let mut sent = ticket.cycle.outbound.iter();
    ticket.cycle.closure.is_some()
        || ticket.before.is_some()
        || sent.any(|message| message.reply == ReplyKind::Solution)
}

/// The receipts that begin a cycle, or may by this act.
pub(super) fn receipts(ticket: &ticket::Ticket, command: &Command) -> Vec<Instant> {
    let cycle = &ticket.cycle;
    let mut receipts = Vec::new();
    if cycle.clock_from.is_none() {
        receipts.push(cycle.received_at);
    }
    if let Command::Spoc { received_at, act: SpocAct::Write(_), .. }
    | Command::Participant { received_at, .. } = command
    {
        receipts.push(*received_at);
    }
    if may_reopen(ticket) {
        receipts.extend(cycle.inbound.iter().map(|message| message.received_at));
    }
    receipts
}

/// The reactivations after those of `receipts` that came while the póliza was not served, each with
/// what holds at it (10.6).
pub(super) async fn reactivations<E: Env>(
    env: &E,
    file: &ClientFile,
    receipts: &[Instant],
    now: Instant,
) -> Result<Vec<(Instant, Agreement)>, Failure> {
    let gate = &file.gate;
    let held = receipts.iter().filter(|at| gate.closed_at(**at).is_some());
    let served = held.filter_map(|at| domain::standing::served_from(&gate.spans, *at));
    let mut known: Vec<(Instant, Agreement)> = Vec::new();
    for at in served.filter(|at| *at <= now) {
        if known.iter().all(|(reactivated_at, _)| *reactivated_at != at) {
            known.push((at, file.in_force(env, at).await?));
        }
    }
    Ok(known)
}

pub(super) fn agreement_of<'a>(
    ticket: &ticket::Ticket,
    known: impl IntoIterator<Item = &'a Agreement>,
    fresh: &Agreement,
) -> Agreement {
    let current = known.into_iter().find(|agreement| agreement.pinned == ticket.cycle.pinned);
    current.unwrap_or(fresh).clone()
}
