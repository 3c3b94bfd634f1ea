//! A commit as one request: `TransactWriteItems`, or a plain write where the commit has only one.

use app::commit::{Commit, CommitError, Condition, Write};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Config;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, ConsumedCapacity, Delete, Put,
    ReturnConsumedCapacity, TransactWriteItem,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::retry::RetryConfig;

use super::codec::{Attributes, item_attributes, key_attributes, number, text};
use crate::trouble::Trouble;

/// What the request consumed, as far as the service told.
pub(super) type Consumed = Vec<ConsumedCapacity>;

/// One condition as an expression and its values.
struct Expression {
    text: &'static str,
    values: Option<Attributes>,
}

impl Expression {
    fn of(condition: &Condition) -> Self {
        let with = |text, name: &str, value: AttributeValue| Self {
            text,
            values: Some(Attributes::from([(name.to_owned(), value)])),
        };
        match condition {
            Condition::Absent | Condition::GateRevIs(0) => {
                Self { text: "attribute_not_exists(pk)", values: None }
            }
            Condition::RevisionIs(rev) | Condition::GateRevIs(rev) => {
                with("rev = :rev", ":rev", number(rev))
            }
            Condition::StatusIs(status) => with("st = :st", ":st", text(status)),
        }
    }
}

/// Everything or nothing, in one transaction. The SDK repeats it with one token, so that an attempt
/// whose answer was lost and its repetition count as one.
pub(super) async fn transact(
    client: &Client,
    table: &str,
    commit: &Commit,
) -> Result<Consumed, CommitError> {
    let writes = commit
        .writes
        .iter()
        .map(|write| transact_item(table, write))
        .collect::<Result<Vec<_>, _>>()?;
    let answer = client
        .transact_write_items()
        .set_transact_items(Some(writes))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await;
    match answer {
        Ok(output) => Ok(output.consumed_capacity.unwrap_or_default()),
        Err(error) => Err(transaction_error(&error)),
    }
}

/// One put or delete without a transaction, for half the units.
///
/// A plain write has no token: were it repeated after an attempt whose answer was lost, it would
/// meet itself and report a conflict that never was. So the SDK makes one attempt, and the caller,
/// who knows what to look for, makes the next.
pub(super) async fn plain(
    client: &Client,
    table: &str,
    write: &Write,
) -> Result<Consumed, CommitError> {
    let expression = Expression::of(write.condition());
    let once = Config::builder().retry_config(RetryConfig::disabled());
    match write {
        Write::Put { item, .. } => client
            .put_item()
            .table_name(table)
            .set_item(Some(item_attributes(item)))
            .condition_expression(expression.text)
            .set_expression_attribute_values(expression.values)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .customize()
            .config_override(once)
            .send()
            .await
            .map(|output| output.consumed_capacity.into_iter().collect())
            .map_err(|error| commit_error(Trouble::of(&error))),
        Write::Delete { key, .. } => client
            .delete_item()
            .table_name(table)
            .set_key(Some(key_attributes(key)))
            .condition_expression(expression.text)
            .set_expression_attribute_values(expression.values)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .customize()
            .config_override(once)
            .send()
            .await
            .map(|output| output.consumed_capacity.into_iter().collect())
            .map_err(|error| commit_error(Trouble::of(&error))),
        Write::Check { .. } => {
            Err(CommitError::Fault("a check alone is no plain write".to_owned()))
        }
    }
}

fn transact_item(table: &str, write: &Write) -> Result<TransactWriteItem, CommitError> {
    let Expression { text, values } = Expression::of(write.condition());
    let item = TransactWriteItem::builder();
    let item = match write {
        Write::Put { item: put, .. } => item.put(
            Put::builder()
                .table_name(table)
                .set_item(Some(item_attributes(put)))
                .condition_expression(text)
                .set_expression_attribute_values(values)
                .build()
                .map_err(unbuilt)?,
        ),
        Write::Delete { key, .. } => item.delete(
            Delete::builder()
                .table_name(table)
                .set_key(Some(key_attributes(key)))
                .condition_expression(text)
                .set_expression_attribute_values(values)
                .build()
                .map_err(unbuilt)?,
        ),
        Write::Check { key, .. } => item.condition_check(
            ConditionCheck::builder()
                .table_name(table)
                .set_key(Some(key_attributes(key)))
                .condition_expression(text)
                .set_expression_attribute_values(values)
                .build()
                .map_err(unbuilt)?,
        ),
    };
    Ok(item.build())
}

fn unbuilt(error: aws_sdk_dynamodb::error::BuildError) -> CommitError {
    CommitError::Fault(error.to_string())
}

fn transaction_error(error: &SdkError<TransactWriteItemsError, HttpResponse>) -> CommitError {
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    {
        return cancelled_error(cancelled.cancellation_reasons(), cancelled.message());
    }
    commit_error(Trouble::of(error))
}

