//! The Lambda entry point of `payment-due`.

use aws::production::Production;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env: &'static Production = Box::leak(Box::new(Production::start()?));
    lambda_runtime::run(service_fn(|_: LambdaEvent<serde::de::IgnoredAny>| async move {
        payment_due::handle(env).await.map(|_| ()).map_err(Error::from)
    }))
    .await
}
