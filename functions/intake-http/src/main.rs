//! The Lambda entry point of `intake-http`.

use std::sync::Arc;

use aws::production::Production;
use lambda_http::{Error, Service as _, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env: Production = Production::start()?;
    env.connect().await;
    let router = intake_http::router(Arc::new(env));
    lambda_http::run(service_fn(|request| {
        router.clone().call(intake_http::gateway::received(request))
    }))
    .await
}
