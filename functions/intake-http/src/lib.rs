//! A client opens, follows and answers tickets over HTTP.
//!
//! Every path under `/tickets` takes the token of a SPoC and shows the tickets of his own client and
//! of no other: the tenant comes from the credential alone, and a foreign, an unknown and a malformed
//! reference are answered with the same 404. The token of a member of the desk is answered with 403:
//! it is good, but not for here. Internal notes never pass through this crate's views.
//!
//! Action links under `/a` are pages for people (`links.rs`): there the link is the credential.
//!
//! > *1. SPoC: Contacto(s) autorizado(s) del cliente para solicitar soporte.*

pub mod account;
mod acts;
pub mod bodies;
mod files;
pub mod gateway;
mod links;
pub mod messages;
mod open;
mod read;
pub mod views;

use std::sync::Arc;

use app::ports::Env;
use axum::Router;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderValue};
use utoipa::openapi::OpenApi;
use web::{Docs, Routes, Silent, surface};

/// The description of the whole API, as it is kept in `docs`.
const OPENAPI: &str = include_str!("../../../docs/openapi.json");

/// The routes of a client's SPoCs, and the description of the API.
pub fn router<E: Env>(env: Arc<E>) -> Router {
    let (router, Silent) = routes::<E, _>(Silent).finish();
    surface(router.with_state(env))
}

/// What the routes say of themselves, added to `docs`.
#[must_use]
pub fn describe<E: Env>(docs: OpenApi) -> OpenApi {
    routes::<E, _>(docs).finish().1
}

fn routes<E: Env, D: Docs>(docs: D) -> Routes<Arc<E>, D> {
    Routes::new(docs)
        .route(open::__path_open, open::open::<E>)
        .route(read::__path_list, read::list::<E>)
        .route(read::__path_show, read::show::<E>)
        .route(read::__path_why, read::why::<E>)
        .route(acts::__path_write, acts::write::<E>)
        .route(acts::__path_same_day, acts::same_day::<E>)
        .route(acts::__path_emergency_cost, acts::emergency_cost::<E>)
        .route(acts::__path_critical, acts::critical::<E>)
        .route(acts::__path_confirm, acts::confirm::<E>)
        .route(acts::__path_withdraw, acts::withdraw::<E>)
        .route(files::__path_upload, files::upload::<E>)
        .route(files::__path_download, files::download::<E>)
        .route(account::__path_show, account::show::<E>)
        .route(account::__path_preview, account::preview::<E>)
        .route(account::__path_cancel, account::cancel::<E>)
        .route(account::__path_decline_renewal, account::decline_renewal::<E>)
        .route(links::__path_show, links::show::<E>)
        .route(links::__path_act, links::act::<E>)
        .route(__path_openapi, openapi)
}

/// This description.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "openapi",
    tag = "API",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1.", content_type = "application/json")),
)]
async fn openapi() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, json)], OPENAPI).into_response()
}
