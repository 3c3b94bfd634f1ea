//! The headers of a mail out and its MIME tree.
//!
//! Every value that reaches a header is one of: an [`Address`], a [`Line`](crate::Line), a
//! [`MessageId`](crate::MessageId), a token of ours, or a constant. None of them can hold CR, LF or
//! NUL, so no text can add a header.

use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address as Mailbox;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::message_id::MessageId as Ids;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::{BodyPart, MimePart};

use super::envelope::{Envelope, Ticketed};
use crate::Address;
use crate::threading::{Bound, message_token, reply_address};

/// The name beside the support mailbox.
const SENDER_NAME: &str = "Soporte Millora";
/// The header that carries the notice's id: by it our own mail is known when it comes back (M3).
const NOTICE_HEADER: &str = "X-Millora-Notice";

/// How the boundary starts. Our texts always hold letters outside ASCII, so both parts are written
/// as quoted-printable or base64, and in neither can `=_` stand: no text can hold the boundary.
const BOUNDARY: &str = "=_millora-";

/// A text for a header in which no mail program finds an encoded word (RFC 2047): whoever writes one
/// into a subject or a name would otherwise have it decoded, behind the back of [`Line`](crate::Line).
pub(super) fn without_encoded_words(text: &str) -> String {
    text.replace("=?", "= ?")
}

/// What the headers depend on besides the envelope.
pub(super) struct Head<'a> {
    /// The finished subject.
    pub(super) subject: &'a str,
    /// Why nobody wrote this mail, as the header `Auto-Submitted` spells it (RFC 3834).
    pub(super) automatic: Option<&'static str>,
    /// An answer threads to the ticket; notices to the desk are not answered by mail.
    pub(super) answerable: bool,
}

/// Writes the whole message. The same input gives the same bytes: boundary, Date and Message-ID come
/// from the envelope. The mail service replaces the last two; a server of one's own keeps them.
pub(super) fn write<'a>(
    envelope: &Envelope<'a>,
    head: &Head<'_>,
    text: &str,
    html: &str,
) -> Vec<u8> {
    let sender = envelope.sender;
    let mut message = MessageBuilder::new()
        .from(mailbox(SENDER_NAME, &sender.address()))
        .to(mailbox(&without_encoded_words(envelope.to_name.at_most(80).as_str()), envelope.to))
        .subject(head.subject.to_owned())
        .date(envelope.at.millis().div_euclid(1000))
        .message_id(format!("n.{}@{}", envelope.notice_id, sender.domain()));
    let recipient = envelope.to;
    let bound = |it: &Ticketed<'a>| Bound { client: it.client, ticket: it.reference, recipient };
    if let Some(ticket) = &envelope.ticket {
        let token = |number| message_token(sender, ticket.key, bound(ticket), number);
        let (thread, own) = (token(0), token(ticket.number));
        message = message.in_reply_to(thread.clone()).references(Ids::from(vec![thread, own]));
    } else if let Some(answered) = &envelope.answers {
        message = message.in_reply_to(answered.as_str()).references(answered.as_str());
    }
    message = message
        .header("X-Auto-Response-Suppress", raw("All"))
        .header("Content-Language", raw("es-MX"))
        .header(NOTICE_HEADER, raw(envelope.notice_id));
    if let Some(ticket) = envelope.ticket.as_ref().filter(|_| head.answerable) {
        let address = reply_address(sender, ticket.key, bound(ticket));
        message = message.reply_to(mailbox(SENDER_NAME, &address));
    }
    if let Some(why) = head.automatic {
        message = message.header("Auto-Submitted", raw(why));
    }
    let alternative = ContentType::new("multipart/alternative")
        .attribute("boundary", format!("{BOUNDARY}{}", envelope.notice_id));
    let parts = BodyPart::Multipart(vec![part("text/plain", text), part("text/html", html)]);
    let body = MimePart::raw(parts).header("Content-Type", alternative);
    let mut bytes = Vec::new();
    message.body(body).serialize(&mut bytes);
    bytes
}

fn part<'a>(kind: &'static str, text: &'a str) -> MimePart<'a> {
    MimePart::new(ContentType::new(kind).attribute("charset", "utf-8"), text)
}

fn mailbox<'a>(name: &str, address: &Address) -> Mailbox<'a> {
    let name = (!name.is_empty()).then(|| name.to_owned());
    Mailbox::new_address(name, address.to_string())
}

fn raw(value: &str) -> HeaderType<'_> {
    HeaderType::Raw(Raw::new(value))
}
