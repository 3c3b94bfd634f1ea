//! What an item weighs, by the service's own arithmetic, so that units counted here are those of
//! the bill.
//!
//! A name or a text weighs its bytes in UTF-8; a number weighs one byte for every two significant
//! digits and one more.

use crate::item::{Item, Key};

/// An item may weigh at most so many bytes.
pub const ITEM_BYTES_MAX: usize = 400 * 1024;

/// All items of one transaction together may weigh at most so many bytes.
pub const COMMIT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One page of a query reads at most so many bytes.
pub const PAGE_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of the whole item.
pub(super) fn item_bytes(item: &Item) -> usize {
    let mut bytes = key_bytes(&item.key);
    bytes += "rev".len() + number_bytes(item.rev);
    bytes += "schema".len() + number_bytes(u64::from(item.schema));
    bytes += "doc".len() + item.doc.len();
    if let Some(status) = &item.status {
        bytes += "st".len() + status.len();
    }
    if let Some(due) = &item.due {
        bytes += due_bytes(due.at.millis());
    }
    for entry in item.list.iter().chain(&item.work) {
        // The attributes of the two indexes have names of the same length.
        bytes += "list_pk".len() + entry.pk.len() + "list_sk".len() + entry.sk.len();
    }
    if let Some(at) = item.expires_at {
        bytes += "ttl".len() + number_bytes((at.millis() / 1000).unsigned_abs());
    }
    bytes
}

/// Bytes of the item's entry in the index `due`.
pub(super) fn due_entry_bytes(key: &Key, at_ms: i64) -> usize {
    key_bytes(key) + due_bytes(at_ms)
}

/// Bytes of an entry in the index `list` or `work`.
pub(super) fn list_entry_bytes(key: &Key, list_pk: &str, list_sk: &str) -> usize {
    key_bytes(key) + "list_pk".len() + list_pk.len() + "list_sk".len() + list_sk.len()
}

fn key_bytes(key: &Key) -> usize {
    "pk".len() + key.pk.len() + "sk".len() + key.sk.len()
}

fn due_bytes(at_ms: i64) -> usize {
    let sign = usize::from(at_ms < 0);
    "due_shard".len() + "DUE#0".len() + "due_at".len() + number_bytes(at_ms.unsigned_abs()) + sign
}

fn number_bytes(mut number: u64) -> usize {
    if number == 0 {
        return 1;
    }
    while number.is_multiple_of(10) {
        number /= 10;
    }
    let digits = number.ilog10() as usize + 1;
    digits.div_ceil(2) + 1
}

#[cfg(test)]
mod tests {
    use super::number_bytes;

    #[test]
    fn a_number_weighs_one_byte_for_two_significant_digits_and_one_more() {
        for (number, bytes) in [(0, 1), (7, 2), (10, 2), (12, 2), (123, 3), (1_000_000, 2)] {
            assert_eq!(number_bytes(number), bytes, "{number}");
        }
    }
}
