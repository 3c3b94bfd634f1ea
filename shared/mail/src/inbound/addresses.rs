//! Address headers: split here, decoded by the library, one mailbox at a time.
//!
//! Splitting first makes "exactly one mailbox" (M1) a fact of this code alone, and keeps the cost of
//! a long header proportional to its length.

use mail_parser::parsers::MessageStream;

use super::decode::guess_text;
use super::headers::{Field, Headers};
use super::limits::{Budget, Unusable};
use crate::{Address, Line};

/// A mailbox of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name beside the address; empty when there is none. It proves nothing.
    pub name: Line,
    /// The address.
    pub address: Address,
}

/// What the From headers hold (M1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// Exactly one header with exactly one mailbox.
    One(Mailbox),
    /// No header, or an empty one.
    None,
    /// Several headers, or several mailboxes. Those that can be read, for the desk to see.
    Several(Vec<Mailbox>),
    /// One header that is no plain mailbox.
    Unreadable,
}

impl Author {
    /// The address that the mail claims, when it claims exactly one.
    #[must_use]
    pub const fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::One(mailbox) => Some(mailbox),
            Self::None | Self::Several(_) | Self::Unreadable => None,
        }
    }

    /// The form that the rule of proof takes.
    #[must_use]
    pub fn for_proof(&self) -> domain::inbound::FromHeader<'_> {
        use domain::inbound::FromHeader;
        match self {
            Self::One(mailbox) => FromHeader::One(mailbox.address.domain()),
            Self::None => FromHeader::None,
            Self::Several(_) => FromHeader::Several,
            Self::Unreadable => FromHeader::Unreadable,
        }
    }
}

pub(super) fn author(headers: &Headers<'_>, budget: &mut Budget) -> Result<Author, Unusable> {
    let mut pieces = 0;
    let mut fields = 0;
    let mut mailboxes = Vec::new();
    for field in headers.all("From") {
        fields += 1;
        let split = Split::of(field.value());
        // What ends inside a quotation, a comment or a bracket has another end for another reader.
        pieces += if split.whole { split.pieces.len() } else { 2 };
        for piece in split.pieces {
            mailboxes.extend(mailbox(piece, budget)?);
        }
    }
    Ok(match (fields, pieces, mailboxes.len()) {
        (0, _, _) | (1, 0, _) => Author::None,
        (1, 1, 1) => mailboxes.pop().map_or(Author::None, Author::One),
        (1, 1, _) => Author::Unreadable,
        (_, _, _) => Author::Several(mailboxes),
    })
}

/// The mailboxes of all headers of that name that can be read.
pub(super) fn list(
    headers: &Headers<'_>,
    name: &'static str,
    budget: &mut Budget,
) -> Result<Vec<Mailbox>, Unusable> {
    let mut mailboxes = Vec::new();
    for field in headers.all(name) {
        for piece in Split::of(field.value()).pieces {
            mailboxes.extend(mailbox(piece, budget)?);
        }
    }
    Ok(mailboxes)
}

/// The first plain address of a header such as Return-Path.
pub(super) fn bare(field: &Field<'_>) -> Option<Address> {
    let text = field.text();
    Address::parse(text.trim().trim_start_matches('<').trim_end_matches('>')).ok()
}

/// One mailbox out of the bytes between two separators; none when they hold no plain address.
fn mailbox(piece: &[u8], budget: &mut Budget) -> Result<Option<Mailbox>, Unusable> {
    budget.address()?;
    budget.decode(piece)?;
    let mut value = guess_text(piece).into_owned().into_bytes();
    value.push(b'\n');
    let parsed = MessageStream::new(&value).parse_address();
    let Some(mail_parser::Address::List(found)) = parsed.as_address() else { return Ok(None) };
    let [one] = found.as_slice() else { return Ok(None) };
    let Some(address) = one.address.as_deref().and_then(|text| Address::parse(text.trim()).ok())
    else {
        return Ok(None);
    };
    let name = Line::new(one.name.as_deref().unwrap_or_default()).at_most(200);
    Ok(Some(Mailbox { name, address }))
}

/// An address header, split at its commas, and at the semicolons and colons of groups.
struct Split<'a> {
    pieces: Vec<&'a [u8]>,
    /// Nothing was left open, and no piece has more than one bracket.
    whole: bool,
}

