//! Many at once: each is applied or refused with its reason, none is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use crate::kit::{Answer, Desk, FRIDAY, Person, array, request, times};

/// What is asked: path, key and body.
type Order = (String, String, Value);

/// Asks all of this at the same moment, each in a thread of its own; answers in the order asked.
fn at_once(orders: &[(&Person, Order)]) -> Vec<Answer> {
    let start = Barrier::new(orders.len());
    thread::scope(|scope| {
        let threads: Vec<_> = orders
            .iter()
            .map(|(person, (path, key, body))| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    person.post(path, key, body)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Twenty acts of both sides on one ticket. Whichever comes first, each that was taken is in the
/// history once, and each that was refused says why.
#[test]
fn twenty_acts_at_once_on_one_ticket() {
    for is_frozen in [true, false] {
        let desk = if is_frozen { Desk::start(FRIDAY) } else { Desk::start_running(FRIDAY) };
        let [ana, beto, mesa, senior] =
            ["ana", "beto", "mesa", "senior"].map(|who| desk.person(who));
        let reference = ana.open("abre", "No timbra").reference();
        let client = |act: &str, n: usize, body: Value| {
            (format!("/tickets/{reference}/{act}"), format!("{act}-{n}"), body)
        };
        let staff = |act: &str, n: usize, body: Value| {
            (format!("/desk/tickets/{reference}/{act}"), format!("{act}-{n}"), body)
        };
        let mut orders = Vec::new();
        for n in 0..4 {
            let text = json!({ "text": format!("Aviso {n}.") });
            orders.push((&ana, client("messages", n, text.clone())));
            orders.push((&beto, client("messages", n + 10, text.clone())));
            orders.push((&mesa, staff("notes", n, text)));
            let reply = json!({ "text": format!("Respuesta {n}."), "kind": "answer" });
            orders.push((&senior, staff("replies", n, reply)));
        }
        orders.push((&ana, client("same-day", 0, json!({ "accept": true }))));
        orders.push((&ana, client("same-day", 1, json!({ "accept": false }))));
        orders.push((&mesa, staff("assign", 0, json!({ "to": "mesa" }))));
        orders.push((&senior, staff("escalate", 0, json!({ "level": "senior" }))));
        assert_eq!(orders.len(), 20);

        let answers = at_once(&orders);
        let ticket = desk.whole(&reference);
        let mut numbers = BTreeSet::new();
        for ((_, (path, ..)), answer) in orders.iter().zip(&answers) {
            if (200..300).contains(&answer.status) {
                let number = answer.body["event"].as_u64();
                let number =
                    number.unwrap_or_else(|| panic!("{path} changed nothing: {answer:#?}"));
                assert!(numbers.insert(number), "{path}: event {number} was told twice");
                let event = &array(&ticket["timeline"])[usize::try_from(number).unwrap() - 1];
                assert!(event["by"]["kind"] != "system", "{path}: {event:#}");
            } else {
                // Only the two answers to the offer can stand against each other.
                assert!(path.ends_with("same-day"), "{path}: {answer:#?}");
                assert_eq!((answer.status, answer.code()), (409, "final"));
                assert_eq!(answer.body["rule"], "7.2a");
            }
        }
        assert_eq!(times(&ticket, "client_wrote"), 8);
        assert_eq!(times(&ticket, "same_day_accepted"), 1, "an acceptance is never lost");
        let words: BTreeSet<&str> =
            array(&ticket["timeline"]).iter().filter_map(|event| event["words"].as_str()).collect();
        for n in 0..4 {
            for text in [format!("Aviso {n}."), format!("Respuesta {n}.")] {
                assert!(words.contains(text.as_str()), "{text}");
            }
        }
        each_reply_reaches_those_who_follow(&desk, &reference, &ticket);
    }
}

/// A reply goes once to the one who opened, and to his colleague if he had written before it.
fn each_reply_reaches_those_who_follow(desk: &Desk, reference: &str, ticket: &Value) {
    let numbers = |kind: &str, by: Option<&str>| -> Vec<u64> {
        array(&ticket["timeline"])
            .iter()
            .filter(|event| event["kind"] == kind && by.is_none_or(|by| event["by"]["id"] == by))
            .map(|event| event["number"].as_u64().unwrap())
            .collect()
    };
    let replies = numbers("desk_wrote", None);
    assert_eq!(replies.len(), 4);
    let joined = numbers("client_wrote", Some("beto"))[0];
    let later = replies.iter().filter(|reply| **reply > joined).count();
    let mails = desk.mails_about(reference);
    for (to, count) in [("ana.robles@", 4), ("alberto.nava@", later)] {
        let sent = mails
            .iter()
            .filter(|(it, kind)| it.starts_with(to) && kind == "Respuesta a su solicitud");
        assert_eq!(sent.count(), count, "{to}: {mails:#?}");
    }
}

#[test]
fn two_hundred_openings_at_once() {
    const MANY: usize = 200;
    let desk = Desk::start(FRIDAY);
    let people = ["ana", "beto", "luis", "carmen"].map(|who| desk.person(who));
    let orders: Vec<(&Person, Order)> = (0..MANY)
        .map(|n| {
            let order = ("/tickets".to_owned(), format!("k{n}"), request(&format!("Caso {n}")));
            (&people[n % people.len()], order)
        })
        .collect();
    let answers = at_once(&orders);
    let mut subjects = BTreeMap::new();
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(answer.status, 201, "{n}: {answer:#?}");
        assert_eq!(answer.body["subject"], format!("Caso {n}"));
        let other = subjects.insert(answer.reference(), format!("Caso {n}"));
        assert_eq!(other, None, "a reference was given twice");
    }
    let mut acknowledged: BTreeMap<String, usize> = BTreeMap::new();
    for mail in desk.mails() {
        let Some((reference, subject)) = mail.subject.split_once("] Recibimos su solicitud: ")
        else {
            continue;
        };
        assert_eq!(subjects.get(&reference[1..]).map(String::as_str), Some(subject));
        *acknowledged.entry(subject.to_owned()).or_default() += 1;
    }
    assert_eq!(acknowledged.len(), MANY);
    assert!(acknowledged.values().all(|count| *count == 1), "{acknowledged:#?}");
    for reference in subjects.keys().step_by(MANY / 10) {
        assert_eq!(times(&desk.whole(reference), "opened"), 1);
    }
    assert_eq!(listed(&people[0]) + listed(&people[2]), MANY, "each client lists its own");
}

/// How many tickets somebody's client has, page by page.
fn listed(person: &Person) -> usize {
    let (mut count, mut path) = (0, "/tickets".to_owned());
    loop {
        let page = person.get(&path).body;
        count += array(&page["tickets"]).len();
        match page["next"].as_str() {
            Some(next) => path = format!("/tickets?after={next}"),
            None => return count,
        }
    }
}

#[test]
fn one_key_from_ten_threads_opens_one_ticket() {
    let desk = Desk::start(FRIDAY);
    let ana = desk.person("ana");
    let order = ("/tickets".to_owned(), "la-misma".to_owned(), request("Una vez"));
    let orders: Vec<(&Person, Order)> = (0..10).map(|_| (&ana, order.clone())).collect();
    let answers = at_once(&orders);
    let references: BTreeSet<String> = answers.iter().map(Answer::reference).collect();
    assert_eq!(references.len(), 1, "{references:?}");
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:#?}");
    let replayed = |answer: &&Answer| answer.headers.contains_key("idempotent-replayed");
    assert_eq!(answers.iter().filter(replayed).count(), 9);
    assert_eq!(listed(&ana), 1);
    assert_eq!(desk.mails().len(), 3, "acknowledgement, offer, and one to the desk");

    // Under the same key another request is refused, and another person's key is another key.
    let other = ana.open("la-misma", "Otra cosa");
    assert_eq!((other.status, other.code()), (422, "idempotency_key_reused"), "{other:#?}");
    assert_ne!(desk.person("beto").open("la-misma", "Una vez").reference(), answers[0].reference());
}
