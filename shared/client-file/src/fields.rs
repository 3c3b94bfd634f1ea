//! Reading tables with all their faults at once, each with its line.

use std::cell::RefCell;

use mail::Line;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::finding::{Finding, Kind, Report};
use crate::limits::{ECHO_CHARS_MAX, ENTRIES_MAX, FINDINGS_MAX, LINE_CHARS_MAX};
use domain::client::ClientEntry;

/// Something that was read, with where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) line: usize,
    pub(crate) at: String,
}

/// Knows the lines of a text and gathers what is found.
pub(crate) struct Reader {
    line_starts: Vec<usize>,
    findings: RefCell<Vec<Finding>>,
}

impl Reader {
    pub(crate) fn new(text: &str) -> Self {
        let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(after.map(|(at, _)| at + 1)).collect();
        Self { line_starts, findings: RefCell::new(Vec::new()) }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset).max(1)
    }

    /// The text as TOML; none where it is no TOML, with every fault of its form.
    pub(crate) fn document<'t>(&self, text: &'t str) -> Option<DeTable<'t>> {
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let line = self.line_of(error.span().map_or(0, |span| span.start));
            let said = error.message().lines().next().unwrap_or_default().to_owned();
            self.wrong(line, "", format!("no es TOML aquí ({said})"));
        }
        errors.is_empty().then(|| document.into_inner())
    }

    pub(crate) fn find(&self, kind: Kind, place: (usize, &str), rule: &'static str, text: String) {
        let mut findings = self.findings.borrow_mut();
        let found = Finding { line: place.0, at: place.1.to_owned(), kind, text, rule };
        // The same is found on each day on which the terms of a stretch change.
        if findings.len() < FINDINGS_MAX && !findings.contains(&found) {
            findings.push(found);
        }
    }

    pub(crate) fn wrong(&self, line: usize, at: &str, text: String) {
        self.find(Kind::Wrong, (line, at), "", text);
    }

    /// Everything that was found, in the order of the file, defaults last.
    pub(crate) fn report(self, entry: Option<ClientEntry>) -> Report {
        let mut findings = self.findings.into_inner();
        findings.sort_by_key(|it| (it.kind == Kind::Choice, it.line));
        Report { findings, entry }
    }
}

/// A table of the file. Fields that nobody knows are found when it is made.
pub(crate) struct Section<'r, 't> {
    pub(crate) reader: &'r Reader,
    table: &'r DeTable<'t>,
    pub(crate) at: String,
    pub(crate) line: usize,
}

impl<'r, 't> Section<'r, 't> {
    /// The whole file.
    pub(crate) fn top(reader: &'r Reader, table: &'r DeTable<'t>) -> Self {
        Self::new(reader, table, String::new(), 1).knowing(crate::TOP)
    }

    /// A whole text whose fields are checked by whoever reads it.
    pub(crate) fn loose(reader: &'r Reader, table: &'r DeTable<'t>) -> Self {
        Self::new(reader, table, String::new(), 1)
    }

    fn new(reader: &'r Reader, table: &'r DeTable<'t>, at: String, line: usize) -> Self {
        Self { reader, table, at, line }
    }

