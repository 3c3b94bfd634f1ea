//! A small desk in a folder, and what would happen to it.
//!
//! `UPDATE_GOLDEN=1 cargo test -p local simulate` writes the list anew; look at the difference.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::auth::{self, Principal};
use app::memory::MemoryEnv;
use app::ports::Settings;
use app::seed;
use aws::dynamodb::DynamoStore;
use axum::body::Body;
use axum::http::Request;
use domain::{ClientId, Instant, SpocId, StaffId};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;
use web::ReceivedAt;

use super::{Assumptions, Options, SimulateError, Source, run};
use crate::up::demo::demo;
use crate::up::folder::Folder;
use crate::up::table::Table;
use crate::up::{DEFAULT_PORT, settings};

/// Friday before noon: the target is 18:00.
const START: &str = "2026-11-20T11:00:00-06:00";
const TO: &str = "2026-12-10T00:00:00-06:00";
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/simulate.golden");

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

/// A folder as a bundle that runs has it: two tickets, of which one has a solution that nobody answered.
struct Home {
    folder: TempDir,
    tickets: Vec<String>,
    _table: Table,
}

impl Home {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        drop(Folder::open(folder.path()).unwrap());
        let table = Table::open(&folder.path().join("table.db")).await.unwrap();
        let mut env = MemoryEnv::with_store(table.store(), at(START), 7);
        env.settings = local();
        seed::apply(&env, &demo().unwrap()).await.unwrap();
        let env = Arc::new(env);
        let client = |client: &str, spoc: &str| Principal::Spoc {
            client: ClientId::parse(client).unwrap(),
            spoc: SpocId::parse(spoc).unwrap(),
        };
        let mesa = Principal::Staff { staff: StaffId::parse("mesa").unwrap() };
        let mut tickets = Vec::new();
        for (who, subject) in [
            (client("FERRE", "ana"), "No timbra"),
            (client("ANAHUAC", "luis"), "Reporte en blanco"),
        ] {
            let body = json!({ "subject": subject, "text": "Desde la mañana." });
            let told = post(&env, who, "/tickets", &body).await;
            tickets.push(told["reference"].as_str().unwrap().to_owned());
        }
        let path = format!("/desk/tickets/{}/replies", tickets[1]);
        post(&env, mesa, &path, &json!({ "kind": "solution", "text": "Ya imprime." })).await;
        let clock = format!("told = \"{START}\"\nahead_ms = 0\nfrozen = true\n");
        fs::write(folder.path().join("clock.toml"), clock).unwrap();
        Self { folder, tickets, _table: table }
    }

    fn options(&self, to: &str, assume: &str) -> Options {
        Options {
            source: Source::Folder(self.folder.path().to_owned()),
            from: None,
            to: at(to),
            clients: Vec::new(),
            assumptions: self.assumptions(assume).unwrap(),
        }
    }

    fn assumptions(&self, text: &str) -> Result<Assumptions, String> {
        let text =
            self.tickets.iter().enumerate().fold(text.to_owned(), |text, (n, ticket)| {
                text.replace(&format!("TICKET{n}"), ticket)
            });
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("supuestos.toml");
        fs::write(&file, text).unwrap();
        Assumptions::read(&file).map_err(|error| error.to_string())
    }

    /// Every file with its bytes.
    fn bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files(self.folder.path())
    }
}

