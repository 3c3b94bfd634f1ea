//! The doors of the copy: one request to the routers that are deployed, one answer.

use std::sync::Arc;

use app::auth::{self, Principal, StaffRecord};
use app::codec::Stored;
use app::commit::{Commit, Condition, Write};
use app::memory::MemoryEnv;
use app::ports::{Clock as _, Env as _, Store as _};
use app::{Failure, keys};
use axum::body::{self, Body};
use axum::http::{Method, Request, header};
use domain::{Role, StaffId};
use serde_json::Value;
use tower::ServiceExt as _;
use web::ReceivedAt;

/// Who looks at tickets and does what the desk is assumed to do, in the copy alone.
const MEMBER: &str = "simulacion";
/// Answers are at most so large, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// An answer.
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The body; null where it is no JSON.
    pub(super) body: Value,
}

impl Answer {
    /// Whether the request was carried out.
    pub(super) const fn is_done(&self) -> bool {
        self.status < 300
    }
}

/// Enters a member of the desk into the copy and issues his token.
///
/// # Errors
/// When he cannot be entered.
pub(super) async fn member(env: &MemoryEnv) -> Result<String, Failure> {
    let id = StaffId::parse(MEMBER).map_err(|error| Failure::Fault(error.to_string()))?;
    let name = "Simulación".to_owned();
    let record = StaffRecord { id: id.clone(), name, role: Role::Admin, active: true };
    let item = Stored::new(record).item(keys::staff(&id), env.settings().write_schema)?;
    let writes = vec![Write::Put { item, when: Condition::Absent }];
    env.store().commit(&Commit { writes }).await?;
    auth::issue(env, Principal::Staff { staff: id }).await
}

/// Makes a request at the copy's present instant.
///
/// # Errors
/// When the request or the answer cannot be read.
pub(super) async fn ask(
    env: &Arc<MemoryEnv>,
    (method, path): (Method, &str),
    token: &str,
    body: &Value,
) -> Result<Answer, Failure> {
    let fault = |error: String| Failure::Fault(format!("{path}: {error}"));
    let now = env.clock().now();
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .extension(ReceivedAt(now));
    let mut bytes = Vec::new();
    if !body.is_null() {
        let key = format!("{}-{path}", now.millis());
        request = request.header(header::CONTENT_TYPE, "application/json");
        request = request.header("idempotency-key", key.replace('/', "."));
        bytes = body.to_string().into_bytes();
    }
    let request = request.body(Body::from(bytes)).map_err(|error| fault(error.to_string()))?;
    let routers = intake_http::router(Arc::clone(env)).merge(desk::router(Arc::clone(env)));
    let Ok(answer) = routers.oneshot(request).await;
    let status = answer.status().as_u16();
    let bytes = body::to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await;
    let bytes = bytes.map_err(|error| fault(error.to_string()))?;
    Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or_default() })
}
