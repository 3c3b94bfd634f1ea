//! The table's stream: what changed, in order, in batches; as the event source mapping does it.
//!
//! A batch goes to the relay; from the first record that fails it goes again, and after so many
//! attempts the record is put aside for the sweep, so that one bad record stops nothing. The
//! position is kept on disk. If it is lost, everything is told again, which changes nothing.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use app::item::Key;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use dynoxide::{AttributeValue, Database, Item};
use serde::{Deserialize, Serialize};

use super::folder::{Access, write_atomically};
use super::table::TABLE;

/// Records of one batch at most, as the template says.
pub(crate) const BATCH_MAX: usize = 10;
/// Attempts at a record before it is put aside, as the template says.
pub(crate) const ATTEMPTS_MAX: u32 = 5;
/// Records that are read from the stream at once.
const READ_MAX: usize = 500;

/// One record: a hint that this item changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The item.
    pub(crate) key: Key,
    /// Position in the stream.
    pub(crate) sequence: String,
}

/// Reads the stream and remembers how far it has been dealt with.
pub(crate) struct Stream {
    database: Database,
    arn: String,
    shard: String,
    position: Option<String>,
    positions: PathBuf,
    aside: PathBuf,
    ahead: Vec<Change>,
    attempts: u32,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    arn: String,
    sequence: String,
}

impl Stream {
    /// The stream of the table, from where the last run left it.
    ///
    /// # Errors
    /// When the table has no stream, or the files cannot be read.
    pub(crate) fn open(database: Database, positions: &Path, aside: &Path) -> io::Result<Self> {
        let (arn, shard) = locate(&database)?;
        // A position in another stream, of a table that was replaced, says nothing.
        let position = read(positions).filter(|saved| saved.arn == arn);
        Ok(Self {
            database,
            arn,
            shard,
            position: position.map(|saved| saved.sequence),
            positions: positions.to_owned(),
            aside: aside.to_owned(),
            ahead: Vec::new(),
            attempts: 0,
        })
    }

    /// The next batch, in order; empty when all is dealt with. The same batch comes again until
    /// [`Stream::done`] says what became of it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) fn batch(&mut self) -> io::Result<&[Change]> {
        if self.ahead.is_empty() {
            self.read_ahead()?;
        }
        Ok(&self.ahead[..self.ahead.len().min(BATCH_MAX)])
    }

    /// Says what became of the batch: nothing failed, or `failed` holds the positions that did. What
    /// lies before the first failure is dealt with; the rest comes again.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) fn done(&mut self, failed: &[String]) -> io::Result<()> {
        let size = self.ahead.len().min(BATCH_MAX);
        let batch = &self.ahead[..size];
        let good = batch
            .iter()
            .position(|change| failed.contains(&change.sequence))
            .unwrap_or(batch.len());
        if good > 0 {
            self.pass(good)?;
            self.attempts = 0;
        }
        if good < size {
            self.attempts += 1;
            if self.attempts >= ATTEMPTS_MAX {
                self.put_aside()?;
            }
        }
        Ok(())
    }

    fn pass(&mut self, count: usize) -> io::Result<()> {
        let passed: Vec<Change> = self.ahead.drain(..count).collect();
        if let Some(last) = passed.last() {
            self.position = Some(last.sequence.clone());
            let saved = Saved { arn: self.arn.clone(), sequence: last.sequence.clone() };
            let text = toml::to_string(&saved).map_err(io::Error::other)?;
            write_atomically(&self.positions, text.as_bytes(), Access::Everyone)?;
        }
        Ok(())
    }

    fn put_aside(&mut self) -> io::Result<()> {
        let Some(change) = self.ahead.first() else { return Ok(()) };
        tracing::error!(
            pk = change.key.pk,
            sk = change.key.sk,
            "a stream record failed {ATTEMPTS_MAX} times and is left to the sweep"
        );
        let line = serde_json::json!({
            "pk": change.key.pk, "sk": change.key.sk, "sequence": change.sequence,
        });
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&self.aside)?;
        writeln!(file, "{line}")?;
        file.sync_all()?;
        self.attempts = 0;
        self.pass(1)
    }

    /// Fills `ahead` with what the relay's filter lets through, passing over the rest.
    fn read_ahead(&mut self) -> io::Result<()> {
        loop {
            let (kind, sequence) = match &self.position {
                Some(position) => ("AFTER_SEQUENCE_NUMBER", Some(position.clone())),
                None => ("TRIM_HORIZON", None),
            };
            let iterator = self
                .database
                .get_shard_iterator(GetShardIteratorRequest {
                    stream_arn: self.arn.clone(),
                    shard_id: self.shard.clone(),
                    shard_iterator_type: kind.to_owned(),
                    sequence_number: sequence,
                })
                .map_err(told)?
                .shard_iterator
                .ok_or_else(|| io::Error::other("the stream has no iterator"))?;
            let request = GetRecordsRequest { shard_iterator: iterator, limit: Some(READ_MAX) };
            let records = self.database.get_records(request).map_err(told)?.records;
            let Some(last) = records.last() else { return Ok(()) };
            let last = last.dynamodb.sequence_number.clone();
            let relevant: Vec<Change> = records
                .into_iter()
                .filter_map(|record| {
                    let key = key_of(&record.dynamodb.keys)?;
                    let sequence = record.dynamodb.sequence_number;
                    app::relay::is_effect(&key.sk).then_some(Change { key, sequence })
                })
                .collect();
            if !relevant.is_empty() {
                self.ahead = relevant;
                return Ok(());
            }
            self.position = Some(last);
        }
    }
}

