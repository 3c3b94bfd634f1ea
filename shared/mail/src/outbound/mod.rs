//! Mail out: what is told, rendered as text and restrained HTML, and written as MIME.
//!
//! The road of one mail: the caller fills an [`Envelope`] and a [`Content`]; [`render`] lets the
//! templates say it twice, as text and as HTML with the same words, and writes the message.
//!
//! Nothing in a mail loads from elsewhere: no images, no styles from afar, nothing that tells who
//! opened it. What the recipient can do with one link stands between the body and the foot of the
//! layout; the words of the body follow from which links there are.

mod account;
mod actions;
mod clients;
mod content;
mod envelope;
mod headers;
mod held;
mod render;
mod templates;

pub use account::{Account, AccountFact};
pub use actions::{AccountAction, Action, ActionLink, LinkedAct, MailAction};
pub use clients::{DesignationChange, EditionPublished, SpocsChanged};
pub use content::{
    Acknowledgement, Clock, ClockStarted, Closing, ClosingCorrected, ClosingReason, Content,
    DeskBounce, DeskDeadNotice, DeskMissRetracted, DeskMissed, DeskNew, DeskNoAnswer, DeskPage,
    DeskReactivated, DeskWarning, Downgraded, EmergencyCost, InformationReminder,
    InformationRequest, Message, NotServed, Offer, Recalculated, Reopened, ReopeningAnnulled,
    Reply, SameDayAccepted, SameDayOffer, ServiceStop, Severity, Solution, SolutionReminder,
    Wanted,
};
pub use envelope::{Envelope, Sender, SenderFaults, Ticketed};
pub use held::{DeskMail, DeskMailMatter, Held, HeldDigest, HeldMail, Question, Unknown};
pub use render::{RenderError, Rendered, SUBJECT_WORDS_CHARS_MAX, render};
