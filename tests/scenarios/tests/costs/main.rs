//! What a ticket's life costs in units of the table, step by step, and in dollars, against
//! `docs/cost.md`.
//!
//! `UPDATE_COST=1 cargo test -p tests-scenarios --test costs` writes the tables anew.

mod bill;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use app::commit::{Commit, Condition, Write};
use app::inbound::INBOUND;
use app::item::{Item, Key};
use app::keys;
use app::memory::faults::{Faulty, Plan};
use app::memory::{MemoryStore, Units};
use app::ports::{Blobs as _, Store};
use domain::ticket::ReplyKind;
use domain::{ClientId, Instant, TicketRef};
use serde_json::json;
use tests_conformance::embedded;
use tests_scenarios::cases::{asks, at, open, writes};
use tests_scenarios::doors::{self, Answer, ClientVerb, DeskVerb, Request};
use tests_scenarios::world::World;

const BEGIN: &str = "<!-- figures: begin -->";
const END: &str = "<!-- figures: end -->";
const DOLLARS_BEGIN: &str = "<!-- dollars: begin -->";
const DOLLARS_END: &str = "<!-- dollars: end -->";

/// Ana's registered address.
const ANA: &str = "ana@ferretera.example";
/// Our mailbox.
const OURS: &str = "soporte@soporte.millora.example";

/// A store that counts what it consumes.
trait Counted: Store + Clone + 'static {
    /// Consumed so far.
    fn consumed(&self) -> Units;
}

impl Counted for MemoryStore {
    fn consumed(&self) -> Units {
        self.units()
    }
}

impl Counted for aws::dynamodb::DynamoStore {
    fn consumed(&self) -> Units {
        let consumed = self.consumed();
        Units { write: consumed.write, read_halves: consumed.read_halves }
    }
}

/// One row: what the function did, and what followed from it at once (mails, schedules, their events).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    step: &'static str,
    act: Units,
    after: Units,
}

struct Life<S: Store + 'static> {
    world: World<S>,
    rows: Vec<Row>,
    /// Requests to the HTTP API.
    requests: u64,
    /// Mails that came in.
    mails: u64,
    /// What the bucket was asked for as they were taken.
    bucket: Vec<&'static str>,
}

impl<S: Counted> Life<S> {
    async fn new(store: S) -> Self {
        let start = at("mar 2026-11-17 10:00");
        let world = World::new(store, start).await;
        Self { world, rows: Vec::new(), requests: 0, mails: 0, bucket: Vec::new() }
    }

    fn units(&self) -> Units {
        self.world.env.store.inner.consumed()
    }

    async fn request(&mut self, step: &'static str, request: Request) {
        self.requests += 1;
        let before = self.units();
        let answer = Box::pin(doors::knock(&self.world.env, &request)).await;
        let act = difference(self.units(), before);
        assert!(matches!(answer, Answer::Done { .. }), "{step}: {answer:?}");
        self.follow(step, act).await;
    }

    /// Ana's mail, as the mail service stores it and tells of it.
    async fn mail(&mut self, step: &'static str, subject: &str, text: &str) {
        let (id, now) = (format!("carta-{}", self.rows.len()), self.world.now());
        let raw = format!(
            "From: Ana Robles <{ANA}>\r\nTo: {OURS}\r\nSubject: {subject}\r\n\
             Message-ID: <{id}@ferretera.example>\r\n\r\n{text}\r\n"
        );
        let passed = json!({ "status": "PASS" });
        let event = json!({ "Records": [{ "eventSource": "aws:ses", "ses": {
            "mail": { "timestamp": now.to_rfc3339(), "source": ANA, "messageId": id },
            "receipt": {
                "recipients": [OURS],
                "spfVerdict": passed,
                "dkimVerdict": passed,
                "dmarcVerdict": passed,
                "dmarcPolicy": "none",
                "spamVerdict": passed,
                "virusVerdict": passed,
            },
        }}]});
        let env = Arc::clone(&self.world.env);
        env.blobs.put(&format!("{INBOUND}{id}"), raw.as_bytes()).await.expect("it is stored");
        let before = self.units();
        let counting = Faulty::new((*env).clone(), Arc::new(Plan::quiet()));
        Box::pin(intake_mail::handle(&counting, &event)).await.expect("the mail is taken");
        let act = difference(self.units(), before);
        self.mails += 1;
        let calls = counting.script().calls().into_iter();
        self.bucket.extend(calls.filter(|call| call.starts_with("blobs.")));
        self.follow(step, act).await;
    }