    fn knowing(self, known: &[&str]) -> Self {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let line = self.reader.line_of(key.span().start);
                let problem = format!("no se conoce aquí; los campos son: {}", known.join(", "));
                self.reader.wrong(line, &self.inside(&echo(name)), problem);
            }
        }
        self
    }

    /// The path of a field.
    pub(crate) fn inside(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    /// The line of a field, or of the table where the field is absent.
    pub(crate) fn line_of(&self, name: &str) -> usize {
        self.get(name).map_or(self.line, |value| self.reader.line_of(value.span().start))
    }

    /// Where a field stands.
    pub(crate) fn placed<T>(&self, name: &str, value: T) -> Placed<T> {
        Placed { value, line: self.line_of(name), at: self.inside(name) }
    }

    pub(crate) fn wrong(&self, name: &str, problem: impl Into<String>) {
        self.reader.wrong(self.line_of(name), &self.inside(name), problem.into());
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'r Spanned<DeValue<'t>>> {
        self.table.get(name)
    }

    /// Names of the fields that are there, in the order of their names.
    pub(crate) fn names(&self) -> Vec<String> {
        self.table.keys().map(|key| key.get_ref().to_string()).collect()
    }

    /// Notes that a field is missing without which the file says nothing.
    pub(crate) fn required<T>(&self, name: &str, value: Option<T>) -> Option<T> {
        if value.is_none() && self.get(name).is_none() {
            self.wrong(name, "falta: es obligatorio");
        }
        value
    }

    /// A text as one clean line.
    pub(crate) fn line_text(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        self.text_of(&self.inside(name), value)
    }

    fn text_of(&self, at: &str, value: &Spanned<DeValue<'t>>) -> Option<String> {
        let line = self.reader.line_of(value.span().start);
        let Some(text) = value.get_ref().as_str() else {
            let kind = kind_of(value.get_ref());
            self.reader.wrong(line, at, format!("es {kind}: debe ser un texto entre comillas"));
            return None;
        };
        let text = Line::new(text).as_str().to_owned();
        let chars = text.chars().count();
        if text.is_empty() || chars > LINE_CHARS_MAX {
            let problem = format!("tiene {chars} caracteres: debe tener de 1 a {LINE_CHARS_MAX}");
            self.reader.wrong(line, at, problem);
            return None;
        }
        Some(text)
    }

    /// A text that `parse` understands; `what` says in Spanish what it should be.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        what: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.line_text(name)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.wrong(name, format!("«{}» no es {what}", echo(&text)));
        }
        parsed
    }

    /// A list of texts, each with its place.
    pub(crate) fn texts(&self, name: &str, max: usize) -> Vec<Placed<String>> {
        let items = self.items(name, max);
        let read = items.into_iter().filter_map(|item| {
            let value = self.text_of(&item.at, item.value)?;
            Some(Placed { value, line: item.line, at: item.at })
        });
        read.collect()
    }

    /// The values of a list, each with its place; none where the field is absent.
    pub(crate) fn items(&self, name: &str, max: usize) -> Vec<Placed<&'r Spanned<DeValue<'t>>>> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(name, format!("es {}: debe ser una lista", kind_of(value.get_ref())));
            return Vec::new();
        };
        if list.len() > max {
            self.wrong(name, format!("tiene {} elementos: el máximo es {max}", list.len()));
        }
        let placed = list.iter().enumerate().take(max).map(|(n, value)| Placed {
            value,
            line: self.reader.line_of(value.span().start),
            at: format!("{}[{n}]", self.inside(name)),
        });
        placed.collect()
    }

    /// The tables of a list of tables.
    pub(crate) fn tables(&self, name: &str, known: &[&str]) -> Vec<Section<'r, 't>> {
        let items = self.items(name, ENTRIES_MAX);
        let tables = items.into_iter().filter_map(|item| {
            let Some(table) = item.value.get_ref().as_table() else {
                let problem = format!("debe escribirse como [[{}]]", self.inside(name));
                self.reader.wrong(item.line, &item.at, problem);
                return None;
            };
            Some(Section::new(self.reader, table, item.at, item.line).knowing(known))
        });
        tables.collect()
    }

    /// A table inside.
    pub(crate) fn table(&self, name: &str, known: Option<&[&str]>) -> Option<Section<'r, 't>> {
        let value = self.get(name)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(name, format!("es {}: debe ser una tabla", kind_of(value.get_ref())));
            return None;
        };
        let section = Section::new(self.reader, table, self.inside(name), self.line_of(name));
        Some(match known {
            Some(known) => section.knowing(known),
            None => section,
        })
    }
}

/// What a value is, in Spanish.
pub(crate) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "un texto",
        DeValue::Integer(_) | DeValue::Float(_) => "un número",
        DeValue::Boolean(_) => "true o false",
        DeValue::Datetime(_) => "una fecha",
        DeValue::Array(_) => "una lista",
        DeValue::Table(_) => "una tabla",
    }
}

/// What the file says, as a finding may repeat it: one clean, short line.
pub(crate) fn echo(text: &str) -> String {
    Line::new(text).at_most(ECHO_CHARS_MAX).as_str().to_owned()
}
