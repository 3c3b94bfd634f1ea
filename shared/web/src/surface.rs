//! What every answer carries, whoever made it.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use crate::problem::as_problem;

/// Nothing is cached, sniffed, framed or run; the first request over TLS stays the last without.
const HEADERS: [(HeaderName, &str); 6] = [
    (CACHE_CONTROL, "no-store"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (REFERRER_POLICY, "no-referrer"),
    (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// Gives a router its surface: security headers, and problems where the router itself refuses. The
/// router keeps no fallback of its own, so that two of them can be merged.
pub fn surface(router: Router) -> Router {
    router.layer(from_fn(finish))
}

async fn finish(request: Request, next: Next) -> Response {
    let mut response = as_problem(next.run(request).await);
    for (name, value) in HEADERS {
        // A page says itself what it may load: its own style and nothing else.
        let is_policy = name == CONTENT_SECURITY_POLICY;
        if !(is_policy && response.headers().contains_key(&name)) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    response
}
