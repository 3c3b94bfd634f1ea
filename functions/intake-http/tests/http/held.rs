//! Notices and links of held mail (M1a, 1.2a): from the ledger to the mail, and from its link to the
//! page.

use app::codec::Stored;
use app::commit::{Commit, Condition, Write};
use app::item::Key;
use app::keys;
use app::outbox::{self, Delivery};
use app::ports::{Blobs, KeyPurpose, Query, Secrets as _, Store};
use app::records::{self, InboundRecord, NoticeStatus, Question};
use domain::inbound::{
    DmarcPolicy, MailContent, MailNotice, MailRecipient, QuarantineReason, Verdict,
};
use domain::{ClientId, Instant, SpocId};
use mail::Address;
use mail::inbound::Receipt;
use mail::outbound::MailAction;
use serde_json::json;

use crate::kit::{Told, World, at};
use crate::pages::{FORM, look, page, shows};

/// A Friday, ten minutes before the cut-off.
const NOON: &str = "2026-11-20T13:50:00-06:00";
/// The end of the fifth business day after it, and of the tenth.
const FIFTH: &str = "2026-11-28T00:00:00-06:00";
const TENTH: &str = "2026-12-05T00:00:00-06:00";
/// The code that stands for Ana's address.
const ADDRESS: &str = "9f86d081884c7d65";

fn world() -> World {
    World::new(NOON, |env| intake_http::router(env.clone()))
}

fn acme() -> ClientId {
    ClientId::parse("ACME").unwrap()
}

fn spoc(id: &str) -> SpocId {
    SpocId::parse(id).unwrap()
}

/// Writes an item, whatever lay there.
fn put(world: &World, mut item: app::item::Item) {
    world.block_on(async {
        let before = world.env.store.get(&item.key).await.unwrap();
        item.rev = before.as_ref().map_or(1, |it| it.rev + 1);
        let when = before.map_or(Condition::Absent, |it| Condition::RevisionIs(it.rev));
        let writes = vec![Write::Put { item, when }];
        world.env.store.commit(&Commit { writes }).await.unwrap();
    });
}

/// A mail as `take` would have recorded it, with a status.
fn mail(world: &World, id: &str, client: &str, from: (&str, &str), status: &str) {
    let (name, address) = from;
    let record = json!({
        "ses_id": id,
        "received_at": at(NOON),
        "from": {"address": address, "name": name},
        "subject": format!("No timbra <b>{id}</b>"),
        "client": client,
        "rule": "1.2a",
        "answered": "nothing",
        "lapses_at": at(TENTH),
    });
    let record: InboundRecord = serde_json::from_value(record).unwrap();
    let mut item = Stored::new(record).item(keys::inbound(id), 1).unwrap();
    item.status = Some(status.to_owned());
    put(world, item);
}

fn question(world: &World, address: &str, mails: &[&str], asked_at: Instant) {
    let question = Question {
        client: acme(),
        spoc: spoc("ana"),
        asked_at,
        expires_at: at(FIFTH),
        mails: mails.iter().map(|id| (*id).to_owned()).collect(),
        before: Vec::new(),
    };
    let key = keys::question_of(&keys::address(address));
    put(world, Stored::new(question).item(key, 1).unwrap());
}

/// Records a notice in the ledger.
fn record(world: &World, pk: &str, to: MailRecipient, content: MailContent) -> Key {
    let notice = MailNotice { to, due: at(NOON), content };
    let write = records::mail_notice(pk, notice, at(NOON), 1).unwrap();
    let key = write.key().clone();
    world.block_on(world.env.store.commit(&Commit { writes: vec![write] })).unwrap();
    key
}

fn deliver(world: &World, key: &Key) -> Delivery {
    world.block_on(outbox::deliver(world.env.as_ref(), key)).unwrap()
}

/// A notice that is sent: the recipient, the whole mail, and its text.
fn sent(world: &World, pk: &str, to: MailRecipient, content: MailContent) -> (String, String) {
    let key = record(world, pk, to, content);
    assert_eq!(deliver(world, &key), Delivery::Sent);
    let message = world.env.mailer.taken().pop().unwrap().message;
    let parsed = mail_parser::MessageParser::default().parse(&message.mime).unwrap();
    let text = format!("{}\n{}", parsed.subject().unwrap(), parsed.body_text(0).unwrap());
    (message.to, text)
}

fn claimed() -> MailRecipient {
    MailRecipient::Claimed { client: acme(), spoc: spoc("ana") }
}

