//! One attempt at an act on an account: what is loaded, decided and written.

use std::collections::BTreeMap;

use domain::account::{self, Account, Coming, Command, Decision, Scene, View};
use domain::agreement::Agreement;
use domain::billing::{Month, Payment};
use domain::client::{Start, starts};
use domain::{Actor, ClientId, Instant, TimeDelta};

use super::records::{AccountHead, PaymentMark, account_item};
use crate::attempts::{Planned, Plans, Sealed};
use crate::client::{self, ClientFile};
use crate::codec::Stored;
use crate::commit::{Commit, Condition, WRITES_MAX, Write};
use crate::failure::Failure;
use crate::keys;
use crate::ports::{Clock, Env, Store};
use crate::records::{
    Events, NoticeRecord, NoticeStatus, NoticeSubject, Salted, Text, notice_item,
};
use crate::standing;

/// An act on an account.
#[derive(Clone)]
pub struct Act {
    /// Whose account.
    pub client: ClientId,
    /// What.
    pub command: Command,
    /// Who.
    pub by: Actor,
    /// The texts whose digests the command carries.
    pub texts: Vec<Salted>,
    /// What else is written in the same transaction.
    pub also: Vec<Write>,
}

impl Act {
    /// An act without words.
    #[must_use]
    pub fn new(client: ClientId, command: Command, by: Actor) -> Self {
        Self { client, command, by, texts: Vec::new(), also: Vec::new() }
    }
}

/// What an act did.
#[derive(Debug, Clone)]
pub struct Done {
    /// The account as it is now.
    pub head: AccountHead,
    /// Number of the first event of the act; none when nothing changed.
    pub first: Option<u32>,
}

/// An account as it is loaded for an act.
#[derive(Debug)]
pub struct Loaded {
    /// The head; none where no account was opened.
    pub head: Option<Stored<AccountHead>>,
    /// The client.
    pub file: ClientFile,
    /// What is in force now of the póliza that the account is kept of.
    pub fresh: Agreement,
    /// The póliza after it, where one is known.
    pub coming: Option<Coming>,
    /// The agreements of the months that fell due.
    pub pinned: Vec<Agreement>,
    /// Of each month that may fall due by now, what was known on its first day.
    pub opening: BTreeMap<Month, Agreement>,
}

impl Loaded {
    /// The account under its agreements; none where no account was opened.
    #[must_use]
    pub fn view(&self) -> Option<View<'_>> {
        let account = &self.head.as_ref()?.doc.account;
        let (fresh, pinned, coming) = (&self.fresh, &self.pinned, self.coming.as_ref());
        Some(View { account, fresh, pinned, opening: None, coming })
    }

    /// The account as a decision leaves it, under the agreements that the decision knew.
    #[must_use]
    pub fn after<'a>(&'a self, account: &'a Account) -> View<'a> {
        let (fresh, pinned, coming) = (&self.fresh, &self.pinned, self.coming.as_ref());
        View { account, fresh, pinned, opening: Some(&self.opening), coming }.begun()
    }

    /// The account becomes what a decision leaves, as if it had been loaded after it.
    pub(super) fn become_of(&mut self, decision: Decision) {
        let Decision { account, timers, spans, .. } = decision;
        if let Some(begun) = self.coming.take_if(|it| account.start == Some(it.start)) {
            self.fresh = begun.agreement;
        }
        self.pinned.extend(self.opening.values().cloned());
        self.file.gate.spans = spans;
        let doc = AccountHead { account, wake: timers.into() };
        match &mut self.head {
            Some(head) => head.doc = doc,
            None => self.head = Some(Stored::new(doc)),
        }
    }
}

/// Loads a client's account with the client and the agreements that it needs.
///
/// # Errors
/// [`Failure::NotFound`] when there is no such client; what the store says otherwise.
pub async fn load<E: Env>(env: &E, client: &ClientId) -> Result<Loaded, Failure> {
    let file = client::load(env, client).await?.ok_or(Failure::NotFound)?;
    let head = env.store().get(&keys::account_head(client)).await?;
    let head = head.as_ref().map(Stored::<AccountHead>::read).transpose()?;
    let now = env.clock().now();
    let running = Running::of(&file, head.as_ref().map(|head| &head.doc.account), now);
    let fresh = file.as_known(env, running.at, now).await?;
    let coming = running.coming(env, &file, now).await?;
    let mut pinned: Vec<Agreement> = Vec::new();
    let mut opening = BTreeMap::new();
    match &head {
        Some(head) => {
            for month in &head.doc.account.months {
                if pinned.iter().all(|known| known.pinned != month.pinned) {
                    pinned.push(file.pinned(env, &month.pinned).await?);
                }
            }
            let mut months = head.doc.account.may_fall_due(now);
            let begins = coming.as_ref().and_then(|it| Month::of(it.start));
            months.extend(begins.filter(|month| month.first_day() <= now.date()));
            for month in months {
                let begins = coming.as_ref().filter(|_| begins.is_some_and(|it| it <= month));
                let fresh = begins.map_or(&fresh, |it| &it.agreement);
                opening.extend(open(env, &file, fresh, month).await?.map(|it| (month, it)));
            }
        }
        None => {
            if let Some(month) = Month::of(now.date()) {
                opening.extend(open(env, &file, &fresh, month).await?.map(|it| (month, it)));
            }
        }
    }
    Ok(Loaded { head, file, fresh, coming, pinned, opening })
}

