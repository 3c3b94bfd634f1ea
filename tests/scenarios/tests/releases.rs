//! Releases over one table: while one replaces the other, functions of both write, in any order.
//!
//! Functions are replaced one by one, so here each is of this release, of the next, or of the one before.
//! The store plays the others' part: what they commit has their schema number, and the next release adds
//! a field to every document, and a kind of event that this one has never heard of.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use app::codec::SCHEMA;
use app::commit::{Commit, CommitError, Condition, Write};
use app::item::{Item, Key};
use app::keys;
use app::memory::MemoryStore;
use app::ports::Store;
use app::{Failure, account};
use domain::account::{Cited, SpocAct};
use domain::{Role, StaffId, StaffMember, TicketRef};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests_scenarios::cases::{asks, at, done, open};
use tests_scenarios::doors::{self, Answer, ClientVerb};
use tests_scenarios::play::play_in;
use tests_scenarios::script::Script;
use tests_scenarios::world::{Ear, World};

/// The field that the next release adds to every document.
const ADDED: &str = "added_by_the_next_release";

/// The functions whose releases differ, in an order of no meaning.
const FUNCTIONS: [&str; 7] =
    ["intake-http", "sla-timer", "outbox-relay", "desk", "auto-close", "mail-events", "sweep"];

/// A store that knows of which release the function is that commits.
#[derive(Clone)]
struct Releases {
    inner: MemoryStore,
    /// The schema number that is written now.
    schema: Arc<AtomicU16>,
    /// Items that the next release has written, and nobody deleted.
    marked: Arc<Mutex<BTreeSet<Key>>>,
}

impl Releases {
    fn new() -> Self {
        let schema = Arc::new(AtomicU16::new(SCHEMA));
        Self { inner: MemoryStore::new(), schema, marked: Arc::default() }
    }

    /// Hears which function acts, and lets it be of one of the three releases.
    fn ear(&self, shift: usize) -> Ear {
        let schema = Arc::clone(&self.schema);
        Arc::new(move |function, _| {
            let place = FUNCTIONS.iter().position(|it| *it == function).unwrap_or_default();
            let release = match (place + shift) % 3 {
                0 => SCHEMA + 1,
                1 => SCHEMA,
                _ => SCHEMA - 1,
            };
            schema.store(release, Ordering::SeqCst);
        })
    }

    fn as_written(&self, commit: &Commit) -> Commit {
        let schema = self.schema.load(Ordering::SeqCst);
        let mut commit = commit.clone();
        for write in &mut commit.writes {
            let Write::Put { item, .. } = write else { continue };
            item.schema = schema;
            if schema > SCHEMA {
                let mut doc: Value = serde_json::from_str(&item.doc).expect("documents are JSON");
                doc[ADDED] = json!({ "since": schema });
                item.doc = doc.to_string();
            }
        }
        commit
    }
}

impl Store for Releases {
    tests_scenarios::reads_of_inner!();

    async fn commit(&self, commit: &Commit) -> Result<(), CommitError> {
        let commit = self.as_written(commit);
        self.inner.commit(&commit).await?;
        let mut marked = self.marked.lock().expect("nobody panics with it");
        for write in &commit.writes {
            match write {
                Write::Put { item, .. } if item.schema > SCHEMA => {
                    marked.insert(item.key.clone());
                }
                Write::Delete { key, .. } => {
                    marked.remove(key);
                }
                Write::Put { .. } | Write::Check { .. } => {}
            }
        }
        Ok(())
    }
}

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let entries = fs::read_dir(folder).expect("the scripts are there");
    let mut found: Vec<_> =
        entries.map(|entry| entry.expect("the scripts are there").path()).collect();
    found.retain(|path| path.extension().is_some_and(|it| it == "txt"));
    found.sort();
    found
}