fn local() -> Settings {
    settings(([127, 0, 0, 1], DEFAULT_PORT).into())
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

async fn post(
    env: &Arc<MemoryEnv<DynamoStore>>,
    who: Principal,
    path: &str,
    body: &Value,
) -> Value {
    let token = auth::issue(env.as_ref(), who).await.unwrap();
    let request = Request::post(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("idempotency-key", "1")
        .extension(ReceivedAt(at(START)))
        .body(Body::from(body.to_string()))
        .unwrap();
    let routers = intake_http::router(Arc::clone(env)).merge(desk::router(Arc::clone(env)));
    let answer = routers.oneshot(request).await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

async fn told(home: &Home, to: &str, assume: &str) -> Value {
    run(home.options(to, assume)).await.unwrap().json()
}

/// When what is of this kind happens to a ticket.
fn instants<'a>(told: &'a Value, ticket: &str, kind: &str) -> Vec<&'a str> {
    let all = told["happenings"].as_array().unwrap().iter();
    let of = all.filter(|it| it["ticket"] == ticket && it["kind"] == kind);
    of.map(|it| it["at"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_list_is_kept_and_the_folder_is_only_read() {
    let home = Home::new().await;
    let before = home.bytes();
    let report = run(home.options(TO, "")).await.unwrap();
    let again = run(home.options(TO, "")).await.unwrap();
    assert_eq!(report.json(), again.json(), "the same data give the same list");
    assert!(home.bytes() == before, "the folder was touched");
    let text = format!("{}\n", report.text());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(GOLDEN, &text).unwrap();
    }
    let golden = fs::read_to_string(GOLDEN).unwrap_or_default();
    assert!(text == golden, "{GOLDEN} is not what is told:\n{text}");
}

#[tokio::test]
async fn what_is_assumed_happens_besides() {
    let home = Home::new().await;
    let (first, second) = (home.tickets[0].as_str(), home.tickets[1].as_str());
    let alone = told(&home, TO, "").await;
    assert_eq!(instants(&alone, first, "missed"), ["2026-11-20T18:00:00.001-06:00"]);
    assert_eq!(instants(&alone, second, "closed").len(), 1);
    let answered = told(
        &home,
        TO,
        r#"
        [[desk_reply]]
        at = "2026-11-20T12:00:00-06:00"
        ticket = "TICKET0"
        text = "Lo revisamos."
        [[client_reply]]
        at = 2026-11-21T09:00:00-06:00
        ticket = "TICKET1"
        by = "luis"
        text = "Sigue igual."
        still_fails = true
        "#,
    )
    .await;
    assert_eq!(instants(&answered, first, "missed"), [""; 0]);
    assert_eq!(instants(&answered, second, "closed"), [""; 0]);
    // What the rules refuse is told, and the rest goes on.
    let refused = told(
        &home,
        TO,
        r#"
        [[desk_reply]]
        at = "2026-12-05T12:00:00-06:00"
        ticket = "TICKET1"
        kind = "telepathy"
        text = "¿?"
        "#,
    )
    .await;
    assert_eq!(instants(&refused, second, "refused"), ["2026-12-05T12:00:00-06:00"]);
    assert_eq!(instants(&refused, first, "missed").len(), 1);
}

#[tokio::test]
async fn a_new_holiday_and_other_terms_count_for_what_begins_afterwards() {
    let home = Home::new().await;
    // The reply on a Monday before the cut-off reopens the ticket, whose target is that day's end.
    let reopened = r#"
        [[client_reply]]
        at = "2026-11-24T10:00:00-06:00"
        ticket = "TICKET1"
        by = "luis"
        text = "Volvió a fallar."
    "#;
    let missed = async |assume: &str| told(&home, TO, &format!("{reopened}{assume}")).await;
    let second = home.tickets[1].as_str();
    let plain = missed("").await;
    assert_eq!(instants(&plain, second, "missed"), ["2026-11-24T19:00:00.001-06:00"]);
    let holiday = missed("[[holiday]]\ndate = 2026-11-24\nsource = \"DOF\"\n").await;
    assert_eq!(instants(&holiday, second, "missed"), ["2026-11-25T19:00:00.001-06:00"]);
    let terms = missed(
        "[[terms]]\nclient = \"ANAHUAC\"\nvalid_from = 2026-11-23T00:00:00-06:00\n\
         set = { same_day_cutoff = \"09:00\", same_day_extended = \"unavailable\" }\n",
    )
    .await;
    assert_eq!(instants(&terms, second, "missed"), ["2026-11-25T19:00:00.001-06:00"]);
}

#[test]
fn the_example_is_understood() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/simulate/supuestos.toml");
    let assumed = Assumptions::read(Path::new(example)).unwrap();
    assert_eq!(assumed.in_order().count(), 6);
}

#[tokio::test]
async fn only_the_clients_that_are_asked_for_are_told_of() {
    let home = Home::new().await;
    let client = ClientId::parse("ANAHUAC").unwrap();
    let options = Options { clients: vec![client], ..home.options(TO, "") };
    let told = run(options).await.unwrap().json();
    let all = told["happenings"].as_array().unwrap();
    assert!(!all.is_empty() && all.iter().all(|it| it["client"] == "ANAHUAC"));
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_all_its_faults() {
    let home = Home::new().await;
    let form = home.assumptions(
        "[[holiday]]\ndate = \"5/12/2026\"\n[[terms]]\nclient = \"x y\"\nset = { cutoff = 1 }\n[[rain]]\n",
    );
    let form = form.unwrap_err();
    for place in ["holiday[0].date", "holiday[0].source", "terms[0].client", "terms[0].set", "rain"]
    {
        assert!(form.contains(place), "{place}: {form}");
    }
    let options = home.options(
        TO,
        r#"
        [[client_reply]]
        at = "2026-11-19T09:00:00-06:00"
        ticket = "TICKET0"
        by = "nadie"
        text = "¿?"
        [[terms]]
        client = "NADIE"
        valid_from = "2026-12-01T00:00:00-06:00"
        set = { same_day_cutoff = "15:00" }
        "#,
    );
    let faults = run(options).await.unwrap_err().to_string();
    for place in ["client_reply[0].at", "client_reply[0].by", "terms[0].client"] {
        assert!(faults.contains(place), "{place}: {faults}");
    }
    let nobody =
        Options { clients: vec![ClientId::parse("NADIE").unwrap()], ..home.options(TO, "") };
    assert!(matches!(run(nobody).await, Err(SimulateError::NoClient(_))));
    assert!(matches!(run(home.options(START, "")).await, Err(SimulateError::Backwards(_))));
    let past = Options { from: Some(at("2026-11-20T10:59:59-06:00")), ..home.options(TO, "") };
    assert!(matches!(run(past).await, Err(SimulateError::Past(_))));
    let far = home.options("2036-11-20T11:00:00-06:00", "");
    assert!(matches!(run(far).await, Err(SimulateError::TooFar)));
    let source = Source::Folder(std::env::temp_dir());
    let foreign = Options { source, ..home.options(TO, "") };
    assert!(matches!(run(foreign).await, Err(SimulateError::Folder(_))));
}

/// The year of a client who is only a file.
async fn of_files(files: &[PathBuf], from: &str, to: &str, assume: &str) -> Result<Value, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("supuestos.toml");
    fs::write(&file, assume).unwrap();
    let options = Options {
        source: Source::Files(files.to_vec()),
        from: Some(at(from)),
        to: at(to),
        clients: vec![ClientId::parse("BAJIO").unwrap()],
        assumptions: Assumptions::read(&file).map_err(|error| error.to_string())?,
    };
    run(options).await.map(|report| report.json()).map_err(|error| error.to_string())
}

fn file(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/clients")).join(name)
}

/// What happens of the account, in order, and when.
fn of_account(told: &Value) -> Vec<String> {
    let all = told["happenings"].as_array().unwrap().iter();
    let facts = all.filter(|it| it["ticket"].is_null() && it["kind"] != "notice");
    let line = |it: &Value| {
        format!("{} {}", &it["at"].as_str().unwrap()[..16], it["kind"].as_str().unwrap())
    };
    facts.map(line).collect()
}

const NOV: &str = "2026-11-20T10:00:00-06:00";

#[tokio::test]
async fn a_clients_file_alone_is_simulated_with_payments_and_without() {
    let files = [file("ferretera.toml")];
    let told = async |assume: &str| {
        of_files(&files, NOV, "2026-12-15T00:00:00-06:00", assume).await.unwrap()
    };
    // What happens on the 6th if they do not pay?
    let unpaid = told("").await;
    assert_eq!(
        of_account(&unpaid),
        ["2026-12-01T09:00 month_fell_due", "2026-12-06T00:00 suspended"]
    );
    let mails: Vec<&str> = unpaid["happenings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["kind"] == "notice")
        .map(|it| &it["at"].as_str().unwrap()[..10])
        .collect();
    for day in ["2026-12-01", "2026-12-03", "2026-12-05", "2026-12-06"] {
        assert!(mails.contains(&day), "{day}: {mails:?}");
    }
    let paid =
        "[[payment]]\nat = 2026-12-04T12:00:00-06:00\nclient = \"BAJIO\"\namount = 1160000\n";
    assert_eq!(
        of_account(&told(paid).await),
        ["2026-12-01T09:00 month_fell_due", "2026-12-04T12:00 payment_recorded"]
    );
    let back =
        "[[no_payment]]\nat = 2026-12-05T08:00:00-06:00\nclient = \"BAJIO\"\nmonth = \"2026-12\"\n";
    assert_eq!(
        of_account(&told(&format!("{paid}{back}")).await),
        [
            "2026-12-01T09:00 month_fell_due",
            "2026-12-04T12:00 payment_recorded",
            "2026-12-05T08:00 payment_reversed",
            "2026-12-06T00:00 suspended",
        ]
    );
    // The value date is the fifth's, whenever it is recorded.
    let late = "[[payment]]\nat = 2026-12-08T12:00:00-06:00\nclient = \"BAJIO\"\namount = 1160000\n\
                value_date = 2026-12-05\nmonth = \"2026-12\"\n";
    let annulled = of_account(&told(late).await);
    assert_eq!(annulled.last().unwrap(), "2026-12-08T12:00 suspension_annulled", "{annulled:?}");
}

#[tokio::test]
async fn client_files_that_cannot_be_entered_are_told_with_all_their_faults() {
    let to = "2026-12-15T00:00:00-06:00";
    let faults = of_files(&[file("veinte-faltas.toml")], NOV, to, "").await.unwrap_err();
    assert!(faults.lines().count() >= 20 && faults.contains("línea 2"), "{faults}");
    let twice = [file("ferretera.toml"), file("ferretera.toml")];
    let twice = of_files(&twice, NOV, to, "").await.unwrap_err();
    assert!(twice.contains("ya es de otro cliente"), "{twice}");
    let none = of_files(&[file("no-existe.toml")], NOV, to, "").await.unwrap_err();
    assert!(none.contains("no-existe.toml"), "{none}");
}
