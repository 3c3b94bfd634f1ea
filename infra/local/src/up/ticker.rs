//! Time as it passes: a turn of work whenever a request left some, and a few times a second.

use std::sync::Arc;
use std::time::Duration;

use dynoxide::Database;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use app::ports::Clock as _;
use aws::clock::SystemClock;

use super::world::World;

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(250);
/// How often what has expired is deleted.
const EXPIRY: Duration = Duration::from_secs(3600);

/// Works until it is told to stop. What is under way is finished first.
pub(crate) async fn run(
    world: Arc<World>,
    database: Database,
    mut stopping: watch::Receiver<bool>,
) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut expiry = tokio::time::interval(EXPIRY);
    while !*stopping.borrow() {
        tokio::select! {
            _ = tick.tick() => work(&world).await,
            () = world.poke.notified() => work(&world).await,
            _ = expiry.tick() => expire(&world, &database),
            // A sender that is gone means the same as a stop.
            told = stopping.changed() => if told.is_err() { break },
        }
    }
    work(&world).await;
}

async fn work(world: &World) {
    let mut turn = world.turn().await;
    if let Err(error) = world.work(&mut turn).await {
        tracing::error!(%error, "a turn of work failed; it is taken up again");
    }
}

/// The embedded DynamoDB deletes by the host's clock. While ours is behind it (a demo that starts in
/// the past), what has expired there has not expired here, so nothing is deleted.
fn expire(world: &World, database: &Database) {
    if world.env.clock.now() < SystemClock.now() {
        return;
    }
    match database.sweep_ttl() {
        Ok(deleted) => tracing::debug!(deleted, "what had expired is deleted"),
        Err(error) => tracing::warn!(%error, "what has expired could not be deleted"),
    }
}
