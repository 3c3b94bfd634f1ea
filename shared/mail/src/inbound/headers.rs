//! The header section: which fields there are, where each begins and ends. Nothing is decoded here.
//!
//! Every line is looked at, also after one that is no header, so that a second From cannot hide
//! behind a broken line (M1).

use memchr::memchr;

use super::decode::guess_text;
use super::limits::{HEADER_LINES_MAX, Limit, Unusable};

/// One header: its name, and its value with its folds and its last line end.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    name: &'a [u8],
    value: &'a [u8],
}

impl<'a> Field<'a> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    pub(super) fn starts_with(&self, prefix: &str) -> bool {
        self.name.get(..prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix.as_bytes()))
    }

    pub(super) const fn value(&self) -> &'a [u8] {
        self.value
    }

    /// The value on one line, without surrounding white space. Nothing is decoded.
    pub(super) fn text(&self) -> String {
        let mut text = guess_text(self.value.trim_ascii()).into_owned();
        text.retain(|c| c != '\r' && c != '\n');
        text
    }
}

/// A header section.
#[derive(Clone, Default)]
pub(super) struct Headers<'a> {
    fields: Vec<Field<'a>>,
}

impl<'a> Headers<'a> {
    /// Reads the section at the start of `bytes`, up to the empty line, the end, or a line for which
    /// `stops` holds. Gives the section and where the body begins.
    pub(super) fn read(
        bytes: &'a [u8],
        bytes_max: usize,
        stops: impl Fn(&[u8]) -> bool,
    ) -> Result<(Self, usize), Unusable> {
        let mut fields: Vec<Field<'a>> = Vec::with_capacity(32);
        let mut field_at: Option<(&'a [u8], usize)> = None;
        let mut at = 0;
        let mut lines = 0;
        let mut body_at = bytes.len();
        while at < bytes.len() {
            let window = &bytes[at..bytes.len().min(bytes_max.saturating_add(1))];
            let end = match memchr(b'\n', window) {
                Some(length) => at + length + 1,
                None if bytes.len() > bytes_max => return Err(Unusable::Over(Limit::HeaderBytes)),
                None => bytes.len(),
            };
            if end > bytes_max {
                return Err(Unusable::Over(Limit::HeaderBytes));
            }
            let line = bytes[at..end].trim_ascii_end();
            if matches!(&bytes[at..end], b"\n" | b"\r\n") {
                body_at = end;
                break;
            }
            if line.starts_with(b"--") && stops(line) {
                body_at = at;
                break;
            }
            lines += 1;
            if lines > HEADER_LINES_MAX {
                return Err(Unusable::Over(Limit::HeaderLines));
            }
            if !matches!(bytes[at], b' ' | b'\t') {
                close(&mut fields, field_at.take(), bytes, at);
                field_at = name_of(line).map(|name| (name, at));
            }
            at = end;
        }
        close(&mut fields, field_at, bytes, at.min(body_at));
        Ok((Self { fields }, body_at))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter()
    }

    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter().filter(move |field| field.is(name))
    }

    /// The topmost header of that name.
    pub(super) fn first(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.is(name))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }
}

fn close<'a>(
    fields: &mut Vec<Field<'a>>,
    open: Option<(&'a [u8], usize)>,
    bytes: &'a [u8],
    end: usize,
) {
    if let Some((name, start)) = open
        && let Some(colon) = memchr(b':', &bytes[start..end])
    {
        fields.push(Field { name, value: &bytes[start + colon + 1..end] });
    }
}

/// The name before the colon; white space between them is taken, as mail servers do.
fn name_of(line: &[u8]) -> Option<&[u8]> {
    let name = line[..memchr(b':', line)?].trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(bytes: &[u8]) -> Vec<(String, String)> {
        let (headers, _) = Headers::read(bytes, 1_000, |_| false).unwrap();
        let name = |field: &Field<'_>| String::from_utf8_lossy(field.name).into_owned();
        headers.iter().map(|field| (name(field), field.text())).collect()
    }

    #[test]
    fn every_line_is_looked_at() {
        type Row<'a> = (&'a [u8], &'a [(&'a str, &'a str)]);
        let table: &[Row<'_>] = &[
            (b"A: 1\r\nB: 2\r\n\r\nC: 3\r\n", &[("A", "1"), ("B", "2")]),
            (b"A: 1\n B: 2\n\tmore\nC : 3\n\n", &[("A", "1 B: 2\tmore"), ("C", "3")]),
            (
                b"From ana Fri Nov 20\nA: 1\nno header\n folded\nFrom: x\n\n",
                &[("A", "1"), ("From", "x")],
            ),
            (b"A: 1\n \n\n", &[("A", "1")]),
            (b"A:", &[("A", "")]),
            (b"A\x00B: 1\nFrom:2", &[("From", "2")]),
            (b"Subject: gesti\xf3n\n\n", &[("Subject", "gestión")]),
            (b" \n: x\n\n", &[]),
        ];
        for (given, expected) in table {
            let expected: Vec<(String, String)> =
                expected.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            assert_eq!(names(given), expected, "{:?}", String::from_utf8_lossy(given));
        }
    }

    #[test]
    fn limits_hold_exactly() {
        let lines = "A: 1\n".repeat(HEADER_LINES_MAX);
        let read = |text: &str, max| Headers::read(text.as_bytes(), max, |_| false).map(|it| it.1);
        assert_eq!(read(&format!("{lines}\nbody"), 100_000), Ok(lines.len() + 1));
        let over = format!("{lines}A: 1\n\n");
        assert_eq!(read(&over, 100_000), Err(Unusable::Over(Limit::HeaderLines)));
        assert_eq!(read("A: 12345\n\nbody", 10), Ok(10));
        assert_eq!(read("A: 123456\n\nbody", 10), Err(Unusable::Over(Limit::HeaderBytes)));
        assert_eq!(read("A: 1234567890", 10), Err(Unusable::Over(Limit::HeaderBytes)));
    }
}
