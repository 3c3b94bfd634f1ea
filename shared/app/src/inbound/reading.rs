//! A mail as it was read, owned: what is found in the bytes alone, by both roads alike.

use domain::Instant;
use domain::inbound::Verdicts;
use mail::inbound::{
    Author, Mailbox, Marks, Receipt, Report, Signs, Stamp, Unusable, content_digest, marks, parse,
    report, signs, verdicts,
};
use mail::outbound::Sender;
use mail::{Line, MessageId};
use sha2::{Digest as _, Sha256};

use crate::auth::hex;
use crate::limits::SUBJECT_CHARS_MAX;

/// What stands for a subject where there is none.
const NO_SUBJECT: &str = "(sin asunto)";

/// What was found in the bytes of a mail.
pub(super) struct Reading {
    /// When the mail service received it; none where nothing of the service says so.
    pub(super) received_at: Option<Instant>,
    pub(super) author: Author,
    pub(super) subject: Line,
    /// Its Message-ID, where an answer can name it.
    pub(super) message_id: Option<MessageId>,
    /// The whole text, safe to show.
    pub(super) text: String,
    pub(super) cc: Vec<Mailbox>,
    pub(super) verdicts: Verdicts,
    pub(super) signs: Signs,
    pub(super) marks: Marks,
    pub(super) report: Option<Report>,
    /// SHA-256 of the Message-ID, or of the content where there is none (M4).
    pub(super) message: String,
    /// SHA-256 of the canonical content (M4).
    pub(super) content: String,
}

impl Reading {
    /// Reads the bytes of a mail. The verdicts and the exact receipt come from `receipt` where there
    /// is one, else from the headers that the mail service wrote on top.
    ///
    /// # Errors
    /// When the bytes are no mail, or exceed a limit (M7).
    pub(super) fn of(
        raw: &[u8],
        ours: &Sender,
        receipt: Option<&Receipt>,
    ) -> Result<Self, Unusable> {
        let mail = parse(raw)?;
        let stamp = Stamp::of(&mail);
        let content = hex(&content_digest(&mail));
        let message = match &mail.message_id {
            Some(id) => hex(&Sha256::digest(id.as_bytes())),
            None => content.clone(),
        };
        let subject = mail.subject.at_most(SUBJECT_CHARS_MAX);
        Ok(Self {
            received_at: receipt.map(|it| it.received_at).or(stamp.received_at),
            subject: if subject.is_empty() { Line::new(NO_SUBJECT) } else { subject },
            verdicts: verdicts(&stamp, receipt),
            signs: signs(&mail, ours, receipt),
            marks: marks(&mail, ours, receipt),
            report: report(&mail, ours),
            text: mail.text.full.as_str().to_owned(),
            cc: mail.cc,
            message_id: mail.message_id.as_deref().and_then(MessageId::parse),
            author: mail.author,
            message,
            content,
        })
    }
}
