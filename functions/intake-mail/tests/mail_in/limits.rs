//! What must not be answered, how much may be, and what cannot be taken (M5, M7).

use app::inbound::{self, Desk};
use app::memory::MemoryEnv;
use app::ports::{Blobs as _, KeyPurpose, SigningKey};
use app::records::{Answered, MailStatus};
use app::{keys, sweep};

use super::kit::{
    OURS, at, client, head, letter, lucia, notices, opened, post, record, run, solved, spoc,
    tickets, world,
};

const ANA: &str = "ana.lopez@ferreteria-nortena.example";

fn count(env: &MemoryEnv, start: &str) -> usize {
    notices(env).iter().filter(|it| it.starts_with(start)).count()
}

/// M5: five a day for an address. The requests are registered all the same.
#[test]
fn an_address_gets_five_answers_a_day() {
    let env = world("20T09:00");
    for n in 0..7 {
        letter(&format!("a{n}"), ANA, &format!("Asunto {n}")).arrives(&env);
        letter(&format!("x{n}"), "x@nadie.example", &format!("Hola {n}")).arrives(&env);
    }
    assert_eq!(tickets(&env).len(), 7);
    assert_eq!(count(&env, "acknowledgement to spoc:ana"), 5);
    assert_eq!(count(&env, "unknown to author"), 5);
    assert_eq!(record(&env, "a6").0.answered, Answered::Limited);
    env.clock.set(at("2026-11-21T09:00:00-06:00"));
    letter("a9", ANA, "Asunto 9").arrives(&env);
    assert_eq!(count(&env, "acknowledgement to spoc:ana"), 6);
}

/// M5: an answer on a ticket is answered by nothing, and so counts for nothing, however many there are.
#[test]
fn answers_on_a_ticket_use_up_no_acknowledgement() {
    let env = world("20T09:00");
    let ticket = letter("a", ANA, "No timbra").arrives(&env).ticket.unwrap();
    for n in 0..10 {
        letter(&format!("r{n}"), ANA, &format!("Re: [{ticket}] No timbra")).arrives(&env);
        let (kept, status) = record(&env, &format!("r{n}"));
        assert_eq!((kept.answered, status), (Answered::Nothing, MailStatus::Reply));
    }
    letter("b", ANA, "Otro asunto").arrives(&env);
    assert_eq!(record(&env, "b").0.answered, Answered::Yes);
    assert_eq!(count(&env, "acknowledgement to spoc:ana"), 2);
}

/// M5: two hundred an hour in all, whoever writes; what a client was promised is not touched by it.
#[test]
fn strangers_together_get_two_hundred_answers_an_hour() {
    let env = world("20T09:00");
    for n in 0..400 {
        letter(&format!("x{n}"), &format!("x{n}@nadie.example"), "Hola").arrives(&env);
    }
    let told = count(&env, "unknown to author");
    assert!((150..=200).contains(&told), "{told}");
    letter("a", ANA, "No timbra").arrives(&env);
    assert_eq!(count(&env, "acknowledgement to spoc:ana"), 1);
    env.clock.set(at("2026-11-20T10:00:00-06:00"));
    letter("y", "y@nadie.example", "Hola").arrives(&env);
    assert_eq!(count(&env, "unknown to author"), told + 1);
}

/// Nobody reads answers to these, and bulk mail is answered at the registered address only (M3, M5).
#[test]
fn nobody_is_not_answered() {
    let env = world("20T09:00");
    letter("m1", "no-reply@nadie.example", "Aviso").arrives(&env);
    letter("m2", "x@nadie.example", "Aviso").with("Auto-Submitted: auto-generated").arrives(&env);
    letter("m3", "x@nadie.example", "Aviso").with("Precedence: bulk").arrives(&env);
    assert_eq!(notices(&env), [""; 0]);
    letter("m0", "no-reply@ferreteria-nortena.example", "Aviso").unproven().arrives(&env);
    assert_eq!(notices(&env), ["desk_held to desk"], "nobody is asked where nobody reads");
    assert_eq!(record(&env, "m0").0.answered, Answered::Nobody);
    assert_eq!(record(&env, "m1").0.answered, Answered::Nobody);
    assert_eq!(record(&env, "m2").1, MailStatus::Note);
    assert_eq!(record(&env, "m3").1, MailStatus::Quarantined);
    letter("m4", ANA, "Lista").with("List-Id: <todos.example>").arrives(&env);
    assert_eq!(count(&env, "acknowledgement to spoc:ana"), 1);
}

