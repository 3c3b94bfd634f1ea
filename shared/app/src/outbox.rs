//! Sending a notice: claim, render, hand over, mark.
//!
//! A notice goes pending → sending → sent. The claim is a conditional write with a lease, so two relays
//! never send the same one at the same time. The mail service has no idempotency: a crash between its
//! acceptance and our mark can repeat one mail after the lease, unless the service's own event came
//! first. That is the one admitted repetition (A5).

use domain::account::{
    Content as AccountContent, Notice as AccountNotice, Recipient as AccountRecipient,
};
use domain::client::ClientNotice;
use domain::inbound::{MailContent, MailNotice, MailRecipient};
use domain::ticket::{Command, Content, Notice, Recipient};
use domain::{Actor, Instant, Participant, StaffMember, TicketRef};

use crate::account;
use crate::codec::Stored;
use crate::commit::{Commit, CommitError, Condition, Write};
use crate::compose;
use crate::execute::{self, Act, Loaded};
use crate::failure::Failure;
use crate::inbound;
use crate::item::{Item, Key};
use crate::keys;
use crate::limits::{BACKOFF, BACKOFF_MAX, LEASE, NOTICES_PAGE, PAGE_LEASE, SEND_ATTEMPTS_MAX};
use crate::looked::Looked;
use crate::ports::{Acceptance, Clock, Env, Mailer, Query, SendError, Store};
use crate::records::{Head, NoticeRecord, NoticeStatus, NoticeSubject, notice_item};

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Nothing to do: sent, superseded, in somebody else's hands, or not due yet.
    Nothing,
    /// The mail service has it.
    Sent,
    /// It no longer made sense.
    Superseded,
    /// It will be tried again.
    Later,
    /// It was given up, and the desk is told.
    Dead,
}

/// A notice as it lies in the table.
struct Found {
    key: Key,
    record: Stored<NoticeRecord>,
    status: NoticeStatus,
}

/// Sends the notice at `key` if it is to be sent.
///
/// # Errors
/// What the store says; a failed attempt to send is no error but a state.
pub async fn deliver<E: Env>(env: &E, key: &Key) -> Result<Delivery, Failure> {
    deliver_with(env, key, &mut Looked::default()).await
}

/// The same, with what has been read of its ticket already.
///
/// # Errors
/// As [`deliver`].
pub async fn deliver_with<E: Env>(
    env: &E,
    key: &Key,
    looked: &mut Looked,
) -> Result<Delivery, Failure> {
    let Some(found) = find(env, key).await? else { return Ok(Delivery::Nothing) };
    let now = env.clock().now();
    if !is_ready(&found, now) {
        return Ok(Delivery::Nothing);
    }
    let loaded = match &found.record.doc.subject {
        NoticeSubject::Ticket { reference, .. } => looked.ticket(env, reference).await?,
        NoticeSubject::Mail(_) | NoticeSubject::Account { .. } | NoticeSubject::Client(_) => None,
    };
    let head = loaded.as_ref().map(|loaded| &loaded.head.doc);
    if !still_due(env, &found, head, now).await? {
        let superseded = write(env, &found, NoticeStatus::Superseded, None)?;
        commit(env, vec![superseded]).await?;
        return Ok(Delivery::Superseded);
    }
    let Some(found) = claim(env, found, now).await? else { return Ok(Delivery::Nothing) };
    let message = match compose::compose(env, &found.key, &found.record.doc, loaded.as_ref()).await
    {
        Ok(message) => message,
        Err(Failure::Retryable(why)) => return put_off(env, found, &why).await,
        // What cannot be put into words will not be next time either: a person looks at it.
        Err(
            failure @ (Failure::Refused(_)
            | Failure::Invalid(_)
            | Failure::NotFound
            | Failure::KeyReused
            | Failure::Fault(_)),
        ) => return bury(env, found, &failure.to_string()).await,
    };
    match env.mailer().send(&message).await {
        Ok(Acceptance { id: ses_id, at }) => {
            let at = at.unwrap_or_else(|| env.clock().now());
            tracing::info!(aggregate = key.pk, notice = key.sk, ses_id, "a notice was sent");
            // The acceptance of what is no message leaves the ticket as it is.
            let changes = message_of(&found.record.doc.subject).is_some();
            let (loaded, unchanged) = if changes { (loaded, None) } else { (None, loaded) };
            looked.keep(unchanged);
            match accepted(env, found, &ses_id, at, loaded).await {
                // Perhaps the service's own event was faster: the notice is looked at again.
                Err(failure) if failure.is_retryable() => mark_sent(env, key, &ses_id, at).await?,
                answer => answer?,
            }
            Ok(Delivery::Sent)
        }
        Err(SendError::Refused(why)) => bury(env, found, &why).await,
        Err(SendError::Retryable(why)) => put_off(env, found, &why).await,
        // Perhaps it was taken: the service's event will tell, else the lease runs out.
        Err(SendError::Unknown(why)) => {
            tracing::warn!(notice = key.sk, why, "it is not known whether a mail was taken");
            Ok(Delivery::Later)
        }
    }
}

