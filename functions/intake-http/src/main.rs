//! The Lambda entry point of `intake-http`.

use std::sync::Arc;

use aws::production::Production;
use aws::s3::S3Blobs;
use aws::ssm::SsmSecrets;
use lambda_http::{Error, Service as _, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env: Production<S3Blobs, SsmSecrets> = Production::start()?;
    env.connect().await;
    let router = intake_http::router(Arc::new(env));
    lambda_http::run(service_fn(|request| {
        router.clone().call(intake_http::gateway::received(request))
    }))
    .await
}
