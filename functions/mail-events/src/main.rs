//! The Lambda entry point of `mail-events`.

use aws::production::Production;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use mail_events::Event;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env: &'static Production = Box::leak(Box::new(Production::start()?));
    lambda_runtime::run(service_fn(|event: LambdaEvent<Event>| async move {
        mail_events::handle(env, &event.payload).await.map_err(Error::from)
    }))
    .await
}