/// Marks a notice as accepted by the mail service at `at`, in one transaction with what that means for
/// its ticket (G15). Called by the relay and for the service's own event: the first one wins.
///
/// # Errors
/// What the store says.
pub async fn mark_sent<E: Env>(
    env: &E,
    key: &Key,
    ses_id: &str,
    at: Instant,
) -> Result<(), Failure> {
    let waits = |found: &Found| match found.status {
        NoticeStatus::Pending | NoticeStatus::Sending | NoticeStatus::Dead => true,
        NoticeStatus::Sent
        | NoticeStatus::Delivered
        | NoticeStatus::Bounced
        | NoticeStatus::Complained
        | NoticeStatus::Superseded
        | NoticeStatus::GivenUp => false,
    };
    // A notice that was accepted stays so: mostly a glance is enough.
    if !glimpse(env, key).await?.is_some_and(|seen| waits(&seen)) {
        return Ok(());
    }
    match find(env, key).await?.filter(waits) {
        Some(found) => accepted(env, found, ses_id, at, None).await,
        None => Ok(()),
    }
}

async fn accepted<E: Env>(
    env: &E,
    mut found: Found,
    ses_id: &str,
    at: Instant,
    loaded: Option<Loaded>,
) -> Result<(), Failure> {
    found.record.doc.ses_id = Some(ses_id.to_owned());
    found.record.doc.accepted_at = Some(at);
    found.record.doc.lease_until = None;
    let sent = write(env, &found, NoticeStatus::Sent, None)?;
    // What had been given up was taken after all.
    let given_up = found.status == NoticeStatus::Dead;
    let message = message_of(&found.record.doc.subject);
    let consequence = message.map(|(message, recipient)| {
        if given_up {
            Command::MessageTaken { message, recipient, at }
        } else {
            Command::MessageAccepted { message, at }
        }
    });
    with_consequence(env, &found.key, vec![sent], consequence, Actor::System, loaded).await
}

/// Marks a notice as delivered; only what was sent can be.
///
/// # Errors
/// What the store says.
pub async fn mark_delivered<E: Env>(env: &E, key: &Key) -> Result<(), Failure> {
    let is_sent = |found: &Found| found.status == NoticeStatus::Sent;
    // Should it have changed since the glance, the write's condition does not hold.
    let found = match glimpse(env, key).await?.filter(is_sent) {
        Some(seen) => Some(seen),
        None => find(env, key).await?.filter(is_sent),
    };
    match found {
        Some(found) => commit(env, vec![write(env, &found, NoticeStatus::Delivered, None)?]).await,
        None => Ok(()),
    }
}