fn to_spoc(id: &str) -> MailRecipient {
    MailRecipient::Spoc { client: acme(), spoc: spoc(id) }
}

fn asks() -> MailContent {
    MailContent::Question { expires_at: at(FIFTH) }
}

fn lists(mails: &[&str]) -> MailContent {
    let mails = mails.iter().map(|id| (*id).to_owned()).collect();
    MailContent::HeldDigest { mails, more: 0 }
}

/// The path of the link in a mail.
fn link(text: &str, action: MailAction) -> String {
    let label = format!("{}: ", action.label());
    let url = text.lines().find_map(|line| line.strip_prefix(&label)).expect("a link");
    format!("/a/{}", url.trim().split_once("/a/").unwrap().1)
}

/// Two mails that claim Ana's address, and the link of the question about them.
fn asked(world: &World) -> String {
    for id in ["m1", "m2"] {
        mail(world, id, "ACME", ("Ana <R>", "ANA@Cliente.Example"), "held_unproven");
    }
    question(world, ADDRESS, &["m1", "m2"], at(NOON));
    let (_, text) = sent(world, &keys::address(ADDRESS), claimed(), asks());
    link(&text, MailAction::SentIt)
}

/// Two mails of colleagues, and the link of the digest about them.
fn listed(world: &World, who: &str) -> String {
    mail(world, "m3", "ACME", ("Pedro", "pedro@cliente.example"), "held_colleague");
    mail(world, "m4", "ACME", ("", "almacen@cliente.example"), "held_colleague");
    mail(world, "b1", "BETA", ("Bruno", "bruno@beta.example"), "held_colleague");
    let content = lists(&["m3", "m4", "b1"]);
    let (_, text) = sent(world, &keys::client(&acme()), to_spoc(who), content);
    link(&text, MailAction::Adopt)
}

fn hides(told: &Told, words: &[&str]) {
    let page = page(told);
    for word in words {
        assert!(!page.contains(word), "the page says «{word}»:\n{page}");
    }
}

