//! JSON read strictly: a name that stands twice in an object is a fault, not the last one's victory.

use std::cell::RefCell;
use std::fmt;

use app::InputFault;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::fields::echo;
use crate::limits::FAULTS_MAX;
use crate::problem::Problem;

/// Reads a body. Names that stand twice are collected, with their places.
///
/// # Errors
/// The place at which the bytes stop being JSON.
pub(crate) fn read(bytes: &[u8]) -> Result<(Value, Vec<InputFault>), Problem> {
    let faults = RefCell::new(Vec::new());
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let seed = Strict { at: String::new(), faults: &faults };
    let value = seed.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match value {
        Ok(value) => Ok((value, faults.into_inner())),
        Err(error) => Err(Problem::malformed(error.line(), error.column())),
    }
}

/// The place of a field inside another one.
pub(crate) fn inside(at: &str, name: &str) -> String {
    let name = echo(name);
    if at.is_empty() { name } else { format!("{at}.{name}") }
}

struct Strict<'a> {
    at: String,
    faults: &'a RefCell<Vec<InputFault>>,
}

impl Strict<'_> {
    fn below(&self, at: String) -> Strict<'_> {
        Strict { at, faults: self.faults }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(item) =
            items.next_element_seed(self.below(format!("{}[{}]", self.at, read.len())))?
        {
            read.push(item);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let at = inside(&self.at, &name);
            let value = entries.next_value_seed(self.below(at.clone()))?;
            if read.insert(name, value).is_some() && self.faults.borrow().len() < FAULTS_MAX {
                let fault = InputFault::new(at, "aparece más de una vez: déjelo una sola");
                self.faults.borrow_mut().push(fault);
            }
        }
        Ok(Value::Object(read))
    }
}
