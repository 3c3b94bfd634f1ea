//! What must hold once the faults have stopped and the sweep has passed.

use std::collections::BTreeMap;

use app::inbound::INBOUND;
use app::item::Item;
use app::keys;
use app::records::NoticeStatus;
use domain::evidence::{self, Link};
use domain::ticket::Ticket;
use domain::{Instant, TicketRef, TimeDelta};
use serde_json::Value;
use tests_scenarios::moment::show;
use tests_scenarios::post::Mail;

use crate::acts::Posted;
use crate::facts;
use crate::town::Town;
use crate::watch::{number, parsed};
use crate::witness::{ADDED, SURVEYED};

/// The sweep comes so often.
const SWEEP_EVERY: TimeDelta = TimeDelta::minutes(5);
/// Whoever sends began at most so long ago.
const LONGEST_RUN: TimeDelta = TimeDelta::minutes(5);

impl Town {
    /// Checks the world at rest.
    pub(crate) fn at_rest(&mut self) {
        let now = self.now();
        let items = self.ports.store.inner.dump();
        let checks = [
            self.nothing_is_left(now),
            every_notice_has_an_end(&items, now),
            self.every_mail_has_an_outcome(),
            self.mails_went_where_they_may(),
            self.mails_went_once(),
            self.acceptances_are_the_services(),
            self.heads_are_the_fold(&items),
            self.mails_at_rest(&items),
            self.standing_is_spread(&items, now),
            self.what_was_added_stays(&items),
            self.promises_are_business_time(&items),
            self.results_agree(),
        ];
        for check in checks {
            if let Err((invariant, found)) = check {
                self.watch.fail(now, invariant, found);
            }
        }
        if !self.watch.has_failed() {
            self.old_timers_change_nothing();
        }
    }

    /// Liveness: nothing is overdue, nothing runs, nothing lies in the bucket.
    fn nothing_is_left(&self, now: Instant) -> Result<(), Fault> {
        // What fell due since the last sweep is the next one's.
        let swept = now - SWEEP_EVERY;
        let overdue = self.ports.store.inner.due_entries().into_iter().find(|it| it.at <= swept);
        if let Some(entry) = overdue {
            let found = format!("{}/{} since {}", entry.key.pk, entry.key.sk, show(entry.at));
            return Err(("5: at rest nothing is overdue", found));
        }
        if !self.running.is_empty() {
            return Err(("at rest nothing runs", format!("{} runs", self.running.len())));
        }
        let waiting = self.ports.blobs.keys().into_iter().find(|key| key.starts_with(INBOUND));
        match waiting {
            Some(key) => Err(("1: at rest nothing lies in the bucket", key)),
            None => Ok(()),
        }
    }

    /// Invariant 1: each mail that came in has exactly one record, and its bytes are kept.
    fn every_mail_has_an_outcome(&self) -> Result<(), Fault> {
        let kept = self.ports.blobs.keys();
        for posted in &self.letters {
            let status = self.watch.status_of(&keys::inbound(&posted.id));
            let bytes = kept.iter().any(|key| key.ends_with(&format!("/{}", posted.id)));
            if status.is_none() || !bytes {
                let found = format!("{}: {status:?}, its bytes are kept: {bytes}", posted.id);
                return Err(("1, G10: nothing inbound is dropped", found));
            }
        }
        Ok(())
    }

    /// Invariant 12: no mail to one client's people is about another client's ticket or account, and none
    /// names one, but for what his own people wrote.
    fn mails_went_where_they_may(&self) -> Result<(), Fault> {
        for mail in &self.post.mails {
            let to = mail.message.to.as_str();
            let domain = to.rsplit('@').next().unwrap_or_default();
            let foreign = match domain {
                "ferretera.example" => "ANAHUAC",
                "anahuac.example" => "FERRE",
                _ => continue,
            };
            let is_about = mail.message.subject_tag.contains(foreign);
            let needle = format!("{foreign}-");
            let names = || String::from_utf8_lossy(&mail.message.mime).contains(&needle);
            let wrote = |posted: &Posted| {
                posted.letter.from.ends_with(domain) && posted.letter.subject.contains(&needle)
            };
            if is_about || names() && !self.letters.iter().any(wrote) {
                let found = format!("a mail to {to} names {foreign}: {}", mail.message.notice_id);
                return Err(("12: nothing of a client is told to another", found));
            }
        }
        Ok(())
    }

    /// G11, A5: a mail goes out once, and once more only where its acceptance was not certain.
    fn mails_went_once(&self) -> Result<(), Fault> {
        let mut times = BTreeMap::new();
        for mail in &self.post.mails {
            let message = &mail.message;
            let key = (message.subject_tag.clone(), message.notice_id.clone());
            *times.entry(key).or_insert(0_usize) += 1;
        }
        let more = times.into_iter().find(|(mail, times)| *times > self.watch.times(mail));
        match more {
            Some(((subject, id), times)) => {
                let found = format!("{subject} {id} went out {times} times");
                Err(("4, G11: a notice is sent once", found))
            }
            None => self.mails_were_not_repeated_in_vain(),
        }
    }

    /// A5: what the mail service says that it has accepted is not sent again.
    fn mails_were_not_repeated_in_vain(&self) -> Result<(), Fault> {
        for mail in &self.post.mails {
            let message = &mail.message;
            let key = (message.subject_tag.clone(), message.notice_id.clone());
            if self.watch.heard(&key).is_some_and(|heard| heard + LONGEST_RUN < mail.at) {
                let found = format!("{key:?} went out again at {}", show(mail.at));
                return Err(("4, A5: what was heard to be accepted is not sent again", found));
            }
        }
        Ok(())
    }

