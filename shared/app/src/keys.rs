//! Where everything lies: the one place that spells keys.
//!
//! A partition is an aggregate. Roles grant by the prefix of the partition key, so a prefix never
//! serves two purposes.

use domain::{BankName, ClientId, SpocId, StaffId, TicketRef};
use sha2::{Digest as _, Sha256};

use crate::item::{DUE_SHARDS, Due, Key};
use domain::Instant;

/// Sort key of a ticket's state.
pub const HEAD: &str = "HEAD";
/// Sort key of the effect that spreads a changed standing.
pub const SPREAD: &str = "SPREAD";
/// Sort key of an upload.
pub const UPLOAD: &str = "UPLOAD";
/// Prefix of the sort keys of notices.
pub const NOTICES: &str = "N#";
/// Prefix of the sort keys of events.
pub const EVENTS: &str = "E#";
/// Partition of the desk's work list, in the index `work`.
pub const DESK_OPEN: &str = "DESK#OPEN";
/// Partition of the clients' accounts, in the index `list`.
pub const DESK_ACCOUNTS: &str = "DESK#ACCOUNTS";
/// Partition of the desk's notices that failed, in the index `list`.
pub const DESK_FAILED: &str = "DESK#FAILED";

/// Sort key of a mail that came in.
pub const MAIL: &str = "MSG";
/// Sort key of the digest of held mails that a client's SPoCs are sent (1.2a).
pub const DIGEST: &str = "DIGEST";
/// Partition of the mails that are held, in the index `list`.
pub const DESK_HELD: &str = "DESK#HELD";
/// Partition of the mails that are set aside, in the index `list`.
pub const DESK_QUARANTINED: &str = "DESK#QUARANTINED";
/// Partition of the notes that belong to no ticket, in the index `list`.
pub const DESK_AUTOMATIC: &str = "DESK#AUTOMATIC";
/// Partition of the mails that could not be taken, in the index `list`.
pub const DESK_POISON: &str = "DESK#POISON";

/// Sort key of a payment event that a bank or provider told.
pub const PAYMENT_EVENT: &str = "PAYMENT";
/// Partition of the payment events that could not be applied, in the index `list`.
pub const DESK_PAYMENTS: &str = "DESK#PAYMENTS";

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

