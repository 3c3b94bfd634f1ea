//! A world with one client who owes December, the webhook, the relay and the sweep.

use std::sync::Arc;

use app::account;
use app::item::Item;
use app::keys;
use app::memory::MemoryEnv;
use app::payment_events::{self, Listed};
use app::ports::{Clock as _, Env as _, KeyPurpose, Secrets as _, Store as _};
use app::relay::{self, StreamBatch, StreamRecord};
use app::seed::{self, Seed};
use axum::body::Body;
use domain::billing::Payment;
use domain::{ClientId, Instant};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Request;
use serde_json::Value;
use sha2::Sha256;
use tower::ServiceExt as _;
use web::ReceivedAt;

/// A client whose póliza begins on 1 December 2026; its versions are known since January.
const PEOPLE: &str = r#"
[[clients]]
client = { id = "FERRE", name = "Ferretera del Bajío", domains = [] }
spocs = []

[[clients.plans]]
id = "ferre-2026"
valid_from = 1767247200000
known_from = 1767247200000
value = { fee = 1160000, start = "2026-12-01", term_months = 12, auto_renew = true }
"#;

pub(crate) struct World {
    pub(crate) env: Arc<MemoryEnv>,
    runtime: tokio::runtime::Runtime,
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

pub(crate) fn ferre() -> ClientId {
    ClientId::parse("FERRE").unwrap()
}

impl World {
    /// 3 December, in the morning.
    pub(crate) fn new() -> Self {
        let env = Arc::new(MemoryEnv::new(at("2026-12-01T00:00:00-06:00"), 7));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let people: Seed = toml::from_str(PEOPLE).unwrap();
        runtime.block_on(async {
            seed::apply(env.as_ref(), &people).await.unwrap();
            account::follow_terms(env.as_ref(), &ferre()).await.unwrap();
        });
        env.clock.set(at("2026-12-03T10:00:00-06:00"));
        Self { env, runtime }
    }

    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The header of whoever has the newest key, signed now.
    pub(crate) fn signed(&self, body: impl AsRef<[u8]>) -> String {
        let keys = self.block_on(self.env.secrets.keys(KeyPurpose::PaymentWebhook)).unwrap();
        header(&keys[0].bytes, self.env.clock.now(), body)
    }

    /// Sends a body under a header; the status and the answer.
    pub(crate) fn send(&self, header: &str, body: impl Into<Vec<u8>>) -> (u16, Value) {
        let request = Request::builder()
            .method("POST")
            .uri("/webhooks/payments")
            .header("x-signature", header)
            .extension(ReceivedAt(self.env.clock.now()))
            .body(Body::from(body.into()))
            .unwrap();
        let router = payment_webhook::router(Arc::clone(&self.env));
        let response = self.block_on(router.oneshot(request)).unwrap();
        let status = response.status().as_u16();
        let bytes = self.block_on(axum::body::to_bytes(response.into_body(), 1 << 20)).unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// An event, well signed.
    pub(crate) fn tell(&self, event: &Value) -> (u16, Value) {
        let body = event.to_string();
        self.send(&self.signed(&body), body)
    }

    /// The stream brings the event to the relay.
    pub(crate) fn relay(&self, id: &str) {
        let records = vec![StreamRecord::new(&keys::payment_event(id), "1")];
        let response = self.block_on(relay::work(self.env.as_ref(), &StreamBatch { records }));
        assert_eq!(response.failures, []);
    }

    pub(crate) fn sweep(&self) {
        let report = self.block_on(app::sweep::sweep(self.env.as_ref())).unwrap();
        assert_eq!(report.failed, 0);
    }

    pub(crate) fn kept(&self, id: &str) -> Option<Item> {
        self.block_on(self.env.store().get(&keys::payment_event(id))).unwrap()
    }

    pub(crate) fn status(&self, id: &str) -> String {
        self.kept(id).unwrap().status.unwrap()
    }

    pub(crate) fn failed(&self) -> Vec<Listed> {
        self.block_on(payment_events::failed(self.env.as_ref(), None)).unwrap().items
    }

    pub(crate) fn payments(&self) -> Vec<Payment> {
        let loaded = self.block_on(account::load(self.env.as_ref(), &ferre())).unwrap();
        let account = loaded.head.unwrap().doc.account;
        account.payments.into_iter().map(|received| received.payment).collect()
    }

    pub(crate) fn reversals(&self) -> usize {
        let loaded = self.block_on(account::load(self.env.as_ref(), &ferre())).unwrap();
        loaded.head.unwrap().doc.account.reversals.len()
    }
}

/// What a sender writes into the header.
pub(crate) fn header(key: &[u8], at: Instant, body: impl AsRef<[u8]>) -> String {
    let seconds = at.millis() / 1_000;
    format!("t={seconds},v1={}", signature(key, seconds, body))
}

pub(crate) fn signature(key: &[u8], seconds: i64, body: impl AsRef<[u8]>) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body.as_ref());
    app::auth::hex(&mac.finalize().into_bytes())
}