/// The reasons stand in the order of the writes. A condition that did not hold is told before
/// anything else: trying again as it stands cannot help.
fn cancelled_error(reasons: &[CancellationReason], message: Option<&str>) -> CommitError {
    let mut conflicts = Vec::new();
    let mut busy = false;
    let mut wrong = Vec::new();
    for (at, reason) in reasons.iter().enumerate() {
        match reason.code().unwrap_or("None") {
            "None" => {}
            "ConditionalCheckFailed" => conflicts.push(at),
            "TransactionConflict"
            | "ProvisionedThroughputExceeded"
            | "ThrottlingError"
            | "ReplicatedWriteConflict" => busy = true,
            code => {
                let message = reason.message().unwrap_or("no message");
                wrong.push(format!("write {at}: {code}: {message}"));
            }
        }
    }
    if !wrong.is_empty() {
        CommitError::Fault(wrong.join("; "))
    } else if !conflicts.is_empty() {
        CommitError::Conflict(conflicts)
    } else if busy {
        CommitError::Retryable("another transaction or a throttle".to_owned())
    } else {
        CommitError::Retryable(message.unwrap_or("cancelled without a reason").to_owned())
    }
}

/// How an error that is not a cancelled transaction is told.
fn commit_error(trouble: Trouble) -> CommitError {
    if trouble.is_busy() {
        return CommitError::Retryable(trouble.text());
    }
    match trouble {
        Trouble::Unsent(text) => CommitError::Fault(text),
        Trouble::NoAnswer(text) => CommitError::Unknown(text),
        Trouble::Answered { status, code, text, .. } => match code.as_str() {
            "ConditionalCheckFailedException" => CommitError::Conflict(vec![0]),
            "TransactionConflictException" | "TransactionInProgressException" => {
                CommitError::Retryable(text)
            }
            // An internal error may come after the write.
            _ if status >= 500 => CommitError::Unknown(text),
            _ => CommitError::Fault(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, code: &str) -> Trouble {
        Trouble::Answered {
            status,
            code: code.to_owned(),
            text: code.to_owned(),
            message: String::new(),
        }
    }

    #[test]
    fn every_kind_of_trouble_has_its_answer() {
        let text = |text: &str| text.to_owned();
        let rows = [
            (answered(400, "ConditionalCheckFailedException"), CommitError::Conflict(vec![0])),
            (
                answered(400, "TransactionConflictException"),
                CommitError::Retryable(text("TransactionConflictException")),
            ),
            (
                answered(400, "TransactionInProgressException"),
                CommitError::Retryable(text("TransactionInProgressException")),
            ),
            (
                answered(400, "ProvisionedThroughputExceededException"),
                CommitError::Retryable(text("ProvisionedThroughputExceededException")),
            ),
            (
                answered(400, "ThrottlingException"),
                CommitError::Retryable(text("ThrottlingException")),
            ),
            (answered(429, ""), CommitError::Retryable(text(""))),
            (
                answered(500, "InternalServerError"),
                CommitError::Unknown(text("InternalServerError")),
            ),
            (answered(503, ""), CommitError::Unknown(text(""))),
            (answered(400, "ValidationException"), CommitError::Fault(text("ValidationException"))),
            (
                answered(400, "AccessDeniedException"),
                CommitError::Fault(text("AccessDeniedException")),
            ),
            (Trouble::NoAnswer(text("gone")), CommitError::Unknown(text("gone"))),
            (Trouble::Unsent(text("bad")), CommitError::Fault(text("bad"))),
        ];
        for (trouble, expected) in rows {
            let shown = format!("{trouble:?}");
            assert_eq!(commit_error(trouble), expected, "{shown}");
        }
    }

    #[test]
    fn reasons_of_a_cancelled_transaction_are_told_by_their_weight() {
        let reasons = |codes: &[&str]| {
            codes
                .iter()
                .map(|code| CancellationReason::builder().code(*code).build())
                .collect::<Vec<_>>()
        };
        let of = |codes: &[&str]| cancelled_error(&reasons(codes), None);
        let failed = "ConditionalCheckFailed";
        assert_eq!(of(&[failed, "None", failed]), CommitError::Conflict(vec![0, 2]));
        assert_eq!(of(&["TransactionConflict", failed]), CommitError::Conflict(vec![1]));
        for code in ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"] {
            assert!(matches!(of(&["None", code]), CommitError::Retryable(_)), "{code}");
        }
        for code in ["ValidationError", "ItemCollectionSizeLimitExceeded", "SomethingNew"] {
            assert!(matches!(of(&[failed, code]), CommitError::Fault(_)), "{code}");
        }
        assert!(matches!(of(&[]), CommitError::Retryable(_)));
    }
}