    /// The ticket that was opened.
    fn ticket(&self) -> TicketRef {
        let stream = self.world.env.store.stream_since(0);
        let found = stream.iter().map(app::relay::StreamRecord::key);
        let head =
            found.filter(|key| key.sk == keys::HEAD).find_map(|key| keys::ticket_of(&key.pk));
        head.expect("a ticket was opened")
    }

    async fn follow(&mut self, step: &'static str, act: Units) {
        let before = self.units();
        // The service tells of a mail's delivery a second later.
        let then = self.world.now() + domain::TimeDelta::seconds(2);
        self.until(then).await;
        let after = difference(self.units(), before);
        self.rows.push(Row { step, act, after });
    }

    /// Boxed: what all the functions await in turn is large beside a test's stack.
    async fn until(&mut self, to: Instant) {
        Box::pin(self.world.advance(to)).await;
    }

    /// What happens at an instant by itself: the timer and what follows.
    async fn time(&mut self, step: &'static str, to: Instant) {
        let before = self.units();
        self.until(to).await;
        let act = difference(self.units(), before);
        self.follow(step, act).await;
    }

    fn asks(&self, name: &str, ticket: Option<&TicketRef>, verb: ClientVerb) -> Request {
        let world = &self.world;
        Request { token: world.tokens[name].clone(), ..template(world.now(), ticket, verb) }
    }
}

fn template(now: Instant, ticket: Option<&TicketRef>, verb: ClientVerb) -> Request {
    Request {
        token: String::new(),
        received_at: now,
        key: format!("paso-{}", now.millis()),
        ticket: ticket.cloned(),
        verb: doors::Verb::Client(verb),
    }
}

fn difference(after: Units, before: Units) -> Units {
    Units { write: after.write - before.write, read_halves: after.read_halves - before.read_halves }
}

fn sum(units: impl Iterator<Item = Units>) -> Units {
    units.fold(Units::default(), |sum, it| Units {
        write: sum.write + it.write,
        read_halves: sum.read_halves + it.read_halves,
    })
}

/// How the client of a life writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Http,
    Mail,
}

impl Door {
    const ALL: [Self; 2] = [Self::Http, Self::Mail];

    const fn title(self) -> &'static str {
        match self {
            Self::Http => "By HTTP",
            Self::Mail => "By mail",
        }
    }
}

/// The ordinary life: opened, answered, answered back, solved, reminded, closed by silence.
async fn life<S: Counted>(store: S, door: Door) -> Life<S> {
    let mut life = Life::new(store).await;
    match door {
        Door::Http => {
            let request = life.asks("Ana", None, open(None));
            life.request("opening", request).await;
        }
        Door::Mail => life.mail("opening", "No timbra la factura", "Error 301 al timbrar.").await,
    }
    let reference = life.ticket();
    let desk = |life: &Life<S>, kind: ReplyKind| Request {
        token: life.world.tokens["Luis"].clone(),
        verb: doors::Verb::Desk(DeskVerb::Reply(kind, "Revisamos el certificado.".to_owned())),
        ..template(life.world.now(), Some(&reference), ClientVerb::Confirm)
    };
    life.until(at("mar 2026-11-17 10:30")).await;
    let request = desk(&life, ReplyKind::Answer);
    life.request("reply of the desk", request).await;
    life.until(at("mar 2026-11-17 11:00")).await;
    let (step, words) = ("answer of the client", "Gracias, espero.");
    match door {
        Door::Http => {
            let request = life.asks("Ana", Some(&reference), writes(words));
            life.request(step, request).await;
        }
        Door::Mail => life.mail(step, &format!("Re: [{reference}] Respuesta"), words).await,
    }
    life.until(at("mar 2026-11-17 12:00")).await;
    let request = desk(&life, ReplyKind::Solution);
    life.request("solution", request).await;
    let solved = life.world.now() - domain::TimeDelta::seconds(2);
    life.time("reminder", solved + domain::TimeDelta::hours(24)).await;
    life.time("closing", solved + domain::TimeDelta::hours(48)).await;
    life
}

/// What lies in the table, in the order of the document.
const KINDS: [&str; 8] = [
    "head, with its due entry and its places in the lists",
    "events, with their texts",
    "marks of requests that may be repeated",
    "records of mails, with what makes a second delivery harmless",
    "count of automatic answers",
    "check that the standing is the one that was seen",
    "notices to the client, from record to delivery",
    "notices to the desk, likewise",
];

