//! The parameters that a póliza or a document sets, each read by itself, so that one fault hides no
//! other.

use std::collections::BTreeMap;

use domain::calendar::ContractedHours;
use domain::terms::{Parameter, Parameters};
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::DeValue;

use crate::fields::{Section, echo, kind_of};

/// The parameters of a table.
pub(crate) fn read(table: &Section<'_, '_>) -> Parameters {
    let mut sound = Map::new();
    for name in table.names() {
        let Some(value) = table.get(&name) else { continue };
        if require_known(table, &name, &name) && one(table, &name, &name, value).is_some() {
            sound.insert(name, json(value.get_ref()));
        }
    }
    // Each was read by itself before.
    serde_json::from_value(Value::Object(sound)).unwrap_or_default()
}

/// Notes that no parameter has that name.
pub(crate) fn require_known(section: &Section<'_, '_>, field: &str, name: &str) -> bool {
    let known = find(name).is_some();
    if !known {
        let near = Parameter::ALL.iter().map(|it| it.name());
        let near = near.min_by_key(|it| distance(it, name)).unwrap_or_default();
        let problem = format!(
            "«{}» no es un parámetro; el más parecido es {near} (todos están en docs/choices.md)",
            echo(name)
        );
        section.wrong(field, problem);
    }
    known
}

fn find(name: &str) -> Option<Parameter> {
    Parameter::ALL.iter().copied().find(|it| it.name() == name)
}

/// One parameter with its value; nothing where it cannot be read, which is noted.
pub(crate) fn one(
    section: &Section<'_, '_>,
    field: &str,
    name: &str,
    value: &Spanned<DeValue<'_>>,
) -> Option<Parameters> {
    let parameter = find(name)?;
    if parameter == Parameter::ContractedHours && !hours(section, field, value) {
        return None;
    }
    let object = Map::from_iter([(name.to_owned(), json(value.get_ref()))]);
    let read = serde_json::from_value(Value::Object(object)).ok();
    if read.is_none() {
        let problem = format!(
            "no es un valor de {name}, que se escribe como {}: {}",
            parameter.form(),
            parameter.spanish()
        );
        section.wrong(field, problem);
    }
    read
}

/// Whether contracted hours can be read; every fault of theirs has its place.
fn hours(section: &Section<'_, '_>, field: &str, value: &Spanned<DeValue<'_>>) -> bool {
    let Some(table) = value.get_ref().as_table() else {
        let kind = kind_of(value.get_ref());
        section.wrong(field, format!("es {kind}: debe ser una tabla de días, mon a sun"));
        return false;
    };
    let Ok(data) =
        serde_json::from_value::<BTreeMap<String, Vec<[String; 2]>>>(json(value.get_ref()))
    else {
        let problem =
            "cada día es una lista de pares de horas, como mon = [[\"09:00\", \"18:00\"]]";
        section.wrong(field, problem);
        return false;
    };
    let Err(faults) = ContractedHours::parse(&data) else { return true };
    let inner = section.table(field, None);
    for fault in faults.0 {
        let day = fault.at.split('[').next().unwrap_or_default();
        let at = if fault.at.is_empty() { String::new() } else { format!(".{}", fault.at) };
        let line = inner.as_ref().filter(|_| table.contains_key(day));
        let line = line.map_or_else(|| section.line_of(field), |inner| inner.line_of(day));
        let place = format!("{}{at}", section.inside(field));
        section.reader.find(
            crate::Kind::Contradictory,
            (line, &place),
            "G3",
            fault.problem.spanish(),
        );
    }
    false
}

/// A value as the domain reads it.
fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => {
            number.as_str().parse::<i64>().map_or(Value::Null, |it| Value::Number(it.into()))
        }
        DeValue::Float(number) => Value::String(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Value::Bool(*yes),
        DeValue::Datetime(moment) => Value::String(moment.to_string()),
        DeValue::Array(list) => Value::Array(list.iter().map(|it| json(it.get_ref())).collect()),
        DeValue::Table(table) => {
            let fields = table.iter();
            let fields = fields.map(|(key, it)| (key.get_ref().to_string(), json(it.get_ref())));
            Value::Object(fields.collect())
        }
    }
}

/// How many letters have to be written, removed or replaced to make one word of another.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (n, known) in other.iter().enumerate() {
            let replaced = corner + usize::from(letter != *known);
            corner = row[n + 1];
            row[n + 1] = replaced.min(row[n] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}
