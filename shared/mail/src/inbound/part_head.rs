//! What the headers of one part say about it.

use mail_parser::parsers::MessageStream;

use super::decode::Transfer;
use super::headers::{Field, Headers};
use super::limits::{Budget, Limit, MEDIA_BYTES_MAX, NAME_BYTES_MAX, PARAMETERS_MAX, Unusable};

use crate::Line;

/// The type of a part of which nothing is known.
const UNNAMED_MEDIA: &str = "application/octet-stream";

/// How a part asks to be shown. All parts are listed, whatever they ask (M6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Within the text.
    Inline,
    /// As a file.
    Attachment,
    /// It does not say.
    Unsaid,
}

/// The headers of one part, as far as they matter.
#[derive(Clone)]
pub(super) struct PartHead {
    /// Type and subtype in lower case.
    pub(super) media: String,
    boundary: Option<String>,
    pub(super) charset: Option<String>,
    pub(super) flowed: bool,
    pub(super) name: Option<Line>,
    pub(super) disposition: Disposition,
    pub(super) content_id: Option<String>,
    pub(super) transfer: Transfer,
}

impl PartHead {
    /// A part that says nothing is plain text.
    pub(super) fn plain_text() -> Self {
        Self {
            media: "text/plain".to_owned(),
            boundary: None,
            charset: None,
            flowed: false,
            name: None,
            disposition: Disposition::Unsaid,
            content_id: None,
            transfer: Transfer::Plain,
        }
    }

    pub(super) fn read(
        headers: &Headers<'_>,
        default_message: bool,
        budget: &mut Budget,
    ) -> Result<Self, Unusable> {
        let mut head = Self::plain_text();
        if default_message {
            "message/rfc822".clone_into(&mut head.media);
        }
        if let Some(field) = headers.first("Content-Type") {
            head.content_type(field, budget)?;
        }
        if let Some(field) = headers.first("Content-Disposition") {
            head.disposition(field, budget)?;
        }
        if let Some(field) = headers.first("Content-Transfer-Encoding") {
            head.transfer = Transfer::named(&field.text());
        }
        if let Some(field) = headers.first("Content-ID") {
            let text = field.text();
            let id = text.trim().trim_start_matches('<').trim_end_matches('>');
            head.content_id = (!id.is_empty()).then(|| Line::new(id).as_str().to_owned());
        }
        Ok(head)
    }

    pub(super) fn is(&self, media: &str) -> bool {
        self.media == media
    }

    /// The boundary of a container that has one.
    pub(super) fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref().filter(|_| self.media.starts_with("multipart/"))
    }

    fn content_type(&mut self, field: &Field<'_>, budget: &mut Budget) -> Result<(), Unusable> {
        let value = checked(field, budget)?;
        let parsed = MessageStream::new(&value).parse_content_type();
        let Some(content) = parsed.as_content_type() else { return Ok(()) };
        let Some(subtype) = content.subtype().filter(|_| !content.ctype().is_empty()) else {
            return Ok(());
        };
        self.media = format!("{}/{subtype}", content.ctype()).to_ascii_lowercase();
        if self.media.len() > MEDIA_BYTES_MAX {
            UNNAMED_MEDIA.clone_into(&mut self.media);
        }
        let attribute = |name: &str| content.attribute(name).map(str::to_owned);
        self.boundary = attribute("boundary").filter(|it| !it.is_empty());
        self.charset = attribute("charset");
        self.flowed = attribute("format").is_some_and(|it| it.eq_ignore_ascii_case("flowed"));
        self.name = content.attribute("name").map(decoded_name).filter(|it| !it.is_empty());
        Ok(())
    }

    fn disposition(&mut self, field: &Field<'_>, budget: &mut Budget) -> Result<(), Unusable> {
        let value = checked(field, budget)?;
        let parsed = MessageStream::new(&value).parse_content_type();
        let Some(content) = parsed.as_content_type() else { return Ok(()) };
        self.disposition = if content.ctype().eq_ignore_ascii_case("attachment") {
            Disposition::Attachment
        } else if content.ctype().eq_ignore_ascii_case("inline") {
            Disposition::Inline
        } else {
            Disposition::Unsaid
        };
        let name = content.attribute("filename").map(decoded_name).filter(|it| !it.is_empty());
        self.name = name.or_else(|| self.name.take());
        Ok(())
    }
}