impl<'a> Split<'a> {
    fn of(value: &'a [u8]) -> Self {
        let mut split = Self { pieces: Vec::new(), whole: true };
        let (mut quoted, mut comments, mut bracket, mut brackets) =
            (false, 0_usize, false, 0_usize);
        let mut start = 0;
        let mut at = 0;
        while let Some(byte) = value.get(at) {
            match byte {
                b'\\' if quoted || comments > 0 => at += 1,
                b'"' if comments == 0 && !bracket => quoted = !quoted,
                _ if quoted => {}
                b'(' => comments += 1,
                b')' => comments = comments.saturating_sub(1),
                _ if comments > 0 => {}
                b'<' => {
                    bracket = true;
                    brackets += 1;
                    split.whole &= brackets == 1;
                }
                b'>' => bracket = false,
                b':' if !bracket => {
                    // The name of a group is no mailbox. A header with a group is never one mailbox.
                    start = at + 1;
                    split.whole = false;
                }
                b',' | b';' if !bracket => {
                    split.end(&value[start..at]);
                    (start, brackets) = (at + 1, 0);
                }
                _ => {}
            }
            at += 1;
        }
        split.end(&value[start.min(value.len())..]);
        split.whole &= !quoted && comments == 0 && !bracket;
        split
    }

    fn end(&mut self, piece: &'a [u8]) {
        let piece = piece.trim_ascii();
        if !piece.is_empty() {
            self.pieces.push(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[u8]) -> Author {
        let (headers, _) = Headers::read(headers, 10_000, |_| false).unwrap();
        author(&headers, &mut Budget::new()).unwrap()
    }

    #[test]
    fn one_mailbox_or_none() {
        let one: &[(&[u8], &str, &str)] = &[
            (b"From: ana@acme.example\n", "", "ana@acme.example"),
            (b"From: Ana <Ana@ACME.example>\n", "Ana", "Ana@acme.example"),
            (
                b"FROM : \"L\xf3pez, Ana\" <ana@acme.example>\n",
                "L\u{f3}pez, Ana",
                "ana@acme.example",
            ),
            (
                b"From: =?ISO-8859-1?Q?Ana_L=F3pez?=\n <ana@acme.example>\n",
                "Ana López",
                "ana@acme.example",
            ),
            (
                b"From: \"jefe@otro.example\" <ana@acme.example>\n",
                "jefe@otro.example",
                "ana@acme.example",
            ),
            (b"From: ana@acme.example (Ana, de compras)\n", "Ana, de compras", "ana@acme.example"),
        ];
        for (given, name, address) in one {
            let Author::One(mailbox) = read(given) else {
                panic!("{}", String::from_utf8_lossy(given))
            };
            assert_eq!(
                (mailbox.name.as_str(), mailbox.address.to_string().as_str()),
                (*name, *address)
            );
        }
        let several: &[&[u8]] = &[
            b"From: ana@acme.example\nFrom: beto@acme.example\n",
            b"From: ana@acme.example\nno header\nfrom : beto@acme.example\n",
            b"From: ana@acme.example, beto@acme.example\n",
            b"From: Ana <ana@acme.example> <beto@otro.example>\n",
            b"From: todos: ana@acme.example;\n",
            b"From: \"Ana <ana@acme.example>\n",
            b"From: Ana (comentario <ana@acme.example>\n",
            b"From: <ana@acme.example\n",
        ];
        for given in several {
            let read = read(given);
            assert!(
                matches!(read, Author::Several(_)),
                "{} {read:?}",
                String::from_utf8_lossy(given)
            );
        }
        assert_eq!(read(b"To: x@y.example\n"), Author::None);
        assert_eq!(read(b"From: \n"), Author::None);
        for given in [
            &b"From: Ana\n"[..],
            b"From: <>\n",
            b"From: ana@localhost\n",
            b"From: a\xf1o@acme.example\n",
        ] {
            assert_eq!(read(given), Author::Unreadable, "{}", String::from_utf8_lossy(given));
        }
    }

    #[test]
    fn lists_give_what_can_be_read() {
        let text = b"To: Soporte <soporte@m.example>, grupo: a@x.example, \"b, c\" <b@x.example>;, nada\nCc: d@x.example\nTo: e@x.example\n";
        let (headers, _) = Headers::read(text, 10_000, |_| false).unwrap();
        let found = list(&headers, "To", &mut Budget::new()).unwrap();
        let found: Vec<String> = found.iter().map(|it| it.address.to_string()).collect();
        assert_eq!(found, ["soporte@m.example", "a@x.example", "b@x.example", "e@x.example"]);
    }
}
