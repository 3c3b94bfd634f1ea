//! Message ids of other people's mails, as they can stand in a header of ours.

use std::fmt;

/// An id has at most so many octets, so that no line of a header gets too long by it.
const OCTETS_MAX: usize = 200;

/// The Message-ID of a mail, without its brackets: printable ASCII around one `@`, without white space
/// and brackets. So it holds no CR, LF or NUL, and ends where it should.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageId(String);

impl MessageId {
    /// Reads an id; `None` for one that cannot be written into a header as it stands.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (left, right) = text.split_once('@')?;
        let fits = (1..=OCTETS_MAX).contains(&text.len()) && !right.contains('@');
        let plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && !b"<>".contains(&b))
        };
        (fits && plain(left) && plain(right)).then(|| Self(text.to_owned()))
    }

    /// The id without brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Ids stay out of logs: many hold a name.
impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageId(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_header_can_hold_is_an_id() {
        for good in ["uno@correo.example", "CAF=x_1.$+%@mail.gmail.com", "a@[10.0.0.1]"] {
            assert_eq!(MessageId::parse(good).unwrap().as_str(), good);
        }
        let long = format!("{}@correo.example", "x".repeat(OCTETS_MAX));
        let bad = [
            "",
            "@",
            "uno",
            "uno@",
            "@correo.example",
            "u no@correo.example",
            "uno@co>rreo.example",
            "uno@correo.example>\r\nBcc: x@y.example",
            "uno\0@correo.example",
            "uno@dos@tres",
            "ñ@correo.example",
            "\u{202e}uno@correo.example",
            long.as_str(),
        ];
        for bad in bad {
            assert_eq!(MessageId::parse(bad), None, "{bad:?}");
        }
    }
}
