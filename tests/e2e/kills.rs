//! `kill -9`: whatever was answered is there afterwards, and what was not is there once or not at all.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};

use crate::kit::{Desk, FRIDAY, request, times};

/// What is done in one life, step by step. `ROOT` stands for the ticket as its client sees it, `DESK`
/// for the same at the desk.
fn steps() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("ana", "ROOT/same-day", json!({ "accept": true })),
        ("mesa", "DESK/replies", json!({ "text": "Ya lo vemos.", "kind": "answer" })),
        ("mesa", "DESK/replies", json!({ "text": "¿Qué folio?", "kind": "information_request" })),
        ("ana", "ROOT/messages", json!({ "text": "El A-301." })),
        ("mesa", "DESK/replies", json!({ "text": "Se renovó.", "kind": "solution" })),
        ("", "30h", Value::Null),
        ("", "30h", Value::Null),
        ("ana", "ROOT/messages", json!({ "text": "Volvió a fallar.", "still_fails": true })),
        ("senior", "DESK/replies", json!({ "text": "Se repuso.", "kind": "solution" })),
        ("ana", "ROOT/confirm", json!({})),
    ]
}

fn take(desk: &Desk, reference: &str, number: usize, step: &(&str, &str, Value)) {
    let (who, what, body) = step;
    if who.is_empty() {
        desk.advance(what);
        return;
    }
    let path = what
        .replace("ROOT", &format!("/tickets/{reference}"))
        .replace("DESK", &format!("/desk/tickets/{reference}"));
    let answer = desk.person(who).post(&path, &format!("k{number}"), body);
    assert!((200..300).contains(&answer.status), "{path}: {answer:#?}");
}

/// What a life leaves behind that must not depend on kills: the acts in order, the state, the mails.
fn left(desk: &Desk, reference: &str) -> (Vec<String>, Value, Vec<(String, String)>) {
    // What a kill left half done is found by a sweep once its lease is over.
    desk.advance("10m");
    let ticket = desk.whole(reference);
    let kinds = ticket["timeline"].as_array().unwrap().iter();
    let kinds = kinds.map(|event| event["kind"].as_str().unwrap().to_owned()).collect();
    let mut mails = desk.mails_about(reference);
    mails.sort();
    let state = json!({
        "state": ticket["summary"]["state"],
        "cycle": ticket["cycle"],
        "closed": ticket["closed"]["reason"],
        "charges": ticket["charges"],
        "results": ticket["clocks"].as_array().unwrap().iter().map(|clock| &clock["result"]).collect::<Vec<_>>(),
    });
    (kinds, without_instants(state), mails)
}

fn without_instants(mut state: Value) -> Value {
    for charge in state["charges"].as_array_mut().into_iter().flatten() {
        charge["accepted_at"].take();
    }
    state
}

/// Killed after every step, right after its answer, while its mails are on their way.
#[test]
fn a_life_with_a_kill_after_every_step_ends_like_one_without() {
    let mut ends = Vec::new();
    for is_killed in [false, true] {
        let mut desk = Desk::start(FRIDAY);
        let reference = desk.person("ana").open("abre", "No timbra").reference();
        for (number, step) in steps().iter().enumerate() {
            if is_killed {
                desk.kill_and_start();
            }
            take(&desk, &reference, number, step);
        }
        if is_killed {
            desk.kill_and_start();
        }
        ends.push(left(&desk, &reference));
    }
    let [whole, killed] = <[_; 2]>::try_from(ends).unwrap();
    assert_eq!(killed.0, whole.0, "the events");
    assert_eq!(killed.1, whole.1, "the state");
    // A5: a mail that the kill caught between its sending and its mark may come once more.
    let (before, after) = (counted(&whole.2), counted(&killed.2));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let repeated = killed.2.len() - whole.2.len();
    assert!(repeated <= steps().len() + 1, "{repeated} repeated: {after:#?}");
    for (mail, count) in &before {
        assert!(after[mail] >= *count, "{mail:?} was lost");
    }
}

