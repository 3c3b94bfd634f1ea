//! Links to an account (G14): how it stands, the cancellation (10.7), the notice of non-renewal (10.8).

use std::collections::BTreeMap;

use app::account::{self, NewPayment};
use app::codec::Stored;
use app::commit::{Commit, Condition, Write};
use app::ports::Store as _;
use app::{compose, keys};
use domain::account::Concern;
use domain::client::ClientEntry;
use domain::edition::EditionTerms;
use domain::standing::StandingCause;
use domain::terms::{Centavos, Parameters, Stretch, Version};
use domain::{Actor, ClientId, NaiveDate, Spoc};
use mail::outbound::AccountAction;

use crate::kit::{Told, World, at};
use crate::pages::{look, page, press, shows};

const FEE: i64 = 1_160_000;

fn gama() -> ClientId {
    ClientId::parse("GAMA").unwrap()
}

/// A client whose póliza began on 1 December and who has been sent what was due by `until`, hour by hour at
/// nine.
fn world(until: &str) -> World {
    let world = World::new("2026-11-20T10:00:00-06:00", |env| intake_http::router(env.clone()));
    let world = world.with_account();
    let env = world.env.as_ref();
    let end = at(until);
    let mut day = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
    loop {
        let nine = at(&format!("{day}T09:00:00-06:00"));
        if nine > end {
            break;
        }
        world.env.clock.set(nine);
        for concern in [Concern::Payment, Concern::Renewal] {
            world.block_on(account::run(env, concern)).unwrap();
        }
        day = day.succ_opt().unwrap();
    }
    world.env.clock.set(end);
    world
}

fn pay(world: &World, reference: &str, day: &str, amount: i64) {
    let new = NewPayment {
        client: gama(),
        reference: reference.to_owned(),
        value_date: day.parse().unwrap(),
        amount: Centavos(amount),
        names: None,
    };
    world.block_on(account::record_payment(world.env.as_ref(), &new, Actor::System)).unwrap();
}

/// The links of the account's mails to a SPoC, the newest of each.
fn links(world: &World, who: &str) -> BTreeMap<AccountAction, String> {
    let env = world.env.as_ref();
    world.block_on(async {
        let mut notices = account::notices(env, &gama()).await.unwrap();
        notices.sort_by_key(|(_, record, _)| record.recorded_at);
        let mut found = BTreeMap::new();
        for (key, record, _) in notices {
            let mail = compose::compose(env, &key, &record, None).await.unwrap();
            if mail.to != format!("{who}@cliente.example") {
                continue;
            }
            let parsed = mail_parser::MessageParser::default().parse(&mail.mime).unwrap();
            found.extend(labelled(&parsed.body_text(0).unwrap()));
        }
        found
    })
}

fn labelled(text: &str) -> BTreeMap<AccountAction, String> {
    let mut found = BTreeMap::new();
    for action in AccountAction::ALL {
        let label = format!("{}: ", action.label());
        let line = text.lines().find_map(|line| line.strip_prefix(&label));
        let Some((_, token)) = line.and_then(|url| url.split_once("/a/")) else { continue };
        found.insert(action, format!("/a/{token}"));
    }
    found
}

fn events(world: &World) -> u32 {
    let loaded = world.block_on(account::load(world.env.as_ref(), &gama())).unwrap();
    loaded.head.unwrap().doc.account.seq
}

/// The address behind a link of a page.
fn linked(told: &Told, action: AccountAction) -> Option<String> {
    let page = page(told);
    let (before, _) = page.split_once(&format!("\">{}</a>", action.label()))?;
    let (_, token) = before.rsplit_once("/a/")?;
    Some(format!("/a/{token}"))
}

#[test]
fn the_account_is_shown_to_each_contact_and_acts_to_who_may() {
    let world = world("2026-12-03T12:00:00-06:00");
    pay(&world, "SPEI-1", "2026-12-03", FEE / 2);
    for (who, may) in [("gala", true), ("gil", false)] {
        let before = events(&world);
        let told = look(&world, &links(&world, who)[&AccountAction::Show]);
        shows(
            &told,
            200,
            &["Su cuenta", "La póliza está activa", "Diciembre de 2026", "$5,800.00"],
        );
        assert_eq!(linked(&told, AccountAction::Cancel).is_some(), may, "{who}");
        assert_eq!(linked(&told, AccountAction::DeclineRenewal).is_some(), may, "{who}");
        shows(&press(&world, &links(&world, who)[&AccountAction::Show]), 200, &["Su cuenta"]);
        assert_eq!(events(&world), before, "nothing is done");
    }
}