/// Which of a client's pólizas his account is kept of.
struct Running {
    /// The instant whose terms hold for it: now, or the last one before the next póliza begins.
    at: Instant,
    /// The first day of the next one.
    next: Option<Start>,
}

impl Running {
    fn of(file: &ClientFile, account: Option<&Account>, now: Instant) -> Self {
        let starts = starts(&file.plans);
        let since = account.map_or(now, |account| account.opened_at).date();
        let own = account.and_then(|account| account.start).or_else(|| {
            let begun = starts.iter().rfind(|start| start.day <= since);
            begun.or(starts.first()).map(|start| start.day)
        });
        let next = starts.into_iter().find(|start| own.is_some_and(|own| own < start.day));
        let begins = next.and_then(|next| account::first_instant(next.day).ok());
        let before = begins.map(|at| at - TimeDelta::milliseconds(1));
        Self { at: before.map_or(now, |before| before.min(now)), next }
    }

    async fn coming<E: Env>(
        &self,
        env: &E,
        file: &ClientFile,
        now: Instant,
    ) -> Result<Option<Coming>, Failure> {
        let Some(Start { day: start, known_from }) = self.next else { return Ok(None) };
        let at = account::first_instant(start);
        let at = at.map_err(|error| Failure::Fault(error.to_string()))?;
        let agreement = file.as_known(env, at, now.max(known_from)).await?;
        Ok(Some(Coming { start, known_from, agreement }))
    }
}

/// What held for a month, as it was known on its first day (G6); where nothing was known then, as it was
/// known first.
async fn open<E: Env>(
    env: &E,
    file: &ClientFile,
    fresh: &Agreement,
    month: Month,
) -> Result<Option<Agreement>, Failure> {
    let start = fresh.terms.start.value;
    let day = start.map_or(month.first_day(), |start| start.max(month.first_day()));
    let at = account::first_instant(day).map_err(|error| Failure::Fault(error.to_string()))?;
    known_on(env, file, at).await
}

async fn known_on<E: Env>(
    env: &E,
    file: &ClientFile,
    at: Instant,
) -> Result<Option<Agreement>, Failure> {
    match file.known_since(at) {
        Some(known_at) => file.as_known(env, at, known_at).await.map(Some),
        None => Ok(None),
    }
}

/// What an act would do now, without doing it.
///
/// # Errors
/// What the rules say ([`Failure::Refused`]).
pub fn preview<E: Env>(env: &E, loaded: &Loaded, act: &Act) -> Result<Decision, Failure> {
    let scene = Scene {
        now: env.clock().now(),
        fresh: &loaded.fresh,
        pinned: &loaded.pinned,
        opening: &loaded.opening,
        coming: loaded.coming.as_ref(),
        spocs: &loaded.file.spocs,
    };
    let (command, by) = (act.command.clone(), act.by.clone());
    let decision = match &loaded.head {
        Some(head) => account::decide(&scene, &head.doc.account, command, by)?,
        None => account::begin(&scene, act.client.clone(), command, by)?,
    };
    Ok(decision)
}

/// An act on an account, to be planned until it is committed.
pub(super) struct OnAccount<'a, E> {
    pub(super) env: &'a E,
    pub(super) act: &'a Act,
}

impl<E: Env> Plans for OnAccount<'_, E> {
    type Done = Done;

    async fn plan(&mut self, unknown: Option<&Sealed>) -> Result<Planned<Done>, Failure> {
        let (env, act) = (self.env, self.act);
        let loaded = load(env, &act.client).await?;
        if let (Some(sealed), Some(head)) = (unknown, &loaded.head)
            && happened(env, &head.doc.account, sealed).await?
        {
            let first = Some(sealed.first);
            return Ok(Planned::Nothing(Done { head: head.doc.clone(), first }));
        }
        if let Some(head) = &loaded.head
            && recorded_before(env, &head.doc.account, &act.command).await?
        {
            return Ok(Planned::Nothing(Done { head: head.doc.clone(), first: None }));
        }
        let decision = preview(env, &loaded, act)?;
        let before = loaded.head.as_ref().map_or(0, |head| head.doc.account.seq);
        let first = (!decision.links.is_empty()).then_some(before + 1);
        let sealed = first.map(|first| Sealed { first, links: decision.links.clone() });
        let writing = Writing { env, act, loaded: &loaded };
        let (commit, head) = writing.commit(decision).await?;
        let done = Done { head, first };
        if commit.writes.is_empty() {
            return Ok(Planned::Nothing(done));
        }
        Ok(Planned::Commit { commit, also: act.also.len(), sealed, done })
    }
}

