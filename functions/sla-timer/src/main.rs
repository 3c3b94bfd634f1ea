//! The Lambda entry point of `sla-timer`.

use app::timers::TimerEvent;
use aws::production::Production;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env: &'static Production = Box::leak(Box::new(Production::start()?));
    lambda_runtime::run(service_fn(|event: LambdaEvent<TimerEvent>| async move {
        sla_timer::handle(env, &event.payload).await.map_err(Error::from)
    }))
    .await
}
