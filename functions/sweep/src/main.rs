//! The Lambda entry point of `sweep`.

use aws::production::Production;
use aws::s3::S3Blobs;
use aws::ses::SesMailer;
use aws::ssm::SsmSecrets;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env: &'static Production<S3Blobs, SsmSecrets, SesMailer> =
        Box::leak(Box::new(Production::start()?));
    lambda_runtime::run(service_fn(|_: LambdaEvent<serde::de::IgnoredAny>| async move {
        sweep::handle(env).await.map(|_| ()).map_err(Error::from)
    }))
    .await
}
