//! A small world behind the routers: two clients, a desk of four, and the ports in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::attachments::Files;
use app::auth::{self, Principal, StaffRecord};
use app::execute::{self, Act};
use app::memory::MemoryEnv;
use app::seed::{self, Seed, SeedClient};
use app::tickets::{self, DeskVerb};
use axum::Router;
use axum::body::Body;
use domain::terms::Version;
use domain::ticket::{Command, ReplyKind};
use domain::{
    Client, ClientId, Instant, MailDomain, Power, Role, Spoc, SpocId, StaffId, TicketRef,
};
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use web::ReceivedAt;

/// The world.
pub(crate) struct World {
    pub(crate) env: Arc<MemoryEnv>,
    router: Router,
    tokens: BTreeMap<&'static str, String>,
    runtime: tokio::runtime::Runtime,
    keys: std::cell::Cell<u32>,
}

/// An answer.
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    pub(crate) json: Value,
}

/// A request in the making.
pub(crate) struct Ask<'a> {
    world: &'a World,
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

impl World {
    /// A world at an instant, served by what `router` makes of it.
    pub(crate) fn new(start: &str, router: impl FnOnce(&Arc<MemoryEnv>) -> Router) -> Self {
        let env = Arc::new(MemoryEnv::new(at(start), 7));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut tokens = BTreeMap::new();
        runtime.block_on(async {
            seed::apply(env.as_ref(), &seed()).await.unwrap();
            for (name, client) in
                [("ana", "ACME"), ("luis", "ACME"), ("exa", "ACME"), ("berta", "BETA")]
            {
                let client = ClientId::parse(client).unwrap();
                let spoc = SpocId::parse(name).unwrap();
                let principal = Principal::Spoc { client, spoc };
                tokens.insert(name, auth::issue(env.as_ref(), principal).await.unwrap());
            }
            for name in ["marta", "saul", "fina", "adela", "gone"] {
                let principal = Principal::Staff { staff: StaffId::parse(name).unwrap() };
                tokens.insert(name, auth::issue(env.as_ref(), principal).await.unwrap());
            }
        });
        let router = router(&env);
        Self { env, router, tokens, runtime, keys: std::cell::Cell::new(0) }
    }

    /// With a client more who pays by the month: GAMA, whose SPoC Gala has every power and Gil only the one to
    /// open.
    pub(crate) fn with_account(mut self) -> Self {
        let all = vec![Power::Open, Power::AuthoriseCost, Power::Cancel, Power::Renew];
        let spocs = vec![
            spoc("gala", "Gala Mora", all, at(FROM)),
            spoc("gil", "Gil Soto", vec![Power::Open], at(FROM)),
        ];
        let terms = json!({
            "fee": 1_160_000, "start": "2026-12-01", "term_months": 3, "auto_renew": true,
        });
        let clients = vec![client("GAMA", "Gama", spocs, terms)];
        let issued = self.runtime.block_on(async {
            let seed = Seed { clients, ..Seed::default() };
            seed::apply(self.env.as_ref(), &seed).await.unwrap();
            let mut issued = Vec::new();
            for name in ["gala", "gil"] {
                let client = ClientId::parse("GAMA").unwrap();
                let spoc = SpocId::parse(name).unwrap();
                let principal = Principal::Spoc { client, spoc };
                issued.push((name, auth::issue(self.env.as_ref(), principal).await.unwrap()));
            }
            issued
        });
        self.tokens.extend(issued);
        self
    }

    pub(crate) fn token(&self, who: &str) -> String {
        self.tokens[who].clone()
    }

    pub(crate) fn get(&self, who: &str, path: impl Into<String>) -> Told {
        self.ask("GET", path).by(who).send()
    }

    /// A POST with a fresh key.
    pub(crate) fn post(&self, who: &str, path: impl Into<String>, body: Value) -> Told {
        self.ask("POST", path).by(who).fresh_key().json(&body).send()
    }

