//! Documents: stored structs to JSON and back, across releases.
//!
//! A release reads documents of one schema less and one more than the one it writes. Fields that it
//! does not know are kept when the item is rewritten. A document that it cannot read at all, because a
//! newer release wrote a kind that it has never heard of, is left alone and tried again later.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Failure;
use crate::item::{Item, Key};

/// Schema that this release writes unless the deployment says otherwise.
pub const SCHEMA: u16 = 1;

/// A stored struct together with the item that it came from.
#[derive(Debug, Clone)]
pub struct Stored<T> {
    /// The document.
    pub doc: T,
    /// Revision of the item; 0 when there is none yet.
    pub rev: u64,
    /// Status column of the item.
    pub status: Option<String>,
    /// The document as it was read.
    read: Option<String>,
}

/// A stored struct. What it does not write of what it has read was unknown to it.
pub trait Document: Serialize + DeserializeOwned {
    /// Objects inside the document (dotted paths) whose unknown fields are kept as well. Only structs:
    /// the content of an enum is replaced as a whole.
    const STRUCTS: &'static [&'static str] = &[];
}

impl<T: Document> Stored<T> {
    /// A document that is not stored yet.
    pub const fn new(doc: T) -> Self {
        Self { doc, rev: 0, status: None, read: None }
    }

    /// Reads an item.
    ///
    /// # Errors
    /// [`Failure::Retryable`] when another release wrote it in a way that this one cannot read.
    pub fn read(item: &Item) -> Result<Self, Failure> {
        let unreadable = |what: &str| {
            Failure::Retryable(format!(
                "{}/{} has schema {}: {what}",
                item.key.pk, item.key.sk, item.schema
            ))
        };
        if item.schema > SCHEMA + 1 {
            return Err(unreadable("too new for this release"));
        }
        let doc = serde_json::from_str(&item.doc).map_err(|e| unreadable(&e.to_string()))?;
        let (status, read) = (item.status.clone(), Some(item.doc.clone()));
        Ok(Self { doc, rev: item.rev, status, read })
    }

    /// The item that stores the document next: its revision grows by one, and fields that this
    /// release does not know stay.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the document cannot be written as JSON.
    pub fn item(&self, key: Key, schema: u16) -> Result<Item, Failure> {
        let fault = |e: serde_json::Error| Failure::Fault(e.to_string());
        let mut value = serde_json::to_value(&self.doc).map_err(fault)?;
        let old = self.read.as_deref().map(serde_json::from_str::<Value>).transpose();
        if let (Some(read), Some(old)) = (&self.read, old.map_err(fault)?)
            && has_more(&old, &value, T::STRUCTS)
        {
            let unknown = unknown::<T>(read, old).map_err(fault)?;
            keep_unknown(&unknown, &mut value);
            for path in T::STRUCTS {
                let pointer = format!("/{}", path.replace('.', "/"));
                let old = unknown.pointer(&pointer);
                if let (Some(old), Some(new)) = (old, value.pointer_mut(&pointer)) {
                    keep_unknown(old, new);
                }
            }
        }
        Ok(Item {
            key,
            rev: self.rev + 1,
            status: None,
            due: None,
            list: None,
            work: None,
            expires_at: None,
            schema,
            doc: value.to_string(),
        })
    }
}

/// Whether `old` has a field that `new` has not, in itself or in one of its structs. Mostly it has none,
/// and then nothing of it can be unknown.
fn has_more(old: &Value, new: &Value, structs: &[&str]) -> bool {
    let more = |old: &Value, new: &Value| match (old, new) {
        (Value::Object(old), Value::Object(new)) => old.keys().any(|name| !new.contains_key(name)),
        _ => false,
    };
    let inside = |path: &&str| {
        let pointer = format!("/{}", path.replace('.', "/"));
        let both = old.pointer(&pointer).zip(new.pointer(&pointer));
        both.is_some_and(|(old, new)| more(old, new))
    };
    more(old, new) || structs.iter().any(inside)
}

/// What this release does not know of a document, which is `old`. Most documents are read and never written
/// again, so that it is looked for only then.
fn unknown<T: Document>(read: &str, mut old: Value) -> Result<Value, serde_json::Error> {
    // What this release writes of what it has read is what it knows. A field that it knows and leaves
    // out later, because it has become empty, must not come back.
    let known = serde_json::to_value(serde_json::from_str::<T>(read)?)?;
    if known == old {
        return Ok(Value::Null);
    }
    forget_known(&mut old, &known, "", T::STRUCTS);
    for path in T::STRUCTS {
        let pointer = format!("/{}", path.replace('.', "/"));
        if let (Some(old), Some(known)) = (old.pointer_mut(&pointer), known.pointer(&pointer)) {
            forget_known(old, known, path, T::STRUCTS);
        }
    }
    Ok(old)
}

/// Takes the fields that are `known` out of `old`, the object at `path`, except for the structs whose
/// own fields are looked at one by one.
fn forget_known(old: &mut Value, known: &Value, path: &str, structs: &[&str]) {
    if let (Value::Object(old), Value::Object(known)) = (old, known) {
        let is_struct = |name: &str| {
            structs.iter().any(|it| match it.strip_suffix(name) {
                Some("") => path.is_empty(),
                Some(above) => above.strip_suffix('.') == Some(path),
                None => false,
            })
        };
        old.retain(|name, _| is_struct(name) || !known.contains_key(name));
    }
}

/// Copies the fields that `old` has and `new` has not.
fn keep_unknown(old: &Value, new: &mut Value) {
    if let (Value::Object(old), Value::Object(new)) = (old, new) {
        for (name, value) in old {
            if !new.contains_key(name) {
                new.insert(name.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Outer {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
        inner: Inner,
    }

    #[derive(Serialize, Deserialize)]
    struct Inner {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        open: Vec<u8>,
    }

    impl Document for Outer {
        const STRUCTS: &'static [&'static str] = &["inner"];
    }

    #[test]
    fn what_is_unknown_stays_and_what_was_emptied_does_not_come_back() {
        let doc = r#"{"owner":"ana","newer":1,"inner":{"open":[1],"newest":{"a":2}}}"#;
        let item = Item {
            key: Key::new("T#1", "HEAD"),
            rev: 1,
            status: None,
            due: None,
            list: None,
            work: None,
            expires_at: None,
            schema: SCHEMA,
            doc: doc.to_owned(),
        };
        let mut stored = Stored::<Outer>::read(&item).unwrap();
        stored.doc.owner = None;
        stored.doc.inner.open.clear();
        let written = stored.item(item.key, SCHEMA).unwrap();
        let written: Value = serde_json::from_str(&written.doc).unwrap();
        assert_eq!(written, serde_json::json!({"newer": 1, "inner": {"newest": {"a": 2}}}));
    }
}
