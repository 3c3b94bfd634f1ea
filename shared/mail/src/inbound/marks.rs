//! What in a mail may name a ticket (M2): our signed marks, and ticket numbers in the subject.
//!
//! Nothing here is believed yet. A mark is verified with the ticket's client and the proven sender; a
//! number counts only with a sender who belongs to that ticket's client.

use domain::inbound::Thread;
use domain::{ClientId, TicketRef};

use super::limits::{MARKS_MAX, SUBJECT_NUMBERS_MAX};
use super::parse::Inbound;
use super::receipt::Receipt;
use crate::Address;
use crate::outbound::Sender;
use crate::threading::{Key, Mark};

/// What names a ticket, in the order in which it counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Reply addresses of ours among the recipients.
    pub replies: Vec<Mark>,
    /// Our tokens in In-Reply-To and References, the last one first: it is what was answered.
    pub tokens: Vec<Mark>,
    /// Ticket numbers in the subject.
    pub numbers: Vec<TicketRef>,
}

/// Looks for everything that may name a ticket.
#[must_use]
pub fn marks(mail: &Inbound<'_>, ours: &Sender, receipt: Option<&Receipt>) -> Marks {
    let mut marks = Marks::default();
    let envelope = receipt.map(|it| it.recipients.as_slice()).unwrap_or_default();
    let written = mail.to.iter().chain(&mail.cc).map(|it| &it.address);
    let mut addresses: Vec<&Address> = Vec::new();
    for address in envelope.iter().chain(written) {
        if addresses.len() < MARKS_MAX
            && address.domain() == ours.domain()
            && !addresses.contains(&address)
        {
            addresses.push(address);
        }
    }
    for mark in addresses.into_iter().filter_map(|it| Mark::in_address(ours, it)) {
        if !marks.replies.contains(&mark) {
            marks.replies.push(mark);
        }
    }
    let ids = mail.in_reply_to.iter().chain(mail.references.iter().rev());
    for mark in ids.filter_map(|id| Mark::in_message_id(ours, id)).take(MARKS_MAX) {
        if !marks.tokens.contains(&mark) {
            marks.tokens.push(mark);
        }
    }
    marks.numbers = numbers_in(mail.subject.as_str());
    marks
}

/// Whose tickets a sender may write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Those of his client.
    Client(&'a ClientId),
    /// Any: the desk, and Odoo's helpdesk.
    Any,
    /// None but those to which he was invited, as a signed mark shows.
    Invited,
}

/// To which ticket a mail belongs (M2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belongs<'a> {
    /// How.
    pub thread: Thread,
    /// The ticket: the sender's own, or the other client's that the mail names (13).
    pub ticket: Option<&'a TicketRef>,
    /// A signed mark that was made for this sender says so; otherwise only a number does.
    pub signed: bool,
}

impl Marks {
    /// Which ticket the mail names for `sender` (M2): a mark that was signed for him counts before a
    /// number. A mark that was made for somebody else, as in a mail that a colleague passed on, counts
    /// as the number in it. A ticket of another client is never his, whatever is signed (13).
    ///
    /// Whether the ticket exists, and whether the sender may write to it, the caller looks up.
    #[must_use]
    pub fn belongs(&self, keys: &[Key], sender: &Address, whose: Whose<'_>) -> Belongs<'_> {
        let his = |ticket: &TicketRef| match whose {
            Whose::Client(client) => ticket.client() == *client,
            Whose::Any => true,
            Whose::Invited => false,
        };
        let own = |ticket, signed| Belongs { thread: Thread::Own, ticket: Some(ticket), signed };
        let signed = self.signed().find(|mark| {
            let theirs = his(mark.ticket()) || whose == Whose::Invited;
            theirs && mark.verify(keys, &mark.ticket().client(), sender)
        });
        if let Some(mark) = signed {
            return own(mark.ticket(), true);
        }
        let named = || self.signed().map(Mark::ticket).chain(&self.numbers);
        if let Some(ticket) = named().find(|ticket| his(ticket)) {
            return own(ticket, false);
        }
        let ticket = named().next();
        let thread = if ticket.is_some() { Thread::Foreign } else { Thread::None };
        Belongs { thread, ticket, signed: false }
    }

    fn signed(&self) -> impl Iterator<Item = &Mark> {
        self.replies.iter().chain(&self.tokens)
    }
}

/// Our tokens among the message ids of a text.
pub(super) fn tokens_in(text: &str, ours: &Sender) -> Vec<Mark> {
    text.split('<')
        .skip(1)
        .filter_map(|rest| Mark::in_message_id(ours, rest.split_once('>')?.0))
        .take(MARKS_MAX)
        .collect()
}

/// Ticket numbers in a line, each once, in their order.
fn numbers_in(line: &str) -> Vec<TicketRef> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let mut found: Vec<TicketRef> = Vec::new();
    for word in words.filter(|word| (13..=20).contains(&word.len())) {
        let Ok(number) = TicketRef::parse(&word.trim_matches('-').to_ascii_uppercase()) else {
            continue;
        };
        if found.len() < SUBJECT_NUMBERS_MAX && !found.contains(&number) {
            found.push(number);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_whatever_stands_around_them() {
        let client = ClientId::parse("ACME").unwrap();
        let ticket = client.reference([7, 20, 2, 24, 29, 9, 25, 13]);
        let number = ticket.as_str().to_owned();
        let mistyped = number.replace('7', "8");
        let table = [
            (format!("Re: [{number}] No timbra"), 1),
            (format!("RE: {} No timbra", number.to_lowercase()), 1),
            (format!("{number},{number}"), 1),
            (format!("x{number}"), 0),
            (format!("[{mistyped}] x"), 0),
            ("Re: No timbra".to_owned(), 0),
        ];
        for (line, expected) in table {
            assert_eq!(numbers_in(&line).len(), expected, "{line}");
        }
    }
}