/// Whether a commit whose outcome was unknown did happen: then its events lie in the account.
async fn happened<E: Env>(env: &E, account: &Account, sealed: &Sealed) -> Result<bool, Failure> {
    if account.seq < sealed.first {
        return Ok(false);
    }
    let key = keys::events_of(&keys::account(&account.client), sealed.first);
    let Some(item) = env.store().get(&key).await? else { return Ok(false) };
    Ok(Stored::<Events>::read(&item)?.doc.links == sealed.links)
}

/// Whether the command is a payment that was recorded so long ago that its month is closed (10.2).
///
/// # Errors
/// [`Failure::Refused`] when its reference is then another payment's; what the store says.
pub(super) async fn recorded_before<E: Env>(
    env: &E,
    account: &Account,
    command: &Command,
) -> Result<bool, Failure> {
    let Command::RecordPayment { reference, value_date, amount, names } = command else {
        return Ok(false);
    };
    if account.payment(reference).is_some() {
        return Ok(false);
    }
    let mark = env.store().get(&keys::payment(&account.client, reference)).await?;
    let Some(mark) = mark.as_ref().map(Stored::<PaymentMark>::read).transpose()? else {
        return Ok(false);
    };
    // A mark that was written before it said of what knows the payment by its reference alone.
    let Some(known) = mark.doc.payment else { return Ok(true) };
    let (reference, recorded_at) = (reference.clone(), known.recorded_at);
    let (value_date, amount, names) = (*value_date, *amount, *names);
    let told = Payment { reference, value_date, amount, names, recorded_at };
    account::told_again(&known, &told).map_err(Failure::Refused)?;
    Ok(true)
}

/// Turns a decision into one commit.
struct Writing<'a, E> {
    env: &'a E,
    act: &'a Act,
    loaded: &'a Loaded,
}

impl<E: Env> Writing<'_, E> {
    async fn commit(&self, decision: Decision) -> Result<(Commit, AccountHead), Failure> {
        let schema = self.env.settings().write_schema;
        let mut writes = Vec::new();
        let mut head = match &self.loaded.head {
            Some(head) => head.clone(),
            None => Stored::new(AccountHead {
                account: decision.account.clone(),
                wake: decision.timers.into(),
            }),
        };
        let moved = head.doc.wake != decision.timers.into() || head.rev == 0;
        let gate_differs = self.loaded.file.gate.spans != decision.spans;
        if !decision.links.is_empty() || moved || gate_differs {
            self.add_events(&mut writes, &decision, schema)?;
            self.add_notices(&mut writes, &decision, schema)?;
            if gate_differs || decision.touches_standing {
                let spans = decision.spans.clone();
                writes.extend(standing::writes(self.env, &self.act.client, spans).await?.1);
            }
            let when = Condition::unchanged(head.rev);
            head.doc.wake = decision.timers.into();
            head.doc.account = decision.account;
            let item = account_item(&head, schema)?;
            writes.insert(0, Write::Put { item, when });
        }
        if !writes.is_empty() {
            writes.extend(self.act.also.iter().cloned());
        }
        if writes.len() > WRITES_MAX {
            return Err(Failure::Fault(format!("an act of {} writes", writes.len())));
        }
        Ok((Commit { writes }, head.doc))
    }

    fn add_events(
        &self,
        writes: &mut Vec<Write>,
        decision: &Decision,
        schema: u16,
    ) -> Result<(), Failure> {
        let Some(first) = decision.events.first().map(|event| event.seq) else { return Ok(()) };
        let pk = keys::account(&self.act.client);
        let mut texts = BTreeMap::new();
        for event in &decision.events {
            if let account::Fact::PaymentRecorded(payment) = &event.fact {
                let key = keys::payment(&self.act.client, &payment.reference);
                let mark = PaymentMark { seq: event.seq, payment: Some(payment.clone()) };
                let item = Stored::new(mark).item(key, schema)?;
                writes.push(Write::Put { item, when: Condition::Absent });
            }
            let Some(digest) = event.fact.text() else { continue };
            let Some(salted) = self.act.texts.iter().find(|text| text.digest == *digest) else {
                continue;
            };
            let text = Text {
                salt: salted.salt(),
                text: Some(salted.text.clone()),
                blob: None,
                by: self.act.by.clone(),
                at: event.at,
                attachments: Vec::new(),
                mail: None,
            };
            texts.insert(event.seq, text);
        }
        let events = Stored::new(Events { links: decision.links.clone(), texts });
        let item = events.item(keys::events_of(&pk, first), schema)?;
        writes.push(Write::Put { item, when: Condition::Absent });
        Ok(())
    }

    fn add_notices(
        &self,
        writes: &mut Vec<Write>,
        decision: &Decision,
        schema: u16,
    ) -> Result<(), Failure> {
        let recorded_at = self.env.clock().now();
        let client = &self.act.client;
        for notice in &decision.notices {
            let key = keys::notice(&keys::account(client), &notice.id(client));
            let subject = NoticeSubject::Account { client: client.clone(), notice: notice.clone() };
            let record = Stored::new(NoticeRecord::new(subject, recorded_at));
            let status = NoticeStatus::Pending;
            let item = notice_item(&record, key, status, Some(recorded_at), schema)?;
            writes.push(Write::Put { item, when: Condition::Absent });
        }
        Ok(())
    }
}