    pub(crate) fn ask(&self, method: &'static str, path: impl Into<String>) -> Ask<'_> {
        let (headers, body) = (Vec::new(), None);
        Ask { world: self, method, path: path.into(), headers, body }
    }

    /// A ticket that somebody opens.
    pub(crate) fn open(&self, who: &str, subject: &str) -> String {
        let told =
            self.post(who, "/tickets", json!({"subject": subject, "text": "No puedo timbrar"}));
        assert_eq!(told.status, 201, "{}", told.json);
        told.json["reference"].as_str().unwrap().to_owned()
    }

    pub(crate) fn set_clock(&self, to: &str) {
        self.env.clock.set(at(to));
    }

    /// The mail service accepts a message of the desk now.
    pub(crate) fn accept(&self, reference: &str, message: u64) {
        let reference = TicketRef::parse(reference).unwrap();
        let message = u32::try_from(message).unwrap();
        let at = app::ports::Clock::now(&self.env.clock);
        let command = Command::MessageAccepted { message, at };
        let act = Act::system(reference, command);
        self.runtime.block_on(execute::execute(self.env.as_ref(), &act)).unwrap();
    }

    /// The desk proposes a solution, and its mail goes out.
    pub(crate) fn solve(&self, reference: &str) {
        let ticket = TicketRef::parse(reference).unwrap();
        let member =
            domain::StaffMember { id: StaffId::parse("marta").unwrap(), role: Role::Agent };
        let verb = DeskVerb::Reply(ReplyKind::Solution, "Reinicie el servicio".to_owned());
        let none = Files::default();
        let done = tickets::desk_act(self.env.as_ref(), &ticket, member, verb, &none, None);
        let seq = self.block_on(done).unwrap().seq.unwrap();
        self.accept(reference, seq.into());
    }

    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A future of a request, to run several at once.
    pub(crate) fn future(&self, ask: Ask<'_>) -> impl Future<Output = Told> + use<> {
        let (router, request) = (self.router.clone(), ask.request());
        async move {
            let response = router.oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
            let json = serde_json::from_slice(&bytes).unwrap_or_default();
            Told { status: parts.status.as_u16(), headers: parts.headers, bytes, json }
        }
    }
}

impl Ask<'_> {
    pub(crate) fn by(self, who: &str) -> Self {
        let token = self.world.token(who);
        self.header("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn fresh_key(self) -> Self {
        let n = self.world.keys.get() + 1;
        self.world.keys.set(n);
        self.header("idempotency-key", format!("key-{n}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub(crate) fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", content_type)
    }

    fn request(self) -> Request<Body> {
        let now = app::ports::Clock::now(&self.world.env.clock);
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request.extension(ReceivedAt(now));
        request.body(self.body.map_or_else(Body::empty, Body::from)).unwrap()
    }

    pub(crate) fn send(self) -> Told {
        let world = self.world;
        world.block_on(world.future(self))
    }
}

impl Told {
    /// The places of the faults, in order.
    pub(crate) fn places(&self) -> Vec<&str> {
        let faults = self.json["faults"].as_array().map(Vec::as_slice).unwrap_or_default();
        faults.iter().filter_map(|fault| fault["at"].as_str()).collect()
    }

    pub(crate) fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }
}

/// From when everybody is known, and each póliza in force.
const FROM: &str = "2026-01-01T00:00:00-06:00";

fn client(id: &str, name: &str, spocs: Vec<Spoc>, value: Value) -> SeedClient {
    let from = at(FROM);
    let plan = Version {
        id: "plan-1".to_owned(),
        valid_from: from,
        valid_to: None,
        known_from: from,
        value: serde_json::from_value(value).unwrap(),
    };
    SeedClient {
        client: Client {
            id: ClientId::parse(id).unwrap(),
            name: name.to_owned(),
            domains: vec![MailDomain {
                name: format!("{}.example", id.to_lowercase()),
                spf_suffices: None,
            }],
            modules: Vec::new(),
            acceptance: None,
        },
        spocs,
        plans: vec![plan],
        masters: Vec::new(),
    }
}

fn seed() -> Seed {
    let from = at(FROM);
    let all = vec![Power::Open, Power::AuthoriseCost];
    let mut former = spoc("exa", "Exa Ruiz", all.clone(), from);
    former.valid_to = Some(at("2026-06-01T00:00:00-06:00"));
    let acme = vec![
        spoc("ana", "Ana Robles", all.clone(), from),
        spoc("luis", "Luis Nava", vec![Power::Open], from),
        former,
    ];
    let beta = vec![spoc("berta", "Berta Ríos", all, from)];
    let staff = |id: &str, name: &str, role, active| StaffRecord {
        id: StaffId::parse(id).unwrap(),
        name: name.to_owned(),
        role,
        active,
    };
    Seed {
        clients: vec![
            client("ACME", "Acme", acme, json!({"same_day_surcharge": 87_000})),
            client(
                "BETA",
                "Beta",
                beta,
                json!({"emergency_attention": true, "emergency_surcharge": {"with_cost": 348_000}}),
            ),
        ],
        staff: vec![
            staff("marta", "Marta Torres", Role::Agent, true),
            staff("saul", "Saúl Herrera", Role::Senior, true),
            staff("fina", "Fina Lara", Role::Finance, true),
            staff("adela", "Adela Solís", Role::Admin, true),
            staff("gone", "Gonzalo", Role::Agent, false),
        ],
        editions: Vec::new(),
        calendars: Vec::new(),
        addresses: Vec::new(),
    }
}

fn spoc(id: &str, name: &str, powers: Vec<Power>, from: Instant) -> Spoc {
    Spoc {
        id: SpocId::parse(id).unwrap(),
        name: name.to_owned(),
        emails: vec![format!("{id}@cliente.example")],
        phones: Vec::new(),
        valid_from: from,
        valid_to: None,
        powers,
        designated_by: None,
        known_from: None,
        known_until: None,
    }
}
