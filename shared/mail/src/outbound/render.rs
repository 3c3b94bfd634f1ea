//! From an envelope and a content to the bytes of a mail.

use super::content::Content;
use super::envelope::Envelope;
use super::headers::{self, Head};
use super::templates::{self, Frame};

/// So many characters of the request's subject are repeated in ours.
pub const SUBJECT_WORDS_CHARS_MAX: usize = 100;
/// A notice's id has at most so many characters: it is also the MIME boundary, which has at most 70.
const NOTICE_ID_CHARS_MAX: usize = 60;

/// A finished mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Envelope sender.
    pub from: String,
    /// Envelope recipient.
    pub to: String,
    /// The subject, decoded.
    pub subject: String,
    /// The text part, for display.
    pub text: String,
    /// The whole message, headers included.
    pub mime: Vec<u8>,
}

/// Mails stay out of logs.
impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rendered({} bytes)", self.mime.len())
    }
}

/// Why a mail was not rendered: our own fault in each case.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The notice's id cannot stand in a header and a boundary.
    #[error(
        "the notice's id takes 1 to {NOTICE_ID_CHARS_MAX} lower-case letters, digits and hyphens"
    )]
    NoticeId,
    /// A template failed.
    #[error("the mail's template failed")]
    Template(#[source] askama::Error),
}

/// Renders a mail: `[reference] title: words of the request`, text and HTML with the same words, and
/// the headers by which an answer finds its ticket and automatic mail is known as such.
///
/// # Errors
/// When the notice's id is malformed.
pub fn render(envelope: &Envelope<'_>, content: &Content) -> Result<Rendered, RenderError> {
    let id = envelope.notice_id;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if id.is_empty() || id.len() > NOTICE_ID_CHARS_MAX || !id.bytes().all(plain) {
        return Err(RenderError::NoticeId);
    }
    let kind = Kind::of(content);
    let title = templates::title(content);
    let frame = Frame::new(envelope, kind, &title);
    let (text, html) = templates::bodies(&frame, content).map_err(RenderError::Template)?;
    let subject = subject(envelope, &title);
    let head = Head {
        subject: &subject,
        automatic: automatic(content, kind),
        answerable: kind != Kind::Desk,
    };
    Ok(Rendered {
        from: envelope.sender.address().to_string(),
        to: envelope.to.to_string(),
        mime: headers::write(envelope, &head, &text, &html),
        subject,
        text,
    })
}

/// The title, with reference and words of the request where the mail is about a ticket.
fn subject(envelope: &Envelope<'_>, title: &str) -> String {
    let Some(ticket) = &envelope.ticket else { return title.to_owned() };
    match &ticket.request {
        Some(words) if !words.is_empty() => {
            let words = words.at_most(SUBJECT_WORDS_CHARS_MAX);
            let words = headers::without_encoded_words(words.as_str());
            format!("[{}] {title}: {words}", ticket.reference)
        }
        Some(_) | None => format!("[{}] {title}", ticket.reference),
    }
}

/// An answer to one mail says that it is one; what a person wrote is not automatic (RFC 3834).
fn automatic(content: &Content, kind: Kind) -> Option<&'static str> {
    match (content, kind) {
        (_, Kind::Person) => None,
        (Content::Held(_) | Content::Unknown(_), Kind::Notice | Kind::Desk) => Some("auto-replied"),
        (_, Kind::Notice | Kind::Desk) => Some("auto-generated"),
    }
}

/// Who speaks to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A person of the desk writes to the client.
    Person,
    /// The system tells the client.
    Notice,
    /// The system tells Millora's own people.
    Desk,
}

impl Kind {
    fn of(content: &Content) -> Self {
        match content {
            Content::InformationRequest(_) | Content::Reply(_) | Content::Solution(_) => {
                Self::Person
            }
            Content::Account(mail) if mail.is_to_desk() => Self::Desk,
            Content::Account(_) => Self::Notice,
            Content::Acknowledgement(_)
            | Content::SameDayOffer(_)
            | Content::SameDayAccepted(_)
            | Content::EmergencyCost(_)
            | Content::Downgraded(_)
            | Content::InformationReminder(_)
            | Content::SolutionReminder(_)
            | Content::Closing(_)
            | Content::Reopened(_)
            | Content::ClosingCorrected(_)
            | Content::ReopeningAnnulled(_)
            | Content::ClockStarted(_)
            | Content::Recalculated(_)
            | Content::NotServed(_)
            | Content::Question(_)
            | Content::Held(_)
            | Content::Unknown(_)
            | Content::HeldDigest(_)
            | Content::SpocsChanged(_)
            | Content::EditionPublished(_) => Self::Notice,
            Content::DeskNew(_)
            | Content::DeskWarning(_)
            | Content::DeskMissed(_)
            | Content::DeskMissRetracted(_)
            | Content::DeskPage(_)
            | Content::DeskBounce(_)
            | Content::DeskDeadNotice(_)
            | Content::DeskNoAnswer(_)
            | Content::DeskReactivated(_)
            | Content::DeskMail(_) => Self::Desk,
        }
    }
}
