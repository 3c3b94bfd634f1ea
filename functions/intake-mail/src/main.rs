//! The Lambda entry point of `intake-mail`.

use aws::production::Production;
use aws::s3::S3Blobs;
use aws::ssm::SsmSecrets;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env: &'static Production<S3Blobs, SsmSecrets> = Box::leak(Box::new(Production::start()?));
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        intake_mail::handle(env, &event.payload).await.map_err(Error::from)
    }))
    .await
}