#[test]
fn a_cancellation_shows_its_consequence_and_is_carried_out_once() {
    for (paid, effective, owed) in [
        (true, "viernes 1 de enero de 2027, 00:00 h", "no se reembolsa"),
        (false, "jueves 3 de diciembre de 2026, 12:00 h", "no se debe nada"),
    ] {
        let world = world("2026-12-03T12:00:00-06:00");
        if paid {
            pay(&world, "SPEI-1", "2026-12-03", FEE);
        }
        let shown = look(&world, &links(&world, "gala")[&AccountAction::Show]);
        let cancel = linked(&shown, AccountAction::Cancel).expect("she may");
        let before = events(&world);
        for _ in 0..2 {
            let told = look(&world, &cancel);
            shows(
                &told,
                200,
                &["Cancelar la póliza", effective, owed, "Nada se registra", "<button"],
            );
        }
        assert_eq!(events(&world), before, "looking changes nothing");
        shows(&press(&world, &cancel), 200, &["Registramos la cancelación", effective, owed]);
        let after = events(&world);
        assert!(after > before);
        let again = press(&world, &cancel);
        shows(&again, 409, &["ya fue cancelada"]);
        assert!(!page(&look(&world, &cancel)).contains("<button"));
        assert_eq!(events(&world), after);
        let told = look(&world, &links(&world, "gala")[&AccountAction::Show]);
        assert_eq!(linked(&told, AccountAction::Cancel), None, "nothing is left to cancel");
    }
}

#[test]
fn non_renewal_is_taken_until_its_last_instant() {
    let last = "2027-02-24T00:00:00-06:00";
    let world = world("2027-02-14T12:00:00-06:00");
    let decline = links(&world, "gala")[&AccountAction::DeclineRenewal].clone();
    assert!(!links(&world, "gil").contains_key(&AccountAction::DeclineRenewal), "he may not");
    world.set_clock(last);
    let told = look(&world, &decline);
    shows(
        &told,
        200,
        &["Avisar que no se renueva", "lunes 1 de marzo de 2027, 00:00 h", "<button"],
    );
    shows(&press(&world, &decline), 200, &["Registramos que no se renueva"]);
    let after = events(&world);
    shows(&press(&world, &decline), 200, &["Ya estaba registrado"]);
    assert_eq!(events(&world), after);
    let loaded = world.block_on(account::load(world.env.as_ref(), &gama())).unwrap();
    let end = at("2027-03-01T00:00:00-06:00");
    assert_eq!(loaded.file.gate.closed_at(end), Some(StandingCause::Expired));
}

#[test]
fn a_link_that_came_too_late_or_is_not_ours_says_so() {
    let world = world("2027-02-14T12:00:00-06:00");
    let links = links(&world, "gala");
    let decline = &links[&AccountAction::DeclineRenewal];
    world.set_clock("2027-02-24T00:00:00.001-06:00");
    let before = events(&world);
    shows(&press(&world, decline), 410, &["Este enlace ya venció", "No se registró nada"]);
    let forged = decline.replace("GAMA", "ACME");
    shows(&press(&world, &forged), 404, &["No reconocemos este enlace"]);
    assert_eq!(events(&world), before);
}