/// A value that the library may parse: within the limits, and ended by a line end.
fn checked(field: &Field<'_>, budget: &mut Budget) -> Result<Vec<u8>, Unusable> {
    let value = field.value();
    if memchr::memchr_iter(b';', value).count() > PARAMETERS_MAX {
        return Err(Unusable::Over(Limit::Parameters));
    }
    budget.decode(value)?;
    let mut value = super::decode::guess_text(value.trim_ascii()).into_owned().into_bytes();
    value.push(b'\n');
    Ok(value)
}

/// A name with the encoded words that some programs put into parameters, and without anything that
/// could name another folder.
fn decoded_name(text: &str) -> Line {
    // What a parameter decodes to was not counted as the header was: here it may hold encoded words.
    let text = &text[..text.floor_char_boundary(NAME_BYTES_MAX)];
    let decoded = if text.contains("=?") {
        let value = format!("{text}\n");
        let parsed = MessageStream::new(value.as_bytes()).parse_unstructured();
        parsed.as_text().unwrap_or(text).to_owned()
    } else {
        text.to_owned()
    };
    Line::file_name(&decoded).at_most(200)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(headers: &str) -> PartHead {
        let (headers, _) = Headers::read(headers.as_bytes(), 10_000, |_| false).unwrap();
        PartHead::read(&headers, false, &mut Budget::new()).unwrap()
    }

    #[test]
    fn names_are_decoded_and_name_no_folder() {
        let table = [
            ("Content-Type: application/pdf; name=factura.pdf\n", "factura.pdf"),
            ("Content-Type: image/png; name=\"=?UTF-8?Q?se=C3=B1al.png?=\"\n", "señal.png"),
            ("Content-Disposition: attachment; filename*=UTF-8''a%C3%B1o.xml\n", "año.xml"),
            (
                "Content-Disposition: attachment; filename*0=\"uno-\"; filename*1=\"dos.txt\"\n",
                "uno-dos.txt",
            ),
            (
                "Content-Type: a/b; name=x\nContent-Disposition: inline; filename=\"y.txt\"\n",
                "y.txt",
            ),
            ("Content-Disposition: attachment; filename=\"../../etc/passwd\"\n", "_.._etc_passwd"),
            ("Content-Disposition: attachment; filename=\"C:\\\\x\\\\y.exe\"\n", "C__x_y.exe"),
            ("Content-Disposition: attachment; filename=\"a\u{202e}fdp.exe\"\n", "afdp.exe"),
        ];
        for (given, expected) in table {
            let name = head(given).name;
            assert_eq!(name.as_ref().map(Line::as_str), Some(expected), "{given}");
        }
    }

    #[test]
    fn broken_types_are_plain_text() {
        for given in ["Content-Type: \n", "Content-Type: text\n", "Content-Type: ;;;\n", "A: b\n"] {
            assert_eq!(head(given).media, "text/plain", "{given:?}");
        }
        let long = head(&format!("Content-Type: text/{}\n", "x".repeat(300)));
        assert_eq!(long.media, "application/octet-stream");
        let multipart = head("Content-Type: Multipart/Mixed; BOUNDARY=\"a b\"\n");
        assert_eq!(
            (multipart.media.as_str(), multipart.boundary()),
            ("multipart/mixed", Some("a b"))
        );
    }

    #[test]
    fn parameters_are_counted_before_they_are_parsed() {
        let with = |n: usize| format!("Content-Type: a/b{}\n", ";x=1".repeat(n));
        let read = |text: &str| {
            let (headers, _) = Headers::read(text.as_bytes(), 10_000, |_| false).unwrap();
            PartHead::read(&headers, false, &mut Budget::new()).map(|_| ())
        };
        assert_eq!(read(&with(PARAMETERS_MAX)), Ok(()));
        assert_eq!(read(&with(PARAMETERS_MAX + 1)), Err(Unusable::Over(Limit::Parameters)));
    }
}
