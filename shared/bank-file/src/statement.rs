//! A statement line by line: the deposits that may be payments (10.2), and what else there is.

use chrono::NaiveDate;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use domain::ClientId;
use domain::client::is_statement_word;
use domain::terms::Centavos;
use encoding_rs::{Encoding, UTF_8};

use crate::amount;
use crate::limits::{COLUMNS_MAX, LINE_BYTES_MAX, MENTIONS_MAX, REFERENCE_CHARS_MAX};
use crate::mapping::{Mapping, place};
use crate::words::{echo, folded, words};

/// Years in which a value date may lie: those of the calendar (G1).
const YEARS: std::ops::RangeInclusive<i32> = 2007..=2050;

/// A line of the file that is not blank, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The line of the file, from 1.
    pub line: u32,
    /// What it is.
    pub found: Found,
}

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Money that came in.
    Deposit(Deposit),
    /// Something else: money that went out, or no amount.
    NotADeposit,
    /// It cannot be read: every fault of it, in Spanish.
    Faulty(Vec<String>),
}

/// Money that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// The bank's reference.
    pub reference: String,
    /// The bank's value date.
    pub value_date: NaiveDate,
    /// How much, above zero.
    pub amount: Centavos,
    /// Whom reference and concept may mean.
    pub mentions: Vec<Mention>,
}

/// Somebody whom a line may mean.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// A word that has the form of a client's code; whether it is one is not known here.
    Word(ClientId),
    /// The client of a sender whom the mapping names.
    Sender(ClientId),
}

/// A file, read line by line: the movements, in order. Memory does not grow with the file.
pub struct Statement<'a> {
    mapping: &'a Mapping,
    encoding: &'static Encoding,
    senders: Vec<(Vec<String>, &'a ClientId)>,
    columns: Columns,
    left: &'a [u8],
    line: u32,
    fields: Fields,
}

/// The places of the columns.
struct Columns {
    date: usize,
    reference: usize,
    concept: Option<usize>,
    amount: usize,
    kind: Option<usize>,
    /// How many columns the header has; none where there is no header.
    count: Option<usize>,
}

impl<'a> Statement<'a> {
    /// Reads the head of a file: marks of an encoding, the lines to skip, the header.
    ///
    /// # Errors
    /// Why the file as a whole cannot be read, in Spanish; all of it at once.
    pub fn open(mapping: &'a Mapping, file: &'a [u8]) -> Result<Self, Vec<String>> {
        let wrong: Vec<String> = mapping.faults().into_iter().map(|it| it.problem).collect();
        let Some(encoding) = mapping.encoding().filter(|_| wrong.is_empty()) else {
            return Err(wrong);
        };
        let mut left = unmarked(file, encoding).map_err(|fault| vec![fault])?;
        for _ in 0..mapping.skip_lines {
            left = cut_line(left).1;
        }
        let mut fields = Fields::new(mapping.delimiter);
        let columns = if mapping.header {
            let (header, rest) = cut_line(left);
            left = rest;
            let number = mapping.head_lines();
            named(mapping, encoding, header, number, &mut fields)?
        } else {
            let at = |column: &str| place(column).unwrap_or_default();
            Columns {
                date: at(&mapping.date),
                reference: at(&mapping.reference),
                concept: mapping.concept.as_deref().map(at),
                amount: at(&mapping.amount),
                kind: mapping.kind.as_deref().map(at),
                count: None,
            }
        };
        let senders = mapping.senders.iter().map(|it| (words(&it.words), &it.client)).collect();
        let line = mapping.head_lines();
        Ok(Self { mapping, encoding, senders, columns, left, line, fields })
    }

    fn movement(&mut self, line: &[u8]) -> Found {
        let Self { mapping, encoding, fields, columns, .. } = self;
        let parted = fields.part(line).and_then(|()| {
            if let Some(expected) = columns.count.filter(|count| *count != fields.count()) {
                let found = fields.count();
                return Err(format!(
                    "la línea tiene {found} columnas y el encabezado {expected}: corrija la línea"
                ));
            }
            Ok(())
        });
        if let Err(fault) = parted {
            return Found::Faulty(vec![fault]);
        }
        let read = |at: usize| fields.text(at, encoding, &mapping.encoding);
        let kind = columns.kind.map(read).transpose();
        let (date, reference) = (read(columns.date), read(columns.reference));
        let (concept, amount) = (columns.concept.map(read).transpose(), read(columns.amount));
        let (kind, date, reference, concept, amount) =
            match (kind, date, reference, concept, amount) {
                (Ok(kind), Ok(date), Ok(reference), Ok(concept), Ok(amount)) => {
                    (kind, date, reference, concept.unwrap_or_default(), amount)
                }
                (kind, date, reference, concept, amount) => {
                    let texts =
                        [kind.err(), date.err(), reference.err(), concept.err(), amount.err()];
                    let mut faults: Vec<String> = texts.into_iter().flatten().collect();
                    faults.dedup();
                    return Found::Faulty(faults);
                }
            };
        if kind.is_some_and(|kind| !self.is_deposit(&kind)) || amount.trim().is_empty() {
            return Found::NotADeposit;
        }
        self.deposit(&date, &reference, &concept, &amount)
    }

