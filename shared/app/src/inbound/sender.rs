//! Who wrote a mail, and to which ticket it belongs: what the store says of the address in From.

use domain::inbound::{SenderKind, Thread};
use domain::{ClientId, Instant, Power, Spoc, SpocId, StaffMember, TicketRef};
use mail::Address;
use mail::inbound::{Belongs, Report, ReportRecipient, Whose};
use mail::threading::Key as ThreadingKey;

use super::reading::Reading;
use crate::addresses::Codes;
use crate::auth;
use crate::client::{self, ClientFile};
use crate::codec::Stored;
use crate::failure::Failure;
use crate::keys;
use crate::ports::{Env, KeyPurpose, Secrets, Store};
use crate::records::{Head, MailThread, Owner};

/// Who the address in From is.
pub(super) struct Sender {
    pub(super) kind: SenderKind,
    /// The address's code; none where From holds no one mailbox.
    pub(super) code: Option<String>,
    /// The client to whom the address belongs, with his file.
    pub(super) file: Option<ClientFile>,
    /// The SPoC whose registered address it is.
    pub(super) spoc: Option<SpocId>,
    /// The member of the desk whose address it is.
    pub(super) staff: Option<StaffMember>,
    /// For its domain, SPF proves the sender (M1).
    pub(super) spf_suffices: bool,
    /// The ticket to which the mail belongs (M2).
    pub(super) thread: Option<MailThread>,
    /// The ticket of another client that it names (13).
    pub(super) foreign: Option<TicketRef>,
}

impl Sender {
    /// Nobody that is known.
    const fn stranger(code: Option<String>) -> Self {
        Self {
            kind: SenderKind::Stranger,
            code,
            file: None,
            spoc: None,
            staff: None,
            spf_suffices: false,
            thread: None,
            foreign: None,
        }
    }

    /// The client to whom the address belongs.
    pub(super) fn client(&self) -> Option<&ClientId> {
        self.file.as_ref().map(|file| &file.client.id)
    }

    /// How the mail threads, as the rule takes it.
    pub(super) const fn threads(&self) -> Thread {
        match (&self.thread, &self.foreign) {
            (Some(_), _) => Thread::Own,
            (None, Some(_)) => Thread::Foreign,
            (None, None) => Thread::None,
        }
    }
}

/// Looks up who wrote a mail, and its ticket.
pub(super) async fn sender<E: Env>(
    env: &E,
    codes: &Codes,
    reading: &Reading,
    at: Instant,
) -> Result<Sender, Failure> {
    let Some(address) = reading.author.mailbox().map(|it| &it.address) else {
        return Ok(Sender::stranger(None));
    };
    let mut sender = owner(env, codes, address, at).await?;
    let keys = threading_keys(env).await?;
    let belongs = belonging(reading, &keys, address, &sender);
    let Some(ticket) = belongs.ticket.cloned() else { return Ok(sender) };
    match belongs.thread {
        Thread::Own => {
            let Some(item) = env.store().get(&keys::head(&ticket)).await? else {
                return Ok(sender);
            };
            let head = Stored::<Head>::read(&item)?.doc;
            let outsider = matches!(sender.kind, SenderKind::Colleague | SenderKind::Stranger);
            if outsider && head.ticket.has_participant(&codes.participant(address)?) {
                sender.kind = SenderKind::Participant;
            }
            sender.thread = Some(MailThread { ticket, signed: belongs.signed });
        }
        Thread::Foreign => sender.foreign = Some(ticket),
        Thread::None => {}
    }
    Ok(sender)
}