/// An automatic answer refers to the mail that it is to, where that has an id that a header can hold.
#[test]
fn an_answer_names_what_it_answers() {
    let env = world("20T09:00");
    let (colleague, stranger) = ("karla@ferreteria-nortena.example", "x@nadie.example");
    letter("m1", colleague, "Impresora").arrives(&env);
    letter("m2", stranger, "Hola").with("Message-ID: <uno@nadie.example>").arrives(&env);
    letter("m3", stranger, "Hola 3").with("Message-ID: <uno dos@nadie.example>").arrives(&env);
    letter("m4", stranger, "Hola 4").with("Message-ID: sin arroba").arrives(&env);
    post(&env);
    let sent = env.mailer.taken();
    let sent = sent.iter().filter(|it| [colleague, stranger].contains(&it.message.to.as_str()));
    let mut named: Vec<String> = sent
        .map(|it| {
            let text = String::from_utf8_lossy(&it.message.mime).into_owned();
            let lines = text
                .lines()
                .filter(|line| line.starts_with("In-Reply-To:") || line.starts_with("References:"));
            lines.collect::<Vec<_>>().join(" ")
        })
        .collect();
    named.sort();
    let both = |id: &str| format!("In-Reply-To: <{id}> References: <{id}>");
    let mut expected = [both("m1@correo.example"), both("uno@nadie.example")].to_vec();
    expected.splice(0..0, ["".to_owned(), "".to_owned()]);
    assert_eq!(named, expected);
}

/// 13: a mail that names another client's ticket opens its own, and the desk is told.
#[test]
fn a_foreign_ticket_is_never_joined() {
    let env = world("20T09:00");
    let theirs = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
    let subject = format!("Re: [{theirs}] No timbra");
    let taken = letter("m1", "raul.ortiz@textiles-puebla.example", &subject).arrives(&env);
    assert_eq!(taken.status, MailStatus::Ticket);
    assert_ne!(taken.ticket.as_ref(), Some(&theirs));
    assert_eq!(head(&env, &theirs).ticket.seq, 1);
    assert_eq!(count(&env, "desk_foreign_ticket to desk"), 1);
}

/// 1.5: people of the client in Cc take part and may answer; others are listed and nothing more.
#[test]
fn copies_take_part() {
    let env = world("20T09:00");
    let cc = "Cc: karla@ferreteria-nortena.example, Beto <beto@ferreteria-nortena.example>, \
              x@nadie.example, raul.ortiz@textiles-puebla.example, soporte@soporte.millora.example";
    let reference = letter("m1", ANA, "No timbra").with(cc).arrives(&env).ticket.unwrap();
    let ticket = head(&env, &reference).ticket;
    assert_eq!(ticket.participants.len(), 1);
    assert_eq!(ticket.followers, [spoc("ana"), spoc("beto")]);
    let others = record(&env, "m1").0.others;
    assert_eq!(others, ["x@nadie.example", "raul.ortiz@textiles-puebla.example"]);
    let subject = format!("Re: [{reference}] No timbra");
    let answer = letter("m2", "karla@ferreteria-nortena.example", &subject).arrives(&env);
    assert_eq!((answer.status, answer.ticket), (MailStatus::Reply, Some(reference)));

    // Of a mail that was confirmed the same people take part, from then on.
    let held = letter("m3", ANA, "Otra cosa").with(cc).unproven();
    assert_eq!(held.arrives(&env).status, MailStatus::HeldUnproven);
    assert!(record(&env, "m3").0.others.is_empty(), "nobody is looked up for who proves nothing");
    let nort = client("NORT");
    let now = app::ports::Clock::now(&env.clock);
    let resolved = run(inbound::confirm(&env, "m3", &spoc("ana"), &nort, now)).unwrap();
    let ticket = head(&env, &resolved.ticket.unwrap()).ticket;
    assert_eq!((ticket.participants.len(), ticket.followers.len()), (1, 2));
    assert_eq!(record(&env, "m3").0.others.len(), 2);
}

/// The parts of a mail are files of its ticket; of a mail that waits they are only named (M6).
#[test]
fn parts_are_files() {
    let env = world("20T09:00");
    let mixed = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b";
    let body = "--b\r\nContent-Type: text/plain\r\n\r\nVa el XML.\r\n--b\r\nContent-Type: text/xml; \
                name=\"a.xml\"\r\nContent-Disposition: attachment; filename=\"a.xml\"\r\n\r\n<a/>\r\n--b--";
    let mut mail = letter("m1", ANA, "No timbra").with(mixed);
    mail.text = body.to_owned();
    let raw = String::from_utf8(mail.raw()).unwrap();
    let raw = raw.replace("Content-Type: text/plain; charset=utf-8\r\n", "");
    run(env.blobs.put("inbound/m1", raw.as_bytes())).unwrap();
    let reference = run(mail.taken(&env)).unwrap().ticket.unwrap();
    let whole = run(app::tickets::whole(&env, &reference)).unwrap();
    let [file] = whole.texts[&1].attachments.as_slice() else { panic!("one file") };
    assert_eq!((file.name.as_str(), file.size), ("a.xml", 4));
    assert_eq!(run(env.blobs.get(&file.blob)).unwrap().unwrap(), b"<a/>");

    let mut held = mail.clone().unproven();
    held.id = "m2".to_owned();
    let raw = raw.replace("m1@correo", "m2@correo").replace("Va el", "Otro");
    run(env.blobs.put("inbound/m2", raw.as_bytes())).unwrap();
    run(held.taken(&env)).unwrap();
    assert_eq!(record(&env, "m2").0.files.len(), 1);
    let attachments = env.blobs.keys().iter().filter(|it| it.starts_with("attachments/")).count();
    assert_eq!(attachments, 1);
}

