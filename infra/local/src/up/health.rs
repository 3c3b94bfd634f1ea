//! What this desk says of itself to `millora doctor`: what has been left lying.

use std::io;
use std::sync::Arc;

use app::inbound::{INBOUND, POISON};
use app::item::DUE_SHARDS;
use app::ports::{Blobs as _, Clock as _, Store as _};
use app::tickets;
use domain::{Instant, TimeDelta};
use serde_json::{Value, json};

use super::world::World;

/// What is still due after so long has been left by two sweeps.
const LATE: TimeDelta = TimeDelta::minutes(10);
/// How many of each are counted; more are as bad.
const COUNTED_MAX: u32 = 100;

/// Counts what has been left lying.
///
/// # Errors
/// When the store or the folder does not answer.
pub(crate) async fn read(world: &Arc<World>) -> io::Result<Value> {
    let clock = &world.env.clock;
    let now = clock.now();
    let failed = tickets::failed_notices(&*world.env, None).await.map_err(io::Error::other)?;
    Ok(json!({
        "now": { "at": now.to_rfc3339(), "spanish": now.spanish(), "frozen": clock.is_frozen() },
        "overdue": overdue(world, now - LATE).await?,
        "waiting_mail": objects(world, INBOUND, Some(now - LATE)).await?,
        "poisoned_mail": objects(world, POISON, None).await?,
        "failed_notices": failed.items.len(),
    }))
}

async fn overdue(world: &Arc<World>, until: Instant) -> io::Result<usize> {
    let mut count = 0;
    for shard in 0..DUE_SHARDS {
        let page = world.env.store.due(shard, until, COUNTED_MAX, None).await;
        count += page.map_err(io::Error::other)?.items.len();
    }
    Ok(count)
}

/// Those under `prefix` that are as old as `until`, or all of them.
async fn objects(world: &Arc<World>, prefix: &str, until: Option<Instant>) -> io::Result<usize> {
    let page = world.env.blobs.list(prefix, None, COUNTED_MAX).await.map_err(io::Error::other)?;
    let is_counted =
        |at: Option<Instant>| at.zip(until).is_none_or(|(stored_at, until)| stored_at <= until);
    Ok(page.items.iter().filter(|it| is_counted(it.last_modified)).count())
}
