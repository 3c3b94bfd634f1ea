//! HTTP: the routers of the functions as they are deployed, and beside them what only this machine
//! has, under `/local`.

use std::sync::Arc;

use app::ports::Clock as _;
use axum::Router;
use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use web::{Problem, ReceivedAt};

use super::world::World;
use super::{blob_links, control};

/// The longest body that is taken from the wire, in bytes, as at the gateway in front of a deployment.
/// What is too long for a function is refused by the function, once it has arrived: a connection that
/// is dropped while somebody still sends would take the answer with it.
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Everything that is served.
pub(crate) fn router(world: &Arc<World>) -> Router {
    let env = &world.env;
    Router::new()
        .merge(intake_http::router(Arc::clone(env)))
        .merge(desk::router(Arc::clone(env)))
        .merge(payment_webhook::router(Arc::clone(env)))
        .layer(middleware::from_fn_with_state(Arc::clone(world), received))
        .layer(middleware::from_fn(arrived))
        .merge(control::router(Arc::clone(world)))
        .merge(blob_links::router(Arc::clone(world)))
        .fallback(control::not_found)
}

/// A request goes on once all of it is here, as through the gateway.
async fn arrived(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match body::to_bytes(body, BODY_BYTES_MAX).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        // Too long, or cut off; whoever is still there reads why, and sends nothing more on it.
        Err(_) => {
            let mut refused = Problem::too_large().into_response();
            refused.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            refused
        }
    }
}

/// The receipt of a request is when this process took it (G2). What it left behind is worked at once.
async fn received(State(world): State<Arc<World>>, mut request: Request, next: Next) -> Response {
    let is_act = !request.method().is_safe();
    let now = if is_act { world.receipt().await } else { world.env.clock.now() };
    request.extensions_mut().insert(ReceivedAt(now));
    let response = next.run(request).await;
    world.poke.notify_one();
    response
}
