//! The Lambda entry point of `desk`.

use std::sync::Arc;

use aws::production::Production;
use lambda_http::{Error, Service as _, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env: Production = Production::start()?;
    env.connect().await;
    let router = desk::router(Arc::new(env));
    lambda_http::run(service_fn(|request| router.clone().call(desk::gateway::received(request))))
        .await
}
