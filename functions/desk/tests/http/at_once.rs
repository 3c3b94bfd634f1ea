//! Two at once, in every order in which their calls to the table can come: what is written, and what each is
//! told, is what one of the two orders one after the other brings about. Who is told to repeat it repeats
//! it, so that nothing is lost unseen.

use std::sync::Arc;

use app::memory::MemoryEnv;
use app::memory::orders::{Act, Deed, every_order};
use app::ports::{Env, KeyPurpose, Secrets as _, Store as _};
use app::{outbox, payment_events, records};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::edition::EditionTerms;
use domain::terms::{Centavos, Parameters, Version};
use domain::{ClientId, Instant, SpocId, TicketRef};
use http::Request;
use mail::outbound::AccountAction;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use web::ReceivedAt;

use crate::accounts::acme;
use crate::banks::mapping;
use crate::clients::GOOD;
use crate::kit::{World, at};

/// What somebody asks for.
#[derive(Clone)]
struct Ask {
    bearer: Option<String>,
    path: String,
    body: String,
    received_at: Instant,
}

/// Two who ask at once.
struct Case {
    name: &'static str,
    asks: [Ask; 2],
}

/// The desk on 4 December: two administrators, a client from a file, and what the cases begin from.
struct Desk {
    world: World,
    rita: String,
}

/// The class of 200.
const SERVED: u16 = 2;
/// The class of 503, which tells to repeat it.
const AGAIN: u16 = 5;
/// What a browser sends a button as.
const FORM: &str = "application/x-www-form-urlencoded";
const MIDNIGHT: &str = "2026-12-04T00:00:00-06:00";
const NOW: &str = "2026-12-04T10:00:00-06:00";
const AFTERNOON: &str = "2026-12-04T14:10:00-06:00";

impl Desk {
    fn new() -> Self {
        let world = acme();
        let rita = json!({ "id": "rita", "name": "Rita Luna", "role": "admin", "active": true });
        assert_eq!(world.post("adela", "/desk/staff", rita).status, 200);
        let issued = world.post("adela", "/desk/tokens", json!({ "staff": "rita" })).json;
        let rita = issued["token"].as_str().unwrap().to_owned();
        let entered = json!({ "file": unaccepted(GOOD), "reason": "Póliza 2026" });
        assert_eq!(world.post("adela", "/desk/clients", entered).status, 200);
        assert_eq!(world.post("fina", "/desk/banks/centro", mapping()).status, 200);
        for (n, from) in [(1, "2026-01-01T00:00:00-06:00"), (2, MIDNIGHT)] {
            let (url, text_hash) = ("https://millora.example/sla".to_owned(), format!("abc{n}"));
            let value = EditionTerms { n, text_hash, url, parameters: Parameters::default() };
            let (id, known_from) = (format!("{n:04}"), at("2026-01-01T00:00:00-06:00"));
            let valid_from = at(from);
            let version = Version { id, valid_from, valid_to: None, known_from, value };
            let key = app::keys::version(app::keys::EDITIONS, &version.id);
            let item = app::codec::Stored::new(version).item(key, 1).unwrap();
            let writes =
                vec![app::commit::Write::Put { item, when: app::commit::Condition::Absent }];
            let commit = app::commit::Commit { writes };
            world.block_on(world.env.store.commit(&commit)).unwrap();
        }
        world.set_clock(NOW);
        Self { world, rita }
    }

    fn ask(&self, who: &str, path: impl Into<String>, body: Value) -> Ask {
        let token = if who == "rita" { self.rita.clone() } else { self.world.token(who) };
        let bearer = Some(format!("Bearer {token}"));
        Ask { bearer, path: path.into(), body: body.to_string(), received_at: at(NOW) }
    }

    /// Both ask for the same path, each with a body of his own.
    fn both(&self, name: &'static str, path: &str, bodies: [Value; 2]) -> Case {
        let [one, other] = bodies;
        Case { name, asks: [self.ask("adela", path, one), self.ask("rita", path, other)] }
    }