/// None for what was there before the life began.
fn kind_of(store: &MemoryStore, key: &Key) -> Option<&'static str> {
    if keys::account_of(&key.pk).is_some() {
        return None;
    }
    let prefix = key.sk.get(..2).unwrap_or_default();
    let at = match (key.sk.as_str(), prefix) {
        (keys::HEAD, _) => 0,
        (_, keys::EVENTS) => 1,
        ("IDEM", _) => 2,
        (keys::MAIL | "DEDUP", _) => 3,
        ("ANSWERS", _) => 4,
        ("GATE", _) if key.pk == keys::client(&life_of()) => 5,
        (_, keys::NOTICES) => {
            let items = store.dump();
            let item = items.iter().find(|item| item.key == *key).expect("a notice stays");
            if item.doc.contains(r#""to":"desk""#) { 7 } else { 6 }
        }
        _ => return None,
    };
    Some(KINDS[at])
}

/// Whose ticket the life is.
fn life_of() -> ClientId {
    ClientId::parse("FERRE").expect("a client's code")
}

/// For which items the life's write units were consumed.
fn items_table(store: &MemoryStore, rows: &[Row]) -> String {
    let mut sums: BTreeMap<_, _> = KINDS.iter().map(|kind| (*kind, 0)).collect();
    for (key, units) in store.written() {
        if let Some(sum) = kind_of(store, &key).and_then(|kind| sums.get_mut(kind)) {
            *sum += units;
        }
    }
    let mut text = String::from("\n| for | write |\n|---|--:|\n");
    for kind in KINDS.iter().filter(|kind| sums[**kind] > 0) {
        let _ = writeln!(text, "| {kind} | {} |", sums[kind]);
    }
    let all: u64 = sums.values().sum();
    let steps = sum(rows.iter().flat_map(|row| [row.act, row.after]));
    assert_eq!(all, steps.write, "every unit is told by step and by item");
    let desk = sums[KINDS[7]];
    let _ = writeln!(text, "\nWithout the desk's own notice: {} write.", all - desk);
    text
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| step | write | read | what follows: write | read |\n|---|--:|--:|--:|--:|\n",
    );
    let read = |units: Units| {
        let half = if units.read_halves.is_multiple_of(2) { "" } else { ".5" };
        format!("{}{half}", units.read_halves / 2)
    };
    for Row { step, act, after } in rows {
        let (a, b) = (read(*act), read(*after));
        let _ = writeln!(text, "| {step} | {} | {a} | {} | {b} |", act.write, after.write);
    }
    let (act, after) = (sum(rows.iter().map(|row| row.act)), sum(rows.iter().map(|row| row.after)));
    let all = sum([act, after].into_iter());
    let (a, b) = (read(act), read(after));
    let _ = writeln!(text, "| **sum** | {} | {a} | {} | {b} |", act.write, after.write);
    let _ = writeln!(text, "\nA life: {} write, {} read.", all.write, read(all));
    text
}

#[tokio::test]
async fn the_figures_are_those_of_the_document() {
    let mut text = String::new();
    for door in Door::ALL {
        let life = life(MemoryStore::new(), door).await;
        let _ = writeln!(text, "**{}.**\n", door.title());
        text += &table(&life.rows);
        text += &items_table(&life.world.env.store.inner, &life.rows);
        text.push('\n');
    }
    println!("{text}");
    keep(BEGIN, END, &text);
}

#[tokio::test]
async fn the_dollars_are_those_of_the_document() {
    let mut text = String::new();
    for door in Door::ALL {
        text += &bill::thousand(&life(MemoryStore::new(), door).await, door);
        text.push('\n');
    }
    let world = World::in_memory(at("mar 2026-11-17 10:00")).await;
    let consumed = || world.env.store.inner.consumed();
    let before = consumed();
    sweep::handle(&*world.env).await.expect("the index is read");
    let swept = difference(consumed(), before);
    let before = consumed();
    payment_due::handle(&*world.env).await.expect("the index is read");
    let ladder = difference(consumed(), before);
    text += &bill::idle(swept.read_halves, ladder.read_halves);
    println!("{text}");
    keep(DOLLARS_BEGIN, DOLLARS_END, &text);
}

/// Compares what lies between two marks of the document, or writes it there anew.
fn keep(begin: &str, end: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cost.md");
    let document = fs::read_to_string(&path).expect("the document is there");
    let (head, rest) = document.split_once(begin).expect("the document has its first mark");
    let (figures, tail) = rest.split_once(end).expect("the document has its second mark");
    if std::env::var_os("UPDATE_COST").is_some() {
        fs::write(&path, format!("{head}{begin}\n{}\n{end}{tail}", text.trim()))
            .expect("it is written");
        return;
    }
    let remedy = "UPDATE_COST=1 writes the figures of docs/cost.md anew";
    assert_eq!(figures.trim(), text.trim(), "{remedy}");
}

