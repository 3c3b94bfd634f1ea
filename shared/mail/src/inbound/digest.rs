//! The canonical content of a mail, as a digest (M4): what makes two deliveries the same mail.
//!
//! From, Subject, Date and the decoded parts enter; headers that servers add on the way do not, nor
//! do Message-ID, recipients and boundaries. Text enters without its kind of line end and without
//! white space at line ends, so a server that writes a part in another encoding changes nothing. Parts
//! beyond two megabytes enter as they came: reading them would cost more than it tells.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::addresses::Author;
use super::limits::CANONICAL_BYTES_MAX;
use super::parse::{Inbound, Part, PartKind};

/// SHA-256 of the canonical content. Every part of it goes in behind its length, so no two different
/// contents give the same input.
#[must_use]
pub fn content_digest(mail: &Inbound<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let author = match &mail.author {
        Author::One(mailbox) => mailbox.address.canonical(),
        Author::Several(mailboxes) => {
            mailboxes.iter().map(|it| it.address.canonical()).collect::<Vec<_>>().join(",")
        }
        Author::None | Author::Unreadable => mail.header("From").unwrap_or_default(),
    };
    put(&mut hash, author.as_bytes());
    put(&mut hash, mail.subject.as_str().as_bytes());
    put(&mut hash, mail.date.as_deref().unwrap_or_default().as_bytes());
    put(&mut hash, &mail.parts.len().to_be_bytes());
    let mut left = CANONICAL_BYTES_MAX;
    for part in &mail.parts {
        put(&mut hash, part.media.as_bytes());
        put(&mut hash, part.name.as_str().as_bytes());
        match left.checked_sub(part.raw().len()) {
            Some(rest) => {
                left = rest;
                put(&mut hash, &canonical(part));
            }
            None => put(&mut hash, part.raw()),
        }
    }
    hash.finalize().into()
}

fn put(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn canonical<'a>(part: &Part<'a>) -> Cow<'a, [u8]> {
    let bytes = part.bytes();
    match part.kind {
        PartKind::Text | PartKind::Html => {
            let mut out = Vec::with_capacity(bytes.len());
            for line in bytes.split(|b| *b == b'\n') {
                out.extend_from_slice(line.trim_ascii_end());
                out.push(b'\n');
            }
            out.truncate(out.trim_ascii_end().len());
            Cow::Owned(out)
        }
        PartKind::Image
        | PartKind::Message
        | PartKind::Calendar
        | PartKind::Signature
        | PartKind::Sealed
        | PartKind::Winmail
        | PartKind::Report
        | PartKind::Other => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    const MAIL: &str = "Received: x\r\nFrom: Ana <ana@acme.example>\r\nSubject: =?UTF-8?Q?a=C3=B1o?=\r\n\
        Date: Fri, 20 Nov 2026 10:00:00 -0600\r\nMessage-ID: <1@acme.example>\r\n\
        Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Hola, se=C3=B1or.\r\n";

    fn digest(text: &str) -> [u8; 32] {
        content_digest(&parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn what_servers_add_changes_nothing_and_what_people_write_does() {
        let same = [
            MAIL.replace("Received: x", "Received: y\r\nX-Trace: 1"),
            MAIL.replace("1@acme", "2@acme"),
            MAIL.replace("\r\n", "\n"),
            MAIL.replace("Ana <ana@acme.example>", "ANA <Ana@Acme.example>"),
            MAIL.replace("=?UTF-8?Q?a=C3=B1o?=", "=?ISO-8859-1?Q?a=F1o?="),
            MAIL.replace("quoted-printable", "8bit").replace("se=C3=B1or", "señor"),
            MAIL.replace(
                "quoted-printable\r\n\r\nHola, se=C3=B1or.",
                "base64\r\n\r\nSG9sYSwgc2XDsW9yLg==",
            ),
        ];
        for text in same {
            assert_eq!(digest(&text), digest(MAIL), "{text}");
        }
        let other = [
            MAIL.replace("ana@", "beto@"),
            MAIL.replace("=?UTF-8?Q?a=C3=B1o?=", "mes"),
            MAIL.replace("10:00:00", "10:00:01"),
            MAIL.replace("Hola", "Adios"),
            MAIL.replace("text/plain", "text/html"),
        ];
        for text in other {
            assert_ne!(digest(&text), digest(MAIL), "{text}");
        }
    }
}