    /// A contact presses the button that accepts an edition.
    fn accepts(&self, spoc: &str, edition: u32, received_at: &str) -> Ask {
        let keys = self.world.env.secrets.keys(KeyPurpose::ActionLinks);
        let token = app::links::AccountToken {
            client: ClientId::parse("BAJIO").unwrap(),
            spoc: SpocId::parse(spoc).unwrap(),
            action: AccountAction::Accept,
            edition: Some(edition),
            expires_at: at("2027-01-01T00:00:00-06:00"),
        };
        let path = format!("/a/{}", token.sign(&self.world.block_on(keys).unwrap()[0]));
        Ask { bearer: None, path, body: String::new(), received_at: at(received_at) }
    }

    /// The id of the token that somebody has.
    fn token_of(&self, who: &str) -> Value {
        let token = if who == "rita" { self.rita.clone() } else { self.world.token(who) };
        json!({ "staff": who, "id": app::auth::id_of(&token) })
    }
}

/// The file without what it says of an acceptance.
fn unaccepted(file: &str) -> String {
    let (before, rest) = file.split_once("[acceptance]").unwrap();
    let (_, after) = rest.split_once("[[domains]]").unwrap();
    format!("{before}[[domains]]{after}")
}

fn member(id: &str, name: &str, role: &str, active: bool) -> Value {
    json!({ "id": id, "name": name, "role": role, "active": active })
}

fn members(desk: &Desk) -> Vec<Case> {
    let (staff, revoke) = ("/desk/staff", "/desk/tokens/revoke");
    let ask = |who: &str, path: &str, body| desk.ask(who, path, body);
    let adela = || member("adela", "Adela Solís", "agent", true);
    let rita = || member("rita", "Rita Luna", "admin", false);
    let marta = || member("marta", "Marta Torres", "agent", false);
    let pair = |name, one, other| Case { name, asks: [one, other] };
    vec![
        desk.both(
            "one member is changed by both",
            staff,
            [marta(), member("marta", "Marta T.", "senior", true)],
        ),
        desk.both(
            "both enter a member under one id",
            staff,
            [member("noe", "Noé Vela", "agent", true), member("noe", "Noemí Paz", "senior", true)],
        ),
        desk.both("each takes the other's administration away", staff, [rita(), adela()]),
        pair(
            "who may act no more changes his own name",
            ask("adela", staff, rita()),
            ask("rita", staff, member("rita", "Rita L.", "admin", true)),
        ),
        desk.both(
            "each takes the other's token",
            revoke,
            [desk.token_of("rita"), desk.token_of("adela")],
        ),
        pair(
            "one may act no more, the other's token counts no more",
            ask("adela", staff, rita()),
            ask("rita", revoke, desk.token_of("adela")),
        ),
        desk.both("both take one token", revoke, [desk.token_of("marta"), desk.token_of("marta")]),
        desk.both(
            "both issue a token for one holder",
            "/desk/tokens",
            [json!({ "staff": "marta" }), json!({ "staff": "marta" })],
        ),
        pair(
            "a token is issued for whoever is made inactive",
            ask("adela", staff, marta()),
            ask("rita", "/desk/tokens", json!({ "staff": "marta" })),
        ),
        pair(
            "who is made inactive issues himself a token",
            ask("adela", staff, rita()),
            ask("rita", "/desk/tokens", json!({ "staff": "rita" })),
        ),
    ]
}

fn edition(n: u32) -> Value {
    let text = format!("Acuerdo de Nivel de Servicio, texto {n}.");
    let parameters = format!("same_day_cutoff = \"13:{n}0\"");
    let url = "https://millora.example/sla/3";
    json!({ "text": text, "url": url, "reason": "Corte", "parameters": parameters })
}

