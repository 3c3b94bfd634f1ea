//! Accounts under crashes, and what they cost: each act dies before and after each call to a port and
//! comes again; a daily run reads what is due, not what exists.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::account::{self, NewPayment};
use app::bank::{self, Mode, Outcome};
use app::commit::{Commit, Condition, Write};
use app::item::Item;
use app::memory::faults::{self, Edge, Faulty, Plan, Script};
use app::memory::{MemoryEnv, MemoryStore};
use app::payment_events::{self, Told};
use app::ports::{Clock as _, Env, Store as _};
use app::{Failure, keys};
use domain::account::DeskAct;
use domain::terms::Centavos;
use domain::{Actor, ClientId, Instant, NaiveDate, Role, StaffId, StaffMember, TimeDelta};
use futures::FutureExt as _;
use serde_json::{Value, json};
use tests_scenarios::cases::at;
use tests_scenarios::compare::{difference, snapshot};
use tests_scenarios::tap::Tapped;
use tests_scenarios::world::World;

fn taller() -> ClientId {
    ClientId::parse("TALLER").expect("a client's code")
}

fn fernanda() -> StaffMember {
    StaffMember { id: StaffId::parse("fernanda").expect("a member's id"), role: Role::Finance }
}

/// What is done to an account.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A payment with this value date is recorded.
    Pay(&'static str),
    /// `payment-due` runs.
    Ladder,
    /// Another payment with the value date of its day.
    Again,
    /// A person reactivates.
    Reactivate,
    /// A bank tells of a payment: the webhook keeps it.
    Told,
    /// What a bank told is applied.
    Applied,
    /// The desk applies a statement with this many lines.
    Statement(usize),
}

/// The steps, each with the instant at which it comes; what lies before has happened undisturbed.
const STEPS: &[(&str, Step)] = &[
    ("lun 2027-02-01 09:00", Step::Ladder),
    ("vie 2027-02-05 09:00", Step::Ladder),
    ("sáb 2027-02-06 00:00", Step::Ladder),
    ("lun 2027-02-08 10:00", Step::Pay("2027-02-05")),
    ("lun 2027-02-08 10:00", Step::Pay("2027-02-08")),
    ("mar 2027-02-09 10:00", Step::Reactivate),
    ("mié 2027-02-03 10:00", Step::Told),
    ("mié 2027-02-03 10:00", Step::Applied),
    ("mié 2027-02-10 10:00", Step::Applied),
    ("mié 2027-02-03 10:00", Step::Statement(2)),
];

async fn perform<E: Env>(env: &E, step: Step) -> Result<(), Failure> {
    match step {
        Step::Pay(day) => pay(env, "SPEI-1", day.parse().expect("a day")).await?,
        Step::Again => pay(env, "SPEI-2", env.clock().now().date()).await?,
        Step::Ladder => {
            let run = payment_due::handle(env).await?;
            // A run goes on after one account's trouble; what calls it again is the next schedule.
            if run.failed > 0 {
                return Err(Failure::Retryable("an account is left".to_owned()));
            }
        }
        Step::Reactivate => {
            let verb = account::DeskVerb::Plain(DeskAct::Reactivate);
            let done = account::desk(env, &taller(), verb, fernanda()).await;
            // The second time it has happened already.
            if let Err(failure) = done
                && !matches!(failure, Failure::Refused(_))
            {
                return Err(failure);
            }
        }
        Step::Told => tell(env).await?,
        Step::Applied => payment_events::apply(env, &keys::payment_event(EVENT)).await?,
        Step::Statement(lines) => statement(env, lines).await?,
    }
    Ok(())
}

/// The id of what a bank tells.
const EVENT: &str = "e1";

async fn tell<E: Env>(env: &E) -> Result<(), Failure> {
    let told = Told::Payment {
        client: taller().to_string(),
        reference: "SPEI-3".to_owned(),
        value_date: env.clock().now().date(),
        amount: Centavos(1_160_000),
        month: None,
    };
    payment_events::keep(env, EVENT, told, b"body", env.clock().now()).await.map(|_| ())
}

/// A statement whose lines are a payment each.
async fn statement<E: Env>(env: &E, lines: usize) -> Result<(), Failure> {
    let mapping = json!({
        "encoding": "utf-8", "delimiter": ",", "header": false, "skip_lines": 0, "date": "#1",
        "date_format": "%Y-%m-%d", "reference": "#2", "concept": "#3", "amount": "#4",
        "decimal": "point", "senders": [],
    });
    let mapping = serde_json::from_value(mapping).expect("it is a mapping");
    let day = env.clock().now().date();
    let line = |n: usize| format!("{day},BANCO-{n},TALLER,5800.00\n");
    let file: String = (0..lines).map(line).collect();
    let told = bank::work(env, &mapping, (file.as_bytes(), 0), Mode::Apply, &fernanda()).await?;
    let done =
        |it: &bank::Line| matches!(it.outcome, Outcome::Recorded { .. } | Outcome::Known { .. });
    assert!(told.len() == lines && told.iter().all(done), "{told:?}");
    Ok(())
}