#[tokio::test]
async fn the_service_bills_what_is_counted_in_memory() {
    for door in Door::ALL {
        let counted = life(MemoryStore::new(), door).await;
        let billed = life(embedded().await, door).await;
        assert_eq!(counted.rows, billed.rows, "{}", door.title());
    }
}

/// What whoever only glances may see is as old as it can be: the same comes of it.
#[tokio::test]
async fn reads_that_are_a_moment_old_change_nothing() {
    let written = |life: &Life<MemoryStore>| {
        let units = |row: &Row| (row.step, row.act.write + row.after.write);
        life.rows.iter().map(units).collect::<Vec<_>>()
    };
    for door in Door::ALL {
        let (store, lagging) = (MemoryStore::new(), MemoryStore::new());
        lagging.set_lagging(true);
        let (fresh, stale) = (life(store.clone(), door).await, life(lagging.clone(), door).await);
        assert_eq!(store.dump(), lagging.dump());
        assert_eq!(written(&fresh), written(&stale), "no write was tried in vain");
    }
}

/// So many tickets are due.
const DUE: u64 = 1_000;
/// So many others exist.
const OTHERS: [u64; 2] = [1_000, 30_000];
/// A sweep of so many asks the index at most so often.
const QUERIES_MAX: usize = 32;

#[tokio::test]
async fn a_sweep_costs_what_is_due_not_what_exists() {
    let mut swept = Vec::new();
    for others in OTHERS {
        let calls = sweep_among(others).await;
        let queries = calls.iter().filter(|call| **call == "store.due").count();
        println!("{DUE} due among {others} others: {queries} queries, {} calls", calls.len());
        assert!(queries <= QUERIES_MAX, "{queries} queries");
        // The look into the bucket is the one call that is neither.
        let entries = calls.len() - queries - 1;
        let each = entries / DUE as usize;
        assert!(each <= 6 && entries % DUE as usize == 0, "{entries} calls for {DUE} tickets");
        swept.push(calls);
    }
    assert_eq!(swept[0], swept[1], "what else exists makes no difference");
}

/// The calls of a sweep that meets [`DUE`] tickets whose warning is due, where as many others exist as
/// are asked for. All of them are copies of one.
async fn sweep_among(others: u64) -> Vec<&'static str> {
    let mut world = World::in_memory(at("mar 2026-11-17 10:00")).await;
    let request = asks(&world, "Ana", None, "k", open(None));
    let answer = doors::knock(&world.env, &request).await;
    let Answer::Done { reference: Some(reference), .. } = answer else { panic!("{answer:?}") };
    world.pass(domain::TimeDelta::seconds(2)).await;
    let store = world.env.store.inner.clone();
    let head = store.get(&keys::head(&reference)).await.expect("it is read").expect("it is there");
    let warned_at = head.due.expect("a warning will be due").at;
    for n in 0..DUE + others {
        let copy = reference.client().reference(symbols(n));
        let key = keys::head(&copy);
        let at = if n < DUE { warned_at } else { warned_at + domain::TimeDelta::days(1) };
        let due = Some(keys::due(&key.pk, at));
        let doc = head.doc.replace(reference.as_str(), copy.as_str());
        let item = Item { key, rev: 1, due, list: None, work: None, doc, ..head.clone() };
        let writes = vec![Write::Put { item, when: Condition::Absent }];
        store.commit(&Commit { writes }).await.expect("a copy is written");
    }
    let idle = sweep_calls(&world).await;
    let (bucket, shards) = idle.split_at(1);
    assert_eq!(bucket, ["blobs.list"], "an idle sweep looks into the bucket once");
    assert_eq!(shards, ["store.due"; 8], "an idle sweep asks each shard once");
    // The one that was copied is taken away, so that only copies are due.
    let delete = Write::Delete { key: head.key, when: Condition::RevisionIs(head.rev) };
    store.commit(&Commit { writes: vec![delete] }).await.expect("it is deleted");
    world.env.clock.set(warned_at);
    sweep_calls(&world).await
}

/// The symbols of a reference, from a number.
fn symbols(mut n: u64) -> [u8; domain::ids::REFERENCE_SYMBOLS] {
    let mut symbols = [0; domain::ids::REFERENCE_SYMBOLS];
    for symbol in &mut symbols {
        *symbol = u8::try_from(n % 32).expect("a symbol is one of 32");
        n /= 32;
    }
    symbols
}

/// The calls to ports that one sweep makes.
async fn sweep_calls(world: &World) -> Vec<&'static str> {
    let faulty = Faulty::new((*world.env).clone(), Arc::new(Plan::quiet()));
    sweep::handle(&faulty).await.expect("the index is read");
    faulty.script().calls()
}
