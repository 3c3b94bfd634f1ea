//! A mail as typed facts. Any bytes end here as one [`Inbound`] or one [`Unusable`].

use std::borrow::Cow;

use super::addresses::{Author, Mailbox, author, list};
use super::body::{TextOrigin, whole};
use super::decode::{Transfer, decode, guess_text};
use super::fold::{Fold, fold, visible};
use super::headers::{Field, Headers};
use super::limits::{
    Budget, HEADER_SECTION_BYTES_MAX, Limit, MAIL_BYTES_MAX, MESSAGE_ID_BYTES_MAX, REFERENCES_MAX,
    SUBJECT_BYTES_MAX, Unusable,
};
use super::part_head::{Disposition, PartHead};
use super::structure::{Leaf, leaves};
use crate::{Body, Line};

/// A mail that came in. It borrows the raw bytes; parts are decoded only when asked for.
#[derive(Debug)]
pub struct Inbound<'a> {
    /// Who the mail says it is from (M1). It proves nothing by itself.
    pub author: Author,
    /// The subject, decoded and safe to show.
    pub subject: Line,
    /// Message-ID without its brackets; `None` when there is none.
    pub message_id: Option<String>,
    /// The ids that In-Reply-To names.
    pub in_reply_to: Vec<String>,
    /// The ids that References names, in their order.
    pub references: Vec<String>,
    /// The Date header as it stands. It enters the canonical content and nothing else: the receipt
    /// never comes from it (G2).
    pub date: Option<String>,
    /// Mailboxes in To.
    pub to: Vec<Mailbox>,
    /// Mailboxes in Cc.
    pub cc: Vec<Mailbox>,
    /// Where answers should go, as the mail asks. Nothing is sent there: answers go to registered
    /// and proven addresses.
    pub reply_to: Vec<Mailbox>,
    /// What the person wrote.
    pub text: Text,
    /// Every part that holds no parts, the one that is shown included (M6).
    pub parts: Vec<Part<'a>>,
    /// The type of the whole mail, in lower case: `multipart/report`.
    pub media: String,
    pub(super) headers: Headers<'a>,
}

/// The text of a mail, whole, with what is folded for display (M6).
#[derive(Debug, Clone)]
pub struct Text {
    /// All of it, safe to show as text.
    pub full: Body,
    /// Ranges of `full` that are folded.
    pub folds: Vec<Fold>,
    /// From which kind of part it comes.
    pub origin: TextOrigin,
    /// It is longer than [`TEXT_BYTES_MAX`](super::limits::TEXT_BYTES_MAX): the rest is in the part.
    pub cut: bool,
}

impl Text {
    /// What is not folded.
    #[must_use]
    pub fn visible(&self) -> String {
        visible(self.full.as_str(), &self.folds)
    }
}

/// What kind of part, as far as it matters to whoever looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartKind {
    /// Plain text.
    Text,
    /// HTML: never shown, only downloaded.
    Html,
    /// A picture.
    Image,
    /// A mail within the mail.
    Message,
    /// An invitation or its answer.
    Calendar,
    /// A signature of the mail, by S/MIME or PGP.
    Signature,
    /// A mail that is encrypted or signed as a whole: its text is inside.
    Sealed,
    /// `winmail.dat`: what Outlook wraps.
    Winmail,
    /// What a report about a mail consists of. The same type elsewhere is a file that a person attached.
    Report,
    /// Anything else.
    Other,
}

/// One part. All are listed, whatever they ask (M6).
#[derive(Debug, Clone)]
pub struct Part<'a> {
    /// Its place among the parts, from 1.
    pub number: usize,
    /// A name to save it by; made up when it has none.
    pub name: Line,
    /// Its type, in lower case: `image/png`. It is what the mail says, not what the bytes are.
    pub media: String,
    /// What kind.
    pub kind: PartKind,
    /// How it asks to be shown.
    pub disposition: Disposition,
    /// The id by which HTML names it, without brackets.
    pub content_id: Option<String>,
    /// Its whole text is part of [`Inbound::text`]. Of a part that is cut there the rest is here only.
    pub shown: bool,
    charset: Option<String>,
    transfer: Transfer,
    raw: &'a [u8],
}