/// The events of one act with their texts, by the number of the first.
#[must_use]
pub fn events(reference: &TicketRef, first: u32) -> Key {
    events_of(&ticket(reference), first)
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

/// Where in a client's partition the facts about him lie: gate and overrides, then profile, SPoCs and
/// terms. His notices and the record of changes, which only grow, lie outside.
pub const CLIENT_FACTS: [(&str, &str); 2] = [("GATE", "MASTER#~"), ("PROFILE", "TERMS#~")];

/// The client of a partition, if it is one.
#[must_use]
pub fn client_of(pk: &str) -> Option<ClientId> {
    ClientId::parse(pk.strip_prefix("C#")?).ok()
}

/// Partition of a client's account: what is owed and paid, and how the póliza renews.
#[must_use]
pub fn account(client: &ClientId) -> String {
    format!("B#{client}")
}

/// The client of a partition, if it is that of an account.
#[must_use]
pub fn account_of(pk: &str) -> Option<ClientId> {
    ClientId::parse(pk.strip_prefix("B#")?).ok()
}

/// What a bank or provider told of a payment, by its own id (10.2).
#[must_use]
pub fn payment_event(id: &str) -> Key {
    Key::new(format!("W#{id}"), PAYMENT_EVENT)
}

/// The mapping of a bank's statements (10.2).
#[must_use]
pub fn bank(name: &BankName) -> Key {
    Key::new(format!("BANK#{name}"), "MAPPING")
}

/// State of an account.
#[must_use]
pub fn account_head(client: &ClientId) -> Key {
    Key::new(account(client), HEAD)
}

/// The mark of a payment that was recorded, by its reference at the bank (10.2).
#[must_use]
pub fn payment(client: &ClientId, reference: &str) -> Key {
    Key::new(account(client), format!("PAY#{reference}"))
}

/// The events of one act on the aggregate `pk` with their texts, by the number of the first.
#[must_use]
pub fn events_of(pk: &str, first: u32) -> Key {
    Key::new(pk, format!("{EVENTS}{first:08}"))
}

/// The acceptance of an edition of the agreement by a client (0.1).
#[must_use]
pub fn acceptance(id: &ClientId, edition: u32) -> Key {
    Key::new(client(id), format!("ACCEPT#{edition:04}"))
}

/// Profile of a client.
#[must_use]
pub fn profile(id: &ClientId) -> Key {
    Key::new(client(id), "PROFILE")
}

/// The `n`th version of a SPoC, from 1.
#[must_use]
pub fn spoc(id: &ClientId, spoc: &SpocId, n: usize) -> Key {
    Key::new(client(id), format!("SPOC#{spoc}#{n:04}"))
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

/// Prefix of the sort keys of changes of a client, of the calendar and of the editions.
pub const CHANGES: &str = "CHANGE#";

/// The record of a change in a partition, by the instant since which it is known.
#[must_use]
pub fn change(pk: &str, at: Instant) -> Key {
    Key::new(pk, format!("{CHANGES}{:015}", at.millis().max(0)))
}

/// A version of the calendar, or an edition, in its partition.
#[must_use]
pub fn version(pk: &str, id: &str) -> Key {
    Key::new(pk, format!("V#{id}"))
}

/// Prefix of the sort keys of the effects that tell every client of an edition.
pub const TELL: &str = "TELL#";

/// The effect that tells every client of an edition (14).
#[must_use]
pub fn tell(id: &str) -> Key {
    Key::new(EDITIONS, format!("{TELL}{id}"))
}

/// Partition of all clients, in the index `list`.
pub const CLIENTS: &str = "DESK#CLIENTS";

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

/// The digest of held mails that a client's SPoCs are sent (1.2a).
#[must_use]
pub fn digest(id: &ClientId) -> Key {
    Key::new(client(id), DIGEST)
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
    Key::new(format!("IN#{ses_id}"), MAIL)
}

/// How often taking a mail was begun and did not end.
#[must_use]
pub fn tries(ses_id: &str) -> Key {
    Key::new(format!("IN#{ses_id}"), "TRIES")
}

/// What came under one Message-ID, or without one under one content (M4), by the digest of either.
/// Mails of nobody's client are apart from those of clients.
#[must_use]
pub fn message_seen(id: Option<&ClientId>, digest: &str) -> Key {
    let client = id.map_or("-", ClientId::as_str);
    Key::new(format!("D#{client}#{digest}"), "DEDUP")
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

/// Whose the address with this code is, or the domain: its code is that of `@` and the domain.
#[must_use]
pub fn owner(code: &str) -> Key {
    Key::new(address(code), "OWNER")
}

/// The automatic answers that the address with this code has had on its last day (M5).
#[must_use]
pub fn answers(code: &str) -> Key {
    Key::new(address(code), "ANSWERS")
}

/// What the desk was told on its last day because of mails that claim the address with this code.
#[must_use]
pub fn alerts(code: &str) -> Key {
    Key::new(address(code), "ALERTS")
}

/// A share of the automatic answers of an hour, counted from 1970 (M5). The exclamation mark is no
/// symbol of a code.
#[must_use]
pub fn answers_in_hour(hour: i64, shard: u8) -> Key {
    Key::new(format!("A#!{hour}#{shard}"), "ANSWERS")
}

/// A share of what the desk is told in an hour because of addresses of nobody, alike.
#[must_use]
pub fn alerts_in_hour(hour: i64, shard: u8) -> Key {
    Key::new(format!("A#!{hour}#{shard}"), "ALERTS")
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

/// Sorts behind every instant of the calendar: the year 2100.
pub const NEVER: Instant = Instant::from_millis(4_102_444_800_000);

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
        ["IN#", "A#", "B#"].iter().any(|prefix| pk.starts_with(prefix)).then_some(pk)
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
