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
