//! The table as local servers and tests create it. The deployed table is declared in the template,
//! with the same keys and indexes.

use app::ports::StoreError;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    TimeToLiveSpecification,
};

use super::read_error;
use crate::trouble::Trouble;

/// Creates the table `name` with its indexes, its stream and its expiry. One that exists is left
/// as it is.
///
/// # Errors
/// [`StoreError`] when the server does not answer or refuses.
pub(super) async fn create(client: &Client, name: &str) -> Result<(), StoreError> {
    let built = |error: BuildError| StoreError::Fault(error.to_string());
    let mut request = client.create_table().table_name(name);
    for (attribute, kind) in [
        ("pk", ScalarAttributeType::S),
        ("sk", ScalarAttributeType::S),
        ("due_shard", ScalarAttributeType::S),
        ("due_at", ScalarAttributeType::N),
        ("list_pk", ScalarAttributeType::S),
        ("list_sk", ScalarAttributeType::S),
        ("work_pk", ScalarAttributeType::S),
        ("work_sk", ScalarAttributeType::S),
    ] {
        let definition = AttributeDefinition::builder()
            .attribute_name(attribute)
            .attribute_type(kind)
            .build()
            .map_err(built)?;
        request = request.attribute_definitions(definition);
    }
    for (index, partition, sort) in [
        ("due", "due_shard", "due_at"),
        ("list", "list_pk", "list_sk"),
        ("work", "work_pk", "work_sk"),
    ] {
        let index = GlobalSecondaryIndex::builder()
            .index_name(index)
            .set_key_schema(Some(key_schema(partition, sort).map_err(built)?))
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()
            .map_err(built)?;
        request = request.global_secondary_indexes(index);
    }
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::KeysOnly)
        .build()
        .map_err(built)?;
    let created = request
        .set_key_schema(Some(key_schema("pk", "sk").map_err(built)?))
        .billing_mode(BillingMode::PayPerRequest)
        .stream_specification(stream)
        .send()
        .await;
    match created {
        Ok(_) => enable_expiry(client, name).await,
        Err(error) => {
            let trouble = Trouble::of(&error);
            let exists = trouble.code() == "ResourceInUseException";
            if exists { Ok(()) } else { Err(read_error(trouble)) }
        }
    }
}

async fn enable_expiry(client: &Client, name: &str) -> Result<(), StoreError> {
    let specification = TimeToLiveSpecification::builder()
        .attribute_name("ttl")
        .enabled(true)
        .build()
        .map_err(|error| StoreError::Fault(error.to_string()))?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(specification)
        .send()
        .await
        .map(|_| ())
        .map_err(|error| read_error(Trouble::of(&error)))
}

fn key_schema(partition: &str, sort: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element =
        |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    Ok(vec![element(partition, KeyType::Hash)?, element(sort, KeyType::Range)?])
}
