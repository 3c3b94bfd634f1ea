//! HTTP: the routers of the functions as they are deployed, and beside them what only this machine
//! has, under `/local`.

use std::sync::Arc;

use app::ports::Clock as _;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use web::ReceivedAt;

use super::control;
use super::world::World;

/// Everything that is served.
pub(crate) fn router(world: &Arc<World>) -> Router {
    let env = &world.env;
    Router::new()
        .merge(intake_http::router(Arc::clone(env)))
        .merge(desk::router(Arc::clone(env)))
        .layer(middleware::from_fn_with_state(Arc::clone(world), received))
        .merge(control::router(Arc::clone(world)))
}

/// The receipt of a request is when this process took it (G2). What it left behind is worked at once.
async fn received(State(world): State<Arc<World>>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(ReceivedAt(world.env.clock.now()));
    let response = next.run(request).await;
    world.poke.notify_one();
    response
}
