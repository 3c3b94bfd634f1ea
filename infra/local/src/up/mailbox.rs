//! A sent mail as a file: the head that our side writes above it, and reading it again.

use std::path::{Path, PathBuf};
use std::{fs, io};

use app::ports::Outgoing;
use domain::Instant;
use mail_parser::MessageParser;
use serde::Serialize;

use super::mailer::{self, Fate};

/// What is known of a mail without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Mail {
    /// Its number, from 1, by which people name it.
    pub(crate) number: u32,
    /// When it was sent.
    #[serde(serialize_with = "rfc3339")]
    pub(crate) at: Instant,
    /// Envelope sender.
    pub(crate) from: String,
    /// Envelope recipient.
    pub(crate) to: String,
    /// Its subject, decoded.
    pub(crate) subject: String,
    /// What became of it.
    pub(crate) fate: Fate,
    /// The notice that it carries.
    pub(crate) notice_id: String,
    /// What it is about.
    pub(crate) subject_tag: String,
}

/// A mail opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Opened {
    /// What is known without opening.
    pub(crate) mail: Mail,
    /// The address that an answer goes to.
    pub(crate) reply_to: Option<String>,
    /// Its text.
    pub(crate) text: String,
    /// Its HTML part, if it has one.
    #[serde(skip)]
    pub(crate) html: Option<String>,
}

fn rfc3339<S: serde::Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339())
}

/// The name of the file of a mail.
#[must_use]
pub(crate) fn file_name(number: u32) -> String {
    format!("{number:06}.eml")
}

/// The files of a folder of the maildir, in the order of their numbers.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The lines that are written above a mail: its envelope, its tags as SES spells them, and its fate.
#[must_use]
pub(crate) fn head(number: u32, at: Instant, fate: Fate, message: &Outgoing) -> String {
    // None of these can hold a line end unless somebody builds an Outgoing by hand; then it is cut.
    let line = |text: &str| -> String { text.chars().take_while(|c| !c.is_control()).collect() };
    format!(
        "Return-Path: <{}>\r\nDelivered-To: {}\r\nX-SES-Message-Tags: notice_id={}, subject={}\r\n\
         X-Local-Mail: {}; at={}; fate={}\r\n",
        line(&message.from),
        line(&message.to),
        line(&message.notice_id),
        line(&message.subject_tag),
        mailer::id(number),
        at.to_rfc3339(),
        fate.name(),
    )
}

/// Reads what is known of a mail.
///
/// # Errors
/// When the file cannot be read, or is not one that this program wrote.
pub(crate) fn read(path: &Path) -> io::Result<Mail> {
    let bytes = fs::read(path)?;
    of_bytes(&bytes).ok_or_else(|| {
        let text = format!("{}: no es un correo escrito por millora", path.display());
        io::Error::new(io::ErrorKind::InvalidData, text)
    })
}

/// Opens a mail.
#[must_use]
pub(crate) fn open(bytes: &[u8]) -> Option<Opened> {
    let mail = of_bytes(bytes)?;
    let message = MessageParser::default().parse(bytes)?;
    let reply_to = message
        .reply_to()
        .and_then(|addresses| addresses.first())
        .and_then(|address| address.address())
        .map(str::to_owned);
    let text = message.body_text(0).unwrap_or_default().into_owned();
    let html = (message.html_body_count() > 0)
        .then(|| message.body_html(0).map(std::borrow::Cow::into_owned))
        .flatten();
    Some(Opened { mail, reply_to, text, html })
}

fn of_bytes(bytes: &[u8]) -> Option<Mail> {
    let lines: Vec<&str> = bytes
        .split(|byte| *byte == b'\n')
        .take(4)
        .map(|line| std::str::from_utf8(line).ok().map(str::trim_end))
        .collect::<Option<_>>()?;
    let [from, to, tags, local] = lines.as_slice() else { return None };
    let from = from.strip_prefix("Return-Path: <")?.strip_suffix('>')?;
    let to = to.strip_prefix("Delivered-To: ")?;
    let tags = tags.strip_prefix("X-SES-Message-Tags: notice_id=")?;
    let (notice_id, subject_tag) = tags.split_once(", subject=")?;
    let mut local = local.strip_prefix("X-Local-Mail: local-")?.split("; ");
    let number = local.next()?.parse().ok()?;
    let at = Instant::parse_rfc3339(local.next()?.strip_prefix("at=")?).ok()?;
    let fate = match local.next()?.strip_prefix("fate=")? {
        "delivered" => Fate::Delivered,
        "bounced" => Fate::Bounced,
        _ => return None,
    };
    let parsed = MessageParser::default().parse(bytes);
    let subject = parsed.as_ref().and_then(|message| message.subject()).unwrap_or_default();
    Some(Mail {
        number,
        at,
        from: from.to_owned(),
        to: to.to_owned(),
        subject: subject.to_owned(),
        fate,
        notice_id: notice_id.to_owned(),
        subject_tag: subject_tag.to_owned(),
    })
}
