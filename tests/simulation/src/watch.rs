//! What must hold after every commit, whatever goes wrong: the invariants, checked on what was written.

use std::collections::{BTreeMap, BTreeSet};

use app::commit::{Commit, Condition, Write};
use app::item::{Item, Key};
use app::keys;
use domain::Instant;
use serde_json::Value;

use crate::facts::{self, History};
use crate::guards::{self, Guard};
use crate::job::Ports;

/// Something that must hold does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// When it was seen.
    pub at: Instant,
    /// What must hold.
    pub invariant: &'static str,
    /// What was found.
    pub found: String,
}

/// Everything that was written, and the first thing that should not have been.
#[derive(Default)]
pub struct Watch {
    failure: Option<Violation>,
    /// Tickets and accounts by partition.
    histories: BTreeMap<String, History>,
    /// Statuses of notices and mails, by key.
    statuses: BTreeMap<Key, String>,
    /// Notices by what they are about (G11).
    ledger: BTreeMap<String, Key>,
    /// Notices that call whoever is on call.
    pages: BTreeSet<(String, String)>,
    gates: BTreeMap<String, Value>,
    accounts_due: BTreeMap<String, Instant>,
    /// Requests under a key, and links, with the instant at which they acted.
    acted: BTreeMap<Key, i64>,
    /// When the function heard of the acceptance of a mail: its subject's tag and its notice's id.
    heard: BTreeMap<(String, String), Instant>,
    may_repeat: BTreeMap<(String, String), usize>,
    /// Hosts' clocks differ in this life.
    pub(crate) skewed: bool,
}

impl Watch {
    /// What failed first.
    #[must_use]
    pub const fn failure(&self) -> Option<&Violation> {
        self.failure.as_ref()
    }

    /// Whether something failed.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Something does not hold. The first one counts.
    pub fn fail(&mut self, at: Instant, invariant: &'static str, found: String) {
        self.failure.get_or_insert(Violation { at, invariant, found });
    }

    /// The facts of each ticket and account.
    #[must_use]
    pub const fn histories(&self) -> &BTreeMap<String, History> {
        &self.histories
    }

    /// The standing of a client, by his partition: the gate as it was written last.
    #[must_use]
    pub fn gate(&self, pk: &str) -> Option<&Value> {
        self.gates.get(pk)
    }

    /// The statuses of the notices of a partition.
    pub fn statuses(&self, pk: &str) -> impl Iterator<Item = (&Key, &str)> {
        let all = self.statuses.range(Key::new(pk, keys::NOTICES)..);
        let mine = all.take_while(move |(key, _)| key.pk == pk);
        let mine: Vec<_> = mine.filter(|(key, _)| key.sk.starts_with(keys::NOTICES)).collect();
        mine.into_iter().map(|(key, status)| (key, status.as_str()))
    }

    /// The status of an item.
    #[must_use]
    pub fn status_of(&self, key: &Key) -> Option<&str> {
        self.statuses.get(key).map(String::as_str)
    }

    /// When the first account has something due.
    #[must_use]
    pub fn accounts_due(&self) -> Option<Instant> {
        self.accounts_due.values().min().copied()
    }

    /// A mail may go out once more (A5).
    pub fn may_repeat(&mut self, mail: (String, String)) {
        *self.may_repeat.entry(mail).or_default() += 1;
    }

    /// How often a mail may go out: its subject's tag and its notice's id.
    #[must_use]
    pub fn times(&self, mail: &(String, String)) -> usize {
        // The lease of a page is a minute, so that hosts whose clocks differ may both call.
        let page = if self.skewed && self.pages.contains(mail) { 9 } else { 0 };
        1 + page + self.may_repeat.get(mail).copied().unwrap_or_default()
    }

    /// A function has heard that the mail service accepted a mail.
    pub fn hear(&mut self, now: Instant, mail: (String, String)) {
        self.heard.entry(mail).or_insert(now);
    }

    /// When a function heard that a mail had been accepted.
    #[must_use]
    pub fn heard(&self, mail: &(String, String)) -> Option<Instant> {
        self.heard.get(mail).copied()
    }

    /// An item that was there before the life began.
    pub fn know(&mut self, start: Instant, item: &Item) {
        self.item(start, item, &[]);
    }

    /// A commit took effect.
    pub fn commit(&mut self, now: Instant, commit: &Commit, ports: &Ports) {
        for write in &commit.writes {
            if Guard::of(write).is_none() {
                self.apart(now, &write.key().sk);
            }
            match write {
                Write::Put { item, .. } => self.item(now, item, &commit.writes),
                Write::Delete { key, .. } => self.deleted(now, key),
                Write::Check { .. } => {}
            }
        }
        self.closings(now, commit, ports);
    }

    /// Each condition belongs to a guard that can be taken away, or is listed with why it decides nothing.
    fn apart(&mut self, now: Instant, sk: &str) {
        if !guards::APART.iter().any(|(prefix, _)| sk.starts_with(prefix)) {
            self.fail(now, "each condition belongs to a guard", sk.to_owned());
        }
    }