fn holiday(date: &str, kind: &str, name: &str) -> Value {
    json!({ "date": date, "kind": kind, "name": name, "source": "DOF", "reason": "Decreto" })
}

fn of_everybody(desk: &Desk) -> Vec<Case> {
    let both = |name, path, bodies| desk.both(name, path, bodies);
    let holidays = "/desk/holidays";
    vec![
        both("two editions", "/desk/editions", [edition(1), edition(2)]),
        both("one edition twice", "/desk/editions", [edition(1), edition(1)]),
        both(
            "two holidays",
            holidays,
            [holiday("2026-12-09", "added", "Luto"), holiday("2026-12-25", "removed", "Ya no")],
        ),
        both(
            "one holiday under two names",
            holidays,
            [holiday("2026-12-09", "added", "Luto"), holiday("2026-12-09", "added", "Duelo")],
        ),
        both(
            "one holiday twice",
            holidays,
            [holiday("2026-12-09", "added", "Luto"), holiday("2026-12-09", "added", "Luto")],
        ),
        both(
            "no more offers today",
            "/desk/offers/stop",
            [json!({ "reason": "Hay uno" }), json!({ "reason": "No hay nadie" })],
        ),
    ]
}

fn of_a_client(desk: &Desk) -> Vec<Case> {
    let path = "/desk/clients";
    let file = |file: &str| json!({ "file": file, "reason": "A la vez" });
    let known = unaccepted(GOOD);
    let fee = |fee: &str| file(&known.replace("fee = 1160000", fee));
    let new = |code: &str| {
        let renamed = known.replace("BAJIO", code).replace("bajio.example", "nuevo.example");
        file(&renamed)
    };
    let pair = |name, one, other| Case { name, asks: [one, other] };
    vec![
        desk.both("a client's file", path, [fee("fee = 1250000"), fee("fee = 1350000")]),
        desk.both("a new client, entered twice", path, [new("NUEVO"), new("NUEVO")]),
        desk.both("two new clients with one address", path, [new("NUEVO"), new("OTRO")]),
        pair(
            "two contacts accept an edition",
            desk.accepts("ana", 2, NOW),
            desk.accepts("beto", 2, NOW),
        ),
        pair(
            "an edition is accepted in its last moment, the next one in its first",
            desk.accepts("ana", 1, "2026-12-03T23:59:59.999-06:00"),
            desk.accepts("beto", 2, MIDNIGHT),
        ),
        pair(
            "a contact accepts an edition while his client changes",
            desk.accepts("ana", 2, NOW),
            desk.ask("adela", path, fee("fee = 1250000")),
        ),
        pair(
            "who accepts is no contact any more",
            desk.accepts("beto", 2, NOW),
            desk.ask("adela", path, file(&known.replace("\"beto\"", "\"eva\""))),
        ),
    ]
}

fn of_money(desk: &Desk) -> Vec<Case> {
    let bank = "/desk/banks/centro";
    let delimited = |by: &str| {
        let mut body = mapping();
        body["delimiter"] = json!(by);
        body
    };
    let line = "Fecha,Referencia,Concepto,Importe\n03/12/2026,S1,ACME,11600.00\n";
    let apply = json!({ "file": STANDARD.encode(line) });
    let env = desk.world.env.as_ref();
    let told = payment_events::Told::Payment {
        client: "ACME".to_owned(),
        reference: "S2".to_owned(),
        value_date: "2026-12-03".parse().unwrap(),
        amount: Centavos(1_160_000),
        month: None,
    };
    let kept = payment_events::keep(env, "e1", told, b"e1", at(NOW));
    desk.world.block_on(kept).unwrap();
    let event =
        |who: &str, act: &str, body| desk.ask(who, format!("/desk/payment-events/e1/{act}"), body);
    let (retry, put_aside) = (|who| event(who, "retry", json!({})), json!({ "reason": "De otro" }));
    let discard = |who| event(who, "discard", put_aside.clone());
    let pair = |name, one, other| Case { name, asks: [one, other] };
    vec![
        desk.both("a bank's mapping", bank, [delimited(";"), delimited("|")]),
        desk.both("a new bank's mapping", "/desk/banks/norte", [delimited(";"), delimited("|")]),
        pair(
            "a mapping changes while a statement is applied",
            desk.ask("adela", bank, delimited(";")),
            desk.ask("rita", format!("{bank}/apply"), apply.clone()),
        ),
        pair(
            "a statement is applied twice",
            desk.ask("adela", format!("{bank}/apply"), apply.clone()),
            desk.ask("rita", format!("{bank}/apply"), apply),
        ),
        pair("a payment that was told is applied and put aside", retry("adela"), discard("rita")),
        pair("it is applied twice", retry("adela"), retry("rita")),
        pair("it is put aside twice", discard("adela"), discard("rita")),
    ]
}

