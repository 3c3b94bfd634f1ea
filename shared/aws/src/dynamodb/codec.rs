//! Items as attribute values. No other file of the workspace knows them.
//!
//! | attribute | type | what |
//! |---|---|---|
//! | `pk`, `sk` | S | key |
//! | `rev` | N | revision |
//! | `st` | S | status, where there is one |
//! | `due_shard`, `due_at` | S, N | index `due`: `DUE#0` to `DUE#7`, milliseconds |
//! | `list_pk`, `list_sk` | S | index `list` |
//! | `work_pk`, `work_sk` | S | index `work` |
//! | `ttl` | N | expiry in seconds, rounded up |
//! | `schema` | N | schema number of the document |
//! | `doc` | S | the document, JSON |

use std::collections::HashMap;

use app::item::{Due, Item, Key, ListEntry};
use app::ports::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Instant;

/// What the SDK calls an item. Its order is never looked at.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// A text.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A whole number.
pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The partition of one shard of the index `due`.
pub(super) fn due_partition(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// The key's two attributes.
pub(super) fn key_attributes(key: &Key) -> Attributes {
    HashMap::from([("pk".to_owned(), text(&key.pk)), ("sk".to_owned(), text(&key.sk))])
}

/// The whole item.
pub(super) fn item_attributes(item: &Item) -> Attributes {
    let mut attributes = key_attributes(&item.key);
    let mut set = |name: &str, value| attributes.insert(name.to_owned(), value);
    set("rev", number(item.rev));
    set("schema", number(item.schema));
    set("doc", text(&item.doc));
    if let Some(status) = &item.status {
        set("st", text(status));
    }
    if let Some(due) = &item.due {
        set("due_shard", text(due_partition(due.shard)));
        set("due_at", number(due.at.millis()));
    }
    if let Some(list) = &item.list {
        set("list_pk", text(&list.pk));
        set("list_sk", text(&list.sk));
    }
    if let Some(work) = &item.work {
        set("work_pk", text(&work.pk));
        set("work_sk", text(&work.sk));
    }
    if let Some(at) = item.expires_at {
        let ms = at.millis();
        // Rounded up: nothing expires early.
        let seconds = ms.div_euclid(1000) + i64::from(ms.rem_euclid(1000) != 0);
        set("ttl", number(seconds));
    }
    attributes
}

/// Reads a whole item.
///
/// # Errors
/// [`StoreError::Fault`] when an attribute is missing or of another type.
pub(super) fn read_item(attributes: &Attributes) -> Result<Item, StoreError> {
    let due = match (attributes.get("due_shard"), attributes.get("due_at")) {
        (None, None) => None,
        (Some(_), _) | (_, Some(_)) => {
            let partition = read_text(attributes, "due_shard")?;
            let shard = partition
                .strip_prefix("DUE#")
                .and_then(|shard| shard.parse().ok())
                .ok_or_else(|| wrong("due_shard"))?;
            Some(Due { shard, at: Instant::from_millis(read_number(attributes, "due_at")?) })
        }
    };
    let expires_at = match attributes.get("ttl") {
        None => None,
        Some(_) => {
            let seconds: i64 = read_number(attributes, "ttl")?;
            Some(Instant::from_millis(seconds.saturating_mul(1000)))
        }
    };
    Ok(Item {
        key: read_key(attributes)?,
        rev: read_number(attributes, "rev")?,
        status: match attributes.get("st") {
            None => None,
            Some(_) => Some(read_text(attributes, "st")?.to_owned()),
        },
        due,
        list: read_entry(attributes, "list_pk", "list_sk")?,
        work: read_entry(attributes, "work_pk", "work_sk")?,
        expires_at,
        schema: read_number(attributes, "schema")?,
        doc: read_text(attributes, "doc")?.to_owned(),
    })
}

/// Reads an entry of an index, if there is one.
fn read_entry(
    attributes: &Attributes,
    partition: &str,
    sort: &str,
) -> Result<Option<ListEntry>, StoreError> {
    if attributes.get(partition).is_none() && attributes.get(sort).is_none() {
        return Ok(None);
    }
    let (pk, sk) = (read_text(attributes, partition)?, read_text(attributes, sort)?);
    Ok(Some(ListEntry { pk: pk.to_owned(), sk: sk.to_owned() }))
}

/// Reads the key's two attributes.
pub(super) fn read_key(attributes: &Attributes) -> Result<Key, StoreError> {
    Ok(Key::new(read_text(attributes, "pk")?, read_text(attributes, "sk")?))
}

/// Reads a text.
pub(super) fn read_text<'a>(attributes: &'a Attributes, name: &str) -> Result<&'a str, StoreError> {
    match attributes.get(name) {
        Some(AttributeValue::S(value)) => Ok(value),
        Some(_) | None => Err(wrong(name)),
    }
}

/// Reads a whole number.
pub(super) fn read_number<N: std::str::FromStr>(
    attributes: &Attributes,
    name: &str,
) -> Result<N, StoreError> {
    match attributes.get(name) {
        Some(AttributeValue::N(value)) => value.parse().map_err(|_| wrong(name)),
        Some(_) | None => Err(wrong(name)),
    }
}

fn wrong(name: &str) -> StoreError {
    StoreError::Fault(format!("the attribute {name} is missing or not of its type"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Item {
        Item {
            key: Key::new("T#ACME-7K2QX9RD-E", "HEAD"),
            rev: 7,
            status: Some("pending".to_owned()),
            due: Some(Due { shard: 3, at: Instant::from_millis(1_795_000_000_123) }),
            list: Some(ListEntry { pk: "C#ACME#OPEN".to_owned(), sk: "2026".to_owned() }),
            work: Some(ListEntry { pk: "DESK#OPEN".to_owned(), sk: "2027".to_owned() }),
            expires_at: Some(Instant::from_millis(1_795_000_001_000)),
            schema: 1,
            doc: "{\"ñ\":1}".to_owned(),
        }
    }

    #[test]
    fn an_item_is_read_as_it_was_written() {
        let bare = Item {
            status: None,
            due: None,
            list: None,
            work: None,
            expires_at: None,
            rev: u64::MAX,
            ..full()
        };
        for item in [full(), bare] {
            assert_eq!(read_item(&item_attributes(&item)), Ok(item));
        }
    }

    #[test]
    fn expiry_is_rounded_up_to_a_whole_second() {
        let item = Item { expires_at: Some(Instant::from_millis(1_001)), ..full() };
        let read = read_item(&item_attributes(&item)).map(|item| item.expires_at);
        assert_eq!(read, Ok(Some(Instant::from_millis(2_000))));
    }

    #[test]
    fn half_an_index_entry_is_a_fault() {
        let index = ["due_shard", "due_at", "list_pk", "list_sk", "work_pk", "work_sk"];
        for half in index.into_iter().chain(["rev", "doc", "schema", "pk"]) {
            let mut attributes = item_attributes(&full());
            attributes.remove(half);
            assert!(
                matches!(read_item(&attributes), Err(StoreError::Fault(text)) if text.contains(half)),
                "{half}"
            );
        }
    }
}