async fn pay<E: Env>(env: &E, reference: &str, value_date: NaiveDate) -> Result<(), Failure> {
    let new = NewPayment {
        client: taller(),
        reference: reference.to_owned(),
        value_date,
        amount: Centavos(1_160_000),
        names: None,
    };
    account::record_payment(env, &new, Actor::Staff(fernanda())).await.map(|_| ())
}

/// The world right before a step.
async fn before(moment: &str, step: Step) -> World {
    let mut world = World::in_memory(at("vie 2027-01-29 10:00")).await;
    let now = at(moment);
    Box::pin(world.advance(now - TimeDelta::milliseconds(1))).await;
    if matches!(step, Step::Reactivate) {
        perform(&*world.env, Step::Pay("2027-02-08")).await.expect("it is recorded");
        world.settle().await;
    }
    world.env.clock.set(now);
    if matches!(step, Step::Applied) {
        tell(&*world.env).await.expect("it is kept");
    }
    world
}

/// What lies in the table, and what was mailed how often, once everything has come to rest.
async fn rest(
    mut world: World,
    since: Instant,
) -> (BTreeMap<String, Value>, BTreeMap<String, usize>) {
    world.settle().await;
    Box::pin(world.pass(TimeDelta::minutes(10))).await;
    let mut sent = BTreeMap::new();
    for mail in &world.post.mails {
        *sent.entry(mail.message.notice_id.clone()).or_insert(0) += 1;
    }
    (snapshot(&world, since), sent)
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts").block_on(work)
}

#[test]
fn a_crash_at_any_point_changes_nothing() {
    let mut points = 0;
    for (moment, step) in STEPS {
        let (calls, expected) = run(async {
            let world = before(moment, *step).await;
            let since = world.now();
            let faulty = Arc::new(Faulty::new((*world.env).clone(), Plan::quiet()));
            perform(&*faulty, *step).await.expect("nothing is in the way");
            (faulty.script().calls(), Box::pin(rest(world, since)).await)
        });
        for (number, call) in calls.iter().enumerate() {
            for edge in Edge::ALL {
                let found = run(async {
                    let world = before(moment, *step).await;
                    let since = world.now();
                    let faulty = Faulty::new((*world.env).clone(), Plan::cut_at(number, edge));
                    let answer = faulty.until_cut(perform(&faulty, *step)).await;
                    assert!(answer.is_none(), "{moment}: call {number} is reached");
                    perform(&*world.env, *step).await.expect("it comes again");
                    Box::pin(rest(world, since)).await
                });
                let place = format!("{moment} {step:?}: {edge:?} call {number}, {call}");
                if let Some(difference) = difference(&expected.0, &found.0) {
                    panic!("{place}: {difference}");
                }
                assert_eq!(expected.1, found.1, "{place}: mails");
                points += 1;
            }
        }
    }
    println!("{points} crash points");
    assert!(points > 60, "{points}");
}

/// Who tells of a payment right before a call of somebody else.
struct Payer {
    env: Arc<MemoryEnv<Tapped<MemoryStore>>>,
    at: usize,
    paid: AtomicBool,
}

impl Script for Payer {
    fn step(&self, number: usize, _: &'static str, edge: Edge) -> faults::Step {
        let now = number == self.at && edge == Edge::Before;
        if now && !self.paid.swap(true, Ordering::SeqCst) {
            let paid = perform(&*self.env, Step::Pay("2027-02-05")).now_or_never();
            paid.expect("nothing in memory waits").expect("it is recorded");
        }
        faults::Step::Pass
    }
}

/// 10.2a, 10.3: a payment of the last day becomes known while the ladder suspends. Whichever of them comes
/// first, who has paid in time is not suspended.
#[test]
fn a_payment_while_the_ladder_suspends() {
    let (moment, ladder) = ("sáb 2027-02-06 00:00", Step::Ladder);
    let calls = run(async {
        let world = before(moment, ladder).await;
        let faulty = Faulty::new((*world.env).clone(), Plan::quiet());
        perform(&faulty, ladder).await.expect("nothing is in the way");
        let file = app::client::load(&*world.env, &taller()).await.expect("he is read");
        let gate = file.expect("he is there").gate;
        assert!(gate.closed_at(world.now()).is_some(), "who has not paid is suspended");
        faulty.script().calls().len()
    });
    for number in 0..calls {
        run(async {
            let world = before(moment, ladder).await;
            let paid = AtomicBool::new(false);
            let payer = Payer { env: Arc::clone(&world.env), at: number, paid };
            let faulty = Faulty::new((*world.env).clone(), payer);
            if perform(&faulty, ladder).await.is_err() {
                perform(&*world.env, ladder).await.expect("it comes again");
            }
            assert!(faulty.script().paid.load(Ordering::SeqCst), "before call {number}");
            let env = Arc::clone(&world.env);
            let now = world.now();
            Box::pin(rest(world, now)).await;
            let file = app::client::load(&*env, &taller()).await.expect("he is read");
            let gate = file.expect("he is there").gate;
            assert_eq!(gate.closed_at(env.clock.now()), None, "before call {number}");
            assert_eq!(gate.closed_at(now), None, "annulled, before call {number}");
        });
    }
}