/// The key of an item of the embedded database.
pub(crate) fn key_of(keys: &Item) -> Option<Key> {
    match (keys.get("pk")?, keys.get("sk")?) {
        (AttributeValue::S(pk), AttributeValue::S(sk)) => Some(Key::new(pk, sk)),
        _ => None,
    }
}

fn locate(database: &Database) -> io::Result<(String, String)> {
    let streams = database
        .list_streams(ListStreamsRequest {
            table_name: Some(TABLE.to_owned()),
            ..Default::default()
        })
        .map_err(told)?;
    let none = || io::Error::other("the table has no stream");
    let arn = streams.streams.into_iter().next().ok_or_else(none)?.stream_arn;
    let request = DescribeStreamRequest { stream_arn: arn.clone(), ..Default::default() };
    let described = database.describe_stream(request).map_err(told)?;
    let shard = described.stream_description.shards.into_iter().next().ok_or_else(none)?.shard_id;
    Ok((arn, shard))
}

fn read(path: &Path) -> Option<Saved> {
    // A position that cannot be read only means that everything is told again.
    toml::from_str(&fs::read_to_string(path).ok()?).ok()
}

fn told(error: dynoxide::DynoxideError) -> io::Error {
    io::Error::other(error.to_string())
}

#[cfg(test)]
mod tests {
    use app::commit::{Commit, Condition, Write};
    use app::item::{Item, Key};
    use app::ports::Store as _;
    use tempfile::TempDir;

    use super::{ATTEMPTS_MAX, BATCH_MAX, Stream};
    use crate::up::table::Table;

    struct Bench {
        home: TempDir,
        table: Table,
    }

    impl Bench {
        async fn new() -> Self {
            let home = tempfile::tempdir().unwrap();
            let table = Table::open(&home.path().join("table.db")).await.unwrap();
            Self { home, table }
        }

        fn stream(&self) -> Stream {
            let file = |name: &str| self.home.path().join(name);
            let database = self.table.database();
            Stream::open(database, &file("stream.toml"), &file("aside.jsonl")).unwrap()
        }

        async fn put(&self, sk: &str) {
            let item = Item {
                key: Key::new("T#1", sk),
                rev: 1,
                status: None,
                due: None,
                list: None,
                work: None,
                expires_at: None,
                schema: 1,
                doc: "{}".to_owned(),
            };
            let writes = vec![Write::Put { item, when: Condition::Absent }];
            self.table.store().commit(&Commit { writes }).await.unwrap();
        }
    }

    fn names(stream: &mut Stream) -> Vec<String> {
        stream.batch().unwrap().iter().map(|change| change.key.sk.clone()).collect()
    }

    #[tokio::test]
    async fn changes_come_in_order_in_batches_and_only_what_the_relay_needs() {
        let bench = Bench::new().await;
        for n in 0..13 {
            bench.put(&format!("E#{n}")).await;
            bench.put(&format!("N#{n:02}")).await;
        }
        bench.put("HEAD").await;
        let mut stream = bench.stream();
        let first: Vec<String> = (0..BATCH_MAX).map(|n| format!("N#{n:02}")).collect();
        assert_eq!(names(&mut stream), first);
        assert_eq!(names(&mut stream), first, "the same until it is dealt with");
        stream.done(&[]).unwrap();
        assert_eq!(names(&mut stream), ["N#10", "N#11", "N#12", "HEAD"]);
        let mut again = bench.stream();
        assert_eq!(names(&mut again), ["N#10", "N#11", "N#12", "HEAD"], "after a crash");
        stream.done(&[]).unwrap();
        assert_eq!(names(&mut stream), [""; 0]);
        assert_eq!(names(&mut bench.stream()), [""; 0]);
    }

    #[tokio::test]
    async fn a_failure_comes_again_with_all_after_it_and_is_put_aside_in_the_end() {
        let bench = Bench::new().await;
        for sk in ["N#a", "N#bad", "N#c"] {
            bench.put(sk).await;
        }
        let mut stream = bench.stream();
        let bad = stream.batch().unwrap()[1].sequence.clone();
        stream.done(std::slice::from_ref(&bad)).unwrap();
        for _ in 1..ATTEMPTS_MAX {
            assert_eq!(names(&mut stream), ["N#bad", "N#c"]);
            stream.done(std::slice::from_ref(&bad)).unwrap();
        }
        assert_eq!(names(&mut stream), ["N#c"]);
        let aside = std::fs::read_to_string(bench.home.path().join("aside.jsonl")).unwrap();
        assert!(aside.contains("N#bad") && aside.lines().count() == 1, "{aside}");
        stream.done(&[]).unwrap();
        assert_eq!(names(&mut bench.stream()), [""; 0]);
    }
}
