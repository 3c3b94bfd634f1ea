//! What becomes of a mail that came in: pure rules over what was found out about it.
//!
//! > *1. Ticket: Solicitud formal de soporte registrada por correo o sistema designado.*
//! >
//! > *9. Todas las solicitudes generan ticket.*
//!
//! Four questions are answered elsewhere, from the bytes and from the store: what the mail service
//! found ([`Verdicts`]), who the address is ([`SenderKind`]), whether a person wrote the mail
//! ([`Class`]) and whether it belongs to a ticket ([`Thread`]). Two rules then decide, and nothing
//! else does: [`proof`] (M1) says whether the sender is who the mail claims, and [`intent`] (M1 to M5,
//! 1.2a, 9.4, 13, G10) says where the mail ends and what may be answered by itself. What is told of a
//! mail that is no ticket's is a [`MailNotice`].

mod intent;
mod notice;
mod proof;
mod windows;
mod words;

pub use intent::{
    Answer, Class, Facts, Intent, NoteKind, Outcome, QuarantineReason, Seen, SenderKind, Thread,
    intent, unusable,
};
pub use notice::{MailContent, MailNotice, MailRecipient};
pub use proof::{
    DmarcPolicy, FromHeader, NotProven, Proof, ProofTerms, Proven, Quarantine, Verdict, Verdicts,
    aligned, proof,
};
pub use windows::{
    DIGEST_INTERVAL, DIGESTS_A_DAY_MAX, adoption_ends_at, next_digest, question_expires_at,
};
