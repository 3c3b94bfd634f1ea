//! Where everything lies: the one place that spells keys.
//!
//! A partition is an aggregate. Roles grant by the prefix of the partition key, so a prefix never
//! serves two purposes.

use domain::{ClientId, SpocId, StaffId, TicketRef};
use sha2::{Digest as _, Sha256};

use crate::item::{DUE_SHARDS, Due, Key};
use domain::Instant;

/// Sort key of a ticket's state.
pub const HEAD: &str = "HEAD";
/// Sort key of an aggregate's one due entry.
pub const WAKE: &str = "WAKE";
/// Sort key of the effect that spreads a changed standing.
pub const SPREAD: &str = "SPREAD";
/// Sort key of an upload.
pub const UPLOAD: &str = "UPLOAD";
/// Prefix of the sort keys of notices.
pub const NOTICES: &str = "N#";
/// Prefix of the sort keys of events.
pub const EVENTS: &str = "E#";
/// Prefix of the sort keys of texts.
pub const TEXTS: &str = "M#";
/// Partition of the desk's work list, in the index `list`.
pub const DESK_OPEN: &str = "DESK#OPEN";
/// Partition of the desk's notices that failed, in the index `list`.
pub const DESK_FAILED: &str = "DESK#FAILED";

/// Partition of a ticket.
#[must_use]
pub fn ticket(reference: &TicketRef) -> String {
    format!("T#{reference}")
}

/// The ticket of a partition, if it is one.
#[must_use]
pub fn ticket_of(pk: &str) -> Option<TicketRef> {
    TicketRef::parse(pk.strip_prefix("T#")?).ok()
}

/// State of a ticket.
#[must_use]
pub fn head(reference: &TicketRef) -> Key {
    Key::new(ticket(reference), HEAD)
}

/// Due entry of a ticket.
#[must_use]
pub fn wake(reference: &TicketRef) -> Key {
    Key::new(ticket(reference), WAKE)
}

/// The events of one act, by the number of the first.
#[must_use]
pub fn events(reference: &TicketRef, first: u32) -> Key {
    Key::new(ticket(reference), format!("{EVENTS}{first:08}"))
}

/// The text of an event.
#[must_use]
pub fn text(reference: &TicketRef, seq: u32) -> Key {
    Key::new(ticket(reference), format!("{TEXTS}{seq:08}"))
}

/// A notice of an aggregate.
#[must_use]
pub fn notice(pk: &str, id: &str) -> Key {
    Key::new(pk, format!("{NOTICES}{id}"))
}

/// Partition of a client: profile, SPoCs, terms, overrides and gate.
#[must_use]
pub fn client(client: &ClientId) -> String {
    format!("C#{client}")
}

/// The client of a partition, if it is one.
#[must_use]
pub fn client_of(pk: &str) -> Option<ClientId> {
    ClientId::parse(pk.strip_prefix("C#")?).ok()
}

/// Profile of a client.
#[must_use]
pub fn profile(id: &ClientId) -> Key {
    Key::new(client(id), "PROFILE")
}

/// A version of a SPoC.
#[must_use]
pub fn spoc(id: &ClientId, spoc: &SpocId) -> Key {
    Key::new(client(id), format!("SPOC#{spoc}"))
}

/// A version of a póliza's terms.
#[must_use]
pub fn terms(id: &ClientId, version: &str) -> Key {
    Key::new(client(id), format!("TERMS#{version}"))
}

/// An override of the Contrato Marco.
#[must_use]
pub fn master(id: &ClientId, version: &str) -> Key {
    Key::new(client(id), format!("MASTER#{version}"))
}

/// Standing of a client.
#[must_use]
pub fn gate(id: &ClientId) -> Key {
    Key::new(client(id), "GATE")
}

/// The effect that spreads a client's changed standing over his tickets.
#[must_use]
pub fn spread(id: &ClientId) -> Key {
    Key::new(client(id), SPREAD)
}

/// Partition of the versions of the holiday calendar.
pub const CALENDARS: &str = "CAL#MX";
/// Partition of the editions of the SLA.
pub const EDITIONS: &str = "ED#SLA";

/// The record that makes a repeated request harmless.
#[must_use]
pub fn idempotency(principal: &str, key: &str) -> Key {
    Key::new(format!("I#{principal}#{key}"), "IDEM")
}

/// A bearer token, by its digest.
#[must_use]
pub fn token(digest: &str) -> Key {
    Key::new(format!("K#{digest}"), "TOKEN")
}

/// Says that the desk has had its first admin. The exclamation mark is no letter of a member's id.
#[must_use]
pub fn first_admin() -> Key {
    Key::new("S#!first", "STAFF")
}

