//! The Lambda entry point of `outbox-relay`.

use std::convert::Infallible;

use app::relay::StreamBatch;
use aws::production::Production;
use aws::s3::S3Blobs;
use aws::scheduler::EventBridgeSchedules;
use aws::ses::SesMailer;
use aws::ssm::SsmSecrets;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    type Relay = Production<S3Blobs, SsmSecrets, SesMailer, EventBridgeSchedules>;
    let env: &'static Relay = Box::leak(Box::new(Production::start()?));
    lambda_runtime::run(service_fn(|event: LambdaEvent<StreamBatch>| async move {
        Ok::<_, Infallible>(outbox_relay::handle(env, &event.payload).await)
    }))
    .await
}
