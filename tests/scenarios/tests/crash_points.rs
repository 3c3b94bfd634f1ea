//! A function dies before and after each call to a port. Then the same event comes again, and one
//! sweep after the lease: the state is the same as without the crash, no notice is lost, and none is
//! sent twice beyond what A5 admits.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::memory::faults::{Edge, Failure, Faulty, Plan};
use app::records::NoticeStatus;
use domain::ticket::EscalationLevel;
use domain::{Instant, TimeDelta};
use serde_json::Value;
use tests_scenarios::cases::{CASES, Case, Make, Step, end_of_pause, perform};
use tests_scenarios::compare::{difference, snapshot};
use tests_scenarios::doors::{DeskVerb, Verb};
use tests_scenarios::play::check;

/// What a run comes to.
struct Outcome {
    state: BTreeMap<String, Value>,
    /// Notices by how often they went out.
    sent: BTreeMap<String, usize>,
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts").block_on(work)
}

/// The world after a step: the stream is read, mails are told, and one sweep comes after the lease.
async fn come_to_rest(mut case: Case, since: Instant) -> Outcome {
    case.world.stream_alive = true;
    case.world.settle().await;
    case.world.env.clock.set(case.world.now() + TimeDelta::minutes(7));
    case.world.sweep().await;
    // What went out last is told as delivered a second later.
    case.world.pass(TimeDelta::seconds(2)).await;
    let references = tickets(&case);
    let _ = check(&mut case.world, &references).await;
    let lost = unsettled(&case);
    assert!(lost.is_empty(), "{}: notices were lost: {lost:?}", case.name);
    let mut sent = BTreeMap::new();
    for mail in &case.world.post.mails {
        *sent.entry(format!("{}/{}", mail.message.to, mail.message.notice_id)).or_insert(0) += 1;
    }
    Outcome { state: snapshot(&case.world, since), sent }
}

fn tickets(case: &Case) -> Vec<domain::TicketRef> {
    let heads = case.world.env.store.inner.dump();
    let heads = heads.iter().filter(|item| item.key.sk == app::keys::HEAD);
    heads.filter_map(|item| app::keys::ticket_of(&item.key.pk)).collect()
}

/// Notices that are neither sent nor visibly given up.
fn unsettled(case: &Case) -> Vec<String> {
    let items = case.world.env.store.inner.dump();
    let notices = items.iter().filter(|item| item.key.sk.starts_with(app::keys::NOTICES));
    let pending = notices.filter(|item| {
        let status = item.status.as_deref().and_then(NoticeStatus::parse);
        status.is_none_or(NoticeStatus::is_due)
    });
    pending.map(|item| item.key.sk.clone()).collect()
}

/// A run without a fault, and the calls that it makes.
async fn undisturbed(make: Make, told: bool) -> (Outcome, Vec<&'static str>, Instant) {
    let mut case = make().await;
    case.world.post.set_told(told);
    let since = case.world.now();
    let faulty = Arc::new(Faulty::new(case.env(), Arc::new(Plan::quiet())));
    perform(&faulty, &case.step).await.unwrap_or_else(|why| panic!("{}: {why}", case.name));
    let calls = faulty.script().calls();
    (come_to_rest(case, since).await, calls, since)
}

async fn crashed(make: Make, told: bool, number: usize, edge: Edge) -> Outcome {
    let mut case = make().await;
    case.world.post.set_told(told);
    let since = case.world.now();
    let faulty = Arc::new(Faulty::new(case.env(), Plan::cut_at(number, edge)));
    let answer = faulty.until_cut(perform(&faulty, &case.step)).await;
    assert_eq!(answer, None, "{}: call {number} was reached", case.name);
    // The same event comes again. What it is told is not known; the state must be right anyway.
    let again = perform(&Arc::new(case.env()), &case.step).await;
    assert_eq!(again, Ok(()), "{}: the same event again, after {edge:?} {number}", case.name);
    come_to_rest(case, since).await
}

/// Between the service's acceptance and the mark, and only there, a mail may go out once more (A5).
fn may_repeat(calls: &[&str], number: usize, edge: Edge) -> bool {
    let last_send = calls[..=number].iter().rposition(|call| *call == "mailer.send");
    last_send.is_some_and(|send| {
        let marked = calls[send..].iter().position(|call| *call == "store.commit");
        let mark = marked.map_or(calls.len(), |offset| send + offset);
        (send, Edge::After) <= (number, edge) && (number, edge) <= (mark, Edge::Before)
    })
}