#[test]
fn the_question_goes_to_the_registered_address_and_quotes_nothing() {
    let world = world();
    mail(&world, "m1", "ACME", ("Quien sea", "ANA@Cliente.Example"), "held_unproven");
    mail(&world, "m2", "ACME", ("Quien sea", "ANA@Cliente.Example"), "confirmed");
    question(&world, ADDRESS, &["m1", "m2"], at(NOON));
    let (to, text) = sent(&world, &keys::address(ADDRESS), claimed(), asks());
    assert_eq!(to, "ana@cliente.example");
    for said in ["Hola, Ana Robles:", "13:50 h", "27 de noviembre de 2026, 24:00 h"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    for secret in ["timbra", "Quien sea"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert_eq!(text.matches("Recibido: ").count(), 1, "what is settled is not asked for: {text}");
}

#[test]
fn an_address_that_is_registered_no_more_is_not_asked() {
    let world = world();
    mail(&world, "m1", "ACME", ("", "otra@cliente.example"), "held_unproven");
    question(&world, ADDRESS, &["m1"], at(NOON));
    let key = record(&world, &keys::address(ADDRESS), claimed(), asks());
    assert_eq!(deliver(&world, &key), Delivery::Dead);
    assert!(world.env.mailer.taken().is_empty());
}

#[test]
fn each_recipient_is_told_what_concerns_him() {
    let world = world();
    mail(&world, "m3", "ACME", ("Pedro", "pedro@cliente.example"), "held_colleague");
    let (pk, end) = (keys::inbound("m3").pk, at(TENTH));
    let named = ClientId::parse("BETA").unwrap().reference([1; 8]);
    let reason = QuarantineReason::Dmarc;
    let cases = [
        (MailRecipient::Author, MailContent::Held { lapses_at: end }, "«No timbra <b>m3</b>»"),
        (MailRecipient::Author, MailContent::Unknown, "no está registrada"),
        (
            MailRecipient::Desk,
            MailContent::DeskForeignTicket { named: named.clone() },
            named.as_str(),
        ),
        (
            MailRecipient::Desk,
            MailContent::DeskHeld { colleague: true, lapses_at: end },
            "De: Pedro <pedro@cliente.example>\r\nCliente: Acme",
        ),
        (MailRecipient::Desk, MailContent::DeskQuarantined { reason }, "DMARC"),
        (MailRecipient::Desk, MailContent::DeskPoison, "no se pudo procesar"),
    ];
    for (to, content, said) in cases {
        let expected = match &to {
            MailRecipient::Author => "pedro@cliente.example",
            MailRecipient::Claimed { .. } | MailRecipient::Spoc { .. } | MailRecipient::Desk => {
                "mesa@millora.example"
            }
        };
        let (to, text) = sent(&world, &pk, to, content);
        assert_eq!(to, expected);
        assert!(text.contains(said), "{said}: {text}");
        assert!(!text.contains("/a/"), "nobody else is given a link: {text}");
    }
    mail(&world, "m5", "ACME", ("", "ana@cliente.example"), "held_unproven");
    let content = MailContent::DeskHeld { colleague: false, lapses_at: end };
    let (_, text) = sent(&world, &keys::inbound("m5").pk, MailRecipient::Desk, content);
    assert!(text.contains("De: ana@cliente.example"), "{text}");
    let (to, text) = sent(&world, &keys::client(&acme()), to_spoc("luis"), lists(&["m3"]));
    assert_eq!(to, "luis@cliente.example");
    assert!(text.contains("De: Pedro <pedro@cliente.example>"), "{text}");
}

#[test]
fn what_waits_no_more_is_not_told() {
    let world = world();
    let from = ("Pedro", "pedro@cliente.example");
    mail(&world, "m1", "ACME", from, "confirmed");
    mail(&world, "m2", "ACME", from, "held_unproven");
    question(&world, "settled", &["m1"], at(NOON));
    question(&world, "later", &["m2"], at("2026-11-20T15:00:00-06:00"));
    question(&world, "waits", &["m1", "m2"], at(NOON));
    let held = MailContent::Held { lapses_at: at(TENTH) };
    let mut cases = vec![
        (keys::inbound("m1").pk, MailRecipient::Author, held, Delivery::Superseded),
        (keys::client(&acme()), to_spoc("ana"), lists(&["m1"]), Delivery::Superseded),
    ];
    for (address, expected) in [
        ("none", Delivery::Superseded),
        ("settled", Delivery::Superseded),
        ("later", Delivery::Superseded),
        ("waits", Delivery::Sent),
    ] {
        let from = ("Ana", "ana@cliente.example");
        mail(&world, "m2", "ACME", from, "held_unproven");
        cases.push((keys::address(address), claimed(), asks(), expected));
    }
    for (pk, to, content, expected) in cases {
        let key = record(&world, &pk, to, content);
        assert_eq!(deliver(&world, &key), expected, "{pk}");
    }
    // Nor after its end.
    question(&world, "late", &["m2"], at(NOON));
    let key = record(&world, &keys::address("late"), claimed(), asks());
    world.set_clock(FIFTH);
    assert_eq!(deliver(&world, &key), Delivery::Superseded);
}

#[test]
fn a_question_that_comes_back_is_told_to_the_desk() {
    let world = world();
    asked(&world);
    let pk = keys::address(ADDRESS);
    let key =
        keys::notice(&pk, &MailNotice { to: claimed(), due: at(NOON), content: asks() }.id(&pk));
    let failed = outbox::mark_failed(world.env.as_ref(), &key, NoticeStatus::Bounced, "550");
    world.block_on(failed).unwrap();
    let page = world.block_on(world.env.store.query(&Query::new(&pk, keys::NOTICES, 10))).unwrap();
    let told: Vec<Key> =
        page.items.into_iter().map(|item| item.key).filter(|it| *it != key).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(deliver(&world, &told[0]), Delivery::Sent);
    let message = world.env.mailer.taken().pop().unwrap().message;
    let parsed = mail_parser::MessageParser::default().parse(&message.mime).unwrap();
    let text = parsed.body_text(0).unwrap();
    assert_eq!(message.to, "mesa@millora.example");
    assert!(text.contains("Aviso: pregunta a un remitente sin comprobar"), "{text}");
}

#[test]
fn looking_shows_what_waits_and_changes_nothing() {
    let world = world();
    let (question, digest) = (asked(&world), listed(&world, "ana"));
    let before = world.env.store.dump();
    for _ in 0..3 {
        let told = look(&world, &question);
        let said = [
            "Ana Robles, de Acme",
            "«No timbra &#60;b&#62;m1",
            "Ana &#60;R&#62; &#60;ANA@Cliente.Example&#62;",
            "viernes 20 de noviembre de 2026, 13:50 h",
            "no cuenta en el plazo",
            "Sí, yo envié los 2",
        ];
        shows(&told, 200, &said);
        let told = look(&world, &digest);
        let said =
            ["Pedro &#60;pedro@cliente.example&#62;", "«No timbra &#60;b&#62;m4", "Adoptar los 2"];
        shows(&told, 200, &said);
        shows(&told, 200, &["Puede adoptarlo antes del", "4 de diciembre de 2026, 24:00 h"]);
        hides(&told, &["beta.example", "value=\"b1\""]);
        for path in [&question, &digest] {
            assert_eq!(world.ask("HEAD", path).send().status, 200);
        }
    }
    assert_eq!(world.env.store.dump(), before, "looking wrote something");
}

#[test]
fn a_link_says_how_it_stands() {
    let world = world();
    let (question_link, digest) = (asked(&world), listed(&world, "ana"));
    let from = ("Ana", "ana@cliente.example");
    mail(&world, "m1", "ACME", from, "confirmed");
    shows(&look(&world, &question_link), 200, &["Confirmado", "Sí, lo envié yo"]);
    mail(&world, "m2", "ACME", from, "confirmed");
    shows(&look(&world, &question_link), 410, &["Este enlace ya se usó"]);
    mail(&world, "m2", "ACME", from, "discarded");
    let told = look(&world, &question_link);
    shows(&told, 410, &["No hace falta nada más", "Lo descartó nuestra mesa"]);
    hides(&told, &["<form"]);
    // After the question's end what lapsed still opens a ticket.
    mail(&world, "m2", "ACME", from, "lapsed");
    world.set_clock(FIFTH);
    let told = look(&world, &question_link);
    shows(
        &told,
        200,
        &["27 de noviembre de 2026, 24:00 h", "registrarlo ahora", "Dejó de esperar"],
    );
    question(&world, ADDRESS, &["m1", "m2"], at(FIFTH));
    shows(&look(&world, &question_link), 409, &["ya no corresponde", "correo más reciente"]);
    shows(&look(&world, &digest), 200, &["Adoptar este mensaje"]);
    world.set_clock("2027-02-18T13:50:00-06:00");
    for path in [question_link, digest] {
        let told = look(&world, &path);
        shows(&told, 410, &["Este enlace ya venció"]);
        hides(&told, &["<form"]);
    }
}

#[test]
fn who_may_not_open_may_not_adopt() {
    let world = world();
    let digest = listed(&world, "exa");
    let told = look(&world, &digest);
    shows(&told, 409, &["Su designación no permite este acto", "No se registró nada"]);
    hides(&told, &["<form"]);
}

#[test]
fn a_changed_link_is_none() {
    let world = world();
    for link in [asked(&world), listed(&world, "ana")] {
        for place in 3..link.len() {
            let old = link.as_bytes()[place];
            let new = if old == b'0' { '1' } else { '0' };
            let changed = format!("{}{new}{}", &link[..place], &link[place + 1..]);
            for method in ["GET", "POST"] {
                let told = world.ask(method, &changed).send();
                shows(&told, 404, &["No reconocemos este enlace"]);
            }
        }
    }
}

/// Keys rotate with two in force: a link that is on its way still counts, one whose key was taken out of
/// use is none of ours.
#[test]
fn links_in_flight_survive_one_rotation_of_the_keys() {
    let world = world();
    let purpose = KeyPurpose::ActionLinks;
    let links = [asked(&world), listed(&world, "ana")];
    world.env.secrets.rotate(purpose);
    for link in &links {
        assert_eq!(look(&world, link).status, 200, "{link}");
    }
    let mut keys = world.block_on(world.env.secrets.keys(purpose)).unwrap();
    keys.truncate(1);
    world.env.secrets.set(purpose, keys);
    for link in &links {
        for method in ["GET", "POST"] {
            let told = world.ask(method, link).send();
            shows(&told, 404, &["No reconocemos este enlace"]);
        }
    }
    world.env.secrets.lose(purpose);
    for link in &links {
        shows(&look(&world, link), 503, &["No se pudo en este momento"]);
    }
}

/// A link of one client shows and does nothing with mails of another one, whatever a form names (13).
#[test]
fn a_link_acts_on_no_mail_of_another_client() {
    let world = world();
    let digest = listed(&world, "ana");
    shows(&press(&world, &digest, &["b1"]), 200, &["Adoptar los 2"]);
    question(&world, ADDRESS, &["m1", "b2"], at(NOON));
    mail(&world, "m1", "ACME", ("Ana", "ana@cliente.example"), "held_unproven");
    mail(&world, "b2", "BETA", ("Berta", "berta@cliente.example"), "held_unproven");
    let (_, text) = sent(&world, &keys::address(ADDRESS), claimed(), asks());
    let asked = link(&text, MailAction::SentIt);
    let told = look(&world, &asked);
    hides(&told, &["value=\"b2\""]);
    shows(&press(&world, &asked, &["b2"]), 200, &["Sí, lo envié yo"]);
    for id in ["b1", "b2"] {
        let item = world.block_on(world.env.store.get(&keys::inbound(id))).unwrap().unwrap();
        assert!(item.status.unwrap().starts_with("held_"), "{id}");
    }
}

/// A mail that comes in now, taken as the mail service's event would have it.
fn comes_in(world: &World, id: &str, from: &str, subject: &str, proven: bool) {
    let raw = format!(
        "From: {from}\r\nTo: soporte@millora.example\r\nSubject: {subject}\r\n\
         Message-ID: <{id}@cliente.example>\r\n\r\nError 301 al timbrar.\r\n"
    );
    let address = Address::parse(from).unwrap();
    let receipt = Receipt {
        ses_id: id.to_owned(),
        received_at: app::ports::Clock::now(&world.env.clock),
        envelope_from: Some(address),
        null_path: false,
        recipients: vec![Address::parse("soporte@millora.example").unwrap()],
        spf: Verdict::Gray,
        dkim: Verdict::Gray,
        dmarc: if proven { Verdict::Pass } else { Verdict::Fail },
        dmarc_policy: if proven { DmarcPolicy::Unknown } else { DmarcPolicy::None },
        spam: Verdict::Pass,
        virus: Verdict::Pass,
    };
    world.block_on(async {
        world.env.blobs.put(&format!("inbound/{id}"), raw.as_bytes()).await.unwrap();
        app::inbound::take(world.env.as_ref(), id, Some(&receipt)).await.unwrap();
    });
}

/// Sends what is due, and gives the newest link of an act in a mail to somebody.
fn linked(world: &World, action: MailAction, to: &str) -> String {
    world.block_on(app::sweep::sweep(world.env.as_ref())).unwrap();
    let label = format!("{}: ", action.label());
    let texts = world.env.mailer.taken().into_iter().rev().filter(|it| it.message.to == to);
    let texts = texts.map(|it| {
        let parsed = mail_parser::MessageParser::default().parse(&it.message.mime).unwrap();
        parsed.body_text(0).unwrap().into_owned()
    });
    let text = texts.into_iter().find(|text| text.contains(&label)).expect("a mail with a link");
    link(&text, action)
}

fn press(world: &World, path: &str, mails: &[&str]) -> Told {
    let form: Vec<String> = mails.iter().map(|id| format!("correo={id}")).collect();
    world.ask("POST", path).raw(FORM, form.join("&")).send()
}

fn tickets(world: &World) -> Vec<serde_json::Value> {
    world.get("ana", "/tickets").json["tickets"].as_array().unwrap().clone()
}

const ANA: &str = "ana@cliente.example";
const PEDRO: &str = "pedro@acme.example";

#[test]
fn a_press_acts_once_on_what_the_page_showed() {
    let world = world();
    comes_in(&world, "m1", ANA, "No timbra", false);
    let question = linked(&world, MailAction::SentIt, ANA);
    world.set_clock("2026-11-20T14:20:00-06:00");
    shows(&look(&world, &question), 200, &["«No timbra»", "Sí, lo envié yo"]);
    // What comes between the look and the press is not confirmed unseen.
    comes_in(&world, "m2", ANA, "Cambie la cuenta", false);
    let told = press(&world, &question, &["m1"]);
    shows(&told, 200, &["Gracias, quedó confirmado", "Los demás siguen en espera"]);
    shows(&told, 200, &["Ana Robles", "«Cambie la cuenta»"]);
    let opened = tickets(&world);
    assert_eq!(opened.len(), 1);
    shows(&told, 200, &[opened[0]["reference"].as_str().unwrap()]);
    // From the original receipt, with the wait for the answer as a pause (M1a).
    assert_eq!(opened[0]["received_at"], "2026-11-20T13:50:00-06:00", "{}", opened[0]);
    assert_eq!(opened[0]["clock"]["target"], "2026-11-23T09:30:00-06:00", "{}", opened[0]);
    for mails in [&["m1"][..], &["otro"], &[]] {
        shows(&press(&world, &question, mails), 200, &["Sí, lo envié yo"]);
    }
    assert_eq!(tickets(&world).len(), 1, "a press of what is done acted again");
    shows(&press(&world, &question, &["m1", "m2"]), 200, &["No tiene que hacer nada más"]);
    shows(&press(&world, &question, &["m2"]), 410, &["Este enlace ya se usó"]);
    assert_eq!(tickets(&world).len(), 2);
}

#[test]
fn a_late_answer_opens_a_ticket_of_its_own_instant() {
    let world = world();
    comes_in(&world, "m1", ANA, "No timbra", false);
    let question = linked(&world, MailAction::SentIt, ANA);
    world.set_clock("2026-11-30T10:00:00-06:00");
    world.block_on(app::sweep::sweep(world.env.as_ref())).unwrap();
    shows(&look(&world, &question), 200, &["Podía confirmarse antes del", "registrarlo ahora"]);
    shows(&press(&world, &question, &["m1"]), 200, &["Gracias, quedó confirmado"]);
    let opened = tickets(&world);
    assert_eq!(opened[0]["received_at"], "2026-11-30T10:00:00-06:00", "{}", opened[0]);
}

/// Mails that an earlier question asked about, and nobody answered, are confirmed by its own link,
/// although another question about the same address has been asked since.
#[test]
fn a_later_question_leaves_the_link_of_the_one_before_good_for_its_mails() {
    let world = world();
    comes_in(&world, "m1", ANA, "No timbra", false);
    comes_in(&world, "m2", ANA, "Tampoco imprime", false);
    let first = linked(&world, MailAction::SentIt, ANA);
    shows(&press(&world, &first, &["m2"]), 200, &["Gracias, quedó confirmado"]);
    world.set_clock("2026-11-30T10:00:00-06:00");
    world.block_on(app::sweep::sweep(world.env.as_ref())).unwrap();
    comes_in(&world, "m3", ANA, "Otra cosa", false);
    let second = linked(&world, MailAction::SentIt, ANA);
    assert_ne!(first, second);
    let told = look(&world, &second);
    shows(&told, 200, &["«Otra cosa»"]);
    hides(&told, &["«No timbra»"]);
    let told = look(&world, &first);
    shows(&told, 200, &["«No timbra»", "Podía confirmarse antes del", "registrarlo ahora"]);
    hides(&told, &["«Otra cosa»"]);
    // A link acts on the mails of its own question, and on no other.
    shows(&press(&world, &first, &["m3"]), 200, &["registrarlo ahora"]);
    assert_eq!(tickets(&world).len(), 1);
    shows(&press(&world, &first, &["m1"]), 200, &["Gracias, quedó confirmado"]);
    let opened = tickets(&world);
    assert_eq!(opened.len(), 2);
    assert!(opened.iter().any(|it| it["received_at"] == "2026-11-30T10:00:00-06:00"), "{opened:?}");
    shows(&press(&world, &second, &["m3"]), 200, &["Gracias, quedó confirmado"]);
    assert_eq!(tickets(&world).len(), 3);
    shows(&look(&world, &first), 410, &["Este enlace ya se usó"]);
}

#[test]
fn a_colleagues_message_is_adopted_once() {
    let world = world();
    comes_in(&world, "m3", PEDRO, "No timbra", true);
    let links = [ANA, "luis@cliente.example"].map(|to| linked(&world, MailAction::Adopt, to));
    world.set_clock("2026-11-20T14:20:00-06:00");
    shows(&look(&world, &links[1]), 200, &["pedro@acme.example", "Adoptar este mensaje"]);
    let form = |path: &str| {
        let form = "application/x-www-form-urlencoded";
        world.future(world.ask("POST", path).raw(form, "correo=m3"))
    };
    let presses: Vec<_> = links.iter().chain(&links).map(|path| form(path)).collect();
    let told = world.block_on(futures::future::join_all(presses));
    let won = told.iter().filter(|told| told.status == 200).count();
    assert_eq!(won, 1, "{:?}", told.iter().map(|it| it.status).collect::<Vec<_>>());
    let opened = tickets(&world);
    assert_eq!(opened.len(), 1);
    assert_eq!(opened[0]["received_at"], "2026-11-20T14:20:00-06:00", "{}", opened[0]);
    for path in &links {
        let said = ["Este enlace ya se usó", "Adoptado", opened[0]["reference"].as_str().unwrap()];
        shows(&look(&world, path), 410, &said);
    }
}
