//! Attacks on what was agreed: terms that change while the client decides, a notice that is handled late.

use std::sync::Arc;

use domain::ClientId;
use domain::account::View as AccountView;
use domain::terms::{Centavos, Parameters, SameDayExtended, Version};
use domain::ticket::{ChargeState, View};
use serde_json::json;
use tests_scenarios::cases::{asks, at, desk_asks, done, open};
use tests_scenarios::doors::{self, Answer, ClientVerb, DeskVerb};
use tests_scenarios::moment::show;
use tests_scenarios::pages;
use tests_scenarios::play::check;
use tests_scenarios::world::World;

use crate::{link, newest, run, ticket, told};

/// The póliza as it will read, known from now on and for all of the year.
async fn changes(world: &World, client: &str, change: impl FnOnce(&mut Parameters)) {
    let mut seed = world.cast.seed.clone();
    let entry = seed.clients.iter_mut().find(|it| it.client.id.as_str() == client).unwrap();
    let mut version: Version<Parameters> = entry.plans[0].clone();
    version.id = "nueva".to_owned();
    version.known_from = world.now();
    change(&mut version.value);
    entry.plans.push(version);
    app::seed::apply(&*world.env, &seed).await.unwrap();
}

/// What the new terms say.
type Change = (&'static str, fn(&mut Parameters));

const CHANGES: [Change; 5] = [
    ("dearer", |it| it.same_day_surcharge = Some(Centavos(120_000))),
    ("cheaper", |it| it.same_day_surcharge = Some(Centavos(10_000))),
    ("no same day", |it| it.same_day_extended = Some(SameDayExtended::Unavailable)),
    ("included", |it| it.same_day_extended = Some(SameDayExtended::Included)),
    ("other hours, dearer", |it| {
        it.same_day_surcharge = Some(Centavos(120_000));
        let week = json!({
            "mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]], "wed": [["09:00", "17:00"]],
            "thu": [["09:00", "17:00"]], "fri": [["09:00", "17:00"]],
        });
        it.contracted_hours = Some(serde_json::from_value(week).unwrap());
    }),
];

/// G6, 7.2a, G14: the offer that the client was told stands as he was told it: he pays its price and gets its
/// target, whatever the póliza says by the time he accepts, over HTTP and by the link; and nobody moves the
/// price under him by having the dates recalculated, before he accepts or after.
#[test]
fn terms_that_change_between_an_offer_and_its_acceptance() {
    for (change, by_link, recalculates) in CHANGES
        .iter()
        .flat_map(|it| [(it, true), (it, false)])
        .flat_map(|(it, by_link)| [(it, by_link, true), (it, by_link, false)])
    {
        let place = format!("{}, by link: {by_link}, recalculated: {recalculates}", change.0);
        run(async {
            let mut world = World::in_memory(at("vie 2026-11-20 14:30")).await;
            let request = asks(&world, "Ana", None, "opening", open(None));
            let reference = done(&mut world, request).await;
            world.advance(at("vie 2026-11-20 15:00")).await;
            changes(&world, "FERRE", change.1).await;
            let recalculated = |world: &World, key: &str| {
                let verb = DeskVerb::Recalculate("Rige otra póliza.".to_owned());
                let request = desk_asks(world, "Luis", &reference, key, verb);
                let env = Arc::clone(&world.env);
                async move { doors::knock(&env, &request).await }
            };
            if recalculates {
                let answer = recalculated(&world, "before").await;
                assert!(matches!(answer, Answer::Refused { .. }), "{place}: {answer:?}");
            }
            world.advance(at("vie 2026-11-20 15:10")).await;
            if by_link {
                let path = link(newest(&world, "mismo día"), "Aceptar el mismo día");
                let page = pages::open(&world.env, &path, world.now()).await;
                assert!(page.lines.join(" ").contains("$870.00"), "{place}: {:?}", page.lines);
                pages::press(&world.env, &page, world.now()).await;
                world.settle().await;
            } else {
                let verb = ClientVerb::SameDay { accept: true };
                let request = asks(&world, "Ana", Some(&reference), "accepts", verb);
                done(&mut world, request).await;
            }
            if recalculates {
                let answer = recalculated(&world, "after").await;
                assert!(matches!(answer, Answer::Refused { .. }), "{place}: {answer:?}");
            }
            let loaded = app::execute::load(&*world.env, &reference).await.unwrap();
            let view = View::current(&loaded.head.doc.ticket, &loaded.pinned[0]);
            let charges = view.charges(world.now()).unwrap();
            let charges: Vec<_> = charges.iter().map(|it| (it.amount, it.state)).collect();
            assert_eq!(charges, [(Centavos(87_000), ChargeState::Pending)], "{place}");
            let clock = &view.clocks(world.now()).unwrap()[0];
            assert_eq!(clock.target.target, Some(at("vie 2026-11-20 18:00")), "{place}");
            assert!(check(&mut world, &[reference]).await.is_empty(), "{place}");
        });
    }
}

/// When the desk records what Gloria wrote: with its receipt or after it, before the term ends and after.
const RECORDED: [&str; 4] = [
    "lun 2027-04-26 00:00:01",
    "mar 2027-04-27 09:00",
    "sáb 2027-05-01 12:00",
    "lun 2027-05-10 10:00",
];

/// 10.8, G14, G7: a notice of non-renewal in a message of the last instant is valid, and a millisecond later it is
/// not, whenever the desk records it: also after the renewal, and after the next month went unpaid.
#[test]
fn a_notice_of_non_renewal_of_its_last_instant_is_recorded_late() {
    let taller = ClientId::parse("TALLER").unwrap();
    for (late, recorded) in [0_u32, 1].into_iter().flat_map(|late| RECORDED.map(|it| (late, it))) {
        run(async {
            let mut world = World::in_memory(at("vie 2027-01-29 10:00")).await;
            world.advance(at("jue 2027-02-04 12:00")).await;
            let body = json!({
                "reference": "SPEI-1", "amount": 3_480_000, "value_date": "2027-02-04",
            });
            account(&world, "payments", body).await;
            world.advance(at("mar 2027-04-20 10:00")).await;
            let request = asks(&world, "Gloria", None, "opening", open(None));
            let reference = done(&mut world, request).await;
            world.advance(at("lun 2027-04-26 00:00")).await;
            world.env.clock.advance_ms(late);
            let verb = ClientVerb::Write { text: "No renovamos.".to_owned(), still_fails: false };
            let request = asks(&world, "Gloria", Some(&reference), "says", verb);
            done(&mut world, request).await;
            let message = ticket(&world, &reference).await.cycle.inbound[0].seq;
            world.advance(at(recorded)).await;
            let body = json!({
                "act": "decline_renewal", "ticket": reference.to_string(), "message": message,
            });
            account(&world, "cited", body).await;
            world.settle().await;
            world.advance(at("mié 2027-05-12 12:00")).await;
            let loaded = app::account::load(&*world.env, &taller).await.unwrap();
            let place = format!("{late} ms late, recorded {recorded}");
            ended(&loaded.view().unwrap(), late == 0, &place);
            assert_eq!(
                told(&world, "Registramos que su póliza no se renueva") > 0,
                late == 0,
                "{place}"
            );
            assert!(check(&mut world, &[]).await.is_empty(), "{place}");
        });
    }
}

fn ended(view: &AccountView<'_>, is_valid: bool, place: &str) {
    let now = at("mié 2027-05-12 12:00");
    let spans = view.spans(now).unwrap();
    let stops: Vec<String> = spans
        .iter()
        .filter(|span| span.to.is_none())
        .map(|span| format!("{} {}", span.cause.spanish(), show(span.from)))
        .collect();
    let from = if is_valid { "sáb 2027-05-01 00:00" } else { "jue 2027-05-06 00:00" };
    assert!(stops.len() == 1 && stops[0].ends_with(from), "{place}: {stops:?}");
    let owed = view.months(now).unwrap().iter().map(|it| it.left().0).sum::<i64>();
    assert_eq!(owed, if is_valid { 0 } else { 1_160_000 }, "{place}");
}

/// Fernanda acts on the account of TALLER.
async fn account(world: &World, act: &str, body: serde_json::Value) {
    let client = ClientId::parse("TALLER").unwrap();
    let verb = doors::Verb::Desk(DeskVerb::Account { client, act: act.to_owned(), body });
    let (token, received_at) = (world.tokens["Fernanda"].clone(), world.now());
    let request = doors::Request { token, received_at, key: act.to_owned(), ticket: None, verb };
    let answer = doors::knock(&world.env, &request).await;
    assert!(matches!(answer, Answer::Done { .. }), "{act}: {answer:?}");
}
