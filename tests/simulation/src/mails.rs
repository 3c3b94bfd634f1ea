//! What must hold of mail that came in, once the faults have stopped and the sweep has passed.

use std::collections::{BTreeMap, BTreeSet};

use app::item::Item;
use app::keys;
use domain::{Instant, NaiveDate, TimeDelta};
use serde_json::Value;

use crate::acts::Posted;
use crate::town::Town;
use crate::watch::{number, parsed};
use crate::weather::DEADLY;

/// At most so many automatic answers to an address on a local day (M5).
const ANSWERS_A_DAY: usize = 5;
/// Digests of held mails are at least so far apart, in milliseconds (1.2a).
const DIGESTS_APART: i64 = 3_600_000;

/// What must hold, and what was found.
type Fault = (&'static str, String);

/// A mail's record.
struct Record {
    status: String,
    doc: Value,
}

/// A notice as it was recorded.
struct Told<'a> {
    pk: &'a str,
    /// What is told, and to whom.
    notice: Value,
    recorded_at: Instant,
}

impl Town {
    /// Checks the mail at rest.
    pub(crate) fn mails_at_rest(&self, items: &[Item]) -> Result<(), Fault> {
        if self.letters.is_empty() {
            return Ok(());
        }
        let records = items.iter().filter(|it| it.key.sk == keys::MAIL).filter_map(|it| {
            let status = it.status.clone().unwrap_or_default();
            Some((keys::inbound_of(&it.key.pk)?, Record { status, doc: parsed(it) }))
        });
        let records: BTreeMap<String, Record> = records.collect();
        let told: Vec<Told<'_>> = items.iter().filter_map(told).collect();
        self.one_ticket_of_one_content(&records)?;
        self.what_kills_is_set_aside(&records)?;
        self.answers_are_few(&records, &told)?;
        held_mails_are_asked_about(items, &records)?;
        digests_are_apart(&told)
    }

    /// Invariant 2: at most one ticket of the same content under the same Message-ID.
    fn one_ticket_of_one_content(&self, records: &BTreeMap<String, Record>) -> Result<(), Fault> {
        let mut tickets: BTreeMap<[&str; 4], BTreeSet<&str>> = BTreeMap::new();
        for Posted { id, letter } in &self.letters {
            let Some(record) = records.get(id) else { continue };
            let content = [&letter.from, &letter.message_id, &letter.subject, &letter.text];
            let of = tickets.entry(content.map(String::as_str)).or_default();
            of.extend(record.doc["ticket"].as_str());
        }
        match tickets.iter().find(|(_, tickets)| tickets.len() > 1) {
            Some(more) => Err(("2: at most one ticket of the same mail", format!("{more:?}"))),
            None => Ok(()),
        }
    }

    /// Invariant 15: what kills whoever reads it is set aside, and the desk is told.
    fn what_kills_is_set_aside(&self, records: &BTreeMap<String, Record>) -> Result<(), Fault> {
        for Posted { id, .. } in self.letters.iter().filter(|it| it.id.ends_with(DEADLY)) {
            let status = records.get(id).map(|it| it.status.as_str());
            let told = self.watch.statuses(&keys::inbound(id).pk).count();
            if status != Some("poison") || told != 1 {
                let found = format!("{id} is {status:?}, the desk was told {told} times");
                return Err(("15: a poison event is isolated", found));
            }
        }
        Ok(())
    }

    /// Invariant 13: a machine's mail is not answered, a mail at most once, and an address at most so
    /// often on a day.
    fn answers_are_few(
        &self,
        records: &BTreeMap<String, Record>,
        told: &[Told<'_>],
    ) -> Result<(), Fault> {
        let mut of_day: BTreeMap<(&str, NaiveDate), usize> = BTreeMap::new();
        for Posted { id, letter } in &self.letters {
            let Some(record) = records.get(id) else { continue };
            let opened = record.doc["ticket"].as_str().filter(|_| record.status == "ticket");
            let ticket = opened.map(|reference| format!("T#{reference}")).unwrap_or_default();
            let own = keys::inbound(id).pk;
            let answers = told.iter().filter(|it| {
                let is_first = it.notice["cycle"] == 1 && it.notice["about"] == 1;
                let kind = &it.notice["content"]["kind"];
                it.pk == own && it.notice["to"] == "author"
                    || it.pk == ticket && is_first && *kind == "acknowledgement"
            });
            let answers: Vec<&Told<'_>> = answers.collect();
            if answers.len() > usize::from(!letter.automatic) {
                let found = format!("{} answers to {id} of {}", answers.len(), letter.from);
                return Err(("13: a mail is answered once, a machine's never", found));
            }
            for answer in answers.into_iter().filter(|it| !is_about_midnight(it.recorded_at)) {
                let day = (letter.from.as_str(), answer.recorded_at.date());
                let times = of_day.entry(day).or_default();
                *times += 1;
                if *times > ANSWERS_A_DAY {
                    let found = format!("{times} answers to {day:?}");
                    return Err(("13: at most so many answers to an address and day", found));
                }
            }
        }
        Ok(())
    }
}

/// An answer is counted an instant before it is recorded, by a clock that may be off.
fn is_about_midnight(at: Instant) -> bool {
    (at - TimeDelta::minutes(5)).date() != (at + TimeDelta::minutes(5)).date()
}

fn told(item: &Item) -> Option<Told<'_>> {
    let id = item.key.sk.strip_prefix(keys::NOTICES)?;
    if id.contains("-again-") || id.contains("-dead-") {
        return None;
    }
    let mut doc = parsed(item);
    let recorded_at = Instant::from_millis(number(&doc, "recorded_at"));
    let subject = &mut doc["subject"];
    let notice = if subject["mail"].is_object() {
        subject["mail"].take()
    } else {
        subject["ticket"]["notice"].take()
    };
    Some(Told { pk: &item.key.pk, notice, recorded_at })
}

/// M1a: the one question of an address lists every mail that waits for its answer.
fn held_mails_are_asked_about(
    items: &[Item],
    records: &BTreeMap<String, Record>,
) -> Result<(), Fault> {
    let questions = items.iter().filter(|it| it.key.sk == "QUESTION");
    let questions: Vec<&str> = questions.map(|it| it.doc.as_str()).collect();
    let mut held = records.iter().filter(|(_, it)| it.status == "held_unproven");
    let is_asked = |id: &str| questions.iter().any(|doc| doc.contains(&format!("\"{id}\"")));
    match held.find(|(id, _)| !is_asked(id)) {
        Some((id, _)) => Err(("M1a: who is claimed is asked about each mail", id.clone())),
        None => Ok(()),
    }
}

/// 1.2a: SPoCs hear of what waits at once, and then at most hourly.
fn digests_are_apart(told: &[Told<'_>]) -> Result<(), Fault> {
    let mut at: BTreeMap<(&str, String), Vec<i64>> = BTreeMap::new();
    for it in told.iter().filter(|it| it.notice["content"]["kind"] == "held_digest") {
        let to = (it.pk, it.notice["to"].to_string());
        at.entry(to).or_default().push(number(&it.notice, "due"));
    }
    for (to, mut dues) in at {
        dues.sort_unstable();
        if dues.windows(2).any(|pair| pair[1] - pair[0] < DIGESTS_APART) {
            return Err(("1.2a: what waits is told hourly at most", format!("{to:?} at {dues:?}")));
        }
    }
    Ok(())
}
