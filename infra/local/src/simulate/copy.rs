//! A desk's data in memory, copied from its folder without touching it.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use app::commit::{Commit, Condition, Write};
use app::inbound::INBOUND;
use app::item::Key;
use app::memory::{MemoryEntropy, MemoryEnv, MemoryStore};
use app::ports::{Blobs as _, KeyPurpose, Secrets as _, Store as _};
use domain::Instant;
use dynoxide::actions::scan::ScanRequest;

use super::SimulateError;
use crate::up::blob_links::BlobLinks;
use crate::up::clock::ShiftedClock;
use crate::up::files::{FileBlobs, FileSecrets};
use crate::up::folder::Folder;
use crate::up::table::{TABLE, Table};
use crate::up::{DEFAULT_PORT, settings, stream};

/// The files of the database: itself, and what it has not taken in yet.
const DATABASE: [&str; 2] = ["table.db", "table.db-wal"];
/// A desk that writes while it is copied is copied again, so often.
const COPIES_MAX: u32 = 20;
/// Items that are read at once.
const ITEMS: usize = 100;
/// The blobs that a handler reads: large texts, and mail that waits to be taken.
const READ: [&str; 2] = ["texts/", INBOUND];
/// Blobs that are listed at once.
const BLOBS: u32 = 1_000;
/// The same data gives the same simulation.
const SEED: u64 = 10;

/// An environment in memory without data.
pub(super) fn empty(now: Instant) -> MemoryEnv {
    let mut env = MemoryEnv::new(now, SEED);
    env.settings = settings(SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)));
    env
}

/// An environment in memory that holds what the desk in `folder` holds, at its present instant.
///
/// Of its keys it has the one under which addresses are found. Links and reply addresses are signed
/// with keys of the simulation's own, so that none that is printed is good for anything.
///
/// # Errors
/// When the folder is not ours, holds no data, or cannot be read.
pub(super) async fn read(folder: &Path) -> Result<MemoryEnv, SimulateError> {
    Folder::look_at(folder)?;
    let clock = ShiftedClock::peek(&folder.join("clock.toml"))?;
    let now = clock.ok_or_else(|| SimulateError::Empty(folder.to_owned()))?;
    let env = empty(now);
    let aside = tempfile::tempdir()?;
    copy_database(folder, aside.path())?;
    let table = Table::open(&aside.path().join(DATABASE[0])).await.map_err(io::Error::other)?;
    let copied = copy_items(&table, &env.store).await;
    table.stop();
    copied?;
    copy_addresses_key(folder, aside.path(), &env).await?;
    copy_blobs(&folder.join("blobs"), &env).await?;
    Ok(env)
}

/// Copies the database as a loss of power would leave it, which is a state that it recovers from: its
/// files are read twice, until nothing was written in between.
fn copy_database(folder: &Path, aside: &Path) -> Result<(), SimulateError> {
    let read = || -> io::Result<Vec<Option<Vec<u8>>>> {
        DATABASE.iter().map(|name| bytes(&folder.join(name))).collect()
    };
    for _ in 0..COPIES_MAX {
        let files = read()?;
        if files != read()? {
            continue;
        }
        if files[0].is_none() {
            return Err(SimulateError::Empty(folder.to_owned()));
        }
        for (name, bytes) in DATABASE.iter().zip(files) {
            if let Some(bytes) = bytes {
                fs::write(aside.join(name), bytes)?;
            }
        }
        return Ok(());
    }
    Err(SimulateError::Busy(folder.to_owned()))
}

/// The bytes of a file, if it is there.
fn bytes(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn copy_items(table: &Table, to: &MemoryStore) -> io::Result<()> {
    let from = table.store();
    let database = table.database();
    let mut after = None;
    loop {
        let request = ScanRequest {
            table_name: TABLE.to_owned(),
            projection_expression: Some("pk, sk".to_owned()),
            exclusive_start_key: after,
            ..ScanRequest::default()
        };
        let page = database.scan(request).map_err(|error| io::Error::other(error.to_string()))?;
        let keys: Vec<Key> =
            page.items.unwrap_or_default().iter().filter_map(stream::key_of).collect();
        for keys in keys.chunks(ITEMS) {
            for item in from.get_many(keys).await.map_err(io::Error::other)? {
                let writes = vec![Write::Put { item, when: Condition::Absent }];
                to.commit(&Commit { writes }).await.map_err(io::Error::other)?;
            }
        }
        after = page.last_evaluated_key;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn copy_addresses_key(folder: &Path, aside: &Path, env: &MemoryEnv) -> io::Result<()> {
    const FILE: &str = "secrets.toml";
    let Some(bytes) = bytes(&folder.join(FILE))? else { return Ok(()) };
    // A purpose that is newer than the folder gets its key in the copy.
    let copy = aside.join(FILE);
    fs::write(&copy, bytes)?;
    let secrets = FileSecrets::open(&copy, &env.entropy)?;
    let keys = secrets.keys(KeyPurpose::Addresses).await.map_err(io::Error::other)?;
    env.secrets.set(KeyPurpose::Addresses, keys);
    Ok(())
}

async fn copy_blobs(folder: &Path, env: &MemoryEnv) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let links = BlobLinks::new(&env.settings.base_url, &MemoryEntropy::new(SEED));
    let from = FileBlobs::open(folder.to_path_buf(), Arc::new(env.clock.clone()), links)?;
    for prefix in READ {
        let mut after: Option<String> = None;
        loop {
            let page =
                from.list(prefix, after.as_deref(), BLOBS).await.map_err(io::Error::other)?;
            for blob in &page.items {
                let bytes = from.get(&blob.key).await.map_err(io::Error::other)?;
                if let Some(bytes) = bytes {
                    env.blobs.put(&blob.key, &bytes).await.map_err(io::Error::other)?;
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}
