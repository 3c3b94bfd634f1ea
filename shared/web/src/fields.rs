//! Reading the fields of an object, or the parameters of a query, with all their faults at once.
//!
//! A reader takes the fields out one by one. What is missing, malformed or too long is noted with its
//! place and reading goes on; whatever is left at the end is unknown and is a fault as well.

use app::InputFault;
use app::account::REFERENCE_CHARS_MAX;
use domain::billing::Month;
use domain::terms::Centavos;
use domain::{Instant, ModuleName, NaiveDate};
use mail::{Body, Line};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::codes::Code;
use crate::json::inside;
use crate::limits::{CENTAVOS_MAX, ECHO_CHARS_MAX, FAULTS_MAX};
use crate::problem::Problem;

/// The fields of an object that have not been read yet, and the faults that were found.
#[derive(Debug)]
pub struct Fields {
    at: String,
    left: Map<String, Value>,
    faults: Vec<InputFault>,
}

fn parse_month(text: &str) -> Result<Month, ()> {
    Month::parse(text).ok_or(())
}

/// What a caller wrote, as an error may repeat it: one clean, short line.
pub(crate) fn echo(text: &str) -> String {
    Line::new(text).at_most(ECHO_CHARS_MAX).as_str().to_owned()
}

impl Fields {
    pub(crate) fn new(value: Value, faults: Vec<InputFault>) -> Self {
        let kind = kind_of(&value);
        if let Value::Object(left) = value {
            return Self { at: String::new(), left, faults };
        }
        let mut fields = Self { at: String::new(), left: Map::new(), faults };
        fields.fault_at("cuerpo".to_owned(), format!("es {kind}: debe ser un objeto"));
        fields
    }

    /// The fields of what was read from elsewhere than a request, such as a file.
    #[must_use]
    pub fn of(value: Value) -> Self {
        Self::new(value, Vec::new())
    }