/// Every script goes as ever, whichever release each function is of; and what the next release added is
/// still there after the others have written over it.
#[tokio::test]
async fn scripts_go_the_same_whichever_release_commits() {
    let mut kept = 0;
    for (shift, path) in scripts().iter().enumerate() {
        let text = fs::read_to_string(path).expect("the script is there");
        let script = Script::parse(&text).expect("a script can be read");
        let store = Releases::new();
        let start = script.steps.iter().find_map(|step| step.at).expect("a first moment");
        let mut world = World::new(store.clone(), start).await;
        world.ear = Some(store.ear(shift));
        let told = Box::pin(play_in(world, &script)).await;
        let golden = fs::read_to_string(path.with_extension("golden")).expect("its transcript");
        assert!(told == golden, "{}: it goes otherwise:\n{told}", path.display());
        let marked = store.marked.lock().expect("nobody panics with it").clone();
        for item in store.inner.dump().iter().filter(|item| marked.contains(&item.key)) {
            assert!(item.doc.contains(ADDED), "{:?} lost a field", item.key);
            kept += usize::from(item.schema <= SCHEMA);
        }
    }
    assert!(kept > 100, "only {kept} items were written over");
}

/// The next release records an event of a kind of its own.
async fn survey(store: &MemoryStore, reference: &TicketRef) {
    let key = keys::head(reference);
    let mut head = store.get(&key).await.expect("it is read").expect("the ticket is there");
    let mut doc: Value = serde_json::from_str(&head.doc).expect("documents are JSON");
    let seq = doc["ticket"]["seq"].as_u64().expect("a number") + 1;
    let line = json!({
        "seq": seq, "at": 1_795_000_000_000_i64, "by": "system", "fact": { "surveyed": { "stars": 5 } },
    })
    .to_string();
    let before = doc["ticket"]["chain"].as_str().expect("a hash").to_owned();
    let digest = Sha256::digest(format!("{before}\n{line}").as_bytes());
    let hash = app::auth::hex(&digest);
    doc["ticket"]["seq"] = json!(seq);
    doc["ticket"]["chain"] = json!(hash);
    let rev = head.rev;
    head.rev += 1;
    head.schema = SCHEMA + 1;
    head.doc = doc.to_string();
    let event = Item {
        key: keys::events(reference, u32::try_from(seq).expect("a small number")),
        rev: 1,
        status: None,
        due: None,
        list: None,
        work: None,
        expires_at: None,
        schema: SCHEMA + 1,
        doc: json!({ "links": [{ "line": line, "hash": hash }] }).to_string(),
    };
    let writes = vec![
        Write::Put { item: head, when: Condition::RevisionIs(rev) },
        Write::Put { item: event, when: Condition::Absent },
    ];
    store.commit(&Commit { writes }).await.expect("the next release writes it");
}

/// What only the next release can tell is told later, never as a failure; acts go on, and the chain
/// stays whole.
#[tokio::test]
async fn an_event_of_an_added_kind_is_left_alone() {
    let mut world = World::in_memory(at("vie 2026-11-20 10:00")).await;
    let request = asks(&world, "Ana", None, "k", open(None));
    let reference = done(&mut world, request).await;
    let store = world.env.store.inner.clone();
    survey(&store, &reference).await;

    let answer = ClientVerb::Write { text: "Ya quedó.".to_owned(), still_fails: false };
    let request = asks(&world, "Ana", Some(&reference), "k2", answer);
    let answer = doors::knock(&world.env, &request).await;
    assert!(matches!(answer, Answer::Done { .. } | Answer::Later(_)), "{answer:?}");
    world.settle().await;
    world.pass(domain::TimeDelta::hours(9)).await;

    let whole = app::tickets::whole(&*world.env, &reference).await.expect("items are read");
    let last = whole.links.last().expect("there are events");
    assert_eq!(whole.loaded.head.doc.ticket.chain, last.hash, "the chain goes on behind it");
    let unknown: Vec<_> = (1..).zip(&whole.links).filter(|(_, it)| it.event().is_err()).collect();
    let [(message, _)] = unknown[..] else { panic!("{unknown:?}") };

    let (client, cites) = (reference.client(), Cited { ticket: reference, message });
    let by = StaffMember { id: StaffId::parse("rodrigo").expect("an id"), role: Role::Admin };
    let cited = account::cited(&*world.env, &client, cites, SpocAct::DeclineRenewal, by).await;
    assert!(matches!(cited, Err(Failure::Retryable(_))), "{:?}", cited.err());
}