fn of_notices(desk: &Desk) -> Vec<Case> {
    let reference = desk.world.open("ana", "No timbra");
    let whole = desk.world.get("marta", format!("/desk/tickets/{reference}")).json;
    let id = whole["notices"][0]["id"].as_str().unwrap().to_owned();
    let pk = app::keys::ticket(&TicketRef::parse(&reference).unwrap());
    let dead = records::NoticeStatus::Dead;
    let key = app::keys::notice(&pk, &id);
    let failed = outbox::mark_failed(desk.world.env.as_ref(), &key, dead, "sin buzón");
    desk.world.block_on(failed).unwrap();
    let act = |who: &str, act: &str| {
        desk.ask(who, format!("/desk/notices/{reference}/{id}/{act}"), json!({}))
    };
    let pair = |name, one, other| Case { name, asks: [one, other] };
    vec![
        pair("a notice is sent again and given up", act("adela", "resend"), act("rita", "give-up")),
        pair("it is sent again twice", act("adela", "resend"), act("rita", "resend")),
        pair("it is given up twice", act("adela", "give-up"), act("rita", "give-up")),
    ]
}

fn of_a_ticket(desk: &Desk) -> Vec<Case> {
    desk.world.set_clock(AFTERNOON);
    let [reference, other] = ["No timbra", "Tampoco"].map(|it| desk.world.open("ana", it));
    let of = |who: &str, path: &str, body: Value| {
        let ask = desk.ask(who, path.replace("{ref}", &reference), body);
        Ask { received_at: at(AFTERNOON), ..ask }
    };
    let (mine, theirs) = (|act: &str| format!("/tickets/{{ref}}/{act}"), "/desk/tickets/{ref}");
    let closes = json!({ "reason": "not_a_request", "text": "Es publicidad" });
    let proposed = desk.world.post("marta", format!("/desk/tickets/{reference}/close"), closes);
    let proposal = json!({ "proposal": proposed.json["proposal"] });
    let same_day = |accept: bool| of("ana", &mine("same-day"), json!({ "accept": accept }));
    let approve = |who: &str| of(who, &format!("{theirs}/approve"), proposal.clone());
    let merge = json!({ "with": other, "text": "Es lo mismo" });
    let pair = |name, one, other| Case { name, asks: [one, other] };
    vec![
        pair("a cost is accepted and declined", same_day(true), same_day(false)),
        pair("a cost is accepted twice", same_day(true), same_day(true)),
        pair(
            "a cost is accepted and waived",
            same_day(true),
            of("fina", &format!("{theirs}/waive-charge"), json!({ "reason": "Cortesía" })),
        ),
        pair(
            "a cost is accepted while no more is offered",
            same_day(true),
            of("adela", "/desk/offers/stop", json!({ "reason": "No hay nadie" })),
        ),
        pair(
            "a cost is accepted while the ticket becomes another's",
            same_day(true),
            of("marta", &format!("{theirs}/merge"), merge),
        ),
        pair("a proposal is approved twice", approve("saul"), approve("adela")),
        pair(
            "a proposal is approved and rejected",
            approve("saul"),
            of("adela", &format!("{theirs}/reject"), proposal.clone()),
        ),
        pair(
            "what is proposed to be no request goes on",
            approve("saul"),
            of("ana", &mine("messages"), json!({ "text": "¿Y entonces?" })),
        ),
    ]
}