/// A text that is longer than what is shown is a file of its ticket as well, whole (M6).
#[test]
fn a_text_that_is_cut_is_a_file_too() {
    let env = world("20T09:00");
    let mut mail = letter("m1", ANA, "Bitácora");
    mail.text = "2026-11-20 09:00 error 301\r\n".repeat(30_000);
    let reference = mail.arrives(&env).ticket.unwrap();
    let whole = run(app::tickets::whole(&env, &reference)).unwrap();
    let [file] = whole.texts[&1].attachments.as_slice() else { panic!("one file") };
    let bytes = run(env.blobs.get(&file.blob)).unwrap().unwrap();
    assert!(String::from_utf8(bytes).unwrap().starts_with(&mail.text));
}

/// M7: what cannot be taken is tried five times, then set aside where the desk sees it.
#[test]
fn a_mail_that_cannot_be_taken_is_set_aside() {
    let env = world("20T09:00");
    let mail = letter("m1", ANA, "No timbra");
    run(mail.stored(&env));
    // A key that is too short is our own fault, and does not pass.
    let short = vec![SigningKey { id: 1, bytes: vec![1; 8] }];
    let keys = run(app::ports::Secrets::keys(&env.secrets, KeyPurpose::MailThreading)).unwrap();
    env.secrets.set(KeyPurpose::MailThreading, short);
    for _ in 0..2 {
        assert!(run(mail.taken(&env)).is_err());
    }
    env.clock.set(at("2026-11-20T09:05:00-06:00"));
    assert_eq!(run(sweep::sweep(&env)).unwrap().mail.failed, 1);
    assert_eq!(run(sweep::sweep(&env)).unwrap().mail.failed, 1);
    assert_eq!(run(sweep::sweep(&env)).unwrap().mail.taken, 1);
    assert_eq!(record(&env, "m1").1, MailStatus::Poison);
    assert_eq!(env.blobs.keys(), ["poison/m1"]);
    assert_eq!(count(&env, "desk_poison to desk"), 1);
    assert_eq!(run(mail.taken(&env)).unwrap().status, MailStatus::Poison);

    // The desk has it taken again: in vain while the fault is there, and once when it is not.
    env.clock.set(at("2026-11-20T11:00:00-06:00"));
    let member = lucia();
    let now = at("2026-11-20T11:00:00-06:00");
    let desk = Desk { member: &member, at: now, reason: "Ya hay una llave buena." };
    let failure = run(inbound::retry(&env, "m1", &desk)).unwrap_err();
    let app::Failure::Refused(refusal) = failure else { panic!("{failure}") };
    assert_eq!(refusal.rule, "M7");
    assert_eq!(record(&env, "m1").1, MailStatus::Poison);
    env.secrets.set(KeyPurpose::MailThreading, keys);
    let taken = run(inbound::retry(&env, "m1", &desk)).unwrap();
    assert_eq!((taken.status, taken.is_new), (MailStatus::HeldUnproven, true));
    assert_eq!(env.blobs.keys(), ["done/m1"]);
    let (kept, _) = record(&env, "m1");
    assert_eq!(kept.received_at, at("2026-11-20T09:00:00-06:00"), "since when it lay there");
    assert_eq!(kept.resolved.unwrap().reason.as_deref(), Some("Ya hay una llave buena."));
    assert!(!run(inbound::retry(&env, "m1", &desk)).unwrap().is_new);
    assert_eq!(count(&env, "question to claimed:NORT:ana"), 1);
}

/// Trouble that passes is not counted: the mail is taken as soon as it has passed.
#[test]
fn trouble_that_passes_sets_nothing_aside() {
    let env = world("20T09:00");
    letter("m1", ANA, "No timbra").arrives(&env);
    run(letter("m2", ANA, "Otro").stored(&env));
    let keys = run(app::ports::Secrets::keys(&env.secrets, KeyPurpose::MailThreading)).unwrap();
    env.secrets.lose(KeyPurpose::MailThreading);
    env.clock.set(at("2026-11-20T09:05:00-06:00"));
    for _ in 0..10 {
        assert_eq!(run(sweep::sweep(&env)).unwrap().mail.failed, 1);
    }
    env.secrets.set(KeyPurpose::MailThreading, keys);
    assert_eq!(run(sweep::sweep(&env)).unwrap().mail.taken, 1);
    let (kept, status) = record(&env, "m2");
    assert_eq!(
        (status, kept.received_at),
        (MailStatus::HeldUnproven, at("2026-11-20T09:00:00-06:00"))
    );
}

