//! A function as one begins with: three clients of the SDK, one item read. `tests/bench/run` measures it
//! beside ours.

use aws_sdk_dynamodb::types::AttributeValue;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_from_env().await;
    let table = aws_sdk_dynamodb::Client::new(&config);
    let mail = aws_sdk_sesv2::Client::new(&config);
    let schedules = aws_sdk_scheduler::Client::new(&config);
    let clients = &(table, mail, schedules);
    lambda_runtime::run(service_fn(|_: LambdaEvent<Value>| async move {
        let (table, mail, schedules) = clients;
        let key = |name: &str| AttributeValue::S(name.to_owned());
        let item = table.get_item().table_name("bench");
        let found = item.key("pk", key("none")).key("sk", key("none")).send().await?;
        if found.item.is_some() {
            // Never: the stand-in knows nothing. It keeps the other two clients linked.
            mail.get_account().send().await?;
            schedules.list_schedules().send().await?;
        }
        Ok::<_, Error>(())
    }))
    .await
}