impl<'a> Part<'a> {
    /// Its bytes, decoded.
    #[must_use]
    pub fn bytes(&self) -> Cow<'a, [u8]> {
        decode(self.raw, self.transfer)
    }

    /// The first `bytes_max` encoded bytes, decoded.
    pub(super) fn start(&self, bytes_max: usize) -> Cow<'a, [u8]> {
        decode(&self.raw[..self.raw.len().min(bytes_max)], self.transfer)
    }

    /// Its bytes as they came, encoded.
    pub(super) const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    pub(super) fn charset(&self) -> Option<&str> {
        self.charset.as_deref()
    }
}

/// Reads a mail (M7). The limits are checked before anything is parsed.
///
/// ```
/// let raw = b"From: Ana <ana@acme.example>\r\nSubject: No timbra\r\n\r\nDesde ayer.\r\n";
/// let mail = mail::inbound::parse(raw).expect("it is a mail");
/// assert_eq!(mail.subject.as_str(), "No timbra");
/// assert_eq!(mail.text.visible(), "Desde ayer.");
/// ```
///
/// # Errors
/// When there is no header at all, or a limit of [`limits`](super::limits) is exceeded.
pub fn parse(raw: &[u8]) -> Result<Inbound<'_>, Unusable> {
    if raw.len() > MAIL_BYTES_MAX {
        return Err(Unusable::Over(Limit::MailBytes));
    }
    let (headers, body_at) = Headers::read(raw, HEADER_SECTION_BYTES_MAX, |_| false)?;
    if headers.is_empty() {
        return Err(Unusable::NoHeaders);
    }
    let budget = &mut Budget::new();
    let author = author(&headers, budget)?;
    let to = list(&headers, "To", budget)?;
    let cc = list(&headers, "Cc", budget)?;
    let reply_to = list(&headers, "Reply-To", budget)?;
    let (in_reply_to, references) = references(&headers)?;
    let subject = match headers.first("Subject") {
        Some(field) => decoded(field, budget)?,
        None => Line::default(),
    };
    let head = PartHead::read(&headers, false, budget)?;
    let media = head.media.clone();
    let leaves = leaves(raw, body_at, head, budget)?;
    let (text, shown) = text_of(&leaves, &subject);
    Ok(Inbound {
        author,
        subject,
        message_id: headers.first("Message-ID").and_then(|field| message_id(field)),
        in_reply_to,
        references,
        date: headers.first("Date").map(|field| cut(&field.text())),
        to,
        cc,
        reply_to,
        text,
        parts: parts(leaves, &shown),
        media,
        headers,
    })
}

impl Inbound<'_> {
    /// Whether the topmost Return-Path is the null path (M3). One that cannot be read is not.
    #[must_use]
    pub fn null_return_path(&self) -> bool {
        let path = self.headers.first("Return-Path").map(Field::text);
        path.is_some_and(|path| matches!(path.trim(), "" | "<>"))
    }

    /// The topmost header of that name on one line, undecoded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.first(name).map(Field::text)
    }
}

impl std::fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Headers({})", self.iter().count())
    }
}

fn text_of(leaves: &[Leaf<'_>], subject: &Line) -> (Text, Vec<usize>) {
    let whole = whole(leaves);
    let folds = fold(whole.body.as_str(), is_forward(subject.as_str()));
    let text = Text { full: whole.body, folds, origin: whole.origin, cut: whole.cut };
    (text, whole.shown)
}

/// "RV:", "Fwd:" and the like: what follows is told, not quoted.
fn is_forward(subject: &str) -> bool {
    let Some((prefix, _)) = subject.split_once(':') else { return false };
    let prefix = prefix.trim().to_lowercase();
    ["rv", "fw", "fwd", "reenv", "reenviado", "i"].contains(&prefix.as_str())
}

/// An unstructured header, decoded by the library.
fn decoded(field: &Field<'_>, budget: &mut Budget) -> Result<Line, Unusable> {
    let value = field.value();
    let value = &value[..value.len().min(SUBJECT_BYTES_MAX)];
    budget.decode(value)?;
    let mut value = guess_text(value.trim_ascii()).into_owned().into_bytes();
    value.push(b'\n');
    let parsed = mail_parser::parsers::MessageStream::new(&value).parse_unstructured();
    Ok(Line::new(parsed.as_text().unwrap_or_default()))
}

fn message_id(field: &Field<'_>) -> Option<String> {
    let text = field.text();
    let id = ids(&text).next().unwrap_or_else(|| text.trim().trim_matches(['<', '>']));
    (!id.is_empty()).then(|| cut(id))
}

fn references(headers: &Headers<'_>) -> Result<(Vec<String>, Vec<String>), Unusable> {
    let mut left = REFERENCES_MAX;
    let mut read = |name: &'static str| -> Result<Vec<String>, Unusable> {
        let mut found = Vec::new();
        for field in headers.all(name) {
            for id in ids(&field.text()) {
                left = left.checked_sub(1).ok_or(Unusable::Over(Limit::References))?;
                found.push(cut(id));
            }
        }
        Ok(found)
    };
    Ok((read("In-Reply-To")?, read("References")?))
}

