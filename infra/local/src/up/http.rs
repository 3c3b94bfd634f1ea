//! HTTP: the routers of the functions as they are deployed, and beside them what only this machine
//! has, under `/local`.

use std::sync::Arc;

use app::ports::Clock as _;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use web::ReceivedAt;

use domain::TimeDelta;

use super::control;
use super::world::World;

/// What passes after an act where time stands still.
const ACT: TimeDelta = TimeDelta::milliseconds(1);

/// Everything that is served.
pub(crate) fn router(world: &Arc<World>) -> Router {
    let env = &world.env;
    Router::new()
        .merge(intake_http::router(Arc::clone(env)))
        .merge(desk::router(Arc::clone(env)))
        .layer(middleware::from_fn_with_state(Arc::clone(world), received))
        .merge(control::router(Arc::clone(world)))
        .fallback(control::not_found)
}

/// The receipt of a request is when this process took it (G2). What it left behind is worked at once.
///
/// Where time stands still, an act waits until what the acts before it caused is done, and a
/// millisecond passes after it: no two acts fall on the same instant, and an answer that is given after
/// a message was sent is received after it, as it is wherever time passes.
async fn received(State(world): State<Arc<World>>, mut request: Request, next: Next) -> Response {
    let is_act = !request.method().is_safe();
    let now = if is_act && world.env.clock.is_frozen() {
        let mut turn = world.turn().await;
        let quiet = world.work(&mut turn).await;
        let now = world.env.clock.now();
        if let Err(error) = quiet.and_then(|_| world.env.clock.move_to(now + ACT)) {
            tracing::error!(%error, "an act goes on before what was caused is done");
        }
        now
    } else {
        world.env.clock.now()
    };
    request.extensions_mut().insert(ReceivedAt(now));
    let response = next.run(request).await;
    world.poke.notify_one();
    response
}
