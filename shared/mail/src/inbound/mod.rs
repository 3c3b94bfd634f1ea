//! Mail in: from any bytes to typed facts, or to the one reason why they cannot be used.
//!
//! The road of one mail, each step a function of this module:
//!
//! 1. [`parse`] gives an [`Inbound`], behind the [`limits`] that hold before anything is parsed (M7).
//! 2. [`Stamp::of`] reads the headers that the mail service wrote on top, [`Receipt::all_in`] its
//!    event where there is one; [`verdicts`] joins them. [`domain::inbound::proof`] then decides (M1),
//!    from those verdicts and [`Author::for_proof`].
//! 3. [`signs`] says whether a person wrote it (M3) and [`report`] about which of our mails it
//!    reports; [`marks`] finds what may name a ticket (M2), [`content_digest`] what makes a second
//!    delivery the same mail (M4).
//! 4. The caller looks up who the sender is, [`Marks::belongs`] says to which of his tickets the mail
//!    belongs, and [`domain::inbound::intent`] where it ends.
//!
//! Architecture invariant: no function here fails, panics or takes more than a bounded time per
//! byte, whatever the bytes are; none reads a clock or knows who is registered.

mod addresses;
mod body;
mod decode;
mod digest;
mod fold;
mod headers;
mod html;
mod layouts;
pub mod limits;
mod machine;
mod marks;
mod parse;
mod part_head;
mod receipt;
mod report;
mod structure;
mod verdict;

pub use addresses::{Author, Mailbox};
pub use body::TextOrigin;
pub use digest::content_digest;
pub use fold::{Fold, FoldKind, fold, visible};
pub use limits::{Limit, Unusable};
pub use machine::{Signs, is_nobody, signs};
pub use marks::{Belongs, Marks, Whose, marks};
pub use parse::{Inbound, Part, PartKind, Text, is_forward, parse};
pub use part_head::Disposition;
pub use receipt::{Receipt, ReceiptError};
pub use report::{Report, ReportKind, ReportRecipient, report};
pub use verdict::{Stamp, verdicts};
