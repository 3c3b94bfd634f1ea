//! How many automatic answers there may be (M5), and how many alerts to the desk: for each address and
//! day, and in all by the hour.
//!
//! Each is counted in the transaction that causes it, so a crash counts none twice. The count of
//! all is spread over shards by the address: no counter is touched by every mail.

use domain::{Instant, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::codec::{Document, Stored};
use crate::commit::{Condition, Write};
use crate::failure::Failure;
use crate::item::Key;
use crate::keys;
use crate::limits::{
    ANSWER_SHARDS, ANSWERS_A_DAY_MAX, ANSWERS_AN_HOUR_AND_SHARD_MAX, ANSWERS_KEPT,
};
use crate::ports::{Env, Store};

/// Answers to one address, or alerts because of it, on one local day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OfDay {
    date: NaiveDate,
    n: u32,
}

impl Document for OfDay {}

/// Answers or alerts of one shard in one hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct OfHour {
    n: u32,
}

impl Document for OfHour {}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// Acknowledgements to an address. They are what a client was promised, so what strangers cause
    /// does not use up their number.
    Acknowledgement,
    /// Answers to an address that may open nothing: these count together, whoever they go to.
    Answer,
    /// What the desk is told because of mail that claims a registered SPoC's address: there are as many
    /// of these as there are SPoCs.
    Alert,
    /// What the desk is told because of any other address. Whoever forges addresses has as many as he
    /// likes, so these count together as well.
    AlertOfOthers,
}

/// The writes that count one more; none when there have been as many as there may be.
///
/// # Errors
/// What the store says.
pub(super) async fn one_more<E: Env>(
    env: &E,
    code: &str,
    what: Counted,
    now: Instant,
) -> Result<Option<Vec<Write>>, Failure> {
    let key = match what {
        Counted::Acknowledgement | Counted::Answer => keys::answers(code),
        Counted::Alert | Counted::AlertOfOthers => keys::alerts(code),
    };
    let Some(of_day) = in_day(env, key, now).await? else { return Ok(None) };
    let together = match what {
        Counted::Acknowledgement | Counted::Alert => return Ok(Some(vec![of_day])),
        Counted::Answer => keys::answers_in_hour,
        Counted::AlertOfOthers => keys::alerts_in_hour,
    };
    let Some(of_hour) = in_hour(env, code, together, now).await? else { return Ok(None) };
    Ok(Some(vec![of_day, of_hour]))
}

async fn in_day<E: Env>(env: &E, key: Key, now: Instant) -> Result<Option<Write>, Failure> {
    let date = now.date();
    let mut stored = match env.store().get(&key).await? {
        Some(item) => Stored::<OfDay>::read(&item)?,
        None => Stored::new(OfDay { date, n: 0 }),
    };
    if stored.doc.date != date {
        stored.doc = OfDay { date, n: 0 };
    }
    if stored.doc.n >= ANSWERS_A_DAY_MAX {
        return Ok(None);
    }
    stored.doc.n += 1;
    counted(env, &stored, key, now).map(Some)
}

async fn in_hour<E: Env>(
    env: &E,
    code: &str,
    counter: fn(i64, u8) -> Key,
    now: Instant,
) -> Result<Option<Write>, Failure> {
    let shard = code.bytes().fold(0_u8, u8::wrapping_add) % ANSWER_SHARDS;
    let key = counter(now.millis().div_euclid(3_600_000), shard);
    let mut stored = match env.store().get(&key).await? {
        Some(item) => Stored::<OfHour>::read(&item)?,
        None => Stored::new(OfHour::default()),
    };
    if stored.doc.n >= ANSWERS_AN_HOUR_AND_SHARD_MAX {
        tracing::warn!(counter = key.sk, shard, "the hour has had its automatic mails");
        return Ok(None);
    }
    stored.doc.n += 1;
    counted(env, &stored, key, now).map(Some)
}

fn counted<E: Env, T: Document>(
    env: &E,
    stored: &Stored<T>,
    key: Key,
    now: Instant,
) -> Result<Write, Failure> {
    let mut item = stored.item(key, env.settings().write_schema)?;
    item.expires_at = Some(now + ANSWERS_KEPT);
    Ok(Write::Put { item, when: Condition::unchanged(stored.rev) })
}