fn counted(mails: &[(String, String)]) -> BTreeMap<&(String, String), usize> {
    let mut counts = BTreeMap::new();
    for mail in mails {
        *counts.entry(mail).or_insert(0) += 1;
    }
    counts
}

/// Killed in the middle of a crowd. Whoever was not answered asks again under the same key; then each
/// has one ticket, whether the first attempt had been written or not.
#[test]
fn a_kill_in_the_middle_of_a_crowd() {
    const MANY: usize = 24;
    for answers_before in [1, 15] {
        let mut desk = Desk::start(FRIDAY);
        let ana = desk.person("ana");
        let (told, answers) = mpsc::channel();
        let threads: Vec<_> = (0..MANY)
            .map(|n| {
                let (ana, told) = (ana.clone(), told.clone());
                thread::spawn(move || {
                    let body = request(&format!("Caso {n}")).to_string();
                    let answer = ana.try_post("/tickets", &format!("k{n}"), &body);
                    // Nobody may be listening any more.
                    let _ = told.send(answer.ok().map(|answer| (n, answer)));
                })
            })
            .collect();
        drop(told);
        let mut before = Vec::new();
        while before.len() < answers_before {
            before.extend(answers.recv().unwrap());
        }
        desk.kill();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        before.extend(answers.iter().flatten());

        desk.up();
        let ana = desk.person("ana");
        let mut references: BTreeMap<String, String> = BTreeMap::new();
        for n in 0..MANY {
            let subject = format!("Caso {n}");
            let again = ana.open(&format!("k{n}"), &subject);
            assert_eq!(again.status, 201, "{again:#?}");
            references.insert(again.reference(), subject);
        }
        assert_eq!(references.len(), MANY);
        for (n, answer) in before {
            let subject = references.get(&answer.reference());
            assert_eq!(subject, Some(&format!("Caso {n}")), "an answered opening was lost");
        }
        desk.advance("10m");
        let mut acknowledged: BTreeMap<String, usize> = BTreeMap::new();
        for mail in desk.mails() {
            if let Some((_, subject)) = mail.subject.split_once("] Recibimos su solicitud: ") {
                *acknowledged.entry(subject.to_owned()).or_default() += 1;
            }
        }
        assert_eq!(acknowledged.len(), MANY);
        let repeated: usize = acknowledged.values().map(|count| count - 1).sum();
        assert!(repeated <= 1, "one kill repeats one mail at most: {acknowledged:#?}");
        for reference in references.keys().step_by(8) {
            assert_eq!(times(&desk.whole(reference), "opened"), 1);
        }
    }
}

/// Killed while the clock is being moved: what fell due is done once, whether before or after.
#[test]
fn a_kill_while_the_clock_moves() {
    let mut desk = Desk::start(FRIDAY);
    let reference = desk.person("ana").open("abre", "No timbra").reference();
    desk.json(&["desk", "solve", &reference, "Se renovó."]);
    desk.mails();
    let nobody = desk.stranger(None);
    let moving = thread::spawn(move || {
        // The answer does not come.
        let _ = nobody.try_post("/local/clock/advance", "", r#"{"by":"60d"}"#);
    });
    // The folder says where the clock stands; once it has moved, the move is under way.
    let mut looks = 0_u32;
    while desk.mails_on_disk() < 4 {
        thread::yield_now();
        looks += 1;
        assert!(looks < 50_000_000, "the clock never moved");
    }
    desk.kill();
    moving.join().unwrap();
    desk.up();
    desk.advance("60d");
    let ticket = desk.whole(&reference);
    assert_eq!(times(&ticket, "solution_reminded"), 1);
    assert_eq!(times(&ticket, "closed"), 1);
    let mails = desk.mails_about(&reference);
    for kind in ["Su ticket está por cerrarse", "Ticket cerrado"] {
        let count = mails.iter().filter(|(_, it)| it == kind).count();
        assert!((1..=2).contains(&count), "{kind} came {count} times");
    }
}