#[test]
fn a_crash_at_any_point_changes_nothing() {
    let mut points = 0;
    let mut repeats = 0;
    for make in CASES {
        for told in [true, false] {
            let name = run(make()).name;
            let (expected, calls, _) = run(undisturbed(make, told));
            let mut covered = 0;
            for number in 0..calls.len() {
                for edge in Edge::ALL {
                    let found = run(crashed(make, told, number, edge));
                    let place = format!("{name}: {edge:?} call {number}, {}", calls[number]);
                    if let Some(difference) = difference(&expected.state, &found.state) {
                        panic!("{place}: {difference}");
                    }
                    repeats += compare_mails(&place, &expected, &found, {
                        !told && may_repeat(&calls, number, edge)
                    });
                    covered += 1;
                }
            }
            assert_eq!(covered, 2 * calls.len());
            points += covered;
            if told {
                println!("{name}: {} calls, {covered} points", calls.len());
            }
        }
    }
    println!("{points} crash points, {repeats} mails that A5 admits went out twice");
    assert!(points >= 400 && repeats > 0);
}

/// Compares what went out; returns how many mails went out once more.
fn compare_mails(place: &str, expected: &Outcome, found: &Outcome, may_repeat: bool) -> usize {
    let mut repeats = 0;
    for (mail, times) in &found.sent {
        let usual = expected.sent.get(mail).copied().unwrap_or_default();
        assert!(
            *times >= usual && usual > 0,
            "{place}: {mail} went out {times} times, not {usual}"
        );
        repeats += times - usual;
    }
    for mail in expected.sent.keys() {
        assert!(found.sent.contains_key(mail), "{place}: {mail} did not go out");
    }
    let admitted = usize::from(may_repeat);
    assert_eq!(repeats, admitted, "{place}: mails that went out once more");
    repeats
}

/// How a commit can go wrong without a crash.
const KINDS: [(&str, Edge, Failure); 3] = [
    ("throttled", Edge::Before, Failure::Busy),
    ("unknown, without effect", Edge::Before, Failure::Unknown),
    ("unknown, with effect", Edge::After, Failure::Unknown),
];

#[test]
fn a_commit_that_fails_changes_nothing() {
    let mut count = 0;
    for make in CASES {
        let (expected, calls, _) = run(undisturbed(make, true));
        let commits = calls.iter().enumerate().filter(|(_, call)| **call == "store.commit");
        for (number, _) in commits {
            for (kind, edge, failure) in KINDS {
                let (name, found) = run(async {
                    let mut case = make().await;
                    case.world.post.set_told(true);
                    let since = case.world.now();
                    let plan = Plan::fail_at(number, edge, failure);
                    let faulty = Arc::new(Faulty::new(case.env(), plan));
                    let first = perform(&faulty, &case.step).await;
                    if first.is_err() {
                        let again = perform(&Arc::new(case.env()), &case.step).await;
                        assert_eq!(again, Ok(()), "{}: {kind} at {number}: {first:?}", case.name);
                    }
                    (case.name, come_to_rest(case, since).await)
                });
                let place = format!("{name}: {kind} at call {number}");
                if let Some(difference) = difference(&expected.state, &found.state) {
                    panic!("{place}: {difference}");
                }
                compare_mails(&place, &expected, &found, false);
                count += 1;
            }
        }
    }
    println!("{count} commits failed on purpose");
    assert!(count > 60);
}

#[test]
fn an_act_without_a_key_is_not_made_twice_by_an_unknown_outcome() {
    for (name, verb) in [
        ("end of the pause", DeskVerb::EndPause("Ya lo teníamos.".to_owned())),
        ("assignment", DeskVerb::Assign { to: "sofia".to_owned() }),
        ("escalation", DeskVerb::Escalate(EscalationLevel::Senior)),
    ] {
        run(async {
            let case = end_of_pause().await;
            let Step::Request(mut request) = case.step.clone() else { panic!("a request") };
            request.key = String::new();
            request.verb = Verb::Desk(verb.clone());
            let before = case.world.env.store.inner.dump().len();
            let quiet = Arc::new(Faulty::new(case.env(), Arc::new(Plan::quiet())));
            let unkeyed = Step::Request(request);
            perform(&quiet, &unkeyed).await.unwrap();
            let usual = case.world.env.store.inner.dump().len() - before;
            let calls = quiet.script().calls();
            let commit = calls.iter().position(|call| *call == "store.commit").unwrap();

            let case = end_of_pause().await;
            let plan = Plan::fail_at(commit, Edge::After, Failure::Unknown);
            let faulty = Arc::new(Faulty::new(case.env(), plan));
            assert_eq!(perform(&faulty, &unkeyed).await, Ok(()), "{name}");
            let written = case.world.env.store.inner.dump().len() - before;
            assert_eq!(written, usual, "{name}: items written");
        });
    }
}