/// What an ask is answered with: the class of its status. Why something is refused may differ with how far
/// it had come.
fn answer<E: Env>(env: E, ask: &Ask) -> Act<u16> {
    let env = Arc::new(env);
    let router = intake_http::router(Arc::clone(&env)).merge(desk::router(env));
    let content_type = if ask.body.is_empty() { FORM } else { "application/json" };
    let mut request = Request::post(ask.path.clone()).header("content-type", content_type);
    if let Some(bearer) = &ask.bearer {
        let key = ask.body.chars().filter(char::is_ascii_alphanumeric).take(64);
        let key = format!("k{}", key.collect::<String>());
        request = request.header("authorization", bearer).header("idempotency-key", key);
    }
    let request = request.extension(ReceivedAt(ask.received_at));
    let request = request.body(Body::from(ask.body.clone())).unwrap();
    Box::pin(async move { router.oneshot(request).await.unwrap().status().as_u16() / 100 })
}

/// What lies in the table, and what each of them was told in the end.
type Outcome = (Vec<String>, Vec<u16>);

fn outcome(desk: &Desk, env: &MemoryEnv, case: &Case, mut told: Vec<u16>) -> Outcome {
    for (told, ask) in told.iter_mut().zip(&case.asks) {
        if *told == AGAIN {
            *told = desk.world.block_on(answer(env.clone(), ask));
        }
    }
    (env.store.dump().iter().map(|item| format!("{item:?}")).collect(), told)
}

/// What an outcome has that another one has not.
fn beyond<'a>(one: &'a Outcome, other: &Outcome) -> (Vec<&'a String>, &'a [u16]) {
    (one.0.iter().filter(|it| !other.0.contains(it)).collect(), &one.1)
}

/// What is wrong with a case; nothing is as it should be.
fn wrong(desk: &Desk, case: &Case) -> Option<String> {
    let deeds =
        case.asks.each_ref().map(|ask| -> Deed<'_, u16> { Box::new(move |env| answer(env, ask)) });
    let repeats = std::cell::Cell::new(0);
    let found = every_order(&desk.world.env, &deeds, |env, told| {
        repeats.set(repeats.get() + told.iter().filter(|it| **it == AGAIN).count());
        outcome(desk, &env, case, told)
    });
    let (choices, ends, usual) = (found.choices, found.ends.len(), found.usual.len());
    let (name, repeats) = (case.name, repeats.get());
    println!("{name}: {choices} choices, {ends} ends, {usual} outcomes, {repeats} repeats");
    let first = found.usual.first()?;
    let served = |who: usize| found.usual.iter().any(|it| it.1[who] == SERVED);
    if !(served(0) && served(1)) {
        return Some(format!("{name}: one of them is never served"));
    }
    let refused = found.usual.iter().find(|it| it.1.contains(&AGAIN));
    let strange = found.ends.iter().find(|(_, outcome)| !found.usual.contains(outcome));
    match (refused, strange) {
        (Some(it), _) => Some(format!("{name}: one after the other: {:?}", it.1)),
        (_, Some((order, it))) => Some(format!("{name}: {order:?}: {:#?}", beyond(it, first))),
        (None, None) => (choices == 0).then(|| format!("{name}: nobody raced")),
    }
}

#[test]
fn of_two_at_once_nobody_loses_unseen_in_any_order() {
    let mut found = Vec::new();
    for cases in [members, of_everybody, of_a_client, of_money, of_notices, of_a_ticket] {
        let desk = Desk::new();
        found.extend(cases(&desk).iter().filter_map(|case| wrong(&desk, case)));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
