//! What holds state: the table and the bucket.

use serde_json::{Value, json};
use tests_tidy::Fault;

use crate::functions;
use crate::template::Template;

/// The table and the bucket survive the stack, are encrypted, and can be had back; logs end.
#[must_use]
pub fn check(template: &Template) -> Vec<Fault> {
    let mut faults = functions::check_retention(template);
    for kind in ["AWS::DynamoDB::Table", "AWS::S3::Bucket"] {
        for resource in template.of(kind) {
            for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
                if resource.all[policy] != "Retain" {
                    let what = format!("{policy} does not keep it");
                    faults.push(template.fault(resource.id, what, "Make it Retain"));
                }
            }
        }
    }
    for table in template.of("AWS::DynamoDB::Table") {
        faults.extend(template.differing(table, &table_wanted()));
    }
    for bucket in template.of("AWS::S3::Bucket") {
        faults.extend(template.differing(bucket, &bucket_wanted()));
        faults.extend(template.missing(bucket, &["BucketEncryption", "LifecycleConfiguration"]));
    }
    faults
}

/// As the adapter creates it for local servers and tests.
fn table_wanted() -> Vec<(&'static str, Value)> {
    let key = |partition: &str, sort: &str| {
        json!([
            { "AttributeName": partition, "KeyType": "HASH" },
            { "AttributeName": sort, "KeyType": "RANGE" },
        ])
    };
    let index = |name: &str, partition: &str, sort: &str| {
        let keys_only = json!({ "ProjectionType": "KEYS_ONLY" });
        json!({ "IndexName": name, "KeySchema": key(partition, sort), "Projection": keys_only })
    };
    let indexes = [
        index("due", "due_shard", "due_at"),
        index("list", "list_pk", "list_sk"),
        index("work", "work_pk", "work_sk"),
    ];
    vec![
        ("BillingMode", json!("PAY_PER_REQUEST")),
        ("DeletionProtectionEnabled", json!(true)),
        ("PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled", json!(true)),
        ("SSESpecification/SSEEnabled", json!(true)),
        ("StreamSpecification/StreamViewType", json!("KEYS_ONLY")),
        ("TimeToLiveSpecification", json!({ "AttributeName": "ttl", "Enabled": true })),
        ("KeySchema", key("pk", "sk")),
        ("GlobalSecondaryIndexes", json!(indexes)),
    ]
}

fn bucket_wanted() -> Vec<(&'static str, Value)> {
    vec![
        ("PublicAccessBlockConfiguration/BlockPublicAcls", json!(true)),
        ("PublicAccessBlockConfiguration/BlockPublicPolicy", json!(true)),
        ("PublicAccessBlockConfiguration/IgnorePublicAcls", json!(true)),
        ("PublicAccessBlockConfiguration/RestrictPublicBuckets", json!(true)),
        ("OwnershipControls/Rules/0/ObjectOwnership", json!("BucketOwnerEnforced")),
        ("VersioningConfiguration/Status", json!("Enabled")),
    ]
}