/// 0.1: who accepted, which text, when, by which act; shown before the button, and once.
#[test]
fn the_agreement_is_accepted_by_link_once_and_a_file_does_not_take_it_back() {
    let world = world("2026-12-03T12:00:00-06:00");
    let show = links(&world, "gil")[&AccountAction::Show].clone();
    assert_eq!(
        linked(&look(&world, &show), AccountAction::Accept),
        None,
        "there is no edition yet"
    );
    let edition = |n: u32, text_hash: &str, from: &str| {
        let url = format!("https://millora.example/sla/{n}");
        let (text_hash, parameters) = (text_hash.to_owned(), Parameters::default());
        let value = EditionTerms { n, text_hash, url, parameters };
        let (id, from) = (format!("{n:04}"), at(from));
        let version = Version { id, valid_from: from, valid_to: None, known_from: from, value };
        let item = Stored::new(version).item(keys::version(keys::EDITIONS, &format!("{n:04}")), 1);
        let writes = vec![Write::Put { item: item.unwrap(), when: Condition::Absent }];
        world.block_on(world.env.store.commit(&Commit { writes })).unwrap();
    };
    edition(1, "abc123", "2026-01-01T00:00:00-06:00");
    let accept = linked(&look(&world, &show), AccountAction::Accept).expect("any contact may");
    let before = world.env.store.dump();
    let asked = look(&world, &accept);
    shows(&asked, 200, &["Aceptar el acuerdo", "abc123", "https://millora.example/sla/1", "Gil"]);
    assert_eq!(world.env.store.dump(), before, "looking changes nothing");
    shows(&press(&world, &accept), 200, &["Registramos su aceptación", "3 de diciembre de 2026"]);
    let accepted = || {
        let file = world.block_on(app::client::load(world.env.as_ref(), &gama())).unwrap().unwrap();
        file.client.acceptance.unwrap()
    };
    let known = accepted();
    assert_eq!((known.spoc.as_str(), known.edition.as_str()), ("gil", "abc123"));
    assert_eq!(known.at, at("2026-12-03T12:00:00-06:00"));
    assert!(known.act.starts_with("enlace de su cuenta: edición 1"), "{}", known.act);
    world.set_clock("2026-12-03T13:00:00-06:00");
    let after = world.env.store.dump();
    shows(&press(&world, &accept), 200, &["Ya estaba registrado", "12:00 h"]);
    assert_eq!(world.env.store.dump(), after, "once");
    assert_eq!(linked(&look(&world, &show), AccountAction::Accept), None);

    // A newer edition is another text: it is offered, and the link of the old one stays the old one's.
    edition(2, "def456", "2026-12-03T12:30:00-06:00");
    let newer = linked(&look(&world, &show), AccountAction::Accept).expect("it is not accepted");
    shows(&press(&world, &newer), 200, &["Registramos su aceptación"]);
    assert_eq!(accepted().edition, "def456");
    shows(&press(&world, &accept), 200, &["Ya estaba registrado"]);
    assert_eq!(accepted().edition, "def456", "the older one does not come back");
    let kept = world.env.store.dump().into_iter().filter(|it| it.key.sk.starts_with("ACCEPT#"));
    assert_eq!(kept.count(), 2, "both stay on record");

    // One of an earlier edition that is handled late does not take the place of the later one.
    let late = EditionTerms {
        n: 3,
        text_hash: "late".to_owned(),
        url: "https://millora.example/sla/3".to_owned(),
        parameters: Parameters::default(),
    };
    let (by, before) = (domain::SpocId::parse("gala").unwrap(), at("2026-12-03T12:59:59-06:00"));
    let (env, client) = (world.env.as_ref(), gama());
    let accept = app::clients::acceptance::accept(env, &client, &by, &late, before);
    assert!(world.block_on(accept).unwrap().1);
    assert_eq!(accepted().edition, "def456");

    // What a file leaves out is not taken back.
    let file = world.block_on(app::client::load(world.env.as_ref(), &gama())).unwrap().unwrap();
    let (mut client, spocs) = (file.client.clone(), file.spocs.clone());
    client.acceptance = None;
    let stretch = |it: &Version<Parameters>| Stretch {
        valid_from: it.valid_from,
        valid_to: it.valid_to,
        value: it.value.clone(),
    };
    let plans = file.plans.iter().map(stretch).collect();
    let spocs = spocs.into_iter().map(|it| Spoc { known_from: None, known_until: None, ..it });
    let entry = ClientEntry { client, spocs: spocs.collect(), plans, overrides: Vec::new() };
    let entered = world.block_on(app::clients::preview(world.env.as_ref(), &entry)).unwrap();
    let taken = entered.differences.iter().any(|it| it.contains("ceptación"));
    assert!(!taken, "{:?}", entered.differences);
}