    fn is_deposit(&self, kind: &str) -> bool {
        let kind = folded(kind);
        self.mapping.deposits.iter().any(|word| folded(word) == kind)
    }

    fn deposit(&self, date: &str, reference: &str, concept: &str, amount: &str) -> Found {
        let amount = amount::read(amount, self.mapping.decimal);
        if let Ok(Centavos(..=0)) = amount {
            return Found::NotADeposit;
        }
        let value_date = value_date(date, &self.mapping.date_format);
        let checked = checked_reference(reference);
        match (amount, value_date, checked) {
            (Ok(amount), Ok(value_date), Ok(reference)) => {
                let mentions = self.mentions(&[&reference, concept]);
                if mentions.len() > MENTIONS_MAX {
                    let fault = "tiene demasiadas palabras entre las que buscar al cliente";
                    return Found::Faulty(vec![fault.to_owned()]);
                }
                Found::Deposit(Deposit { reference, value_date, amount, mentions })
            }
            (amount, value_date, reference) => {
                let faults = [amount.err(), value_date.err(), reference.err()];
                Found::Faulty(faults.into_iter().flatten().collect())
            }
        }
    }

    /// Whom these texts may mean, each once. Words that name a sender of the mapping are no codes: the
    /// city in a company's name may be another client's. Nor are the words of statements themselves.
    fn mentions(&self, texts: &[&str]) -> Vec<Mention> {
        let mut found = Vec::new();
        for text in texts {
            let words = words(text);
            let mut free = vec![true; words.len()];
            for (sender, client) in &self.senders {
                for at in 0..words.len() {
                    if words[at..].starts_with(sender) {
                        free[at..at + sender.len()].fill(false);
                        found.push(Mention::Sender((*client).clone()));
                    }
                }
            }
            let codes = words.iter().zip(free);
            let codes = codes.filter(|(word, free)| *free && !is_statement_word(word));
            found.extend(
                codes.filter_map(|(word, _)| ClientId::parse(word).ok()).map(Mention::Word),
            );
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Iterator for Statement<'_> {
    type Item = Movement;

    fn next(&mut self) -> Option<Movement> {
        while !self.left.is_empty() {
            let (line, rest) = cut_line(self.left);
            self.left = rest;
            self.line = self.line.saturating_add(1);
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Some(Movement { line: self.line, found: self.movement(line) });
            }
        }
        None
    }
}

/// The file without the mark of its encoding.
///
/// # Errors
/// When the mark says that it is another one.
fn unmarked<'a>(file: &'a [u8], encoding: &'static Encoding) -> Result<&'a [u8], String> {
    let Some((marked, length)) = Encoding::for_bom(file) else { return Ok(file) };
    if marked == encoding {
        return Ok(&file[length..]);
    }
    let hint = if marked == UTF_8 { "ponga encoding = utf-8" } else { "guárdelo como CSV UTF-8" };
    Err(format!(
        "el archivo dice estar escrito en {}, y la plantilla del banco dice {}: {hint}",
        marked.name(),
        encoding.name()
    ))
}

/// The first line without its end, and the rest.
fn cut_line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match text.iter().position(|b| *b == b'\n') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &text[text.len()..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// The columns by their names in the header.
fn named(
    mapping: &Mapping,
    encoding: &'static Encoding,
    header: &[u8],
    line: u32,
    fields: &mut Fields,
) -> Result<Columns, Vec<String>> {
    let at = |fault: String| vec![format!("encabezado (línea {line}): {fault}")];
    fields.part(header).map_err(at)?;
    let mut names = Vec::new();
    for place in 0..fields.count() {
        names.push(folded(&fields.text(place, encoding, &mapping.encoding).map_err(at)?));
    }
    let mut faults = Vec::new();
    let mut find = |column: &str| {
        let wanted = folded(column);
        let mut found = (0..names.len()).filter(|at| names[*at] == wanted);
        let by_name = (found.next(), found.next());
        match (place(column), by_name) {
            (Some(place), _) if place < names.len() => place,
            (None, (Some(only), None)) => only,
            (None, (Some(_), Some(_))) => {
                faults
                    .push(format!("hay varias columnas «{}»: nómbrela por su lugar", echo(column)));
                0
            }
            (Some(_), _) | (None, (None, _)) => {
                faults.push(format!("falta la columna «{}»", echo(column)));
                0
            }
        }
    };
    let columns = Columns {
        date: find(&mapping.date),
        reference: find(&mapping.reference),
        concept: mapping.concept.as_deref().map(&mut find),
        amount: find(&mapping.amount),
        kind: mapping.kind.as_deref().map(&mut find),
        count: Some(names.len()),
    };
    if faults.is_empty() {
        return Ok(columns);
    }
    let there: Vec<String> = names.iter().map(|name| echo(name)).collect();
    let told = format!("encabezado (línea {line}): {}", faults.join("; "));
    Err(vec![format!("{told}. Hay: {}", there.join(", "))])
}

fn value_date(text: &str, format: &str) -> Result<NaiveDate, String> {
    use chrono::Datelike as _;
    let read = NaiveDate::parse_from_str(text.trim(), format);
    match read {
        Ok(date) if YEARS.contains(&date.year()) => Ok(date),
        Ok(_) => Err(format!("la fecha «{}» queda fuera de 2007 a 2050", echo(text))),
        Err(_) => Err(format!("la fecha «{}» no se entiende: se espera {format}", echo(text))),
    }
}

/// The reference as it is kept: letters without accents, digits and signs, as the bank writes it.
fn checked_reference(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("no trae referencia: sin ella no se sabría si ya está registrado".to_owned());
    }
    if text.starts_with(['=', '+', '@', '-']) {
        return Err(format!("la referencia «{}» es una fórmula, no una referencia", echo(text)));
    }
    let plain = |c: char| c.is_ascii_graphic() || c == ' ';
    if text.len() > REFERENCE_CHARS_MAX || !text.chars().all(plain) {
        return Err(format!(
            "la referencia «{}» no puede guardarse: hasta {REFERENCE_CHARS_MAX} letras sin acento, \
             cifras y signos",
            echo(text)
        ));
    }
    Ok(text.to_owned())
}

/// One line, parted.
struct Fields {
    reader: Reader,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl Fields {
    fn new(delimiter: char) -> Self {
        let delimiter = u8::try_from(delimiter).unwrap_or(b',');
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        let (bytes, ends) = (vec![0; LINE_BYTES_MAX + 1], vec![0; COLUMNS_MAX]);
        Self { reader, bytes, ends, count: 0 }
    }

    fn count(&self) -> usize {
        self.count
    }

    /// Parts a line.
    ///
    /// # Errors
    /// Why it cannot be parted, in Spanish.
    fn part(&mut self, line: &[u8]) -> Result<(), String> {
        self.count = 0;
        if line.len() > LINE_BYTES_MAX {
            return Err(format!(
                "la línea pasa de {LINE_BYTES_MAX} bytes: no es de un estado de cuenta"
            ));
        }
        if line.contains(&0) {
            return Err("la línea tiene bytes nulos: no es un archivo de texto".to_owned());
        }
        self.reader.reset();
        let (bytes, ends) = (&mut self.bytes, &mut self.ends);
        let (first, read, written, ended) = self.reader.read_record(line, bytes, ends);
        let (bytes, ends) = (&mut bytes[written..], &mut ends[ended..]);
        let (last, _, _, more) = match first {
            // The end of the line is the end of the record, unless a quote is open.
            ReadRecordResult::InputEmpty => self.reader.read_record(b"\n", bytes, ends),
            full @ (ReadRecordResult::Record
            | ReadRecordResult::End
            | ReadRecordResult::OutputFull
            | ReadRecordResult::OutputEndsFull) => (full, read, written, 0),
        };
        match last {
            ReadRecordResult::Record => {
                self.count = ended + more;
                Ok(())
            }
            ReadRecordResult::InputEmpty => {
                Err("unas comillas se abren y no se cierran en la línea".to_owned())
            }
            ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                Err(format!("la línea tiene más de {COLUMNS_MAX} columnas"))
            }
            ReadRecordResult::End => Err("la línea no tiene columnas".to_owned()),
        }
    }

    /// The text of a column.
    ///
    /// # Errors
    /// When the line has fewer, or it is not written in the encoding.
    fn text(&self, at: usize, encoding: &'static Encoding, label: &str) -> Result<String, String> {
        if at >= self.count {
            return Err(format!("falta la columna {}", at + 1));
        }
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        let bytes = &self.bytes[from..self.ends[at]];
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
        text.map(std::borrow::Cow::into_owned).ok_or_else(|| {
            format!("no está escrita en {label}: revise la codificación en la plantilla del banco")
        })
    }
}
