//! What of a request only the gateway knows (A7).

use domain::Instant;
use lambda_http::Request;
use lambda_http::request::RequestContext;
use web::ReceivedAt;

/// A request of API Gateway's HTTP API (payload 2.0) with its receipt, which is the gateway's whenever
/// the function happens to run (G2). One that does not say it gets none, and is answered with 500.
#[must_use]
pub fn received(mut request: Request) -> Request {
    let context = request.extensions().get::<RequestContext>();
    let at = context.and_then(|context| match context {
        RequestContext::ApiGatewayV2(context) => Some(context.time_epoch),
        _ => None,
    });
    if let Some(at) = at.filter(|at| *at > 0) {
        request.extensions_mut().insert(ReceivedAt(Instant::from_millis(at)));
    }
    request
}