    fn item(&mut self, now: Instant, item: &Item, beside: &[Write]) {
        let Key { pk, sk } = &item.key;
        if sk.starts_with(keys::EVENTS) {
            self.events(now, item, beside);
        } else if sk == keys::HEAD {
            if let Some(at) = item.due.map(|due| due.at).filter(|_| pk.starts_with("B#")) {
                self.accounts_due.insert(pk.clone(), at);
            } else {
                self.accounts_due.remove(pk);
            }
            self.head(now, item);
        } else if sk.starts_with(keys::NOTICES) {
            self.notice(now, item);
        } else if sk == keys::MAIL {
            self.status(now, item, &MAIL_STEPS);
        } else if sk == "IDEM" || sk == "LINK" {
            self.acts_once(now, item);
        } else if sk == "GATE" {
            let doc = parsed(item);
            let before = self.gates.get(pk).map_or(0, |gate| number(gate, "rev"));
            if number(&doc, "rev") <= before.unsigned_abs().cast_signed() {
                self.fail(now, "8: a gate's revision grows", format!("{pk}: {doc}"));
            }
            self.gates.insert(pk.clone(), doc);
        }
    }

    /// Invariant 14, G14: a request under a key, and a link, act once.
    fn acts_once(&mut self, now: Instant, item: &Item) {
        let at = number(&parsed(item), "at");
        let before = self.acted.insert(item.key.clone(), at);
        if before.is_some_and(|before| at < before + facts::KEY_KEPT_MS) {
            let found = format!("{}/{} acted twice", item.key.pk, item.key.sk);
            self.fail(now, "14, G14: a request and a link act once", found);
        }
    }

    fn deleted(&mut self, now: Instant, key: &Key) {
        let is_evidence = key.sk.starts_with(keys::EVENTS)
            || key.sk.starts_with(keys::NOTICES)
            || key.sk == keys::HEAD
            || key.sk == keys::MAIL;
        if is_evidence {
            let found = format!("{}/{} was deleted", key.pk, key.sk);
            self.fail(now, "4, 10: what was recorded stays", found);
        }
    }

    /// Invariant 10: sequence without gaps, written once; and what each fact asks for.
    fn events(&mut self, now: Instant, item: &Item, beside: &[Write]) {
        let doc = parsed(item);
        let pk = item.key.pk.clone();
        for link in doc["links"].as_array().into_iter().flatten() {
            let line = link["line"].as_str().unwrap_or_default();
            let event: Value = serde_json::from_str(line).unwrap_or_default();
            let history = self.histories.entry(pk.clone()).or_default();
            let expected = history.events.len() as i64 + 1;
            if number(&event, "seq") != expected {
                let found = format!("{pk}: event {line} comes where {expected} should");
                return self.fail(now, "10: events have no gap and are written once", found);
            }
            let found = facts::check(now, history, &event);
            history.events.push(event.clone());
            if let Err((invariant, found)) = found {
                self.fail(now, invariant, format!("{pk}: {found}"));
            }
            self.standing(now, &pk, &event, beside);
        }
    }

    /// Invariant 8: acts that depend on standing carry its revision, and nothing is served while there
    /// is no service.
    fn standing(&mut self, now: Instant, pk: &str, event: &Value, beside: &[Write]) {
        let fact = &event["fact"];
        let kind = fact["kind"].as_str().unwrap_or_default();
        let (at, held) = match kind {
            "opened" | "reopened" => ("received_at", fact["held"].as_bool().unwrap_or_default()),
            "same_day_accepted" | "emergency_cost_accepted" => ("at", false),
            _ => return,
        };
        let Some(code) = pk.strip_prefix("T#").and_then(|it| it.split('-').next()) else { return };
        let client = format!("C#{code}");
        let gate = self.gates.get(&client);
        let rev = gate.map_or(0, |gate| number(gate, "rev"));
        let condition = beside.iter().find_map(|write| match write.condition() {
            Condition::GateRevIs(seen) => Some(*seen),
            Condition::Absent | Condition::RevisionIs(_) | Condition::StatusIs(_) => None,
        });
        let seen = condition.map_or(-1, |seen| i64::try_from(seen).unwrap_or(-1));
        // A change of the gate in the same transaction is the act of an account, not of a ticket.
        if seen != rev {
            let found = format!("{pk}: {kind} was committed under gate {seen}, it is at {rev}");
            return self.fail(
                now,
                "8: an act that depends on standing carries its revision",
                found,
            );
        }
        let at = number(fact, at);
        let closed = gate.is_some_and(|gate| facts::is_closed(gate, at));
        if closed && !held {
            let found = format!("{pk}: {kind} at {at} although the gate is closed: {gate:?}");
            self.fail(now, "8: who is suspended is not served as active", found);
        }
    }

