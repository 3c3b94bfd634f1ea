//! What scripts say of banks: a statement that the desk applies, and what a bank tells by itself.

use std::sync::Arc;

use app::auth::hex;
use app::ports::{KeyPurpose, Secrets as _, Store};
use axum::body::{Body, to_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Request;
use serde_json::{Value, json};
use sha2::Sha256;
use tower::ServiceExt as _;
use web::ReceivedAt;

use crate::accounts::centavos;
use crate::play::Play;
use crate::trial::Work;
use crate::world::Heard;

/// The longest answer.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// What a bank tells by itself: "el banco avisa (s1) el pago SPEI-1 por 11,600.00 de TALLER con fecha valor
/// 2027-02-03", or "que devolvió el pago SPEI-1 de TALLER".
///
/// # Errors
/// What is missing.
pub fn told(phrase: &str) -> Result<Value, String> {
    let named = phrase.strip_prefix('(').and_then(|rest| rest.split_once(") "));
    let (id, phrase) = named.ok_or("falta el suceso, entre paréntesis")?;
    if let Some(payment) = phrase.strip_prefix("el pago ") {
        let (reference, rest) = payment.split_once(" por ").ok_or("falta por cuánto")?;
        let (amount, rest) = rest.split_once(" de ").ok_or("falta de quién")?;
        let (client, day) = rest.split_once(" con fecha valor ").ok_or("falta la fecha valor")?;
        return Ok(json!({
            "id": id, "kind": "payment", "client": client, "reference": reference,
            "amount": centavos(amount)?, "value_date": day,
        }));
    }
    let payment = phrase.strip_prefix("que devolvió el pago ").ok_or("un banco no avisa eso")?;
    let (reference, client) = payment.split_once(" de ").ok_or("falta de quién")?;
    Ok(json!({ "id": id, "kind": "reversal", "client": client, "reference": reference }))
}

impl<S: Store + Clone + 'static> Play<S> {
    /// A bank tells something, signed as it should be.
    pub(crate) async fn bank_tells(&mut self, event: &Value) {
        let (body, now) = (event.to_string(), self.world.now());
        let keys = self.world.env.secrets.keys(KeyPurpose::PaymentWebhook).await;
        let seconds = now.millis() / 1_000;
        let key = &keys.expect("there are keys")[0];
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.bytes).expect("any length serves");
        mac.update(format!("{seconds}.{body}").as_bytes());
        let signature = hex(&mac.finalize().into_bytes());
        let work = |env: Arc<Heard<S>>| -> Work<'_, _> {
            let request = Request::builder()
                .method("POST")
                .uri("/webhooks/payments")
                .header("x-signature", format!("t={seconds},v1={signature}"))
                .extension(ReceivedAt(now))
                .body(Body::from(body.clone()));
            let request = request.expect("it is well formed");
            Box::pin(payment_webhook::router(env).oneshot(request))
        };
        let Ok(answer) = self.world.run("payment-webhook", work).await;
        self.transcript.line(format!("    → {}", answer.status().as_u16()));
        self.mails_changed().await;
    }

    /// Somebody of the desk applies a statement: its lines, parted by slashes.
    pub(crate) async fn statement(&mut self, name: &str, lines: &str) {
        let mapping = json!({
            "encoding": "utf-8", "delimiter": ";", "header": true, "date": "Fecha",
            "date_format": "%Y-%m-%d", "reference": "Referencia", "concept": "Concepto",
            "amount": "Abono", "decimal": "point",
        });
        self.desk(name, "/desk/banks/banco", &mapping).await;
        let file = format!("Fecha;Referencia;Concepto;Abono\n{}\n", lines.replace(" / ", "\n"));
        let file = STANDARD.encode(file);
        let told = self.desk(name, "/desk/banks/banco/apply", &json!({ "file": file })).await;
        for line in told["lines"].as_array().into_iter().flatten() {
            let text = line["text"].as_str().unwrap_or_default();
            self.transcript.line(format!("    línea {}: {text}", line["line"]));
        }
        self.mails_changed().await;
    }

    async fn desk(&self, name: &str, path: &str, body: &Value) -> Value {
        let token = self.world.tokens.get(name).cloned().unwrap_or_default();
        let now = self.world.now();
        let work = |env: Arc<Heard<S>>| -> Work<'_, _> {
            let request = Request::builder()
                .method("POST")
                .uri(path)
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/json")
                .extension(ReceivedAt(now))
                .body(Body::from(body.to_string()));
            let request = request.expect("it is well formed");
            Box::pin(desk::router(env).oneshot(request))
        };
        let Ok(answer) = self.world.run("desk", work).await;
        let bytes = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await;
        serde_json::from_slice(&bytes.expect("the body is in memory")).expect("it is JSON")
    }
}