/// What stands between angle brackets.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').skip(1).filter_map(|rest| {
        let id = rest.split_once('>')?.0.trim();
        (!id.is_empty() && !id.contains(char::is_whitespace)).then_some(id)
    })
}

fn cut(text: &str) -> String {
    let safe: String = text.chars().filter(|c| !c.is_control()).collect();
    safe[..safe.floor_char_boundary(MESSAGE_ID_BYTES_MAX)].to_owned()
}

fn parts<'a>(leaves: Vec<Leaf<'a>>, shown: &[usize]) -> Vec<Part<'a>> {
    let part = |(place, leaf): (usize, Leaf<'a>)| {
        let kind = kind(&leaf);
        let number = place + 1;
        Part {
            number,
            name: leaf.head.name.unwrap_or_else(|| made_up_name(number, kind, &leaf.head.media)),
            media: leaf.head.media,
            kind,
            disposition: leaf.head.disposition,
            content_id: leaf.head.content_id,
            shown: shown.contains(&place),
            charset: leaf.head.charset,
            transfer: leaf.head.transfer,
            raw: leaf.body,
        }
    };
    leaves.into_iter().enumerate().map(part).collect()
}

fn kind(leaf: &Leaf<'_>) -> PartKind {
    match leaf.head.media.as_str() {
        "text/html" => PartKind::Html,
        "text/calendar" | "application/ics" => PartKind::Calendar,
        "message/delivery-status"
        | "message/global-delivery-status"
        | "message/disposition-notification"
        | "message/feedback-report"
        | "text/rfc822-headers"
        | "message/rfc822-headers"
            if leaf.in_report =>
        {
            PartKind::Report
        }
        "application/pkcs7-signature"
        | "application/x-pkcs7-signature"
        | "application/pgp-signature" => PartKind::Signature,
        "application/pkcs7-mime" | "application/x-pkcs7-mime" | "application/pgp-encrypted" => {
            PartKind::Sealed
        }
        "application/ms-tnef" | "application/vnd.ms-tnef" => PartKind::Winmail,
        "message/rfc822" | "message/global" => PartKind::Message,
        media if media.starts_with("image/") => PartKind::Image,
        media if media.starts_with("text/") => PartKind::Text,
        _ => PartKind::Other,
    }
}

fn made_up_name(number: usize, kind: PartKind, media: &str) -> Line {
    let subtype = media.split_once('/').map_or("", |(_, it)| it);
    let short = subtype.len() <= 5 && subtype.bytes().all(|b| b.is_ascii_alphanumeric());
    let (stem, ending) = match kind {
        PartKind::Text => ("texto", "txt"),
        PartKind::Html => ("mensaje", "html"),
        PartKind::Image => ("imagen", if short { subtype } else { "img" }),
        PartKind::Message => ("mensaje", "eml"),
        PartKind::Calendar => ("invitacion", "ics"),
        PartKind::Signature => ("firma", "p7s"),
        PartKind::Sealed => ("mensaje", "p7m"),
        PartKind::Winmail => ("winmail", "dat"),
        PartKind::Report => ("informe", "txt"),
        PartKind::Other => ("parte", if short { subtype } else { "bin" }),
    };
    Line::new(&format!("{stem}-{number}.{ending}"))
}