/// The head of an account as another client's, due at an instant.
fn copy(head: &Item, n: usize, due: Instant) -> Item {
    let client = ClientId::parse(&format!("C{n:05}")).expect("a client's code");
    let key = keys::account_head(&client);
    let due = Some(keys::due(&key.pk, due));
    Item { due, key, rev: 1, ..head.clone() }
}

/// Ten thousand accounts of which a hundred are due: the run reads those, whatever else there is. Their
/// documents are copies of one client's, so that each costs a look at that client.
#[test]
fn a_daily_run_reads_in_proportion_to_what_is_due() {
    run(async {
        let now = at("lun 2027-02-01 09:00");
        let mut reads = Vec::new();
        for (all, due) in [(1_000, 100), (10_000, 100), (10_000, 10)] {
            let world = World::in_memory(at("vie 2027-01-29 10:00")).await;
            let store = &world.env.store.inner;
            let head = store.get(&keys::account_head(&taller())).await.expect("the store answers");
            let head = head.expect("the account is opened");
            for chunk in (0..all).collect::<Vec<_>>().chunks(50) {
                let when = |n: usize| if n < due { now } else { now + TimeDelta::days(9) };
                let puts = chunk.iter().map(|n| copy(&head, *n, when(*n)));
                let writes =
                    puts.map(|item| Write::Put { item, when: Condition::Absent }).collect();
                store.commit(&Commit { writes }).await.expect("the heads are written");
            }
            world.env.clock.set(now);
            let before = store.units();
            let run = payment_due::handle(&*world.env).await.expect("the index is read");
            let read = store.units().read_halves - before.read_halves;
            assert!(run.worked >= due, "{} of {due}", run.worked);
            reads.push(read);
        }
        println!("halves of read units: {reads:?}");
        let [few, many, tenth] = reads[..] else { unreachable!("three runs") };
        assert!(many <= few + 20, "{many} with 10,000 accounts, {few} with 1,000");
        assert!(tenth * 4 < many, "{tenth} for ten, {many} for a hundred");
    });
}

const COSTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cost.md");
const BEGIN: &str = "<!-- account: begin -->";
const END: &str = "<!-- account: end -->";

/// What a month of an account costs, step by step, mails included: one that is paid after the reminder,
/// and one that is not paid, suspended, paid and reactivated. `UPDATE_COST=1` writes the table anew.
#[test]
fn what_a_month_of_an_account_costs() {
    let rows = run(async {
        let mut world = World::in_memory(at("vie 2027-01-29 10:00")).await;
        let mut rows = Vec::new();
        let times = [
            ("the póliza begins", "lun 2027-02-01 00:00", None),
            ("the month is due", "lun 2027-02-01 09:00", None),
            ("reminder", "mié 2027-02-03 09:00", None),
            ("payment in time", "jue 2027-02-04 10:00", Some(Step::Pay("2027-02-04"))),
            ("the next month is due", "lun 2027-03-01 09:00", None),
            ("reminder", "mié 2027-03-03 09:00", None),
            ("last notice", "vie 2027-03-05 09:00", None),
            ("suspension", "sáb 2027-03-06 00:00", None),
            ("payment, a reactivation is wanted", "lun 2027-03-08 10:00", Some(Step::Again)),
            ("reactivation", "lun 2027-03-08 11:00", Some(Step::Reactivate)),
            ("a payment that a bank tells of", "mar 2027-03-09 10:00", Some(Step::Told)),
            ("a line of a statement", "mar 2027-03-09 11:00", Some(Step::Statement(1))),
        ];
        for (name, moment, step) in times {
            let now = at(moment);
            if step.is_some() {
                Box::pin(world.advance(now)).await;
            }
            let before = world.env.store.inner.units();
            if let Some(step) = step {
                perform(&*world.env, step).await.expect("it is done");
            }
            Box::pin(world.advance(now + TimeDelta::seconds(2))).await;
            let after = world.env.store.inner.units();
            let read = (after.read_halves - before.read_halves).div_ceil(2);
            rows.push(format!("| {name} | {} | {read} |", after.write - before.write));
        }
        rows
    });
    let table =
        format!("{BEGIN}\n| step | write | read |\n|---|--:|--:|\n{}\n{END}", rows.join("\n"));
    let document = std::fs::read_to_string(COSTS).expect("the document is there");
    let (head, rest) = document.split_once(BEGIN).expect("the table begins");
    let (kept, foot) = rest.split_once(END).expect("the table ends");
    if std::env::var_os("UPDATE_COST").is_some() {
        std::fs::write(COSTS, format!("{head}{table}{foot}")).expect("the document is written");
        return;
    }
    assert_eq!(format!("{BEGIN}{kept}{END}"), table, "docs/cost.md tells other figures");
}
