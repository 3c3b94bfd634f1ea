//! The Lambda entry point of `payment-webhook`.

use std::sync::Arc;

use aws::denied::NoBlobs;
use aws::production::Production;
use aws::ssm::SsmSecrets;
use lambda_http::{Error, Service as _, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env: Production<NoBlobs, SsmSecrets> = Production::start()?;
    let router = payment_webhook::router(Arc::new(env));
    lambda_http::run(service_fn(|request| {
        router.clone().call(payment_webhook::gateway::received(request))
    }))
    .await
}