/// Marks a notice as come back for good, with what that means for its ticket; the desk is told (G15).
///
/// # Errors
/// What the store says.
pub async fn mark_failed<E: Env>(
    env: &E,
    key: &Key,
    status: NoticeStatus,
    why: &str,
) -> Result<(), Failure> {
    let Some(found) = find(env, key).await? else { return Ok(()) };
    match found.status {
        NoticeStatus::Pending
        | NoticeStatus::Sending
        | NoticeStatus::Sent
        | NoticeStatus::Delivered => fail(env, found, status, why).await,
        // Known already, settled by a person, or sent again since under an id of its own.
        NoticeStatus::Bounced
        | NoticeStatus::Complained
        | NoticeStatus::Dead
        | NoticeStatus::GivenUp
        | NoticeStatus::Superseded => Ok(()),
    }
}

/// Records that a notice failed, whoever found it out. A complaint has been read, so it undoes nothing.
async fn fail<E: Env>(
    env: &E,
    mut found: Found,
    status: NoticeStatus,
    why: &str,
) -> Result<(), Failure> {
    found.record.doc.problem = Some(why.to_owned());
    found.record.doc.lease_until = None;
    let failed = write(env, &found, status, None)?;
    let complained = status == NoticeStatus::Complained;
    let message = message_of(&found.record.doc.subject).filter(|_| !complained);
    let told = told_of_failure(env, &found, message.as_ref()).await?;
    let writes: Vec<_> = std::iter::once(failed).chain(told).collect();
    let consequence =
        message.map(|(message, recipient)| Command::MessageBounced { message, recipient });
    with_consequence(env, &found.key, writes, consequence, Actor::System, None).await
}

/// The desk has a failed notice sent again, or gives it up; gives the key of the notice that is to be
/// sent, or was given up.
///
/// It is sent again as a notice of its own, which supersedes the one that failed: the table's stream
/// tells of it at once, and what the mail service still says of the first sending cannot be taken for
/// news of the second. A message that had reached nobody counts again from then on (G15).
///
/// # Errors
/// [`Failure::NotFound`] when it is not one that failed.
pub async fn settle_failed<E: Env>(
    env: &E,
    key: &Key,
    resend: bool,
    by: &StaffMember,
) -> Result<Key, Failure> {
    let found = find(env, key).await?.ok_or(Failure::NotFound)?;
    if !found.status.is_failed() {
        return Err(Failure::NotFound);
    }
    if !resend {
        commit(env, vec![write(env, &found, NoticeStatus::GivenUp, None)?]).await?;
        return Ok(key.clone());
    }
    let now = env.clock().now();
    let again = keys::notice(&key.pk, &id_of_repetition(key.sk.trim_start_matches(keys::NOTICES)));
    let subject = found.record.doc.subject.clone();
    let consequence = message_of(&subject)
        .map(|(message, recipient)| Command::MessageResent { message, recipient });
    let superseded = write(env, &found, NoticeStatus::Superseded, None)?;
    let record = Stored::new(NoticeRecord::new(subject, now));
    let schema = env.settings().write_schema;
    let item = notice_item(&record, again.clone(), NoticeStatus::Pending, Some(now), schema)?;
    let writes = vec![superseded, Write::Put { item, when: Condition::Absent }];
    with_consequence(env, key, writes, consequence, Actor::Staff(by.clone()), None).await?;
    Ok(again)
}

/// The id of a notice that is sent once more: the first one's, and for the how manieth time.
fn id_of_repetition(id: &str) -> String {
    let repeated = id.rsplit_once("-again-");
    let repeated = repeated.and_then(|(first, n)| Some((first, n.parse::<u32>().ok()?)));
    let (first, n) = repeated.unwrap_or((id, 0));
    format!("{first}-again-{}", n + 1)
}

async fn find<E: Env>(env: &E, key: &Key) -> Result<Option<Found>, Failure> {
    env.store().get(key).await?.map(read).transpose()
}

/// The notice as it is or was a moment ago.
async fn glimpse<E: Env>(env: &E, key: &Key) -> Result<Option<Found>, Failure> {
    env.store().glance(key).await?.map(read).transpose()
}