/// 9.6: no ticket closes while an older mail lies in the bucket; the answer is found there and taken.
#[test]
fn the_closer_looks_into_the_bucket_first() {
    let env = world("17T10:00");
    let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
    solved(&env, &reference);
    env.clock.set(at("2026-11-19T09:59:58-06:00"));
    let answer = letter("m1", ANA, &format!("Re: [{reference}] Sigue fallando"));
    run(answer.stored(&env));
    env.clock.set(at("2026-11-19T10:00:00-06:00"));
    let pk = keys::ticket(&reference);
    let close = || run(app::timers::closing(&env, &pk)).unwrap();
    close();
    let ticket = head(&env, &reference).ticket;
    assert_eq!(ticket.cycle.closure, None);
    assert_eq!(ticket.cycle.held.len(), 1, "it came without its event, and proves nothing");

    // What cannot be taken puts a closing off until it is set aside.
    let env = world("17T10:00");
    let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[]);
    solved(&env, &reference);
    run(letter("m1", ANA, "Otro").stored(&env));
    let keys = run(app::ports::Secrets::keys(&env.secrets, KeyPurpose::MailThreading)).unwrap();
    env.secrets.lose(KeyPurpose::MailThreading);
    env.clock.set(at("2026-11-19T10:00:00-06:00"));
    run(app::timers::closing(&env, &pk)).unwrap();
    assert_eq!(head(&env, &reference).ticket.cycle.closure, None);
    env.secrets.set(KeyPurpose::MailThreading, keys);
    run(app::timers::closing(&env, &pk)).unwrap();
    assert!(head(&env, &reference).ticket.cycle.closure.is_some());
    assert!(run(inbound::clear_before_closing(&env, at("2026-11-19T10:00:00-06:00"))).unwrap());
}

/// A report of another server about a mail of ours has the effect of the service's own word, where a
/// mark shows that it speaks of that mail and that recipient; every other one is only kept (M3).
#[test]
fn a_report_shows_that_a_mail_came_back() {
    const TERESA: &str = "teresa@despacho-ruiz.example";
    // Whose mail came back, whom the report names, which notice it names, and whether that one bounced.
    for (returned, about, named, bounced) in [
        (ANA, ANA, ANA, true),
        (ANA, TERESA, ANA, false),
        (TERESA, TERESA, TERESA, true),
        (TERESA, TERESA, ANA, false),
    ] {
        let env = world("20T09:00");
        let reference = opened(&env, "NORT-7K2QX9RD-Y", "ana", &[TERESA]);
        solved(&env, &reference);
        post(&env);
        let sent = env.mailer.taken();
        let last_to = |to| &sent.iter().rev().find(|it| it.message.to == to).unwrap().message;
        let (ours, told) = (last_to(returned), last_to(named));
        let text = String::from_utf8(ours.mime.clone()).unwrap();
        let headers = text.split("\r\n\r\n").next().unwrap();
        let headers = headers.replace(&ours.notice_id, &told.notice_id);
        let report = report("d1", about, &headers);
        run(env.blobs.put("inbound/d1", report.as_bytes())).unwrap();
        let taken =
            run(letter("d1", "mailer-daemon@x.example", "Undelivered").taken(&env)).unwrap();
        assert_eq!(taken.status, MailStatus::Note);
        let shown = returned == about;
        assert_eq!(taken.ticket, shown.then(|| reference.clone()), "{returned} {about} {named}");
        let notice = keys::notice(&keys::ticket(&reference), &told.notice_id);
        let item = run(app::ports::Store::get(&env.store, &notice)).unwrap().unwrap();
        let status = item.status.as_deref();
        assert_eq!(status == Some("bounced"), bounced, "{returned} {about} {named}");
        assert_eq!(head(&env, &reference).ticket.cycle.inbound.len(), 0);
    }
}

/// A server's report that a mail with these headers did not reach `about`.
fn report(id: &str, about: &str, headers: &str) -> String {
    format!(
        "From: mailer-daemon@x.example\r\nTo: {OURS}\r\nSubject: Undelivered\r\n\
         Message-ID: <{id}@x.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nNo se entregó.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n\r\n\
         Final-Recipient: rfc822; {about}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\n{headers}\r\n\r\n--b--\r\n"
    )
}