    /// Rule 10.5: a client's standing holds for each of his open tickets.
    fn standing_is_spread(&self, items: &[Item], now: Instant) -> Result<(), Fault> {
        for item in items.iter().filter(|it| it.key.sk == keys::HEAD) {
            let Some(reference) = keys::ticket_of(&item.key.pk) else { continue };
            let Some(gate) = self.watch.gate(&keys::client(&reference.client())) else { continue };
            let ticket = parsed(item)["ticket"].take();
            let closed = [gate, &ticket].map(|it| facts::is_closed(it, now.millis()));
            if ticket["cycle"]["closure"].is_null() && closed[0] != closed[1] {
                let found = format!("{reference}: {}, the gate {}", ticket["spans"], gate["spans"]);
                return Err(("10.5: a standing holds for each open ticket", found));
            }
        }
        Ok(())
    }

    /// G15: silence and pauses run from the mail service's own acceptance, whatever a host's clock says.
    fn acceptances_are_the_services(&self) -> Result<(), Fault> {
        for (pk, history) in self.watch.histories() {
            let tag = keys::tag_of_aggregate(pk);
            for fact in history.of_kind("message_accepted") {
                let at = Instant::from_millis(number(fact, "at"));
                let is_it = |mail: &Mail| mail.message.subject_tag == tag && mail.accepted_at == at;
                if !self.post.mails.iter().any(is_it) {
                    let found = format!("{pk}: {fact}, and nothing was accepted then");
                    return Err(("G15: what counts is the mail service's acceptance", found));
                }
            }
        }
        Ok(())
    }

    /// Invariant 10: the chain is whole, and the state is its fold.
    fn heads_are_the_fold(&self, items: &[Item]) -> Result<(), Fault> {
        let mut links: BTreeMap<&str, Vec<Link>> = BTreeMap::new();
        for item in items.iter().filter(|it| it.key.sk.starts_with(keys::EVENTS)) {
            let found = parsed(item)["links"].take();
            let found: Vec<Link> = serde_json::from_value(found).unwrap_or_default();
            links.entry(item.key.pk.as_str()).or_default().extend(found);
        }
        for reference in &self.tickets {
            let pk = keys::ticket(reference);
            let head = items.iter().find(|it| it.key.pk == pk && it.key.sk == keys::HEAD);
            let head = head.map(parsed).unwrap_or_default();
            let chain = links.get(pk.as_str()).map(Vec::as_slice).unwrap_or_default();
            fold(reference, chain, &head).map_err(|found| {
                ("10: the state is the fold of its events", format!("{reference}: {found}"))
            })?;
        }
        Ok(())
    }

    /// Of two releases over one table the earlier one keeps what the later one adds to evidence.
    fn what_was_added_stays(&self, items: &[Item]) -> Result<(), Fault> {
        if self.released_at.is_none() {
            return Ok(());
        }
        let marked = self.ports.store.marked();
        let stays = |sk: &str| sk == keys::HEAD || sk == "GATE" || sk.starts_with(keys::NOTICES);
        let mut evidence = items.iter().filter(|it| stays(&it.key.sk) && marked.contains(&it.key));
        match evidence.find(|it| !it.doc.contains(ADDED)) {
            Some(item) => Err(("what another release added stays", format!("{:?}", item.key))),
            None => Ok(()),
        }
    }

    /// Of everything that happened and everything that is there.
    pub(crate) fn hash(&self) -> u64 {
        let items = self.ports.store.inner.dump();
        let add = |hash: crate::dice::Hash, item: &Item| {
            let hash = hash.with(item.key.pk.as_bytes()).with(item.key.sk.as_bytes());
            hash.with(&item.rev.to_le_bytes()).with(item.doc.as_bytes())
        };
        items.iter().fold(self.trace.hash, add).0
    }
}

/// What must hold, and what was found.
type Fault = (&'static str, String);

/// Invariant 4: every notice was sent, superseded, or is dead where the desk sees it.
fn every_notice_has_an_end(items: &[Item], now: Instant) -> Result<(), Fault> {
    for item in items.iter().filter(|it| it.key.sk.starts_with(keys::NOTICES)) {
        let status = item.status.as_deref().and_then(NoticeStatus::parse);
        // One that is to go out later is due then.
        let later = item.due.is_some_and(|due| due.at > now);
        if status.is_none_or(NoticeStatus::is_due) && !later {
            let found = format!("{}/{}: {status:?}", item.key.pk, item.key.sk);
            return Err(("4: every notice has an end", found));
        }
        let seen = item.list.as_ref().is_some_and(|list| list.pk == keys::DESK_FAILED);
        if status.is_some_and(NoticeStatus::is_failed) && !seen {
            let found = format!(
                "{}/{}: {status:?}, and the desk does not see it",
                item.key.pk, item.key.sk
            );
            return Err(("4: what failed is seen by the desk", found));
        }
    }
    Ok(())
}

fn fold(reference: &TicketRef, links: &[Link], head: &Value) -> Result<(), String> {
    evidence::verify_of::<Value>(reference.as_str(), links).map_err(|fault| fault.to_string())?;
    // What only the next release knows moves the chain, and nothing else.
    let known = links.iter().filter(|link| !link.line.contains(SURVEYED));
    let known = known.map(|link| link.event().map(|event| (event, &link.hash)));
    let known = known.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let folded = Ticket::fold(known.iter().map(|(event, hash)| (event, *hash)));
    let mut folded = folded.ok_or("it does not start with an opening")?;
    if let (Some(last), Ok(seq)) = (links.last(), u32::try_from(links.len())) {
        (folded.seq, folded.chain) = (seq, last.hash.clone());
    }
    let stored: Ticket =
        serde_json::from_value(head["ticket"].clone()).map_err(|it| it.to_string())?;
    if folded == stored { Ok(()) } else { Err(format!("{stored:?} is not {folded:?}")) }
}