fn read(item: Item) -> Result<Found, Failure> {
    let record = Stored::<NoticeRecord>::read(&item)?;
    let status = item.status.as_deref().and_then(NoticeStatus::parse).ok_or_else(|| {
        Failure::Retryable(format!("notice {} is in a state that is not known here", item.key.sk))
    })?;
    Ok(Found { key: item.key, record, status })
}

/// Asks the domain once more before a notice goes out.
async fn still_due<E: Env>(
    env: &E,
    found: &Found,
    head: Option<&Head>,
    now: Instant,
) -> Result<bool, Failure> {
    match (&found.record.doc.subject, head) {
        (NoticeSubject::Ticket { notice, .. }, Some(head)) => {
            Ok(notice.still_due(&head.ticket, now) && !corrects_nothing(env, found, notice).await?)
        }
        (NoticeSubject::Ticket { reference, .. }, None) => {
            Err(Failure::Fault(format!("{reference} has no head")))
        }
        (NoticeSubject::Mail(notice), Some(_) | None) => {
            Ok(notice.still_due(waits(env, &found.key, notice).await?, now))
        }
        (NoticeSubject::Account { client, notice }, Some(_) | None) => {
            Ok(account::still_due(env, client, notice, now).await?
                && !annuls_nothing(env, found, notice).await?)
        }
        (NoticeSubject::Client(_), Some(_) | None) => Ok(true),
    }
}

/// Whether any of the mails that a notice is about is still held.
async fn waits<E: Env>(env: &E, key: &Key, notice: &MailNotice) -> Result<bool, Failure> {
    let mails = match &notice.content {
        MailContent::Question { .. } => {
            let Some(question) = inbound::question(env, &key.pk).await? else { return Ok(false) };
            let question = question.doc;
            // A later question has a notice of its own.
            if question.asked_at == notice.due { question.mails } else { Vec::new() }
        }
        MailContent::HeldDigest { mails, .. } => mails.clone(),
        MailContent::Held { .. }
        | MailContent::Unknown
        | MailContent::DeskForeignTicket { .. }
        | MailContent::DeskHeld { .. }
        | MailContent::DeskQuarantined { .. }
        | MailContent::DeskPoison
        | MailContent::DeskDeadNotice { .. } => keys::inbound_of(&key.pk).into_iter().collect(),
    };
    inbound::any_waits(env, &mails).await
}

