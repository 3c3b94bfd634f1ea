//! Bytes of parts: transfer encodings and character sets, by the library, never failing.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::parsers::MessageStream;

/// How the bytes of a part were made fit for mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// As they are.
    Plain,
    Base64,
    QuotedPrintable,
}

impl Transfer {
    pub(super) fn named(name: &str) -> Self {
        let name = name.trim();
        if name.eq_ignore_ascii_case("base64") {
            Self::Base64
        } else if name.eq_ignore_ascii_case("quoted-printable") {
            Self::QuotedPrintable
        } else {
            Self::Plain
        }
    }
}

/// The bytes of a part. What is damaged is read as far as it goes, and kept as it is when nothing
/// can be read.
pub(super) fn decode(bytes: &[u8], transfer: Transfer) -> Cow<'_, [u8]> {
    match transfer {
        Transfer::Plain => Cow::Borrowed(bytes),
        Transfer::Base64 => {
            let fits = |b: &u8| b.is_ascii_alphanumeric() || b"+/= \t\r\n".contains(b);
            let good = bytes.iter().position(|b| !fits(b)).unwrap_or(bytes.len());
            match base64_decode(&bytes[..good]) {
                Some(decoded) if !decoded.is_empty() || bytes.trim_ascii().is_empty() => {
                    Cow::Owned(decoded)
                }
                Some(_) | None => Cow::Borrowed(bytes),
            }
        }
        Transfer::QuotedPrintable => {
            match MessageStream::new(bytes).decode_quoted_printable_mime(b"") {
                (usize::MAX, _) => Cow::Borrowed(bytes),
                (_, decoded) => decoded,
            }
        }
    }
}

/// Text in a named character set. A name that is missing, unknown or plainly wrong is guessed: UTF-8
/// where the bytes are UTF-8, else Windows-1252, which holds Latin-1.
pub(super) fn text<'a>(bytes: &'a [u8], charset: Option<&str>) -> Cow<'a, str> {
    let plain = ["us-ascii", "ascii", "utf-8", "utf8", "iso-8859-1", "iso8859-1", "latin1"];
    let named = charset.map(str::trim).filter(|name| !name.is_empty());
    let Some(name) =
        named.filter(|name| !plain[..2].iter().any(|it| it.eq_ignore_ascii_case(name)))
    else {
        return guess_text(bytes);
    };
    if plain[2..4].iter().any(|it| it.eq_ignore_ascii_case(name)) {
        return String::from_utf8_lossy(bytes);
    }
    // Systems that say Latin-1 and write UTF-8 are common; Latin-1 text is hardly ever valid UTF-8.
    let says_latin = plain[4..].iter().any(|it| it.eq_ignore_ascii_case(name));
    if says_latin && !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        return guess_text(bytes);
    }
    match charset_decoder(name.as_bytes()) {
        Some(decoder) => Cow::Owned(decoder(bytes)),
        None => guess_text(bytes),
    }
}

/// Text without a named character set.
pub(super) fn guess_text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => match charset_decoder(b"windows-1252") {
            Some(decoder) => Cow::Owned(decoder(bytes)),
            None => String::from_utf8_lossy(bytes),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_parts_are_read_as_far_as_they_go() {
        let table: [(&[u8], Transfer, &[u8]); 9] = [
            (b"aG9sYQ==\r\n", Transfer::Base64, b"hola"),
            (b"aG9s\r\nYQ", Transfer::Base64, b"hola"),
            (b"aG9sYQ==\r\n*** antivirus ***", Transfer::Base64, b"hola"),
            (b"*** ***", Transfer::Base64, b"*** ***"),
            (b"", Transfer::Base64, b""),
            (b"hola=20se=C3=B1or=\r\na", Transfer::QuotedPrintable, "hola señora".as_bytes()),
            (b"a=ZZb", Transfer::QuotedPrintable, b"a=ZZb"),
            (b"a==b", Transfer::QuotedPrintable, b"a==b"),
            (b"\xff\x00", Transfer::Plain, b"\xff\x00"),
        ];
        for (given, transfer, expected) in table {
            assert_eq!(decode(given, transfer).as_ref(), expected, "{given:?}");
        }
    }

    #[test]
    fn character_sets_are_read_or_guessed() {
        let table: [(&[u8], Option<&str>, &str); 12] = [
            (b"gesti\xc3\xb3n", None, "gestión"),
            (b"gesti\xf3n", None, "gestión"),
            (b"gesti\xf3n", Some("ISO-8859-1"), "gestión"),
            (b"gesti\xc3\xb3n", Some("iso-8859-1"), "gestión"),
            (b"gesti\xc3\xb3n", Some("us-ascii"), "gestión"),
            (b"\x80 5", Some("Windows-1252"), "€ 5"),
            (b"gesti\xf3n", Some("x-unheard-of"), "gestión"),
            (b"gesti\xf3n", Some("utf-8"), "gesti\u{fffd}n"),
            (b"\xff\xfeh\x00\xf1\x00", Some("utf-16"), "hñ"),
            (b"\x00h\x00\xf1", Some("UTF-16BE"), "hñ"),
            (b"\xc4\xe3\xba\xc3", Some("GB18030"), "你好"),
            (b"hola", Some(""), "hola"),
        ];
        for (given, charset, expected) in table {
            assert_eq!(text(given, charset), expected, "{charset:?}");
        }
    }
}
