//! The Lambda entry point of `desk`.

use std::sync::Arc;

use aws::production::Production;
use lambda_http::request::RequestContext;
use lambda_http::{Error, Request, Service as _, service_fn};
use web::ReceivedAt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env: Production = Production::start()?;
    let router = desk::router(Arc::new(env));
    lambda_http::run(service_fn(move |mut request: Request| {
        // The receipt is the gateway's, whenever this function happens to run (G2).
        if let Some(RequestContext::ApiGatewayV2(context)) = request.extensions().get() {
            let at = domain::Instant::from_millis(context.time_epoch);
            request.extensions_mut().insert(ReceivedAt(at));
        }
        router.clone().call(request)
    }))
    .await
}