/// To which ticket the mail belongs: by what the sender sent, or by what a report of one of our mails
/// brought back. A mark in a report was made for the recipient whom it is about.
fn belonging<'a>(
    reading: &'a Reading,
    keys: &[ThreadingKey],
    address: &Address,
    sender: &Sender,
) -> Belongs<'a> {
    let whose = match (sender.kind, sender.client()) {
        (SenderKind::Staff | SenderKind::OdooHelpdesk, _) => Whose::Any,
        (_, Some(client)) => Whose::Client(client),
        (_, None) => Whose::Invited,
    };
    let belongs = reading.marks.belongs(keys, address, whose);
    if belongs.thread == Thread::Own {
        return belongs;
    }
    let verified = reading.report.as_ref().and_then(|report| verified(report, keys));
    let verified = verified.map(|(ticket, _)| ticket);
    match verified {
        Some(ticket) => Belongs { thread: Thread::Own, ticket: Some(ticket), signed: true },
        None => belongs,
    }
}

/// The ticket and the recipient of the mail of ours that a report is about, where a mark that was made
/// for that recipient came back: whoever sent the report has had the mail.
pub(super) fn verified<'a>(
    report: &'a Report,
    keys: &[ThreadingKey],
) -> Option<(&'a TicketRef, &'a ReportRecipient)> {
    let marks = || report.marks.iter();
    let all = report.recipients.iter().flat_map(|it| marks().map(move |mark| (mark, it)));
    let mut returned = all.filter(|(mark, recipient)| {
        let address = recipient.address.as_ref();
        address.is_some_and(|it| mark.verify(keys, &mark.ticket().client(), it))
    });
    returned.next().map(|(mark, recipient)| (mark.ticket(), recipient))
}

/// Whose the address is, by itself or by its domain.
async fn owner<E: Env>(
    env: &E,
    codes: &Codes,
    address: &Address,
    at: Instant,
) -> Result<Sender, Failure> {
    let code = codes.of(address);
    let found = [keys::owner(&code), keys::owner(&codes.of_domain(address.domain()))];
    let mut sender = Sender::stranger(Some(code));
    for item in env.store().get_many(&found).await? {
        match Stored::<Owner>::read(&item)?.doc {
            Owner::Spoc { client, spoc } => {
                sender.file = client::load(env, &client).await?;
                let known = sender.file.as_ref().and_then(|file| file.spoc_at(&spoc, at));
                // An address that he no longer had then says nothing of him.
                let known = known.filter(|known| known.has_address(&address.canonical()));
                if let Some(kind) = known.and_then(|known| kind_of(known, at)) {
                    sender.kind = kind;
                    sender.spoc = Some(spoc);
                }
            }
            Owner::Staff { staff } => {
                // Who left the desk is a stranger to it.
                if let Some(member) = auth::staff(env, &staff).await? {
                    sender.kind = SenderKind::Staff;
                    sender.staff = Some(member.member());
                }
            }
            Owner::OdooHelpdesk => sender.kind = SenderKind::OdooHelpdesk,
            Owner::Domain { client, spf_suffices } => {
                sender.spf_suffices = spf_suffices;
                if sender.kind == SenderKind::Stranger {
                    sender.kind = SenderKind::Colleague;
                    if sender.file.is_none() {
                        sender.file = client::load(env, &client).await?;
                    }
                }
            }
        }
    }
    if sender.kind == SenderKind::Stranger {
        // A SPoC of former times, whose address is of no domain of his client.
        sender.file = None;
    }
    Ok(sender)
}

/// What a registered SPoC is at `at`; none where his designation does not hold.
fn kind_of(spoc: &Spoc, at: Instant) -> Option<SenderKind> {
    match (spoc.holds_at(at), spoc.may(Power::Open, at)) {
        (_, true) => Some(SenderKind::Spoc),
        (true, false) => Some(SenderKind::SpocWithoutOpen),
        (false, false) => None,
    }
}

/// The keys with which marks are verified, the signing one first.
pub(super) async fn threading_keys<E: Env>(env: &E) -> Result<Vec<ThreadingKey>, Failure> {
    let keys = env.secrets().keys(KeyPurpose::MailThreading).await;
    let keys = keys.map_err(|error| Failure::Retryable(error.to_string()))?;
    let key = |key: &crate::ports::SigningKey| ThreadingKey::new(key.id, &key.bytes);
    let keys: Result<Vec<_>, _> = keys.iter().map(key).collect();
    keys.map_err(|error| Failure::Fault(error.to_string()))
}