    /// Reads the whole object. `read` notes faults and goes on; it gives nothing only where it
    /// noted one.
    ///
    /// # Errors
    /// Every fault, unknown fields included.
    pub fn read<T>(self, read: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, Problem> {
        self.gather(read).map_err(|faults| match faults.is_empty() {
            true => Problem::fault("a field is missing and no fault says which"),
            false => Problem::invalid(faults),
        })
    }

    /// The same for what is no request.
    ///
    /// # Errors
    /// Every fault, unknown fields included; none only where `read` gave nothing and noted none.
    pub fn gather<T>(
        mut self,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<T, Vec<InputFault>> {
        let value = read(&mut self);
        self.refuse_unknown();
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            Some(_) | None => Err(self.faults),
        }
    }

    /// Notes a fault of a field.
    pub fn fault(&mut self, name: &str, problem: impl Into<String>) {
        self.fault_at(inside(&self.at, name), problem.into());
    }

    fn fault_at(&mut self, at: String, problem: String) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(InputFault { at, problem });
        }
    }

    fn refuse_unknown(&mut self) {
        for (name, _) in std::mem::take(&mut self.left) {
            self.fault(&name, "no se conoce aquí: quítelo o revise cómo está escrito");
        }
    }

    /// The value of a field; `null` is as good as absent.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).filter(|value| !value.is_null())
    }

    fn required(&mut self, name: &str) -> Option<Value> {
        let value = self.take(name);
        if value.is_none() {
            self.fault(name, "falta: es obligatorio");
        }
        value
    }

    fn string(&mut self, name: &str, value: Value) -> Option<String> {
        let kind = kind_of(&value);
        if let Value::String(text) = value {
            return Some(text);
        }
        self.fault(name, format!("es {kind}: debe ser un texto"));
        None
    }

    fn bounded(&mut self, name: &str, value: Value, chars_max: usize) -> Option<String> {
        let text = self.string(name, value)?;
        let chars = text.chars().count();
        if chars > chars_max {
            self.fault(name, format!("tiene {chars} caracteres: el máximo es {chars_max}"));
            return None;
        }
        Some(text)
    }

    fn not_empty(&mut self, name: &str, text: String) -> Option<String> {
        if text.trim().is_empty() {
            self.fault(name, "está vacío: escriba el texto");
            return None;
        }
        Some(text)
    }

    /// One line: controls, direction overrides and invisible characters are taken out.
    pub fn line(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let value = self.required(name)?;
        let text = self.bounded(name, value, chars_max)?;
        self.not_empty(name, Line::new(&text).as_str().to_owned())
    }

    /// One line that may be absent.
    pub fn optional_line(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let value = self.take(name)?;
        let text = self.bounded(name, value, chars_max)?;
        self.not_empty(name, Line::new(&text).as_str().to_owned())
    }

    /// A text of several lines, cleaned as a line is.
    pub fn text(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let value = self.required(name)?;
        self.clean_text(name, value, chars_max)
    }

    /// A text that may be absent.
    pub fn optional_text(&mut self, name: &str, chars_max: usize) -> Option<String> {
        let value = self.take(name)?;
        self.clean_text(name, value, chars_max)
    }

    fn clean_text(&mut self, name: &str, value: Value, chars_max: usize) -> Option<String> {
        let text = self.bounded(name, value, chars_max)?;
        match Body::new(&text) {
            Ok(body) => self.not_empty(name, body.as_str().to_owned()),
            Err(error) => {
                self.fault(name, format!("tiene {} bytes: es demasiado largo", error.bytes));
                None
            }
        }
    }

    /// A text that is read by its own rules, and so is left as it is.
    pub fn verbatim(&mut self, name: &str) -> Option<String> {
        let value = self.required(name)?;
        self.string(name, value)
    }

    /// The same, which may be absent.
    pub fn optional_verbatim(&mut self, name: &str) -> Option<String> {
        let value = self.take(name)?;
        self.string(name, value)
    }

    /// Yes or no.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.required(name)?;
        self.as_boolean(name, &value)
    }

    /// Yes or no; absent means no.
    pub fn flag(&mut self, name: &str) -> bool {
        let Some(value) = self.take(name) else { return false };
        self.as_boolean(name, &value).unwrap_or(false)
    }

    fn as_boolean(&mut self, name: &str, value: &Value) -> Option<bool> {
        let known = value.as_bool();
        if known.is_none() {
            self.fault(name, format!("es {}: debe ser true o false", kind_of(value)));
        }
        known
    }

    /// A whole number from 1.
    pub fn number(&mut self, name: &str) -> Option<u32> {
        let value = self.required(name)?;
        let number = value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
        if number.is_none() {
            self.fault(name, "debe ser un número entero desde 1");
        }
        number
    }

    /// The same, which may be absent.
    pub fn optional_number(&mut self, name: &str) -> Option<u32> {
        if self.is_absent(name) { None } else { self.number(name) }
    }

    /// A list of texts of up to `chars_max` characters each; absent is as good as empty.
    pub fn texts(&mut self, name: &str, chars_max: usize) -> Vec<String> {
        let Some(value) = self.take(name) else { return Vec::new() };
        let kind = kind_of(&value);
        let Value::Array(values) = value else {
            self.fault(name, format!("es {kind}: debe ser una lista"));
            return Vec::new();
        };
        let places = values.into_iter().enumerate();
        places
            .filter_map(|(at, value)| self.bounded(&format!("{name}[{at}]"), value, chars_max))
            .collect()
    }

    /// One of a closed list of words.
    pub fn code<T: Code>(&mut self, name: &str) -> Option<T> {
        let value = self.required(name)?;
        self.as_code(name, value)
    }

    /// One of a closed list of words, or absent.
    pub fn optional_code<T: Code>(&mut self, name: &str) -> Option<T> {
        let value = self.take(name)?;
        self.as_code(name, value)
    }

    fn as_code<T: Code>(&mut self, name: &str, value: Value) -> Option<T> {
        let text = self.string(name, value)?;
        let found = T::ALL.iter().copied().find(|code| code.word() == text);
        if found.is_none() {
            let words: Vec<_> = T::ALL.iter().map(|code| code.word()).collect();
            let problem = format!("«{}» no es uno de: {}", echo(&text), words.join(", "));
            self.fault(name, problem);
        }
        found
    }

    /// An instant with its offset.
    pub fn instant(&mut self, name: &str) -> Option<Instant> {
        let value = self.required(name)?;
        let text = self.string(name, value)?;
        let instant = Instant::parse_rfc3339(&text).ok();
        if instant.is_none() {
            self.fault(
                name,
                format!(
                    "«{}» no es un instante RFC 3339 con su desfase, como 2026-11-20T13:59:00-06:00",
                    echo(&text)
                ),
            );
        }
        instant
    }

    /// A day, such as `2026-12-05`.
    pub fn day(&mut self, name: &str) -> Option<NaiveDate> {
        self.name(name, "un día como 2026-12-05", strict_date)
    }

    /// A day that may be absent.
    pub fn optional_day(&mut self, name: &str) -> Option<NaiveDate> {
        self.optional_name(name, "un día como 2026-12-05", strict_date)
    }

    /// A billing month, such as `2026-12`.
    pub fn month(&mut self, name: &str) -> Option<Month> {
        self.name(name, "un mes como 2026-12", parse_month)
    }

    /// A billing month that may be absent.
    pub fn optional_month(&mut self, name: &str) -> Option<Month> {
        self.optional_name(name, "un mes como 2026-12", parse_month)
    }

    /// An amount of money above zero in whole centavos (G9).
    pub fn centavos(&mut self, name: &str) -> Option<Centavos> {
        let value = self.required(name)?;
        self.as_centavos(name, &value)
    }

    /// An amount of money that may be absent.
    pub fn optional_centavos(&mut self, name: &str) -> Option<Centavos> {
        let value = self.take(name)?;
        self.as_centavos(name, &value)
    }

    fn as_centavos(&mut self, name: &str, value: &Value) -> Option<Centavos> {
        let amount = value.as_i64().filter(|amount| (1..=CENTAVOS_MAX).contains(amount));
        if amount.is_none() {
            let problem = format!("debe ser un número entero de centavos, de 1 a {CENTAVOS_MAX}");
            self.fault(name, problem);
        }
        amount.map(Centavos)
    }

    /// An instant that may be absent.
    pub fn optional_instant(&mut self, name: &str) -> Option<Instant> {
        if self.is_absent(name) { None } else { self.instant(name) }
    }

    /// Whether a field was not sent, or as null.
    fn is_absent(&mut self, name: &str) -> bool {
        let absent = self.left.get(name).is_none_or(Value::is_null);
        if absent {
            self.left.remove(name);
        }
        absent
    }

    /// A bank's reference of a payment: letters without accents, digits and signs.
    pub fn bank_reference(&mut self, name: &str) -> Option<String> {
        let found = self.line(name, REFERENCE_CHARS_MAX)?;
        if found.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
            return Some(found);
        }
        self.fault(name, "lleva letras sin acento, cifras y signos, como la escribe el banco");
        None
    }

    /// A whole number, of whatever sign.
    pub fn integer(&mut self, name: &str) -> Option<i64> {
        let value = self.required(name)?;
        let number = value.as_i64();
        if number.is_none() {
            self.fault(name, "debe ser un número entero");
        }
        number
    }

    /// What serde reads; its own words say what is wrong.
    pub fn parsed<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let value = self.required(name)?;
        match serde_json::from_value(value) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.fault(name, format!("no se entiende: {}", echo(&error.to_string())));
                None
            }
        }
    }

    /// A list of objects, each read by `read`; absent is as good as empty. What has faults is left out.
    pub fn objects<T>(
        &mut self,
        name: &str,
        count_max: usize,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.take(name) else { return Vec::new() };
        let kind = kind_of(&value);
        let Value::Array(values) = value else {
            self.fault(name, format!("es {kind}: debe ser una lista"));
            return Vec::new();
        };
        if values.len() > count_max {
            self.fault(name, format!("tiene {} elementos: el máximo es {count_max}", values.len()));
            return Vec::new();
        }
        let mut all = Vec::new();
        for (at, value) in values.into_iter().enumerate() {
            let place = format!("{name}[{at}]");
            self.left.insert(place.clone(), value);
            all.extend(self.optional_object(&place, &mut read));
        }
        all
    }

    /// A name that `parse` checks; `what` says in Spanish what it should be.
    pub fn name<T, E>(
        &mut self,
        name: &str,
        what: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.required(name)?;
        self.as_name(name, what, value, parse)
    }

    /// A name that may be absent.
    pub fn optional_name<T, E>(
        &mut self,
        name: &str,
        what: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.take(name)?;
        self.as_name(name, what, value, parse)
    }

    /// The technical name of an Odoo module, which may be absent.
    pub fn module(&mut self, name: &str) -> Option<ModuleName> {
        let what = "el nombre técnico de un módulo de Odoo, como account_edi: hasta 64 letras \
                    minúsculas sin acento, dígitos y guiones bajos; lo demás dígalo en el texto";
        self.optional_name(name, what, ModuleName::parse)
    }

    /// A name that must be said, where `null` says nobody.
    pub fn nullable_name<T, E>(
        &mut self,
        name: &str,
        what: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        match self.left.remove(name) {
            None => {
                self.fault(name, "falta: es obligatorio, y null dice que nadie");
                None
            }
            Some(Value::Null) => Some(None),
            Some(value) => self.as_name(name, what, value, parse).map(Some),
        }
    }

    fn as_name<T, E>(
        &mut self,
        name: &str,
        what: &str,
        value: Value,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.string(name, value)?;
        let parsed = parse(&text).ok();
        if parsed.is_none() {
            self.fault(name, format!("«{}» no es {what}", echo(&text)));
        }
        parsed
    }

    /// An object inside, read by `read` as this one is; `None` when it is absent or has faults.
    pub fn optional_object<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(name)?;
        let kind = kind_of(&value);
        let Value::Object(left) = value else {
            self.fault(name, format!("es {kind}: debe ser un objeto"));
            return None;
        };
        let faults = std::mem::take(&mut self.faults);
        let mut inner = Self { at: inside(&self.at, name), left, faults };
        let read = read(&mut inner);
        inner.refuse_unknown();
        self.faults = inner.faults;
        read
    }
}

/// A day written strictly as `2026-12-05`.
fn strict_date(text: &str) -> Result<NaiveDate, ()> {
    let is_strict = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if is_strict { text.parse().map_err(|_| ()) } else { Err(()) }
}

/// What a value is, in Spanish.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true o false",
        Value::Number(_) => "un número",
        Value::String(_) => "un texto",
        Value::Array(_) => "una lista",
        Value::Object(_) => "un objeto",
    }
}