    fn head(&mut self, now: Instant, item: &Item) {
        let history = self.histories.entry(item.key.pk.clone()).or_default();
        let before = std::mem::replace(&mut history.rev, item.rev);
        if item.rev != before + 1 {
            let found = format!("{}: revision {} after {before}", item.key.pk, item.rev);
            self.fail(now, "10: a head is written revision by revision", found);
        }
    }

    fn notice(&mut self, now: Instant, item: &Item) {
        let is_new = !self.statuses.contains_key(&item.key);
        self.status(now, item, &NOTICE_STEPS);
        // What it tells is settled when it is recorded.
        if !is_new {
            return;
        }
        let doc = parsed(item);
        let (subject, id) = (&doc["subject"], item.key.sk.trim_start_matches(keys::NOTICES));
        let notice =
            [&subject["ticket"]["notice"], &subject["account"]["notice"], &subject["mail"]];
        let Some(notice) = notice.into_iter().find(|it| it.is_object()) else { return };
        let kind = &notice["content"]["kind"];
        if kind == "desk_page" {
            let tag = keys::tag_of_aggregate(&item.key.pk);
            self.pages.insert((tag, id.to_owned()));
        }
        // A notice that is sent again, or that tells of one that failed, is one of its own.
        if id.contains("-again-") || id.contains("-dead-") {
            return;
        }
        let parts = ["to", "cycle", "due", "about"].map(|name| notice[name].to_string());
        let key = format!("{} {kind} {}", item.key.pk, parts.join(" "));
        let first = self.ledger.entry(key).or_insert_with(|| item.key.clone());
        if *first != item.key {
            let found = format!("{first:?} and {:?} tell the same: {notice}", item.key);
            self.fail(now, "3, G11: one notice per cause", found);
        }
    }

    /// A status goes only ways that are listed.
    fn status(&mut self, now: Instant, item: &Item, steps: &[(&str, &[&str])]) {
        let status = item.status.clone().unwrap_or_default();
        let before = self.statuses.insert(item.key.clone(), status.clone());
        let Some(before) = before else { return };
        let allowed = steps.iter().find(|(from, _)| *from == before).map(|(_, to)| *to);
        if before != status && !allowed.is_some_and(|to| to.contains(&status.as_str())) {
            let found = format!("{}/{}: {before} became {status}", item.key.pk, item.key.sk);
            self.fail(now, "1, 4, 10: a status goes only listed ways", found);
        }
    }

    /// Invariant 7: no ticket closes at T while a mail older than T lies in the bucket.
    fn closings(&mut self, now: Instant, commit: &Commit, ports: &Ports) {
        for write in &commit.writes {
            let pk = write.key().pk.as_str();
            if !write.key().sk.starts_with(keys::EVENTS) || !pk.starts_with("T#") {
                continue;
            }
            let Some(event) = self.histories.get(pk).and_then(|it| it.events.last()) else {
                continue;
            };
            let fact = &event["fact"];
            // A host whose clock is ahead closes before a mail that comes meanwhile: the closing is
            // undone by it (G7).
            if fact["kind"] != "closed" || fact["reason"] != "auto" || self.skewed {
                continue;
            }
            let older = facts::older_in_bucket(ports, number(fact, "at"));
            if !older.is_empty() {
                let found = format!("{pk} closed at {} before {older:?}", fact["at"]);
                self.fail(now, "7: no ticket closes before a mail that was there first", found);
            }
        }
    }
}

/// The ways of a notice.
const NOTICE_STEPS: [(&str, &[&str]); 7] = [
    ("pending", &["sending", "superseded", "sent", "bounced", "complained", "dead"]),
    ("sending", &["pending", "sent", "superseded", "bounced", "complained", "dead"]),
    ("sent", &["delivered", "bounced", "complained"]),
    ("delivered", &["bounced", "complained"]),
    ("dead", &["sent", "superseded", "given_up"]),
    ("bounced", &["superseded", "given_up"]),
    ("complained", &["superseded", "given_up"]),
];

/// The ways of a mail that came in. One that lapsed may still be confirmed, into a ticket of its own.
const MAIL_STEPS: [(&str, &[&str]); 6] = [
    ("held_unproven", &["confirmed", "released", "adopted", "discarded", "lapsed"]),
    ("held_colleague", &["adopted", "released", "confirmed", "discarded", "lapsed"]),
    ("quarantined", &["released", "adopted", "discarded"]),
    ("note", &["released", "adopted", "discarded"]),
    ("lapsed", &["confirmed", "adopted", "released", "discarded"]),
    (
        "poison",
        &["ticket", "reply", "note", "held_unproven", "held_colleague", "quarantined", "duplicate"],
    ),
];

pub(crate) fn parsed(item: &Item) -> Value {
    serde_json::from_str(&item.doc).unwrap_or_default()
}

/// A whole number in a document; zero where there is none.
pub(crate) fn number(of: &Value, name: &str) -> i64 {
    of[name].as_i64().unwrap_or_default()
}
