//! The Lambda entry point of `payment-webhook`.

use std::sync::Arc;

use aws::production::Production;
use lambda_http::{Error, Service as _, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env: Production = Production::start()?;
    let router = payment_webhook::router(Arc::new(env));
    lambda_http::run(service_fn(|request| {
        router.clone().call(payment_webhook::gateway::received(request))
    }))
    .await
}