/// The mark of an action link that was used, by the link's digest (G14).
#[must_use]
pub fn used_link(digest: &str) -> Key {
    Key::new(format!("K#{digest}"), "LINK")
}

/// Partition of a principal's tokens in the index `list`.
#[must_use]
pub fn tokens_of(principal: &str) -> String {
    format!("TOKENS#{principal}")
}

/// A file that was uploaded, or is to be.
#[must_use]
pub fn upload(id: &str) -> Key {
    Key::new(format!("U#{id}"), UPLOAD)
}

/// Partition of a principal's uploads that no message has named yet, in the index `list`.
#[must_use]
pub fn uploads_of(principal: &str) -> String {
    format!("UPLOADS#{principal}")
}

/// A mail that came in, by the mail service's id (G10).
#[must_use]
pub fn inbound(ses_id: &str) -> Key {
    Key::new(format!("IN#{ses_id}"), "MSG")
}

/// The mail of a partition, if it is one.
#[must_use]
pub fn inbound_of(pk: &str) -> Option<String> {
    pk.strip_prefix("IN#").map(ToOwned::to_owned)
}

/// Partition of a mail address, by the code that stands for it: no address lies in a key.
#[must_use]
pub fn address(code: &str) -> String {
    format!("A#{code}")
}

/// The code of a partition, if it is that of an address.
#[must_use]
pub fn address_of(pk: &str) -> Option<String> {
    pk.strip_prefix("A#").map(ToOwned::to_owned)
}

/// The open question "¿lo enviaste tú?" of the address whose partition is `pk` (M1a).
#[must_use]
pub fn question_of(pk: &str) -> Key {
    Key::new(pk, "QUESTION")
}

/// A member of the desk.
#[must_use]
pub fn staff(id: &StaffId) -> Key {
    Key::new(format!("S#{id}"), "STAFF")
}

/// The desk's decision to make no more same-day offers on a day (7.6).
#[must_use]
pub fn offers_stopped(day: domain::NaiveDate) -> Key {
    Key::new(format!("O#{day}"), "OFFERS")
}

/// Partition of a client's tickets in the index `list`.
#[must_use]
pub fn client_list(id: &ClientId, open: bool) -> String {
    format!("C#{id}#{}", if open { "OPEN" } else { "CLOSED" })
}

/// Sort key in the index `list`: an instant, then the name.
#[must_use]
pub fn by_instant(at: Instant, name: &str) -> String {
    format!("{:015}#{name}", at.millis().max(0))
}

/// Entry in the index `due`: the shard follows from the partition.
#[must_use]
pub fn due(pk: &str, at: Instant) -> Due {
    let digest = Sha256::digest(pk.as_bytes());
    Due { shard: digest[0] % DUE_SHARDS, at }
}

/// An aggregate as a tag of a mail: tags take letters, digits, hyphens and underscores only.
#[must_use]
pub fn tag_of_aggregate(pk: &str) -> String {
    pk.replace('#', "_")
}

/// The aggregate that a tag names.
#[must_use]
pub fn aggregate_of_tag(tag: &str) -> String {
    tag.replacen('_', "#", 1)
}

/// What paths call the partition of a notice: a reference or a client's code where it is one of
/// theirs, else the partition's tag.
#[must_use]
pub fn subject_of(pk: &str) -> String {
    let ticket = ticket_of(pk).map(|reference| reference.to_string());
    let client = || client_of(pk).map(|client| client.to_string());
    ticket.or_else(client).unwrap_or_else(|| tag_of_aggregate(pk))
}

/// The partition that a path names, if it can hold notices.
#[must_use]
pub fn partition_of(subject: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !subject.chars().all(plain) {
        return None;
    }
    let other = || {
        let pk = aggregate_of_tag(subject);
        ["IN#", "A#"].iter().any(|prefix| pk.starts_with(prefix)).then_some(pk)
    };
    let ticket = TicketRef::parse(subject).map(|reference| ticket(&reference));
    let own = ticket.or_else(|_| ClientId::parse(subject).map(|id| client(&id)));
    own.ok().or_else(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_partition_of_a_notice() {
        let acme = ClientId::parse("ACME").unwrap();
        let reference = acme.reference([7; 8]);
        let (mail, registered) = (inbound("0100abc-def").pk, address("9f86"));
        for pk in [ticket(&reference), client(&acme), mail, registered] {
            let subject = subject_of(&pk);
            assert_eq!(partition_of(&subject), Some(pk), "{subject}");
        }
        for none in ["", "x", "K_1", "in", "IN_a#b", "S_marta", "A_ñ", "T_ACME"] {
            assert_eq!(partition_of(none), None, "{none}");
        }
    }
}