/// Whether a notice takes back a closing or a reopening of which its reader was never told: then neither
/// goes out.
async fn corrects_nothing<E: Env>(
    env: &E,
    found: &Found,
    correction: &Notice,
) -> Result<bool, Failure> {
    if !correction.is_correction() {
        return Ok(false);
    }
    let mut query = Query::new(found.key.pk.as_str(), keys::NOTICES, NOTICES_PAGE);
    loop {
        let page = env.store().query(&query).await?;
        for item in &page.items {
            let subject = Stored::<NoticeRecord>::read(item)?.doc.subject;
            let NoticeSubject::Ticket { notice, .. } = subject else { continue };
            if correction.takes_back(&notice) && notice.to == correction.to {
                let status = item.status.as_deref().and_then(NoticeStatus::parse);
                return Ok(matches!(
                    status,
                    Some(NoticeStatus::Pending | NoticeStatus::Superseded | NoticeStatus::GivenUp)
                ));
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(false),
        }
    }
}

/// Whether a notice takes back a suspension of which its reader was never told: then neither goes out.
async fn annuls_nothing<E: Env>(
    env: &E,
    found: &Found,
    correction: &AccountNotice,
) -> Result<bool, Failure> {
    let AccountContent::SuspensionAnnulled { since, .. } = correction.content else {
        return Ok(false);
    };
    let Some(client) = keys::account_of(&found.key.pk) else { return Ok(false) };
    let told = account::notices(env, &client).await?.into_iter().find(|(_, record, _)| {
        matches!(&record.subject, NoticeSubject::Account { notice, .. }
            if notice.to == correction.to
                && matches!(notice.content, AccountContent::Suspended { since: from, .. } if from == since))
    });
    Ok(match told {
        Some((_, _, status)) => matches!(
            status,
            NoticeStatus::Pending | NoticeStatus::Superseded | NoticeStatus::GivenUp
        ),
        None => true,
    })
}

fn is_ready(found: &Found, now: Instant) -> bool {
    let free = found.record.doc.lease_until.is_none_or(|until| until <= now);
    match found.status {
        NoticeStatus::Pending | NoticeStatus::Sending => free,
        NoticeStatus::Sent
        | NoticeStatus::Delivered
        | NoticeStatus::Bounced
        | NoticeStatus::Complained
        | NoticeStatus::Superseded
        | NoticeStatus::Dead
        | NoticeStatus::GivenUp => false,
    }
}

/// The ticket of a notice, if it is about one.
async fn head_of<E: Env>(env: &E, found: &Found) -> Result<Option<Head>, Failure> {
    let NoticeSubject::Ticket { reference, .. } = &found.record.doc.subject else {
        return Ok(None);
    };
    let item = env.store().get(&keys::head(reference)).await?;
    item.map(|item| Ok(Stored::<Head>::read(&item)?.doc)).transpose()
}

/// Takes the notice for the time of a lease; `None` when somebody else was faster. The entry in the
/// due index stays where it was: a sweep that meets it sees the lease.
async fn claim<E: Env>(env: &E, mut found: Found, now: Instant) -> Result<Option<Found>, Failure> {
    let page = found.record.doc.subject.is_page();
    found.record.doc.lease_until = Some(now + if page { PAGE_LEASE } else { LEASE });
    found.record.doc.attempts += 1;
    let due = Some(found.record.doc.recorded_at);
    let write = write(env, &found, NoticeStatus::Sending, due)?;
    match env.store().commit(&Commit { writes: vec![write] }).await {
        Ok(()) => {
            found.record.rev += 1;
            found.status = NoticeStatus::Sending;
            Ok(Some(found))
        }
        Err(CommitError::Conflict(_)) => Ok(None),
        Err(
            error @ (CommitError::Retryable(_) | CommitError::Unknown(_) | CommitError::Fault(_)),
        ) => Err(error.into()),
    }
}

/// Tries again later, each time after twice the wait; at last a person looks at it.
async fn put_off<E: Env>(env: &E, mut found: Found, why: &str) -> Result<Delivery, Failure> {
    let attempts = found.record.doc.attempts;
    if attempts >= SEND_ATTEMPTS_MAX {
        return bury(env, found, why).await;
    }
    let wait = BACKOFF * 2_i32.saturating_pow(attempts.saturating_sub(1).min(10));
    let again = env.clock().now() + wait.min(BACKOFF_MAX);
    found.record.doc.lease_until = Some(again);
    found.record.doc.problem = Some(why.to_owned());
    let write = write(env, &found, NoticeStatus::Pending, Some(again))?;
    commit(env, vec![write]).await?;
    Ok(Delivery::Later)
}

/// Gives a notice up and tells the desk; a message that reaches nobody is void (G15).
async fn bury<E: Env>(env: &E, found: Found, why: &str) -> Result<Delivery, Failure> {
    // Why is kept with the notice, where the desk reads it: the service's words may repeat an address.
    tracing::error!(
        notice = found.key.sk,
        kind = found.record.doc.subject.kind(),
        metric = "DeadNotices",
        "notice is dead"
    );
    fail(env, found, NoticeStatus::Dead, why).await?;
    Ok(Delivery::Dead)
}

/// The desk's message that a notice carries, and to whom.
fn message_of(subject: &NoticeSubject) -> Option<(u32, Participant)> {
    let NoticeSubject::Ticket { notice, .. } = subject else { return None };
    if !notice.content.is_message() {
        return None;
    }
    let recipient = match &notice.to {
        Recipient::Spoc(id) => Participant::Spoc(id.clone()),
        Recipient::Participant(id) => Participant::Added(id.clone()),
        Recipient::Desk | Recipient::OnCall => return None,
    };
    Some((notice.about, recipient))
}

/// What the desk is told of a failed notice. When nobody is left whom a message could reach, the ticket
/// itself tells the desk so, and once is enough (G15).
async fn told_of_failure<E: Env>(
    env: &E,
    found: &Found,
    message: Option<&(u32, Participant)>,
) -> Result<Option<Write>, Failure> {
    if let Some((message, recipient)) = message {
        let head = head_of(env, found).await?;
        let sent = head.as_ref().and_then(|head| head.ticket.outbound(*message));
        let reaches_nobody = sent.is_some_and(|outbound| {
            let mut left = outbound.recipients.iter().filter(|id| !outbound.bounced.contains(id));
            left.all(|id| id == recipient)
        });
        if reaches_nobody {
            return Ok(None);
        }
    }
    tell_desk(env, found)
}

/// The desk's own notice that a notice failed; none about one that was to the desk itself, which
/// only the alarm on the log can tell.
fn tell_desk<E: Env>(env: &E, found: &Found) -> Result<Option<Write>, Failure> {
    let failed = &found.record.doc.subject;
    if failed.is_to_desk() {
        return Ok(None);
    }
    let now = env.clock().now();
    let failed_id = found.key.sk.trim_start_matches(keys::NOTICES);
    let (notice, what) = (failed_id.to_owned(), failed.kind().to_owned());
    let subject = match failed {
        NoticeSubject::Ticket { reference, notice: failed } => {
            let content = Content::DeskDeadNotice { notice, what };
            let notice = Notice { to: Recipient::Desk, content, ..failed.clone() };
            NoticeSubject::Ticket { reference: reference.clone(), notice }
        }
        NoticeSubject::Mail(MailNotice { due, .. })
        | NoticeSubject::Client(ClientNotice { due, .. }) => NoticeSubject::Mail(MailNotice {
            to: MailRecipient::Desk,
            due: *due,
            content: MailContent::DeskDeadNotice { notice, what },
        }),
        NoticeSubject::Account { client, notice: failed } => {
            let (to, content) =
                (AccountRecipient::Desk, AccountContent::DeskDeadNotice { notice, what });
            let notice = AccountNotice { to, content, ..failed.clone() };
            NoticeSubject::Account { client: client.clone(), notice }
        }
    };
    let id = format!("{failed_id}-dead-{}", found.record.rev);
    let key = keys::notice(&found.key.pk, &id);
    let record = Stored::new(NoticeRecord::new(subject, now));
    let schema = env.settings().write_schema;
    let item = notice_item(&record, key, NoticeStatus::Pending, Some(now), schema)?;
    Ok(Some(Write::Put { item, when: Condition::Absent }))
}

fn write<E: Env>(
    env: &E,
    found: &Found,
    status: NoticeStatus,
    due: Option<Instant>,
) -> Result<Write, Failure> {
    let schema = env.settings().write_schema;
    let item = notice_item(&found.record, found.key.clone(), status, due, schema)?;
    Ok(Write::Put { item, when: Condition::RevisionIs(found.record.rev) })
}

async fn with_consequence<E: Env>(
    env: &E,
    key: &Key,
    writes: Vec<Write>,
    consequence: Option<Command>,
    by: Actor,
    loaded: Option<Loaded>,
) -> Result<(), Failure> {
    let reference: Option<TicketRef> = keys::ticket_of(&key.pk);
    match (reference, consequence) {
        (Some(reference), Some(command)) => {
            let act = Act { by, also: writes, ..Act::system(reference, command) };
            // Boxed: an act inside a delivery is nested deeper than the compiler follows.
            Box::pin(execute::execute_on(env, &act, loaded)).await?;
            Ok(())
        }
        (Some(_) | None, Some(_) | None) => commit(env, writes).await,
    }
}

async fn commit<E: Env>(env: &E, writes: Vec<Write>) -> Result<(), Failure> {
    Ok(env.store().commit(&Commit { writes }).await?)
}
