//! A world with people who use the HTTP API and write mails.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::auth::{self, Principal};
use app::ports::{Blobs as _, KeyPurpose, Secrets as _};
use app::seed::Seed;
use axum::body::Body;
use domain::{ClientId, SpocId, StaffId, TimeDelta};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Request;
use serde_json::{Value, json};
use sha2::Sha256;
use tests_scenarios::cases::at;
use tests_scenarios::world::World;
use tower::ServiceExt as _;
use web::ReceivedAt;

use crate::Log;

/// Who carries the effects out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// The stream brings them to the relay.
    Relay,
    /// The stream is dead; the sweep finds them.
    Sweep,
}

/// The people of the mails in `events/mail`.
const PEOPLE: &str = r#"
[[clients]]
client = { id = "NORT", name = "Ferretería Norteña", domains = [{ name = "ferreteria-nortena.example" }] }
spocs = [
    { id = "ana", name = "Ana López", emails = ["ana.lopez@ferreteria-nortena.example"], valid_from = 1767225600000, powers = ["open", "authorise_cost"] },
    { id = "beto", name = "Beto Garza", emails = ["beto@ferreteria-nortena.example"], valid_from = 1767225600000, powers = ["open"] },
    { id = "jorge", name = "Jorge Medina", emails = ["jorge.medina@ferreteria-nortena.example"], valid_from = 1767225600000, powers = ["book_visit"] },
]
plans = [{ id = "nort-1", valid_from = 1767225600000, known_from = 1767225600000, value = { same_day_surcharge = 87000 } }]

[[clients]]
client = { id = "TEXP", name = "Textiles Puebla", domains = [{ name = "textiles-puebla.example" }] }
spocs = [{ id = "raul", name = "Raúl Ortiz", emails = ["raul.ortiz@textiles-puebla.example"], valid_from = 1767225600000, powers = ["open"] }]
plans = [{ id = "texp-1", valid_from = 1767225600000, known_from = 1767225600000, value = {} }]

[[addresses]]
email = "lucia.campos@millora.example"
owner = { staff = { staff = "luis" } }

[[addresses]]
email = "help@odoo.example"
owner = "odoo_helpdesk"
"#;

/// Answers are at most so large, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 22;

/// The world.
pub(crate) struct Scene {
    pub(crate) world: World,
    tokens: BTreeMap<&'static str, String>,
    requests: u32,
}

impl Scene {
    /// A Friday after the cut-off, when the same day may be offered, with everybody's credentials.
    pub(crate) async fn new(log: &Log, carrier: Carrier) -> Self {
        let mut world = World::in_memory(at("vie 2026-11-20 14:10")).await;
        let people: Seed = toml::from_str(PEOPLE).expect("the people are a data set");
        app::seed::apply(&*world.env, &people).await.expect("they are entered");
        let spoc = |client, id| Principal::Spoc {
            client: ClientId::parse(client).expect("a client"),
            spoc: SpocId::parse(id).expect("a SPoC"),
        };
        let staff = |id| Principal::Staff { staff: StaffId::parse(id).expect("a member") };
        let mut tokens = BTreeMap::new();
        for (name, principal) in [
            ("ana", spoc("NORT", "ana")),
            ("beto", spoc("NORT", "beto")),
            ("gloria", spoc("TALLER", "gloria")),
            ("luis", staff("luis")),
            ("sofia", staff("sofia")),
            ("fernanda", staff("fernanda")),
            ("rodrigo", staff("rodrigo")),
        ] {
            let token = auth::issue(&*world.env, principal).await.expect("a token");
            tokens.insert(name, token);
        }
        world.ear = Some(log.ear());
        world.stream_alive = carrier == Carrier::Relay;
        Self { world, tokens, requests: 0 }
    }

    /// A request with a key of its own to the function that serves the path; its answer.
    pub(crate) async fn ask(
        &mut self,
        who: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let token = self.tokens.get(who).cloned().unwrap_or_default();
        self.requests += 1;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("idempotency-key", format!("clave-{}", self.requests))
            .extension(ReceivedAt(self.world.now()));
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(path, request.body(body).expect("a request of ours is well formed")).await
    }

