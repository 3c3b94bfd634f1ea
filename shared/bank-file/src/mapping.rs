//! The mapping that is kept for a bank: which column is what, and how things are written.

use chrono::NaiveDate;
use chrono::format::{Item, StrftimeItems};
use domain::ClientId;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

use crate::limits::SKIP_LINES_MAX;
use crate::words::words;

/// How a bank writes its statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// How the bytes are to be read, such as `utf-8` or `windows-1252`.
    pub encoding: String,
    /// What parts the columns: one ASCII character.
    pub delimiter: char,
    /// So many lines stand before the header, or before the first movement where there is none.
    pub skip_lines: u32,
    /// Whether a line names the columns. Without one a column is named by its place: `#1` is the first.
    pub header: bool,
    /// The column of the value date (10.2).
    pub date: String,
    /// How a date is written: `%d/%m/%Y`.
    pub date_format: String,
    /// The column of the bank's reference, by which a payment is known again (10.2).
    pub reference: String,
    /// The column in which the payer says what he pays, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concept: Option<String>,
    /// The column of the amount: of the deposits alone, or of everything with its sign.
    pub amount: String,
    /// What parts pesos from centavos.
    pub decimal: Decimal,
    /// The column that says of which kind a movement is, where the amount has no sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What that column says of a deposit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deposits: Vec<String>,
    /// Senders who do not write their client's code, as this bank names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub senders: Vec<Sender>,
}

/// A sender whose words in reference or concept mean a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The words, in their order.
    pub words: String,
    /// The client.
    pub client: ClientId,
}

/// What parts pesos from centavos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// `11,600.00`.
    Point,
    /// `11.600,00`.
    Comma,
}

impl Decimal {
    pub(crate) const fn mark(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    pub(crate) const fn other(self) -> char {
        match self {
            Self::Point => ',',
            Self::Comma => '.',
        }
    }
}

/// A fault of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingFault {
    /// The field.
    pub at: &'static str,
    /// What is wrong and what to do, in Spanish.
    pub problem: String,
}

impl Mapping {
    /// Everything because of which it could read no file.
    #[must_use]
    pub fn faults(&self) -> Vec<MappingFault> {
        let mut faults = Vec::new();
        let mut fault = |at, problem: String| faults.push(MappingFault { at, problem });
        if self.encoding().is_none() {
            let problem =
                "no se conoce esa codificación: escriba utf-8, windows-1252 o iso-8859-15";
            fault("encoding", problem.to_owned());
        }
        if !self.delimiter.is_ascii() || self.delimiter.is_ascii_alphanumeric() || self.is_taken() {
            let problem = "debe ser un solo signo, como la coma, el punto y coma o el tabulador";
            fault("delimiter", problem.to_owned());
        }
        if self.skip_lines > SKIP_LINES_MAX {
            let problem =
                format!("son demasiadas líneas antes del encabezado: {SKIP_LINES_MAX} a lo más");
            fault("skip_lines", problem);
        }
        if !writes_dates(&self.date_format) {
            let problem = "debe decir día, mes y año, como %d/%m/%Y o %Y-%m-%d";
            fault("date_format", problem.to_owned());
        }
        for (at, column) in self.columns() {
            if column.trim().is_empty() {
                fault(at, "está vacía: escriba el nombre de la columna".to_owned());
            } else if !self.header && place(column).is_none() {
                let problem =
                    "sin encabezado las columnas se nombran por su lugar: #1 es la primera";
                fault(at, problem.to_owned());
            }
        }
        if self.kind.is_some() == self.deposits.is_empty() {
            let problem = "van juntas: la columna «kind» y lo que dice de un depósito, «deposits»";
            fault("deposits", problem.to_owned());
        }
        if self.senders.iter().any(|sender| words(&sender.words).is_empty()) {
            fault("senders", "un ordenante no tiene palabras: escríbalas".to_owned());
        }
        faults
    }

    /// The columns that it names, each with its field.
    pub(crate) fn columns(&self) -> Vec<(&'static str, &str)> {
        let required = [
            ("date", Some(&self.date)),
            ("reference", Some(&self.reference)),
            ("concept", self.concept.as_ref()),
            ("amount", Some(&self.amount)),
            ("kind", self.kind.as_ref()),
        ];
        let named = required.into_iter().filter_map(|(at, column)| Some((at, column?.as_str())));
        named.collect()
    }

    /// How the bytes are read. Only what writes ASCII as ASCII: lines are parted before they are decoded.
    pub(crate) fn encoding(&self) -> Option<&'static Encoding> {
        let found = Encoding::for_label_no_replacement(self.encoding.trim().as_bytes())?;
        let serves = found.is_ascii_compatible() && found != UTF_16BE && found != UTF_16LE;
        // What is called Latin 1 is Windows' by now, for banks as for browsers.
        serves.then_some(if found.name() == "ISO-8859-1" { WINDOWS_1252 } else { found })
    }

    /// Lines that come before the movements.
    #[must_use]
    pub const fn head_lines(&self) -> u32 {
        self.skip_lines.saturating_add(if self.header { 1 } else { 0 })
    }

    fn is_taken(&self) -> bool {
        ['"', '\n', '\r', '\0', '.', '-', ' '].contains(&self.delimiter)
    }
}

/// The place that a column's name says: `#3` is the third, which is 2.
pub(crate) fn place(column: &str) -> Option<usize> {
    column.trim().strip_prefix('#')?.parse::<usize>().ok()?.checked_sub(1)
}

/// Whether what is written in this format is read back as the day that it was.
fn writes_dates(format: &str) -> bool {
    let known = StrftimeItems::new(format).all(|item| !matches!(item, Item::Error));
    let day = NaiveDate::from_ymd_opt(2026, 12, 5).unwrap_or_default();
    known && NaiveDate::parse_from_str(&day.format(format).to_string(), format) == Ok(day)
}
