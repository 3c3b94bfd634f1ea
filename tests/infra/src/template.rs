//! A CloudFormation template as a tree, with the short forms of functions written out.

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value, json};
use tests_tidy::Fault;

/// A template.
#[derive(Debug, Clone)]
pub struct Template {
    /// Path from the root of the repository.
    pub path: String,
    /// The text, with its comments.
    pub text: String,
    root: Value,
}

/// One resource.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'a> {
    /// Its logical id.
    pub id: &'a str,
    /// Everything that it says.
    pub all: &'a Value,
}

impl<'a> Resource<'a> {
    /// Its type.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.all["Type"].as_str().unwrap_or_default()
    }

    /// Its properties.
    #[must_use]
    pub fn properties(&self) -> &'a Value {
        &self.all["Properties"]
    }

    /// A property by its path, `A/B/0`; null where there is none.
    #[must_use]
    pub fn property(&self, path: &str) -> &'a Value {
        self.properties().pointer(&format!("/{path}")).unwrap_or(&Value::Null)
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Panics
    /// When it is no YAML.
    #[must_use]
    pub fn parse(path: &str, text: &str) -> Self {
        let documents = Yaml::load_from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let root = documents.first().map(written_out).unwrap_or_default();
        Self { path: path.to_owned(), text: text.to_owned(), root }
    }

    /// A section: `Parameters`, `Outputs`, `Globals`.
    #[must_use]
    pub fn section(&self, name: &str) -> &Value {
        &self.root[name]
    }

    /// Every resource.
    pub fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        let resources = self.root["Resources"].as_object().into_iter().flatten();
        resources.map(|(id, all)| Resource { id, all })
    }

    /// The resources of a type.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = Resource<'_>> {
        self.resources().filter(move |resource| resource.kind() == kind)
    }

    /// A resource by its logical id.
    #[must_use]
    pub fn resource(&self, id: &str) -> Option<Resource<'_>> {
        self.resources().find(|resource| resource.id == id)
    }

    /// A fault at a resource.
    #[must_use]
    pub fn fault(&self, id: &str, what: impl Into<String>, remedy: &str) -> Fault {
        Fault::new(format!("{}, {id}", self.path), what, remedy)
    }

    /// A fault for each of the properties, by their paths, that a resource does not set.
    #[must_use]
    pub fn missing(&self, resource: Resource<'_>, paths: &[&str]) -> Vec<Fault> {
        let unset = paths.iter().filter(|path| resource.property(path).is_null());
        let remedy = "Set it on purpose";
        unset.map(|path| self.fault(resource.id, format!("{path} is not set"), remedy)).collect()
    }

    /// A fault for each of the properties that has another value.
    #[must_use]
    pub fn differing(&self, resource: Resource<'_>, wanted: &[(&str, Value)]) -> Vec<Fault> {
        let other = wanted.iter().filter(|(path, value)| resource.property(path) != value);
        let faults = other.map(|(path, value)| {
            let what = format!("{path} is {}", resource.property(path));
            self.fault(resource.id, what, &format!("Make it {value}"))
        });
        faults.collect()
    }
}

/// The resource that `!Ref X`, `!GetAtt X.Y` or a plain `!Sub "${X.Y}"` leads to.
#[must_use]
pub fn target(value: &Value) -> Option<&str> {
    if let Some(id) = value["Ref"].as_str() {
        return Some(id);
    }
    value["Fn::GetAtt"].as_str().and_then(|it| it.split('.').next())
}

/// The text of a value: itself, or the pattern of its `!Sub`.
#[must_use]
pub fn text(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value["Fn::Sub"].as_str())
}

/// A value that may stand alone or in a list.
#[must_use]
pub fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![value],
    }
}

fn written_out(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(scalar) => scalar_value(scalar),
        Yaml::Sequence(items) => Value::Array(items.iter().map(written_out).collect()),
        Yaml::Mapping(fields) => {
            let field = |(key, value): (&Yaml<'_>, &Yaml<'_>)| {
                let key = written_out(key);
                let key = key.as_str().map_or_else(|| key.to_string(), ToOwned::to_owned);
                (key, written_out(value))
            };
            Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
        }
        Yaml::Tagged(tag, inner) => {
            let name = match tag.suffix.as_str() {
                "Ref" => "Ref".to_owned(),
                "Condition" => "Condition".to_owned(),
                function => format!("Fn::{function}"),
            };
            json!({ name: written_out(inner) })
        }
        // What could not be resolved, and aliases, which templates do not use.
        Yaml::Representation(text, _, _) => Value::String(text.to_string()),
        Yaml::Alias(_) | Yaml::BadValue => Value::Null,
    }
}

fn scalar_value(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::Bool(*value),
        Scalar::Integer(value) => Value::from(*value),
        Scalar::FloatingPoint(value) => Value::from(value.into_inner()),
        Scalar::String(value) => Value::String(value.to_string()),
    }
}