    /// A provider tells of a payment, signed with the key of the webhook.
    pub(crate) async fn tell(&mut self, event: &Value) {
        let (body, now) = (event.to_string(), self.world.now());
        let keys = self.world.env.secrets.keys(KeyPurpose::PaymentWebhook).await;
        let key = &keys.expect("there are keys")[0];
        let seconds = now.millis() / 1_000;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.bytes).expect("any length serves");
        mac.update(format!("{seconds}.{body}").as_bytes());
        let signature = auth::hex(&mac.finalize().into_bytes());
        let path = "/webhooks/payments";
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header("x-signature", format!("t={seconds},v1={signature}"))
            .extension(ReceivedAt(now))
            .body(Body::from(body));
        let (status, told) = self.send(path, request.expect("it is well formed")).await;
        assert_eq!(status, 200, "{told}");
    }

    /// A browser's look at a page, and a press on its button.
    pub(crate) async fn press(&mut self, path: &str, form: &str) {
        for (method, body) in [("GET", ""), ("POST", form)] {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("content-type", "application/x-www-form-urlencoded")
                .extension(ReceivedAt(self.world.now()))
                .body(Body::from(body.to_owned()));
            let (status, _) = self.send(path, request.expect("it is well formed")).await;
            assert_eq!(status, 200, "{method} {path}");
        }
    }

    async fn send(&mut self, path: &str, request: Request<Body>) -> (u16, Value) {
        let router = if path.starts_with("/desk") {
            desk::router(Arc::new(self.world.of("desk")))
        } else if path.starts_with("/webhooks") {
            payment_webhook::router(Arc::new(self.world.of("payment-webhook")))
        } else {
            intake_http::router(Arc::new(self.world.of("intake-http")))
        };
        let Ok(answer) = Box::pin(router.oneshot(request)).await;
        let status = answer.status().as_u16();
        let bytes = axum::body::to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await;
        let bytes = bytes.expect("the body is in memory");
        self.world.settle().await;
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// A request that must be answered with 200 or 201.
    pub(crate) async fn done(&mut self, who: &str, path: &str, body: Value) -> Value {
        let method = if body.is_null() { "GET" } else { "POST" };
        let (status, told) = self.ask(who, method, path, &body).await;
        assert!(status < 300, "{who} {path}: {status} {told}");
        told
    }

    /// A file that has arrived by its link: its id.
    pub(crate) async fn upload(&mut self, who: &str, path: &str) -> String {
        let file = json!({ "name": "captura.png", "media_type": "image/png", "size": 3 });
        let told = self.done(who, path, file).await;
        let url = told["url"].as_str().expect("a link");
        let blob =
            url.strip_prefix(app::memory::MEMORY_URL).expect("a link of the blobs in memory");
        self.world.env.blobs.put(blob, b"PNG").await.expect("it is stored");
        told["file"]["id"].as_str().expect("an id").to_owned()
    }

    /// Time passes, with a sweep at its end whatever is due.
    pub(crate) async fn pass(&mut self, span: TimeDelta) {
        self.world.pass(span).await;
        self.world.sweep().await;
        self.world.settle().await;
    }

    /// The path of the last link in the mails to an address.
    pub(crate) fn link(&self, to: &str) -> String {
        let mails = self.world.post.mails.iter().rev().filter(|mail| mail.message.to == to);
        let found = mails.into_iter().find_map(|mail| {
            let parsed = mail_parser::MessageParser::default().parse(&mail.message.mime)?;
            let text = parsed.body_text(0)?.into_owned();
            let token = text.split("/a/").nth(1)?.split_whitespace().next()?.to_owned();
            Some(format!("/a/{token}"))
        });
        found.unwrap_or_else(|| panic!("no mail to {to} holds a link"))
    }
}
